/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/text.h"

#include <string.h>

#define URI_MAX 4096

typedef struct {
  const char *start;           /* in lower case */
  const char *prefix;          /* put before the URI */
} Scheme;

static const Scheme schemes[] = {
  { "http://", "" }, { "https://", "" }, { "mailto:", "" }, { "www.", "http://" },
};

static void
clear_link (gpointer link)
{
  g_free (((MimeLink *) link)->uri);
}

static const Scheme *
find_scheme (const char *p)
{
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_ascii_strncasecmp (p, schemes[i].start, strlen (schemes[i].start)) == 0)
      return &schemes[i];
  return NULL;
}

/* A URI ends before blanks, quotes, angle brackets and whatever is not seen: a hidden character must not
 * split what is shown. */
static gboolean
ends_uri (const char *p)
{
  gunichar c;

  if ((guint8) *p < 0x80)
    return *p <= ' ' || *p == 0x7f || strchr ("<>\"`{}|\\^", *p) != NULL;
  c = g_utf8_get_char (p);
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SPACE_SEPARATOR:
      return TRUE;
    default:
      /* CJK brackets and full stops */
      return (c >= 0x3000 && c <= 0x303f) || (c >= 0xff00 && c <= 0xff65);
    }
}

/* Punctuation that belongs to the sentence, and a bracket that was opened before the URI. */
static gsize
trim_uri (const char *start,
          gsize       size)
{
  gint round = 0, square = 0;

  for (gsize i = 0; i < size; i++)
    {
      round += start[i] == '(' ? 1 : start[i] == ')' ? -1 : 0;
      square += start[i] == '[' ? 1 : start[i] == ']' ? -1 : 0;
    }
  for (; size > 0; size--)
    {
      char last = start[size - 1];

      if (last == ')' && round < 0)
        round++;
      else if (last == ']' && square < 0)
        square++;
      else if (strchr (".,;:!?'*_", last) == NULL)
        break;
    }
  return size;
}

static gsize
measure_uri (const char *start)
{
  const char *p = start;

  while (*p != '\0' && !ends_uri (p))
    p = g_utf8_next_char (p);
  return (gsize) (p - start);
}

static gboolean
follows_letter (const char *text,
                const char *p)
{
  return p > text && (g_ascii_isalnum (p[-1]) || p[-1] == '_');
}

GArray *
mime_text_find_links (const char *text)
{
  GArray *links = g_array_new (FALSE, FALSE, sizeof (MimeLink));
  const char *p = text;

  g_array_set_clear_func (links, clear_link);
  while ((p = strpbrk (p, "hHmMwW")) != NULL && links->len < MIME_LINKS_MAX)
    {
      const Scheme *scheme = follows_letter (text, p) ? NULL : find_scheme (p);
      gsize whole = scheme != NULL ? measure_uri (p) : 0;
      gsize size = scheme != NULL ? trim_uri (p, whole) : 0;
      gsize least = scheme != NULL ? strlen (scheme->start) : 0;

      if (scheme != NULL && size > least && size <= URI_MAX
          && (g_ascii_isalnum (p[least]) || p[least] == '[' || (guint8) p[least] >= 0x80))
        {
          MimeLink link = { (gsize) (p - text), (gsize) (p - text) + size, NULL };
          g_autofree char *shown = g_strndup (p, size);

          link.uri = g_strconcat (scheme->prefix, shown, NULL);
          g_array_append_val (links, link);
        }
      p += MAX (whole, 1);
    }
  return links;
}
