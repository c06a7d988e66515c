/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html/tags.h"

#include <stdlib.h>
#include <string.h>

/* Sorted, for bsearch(). */
static const HtmlTag tags[] = {
  { "a", HTML_TAG_FORMAT },          { "abbr", HTML_TAG_BLOCK },        { "acronym", HTML_TAG_BLOCK },
  { "address", HTML_TAG_BLOCK },     { "applet", HTML_TAG_DROPPED },    { "article", HTML_TAG_BLOCK },
  { "aside", HTML_TAG_BLOCK },       { "audio", HTML_TAG_DROPPED },     { "b", HTML_TAG_FORMAT },
  { "big", HTML_TAG_FORMAT },        { "blockquote", HTML_TAG_BLOCK },  { "body", HTML_TAG_BODY },
  { "br", HTML_TAG_VOID },           { "canvas", HTML_TAG_DROPPED },    { "caption", HTML_TAG_CELL },
  { "center", HTML_TAG_BLOCK },      { "cite", HTML_TAG_BLOCK },        { "code", HTML_TAG_FORMAT },
  { "col", HTML_TAG_ROW },           { "colgroup", HTML_TAG_ROW },      { "dd", HTML_TAG_LOOSE },
  { "del", HTML_TAG_BLOCK },         { "dfn", HTML_TAG_BLOCK },         { "dir", HTML_TAG_BLOCK },
  { "div", HTML_TAG_BLOCK },         { "dl", HTML_TAG_BLOCK },          { "dt", HTML_TAG_LOOSE },
  { "em", HTML_TAG_FORMAT },         { "figcaption", HTML_TAG_BLOCK },  { "figure", HTML_TAG_BLOCK },
  { "font", HTML_TAG_FORMAT },       { "footer", HTML_TAG_BLOCK },      { "frameset", HTML_TAG_DROPPED },
  { "h1", HTML_TAG_BLOCK },          { "h2", HTML_TAG_BLOCK },          { "h3", HTML_TAG_BLOCK },
  { "h4", HTML_TAG_BLOCK },          { "h5", HTML_TAG_BLOCK },          { "h6", HTML_TAG_BLOCK },
  { "header", HTML_TAG_BLOCK },      { "hr", HTML_TAG_VOID },           { "i", HTML_TAG_FORMAT },
  { "img", HTML_TAG_VOID },          { "ins", HTML_TAG_BLOCK },         { "kbd", HTML_TAG_BLOCK },
  { "li", HTML_TAG_LOOSE },          { "main", HTML_TAG_BLOCK },        { "mark", HTML_TAG_BLOCK },
  { "math", HTML_TAG_DROPPED },      { "menu", HTML_TAG_BLOCK },        { "nav", HTML_TAG_BLOCK },
  { "object", HTML_TAG_DROPPED },    { "ol", HTML_TAG_BLOCK },          { "p", HTML_TAG_LOOSE },
  { "pre", HTML_TAG_BLOCK },         { "q", HTML_TAG_BLOCK },           { "s", HTML_TAG_FORMAT },
  { "samp", HTML_TAG_BLOCK },        { "section", HTML_TAG_BLOCK },     { "select", HTML_TAG_DROPPED },
  { "small", HTML_TAG_FORMAT },      { "span", HTML_TAG_BLOCK },        { "strike", HTML_TAG_FORMAT },
  { "strong", HTML_TAG_FORMAT },     { "sub", HTML_TAG_BLOCK },         { "sup", HTML_TAG_BLOCK },
  { "svg", HTML_TAG_DROPPED },       { "table", HTML_TAG_TABLE },       { "tbody", HTML_TAG_ROW },
  { "td", HTML_TAG_CELL },           { "template", HTML_TAG_DROPPED },  { "tfoot", HTML_TAG_ROW },
  { "th", HTML_TAG_CELL },           { "thead", HTML_TAG_ROW },         { "tr", HTML_TAG_ROW },
  { "tt", HTML_TAG_FORMAT },         { "u", HTML_TAG_FORMAT },          { "ul", HTML_TAG_BLOCK },
  { "var", HTML_TAG_BLOCK },         { "video", HTML_TAG_DROPPED },     { "wbr", HTML_TAG_VOID },
};

/* tags: one element, or NULL for all. */
static const struct { const char *name; HtmlValueKind kind; const char *tag; } attributes[] = {
  { "align", HTML_VALUE_WORD, NULL },           { "alt", HTML_VALUE_TEXT, "img" },
  { "aria-label", HTML_VALUE_TEXT, NULL },      { "aria-hidden", HTML_VALUE_WORD, NULL },
  { "background", HTML_VALUE_IMAGE, NULL },     { "bgcolor", HTML_VALUE_WORD, NULL },
  { "border", HTML_VALUE_WORD, NULL },          { "bordercolor", HTML_VALUE_WORD, NULL },
  { "cellpadding", HTML_VALUE_WORD, "table" },  { "cellspacing", HTML_VALUE_WORD, "table" },
  { "class", HTML_VALUE_NAMES, NULL },          { "clear", HTML_VALUE_WORD, "br" },
  { "color", HTML_VALUE_WORD, NULL },           { "colspan", HTML_VALUE_WORD, NULL },
  { "dir", HTML_VALUE_WORD, NULL },             { "face", HTML_VALUE_TEXT, "font" },
  { "height", HTML_VALUE_WORD, NULL },          { "href", HTML_VALUE_LINK, "a" },
  { "hspace", HTML_VALUE_WORD, NULL },          { "id", HTML_VALUE_NAMES, NULL },
  { "lang", HTML_VALUE_WORD, NULL },            { "link", HTML_VALUE_WORD, "body" },
  { "noshade", HTML_VALUE_WORD, "hr" },         { "nowrap", HTML_VALUE_WORD, NULL },
  { "role", HTML_VALUE_WORD, NULL },            { "rowspan", HTML_VALUE_WORD, NULL },
  { "scope", HTML_VALUE_WORD, NULL },           { "size", HTML_VALUE_WORD, NULL },
  { "span", HTML_VALUE_WORD, NULL },            { "src", HTML_VALUE_IMAGE, "img" },
  { "start", HTML_VALUE_WORD, "ol" },           { "style", HTML_VALUE_STYLE, NULL },
  { "summary", HTML_VALUE_TEXT, "table" },      { "text", HTML_VALUE_WORD, "body" },
  { "title", HTML_VALUE_TEXT, NULL },           { "type", HTML_VALUE_WORD, NULL },
  { "valign", HTML_VALUE_WORD, NULL },          { "value", HTML_VALUE_WORD, "li" },
  { "vlink", HTML_VALUE_WORD, "body" },         { "vspace", HTML_VALUE_WORD, NULL },
  { "width", HTML_VALUE_WORD, NULL },
};

static int
compare (const void *name,
         const void *tag)
{
  return strcmp (name, ((const HtmlTag *) tag)->name);
}

const HtmlTag *
html_tags_find (const char *name)
{
  return bsearch (name, tags, G_N_ELEMENTS (tags), sizeof (HtmlTag), compare);
}

guint
html_tags_count (void)
{
  return G_N_ELEMENTS (tags);
}

guint
html_tags_get_index (const HtmlTag *tag)
{
  return (guint) (tag - tags);
}

HtmlValueKind
html_tags_get_value (const char *tag,
                     const char *attribute)
{
  for (gsize i = 0; i < G_N_ELEMENTS (attributes); i++)
    if (strcmp (attribute, attributes[i].name) == 0)
      return attributes[i].tag == NULL || strcmp (tag, attributes[i].tag) == 0
             ? attributes[i].kind : HTML_VALUE_REFUSED;
  return HTML_VALUE_REFUSED;
}
