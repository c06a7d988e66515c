/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/quirks.h"

#include <math.h>
#include <string.h>

gboolean
imap_quirks_is_qresync_broken (const ImapCapabilities *capabilities)
{
  return imap_capabilities_has (capabilities, IMAP_CAN_XAPPLEPUSH);
}

gsize
imap_quirks_command_max (const ImapCapabilities *capabilities)
{
  return imap_capabilities_has (capabilities, IMAP_CAN_XYMHIGHESTMODSEQ) ? 900 : 8000;
}

gboolean
imap_quirks_is_busy (BaseSlice text)
{
  static const char * const phrases[] = {
    "too many", "simultaneous connections", "throttled", "not connected", "try again later", "temporarily",
  };
  g_autofree char *words = base_slice_dup_text (base_slice_sub (text, 0, 1000));
  g_autofree char *lower = g_ascii_strdown (words, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (phrases); i++)
    if (strstr (lower, phrases[i]) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
imap_quirks_parse_number (BaseSlice  text,
                          guint64   *number)
{
  g_autofree char *string = NULL;
  char *end = NULL;
  double value;

  if (base_slice_parse_uint (text, G_MAXUINT64, number))
    return TRUE;
  /* Nothing that strtod() takes beyond plain decimals: "inf", "nan", "0x10". */
  for (gsize i = 0; i < text.size; i++)
    if (!g_ascii_isdigit (text.data[i]) && memchr ("+-.eE", text.data[i], 5) == NULL)
      return FALSE;
  if (text.size == 0 || text.size > 40)
    return FALSE;

  string = g_strndup ((const char *) text.data, text.size);
  value = g_ascii_strtod (string, &end);
  if (*end != '\0' || end == string || !isfinite (value))
    return FALSE;
  *number = value <= 0 ? 0 : value >= 9.2e18 ? G_MAXINT64 : (guint64) value;
  return TRUE;
}
