/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hostname.h"

#include <gio/gio.h>
#include <string.h>

#define HOST_MAX 255

typedef enum {
  HAS_LATIN    = 1 << 0,
  HAS_HAN      = 1 << 1,
  HAS_KANA     = 1 << 2,
  HAS_BOPOMOFO = 1 << 3,
  HAS_HANGUL   = 1 << 4,
  HAS_OTHER    = 1 << 5,
} Scripts;

/* Letters of Cyrillic, Greek and Armenian that look like Latin ones: a label made of nothing else passes for
 * Latin. */
static const gunichar latin_twins[] = {
  0x0430, 0x0435, 0x043e, 0x0440, 0x0441, 0x0443, 0x0445, 0x0455, 0x0456, 0x0458, 0x04bb, 0x04cf, 0x0501,
  0x051b, 0x051d, 0x0475, 0x0461, 0x0442, 0x043a, 0x043c, 0x043d, 0x0432,
  0x03b1, 0x03bf, 0x03c1, 0x03bd, 0x03b9, 0x03ba, 0x03c5, 0x03f2, 0x03f3, 0x0570, 0x0578, 0x057d, 0x0581,
  0x0585, 0x056f,
};

static gboolean
is_latin_twin (gunichar c)
{
  for (gsize i = 0; i < G_N_ELEMENTS (latin_twins); i++)
    if (latin_twins[i] == c)
      return TRUE;
  return FALSE;
}

static Scripts
get_script_flag (GUnicodeScript script)
{
  switch (script)
    {
    case G_UNICODE_SCRIPT_LATIN:    return HAS_LATIN;
    case G_UNICODE_SCRIPT_HAN:      return HAS_HAN;
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA: return HAS_KANA;
    case G_UNICODE_SCRIPT_BOPOMOFO: return HAS_BOPOMOFO;
    case G_UNICODE_SCRIPT_HANGUL:   return HAS_HANGUL;
    default:                        return HAS_OTHER;
    }
}

static gboolean
may_be_mixed (guint scripts)
{
  return (scripts & ~(HAS_LATIN | HAS_HAN | HAS_KANA)) == 0
         || (scripts & ~(HAS_LATIN | HAS_HAN | HAS_BOPOMOFO)) == 0
         || (scripts & ~(HAS_LATIN | HAS_HAN | HAS_HANGUL)) == 0;
}

/* Letters, digits, marks and hyphens of IDNA 2008; no full-width forms, invisible or lone combining
 * characters. */
static gboolean
is_label_character (gunichar c,
                    gboolean is_first)
{
  if (g_unichar_ismark (c))
    return !is_first;
  return (g_unichar_isalnum (c) || c == '-' || c == 0x30fb || c == 0x3007) && !(c >= 0xff00 && c <= 0xffef);
}

static gboolean
is_label_clear (const char *label)
{
  GUnicodeScript other = G_UNICODE_SCRIPT_COMMON;
  guint scripts = 0, marks = 0;
  gboolean all_twins = TRUE;

  for (const char *p = label; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      GUnicodeScript script = g_unichar_get_script (c);

      marks = g_unichar_ismark (c) ? marks + 1 : 0;
      if (!is_label_character (c, p == label) || marks > 2)
        return FALSE;
      if (script == G_UNICODE_SCRIPT_COMMON || script == G_UNICODE_SCRIPT_INHERITED)
        continue;
      if (get_script_flag (script) == HAS_OTHER && other != G_UNICODE_SCRIPT_COMMON && other != script)
        return FALSE;
      if (get_script_flag (script) == HAS_OTHER)
        other = script;
      scripts |= get_script_flag (script);
      all_twins = all_twins && is_latin_twin (c);
    }
  if (scripts == HAS_OTHER)
    return !all_twins;
  return may_be_mixed (scripts);
}

/* Shown as written if clear, else in ASCII form; what has none is shown with U+FFFD for each character beyond
 * ASCII. */
static char *
dup_label (const char *label)
{
  g_autofree char *ascii = NULL;
  GString *out;

  if (g_str_is_ascii (label) || is_label_clear (label))
    return g_strdup (label);
  if ((ascii = g_hostname_to_ascii (label)) != NULL)
    return g_steal_pointer (&ascii);
  out = g_string_new (NULL);
  for (const char *p = label; *p != '\0'; p = g_utf8_next_char (p))
    g_string_append_unichar (out, (guint8) *p < 0x80 ? (guint8) *p : 0xfffd);
  return g_string_free (out, FALSE);
}

static char *
dup_lower (const char *host)
{
  g_autofree char *unicode = NULL;
  g_autofree char *valid = g_utf8_make_valid (host, (gssize) strnlen (host, HOST_MAX));

  if ((unicode = g_hostname_to_unicode (valid)) == NULL)
    return g_utf8_strdown (valid, -1);
  return g_utf8_strdown (unicode, -1);
}

char *
base_hostname_dup_shown (const char *host)
{
  g_autofree char *lower = dup_lower (host);
  g_auto(GStrv) labels = g_strsplit (lower, ".", -1);

  for (gsize i = 0; labels[i] != NULL; i++)
    {
      char *shown = dup_label (labels[i]);

      g_free (labels[i]);
      labels[i] = shown;
    }
  return g_strjoinv (".", labels);
}

char *
base_hostname_dup_shown_address (const char *address)
{
  const char *at = strrchr (address, '@');
  g_autofree char *local = NULL;
  g_autofree char *host = NULL;

  if (at == NULL || at[1] == '[')
    return g_strdup (address);
  local = g_strndup (address, (gsize) (at - address) + 1);
  host = base_hostname_dup_shown (at + 1);
  return g_strconcat (local, host, NULL);
}
