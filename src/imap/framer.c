/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/framer.h"

#include "imap/error.h"

#include <string.h>

#define KEPT_BUFFER_SIZE (64 * 1024)

typedef enum {
  IN_LINE,
  IN_SHORT_LITERAL,
  IN_LONG_LITERAL,
} State;

struct _ImapFramer {
  ImapLimits  limits;
  State       state;
  GByteArray *buffer;          /* of the response that is not complete yet */
  gsize       line_start;      /* in buffer: behind the last literal */
  guint64     left;            /* of the literal */
  GArray     *gaps;            /* ImapGap */
  gboolean    is_taken;        /* the buffer was handed out as a piece */
};

ImapFramer *
imap_framer_new (const ImapLimits *limits)
{
  ImapFramer *framer = g_new0 (ImapFramer, 1);

  framer->limits = *limits;
  framer->buffer = g_byte_array_new ();
  framer->gaps = g_array_new (FALSE, FALSE, sizeof (ImapGap));
  return framer;
}

void
imap_framer_free (ImapFramer *framer)
{
  g_byte_array_unref (framer->buffer);
  g_array_unref (framer->gaps);
  g_free (framer);
}

void
imap_framer_reset (ImapFramer *framer)
{
  /* One long answer must not cost its memory for the life of an idle connection. */
  if (framer->buffer->len > KEPT_BUFFER_SIZE)
    {
      g_byte_array_unref (framer->buffer);
      framer->buffer = g_byte_array_new ();
    }
  g_byte_array_set_size (framer->buffer, 0);
  g_array_set_size (framer->gaps, 0);
  framer->state = IN_LINE;
  framer->line_start = 0;
  framer->left = 0;
  framer->is_taken = FALSE;
}

static BaseSlice
strip_line_end (BaseSlice line)
{
  if (line.size > 0 && line.data[line.size - 1] == '\n')
    line.size--;
  if (line.size > 0 && line.data[line.size - 1] == '\r')
    line.size--;
  return line;
}

/* "+ ...", "A1 ..." and "* OK ...": what ends in free text. */
static gboolean
has_no_literals (BaseSlice line)
{
  static const char * const conditions[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
  BaseSlice rest;

  if (line.size < 2 || line.data[0] != '*' || line.data[1] != ' ')
    return TRUE;
  rest = base_slice_trim (base_slice_sub (line, 2, line.size));
  for (gsize i = 0; i < G_N_ELEMENTS (conditions); i++)
    {
      gsize size = strlen (conditions[i]);

      if (base_slice_starts_with_nocase (rest, conditions[i])
          && (rest.size == size || rest.data[size] == ' ' || rest.data[size] == '['))
        return TRUE;
    }
  return FALSE;
}

/* "{12}", "{12+}" or "~{12}" at the end of a line, where a value may stand. */
static gboolean
ends_in_literal (BaseSlice  line,
                 guint64   *size)
{
  gsize end, start;

  line = strip_line_end (line);
  if (line.size < 3 || line.data[line.size - 1] != '}')
    return FALSE;
  end = line.size - 1;
  if (line.data[end - 1] == '+')
    end--;
  for (start = end; start > 0 && g_ascii_isdigit (line.data[start - 1]); start--)
    ;
  if (start == end || start == 0 || line.data[start - 1] != '{')
    return FALSE;
  if (!base_slice_parse_uint (base_slice_sub (line, start, end - start), G_MAXUINT64, size))
    *size = G_MAXUINT64;

  start--;
  if (start > 0 && line.data[start - 1] == '~')
    start--;
  return start == 0 || line.data[start - 1] == ' ' || line.data[start - 1] == '('
         || line.data[start - 1] == ']' || line.data[start - 1] == '>';
}

static gboolean
fail_too_long (GError     **error,
               BaseSlice    head)
{
  imap_error_set (error, IMAP_ERROR_TOO_LONG, IMAP_CODE_NONE, base_slice_sub (head, 0, 80),
                  "The server's answer is longer than any real one");
  return FALSE;
}

static ImapFrame
make_frame (ImapFramer *framer,
            BaseSlice   text,
            gboolean    is_head)
{
  framer->is_taken = TRUE;
  return (ImapFrame) { text, (const ImapGap *) framer->gaps->data, framer->gaps->len, is_head };
}

static BaseSlice
peek_buffer (ImapFramer *framer)
{
  return base_slice_new (framer->buffer->data, framer->buffer->len);
}

/* After a literal header: where its bytes will go. */
static gboolean
begin_literal (ImapFramer  *framer,
               guint64      size,
               ImapPiece   *piece,
               GError     **error)
{
  ImapGap gap = { framer->buffer->len, size };

  framer->left = size;
  framer->line_start = framer->buffer->len;
  if (size <= framer->limits.short_literal)
    {
      if (framer->buffer->len + size > framer->limits.response)
        return fail_too_long (error, peek_buffer (framer));
      framer->state = size > 0 ? IN_SHORT_LITERAL : IN_LINE;
      return TRUE;
    }
  if (size > framer->limits.literal)
    return fail_too_long (error, peek_buffer (framer));

  g_array_append_val (framer->gaps, gap);
  framer->state = IN_LONG_LITERAL;
  piece->kind = IMAP_PIECE_LITERAL_BEGIN;
  piece->literal_size = size;
  piece->frame = make_frame (framer, peek_buffer (framer), TRUE);
  framer->is_taken = FALSE;
  return TRUE;
}

static gboolean
take_line (ImapFramer  *framer,
           BaseSlice   *input,
           ImapPiece   *piece,
           GError     **error)
{
  const guint8 *end = memchr (input->data, '\n', input->size);
  BaseSlice line = base_slice_sub (*input, 0, end != NULL ? (gsize) (end - input->data) + 1 : input->size);
  guint64 literal_size;

  *input = base_slice_sub (*input, line.size, input->size);
  if (framer->buffer->len + line.size > framer->limits.response)
    return fail_too_long (error, framer->buffer->len > 0 ? peek_buffer (framer) : line);

  /* Most responses are one line that is already there: it is lent as it stands. */
  if (end != NULL && framer->buffer->len == 0
      && (has_no_literals (line) || !ends_in_literal (line, &literal_size)))
    {
      line = strip_line_end (line);
      if (line.size == 0)
        return TRUE;
      piece->kind = IMAP_PIECE_RESPONSE;
      piece->frame = make_frame (framer, line, FALSE);
      return TRUE;
    }

  g_byte_array_append (framer->buffer, line.data, (guint) line.size);
  if (end == NULL)
    return TRUE;
  line = base_slice_sub (peek_buffer (framer), framer->line_start, framer->buffer->len);
  if (!(framer->line_start == 0 && has_no_literals (line)) && ends_in_literal (line, &literal_size))
    return begin_literal (framer, literal_size, piece, error);

  line = base_slice_sub (peek_buffer (framer), 0, framer->line_start + strip_line_end (line).size);
  if (line.size == 0)
    {
      imap_framer_reset (framer);
      return TRUE;
    }
  piece->kind = IMAP_PIECE_RESPONSE;
  piece->frame = make_frame (framer, line, FALSE);
  return TRUE;
}

static BaseSlice
take_literal_bytes (ImapFramer *framer,
                    BaseSlice  *input)
{
  BaseSlice bytes = base_slice_sub (*input, 0, (gsize) MIN (framer->left, input->size));

  *input = base_slice_sub (*input, bytes.size, input->size);
  framer->left -= bytes.size;
  if (framer->left == 0)
    framer->state = IN_LINE;
  return bytes;
}

gboolean
imap_framer_take (ImapFramer  *framer,
                  BaseSlice   *input,
                  ImapPiece   *piece,
                  GError     **error)
{
  if (framer->is_taken)
    imap_framer_reset (framer);

  piece->kind = IMAP_PIECE_NONE;
  while (input->size > 0 && piece->kind == IMAP_PIECE_NONE)
    switch (framer->state)
      {
      case IN_LINE:
        if (!take_line (framer, input, piece, error))
          return FALSE;
        break;
      case IN_SHORT_LITERAL:
        {
          BaseSlice bytes = take_literal_bytes (framer, input);

          g_byte_array_append (framer->buffer, bytes.data, (guint) bytes.size);
          framer->line_start = framer->buffer->len;
        }
        break;
      case IN_LONG_LITERAL:
        piece->kind = IMAP_PIECE_LITERAL_DATA;
        piece->data = take_literal_bytes (framer, input);
        break;
      }
  return TRUE;
}
