/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/query.h"

#include <string.h>

typedef struct {
  const char      *at;
  const char      *end;
  StoreQueryInput  input;
  GTimeZone       *zone;
  guint            n_terms;
  guint            depth;
} Parser;

static StoreQuery *
query_new (StoreQueryKind kind)
{
  StoreQuery *query = g_new0 (StoreQuery, 1);

  query->kind = kind;
  query->children = g_ptr_array_new_with_free_func ((GDestroyNotify) store_query_free);
  return query;
}

void
store_query_free (StoreQuery *query)
{
  if (query == NULL)
    return;
  g_ptr_array_unref (query->children);
  g_free (query->text);
  g_free (query);
}

/* --- words ---------------------------------------------------------------------------------------------- */

static gboolean
is_blank (const char *p)
{
  return g_unichar_isspace (g_utf8_get_char (p));
}

static void
skip_blanks (Parser *parser)
{
  while (parser->at < parser->end && is_blank (parser->at))
    parser->at = g_utf8_next_char (parser->at);
}

/* Typing programs and languages put other quotes. */
static gboolean
is_quote (gunichar c)
{
  return c == '"' || c == 0x201C || c == 0x201D || c == 0x201E || c == 0x00AB || c == 0x00BB;
}

static gboolean
is_at_quote (Parser *parser)
{
  return parser->at < parser->end && is_quote (g_utf8_get_char (parser->at));
}

/* Up to the next quote, or to the end. */
static char *
take_quoted (Parser *parser)
{
  const char *begin = parser->at = g_utf8_next_char (parser->at);
  char *text;

  while (parser->at < parser->end && !is_at_quote (parser))
    parser->at = g_utf8_next_char (parser->at);
  text = g_strndup (begin, (gsize) (parser->at - begin));
  if (parser->at < parser->end)
    parser->at = g_utf8_next_char (parser->at);
  return text;
}

static char *
take_word (Parser *parser)
{
  const char *begin = parser->at;

  while (parser->at < parser->end && !is_blank (parser->at) && *parser->at != '(' && *parser->at != ')' &&
         !is_at_quote (parser))
    parser->at = g_utf8_next_char (parser->at);
  return g_strndup (begin, (gsize) (parser->at - begin));
}

/* OR and AND are words in capitals that stand alone. */
static gboolean
take_keyword (Parser     *parser,
              const char *keyword)
{
  gsize size = strlen (keyword);
  const char *behind = parser->at + size;

  if ((gsize) (parser->end - parser->at) < size || strncmp (parser->at, keyword, size) != 0)
    return FALSE;
  if (behind < parser->end && !is_blank (behind) && *behind != '(')
    return FALSE;
  parser->at = behind;
  return TRUE;
}

/* --- operators ------------------------------------------------------------------------------------------ */

typedef enum {
  OPERATOR_FIELD,
  OPERATOR_IS,
  OPERATOR_HAS,
  OPERATOR_IN,
  OPERATOR_BEFORE,
  OPERATOR_AFTER,
} Operator;

static const struct { const char *name; Operator operator; StoreQueryField field; } operators[] = {
  { "from:", OPERATOR_FIELD, STORE_QUERY_FROM },
  { "to:", OPERATOR_FIELD, STORE_QUERY_TO },
  { "cc:", OPERATOR_FIELD, STORE_QUERY_TO },
  { "subject:", OPERATOR_FIELD, STORE_QUERY_SUBJECT },
  { "list:", OPERATOR_FIELD, STORE_QUERY_LIST },
  { "body:", OPERATOR_FIELD, STORE_QUERY_BODY },
  { "filename:", OPERATOR_FIELD, STORE_QUERY_FILENAME },
  { "is:", OPERATOR_IS, STORE_QUERY_ANYWHERE },
  { "has:", OPERATOR_HAS, STORE_QUERY_ANYWHERE },
  { "in:", OPERATOR_IN, STORE_QUERY_ANYWHERE },
  { "before:", OPERATOR_BEFORE, STORE_QUERY_ANYWHERE },
  { "after:", OPERATOR_AFTER, STORE_QUERY_ANYWHERE },
};

static const struct { Operator operator; const char *value; StoreQueryKind kind; } states[] = {
  { OPERATOR_IS, "unread", STORE_QUERY_UNREAD },
  { OPERATOR_IS, "new", STORE_QUERY_UNREAD },
  { OPERATOR_IS, "read", STORE_QUERY_READ },
  { OPERATOR_IS, "seen", STORE_QUERY_READ },
  { OPERATOR_IS, "starred", STORE_QUERY_STARRED },
  { OPERATOR_IS, "flagged", STORE_QUERY_STARRED },
  { OPERATOR_HAS, "attachment", STORE_QUERY_ATTACHMENT },
  { OPERATOR_HAS, "attachments", STORE_QUERY_ATTACHMENT },
};

/* YYYY, YYYY-MM or YYYY-MM-DD: where that begins. */
static gboolean
parse_date (const char *text,
            GTimeZone  *zone,
            gint64     *time)
{
  g_auto(GStrv) pieces = g_strsplit (text, "-", 4);
  g_autoptr(GDateTime) date = NULL;
  guint64 numbers[3] = { 0, 1, 1 };
  guint n = g_strv_length (pieces);

  if (n < 1 || n > 3 || strlen (pieces[0]) != 4)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!base_slice_parse_uint (base_slice_from_string (pieces[i]), 9999, &numbers[i]))
      return FALSE;
  date = g_date_time_new (zone, (gint) numbers[0], (gint) numbers[1], (gint) numbers[2], 0, 0, 0);
  if (date == NULL)
    return FALSE;
  *time = g_date_time_to_unix (date);
  return TRUE;
}

static StoreQuery *
state_new (Operator    operator,
           const char *value)
{
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    if (states[i].operator == operator && g_ascii_strcasecmp (states[i].value, value) == 0)
      return query_new (states[i].kind);
  return NULL;
}

static StoreQuery *
date_new (StoreQueryKind  kind,
          const char     *value,
          GTimeZone      *zone)
{
  gint64 time;
  StoreQuery *query;

  if (!parse_date (value, zone, &time))
    return NULL;
  query = query_new (kind);
  query->time = time;
  return query;
}

static StoreQuery *
text_new (StoreQueryKind   kind,
          StoreQueryField  field,
          const char      *text)
{
  StoreQuery *query = query_new (kind);

  query->field = field;
  query->text = g_strdup (text);
  return query;
}

/* NULL where the value makes no sense. */
static StoreQuery *
operator_new (Parser          *parser,
              Operator         operator,
              StoreQueryField  field,
              const char      *value)
{
  switch (operator)
    {
    case OPERATOR_FIELD:
      return text_new (STORE_QUERY_TEXT, field, value);
    case OPERATOR_IS:
    case OPERATOR_HAS:
      return state_new (operator, value);
    case OPERATOR_IN:
      return text_new (STORE_QUERY_IN, STORE_QUERY_ANYWHERE, value);
    case OPERATOR_BEFORE:
      return date_new (STORE_QUERY_BEFORE, value, parser->zone);
    case OPERATOR_AFTER:
      return date_new (STORE_QUERY_AFTER, value, parser->zone);
    }
  g_assert_not_reached ();
}

/* --- terms ---------------------------------------------------------------------------------------------- */

/* "invo*", and the word that is still being typed. */
static void
judge_prefix (Parser     *parser,
              StoreQuery *query)
{
  gsize size = strlen (query->text);

  query->is_prefix = parser->input == STORE_QUERY_TYPING && parser->at == parser->end;
  if (size > 0 && query->text[size - 1] == '*')
    {
      query->text[size - 1] = '\0';
      query->is_prefix = TRUE;
    }
}

static StoreQuery *
take_bare (Parser          *parser,
           StoreQueryField  field)
{
  g_autofree char *text = is_at_quote (parser) ? NULL : take_word (parser);
  StoreQuery *query = text_new (STORE_QUERY_TEXT, field, text);

  if (text == NULL)
    query->text = take_quoted (parser);
  else
    judge_prefix (parser, query);
  return query;
}

/* An operator with its value, or NULL, and then nothing was taken. */
static StoreQuery *
take_operator (Parser *parser)
{
  const char *begin = parser->at;

  for (gsize i = 0; i < G_N_ELEMENTS (operators); i++)
    {
      gsize size = strlen (operators[i].name);
      g_autofree char *value = NULL;
      StoreQuery *query;

      if ((gsize) (parser->end - begin) <= size || g_ascii_strncasecmp (begin, operators[i].name, size) != 0)
        continue;
      parser->at = begin + size;
      if (operators[i].operator == OPERATOR_FIELD)
        {
          if ((query = take_bare (parser, operators[i].field))->text[0] != '\0')
            return query;
          store_query_free (query);
          break;
        }
      value = is_at_quote (parser) ? take_quoted (parser) : take_word (parser);
      if (value[0] != '\0'
          && (query = operator_new (parser, operators[i].operator, operators[i].field, value)) != NULL)
        return query;
      break;
    }
  parser->at = begin;
  return NULL;
}

static StoreQuery *take_either (Parser *parser);

static StoreQuery *
take_brackets (Parser *parser)
{
  StoreQuery *query;

  parser->at++;
  parser->depth++;
  query = take_either (parser);
  parser->depth--;
  if (parser->at < parser->end && *parser->at == ')')
    parser->at++;
  return query;
}

static StoreQuery *
take_term (Parser *parser)
{
  StoreQuery *query;

  if (*parser->at == '-' && parser->at + 1 < parser->end && !is_blank (parser->at + 1)
      && parser->at[1] != '-')
    {
      query = query_new (STORE_QUERY_NOT);
      parser->at++;
      g_ptr_array_add (query->children, take_term (parser));
      return query;
    }
  if (*parser->at == '(' && parser->depth < STORE_QUERY_DEPTH_MAX)
    return take_brackets (parser);
  parser->n_terms++;
  if ((query = take_operator (parser)) != NULL)
    return query;
  query = take_bare (parser, STORE_QUERY_ANYWHERE);
  if (query->text[0] == '\0' && parser->at < parser->end && (*parser->at == '(' || *parser->at == ')'))
    parser->at++;                        /* a bracket that is one too many */
  return query;
}

static gboolean
is_empty (const StoreQuery *query)
{
  switch (query->kind)
    {
    case STORE_QUERY_AND:
    case STORE_QUERY_OR:
      return query->children->len == 0;
    case STORE_QUERY_NOT:
      return is_empty (query->children->pdata[0]);
    case STORE_QUERY_TEXT:
      return query->text[0] == '\0';
    case STORE_QUERY_UNREAD:
    case STORE_QUERY_READ:
    case STORE_QUERY_STARRED:
    case STORE_QUERY_ATTACHMENT:
    case STORE_QUERY_IN:
    case STORE_QUERY_BEFORE:
    case STORE_QUERY_AFTER:
      break;
    }
  return FALSE;
}

/* A list of one is that one. */
static StoreQuery *
simplify (StoreQuery *list)
{
  StoreQuery *only;

  if (list->children->len != 1)
    return list;
  only = g_ptr_array_steal_index (list->children, 0);
  store_query_free (list);
  return only;
}

static void
add_unless_empty (StoreQuery *list,
                  StoreQuery *child)
{
  if (is_empty (child))
    store_query_free (child);
  else
    g_ptr_array_add (list->children, child);
}

/* Terms up to OR, a closing bracket, or the end. */
static StoreQuery *
take_all (Parser *parser)
{
  StoreQuery *list = query_new (STORE_QUERY_AND);

  for (skip_blanks (parser); parser->at < parser->end; skip_blanks (parser))
    {
      const char *begin = parser->at;

      if (parser->n_terms >= STORE_QUERY_TERMS_MAX)
        parser->at = parser->end;
      if (parser->at == parser->end || (*parser->at == ')' && parser->depth > 0))
        break;
      if (take_keyword (parser, "OR"))
        {
          parser->at = begin;
          break;
        }
      if (!take_keyword (parser, "AND"))
        add_unless_empty (list, take_term (parser));
    }
  return simplify (list);
}

static StoreQuery *
take_either (Parser *parser)
{
  StoreQuery *list = query_new (STORE_QUERY_OR);

  do
    add_unless_empty (list, take_all (parser));
  while (take_keyword (parser, "OR"));
  return simplify (list);
}

StoreQuery *
store_query_parse (const char      *typed,
                   StoreQueryInput  input,
                   GTimeZone       *zone)
{
  g_autofree char *valid = g_utf8_make_valid (typed, (gssize) strnlen (typed, STORE_QUERY_SIZE_MAX));
  g_autoptr(GTimeZone) local = zone != NULL ? g_time_zone_ref (zone) : g_time_zone_new_local ();
  Parser parser = { valid, valid + strlen (valid), input, local, 0, 0 };
  StoreQuery *query = take_either (&parser);

  if (query->kind != STORE_QUERY_OR || query->children->len > 0)
    return query;
  store_query_free (query);
  return query_new (STORE_QUERY_AND);
}

/* --- for people ----------------------------------------------------------------------------------------- */

static void
append_query (GString          *out,
              const StoreQuery *query)
{
  static const char *const kinds[] = { "and", "or", "not", "text", "unread", "read", "starred", "attachment",
                                       "in", "before", "after" };
  static const char *const fields[] = { "", "@from", "@to", "@subject", "@list", "@body", "@filename" };

  switch (query->kind)
    {
    case STORE_QUERY_AND:
    case STORE_QUERY_OR:
    case STORE_QUERY_NOT:
      g_string_append_printf (out, "(%s", kinds[query->kind]);
      for (guint i = 0; i < query->children->len; i++)
        {
          g_string_append_c (out, ' ');
          append_query (out, query->children->pdata[i]);
        }
      g_string_append_c (out, ')');
      break;
    case STORE_QUERY_TEXT:
    case STORE_QUERY_IN:
      g_string_append_printf (out, "%s%s:\"%s\"%s", kinds[query->kind], fields[query->field], query->text,
                              query->is_prefix ? "*" : "");
      break;
    case STORE_QUERY_UNREAD:
    case STORE_QUERY_READ:
    case STORE_QUERY_STARRED:
    case STORE_QUERY_ATTACHMENT:
      g_string_append (out, kinds[query->kind]);
      break;
    case STORE_QUERY_BEFORE:
    case STORE_QUERY_AFTER:
      g_string_append_printf (out, "%s:%" G_GINT64_FORMAT, kinds[query->kind], query->time);
      break;
    }
}

char *
store_query_dup_string (const StoreQuery *query)
{
  GString *out = g_string_new (NULL);

  append_query (out, query);
  return g_string_free (out, FALSE);
}
