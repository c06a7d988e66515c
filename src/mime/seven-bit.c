/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/seven-bit.h"

#include "mime/header.h"

#include <string.h>

#define LINE_MAX_BYTES   998
#define QP_LINE_MAX      75             /* before the "=" of a soft break */
#define BASE64_LINE_SIZE 57

typedef struct {
  const MimeTree *tree;
  BaseSlice       message;
  gsize           done;                 /* of message: written, or replaced */
  MimeSink        sink;
  gpointer        user_data;
} Writing;

static gboolean
refuse (GError     **error,
        const char  *why)
{
  g_set_error (error, MIME_ERROR, MIME_ERROR_REFUSED, "The message cannot be encoded for this server: %s",
               why);
  return FALSE;
}

/* 8-bit bytes, NUL, or a line that is too long. */
static gboolean
needs_encoding (BaseSlice bytes)
{
  gsize line = 0;

  for (gsize i = 0; i < bytes.size; i++)
    {
      if (bytes.data[i] == 0 || bytes.data[i] >= 0x80)
        return TRUE;
      line = bytes.data[i] == '\n' ? 0 : line + 1;
      if (line > LINE_MAX_BYTES)            /* with its CR */
        return TRUE;
    }
  return FALSE;
}

/* --- encoding a body --- */

static gboolean
is_line_end (BaseSlice bytes,
             gsize     at)
{
  return at + 1 < bytes.size && bytes.data[at] == '\r' && bytes.data[at + 1] == '\n';
}

static gboolean
is_plain (BaseSlice bytes,
          gsize     at)
{
  guint8 c = bytes.data[at];

  if (c == ' ' || c == '\t')
    return at + 1 < bytes.size && !is_line_end (bytes, at + 1);
  return c > ' ' && c < 0x7f && c != '=';
}

static void
append_quoted_printable (GString   *out,
                         BaseSlice  bytes)
{
  gsize column = 0;

  for (gsize i = 0; i < bytes.size; i++)
    {
      gboolean plain = is_plain (bytes, i);

      if (is_line_end (bytes, i))
        {
          g_string_append (out, "\r\n");
          column = 0;
          i++;
          continue;
        }
      if (column + (plain ? 1 : 3) > QP_LINE_MAX)
        {
          g_string_append (out, "=\r\n");
          column = 0;
        }
      if (plain)
        g_string_append_c (out, (char) bytes.data[i]);
      else
        g_string_append_printf (out, "=%02X", bytes.data[i]);
      column += plain ? 1 : 3;
    }
}

static void
append_base64 (GString   *out,
               BaseSlice  bytes)
{
  for (gsize i = 0; i < bytes.size; i += BASE64_LINE_SIZE)
    {
      g_autofree char *line = g_base64_encode (bytes.data + i, MIN (BASE64_LINE_SIZE, bytes.size - i));

      g_string_append (out, line);
      if (i + BASE64_LINE_SIZE < bytes.size)
        g_string_append (out, "\r\n");
    }
}

/* --- writing --- */

static gboolean
write_until (Writing  *writing,
             gsize     end,
             GError  **error)
{
  BaseSlice piece = base_slice_sub (writing->message, writing->done, end - writing->done);

  writing->done = end;
  return piece.size == 0 || writing->sink (piece, writing->user_data, error);
}

/* The part's header with another encoding in the place of the one it names. */
static gboolean
write_header (Writing         *writing,
              const MimePart  *part,
              const char      *encoding,
              GError         **error)
{
  BaseSlice bytes = base_slice_sub (writing->message, part->header_offset,
                                    part->body_offset - part->header_offset);
  g_autoptr(MimeHeader) header = mime_header_new (bytes);
  g_autoptr(GString) lines = g_string_new (NULL);
  const MimeField *fields = (const MimeField *) header->fields->data;

  for (guint i = 0; i < header->fields->len; i++)
    {
      const guint8 *end = i + 1 < header->fields->len
                          ? fields[i + 1].name.data : fields[i].value.data + fields[i].value.size;

      if (base_slice_equal_nocase (fields[i].name, "Content-Transfer-Encoding"))
        continue;
      g_string_append_len (lines, (const char *) fields[i].name.data, end - fields[i].name.data);
      if (i + 1 == header->fields->len)
        g_string_append (lines, "\r\n");
    }
  if (part->parent < 0 && !mime_header_has (header, "MIME-Version"))
    g_string_append (lines, "MIME-Version: 1.0\r\n");
  g_string_append_printf (lines, "Content-Transfer-Encoding: %s\r\n\r\n", encoding);

  if (!write_until (writing, part->header_offset, error))
    return FALSE;
  writing->done = part->body_offset;
  return writing->sink (base_slice_new (lines->str, lines->len), writing->user_data, error);
}

static gboolean
write_leaf (Writing         *writing,
            const MimePart  *part,
            GError         **error)
{
  BaseSlice body = base_slice_sub (writing->message, part->body_offset, part->body_size);
  gboolean is_text = strcmp (part->type, "text") == 0;
  g_autoptr(GString) encoded = g_string_new (NULL);

  if (is_text)
    append_quoted_printable (encoded, body);
  else
    append_base64 (encoded, body);
  if (!write_header (writing, part, is_text ? "quoted-printable" : "base64", error))
    return FALSE;
  writing->done = part->body_offset + part->body_size;
  return writing->sink (base_slice_new (encoded->str, encoded->len), writing->user_data, error);
}

/* The field says multipart or message, and what lies there is none that could be taken apart.  Such a type
 * must not be encoded (RFC 2045 section 6.4). */
static gboolean
is_broken_container (Writing        *writing,
                     const MimePart *part)
{
  g_autoptr(MimeHeader) header = mime_header_new (base_slice_sub (writing->message, part->header_offset,
                                                                  part->body_offset - part->header_offset));
  BaseSlice type = base_slice_trim (mime_header_get (header, "Content-Type"));

  return base_slice_starts_with_nocase (type, "multipart") || base_slice_starts_with_nocase (type, "message");
}

static gboolean
is_sealed (const MimePart *part)
{
  return mime_part_is_type (part, "multipart", "signed")
         || mime_part_is_type (part, "multipart", "encrypted");
}

/* FALSE with error, or *next is the part to go on with. */
static gboolean
write_part (Writing  *writing,
            guint     index,
            guint    *next,
            GError  **error)
{
  const MimePart *part = mime_tree_get_part (writing->tree, index);
  BaseSlice body = base_slice_sub (writing->message, part->body_offset, part->body_size);
  gboolean is_container = (part->flags & (MIME_PART_IS_MULTIPART | MIME_PART_IS_MESSAGE)) != 0;

  *next = index + 1;
  if (part->encoding != MIME_ENCODING_IDENTITY || !needs_encoding (body))
    {
      *next = part->end;
      return TRUE;
    }
  if (is_sealed (part))
    return refuse (error, "it is signed or encrypted");
  if ((part->flags & MIME_PART_IS_RAW) != 0 || (!is_container && is_broken_container (writing, part)))
    return refuse (error, "its parts cannot be taken apart");
  return is_container ? write_header (writing, part, "7bit", error) : write_leaf (writing, part, error);
}

/* --- what is left --- */

typedef struct {
  MimeSink  sink;
  gpointer  user_data;
  gsize     line;                       /* bytes of it so far */
} Check;

/* Letters in headers, and around parts, stay: nothing of that may leave. */
static gboolean
check_piece (BaseSlice   piece,
             gpointer    user_data,
             GError    **error)
{
  Check *check = user_data;

  for (gsize i = 0; i < piece.size; i++)
    {
      check->line = piece.data[i] == '\n' ? 0 : check->line + 1;
      if (piece.data[i] == 0 || piece.data[i] >= 0x80 || check->line > LINE_MAX_BYTES + 1)
        return refuse (error, "its header has letters beyond ASCII, or a line that is too long");
    }
  return check->sink (piece, check->user_data, error);
}

gboolean
mime_seven_bit_write (GBytes    *message,
                      MimeSink   sink,
                      gpointer   user_data,
                      GError   **error)
{
  g_autoptr(MimeTree) tree = mime_tree_new (message);
  Check check = { sink, user_data, 0 };
  Writing writing = { tree, base_slice_from_bytes (message), 0, check_piece, &check };
  guint n_parts = mime_tree_get_n_parts (tree), next;

  for (guint index = 0; index < n_parts; index = next)
    if (!write_part (&writing, index, &next, error))
      return FALSE;
  return write_until (&writing, writing.message.size, error);
}
