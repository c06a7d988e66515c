/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes are a message: its parts lie inside it and inside their parents, and every text is valid UTF-8.
 * Written into an mbox file it comes back, and encoded for a 7-bit server it has the same parts with the same
 * contents. */
#include "mime/mbox.h"
#include "mime/seven-bit.h"
#include "mime/summary.h"
#include "mime/text.h"

#include <string.h>

#define TEXT_MAX (256 * 1024)
#define PART_MAX (4 * 1024 * 1024)

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static char *
as_it_is (const char *html)
{
  return g_strdup (html);
}

static void
check_text (const char *text)
{
  g_assert (text == NULL || g_utf8_validate (text, -1, NULL));
}

static void
check_line (const char *text)
{
  check_text (text);
  g_assert (text == NULL || strpbrk (text, "\r\n") == NULL);
}

static void
check_summary (BaseSlice message)
{
  g_autoptr(MimeSummary) summary = mime_summary_new (message);

  g_assert (summary->body_offset <= message.size);
  check_line (summary->message_id);
  check_line (summary->subject);
  check_line (summary->subject_base);
  check_line (summary->list_id);
  g_assert (g_strv_length (summary->references) <= MIME_REFERENCES_MAX);
  for (guint i = 0; i < summary->addresses->len; i++)
    {
      const MimeAddress *address = summary->addresses->pdata[i];

      check_line (address->name);
      check_line (address->address);
    }
}

static void
check_part (const MimeTree *tree,
            guint           index,
            gsize           size)
{
  const MimePart *part = mime_tree_get_part (tree, index);
  guint n_parts = mime_tree_get_n_parts (tree);

  g_assert (part->header_offset <= part->body_offset);
  g_assert (part->body_offset + part->body_size <= size);
  g_assert (part->parent < (gint32) index);
  g_assert (part->end > index && part->end <= n_parts);
  g_assert (part->depth <= MIME_DEPTH_MAX);
  check_line (part->filename);
  check_text (part->content_id);
  g_assert (part->filename == NULL || strchr (part->filename, '/') == NULL);
}

static void
check_contents (const MimeTree *tree,
                guint           index)
{
  const MimePart *part = mime_tree_get_part (tree, index);
  g_autoptr(GBytes) content G_GNUC_UNUSED = mime_tree_dup_part (tree, index, PART_MAX, NULL);

  if (part->flags & MIME_PART_IS_TEXT)
    {
      g_autofree char *text = mime_tree_dup_text (tree, index, TEXT_MAX);
      g_autofree char *preview = mime_text_dup_preview (text, mime_part_get_flow (part), 200);
      g_autoptr(GArray) lines G_GNUC_UNUSED = mime_text_split (text, mime_part_get_flow (part));
      g_autoptr(GArray) links G_GNUC_UNUSED = mime_text_find_links (text);

      check_text (text);
      check_line (preview);
    }
  if (part->flags & MIME_PART_IS_MESSAGE)
    {
      g_autoptr(GBytes) inner = mime_tree_dup_message (tree, index);

      check_summary (base_slice_from_bytes (inner));
    }
}

static gboolean
collect (BaseSlice   piece,
         gpointer    user_data,
         GError    **error)
{
  g_byte_array_append (user_data, piece.data, (guint) piece.size);
  return TRUE;
}

static void
check_mbox (GBytes *message)
{
  static char *words[] = { (char *) "\\Seen", (char *) "work", NULL };
  g_autoptr(GByteArray) file = g_byte_array_new ();
  MimeMboxEntry entry = { message, words, 1748858400 };
  BaseSlice rest = base_slice_from_bytes (message);

  for (gboolean is_more = TRUE; is_more;)
    {
      g_auto(MimeMboxEntry) any = { NULL };

      is_more = mime_mbox_take (&rest, &any);
    }
  g_assert (mime_mbox_write (&entry, NULL, collect, file, NULL)
            && mime_mbox_write (&entry, NULL, collect, file, NULL));
  rest = base_slice_new (file->data, file->len);
  for (guint i = 0; i < 2; i++)
    {
      g_auto(MimeMboxEntry) again = { NULL };

      g_assert (mime_mbox_take (&rest, &again));
      g_assert (g_bytes_equal (again.message, message) && g_strv_equal ((const char * const *) again.words,
                                                                        (const char * const *) words));
      g_assert (again.arrived_at == entry.arrived_at);
    }
  g_assert (rest.size == 0);
}

static gboolean
is_leaf (const MimePart *part)
{
  return (part->flags & (MIME_PART_IS_MULTIPART | MIME_PART_IS_MESSAGE)) == 0;
}

static void
check_seven_bit (const MimeTree *tree)
{
  g_autoptr(GByteArray) out = g_byte_array_new ();
  g_autoptr(GBytes) encoded = NULL;
  g_autoptr(MimeTree) again = NULL;

  if (!mime_seven_bit_write (mime_tree_peek_message (tree), collect, out, NULL))
    return;
  for (guint i = 0; i < out->len; i++)
    g_assert (out->data[i] != 0 && out->data[i] < 0x80);
  encoded = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  again = mime_tree_new (encoded);
  g_assert (mime_tree_get_n_parts (again) == mime_tree_get_n_parts (tree));
  for (guint i = 0; i < mime_tree_get_n_parts (tree); i++)
    if (is_leaf (mime_tree_get_part (tree, i)))
      {
        g_autoptr(GBytes) before = mime_tree_dup_part (tree, i, PART_MAX, NULL);
        g_autoptr(GBytes) after = mime_tree_dup_part (again, i, PART_MAX, NULL);

        g_assert (before == NULL || after == NULL || g_bytes_equal (before, after));
      }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr(GBytes) message = g_bytes_new (data, size);
  g_autoptr(MimeTree) tree = mime_tree_new (message);
  g_autoptr(MimeDigest) digest = mime_digest_new (tree, as_it_is, TEXT_MAX);
  g_autoptr(GArray) body G_GNUC_UNUSED = mime_tree_list_body (tree, MIME_PREFER_HTML);
  g_autoptr(GArray) plain G_GNUC_UNUSED = mime_tree_list_body (tree, MIME_PREFER_PLAIN);
  g_autoptr(GArray) attachments G_GNUC_UNUSED = mime_tree_list_attachments (tree);

  check_summary ((BaseSlice) { data, size });
  for (guint i = 0; i < mime_tree_get_n_parts (tree); i++)
    {
      check_part (tree, i, size);
      check_contents (tree, i);
    }
  check_line (digest->preview);
  check_text (digest->text);
  check_mbox (message);
  check_seven_bit (tree);
  return 0;
}
