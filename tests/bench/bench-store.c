/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures mail.db: inserting with threads and addresses, and listing a large folder.
 *
 *   bench-store [MESSAGES-TO-INSERT [MESSAGES-IN-FOLDER]]
 */
#include "store/listing.h"
#include "store/mail.h"
#include "store/sql.h"
#include "base/clock.h"

#include <stdlib.h>
#include <sys/resource.h>

#define THEN  1500000000
#define BATCH 300

static double
cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

typedef struct {
  gint64 steady_us;
  double cpu_s;
} Watch;

static Watch
watch_start (void)
{
  return (Watch) { base_clock_steady_us (), cpu_seconds () };
}

static void
watch_print (Watch       watch,
             const char *what,
             guint       n)
{
  double wall_ms = (double) (base_clock_steady_us () - watch.steady_us) / 1e3;
  double cpu_ms = (cpu_seconds () - watch.cpu_s) * 1e3;

  g_print ("%-58s %10.2f ms wall %10.2f ms cpu", what, wall_ms, cpu_ms);
  if (n > 0)
    g_print ("  %8.0f/s of cpu", n / (cpu_ms / 1e3));
  g_print ("\n");
}

/* One in four opens a conversation, the others answer in one of the last ten; four addresses each, of a few
 * thousand people. */
static MimeSummary *
make_summary (GRand *rand,
              guint  n)
{
  guint back = 4 * (guint) g_rand_int_range (rand, 0, 10);
  guint root = n - n % 4 > back ? n - n % 4 - back : 0;
  guint parent = MIN (root + (guint) g_rand_int_range (rand, 0, 4) / 3, n);
  gboolean is_reply = n % 4 != 0;
  g_autofree char *id = g_strdup_printf ("%u.%08x@mail.example.org", n, n * 2654435761u);
  g_autofree char *references = g_strdup_printf ("%u.%08x@mail.example.org %u.%08x@mail.example.org", root,
                                                 root * 2654435761u, parent, parent * 2654435761u);
  g_autofree char *subject = g_strdup_printf ("%sThe %u matters we have to talk about", is_reply
                                              ? "Re: " : "", n);
  g_autofree char *from = g_strdup_printf ("person%d@example.com", g_rand_int_range (rand, 0, 3000));
  g_autofree char *to = g_strdup_printf ("me@example.org person%d@example.com person%d@example.net",
                                         g_rand_int_range (rand, 0, 3000), g_rand_int_range (rand, 0, 3000));

  return test_mail_summary (&(TestMail) { .id = id, .references = is_reply ? references : NULL,
                                          .subject = subject,
                                          .from = from, .to = to });
}

static void
insert_all (Store     *store,
            gint64     folder,
            GPtrArray *summaries,
            guint      order)
{
  StoreTransaction *transaction = test_begin (store);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < summaries->len; i++)
    {
      guint n = order == 0 ? i : summaries->len - 1 - i;
      StoreMessageNew message = { .account_id = 1, .arrived_at = THEN + 60 * (gint64) n, .size = 5000,
                                  .summary = summaries->pdata[n] };
      StoreLocationNew location = { .folder_id = folder, .uid = n + 1, .uidvalidity = 7, .flags = n % 10
                                    ? STORE_FLAG_SEEN : 0 };

      location.message_id = store_messages_insert (store, &message, &error);
      g_assert_no_error (error);
      store_locations_insert (store, &location, &error);
      g_assert_no_error (error);
      if (i % BATCH == BATCH - 1)
        {
          test_commit (transaction);
          transaction = test_begin (store);
        }
    }
  test_commit (transaction);
}

static void
bench_insert (guint n_messages)
{
  static const char *const names[] = { "insert, oldest first", "insert, newest first" };
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);
  g_autoptr(GPtrArray) summaries = g_ptr_array_new_with_free_func ((GDestroyNotify) mime_summary_free);

  for (guint i = 0; i < n_messages; i++)
    g_ptr_array_add (summaries, make_summary (rand, i));
  for (guint order = 0; order < 2; order++)
    {
      g_autoptr(StoreFixture) fixture = store_fixture_new ();
      StoreTransaction *transaction = test_begin (fixture->store);
      gint64 folder = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
      Watch watch;

      test_commit (transaction);
      watch = watch_start ();
      insert_all (fixture->store, folder, summaries, order);
      watch_print (watch, names[order], n_messages);
    }
}

/* Rows that only look like mail: what is measured is reading them. */
static void
fill (Store *store,
      guint  n_messages,
      gint64 folder)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *sql = g_strdup_printf (
    "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n + 1 < %u)"
    " INSERT INTO message (id, account_id, thread_id, message_key, header_hash, subject, subject_base,"
    " from_name, from_address,"
    " to_text, date, arrived_at, size, preview, rev)"
    " SELECT (1500000000 + 60 * n) << 20, 1, (1500000000 + 60 * (n - n %% 3)) << 20, n, randomblob (32),"
    " 'The ' || n || ' matters we have to talk about', 'The matters', 'Somebody Else', 'person@example.com',"
    " 'me',"
    " 1500000000 + 60 * n, 1500000000 + 60 * n, 5000, 'What the message begins with, up to some hundred"
    " letters, or so',"
    " 2 FROM n;"
    "INSERT INTO thread SELECT thread_id, NULL, count(*) FROM message GROUP BY 1;"
    "INSERT INTO location (message_id, folder_id, flags, server_flags, uid, uidvalidity, rev)"
    " SELECT id, %u, (id >> 20) %% 600 <> 0, 0, row_number () OVER (), 7, 2 FROM message;"
    "INSERT INTO thread_folder SELECT %u, thread_id, max (id), count(*), 0, 0, 0, 2 FROM message GROUP BY 2",
    n_messages, (guint) folder, (guint) folder);
  StoreTransaction *transaction = test_begin (store);

  store_sql_run_script (store_peek_mail (store), sql, &error);
  g_assert_no_error (error);
  test_commit (transaction);
}

static void
bench_view (Store           *store,
            const StoreView *view,
            const char      *name)
{
  static const gsize limits[] = { 200, 0 };
  g_autoptr(GArray) entries = NULL;
  g_autoptr(GPtrArray) rows = NULL;
  g_autofree char *rows_title = g_strdup_printf ("%s: 200 rows", name);
  gsize count;
  Watch watch;

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autofree char *title = NULL;

      g_clear_pointer (&entries, g_array_unref);
      watch = watch_start ();
      entries = store_listing_list (store, view, NULL, limits[i], NULL);
      title = g_strdup_printf ("%s: %u entries", name, entries->len);
      watch_print (watch, title, 0);
    }
  watch = watch_start ();
  rows = store_listing_get_rows (store, view, (StoreEntry *) entries->data + entries->len / 2,
                                 MIN (entries->len / 2, 200), NULL);
  watch_print (watch, rows_title, 0);
  watch = watch_start ();
  g_assert_true (store_listing_count (store, view, &count, NULL));
  watch_print (watch, "  its count", 0);
}

static void
bench_listing (guint n_messages)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  StoreView view = { .kind = STORE_VIEW_FOLDER, .account_id = STORE_ACCOUNT_ANY };
  g_autoptr(GArray) uids = NULL;
  Watch watch;

  view.folder_id = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
  test_commit (transaction);
  watch = watch_start ();
  fill (fixture->store, n_messages, view.folder_id);
  watch_print (watch, "(making the folder)", n_messages);
  store_rest (fixture->store, NULL);

  watch = watch_start ();
  {
    g_autoptr(Store) reader = store_open (fixture->dir, STORE_READER, NULL);
    g_autoptr(GArray) first = store_listing_list (reader, &view, NULL, 200, NULL);
    g_autoptr(GPtrArray) rows = store_listing_get_rows (reader, &view, (StoreEntry *) first->data, 50, NULL);

    g_assert_nonnull (rows);
    watch_print (watch, "a window opens: store, 200 entries, 50 rows", 0);
  }
  bench_view (fixture->store, &view, "folder");
  view.show = STORE_SHOW_UNREAD;
  bench_view (fixture->store, &view, "folder, unread");
  view.show = STORE_SHOW_ALL;
  view.unit = STORE_LIST_CONVERSATIONS;
  bench_view (fixture->store, &view, "folder, conversations");
  view.unit = STORE_LIST_MESSAGES;
  view.kind = STORE_VIEW_INBOXES;
  bench_view (fixture->store, &view, "all inboxes");
  view.kind = STORE_VIEW_UNREAD;
  bench_view (fixture->store, &view, "unread");

  watch = watch_start ();
  uids = store_locations_list_uids (fixture->store, view.folder_id, 7, 1, G_MAXUINT32, NULL);
  watch_print (watch, "all uids with flags", 0);
}

int
main (int    argc,
      char **argv)
{
  guint n_insert = argc > 1 ? (guint) atoi (argv[1]) : 10000;
  guint n_list = argc > 2 ? (guint) atoi (argv[2]) : 100000;

  bench_insert (n_insert);
  bench_listing (n_list);
  return 0;
}
