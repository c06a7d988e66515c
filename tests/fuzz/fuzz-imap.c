/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of an IMAP server must give the same events however they are cut; sets, names and dates that
 * could be read must be the same when written and read again. */
#include "imap/date.h"
#include "imap/engine.h"
#include "imap/names.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const ImapLimits limits = { 16 * 1024, 32, 1 << 20 };

static void
note_slice (GString   *notes,
            BaseSlice  slice)
{
  g_string_append_printf (notes, " %" G_GSIZE_FORMAT ":", slice.size);
  for (gsize i = 0; i < slice.size; i++)
    g_string_append_printf (notes, "%02x", slice.data[i]);
}

static void
note_value (GString         *notes,
            const ImapValue *value)
{
  g_string_append_printf (notes, " %d %" G_GUINT64_FORMAT, value->kind, value->size);
  note_slice (notes, value->bytes);
}

static void
note_response (GString            *notes,
               const ImapResponse *response)
{
  const ImapStatus *status = &response->status;
  const ImapFetch *fetch = &response->fetch;

  g_string_append_printf (notes, "%d %u %d %d", response->kind, response->number, response->flags,
                          response->is_earlier);
  note_slice (notes, response->tag);
  g_string_append_printf (notes, " %d %d %" G_GUINT64_FORMAT " %u", status->condition, status->code,
                          status->number, status->uidvalidity);
  note_slice (notes, status->text);
  note_slice (notes, status->from);
  note_slice (notes, status->to);
  note_slice (notes, status->id);
  for (gsize i = 0; i < response->n_words; i++)
    note_slice (notes, response->words[i]);
  for (gsize i = 0; i < response->n_labels; i++)
    note_slice (notes, response->labels[i]);

  g_string_append_printf (notes, " %u %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                          fetch->uid, fetch->date, fetch->size, fetch->modseq);
  note_value (notes, &fetch->header);
  note_value (notes, &fetch->body);
  note_slice (notes, fetch->email_id);
  note_slice (notes, fetch->gmail_id);
  note_slice (notes, response->list.name);
  note_slice (notes, response->folder_status.name);
  note_slice (notes, response->name_space.prefix);
  note_slice (notes, response->id.name);
  note_slice (notes, response->quota.root);
}

static void
check_set (const ImapUidset *set)
{
  g_autofree char *text = imap_uidset_to_string (set);
  g_autofree char *again = NULL;
  g_autoptr(ImapUidset) back = imap_uidset_parse (base_slice_from_string (text), IMAP_UIDSET_RANGES_MAX);

  /* "*" is written but never read. */
  if (back == NULL)
    {
      g_assert (imap_uidset_is_empty (set) || strchr (text, '*') != NULL);
      return;
    }
  again = imap_uidset_to_string (back);
  g_assert (strcmp (text, again) == 0);
}

static void
check_name (BaseSlice raw)
{
  g_autofree char *name = imap_names_decode (raw);
  g_autofree char *encoded = imap_names_encode (name);
  g_autofree char *back = imap_names_decode (base_slice_from_string (encoded));

  g_assert (g_utf8_validate (name, -1, NULL));
  g_assert (strcmp (name, back) == 0);
}

static void
check_date (gint64 seconds)
{
  g_autofree char *text = imap_date_write (seconds);
  gint64 back;

  if (seconds > -62135596800 && seconds < 253402300799)
    g_assert (imap_date_parse (base_slice_from_string (text), &back) && back == seconds);
}

static void
check_response (const ImapResponse *response)
{
  if (response->uids != NULL)
    check_set (response->uids);
  if (response->kind == IMAP_RESPONSE_LIST)
    check_name (response->list.name);
  if (response->kind == IMAP_RESPONSE_FETCH)
    check_date (response->fetch.date);
  if (response->status.code == IMAP_CODE_COPYUID)
    {
      g_autoptr(ImapUidMap) map = imap_uidmap_parse (response->status.uidvalidity, response->status.from,
                                                     response->status.to);

      if (map != NULL)
        imap_uidmap_find (map, 3);
    }
}

static void
drain (ImapEngine *engine)
{
  ImapOutput output;

  while (imap_engine_take_output (engine, &output) || imap_engine_get_upload (engine) > 0)
    if (imap_engine_get_upload (engine) > 0)
      imap_engine_note_upload (engine, imap_engine_get_upload (engine));
}

/* A session that has all kinds of commands on its way. */
static ImapEngine *
start_engine (void)
{
  ImapEngine *engine = imap_engine_new (&limits, IMAP_LINE_READY);

  for (guint i = 0; i < 4; i++)
    {
      ImapWriter *writer = imap_writer_new (i % 2 == 0 ? IMAP_LITERAL_PLUS : IMAP_LITERAL_ASK,
                                            IMAP_NAMES_UTF7);

      imap_writer_text (writer, "APPEND ");
      imap_writer_upload (writer, 5);
      imap_engine_start (engine, writer, i == 3 ? IMAP_COMMAND_IDLE : IMAP_COMMAND_PLAIN);
    }
  imap_engine_abandon (engine, 2);
  return engine;
}

static char *
read_events (BaseSlice input,
             gsize     step)
{
  g_autoptr(ImapEngine) engine = start_engine ();
  GString *notes = g_string_new (NULL);

  drain (engine);
  for (gsize at = 0; at < input.size; at += step)
    {
      BaseSlice portion = base_slice_sub (input, at, step);

      while (portion.size > 0)
        {
          ImapEvent event;

          if (!imap_engine_take_event (engine, &portion, &event, NULL))
            {
              g_string_append_c (notes, '!');
              return g_string_free (notes, FALSE);
            }
          if (event.kind == IMAP_EVENT_LITERAL_DATA)
            {
              for (gsize i = 0; i < event.data.size; i++)
                g_string_append_printf (notes, "%02x", event.data.data[i]);
              continue;
            }
          if (event.kind == IMAP_EVENT_NONE)
            continue;
          g_string_append_printf (notes, "\n%d %u %" G_GUINT64_FORMAT " ", event.kind, event.tag,
                                  event.literal_size);
          note_response (notes, event.response);
          g_string_append_c (notes, '\n');
          check_response (event.response);
          drain (engine);
        }
    }
  return g_string_free (notes, FALSE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  BaseSlice input = base_slice_sub (base_slice_new (data, size), 1, size);
  g_autofree char *whole = NULL;
  g_autofree char *cut = NULL;

  if (size < 1)
    return 0;
  whole = read_events (input, input.size + 1);
  cut = read_events (input, data[0] % 64 + 1u);
  g_assert (strcmp (whole, cut) == 0);
  return 0;
}
