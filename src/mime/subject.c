/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/summary.h"

#include <string.h>

typedef enum { PREFIX_NONE, PREFIX_REPLY, PREFIX_FORWARD } Prefix;

/* What mail programs write before the subject of an answer, in lower case. */
static const char *const reply_prefixes[] = {
  "re", "r", "aw", "antw", "antwort", "sv", "vs", "rif", "res", "odp", "ref", "ynt", "yan", "atb", "bls",
  "ats", "ad",
  /* отв, на, відп */
  "\xd0\xbe\xd1\x82\xd0\xb2", "\xd0\xbd\xd0\xb0", "\xd0\xb2\xd1\x96\xd0\xb4\xd0\xbf",
  "\xce\xb1\xcf\x80", "\xcf\x83\xcf\x87\xce\xb5\xcf\x84",                                    /* απ, σχετ */
  "\xd7\x94\xd7\xa9\xd7\x91", "\xd8\xb1\xd8\xaf",                                            /* השב, رد */
  "\xe5\x9b\x9e\xe5\xa4\x8d", "\xe5\x9b\x9e\xe8\xa6\x86", "\xe7\xad\x94\xe5\xa4\x8d",        /* 回复 回覆 答复 */
  "\xe8\xbf\x94\xe4\xbf\xa1", "\xeb\x8b\xb5\xec\x9e\xa5", "\xed\x9a\x8c\xec\x8b\xa0",        /* 返信 답장 회신 */
};

static const char *const forward_prefixes[] = {
  "fwd", "fw", "wg", "tr", "rv", "enc", "i", "vb", "vl", "pd", "doorst", "trs", "fs", "ilt", "i\xcc\x87lt",
  "rwd", "tov",
  "\xd0\xbf\xd0\xb5\xd1\x80", "\xd0\xbf\xd0\xb5\xd1\x80\xd0\xb5\xd1\x81\xd0\xbb",            /* пер, пересл */
  "\xcf\x80\xcf\x81\xce\xb8", "\xd7\x94\xd7\xa2\xd7\x91\xd7\xa8",                            /* πρθ, העבר */
  "\xe8\xbd\xac\xe5\x8f\x91", "\xe8\xbd\x89\xe5\xaf\x84", "\xe8\xbd\x89\xe7\x99\xbc",        /* 转发 轉寄 轉發 */
  "\xe8\xbb\xa2\xe9\x80\x81", "\xec\xa0\x84\xeb\x8b\xac",                                    /* 転送 전달 */
};

static const char *
skip_blanks (const char *p)
{
  while (g_unichar_isspace (g_utf8_get_char (p)) && *p != '\0')
    p = g_utf8_next_char (p);
  return p;
}

/* The text after prefix (given in lower case), or NULL when it does not begin with it. */
static const char *
skip_word (const char *text,
           const char *prefix)
{
  while (*prefix != '\0')
    {
      if (*text == '\0' || g_unichar_tolower (g_utf8_get_char (text)) != g_utf8_get_char (prefix))
        return NULL;
      text = g_utf8_next_char (text);
      prefix = g_utf8_next_char (prefix);
    }
  return text;
}

/* "[2]", "(2)", "^2", "*2": some programs count. */
static const char *
skip_count (const char *p)
{
  const char *start = p;
  char close = *p == '[' ? ']' : *p == '(' ? ')' : '\0';

  if (close == '\0' && *p != '^' && *p != '*')
    return p;
  for (p++; g_ascii_isdigit (*p); p++)
    ;
  if (close == '\0')
    return p;
  return *p == close ? p + 1 : start;
}

/* A prefix counts only with its colon, which may be the wide one and may stand after a blank, as in
 * French. */
static const char *
skip_prefix (const char        *text,
             const char *const *prefixes,
             gsize              n)
{
  for (gsize i = 0; i < n; i++)
    {
      const char *p = skip_word (text, prefixes[i]);

      if (p == NULL)
        continue;
      p = skip_blanks (skip_count (p));
      if (*p == ':')
        return skip_blanks (p + 1);
      if (g_str_has_prefix (p, "\xef\xbc\x9a"))
        return skip_blanks (p + 3);
    }
  return NULL;
}

/* "[list] subject"; a subject that is nothing but a tag keeps it. */
static const char *
skip_tag (const char *text)
{
  const char *end;
  const char *rest;

  if (*text != '[' || (end = strchr (text, ']')) == NULL || end - text > 80
      || memchr (text + 1, '[', (gsize) (end - text) - 1))
    return NULL;
  rest = skip_blanks (end + 1);
  return *rest != '\0' ? rest : NULL;
}

static const char *
skip_one (const char *text,
          Prefix     *met)
{
  const char *rest;

  *met = PREFIX_REPLY;
  if ((rest = skip_prefix (text, reply_prefixes, G_N_ELEMENTS (reply_prefixes))) != NULL)
    return rest;
  *met = PREFIX_FORWARD;
  if ((rest = skip_prefix (text, forward_prefixes, G_N_ELEMENTS (forward_prefixes))) != NULL)
    return rest;
  *met = PREFIX_NONE;
  return skip_tag (text);
}

/* "[Fwd: subject]" and "subject (fwd)", RFC 5256 2.1. */
static gboolean
unwrap_forward (char *text)
{
  gsize size = strlen (text);

  if (size > 6 && g_ascii_strncasecmp (text, "[fwd:", 5) == 0 && text[size - 1] == ']')
    {
      text[size - 1] = '\0';
      memmove (text, text + 5, size - 5);
      g_strstrip (text);
      return TRUE;
    }
  if (size > 5 && g_ascii_strcasecmp (text + size - 5, "(fwd)") == 0)
    {
      text[size - 5] = '\0';
      g_strstrip (text);
      return TRUE;
    }
  return FALSE;
}

char *
mime_subject_dup_base (const char *subject,
                       gboolean   *is_reply,
                       gboolean   *is_forward)
{
  gboolean seen[3] = { FALSE, FALSE, FALSE };
  char *base = g_strstrip (g_strdup (subject));

  do
    {
      const char *rest = skip_blanks (base);
      const char *next;
      Prefix met;

      while ((next = skip_one (rest, &met)) != NULL)
        {
          seen[met] = TRUE;
          rest = next;
        }
      memmove (base, rest, strlen (rest) + 1);
    }
  while (unwrap_forward (base) && (seen[PREFIX_FORWARD] = TRUE));

  if (is_reply != NULL)
    *is_reply = seen[PREFIX_REPLY];
  if (is_forward != NULL)
    *is_forward = seen[PREFIX_FORWARD];
  return base;
}
