/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/tokenizer.h"

#include <string.h>

#define CACHE_SIZE 4096        /* code points whose folded form is kept; a power of two */
#define FOLDED_MAX 24          /* bytes of one folded code point, longer ones are cut (U+FDFA folds to 33) */

typedef enum {
  CLASS_BREAK,                 /* parts words */
  CLASS_WORD,
  CLASS_PAIR,                  /* of a script without blanks */
  CLASS_JOIN,                  /* belongs to the character before it */
} CharClass;

typedef struct {
  gunichar code;
  guint8   class;
  guint8   size;
  char     text[FOLDED_MAX];
} Folded;

struct _StoreTokenizer {
  Folded cache[CACHE_SIZE];
};

/* A word, or one character of a pair with its marks, while it grows. */
typedef struct {
  char     text[STORE_TOKEN_MAX];
  gsize    size;
  gsize    limit;
  gsize    start;
  gsize    end;
  gboolean is_full;            /* something did not fit: nothing may follow it */
  gboolean has_marks;
} Grown;

typedef struct {
  StoreTokenizeMode mode;
  StoreTokenFunc    func;
  gpointer          user_data;
  CharClass         class;     /* of the run being read: CLASS_BREAK outside of any */
  Grown             unit;      /* the whole word, or the newest character of a run of pairs */
  Grown             before;    /* the character before it */
  gboolean          has_before;
} Splitter;

/* --- one code point ------------------------------------------------------------------------------------- */

static CharClass
letter_class (gunichar code)
{
  switch (g_unichar_get_script (code))
    {
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_BOPOMOFO:
    case G_UNICODE_SCRIPT_HANGUL:
    case G_UNICODE_SCRIPT_THAI:
    case G_UNICODE_SCRIPT_LAO:
    case G_UNICODE_SCRIPT_KHMER:
    case G_UNICODE_SCRIPT_MYANMAR:
      return CLASS_PAIR;
    default:
      /* The long vowel mark of Kana has no script of its own. */
      return code == 0x30FC || code == 0xFF70 ? CLASS_PAIR : CLASS_WORD;
    }
}

static gboolean
continues_character (gunichar code)
{
  return (code >= 0x1160 && code <= 0x11FF) ||        /* vowels and finals of a Hangul syllable spelt out */
         (code >= 0xD7B0 && code <= 0xD7FF) ||
         code == 0xFF9E || code == 0xFF9F ||          /* voicing marks of narrow Katakana */
         code == 0x0640;                              /* the stroke that stretches Arabic words */
}

static CharClass
classify (gunichar code)
{
  if (continues_character (code))
    return CLASS_JOIN;
  switch ((int) g_unichar_type (code))
    {
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
    case G_UNICODE_LETTER_NUMBER:
      return letter_class (code);
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
    case G_UNICODE_PRIVATE_USE:
      return CLASS_WORD;
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
      return CLASS_JOIN;
    case G_UNICODE_FORMAT:
      return code == 0x200B ? CLASS_BREAK : CLASS_JOIN;   /* the zero width space ends a word, a soft hyphen
                                                           * does not */
    default:
      return CLASS_BREAK;
    }
}

/* Accents, points and what cannot be seen.  Vowel signs, viramas, tone and voicing marks make other words and
 * stay. */
static gboolean
is_dropped (gunichar code)
{
  gint class = g_unichar_combining_class (code);

  if (class == 1 || (class >= 10 && class <= 36) || (class >= 200 && class <= 240))
    return TRUE;
  return code == 0x034F || code == 0x0640 || (code >= 0xFE00 && code <= 0xFE0F) ||
         (code >= 0xE0100 && code <= 0xE01EF) || g_unichar_type (code) == G_UNICODE_FORMAT;
}

/* Letters that Unicode does not take apart, but people do. */
static const char *
plain_letter (gunichar code)
{
  switch (code)
    {
    case 0x00E6: return "ae";
    case 0x00F0: return "d";
    case 0x00F8: return "o";
    case 0x00FE: return "th";
    case 0x0111: return "d";
    case 0x0127: return "h";
    case 0x0131: return "i";
    case 0x0142: return "l";
    case 0x0153: return "oe";
    case 0x0167: return "t";
    default:     return NULL;
    }
}

static void
append_folded (GString *folded,
               gunichar code)
{
  char utf8[6];
  g_autofree char *lower = g_utf8_casefold (utf8, g_unichar_to_utf8 (code, utf8));

  for (const char *p = lower; *p != '\0'; p = g_utf8_next_char (p))
    {
      const char *plain = plain_letter (g_utf8_get_char (p));

      if (plain != NULL)
        g_string_append (folded, plain);
      else
        g_string_append_unichar (folded, g_utf8_get_char (p));
    }
}

static gsize
cut_at_character (const char *text,
                  gsize       size,
                  gsize       limit)
{
  if (size <= limit)
    return size;
  while (limit > 0 && ((guchar) text[limit] & 0xC0) == 0x80)
    limit--;
  return limit;
}

static void
fold_code_point (Folded   *entry,
                 gunichar  code)
{
  g_autoptr(GString) folded = g_string_new (NULL);
  g_autofree char *composed = NULL;
  gunichar parts[18];
  gsize n = g_unichar_fully_decompose (code, TRUE, parts, G_N_ELEMENTS (parts));

  for (gsize i = 0; i < n; i++)
    if (!is_dropped (parts[i]))
      append_folded (folded, parts[i]);

  entry->code = code;
  entry->class = (guint8) classify (code);
  /* Syllables and voiced Kana must be one character again, or their pairs would be halves. */
  if (entry->class == CLASS_PAIR && (composed = g_utf8_normalize (folded->str, -1, G_NORMALIZE_NFC)) != NULL)
    g_string_assign (folded, composed);
  entry->size = (guint8) cut_at_character (folded->str, folded->len, FOLDED_MAX);
  memcpy (entry->text, folded->str, entry->size);
}

static const Folded *
look_up (StoreTokenizer *tokenizer,
         gunichar        code)
{
  Folded *entry = &tokenizer->cache[code % CACHE_SIZE];

  if (entry->code != code)
    fold_code_point (entry, code);
  return entry;
}

/* --- words ---------------------------------------------------------------------------------------------- */

static void
grow (Grown        *grown,
      const Folded *folded,
      gsize         end)
{
  grown->end = end;
  grown->is_full = grown->is_full || grown->size + folded->size > grown->limit;
  if (grown->is_full)
    return;
  memcpy (grown->text + grown->size, folded->text, folded->size);
  grown->size += folded->size;
}

static void
begin_unit (Splitter     *splitter,
            const Folded *folded,
            gsize         start,
            gsize         end)
{
  Grown *unit = &splitter->unit;

  unit->size = 0;
  unit->limit = splitter->class == CLASS_PAIR ? STORE_TOKEN_MAX / 2 : STORE_TOKEN_MAX;
  unit->start = start;
  unit->is_full = FALSE;
  unit->has_marks = FALSE;
  grow (unit, folded, end);
}

/* The character spelt out as letter and marks becomes the same as the one written as a whole. */
static void
compose_unit (Grown *unit)
{
  g_autofree char *composed = NULL;

  if (!unit->has_marks)
    return;
  composed = g_utf8_normalize (unit->text, (gssize) unit->size, G_NORMALIZE_NFC);
  if (composed == NULL || strlen (composed) > unit->limit)
    return;
  unit->size = strlen (composed);
  memcpy (unit->text, composed, unit->size);
}

static int
emit (Splitter        *splitter,
      const char      *text,
      gsize            size,
      gsize            start,
      gsize            end,
      StoreTokenPlace  place,
      gboolean         is_single)
{
  StoreToken token = { base_slice_new (text, size), place, start, end, is_single };

  return size > 0 ? splitter->func (&token, splitter->user_data) : SQLITE_OK;
}

static int
emit_pair (Splitter *splitter)
{
  char text[STORE_TOKEN_MAX];
  const Grown *first = &splitter->before, *second = &splitter->unit;

  memcpy (text, first->text, first->size);
  memcpy (text + first->size, second->text, second->size);
  return emit (splitter, text, first->size + second->size, first->start, second->end, STORE_TOKEN_NEXT,
               FALSE);
}

static int
end_character (Splitter *splitter)
{
  int rc = SQLITE_OK;

  compose_unit (&splitter->unit);
  if (splitter->has_before)
    rc = emit_pair (splitter);
  splitter->before = splitter->unit;
  splitter->has_before = TRUE;
  return rc;
}

static int
end_run_of_pairs (Splitter *splitter)
{
  gboolean is_alone = !splitter->has_before;
  const Grown *last = &splitter->unit;
  int rc = end_character (splitter);

  splitter->has_before = FALSE;
  if (rc != SQLITE_OK || (!is_alone && splitter->mode == STORE_TOKENIZE_QUERY))
    return rc;
  return emit (splitter, last->text, last->size, last->start, last->end,
               is_alone ? STORE_TOKEN_NEXT : STORE_TOKEN_SAME_PLACE, TRUE);
}

static int
end_run (Splitter *splitter)
{
  const Grown *unit = &splitter->unit;
  CharClass class = splitter->class;

  splitter->class = CLASS_BREAK;
  switch (class)
    {
    case CLASS_WORD:
      return emit (splitter, unit->text, unit->size, unit->start, unit->end, STORE_TOKEN_NEXT, FALSE);
    case CLASS_PAIR:
      return end_run_of_pairs (splitter);
    case CLASS_BREAK:
    case CLASS_JOIN:
      break;
    }
  return SQLITE_OK;
}

static int
take (Splitter     *splitter,
      const Folded *folded,
      gsize         start,
      gsize         end)
{
  CharClass class = folded->class;
  int rc;

  if (class == CLASS_JOIN)
    {
      splitter->unit.has_marks = TRUE;
      grow (&splitter->unit, folded, end);
      return SQLITE_OK;
    }
  if (class == CLASS_WORD && splitter->class == CLASS_WORD)
    {
      grow (&splitter->unit, folded, end);
      return SQLITE_OK;
    }
  rc = class == CLASS_PAIR && splitter->class == CLASS_PAIR ? end_character (splitter) : end_run (splitter);
  splitter->class = class;
  if (rc == SQLITE_OK && class != CLASS_BREAK)
    begin_unit (splitter, folded, start, end);
  return rc;
}

StoreTokenizer *
store_tokenizer_new (void)
{
  return g_new0 (StoreTokenizer, 1);
}

void
store_tokenizer_free (StoreTokenizer *tokenizer)
{
  g_free (tokenizer);
}

int
store_tokenizer_split (StoreTokenizer    *tokenizer,
                       StoreTokenizeMode  mode,
                       BaseSlice          text,
                       StoreTokenFunc     func,
                       gpointer           user_data)
{
  Splitter splitter = { .mode = mode, .func = func, .user_data = user_data };
  int rc = SQLITE_OK;
  gsize at = 0;

  while (at < text.size && rc == SQLITE_OK)
    {
      const char *p = (const char *) text.data + at;
      gunichar code = (guchar) *p < 0x80
                      ? (guchar) *p : g_utf8_get_char_validated (p, (gssize) (text.size - at));
      gboolean is_valid = code < 0x80000000;
      gsize next = at + (is_valid ? g_utf8_skip[(guchar) *p] : 1);

      rc = take (&splitter, look_up (tokenizer, is_valid ? code : 0), at, next);
      at = next;
    }
  return rc == SQLITE_OK ? end_run (&splitter) : rc;
}

/* --- FTS5 ----------------------------------------------------------------------------------------------- */

typedef struct {
  void *context;
  int (*func) (void *context, int flags, const char *token, int size, int start, int end);
} Fts5Sink;

static int
pass_to_fts5 (const StoreToken *token,
              gpointer          user_data)
{
  const Fts5Sink *sink = user_data;
  int flags = token->place == STORE_TOKEN_SAME_PLACE ? FTS5_TOKEN_COLOCATED : 0;

  return sink->func (sink->context, flags, (const char *) token->word.data, (int) token->word.size,
                     (int) token->start, (int) token->end);
}

static int
fts5_create (void           *context,
             const char    **arguments,
             int             n_arguments,
             Fts5Tokenizer **result)
{
  *result = (Fts5Tokenizer *) store_tokenizer_new ();
  return SQLITE_OK;
}

static void
fts5_delete (Fts5Tokenizer *tokenizer)
{
  store_tokenizer_free ((StoreTokenizer *) tokenizer);
}

static int
fts5_tokenize (Fts5Tokenizer *tokenizer,
               void          *context,
               int            flags,
               const char    *text,
               int            size,
               int          (*func) (void *, int, const char *, int, int, int))
{
  Fts5Sink sink = { context, func };

  return store_tokenizer_split ((StoreTokenizer *) tokenizer,
                                (flags & FTS5_TOKENIZE_QUERY) != 0
                                ? STORE_TOKENIZE_QUERY : STORE_TOKENIZE_TEXT,
                                base_slice_new (text, (gsize) MAX (size, 0)), pass_to_fts5, &sink);
}

/* FTS5 hands out its interface by writing it through a pointer bound to this one statement. */
static fts5_api *
find_fts5 (sqlite3 *db)
{
  fts5_api *api = NULL;
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (db, "SELECT fts5(?1)", -1, &statement, NULL) != SQLITE_OK)
    return NULL;
  sqlite3_bind_pointer (statement, 1, &api, "fts5_api_ptr", NULL);
  sqlite3_step (statement);
  sqlite3_finalize (statement);
  return api;
}

gboolean
store_tokenizer_register (sqlite3  *db,
                          GError  **error)
{
  fts5_tokenizer functions = { fts5_create, fts5_delete, fts5_tokenize };
  fts5_api *api = find_fts5 (db);

  if (api != NULL && api->xCreateTokenizer (api, "penfold", NULL, &functions, NULL) == SQLITE_OK)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Cannot prepare the search index: %s",
               api == NULL ? "this SQLite has no FTS5" : sqlite3_errmsg (db));
  return FALSE;
}
