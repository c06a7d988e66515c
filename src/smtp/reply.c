/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/reply.h"

#include "smtp/error.h"

#include <string.h>

struct _SmtpFramer {
  GByteArray *line;          /* the beginning of a line */
  SmtpReply  *reply;         /* the lines so far, or NULL */
  gsize       size;          /* of them */
};

static SmtpReply *
smtp_reply_new (guint code)
{
  SmtpReply *reply = g_new0 (SmtpReply, 1);

  reply->code = code;
  reply->lines = g_ptr_array_new_with_free_func (g_free);
  return reply;
}

void
smtp_reply_free (SmtpReply *reply)
{
  g_ptr_array_unref (reply->lines);
  g_free (reply);
}

char *
smtp_reply_dup_text (const SmtpReply *reply)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < reply->lines->len; i++)
    {
      if (text->len > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, reply->lines->pdata[i]);
    }
  return g_string_free (text, FALSE);
}

SmtpFramer *
smtp_framer_new (void)
{
  SmtpFramer *framer = g_new0 (SmtpFramer, 1);

  framer->line = g_byte_array_new ();
  return framer;
}

void
smtp_framer_free (SmtpFramer *framer)
{
  g_byte_array_unref (framer->line);
  g_clear_pointer (&framer->reply, smtp_reply_free);
  g_free (framer);
}

/* "5.7.8 Bad password": the class must be that of the code (RFC 2034 section 4). */
static void
parse_enhanced (SmtpReply *reply)
{
  const char *text = reply->lines->pdata[reply->lines->len - 1];
  guint numbers[3] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      const char *digits = text;

      for (; g_ascii_isdigit (*text) && text - digits < 3; text++)
        numbers[i] = numbers[i] * 10 + (guint) (*text - '0');
      if (text == digits || (i < 2 && *text++ != '.'))
        return;
    }
  if (numbers[0] == reply->code / 100 && (*text == ' ' || *text == '\0'))
    memcpy (reply->enhanced, numbers, sizeof numbers);
}

static gboolean
refuse (GError    **error,
        BaseSlice   line,
        const char *message)
{
  g_autofree char *words = base_slice_dup_text (base_slice_sub (line, 0, 500));

  smtp_error_set_words (error, SMTP_ERROR_PROTOCOL, words, "%s", message);
  return FALSE;
}

static gboolean
parse_code (BaseSlice  line,
            guint     *code,
            gboolean  *is_last)
{
  guint64 number;

  if (!base_slice_parse_uint (base_slice_sub (line, 0, 3), 599, &number) || number < 200)
    return FALSE;
  if (line.size > 3 && line.data[3] != ' ' && line.data[3] != '-')
    return FALSE;
  *code = (guint) number;
  *is_last = line.size == 3 || line.data[3] == ' ';
  return TRUE;
}

/* line: without its end. */
static gboolean
add_line (SmtpFramer  *framer,
          BaseSlice    line,
          gboolean    *is_last,
          GError     **error)
{
  guint code;

  if (!parse_code (line, &code, is_last))
    return refuse (error, line, "the server does not speak SMTP");
  if (framer->reply == NULL)
    framer->reply = smtp_reply_new (code);
  if (framer->reply->code != code)
    return refuse (error, line, "the server changed its answer halfway");

  framer->size += line.size;
  if (framer->reply->lines->len == SMTP_REPLY_LINES_MAX || framer->size > SMTP_REPLY_MAX)
    return refuse (error, line, "the server sent an answer without end");
  g_ptr_array_add (framer->reply->lines, base_slice_dup_text (base_slice_sub (line, 4, line.size)));
  return TRUE;
}

static SmtpReply *
steal_reply (SmtpFramer *framer)
{
  parse_enhanced (framer->reply);
  framer->size = 0;
  return g_steal_pointer (&framer->reply);
}

/* Without its end. */
static BaseSlice
whole_line (SmtpFramer *framer)
{
  BaseSlice line = base_slice_new (framer->line->data, framer->line->len);

  line.size--;
  if (line.size > 0 && line.data[line.size - 1] == '\r')
    line.size--;
  return line;
}

gboolean
smtp_framer_take (SmtpFramer  *framer,
                  BaseSlice   *input,
                  SmtpReply  **reply,
                  GError     **error)
{
  gboolean is_last = FALSE;

  *reply = NULL;
  while (input->size > 0 && !is_last)
    {
      const guint8 *end = memchr (input->data, '\n', input->size);
      gsize size = end != NULL ? (gsize) (end - input->data) + 1 : input->size;

      if (framer->line->len + size > SMTP_REPLY_LINE_MAX)
        return refuse (error, *input, "the server sent a line without end");
      g_byte_array_append (framer->line, input->data, (guint) size);
      *input = base_slice_sub (*input, size, input->size);
      if (end == NULL)
        return TRUE;

      if (!add_line (framer, whole_line (framer), &is_last, error))
        return FALSE;
      g_byte_array_set_size (framer->line, 0);
    }
  if (is_last)
    *reply = steal_reply (framer);
  return TRUE;
}
