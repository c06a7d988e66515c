/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/digest.h"

#include "html/text.h"
#include "mime/text.h"

static void
append_address (GString           *text,
                const MimeAddress *address)
{
  if (text->len > 0)
    g_string_append_c (text, '\n');
  g_string_append_printf (text, "%s %s", address->name, address->address);
}

static void
take_addresses (IngestDigest *digest)
{
  GString *sender = g_string_new (NULL), *recipients = g_string_new (NULL);
  const GPtrArray *addresses = digest->summary->addresses;

  for (guint i = 0; i < addresses->len; i++)
    {
      const MimeAddress *address = addresses->pdata[i];

      switch (address->role)
        {
        case MIME_ROLE_FROM:
        case MIME_ROLE_SENDER:
        case MIME_ROLE_REPLY_TO:
          append_address (sender, address);
          break;
        case MIME_ROLE_TO:
        case MIME_ROLE_CC:
        case MIME_ROLE_BCC:
          append_address (recipients, address);
          break;
        }
    }
  digest->sender = g_string_free (sender, FALSE);
  digest->recipients = g_string_free (recipients, FALSE);
}

IngestDigest *
ingest_digest_new_header (BaseSlice header)
{
  IngestDigest *digest = g_new0 (IngestDigest, 1);

  digest->summary = mime_summary_new (header);
  take_addresses (digest);
  return digest;
}

static const char *
name_encoding (MimeEncoding encoding)
{
  switch (encoding)
    {
    case MIME_ENCODING_BASE64:
      return "base64";
    case MIME_ENCODING_QUOTED_PRINTABLE:
      return "quoted-printable";
    case MIME_ENCODING_UUENCODE:
      return "x-uuencode";
    case MIME_ENCODING_IDENTITY:
      break;
    }
  return NULL;
}

static const char *
name_disposition (MimeDisposition disposition)
{
  switch (disposition)
    {
    case MIME_DISPOSITION_INLINE:
      return "inline";
    case MIME_DISPOSITION_ATTACHMENT:
      return "attachment";
    case MIME_DISPOSITION_NONE:
      break;
    }
  return NULL;
}

static guint
translate_flags (guint32 flags)
{
  static const struct { MimePartFlags flag; StorePartFacts fact; } pairs[] = {
    { MIME_PART_IS_ATTACHMENT, STORE_PART_ATTACHMENT },
    { MIME_PART_IS_INLINE_IMAGE, STORE_PART_INLINE_IMAGE },
    { MIME_PART_IS_SIGNATURE, STORE_PART_SIGNATURE },
    { MIME_PART_IN_MESSAGE, STORE_PART_IN_MESSAGE },
  };
  guint facts = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (flags & pairs[i].flag)
      facts |= pairs[i].fact;
  return facts;
}

static const char *
keep (IngestDigest *digest,
      const char   *text)
{
  return text != NULL ? g_string_chunk_insert_const (digest->strings, text) : NULL;
}

static void
add_part (IngestDigest   *digest,
          const MimePart *part)
{
  g_autofree char *type = g_strconcat (part->type, "/", part->subtype, NULL);
  StorePart row = {
    .parent = part->parent, .section = keep (digest, part->section), .type = keep (digest, type),
    .charset = keep (digest, part->charset), .encoding = name_encoding (part->encoding),
    .filename = keep (digest, part->filename), .content_id = keep (digest, part->content_id),
    .disposition = name_disposition (part->disposition), .size = (gint64) part->decoded_size,
    .facts = translate_flags (part->flags),
  };

  g_array_append_val (digest->parts, row);
  if (part->flags & MIME_PART_IS_CALENDAR && !(part->flags & MIME_PART_IN_MESSAGE))
    digest->facts |= STORE_FACT_INVITATION;
}

static void
take_parts (IngestDigest   *digest,
            const MimeTree *tree)
{
  g_autoptr(GArray) body = mime_tree_list_body (tree, MIME_PREFER_HTML);
  guint n_parts = MIN (mime_tree_get_n_parts (tree), INGEST_PARTS_MAX);

  digest->parts = g_array_sized_new (FALSE, FALSE, sizeof (StorePart), n_parts);
  digest->strings = g_string_chunk_new (512);
  for (guint i = 0; i < n_parts; i++)
    add_part (digest, mime_tree_get_part (tree, i));
  for (guint i = 0; i < body->len; i++)
    if (g_array_index (body, guint, i) < n_parts)
      g_array_index (digest->parts, StorePart, g_array_index (body, guint, i)).facts |= STORE_PART_BODY;
}

static void
take_attachments (IngestDigest   *digest,
                  const MimeTree *tree)
{
  g_autoptr(GArray) attachments = mime_tree_list_attachments (tree);
  GString *filenames = g_string_new (NULL);

  for (guint i = 0; i < attachments->len; i++)
    {
      const MimePart *part = mime_tree_get_part (tree, g_array_index (attachments, guint, i));

      if (part->filename == NULL || filenames->len > INGEST_TEXT_MAX)
        continue;
      g_string_append (filenames, part->filename);
      g_string_append_c (filenames, '\n');
    }
  digest->attachments = attachments->len;
  digest->filenames = g_string_free (filenames, FALSE);
}

static char *
html_as_text (const char *html)
{
  return html_to_text (base_slice_from_string (html), HTML_LINKS_LEFT_OUT);
}

IngestDigest *
ingest_digest_new_message (GBytes *message)
{
  IngestDigest *digest = ingest_digest_new_header (base_slice_from_bytes (message));
  g_autoptr(MimeTree) tree = mime_tree_new (message);
  g_autoptr(MimeDigest) text = mime_digest_new (tree, html_as_text, INGEST_TEXT_MAX);
  StoreTextBody body;

  take_parts (digest, tree);
  take_attachments (digest, tree);
  digest->preview = g_steal_pointer (&text->preview);
  digest->text = g_steal_pointer (&text->text);
  body = ingest_digest_get_body (digest);
  digest->packed_body = store_text_pack_body (&body);
  return digest;
}

void
ingest_digest_free (IngestDigest *digest)
{
  if (digest == NULL)
    return;
  mime_summary_free (digest->summary);
  g_free (digest->sender);
  g_free (digest->recipients);
  g_clear_pointer (&digest->parts, g_array_unref);
  g_clear_pointer (&digest->strings, g_string_chunk_free);
  g_free (digest->preview);
  g_free (digest->text);
  g_free (digest->filenames);
  g_clear_pointer (&digest->packed_body, g_bytes_unref);
  g_free (digest);
}

StoreTextHead
ingest_digest_get_head (const IngestDigest *digest)
{
  return (StoreTextHead) { digest->summary->subject, digest->sender, digest->recipients, digest->summary->list_id };
}

StoreTextBody
ingest_digest_get_body (const IngestDigest *digest)
{
  return (StoreTextBody) { digest->text, digest->filenames };
}
