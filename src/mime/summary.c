/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/summary.h"

#include "mime/gmime.h"
#include "mime/header.h"

#include <string.h>

#define ID_MAX   998
#define IDS_READ (64 * 1024)               /* bytes of one References field */

/* Dates outside are a broken clock or a trick to stay on top of the list: 1971 to 2100. */
#define DATE_FIRST G_GINT64_CONSTANT (31536000)
#define DATE_LAST  G_GINT64_CONSTANT (4102444800)

static const struct { const char *name; MimeRole role; } address_fields[] = {
  { "From", MIME_ROLE_FROM }, { "Sender", MIME_ROLE_SENDER }, { "Reply-To", MIME_ROLE_REPLY_TO },
  { "To", MIME_ROLE_TO }, { "Cc", MIME_ROLE_CC }, { "Bcc", MIME_ROLE_BCC },
};

/* What servers add or change, so that one message has one hash over POP3 and IMAP: Dovecot's list for
 * migrations. */
static const char *const unhashed_fields[] = {
  "Content-Length", "Return-Path", "Status", "X-IMAP", "X-IMAPbase", "X-Keywords", "X-Message-Flag",
  "X-Status", "X-UID", "X-UIDL", "X-Yahoo-Newman-Property",
};

/* An id without the blanks that folding leaves, as valid UTF-8; NULL when nothing is left. */
static char *
dup_id (BaseSlice raw)
{
  g_autofree char *text = base_slice_dup_text (base_slice_sub (raw, 0, ID_MAX));
  char *to = text;

  for (const char *from = text; *from != '\0'; from++)
    if (*from != ' ')
      *to++ = *from;
  *to = '\0';
  return *text != '\0' ? g_steal_pointer (&text) : NULL;
}

/* The next <id> in the slice, which is left after it; or NULL. */
static char *
take_id (BaseSlice *in)
{
  while (in->size > 0)
    {
      const guint8 *open = memchr (in->data, '<', in->size);
      const guint8 *close;
      BaseSlice id;
      char *text;

      if (open == NULL)
        return NULL;
      *in = base_slice_sub (*in, (gsize) (open - in->data) + 1, in->size);
      if ((close = memchr (in->data, '>', in->size)) == NULL)
        return NULL;
      id = base_slice_sub (*in, 0, (gsize) (close - in->data));
      *in = base_slice_sub (*in, id.size + 1, in->size);
      if ((text = dup_id (id)) != NULL)
        return text;
    }
  return NULL;
}

static char *
dup_message_id (BaseSlice value)
{
  BaseSlice rest = value = base_slice_trim (base_slice_sub (value, 0, 4 * ID_MAX));
  char *id = take_id (&rest);
  const guint8 *open;

  if (id != NULL || value.size == 0)
    return id;
  if ((open = memchr (value.data, '<', value.size)) != NULL)
    value = base_slice_sub (value, (gsize) (open - value.data) + 1, value.size);
  if (value.size > 0 && value.data[0] == '>')
    return NULL;
  return dup_id (value);
}

static void
add_ids (GPtrArray  *ids,
         GHashTable *known,
         BaseSlice   value)
{
  BaseSlice rest = base_slice_sub (value, 0, IDS_READ);
  char *id;

  while ((id = take_id (&rest)) != NULL)
    if (g_hash_table_contains (known, id))
      g_free (id);
    else
      {
        g_hash_table_add (known, id);
        g_ptr_array_add (ids, id);
      }
}

/* References, then what In-Reply-To adds.  Of too many, the root and the nearest ones stay. */
static char **
dup_references (const MimeHeader *header,
                const char       *own_id)
{
  g_autoptr(GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) ids = g_ptr_array_new ();
  GPtrArray *kept = g_ptr_array_new ();
  guint too_many;

  if (own_id != NULL)
    g_hash_table_add (known, g_strdup (own_id));
  add_ids (ids, known, mime_header_get (header, "References"));
  add_ids (ids, known, mime_header_get (header, "In-Reply-To"));

  too_many = ids->len > MIME_REFERENCES_MAX ? ids->len - MIME_REFERENCES_MAX : 0;
  for (guint i = 0; i < ids->len; i++)
    if (i == 0 || i > too_many)
      g_ptr_array_add (kept, g_strdup (ids->pdata[i]));
  g_ptr_array_add (kept, NULL);
  return (char **) g_ptr_array_free (kept, FALSE);
}

static gint64
parse_date (BaseSlice  value,
            gint32    *zone)
{
  g_autofree char *text = base_slice_dup_text (base_slice_sub (base_slice_trim (value), 0, 200));
  g_autoptr(GDateTime) date = NULL;
  gint64 seconds;

  if (*text == '\0')
    return MIME_DATE_NONE;
  mime_gmime_ensure ();
  if ((date = g_mime_utils_header_decode_date (text)) == NULL)
    return MIME_DATE_NONE;
  seconds = g_date_time_to_unix (date);
  if (zone != NULL)
    *zone = (gint32) (g_date_time_get_utc_offset (date) / G_TIME_SPAN_SECOND);
  return seconds >= DATE_FIRST && seconds < DATE_LAST ? seconds : MIME_DATE_NONE;
}

/* Received: from ... by ... ; date */
static gint64
parse_received (BaseSlice value)
{
  const guint8 *semicolon = value.size > 0 ? memrchr (value.data, ';', value.size) : NULL;

  if (semicolon == NULL)
    return MIME_DATE_NONE;
  return parse_date (base_slice_sub (value, (gsize) (semicolon - value.data) + 1, value.size), NULL);
}

static gboolean
is_unhashed (BaseSlice name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (unhashed_fields); i++)
    if (base_slice_equal_nocase (name, unhashed_fields[i]))
      return TRUE;
  return FALSE;
}

/* name:value\n with the name in lower case and every run of blanks and line ends as one blank. */
static void
append_normalised (GString         *out,
                   const MimeField *field)
{
  BaseSlice value = base_slice_trim (field->value);

  for (gsize i = 0; i < field->name.size; i++)
    g_string_append_c (out, g_ascii_tolower ((char) field->name.data[i]));
  g_string_append_c (out, ':');
  for (gsize i = 0; i < value.size; i++)
    if (!g_ascii_isspace (value.data[i]))
      g_string_append_c (out, (char) value.data[i]);
    else if (!g_ascii_isspace (value.data[i - 1]))
      g_string_append_c (out, ' ');
  g_string_append_c (out, '\n');
}

static void
hash_header (const MimeHeader *header,
             guint8           *hash)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr(GString) normalised = g_string_sized_new (4096);
  gsize size = 32;

  for (guint i = 0; i < header->fields->len; i++)
    {
      const MimeField *field = &g_array_index (header->fields, MimeField, i);

      if (!is_unhashed (field->name))
        append_normalised (normalised, field);
    }
  g_checksum_update (checksum, (const guchar *) normalised->str, (gssize) normalised->len);
  g_checksum_get_digest (checksum, hash, &size);
}

static gboolean
value_is (const MimeHeader *header,
          const char       *name,
          const char       *start)
{
  return base_slice_starts_with_nocase (base_slice_trim (mime_header_get (header, name)), start);
}

static guint
read_type_flags (const MimeHeader *header)
{
  guint flags = 0;

  if (!mime_header_has (header, "Content-Type"))
    return 0;
  if (value_is (header, "Content-Type", "multipart/"))
    flags |= MIME_SUMMARY_IS_MULTIPART;
  else if (!value_is (header, "Content-Type", "text"))
    flags |= MIME_SUMMARY_MAY_ATTACH;
  if (value_is (header, "Content-Type", "multipart/mixed"))
    flags |= MIME_SUMMARY_MAY_ATTACH;
  if (value_is (header, "Content-Type", "multipart/report"))
    flags |= MIME_SUMMARY_IS_AUTOMATIC;
  if (value_is (header, "Content-Type", "text/calendar"))
    flags |= MIME_SUMMARY_HAS_CALENDAR;
  if (value_is (header, "Content-Type", "multipart/signed"))
    flags |= MIME_SUMMARY_IS_SIGNED;
  if (value_is (header, "Content-Type", "multipart/encrypted"))
    flags |= MIME_SUMMARY_IS_ENCRYPTED;
  return flags;
}

/* S/MIME says in a parameter whether it is signed or encrypted. */
static guint
read_smime_flags (const MimeHeader *header)
{
  BaseSlice type = mime_header_get (header, "Content-Type");
  g_autofree char *lower = NULL;
  g_autofree char *text = NULL;

  if (!value_is (header, "Content-Type", "application/pkcs7-mime")
      && !value_is (header, "Content-Type", "application/x-pkcs7-mime"))
    return 0;
  text = base_slice_dup_text (base_slice_sub (type, 0, 1000));
  lower = g_ascii_strdown (text, -1);
  return strstr (lower, "signed-data") != NULL ? MIME_SUMMARY_IS_SIGNED : MIME_SUMMARY_IS_ENCRYPTED;
}

static guint
read_list_flags (const MimeHeader *header)
{
  guint flags = 0;

  if (mime_header_has (header, "List-Id") || mime_header_has (header, "List-Post")
      || value_is (header, "Precedence", "list"))
    flags |= MIME_SUMMARY_IS_LIST;
  if (mime_header_has (header, "List-Unsubscribe") || value_is (header, "Precedence", "bulk")
      || value_is (header, "Precedence", "junk"))
    flags |= MIME_SUMMARY_IS_BULK;
  if (mime_header_has (header, "Auto-Submitted") && !value_is (header, "Auto-Submitted", "no"))
    flags |= MIME_SUMMARY_IS_AUTOMATIC;
  return flags;
}

static guint
read_wish_flags (const MimeHeader *header)
{
  guint flags = 0;

  if (value_is (header, "Importance", "high") || value_is (header, "Priority", "urgent")
      || value_is (header, "X-Priority", "1") || value_is (header, "X-Priority", "2"))
    flags |= MIME_SUMMARY_IS_IMPORTANT;
  if (mime_header_has (header, "Disposition-Notification-To") || mime_header_has (header, "Return-Receipt-To")
      || mime_header_has (header, "X-Confirm-Reading-To"))
    flags |= MIME_SUMMARY_WANTS_RECEIPT;
  return flags;
}

static void
read_addresses (MimeSummary      *summary,
                const MimeHeader *header)
{
  guint n_from = 0;

  summary->addresses = mime_addresses_new ();
  for (guint i = 0; i < header->fields->len; i++)
    {
      const MimeField *field = &g_array_index (header->fields, MimeField, i);

      for (gsize k = 0; k < G_N_ELEMENTS (address_fields); k++)
        if (base_slice_equal_nocase (field->name, address_fields[k].name)
            && summary->addresses->len < MIME_ADDRESSES_MAX)
          mime_addresses_add (summary->addresses, address_fields[k].role, field->value);
    }
  for (guint i = 0; i < summary->addresses->len; i++)
    if (((MimeAddress *) summary->addresses->pdata[i])->role == MIME_ROLE_FROM)
      n_from++;
  if (n_from > 1)
    summary->flags |= MIME_SUMMARY_MANY_FROM;
}

static void
read_subject (MimeSummary      *summary,
              const MimeHeader *header)
{
  gboolean is_reply, is_forward;

  summary->subject = mime_header_dup_text (mime_header_get (header, "Subject"));
  summary->subject_base = mime_subject_dup_base (summary->subject, &is_reply, &is_forward);
  if (is_reply || summary->references[0] != NULL)
    summary->flags |= MIME_SUMMARY_IS_REPLY;
  if (is_forward)
    summary->flags |= MIME_SUMMARY_IS_FORWARD;
}

/* List-Id: Name of the list <list.example.org> */
static char *
dup_list_id (const MimeHeader *header)
{
  BaseSlice value = mime_header_get (header, "List-Id");

  return mime_header_has (header, "List-Id") ? dup_message_id (value) : NULL;
}

MimeSummary *
mime_summary_new (BaseSlice header_or_message)
{
  g_autoptr(MimeHeader) header = mime_header_new (header_or_message);
  MimeSummary *summary = g_new0 (MimeSummary, 1);

  summary->flags = read_type_flags (header) | read_smime_flags (header) | read_list_flags (
    header) | read_wish_flags (header);
  summary->message_id = dup_message_id (mime_header_get (header, "Message-ID"));
  summary->references = dup_references (header, summary->message_id);
  read_subject (summary, header);
  read_addresses (summary, header);
  summary->date = parse_date (mime_header_get (header, "Date"), &summary->date_zone);
  summary->received = parse_received (mime_header_get (header, "Received"));
  summary->list_id = dup_list_id (header);
  hash_header (header, summary->header_hash);
  summary->body_offset = header->body_offset;
  return summary;
}

void
mime_summary_free (MimeSummary *summary)
{
  if (summary == NULL)
    return;
  g_free (summary->message_id);
  g_strfreev (summary->references);
  g_free (summary->subject);
  g_free (summary->subject_base);
  g_ptr_array_unref (summary->addresses);
  g_free (summary->list_id);
  g_free (summary);
}

const MimeAddress *
mime_summary_peek_from (const MimeSummary *summary)
{
  for (guint i = 0; i < summary->addresses->len; i++)
    {
      const MimeAddress *address = summary->addresses->pdata[i];

      if (address->role == MIME_ROLE_FROM)
        return address;
    }
  return NULL;
}
