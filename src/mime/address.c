/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/address.h"

#include "mime/charset.h"
#include "mime/header.h"
#include "mime/words.h"

#include <string.h>

#define VALUE_MAX    (256 * 1024)
#define NAME_CHARACTERS_MAX     200                   /* characters */
#define ADDRESS_MAX  320                   /* bytes: 64 and 255 with their "@", RFC 5321 */
#define COMMENT_DEPTH_MAX 32

typedef enum { READ_RAW, READ_TYPED } Reading;

/* The mailbox being read, and what stops searches for an end that is not there from taking quadratic time. */
typedef struct {
  GPtrArray *addresses;
  MimeRole   role;
  Reading    reading;
  BaseSlice  in;
  gsize      at;
  GString   *words;            /* text before "<", raw: encoded words not decoded, quoted strings without
                                * quotes */
  GString   *quoted;           /* the same as it was written: addresses may have a quoted local part */
  GString   *comment;
  char      *angle;            /* between "<" and ">", or NULL */
  char      *group;
  guint      n_in_group;
  gboolean   words_hold_at;    /* an "@" outside of quotes and encoded words */
  gboolean   follows_angle;    /* what stands after "<a@b>" without a comma is no name of anyone */
  gboolean   no_quote_end, no_comment_end, no_angle_end, no_literal_end;
} Parser;

MimeAddress *
mime_address_new (MimeRole    role,
                  const char *name,
                  const char *address)
{
  MimeAddress *self = g_new (MimeAddress, 1);

  self->role = role;
  self->name = g_strdup (name);
  self->address = g_strdup (address);
  return self;
}

MimeAddress *
mime_address_copy (const MimeAddress *address)
{
  return mime_address_new (address->role, address->name, address->address);
}

void
mime_address_free (MimeAddress *address)
{
  if (address == NULL)
    return;
  g_free (address->name);
  g_free (address->address);
  g_free (address);
}

GPtrArray *
mime_addresses_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) mime_address_free);
}

static gboolean
is_hidden (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR
         || type == G_UNICODE_PARAGRAPH_SEPARATOR || type == G_UNICODE_SPACE_SEPARATOR;
}

/* Nothing may vanish from an address, else "bank<zero-width>.com" would read as another: U+FFFD takes its
 * place. */
static char *
make_address_harmless (const char *raw,
                       gsize       size)
{
  g_autofree char *text = mime_charset_dup_utf8 (base_slice_new (raw, size), NULL);
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (out, c != ' ' && is_hidden (c) ? 0xfffd : c);
      if (out->len > ADDRESS_MAX)
        {
          g_string_append (out, "\xef\xbf\xbd");
          break;
        }
    }
  return g_string_free (out, FALSE);
}

static char *
make_name (Parser  *parser,
           GString *raw)
{
  g_autofree char *text = NULL;

  if (parser->reading == READ_TYPED)
    text = g_utf8_make_valid (raw->str, (gssize) raw->len);
  else
    text = mime_words_decode (base_slice_new (raw->str, raw->len));
  return mime_text_make_harmless (text, NAME_CHARACTERS_MAX);
}

/* Drops a source route: "@a,@b:user@host". */
static BaseSlice
without_route (BaseSlice address)
{
  const guint8 *colon;

  if (address.size == 0 || address.data[0] != '@')
    return address;
  colon = memchr (address.data, ':', address.size);
  return colon != NULL ? base_slice_sub (address, (gsize) (colon - address.data) + 1, address.size) : address;
}

/* Obsolete syntax allows blanks around "." and "@"; elsewhere they stay, and make the address invalid. */
static char *
squeeze (BaseSlice raw)
{
  GString *out = g_string_new (NULL);
  gboolean gap = FALSE;

  for (gsize i = 0; i < raw.size; i++)
    {
      char c = (char) raw.data[i];

      if (c == ' ' || c == '\t')
        {
          gap = TRUE;
          continue;
        }
      if (gap && out->len > 0 && strchr (".@", c) == NULL && strchr (".@", out->str[out->len - 1]) == NULL)
        g_string_append_c (out, ' ');
      g_string_append_c (out, c);
      gap = FALSE;
    }
  return g_string_free (out, FALSE);
}

static void
add_mailbox (Parser   *parser,
             char     *take_name,
             BaseSlice raw_address)
{
  MimeAddress *address;
  g_autofree char *squeezed = squeeze (without_route (base_slice_trim (raw_address)));

  address = g_new (MimeAddress, 1);
  address->role = parser->role;
  address->name = take_name;
  address->address = make_address_harmless (squeezed, strlen (squeezed));
  g_ptr_array_add (parser->addresses, address);
  parser->n_in_group++;
}

/* The size of the first word: quoted strings and encoded words may hold blanks. */
static gsize
measure_word (BaseSlice text)
{
  gsize size = mime_words_measure (text);
  gboolean in_quotes = FALSE;

  for (; size < text.size && (in_quotes || text.data[size] != ' '); size++)
    if (text.data[size] == '\\' && size + 1 < text.size)
      size++;
    else if (text.data[size] == '"')
      in_quotes = !in_quotes;
  return MIN (size, text.size);
}

/* Whether a word has its "@" where an address has it: not within an encoded word or a quoted string. */
static gboolean
is_address_word (BaseSlice word)
{
  gsize encoded = mime_words_measure (word);
  const guint8 *quote = memrchr (word.data, '"', word.size);
  gsize skip = quote != NULL ? (gsize) (quote - word.data) : encoded;

  return memchr (word.data + skip, '@', word.size - skip) != NULL;
}

/* "Joe Doe joe@example.org", and "a@b c@d" without a comma: each word with an "@" is a mailbox of its own. */
static void
add_bare_mailboxes (Parser *parser)
{
  g_autofree char *squeezed = squeeze (base_slice_new (parser->quoted->str, parser->quoted->len));
  g_autoptr(GString) name = g_string_new (NULL);
  BaseSlice rest = base_slice_trim (base_slice_from_string (squeezed));

  while (rest.size > 0 && parser->addresses->len < MIME_ADDRESSES_MAX)
    {
      BaseSlice word = base_slice_sub (rest, 0, measure_word (rest));

      rest = base_slice_trim (base_slice_sub (rest, word.size, rest.size));
      if (!is_address_word (word))
        {
          g_string_append_len (name, (const char *) word.data, (gssize) word.size);
          g_string_append_c (name, ' ');
          continue;
        }
      add_mailbox (parser, make_name (parser, name->len > 0 ? name : parser->comment), word);
      g_string_truncate (name, 0);
    }
}

static void
finish_mailbox (Parser *parser)
{
  if (parser->addresses->len >= MIME_ADDRESSES_MAX)
    parser->at = parser->in.size;
  else if (parser->angle != NULL)
    {
      GString *name = parser->words->len > 0 ? parser->words : parser->comment;

      add_mailbox (parser, make_name (parser, name), base_slice_from_string (parser->angle));
    }
  else if (parser->words_hold_at)
    add_bare_mailboxes (parser);
  else if (parser->words->len > 0 && !parser->follows_angle)
    add_mailbox (parser, make_name (parser, parser->words), base_slice_new ("", 0));

  g_string_truncate (parser->words, 0);
  g_string_truncate (parser->quoted, 0);
  g_string_truncate (parser->comment, 0);
  g_clear_pointer (&parser->angle, g_free);
  parser->words_hold_at = FALSE;
  parser->follows_angle = FALSE;
}

static void
start_group (Parser *parser)
{
  g_free (parser->group);
  parser->group = make_name (parser, parser->words);
  parser->n_in_group = 0;
  g_string_truncate (parser->words, 0);
  g_string_truncate (parser->quoted, 0);
}

/* "undisclosed-recipients:;" is all that a reader can be told. */
static void
finish_group (Parser *parser)
{
  finish_mailbox (parser);
  if (parser->group != NULL && parser->n_in_group == 0 && parser->addresses->len < MIME_ADDRESSES_MAX)
    add_mailbox (parser, g_strdup (parser->group), base_slice_new ("", 0));
  g_clear_pointer (&parser->group, g_free);
}

static void
append_word (Parser *parser,
             BaseSlice plain,
             BaseSlice quoted)
{
  g_string_append_len (parser->words, (const char *) plain.data, (gssize) plain.size);
  g_string_append_len (parser->quoted, (const char *) quoted.data, (gssize) quoted.size);
}

static void
append_char (Parser *parser)
{
  BaseSlice c = base_slice_sub (parser->in, parser->at++, 1);

  append_word (parser, c, c);
}

/* "..." with its escapes.  A quote that never ends is not one. */
static void
read_quoted (Parser *parser)
{
  g_autoptr(GString) plain = g_string_new (NULL);
  gsize at = parser->at + 1;

  while (!parser->no_quote_end && at < parser->in.size && parser->in.data[at] != '"')
    {
      if (parser->in.data[at] == '\\' && at + 1 < parser->in.size)
        at++;
      g_string_append_c (plain, (char) parser->in.data[at++]);
    }
  if (parser->no_quote_end || at >= parser->in.size)
    {
      parser->no_quote_end = TRUE;
      parser->at++;
      return;
    }
  append_word (parser, base_slice_new (plain->str, plain->len),
               base_slice_sub (parser->in, parser->at, at + 1 - parser->at));
  parser->at = at + 1;
}

static void
read_comment (Parser *parser)
{
  gsize at = parser->at + 1;
  guint depth = 1;
  g_autoptr(GString) text = g_string_new (NULL);

  while (!parser->no_comment_end && at < parser->in.size && depth <= COMMENT_DEPTH_MAX)
    {
      char c = (char) parser->in.data[at++];

      if (c == '\\' && at < parser->in.size)
        c = (char) parser->in.data[at++];
      else if (c == '(')
        depth++;
      else if (c == ')' && --depth == 0)
        break;
      g_string_append_c (text, c);
    }
  if (depth > 0)
    {
      parser->no_comment_end = TRUE;
      parser->at++;
      return;
    }
  g_string_assign (parser->comment, text->str);
  parser->at = at;
}

/* <...>; without an end it reaches to the next comma. */
static void
read_angle (Parser *parser)
{
  BaseSlice rest = base_slice_sub (parser->in, parser->at + 1, parser->in.size);
  const guint8 *end = NULL;
  gsize size = 0;

  if (parser->angle != NULL)
    finish_mailbox (parser);
  if (!parser->no_angle_end)
    end = memchr (rest.data, '>', rest.size);
  if (end != NULL)
    size = (gsize) (end - rest.data);
  else
    while (size < rest.size && strchr (",;<", (char) rest.data[size]) == NULL)
      size++;
  parser->no_angle_end = end == NULL;
  g_free (parser->angle);
  parser->angle = g_strndup ((const char *) rest.data, size);
  parser->at += 1 + size + (end != NULL ? 1 : 0);
}

/* [127.0.0.1] and [IPv6:...] after an "@"; elsewhere a bracket is an ordinary character. */
static void
read_literal (Parser *parser)
{
  const guint8 *start = parser->in.data + parser->at;
  const guint8 *end = NULL;

  if (parser->quoted->len > 0 && parser->quoted->str[parser->quoted->len - 1] == '@'
      && !parser->no_literal_end)
    {
      end = memchr (start, ']', parser->in.size - parser->at);
      parser->no_literal_end = end == NULL;
    }
  if (end == NULL)
    append_char (parser);
  else
    {
      BaseSlice literal = base_slice_new (start, (gsize) (end - start) + 1);

      append_word (parser, literal, literal);
      parser->at += literal.size;
    }
}

/* An encoded word is one word whatever it holds, so its commas, quotes and addresses mean nothing here. */
static void
read_encoded (Parser *parser)
{
  BaseSlice rest = base_slice_sub (parser->in, parser->at, parser->in.size);
  gsize size = parser->reading == READ_RAW ? mime_words_measure (rest) : 0;
  BaseSlice word = base_slice_sub (rest, 0, MAX (size, 1));

  append_word (parser, word, word);
  parser->at += word.size;
}

static void
read_separator (Parser *parser,
                char    c)
{
  parser->at++;
  if (c == ';' && parser->group != NULL)
    finish_group (parser);
  else
    finish_mailbox (parser);
}

static void
read_next (Parser *parser)
{
  char c = (char) parser->in.data[parser->at];

  if (parser->angle != NULL && c != ',' && c != ';' && c != '<' && c != '(' && !g_ascii_isspace (c))
    {
      finish_mailbox (parser);
      parser->follows_angle = TRUE;
    }
  switch (c)
    {
    case '"':  read_quoted (parser);                  break;
    case '(':  read_comment (parser);                 break;
    case '<':  read_angle (parser);                   break;
    case '[':  read_literal (parser);                 break;
    case '=':  read_encoded (parser);                 break;
    case '>':  parser->at++;                          break;
    case ',':
    case ';':  read_separator (parser, c);            break;
    case '@':  parser->words_hold_at = TRUE;
               append_char (parser);                  break;
    case ':':
      if (parser->words_hold_at || parser->words->len == 0)
        append_char (parser);
      else
        {
          parser->at++;
          start_group (parser);
        }
      break;
    case '\n':
      if (parser->reading == READ_TYPED)
        finish_mailbox (parser);
      parser->at++;
      break;
    case '\r': parser->at++;                          break;
    case '\t':
    case ' ':  if (parser->words->len > 0 || parser->quoted->len > 0)
                 append_word (parser, BASE_SLICE_LITERAL (" "), BASE_SLICE_LITERAL (" "));
               parser->at++;
               break;
    default:   append_char (parser);                  break;
    }
}

static void
parse (GPtrArray *addresses,
       MimeRole   role,
       BaseSlice  value,
       Reading    reading)
{
  Parser parser = { .addresses = addresses, .role = role, .reading = reading };

  parser.in = base_slice_trim (base_slice_sub (value, 0, VALUE_MAX));
  parser.words = g_string_new (NULL);
  parser.quoted = g_string_new (NULL);
  parser.comment = g_string_new (NULL);
  while (parser.at < parser.in.size)
    read_next (&parser);
  finish_group (&parser);
  g_string_free (parser.words, TRUE);
  g_string_free (parser.quoted, TRUE);
  g_string_free (parser.comment, TRUE);
}

void
mime_addresses_add (GPtrArray *addresses,
                    MimeRole   role,
                    BaseSlice  value)
{
  parse (addresses, role, value, READ_RAW);
}

GPtrArray *
mime_addresses_parse (MimeRole    role,
                      const char *typed)
{
  GPtrArray *addresses = mime_addresses_new ();

  parse (addresses, role, base_slice_from_string (typed), READ_TYPED);
  return addresses;
}

/* Whether text has no character that would end or change the SMTP command it is put into. */
static gboolean
is_plain (const char *text,
          gsize       size,
          const char *refused)
{
  for (const char *p = text; p < text + size; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == 0xfffd || (c != ' ' && is_hidden (c)) || (c < 0x80 && strchr (refused, (int) c) != NULL))
        return FALSE;
    }
  return size > 0;
}

/* The size of a local part: a quoted string, or everything before the "@". */
static gsize
measure_local (const char *address)
{
  const char *p = address;

  if (*p != '"')
    return strcspn (address, "@");
  for (p++; *p != '\0' && *p != '"'; p++)
    if (*p == '\\' && p[1] != '\0')
      p++;
  return (gsize) (p - address) + (*p == '"' ? 1 : 0);
}

static gboolean
is_domain (const char *domain)
{
  gsize size = strlen (domain);

  if (*domain == '[')
    return size > 2 && domain[size - 1] == ']' && is_plain (domain + 1, size - 2, " <>()[]@,;\\\"");
  return is_plain (domain, size, " <>()[]@,;:\\\"") && *domain != '.' && strstr (domain, "..") == NULL;
}

gboolean
mime_address_is_valid (const char *address)
{
  gsize local;

  if (strlen (address) > ADDRESS_MAX || !g_utf8_validate (address, -1, NULL))
    return FALSE;
  local = measure_local (address);
  if (address[local] != '@' || !is_domain (address + local + 1))
    return FALSE;
  if (*address == '"')
    return local > 2 && is_plain (address, local, "");
  return is_plain (address, local, " <>()[],;:\\\"");
}

gboolean
mime_address_equal (const char *a,
                    const char *b)
{
  g_autofree char *key_a = mime_address_dup_key (a);
  g_autofree char *key_b = mime_address_dup_key (b);

  return strcmp (key_a, key_b) == 0;
}

char *
mime_address_dup_key (const char *address)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (address));

  return g_utf8_casefold (trimmed, -1);
}

/* Also the "@" of East Asian widths, which looks the same in a list. */
static gboolean
looks_like_address (const char *name)
{
  return strchr (name, '@') != NULL || strstr (name, "\xef\xbc\xa0") != NULL
         || strstr (name, "\xef\xb9\xab") != NULL;
}

char *
mime_address_dup_label (const MimeAddress *address)
{
  if (*address->name == '\0' || mime_address_equal (address->name, address->address))
    return g_strdup (address->address);
  if (!looks_like_address (address->name))
    return g_strdup (address->name);
  return g_strdup_printf ("%s <%s>", address->name, address->address);
}

static gboolean
needs_quotes (const char *name)
{
  return strpbrk (name, "()<>[]:;@\\,.\"") != NULL;
}

char *
mime_address_dup_full (const MimeAddress *address)
{
  g_autoptr(GString) name = g_string_new (NULL);

  if (*address->name == '\0')
    return g_strdup (address->address);
  if (*address->address == '\0')
    return g_strdup (address->name);
  if (!needs_quotes (address->name))
    return g_strdup_printf ("%s <%s>", address->name, address->address);
  for (const char *p = address->name; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (name, '\\');
      g_string_append_c (name, *p);
    }
  return g_strdup_printf ("\"%s\" <%s>", name->str, address->address);
}
