/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/text.h"

#include "mime/header.h"

#include <string.h>

#define PREVIEW_READ      16384            /* bytes that a preview is made from */
#define ATTRIBUTION_LINES 3

MimeFlow
mime_part_get_flow (const MimePart *part)
{
  if ((part->flags & MIME_PART_IS_FLOWED) == 0)
    return MIME_FLOW_FIXED;
  return (part->flags & MIME_PART_DELETES_SPACES) != 0 ? MIME_FLOW_FLOWED_DELSP : MIME_FLOW_FLOWED;
}

static void
clear_line (gpointer line)
{
  g_free (((MimeLine *) line)->text);
}

/* Both ">>" and "> >" are in use, whatever the format. */
static const char *
skip_quote (const char *p,
            const char *end,
            guint      *level)
{
  *level = 0;
  while (p < end && *p == '>')
    {
      *level += *level < MIME_QUOTE_MAX ? 1 : 0;
      p++;
      if (p + 1 < end && p[0] == ' ' && p[1] == '>')
        p++;
    }
  return p;
}

static void
append_line (GArray     *lines,
             const char *text,
             gsize       size,
             guint       quote,
             gboolean    is_signature)
{
  MimeLine line = { g_strndup (text, size), quote, is_signature };

  g_array_append_val (lines, line);
}

/* A paragraph in the making: flowed lines are joined as long as they end with a blank and keep their quote
 * level. */
typedef struct {
  GArray   *lines;
  GString  *joined;
  guint     quote;
  gboolean  is_open;
  gboolean  in_signature;
} Flow;

static void
end_paragraph (Flow *flow)
{
  if (flow->is_open)
    append_line (flow->lines, flow->joined->str, flow->joined->len, flow->quote, flow->in_signature);
  g_string_truncate (flow->joined, 0);
  flow->is_open = FALSE;
}

/* RFC 3676 4.2 and 4.3: "-- " is never flowed; a blank at the start is stuffing. */
static void
add_flowed_line (Flow       *flow,
                 const char *text,
                 const char *end,
                 guint       quote,
                 MimeFlow    kind)
{
  gboolean is_separator = end - text == 3 && memcmp (text, "-- ", 3) == 0;
  gboolean is_soft;

  if (flow->is_open && (flow->quote != quote || is_separator))
    end_paragraph (flow);
  if (is_separator && quote == 0)
    flow->in_signature = TRUE;
  is_soft = !is_separator && end > text && end[-1] == ' ';
  flow->quote = quote;
  flow->is_open = TRUE;
  g_string_append_len (flow->joined, text, end - text - (is_soft && kind == MIME_FLOW_FLOWED_DELSP ? 1 : 0));
  if (!is_soft)
    end_paragraph (flow);
}

GArray *
mime_text_split (const char *text,
                 MimeFlow    kind)
{
  Flow flow = { .lines = g_array_new (FALSE, FALSE, sizeof (MimeLine)), .joined = g_string_new (NULL) };
  const char *p = text;

  g_array_set_clear_func (flow.lines, clear_line);
  while (*p != '\0')
    {
      const char *end = strchrnul (p, '\n');
      guint quote;
      const char *own = skip_quote (p, end, &quote);

      if (own < end && *own == ' ' && (quote > 0 || kind != MIME_FLOW_FIXED))
        own++;
      if (kind != MIME_FLOW_FIXED)
        add_flowed_line (&flow, own, end, quote, kind);
      else
        {
          flow.in_signature |= quote == 0 && end - own == 3 && memcmp (own, "-- ", 3) == 0;
          append_line (flow.lines, own, (gsize) (end - own), quote, flow.in_signature);
        }
      p = *end != '\0' ? end + 1 : end;
    }
  end_paragraph (&flow);
  g_string_free (flow.joined, TRUE);
  return flow.lines;
}

static const MimeLine *
get_line (GArray *lines,
          guint   index)
{
  return &g_array_index (lines, MimeLine, index);
}

static gboolean
is_empty (const MimeLine *line)
{
  return line->text[strspn (line->text, " \t")] == '\0';
}

static gboolean
ends_with_colon (const char *text)
{
  gsize size = strlen (text);

  while (size > 0 && g_ascii_isspace (text[size - 1]))
    size--;
  return (size > 0 && text[size - 1] == ':')
         || (size >= 3 && memcmp (text + size - 3, "\xef\xbc\x9a", 3) == 0);
}

/* "On Monday, Ada <ada@example.org>\nwrote:" right above a quote, in any language: a short paragraph with a
 * colon. */
static guint
count_attribution_lines (GArray *lines,
                         guint   quote)
{
  guint end = quote;
  guint start;

  while (end > 0 && is_empty (get_line (lines, end - 1)))
    end--;
  if (end == 0 || get_line (lines, end - 1)->quote > 0 || !ends_with_colon (get_line (lines, end - 1)->text))
    return 0;
  for (start = end; start > 0 && quote - start <= ATTRIBUTION_LINES; start--)
    if (is_empty (get_line (lines, start - 1)) || get_line (lines, start - 1)->quote > 0)
      break;
  return quote - start <= ATTRIBUTION_LINES ? quote - start : 0;
}

static void
mark_attributions (GArray  *lines,
                   guint8  *skip)
{
  for (guint i = 0; i < lines->len; i++)
    if (get_line (lines, i)->quote > 0 && (i == 0 || get_line (lines, i - 1)->quote == 0))
      for (guint n = count_attribution_lines (lines, i); n > 0; n--)
        skip[i - n] = TRUE;
}

/* What programs put between own words and a whole message below, and above signed text. */
static gboolean
is_divider (const char *text)
{
  static const char *const dividers[] = { "-----Original Message", "-----Urspr",
                                          "________________________________",
                                          "---------- Forwarded message", "-----BEGIN PGP SIGNATURE",
                                          "-----Message d'origine" };

  for (gsize i = 0; i < G_N_ELEMENTS (dividers); i++)
    if (g_str_has_prefix (text, dividers[i]))
      return TRUE;
  return FALSE;
}

static gboolean
has_letter (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_isalnum (g_utf8_get_char (p)))
      return TRUE;
  return FALSE;
}

/* Long addresses of tracking links say nothing in a list. */
static void
append_words (GString    *out,
              const char *text)
{
  while (*text != '\0')
    {
      gsize size = strcspn (text, " \t");

      if (size > 0 && !(size > 30 && memmem (text, size, "://", 3) != NULL))
        {
          g_string_append_len (out, text, (gssize) size);
          g_string_append_c (out, ' ');
        }
      text += size;
      text += strspn (text, " \t");
    }
}

typedef enum { OWN_WORDS, ALL_WORDS } Words;

static char *
join_words (GArray       *lines,
            const guint8 *skip,
            Words         words,
            gsize         max)
{
  g_autoptr(GString) out = g_string_new (NULL);

  for (guint i = 0; i < lines->len && out->len < 6 * max; i++)
    {
      const MimeLine *line = get_line (lines, i);

      if (words == OWN_WORDS && (line->quote > 0 || line->is_signature || skip[i]))
        continue;
      if (words == OWN_WORDS && is_divider (line->text) && out->len > 0)
        break;
      if (has_letter (line->text) && !g_str_has_prefix (line->text, "-----BEGIN PGP")
          && !g_str_has_prefix (line->text, "Hash: SHA"))
        append_words (out, line->text);
    }
  return mime_text_make_harmless (out->str, max);
}

char *
mime_text_dup_preview (const char *text,
                       MimeFlow    flow,
                       gsize       max)
{
  g_autofree char *head = g_strndup (text, mime_text_measure (text, PREVIEW_READ));
  g_autoptr(GArray) lines = mime_text_split (head, flow);
  g_autofree guint8 *skip = g_malloc0 (lines->len + 1);
  char *preview;

  mark_attributions (lines, skip);
  preview = join_words (lines, skip, OWN_WORDS, max);
  if (*preview != '\0')
    return preview;
  g_free (preview);
  return join_words (lines, skip, ALL_WORDS, max);
}
