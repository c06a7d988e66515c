/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/mail.h"
#include "store/sql.h"
#include "store/threads.h"

#include <string.h>

#define DAY (24 * 60 * 60)
#define THEN 1600000000

static gint64
thread_of (Store  *store,
           gint64  message_id)
{
  g_autoptr(StoreMessage) message = store_messages_get (store, message_id, NULL);

  return message->thread_id;
}

/* --- the golden set ------------------------------------------------------------------------------------- */

typedef struct {
  char   *thread;
  char   *id;
  char   *references;
  gint64  message;
} Golden;

static void
golden_clear (gpointer data)
{
  Golden *golden = data;

  g_free (golden->thread);
  g_free (golden->id);
  g_free (golden->references);
}

static GArray *
read_golden (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("PENFOLD_TEST_DATA"), "store", "threads.tsv", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  GArray *set = g_array_new (FALSE, FALSE, sizeof (Golden));

  g_array_set_clear_func (set, golden_clear);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) fields = g_strsplit (lines[i], "\t", 3);
      Golden golden = { g_strdup (fields[0]), g_strdup (fields[1]),
                        g_strdup (fields[2] != NULL ? fields[2] : "") };

      g_array_append_val (set, golden);
    }
  return set;
}

static void
shuffle (GArray  *set,
         guint32  seed)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);

  for (guint i = set->len - 1; i > 0; i--)
    {
      guint k = (guint) g_rand_int_range (rand, 0, (gint32) i + 1);
      Golden swap = g_array_index (set, Golden, i);

      g_array_index (set, Golden, i) = g_array_index (set, Golden, k);
      g_array_index (set, Golden, k) = swap;
    }
}

static void
insert_golden (Store  *store,
               GArray *set)
{
  StoreTransaction *transaction = test_begin (store);

  for (guint i = 0; i < set->len; i++)
    {
      Golden *golden = &g_array_index (set, Golden, i);
      g_autofree char *subject = g_strdup_printf ("%u", i);         /* no help from subjects */
      TestMail mail = { .id = golden->id, .subject = subject, .arrived_at = THEN + i,
                        .references = golden->references[0] != '\0' ? golden->references : NULL };

      golden->message = test_mail_insert (store, &mail);
      if (i % 300 == 299)
        {
          test_commit (transaction);
          transaction = test_begin (store);
        }
    }
  test_commit (transaction);
}

/* The same name for the same thread in both worlds. */
static void
compare_golden (Store  *store,
                GArray *set)
{
  g_autoptr(GHashTable) ours = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr(GHashTable) theirs = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < set->len; i++)
    {
      const Golden *golden = &g_array_index (set, Golden, i);
      gint64 thread_id = thread_of (store, golden->message);
      const gint64 *known_id = g_hash_table_lookup (ours, golden->thread);
      const char *known_name = g_hash_table_lookup (theirs, &thread_id);

      if ((known_id != NULL && *known_id != thread_id)
          || (known_name != NULL && strcmp (known_name, golden->thread) != 0))
        g_error ("%s of thread %s is in the wrong conversation", golden->id, golden->thread);
      g_hash_table_insert (ours, golden->thread, g_memdup2 (&thread_id, sizeof thread_id));
      g_hash_table_insert (theirs, g_memdup2 (&thread_id, sizeof thread_id), golden->thread);
    }
}

static void
test_golden_set_in_any_order (void)
{
  g_autoptr(GArray) set = read_golden ();

  g_assert_cmpuint (set->len, >, 2000);
  for (guint order = 0; order < 3; order++)
    {
      g_autoptr(StoreFixture) fixture = store_fixture_new ();

      if (order > 0)
        shuffle (set, order);
      insert_golden (fixture->store, set);
      compare_golden (fixture->store, set);
      test_check_store (fixture->store);
    }
}

/* --- single facts --------------------------------------------------------------------------------------- */

/* Whether all of them are one conversation, inserted in the order given and in the reverse one. */
static void
check_one_thread (const TestMail *mails,
                  gsize           n_mails,
                  gboolean        is_one)
{
  for (guint reverse = 0; reverse < 2; reverse++)
    {
      g_autoptr(StoreFixture) fixture = store_fixture_new ();
      g_autofree gint64 *ids = g_new0 (gint64, n_mails);
      StoreTransaction *transaction = test_begin (fixture->store);

      for (gsize i = 0; i < n_mails; i++)
        {
          gsize k = reverse ? n_mails - 1 - i : i;

          ids[k] = test_mail_insert (fixture->store, &mails[k]);
        }
      test_commit (transaction);
      for (gsize i = 1; i < n_mails; i++)
        if ((thread_of (fixture->store, ids[i]) == thread_of (fixture->store, ids[0])) != is_one)
          g_error ("message %u, %s", (guint) i, reverse ? "newest first" : "oldest first");
      test_check_store (fixture->store);
    }
}

static void
test_missing_link_joins (void)
{
  const TestMail mails[] = {
    { .id = "a", .subject = "1" }, { .id = "b", .references = "a", .subject = "2" },
    { .id = "c", .references = "b", .subject = "3" }, { .id = "d", .references = "c", .subject = "4" },
  };
  const TestMail siblings[] = {
    { .id = "x", .references = "gone", .subject = "1" }, { .id = "y", .references = "gone", .subject = "2" },
  };

  check_one_thread (mails, 4, TRUE);
  check_one_thread (siblings, 2, TRUE);
}

static void
test_loops_are_harmless (void)
{
  const TestMail mails[] = {
    { .id = "a", .references = "b c", .subject = "1" }, { .id = "b", .references = "a", .subject = "2" },
    { .id = "c", .references = "b a c", .subject = "3" },
  };

  check_one_thread (mails, 3, TRUE);
}

static void
test_strangers_stay_apart (void)
{
  const TestMail mails[] = {
    { .id = "a", .subject = "Hello" }, { .id = "b", .subject = "Hello" },
    { .subject = "Hello", .arrived_at = THEN }, { .id = "d", .references = "z", .subject = "Hello" },
  };

  check_one_thread (mails, 4, FALSE);
}

static void
test_accounts_share_a_thread (void)
{
  const TestMail mails[] = { { .id = "a", .account_id = 1 },
                             { .id = "b", .references = "a", .account_id = 2 } };

  check_one_thread (mails, 2, TRUE);
}

static void
test_subject_is_a_careful_last_resort (void)
{
  static const struct {
    const char *what;
    TestMail    first, second;
    gboolean    is_one;
  } cases[] = {
    { "answer to the author", { .id = "a", .subject = "Trip", .from = "ann@x", .to = "bob@x",
                                .arrived_at = THEN },
      { .id = "b", .subject = "Re: Trip", .from = "bob@x", .to = "ANN@x", .arrived_at = THEN + DAY }, TRUE },
    { "other case", { .id = "a", .subject = "TRIP", .from = "ann@x", .to = "bob@x", .arrived_at = THEN },
      { .id = "b", .subject = "re: trip", .from = "bob@x", .to = "ann@x", .arrived_at = THEN + DAY }, TRUE },
    { "answer to somebody else",
      { .id = "a", .subject = "Trip", .from = "ann@x", .to = "bob@x", .arrived_at = THEN },
      { .id = "b", .subject = "Re: Trip", .from = "bob@x", .to = "cy@x", .arrived_at = THEN + DAY }, FALSE },
    { "no answer", { .id = "a", .subject = "Trip", .from = "ann@x", .to = "bob@x", .arrived_at = THEN },
      { .id = "b", .subject = "Trip", .from = "bob@x", .to = "ann@x", .arrived_at = THEN + DAY }, FALSE },
    { "too late", { .id = "a", .subject = "Trip", .from = "ann@x", .to = "bob@x", .arrived_at = THEN },
      { .id = "b", .subject = "Re: Trip", .from = "bob@x", .to = "ann@x", .arrived_at = THEN + 31 * DAY },
      FALSE },
    { "before the question", { .id = "a", .subject = "Trip", .from = "ann@x", .to = "bob@x",
                               .arrived_at = THEN + DAY },
      { .id = "b", .subject = "Re: Trip", .from = "bob@x", .to = "ann@x", .arrived_at = THEN }, FALSE },
    { "names another message",
      { .id = "a", .subject = "Trip", .from = "ann@x", .to = "bob@x", .arrived_at = THEN },
      { .id = "b", .references = "z", .subject = "Re: Trip", .from = "bob@x", .to = "ann@x",
        .arrived_at = THEN + DAY }, FALSE },
    { "says too little", { .id = "a", .subject = "Hi", .from = "ann@x", .to = "bob@x", .arrived_at = THEN },
      { .id = "b", .subject = "Re: Hi", .from = "bob@x", .to = "ann@x", .arrived_at = THEN + DAY }, FALSE },
    { "written by a machine", { .id = "a", .subject = "Trip", .from = "ann@x", .arrived_at = THEN,
                                .flags = MIME_SUMMARY_IS_AUTOMATIC },
      { .id = "b", .subject = "Re: Trip", .from = "bob@example.org", .to = "ann@x",
        .arrived_at = THEN + DAY }, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const TestMail mails[] = { cases[i].first, cases[i].second };

      g_test_message ("%s", cases[i].what);
      check_one_thread (mails, 2, cases[i].is_one);
    }
}

/* --- size ----------------------------------------------------------------------------------------------- */

/* Each names only the one before; the order is the worst one for joining. */
static void
insert_chain (Store  *store,
              guint   depth,
              guint (*place) (guint i,
                              guint depth))
{
  StoreTransaction *transaction = test_begin (store);
  gint64 folder = test_folder_add (store, "INBOX", STORE_ROLE_INBOX);

  for (guint i = 0; i < depth; i++)
    {
      guint n = place (i, depth);
      g_autofree char *id = g_strdup_printf ("c%u", n);
      g_autofree char *parent = g_strdup_printf ("c%u", n - 1);
      g_autofree char *subject = g_strdup_printf ("%u", n);

      test_mail_file (store, &(TestMail) { .id = id, .references = n > 0 ? parent : NULL, .subject = subject,
                                           .arrived_at = THEN + n }, folder, n + 1, 0);
      if (i % 500 == 499)
        {
          test_commit (transaction);
          transaction = test_begin (store);
        }
    }
  test_commit (transaction);
}

static guint
newest_first (guint i,
              guint depth)
{
  return depth - 1 - i;
}

/* All even ones, then the odd ones that join them. */
static guint
evens_first (guint i,
             guint depth)
{
  return i < (depth + 1) / 2 ? 2 * i : 2 * (i - (depth + 1) / 2) + 1;
}

static void
test_long_chains_are_one (void)
{
  guint (*const places[]) (guint, guint) = { newest_first, evens_first };
  const guint depth = 3000;

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr(StoreFixture) fixture = store_fixture_new ();
      g_autoptr(GArray) all = NULL;

      insert_chain (fixture->store, depth, places[i]);
      all = store_threads_list_messages (fixture->store, thread_of (fixture->store, (gint64) THEN << 20),
                                         NULL);
      g_assert_cmpuint (all->len, ==, depth);
      test_check_store (fixture->store);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/threads/golden-set-in-any-order", test_golden_set_in_any_order);
  g_test_add_func ("/store/threads/missing-link-joins", test_missing_link_joins);
  g_test_add_func ("/store/threads/loops-are-harmless", test_loops_are_harmless);
  g_test_add_func ("/store/threads/strangers-stay-apart", test_strangers_stay_apart);
  g_test_add_func ("/store/threads/accounts-share-a-thread", test_accounts_share_a_thread);
  g_test_add_func ("/store/threads/subject-is-a-careful-last-resort", test_subject_is_a_careful_last_resort);
  g_test_add_func ("/store/threads/long-chains-are-one", test_long_chains_are_one);
  return g_test_run ();
}
