/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/body.h"

static void
put (SmtpBody     *body,
     const guint8 *data,
     gsize         size,
     GByteArray   *out)
{
  body->size += size;
  if (out != NULL && size > 0)
    g_byte_array_append (out, data, (guint) size);
}

static void
end_line (SmtpBody   *body,
          GByteArray *out)
{
  put (body, (const guint8 *) "\r\n", 2, out);
  body->is_past_header = body->is_past_header || body->line_size == 0;
  body->longest_line = MAX (body->longest_line, body->line_size);
  body->line_size = 0;
}

/* The bytes of piece before the next CR or LF, noting what they are. */
static gsize
scan_text (SmtpBody *body,
           BaseSlice piece)
{
  gsize size = 0;

  for (; size < piece.size && piece.data[size] != '\r' && piece.data[size] != '\n'; size++)
    {
      if (piece.data[size] >= 0x80)
        {
          body->has_8bit = TRUE;
          body->has_8bit_header = body->has_8bit_header || !body->is_past_header;
        }
      else if (piece.data[size] == '\0')
        body->has_nul = TRUE;
    }
  return size;
}

static void
put_text (SmtpBody   *body,
          BaseSlice   text,
          GByteArray *out)
{
  if (out != NULL && body->line_size == 0 && text.size > 0 && text.data[0] == '.')
    g_byte_array_append (out, (const guint8 *) ".", 1);
  put (body, text.data, text.size, out);
  body->line_size += text.size;
}

void
smtp_body_write (SmtpBody   *body,
                 BaseSlice   piece,
                 GByteArray *out)
{
  while (piece.size > 0)
    {
      gsize size = scan_text (body, piece);

      if (size > 0)
        {
          put_text (body, base_slice_sub (piece, 0, size), out);
          body->after_cr = FALSE;
        }
      else
        {
          /* The LF of a CRLF was written with its CR. */
          if (piece.data[0] == '\r' || !body->after_cr)
            end_line (body, out);
          body->after_cr = piece.data[0] == '\r';
          size = 1;
        }
      piece = base_slice_sub (piece, size, piece.size);
    }
}

void
smtp_body_finish (SmtpBody   *body,
                  GByteArray *out)
{
  if (body->line_size > 0)
    end_line (body, out);
}
