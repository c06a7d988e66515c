/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html/css.h"

#include <string.h>

#define SHEET_MAX        (512 * 1024)
#define RULES_MAX        5000
#define DECLARATIONS_MAX 200
#define TOKEN_MAX        64                /* bytes of a name or number that is passed on */
#define STRING_MAX       100

typedef enum {
  CSS_END,
  CSS_BLANK,
  CSS_IDENT,
  CSS_FUNCTION,                /* text is the name; "(" is consumed */
  CSS_AT,
  CSS_HASH,
  CSS_STRING,
  CSS_NUMBER,                  /* with its unit or "%" */
  CSS_URL,                     /* url(...) as a whole */
  CSS_CHAR,                    /* any other character */
  CSS_BAD,                     /* what is passed on under no circumstances */
} CssKind;

typedef struct {
  CssKind kind;
  char    text[STRING_MAX + 1];
} CssToken;

typedef struct {
  BaseSlice in;
  gsize     at;
  guint     n_rules;
} Css;

static const char *const properties[] = {
  "background", "background-color", "border", "border-bottom", "border-bottom-color",
  "border-bottom-left-radius", "border-bottom-right-radius", "border-bottom-style", "border-bottom-width",
  "border-collapse", "border-color", "border-left", "border-left-color", "border-left-style",
  "border-left-width", "border-radius", "border-right", "border-right-color", "border-right-style",
  "border-right-width", "border-spacing", "border-style", "border-top", "border-top-color",
  "border-top-left-radius", "border-top-right-radius", "border-top-style", "border-top-width", "border-width",
  "box-sizing", "caption-side", "clear", "color", "direction", "display", "empty-cells", "float", "font",
  "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing",
  "line-height", "list-style", "list-style-position", "list-style-type", "margin", "margin-bottom",
  "margin-left", "margin-right", "margin-top", "max-height", "max-width", "min-height", "min-width",
  "opacity", "overflow", "overflow-wrap", "padding", "padding-bottom", "padding-left", "padding-right",
  "padding-top", "page-break-after", "page-break-before", "page-break-inside", "table-layout", "text-align",
  "text-decoration", "text-decoration-color", "text-decoration-line", "text-decoration-style", "text-indent",
  "text-overflow", "text-transform", "vertical-align", "visibility", "white-space", "width", "word-break",
  "word-spacing", "word-wrap",
};

static gboolean
is_listed (const char        *name,
           const char *const *list,
           gsize              n)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (name, list[i]) == 0)
      return TRUE;
  return FALSE;
}

static int
peek (const Css *css,
      gsize      ahead)
{
  return css->at + ahead < css->in.size ? css->in.data[css->at + ahead] : -1;
}

static gboolean
is_name_start (int c)
{
  return g_ascii_isalpha ((char) c) || c == '_' || c >= 0x80;
}

static gboolean
is_name (int c)
{
  return c >= 0 && (is_name_start (c) || g_ascii_isdigit ((char) c) || c == '-');
}

static gboolean
is_escape (const Css *css,
           gsize      ahead)
{
  return peek (css, ahead) == '\\' && peek (css, ahead + 1) != '\n' && peek (css, ahead + 1) >= 0;
}

static gboolean
starts_name (const Css *css)
{
  gsize skip = peek (css, 0) == '-' ? 1 : 0;
  int c = peek (css, skip);

  return (c >= 0 && (is_name_start (c) || (skip == 1 && c == '-'))) || is_escape (css, skip);
}

/* Up to six hexadecimal digits and a blank, or the character itself.  What is not plain ASCII text makes the
 * token bad. */
static int
read_escape (Css *css)
{
  guint value = 0, digits = 0;

  css->at++;
  while (digits < 6 && peek (css, 0) >= 0 && g_ascii_isxdigit ((char) peek (css, 0)))
    {
      value = value * 16 + (guint) g_ascii_xdigit_value ((char) peek (css, 0));
      css->at++;
      digits++;
    }
  if (digits == 0)
    value = css->in.data[css->at++];
  else if (peek (css, 0) >= 0 && g_ascii_isspace ((char) peek (css, 0)))
    css->at++;
  return value > ' ' && value < 0x7f ? (int) value : 0;
}

/* A name with its escapes resolved; FALSE where it has anything but letters, digits, "-" and "_". */
static gboolean
read_name (Css  *css,
           char *text)
{
  gboolean is_good = TRUE;
  gsize size = strlen (text);

  for (;;)
    {
      int c = peek (css, 0);

      if (is_escape (css, 0))
        c = read_escape (css);
      else if (is_name (c))
        css->at++;
      else
        break;
      is_good = is_good && c > 0 && c < 0x80 && is_name (c) && size < TOKEN_MAX;
      if (is_good)
        text[size++] = (char) c;
    }
  text[size] = '\0';
  return is_good;
}

static void
read_string (Css      *css,
             CssToken *token)
{
  int quote = css->in.data[css->at++];
  gsize size = 0;

  token->kind = CSS_STRING;
  while (peek (css, 0) >= 0 && peek (css, 0) != quote)
    {
      int c = peek (css, 0);

      if (c == '\n')
        {
          token->kind = CSS_BAD;
          return;
        }
      css->at += c == '\\' && peek (css, 1) >= 0 ? 2 : 1;
      if (c == '\\' || size >= STRING_MAX || c < ' ' || c >= 0x7f || strchr ("\"'<>&(){};", c) != NULL)
        token->kind = CSS_BAD;
      else
        token->text[size++] = (char) c;
    }
  token->text[token->kind == CSS_STRING ? size : 0] = '\0';
  css->at += css->at < css->in.size ? 1 : 0;
}

static void
read_number (Css      *css,
             CssToken *token)
{
  gsize start = css->at;
  gboolean is_good;
  gsize size;

  css->at += strchr ("+-", peek (css, 0)) != NULL ? 1 : 0;
  while (peek (css, 0) >= 0 && (g_ascii_isdigit ((char) peek (css, 0)) || peek (css, 0) == '.'))
    css->at++;
  size = css->at - start;
  is_good = size <= 12;
  memcpy (token->text, css->in.data + start, MIN (size, 12));
  token->text[MIN (size, 12)] = '\0';
  if (peek (css, 0) == '%')
    {
      css->at++;
      strcat (token->text, "%");
    }
  else if (starts_name (css))
    is_good = read_name (css, token->text) && strlen (token->text) < 24 && is_good;
  token->kind = is_good ? CSS_NUMBER : CSS_BAD;
}

static void
skip_url (Css *css)
{
  while (peek (css, 0) >= 0 && peek (css, 0) != ')')
    css->at += peek (css, 0) == '\\' && peek (css, 1) >= 0 ? 2 : 1;
  css->at += css->at < css->in.size ? 1 : 0;
}

static void
read_word (Css      *css,
           CssToken *token)
{
  token->text[0] = '\0';
  token->kind = read_name (css, token->text) ? CSS_IDENT : CSS_BAD;
  if (peek (css, 0) != '(')
    return;
  css->at++;
  if (g_ascii_strcasecmp (token->text, "url") == 0)
    {
      skip_url (css);
      token->kind = CSS_URL;
    }
  else
    token->kind = token->kind == CSS_IDENT ? CSS_FUNCTION : CSS_BAD;
}

static gboolean
skip_comment (Css *css)
{
  const guint8 *end;

  if (peek (css, 0) != '/' || peek (css, 1) != '*')
    return FALSE;
  end = css->in.data + css->at + 2;
  while ((end = memchr (end, '*', css->in.size - (gsize) (end - css->in.data))) != NULL
         && !(end + 1 < css->in.data + css->in.size && end[1] == '/'))
    end++;
  css->at = end != NULL ? (gsize) (end - css->in.data) + 2 : css->in.size;
  return TRUE;
}

/* "<!--" and "-->", behind which sheets were hidden from the first browsers. */
static gboolean
skip_hiding (Css *css)
{
  BaseSlice rest = base_slice_sub (css->in, css->at, 4);

  if (base_slice_equal (rest, BASE_SLICE_LITERAL ("<!--")))
    css->at += 4;
  else if (base_slice_equal (base_slice_sub (rest, 0, 3), BASE_SLICE_LITERAL ("-->")))
    css->at += 3;
  else
    return FALSE;
  return TRUE;
}

static gboolean
starts_number (const Css *css)
{
  gsize skip = peek (css, 0) == '+' || peek (css, 0) == '-' ? 1 : 0;
  int c = peek (css, skip);

  if (c == '.')
    c = peek (css, skip + 1);
  return c >= 0 && g_ascii_isdigit ((char) c);
}

static void
read_token (Css      *css,
            CssToken *token)
{
  int c;

  while (skip_comment (css) || skip_hiding (css))
    ;
  c = peek (css, 0);
  token->text[0] = '\0';
  if (c < 0)
    token->kind = CSS_END;
  else if (g_ascii_isspace ((char) c))
    {
      while (peek (css, 0) >= 0 && g_ascii_isspace ((char) peek (css, 0)))
        css->at++;
      token->kind = CSS_BLANK;
    }
  else if (c == '"' || c == '\'')
    read_string (css, token);
  else if (starts_number (css))
    read_number (css, token);
  else if (starts_name (css))
    read_word (css, token);
  else if ((c == '#' || c == '@') && (is_name (peek (css, 1)) || is_escape (css, 1)))
    {
      css->at++;
      token->kind = read_name (css, token->text) ? (c == '#' ? CSS_HASH : CSS_AT) : CSS_BAD;
    }
  else
    {
      css->at++;
      token->kind = c < 0x80 && c != '\\' && c >= ' ' ? CSS_CHAR : CSS_BAD;
      token->text[0] = (char) c;
      token->text[1] = '\0';
    }
}

/* One blank, however many stood there and with comments between them. */
static void
append_blank (GString *out)
{
  if (out->len > 0 && out->str[out->len - 1] != ' ')
    g_string_append_c (out, ' ');
}

static gboolean
is_char (const CssToken *token,
         char            c)
{
  return token->kind == CSS_CHAR && token->text[0] == c;
}

/* Skips to the end of a block whose "{", "(" or "[" was read, or of a function's arguments. */
static void
skip_block (Css *css)
{
  CssToken token;
  guint depth = 1;

  while (depth > 0 && (read_token (css, &token), token.kind != CSS_END))
    {
      if (token.kind == CSS_FUNCTION || is_char (&token, '{') || is_char (&token, '(')
          || is_char (&token, '['))
        depth++;
      else if (is_char (&token, '}') || is_char (&token, ')') || is_char (&token, ']'))
        depth--;
    }
}

/* rgb(...), hsl(...): numbers, commas and slashes. */
static gboolean
read_colour (Css      *css,
             CssToken *name,
             GString  *out)
{
  static const char *const functions[] = { "rgb", "rgba", "hsl", "hsla" };
  CssToken token;
  gboolean is_good = TRUE;
  g_autofree char *lower = g_ascii_strdown (name->text, -1);

  if (!is_listed (lower, functions, G_N_ELEMENTS (functions)))
    {
      skip_block (css);
      return FALSE;
    }
  g_string_append_printf (out, "%s(", lower);
  for (read_token (css, &token); token.kind != CSS_END && !is_char (&token, ')'); read_token (css, &token))
    {
      if (token.kind == CSS_BLANK)
        append_blank (out);
      else if (token.kind == CSS_NUMBER || is_char (&token, ',') || is_char (&token, '/'))
        g_string_append (out, token.text);
      else
        {
          is_good = FALSE;
          if (token.kind == CSS_FUNCTION || is_char (&token, '('))
            skip_block (css);
        }
      if (is_char (&token, ';') || is_char (&token, '{') || is_char (&token, '}'))
        return FALSE;
    }
  g_string_append_c (out, ')');
  return is_good && token.kind != CSS_END;
}

static gboolean
is_colour_hash (const char *text)
{
  gsize size = strlen (text);

  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;
  return size >= 3 && size <= 8;
}

/* One token of a value; FALSE where the declaration cannot stay. */
static gboolean
append_value (Css        *css,
              const char *property,
              CssToken   *token,
              GString    *out)
{
  gboolean is_margin = g_str_has_prefix (property, "margin");

  switch (token->kind)
    {
    case CSS_BLANK:
      append_blank (out);
      return TRUE;
    case CSS_IDENT:
      g_string_append (out, token->text);
      return TRUE;
    case CSS_NUMBER:
      g_string_append (out, token->text);
      return !(is_margin && token->text[0] == '-');
    case CSS_HASH:
      g_string_append_printf (out, "#%s", token->text);
      return is_colour_hash (token->text);
    case CSS_STRING:
      g_string_append_printf (out, "'%s'", token->text);
      return strcmp (property, "font-family") == 0 || strcmp (property, "font") == 0;
    case CSS_FUNCTION:
      return read_colour (css, token, out);
    case CSS_URL:
      return strcmp (property, "background") == 0;          /* its colour may stay */
    case CSS_CHAR:
      g_string_append (out, token->text);
      return strchr (",/!", token->text[0]) != NULL;
    case CSS_AT:
    case CSS_BAD:
    case CSS_END:
      break;
    }
  return FALSE;
}

/* From the ":" on, up to ";" or the end of the block, which is left.  Appends "property: value; " where it
 * may stay. */
static void
read_declaration (Css        *css,
                  const char *name,
                  GString    *out)
{
  g_autofree char *property = g_ascii_strdown (name, -1);
  gboolean is_good = is_listed (property, properties, G_N_ELEMENTS (properties));
  g_autoptr(GString) value = g_string_new (NULL);
  CssToken token;

  for (;;)
    {
      gsize before = css->at;

      read_token (css, &token);
      if (token.kind == CSS_END || is_char (&token, ';'))
        break;
      if (is_char (&token, '}'))
        {
          css->at = before;
          break;
        }
      if (is_char (&token, '{') || is_char (&token, '(') || is_char (&token, '['))
        {
          is_good = FALSE;
          skip_block (css);
        }
      else if (!append_value (css, property, &token, value))
        is_good = FALSE;
    }
  g_strchomp (value->str);
  if (is_good && *value->str != '\0' && value->len < 1000)
    g_string_append_printf (out, "%s: %s; ", property, value->str);
}

/* Declarations up to "}" (which is read) or the end. */
static void
read_declarations (Css     *css,
                   GString *out)
{
  CssToken token;
  guint n = 0;

  for (;;)
    {
      CssToken colon;

      read_token (css, &token);
      if (token.kind == CSS_END || is_char (&token, '}'))
        return;
      if (token.kind == CSS_BLANK || is_char (&token, ';'))
        continue;
      if (token.kind != CSS_IDENT || ++n > DECLARATIONS_MAX)
        {
          gsize length = out->len;

          if (token.kind == CSS_FUNCTION || is_char (&token, '{') || is_char (&token, '(')
              || is_char (&token, '['))
            skip_block (css);
          read_declaration (css, "", out);
          g_string_truncate (out, length);
          continue;
        }
      do
        read_token (css, &colon);
      while (colon.kind == CSS_BLANK);
      if (is_char (&colon, ':'))
        read_declaration (css, token.text, out);
      else if (is_char (&colon, '}') || colon.kind == CSS_END)
        return;
      else if (!is_char (&colon, ';'))
        {
          if (colon.kind == CSS_FUNCTION || is_char (&colon, '{') || is_char (&colon, '(')
              || is_char (&colon, '['))
            skip_block (css);
          read_declaration (css, "", out);
        }
    }
}

static gboolean
is_pseudo_class (const char *name)
{
  static const char *const names[] = { "link", "visited", "hover", "active", "first-child", "last-child" };

  return is_listed (name, names, G_N_ELEMENTS (names));
}

/* A selector up to "{": elements, classes, ids, combinators and a few pseudo-classes. */
static gboolean
read_selector (Css      *css,
               CssToken *token,
               GString  *out)
{
  gboolean is_good = TRUE;

  for (; token->kind != CSS_END && !is_char (token, '{'); read_token (css, token))
    {
      if (token->kind == CSS_BLANK)
        append_blank (out);
      else if (token->kind == CSS_IDENT)
        g_string_append (out, token->text);
      else if (token->kind == CSS_HASH && is_name_start (token->text[0]))
        g_string_append_printf (out, "#%s", token->text);
      else if (is_char (token, '.') || is_char (token, ':'))
        {
          gboolean is_class = is_char (token, '.');

          g_string_append (out, token->text);
          read_token (css, token);
          if (token->kind != CSS_IDENT || (!is_class && !is_pseudo_class (token->text)))
            is_good = FALSE;
          g_string_append (out, token->text);
          if (token->kind == CSS_END || is_char (token, '{'))
            return FALSE;
        }
      else if (token->kind == CSS_CHAR && strchr ("*>+~,", token->text[0]) != NULL)
        g_string_append (out, token->text);
      else
        {
          is_good = FALSE;
          if (token->kind == CSS_FUNCTION || is_char (token, '(') || is_char (token, '['))
            skip_block (css);
        }
    }
  g_strchomp (out->str);
  out->len = strlen (out->str);
  return is_good && out->len > 0 && out->len < 1000;
}

static void
read_rule (Css      *css,
           CssToken *token,
           GString  *out)
{
  g_autoptr(GString) selector = g_string_new (NULL);
  g_autoptr(GString) declarations = g_string_new (NULL);
  gboolean is_good = read_selector (css, token, selector);

  if (token->kind == CSS_END)
    return;
  read_declarations (css, declarations);
  if (is_good && declarations->len > 0 && css->n_rules++ < RULES_MAX)
    g_string_append_printf (out, "%s { %s}\n", selector->str, declarations->str);
}

/* (max-width: 600px) and the like: no functions, no calculations. */
static gboolean
read_media_query (Css      *css,
                  CssToken *token,
                  GString  *out)
{
  gboolean is_good = TRUE;

  for (read_token (css, token); token->kind != CSS_END && !is_char (token, '{') && !is_char (token, ';');
       read_token (css, token))
    {
      if (token->kind == CSS_BLANK)
        append_blank (out);
      else if (token->kind == CSS_IDENT || token->kind == CSS_NUMBER
               || (token->kind == CSS_CHAR && strchr ("():,", token->text[0]) != NULL))
        g_string_append (out, token->text);
      else
        is_good = FALSE;
      if (token->kind == CSS_FUNCTION)
        skip_block (css);
    }
  g_strchomp (out->str);
  out->len = strlen (out->str);
  return is_good && out->len < 300;
}

static void read_rules (Css *css, GString *out, gboolean in_media);

/* @media holds rules; every other at-rule goes with its block. */
static void
read_at_rule (Css      *css,
              CssToken *token,
              GString  *out,
              gboolean  in_media)
{
  g_autoptr(GString) query = g_string_new (NULL);
  g_autoptr(GString) rules = g_string_new (NULL);
  gboolean is_media = g_ascii_strcasecmp (token->text, "media") == 0 && token->kind == CSS_AT && !in_media;
  gboolean is_good = read_media_query (css, token, query);

  if (!is_char (token, '{'))
    return;
  if (!is_media || !is_good)
    {
      skip_block (css);
      return;
    }
  read_rules (css, rules, TRUE);
  if (rules->len > 0)
    g_string_append_printf (out, "@media %s {\n%s}\n", query->str, rules->str);
}

static void
read_rules (Css      *css,
            GString  *out,
            gboolean  in_media)
{
  CssToken token;

  for (read_token (css, &token); token.kind != CSS_END; read_token (css, &token))
    {
      if (is_char (&token, '}') && in_media)
        return;
      if (token.kind == CSS_AT)
        read_at_rule (css, &token, out, in_media);
      else if (token.kind != CSS_BLANK && !is_char (&token, '}') && !is_char (&token, ';'))
        read_rule (css, &token, out);
    }
}

char *
html_css_clean_style (BaseSlice css)
{
  Css reader = { .in = base_slice_sub (css, 0, SHEET_MAX) };
  GString *out = g_string_new (NULL);

  read_declarations (&reader, out);
  return g_strchomp (g_string_free (out, FALSE));
}

char *
html_css_clean_sheet (BaseSlice css)
{
  Css reader = { .in = base_slice_sub (css, 0, SHEET_MAX) };
  GString *out = g_string_new (NULL);

  read_rules (&reader, out, FALSE);
  return g_string_free (out, FALSE);
}
