/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures the main window on a store of a given size; bench-window.py runs it.
 *
 *   bench-window fill DIR MESSAGES        makes a store with one full folder
 *   bench-window show DIR SINCE           opens the window; SINCE: CLOCK_MONOTONIC in µs when the program was
 *                                         started
 *
 * "show" walks through the list, then lets a writer add mail as a first sync does, and prints one line of
 * JSON.
 */
#include "ui/window.h"

#include "base/clock.h"
#include "store/accounts.h"
#include "store/mail.h"
#include "store/sql.h"
#include "ui/list-pane.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define TICK_MS    5
#define WALK_MS    3000
#define SYNC_MS    5000
#define BATCH      300

/* --- making a store --- */

static gint64
make_folder (Store *store)
{
  g_autoptr(StoreAccount) account = store_account_new ();
  StoreTransaction *transaction;
  gint64 folder;

  store_account_set (&account->name, "Home");
  store_account_set (&account->email, "me@example.org");
  g_assert_cmpint (store_accounts_add (store, account, "Me", NULL), ==, 1);
  transaction = test_begin (store);
  folder = test_folder_add (store, "INBOX", STORE_ROLE_INBOX);
  test_commit (transaction);
  return folder;
}

/* Rows that only look like mail: what is measured is reading them. */
static int
fill (const char *dir,
      guint       n_messages)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreWorkerLock) lock = store_worker_lock_take (dir, NULL, "bench", &error);
  g_autoptr(Store) store = store_open (dir, STORE_WRITER, &error);
  guint folder = (guint) make_folder (store);
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
    n_messages, folder, folder);
  StoreTransaction *transaction = test_begin (store);

  g_assert_nonnull (lock);
  store_sql_run_script (store_peek_mail (store), sql, &error);
  g_assert_no_error (error);
  test_commit (transaction);
  store_rest (store, NULL);
  return 0;
}

/* --- what is measured --- */

typedef struct {
  ModelStore *store;
  GtkWidget  *window;
  UiListPane *list;
  GMainLoop  *loop;
  gint64      since_us;
  gint64      usable_us;          /* after since; 0: not yet */
  double      usable_cpu_ms;
  gint64      last_tick_us;
  gint64      last_cpu_us;        /* of the main thread */
  gint64      worst_cpu_us;       /* between two ticks: what the delay would be on an idle machine */
  GArray     *delays;             /* of gint64, µs, of the part that runs */
  guint       step;
  gint        writes;             /* atomic: the writer goes on while it is 1 */
  guint       n_written;
} Bench;

static double
cpu_ms (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3
         + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static guint
read_pss_kb (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL)
      || (line = strstr (text, "\nPss:")) == NULL)
    return 0;
  return (guint) atoi (line + strlen ("\nPss:"));
}

static gint64
thread_cpu_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static gboolean
tick_cb (gpointer data)
{
  Bench *bench = data;
  gint64 now = g_get_monotonic_time ();
  gint64 delay = now - bench->last_tick_us - TICK_MS * 1000;

  gint64 cpu = thread_cpu_us ();

  bench->last_tick_us = now;
  bench->worst_cpu_us = MAX (bench->worst_cpu_us, cpu - bench->last_cpu_us);
  bench->last_cpu_us = cpu;
  g_array_append_val (bench->delays, delay);
  return G_SOURCE_CONTINUE;
}

static int
compare_delays (gconstpointer a,
                gconstpointer b)
{
  gint64 one = *(const gint64 *) a, other = *(const gint64 *) b;

  return one < other ? -1 : one > other;
}

static void
print_delays (Bench      *bench,
              const char *part)
{
  g_array_sort (bench->delays, compare_delays);
  g_print (", \"%s_worst_cpu_ms\": %.1f, \"%s_worst_ms\": %.1f, \"%s_p999_ms\": %.1f", part,
           (double) bench->worst_cpu_us / 1e3, part,
           (double) g_array_index (bench->delays, gint64, bench->delays->len - 1) / 1e3, part,
           (double) g_array_index (bench->delays, gint64, bench->delays->len * 999 / 1000) / 1e3);
  g_array_set_size (bench->delays, 0);
  bench->worst_cpu_us = 0;
  bench->last_tick_us = g_get_monotonic_time ();
}

/* --- a first sync beside the window --- */

static gpointer
write_mail (gpointer data)
{
  Bench *bench = data;
  g_autoptr(StoreWorkerLock) lock = store_worker_lock_take (model_store_get_dir (bench->store), NULL, "bench",
                                                            NULL);
  g_autoptr(Store) store = store_open (model_store_get_dir (bench->store), STORE_WRITER, NULL);
  g_autoptr(StoreFolder) inbox = store_folders_find_role (store, 1, STORE_ROLE_INBOX, NULL);
  /* Another one than of the runs before. */
  guint32 first_uid = 5000000 + (guint32) (bench->since_us / 100 % 2000000000);

  g_assert_nonnull (lock);
  while (g_atomic_int_get (&bench->writes))
    {
      StoreTransaction *transaction = test_begin (store);

      for (guint i = 0; i < BATCH; i++)
        {
          TestMail mail = { .arrived_at = 1400000000 - 60 * (gint64) bench->n_written };

          test_mail_file (store, &mail, inbox->id, first_uid + bench->n_written++, 0);
        }
      test_commit (transaction);
    }
  return NULL;
}

static gboolean
hint_cb (gpointer data)
{
  model_store_look (((Bench *) data)->store);
  return G_SOURCE_CONTINUE;
}

static gboolean
end_cb (gpointer data)
{
  Bench *bench = data;

  print_delays (bench, "sync");
  g_atomic_int_set (&bench->writes, 0);
  g_print (", \"synced\": %u, \"pss_end_kb\": %u}\n", bench->n_written, read_pss_kb ());
  g_main_loop_quit (bench->loop);
  return G_SOURCE_REMOVE;
}

/* --- walking through the list --- */

static gboolean
walk_cb (gpointer data)
{
  Bench *bench = data;
  UiSelection *selection = ui_list_pane_get_selection (bench->list);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (selection));
  guint position = (guint) ((guint64) bench->step++ * 7919 % n);

  if (bench->step * 40 < WALK_MS)
    {
      ui_list_pane_show_message (bench->list,
                                 model_messages_peek_entry (ui_selection_get_messages (selection),
                                                            position)->message_id);
      return G_SOURCE_CONTINUE;
    }
  print_delays (bench, "walk");
  bench->writes = 1;
  g_thread_unref (g_thread_new ("writer", write_mail, bench));
  g_timeout_add (200, hint_cb, bench);
  g_timeout_add (SYNC_MS, end_cb, bench);
  return G_SOURCE_REMOVE;
}

static gboolean
settled_cb (gpointer data)
{
  Bench *bench = data;

  g_print ("{\"usable_ms\": %.0f, \"usable_cpu_ms\": %.0f, \"pss_kb\": %u", (double) bench->usable_us / 1e3,
           bench->usable_cpu_ms, read_pss_kb ());
  print_delays (bench, "start");
  g_timeout_add (40, walk_cb, bench);
  return G_SOURCE_REMOVE;
}

/* A frame with rows in it has been drawn. */
static void
on_after_paint (GdkFrameClock *clock,
                Bench         *bench)
{
  UiSelection *selection = ui_list_pane_get_selection (bench->list);

  if (bench->usable_us != 0 || selection == NULL || g_list_model_get_n_items (G_LIST_MODEL (selection)) == 0)
    return;
  bench->usable_us = g_get_monotonic_time () - bench->since_us;
  bench->usable_cpu_ms = cpu_ms ();
  g_timeout_add (1000, settled_cb, bench);
}

static int
show (const char *dir,
      gint64      since_us)
{
  Bench bench = { .since_us = since_us };
  ModelPlaces *places;
  ModelBus *bus;

  gtk_init ();
  adw_init ();
  bench.loop = g_main_loop_new (NULL, FALSE);
  bench.delays = g_array_new (FALSE, FALSE, sizeof (gint64));
  bench.last_tick_us = g_get_monotonic_time ();
  g_timeout_add_full (G_PRIORITY_DEFAULT, TICK_MS, tick_cb, &bench, NULL);
  bench.store = model_store_new (dir);
  places = model_places_new (bench.store);
  bus = model_bus_new (bench.store, "0.1.0", BUS_OPEN_RUNNING);
  bench.window = ui_window_new (NULL, bench.store, bus, places);
  bench.list = UI_LIST_PANE (gtk_widget_get_template_child (bench.window, UI_TYPE_WINDOW, "list"));
  gtk_window_present (GTK_WINDOW (bench.window));
  g_signal_connect (gtk_widget_get_frame_clock (bench.window), "after-paint", G_CALLBACK (on_after_paint),
                    &bench);
  g_main_loop_run (bench.loop);
  return 0;
}

int
main (int    argc,
      char **argv)
{
  if (argc == 4 && strcmp (argv[1], "fill") == 0)
    return fill (argv[2], (guint) atoi (argv[3]));
  if (argc == 4 && strcmp (argv[1], "show") == 0)
    return show (argv[2], g_ascii_strtoll (argv[3], NULL, 10));
  g_printerr ("usage: bench-window fill DIR MESSAGES | show DIR SINCE\n");
  return 2;
}
