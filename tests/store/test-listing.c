/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/listing.h"
#include "store/mail.h"
#include "store/sql.h"
#include "store/threads.h"

#include <string.h>

typedef struct {
  StoreFixture *fixture;
  Store        *store;
  gint64        inbox, archive, trash, other_inbox;
} Scene;

static void
scene_init (Scene *scene)
{
  StoreFolderInfo info = { .raw_name = BASE_SLICE_LITERAL ("INBOX"), .path = "INBOX",
                           .role = STORE_ROLE_INBOX };
  StoreTransaction *transaction;

  scene->fixture = store_fixture_new ();
  scene->store = scene->fixture->store;
  transaction = test_begin (scene->store);
  scene->inbox = test_folder_add (scene->store, "INBOX", STORE_ROLE_INBOX);
  scene->archive = test_folder_add (scene->store, "Archive", STORE_ROLE_ARCHIVE);
  scene->trash = test_folder_add (scene->store, "Trash", STORE_ROLE_TRASH);
  scene->other_inbox = store_folders_add (scene->store, 2, &info, NULL);
  test_commit (transaction);
}

static void
scene_clear (Scene *scene)
{
  test_check_store (scene->store);
  store_fixture_free (scene->fixture);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

/* A message of second n in one folder. */
static gint64
add (Scene      *scene,
     guint       n,
     gint64      folder,
     guint       flags,
     const char *references)
{
  g_autofree char *id = g_strdup_printf ("m%u", n);
  g_autofree char *subject = g_strdup_printf ("Subject %u", n);

  return test_mail_file (scene->store, &(TestMail) { .id = id, .subject = subject, .arrived_at = n,
                                                     .references = references },
                         folder, 0, flags);
}

static gint64
add_second_place (Scene  *scene,
                  gint64  location_id,
                  gint64  folder)
{
  g_autoptr(StoreLocation) first = store_locations_get (scene->store, location_id, NULL);
  StoreLocationNew second = { .message_id = first->message_id, .folder_id = folder, .flags = first->flags };

  return store_locations_insert (scene->store, &second, NULL);
}

static GArray *
list (Scene            *scene,
      const StoreView  *view,
      const StoreEntry *after,
      gsize             limit)
{
  g_autoptr(GError) error = NULL;
  GArray *entries = store_listing_list (scene->store, view, after, limit, &error);

  g_assert_no_error (error);
  return entries;
}

/* The seconds of the entries, as text. */
static char *
seconds_of (GArray *entries)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < entries->len; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "",
                            g_array_index (entries, StoreEntry, i).message_id >> 20);
  return g_string_free (text, FALSE);
}

static void
check_list (Scene           *scene,
            const StoreView *view,
            const char      *expected)
{
  g_autoptr(GArray) entries = list (scene, view, NULL, 0);
  g_autofree char *seconds = seconds_of (entries);
  gsize count;

  g_assert_cmpstr (seconds, ==, expected);
  g_assert_true (store_listing_count (scene->store, view, &count, NULL));
  g_assert_cmpuint (count, ==, entries->len);

  /* Any page is the same piece of the whole. */
  for (gsize limit = 1; limit <= entries->len + 1; limit++)
    {
      g_autoptr(GArray) pages = g_array_new (FALSE, FALSE, sizeof (StoreEntry));

      for (;;)
        {
          const StoreEntry *after = pages->len > 0
                                    ? &g_array_index (pages, StoreEntry, pages->len - 1) : NULL;
          StoreEntry last = after != NULL ? *after : (StoreEntry) { 0, 0 };
          g_autoptr(GArray) page = list (scene, view, after != NULL ? &last : NULL, limit);

          g_assert_cmpuint (page->len, <=, limit);
          if (page->len == 0)
            break;
          g_array_append_vals (pages, page->data, page->len);
        }
      g_assert_cmpmem (pages->data, pages->len * sizeof (StoreEntry), entries->data,
                       entries->len * sizeof (StoreEntry));
    }
}

static void
test_views_of_messages (void)
{
  g_auto(Scene) scene = { 0 };
  StoreTransaction *transaction;
  StoreView view = { .account_id = STORE_ACCOUNT_ANY };
  gint64 double_id, ids[3];

  scene_init (&scene);
  transaction = test_begin (scene.store);
  add (&scene, 1, scene.inbox, STORE_FLAG_SEEN, NULL);
  add (&scene, 2, scene.archive, STORE_FLAG_FLAGGED, NULL);
  add (&scene, 3, scene.other_inbox, 0, NULL);
  double_id = add (&scene, 4, scene.inbox, STORE_FLAG_FLAGGED, NULL);
  add_second_place (&scene, double_id, scene.archive);
  add (&scene, 5, scene.inbox, 0, NULL);
  add (&scene, 6, scene.trash, STORE_FLAG_FLAGGED, NULL);
  add (&scene, 7, scene.other_inbox, STORE_FLAG_SEEN | STORE_FLAG_FLAGGED, NULL);
  test_commit (transaction);

  view.kind = STORE_VIEW_FOLDER;
  view.folder_id = scene.inbox;
  check_list (&scene, &view, "5 4 1");
  view.show = STORE_SHOW_UNREAD;
  check_list (&scene, &view, "5 4");
  view.show = STORE_SHOW_FLAGGED;
  check_list (&scene, &view, "4");
  view.show = STORE_SHOW_ALL;
  view.kind = STORE_VIEW_INBOXES;
  check_list (&scene, &view, "7 5 4 3 1");
  view.account_id = 2;
  check_list (&scene, &view, "7 3");
  view.account_id = STORE_ACCOUNT_ANY;
  view.kind = STORE_VIEW_UNREAD;
  check_list (&scene, &view, "5 4 3 2");
  view.kind = STORE_VIEW_STARRED;
  check_list (&scene, &view, "7 4 2");
  view.account_id = 1;
  check_list (&scene, &view, "4 2");

  ids[0] = (gint64) 6 << 20;
  ids[1] = (gint64) 4 << 20;
  ids[2] = (gint64) 99 << 20;
  view = (StoreView) { .kind = STORE_VIEW_MESSAGES, .message_ids = ids, .n_message_ids = 3,
                       .account_id = STORE_ACCOUNT_ANY };
  check_list (&scene, &view, "6 4");
  view.n_message_ids = 0;
  check_list (&scene, &view, "");
}

static void
test_views_of_conversations (void)
{
  g_auto(Scene) scene = { 0 };
  StoreTransaction *transaction;
  StoreView view = { .account_id = STORE_ACCOUNT_ANY, .unit = STORE_LIST_CONVERSATIONS };

  scene_init (&scene);
  transaction = test_begin (scene.store);
  add (&scene, 1, scene.inbox, STORE_FLAG_SEEN, NULL);
  add (&scene, 2, scene.inbox, 0, NULL);
  add (&scene, 3, scene.inbox, STORE_FLAG_SEEN | STORE_FLAG_FLAGGED, "m1");
  add (&scene, 4, scene.other_inbox, 0, "m1");
  add (&scene, 5, scene.archive, 0, "m2");
  add (&scene, 6, scene.inbox, STORE_FLAG_SEEN, NULL);
  test_commit (transaction);

  view.kind = STORE_VIEW_FOLDER;
  view.folder_id = scene.inbox;
  check_list (&scene, &view, "6 3 2");
  view.show = STORE_SHOW_UNREAD;
  check_list (&scene, &view, "2");
  view.show = STORE_SHOW_FLAGGED;
  check_list (&scene, &view, "3");
  view.show = STORE_SHOW_ALL;
  view.kind = STORE_VIEW_INBOXES;
  check_list (&scene, &view, "6 4 2");                        /* the thread of 1 once, by its newest */
  view.kind = STORE_VIEW_UNREAD;
  check_list (&scene, &view, "5 4");
}

/* Doubles at the top of two folders push what one page of each folder holds below the other's. */
static void
test_pages_of_merged_views_skip_nothing (void)
{
  g_auto(Scene) scene = { 0 };
  StoreView view = { .kind = STORE_VIEW_UNREAD, .account_id = STORE_ACCOUNT_ANY };
  StoreTransaction *transaction;
  g_autoptr(GArray) page = NULL;
  g_autofree char *seconds = NULL;

  scene_init (&scene);
  transaction = test_begin (scene.store);
  for (guint i = 100; i > 90; i--)
    add_second_place (&scene, add (&scene, i, scene.inbox, 0, NULL), scene.archive);
  add (&scene, 90, scene.archive, 0, NULL);
  for (guint i = 89; i > 80; i--)
    add (&scene, i, scene.inbox, 0, NULL);
  test_commit (transaction);
  page = list (&scene, &view, NULL, 12);
  seconds = seconds_of (page);
  g_assert_cmpstr (seconds, ==, "100 99 98 97 96 95 94 93 92 91 90 89");
  check_list (&scene, &view, "100 99 98 97 96 95 94 93 92 91 90 89 88 87 86 85 84 83 82 81");
}

static GPtrArray *
rows_of (Scene           *scene,
         const StoreView *view)
{
  g_autoptr(GArray) entries = list (scene, view, NULL, 0);
  g_autoptr(GError) error = NULL;
  GPtrArray *rows = store_listing_get_rows (scene->store, view, (StoreEntry *) entries->data, entries->len,
                                            &error);

  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, entries->len);
  return rows;
}

static void
set_content (Scene  *scene,
             gint64  message_id)
{
  g_assert_true (store_sql_run_script (store_peek_mail (scene->store),
    "INSERT INTO content (sha256, size, segment, offset, stored_size, stored_at)"
    " VALUES (randomblob (32), 10, 1, 0, 10, 1)",
    NULL));
  g_assert_true (store_messages_set_content (scene->store, message_id,
                                             store_sql_last_id (store_peek_mail (scene->store)), 10, NULL));
}

static void
test_rows_say_where (void)
{
  static const struct { gboolean has_uid, has_content; StoreWhere where; } cases[] = {
    { TRUE, TRUE, STORE_WHERE_BOTH }, { FALSE, TRUE, STORE_WHERE_HERE }, { TRUE, FALSE, STORE_WHERE_SERVER },
    { FALSE, FALSE, STORE_WHERE_NOWHERE },
  };
  g_auto(Scene) scene = { 0 };
  StoreView view = { .kind = STORE_VIEW_FOLDER };
  StoreTransaction *transaction;
  g_autoptr(GPtrArray) rows = NULL;

  scene_init (&scene);
  view.folder_id = scene.inbox;
  transaction = test_begin (scene.store);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = g_strdup_printf ("m%u", i);

      test_mail_file (scene.store, &(TestMail) { .id = id, .arrived_at = 100 - i }, scene.inbox,
                      cases[i].has_uid ? i + 1 : 0, 0);
      if (cases[i].has_content)
        set_content (&scene, (gint64) (100 - i) << 20);
    }
  test_commit (transaction);
  rows = rows_of (&scene, &view);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (((StoreRow *) rows->pdata[i])->where, ==, cases[i].where);
  g_assert_cmpstr (((StoreRow *) rows->pdata[0])->from_address, ==, "ann@example.org");
  g_assert_cmpstr (((StoreRow *) rows->pdata[0])->to_text, ==, "bob");
  g_assert_cmpuint (((StoreRow *) rows->pdata[0])->n_messages, ==, 1);
}

static void
test_rows_of_conversations_add_up (void)
{
  g_auto(Scene) scene = { 0 };
  StoreView view = { .kind = STORE_VIEW_INBOXES, .unit = STORE_LIST_CONVERSATIONS,
                     .account_id = STORE_ACCOUNT_ANY };
  StoreTransaction *transaction;
  g_autoptr(GPtrArray) rows = NULL;
  const StoreRow *row;

  scene_init (&scene);
  transaction = test_begin (scene.store);
  add (&scene, 1, scene.inbox, STORE_FLAG_SEEN | STORE_FLAG_FLAGGED, NULL);
  add (&scene, 3, scene.other_inbox, 0, "m1");
  add (&scene, 4, scene.archive, 0, "m1");
  test_mail_file (scene.store, &(TestMail) { .id = "r", .references = "m1", .from = "cy@example.org",
                                             .arrived_at = 2 },
                  scene.inbox, 0, STORE_FLAG_ANSWERED);
  test_commit (transaction);
  rows = rows_of (&scene, &view);
  g_assert_cmpuint (rows->len, ==, 1);
  row = rows->pdata[0];
  g_assert_cmpuint (row->n_messages, ==, 3);
  g_assert_cmpuint (row->n_unread, ==, 2);
  g_assert_cmpuint (row->flags, ==, STORE_FLAG_FLAGGED);
  g_assert_cmpstr (row->subject, ==, "Subject 3");
  g_assert_cmpint (row->folder_id, ==, scene.other_inbox);
  g_assert_cmpstr (row->senders, ==, "ann, cy");
}

static void
test_row_that_ended_is_null (void)
{
  g_auto(Scene) scene = { 0 };
  StoreView view = { .kind = STORE_VIEW_FOLDER };
  StoreEntry entries[] = { { (gint64) 1 << 20, 4711 } };
  g_autoptr(GPtrArray) rows = NULL;

  scene_init (&scene);
  view.folder_id = scene.inbox;
  rows = store_listing_get_rows (scene.store, &view, entries, 1, NULL);
  g_assert_cmpuint (rows->len, ==, 1);
  g_assert_null (rows->pdata[0]);
}

/* --- news ----------------------------------------------------------------------------------------------- */

static gboolean
contains (GArray *ids,
          gint64  id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, gint64, i) == id)
      return TRUE;
  return FALSE;
}

/* What a model does with news must give what a new list gives. */
static void
follow (Scene           *scene,
        const StoreView *view,
        GArray          *held,
        gint64          *rev)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreNews) news = store_listing_get_news (scene->store, view, *rev, 1000, &error);
  g_autoptr(GArray) fresh = list (scene, view, NULL, 0);

  g_assert_no_error (error);
  g_assert_false (news->is_too_much);
  for (guint i = held->len; i > 0; i--)
    {
      gint64 id = g_array_index (held, StoreEntry, i - 1).id;
      gboolean is_changed = FALSE;

      for (guint k = 0; k < news->changed->len; k++)
        is_changed = is_changed || g_array_index (news->changed, StoreEntry, k).id == id;
      if (is_changed || contains (news->gone, id))
        g_array_remove_index (held, i - 1);
    }
  g_array_append_vals (held, news->changed->data, news->changed->len);
  for (guint i = 0; i < held->len; i++)                       /* a plain sort, to lean on nothing of the
                                                               * store's */
    for (guint k = i + 1; k < held->len; k++)
      {
        StoreEntry a = g_array_index (held, StoreEntry, i), b = g_array_index (held, StoreEntry, k);

        if (b.message_id > a.message_id || (b.message_id == a.message_id && b.id > a.id))
          {
            g_array_index (held, StoreEntry, i) = b;
            g_array_index (held, StoreEntry, k) = a;
          }
      }
  g_assert_cmpmem (held->data, held->len * sizeof (StoreEntry), fresh->data,
                   fresh->len * sizeof (StoreEntry));
  *rev = news->rev;
}

static void
act (Scene *scene,
     GRand *rand,
     guint  step)
{
  gint64 folders[] = { scene->inbox, scene->archive, scene->trash, scene->other_inbox };
  gint64 folder = folders[g_rand_int_range (rand, 0, 4)];
  gint64 id;

  store_sql_get_int (store_peek_mail (scene->store), "SELECT id FROM location ORDER BY (id * ?) % 17 LIMIT 1",
                     BIND (INT (g_rand_int_range (rand, 1, 1000))), 0, &id, NULL);
  if (id == 0 || g_rand_int_range (rand, 0, 4) == 0)
    {
      g_autofree char *parent = g_strdup_printf ("m%u",
                                                 (guint) g_rand_int_range (rand, 0, (gint32) step + 20));

      add (scene, step + 1, folder, (guint) g_rand_int_range (rand, 0, 8), g_rand_boolean (rand)
           ? parent : NULL);
      return;
    }
  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      g_assert_true (store_locations_set_flags (scene->store, id, (guint) g_rand_int_range (rand, 0, 8),
                                                (guint) g_rand_int_range (rand, 0, 8), NULL));
      break;
    case 1:
      g_assert_true (store_locations_move (scene->store, id, folder, STORE_BY_USER, NULL));
      break;
    case 2:
      g_assert_true (store_locations_end (scene->store, id, STORE_BY_USER, STORE_SERVER_COPY_GONE, NULL,
                                          NULL));
      break;
    default:
      add_second_place (scene, id, folder);
    }
}

static void
test_news_lead_to_the_same_list (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GRand) rand = g_rand_new_with_seed (3);
  StoreView views[] = {
    { .kind = STORE_VIEW_FOLDER }, { .kind = STORE_VIEW_FOLDER, .show = STORE_SHOW_UNREAD },
    { .kind = STORE_VIEW_INBOXES, .account_id = STORE_ACCOUNT_ANY },
    { .kind = STORE_VIEW_INBOXES, .account_id = STORE_ACCOUNT_ANY, .show = STORE_SHOW_FLAGGED },
    { .kind = STORE_VIEW_UNREAD, .account_id = STORE_ACCOUNT_ANY },
    { .kind = STORE_VIEW_STARRED, .account_id = STORE_ACCOUNT_ANY },
    { .kind = STORE_VIEW_FOLDER, .unit = STORE_LIST_CONVERSATIONS },
    { .kind = STORE_VIEW_FOLDER, .unit = STORE_LIST_CONVERSATIONS, .show = STORE_SHOW_UNREAD },
    { .kind = STORE_VIEW_INBOXES, .unit = STORE_LIST_CONVERSATIONS, .account_id = STORE_ACCOUNT_ANY },
    { .kind = STORE_VIEW_UNREAD, .unit = STORE_LIST_CONVERSATIONS, .account_id = STORE_ACCOUNT_ANY },
  };
  GArray *held[G_N_ELEMENTS (views)];
  gint64 revs[G_N_ELEMENTS (views)];

  scene_init (&scene);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      views[i].folder_id = scene.inbox;
      held[i] = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
      revs[i] = store_get_mail_rev (scene.store, NULL);
    }
  for (guint step = 0; step < 300; step++)
    {
      StoreTransaction *transaction = test_begin (scene.store);

      act (&scene, rand, 3 * step);
      act (&scene, rand, 3 * step + 1);
      act (&scene, rand, 3 * step + 2);
      test_commit (transaction);
      for (guint i = 0; i < G_N_ELEMENTS (views); i++)
        if (g_rand_boolean (rand))
          follow (&scene, &views[i], held[i], &revs[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    g_array_unref (held[i]);
}

static void
test_no_news_is_nothing (void)
{
  g_auto(Scene) scene = { 0 };
  StoreView view = { .kind = STORE_VIEW_FOLDER };
  g_autoptr(StoreNews) news = NULL;

  scene_init (&scene);
  view.folder_id = scene.inbox;
  news = store_listing_get_news (scene.store, &view, store_get_mail_rev (scene.store, NULL), 10, NULL);
  g_assert_cmpuint (news->changed->len + news->gone->len, ==, 0);
}

static void
test_too_much_asks_for_a_new_list (void)
{
  g_auto(Scene) scene = { 0 };
  StoreTransaction *transaction;
  gint64 rev;

  scene_init (&scene);
  rev = store_get_mail_rev (scene.store, NULL);
  transaction = test_begin (scene.store);
  for (guint i = 1; i <= 11; i++)
    add (&scene, i, scene.inbox, 0, NULL);
  test_commit (transaction);
  for (StoreListUnit unit = STORE_LIST_MESSAGES; unit <= STORE_LIST_CONVERSATIONS; unit++)
    for (guint limit = 10; limit <= 11; limit++)
      {
        StoreView view = { .kind = STORE_VIEW_FOLDER, .folder_id = scene.inbox, .unit = unit };
        g_autoptr(StoreNews) news = store_listing_get_news (scene.store, &view, rev, limit, NULL);

        g_assert_cmpint (news->is_too_much, ==, limit == 10);
        g_assert_cmpuint (news->changed->len, ==, limit == 10 ? 0 : 11);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/listing/views-of-messages", test_views_of_messages);
  g_test_add_func ("/store/listing/views-of-conversations", test_views_of_conversations);
  g_test_add_func ("/store/listing/pages-of-merged-views-skip-nothing",
                   test_pages_of_merged_views_skip_nothing);
  g_test_add_func ("/store/listing/rows-say-where", test_rows_say_where);
  g_test_add_func ("/store/listing/rows-of-conversations-add-up", test_rows_of_conversations_add_up);
  g_test_add_func ("/store/listing/row-that-ended-is-null", test_row_that_ended_is_null);
  g_test_add_func ("/store/listing/news-lead-to-the-same-list", test_news_lead_to_the_same_list);
  g_test_add_func ("/store/listing/no-news-is-nothing", test_no_news_is_nothing);
  g_test_add_func ("/store/listing/too-much-asks-for-a-new-list", test_too_much_asks_for_a_new_list);
  return g_test_run ();
}
