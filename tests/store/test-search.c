/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/search.h"

#include "store/fixture.h"
#include "store/folders.h"
#include "store/sql.h"
#include "store/text.h"
#include "store/tokenizer.h"

#include <string.h>

/* --- a store with messages of which only the rows that matter are there ------------------------------------------- */

typedef struct {
  gint64      second;
  const char *subject, *sender, *recipients, *body, *filenames;
  gint64      folder_id;                 /* 0: nowhere */
  guint       flags;
  guint       attachments;
} Mail;

static const Mail mails[] = {
  { 1000, "Invoice March", "Anna Schmidt <anna@example.org>", "Ben <ben@mail.example.com>", "Please pay the invoice", "bill.pdf", 1, 0, 1 },
  { 2000, "Re: Invoice March", "Ben <ben@mail.example.com>", "Anna", "I paid. Grüße aus Köln", NULL, 1, 1, 0 },
  { 3000, "Holidays", "Carla <carla@example.net>", "Anna", "réunion in the mountains, bring an invoice", NULL, 2, 5, 0 },
  { 4000, "会議のお知らせ", "山田太郎 <yamada@example.jp>", "Anna", "明日の会議は東京です", "資料.pdf", 1, 4, 1 },
  { 5000, "Newsletter", "news@example.org", "Anna", "invoices invoicing involuntary", NULL, 2, 0, 0 },
  { 6000, "Gone", "Anna", "Ben", "invoice of a message without location", NULL, 0, 0, 0 },
  { 7000, "Attached", "Anna", "Ben", "see attachment", "summary report.docx", 3, 1, 2 },
};

static gint64
id_of (gsize i)
{
  return mails[i].second << 20;
}

static void
run (Store            *store,
     const char       *sql,
     const StoreValue *values)
{
  g_autoptr(GError) error = NULL;

  store_sql_run (store_peek_mail (store), sql, values, &error);
  g_assert_no_error (error);
}

static void
add_message (Store      *store,
             gint64      id,
             guint       attachments)
{
  run (store, "INSERT INTO message (id, account_id, thread_id, message_key, header_hash, subject, subject_base, from_name,"
       " from_address, to_text, arrived_at, size, attachments, rev) VALUES (?1, 1, 1, ?1, x'00', '', '', '', '', '', ?2, 1, ?3, 1)",
       BIND (INT (id), INT (id >> 20), INT (attachments)));
}

static void
add_location (Store  *store,
              gint64  id,
              gint64  folder_id,
              guint   flags)
{
  run (store, "INSERT INTO location (message_id, folder_id, flags, rev) VALUES (?, ?, ?, 1)",
       BIND (INT (id), INT (folder_id), INT (flags)));
}

static StoreTransaction *
begin (Store *store)
{
  g_autoptr(GError) error = NULL;
  StoreTransaction *transaction = store_begin (store, &error);

  g_assert_no_error (error);
  return transaction;
}

static void
commit (StoreTransaction *transaction)
{
  g_autoptr(GError) error = NULL;

  store_commit (transaction, &error);
  g_assert_no_error (error);
}

static void
index_mails (Store *store)
{
  StoreTextHead heads[G_N_ELEMENTS (mails)];
  StoreTextBody bodies[G_N_ELEMENTS (mails)];
  StoreTextNew items[G_N_ELEMENTS (mails)];
  g_autoptr(GError) error = NULL;

  /* Handed over newest first, as a first sync does. */
  for (gsize i = 0; i < G_N_ELEMENTS (mails); i++)
    {
      gsize at = G_N_ELEMENTS (mails) - 1 - i;

      heads[i] = (StoreTextHead) { mails[i].subject, mails[i].sender, mails[i].recipients, NULL };
      bodies[i] = (StoreTextBody) { mails[i].body, mails[i].filenames };
      items[at] = (StoreTextNew) { id_of (i), &heads[i], &bodies[i] };
    }
  store_text_apply (store, items, G_N_ELEMENTS (items), &error);
  g_assert_no_error (error);
}

static StoreFixture *
filled_fixture_new (void)
{
  StoreFixture *fixture = store_fixture_new ();
  StoreTransaction *transaction = begin (fixture->store);

  for (gsize i = 0; i < G_N_ELEMENTS (mails); i++)
    {
      add_message (fixture->store, id_of (i), mails[i].attachments);
      if (mails[i].folder_id != 0)
        add_location (fixture->store, id_of (i), mails[i].folder_id, mails[i].flags);
    }
  index_mails (fixture->store);
  commit (transaction);
  return fixture;
}

/* Numbers of the mails found, newest first: "4 0". */
static char *
find (Store           *store,
      const char      *typed,
      StoreQueryInput  input,
      gint64           before_id,
      guint            limit)
{
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr(StoreQuery) query = store_query_parse (typed, input, utc);
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) ids = store_search_run (store, query, STORE_ACCOUNT_ANY, before_id, limit, &error);
  GString *found = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < ids->len; i++)
    for (gsize k = 0; k < G_N_ELEMENTS (mails); k++)
      if (id_of (k) == g_array_index (ids, gint64, i))
        g_string_append_printf (found, "%s%zu", found->len > 0 ? " " : "", k);
  return g_string_free (found, FALSE);
}

static const struct { const char *typed, *found; } queries[] = {
  { "invoice", "2 1 0" },
  { "INVOICE", "2 1 0" },
  { "invoi*", "4 2 1 0" },
  { "inv*", "4 2 1 0" },
  { "in*", "2" },                        /* two letters are a word of their own */
  { "anna invoice", "2 1 0" },
  { "from:anna invoice", "0" },
  { "from:anna@example.org", "0" },
  { "from:\"example org\"", "4 0" },
  { "from:example.org", "4 0" },
  { "to:anna subject:invoice", "1" },
  { "to:ben", "6 0" },
  { "subject:invoice", "1 0" },
  { "body:invoice", "2 0" },
  { "\"invoice march\"", "1 0" },
  { "\"march invoice\"", "" },
  { "invoice -march", "2" },
  { "-invoice", "6 4 3" },
  { "-invoice -from:anna", "4 3" },
  { "invoice OR newsletter", "4 2 1 0" },
  { "(invoice OR newsletter) -is:read", "4 0" },
  { "reunion", "2" },
  { "grusse koln", "1" },
  { "会議", "3" },
  { "会", "3" },
  { "議", "3" },
  { "東京", "3" },
  { "京東", "" },
  { "山田", "3" },
  { "filename:pdf", "3 0" },
  { "filename:report", "6" },
  { "report", "6" },
  { "body:report", "" },
  { "is:unread", "4 3 0" },
  { "is:read", "6 2 1" },
  { "is:starred", "3 2" },
  { "is:starred -is:unread", "2" },
  { "has:attachment", "6 3 0" },
  { "-has:attachment", "4 2 1" },
  { "has:attachment is:unread pdf", "3 0" },
  { "-is:read", "4 3 0" },
  { "--is:read", "" },
  { "-before:1970-01-01 -after:1970-01-02", "6 4 3 2 1 0" },
  { "-(before:1970-01-01 OR is:read)", "4 3 0" },
  { "-(invoice -march)", "6 4 3 1 0" },
  { "in:archive", "4 2" },
  { "in:INBOX", "3 1 0" },
  { "in:Sent", "6" },
  { "in:nowhere", "" },
  { "in:inbox invoice", "1 0" },
  { "before:1970-01-01", "" },
  { "after:1970-01-01", "6 4 3 2 1 0" },
  { "after:1970-01-02", "" },
  { "!!!", "" },
  { "", "" },
  { "invoice !!!", "2 1 0" },
  { "nothingofthekind", "" },
  { "message without location", "" },
  { "\"' OR 1=1; --", "" },
};

static void
test_queries (void)
{
  g_autoptr(StoreFixture) fixture = filled_fixture_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autofree char *found = find (fixture->store, queries[i].typed, STORE_QUERY_FINISHED, 0, 50);

      g_test_message ("%s", queries[i].typed);
      g_assert_cmpstr (found, ==, queries[i].found);
    }
}

static void
test_typing_finds_beginnings (void)
{
  g_autoptr(StoreFixture) fixture = filled_fixture_new ();
  g_autofree char *begun = find (fixture->store, "invo", STORE_QUERY_TYPING, 0, 50);
  g_autofree char *ended = find (fixture->store, "invo ", STORE_QUERY_TYPING, 0, 50);

  g_assert_cmpstr (begun, ==, "4 2 1 0");
  g_assert_cmpstr (ended, ==, "");
}

static void
test_pages (void)
{
  g_autoptr(StoreFixture) fixture = filled_fixture_new ();
  g_autofree char *first = find (fixture->store, "inv*", STORE_QUERY_FINISHED, 0, 2);
  g_autofree char *second = find (fixture->store, "inv*", STORE_QUERY_FINISHED, id_of (2), 2);
  g_autofree char *third = find (fixture->store, "inv*", STORE_QUERY_FINISHED, id_of (0), 2);

  g_assert_cmpstr (first, ==, "4 2");
  g_assert_cmpstr (second, ==, "1 0");
  g_assert_cmpstr (third, ==, "");
}

static void
test_account (void)
{
  g_autoptr(StoreFixture) fixture = filled_fixture_new ();
  g_autoptr(StoreQuery) query = store_query_parse ("invoice", STORE_QUERY_FINISHED, NULL);
  g_autoptr(GArray) mine = store_search_run (fixture->store, query, 1, 0, 50, NULL);
  g_autoptr(GArray) other = store_search_run (fixture->store, query, 2, 0, 50, NULL);

  g_assert_cmpuint (mine->len, ==, 3);
  g_assert_cmpuint (other->len, ==, 0);
}

/* --- the index -------------------------------------------------------------------------------------------------- */

static void
assert_index_is_empty (Store *store)
{
  gint64 n;

  run (store, "INSERT INTO search_head (search_head) VALUES ('integrity-check')", NULL);
  run (store, "INSERT INTO search_body (search_body) VALUES ('integrity-check')", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autoptr(GError) error = NULL;

      store_sql_get_int (store_peek_mail (store), "SELECT count(*) FROM search_head WHERE search_head MATCH ?",
                         BIND (TEXT ("a* OR b* OR c* OR i* OR m* OR 会* OR 山*")), -1, &n, &error);
      g_assert_no_error (error);
      g_assert_cmpint (n, ==, 0);
    }
}

static void
test_removed_is_not_found (void)
{
  g_autoptr(StoreFixture) fixture = filled_fixture_new ();
  StoreTransaction *transaction = begin (fixture->store);
  g_autoptr(GError) error = NULL;
  g_autofree char *found = NULL;

  store_text_remove (fixture->store, id_of (0), &error);
  g_assert_no_error (error);
  store_text_remove (fixture->store, id_of (0), &error);
  g_assert_no_error (error);
  commit (transaction);
  found = find (fixture->store, "invoice", STORE_QUERY_FINISHED, 0, 50);
  g_assert_cmpstr (found, ==, "2 1");

  transaction = begin (fixture->store);
  for (gsize i = 0; i < G_N_ELEMENTS (mails); i++)
    store_text_remove (fixture->store, id_of (i), &error);
  g_assert_no_error (error);
  assert_index_is_empty (fixture->store);
  commit (transaction);
}

static void
test_applied_again_replaces (void)
{
  g_autoptr(StoreFixture) fixture = filled_fixture_new ();
  StoreTextHead head = { "Changed", "Dora", NULL, "gtk-devel" };
  StoreTextNew item = { id_of (0), &head, NULL };
  StoreTransaction *transaction = begin (fixture->store);
  g_autoptr(GError) error = NULL;
  g_autofree char *march = NULL, *dora = NULL, *pay = NULL, *list = NULL;

  store_text_apply (fixture->store, &item, 1, &error);
  g_assert_no_error (error);
  commit (transaction);
  march = find (fixture->store, "march", STORE_QUERY_FINISHED, 0, 50);
  g_assert_cmpstr (march, ==, "1");
  dora = find (fixture->store, "from:dora", STORE_QUERY_FINISHED, 0, 50);
  g_assert_cmpstr (dora, ==, "0");
  list = find (fixture->store, "list:gtk-devel", STORE_QUERY_FINISHED, 0, 50);
  g_assert_cmpstr (list, ==, "0");
  pay = find (fixture->store, "pay", STORE_QUERY_FINISHED, 0, 50);
  g_assert_cmpstr (pay, ==, "0");
}

static void
test_head_first_then_body (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTextHead head = { "Subject", NULL, NULL, NULL };
  StoreTextBody body = { "Body", NULL };
  StoreTextNew first = { 1 << 20, &head, NULL }, second = { 1 << 20, NULL, &body };
  StoreTransaction *transaction = begin (fixture->store);
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreText) text = NULL;

  add_message (fixture->store, 1 << 20, 0);
  store_text_apply (fixture->store, &first, 1, &error);
  g_assert_no_error (error);
  text = store_text_get (fixture->store, 1 << 20, &error);
  g_assert_cmpstr (text->subject, ==, "Subject");
  g_assert_null (text->body);
  store_text_free (g_steal_pointer (&text));
  store_text_apply (fixture->store, &second, 1, &error);
  g_assert_no_error (error);
  text = store_text_get (fixture->store, 1 << 20, &error);
  g_assert_cmpstr (text->subject, ==, "Subject");
  g_assert_cmpstr (text->body, ==, "Body");
  g_assert_cmpstr (text->filenames, ==, "");
  g_assert_null (store_text_get (fixture->store, 2 << 20, &error));
  g_assert_no_error (error);
  commit (transaction);
}

static void
test_packed_ahead_is_the_same (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTextHead head = { "Subject", NULL, NULL, NULL };
  StoreTextBody body = { "Ahead of time", "plan.pdf" };
  g_autoptr(GBytes) packed = store_text_pack_body (&body);
  StoreTextNew item = { 1 << 20, &head, &body, packed };
  StoreTransaction *transaction = begin (fixture->store);
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreText) text = NULL;

  add_message (fixture->store, 1 << 20, 0);
  store_text_apply (fixture->store, &item, 1, &error);
  g_assert_no_error (error);
  text = store_text_get (fixture->store, 1 << 20, &error);
  g_assert_cmpstr (text->body, ==, "Ahead of time");
  g_assert_cmpstr (text->filenames, ==, "plan.pdf");
  store_text_remove (fixture->store, 1 << 20, &error);
  g_assert_no_error (error);
  assert_index_is_empty (fixture->store);
  commit (transaction);
}

static void
test_long_text_is_cut (void)
{
  static const gsize sizes[] = { STORE_TEXT_MAX - 1, STORE_TEXT_MAX, STORE_TEXT_MAX + 1 };
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = begin (fixture->store);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      gint64 id = (gint64) (i + 1) << 20;
      /* Ends in a character of two bytes. */
      g_autofree char *filler = g_strnfill (sizes[i] - 2, 'x'), *long_text = g_strconcat (filler, "é", NULL);
      StoreTextBody body = { long_text, NULL };
      StoreTextNew item = { id, NULL, &body };
      g_autoptr(StoreText) text = NULL;
      g_autoptr(GError) error = NULL;

      add_message (fixture->store, id, 0);
      store_text_apply (fixture->store, &item, 1, &error);
      g_assert_no_error (error);
      text = store_text_get (fixture->store, id, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (strlen (text->body), ==, sizes[i] <= STORE_TEXT_MAX ? sizes[i] : sizes[i] - 2);
      store_text_remove (fixture->store, id, &error);
      g_assert_no_error (error);
    }
  assert_index_is_empty (fixture->store);
  commit (transaction);
}

static void
test_rebuilt_index_is_the_same (void)
{
  g_autoptr(StoreFixture) fixture = filled_fixture_new ();
  StoreTransaction *transaction = begin (fixture->store);
  g_autoptr(GError) error = NULL;

  store_text_rebuild (fixture->store, &error);
  g_assert_no_error (error);
  commit (transaction);
  for (gsize i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autofree char *found = find (fixture->store, queries[i].typed, STORE_QUERY_FINISHED, 0, 50);

      g_assert_cmpstr (found, ==, queries[i].found);
    }
}

static void
test_other_tokenizer_means_rebuilding (void)
{
  g_autoptr(StoreFixture) fixture = filled_fixture_new ();
  StoreTransaction *transaction;
  g_autoptr(GError) error = NULL;
  g_autofree char *known = NULL, *found = NULL;

  g_assert_true (store_text_ensure_current (fixture->store, &error));
  g_assert_no_error (error);
  transaction = begin (fixture->store);
  store_set_meta (fixture->store, "tokenizer", "0", NULL);
  run (fixture->store, "INSERT INTO search_head (search_head) VALUES ('delete-all')", NULL);
  commit (transaction);
  g_assert_true (store_text_ensure_current (fixture->store, &error));
  g_assert_no_error (error);
  known = store_dup_meta (fixture->store, "tokenizer", NULL);
  g_assert_cmpint (atoi (known), ==, STORE_TOKENIZER_VERSION);
  found = find (fixture->store, "subject:invoice", STORE_QUERY_FINISHED, 0, 50);
  g_assert_cmpstr (found, ==, "1 0");
}

/* The merging of rows against the plain answer, over random messages and queries. */
static void
test_agrees_with_counting (void)
{
  static const char *const words[] = { "aaa", "bbb", "ccc", "ddd" };
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = begin (fixture->store);
  enum { N = 400 };
  guint contents[N];
  g_autoptr(GError) error = NULL;

  for (gint64 i = 0; i < N; i++)
    {
      g_autoptr(GString) body = g_string_new (NULL);
      StoreTextHead head = { NULL };
      StoreTextBody text;
      StoreTextNew item = { i + 1, &head, &text };

      contents[i] = (guint) g_test_rand_int_range (0, 16);
      for (guint w = 0; w < 4; w++)
        if (contents[i] & (1u << w))
          {
            if (g_test_rand_bit ())
              head.subject = words[w];
            else
              g_string_append_printf (body, "%s ", words[w]);
            if (head.subject == words[w])
              g_string_append_printf (body, "%s ", words[w]);
          }
      text = (StoreTextBody) { body->str, NULL };
      add_message (fixture->store, i + 1, 0);
      add_location (fixture->store, i + 1, 1, 0);
      store_text_apply (fixture->store, &item, 1, &error);
      g_assert_no_error (error);
    }
  commit (transaction);

  for (guint round = 0; round < 300; round++)
    {
      guint all = (guint) g_test_rand_int_range (0, 16), none = (guint) g_test_rand_int_range (0, 16) & ~all;
      guint any = (guint) g_test_rand_int_range (0, 16), limit = (guint) g_test_rand_int_range (1, 30);
      gint64 before = g_test_rand_int_range (0, N + 2);
      g_autoptr(GString) typed = g_string_new (NULL);
      g_autoptr(StoreQuery) query = NULL;
      g_autoptr(GArray) ids = NULL;
      guint next = 0;

      for (guint w = 0; w < 4; w++)
        if ((all | none) & (1u << w))
          g_string_append_printf (typed, "%s%s ", none & (1u << w) ? "-" : "", words[w]);
      if (any != 0)
        {
          g_string_append (typed, "(");
          for (guint w = 0; w < 4; w++)
            if (any & (1u << w))
              g_string_append_printf (typed, "%s OR ", words[w]);
          g_string_append (typed, ")");
        }
      if (typed->len == 0)
        continue;
      query = store_query_parse (typed->str, STORE_QUERY_FINISHED, NULL);
      ids = store_search_run (fixture->store, query, STORE_ACCOUNT_ANY, before, limit, &error);
      g_assert_no_error (error);
      for (gint64 id = before > 0 ? MIN (before - 1, N) : N; id >= 1 && next < limit; id--)
        if ((contents[id - 1] & all) == all && (contents[id - 1] & none) == 0 && (any == 0 || (contents[id - 1] & any) != 0))
          {
            g_assert_cmpuint (next, <, ids->len);
            g_assert_cmpint (g_array_index (ids, gint64, next), ==, id);
            next++;
          }
      g_assert_cmpuint (next, ==, ids->len);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/search/queries", test_queries);
  g_test_add_func ("/store/search/typing-finds-beginnings", test_typing_finds_beginnings);
  g_test_add_func ("/store/search/pages", test_pages);
  g_test_add_func ("/store/search/account", test_account);
  g_test_add_func ("/store/search/agrees-with-counting", test_agrees_with_counting);
  g_test_add_func ("/store/text/removed-is-not-found", test_removed_is_not_found);
  g_test_add_func ("/store/text/applied-again-replaces", test_applied_again_replaces);
  g_test_add_func ("/store/text/head-first-then-body", test_head_first_then_body);
  g_test_add_func ("/store/text/packed-ahead-is-the-same", test_packed_ahead_is_the_same);
  g_test_add_func ("/store/text/long-text-is-cut", test_long_text_is_cut);
  g_test_add_func ("/store/text/rebuilt-index-is-the-same", test_rebuilt_index_is_the_same);
  g_test_add_func ("/store/text/other-tokenizer-means-rebuilding", test_other_tokenizer_means_rebuilding);
  return g_test_run ();
}
