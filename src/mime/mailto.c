/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/mailto.h"

#include "mime/header.h"

#include <string.h>

#define URI_MAX        (64 * 1024)
#define RECIPIENTS_MAX 200
#define SUBJECT_MAX    2000

/* Percent decoding; control characters other than line ends become blanks, so that one field stays one
 * field. */
static char *
decode (const char *text,
        gsize       size)
{
  g_autoptr(GString) out = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    {
      guint8 byte = (guint8) text[i];

      if (byte == '%' && i + 2 < size && g_ascii_isxdigit (text[i + 1]) && g_ascii_isxdigit (text[i + 2]))
        {
          byte = (guint8) (g_ascii_xdigit_value (text[i + 1]) * 16 + g_ascii_xdigit_value (text[i + 2]));
          i += 2;
        }
      if (byte != '\r')
        g_string_append_c (out, g_ascii_iscntrl ((char) byte) && byte != '\n' && byte != '\t'
                           ? ' ' : (char) byte);
    }
  return g_utf8_make_valid (out->str, (gssize) out->len);
}

static void
add_recipients (MimeMailto *mailto,
                MimeRole    role,
                char       *typed)
{
  g_autoptr(GPtrArray) parsed = NULL;

  g_strdelimit (typed, "\n\t", ' ');
  parsed = mime_addresses_parse (role, typed);
  for (guint i = 0; i < parsed->len && mailto->addresses->len < RECIPIENTS_MAX; i++)
    if (*((MimeAddress *) parsed->pdata[i])->address != '\0')
      g_ptr_array_add (mailto->addresses, mime_address_copy (parsed->pdata[i]));
}

static char **
parse_ids (const char *value)
{
  g_auto(GStrv) words = g_strsplit_set (value, "<> \n\t", MIME_ADDRESSES_MAX);
  GPtrArray *ids = g_ptr_array_new ();

  for (gsize i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_ptr_array_add (ids, g_strdup (words[i]));
  g_ptr_array_add (ids, NULL);
  return (char **) g_ptr_array_free (ids, FALSE);
}

/* Everything that is not named here is ignored: "attach", "from", "bcc" is a recipient like any other and is
 * shown. */
static void
take_field (MimeMailto *mailto,
            GPtrArray  *ignored,
            const char *name,
            char       *value)
{
  if (strcmp (name, "to") == 0)
    add_recipients (mailto, MIME_ROLE_TO, value);
  else if (strcmp (name, "cc") == 0)
    add_recipients (mailto, MIME_ROLE_CC, value);
  else if (strcmp (name, "bcc") == 0)
    add_recipients (mailto, MIME_ROLE_BCC, value);
  else if (strcmp (name, "subject") == 0)
    {
      g_free (mailto->subject);
      mailto->subject = mime_text_make_harmless (value, SUBJECT_MAX);
    }
  else if (strcmp (name, "body") == 0)
    {
      g_free (mailto->body);
      mailto->body = g_strdup (value);
    }
  else if (strcmp (name, "in-reply-to") == 0 && mailto->in_reply_to == NULL)
    mailto->in_reply_to = parse_ids (value);
  else if (strcmp (name, "references") == 0 && mailto->references == NULL)
    mailto->references = parse_ids (value);
  else
    g_ptr_array_add (ignored, mime_text_make_harmless (name, 40));
}

static void
take_fields (MimeMailto *mailto,
             const char *query)
{
  g_auto(GStrv) fields = g_strsplit (query, "&", 100);
  GPtrArray *ignored = g_ptr_array_new ();

  for (gsize i = 0; fields[i] != NULL; i++)
    {
      gsize size = strcspn (fields[i], "=");
      g_autofree char *name = decode (fields[i], size);
      g_autofree char *lower = g_ascii_strdown (name, -1);
      g_autofree char *value = fields[i][size] == '='
                               ? decode (fields[i] + size + 1, strlen (fields[i] + size + 1)) : g_strdup ("");

      if (*lower != '\0')
        take_field (mailto, ignored, lower, value);
    }
  g_ptr_array_add (ignored, NULL);
  mailto->ignored = (char **) g_ptr_array_free (ignored, FALSE);
}

MimeMailto *
mime_mailto_parse (const char  *uri,
                   GError     **error)
{
  MimeMailto *mailto;
  g_autofree char *to = NULL;
  g_autofree char *query = NULL;
  const char *path = uri + strlen ("mailto:");
  gsize size;

  if (strnlen (uri, URI_MAX + 1) > URI_MAX || g_ascii_strncasecmp (uri, "mailto:", 7) != 0)
    {
      g_set_error_literal (error, MIME_ERROR, MIME_ERROR_REFUSED,
                           "This is not an address that mail can be written to");
      return NULL;
    }
  mailto = g_new0 (MimeMailto, 1);
  mailto->addresses = mime_addresses_new ();
  mailto->subject = g_strdup ("");
  mailto->body = g_strdup ("");
  size = strcspn (path, "?#");
  to = decode (path, size);
  add_recipients (mailto, MIME_ROLE_TO, to);
  query = path[size] == '?' ? g_strndup (path + size + 1, strcspn (path + size + 1, "#")) : g_strdup ("");
  take_fields (mailto, query);
  return mailto;
}

void
mime_mailto_free (MimeMailto *mailto)
{
  if (mailto == NULL)
    return;
  g_ptr_array_unref (mailto->addresses);
  g_free (mailto->subject);
  g_free (mailto->body);
  g_strfreev (mailto->in_reply_to);
  g_strfreev (mailto->references);
  g_strfreev (mailto->ignored);
  g_free (mailto);
}
