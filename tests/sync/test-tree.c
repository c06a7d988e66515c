/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/tree.h"

#include <string.h>

static void
test_paths (void)
{
  static const struct { const char *raw; char delimiter; const char *path; } cases[] = {
    { "INBOX", '/', "INBOX" },
    { "INBOX.Sent", '.', "INBOX\x1fSent" },
    { "Projects/2026/Boat", '/', "Projects\x1f" "2026\x1f" "Boat" },
    { "Entw&APw-rfe", '/', "Entwürfe" },
    { "A/B", '\0', "A/B" },
    { "a//b", '/', "a\x1f\x1f" "b" },
    { "x&AB8-y", '/', "x&AB8-y" },
    { "", '/', "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = sync_tree_dup_path (cases[i].raw, cases[i].delimiter);

      if (g_str_equal (cases[i].raw, "x&AB8-y"))
        g_assert_null (strchr (path, '\x1f'));
      else
        g_assert_cmpstr (path, ==, cases[i].path);
    }
}

static void
test_guesses (void)
{
  g_assert_cmpint (sync_tree_guess_role ("Sent Items"), ==, STORE_ROLE_SENT);
  g_assert_cmpint (sync_tree_guess_role ("GELÖSCHTE ELEMENTE"), ==, STORE_ROLE_TRASH);
  g_assert_cmpint (sync_tree_guess_role ("Éléments envoyés"), ==, STORE_ROLE_SENT);
  g_assert_cmpint (sync_tree_guess_role ("下書き"), ==, STORE_ROLE_DRAFTS);
  g_assert_cmpint (sync_tree_guess_role ("Sent to nobody"), ==, STORE_ROLE_NONE);
  g_assert_cmpint (sync_tree_guess_role (""), ==, STORE_ROLE_NONE);
}

static void
add (GPtrArray            *folders,
     const char           *raw,
     char                  delimiter,
     ImapRole              role,
     ImapFolderAttributes  attributes)
{
  SessionImapFolder *folder = g_new0 (SessionImapFolder, 1);

  folder->raw_name = (char *) raw;
  folder->delimiter = delimiter;
  folder->role = role;
  folder->attributes = attributes;
  g_ptr_array_add (folders, folder);
}

static StoreRole
role_of (GArray     *infos,
         const char *raw)
{
  for (guint i = 0; i < infos->len; i++)
    if (base_slice_equal (g_array_index (infos, StoreFolderInfo, i).raw_name, base_slice_from_string (raw)))
      return g_array_index (infos, StoreFolderInfo, i).role;
  g_assert_not_reached ();
}

/* The server's word first; a name is believed only where the server has no folder for that role, and only
 * near the top. */
static void
test_roles (void)
{
  g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GArray) infos = NULL;

  add (folders, "Sent", '/', IMAP_ROLE_NONE, 0);
  add (folders, "inbox", '/', IMAP_ROLE_NONE, 0);
  add (folders, "Sent Mail", '/', IMAP_ROLE_SENT, 0);
  add (folders, "Also Sent", '/', IMAP_ROLE_SENT, 0);
  add (folders, "inbox/Trash", '/', IMAP_ROLE_NONE, 0);
  add (folders, "Projects/Drafts", '/', IMAP_ROLE_NONE, 0);
  add (folders, "Spam", '/', IMAP_ROLE_NONE, IMAP_FOLDER_NOSELECT);
  add (folders, "Junk", '/', IMAP_ROLE_NONE, 0);
  add (folders, "Spamverdacht", '/', IMAP_ROLE_NONE, 0);
  infos = sync_tree_build (folders);

  g_assert_cmpint (role_of (infos, "inbox"), ==, STORE_ROLE_INBOX);
  g_assert_cmpint (role_of (infos, "Sent"), ==, STORE_ROLE_NONE);
  g_assert_cmpint (role_of (infos, "Sent Mail"), ==, STORE_ROLE_SENT);
  g_assert_cmpint (role_of (infos, "Also Sent"), ==, STORE_ROLE_NONE);
  g_assert_cmpint (role_of (infos, "inbox/Trash"), ==, STORE_ROLE_TRASH);
  g_assert_cmpint (role_of (infos, "Projects/Drafts"), ==, STORE_ROLE_NONE);
  g_assert_cmpint (role_of (infos, "Spam"), ==, STORE_ROLE_NONE);
  g_assert_cmpint (role_of (infos, "Junk"), ==, STORE_ROLE_JUNK);
  g_assert_cmpint (role_of (infos, "Spamverdacht"), ==, STORE_ROLE_NONE);
  g_assert_cmpuint (g_array_index (infos, StoreFolderInfo, 6).attributes, ==, STORE_FOLDER_NO_SELECT);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/tree/paths", test_paths);
  g_test_add_func ("/sync/tree/guesses", test_guesses);
  g_test_add_func ("/sync/tree/roles", test_roles);
  return g_test_run ();
}
