/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html/sanitize.h"

#include "html/css.h"
#include "html/tags.h"
#include "html/tidy.h"
#include "html/url.h"

#include <gumbo.h>
#include <string.h>

#define LINK_TEXT_MAX 300
#define WORD_MAX      60
#define TEXT_MAX      2000

typedef struct {
  GString          *out;
  HtmlSafe         *safe;
  const HtmlPolicy *policy;
  gboolean          in_link;
} Writer;

static void
link_free (gpointer data)
{
  HtmlLink *link = data;

  g_free (link->text);
  g_free (link->target);
  g_free (link);
}

static void
append_escaped (GString    *out,
                const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    switch (*p)
      {
      case '&':  g_string_append (out, "&amp;");          break;
      case '<':  g_string_append (out, "&lt;");           break;
      case '>':  g_string_append (out, "&gt;");           break;
      case '"':  g_string_append (out, "&quot;");         break;
      case '`':  g_string_append (out, "&#96;");          break;
      default:   g_string_append_c (out, *p);             break;
      }
}

static void
append_attribute (Writer     *writer,
                  const char *name,
                  const char *value)
{
  g_string_append_printf (writer->out, " %s=\"", name);
  append_escaped (writer->out, value);
  g_string_append_c (writer->out, '"');
}

static gboolean
consists_of (const char *value,
             const char *others,
             gsize       max)
{
  gsize size = strlen (value);

  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (value[i]) && strchr (others, value[i]) == NULL)
      return FALSE;
  return size <= max;
}

static void
write_image_attribute (Writer     *writer,
                       const char *name,
                       const char *value)
{
  HtmlImageKind kind;
  g_autofree char *url = html_url_clean_image (value, &kind);

  switch (kind)
    {
    case HTML_IMAGE_UNSAFE:
      writer->safe->n_removed++;
      return;
    case HTML_IMAGE_INSIDE:
      break;
    case HTML_IMAGE_REMOTE:
      writer->safe->n_remote_images++;
      if (writer->policy->remote == HTML_REMOTE_DROP)
        return;
      break;
    }
  append_attribute (writer, name, url);
}

static void
write_link_attribute (Writer     *writer,
                      const char *name,
                      const char *value)
{
  g_autofree char *url = html_url_clean_link (value);

  if (url == NULL)
    writer->safe->n_removed++;
  else
    append_attribute (writer, name, url);
}

static void
write_style_attribute (Writer     *writer,
                       const char *name,
                       const char *value)
{
  g_autofree char *style = html_css_clean_style (base_slice_from_string (value));

  if (*style != '\0')
    append_attribute (writer, name, style);
}

static void
write_attribute (Writer               *writer,
                 const char           *tag,
                 const GumboAttribute *attribute)
{
  const char *name = attribute->name;
  const char *value = attribute->value;

  switch (html_tags_get_value (tag, name))
    {
    case HTML_VALUE_REFUSED:
      writer->safe->n_removed++;
      break;
    case HTML_VALUE_TEXT:
      if (strlen (value) <= TEXT_MAX)
        append_attribute (writer, name, value);
      break;
    case HTML_VALUE_WORD:
      if (consists_of (value, "#%.,()- ", WORD_MAX))
        append_attribute (writer, name, value);
      break;
    case HTML_VALUE_NAMES:
      if (consists_of (value, "-_ ", TEXT_MAX))
        append_attribute (writer, name, value);
      break;
    case HTML_VALUE_STYLE:
      write_style_attribute (writer, name, value);
      break;
    case HTML_VALUE_LINK:
      write_link_attribute (writer, name, value);
      break;
    case HTML_VALUE_IMAGE:
      write_image_attribute (writer, name, value);
      break;
    }
}

static void
write_start (Writer             *writer,
             const char         *tag,
             const GumboElement *element)
{
  g_string_append_printf (writer->out, "<%s", tag);
  for (guint i = 0; i < element->attributes.length; i++)
    write_attribute (writer, tag, element->attributes.data[i]);
  g_string_append_c (writer->out, '>');
}

static void
collect_text (const GumboNode *node,
              GString         *text)
{
  if (text->len > LINK_TEXT_MAX)
    return;
  if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE)
    g_string_append (text, node->v.text.text);
  else if (node->type == GUMBO_NODE_ELEMENT && node->v.element.tag == GUMBO_TAG_IMG)
    {
      const GumboAttribute *alt = gumbo_get_attribute (&node->v.element.attributes, "alt");

      g_string_append (text, alt != NULL ? alt->value : "");
    }
  else if (node->type == GUMBO_NODE_ELEMENT)
    for (guint i = 0; i < node->v.element.children.length; i++)
      collect_text (node->v.element.children.data[i], text);
}

static char *
make_one_line (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) strnlen (text, LINK_TEXT_MAX));
  g_auto(GStrv) words = g_strsplit_set (valid, " \t\n\r\f", -1);
  GString *out = g_string_new (NULL);

  for (gsize i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_string_append_printf (out, "%s%s", out->len > 0 ? " " : "", words[i]);
  return g_string_free (out, FALSE);
}

static void
list_link (Writer          *writer,
           const GumboNode *node)
{
  const GumboAttribute *href = gumbo_get_attribute (&node->v.element.attributes, "href");
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *target = href != NULL ? html_url_clean_link (href->value) : NULL;
  HtmlLink *link;

  if (target == NULL || writer->safe->links->len >= HTML_LINKS_MAX)
    return;
  collect_text (node, text);
  link = g_new (HtmlLink, 1);
  link->text = make_one_line (text->str);
  link->target = g_steal_pointer (&target);
  g_ptr_array_add (writer->safe->links, link);
}

static void write_node (Writer *writer, const GumboNode *node);

static void
write_children (Writer             *writer,
                const GumboElement *element)
{
  for (guint i = 0; i < element->children.length; i++)
    write_node (writer, element->children.data[i]);
}

/* The parser drops a line feed right after <pre>. */
static void
protect_line_feed (Writer             *writer,
                   const GumboElement *element)
{
  const GumboNode *first = element->children.length > 0 ? element->children.data[0] : NULL;

  if (element->tag == GUMBO_TAG_PRE && first != NULL
      && (first->type == GUMBO_NODE_TEXT || first->type == GUMBO_NODE_WHITESPACE)
      && first->v.text.text[0] == '\n')
    g_string_append_c (writer->out, '\n');
}

static void
write_element (Writer          *writer,
               const GumboNode *node)
{
  const GumboElement *element = &node->v.element;
  const char *name = gumbo_normalized_tagname (element->tag);
  const HtmlTag *tag = element->tag_namespace == GUMBO_NAMESPACE_HTML ? html_tags_find (name) : NULL;
  gboolean is_link = element->tag == GUMBO_TAG_A;

  if (tag == NULL || tag->kind == HTML_TAG_BODY || tag->kind == HTML_TAG_UNKNOWN
      || (is_link && writer->in_link))
    {
      write_children (writer, element);
      return;
    }
  if (tag->kind == HTML_TAG_DROPPED)
    return;
  if (is_link)
    list_link (writer, node);
  writer->in_link = writer->in_link || is_link;
  write_start (writer, name, element);
  protect_line_feed (writer, element);
  write_children (writer, element);
  if (tag->kind != HTML_TAG_VOID && element->tag != GUMBO_TAG_COL)
    g_string_append_printf (writer->out, "</%s>", name);
  writer->in_link = writer->in_link && !is_link;
}

/* Recursion is as deep as html_tidy() lets the tree be. */
static void
write_node (Writer          *writer,
            const GumboNode *node)
{
  switch (node->type)
    {
    case GUMBO_NODE_TEXT:
    case GUMBO_NODE_WHITESPACE:
    case GUMBO_NODE_CDATA:
      append_escaped (writer->out, node->v.text.text);
      break;
    case GUMBO_NODE_ELEMENT:
      write_element (writer, node);
      break;
    case GUMBO_NODE_DOCUMENT:
    case GUMBO_NODE_COMMENT:
    case GUMBO_NODE_TEMPLATE:
      break;
    }
}

static const GumboNode *
find_body (const GumboOutput *parsed)
{
  for (guint i = 0; i < parsed->root->v.element.children.length; i++)
    {
      const GumboNode *child = parsed->root->v.element.children.data[i];

      if (child->type == GUMBO_NODE_ELEMENT && child->v.element.tag == GUMBO_TAG_BODY)
        return child;
    }
  return NULL;
}

static void
write_document (Writer            *writer,
                const HtmlTidy    *tidy,
                const GumboOutput *parsed)
{
  g_autofree char *sheet = html_css_clean_sheet (base_slice_new (tidy->sheets->str, tidy->sheets->len));
  const GumboNode *body = find_body (parsed);

  g_string_append (writer->out, "<!DOCTYPE html><html><head>");
  if (*sheet != '\0')
    g_string_append_printf (writer->out, "<style>%s</style>", sheet);
  g_string_append (writer->out, "</head>");
  if (body != NULL)
    {
      write_start (writer, "body", &body->v.element);
      write_children (writer, &body->v.element);
    }
  else
    g_string_append (writer->out, "<body>");
  g_string_append (writer->out, "</body></html>");
}

HtmlSafe *
html_sanitize (BaseSlice         utf8,
               const HtmlPolicy *policy)
{
  HtmlSafe *safe = g_new0 (HtmlSafe, 1);
  Writer writer = { g_string_sized_new (utf8.size + 256), safe, policy, FALSE };
  HtmlTidy tidy;
  GumboOutput *parsed;

  safe->links = g_ptr_array_new_with_free_func (link_free);
  html_tidy (utf8, &tidy);
  safe->n_removed = tidy.n_removed;
  safe->is_cut = tidy.is_cut;
  parsed = gumbo_parse_with_options (&kGumboDefaultOptions, tidy.markup->str, tidy.markup->len);
  write_document (&writer, &tidy, parsed);
  gumbo_destroy_output (&kGumboDefaultOptions, parsed);
  html_tidy_clear (&tidy);
  if (!g_utf8_validate_len (writer.out->str, writer.out->len, NULL))
    {
      safe->document = g_utf8_make_valid (writer.out->str, (gssize) writer.out->len);
      g_string_free (writer.out, TRUE);
    }
  else
    safe->document = g_string_free (writer.out, FALSE);
  return safe;
}

void
html_safe_free (HtmlSafe *safe)
{
  if (safe == NULL)
    return;
  g_free (safe->document);
  g_ptr_array_unref (safe->links);
  g_free (safe);
}
