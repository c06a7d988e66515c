/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/folder.h"

static const struct {
  const char           *name;
  ImapFolderAttributes  attributes;
  ImapRole              role;
} known[] = {
  { "\\Noselect", IMAP_FOLDER_NOSELECT, IMAP_ROLE_NONE },
  { "\\NonExistent", IMAP_FOLDER_NOSELECT | IMAP_FOLDER_NONEXISTENT, IMAP_ROLE_NONE },
  { "\\Noinferiors", IMAP_FOLDER_NOINFERIORS, IMAP_ROLE_NONE },
  { "\\HasChildren", IMAP_FOLDER_HASCHILDREN, IMAP_ROLE_NONE },
  { "\\HasNoChildren", IMAP_FOLDER_HASNOCHILDREN, IMAP_ROLE_NONE },
  { "\\Subscribed", IMAP_FOLDER_SUBSCRIBED, IMAP_ROLE_NONE },
  { "\\Marked", IMAP_FOLDER_MARKED, IMAP_ROLE_NONE },
  { "\\Remote", IMAP_FOLDER_REMOTE, IMAP_ROLE_NONE },
  { "\\Inbox", 0, IMAP_ROLE_INBOX },
  { "\\All", 0, IMAP_ROLE_ALL },
  { "\\AllMail", 0, IMAP_ROLE_ALL },
  { "\\Archive", 0, IMAP_ROLE_ARCHIVE },
  { "\\Drafts", 0, IMAP_ROLE_DRAFTS },
  { "\\Flagged", 0, IMAP_ROLE_FLAGGED },
  { "\\Starred", 0, IMAP_ROLE_FLAGGED },
  { "\\Important", 0, IMAP_ROLE_IMPORTANT },
  { "\\Junk", 0, IMAP_ROLE_JUNK },
  { "\\Spam", 0, IMAP_ROLE_JUNK },
  { "\\Sent", 0, IMAP_ROLE_SENT },
  { "\\Trash", 0, IMAP_ROLE_TRASH },
};

void
imap_folder_add_attribute (BaseSlice             attribute,
                           ImapFolderAttributes *attributes,
                           ImapRole             *role)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (base_slice_equal_nocase (attribute, known[i].name))
      {
        *attributes |= known[i].attributes;
        if (*role == IMAP_ROLE_NONE)
          *role = known[i].role;
        return;
      }
}

const char *
imap_folder_get_role_attribute (ImapRole role)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (role != IMAP_ROLE_NONE && known[i].role == role)
      return known[i].name;
  return NULL;
}
