/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html/tidy.h"

#include "html/sanitize.h"
#include "html/tags.h"
#include "html/token.h"

#include <string.h>

#define FORMATS_MAX    24                  /* formatting elements open at once */
#define ATTRIBUTES_MAX 24
#define COST_MAX       600000              /* elements and texts, each with the formatting elements around
                                            * it */
#define SHEETS_MAX     (1024 * 1024)

#define PROLOGUE "<!DOCTYPE html><body>"

/* An element that is open; formatting elements have a list of their own, as in the parser. */
typedef struct {
  const HtmlTag *tag;
  guint          n_formats;    /* of a cell: the formats outside of it, which end tags within cannot reach */
} Open;

typedef struct {
  HtmlTidy *tidy;
  GArray   *open;              /* of Open */
  GPtrArray *formats;          /* of const HtmlTag */
  guint    *n_dropped;         /* start tags that went, by tag: their end tags go as well */
  guint     cost;
  char      skipped[HTML_NAME_MAX + 1];
  guint     skip_depth;
} Tidier;

static const Open *
get_open (Tidier *tidier,
          guint   index)
{
  return &g_array_index (tidier->open, Open, index);
}

/* The index of the innermost open element of one kind, not looking out of kind's stops; -1 if none. */
static gint
find_open (Tidier        *tidier,
           HtmlTagKind    kind,
           const HtmlTag *tag)
{
  for (guint i = tidier->open->len; i-- > 0;)
    {
      const HtmlTag *open = get_open (tidier, i)->tag;

      if (open->kind == kind && (tag == NULL || open == tag))
        return (gint) i;
      if (open->kind == HTML_TAG_TABLE || (open->kind == HTML_TAG_CELL && kind == HTML_TAG_BLOCK))
        return -1;
    }
  return -1;
}

/* Closing a cell forgets the formats opened in it. */
static void
close_down_to (Tidier *tidier,
               guint   n)
{
  while (tidier->open->len > n)
    {
      const Open *last = get_open (tidier, tidier->open->len - 1);

      if (last->tag->kind == HTML_TAG_CELL)
        g_ptr_array_set_size (tidier->formats, (gint) MIN (last->n_formats, tidier->formats->len));
      g_array_set_size (tidier->open, tidier->open->len - 1);
    }
}

static gboolean
is_between_cells (Tidier *tidier)
{
  return tidier->open->len > 0 && get_open (tidier, tidier->open->len - 1)->tag->kind == HTML_TAG_TABLE;
}

static void
append_value (GString   *out,
              BaseSlice  value)
{
  for (gsize i = 0; i < value.size; i++)
    if (value.data[i] == '"')
      g_string_append (out, "&quot;");
    else if (value.data[i] != '\0')
      g_string_append_c (out, (char) value.data[i]);
}

static void
append_attributes (Tidier          *tidier,
                   const HtmlToken *token)
{
  BaseSlice rest = token->text;
  BaseSlice name, value;
  guint n = 0;

  while (html_attribute_take (&rest, &name, &value))
    {
      g_autofree char *lower = NULL;

      if (name.size > 20 || n >= ATTRIBUTES_MAX)
        {
          tidier->tidy->n_removed++;
          continue;
        }
      lower = g_ascii_strdown ((const char *) name.data, (gssize) name.size);
      if (html_tags_get_value (token->name, lower) == HTML_VALUE_REFUSED)
        {
          tidier->tidy->n_removed++;
          continue;
        }
      g_string_append_printf (tidier->tidy->markup, " %s=\"", lower);
      append_value (tidier->tidy->markup, value);
      g_string_append_c (tidier->tidy->markup, '"');
      n++;
    }
}

static void
spend (Tidier *tidier)
{
  tidier->cost += 1 + tidier->formats->len;
}

static void
emit_start (Tidier          *tidier,
            const HtmlToken *token)
{
  spend (tidier);
  g_string_append_printf (tidier->tidy->markup, "<%s", token->name);
  append_attributes (tidier, token);
  g_string_append_c (tidier->tidy->markup, '>');
}

static void
emit_end (Tidier     *tidier,
          const char *name)
{
  spend (tidier);
  g_string_append_printf (tidier->tidy->markup, "</%s>", name);
}

static void
drop (Tidier        *tidier,
      const HtmlTag *tag)
{
  tidier->n_dropped[html_tags_get_index (tag)]++;
  tidier->tidy->is_cut = TRUE;
}

static void
push (Tidier          *tidier,
      const HtmlTag   *tag,
      const HtmlToken *token)
{
  Open open = { tag, tidier->formats->len };

  if (tidier->open->len >= HTML_DEPTH_MAX)
    {
      drop (tidier, tag);
      return;
    }
  g_array_append_val (tidier->open, open);
  emit_start (tidier, token);
}

static gint
find_format (Tidier        *tidier,
             const HtmlTag *tag)
{
  gint cell = find_open (tidier, HTML_TAG_CELL, NULL);
  guint outside = cell >= 0 ? get_open (tidier, (guint) cell)->n_formats : 0;

  for (guint i = tidier->formats->len; i-- > outside;)
    if (tidier->formats->pdata[i] == tag)
      return (gint) i;
  return -1;
}

static void
start_format (Tidier          *tidier,
              const HtmlTag   *tag,
              const HtmlToken *token)
{
  gint same;

  if (is_between_cells (tidier) || tidier->formats->len >= FORMATS_MAX)
    {
      drop (tidier, tag);
      return;
    }
  /* A link ends the one before it. */
  if (strcmp (tag->name, "a") == 0 && (same = find_format (tidier, tag)) >= 0)
    {
      g_ptr_array_remove_index (tidier->formats, (guint) same);
      emit_end (tidier, "a");
    }
  g_ptr_array_add (tidier->formats, (gpointer) tag);
  emit_start (tidier, token);
}

/* Rows and cells end the cell before them, and count only in a table. */
static gboolean
leave_cell (Tidier *tidier)
{
  gint table = find_open (tidier, HTML_TAG_TABLE, NULL);

  if (table < 0)
    return FALSE;
  close_down_to (tidier, (guint) table + 1);
  return TRUE;
}

static void
start_body (Tidier          *tidier,
            const HtmlToken *token)
{
  GString *markup = tidier->tidy->markup;

  /* White space between the head and the body is none of the body's. */
  if (strspn (markup->str + strlen (PROLOGUE), " \t\r\n\f") == markup->len - strlen (PROLOGUE))
    g_string_truncate (markup, strlen (PROLOGUE));
  emit_start (tidier, token);
}

static void
start_tag (Tidier          *tidier,
           const HtmlToken *token)
{
  const HtmlTag *tag = html_tags_find (token->name);

  if (tag == NULL)
    {
      tidier->tidy->n_removed++;
      return;
    }
  switch (tag->kind)
    {
    case HTML_TAG_UNKNOWN:
      break;
    case HTML_TAG_DROPPED:
      g_strlcpy (tidier->skipped, tag->name, sizeof tidier->skipped);
      tidier->skip_depth = 1;
      tidier->tidy->n_removed++;
      break;
    case HTML_TAG_BODY:
      start_body (tidier, token);
      break;
    case HTML_TAG_VOID:
    case HTML_TAG_LOOSE:
      if (!is_between_cells (tidier))
        emit_start (tidier, token);
      break;
    case HTML_TAG_FORMAT:
      start_format (tidier, tag, token);
      break;
    case HTML_TAG_TABLE:
    case HTML_TAG_BLOCK:
      if (is_between_cells (tidier))
        drop (tidier, tag);
      else
        push (tidier, tag, token);
      break;
    case HTML_TAG_ROW:
      if (leave_cell (tidier))
        emit_start (tidier, token);
      break;
    case HTML_TAG_CELL:
      if (leave_cell (tidier))
        push (tidier, tag, token);
      break;
    }
}

static void
end_open (Tidier        *tidier,
          const HtmlTag *tag)
{
  gint index = find_open (tidier, tag->kind, tag);

  if (index < 0)
    return;
  close_down_to (tidier, (guint) index);
  emit_end (tidier, tag->name);
}

static void
end_format (Tidier        *tidier,
            const HtmlTag *tag)
{
  gint index = find_format (tidier, tag);

  if (index < 0)
    return;
  g_ptr_array_remove_index (tidier->formats, (guint) index);
  emit_end (tidier, tag->name);
}

static void
end_tag (Tidier          *tidier,
         const HtmlToken *token)
{
  const HtmlTag *tag = html_tags_find (token->name);

  if (tag == NULL)
    return;
  if (tidier->n_dropped[html_tags_get_index (tag)] > 0)
    {
      tidier->n_dropped[html_tags_get_index (tag)]--;
      return;
    }
  switch (tag->kind)
    {
    case HTML_TAG_UNKNOWN:
    case HTML_TAG_DROPPED:
    case HTML_TAG_BODY:
    case HTML_TAG_VOID:
      break;
    case HTML_TAG_FORMAT:
      end_format (tidier, tag);
      break;
    case HTML_TAG_LOOSE:
      if (!is_between_cells (tidier))
        emit_end (tidier, tag->name);
      break;
    case HTML_TAG_ROW:
      if (leave_cell (tidier))
        emit_end (tidier, tag->name);
      break;
    case HTML_TAG_BLOCK:
    case HTML_TAG_TABLE:
    case HTML_TAG_CELL:
      end_open (tidier, tag);
      break;
    }
}

static void
append_text (Tidier    *tidier,
             BaseSlice  text)
{
  spend (tidier);
  for (gsize i = 0; i < text.size; i++)
    if (text.data[i] == '<')
      g_string_append (tidier->tidy->markup, "&lt;");
    else if (text.data[i] != '\0')
      g_string_append_c (tidier->tidy->markup, (char) text.data[i]);
}

static gboolean
skip_token (Tidier          *tidier,
            const HtmlToken *token)
{
  if (*tidier->skipped == '\0')
    return FALSE;
  if (strcmp (token->name, tidier->skipped) == 0)
    {
      if (token->kind == HTML_TOKEN_START)
        tidier->skip_depth++;
      else if (token->kind == HTML_TOKEN_END && --tidier->skip_depth == 0)
        tidier->skipped[0] = '\0';
    }
  return TRUE;
}

static void
take_raw (Tidier          *tidier,
          const HtmlToken *token)
{
  if (strcmp (token->name, "style") != 0)
    tidier->tidy->n_removed++;
  else if (tidier->tidy->sheets->len + token->text.size < SHEETS_MAX)
    {
      g_string_append_len (tidier->tidy->sheets, (const char *) token->text.data, (gssize) token->text.size);
      g_string_append_c (tidier->tidy->sheets, '\n');
    }
}

void
html_tidy (BaseSlice  html,
           HtmlTidy  *tidy)
{
  Tidier tidier = { .tidy = tidy };
  HtmlTokenizer tokenizer;
  HtmlToken token;

  *tidy = (HtmlTidy) { g_string_sized_new (html.size + 64), g_string_new (NULL), 0,
                       html.size > HTML_SIZE_MAX };
  g_string_append (tidy->markup, PROLOGUE);
  tidier.open = g_array_new (FALSE, FALSE, sizeof (Open));
  tidier.formats = g_ptr_array_new ();
  tidier.n_dropped = g_new0 (guint, html_tags_count ());
  html_tokenizer_init (&tokenizer, base_slice_sub (html, 0, HTML_SIZE_MAX));
  while (tidier.cost < COST_MAX && html_tokenizer_next (&tokenizer, &token))
    {
      if (skip_token (&tidier, &token))
        continue;
      switch (token.kind)
        {
        case HTML_TOKEN_TEXT:  append_text (&tidier, token.text);  break;
        case HTML_TOKEN_RAW:   take_raw (&tidier, &token);         break;
        case HTML_TOKEN_START: start_tag (&tidier, &token);        break;
        case HTML_TOKEN_END:   end_tag (&tidier, &token);          break;
        }
    }
  tidy->is_cut = tidy->is_cut || tidier.cost >= COST_MAX;
  g_array_unref (tidier.open);
  g_ptr_array_unref (tidier.formats);
  g_free (tidier.n_dropped);
}

void
html_tidy_clear (HtmlTidy *tidy)
{
  g_string_free (tidy->markup, TRUE);
  g_string_free (tidy->sheets, TRUE);
}
