/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/part.h"

#include "mime/filename.h"
#include "mime/gmime.h"
#include "mime/words.h"

#include <string.h>

#define VALUE_MAX 16384
#define TOKEN_MAX 80

/* The value in one line, as UTF-8.  Encoded words are decoded here, since GMime loses what follows the
 * padding of the first of several; they have no business in parameters but are common there. */
static char *
dup_value (const MimeHeader *header,
           const char       *name)
{
  BaseSlice raw = base_slice_trim (base_slice_sub (mime_header_get (header, name), 0, VALUE_MAX));
  g_autoptr(GString) line = g_string_sized_new (raw.size + 1);

  for (gsize i = 0; i < raw.size; i++)
    if (raw.data[i] == '\0')
      g_string_append_c (line, ' ');
    else if (raw.data[i] != '\r' && raw.data[i] != '\n')
      g_string_append_c (line, (char) raw.data[i]);
  return mime_words_decode (base_slice_new (line->str, line->len));
}

static const char *
insert_token (GStringChunk *chunk,
              const char   *token,
              const char   *fallback)
{
  g_autofree char *lower = g_ascii_strdown (token != NULL ? token : "", -1);

  if (*lower == '\0' || strlen (lower) > TOKEN_MAX)
    return fallback;
  for (const char *p = lower; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-+._$!#&^", *p) == NULL)
      return fallback;
  return g_string_chunk_insert_const (chunk, lower);
}

static void
set_type (MimePart   *part,
          const char *type,
          const char *subtype)
{
  part->type = type;
  part->subtype = subtype;
}

static gboolean
is_parameter (GMimeContentType *type,
              const char       *name,
              const char       *value)
{
  const char *is = g_mime_content_type_get_parameter (type, name);

  return is != NULL && g_ascii_strcasecmp (is, value) == 0;
}

/* Some programs forget to close the quotes. */
static char *
dup_parameter (GMimeContentType *type,
               const char       *name)
{
  const char *value = g_mime_content_type_get_parameter (type, name);
  g_autofree char *copy = g_strdup (value);

  if (value == NULL)
    return NULL;
  g_strchomp (copy);
  return g_strdup (*copy == '"' ? copy + 1 : copy);
}

static void
set_default_type (MimePart        *part,
                  MimeDefaultType  default_type)
{
  switch (default_type)
    {
    case MIME_DEFAULT_TEXT:    set_type (part, "text", "plain");        break;
    case MIME_DEFAULT_MESSAGE: set_type (part, "message", "rfc822");    break;
    }
}

/* RFC 2045 5.2: what cannot be read is text/plain.  "Content-Type: text" is from before MIME had subtypes. */
static GMimeContentType *
read_type (MimePart         *part,
           const MimeHeader *header,
           MimeDefaultType   default_type,
           GStringChunk     *chunk)
{
  g_autofree char *value = dup_value (header, "Content-Type");
  GMimeContentType *type;

  set_default_type (part, default_type);
  if (*value == '\0')
    return NULL;
  if (memchr (value, '/', strcspn (value, ";")) == NULL)
    {
      set_type (part, "text", "plain");
      return NULL;
    }
  mime_gmime_ensure ();
  type = g_mime_content_type_parse (NULL, value);
  set_type (part, insert_token (chunk, g_mime_content_type_get_media_type (type), "application"),
            insert_token (chunk, g_mime_content_type_get_media_subtype (type), "octet-stream"));
  return type;
}

static MimeEncoding
read_encoding (const MimeHeader *header)
{
  static const struct { const char *name; MimeEncoding encoding; } names[] = {
    { "base64", MIME_ENCODING_BASE64 }, { "quoted-printable", MIME_ENCODING_QUOTED_PRINTABLE },
    { "x-uuencode", MIME_ENCODING_UUENCODE }, { "uuencode", MIME_ENCODING_UUENCODE },
    { "x-uue", MIME_ENCODING_UUENCODE },
  };
  BaseSlice value = base_slice_trim (mime_header_get (header, "Content-Transfer-Encoding"));

  while (value.size > 0 && (value.data[0] == '"' || value.data[0] == '\''))
    value = base_slice_sub (value, 1, value.size);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (base_slice_starts_with_nocase (value, names[i].name))
      return names[i].encoding;
  return MIME_ENCODING_IDENTITY;
}

/* An unknown disposition is an attachment (RFC 2183 2.8); one that consists of parameters alone as well. */
static char *
read_disposition (MimePart         *part,
                  const MimeHeader *header)
{
  g_autofree char *value = dup_value (header, "Content-Disposition");
  g_autofree char *whole = NULL;
  g_autoptr(GMimeContentDisposition) parsed = NULL;
  gsize token = strcspn (value, "; \t");

  if (*value == '\0')
    return NULL;
  whole = memchr (value, '=', token) != NULL
          ? g_strconcat ("attachment; ", value, NULL) : g_steal_pointer (&value);
  mime_gmime_ensure ();
  parsed = g_mime_content_disposition_parse (NULL, whole);
  part->disposition = g_ascii_strncasecmp (whole, "inline", 6) == 0
                      ? MIME_DISPOSITION_INLINE : MIME_DISPOSITION_ATTACHMENT;
  return g_strdup (g_mime_content_disposition_get_parameter (parsed, "filename"));
}

static char *
read_content_id (const MimeHeader *header)
{
  BaseSlice value = base_slice_trim (base_slice_sub (mime_header_get (header, "Content-ID"), 0, 998));

  if (value.size > 0 && value.data[0] == '<')
    value = base_slice_sub (value, 1, value.size);
  if (value.size > 0 && value.data[value.size - 1] == '>')
    value.size--;
  return value.size > 0 ? base_slice_dup_text (value) : NULL;
}

static guint
get_type_flags (const MimePart *part)
{
  if (mime_part_is_type (part, "multipart", NULL))
    return MIME_PART_IS_MULTIPART;
  if (mime_part_is_type (part, "message", "rfc822") || mime_part_is_type (part, "message", "global"))
    return MIME_PART_IS_MESSAGE;
  if (mime_part_is_type (part, "text", "calendar") || mime_part_is_type (part, "application", "ics"))
    return MIME_PART_IS_CALENDAR;
  return mime_part_is_type (part, "text", NULL) ? MIME_PART_IS_TEXT : 0;
}

char *
mime_part_read (MimePart         *part,
                const MimeHeader *header,
                MimeDefaultType   default_type,
                GStringChunk     *chunk)
{
  g_autoptr(GMimeContentType) type = read_type (part, header, default_type, chunk);
  g_autofree char *filename = read_disposition (part, header);

  part->encoding = read_encoding (header);
  part->content_id = read_content_id (header);
  part->flags = get_type_flags (part);
  if (type != NULL)
    {
      part->charset = dup_parameter (type, "charset");
      part->flags |= is_parameter (type, "format", "flowed") ? MIME_PART_IS_FLOWED : 0;
      part->flags |= is_parameter (type, "delsp", "yes") ? MIME_PART_DELETES_SPACES : 0;
      if (filename == NULL)
        filename = dup_parameter (type, "name");
    }
  if (filename != NULL)
    part->filename = mime_filename_make_safe (filename, "attachment");
  return type != NULL && (part->flags & MIME_PART_IS_MULTIPART) != 0
         ? dup_parameter (type, "boundary") : NULL;
}

void
mime_part_clear (MimePart *part)
{
  g_free (part->section);
  g_free (part->charset);
  g_free (part->filename);
  g_free (part->content_id);
}

void
mime_part_make_raw (MimePart *part)
{
  if (part->type == NULL)
    set_type (part, "application", "octet-stream");
  part->flags = (part->flags & MIME_PART_IN_MESSAGE) | MIME_PART_IS_RAW;
}

void
mime_part_make_text (MimePart *part)
{
  set_type (part, "text", "plain");
  part->flags = (part->flags & MIME_PART_IN_MESSAGE) | MIME_PART_IS_TEXT;
}

gboolean
mime_part_is_type (const MimePart *part,
                   const char     *type,
                   const char     *subtype)
{
  return strcmp (part->type, type) == 0 && (subtype == NULL || strcmp (part->subtype, subtype) == 0);
}
