/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/build.h"

#include "mime/encode.h"
#include "mime/flow.h"
#include "mime/gmime.h"

#include <string.h>

#define LINE_MAX_BYTES 998
#define READ_SIZE      (57 * 1024)         /* whole base64 lines */

typedef struct {
  const MimeDraft *draft;
  guint            flags;
  MimeSink         sink;
  gpointer         user_data;
  GError         **error;
} Builder;

static void
attachment_free (gpointer data)
{
  MimeAttachment *attachment = data;

  g_free (attachment->name);
  g_free (attachment->type);
  g_free (attachment->content_id);
  g_clear_pointer (&attachment->bytes, g_bytes_unref);
  g_free (attachment);
}

MimeDraft *
mime_draft_new (void)
{
  MimeDraft *draft = g_new0 (MimeDraft, 1);

  draft->addresses = mime_addresses_new ();
  draft->attachments = g_ptr_array_new_with_free_func (attachment_free);
  draft->subject = g_strdup ("");
  draft->text = g_strdup ("");
  return draft;
}

void
mime_draft_free (MimeDraft *draft)
{
  if (draft == NULL)
    return;
  g_ptr_array_unref (draft->addresses);
  g_ptr_array_unref (draft->attachments);
  g_free (draft->subject);
  g_free (draft->text);
  g_free (draft->message_id);
  g_strfreev (draft->in_reply_to);
  g_strfreev (draft->references);
  g_free (draft);
}

MimeAttachment *
mime_draft_add_attachment (MimeDraft  *draft,
                           const char *name,
                           const char *type)
{
  MimeAttachment *attachment = g_new0 (MimeAttachment, 1);

  attachment->name = g_strdup (name);
  attachment->type = g_strdup (type);
  g_ptr_array_add (draft->attachments, attachment);
  return attachment;
}

gboolean
mime_draft_needs_smtputf8 (const MimeDraft *draft)
{
  for (guint i = 0; i < draft->addresses->len; i++)
    {
      const char *address = ((MimeAddress *) draft->addresses->pdata[i])->address;
      const char *at = strrchr (address, '@');

      for (const char *p = address; p < at; p++)
        if ((guint8) *p >= 0x80)
          return TRUE;
    }
  return FALSE;
}

char *
mime_message_id_new (const char *address)
{
  const char *at = strrchr (address, '@');
  g_autofree char *random = g_uuid_string_random ();
  g_autofree char *domain = at != NULL && at[1] != '[' ? g_hostname_to_ascii (at + 1) : NULL;

  return g_strdup_printf ("%s@%s", random, domain != NULL && *domain != '\0' ? domain : "localhost.invalid");
}

static gboolean
is_id (const char *id)
{
  if (id == NULL || *id == '\0' || strlen (id) > LINE_MAX_BYTES - 20)
    return FALSE;
  for (const char *p = id; *p != '\0'; p++)
    if (*p <= ' ' || *p == 0x7f || *p == '<' || *p == '>')
      return FALSE;
  return TRUE;
}

static void
append_ids (GString    *out,
            const char *name,
            char      **ids)
{
  gboolean any = FALSE;

  for (gsize i = 0; ids != NULL && ids[i] != NULL; i++)
    if (is_id (ids[i]))
      {
        if (any)
          g_string_append_printf (out, "\r\n <%s>", ids[i]);
        else
          g_string_append_printf (out, "%s: <%s>", name, ids[i]);
        any = TRUE;
      }
  if (any)
    g_string_append (out, "\r\n");
}

/* RFC 5322 3.3, in English whatever the locale says. */
static void
append_date (GString *out,
             gint64   date,
             gint32   zone)
{
  static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
  static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
                                        "Nov", "Dec" };
  gint32 minutes = CLAMP (zone / 60, -14 * 60, 14 * 60);
  g_autoptr(GDateTime) local = g_date_time_new_from_unix_utc (date + minutes * 60);

  if (local == NULL)
    return;
  g_string_append_printf (out, "Date: %s, %d %s %d %02d:%02d:%02d %c%02d%02d\r\n",
                          days[g_date_time_get_day_of_week (local) - 1],
                          g_date_time_get_day_of_month (local), months[g_date_time_get_month (local) - 1],
                          g_date_time_get_year (local), g_date_time_get_hour (local),
                          g_date_time_get_minute (local),
                          g_date_time_get_second (local), minutes < 0 ? '-' : '+', ABS (minutes) / 60,
                          ABS (minutes) % 60);
}

/* The address as it goes into the header: its domain in ASCII unless the server takes UTF-8.  NULL when it
 * cannot be sent. */
static char *
dup_wire_address (Builder    *builder,
                  const char *address)
{
  const char *at = strrchr (address, '@');
  g_autofree char *domain = NULL;

  if (!mime_address_is_valid (address))
    return NULL;
  if ((builder->flags & MIME_BUILD_UTF8) != 0 || g_str_is_ascii (address))
    return g_strdup (address);
  for (const char *p = address; p < at; p++)
    if ((guint8) *p >= 0x80)
      return NULL;
  domain = g_hostname_to_ascii (at + 1);
  return domain != NULL ? g_strdup_printf ("%.*s%s", (int) (at - address) + 1, address, domain) : NULL;
}

static gboolean
append_address (Builder           *builder,
                GString           *out,
                const MimeAddress *address)
{
  g_autofree char *wire = dup_wire_address (builder, address->address);

  if (wire == NULL && (builder->flags & MIME_BUILD_UNSENT) == 0)
    {
      g_set_error (builder->error, MIME_ERROR, MIME_ERROR_REFUSED,
                   "\"%s\" is not an address that mail can be sent to", address->address);
      return FALSE;
    }
  if (wire == NULL)
    {
      mime_encode_phrase (out, *address->address != '\0' ? address->address : address->name);
      return TRUE;
    }
  if (*address->name != '\0')
    {
      mime_encode_phrase (out, address->name);
      g_string_append_printf (out, " <%s>", wire);
    }
  else
    g_string_append (out, wire);
  return TRUE;
}

static gboolean
append_addresses (Builder    *builder,
                  GString    *out,
                  const char *name,
                  MimeRole    role)
{
  gboolean any = FALSE;

  for (guint i = 0; i < builder->draft->addresses->len; i++)
    {
      const MimeAddress *address = builder->draft->addresses->pdata[i];

      if (address->role != role)
        continue;
      if (any)
        g_string_append (out, ",\r\n ");
      else
        g_string_append_printf (out, "%s: ", name);
      if (!append_address (builder, out, address))
        return FALSE;
      any = TRUE;
    }
  if (any)
    g_string_append (out, "\r\n");
  return TRUE;
}

static guint
count_role (const MimeDraft *draft,
            MimeRole         role)
{
  guint n = 0;

  for (guint i = 0; i < draft->addresses->len; i++)
    n += ((MimeAddress *) draft->addresses->pdata[i])->role == role ? 1 : 0;
  return n;
}

static gboolean
append_header (Builder *builder,
               GString *out)
{
  const MimeDraft *draft = builder->draft;
  gboolean with_bcc = (builder->flags & MIME_BUILD_WITH_BCC) != 0;

  if (count_role (draft, MIME_ROLE_FROM) != 1
      || (!is_id (draft->message_id) && (builder->flags & MIME_BUILD_UNSENT) == 0))
    {
      g_set_error_literal (builder->error, MIME_ERROR, MIME_ERROR_REFUSED,
                           "The message has no sender or no Message-ID");
      return FALSE;
    }
  append_date (out, draft->date, draft->date_zone);
  if (!append_addresses (builder, out, "From", MIME_ROLE_FROM)
      || !append_addresses (builder, out, "Sender", MIME_ROLE_SENDER)
      || !append_addresses (builder, out, "Reply-To", MIME_ROLE_REPLY_TO)
      || !append_addresses (builder, out, "To", MIME_ROLE_TO)
      || !append_addresses (builder, out, "Cc", MIME_ROLE_CC)
      || (with_bcc && !append_addresses (builder, out, "Bcc", MIME_ROLE_BCC)))
    return FALSE;
  mime_encode_text_field (out, "Subject", draft->subject);
  if (is_id (draft->message_id))
    g_string_append_printf (out, "Message-ID: <%s>\r\n", draft->message_id);
  append_ids (out, "In-Reply-To", draft->in_reply_to);
  append_ids (out, "References", draft->references);
  g_string_append (out, "MIME-Version: 1.0\r\n");
  return TRUE;
}

typedef enum { BYTES_7BIT, BYTES_8BIT, BYTES_ANY } Bytes;

/* What a transport must be able to carry: lines by CRLF alone, none too long, no NUL. */
static Bytes
judge_bytes (BaseSlice text)
{
  Bytes result = BYTES_7BIT;
  gsize line = 0;

  for (gsize i = 0; i < text.size; i++)
    {
      guint8 byte = text.data[i];
      gboolean is_line_end = byte == '\r' && i + 1 < text.size && text.data[i + 1] == '\n';

      if (byte == 0 || (byte == '\r' && !is_line_end)
          || (byte == '\n' && (i == 0 || text.data[i - 1] != '\r')) || ++line > LINE_MAX_BYTES + 2)
        return BYTES_ANY;
      line = byte == '\n' ? 0 : line;
      result = byte >= 0x80 ? BYTES_8BIT : result;
    }
  return result;
}

static gboolean
write_string (Builder *builder,
              GString *text)
{
  return text->len == 0
         || builder->sink (base_slice_new (text->str, text->len), builder->user_data, builder->error);
}

/* Lines of the text, each encoded by itself, so that every soft break and CRLF is in its place. */
static void
append_quoted_printable (GString    *out,
                         const char *text)
{
  gsize column = 0;

  for (const char *p = text; *p != '\0'; p++)
    {
      guint8 byte = (guint8) *p;
      gboolean ends_line = p[1] == '\r' || p[1] == '\0';
      gboolean is_plain = byte >= 0x20 && byte < 0x7f && byte != '=' && !(byte == ' ' && ends_line);

      if (byte == '\r' && p[1] == '\n')
        {
          g_string_append (out, "\r\n");
          column = 0;
          p++;
          continue;
        }
      if (column + (is_plain ? 1 : 3) > 75)
        {
          g_string_append (out, "=\r\n");
          column = 0;
        }
      if (is_plain)
        g_string_append_c (out, (char) byte);
      else
        g_string_append_printf (out, "=%02X", byte);
      column += is_plain ? 1 : 3;
    }
}

static void
append_text_part (Builder *builder,
                  GString *out)
{
  g_autofree char *valid = g_utf8_make_valid (builder->draft->text, -1);
  g_autofree char *flowed = mime_flow_dup (valid);
  Bytes bytes = judge_bytes (base_slice_from_string (flowed));
  gboolean may_8bit = (builder->flags & MIME_BUILD_8BIT) != 0;

  g_string_append (out, "Content-Type: text/plain; charset=utf-8; format=flowed\r\n");
  if (bytes == BYTES_7BIT || (bytes == BYTES_8BIT && may_8bit))
    {
      g_string_append_printf (out, "Content-Transfer-Encoding: %s\r\n\r\n", bytes == BYTES_7BIT
                              ? "7bit" : "8bit");
      g_string_append (out, flowed);
    }
  else
    {
      g_string_append (out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
      append_quoted_printable (out, flowed);
    }
}

static gboolean
is_type (const char *type)
{
  const char *slash = type != NULL ? strchr (type, '/') : NULL;

  if (slash == NULL || slash == type || slash[1] == '\0' || strlen (type) > 120)
    return FALSE;
  for (const char *p = type; *p != '\0'; p++)
    if (p != slash && !g_ascii_isalnum (*p) && strchr ("-+._!#$&^", *p) == NULL)
      return FALSE;
  return g_ascii_strncasecmp (type, "multipart/", 10) != 0;
}

/* RFC 2046 5.2.1: an attached message may not be encoded; where it would have to be, it goes as a file. */
static Bytes
judge_message (Builder              *builder,
               const MimeAttachment *attachment)
{
  Bytes bytes;

  if (attachment->type == NULL || g_ascii_strcasecmp (attachment->type, "message/rfc822") != 0
      || attachment->bytes == NULL)
    return BYTES_ANY;
  bytes = judge_bytes (base_slice_from_bytes (attachment->bytes));
  return bytes == BYTES_8BIT && (builder->flags & MIME_BUILD_8BIT) == 0 ? BYTES_ANY : bytes;
}

static void
append_attachment_header (GString              *out,
                          const MimeAttachment *attachment,
                          Bytes                 bytes)
{
  gboolean is_message = attachment->type != NULL
                        && g_ascii_strncasecmp (attachment->type, "message/", 8) == 0;
  const char *type = is_type (attachment->type) && (!is_message || bytes != BYTES_ANY)
                     ? attachment->type : "application/octet-stream";
  const char *name = attachment->name != NULL && *attachment->name != '\0' ? attachment->name : "attachment";

  g_string_append_printf (out, "Content-Type: %s", type);
  mime_encode_parameter (out, "name", name);
  g_string_append_printf (out, "\r\nContent-Disposition: %s", is_id (attachment->content_id)
                          ? "inline" : "attachment");
  mime_encode_parameter (out, "filename", name);
  if (is_id (attachment->content_id))
    g_string_append_printf (out, "\r\nContent-ID: <%s>", attachment->content_id);
  g_string_append_printf (out, "\r\nContent-Transfer-Encoding: %s\r\n\r\n",
                          bytes == BYTES_ANY ? "base64" : bytes == BYTES_8BIT ? "8bit" : "7bit");
}

static void
append_base64 (GString      *out,
               const guint8 *data,
               gsize         size)
{
  for (gsize at = 0; at < size; at += 57)
    {
      g_autofree char *line = g_base64_encode (data + at, MIN (57, size - at));

      g_string_append (out, line);
      g_string_append (out, "\r\n");
    }
}

/* Fills the buffer, since a reader may give less than asked for before its end. */
static gssize
read_full (Builder              *builder,
           const MimeAttachment *attachment,
           guint8               *buffer)
{
  gsize size = 0;

  while (size < READ_SIZE)
    {
      gssize n = attachment->reader (attachment->reader_data, buffer + size, READ_SIZE - size,
                                     builder->error);

      if (n < 0)
        return -1;
      if (n == 0)
        break;
      size += (gsize) n;
    }
  return (gssize) size;
}

static gboolean
write_from_reader (Builder              *builder,
                   const MimeAttachment *attachment)
{
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);
  gssize n;

  do
    {
      g_autoptr(GString) out = g_string_new (NULL);

      if ((n = read_full (builder, attachment, buffer)) < 0)
        return FALSE;
      append_base64 (out, buffer, (gsize) n);
      if (!write_string (builder, out))
        return FALSE;
    }
  while (n == READ_SIZE);
  return TRUE;
}

static gboolean
write_from_bytes (Builder   *builder,
                  BaseSlice  bytes)
{
  for (gsize at = 0; at < bytes.size; at += READ_SIZE)
    {
      g_autoptr(GString) out = g_string_new (NULL);
      BaseSlice piece = base_slice_sub (bytes, at, READ_SIZE);

      append_base64 (out, piece.data, piece.size);
      if (!write_string (builder, out))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_attachment (Builder              *builder,
                  const MimeAttachment *attachment,
                  const char           *boundary)
{
  g_autoptr(GString) head = g_string_new (NULL);
  Bytes bytes = judge_message (builder, attachment);

  g_string_append_printf (head, "\r\n--%s\r\n", boundary);
  append_attachment_header (head, attachment, bytes);
  if (!write_string (builder, head))
    return FALSE;
  if (attachment->bytes == NULL)
    return write_from_reader (builder, attachment);
  if (bytes == BYTES_ANY)
    return write_from_bytes (builder, base_slice_from_bytes (attachment->bytes));
  return builder->sink (base_slice_from_bytes (attachment->bytes), builder->user_data, builder->error);
}

gboolean
mime_build (const MimeDraft *draft,
            guint            flags,
            MimeSink         sink,
            gpointer         user_data,
            GError         **error)
{
  Builder builder = { draft, flags, sink, user_data, error };
  g_autoptr(GString) out = g_string_sized_new (4096);
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *boundary = g_strdup_printf ("=_%s", uuid);

  if (!append_header (&builder, out))
    return FALSE;
  if (draft->attachments->len == 0)
    {
      append_text_part (&builder, out);
      return write_string (&builder, out);
    }
  g_string_append_printf (out, "Content-Type: multipart/mixed;\r\n boundary=\"%s\"\r\n\r\n--%s\r\n", boundary,
                          boundary);
  append_text_part (&builder, out);
  if (!write_string (&builder, out))
    return FALSE;
  for (guint i = 0; i < draft->attachments->len; i++)
    if (!write_attachment (&builder, draft->attachments->pdata[i], boundary))
      return FALSE;
  g_string_printf (out, "\r\n--%s--\r\n", boundary);
  return write_string (&builder, out);
}

static gboolean
collect (BaseSlice   piece,
         gpointer    user_data,
         GError    **error)
{
  g_byte_array_append (user_data, piece.data, (guint) piece.size);
  return TRUE;
}

GBytes *
mime_build_bytes (const MimeDraft *draft,
                  guint            flags,
                  GError         **error)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();

  if (!mime_build (draft, flags, collect, bytes, error))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}
