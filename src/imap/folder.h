/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/folder.h - the attributes and roles a server gives its folders (RFC 3501, 5258, 6154, Gmail's XLIST
 * words).
 *
 * A role comes from attributes alone; guessing it from names is not done here.
 */
#pragma once

#include "base/bytes.h"

typedef enum {
  IMAP_FOLDER_NOSELECT      = 1 << 0,     /* also \NonExistent: cannot be opened */
  IMAP_FOLDER_NOINFERIORS   = 1 << 1,
  IMAP_FOLDER_HASCHILDREN   = 1 << 2,
  IMAP_FOLDER_HASNOCHILDREN = 1 << 3,
  IMAP_FOLDER_SUBSCRIBED    = 1 << 4,
  IMAP_FOLDER_MARKED        = 1 << 5,
  IMAP_FOLDER_REMOTE        = 1 << 6,
  IMAP_FOLDER_NONEXISTENT   = 1 << 7,
} ImapFolderAttributes;

typedef enum {
  IMAP_ROLE_NONE,
  IMAP_ROLE_INBOX,
  IMAP_ROLE_ALL,
  IMAP_ROLE_ARCHIVE,
  IMAP_ROLE_DRAFTS,
  IMAP_ROLE_FLAGGED,
  IMAP_ROLE_IMPORTANT,
  IMAP_ROLE_JUNK,
  IMAP_ROLE_SENT,
  IMAP_ROLE_TRASH,
} ImapRole;

/* Adds what the attribute says; unknown ones are ignored. */
void        imap_folder_add_attribute      (BaseSlice             attribute,
                                            ImapFolderAttributes *attributes,
                                            ImapRole             *role);
/* "\Sent", to ask for the role when a folder is made (RFC 6154); NULL for NONE. */
const char *imap_folder_get_role_attribute (ImapRole role);
