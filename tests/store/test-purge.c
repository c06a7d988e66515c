/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/mail.h"
#include "store/purge.h"
#include "store/sql.h"
#include "base/clock.h"

#define DAY (24 * 60 * 60)
#define NOW 1700000000

static StorePurged *
purge (Store *store)
{
  g_autoptr(GError) error = NULL;
  StorePurged *purged = store_purge_run (store, 100, &error);

  g_assert_no_error (error);
  return purged;
}

static gint64
count (Store      *store,
       const char *sql)
{
  gint64 number = -1;

  store_sql_get_int (store_peek_mail (store), sql, NULL, -1, &number, NULL);
  return number;
}

static gint64
add_content (Store  *store,
             gint64  message_id)
{
  gint64 id;

  g_assert_true (store_sql_run_script (store_peek_mail (store),
    "INSERT INTO content (sha256, size, segment, offset, stored_size, stored_at)"
    " VALUES (randomblob (32), 10, 1, 0, 10, 1)",
    NULL));
  id = store_sql_last_id (store_peek_mail (store));
  g_assert_true (store_messages_set_content (store, message_id, id, 10, NULL));
  return id;
}

static void
end (Store  *store,
     gint64  location_id)
{
  g_assert_true (store_locations_end (store, location_id, STORE_BY_USER, STORE_SERVER_COPY_GONE, NULL, NULL));
}

static void
test_orphan_stays_thirty_days (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 folder = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
  gint64 location;

  base_clock_set_fake (NOW, 0);
  location = test_mail_file (fixture->store, &(TestMail) { .id = "a" }, folder, 1, 0);
  end (fixture->store, location);
  test_commit (transaction);
  for (gint64 age = STORE_ORPHAN_DAYS * DAY - 1; age <= STORE_ORPHAN_DAYS * DAY; age++)
    {
      g_autoptr(StorePurged) purged = NULL;

      base_clock_set_fake (NOW + age, 0);
      purged = purge (fixture->store);
      g_assert_cmpuint (purged->messages->len, ==, age == STORE_ORPHAN_DAYS * DAY);
    }
  g_assert_cmpint (count (fixture->store, "SELECT count(*) FROM message"), ==, 0);
  g_assert_cmpint (count (fixture->store, "SELECT count(*) FROM thread"), ==, 0);
  g_assert_cmpint (count (fixture->store, "SELECT count(*) FROM thread_folder"), ==, 0);
  g_assert_cmpint (count (fixture->store, "SELECT count(*) FROM history WHERE event = 'purged'"), ==, 1);
  test_check_store (fixture->store);
}

static void
test_mail_with_a_place_is_never_purged (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 only_here = test_mail_file (fixture->store, &(TestMail) { .id = "a" }, 1, 0, 0);
  g_autoptr(StorePurged) purged = NULL;

  base_clock_set_fake (NOW, 0);
  g_assert_cmpint (only_here, !=, 0);
  /* Even when its row says otherwise. */
  g_assert_true (store_sql_run (store_peek_mail (fixture->store), "UPDATE message SET orphaned_at = 1", NULL,
                                NULL));
  test_commit (transaction);
  purged = purge (fixture->store);
  g_assert_cmpuint (purged->messages->len, ==, 0);
  g_assert_cmpint (count (fixture->store, "SELECT count(*) FROM message"), ==, 1);
}

static void
test_shared_bytes_go_with_the_last_message (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 folder = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
  gint64 content = 0;

  base_clock_set_fake (NOW, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *id = g_strdup_printf ("m%u", i);
      gint64 location = test_mail_file (fixture->store, &(TestMail) { .id = id, .references = "root" },
                                        folder, i + 1, 0);
      g_autoptr(StoreLocation) read = store_locations_get (fixture->store, location, NULL);

      if (i == 0)
        content = add_content (fixture->store, read->message_id);
      else
        g_assert_true (store_messages_set_content (fixture->store, read->message_id, content, 10, NULL));
      base_clock_set_fake (NOW + (gint64) i * DAY, 0);
      end (fixture->store, location);
    }
  test_commit (transaction);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(StorePurged) purged = NULL;

      base_clock_set_fake (NOW + (gint64) (STORE_ORPHAN_DAYS + i) * DAY, 0);
      purged = purge (fixture->store);
      g_assert_cmpuint (purged->messages->len, ==, 1);
      g_assert_cmpuint (purged->contents->len, ==, i);
    }
  test_check_store (fixture->store);
}

static void
test_uidl_that_may_come_again_is_remembered (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  StoreServerCopy copies[] = { STORE_SERVER_COPY_MAY_REMAIN, STORE_SERVER_COPY_GONE };
  g_autoptr(StorePurged) purged = NULL;
  g_autoptr(GPtrArray) uidls = NULL;

  base_clock_set_fake (NOW, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *name = g_strdup_printf ("u%u", i);
      StoreLocationNew location = { .folder_id = 1, .uidl = base_slice_from_string (name) };

      location.message_id = test_mail_insert (fixture->store, &(TestMail) { .id = name });
      g_assert_true (store_locations_end (fixture->store,
                                          store_locations_insert (fixture->store, &location, NULL),
                                          STORE_BY_USER, copies[i], NULL, NULL));
    }
  test_commit (transaction);
  base_clock_set_fake (NOW + (gint64) 2000 * DAY, 0);
  purged = purge (fixture->store);
  g_assert_cmpuint (purged->messages->len, ==, 2);
  uidls = store_locations_list_uidls (fixture->store, 1, NULL);
  g_assert_cmpuint (uidls->len, ==, 1);
  g_assert_true (base_slice_equal (base_slice_from_bytes (((StoreKnownUidl *) uidls->pdata[0])->uidl),
                                   BASE_SLICE_LITERAL ("u0")));
  g_assert_cmpint (count (fixture->store, "SELECT count(*) FROM history WHERE event = 'removed'"), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/purge/orphan-stays-thirty-days", test_orphan_stays_thirty_days);
  g_test_add_func ("/store/purge/mail-with-a-place-is-never-purged", test_mail_with_a_place_is_never_purged);
  g_test_add_func ("/store/purge/shared-bytes-go-with-the-last-message",
                   test_shared_bytes_go_with_the_last_message);
  g_test_add_func ("/store/purge/uidl-that-may-come-again-is-remembered",
                   test_uidl_that_may_come_again_is_remembered);
  return g_test_run ();
}
