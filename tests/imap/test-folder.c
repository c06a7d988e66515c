/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/folder.h"

static void
test_attributes_say_role_and_use (void)
{
  static const struct { const char *words; ImapFolderAttributes attributes; ImapRole role; } cases[] = {
    { "\\HasNoChildren", IMAP_FOLDER_HASNOCHILDREN, IMAP_ROLE_NONE },
    { "\\HasNoChildren \\Sent", IMAP_FOLDER_HASNOCHILDREN, IMAP_ROLE_SENT },
    { "\\sent \\MARKED", IMAP_FOLDER_MARKED, IMAP_ROLE_SENT },
    { "\\NonExistent \\HasChildren", IMAP_FOLDER_NOSELECT | IMAP_FOLDER_NONEXISTENT | IMAP_FOLDER_HASCHILDREN,
      IMAP_ROLE_NONE },
    { "\\AllMail", 0, IMAP_ROLE_ALL },                      /* Gmail's XLIST */
    { "\\Trash \\Junk", 0, IMAP_ROLE_TRASH },
    { "\\Whatever Trash", 0, IMAP_ROLE_NONE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(GStrv) words = g_strsplit (cases[i].words, " ", -1);
      ImapFolderAttributes attributes = 0;
      ImapRole role = IMAP_ROLE_NONE;

      for (guint k = 0; words[k] != NULL; k++)
        imap_folder_add_attribute (base_slice_from_string (words[k]), &attributes, &role);
      g_assert_cmpint (attributes, ==, cases[i].attributes);
      g_assert_cmpint (role, ==, cases[i].role);
    }
}

static void
test_roles_can_be_asked_for (void)
{
  g_assert_cmpstr (imap_folder_get_role_attribute (IMAP_ROLE_ALL), ==, "\\All");
  g_assert_cmpstr (imap_folder_get_role_attribute (IMAP_ROLE_TRASH), ==, "\\Trash");
  g_assert_null (imap_folder_get_role_attribute (IMAP_ROLE_NONE));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/folder/attributes-say-role-and-use", test_attributes_say_role_and_use);
  g_test_add_func ("/imap/folder/roles-can-be-asked-for", test_roles_can_be_asked_for);
  return g_test_run ();
}
