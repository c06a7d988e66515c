/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of a POP3 server, against commands of every form, must give the same events however they are cut,
 * and the parsers must live with every row. */
#include "pop3/engine.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static Pop3Engine *
make_engine (guint8 forms)
{
  Pop3Engine *engine = pop3_engine_new ();

  pop3_engine_set_window (engine, 100, 10000);
  for (guint i = 0; i < 16; i++)
    pop3_engine_add (engine, (forms >> (i % 4 * 2)) & 3, "NOOP");
  return engine;
}

static void
send_lines (Pop3Engine *engine)
{
  BaseSecret *line;
  gboolean is_secret;

  while ((line = pop3_engine_take_line (engine, &is_secret)) != NULL)
    base_secret_unref (line);
}

static void
parse_row (Pop3Capabilities *capabilities,
           BaseSlice         row)
{
  guint32 number;
  guint64 bytes;
  BaseSlice uidl;

  pop3_capabilities_add_row (capabilities, row);
  if (pop3_parse_size_row (row, &number, &bytes))
    g_assert (number <= POP3_NUMBER_MAX);
  if (pop3_parse_uidl_row (row, &number, &uidl))
    g_assert (uidl.size > 0 && uidl.size <= POP3_UIDL_MAX);
}

/* FALSE after a failure. */
static gboolean
note_event (Pop3EventKind    kind,
            const Pop3Event *event,
            GByteArray      *notes)
{
  guint8 head[3] = { (guint8) kind, (guint8) event->ticket, (guint8) event->is_last };

  if (kind == POP3_EVENT_FAILED)
    {
      g_byte_array_append (notes, (const guint8 *) "!", 1);
      return FALSE;
    }
  /* How a body falls into pieces depends on the cuts. */
  if (kind != POP3_EVENT_DATA)
    g_byte_array_append (notes, head, sizeof head);
  if (kind == POP3_EVENT_STATUS)
    pop3_judge_sign_in (&event->status, FALSE);
  if (kind == POP3_EVENT_STATUS && event->status.words.size > 0)
    g_byte_array_append (notes, event->status.words.data, (guint) event->status.words.size);
  if (kind != POP3_EVENT_STATUS && event->piece.size > 0)
    g_byte_array_append (notes, event->piece.data, (guint) event->piece.size);
  return TRUE;
}

static GByteArray *
run (guint8    forms,
     BaseSlice input,
     gsize     step)
{
  g_autoptr(Pop3Engine) engine = make_engine (forms);
  g_autoptr(Pop3Capabilities) capabilities = pop3_capabilities_new ();
  GByteArray *notes = g_byte_array_new ();

  send_lines (engine);
  for (gsize at = 0; at < input.size; at += step)
    {
      BaseSlice portion = base_slice_sub (input, at, step);
      Pop3Event event;
      Pop3EventKind kind;

      while ((kind = pop3_engine_take_event (engine, &portion, &event, NULL)) != POP3_EVENT_MORE)
        {
          if (!note_event (kind, &event, notes))
            return notes;
          if (kind == POP3_EVENT_ROW)
            parse_row (capabilities, event.piece);
          send_lines (engine);
        }
      g_assert (portion.size == 0);
    }
  return notes;
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  BaseSlice input = base_slice_sub (base_slice_new (data, size), 2, size);
  g_autoptr(GByteArray) whole = NULL;
  g_autoptr(GByteArray) cut = NULL;

  if (size < 2)
    return 0;
  whole = run (data[0], input, input.size + 1);
  cut = run (data[0], input, data[1] + 1u);
  g_assert (whole->len == cut->len && (cut->len == 0 || memcmp (whole->data, cut->data, cut->len) == 0));
  return 0;
}
