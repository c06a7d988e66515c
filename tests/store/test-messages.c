/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/mail.h"
#include "store/sql.h"
#include "base/clock.h"

#include <string.h>

#define NOW 1700000000

static StoreMessage *
get (Store  *store,
     gint64  id)
{
  g_autoptr(GError) error = NULL;
  StoreMessage *message = store_messages_get (store, id, &error);

  g_assert_no_error (error);
  return message;
}

static void
test_ids_follow_arrival (void)
{
  static const struct { gint64 arrived_at; gint64 second; } cases[] = {
    { 1600000000, 1600000000 }, { 1600000000, 1600000000 }, { -5, 1 }, { NOW + 100000, NOW }, { 0, NOW },
    { 1, 1 },
  };
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 seen[G_N_ELEMENTS (cases)];

  base_clock_set_fake (NOW, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      seen[i] = test_mail_insert (fixture->store,
                                  &(TestMail) { .id = id, .arrived_at = cases[i].arrived_at });
      g_assert_cmpint (seen[i] >> 20, ==, cases[i].second);
      for (guint k = 0; k < i; k++)
        g_assert_cmpint (seen[k], !=, seen[i]);
    }
  test_commit (transaction);
}

static void
test_ids_are_not_used_again (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 folder = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
  gint64 location = test_mail_file (fixture->store, &(TestMail) { .id = "a", .arrived_at = 1000 }, folder, 1,
                                    0);
  g_autoptr(StoreLocation) before = store_locations_get (fixture->store, location, NULL);
  gint64 again;

  g_assert_true (store_locations_end (fixture->store, location, STORE_BY_USER, STORE_SERVER_COPY_GONE, NULL,
                                      NULL));
  g_assert_true (store_sql_run (store_peek_mail (fixture->store), "DELETE FROM message WHERE id = ?",
                                BIND (INT (before->message_id)), NULL));
  again = test_mail_insert (fixture->store, &(TestMail) { .id = "b", .arrived_at = 1000 });
  g_assert_cmpint (again, !=, before->message_id);
  test_commit (transaction);
}

static void
test_full_second_takes_the_next (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);

  g_assert_true (store_sql_run (store_peek_mail (fixture->store),
    "INSERT INTO tombstone (location_id, message_id, account_id, folder_id, header_hash, ended_at, ended_by,"
    " on_server, rev)"
    " VALUES (1, ?, 1, 1, x'00', 1, 'user', 0, 1)", BIND (INT (((gint64) 1001 << 20) - 1)), NULL));
  g_assert_cmpint (test_mail_insert (fixture->store, &(TestMail) { .id = "b", .arrived_at = 1000 }), ==,
                   (gint64) 1001 << 20);
  test_commit (transaction);
}

static void
test_everything_is_read_back (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(MimeSummary) summary = test_mail_summary (&(TestMail) {
    .id = "x@y", .references = "a@b c@d", .subject = "Re: Größe", .from = "ann@Example.ORG",
          .to = "bob@x cy@y" });
  StoreMessageNew new = { .account_id = 4, .arrived_at = 1600000000, .size = 4321, .object_id = "M17",
                          .summary = summary };
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 id = store_messages_insert (fixture->store, &new, NULL);
  g_autoptr(StoreMessage) message = get (fixture->store, id);
  g_autoptr(GPtrArray) addresses = store_messages_list_addresses (fixture->store, id, NULL);

  test_commit (transaction);
  g_assert_cmpint (message->account_id, ==, 4);
  g_assert_cmpint (message->content_id, ==, 0);
  g_assert_cmpstr (message->message_id, ==, "x@y");
  g_assert_cmpmem (message->header_hash, 32, summary->header_hash, 32);
  g_assert_cmpstr (message->object_id, ==, "M17");
  g_assert_cmpstr (message->in_reply_to, ==, "c@d");
  g_assert_cmpstr (message->subject, ==, "Re: Größe");
  g_assert_cmpstr (message->subject_base, ==, "Größe");
  g_assert_cmpstr (message->from_address, ==, "ann@Example.ORG");
  g_assert_cmpstr (message->to_text, ==, "bob, cy");
  g_assert_cmpint (message->arrived_at, ==, 1600000000);
  g_assert_cmpint (message->size, ==, 4321);
  g_assert_cmpuint (message->facts, ==, STORE_FACT_REPLY);
  g_assert_cmpint (message->orphaned_at, ==, 0);

  g_assert_cmpuint (addresses->len, ==, 3);
  g_assert_cmpstr (((MimeAddress *) addresses->pdata[0])->address, ==, "ann@example.org");
  g_assert_cmpint (((MimeAddress *) addresses->pdata[2])->role, ==, MIME_ROLE_TO);
  g_assert_cmpstr (((MimeAddress *) addresses->pdata[2])->address, ==, "cy@y");
}

static void
test_found_by_every_name (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  TestMail mail = { .id = "x@y", .account_id = 1 };
  g_autoptr(MimeSummary) summary = test_mail_summary (&mail);
  gint64 first = test_mail_insert (fixture->store, &mail), second;
  g_autoptr(GArray) by_id = NULL;
  g_autoptr(GArray) by_id_of_account = NULL;
  g_autoptr(GArray) by_hash = NULL;
  g_autoptr(GArray) by_object = NULL;
  g_autoptr(GArray) none = NULL;

  mail.account_id = 2;
  second = test_mail_insert (fixture->store, &mail);
  g_assert_true (store_messages_set_object_id (fixture->store, second, "O1", NULL));
  test_commit (transaction);

  by_id = store_messages_find_message_id (fixture->store, STORE_ACCOUNT_ANY, "x@y", NULL);
  g_assert_cmpuint (by_id->len, ==, 2);
  by_id_of_account = store_messages_find_message_id (fixture->store, 1, "x@y", NULL);
  g_assert_cmpuint (by_id_of_account->len, ==, 1);
  g_assert_cmpint (g_array_index (by_id_of_account, gint64, 0), ==, first);
  by_hash = store_messages_find_header (fixture->store, 2, summary, NULL);
  g_assert_cmpuint (by_hash->len, ==, 1);
  g_assert_cmpint (g_array_index (by_hash, gint64, 0), ==, second);
  by_object = store_messages_find_object (fixture->store, 2, "O1", NULL);
  g_assert_cmpuint (by_object->len, ==, 1);
  none = store_messages_find_message_id (fixture->store, STORE_ACCOUNT_ANY, "x@z", NULL);
  g_assert_cmpuint (none->len, ==, 0);
}

static gint64
add_content (Store *store)
{
  g_autoptr(GError) error = NULL;

  store_sql_run_script (store_peek_mail (store),
    "INSERT INTO content (sha256, size, segment, offset, stored_size, stored_at)"
    " VALUES (randomblob (32), 10, 1, 0, 10, 1)",
    &error);
  g_assert_no_error (error);
  return store_sql_last_id (store_peek_mail (store));
}

static void
test_content_starts_the_clock (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 folder = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
  gint64 id = test_mail_file (fixture->store, &(TestMail) { .id = "a" }, folder, 1, 0);
  g_autoptr(StoreLocation) before = store_locations_get (fixture->store, id, NULL);
  g_autoptr(StoreLocation) after = NULL;
  g_autoptr(GArray) found = NULL;
  gint64 content = add_content (fixture->store);

  base_clock_set_fake (NOW, 0);
  g_assert_cmpint (before->stored_at, ==, 0);
  g_assert_true (store_messages_set_content (fixture->store, before->message_id, content, 10, NULL));
  after = store_locations_get (fixture->store, id, NULL);
  g_assert_cmpint (after->stored_at, ==, NOW);
  g_assert_cmpint (after->verified_at, ==, 0);
  found = store_messages_find_content (fixture->store, content, NULL);
  g_assert_cmpuint (found->len, ==, 1);
  test_commit (transaction);
}

static void
test_only_here_mail_keeps_its_content (void)
{
  static const struct { guint32 uid; gboolean is_pinned; gboolean drops; } cases[] = {
    { 5, FALSE, TRUE }, { 0, FALSE, FALSE }, { 5, TRUE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(StoreFixture) fixture = store_fixture_new ();
      StoreTransaction *transaction = test_begin (fixture->store);
      gint64 folder = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
      gint64 id = test_mail_file (fixture->store, &(TestMail) { .id = "a" }, folder, cases[i].uid, 0);
      g_autoptr(StoreLocation) location = store_locations_get (fixture->store, id, NULL);
      g_autoptr(GError) error = NULL;
      g_autoptr(StoreMessage) message = NULL;

      location->is_pinned = cases[i].is_pinned;
      g_assert_true (store_locations_set_state (fixture->store, location, STORE_LOCATION_PINNED, NULL));
      g_assert_true (store_messages_set_content (fixture->store, location->message_id,
                                                 add_content (fixture->store), 10, NULL));
      g_assert_cmpint (store_messages_drop_content (fixture->store, location->message_id, &error), ==,
                       cases[i].drops);
      message = get (fixture->store, location->message_id);
      g_assert_cmpint (message->content_id == 0, ==, cases[i].drops);
      test_commit (transaction);
    }
}

/* One copy on the server and one only here: the bytes stay. */
static void
test_one_place_only_here_is_enough_to_keep (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 folder = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
  gint64 id = test_mail_file (fixture->store, &(TestMail) { .id = "a" }, folder, 5, 0);
  g_autoptr(StoreLocation) location = store_locations_get (fixture->store, id, NULL);
  StoreLocationNew second = { .message_id = location->message_id, .folder_id = 2 };
  g_autoptr(GError) error = NULL;

  g_assert_true (store_messages_set_content (fixture->store, location->message_id,
                                             add_content (fixture->store), 10, NULL));
  g_assert_cmpint (store_locations_insert (fixture->store, &second, NULL), >, 0);
  g_assert_false (store_messages_drop_content (fixture->store, location->message_id, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_FAILED);
  test_commit (transaction);
}

static void
test_parts_are_replaced (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  const StorePart parts[] = {
    { .parent = -1, .section = "TEXT", .type = "multipart/mixed" },
    { .parent = 0, .section = "1", .type = "text/plain", .charset = "utf-8", .size = 20,
      .facts = STORE_PART_BODY },
    { .parent = 0, .section = "2", .type = "image/png", .filename = "a.png", .facts = STORE_PART_ATTACHMENT },
  };
  StoreBody body = { .preview = "Hello", .attachments = 1, .extractor = 3, .parts = parts, .n_parts = 3,
                     .facts = STORE_FACT_INVITATION };
  gint64 id = test_mail_insert (fixture->store, &(TestMail) { .id = "a", .flags = MIME_SUMMARY_MAY_ATTACH });
  g_autoptr(GPtrArray) read = NULL;
  g_autoptr(StoreMessage) message = NULL;
  g_autoptr(GArray) left = NULL;

  g_assert_true (store_messages_set_body (fixture->store, id, &body, NULL));
  g_assert_true (store_messages_set_body (fixture->store, id, &body, NULL));
  test_commit (transaction);
  read = store_messages_list_parts (fixture->store, id, NULL);
  g_assert_cmpuint (read->len, ==, 3);
  g_assert_cmpstr (((StorePart *) read->pdata[2])->filename, ==, "a.png");
  g_assert_null (((StorePart *) read->pdata[2])->charset);
  g_assert_cmpint (((StorePart *) read->pdata[1])->parent, ==, 0);
  message = get (fixture->store, id);
  g_assert_cmpstr (message->preview, ==, "Hello");
  g_assert_cmpuint (message->attachments, ==, 1);
  g_assert_true (message->facts & STORE_FACT_INVITATION);
  g_assert_false (message->facts & STORE_FACT_MAY_ATTACH);
  left = store_messages_list_unextracted (fixture->store, 4, 0, 10, NULL);
  g_assert_cmpuint (left->len, ==, 0);                        /* it has no content to extract from */
}

static void
test_unknown_message_is_missing (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  g_autoptr(GError) error = NULL;

  g_assert_null (store_messages_get (fixture->store, 5, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (store_messages_set_object_id (fixture->store, 5, "x", &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  test_commit (transaction);
}

static void
test_limits_hold (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  GString *many = g_string_new ("n0@x");
  g_autoptr(GPtrArray) addresses = NULL;
  g_autofree char *words = NULL;
  gint64 id, references;

  for (guint i = 1; i < STORE_ADDRESSES_MAX + 10; i++)
    g_string_append_printf (many, " n%u@x", i);
  words = g_string_free (many, FALSE);
  id = test_mail_insert (fixture->store, &(TestMail) { .id = "a", .references = words, .to = words });
  addresses = store_messages_list_addresses (fixture->store, id, NULL);
  g_assert_cmpuint (addresses->len, ==, STORE_ADDRESSES_MAX);
  store_sql_get_int (store_peek_mail (fixture->store), "SELECT count(*) FROM reference", NULL, 0, &references,
                     NULL);
  g_assert_cmpint (references, ==, 32);
  test_commit (transaction);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/messages/ids-follow-arrival", test_ids_follow_arrival);
  g_test_add_func ("/store/messages/ids-are-not-used-again", test_ids_are_not_used_again);
  g_test_add_func ("/store/messages/full-second-takes-the-next", test_full_second_takes_the_next);
  g_test_add_func ("/store/messages/everything-is-read-back", test_everything_is_read_back);
  g_test_add_func ("/store/messages/found-by-every-name", test_found_by_every_name);
  g_test_add_func ("/store/messages/content-starts-the-clock", test_content_starts_the_clock);
  g_test_add_func ("/store/messages/only-here-mail-keeps-its-content", test_only_here_mail_keeps_its_content);
  g_test_add_func ("/store/messages/one-place-only-here-is-enough-to-keep",
                   test_one_place_only_here_is_enough_to_keep);
  g_test_add_func ("/store/messages/parts-are-replaced", test_parts_are_replaced);
  g_test_add_func ("/store/messages/unknown-message-is-missing", test_unknown_message_is_missing);
  g_test_add_func ("/store/messages/limits-hold", test_limits_hold);
  return g_test_run ();
}
