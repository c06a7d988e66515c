/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/lexer.h"

static gboolean
is_blank (guint8 byte)
{
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void
advance (ImapLexer *lexer,
         gsize      size)
{
  lexer->rest = base_slice_sub (lexer->rest, size, lexer->rest.size);
}

static void
skip_blanks (ImapLexer *lexer)
{
  while (lexer->rest.size > 0 && is_blank (lexer->rest.data[0]))
    advance (lexer, 1);
}

void
imap_lexer_init (ImapLexer       *lexer,
                 const ImapFrame *frame,
                 GPtrArray       *scraps)
{
  *lexer = (ImapLexer) { frame, frame->text, 0, scraps };
}

gboolean
imap_lexer_is_at_end (ImapLexer *lexer)
{
  skip_blanks (lexer);
  return lexer->rest.size == 0;
}

gboolean
imap_lexer_take_char (ImapLexer *lexer,
                      char       c)
{
  skip_blanks (lexer);
  if (lexer->rest.size == 0 || lexer->rest.data[0] != (guint8) c)
    return FALSE;
  advance (lexer, 1);
  return TRUE;
}

gboolean
imap_lexer_take_atom (ImapLexer *lexer,
                      BaseSlice *atom)
{
  gsize size = 0;

  skip_blanks (lexer);
  while (size < lexer->rest.size && !is_blank (lexer->rest.data[size])
         && lexer->rest.data[size] != '(' && lexer->rest.data[size] != ')')
    size++;
  *atom = base_slice_sub (lexer->rest, 0, size);
  advance (lexer, size);
  return size > 0;
}

/* Size of "[...]" at the front, quotes respected; 0 when it does not end. */
static gsize
measure_brackets (BaseSlice rest)
{
  gboolean is_quoted = FALSE;

  for (gsize i = 1; i < rest.size; i++)
    if (rest.data[i] == '"')
      is_quoted = !is_quoted;
    else if (rest.data[i] == ']' && !is_quoted)
      return i + 1;
  return 0;
}

gboolean
imap_lexer_take_item (ImapLexer *lexer,
                      BaseSlice *item)
{
  gsize size = 0, brackets;

  skip_blanks (lexer);
  while (size < lexer->rest.size && !is_blank (lexer->rest.data[size]) && lexer->rest.data[size] != '['
         && lexer->rest.data[size] != '(' && lexer->rest.data[size] != ')')
    size++;
  if (size < lexer->rest.size && lexer->rest.data[size] == '[')
    {
      if ((brackets = measure_brackets (base_slice_sub (lexer->rest, size, lexer->rest.size))) == 0)
        return FALSE;
      size += brackets;
      /* <0> of a partial fetch; the value may touch it. */
      if (size < lexer->rest.size && lexer->rest.data[size] == '<')
        while (size < lexer->rest.size && lexer->rest.data[size++] != '>')
          ;
    }
  *item = base_slice_sub (lexer->rest, 0, size);
  advance (lexer, size);
  return size > 0;
}

gboolean
imap_lexer_take_number (ImapLexer *lexer,
                        guint64    max,
                        guint64   *number)
{
  gsize size = 0;

  skip_blanks (lexer);
  while (size < lexer->rest.size && g_ascii_isdigit (lexer->rest.data[size]))
    size++;
  if (!base_slice_parse_uint (base_slice_sub (lexer->rest, 0, size), max, number))
    return FALSE;
  advance (lexer, size);
  return TRUE;
}

static void
set_bytes (ImapValue *value,
           BaseSlice  bytes,
           gboolean   is_atom)
{
  *value = (ImapValue) { IMAP_VALUE_BYTES, is_atom, bytes, bytes.size };
}

static BaseSlice
unescape (ImapLexer *lexer,
          BaseSlice  quoted)
{
  guint8 *plain = g_malloc (quoted.size);
  gsize size = 0;

  for (gsize i = 0; i < quoted.size; i++)
    {
      if (quoted.data[i] == '\\' && i + 1 < quoted.size)
        i++;
      plain[size++] = quoted.data[i];
    }
  g_ptr_array_add (lexer->scraps, plain);
  return base_slice_new (plain, size);
}

static gboolean
take_quoted (ImapLexer *lexer,
             ImapValue *value)
{
  gboolean is_escaped = FALSE;
  BaseSlice inside;
  gsize i;

  for (i = 1; i < lexer->rest.size && lexer->rest.data[i] != '"'; i++)
    if (lexer->rest.data[i] == '\\')
      {
        is_escaped = TRUE;
        i++;
      }
  if (i >= lexer->rest.size)
    return FALSE;

  inside = base_slice_sub (lexer->rest, 1, i - 1);
  set_bytes (value, is_escaped ? unescape (lexer, inside) : inside, FALSE);
  advance (lexer, i + 1);
  return TRUE;
}

/* "{5}" CRLF, "{5+}" CRLF or "~{5}" CRLF at the front: its size, or 0 when it is something else. */
static gsize
measure_literal_head (BaseSlice  rest,
                      guint64   *size)
{
  gsize start, end;

  start = rest.size > 0 && rest.data[0] == '~';
  if (start >= rest.size || rest.data[start++] != '{')
    return 0;
  for (end = start; end < rest.size && g_ascii_isdigit (rest.data[end]); end++)
    ;
  if (!base_slice_parse_uint (base_slice_sub (rest, start, end - start), G_MAXUINT64, size))
    return 0;

  end += end < rest.size && rest.data[end] == '+';
  if (end == rest.size || rest.data[end++] != '}')
    return 0;
  end += end < rest.size && rest.data[end] == '\r';
  return end < rest.size && rest.data[end] == '\n' ? end + 1 : 0;
}

static gboolean
take_literal (ImapLexer *lexer,
              ImapValue *value,
              gsize      head_size,
              guint64    size)
{
  const ImapGap *gap = lexer->next_gap < lexer->frame->n_gaps ? &lexer->frame->gaps[lexer->next_gap] : NULL;

  advance (lexer, head_size);
  if (gap != NULL && gap->offset == (gsize) (lexer->rest.data - lexer->frame->text.data))
    {
      lexer->next_gap++;
      *value = (ImapValue) { IMAP_VALUE_HANDED_OVER, FALSE, base_slice_new (NULL, 0), gap->size };
      return TRUE;
    }
  if (size > lexer->rest.size)
    return FALSE;
  set_bytes (value, base_slice_sub (lexer->rest, 0, (gsize) size), FALSE);
  advance (lexer, (gsize) size);
  return TRUE;
}

gboolean
imap_lexer_take_value (ImapLexer *lexer,
                       ImapValue *value)
{
  BaseSlice atom;
  guint64 size;
  gsize head_size;

  skip_blanks (lexer);
  if (lexer->rest.size > 0 && lexer->rest.data[0] == '"')
    return take_quoted (lexer, value);
  if ((head_size = measure_literal_head (lexer->rest, &size)) > 0)
    return take_literal (lexer, value, head_size, size);
  if (!imap_lexer_take_atom (lexer, &atom))
    return FALSE;
  set_bytes (value, atom, TRUE);
  if (base_slice_equal_nocase (atom, "NIL"))
    value->kind = IMAP_VALUE_NIL;
  return TRUE;
}

gboolean
imap_lexer_skip_value (ImapLexer *lexer)
{
  guint depth = 0;

  do
    {
      ImapValue value;

      if (imap_lexer_take_char (lexer, '('))
        depth++;
      else if (depth > 0 && imap_lexer_take_char (lexer, ')'))
        depth--;
      else if (!imap_lexer_take_value (lexer, &value))
        return FALSE;
      if (depth > IMAP_NESTING_MAX)
        return FALSE;
    }
  while (depth > 0);
  return TRUE;
}

BaseSlice
imap_lexer_take_rest (ImapLexer *lexer)
{
  BaseSlice rest = base_slice_trim (lexer->rest);

  lexer->rest = base_slice_sub (lexer->rest, lexer->rest.size, 0);
  return rest;
}
