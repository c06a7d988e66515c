/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tokenizer.h"

#include <string.h>

static int
append_word (const StoreToken *token,
             gpointer          user_data)
{
  GString *words = user_data;

  if (words->len > 0)
    g_string_append_c (words, token->place == STORE_TOKEN_SAME_PLACE ? '=' : ' ');
  g_string_append_len (words, (const char *) token->word.data, (gssize) token->word.size);
  if (token->is_single)
    g_string_append_c (words, '*');
  return SQLITE_OK;
}

static char *
split (StoreTokenizeMode mode,
       BaseSlice         text)
{
  g_autoptr(StoreTokenizer) tokenizer = store_tokenizer_new ();
  GString *words = g_string_new (NULL);

  g_assert_cmpint (store_tokenizer_split (tokenizer, mode, text, append_word, words), ==, SQLITE_OK);
  return g_string_free (words, FALSE);
}

/* A blank parts places, "=" joins words of one place, "*" marks single characters. */
static const struct { const char *text, *words; } cases[] = {
  { "", "" },
  { " .,-\n", "" },
  { "Hello, World!", "hello world" },
  { "don't", "don t" },
  { "snake_case 3.14 v2", "snake case 3 14 v2" },
  /* German, French, Spanish, Danish, Polish, Turkish, Icelandic, Vietnamese, Czech */
  { "Grüße GRÜSSE Größe STRAẞE", "grusse grusse grosse strasse" },
  { "réunion œuvre naïveté", "reunion oeuvre naivete" },
  { "mañana ¿qué?", "manana que" },
  { "Søren Kierkegård Ærø", "soren kierkegard aero" },
  { "Łukasz Żółć", "lukasz zolc" },
  { "İstanbul ısı", "istanbul isi" },
  { "Ðað Þór", "dad thor" },
  { "Nguyễn Đức", "nguyen duc" },
  { "Příliš žluťoučký", "prilis zlutoucky" },
  /* the same letters taken apart */
  { "Gru\xCC\x88\xC3\x9F" "e re\xCC\x81union", "grusse reunion" },
  /* ligatures, wide forms, soft hyphen, zero width joiner and space, stray mark */
  { "ﬁnal Ｐｅｎｆｏｌｄ", "final penfold" },
  { "Zusammen\xC2\xAD" "arbeit a\xE2\x80\x8D" "b a\xE2\x80\x8B" "b", "zusammenarbeit ab a b" },
  { "\xCC\x81 x", "x" },
  /* Greek with both sigmas and accents, Cyrillic, Hebrew with points, Arabic with vowels, hamza and
   * stretching */
  { "Οδυσσεύς ΟΔΥΣΣΕΥΣ", "οδυσσευσ οδυσσευσ" },
  { "Встреча ОТЧЁТ", "встреча отчет" },
  { "שָׁלוֹם", "שלום" },
  { "مُحَمَّد محـــمد أحمد", "محمد محمد احمد" },
  /* Hindi keeps vowel signs and virama: they make other words */
  { "हिन्दी", "हिन्दी" },
  /* Japanese, narrow and composed Kana, Chinese, Korean, Thai */
  { "会", "会*" },
  { "会議", "会議=議*" },
  { "明日の会議", "明日 日の の会 会議=議*" },
  { "ｶﾞｲﾄﾞ", "ガイ イド=ド*" },
  { "\xE3\x81\x8B\xE3\x82\x99\xE3\x81\x84", "がい=い*" },
  { "サーバー", "サー ーバ バー=ー*" },
  { "会议 资料", "会议=议* 资料=料*" },
  { "회의자료", "회의 의자 자료=료*" },
  { "\xE1\x84\x92\xE1\x85\xAC\xE1\x84\x8B\xE1\x85\xB4", "회의=의*" },
  { "กินข้าว", "กิน นข้ ข้า าว=ว*" },
  { "2024年3月 GTK会議", "2024 年* 3 月* gtk 会議=議*" },
  /* addresses and hosts */
  { "<Anna.Schmidt@mail.example.org>", "anna schmidt mail example org" },
  { "https://www.gtk.org/docs?x=1", "https www gtk org docs x 1" },
};

static void
test_languages (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = split (STORE_TOKENIZE_TEXT, base_slice_from_string (cases[i].text));

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static void
test_query_has_no_last_character (void)
{
  static const struct { const char *text, *words; } queries[] = {
    { "会", "会*" },
    { "会議", "会議" },
    { "会議室 x", "会議 議室 x" },
    { "第1章", "第* 1 章*" },
    { "Straße", "strasse" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autofree char *words = split (STORE_TOKENIZE_QUERY, base_slice_from_string (queries[i].text));

      g_assert_cmpstr (words, ==, queries[i].words);
    }
}

static void
test_folding_is_stable (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *once = split (STORE_TOKENIZE_QUERY, base_slice_from_string (cases[i].text));
      g_autoptr(GString) text = g_string_new (once);
      g_autofree char *twice = NULL;

      g_string_replace (text, "*", "", 0);
      /* Pairs overlap, so only texts without them must give themselves again. */
      if (strchr (cases[i].words, '=') != NULL)
        continue;
      twice = split (STORE_TOKENIZE_QUERY, base_slice_from_string (text->str));
      g_assert_cmpstr (twice, ==, once);
    }
}

typedef struct {
  gsize size;
  gsize last_start;
  guint n;
} Bounds;

static int
check_bounds (const StoreToken *token,
              gpointer          user_data)
{
  Bounds *bounds = user_data;

  g_assert_cmpuint (token->start, >=, bounds->last_start);
  g_assert_cmpuint (token->start, <, token->end);
  g_assert_cmpuint (token->end, <=, bounds->size);
  g_assert_cmpuint (token->word.size, >, 0);
  g_assert_cmpuint (token->word.size, <=, STORE_TOKEN_MAX);
  g_assert_true (g_utf8_validate ((const char *) token->word.data, (gssize) token->word.size, NULL));
  bounds->last_start = token->start;
  bounds->n++;
  return SQLITE_OK;
}

/* Any bytes are text: every cut of every case, with and without a byte that is never UTF-8 behind it. */
static void
test_every_cut (void)
{
  g_autoptr(StoreTokenizer) tokenizer = store_tokenizer_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize cut = 0; cut <= strlen (cases[i].text); cut++)
      for (gsize extra = 0; extra < 2; extra++)
        {
          gsize size = cut + extra;
          g_autofree guint8 *text = g_malloc (size + 1);
          Bounds bounds = { size, 0, 0 };

          memcpy (text, cases[i].text, cut);
          text[cut] = 0xFF;
          g_assert_cmpint (store_tokenizer_split (tokenizer, STORE_TOKENIZE_TEXT, base_slice_new (text, size),
                                                  check_bounds, &bounds), ==, SQLITE_OK);
        }
}

/* Letters by category that are a part of the letter before them: jamo, voicing and vowel marks, Arabic
 * stretching. */
static gboolean
is_only_a_mark (gunichar code)
{
  return (code >= 0x1160 && code <= 0x11FF) || (code >= 0xD7B0 && code <= 0xD7FF) || code == 0xFF9E
         || code == 0xFF9F ||
         code == 0x0640 || (code >= 0xFCF2 && code <= 0xFCF4) || (code >= 0xFE70 && code <= 0xFE7F);
}

static void
test_every_code_point (void)
{
  g_autoptr(StoreTokenizer) tokenizer = store_tokenizer_new ();

  for (gunichar code = 0; code <= 0x10FFFF; code++)
    {
      char text[16];
      gsize size = 0;
      Bounds bounds = { 0 };

      if (code >= 0xD800 && code <= 0xDFFF)
        continue;
      size = (gsize) g_unichar_to_utf8 (code, text);
      size += (gsize) g_unichar_to_utf8 (code, text + size);
      bounds.size = size;
      g_assert_cmpint (store_tokenizer_split (tokenizer, STORE_TOKENIZE_TEXT, base_slice_new (text, size),
                                              check_bounds, &bounds), ==, SQLITE_OK);
      if (g_unichar_isalnum (code) && !is_only_a_mark (code))
        g_assert_cmpuint (bounds.n, >, 0);
    }
}

static void
test_long_words_are_cut (void)
{
  static const gsize sizes[] = { STORE_TOKEN_MAX - 1, STORE_TOKEN_MAX, STORE_TOKEN_MAX + 1, 1000000 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = g_strnfill (sizes[i], 'x');
      g_autofree char *word = split (STORE_TOKENIZE_TEXT, base_slice_from_string (text));

      g_assert_cmpuint (strlen (word), ==, MIN (sizes[i], STORE_TOKEN_MAX));
    }
}

static void
test_endless_marks_are_cut (void)
{
  g_autoptr(GString) text = g_string_new ("か");
  g_autoptr(StoreTokenizer) tokenizer = store_tokenizer_new ();
  Bounds bounds = { 0 };

  for (guint i = 0; i < 10000; i++)
    g_string_append (text, "\xE3\x82\x99");
  g_string_append (text, "か");
  bounds.size = text->len;
  g_assert_cmpint (store_tokenizer_split (tokenizer, STORE_TOKENIZE_TEXT, base_slice_from_string (text->str),
                                          check_bounds, &bounds), ==, SQLITE_OK);
  g_assert_cmpuint (bounds.n, ==, 2);
}

static int
stop_at_first (const StoreToken *token,
               gpointer          user_data)
{
  ++*(guint *) user_data;
  return SQLITE_FULL;
}

static void
test_callback_ends_it (void)
{
  g_autoptr(StoreTokenizer) tokenizer = store_tokenizer_new ();
  guint calls = 0;

  g_assert_cmpint (store_tokenizer_split (tokenizer, STORE_TOKENIZE_TEXT, BASE_SLICE_LITERAL ("a b c"),
                                          stop_at_first, &calls), ==, SQLITE_FULL);
  g_assert_cmpuint (calls, ==, 1);
}

/* --- inside SQLite -------------------------------------------------------------------------------------- */

static void
run (sqlite3    *db,
     const char *sql)
{
  g_autofree char *message = NULL;
  char *words = NULL;
  int rc = sqlite3_exec (db, sql, NULL, NULL, &words);

  message = g_strdup (words);
  sqlite3_free (words);
  g_assert_cmpstr (message, ==, NULL);
  g_assert_cmpint (rc, ==, SQLITE_OK);
}

static int
count (sqlite3    *db,
       const char *match)
{
  sqlite3_stmt *statement;
  int n;

  g_assert_cmpint (sqlite3_prepare_v2 (db, "SELECT count(*) FROM t WHERE t MATCH ?1", -1, &statement, NULL),
                   ==, SQLITE_OK);
  sqlite3_bind_text (statement, 1, match, -1, SQLITE_STATIC);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  n = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return n;
}

static sqlite3 *
open_table (void)
{
  g_autoptr(GError) error = NULL;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (":memory:", &db), ==, SQLITE_OK);
  g_assert_true (store_tokenizer_register (db, &error));
  g_assert_no_error (error);
  run (db, "CREATE VIRTUAL TABLE t USING fts5 (a, content = '', tokenize = 'penfold')");
  return db;
}

static void
test_finds_in_fts5 (void)
{
  sqlite3 *db = open_table ();

  run (db, "INSERT INTO t (rowid, a) VALUES (1, '明日の会議は東京meeting'), (2, 'Grüße an anna@mail.example.org'),"
           "(3, '2024年度予算')");
  g_assert_cmpint (count (db, "\"会議\""), ==, 1);
  g_assert_cmpint (count (db, "\"会\" *"), ==, 1);
  g_assert_cmpint (count (db, "\"京\" *"), ==, 1);
  g_assert_cmpint (count (db, "\"東京meeting\""), ==, 1);
  g_assert_cmpint (count (db, "\"京meeting\""), ==, 1);
  g_assert_cmpint (count (db, "\"会東\""), ==, 0);
  g_assert_cmpint (count (db, "\"2024年\" *"), ==, 1);
  g_assert_cmpint (count (db, "grusse"), ==, 1);
  g_assert_cmpint (count (db, "\"ANNA@mail.example.org\""), ==, 1);
  g_assert_cmpint (count (db, "\"example.org\""), ==, 1);
  g_assert_cmpint (count (db, "\"anna@mail.exam\" *"), ==, 1);
  g_assert_cmpint (count (db, "\"example.anna\""), ==, 0);
  sqlite3_close (db);
}

static void
test_delete_leaves_nothing (void)
{
  sqlite3 *db = open_table ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *insert = sqlite3_mprintf ("INSERT INTO t (rowid, a) VALUES (%d, %Q)", (int) i + 1, cases[i].text);

      run (db, insert);
      sqlite3_free (insert);
    }
  run (db, "INSERT INTO t (t) VALUES ('integrity-check')");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *remove = sqlite3_mprintf ("INSERT INTO t (t, rowid, a) VALUES ('delete', %d, %Q)", (int) i + 1,
                                      cases[i].text);

      run (db, remove);
      sqlite3_free (remove);
    }
  run (db, "INSERT INTO t (t) VALUES ('integrity-check')");
  run (db, "CREATE VIRTUAL TABLE v USING fts5vocab (t, row)");
  run (db, "CREATE TABLE none (n CHECK (n = 0)); INSERT INTO none SELECT count(*) FROM v");
  sqlite3_close (db);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/tokenizer/languages", test_languages);
  g_test_add_func ("/store/tokenizer/query-has-no-last-character", test_query_has_no_last_character);
  g_test_add_func ("/store/tokenizer/folding-is-stable", test_folding_is_stable);
  g_test_add_func ("/store/tokenizer/every-cut", test_every_cut);
  g_test_add_func ("/store/tokenizer/every-code-point", test_every_code_point);
  g_test_add_func ("/store/tokenizer/long-words-are-cut", test_long_words_are_cut);
  g_test_add_func ("/store/tokenizer/endless-marks-are-cut", test_endless_marks_are_cut);
  g_test_add_func ("/store/tokenizer/callback-ends-it", test_callback_ends_it);
  g_test_add_func ("/store/tokenizer/finds-in-fts5", test_finds_in_fts5);
  g_test_add_func ("/store/tokenizer/delete-leaves-nothing", test_delete_leaves_nothing);
  return g_test_run ();
}
