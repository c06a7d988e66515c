/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/flow.h"

#include <string.h>

#define COLUMNS 74

/* The quote marks of a line, and where its text begins. */
static gsize
measure_marks (const char *line,
               gsize       size,
               gsize      *start)
{
  gsize marks = 0;

  while (marks < size && line[marks] == '>')
    marks++;
  *start = marks + (marks > 0 && marks < size && line[marks] == ' ' ? 1 : 0);
  return marks;
}

/* RFC 3676 4.4: what begins with a blank, ">" or "From " gets a blank before it. */
static void
begin_line (GString    *out,
            const char *text,
            gsize       size,
            gsize       marks)
{
  for (gsize i = 0; i < marks; i++)
    g_string_append_c (out, '>');
  if (marks > 0 || (size > 0 && (*text == ' ' || *text == '>'))
      || (size >= 5 && memcmp (text, "From ", 5) == 0))
    g_string_append_c (out, ' ');
}

/* How much goes on a line that ends with a blank: up to the last blank that fits, else up to the first. */
static gsize
measure_soft_line (const char *text,
                   gsize       size)
{
  gsize columns = 0, last = 0;

  for (gsize i = 0; i < size; i++)
    {
      columns += ((guint8) text[i] & 0xc0) != 0x80 ? 1 : 0;
      if (columns > COLUMNS && last > 0)
        return last;
      if (text[i] == ' ')
        last = i + 1;
    }
  return size;
}

static void
append_paragraph (GString    *out,
                  const char *line,
                  gsize       size)
{
  gsize start;
  gsize marks = measure_marks (line, size, &start);
  const char *text = line + start;

  size -= start;
  if (!(size == 3 && memcmp (text, "-- ", 3) == 0))
    while (size > 0 && text[size - 1] == ' ')
      size--;
  do
    {
      gsize part = measure_soft_line (text, size);

      begin_line (out, text, part, marks);
      g_string_append_len (out, text, (gssize) part);
      g_string_append (out, "\r\n");
      text += part;
      size -= part;
    }
  while (size > 0);
}

char *
mime_flow_dup (const char *text)
{
  GString *out = g_string_sized_new (strlen (text) + strlen (text) / 16 + 16);

  while (*text != '\0')
    {
      gsize size = strcspn (text, "\n");

      append_paragraph (out, text, size > 0 && text[size - 1] == '\r' ? size - 1 : size);
      text += size + (text[size] == '\n' ? 1 : 0);
    }
  return g_string_free (out, FALSE);
}
