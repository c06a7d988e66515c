/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pop3/framer.h"

#include "pop3/error.h"

#include <string.h>

typedef enum {
  AT_LINE_START,
  AFTER_DOT,         /* the dot that began the line was taken and not given out */
  AFTER_DOT_CR,      /* so was a CR after it */
  IN_LINE,
} BodyPlace;

struct _Pop3Framer {
  Pop3Expect  expect;
  gboolean    ends_with_lf;      /* the last status line ended with LF alone */
  GByteArray *line;              /* the beginning of a line, or the line given out last */
  gboolean    line_is_given;
  BodyPlace   place;
  gboolean    after_cr;          /* the byte before was CR */
};

Pop3Framer *
pop3_framer_new (void)
{
  Pop3Framer *framer = g_new0 (Pop3Framer, 1);

  framer->line = g_byte_array_new ();
  return framer;
}

void
pop3_framer_free (Pop3Framer *framer)
{
  g_byte_array_unref (framer->line);
  g_free (framer);
}

void
pop3_framer_expect (Pop3Framer *framer,
                    Pop3Expect  expect)
{
  framer->expect = expect;
  framer->place = AT_LINE_START;
  framer->after_cr = FALSE;
}

static BaseSlice
take_front (BaseSlice *input,
            gsize      size)
{
  BaseSlice front = base_slice_sub (*input, 0, size);

  *input = base_slice_sub (*input, size, input->size);
  return front;
}

static Pop3Frame
take_line (Pop3Framer  *framer,
           BaseSlice   *input,
           BaseSlice   *line,
           GError     **error)
{
  const guint8 *end = memchr (input->data, '\n', input->size);
  gsize size = end != NULL ? (gsize) (end - input->data) + 1 : input->size;

  if (framer->line_is_given)
    g_byte_array_set_size (framer->line, 0);
  framer->line_is_given = FALSE;

  if (framer->line->len + size > POP3_LINE_MAX)
    {
      pop3_error_set (error, POP3_ERROR_TOO_LONG, (BaseSlice) { NULL, 0 },
                      "the server sent a line of over %d bytes", POP3_LINE_MAX);
      return POP3_FRAME_FAILED;
    }

  *line = take_front (input, size);
  if (framer->line->len > 0 || end == NULL)
    {
      g_byte_array_append (framer->line, line->data, (guint) line->size);
      *line = base_slice_new (framer->line->data, framer->line->len);
    }
  if (end == NULL)
    return POP3_FRAME_MORE;

  framer->line_is_given = TRUE;
  line->size--;
  framer->after_cr = line->size > 0 && line->data[line->size - 1] == '\r';
  line->size -= framer->after_cr;
  return POP3_FRAME_LINE;
}

static Pop3Frame
take_status (Pop3Framer  *framer,
             BaseSlice   *input,
             BaseSlice   *line,
             GError     **error)
{
  Pop3Frame frame = take_line (framer, input, line, error);

  if (frame == POP3_FRAME_LINE)
    framer->ends_with_lf = !framer->after_cr;
  return frame;
}

static Pop3Frame
take_row (Pop3Framer  *framer,
          BaseSlice   *input,
          BaseSlice   *row,
          GError     **error)
{
  Pop3Frame frame = take_line (framer, input, row, error);

  if (frame != POP3_FRAME_LINE || row->size == 0 || row->data[0] != '.')
    return frame;
  *row = base_slice_sub (*row, 1, row->size);
  return row->size == 0 ? POP3_FRAME_END : POP3_FRAME_LINE;
}

/* The bytes of input up to a dot that begins a line; leaves place at the end of them. */
static gsize
scan_body (Pop3Framer *framer,
           BaseSlice   input)
{
  gsize at = 0;

  while (at < input.size)
    {
      const guint8 *end;

      if (framer->place == AT_LINE_START && input.data[at] == '.')
        return at;

      framer->place = IN_LINE;
      end = memchr (input.data + at, '\n', input.size - at);
      if (end == NULL)
        {
          framer->after_cr = input.data[input.size - 1] == '\r';
          return input.size;
        }

      if (end > input.data)
        framer->after_cr = end[-1] == '\r';
      if (framer->after_cr || framer->ends_with_lf)
        framer->place = AT_LINE_START;
      framer->after_cr = FALSE;
      at = (gsize) (end - input.data) + 1;
    }
  return at;
}

static Pop3Frame
take_body (Pop3Framer *framer,
           BaseSlice  *input,
           BaseSlice  *piece)
{
  while (input->size > 0)
    switch (framer->place)
      {
      case AT_LINE_START:
      case IN_LINE:
        *piece = take_front (input, scan_body (framer, *input));
        if (framer->place == AT_LINE_START && input->size > 0)
          {
            take_front (input, 1);
            framer->place = AFTER_DOT;
          }
        if (piece->size > 0)
          return POP3_FRAME_DATA;
        break;

      case AFTER_DOT:
        framer->place = IN_LINE;
        framer->after_cr = FALSE;
        if (input->data[0] == '\n' && framer->ends_with_lf)
          {
            take_front (input, 1);
            return POP3_FRAME_END;
          }
        if (input->data[0] == '\r')
          {
            take_front (input, 1);
            framer->place = AFTER_DOT_CR;
          }
        break;

      case AFTER_DOT_CR:
        if (input->data[0] == '\n')
          {
            take_front (input, 1);
            return POP3_FRAME_END;
          }
        framer->place = IN_LINE;
        framer->after_cr = TRUE;
        *piece = BASE_SLICE_LITERAL ("\r");
        return POP3_FRAME_DATA;
      }
  return POP3_FRAME_MORE;
}

Pop3Frame
pop3_framer_take (Pop3Framer  *framer,
                  BaseSlice   *input,
                  BaseSlice   *piece,
                  GError     **error)
{
  if (input->size == 0)
    return POP3_FRAME_MORE;

  switch (framer->expect)
    {
    case POP3_EXPECT_STATUS:  return take_status (framer, input, piece, error);
    case POP3_EXPECT_ROWS:    return take_row (framer, input, piece, error);
    case POP3_EXPECT_BODY:    return take_body (framer, input, piece);
    }
  g_assert_not_reached ();
}
