/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/folders.h"
#include "store/mail.h"

#define SEP STORE_PATH_SEPARATOR

static StoreFolderInfo
info (const char *raw,
      const char *path,
      StoreRole   role,
      const char *object_id)
{
  return (StoreFolderInfo) {
    .raw_name = base_slice_from_string (raw), .path = path, .delimiter = "/", .role = role,
                .object_id = object_id,
  };
}

static StoreFolderNews
apply (Store                 *store,
       const StoreFolderInfo *infos,
       gsize                  n_infos)
{
  g_autoptr(StoreTransaction) transaction = test_begin (store);
  g_autoptr(GError) error = NULL;
  StoreFolderNews news = { 0 };

  store_folders_apply_list (store, 1, infos, n_infos, &news, &error);
  g_assert_no_error (error);
  test_commit (g_steal_pointer (&transaction));
  return news;
}

static gint64
id_of (Store      *store,
       const char *raw)
{
  g_autoptr(StoreFolder) folder = store_folders_find_raw (store, 1, base_slice_from_string (raw), NULL);

  return folder != NULL ? folder->id : 0;
}

static void
test_local_folders_are_there (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  static const StoreRole roles[] = { STORE_ROLE_INBOX, STORE_ROLE_ARCHIVE, STORE_ROLE_SENT, STORE_ROLE_DRAFTS,
                                     STORE_ROLE_TRASH, STORE_ROLE_JUNK };

  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      g_autoptr(StoreFolder) folder = store_folders_find_role (fixture->store, STORE_ACCOUNT_LOCAL, roles[i],
                                                               NULL);

      g_assert_nonnull (folder);
      g_assert_null (folder->raw_name);
    }
}

static void
test_role_names_go_both_ways (void)
{
  for (StoreRole role = STORE_ROLE_NONE; role <= STORE_ROLE_RECOVERED; role++)
    g_assert_cmpint (store_role_from_string (store_role_to_string (role)), ==, role);
  g_assert_cmpint (store_role_from_string ("nonsense"), ==, STORE_ROLE_NONE);
}

static void
test_list_is_applied (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  const StoreFolderInfo first[] = {
    info ("INBOX", "INBOX", STORE_ROLE_INBOX, NULL), info ("Work", "Work", STORE_ROLE_NONE, NULL),
    info ("Work/2024", "Work" SEP "2024", STORE_ROLE_NONE, NULL),
  };
  const StoreFolderInfo second[] = {
    info ("INBOX", "INBOX", STORE_ROLE_INBOX, NULL), info ("Work", "Work", STORE_ROLE_ARCHIVE, NULL),
    info ("New", "New", STORE_ROLE_NONE, NULL),
  };
  StoreFolderNews news = apply (fixture->store, first, 3);
  g_autoptr(StoreFolder) gone = NULL;
  g_autoptr(StoreFolder) child = NULL;
  gint64 work, year;

  g_assert_cmpuint (news.added, ==, 3);
  work = id_of (fixture->store, "Work");
  year = id_of (fixture->store, "Work/2024");
  child = store_folders_get (fixture->store, year, NULL);
  g_assert_cmpint (child->parent_id, ==, work);
  g_assert_cmpstr (child->name, ==, "2024");

  news = apply (fixture->store, second, 3);
  g_assert_cmpuint (news.added, ==, 1);
  g_assert_cmpuint (news.changed, ==, 1);
  g_assert_cmpuint (news.gone, ==, 1);
  g_assert_cmpint (id_of (fixture->store, "Work"), ==, work);
  g_assert_cmpint (id_of (fixture->store, "Work/2024"), ==, 0);
  gone = store_folders_get (fixture->store, year, NULL);
  g_assert_cmpint (gone->gone_at, !=, STORE_NONE);

  /* It comes back: the same folder, with its mail. */
  news = apply (fixture->store, first, 3);
  g_assert_cmpint (id_of (fixture->store, "Work/2024"), ==, year);
  g_assert_cmpuint (news.added, ==, 0);
}

static void
test_same_list_changes_nothing (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  const StoreFolderInfo infos[] = {
    info ("INBOX", "INBOX", STORE_ROLE_INBOX, "f1"), info ("Work", "Work", STORE_ROLE_NONE, NULL),
    info ("Work", "Work", STORE_ROLE_NONE, NULL),            /* a server that lists it twice */
  };
  gint64 rev;

  apply (fixture->store, infos, 3);
  rev = store_get_mail_rev (fixture->store, NULL);
  apply (fixture->store, infos, 3);
  g_assert_cmpint (store_get_mail_rev (fixture->store, NULL), ==, rev);
}

static void
test_empty_list_is_no_list (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  const StoreFolderInfo infos[] = { info ("INBOX", "INBOX", STORE_ROLE_INBOX, NULL) };
  StoreFolderNews news;

  apply (fixture->store, infos, 1);
  news = apply (fixture->store, NULL, 0);
  g_assert_cmpuint (news.gone, ==, 0);
  g_assert_cmpint (id_of (fixture->store, "INBOX"), !=, 0);
}

static void
test_renamed_folder_keeps_its_id (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  const StoreFolderInfo before[] = {
    info ("A", "A", STORE_ROLE_NONE, "id-a"), info ("B", "B", STORE_ROLE_NONE, "id-b"),
      info ("C", "C", STORE_ROLE_NONE, "id-c"),
  };
  const StoreFolderInfo swapped[] = {                         /* every name in other hands */
    info ("B", "B", STORE_ROLE_NONE, "id-a"), info ("C", "C", STORE_ROLE_NONE, "id-b"),
    info ("A", "A", STORE_ROLE_NONE, "id-c"),
  };
  const StoreFolderInfo replaced[] = {                        /* the old name, but another folder */
    info ("B", "B", STORE_ROLE_NONE, "id-x"), info ("D", "D", STORE_ROLE_NONE, "id-a"),
    info ("C", "C", STORE_ROLE_NONE, "id-b"), info ("A", "A", STORE_ROLE_NONE, "id-c"),
  };
  StoreFolderNews news;
  gint64 a, b, c;

  apply (fixture->store, before, 3);
  a = id_of (fixture->store, "A");
  b = id_of (fixture->store, "B");
  c = id_of (fixture->store, "C");

  news = apply (fixture->store, swapped, 3);
  g_assert_cmpuint (news.renamed, ==, 3);
  g_assert_cmpuint (news.added + news.gone, ==, 0);
  g_assert_cmpint (id_of (fixture->store, "B"), ==, a);
  g_assert_cmpint (id_of (fixture->store, "C"), ==, b);
  g_assert_cmpint (id_of (fixture->store, "A"), ==, c);

  news = apply (fixture->store, replaced, 4);
  g_assert_cmpuint (news.renamed, ==, 1);
  g_assert_cmpuint (news.added, ==, 1);
  g_assert_cmpint (id_of (fixture->store, "D"), ==, a);
  g_assert_cmpint (id_of (fixture->store, "B"), !=, a);
}

static void
test_children_without_parent_find_an_ancestor (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  const StoreFolderInfo first[] = {
    info ("a", "a", STORE_ROLE_NONE, NULL), info ("a/b/c", "a" SEP "b" SEP "c", STORE_ROLE_NONE, NULL),
    info ("x/y", "x" SEP "y", STORE_ROLE_NONE, NULL),
  };
  const StoreFolderInfo second[] = {
    first[0], first[1], first[2], info ("a/b", "a" SEP "b", STORE_ROLE_NONE, NULL),
  };
  g_autoptr(StoreFolder) before = NULL;
  g_autoptr(StoreFolder) after = NULL;
  g_autoptr(StoreFolder) orphan = NULL;

  apply (fixture->store, first, 3);
  before = store_folders_find_raw (fixture->store, 1, base_slice_from_string ("a/b/c"), NULL);
  g_assert_cmpint (before->parent_id, ==, id_of (fixture->store, "a"));
  orphan = store_folders_find_raw (fixture->store, 1, base_slice_from_string ("x/y"), NULL);
  g_assert_cmpint (orphan->parent_id, ==, 0);
  apply (fixture->store, second, 4);
  after = store_folders_get (fixture->store, before->id, NULL);
  g_assert_cmpint (after->parent_id, ==, id_of (fixture->store, "a/b"));
}

static void
test_raw_names_are_bytes (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreFolderInfo infos[] = { info ("", "one", STORE_ROLE_NONE, NULL),
                              info ("", "two", STORE_ROLE_NONE, NULL) };
  g_autoptr(StoreFolder) folder = NULL;

  infos[0].raw_name = base_slice_new ("A\0B\xff", 4);
  infos[1].raw_name = base_slice_new ("A\0C\xff", 4);
  apply (fixture->store, infos, 2);
  folder = store_folders_find_raw (fixture->store, 1, infos[1].raw_name, NULL);
  g_assert_cmpstr (folder->path, ==, "two");
}

static void
test_state_is_kept (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreFolder state = { .uidvalidity = 5, .highestmodseq = G_MAXINT64, .listed_from_uid = 1, .uidnext = 9 };
  StoreTransaction *transaction = test_begin (fixture->store);
  g_autoptr(StoreFolder) read = NULL;
  g_autoptr(GError) error = NULL;
  gint64 rev;

  state.id = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
  store_folders_set_state (fixture->store, &state, STORE_FOLDER_UIDVALIDITY | STORE_FOLDER_HIGHESTMODSEQ |
                           STORE_FOLDER_LISTED_FROM, &error);
  g_assert_no_error (error);
  test_commit (transaction);
  read = store_folders_get (fixture->store, state.id, NULL);
  g_assert_cmpint (read->uidvalidity, ==, 5);
  g_assert_cmpint (read->highestmodseq, ==, G_MAXINT64);
  g_assert_cmpint (read->listed_from_uid, ==, 1);
  g_assert_cmpint (read->uidnext, ==, STORE_NONE);            /* not named */
  g_assert_cmpint (read->server_total, ==, STORE_NONE);

  /* Having looked is no news. */
  transaction = test_begin (fixture->store);
  state.checked_at = 1234;
  store_folders_set_state (fixture->store, &state, STORE_FOLDER_CHECKED_AT | STORE_FOLDER_UIDVALIDITY, NULL);
  rev = store_get_mail_rev (fixture->store, NULL);
  test_commit (transaction);
  g_clear_pointer (&read, store_folder_free);
  read = store_folders_get (fixture->store, state.id, NULL);
  g_assert_cmpint (read->checked_at, ==, 1234);
  g_assert_cmpint (read->rev, <, rev);
}

static void
test_role_has_one_holder (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 first = test_folder_add (fixture->store, "Sent", STORE_ROLE_SENT);
  gint64 second = test_folder_add (fixture->store, "Sent Items", STORE_ROLE_NONE);
  g_autoptr(StoreFolder) folder = NULL;

  g_assert_true (store_folders_set_role (fixture->store, second, STORE_ROLE_SENT, NULL));
  test_commit (transaction);
  folder = store_folders_get (fixture->store, first, NULL);
  g_assert_cmpint (folder->role, ==, STORE_ROLE_NONE);
  g_clear_pointer (&folder, store_folder_free);
  folder = store_folders_find_role (fixture->store, 1, STORE_ROLE_SENT, NULL);
  g_assert_cmpint (folder->id, ==, second);
}

static void
test_full_folder_is_not_removed (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 folder = test_folder_add (fixture->store, "Old", STORE_ROLE_NONE);
  gint64 location = test_mail_file (fixture->store, &(TestMail) { .id = "a" }, folder, 1, 0);
  g_autoptr(GError) error = NULL;

  g_assert_false (store_folders_remove (fixture->store, folder, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_FAILED);
  g_assert_true (store_locations_end (fixture->store, location, STORE_BY_USER, STORE_SERVER_COPY_GONE, NULL,
                                      NULL));
  g_assert_true (store_folders_remove (fixture->store, folder, NULL));
  test_commit (transaction);
}

static void
test_local_folder_is_made_once (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 id = store_folders_add_local (fixture->store, 3, "Inbox", STORE_ROLE_INBOX, NULL);

  g_assert_cmpint (id, >, 6);
  g_assert_cmpint (store_folders_add_local (fixture->store, 3, "Inbox", STORE_ROLE_INBOX, NULL), ==, id);
  test_commit (transaction);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/folders/local-folders-are-there", test_local_folders_are_there);
  g_test_add_func ("/store/folders/role-names-go-both-ways", test_role_names_go_both_ways);
  g_test_add_func ("/store/folders/list-is-applied", test_list_is_applied);
  g_test_add_func ("/store/folders/same-list-changes-nothing", test_same_list_changes_nothing);
  g_test_add_func ("/store/folders/empty-list-is-no-list", test_empty_list_is_no_list);
  g_test_add_func ("/store/folders/renamed-folder-keeps-its-id", test_renamed_folder_keeps_its_id);
  g_test_add_func ("/store/folders/children-without-parent-find-an-ancestor",
                   test_children_without_parent_find_an_ancestor);
  g_test_add_func ("/store/folders/raw-names-are-bytes", test_raw_names_are_bytes);
  g_test_add_func ("/store/folders/state-is-kept", test_state_is_kept);
  g_test_add_func ("/store/folders/role-has-one-holder", test_role_has_one_holder);
  g_test_add_func ("/store/folders/full-folder-is-not-removed", test_full_folder_is_not_removed);
  g_test_add_func ("/store/folders/local-folder-is-made-once", test_local_folder_is_made_once);
  return g_test_run ();
}
