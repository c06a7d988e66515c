/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html/url.h"

#include "base/hostname.h"
#include "html/sanitize.h"

#include <string.h>

#define URL_MAX 8192

/* Browsers drop these wherever they stand, so "java\nscript:" is a scheme to them. */
static char *
without_controls (const char *url)
{
  GString *out = g_string_new (NULL);

  for (const char *p = url; *p != '\0'; p++)
    if ((guint8) *p >= 0x20 && *p != 0x7f)
      g_string_append_c (out, *p);
  return g_strstrip (g_string_free (out, FALSE));
}

static void
append_escaped (GString    *out,
                const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (*p > ' ' && *p < 0x7f && strchr ("\"'<>\\^`{|}", *p) == NULL)
      g_string_append_c (out, *p);
    else
      g_string_append_printf (out, "%%%02X", (guint8) *p);
}

/* scheme://authority/rest: a "\" before the rest is a "/" to browsers, and any number of both begins the
 * authority. */
static char *
clean_web (const char *scheme,
           const char *rest)
{
  GString *out = g_string_new (scheme);
  g_autofree char *authority = NULL;
  gsize size;

  rest += strspn (rest, "/\\");
  size = strcspn (rest, "/\\?#");
  authority = g_strndup (rest, size);
  if (size == 0 || strpbrk (authority, " <>\"") != NULL)
    {
      g_string_free (out, TRUE);
      return NULL;
    }
  g_string_append (out, "://");
  append_escaped (out, authority);
  rest += size;
  if (*rest == '\\')
    {
      g_string_append_c (out, '/');
      rest++;
    }
  append_escaped (out, rest);
  return g_string_free (out, FALSE);
}

/* The text after the scheme, or NULL when the URL has another one. */
static const char *
skip_scheme (const char *url,
             const char *scheme)
{
  gsize size = strlen (scheme);

  return g_ascii_strncasecmp (url, scheme, size) == 0 && url[size] == ':' ? url + size + 1 : NULL;
}

static char *
clean_remote (const char *url)
{
  const char *rest;

  if ((rest = skip_scheme (url, "https")) != NULL)
    return clean_web ("https", rest);
  if ((rest = skip_scheme (url, "http")) != NULL)
    return clean_web ("http", rest);
  return g_str_has_prefix (url, "//") ? clean_web ("https", url) : NULL;
}

static char *
clean_simple (const char *scheme,
              const char *rest)
{
  GString *out = g_string_new (scheme);

  g_string_append_c (out, ':');
  append_escaped (out, rest);
  return g_string_free (out, FALSE);
}

char *
html_url_clean_link (const char *url)
{
  g_autofree char *clean = NULL;
  const char *rest;

  if (strnlen (url, URL_MAX + 1) > URL_MAX)
    return NULL;
  clean = without_controls (url);
  if ((rest = skip_scheme (clean, "mailto")) != NULL)
    return clean_simple ("mailto", rest);
  return clean_remote (clean);
}

/* data:image/png;base64,... and nothing but base64 after it: no SVG, which is a document of its own. */
static gboolean
is_picture_data (const char *url)
{
  static const char *const types[] = { "data:image/png;base64,", "data:image/gif;base64,",
                                       "data:image/jpeg;base64,",
                                       "data:image/jpg;base64,", "data:image/webp;base64," };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_ascii_strncasecmp (url, types[i], strlen (types[i])) == 0)
      {
        const char *data = url + strlen (types[i]);

        return strspn (data,
                       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") == strlen (data);
      }
  return FALSE;
}

char *
html_url_clean_image (const char    *url,
                      HtmlImageKind *kind)
{
  g_autofree char *clean = without_controls (url);
  const char *rest;
  char *remote;

  *kind = HTML_IMAGE_INSIDE;
  if (is_picture_data (clean))
    return g_steal_pointer (&clean);
  if ((rest = skip_scheme (clean, "cid")) != NULL && strlen (rest) < 1000)
    return clean_simple ("cid", rest);
  *kind = HTML_IMAGE_REMOTE;
  if (strlen (clean) <= URL_MAX && (remote = clean_remote (clean)) != NULL)
    return remote;
  *kind = HTML_IMAGE_UNSAFE;
  return NULL;
}

char *
html_link_dup_host (const char *target)
{
  const char *start = strstr (target, "://");
  g_autofree char *authority = NULL;
  g_autofree char *decoded = NULL;
  char *host;

  if (start == NULL || g_ascii_strncasecmp (target, "mailto:", 7) == 0)
    return NULL;
  authority = g_strndup (start + 3, strcspn (start + 3, "/\\?#"));
  host = strrchr (authority, '@') != NULL ? strrchr (authority, '@') + 1 : authority;
  if (*host == '[')
    return g_strndup (host, strcspn (host, "]") + 1);
  host[strcspn (host, ":")] = '\0';
  decoded = g_uri_unescape_string (host, NULL);
  return base_hostname_dup_shown (decoded != NULL ? decoded : host);
}

/* The first word of a text that reads like a web address: with a scheme, or host.tld. */
static char *
find_claimed_host (const char *text)
{
  g_auto(GStrv) words = g_strsplit_set (text, " \t\n\r()<>[]\",;", 50);

  for (gsize i = 0; words[i] != NULL; i++)
    {
      gboolean is_url = g_ascii_strncasecmp (words[i], "http://", 7) == 0
                        || g_ascii_strncasecmp (words[i], "https://", 8) == 0;
      g_autofree char *url = is_url ? g_strdup (words[i]) : g_strconcat ("http://", words[i], NULL);
      g_autofree char *host = html_link_dup_host (url);
      const char *dot = host != NULL ? strrchr (host, '.') : NULL;

      if (dot == NULL || dot == host || strlen (dot) < 3 || (strchr (words[i], '@') != NULL && !is_url))
        continue;
      if (is_url || (strspn (dot + 1, "abcdefghijklmnopqrstuvwxyz") == strlen (dot + 1)
                     && strstr (host, "..") == NULL))
        return g_steal_pointer (&host);
    }
  return NULL;
}

static gboolean
is_within (const char *host,
           const char *domain)
{
  gsize size = strlen (host), tail = strlen (domain);

  return size >= tail && strcmp (host + size - tail, domain) == 0
         && (size == tail || host[size - tail - 1] == '.');
}

gboolean
html_link_is_deceptive (const HtmlLink *link)
{
  g_autofree char *claimed = find_claimed_host (link->text);
  g_autofree char *real = html_link_dup_host (link->target);
  const char *plain_claimed, *plain_real;

  if (claimed == NULL || real == NULL)
    return FALSE;
  plain_claimed = g_str_has_prefix (claimed, "www.") ? claimed + 4 : claimed;
  plain_real = g_str_has_prefix (real, "www.") ? real + 4 : real;
  return !is_within (plain_real, plain_claimed) && !is_within (plain_claimed, plain_real);
}
