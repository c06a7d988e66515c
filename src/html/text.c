/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html/text.h"

#include "html/entity.h"
#include "html/sanitize.h"
#include "html/style.h"
#include "html/token.h"

#include <stdlib.h>
#include <string.h>

#define NEST_MAX 10                        /* quote and list levels that are shown; each costs bytes on every
                                            * line */

typedef enum {
  ELEMENT_INLINE,
  ELEMENT_LINE,                /* begins and ends a line */
  ELEMENT_BLOCK,               /* an empty line before and after */
  ELEMENT_CELL,
  ELEMENT_LIST,
  ELEMENT_ITEM,
  ELEMENT_QUOTE,
  ELEMENT_PRE,
  ELEMENT_BREAK,
  ELEMENT_RULE,
  ELEMENT_IMAGE,
  ELEMENT_LINK,
  ELEMENT_DROPPED,             /* with its contents */
} Element;

/* Sorted, for bsearch(). */
static const struct { char name[HTML_NAME_MAX + 1]; Element element; } elements[] = {
  { "a", ELEMENT_LINK },           { "address", ELEMENT_LINE },     { "applet", ELEMENT_DROPPED },
  { "article", ELEMENT_LINE }, { "aside", ELEMENT_LINE },       { "audio", ELEMENT_DROPPED },
  { "blockquote", ELEMENT_QUOTE }, { "br", ELEMENT_BREAK }, { "canvas", ELEMENT_DROPPED },
  { "caption", ELEMENT_LINE },     { "center", ELEMENT_LINE },     { "dd", ELEMENT_LINE },
  { "dir", ELEMENT_LIST },         { "div", ELEMENT_LINE },         { "dl", ELEMENT_BLOCK },
  { "dt", ELEMENT_LINE }, { "fieldset", ELEMENT_LINE },    { "figcaption", ELEMENT_LINE },
  { "figure", ELEMENT_BLOCK },    { "footer", ELEMENT_LINE }, { "form", ELEMENT_LINE },
  { "h1", ELEMENT_BLOCK },         { "h2", ELEMENT_BLOCK },        { "h3", ELEMENT_BLOCK },
  { "h4", ELEMENT_BLOCK },         { "h5", ELEMENT_BLOCK },         { "h6", ELEMENT_BLOCK },
  { "header", ELEMENT_LINE }, { "hr", ELEMENT_RULE },          { "img", ELEMENT_IMAGE },
  { "li", ELEMENT_ITEM },         { "main", ELEMENT_LINE }, { "math", ELEMENT_DROPPED },
  { "menu", ELEMENT_LIST },        { "nav", ELEMENT_LINE },        { "object", ELEMENT_DROPPED },
  { "ol", ELEMENT_LIST },          { "p", ELEMENT_BLOCK },          { "pre", ELEMENT_PRE },
  { "section", ELEMENT_LINE }, { "select", ELEMENT_DROPPED },   { "svg", ELEMENT_DROPPED },
  { "table", ELEMENT_BLOCK },     { "td", ELEMENT_CELL }, { "template", ELEMENT_DROPPED },
  { "th", ELEMENT_CELL },          { "tr", ELEMENT_LINE },         { "ul", ELEMENT_LIST },
  { "video", ELEMENT_DROPPED },
};

typedef struct {
  GString   *out;
  HtmlLinks  links;

  guint      breaks;           /* line ends wanted before the next character */
  gboolean   gap;              /* a blank wanted before the next character */
  guint      quote;
  guint      line_quote;       /* of the line that out ends with */
  guint      pre;
  guint      n_lists;
  gint       numbers[NEST_MAX];                /* next number of each list, -1 for bullets */
  char       marker[16];       /* of an item whose text is still to come */

  char       skipped[HTML_NAME_MAX + 1];       /* an element that is left out, or "" */
  guint      skip_depth;

  char      *href;             /* of the open link, or NULL */
  gsize      link_start;
} Writer;

static Element
get_element (const char *name)
{
  gsize low = 0, high = G_N_ELEMENTS (elements);

  while (low < high)
    {
      gsize middle = (low + high) / 2;
      int order = strcmp (name, elements[middle].name);

      if (order == 0)
        return elements[middle].element;
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return ELEMENT_INLINE;
}

static void
want_breaks (Writer *writer,
             guint   n)
{
  writer->breaks = MAX (writer->breaks, n);
  writer->gap = FALSE;
}

static guint
get_shown_quote (guint quote)
{
  return MIN (quote, NEST_MAX);
}

static void
begin_line (Writer *writer,
            guint   quote)
{
  for (guint i = 0; i < get_shown_quote (quote); i++)
    g_string_append_c (writer->out, '>');
  if (quote > 0)
    g_string_append_c (writer->out, ' ');
  writer->line_quote = quote;
}

static void
end_line (Writer *writer)
{
  while (writer->out->len > 0 && writer->out->str[writer->out->len - 1] == ' ')
    g_string_truncate (writer->out, writer->out->len - 1);
  g_string_append_c (writer->out, '\n');
}

/* An empty line between quotes belongs to the lower level. */
static void
flush_breaks (Writer *writer)
{
  if (writer->out->len == 0)
    begin_line (writer, writer->quote);
  else if (writer->breaks > 0)
    {
      end_line (writer);
      for (guint i = 1; i < writer->breaks; i++)
        {
          begin_line (writer, MIN (writer->quote, writer->line_quote));
          end_line (writer);
        }
      begin_line (writer, writer->quote);
    }
  else
    return;
  writer->gap = FALSE;
  writer->breaks = 0;
  for (guint i = 1; i < writer->n_lists && i < NEST_MAX; i++)
    g_string_append (writer->out, "  ");
}

static void
append_character (Writer   *writer,
                  gunichar  c)
{
  flush_breaks (writer);
  if (*writer->marker != '\0')
    {
      g_string_append (writer->out, writer->marker);
      writer->marker[0] = '\0';
      writer->gap = FALSE;
    }
  if (writer->gap)
    g_string_append_c (writer->out, ' ');
  writer->gap = FALSE;
  g_string_append_unichar (writer->out, c);
}

/* Newsletters pad their hidden first lines with these. */
static gboolean
is_invisible (gunichar c)
{
  return c == 0x200b || c == 0xfeff || c == 0xad || c == 0x34f || c == 0x2060
         || (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
}

static gboolean
is_blank (gunichar c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == 0xa0;
}

static void
append_text_character (Writer   *writer,
                       gunichar  c)
{
  if (writer->pre > 0 && c == '\n')
    {
      flush_breaks (writer);
      writer->breaks = 1;
      flush_breaks (writer);
    }
  else if (writer->pre > 0 && is_blank (c))
    append_character (writer, ' ');
  else if (is_blank (c))
    writer->gap = TRUE;
  else if (!is_invisible (c) && !((c == 0x200c || c == 0x200d) && writer->gap))
    append_character (writer, c);
}

static void
append_text (Writer    *writer,
             BaseSlice  text)
{
  const char *p = (const char *) text.data;
  const char *end = p + text.size;

  while (p < end)
    {
      gunichar c = (guint8) *p;
      gsize size = 1;

      if (c == '&')
        {
          size = 1 + html_entity_parse (base_slice_new (p + 1, (gsize) (end - p) - 1), HTML_ENTITY_IN_TEXT,
                                        &c);
        }
      else if (c >= 0x80)
        {
          c = g_utf8_get_char_validated (p, end - p);
          size = (gint) c < 0 ? 1 : (gsize) g_utf8_skip[(guint8) *p];
          c = (gint) c < 0 ? 0xfffd : c;
        }
      append_text_character (writer, c);
      p += size;
    }
}

static void
append_string (Writer     *writer,
               const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    append_text_character (writer, g_utf8_get_char (p));
}

static gboolean
is_shown_scheme (const char *href)
{
  return g_ascii_strncasecmp (href, "http://", 7) == 0 || g_ascii_strncasecmp (href, "https://", 8) == 0
         || g_ascii_strncasecmp (href, "mailto:", 7) == 0;
}

/* "www.example.org" says all that "https://www.example.org/" does. */
static gboolean
says_target (const char *text,
             const char *href)
{
  g_autofree char *shown = g_strstrip (g_strdup (text));
  const char *target = href;
  gsize size;

  target += g_ascii_strncasecmp (target, "mailto:", 7) == 0 ? 7 : 0;
  if (strstr (shown, "://") == NULL && strstr (target, "://") != NULL)
    target = strstr (target, "://") + 3;
  size = strlen (target);
  while (size > 0 && target[size - 1] == '/')
    size--;
  return size > 0 && g_ascii_strncasecmp (shown, target, size) == 0
         && strspn (shown + size, "/") == strlen (shown + size);
}

static void
close_link (Writer *writer)
{
  g_autofree char *href = g_steal_pointer (&writer->href);

  if (href == NULL || writer->links == HTML_LINKS_LEFT_OUT || writer->out->len <= writer->link_start
      || says_target (writer->out->str + writer->link_start, href))
    return;
  writer->breaks = 0;
  writer->gap = TRUE;
  append_character (writer, '<');
  append_string (writer, href);
  append_character (writer, '>');
}

static void
open_link (Writer          *writer,
           const HtmlToken *token)
{
  char *href;

  close_link (writer);
  if (writer->links == HTML_LINKS_LEFT_OUT || (href = html_attribute_dup (token, "href")) == NULL)
    return;
  g_strstrip (href);
  if (!is_shown_scheme (href) || !g_utf8_validate (href, -1, NULL))
    {
      g_free (href);
      return;
    }
  writer->href = href;
  writer->link_start = writer->out->len;
}

static void
append_image (Writer          *writer,
              const HtmlToken *token)
{
  g_autofree char *alt = html_attribute_dup (token, "alt");
  g_autofree char *valid = NULL;

  if (alt == NULL || *g_strstrip (alt) == '\0')
    return;
  valid = g_utf8_make_valid (alt, -1);
  writer->gap = TRUE;
  append_string (writer, valid);
  writer->gap = TRUE;
}

static void
open_list (Writer          *writer,
           const HtmlToken *token)
{
  g_autofree char *start = NULL;
  gint number = -1;

  if (strcmp (token->name, "ol") == 0)
    {
      start = html_attribute_dup (token, "start");
      number = start != NULL ? CLAMP (atoi (start), 0, 1000000) : 1;
    }
  want_breaks (writer, writer->n_lists == 0 ? 2 : 1);
  if (writer->n_lists < NEST_MAX)
    writer->numbers[writer->n_lists] = number;
  writer->n_lists++;
}

static void
close_list (Writer *writer)
{
  writer->n_lists -= writer->n_lists > 0 ? 1 : 0;
  writer->marker[0] = '\0';
  want_breaks (writer, writer->n_lists == 0 ? 2 : 1);
}

static void
open_item (Writer *writer)
{
  guint level = MIN (writer->n_lists, NEST_MAX);
  gint *number = level > 0 ? &writer->numbers[level - 1] : NULL;

  want_breaks (writer, 1);
  if (number == NULL || *number < 0)
    g_strlcpy (writer->marker, "\xe2\x80\xa2 ", sizeof writer->marker);
  else
    g_snprintf (writer->marker, sizeof writer->marker, "%d. ", (*number)++);
}

static void
append_rule (Writer *writer)
{
  want_breaks (writer, 1);
  append_string (writer, "----------");
  want_breaks (writer, 1);
}

static void
start_skipping (Writer     *writer,
                const char *name)
{
  g_strlcpy (writer->skipped, name, sizeof writer->skipped);
  writer->skip_depth = 1;
}

static gboolean
is_void (const char *name)
{
  static const char *const names[] = { "area", "base", "br", "col", "embed", "hr", "img", "input", "link",
                                       "meta", "param", "source", "track", "wbr" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

static void
start_element (Writer          *writer,
               const HtmlToken *token)
{
  Element element = get_element (token->name);

  if (!is_void (token->name) && (element == ELEMENT_DROPPED || html_style_hides (token)))
    {
      start_skipping (writer, token->name);
      return;
    }
  switch (element)
    {
    case ELEMENT_INLINE:  break;
    case ELEMENT_LINE:    want_breaks (writer, 1);       break;
    case ELEMENT_BLOCK:   want_breaks (writer, 2);       break;
    case ELEMENT_CELL:    writer->gap = TRUE;            break;
    case ELEMENT_LIST:    open_list (writer, token);     break;
    case ELEMENT_ITEM:    open_item (writer);            break;
    case ELEMENT_QUOTE:   want_breaks (writer, 2);
                          writer->quote++;               break;
    case ELEMENT_PRE:     want_breaks (writer, 2);
                          writer->pre++;                 break;
    case ELEMENT_BREAK:   flush_breaks (writer);
                          want_breaks (writer, 1);       break;
    case ELEMENT_RULE:    append_rule (writer);          break;
    case ELEMENT_IMAGE:   append_image (writer, token);  break;
    case ELEMENT_LINK:    open_link (writer, token);     break;
    case ELEMENT_DROPPED: break;
    }
}

static void
end_element (Writer          *writer,
             const HtmlToken *token)
{
  switch (get_element (token->name))
    {
    case ELEMENT_INLINE:
    case ELEMENT_BREAK:
    case ELEMENT_RULE:
    case ELEMENT_IMAGE:
    case ELEMENT_DROPPED: break;
    case ELEMENT_LINE:    want_breaks (writer, 1);       break;
    case ELEMENT_BLOCK:   want_breaks (writer, 2);       break;
    case ELEMENT_CELL:    writer->gap = TRUE;            break;
    case ELEMENT_LIST:    close_list (writer);           break;
    case ELEMENT_ITEM:    want_breaks (writer, 1);       break;
    case ELEMENT_QUOTE:   want_breaks (writer, 2);
                          writer->quote -= writer->quote > 0 ? 1 : 0;
                          break;
    case ELEMENT_PRE:     want_breaks (writer, 2);
                          writer->pre -= writer->pre > 0 ? 1 : 0;
                          break;
    case ELEMENT_LINK:    close_link (writer);           break;
    }
}

/* Elements that end without a tag of their own: a hidden paragraph hides no further than to the next. */
static gboolean
ends_skipped (Writer          *writer,
              const HtmlToken *token)
{
  Element skipped = get_element (writer->skipped);
  Element met = get_element (token->name);

  if (token->kind != HTML_TOKEN_START || writer->skip_depth > 1)
    return FALSE;
  if (skipped == ELEMENT_ITEM || skipped == ELEMENT_CELL)
    return met == skipped;
  return strcmp (writer->skipped, "p") == 0 && met != ELEMENT_INLINE && met != ELEMENT_LINK
         && met != ELEMENT_IMAGE && met != ELEMENT_BREAK;
}

/* Within a hidden cell, tables nest: they are counted in its place. */
static gboolean
is_counted (Writer          *writer,
            const HtmlToken *token)
{
  if (get_element (writer->skipped) == ELEMENT_CELL && strcmp (token->name, "table") == 0)
    return TRUE;
  return strcmp (token->name, writer->skipped) == 0;
}

/* Whether the token lies within an element that is left out. */
static gboolean
skip_token (Writer          *writer,
            const HtmlToken *token)
{
  if (*writer->skipped == '\0')
    return FALSE;
  if (ends_skipped (writer, token))
    {
      writer->skipped[0] = '\0';
      return FALSE;
    }
  if (!is_counted (writer, token))
    return TRUE;
  if (token->kind == HTML_TOKEN_START)
    writer->skip_depth++;
  else if (token->kind == HTML_TOKEN_END && --writer->skip_depth == 0)
    writer->skipped[0] = '\0';
  return TRUE;
}

char *
html_to_text (BaseSlice  utf8,
              HtmlLinks  links)
{
  Writer writer = { .links = links };
  HtmlTokenizer tokenizer;
  HtmlToken token;

  utf8 = base_slice_sub (utf8, 0, HTML_SIZE_MAX);
  writer.out = g_string_sized_new (utf8.size / 4 + 16);
  html_tokenizer_init (&tokenizer, utf8);
  while (html_tokenizer_next (&tokenizer, &token))
    {
      if (skip_token (&writer, &token))
        continue;
      switch (token.kind)
        {
        case HTML_TOKEN_TEXT:  append_text (&writer, token.text);       break;
        case HTML_TOKEN_RAW:   break;
        case HTML_TOKEN_START: start_element (&writer, &token);         break;
        case HTML_TOKEN_END:   end_element (&writer, &token);           break;
        }
    }
  close_link (&writer);
  while (writer.out->len > 0 && strchr (" \n", writer.out->str[writer.out->len - 1]) != NULL)
    g_string_truncate (writer.out, writer.out->len - 1);
  return g_string_free (writer.out, FALSE);
}
