/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/mbox.h"

#include "mime/header.h"

#include <stdlib.h>
#include <string.h>

#define MARK         "X-Mbox-Entry"
#define MARK_WHOLE   "exact"
#define MARK_NO_END  "exact; no line end at the end"

static const char days[][4] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                                  "Dec" };

/* Letters of Status and X-Status that stand for a word. */
static const struct { char letter; const char *field; const char *word; } letters[] = {
  { 'R', "Status", "\\Seen" }, { 'A', "X-Status", "\\Answered" }, { 'F', "X-Status", "\\Flagged" },
  { 'D', "X-Status", "\\Deleted" }, { 'T', "X-Status", "\\Draft" },
};

void
mime_mbox_entry_clear (MimeMboxEntry *entry)
{
  g_clear_pointer (&entry->message, g_bytes_unref);
  g_clear_pointer (&entry->words, g_strfreev);
}

/* --- writing --- */

static gboolean
has_word (const MimeMboxEntry *entry,
          const char          *word)
{
  for (guint i = 0; entry->words[i] != NULL; i++)
    if (g_ascii_strcasecmp (entry->words[i], word) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_letter_word (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (letters); i++)
    if (g_ascii_strcasecmp (letters[i].word, word) == 0)
      return TRUE;
  return FALSE;
}

/* By hand, because strftime() would use the user's language. */
static void
append_from_line (GString    *out,
                  const char *sender,
                  gint64      arrived_at)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (arrived_at);

  if (time == NULL)
    time = g_date_time_new_from_unix_utc (0);
  g_string_append (out, "From ");
  g_string_append (out, sender != NULL && *sender != '\0' && strpbrk (sender, " \t\r\n") == NULL
                   ? sender : "MAILER-DAEMON");
  g_string_append_printf (out, " %s %s %2d %02d:%02d:%02d %d\n", days[g_date_time_get_day_of_week (time) - 1],
                          months[g_date_time_get_month (time) - 1], g_date_time_get_day_of_month (time),
                          g_date_time_get_hour (time), g_date_time_get_minute (time),
                          g_date_time_get_second (time), g_date_time_get_year (time));
}

static void
append_fields (GString             *out,
               const MimeMboxEntry *entry,
               const char          *mark,
               const char          *end)
{
  g_autoptr(GString) states = g_string_new (NULL);
  g_autoptr(GString) keywords = g_string_new (NULL);

  for (gsize i = 1; i < G_N_ELEMENTS (letters); i++)
    if (has_word (entry, letters[i].word))
      g_string_append_c (states, letters[i].letter);
  for (guint i = 0; entry->words[i] != NULL; i++)
    if (!is_letter_word (entry->words[i]))
      g_string_append_printf (keywords, "%s%s", keywords->len > 0 ? " " : "", entry->words[i]);
  g_string_append_printf (out, MARK ": %s%sStatus: %sO%sX-Status: %s%sX-Keywords: %s%s", mark, end,
                          has_word (entry, "\\Seen") ? "R" : "", end, states->str, end, keywords->str, end);
}

/* Up to and with the next line feed. */
static BaseSlice
take_line (BaseSlice *rest)
{
  const guint8 *end = rest->size > 0 ? memchr (rest->data, '\n', rest->size) : NULL;
  gsize size = end != NULL ? (gsize) (end - rest->data) + 1 : rest->size;
  BaseSlice line = base_slice_sub (*rest, 0, size);

  *rest = base_slice_sub (*rest, size, rest->size - size);
  return line;
}

/* How many ">" stand before "From "; -1: it is no such line. */
static gssize
count_quotes (BaseSlice line)
{
  gsize n = 0;

  while (n < line.size && line.data[n] == '>')
    n++;
  return line.size - n >= 5 && memcmp (line.data + n, "From ", 5) == 0 ? (gssize) n : -1;
}

/* Long runs between quoted lines leave in one piece. */
static gboolean
write_quoted (BaseSlice   message,
              MimeSink    sink,
              gpointer    user_data,
              GError    **error)
{
  BaseSlice rest = message;
  const guint8 *begin = message.data;

  while (rest.size > 0)
    {
      BaseSlice line = take_line (&rest);

      if (count_quotes (line) < 0)
        continue;
      if ((line.data > begin && !sink (base_slice_new (begin, (gsize) (line.data - begin)), user_data, error))
          || !sink (BASE_SLICE_LITERAL (">"), user_data, error))
        return FALSE;
      begin = line.data;
    }
  return message.size == 0
         || sink (base_slice_new (begin, (gsize) (message.data + message.size - begin)), user_data, error);
}

gboolean
mime_mbox_write (const MimeMboxEntry  *entry,
                 const char           *sender,
                 MimeSink              sink,
                 gpointer              user_data,
                 GError              **error)
{
  BaseSlice message = base_slice_from_bytes (entry->message), rest = message;
  BaseSlice first = take_line (&rest);
  gboolean ends_well = message.size > 0 && message.data[message.size - 1] == '\n';
  gboolean has_crlf = first.size >= 2 && first.data[first.size - 2] == '\r';
  g_autoptr(GString) head = g_string_new (NULL);

  append_from_line (head, sender, entry->arrived_at);
  append_fields (head, entry, ends_well ? MARK_WHOLE : MARK_NO_END, has_crlf ? "\r\n" : "\n");
  return sink (base_slice_new (head->str, head->len), user_data, error)
         && write_quoted (message, sink, user_data, error)
         && sink (base_slice_from_string (ends_well ? "\n" : "\n\n"), user_data, error);
}

/* --- reading --- */

gboolean
mime_mbox_is_one (BaseSlice file)
{
  return file.size >= 5 && memcmp (file.data, "From ", 5) == 0;
}

static gboolean
is_blank (BaseSlice line)
{
  return (line.size == 1 && line.data[0] == '\n') || (line.size == 2 && memcmp (line.data, "\r\n", 2) == 0);
}

static int
find_month (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (months); i++)
    if (strcmp (months[i], name) == 0)
      return (int) i + 1;
  return 0;
}

/* "From anna@example.org Mon Jun  2 10:00:00 2025", with a zone before or behind the year in some files;
 * taken as UTC. */
static gint64
read_time (BaseSlice line)
{
  g_autofree char *text = base_slice_dup_text (line);
  g_autoptr(GRegex) form = g_regex_new ("([A-Z][a-z]{2}) +(\\d{1,2}) +(\\d{2}):(\\d{2})(?::(\\d{2}))?(?: "
                                        "+[A-Z+-][A-Z0-9]*)* +(\\d{4})\\b",
                                        0, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  g_auto(GStrv) parts = NULL;
  g_autoptr(GDateTime) time = NULL;

  if (!g_regex_match (form, text, 0, &match))
    return 0;
  parts = g_match_info_fetch_all (match);
  time = g_date_time_new_utc (atoi (parts[6]), find_month (parts[1]), atoi (parts[2]), atoi (parts[3]),
                              atoi (parts[4]), atoi (parts[5]));
  return time != NULL ? g_date_time_to_unix (time) : 0;
}

/* Up to the next From line that follows a blank one, or the end. */
static BaseSlice
take_body (BaseSlice *file)
{
  const guint8 *begin = file->data;
  gboolean after_blank = FALSE;
  gsize size = 0;

  while (file->size > 0)
    {
      BaseSlice rest = *file;
      BaseSlice line = take_line (&rest);

      if (after_blank && count_quotes (line) == 0)
        break;
      after_blank = is_blank (line);
      size += line.size;
      *file = rest;
    }
  return base_slice_new (begin, size);
}

/* The blank line that ends an entry; the last one of a file may lack it. */
static BaseSlice
cut_blank_line (BaseSlice text)
{
  const guint8 *end = text.data + text.size;

  if (text.size == 0 || end[-1] != '\n')
    return text;
  if (text.size == 1 || end[-2] == '\n')
    text.size -= 1;
  else if (end[-2] == '\r' && (text.size == 2 || end[-3] == '\n'))
    text.size -= 2;
  return text;
}

static void
add_letters (GStrvBuilder *words,
             const char   *field,
             BaseSlice     value)
{
  for (gsize i = 0; i < G_N_ELEMENTS (letters); i++)
    if (strcmp (letters[i].field, field) == 0 && value.size > 0
        && memchr (value.data, letters[i].letter, value.size) != NULL)
      g_strv_builder_add (words, letters[i].word);
}

/* FALSE: it says nothing of a state. */
static gboolean
add_state (GStrvBuilder    *words,
           const MimeField *field)
{
  if (base_slice_equal_nocase (field->name, "Status"))
    add_letters (words, "Status", field->value);
  else if (base_slice_equal_nocase (field->name, "X-Status"))
    add_letters (words, "X-Status", field->value);
  else if (base_slice_equal_nocase (field->name, "X-Keywords"))
    {
      g_autofree char *text = base_slice_dup_text (field->value);
      g_auto(GStrv) keywords = g_strsplit_set (text, " \t\r\n,", -1);

      for (guint i = 0; keywords[i] != NULL; i++)
        if (*keywords[i] != '\0')
          g_strv_builder_add (words, keywords[i]);
    }
  else
    return FALSE;
  return TRUE;
}

static void
append_unquoted (GByteArray *out,
                 BaseSlice   text)
{
  while (text.size > 0)
    {
      BaseSlice line = take_line (&text);
      gsize skipped = count_quotes (line) > 0 ? 1 : 0;

      g_byte_array_append (out, line.data + skipped, (guint) (line.size - skipped));
    }
}

/* Our own: the fields stand in front of the message. */
static gboolean
read_own (BaseSlice      body,
          GStrvBuilder  *words,
          GByteArray    *message)
{
  static const char * const names[] = { "Status:", "X-Status:", "X-Keywords:" };
  BaseSlice rest = body;
  BaseSlice mark = take_line (&rest);

  if (!base_slice_starts_with_nocase (mark, MARK ":"))
    return FALSE;
  mark = base_slice_trim (base_slice_sub (mark, strlen (MARK ":"), mark.size));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      BaseSlice line = take_line (&rest);
      g_autoptr(MimeHeader) header = mime_header_new (line);

      if (!base_slice_starts_with_nocase (line, names[i]))
        return FALSE;
      if (header->fields->len == 1)
        add_state (words, &g_array_index (header->fields, MimeField, 0));
    }
  if (base_slice_equal (mark, BASE_SLICE_LITERAL (MARK_NO_END)) && rest.size > 0)
    rest.size--;
  append_unquoted (message, rest);
  return TRUE;
}

/* The lines of a field run to the name of the next one, those of the last to the blank line. */
static BaseSlice
get_field_lines (const MimeHeader *header,
                 BaseSlice         body,
                 guint             index)
{
  const MimeField *fields = (const MimeField *) header->fields->data;
  const guint8 *begin = fields[index].name.data;
  BaseSlice rest = base_slice_sub (body, (gsize) (begin - body.data), body.size);
  BaseSlice line;

  if (index + 1 < header->fields->len)
    return base_slice_new (begin, (gsize) (fields[index + 1].name.data - begin));
  do
    line = take_line (&rest);
  while (rest.size > 0 && (rest.data[0] == ' ' || rest.data[0] == '\t'));
  return base_slice_new (begin, (gsize) (line.data + line.size - begin));
}

static void
read_foreign (BaseSlice      body,
              GStrvBuilder  *words,
              GByteArray    *message)
{
  g_autoptr(MimeHeader) header = mime_header_new (body);
  BaseSlice rest = body;

  for (guint i = 0; i < header->fields->len; i++)
    {
      BaseSlice lines;

      if (!add_state (words, &g_array_index (header->fields, MimeField, i)))
        continue;
      lines = get_field_lines (header, body, i);
      append_unquoted (message, base_slice_new (rest.data, (gsize) (lines.data - rest.data)));
      rest = base_slice_sub (body, (gsize) (lines.data + lines.size - body.data), body.size);
    }
  append_unquoted (message, rest);
}

gboolean
mime_mbox_take (BaseSlice     *file,
                MimeMboxEntry *entry)
{
  g_autoptr(GStrvBuilder) words = g_strv_builder_new ();
  GByteArray *message;
  BaseSlice body;

  if (!mime_mbox_is_one (*file))
    return FALSE;
  message = g_byte_array_new ();
  entry->arrived_at = read_time (take_line (file));
  body = cut_blank_line (take_body (file));
  if (!read_own (body, words, message))
    read_foreign (body, words, message);
  entry->words = g_strv_builder_end (words);
  entry->message = g_byte_array_free_to_bytes (message);
  return TRUE;
}
