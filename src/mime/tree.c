/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/tree.h"

#include "mime/filename.h"
#include "mime/header.h"
#include "mime/part.h"
#include "mime/scan.h"

#include <string.h>

struct _MimeTree {
  GBytes       *message;
  GArray       *parts;         /* of MimePart */
  GStringChunk *chunk;         /* types and subtypes */
};

static MimePart *
get_part (const MimeTree *tree,
          guint           index)
{
  return &g_array_index (tree->parts, MimePart, index);
}

static gboolean
is_in (const MimeTree *tree,
       const MimePart *part,
       const char     *subtype)
{
  return part->parent >= 0 && mime_part_is_type (get_part (tree, (guint) part->parent), "multipart", subtype);
}

static gboolean
is_body_text (const MimePart *part)
{
  return (part->flags & MIME_PART_IS_TEXT) != 0
         && (strcmp (part->subtype, "plain") == 0 || strcmp (part->subtype, "html") == 0
             || strcmp (part->subtype, "enriched") == 0 || strcmp (part->subtype, "richtext") == 0);
}

/* The first thing in the message, however deeply wrapped: its text, even where it bears a name. */
static gboolean
is_first_leaf (const MimeTree *tree,
               guint           index)
{
  for (; index > 0; index--)
    if (get_part (tree, index)->parent != (gint) index - 1)
      return FALSE;
  return TRUE;
}

static gboolean
is_signature (const MimeTree *tree,
              const MimePart *part)
{
  if (is_in (tree, part, "encrypted"))
    return mime_part_is_type (part, "application", "pgp-encrypted");
  return is_in (tree, part, "signed")
         && (mime_part_is_type (part, "application", "pgp-signature")
             || mime_part_is_type (part, "application", "pkcs7-signature")
             || mime_part_is_type (part, "application", "x-pkcs7-signature"));
}

static gboolean
is_inline_image (const MimeTree *tree,
                 const MimePart *part)
{
  return mime_part_is_type (part, "image", NULL) && part->content_id != NULL
         && (is_in (tree, part, "related") || part->disposition == MIME_DISPOSITION_INLINE);
}

/* Another form of the text beside it, such as text/watch-html: for programs that know it. */
static gboolean
is_other_form (const MimeTree *tree,
               const MimePart *part)
{
  return is_in (tree, part, "alternative")
         && (mime_part_is_type (part, "text", NULL) || (part->flags & MIME_PART_IS_CALENDAR) != 0);
}

static gboolean
is_attachment (const MimeTree *tree,
               guint           index)
{
  const MimePart *part = get_part (tree, index);

  if ((part->flags & (MIME_PART_IS_MULTIPART | MIME_PART_IS_SIGNATURE | MIME_PART_IS_INLINE_IMAGE)) != 0)
    return FALSE;
  if ((part->flags & MIME_PART_IS_RAW) != 0 || part->disposition == MIME_DISPOSITION_ATTACHMENT)
    return TRUE;
  if (is_other_form (tree, part))
    return FALSE;
  if (!is_body_text (part))
    return TRUE;
  return part->filename != NULL && !is_first_leaf (tree, index);
}

/* An attached message is named after its subject. */
static char *
make_message_name (const MimeTree *tree,
                   const MimePart *part)
{
  BaseSlice body = base_slice_sub (base_slice_from_bytes (tree->message), part->body_offset, part->body_size);
  g_autoptr(MimeHeader) header = mime_header_new (body);
  g_autofree char *subject = mime_header_dup_text (mime_header_get (header, "Subject"));
  g_autofree char *name = g_strconcat (g_strdelimit (subject, "/\\", '_'), ".eml", NULL);

  if (*subject == '\0' || part->encoding != MIME_ENCODING_IDENTITY)
    return mime_filename_for_type (part->type, part->subtype);
  return mime_filename_make_safe (name, "message.eml");
}

/* What a base64 text of this size decodes to, from the length of its first line. */
static gsize
estimate_base64 (BaseSlice body)
{
  const guint8 *end = body.size > 0 ? memchr (body.data, '\n', body.size) : NULL;
  gsize line = end != NULL ? (gsize) (end - body.data) + 1 : 0;
  gsize text = line > 1 && body.data[line - 2] == '\r' ? line - 2 : MAX (line, 1) - 1;

  if (line < 20)
    return body.size / 4 * 3;
  return (gsize) ((guint64) body.size * text / line / 4 * 3) + 3;
}

static gsize
estimate_size (const MimeTree *tree,
               const MimePart *part)
{
  BaseSlice body = base_slice_sub (base_slice_from_bytes (tree->message), part->body_offset, part->body_size);

  switch (part->encoding)
    {
    case MIME_ENCODING_BASE64:            return estimate_base64 (body);
    case MIME_ENCODING_UUENCODE:          return part->body_size / 4 * 3;
    case MIME_ENCODING_QUOTED_PRINTABLE:
    case MIME_ENCODING_IDENTITY:          break;
    }
  return part->body_size;
}

static void
classify (MimeTree *tree,
          guint     index)
{
  MimePart *part = get_part (tree, index);

  if (is_signature (tree, part))
    part->flags |= MIME_PART_IS_SIGNATURE;
  else if (part->disposition != MIME_DISPOSITION_ATTACHMENT && is_inline_image (tree, part))
    part->flags |= MIME_PART_IS_INLINE_IMAGE;
  if (is_attachment (tree, index))
    part->flags |= MIME_PART_IS_ATTACHMENT;
  if (part->filename == NULL && (part->flags & MIME_PART_IS_MESSAGE) != 0)
    part->filename = make_message_name (tree, part);
  else if (part->filename == NULL && (part->flags & MIME_PART_IS_ATTACHMENT) != 0)
    part->filename = mime_filename_for_type (part->type, part->subtype);
  part->decoded_size = estimate_size (tree, part);
}

MimeTree *
mime_tree_new (GBytes *message)
{
  MimeTree *tree = g_new0 (MimeTree, 1);

  tree->message = g_bytes_ref (message);
  tree->chunk = g_string_chunk_new (256);
  tree->parts = g_array_new (FALSE, FALSE, sizeof (MimePart));
  g_array_set_clear_func (tree->parts, (GDestroyNotify) mime_part_clear);
  mime_scan_parts (base_slice_from_bytes (message), tree->parts, tree->chunk);
  for (guint i = 0; i < tree->parts->len; i++)
    classify (tree, i);
  return tree;
}

void
mime_tree_free (MimeTree *tree)
{
  if (tree == NULL)
    return;
  g_array_unref (tree->parts);
  g_string_chunk_free (tree->chunk);
  g_bytes_unref (tree->message);
  g_free (tree);
}

GBytes *
mime_tree_peek_message (const MimeTree *tree)
{
  return tree->message;
}

guint
mime_tree_get_n_parts (const MimeTree *tree)
{
  return tree->parts->len;
}

const MimePart *
mime_tree_get_part (const MimeTree *tree,
                    guint           index)
{
  g_assert (index < tree->parts->len);
  return get_part (tree, index);
}

gint
mime_tree_find_section (const MimeTree *tree,
                        const char     *section)
{
  for (guint i = 0; i < tree->parts->len; i++)
    if (strcmp (get_part (tree, i)->section, section) == 0)
      return (gint) i;
  return -1;
}

gint
mime_tree_find_content_id (const MimeTree *tree,
                           const char     *content_id)
{
  gsize size = strlen (content_id);

  if (size >= 2 && content_id[0] == '<' && content_id[size - 1] == '>')
    {
      content_id++;
      size -= 2;
    }
  for (guint i = 0; i < tree->parts->len; i++)
    {
      const char *id = get_part (tree, i)->content_id;

      if (id != NULL && strlen (id) == size && strncmp (id, content_id, size) == 0)
        return (gint) i;
    }
  return -1;
}

GArray *
mime_tree_list_attachments (const MimeTree *tree)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < tree->parts->len; i++)
    if ((get_part (tree,
                   i)->flags & (MIME_PART_IS_ATTACHMENT | MIME_PART_IN_MESSAGE)) == MIME_PART_IS_ATTACHMENT)
      g_array_append_val (list, i);
  return list;
}
