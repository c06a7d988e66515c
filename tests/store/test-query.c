/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/query.h"

#include <string.h>

static char *
parse_as (const char      *typed,
          StoreQueryInput  input)
{
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr(StoreQuery) query = store_query_parse (typed, input, utc);

  return store_query_dup_string (query);
}

typedef struct {
  const char *typed;
  const char *tree;
} Case;

static void
check_cases (const Case      *cases,
             gsize            n,
             StoreQueryInput  input)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *tree = parse_as (cases[i].typed, input);

      g_assert_cmpstr (tree, ==, cases[i].tree);
    }
}

static void
test_finished (void)
{
  static const Case cases[] = {
    { "", "(and)" },
    { "   ", "(and)" },
    { "invoice", "text:\"invoice\"" },
    { "invoice  anna", "(and text:\"invoice\" text:\"anna\")" },
    { "invoice AND anna", "(and text:\"invoice\" text:\"anna\")" },
    { "\"two words\"", "text:\"two words\"" },
    { "“two words” x", "(and text:\"two words\" text:\"x\")" },
    { "\"never closed", "text:\"never closed\"" },
    { "\"\"", "(and)" },
    { "invo*", "text:\"invo\"*" },
    { "*", "(and)" },
    { "-draft", "(not text:\"draft\")" },
    { "a -b -\"c d\"", "(and text:\"a\" (not text:\"b\") (not text:\"c d\"))" },
    { "- x", "(and text:\"-\" text:\"x\")" },
    { "--x", "text:\"--x\"" },
    { "a OR b", "(or text:\"a\" text:\"b\")" },
    { "a b OR c", "(or (and text:\"a\" text:\"b\") text:\"c\")" },
    { "a (b OR c)", "(and text:\"a\" (or text:\"b\" text:\"c\"))" },
    { "-(b OR c)", "(not (or text:\"b\" text:\"c\"))" },
    { "OR", "(and)" },
    { "OR a", "text:\"a\"" },
    { "a OR", "text:\"a\"" },
    { "ORDER or and", "(and text:\"ORDER\" text:\"or\" text:\"and\")" },
    { "(a", "text:\"a\"" },
    { "a)", "text:\"a\"" },
    { "()", "(and)" },
    { ")(", "(and)" },
    { "a(b)c", "(and text:\"a\" text:\"b\" text:\"c\")" },
    { "from:anna", "text@from:\"anna\"" },
    { "FROM:Anna@example.org", "text@from:\"Anna@example.org\"" },
    { "from:\"Anna Schmidt\"", "text@from:\"Anna Schmidt\"" },
    { "to:a cc:b subject:c list:d body:e filename:f.pdf",
      "(and text@to:\"a\" text@to:\"b\" text@subject:\"c\" text@list:\"d\" text@body:\"e\" "
      "text@filename:\"f.pdf\")" },
    { "from:anna*", "text@from:\"anna\"*" },
    { "from:", "text:\"from:\"" },
    { "from: anna", "(and text:\"from:\" text:\"anna\")" },
    { "-from:anna", "(not text@from:\"anna\")" },
    { "is:unread", "unread" },
    { "is:UNREAD -is:starred is:flagged is:read", "(and unread (not starred) starred read)" },
    { "is:nonsense", "text:\"is:nonsense\"" },
    { "has:attachment has:attachments", "(and attachment attachment)" },
    { "has:cheese", "text:\"has:cheese\"" },
    { "in:Archive", "in:\"Archive\"" },
    { "in:\"Old Mail/2019\"", "in:\"Old Mail/2019\"" },
    { "after:2024", "after:1704067200" },
    { "before:2024-03", "before:1709251200" },
    { "after:2024-03-15 before:1969", "(and after:1710460800 before:-31536000)" },
    { "before:2024-13", "text:\"before:2024-13\"" },
    { "before:2024-02-30", "text:\"before:2024-02-30\"" },
    { "before:24", "text:\"before:24\"" },
    { "before:2024-03-15-01", "text:\"before:2024-03-15-01\"" },
    { "http://example.org/a-b", "text:\"http://example.org/a-b\"" },
    { "会議 from:山田", "(and text:\"会議\" text@from:\"山田\")" },
    { "bad\xFF" "bytes", "text:\"bad\xEF\xBF\xBD" "bytes\"" },
  };

  check_cases (cases, G_N_ELEMENTS (cases), STORE_QUERY_FINISHED);
}

static void
test_typing (void)
{
  static const Case cases[] = {
    { "inv", "text:\"inv\"*" },
    { "inv ", "text:\"inv\"" },
    { "anna inv", "(and text:\"anna\" text:\"inv\"*)" },
    { "from:ann", "text@from:\"ann\"*" },
    { "\"two wor", "text:\"two wor\"" },
    { "(anna", "text:\"anna\"*" },
    { "-dra", "(not text:\"dra\"*)" },
    { "a OR inv", "(or text:\"a\" text:\"inv\"*)" },
  };

  check_cases (cases, G_N_ELEMENTS (cases), STORE_QUERY_TYPING);
}

static void
test_number_of_terms (void)
{
  static const guint numbers[] = { STORE_QUERY_TERMS_MAX - 1, STORE_QUERY_TERMS_MAX,
                                   STORE_QUERY_TERMS_MAX + 1, 900 };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr(GString) typed = g_string_new (NULL);
      g_autoptr(StoreQuery) query = NULL;

      for (guint n = 0; n < numbers[i]; n++)
        g_string_append (typed, "a ");
      query = store_query_parse (typed->str, STORE_QUERY_FINISHED, NULL);
      g_assert_cmpuint (query->children->len, ==, MIN (numbers[i], STORE_QUERY_TERMS_MAX));
    }
}

static guint
get_depth (const StoreQuery *query)
{
  guint depth = 0;

  for (guint i = 0; i < query->children->len; i++)
    depth = MAX (depth, get_depth (query->children->pdata[i]));
  return depth + 1;
}

static void
test_depth (void)
{
  static const guint depths[] = { STORE_QUERY_DEPTH_MAX - 1, STORE_QUERY_DEPTH_MAX, STORE_QUERY_DEPTH_MAX + 1,
                                  600 };

  for (gsize i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      g_autoptr(GString) typed = g_string_new (NULL);
      g_autoptr(StoreQuery) query = NULL;

      for (guint n = 0; n < depths[i]; n++)
        g_string_append (typed, "-(x ");
      query = store_query_parse (typed->str, STORE_QUERY_FINISHED, NULL);
      g_assert_cmpuint (get_depth (query), <=, 2 * STORE_QUERY_DEPTH_MAX + 2);
    }
}

static void
test_long_input_is_cut (void)
{
  g_autofree char *typed = g_strnfill (STORE_QUERY_SIZE_MAX + 1, 'x');
  g_autoptr(StoreQuery) query = store_query_parse (typed, STORE_QUERY_FINISHED, NULL);

  g_assert_cmpuint (strlen (query->text), ==, STORE_QUERY_SIZE_MAX);
}

/* Anything at all is a query. */
static void
test_random_input (void)
{
  static const char *const pieces[] = { "(", ")", "\"", "-", " ", "OR", "AND ", "from:", "is:", "unread",
                                        "before:", "2024-01-01", "*", "a", "会", "in:", "\xFF", "«", ":" };

  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr(GString) typed = g_string_new (NULL);
      guint n = (guint) g_test_rand_int_range (0, 30);

      for (guint i = 0; i < n; i++)
        g_string_append (typed, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      g_free (parse_as (typed->str, round % 2 == 0 ? STORE_QUERY_FINISHED : STORE_QUERY_TYPING));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/query/finished", test_finished);
  g_test_add_func ("/store/query/typing", test_typing);
  g_test_add_func ("/store/query/number-of-terms", test_number_of_terms);
  g_test_add_func ("/store/query/depth", test_depth);
  g_test_add_func ("/store/query/long-input-is-cut", test_long_input_is_cut);
  g_test_add_func ("/store/query/random-input", test_random_input);
  return g_test_run ();
}
