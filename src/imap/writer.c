/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/writer.h"

#include "imap/names.h"

#include "base/secret.h"

#include <string.h>

#define QUOTED_MAX        1000
#define LITERAL_MINUS_MAX 4096

struct _ImapWriter {
  ImapLiteralMode  literals;
  ImapNameMode     names;
  GPtrArray       *pieces;       /* ImapWriterPiece; the last one grows */
};

static void
free_piece (gpointer data)
{
  ImapWriterPiece *piece = data;

  if (piece->is_secret)
    base_secret_wipe (piece->bytes->data, piece->bytes->len);
  g_byte_array_unref (piece->bytes);
  g_free (piece);
}

/* A secret never moves in memory: its piece is as large as it will be. */
static ImapWriterPiece *
add_piece (ImapWriter *writer,
           gboolean    is_secret,
           gsize       size)
{
  ImapWriterPiece *piece = g_new0 (ImapWriterPiece, 1);

  piece->bytes = g_byte_array_sized_new ((guint) size);
  piece->is_secret = is_secret;
  g_ptr_array_add (writer->pieces, piece);
  return piece;
}

ImapWriter *
imap_writer_new (ImapLiteralMode literals,
                 ImapNameMode    names)
{
  ImapWriter *writer = g_new0 (ImapWriter, 1);

  writer->literals = literals;
  writer->names = names;
  writer->pieces = g_ptr_array_new_with_free_func (free_piece);
  return writer;
}

void
imap_writer_free (ImapWriter *writer)
{
  g_ptr_array_unref (writer->pieces);
  g_free (writer);
}

static ImapWriterPiece *
get_open_piece (ImapWriter *writer)
{
  ImapWriterPiece *last = writer->pieces->len > 0 ? writer->pieces->pdata[writer->pieces->len - 1] : NULL;

  if (last == NULL || last->is_secret || last->asks || last->upload_size > 0)
    last = add_piece (writer, FALSE, 64);
  return last;
}

static void
append (ImapWriter *writer,
        const char *text)
{
  g_byte_array_append (get_open_piece (writer)->bytes, (const guint8 *) text, (guint) strlen (text));
}

void
imap_writer_text (ImapWriter *writer,
                  const char *text)
{
  append (writer, text);
}

void
imap_writer_printf (ImapWriter *writer,
                    const char *format,
                    ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  append (writer, text);
}

/* RFC 3501 section 9 QUOTED-CHAR; with UTF8=ACCEPT also UTF-8 (RFC 6855 section 3). */
static gboolean
can_be_quoted (ImapWriter *writer,
               const char *string)
{
  for (const char *p = string; *p != '\0'; p++)
    if (*p == '\r' || *p == '\n' || ((guint8) *p >= 0x80 && writer->names == IMAP_NAMES_UTF7))
      return FALSE;
  return strlen (string) <= QUOTED_MAX
         && (writer->names == IMAP_NAMES_UTF7 || g_utf8_validate (string, -1, NULL));
}

static void
begin_literal (ImapWriter *writer,
               guint64     size)
{
  gboolean asks = writer->literals == IMAP_LITERAL_ASK
                  || (writer->literals == IMAP_LITERAL_MINUS && size > LITERAL_MINUS_MAX);
  ImapWriterPiece *last;

  imap_writer_printf (writer, "{%" G_GUINT64_FORMAT "%s}\r\n", size, asks ? "" : "+");
  last = writer->pieces->pdata[writer->pieces->len - 1];
  last->asks = asks;
}

static void
append_quoted (GByteArray *bytes,
               const char *string)
{
  g_byte_array_append (bytes, (const guint8 *) "\"", 1);
  for (const char *p = string; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_byte_array_append (bytes, (const guint8 *) "\\", 1);
      g_byte_array_append (bytes, (const guint8 *) p, 1);
    }
  g_byte_array_append (bytes, (const guint8 *) "\"", 1);
}

static void
add_string (ImapWriter *writer,
            const char *string,
            gboolean    is_secret)
{
  gsize size = strlen (string);
  gboolean is_quoted = can_be_quoted (writer, string);
  GByteArray *bytes;

  if (!is_quoted)
    begin_literal (writer, size);
  bytes = is_secret ? add_piece (writer, TRUE, 2 * size + 2)->bytes : get_open_piece (writer)->bytes;
  if (is_quoted)
    append_quoted (bytes, string);
  else
    g_byte_array_append (bytes, (const guint8 *) string, (guint) size);
}

void
imap_writer_string (ImapWriter *writer,
                    const char *string)
{
  add_string (writer, string, FALSE);
}

void
imap_writer_secret (ImapWriter *writer,
                    const char *string)
{
  add_string (writer, string, TRUE);
}

void
imap_writer_secret_text (ImapWriter *writer,
                         const char *text)
{
  gsize size = strlen (text);

  g_byte_array_append (add_piece (writer, TRUE, size)->bytes, (const guint8 *) text, (guint) size);
}

void
imap_writer_folder (ImapWriter *writer,
                    const char *raw_name)
{
  g_autofree char *wire = NULL;

  if (writer->names == IMAP_NAMES_UTF8)
    wire = imap_names_to_wire (raw_name);
  imap_writer_string (writer, wire != NULL ? wire : raw_name);
}

void
imap_writer_flags (ImapWriter         *writer,
                   ImapFlags           flags,
                   const char * const *keywords)
{
  const char *separator = "";

  append (writer, "(");
  for (guint bit = IMAP_FLAG_SEEN; bit <= IMAP_FLAG_DRAFT; bit <<= 1)
    if ((flags & bit & IMAP_FLAGS_SETTABLE) != 0)
      {
        imap_writer_printf (writer, "%s%s", separator, imap_flags_get_name ((ImapFlags) bit));
        separator = " ";
      }
  for (guint i = 0; keywords != NULL && keywords[i] != NULL; i++)
    if (imap_flags_is_keyword (keywords[i]))
      {
        imap_writer_printf (writer, "%s%s", separator, keywords[i]);
        separator = " ";
      }
  append (writer, ")");
}

void
imap_writer_upload (ImapWriter *writer,
                    guint64     size)
{
  begin_literal (writer, size);
  if (size > 0)
    add_piece (writer, FALSE, 0)->upload_size = size;
}

GPtrArray *
imap_writer_steal (ImapWriter *writer)
{
  GPtrArray *pieces = writer->pieces;

  writer->pieces = g_ptr_array_new_with_free_func (free_piece);
  return pieces;
}
