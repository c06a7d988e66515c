/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/flags.h"

#include <string.h>

static const struct {
  const char *name;
  ImapFlags   flag;
} names[] = {
  { "\\Seen", IMAP_FLAG_SEEN },
  { "\\Answered", IMAP_FLAG_ANSWERED },
  { "\\Flagged", IMAP_FLAG_FLAGGED },
  { "\\Deleted", IMAP_FLAG_DELETED },
  { "\\Draft", IMAP_FLAG_DRAFT },
  { "\\Recent", IMAP_FLAG_RECENT },
  { "\\*", IMAP_FLAG_ANY },
};

ImapFlags
imap_flags_parse (BaseSlice atom)
{
  if (atom.size == 0 || atom.data[0] != '\\')
    return 0;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (base_slice_equal_nocase (atom, names[i].name))
      return names[i].flag;
  return 0;
}

const char *
imap_flags_get_name (ImapFlags flag)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].flag == flag)
      return names[i].name;
  g_assert_not_reached ();
}

/* RFC 3501 section 9: atom-specials, and "]" although flags may hold it, since some servers do not
 * think so. */
gboolean
imap_flags_is_keyword (const char *keyword)
{
  if (*keyword == '\0')
    return FALSE;
  for (const char *p = keyword; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p) || strchr ("(){%*\"\\]", *p) != NULL)
      return FALSE;
  return TRUE;
}
