/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/tree.h - a server's folder list as rows of the store: decoded paths, attributes, and what each folder
 * is for.
 *
 * A folder's role is what the server says (SPECIAL-USE, RFC 6154), else INBOX by its name, else a careful
 * look at well-known names; the user's own choice goes over all.  Each role is given once.
 *
 * Threads: any.
 */
#pragma once

#include "session/imap.h"
#include "store/folders.h"

/* The decoded path of a raw name: each level on its own, joined by STORE_PATH_SEPARATOR.  delimiter '\0': one
 * level.  Levels that are empty or would break the path are shown with what stands there. */
char      *sync_tree_dup_path   (const char *raw_name,
                                 char        delimiter) G_GNUC_WARN_UNUSED_RESULT;
/* By a folder's own name, in the languages servers and programs are known to use; STORE_ROLE_NONE if it is
 * none. */
StoreRole  sync_tree_guess_role (const char *name);

/* Of StoreFolderInfo, whose strings live as long as the array and folders.  folders: of SessionImapFolder. */
GArray    *sync_tree_build      (GPtrArray  *folders) G_GNUC_WARN_UNUSED_RESULT;
