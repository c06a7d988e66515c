/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html/token.h"

#include "html/entity.h"

#include <string.h>

/* Elements whose contents are text, whatever it looks like. */
static const char *const raw_elements[] = {
  "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext",
};

void
html_tokenizer_init (HtmlTokenizer *tokenizer,
                     BaseSlice      html)
{
  *tokenizer = (HtmlTokenizer) { .in = html };
}

static BaseSlice
get_rest (HtmlTokenizer *tokenizer)
{
  return base_slice_sub (tokenizer->in, tokenizer->at, tokenizer->in.size);
}

static gsize
find (BaseSlice   text,
      gsize       from,
      const char *what)
{
  gsize size = strlen (what);

  while (from < text.size)
    {
      const guint8 *at = memchr (text.data + from, what[0], text.size - from);

      if (at == NULL)
        break;
      from = (gsize) (at - text.data);
      if (from + size <= text.size && memcmp (at, what, size) == 0)
        return from;
      from++;
    }
  return text.size;
}

static gboolean
is_blank (guint8 byte)
{
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

static gboolean
ends_name (guint8 byte)
{
  return is_blank (byte) || byte == '/' || byte == '>';
}

/* The size of a comment that begins with "<!--": "<!-->" and "<!--->" are whole ones. */
static gsize
measure_comment (BaseSlice rest)
{
  gsize end, bang;

  if (base_slice_equal (base_slice_sub (rest, 4, 1), BASE_SLICE_LITERAL (">")))
    return 5;
  if (base_slice_equal (base_slice_sub (rest, 4, 2), BASE_SLICE_LITERAL ("->")))
    return 6;
  end = find (rest, 4, "-->");
  bang = find (base_slice_sub (rest, 0, end), 4, "--!>");
  if (bang < end)
    return bang + 4;
  return MIN (end + 3, rest.size);
}

static gsize
measure_to_angle (BaseSlice rest)
{
  return MIN (find (rest, 0, ">") + 1, rest.size);
}

/* Skips one attribute, its blanks before it and its value. */
static BaseSlice
skip_attribute (BaseSlice  text,
                BaseSlice *name,
                BaseSlice *value)
{
  gsize start, at = 0, end;
  guint8 quote;

  *name = *value = base_slice_new ("", 0);
  while (at < text.size && (is_blank (text.data[at]) || text.data[at] == '/'))
    at++;
  start = at;
  while (at < text.size && !ends_name (text.data[at]) && (text.data[at] != '=' || at == start))
    at++;
  *name = base_slice_sub (text, start, at - start);
  end = at;
  while (at < text.size && is_blank (text.data[at]))
    at++;
  if (at >= text.size || text.data[at] != '=')
    return base_slice_sub (text, end, text.size);
  for (at++; at < text.size && is_blank (text.data[at]); at++)
    ;
  if (at >= text.size || text.data[at] == '>')
    return base_slice_sub (text, at, text.size);

  quote = text.data[at];
  if (quote == '"' || quote == '\'')
    {
      const guint8 *close = memchr (text.data + at + 1, quote, text.size - at - 1);

      end = close != NULL ? (gsize) (close - text.data) : text.size;
      *value = base_slice_sub (text, at + 1, end - at - 1);
      return base_slice_sub (text, end + 1, text.size);
    }
  for (end = at; end < text.size && !is_blank (text.data[end]) && text.data[end] != '>'; end++)
    ;
  *value = base_slice_sub (text, at, end - at);
  return base_slice_sub (text, end, text.size);
}

gboolean
html_attribute_take (BaseSlice *attributes,
                     BaseSlice *name,
                     BaseSlice *value)
{
  if (attributes->size == 0)
    return FALSE;
  *attributes = skip_attribute (*attributes, name, value);
  return name->size > 0;
}

char *
html_attribute_dup (const HtmlToken *token,
                    const char      *wanted)
{
  BaseSlice rest = token->text;
  BaseSlice name, value;

  while (html_attribute_take (&rest, &name, &value))
    if (base_slice_equal_nocase (name, wanted))
      {
        GString *out = g_string_new (NULL);

        html_entity_decode (value, HTML_ENTITY_IN_ATTRIBUTE, out);
        return g_string_free (out, FALSE);
      }
  return NULL;
}

static gsize
read_name (BaseSlice  text,
           char      *name)
{
  gsize size = 0;

  while (size < text.size && !ends_name (text.data[size]))
    {
      if (size < HTML_NAME_MAX)
        name[size] = g_ascii_tolower ((char) text.data[size]);
      size++;
    }
  name[MIN (size, HTML_NAME_MAX)] = '\0';
  return size;
}

/* A tag from its name on; FALSE when it does not end, and then nothing is left. */
static gboolean
read_tag (HtmlTokenizer *tokenizer,
          HtmlToken     *token,
          gsize          skip)
{
  BaseSlice rest = base_slice_sub (get_rest (tokenizer), skip, G_MAXSIZE / 2);
  gsize name = read_name (rest, token->name);
  BaseSlice attributes = base_slice_sub (rest, name, rest.size);
  BaseSlice left = attributes;
  BaseSlice ignored, also_ignored;

  while (left.size > 0 && left.data[0] != '>')
    {
      gsize before = left.size;

      left = skip_attribute (left, &ignored, &also_ignored);
      if (left.size == before)
        break;
    }
  if (left.size == 0)
    {
      tokenizer->at = tokenizer->in.size;
      return FALSE;
    }
  token->text = base_slice_sub (attributes, 0, attributes.size - left.size);
  tokenizer->at = tokenizer->in.size - left.size + 1;
  return TRUE;
}

static gboolean
is_raw_element (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (raw_elements); i++)
    if (strcmp (name, raw_elements[i]) == 0)
      return TRUE;
  return FALSE;
}

static gsize
find_raw_end (BaseSlice   rest,
              const char *name)
{
  gsize size = strlen (name);
  gsize at = 0;

  while ((at = find (rest, at, "</")) < rest.size)
    {
      BaseSlice after = base_slice_sub (rest, at + 2, rest.size);

      if (base_slice_starts_with_nocase (after, name) && after.size > size && ends_name (after.data[size]))
        return at;
      at += 2;
    }
  return rest.size;
}

static gboolean
read_raw (HtmlTokenizer *tokenizer,
          HtmlToken     *token)
{
  BaseSlice rest = get_rest (tokenizer);
  gsize size = strcmp (tokenizer->raw, "plaintext") == 0 ? rest.size : find_raw_end (rest, tokenizer->raw);

  token->kind = HTML_TOKEN_RAW;
  token->text = base_slice_sub (rest, 0, size);
  g_strlcpy (token->name, tokenizer->raw, sizeof token->name);
  tokenizer->at += size;
  tokenizer->raw[0] = '\0';
  return TRUE;
}

/* Text up to the next "<" that begins something else. */
static void
read_text (HtmlTokenizer *tokenizer,
           HtmlToken     *token)
{
  BaseSlice rest = get_rest (tokenizer);
  gsize size = find (rest, 1, "<");

  token->kind = HTML_TOKEN_TEXT;
  token->name[0] = '\0';
  token->text = base_slice_sub (rest, 0, size);
  tokenizer->at += size;
}

/* What stands at "<".  FALSE when it gives no token: a comment, or a tag that never ends. */
static gboolean
read_markup (HtmlTokenizer *tokenizer,
             HtmlToken     *token)
{
  BaseSlice rest = get_rest (tokenizer);
  guint8 next = rest.size > 1 ? rest.data[1] : 0;
  guint8 third = rest.size > 2 ? rest.data[2] : 0;

  if (g_ascii_isalpha (next))
    {
      token->kind = HTML_TOKEN_START;
      if (!read_tag (tokenizer, token, 1))
        return FALSE;
      if (is_raw_element (token->name))
        g_strlcpy (tokenizer->raw, token->name, sizeof tokenizer->raw);
      return TRUE;
    }
  if (next == '/' && g_ascii_isalpha (third))
    {
      token->kind = HTML_TOKEN_END;
      return read_tag (tokenizer, token, 2);
    }
  if (base_slice_equal (base_slice_sub (rest, 0, 4), BASE_SLICE_LITERAL ("<!--")))
    tokenizer->at += measure_comment (rest);
  else if (next == '!' || next == '?' || (next == '/' && rest.size > 2))
    tokenizer->at += measure_to_angle (rest);
  else
    {
      read_text (tokenizer, token);
      return TRUE;
    }
  return FALSE;
}

gboolean
html_tokenizer_next (HtmlTokenizer *tokenizer,
                     HtmlToken     *token)
{
  while (tokenizer->at < tokenizer->in.size)
    {
      if (tokenizer->raw[0] != '\0')
        return read_raw (tokenizer, token);
      if (tokenizer->in.data[tokenizer->at] != '<')
        {
          read_text (tokenizer, token);
          return TRUE;
        }
      if (read_markup (tokenizer, token))
        return TRUE;
    }
  return FALSE;
}
