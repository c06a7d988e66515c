/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pop3/parser.h"

#include <string.h>

#define LOGIN_DELAY_MAX (24 * 60 * 60)
#define EXPIRE_DAYS_MAX 36500

/* Cuts the next word off text; empty at the end. */
static BaseSlice
take_word (BaseSlice *text)
{
  BaseSlice rest = base_slice_trim (*text);
  gsize size = 0;

  while (size < rest.size && !g_ascii_isspace (rest.data[size]))
    size++;
  *text = base_slice_sub (rest, size, rest.size);
  return base_slice_sub (rest, 0, size);
}

static Pop3Code
parse_code (BaseSlice words)
{
  static const struct { const char *text; Pop3Code code; } codes[] = {
    { "IN-USE", POP3_CODE_IN_USE },
    { "LOGIN-DELAY", POP3_CODE_LOGIN_DELAY },
    { "SYS/TEMP", POP3_CODE_SYS_TEMP },
    { "SYS/PERM", POP3_CODE_SYS_PERM },
    { "AUTH", POP3_CODE_AUTH },
  };
  const guint8 *end;
  BaseSlice code;

  if (words.size == 0 || words.data[0] != '[' || (end = memchr (words.data, ']', words.size)) == NULL)
    return POP3_CODE_NONE;

  code = base_slice_sub (words, 1, (gsize) (end - words.data) - 1);
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (base_slice_equal_nocase (code, codes[i].text))
      return codes[i].code;
  return POP3_CODE_OTHER;
}

gboolean
pop3_parse_status (BaseSlice   line,
                   Pop3Status *status)
{
  BaseSlice rest = line;
  BaseSlice word = take_word (&rest);

  if (line.size == 0 || g_ascii_isspace (line.data[0]))
    return FALSE;
  if (base_slice_equal_nocase (word, "+OK"))
    status->is_ok = TRUE;
  /* hMailServer before 5.7.1 said +ERR. */
  else if (base_slice_equal_nocase (word, "-ERR") || base_slice_equal_nocase (word, "+ERR"))
    status->is_ok = FALSE;
  else
    return FALSE;

  status->words = base_slice_trim (rest);
  status->code = parse_code (status->words);
  return TRUE;
}

Pop3Error
pop3_judge_refusal (const Pop3Status *status,
                    Pop3Error         otherwise)
{
  switch (status->code)
    {
    case POP3_CODE_IN_USE:       return POP3_ERROR_IN_USE;
    case POP3_CODE_LOGIN_DELAY:  return POP3_ERROR_LOGIN_DELAY;
    case POP3_CODE_SYS_TEMP:     return POP3_ERROR_TEMPORARY;
    case POP3_CODE_SYS_PERM:     return POP3_ERROR_PERMANENT;
    case POP3_CODE_AUTH:         return POP3_ERROR_AUTH_REJECTED;
    case POP3_CODE_NONE:
    case POP3_CODE_OTHER:        break;
    }
  return otherwise;
}

Pop3Error
pop3_judge_sign_in (const Pop3Status *status,
                    gboolean          names_auth)
{
  /* The first that fits.  Seen at qpopper and Cyrus (lock), Sina (duplicate login), web.de (minutes). */
  static const struct { const char *part; Pop3Error meaning; } words[] = {
    { "not enabled", POP3_ERROR_PERMANENT },
    { "disabled", POP3_ERROR_PERMANENT },
    { "account is locked", POP3_ERROR_PERMANENT },
    { "in use", POP3_ERROR_IN_USE },
    { "mailbox is locked", POP3_ERROR_IN_USE },
    { "lock maildrop", POP3_ERROR_IN_USE },
    { "busy", POP3_ERROR_IN_USE },
    { "duplicate login", POP3_ERROR_IN_USE },
    { "another session", POP3_ERROR_IN_USE },
    { "minutes", POP3_ERROR_LOGIN_DELAY },
    { "too often", POP3_ERROR_LOGIN_DELAY },
    { "too soon", POP3_ERROR_LOGIN_DELAY },
    { "too many", POP3_ERROR_TEMPORARY },
    { "temporar", POP3_ERROR_TEMPORARY },
    { "unavailable", POP3_ERROR_TEMPORARY },
    { "try again later", POP3_ERROR_TEMPORARY },
  };
  g_autofree char *text = base_slice_dup_text (status->words);
  g_autofree char *lower = g_ascii_strdown (text, -1);

  if (status->code != POP3_CODE_NONE && status->code != POP3_CODE_OTHER)
    return pop3_judge_refusal (status, POP3_ERROR_AUTH_UNCLEAR);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (lower, words[i].part) != NULL)
      return words[i].meaning;
  return names_auth ? POP3_ERROR_TEMPORARY : POP3_ERROR_AUTH_UNCLEAR;
}

Pop3Capabilities *
pop3_capabilities_new (void)
{
  Pop3Capabilities *capabilities = g_new0 (Pop3Capabilities, 1);

  capabilities->mechanisms = g_ptr_array_new_null_terminated (4, g_free, TRUE);
  return capabilities;
}

void
pop3_capabilities_free (Pop3Capabilities *capabilities)
{
  g_ptr_array_unref (capabilities->mechanisms);
  g_free (capabilities);
}

static void
add_mechanisms (Pop3Capabilities *capabilities,
                BaseSlice         words)
{
  BaseSlice word;

  while ((word = take_word (&words)).size > 0 && capabilities->mechanisms->len < POP3_MECHANISMS_MAX)
    {
      g_autofree char *name = base_slice_dup_string (word);

      if (name != NULL)
        g_ptr_array_add (capabilities->mechanisms, g_steal_pointer (&name));
    }
}

static void
set_expire (Pop3Capabilities *capabilities,
            BaseSlice         words)
{
  BaseSlice word = take_word (&words);
  guint64 days;

  if (base_slice_equal_nocase (word, "NEVER"))
    capabilities->expire = POP3_EXPIRE_NEVER;
  else if (base_slice_parse_uint (word, EXPIRE_DAYS_MAX, &days))
    {
      capabilities->expire = POP3_EXPIRE_DAYS;
      capabilities->expire_days = (guint) days;
    }
}

static void
set_login_delay (Pop3Capabilities *capabilities,
                 BaseSlice         words)
{
  guint64 seconds;

  if (base_slice_parse_uint (take_word (&words), LOGIN_DELAY_MAX, &seconds))
    capabilities->login_delay = (guint) seconds;
}

void
pop3_capabilities_add_row (Pop3Capabilities *capabilities,
                           BaseSlice         row)
{
  BaseSlice name = take_word (&row);

  if (base_slice_equal_nocase (name, "TOP"))
    capabilities->has_top = TRUE;
  else if (base_slice_equal_nocase (name, "UIDL"))
    capabilities->has_uidl = TRUE;
  else if (base_slice_equal_nocase (name, "USER"))
    capabilities->has_user = TRUE;
  else if (base_slice_equal_nocase (name, "STLS"))
    capabilities->has_stls = TRUE;
  else if (base_slice_equal_nocase (name, "PIPELINING"))
    capabilities->has_pipelining = TRUE;
  else if (base_slice_equal_nocase (name, "UTF8"))
    capabilities->has_utf8 = TRUE;
  else if (base_slice_equal_nocase (name, "AUTH-RESP-CODE"))
    capabilities->has_auth_resp_code = TRUE;
  else if (base_slice_equal_nocase (name, "SASL"))
    add_mechanisms (capabilities, row);
  else if (base_slice_equal_nocase (name, "EXPIRE"))
    set_expire (capabilities, row);
  else if (base_slice_equal_nocase (name, "LOGIN-DELAY"))
    set_login_delay (capabilities, row);
}

static gboolean
parse_number (BaseSlice  word,
              guint32   *number)
{
  guint64 value;

  if (!base_slice_parse_uint (word, POP3_NUMBER_MAX, &value))
    return FALSE;
  *number = (guint32) value;
  return TRUE;
}

gboolean
pop3_parse_size_row (BaseSlice  row,
                     guint32   *number,
                     guint64   *size)
{
  if (!parse_number (take_word (&row), number))
    return FALSE;
  /* Negative and overflowing octets are seen in the wild. */
  if (!base_slice_parse_uint (take_word (&row), G_MAXINT64, size))
    *size = 0;
  return TRUE;
}

gboolean
pop3_parse_uidl_row (BaseSlice  row,
                     guint32   *number,
                     BaseSlice *uidl)
{
  if (!parse_number (take_word (&row), number) || *number == 0)
    return FALSE;

  *uidl = base_slice_trim (row);
  if (uidl->size == 0 || uidl->size > POP3_UIDL_MAX)
    return FALSE;
  for (gsize i = 0; i < uidl->size; i++)
    if (uidl->data[i] < 0x20 || uidl->data[i] == 0x7f)
      return FALSE;
  return TRUE;
}

gboolean
pop3_is_argument (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar) *text < 0x20 || *text == 0x7f)
      return FALSE;
  return TRUE;
}
