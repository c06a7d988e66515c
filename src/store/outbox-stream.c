/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of outbox.h that queues a whole message. */
#include "store/outbox-private.h"

#include "base/clock.h"
#include "mime/build.h"
#include "mime/header.h"
#include "store/objects.h"

#include <string.h>

/* --- line ends ------------------------------------------------------------------------------------------ */

/* SMTP knows CRLF only: a line end of any kind becomes one, across the borders of portions. */
typedef struct {
  StoreObjectWriter *writer;            /* NULL: not wanted */
  gboolean           after_cr;
} Out;

static gboolean
out_add (Out           *out,
         const guint8  *data,
         gsize          size,
         GError       **error)
{
  gsize begin = 0;

  if (out->writer == NULL)
    return TRUE;
  for (gsize i = 0; i < size; i++)
    {
      gboolean is_second = out->after_cr && data[i] == '\n';

      out->after_cr = data[i] == '\r';
      if (data[i] != '\r' && data[i] != '\n')
        continue;
      if (!store_object_writer_add (out->writer, data + begin, i - begin, error)
          || (!is_second && !store_object_writer_add (out->writer, "\r\n", 2, error)))
        return FALSE;
      begin = i + 1;
    }
  return store_object_writer_add (out->writer, data + begin, size - begin, error);
}

/* --- the header ----------------------------------------------------------------------------------------- */

typedef struct {
  GByteArray *bytes;                    /* the header and perhaps some of the body */
  MimeHeader *header;
  GPtrArray  *addresses;
  char       *message_id;
  GString    *added;                    /* fields that were missing */
  gboolean    has_bcc;
  gboolean    has_bad_id;               /* a Message-ID by which it could not be found again */
} Letter;

static void
letter_clear (Letter *letter)
{
  g_clear_pointer (&letter->header, mime_header_free);
  g_clear_pointer (&letter->bytes, g_byte_array_unref);
  g_clear_pointer (&letter->addresses, g_ptr_array_unref);
  g_free (letter->message_id);
  if (letter->added != NULL)
    g_string_free (letter->added, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Letter, letter_clear)

static gboolean
has_blank_line (const GByteArray *bytes)
{
  if (bytes->len == 0)                    /* no data at all */
    return FALSE;
  return memmem (bytes->data, bytes->len, "\n\r\n", 3) != NULL
         || memmem (bytes->data, bytes->len, "\n\n", 2) != NULL
    || memmem (bytes->data, bytes->len, "\r\r", 2) != NULL;
}

/* Reads on until the header is complete; the rest stays in the stream. */
static GByteArray *
read_header (GInputStream  *stream,
             GCancellable  *cancellable,
             GError       **error)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  guint8 buffer[16384];
  gssize got;

  while (!has_blank_line (bytes))
    {
      if ((got = g_input_stream_read (stream, buffer, sizeof buffer, cancellable, error)) < 0)
        return NULL;
      if (got == 0)
        break;
      if (bytes->len + (gsize) got > MIME_HEADER_SIZE_MAX)
        {
          g_set_error_literal (error, MIME_ERROR, MIME_ERROR_REFUSED,
                               "The header of the message is too large");
          return NULL;
        }
      g_byte_array_append (bytes, buffer, (guint) got);
    }
  return g_steal_pointer (&bytes);
}

static void
add_addresses (Letter *letter)
{
  static const struct { const char *name; MimeRole role; } fields[] = {
    { "From", MIME_ROLE_FROM }, { "To", MIME_ROLE_TO }, { "Cc", MIME_ROLE_CC }, { "Bcc", MIME_ROLE_BCC },
  };

  letter->addresses = mime_addresses_new ();
  for (guint i = 0; i < letter->header->fields->len; i++)
    {
      const MimeField *field = &g_array_index (letter->header->fields, MimeField, i);

      for (guint k = 0; k < G_N_ELEMENTS (fields); k++)
        if (base_slice_equal_nocase (field->name, fields[k].name))
          mime_addresses_add (letter->addresses, fields[k].role, field->value);
    }
  letter->has_bcc = mime_header_has (letter->header, "Bcc") || mime_header_has (letter->header, "Resent-Bcc");
}

static const char *
peek_sender (const Letter *letter)
{
  for (guint i = 0; i < letter->addresses->len; i++)
    {
      const MimeAddress *address = letter->addresses->pdata[i];

      if (address->role == MIME_ROLE_FROM && mime_address_is_valid (address->address))
        return address->address;
    }
  return NULL;
}

static char *
dup_message_id (const MimeHeader *header)
{
  BaseSlice value = base_slice_trim (mime_header_get (header, "Message-ID"));

  g_autofree char *id = NULL;

  if (value.size < 3 || value.data[0] != '<' || value.data[value.size - 1] != '>')
    return NULL;
  id = base_slice_dup_string (base_slice_sub (value, 1, value.size - 2));
  for (const char *c = id; c != NULL && *c != '\0'; c++)
    if (*c <= ' ' || *c >= 0x7f || *c == '<' || *c == '>')
      return NULL;
  return g_steal_pointer (&id);
}

/* By hand, because strftime() would use the user's language. */
static void
append_date (GString *fields)
{
  static const char days[][4] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
  static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
                                    "Nov", "Dec" };
  g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc (base_clock_now ());

  g_string_append_printf (fields, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
                          days[g_date_time_get_day_of_week (now) - 1], g_date_time_get_day_of_month (now),
                          months[g_date_time_get_month (now) - 1], g_date_time_get_year (now),
                          g_date_time_get_hour (now), g_date_time_get_minute (now),
                          g_date_time_get_second (now));
}

static gboolean
letter_read (Letter        *letter,
             GInputStream  *stream,
             GCancellable  *cancellable,
             GError       **error)
{
  if ((letter->bytes = read_header (stream, cancellable, error)) == NULL)
    return FALSE;
  letter->header = mime_header_new (base_slice_new (letter->bytes->data, letter->bytes->len));
  letter->added = g_string_new (NULL);
  add_addresses (letter);
  if (peek_sender (letter) == NULL)
    {
      g_set_error_literal (error, MIME_ERROR, MIME_ERROR_REFUSED, "The message has no sender");
      return FALSE;
    }

  if ((letter->message_id = dup_message_id (letter->header)) == NULL)
    {
      letter->message_id = mime_message_id_new (peek_sender (letter));
      letter->has_bad_id = TRUE;
      g_string_append_printf (letter->added, "Message-ID: <%s>\r\n", letter->message_id);
    }
  if (!mime_header_has (letter->header, "Date"))
    append_date (letter->added);
  return TRUE;
}

/* --- writing -------------------------------------------------------------------------------------------- */

/* A field's lines run to the name of the next one. */
static gboolean
write_field (const Letter  *letter,
             guint          index,
             Out           *out,
             GError       **error)
{
  const GArray *fields = letter->header->fields;
  const MimeField *field = &g_array_index (fields, MimeField, index);

  if (index + 1 < fields->len)
    return out_add (out, field->name.data,
                    (gsize) (g_array_index (fields, MimeField, index + 1).name.data - field->name.data),
                    error);
  return out_add (out, field->name.data, (gsize) (field->value.data + field->value.size - field->name.data),
                  error)
    && out_add (out, (const guint8 *) "\n", 1, error);
}

static gboolean
is_bcc (BaseSlice name)
{
  return base_slice_equal_nocase (name, "Bcc") || base_slice_equal_nocase (name, "Resent-Bcc");
}

static gboolean
write_header (const Letter  *letter,
              gboolean       with_bcc,
              Out           *out,
              GError       **error)
{
  for (guint i = 0; i < letter->header->fields->len; i++)
    {
      const MimeField *field = &g_array_index (letter->header->fields, MimeField, i);

      if (!with_bcc && is_bcc (field->name))
        continue;
      if (letter->has_bad_id && base_slice_equal_nocase (field->name, "Message-ID"))
        continue;
      if (!write_field (letter, i, out, error))
        return FALSE;
    }
  return out_add (out, (const guint8 *) letter->added->str, letter->added->len, error)
    && out_add (out, (const guint8 *) "\n", 1, error);
}

static gboolean
write_body (const Letter  *letter,
            GInputStream  *stream,
            GCancellable  *cancellable,
            Out            outs[2],
            GError       **error)
{
  g_autofree guint8 *buffer = g_malloc (STORE_OBJECT_PIECE / 4);
  const guint8 *first = letter->bytes->data + letter->header->body_offset;
  gsize first_size = letter->bytes->len - letter->header->body_offset;
  gssize got;

  if (!out_add (&outs[0], first, first_size, error) || !out_add (&outs[1], first, first_size, error))
    return FALSE;
  while ((got = g_input_stream_read (stream, buffer, STORE_OBJECT_PIECE / 4, cancellable, error)) > 0)
    if (!out_add (&outs[0], buffer, (gsize) got, error) || !out_add (&outs[1], buffer, (gsize) got, error))
      return FALSE;
  return got == 0;
}

static gboolean
write_objects (Store         *store,
               const Letter  *letter,
               GInputStream  *stream,
               GCancellable  *cancellable,
               StoreSending  *sending,
               GError       **error)
{
  g_autoptr(StoreObjectWriter) sent = store_objects_begin (store, error);
  g_autoptr(StoreObjectWriter) kept = NULL;
  Out outs[2] = { { sent }, { NULL } };

  if (sent == NULL)
    return FALSE;
  if (letter->has_bcc && (outs[1].writer = kept = store_objects_begin (store, error)) == NULL)
    return FALSE;
  if (!write_header (letter, FALSE, &outs[0], error) || !write_header (letter, TRUE, &outs[1], error)
      || !write_body (letter, stream, cancellable, outs, error))
    return FALSE;
  if ((sending->object_id = store_object_writer_finish (g_steal_pointer (&sent), error)) == 0)
    return FALSE;
  if (kept == NULL)
    return TRUE;
  sending->sent_object_id = store_object_writer_finish (g_steal_pointer (&kept), error);
  return sending->sent_object_id != 0;
}

gint64
store_outbox_queue_stream (Store         *store,
                           gint64         account_id,
                           GInputStream  *stream,
                           GCancellable  *cancellable,
                           GError       **error)
{
  g_autoptr(StoreAccount) account = store_accounts_get (store, account_id, error);
  g_auto(Letter) letter = { 0 };
  g_auto(GStrv) recipients = NULL;
  g_autofree char *subject = NULL;
  StoreSending sending = { .account_id = account_id };

  if (account == NULL || !letter_read (&letter, stream, cancellable, error))
    return 0;
  if ((recipients = store_outbox_make_recipients (letter.addresses, error)) == NULL)
    return 0;
  if (!write_objects (store, &letter, stream, cancellable, &sending, error))
    return 0;

  subject = mime_header_dup_text (mime_header_get (letter.header, "Subject"));
  sending.message_id = letter.message_id;
  sending.sender = peek_sender (&letter);
  sending.recipients = (const char *const *) recipients;
  sending.subject = subject;
  sending.sent_copy = store_outbox_copy_of_account (account);
  return store_outbox_queue (store, &sending, error);
}
