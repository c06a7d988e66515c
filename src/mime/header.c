/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/header.h"

#include "mime/words.h"

#include <string.h>

#define MARKS_MAX 8                        /* combining marks on one character; more only paint over other
                                            * lines */

/* The line at offset with its line end. */
static BaseSlice
get_line (BaseSlice bytes,
          gsize     offset)
{
  const guint8 *end = NULL;

  if (offset < bytes.size)
    end = memchr (bytes.data + offset, '\n', bytes.size - offset);
  return base_slice_sub (bytes, offset, end != NULL ? (gsize) (end - bytes.data) + 1 - offset : bytes.size);
}

static BaseSlice
without_line_end (BaseSlice line)
{
  if (line.size > 0 && line.data[line.size - 1] == '\n')
    line.size--;
  while (line.size > 0 && line.data[line.size - 1] == '\r')
    line.size--;
  return line;
}

static gboolean
is_continuation (BaseSlice line)
{
  return line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
}

/* "From someone Mon Jan 1 ..." as mbox files and some POP servers put before a message. */
static gboolean
is_mbox_line (BaseSlice line)
{
  return base_slice_equal (base_slice_sub (line, 0, 5), BASE_SLICE_LITERAL ("From "))
         || base_slice_equal (base_slice_sub (line, 0, 6), BASE_SLICE_LITERAL (">From "));
}

/* The size of the name that the line begins with, blanks before the colon apart; 0 when it is no field. */
static gsize
measure_name (BaseSlice line)
{
  gsize size = 0;
  gsize colon;

  while (size < line.size && line.data[size] > ' ' && line.data[size] < 127 && line.data[size] != ':')
    size++;
  colon = size;
  while (colon < line.size && (line.data[colon] == ' ' || line.data[colon] == '\t'))
    colon++;
  return colon < line.size && line.data[colon] == ':' ? size : 0;
}

static MimeField
make_field (BaseSlice field,
            gsize     name_size)
{
  const guint8 *colon = memchr (field.data + name_size, ':', field.size - name_size);
  gsize value = (gsize) (colon - field.data) + 1;

  return (MimeField) { base_slice_sub (field, 0, name_size),
                       without_line_end (base_slice_sub (field, value, field.size)) };
}

/* A line that is no field ends the header, unless a field or its continuation follows: then it is junk
 * within. */
static gboolean
is_junk_within (BaseSlice bytes,
                gsize     next)
{
  BaseSlice line = get_line (bytes, next);

  return measure_name (line) > 0
         || (is_continuation (line) && without_line_end (base_slice_trim (line)).size > 0);
}

/* Where the body begins in a message whose header is longer than what is read. */
static gsize
skip_to_body (BaseSlice message,
              gsize     at)
{
  while (at < message.size)
    {
      BaseSlice line = get_line (message, at);

      at += line.size;
      if (without_line_end (line).size == 0)
        break;
    }
  return at;
}

MimeHeader *
mime_header_new (BaseSlice message)
{
  MimeHeader *header = g_new0 (MimeHeader, 1);
  BaseSlice bytes = base_slice_sub (message, 0, MIME_HEADER_SIZE_MAX);
  gsize at = 0;

  header->fields = g_array_sized_new (FALSE, FALSE, sizeof (MimeField), 24);
  while (at < bytes.size)
    {
      BaseSlice line = get_line (bytes, at);
      gsize start = at;
      gsize name_size = measure_name (line);

      at += line.size;
      if (without_line_end (line).size == 0 || (at == bytes.size && at < message.size))
        break;
      if (name_size == 0 && !(start == 0 && is_mbox_line (line)) && !is_junk_within (bytes, at))
        {
          at = start;
          break;
        }
      while (is_continuation (line = get_line (bytes, at)))
        at += line.size;
      if (name_size > 0 && header->fields->len < MIME_HEADER_COUNT_MAX)
        {
          MimeField field = make_field (base_slice_sub (bytes, start, at - start), name_size);

          g_array_append_val (header->fields, field);
        }
    }
  header->body_offset = at < MIME_HEADER_SIZE_MAX ? at : skip_to_body (message, at);
  return header;
}

void
mime_header_free (MimeHeader *header)
{
  if (header == NULL)
    return;
  g_array_free (header->fields, TRUE);
  g_free (header);
}

static const MimeField *
find_field (const MimeHeader *header,
            const char       *name)
{
  for (guint i = 0; i < header->fields->len; i++)
    {
      const MimeField *field = &g_array_index (header->fields, MimeField, i);

      if (base_slice_equal_nocase (field->name, name))
        return field;
    }
  return NULL;
}

BaseSlice
mime_header_get (const MimeHeader *header,
                 const char       *name)
{
  const MimeField *field = find_field (header, name);

  return field != NULL ? field->value : base_slice_new ("", 0);
}

gboolean
mime_header_has (const MimeHeader *header,
                 const char       *name)
{
  return find_field (header, name) != NULL;
}

static BaseSlice
unfold (BaseSlice  value,
        GString   *buffer)
{
  if (memchr (value.data, '\n', value.size) == NULL)
    return value;
  for (gsize i = 0; i < value.size; i++)
    if (value.data[i] != '\n' && !(value.data[i] == '\r' && i + 1 < value.size && value.data[i + 1] == '\n'))
      g_string_append_c (buffer, (char) value.data[i]);
  return base_slice_new (buffer->str, buffer->len);
}

char *
mime_header_dup_text (BaseSlice value)
{
  g_autoptr(GString) buffer = g_string_new (NULL);
  g_autofree char *text = NULL;

  if (value.size == 0)
    return g_strdup ("");
  value = unfold (base_slice_trim (base_slice_sub (value, 0, MIME_HEADER_VALUE_MAX)), buffer);
  text = mime_words_decode (value);
  return mime_text_make_harmless (text, MIME_HEADER_VALUE_MAX);
}

/* Joiners change how Persian, Indic and emoji sequences look and must stay there; between other letters they
 * only hide. */
static gboolean
needs_joiner (gunichar before)
{
  return before >= 0x0590;
}

static gboolean
is_blank_looking (gunichar c)
{
  return c == 0x115f || c == 0x1160 || c == 0x3164 || c == 0xffa0 || c == 0x2800;
}

typedef enum { SHOW_CHARACTER, SHOW_BLANK, SHOW_NOTHING, SHOW_REPLACEMENT } Show;

static Show
classify (gunichar c,
          gunichar before)
{
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || is_blank_looking (c))
    return SHOW_BLANK;
  if (c > ' ' && c < 0x7f)
    return SHOW_CHARACTER;
  if (c == 0x200c || c == 0x200d)
    return needs_joiner (before) ? SHOW_CHARACTER : SHOW_NOTHING;
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_SURROGATE:
      return SHOW_REPLACEMENT;
    case G_UNICODE_FORMAT:
      return SHOW_NOTHING;
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SPACE_SEPARATOR:
      return SHOW_BLANK;
    default:
      return SHOW_CHARACTER;
    }
}

char *
mime_text_make_harmless (const char *text,
                         gsize       max)
{
  g_autofree char *valid = NULL;
  GString *out = g_string_sized_new (strlen (text) + 1);
  gsize n = 0, marks = 0;
  gboolean gap = FALSE;
  gunichar before = 0;

  if (!g_utf8_validate (text, -1, NULL))
    text = valid = g_utf8_make_valid (text, -1);
  for (const char *p = text; *p != '\0' && n < max; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      Show show = classify (c, before);

      if (show == SHOW_BLANK)
        gap = TRUE;
      if (show == SHOW_BLANK || show == SHOW_NOTHING)
        continue;
      marks = c >= 0x300 && g_unichar_ismark (c) ? marks + 1 : 0;
      if (marks > MARKS_MAX)
        continue;
      if (gap && out->len > 0 && ++n < max)
        g_string_append_c (out, ' ');
      if (n < max)
        g_string_append_unichar (out, show == SHOW_REPLACEMENT ? 0xfffd : c);
      gap = FALSE;
      before = c;
      n++;
    }
  return g_string_free (out, FALSE);
}

gsize
mime_text_measure (const char *text,
                   gsize       max)
{
  gsize size = strnlen (text, max);

  while (size > 0 && ((guint8) text[size] & 0xc0) == 0x80)
    size--;
  return size;
}
