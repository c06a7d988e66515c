/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/text.h"

#include "mime/header.h"

#define PREVIEW_MAX 200
#define PLAIN_LEAST 80                     /* a shorter plain form often says "your program cannot show
                                            * HTML" */

typedef struct {
  const MimeTree *tree;
  MimeHtmlToText  html_to_text;
  gsize           limit;
  GString        *text;
  MimeDigest     *digest;
} Digester;

static gsize
count_room (Digester *digester)
{
  return digester->text->len < digester->limit ? digester->limit - digester->text->len : 0;
}

static char *
dup_part_text (Digester *digester,
               guint     index)
{
  const MimePart *part = mime_tree_get_part (digester->tree, index);
  char *text = mime_tree_dup_text (digester->tree, index, MAX (count_room (digester), PREVIEW_MAX) * 4);
  char *plain;

  if (!mime_part_is_type (part, "text", "html"))
    return text;
  plain = digester->html_to_text (text);
  g_free (text);
  return plain;
}

static void
append_text (Digester   *digester,
             const char *text)
{
  if (digester->text->len > 0)
    g_string_append_c (digester->text, '\n');
  g_string_append_len (digester->text, text, (gssize) mime_text_measure (text, count_room (digester)));
}

static void
append_part (Digester *digester,
             guint     index)
{
  const MimePart *part = mime_tree_get_part (digester->tree, index);
  g_autofree char *text = dup_part_text (digester, index);

  append_text (digester, text);
  if (digester->digest->preview == NULL && (part->flags & MIME_PART_IN_MESSAGE) == 0)
    {
      digester->digest->preview = mime_text_dup_preview (text, mime_part_get_flow (part), PREVIEW_MAX);
      if (*digester->digest->preview == '\0')
        g_clear_pointer (&digester->digest->preview, g_free);
    }
}

static gboolean
is_text (const MimePart *part)
{
  return (part->flags & (MIME_PART_IS_TEXT | MIME_PART_IS_CALENDAR)) != 0;
}

/* The plain form costs much less than the HTML one; where it says next to nothing, the other is taken. */
static GArray *
choose_body (const MimeTree *tree)
{
  GArray *list = mime_tree_list_body (tree, MIME_PREFER_PLAIN);
  gsize size = 0;

  for (guint i = 0; i < list->len; i++)
    size += mime_tree_get_part (tree, g_array_index (list, guint, i))->decoded_size;
  if (size >= PLAIN_LEAST)
    return list;
  g_array_unref (list);
  return mime_tree_list_body (tree, MIME_PREFER_HTML);
}

static void
append_body (Digester *digester)
{
  g_autoptr(GArray) list = choose_body (digester->tree);

  for (guint i = 0; i < list->len && count_room (digester) > 0; i++)
    if (is_text (mime_tree_get_part (digester->tree, g_array_index (list, guint, i))))
      append_part (digester, g_array_index (list, guint, i));
}

static gboolean
is_in_alternative (const MimeTree *tree,
                   const MimePart *part)
{
  return part->parent >= 0
         && mime_part_is_type (mime_tree_get_part (tree, (guint) part->parent), "multipart", "alternative");
}

/* Names of attachments, texts among them, and the plain texts of attached messages. */
static void
append_rest (Digester *digester)
{
  guint n = mime_tree_get_n_parts (digester->tree);

  for (guint i = 0; i < n && count_room (digester) > 0; i++)
    {
      const MimePart *part = mime_tree_get_part (digester->tree, i);
      gboolean is_attachment = (part->flags & MIME_PART_IS_ATTACHMENT) != 0;

      if (is_attachment && part->filename != NULL)
        append_text (digester, part->filename);
      if (!is_text (part) || (!is_attachment && (part->flags & MIME_PART_IN_MESSAGE) == 0))
        continue;
      if (mime_part_is_type (part, "text", "html") && is_in_alternative (digester->tree, part))
        continue;
      if (part->disposition != MIME_DISPOSITION_INLINE || (part->flags & MIME_PART_IN_MESSAGE) != 0)
        append_part (digester, i);
    }
}

MimeDigest *
mime_digest_new (const MimeTree *tree,
                 MimeHtmlToText  html_to_text,
                 gsize           limit)
{
  MimeDigest *digest = g_new0 (MimeDigest, 1);
  Digester digester = { tree, html_to_text, limit, g_string_new (NULL), digest };

  append_body (&digester);
  append_rest (&digester);
  if (digest->preview == NULL)
    digest->preview = g_strdup ("");
  digest->text = g_string_free (digester.text, FALSE);
  return digest;
}

void
mime_digest_free (MimeDigest *digest)
{
  if (digest == NULL)
    return;
  g_free (digest->preview);
  g_free (digest->text);
  g_free (digest);
}
