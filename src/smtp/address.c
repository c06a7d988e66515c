/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/address.h"

#include <string.h>

/* Quoted local parts may hold blanks, and a backslash takes the meaning of the next one. */
static gboolean
is_safe (const char *address)
{
  gboolean is_quoted = FALSE;

  for (const char *p = address; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p) || *p == '<' || *p == '>')
        return FALSE;
      if (*p == ' ' && !is_quoted)
        return FALSE;
      if (*p == '\\' && is_quoted && p[1] != '\0' && !g_ascii_iscntrl (p[1]) && p[1] != '<' && p[1] != '>')
        p++;
      else if (*p == '"')
        is_quoted = !is_quoted;
    }
  return !is_quoted;
}

SmtpAddress
smtp_check_address (const char *address)
{
  if (*address == '\0' || strlen (address) > SMTP_ADDRESS_MAX)
    return SMTP_ADDRESS_BAD;
  if (!g_utf8_validate (address, -1, NULL) || !is_safe (address))
    return SMTP_ADDRESS_BAD;
  return g_str_is_ascii (address) ? SMTP_ADDRESS_ASCII : SMTP_ADDRESS_UTF8;
}

char *
smtp_dup_ascii_address (const char *address)
{
  const char *at = strrchr (address, '@');
  g_autofree char *local = NULL;
  g_autofree char *domain = NULL;
  g_autofree char *ascii = NULL;

  if (g_str_is_ascii (address))
    return g_strdup (address);
  if (at == NULL)
    return NULL;

  local = g_strndup (address, (gsize) (at - address));
  if (!g_str_is_ascii (local) || (domain = g_hostname_to_ascii (at + 1)) == NULL)
    return NULL;
  ascii = g_strconcat (local, "@", domain, NULL);
  return smtp_check_address (ascii) == SMTP_ADDRESS_ASCII ? g_steal_pointer (&ascii) : NULL;
}
