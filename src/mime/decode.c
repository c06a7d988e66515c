/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/tree.h"

#include "mime/charset.h"
#include "mime/gmime.h"

#include <string.h>

#define PIECE 65536

static BaseSlice
get_body (const MimeTree *tree,
          const MimePart *part)
{
  return base_slice_sub (base_slice_from_bytes (mime_tree_peek_message (tree)), part->body_offset,
                         part->body_size);
}

/* The data of a uuencoded body begin below "begin 644 name". */
static BaseSlice
skip_uu_begin (BaseSlice body)
{
  const guint8 *begin = memmem (body.data, body.size, "begin ", 6);
  const guint8 *end = begin != NULL ? memchr (begin, '\n', body.size - (gsize) (begin - body.data)) : NULL;

  return end != NULL ? base_slice_sub (body, (gsize) (end - body.data) + 1, body.size) : body;
}

static void
init_decoder (GMimeEncoding *decoder,
              MimeEncoding   encoding,
              BaseSlice     *body)
{
  mime_gmime_ensure ();
  switch (encoding)
    {
    case MIME_ENCODING_BASE64:
      g_mime_encoding_init_decode (decoder, GMIME_CONTENT_ENCODING_BASE64);
      break;
    case MIME_ENCODING_QUOTED_PRINTABLE:
      g_mime_encoding_init_decode (decoder, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
      break;
    case MIME_ENCODING_UUENCODE:
      g_mime_encoding_init_decode (decoder, GMIME_CONTENT_ENCODING_UUENCODE);
      decoder->state |= GMIME_UUDECODE_STATE_BEGIN;
      *body = skip_uu_begin (*body);
      break;
    case MIME_ENCODING_IDENTITY:
      g_mime_encoding_init_decode (decoder, GMIME_CONTENT_ENCODING_BINARY);
      break;
    }
}

static gboolean
feed (GMimeEncoding *decoder,
      BaseSlice      in,
      char          *buffer,
      MimeSink       sink,
      gpointer       user_data,
      GError       **error)
{
  gsize size = g_mime_encoding_step (decoder, (const char *) in.data, in.size, buffer);

  return size == 0 || sink (base_slice_new (buffer, size), user_data, error);
}

gboolean
mime_tree_write_part (const MimeTree *tree,
                      guint           index,
                      MimeSink        sink,
                      gpointer        user_data,
                      GError        **error)
{
  const MimePart *part = mime_tree_get_part (tree, index);
  BaseSlice body = get_body (tree, part);
  g_autofree char *buffer = NULL;
  GMimeEncoding decoder;

  if (part->encoding == MIME_ENCODING_IDENTITY
      || (part->flags & (MIME_PART_IS_MULTIPART | MIME_PART_IS_RAW)) != 0)
    return body.size == 0 || sink (body, user_data, error);

  init_decoder (&decoder, part->encoding, &body);
  buffer = g_malloc (g_mime_encoding_outlen (&decoder, PIECE) + 16);
  for (gsize at = 0; at < body.size; at += PIECE)
    if (!feed (&decoder, base_slice_sub (body, at, PIECE), buffer, sink, user_data, error))
      return FALSE;
  /* Padding that was cut off or never written: without it the last one or two bytes would be lost. */
  if (part->encoding == MIME_ENCODING_BASE64
      && !feed (&decoder, BASE_SLICE_LITERAL ("=="), buffer, sink, user_data, error))
    return FALSE;
  body.size = g_mime_encoding_flush (&decoder, "", 0, buffer);
  return body.size == 0 || sink (base_slice_new (buffer, body.size), user_data, error);
}

typedef struct {
  GByteArray *bytes;
  gsize       limit;
  gboolean    is_over;
} Collector;

static gboolean
collect (BaseSlice   piece,
         gpointer    user_data,
         GError    **error)
{
  Collector *collector = user_data;
  gsize room = collector->limit - collector->bytes->len;

  collector->is_over = piece.size > room;
  g_byte_array_append (collector->bytes, piece.data, (guint) MIN (piece.size, room));
  return !collector->is_over;
}

/* Up to limit bytes of a part; is_over tells whether there are more. */
static GByteArray *
collect_part (const MimeTree *tree,
              guint           index,
              gsize           limit,
              gboolean       *is_over)
{
  const MimePart *part = mime_tree_get_part (tree, index);
  Collector collector = { .limit = MIN (limit, G_MAXUINT / 2) };

  collector.bytes = g_byte_array_sized_new ((guint) MIN (part->decoded_size, collector.limit) + 1);
  *is_over = !mime_tree_write_part (tree, index, collect, &collector, NULL);
  return collector.bytes;
}

GBytes *
mime_tree_dup_part (const MimeTree *tree,
                    guint           index,
                    gsize           limit,
                    GError        **error)
{
  const MimePart *part = mime_tree_get_part (tree, index);
  g_autoptr(GByteArray) bytes = NULL;
  gboolean is_over;

  if (part->encoding == MIME_ENCODING_IDENTITY && part->body_size <= limit)
    return g_bytes_new_from_bytes (mime_tree_peek_message (tree), part->body_offset, part->body_size);
  bytes = collect_part (tree, index, limit, &is_over);
  if (!is_over)
    return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  g_set_error (error, MIME_ERROR, MIME_ERROR_TOO_BIG, "Part %s is larger than %" G_GSIZE_FORMAT " bytes",
               part->section, limit);
  return NULL;
}

/* <meta charset=x> or <meta http-equiv=... content="text/html; charset=x"> near the beginning. */
static char *
sniff_meta_charset (BaseSlice html)
{
  g_autofree char *head = g_strndup ((const char *) html.data, MIN (html.size, 2048));
  const char *at = head;

  for (gsize i = strlen (head); i < MIN (html.size, 2048); i++)
    head[i] = ' ';
  for (char *p = head; *p != '\0'; p++)
    *p = g_ascii_tolower (*p);
  if ((at = strstr (head, "<meta")) == NULL || (at = strstr (at, "charset=")) == NULL)
    return NULL;
  at += strlen ("charset=");
  at += strspn (at, "\"' ");
  return g_strndup (at, strcspn (at, "\"' />;"));
}

static const char *
sniff_byte_order (BaseSlice bytes)
{
  if (bytes.size >= 2 && bytes.data[0] == 0xff && bytes.data[1] == 0xfe)
    return "utf-16";
  if (bytes.size >= 2 && bytes.data[0] == 0xfe && bytes.data[1] == 0xff)
    return "utf-16";
  return NULL;
}

/* In place: \r\n and \r become \n, a byte order mark goes. */
static char *
normalise_lines (char *text)
{
  const char *from = g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text;
  char *to = text;

  for (; *from != '\0'; from++)
    if (*from != '\r')
      *to++ = *from;
    else if (from[1] != '\n')
      *to++ = '\n';
  *to = '\0';
  return text;
}

char *
mime_tree_dup_text (const MimeTree *tree,
                    guint           index,
                    gsize           limit)
{
  const MimePart *part = mime_tree_get_part (tree, index);
  g_autoptr(GByteArray) collected = NULL;
  g_autofree char *sniffed = NULL;
  BaseSlice bytes = base_slice_sub (get_body (tree, part), 0, limit);
  const char *charset;
  gboolean is_over;

  if (part->encoding != MIME_ENCODING_IDENTITY)
    {
      collected = collect_part (tree, index, limit, &is_over);
      bytes = base_slice_new (collected->data, collected->len);
    }
  if ((charset = sniff_byte_order (bytes)) == NULL)
    charset = part->charset;
  if (charset == NULL && mime_part_is_type (part, "text", "html"))
    charset = sniffed = sniff_meta_charset (bytes);
  return normalise_lines (mime_charset_dup_utf8 (bytes, charset));
}

GBytes *
mime_tree_dup_message (const MimeTree *tree,
                       guint           index)
{
  const MimePart *part = mime_tree_get_part (tree, index);
  gboolean is_over;

  if (part->encoding == MIME_ENCODING_IDENTITY)
    return g_bytes_new_from_bytes (mime_tree_peek_message (tree), part->body_offset, part->body_size);
  return g_byte_array_free_to_bytes (collect_part (tree, index, part->body_size, &is_over));
}
