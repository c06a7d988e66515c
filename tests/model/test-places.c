/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/places.h"

typedef struct {
  GPtrArray *accounts;
  GPtrArray *folders;
  GPtrArray *states;
} World;

static World *
world_new (StoreProtocol protocol)
{
  World *world = g_new0 (World, 1);
  StoreAccount *account = g_new0 (StoreAccount, 1);

  account->id = 1;
  account->name = g_strdup ("Home");
  account->protocol = protocol;
  world->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify) store_account_free);
  world->folders = g_ptr_array_new_with_free_func ((GDestroyNotify) store_folder_free);
  world->states = g_ptr_array_new ();
  g_ptr_array_add (world->accounts, account);
  return world;
}

static void
world_free (World *world)
{
  g_ptr_array_unref (world->accounts);
  g_ptr_array_unref (world->folders);
  g_ptr_array_unref (world->states);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static StoreFolder *
add_inbox (World *world)
{
  StoreFolder *folder = g_new0 (StoreFolder, 1);

  folder->id = 5;
  folder->account_id = 1;
  folder->raw_name = g_bytes_new_static ("INBOX", 5);
  folder->path = g_strdup ("INBOX");
  folder->name = g_strdup ("INBOX");
  folder->role = STORE_ROLE_INBOX;
  folder->listed_from_uid = folder->server_total = folder->gone_at = STORE_NONE;
  g_ptr_array_add (world->folders, folder);
  return folder;
}

static const ModelPlaceFacts *
find (GPtrArray  *places,
      const char *key)
{
  for (guint i = 0; i < places->len; i++)
    if (g_str_equal (((ModelPlaceFacts *) places->pdata[i])->key, key))
      return places->pdata[i];
  g_assert_not_reached ();
}

static void
test_first_listing_has_numbers (void)
{
  static const struct {
    gint64 listed_from, server_total, total;
    gint64 listed, expected;
  } cases[] = {
    { STORE_NONE, STORE_NONE, 0, 0, 0 },
    { 800, STORE_NONE, 200, 0, 0 },
    { 800, 1000, 200, 200, 1000 },
    { 2, 1000, 999, 999, 1000 },
    { 800, 1000, 1200, 1000, 1000 },          /* mail of this computer's own lies there, too */
    { 1, 1000, 1000, 0, 0 },
    { 800, 0, 0, 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(World) world = world_new (STORE_PROTOCOL_IMAP);
      StoreFolder *inbox = add_inbox (world);
      g_autoptr(GPtrArray) places = NULL;

      inbox->listed_from_uid = cases[i].listed_from;
      inbox->server_total = cases[i].server_total;
      inbox->total = cases[i].total;
      places = model_places_arrange (world->accounts, world->folders, world->states);
      g_assert_cmpint (find (places, "folder:5")->listed, ==, cases[i].listed);
      g_assert_cmpint (find (places, "folder:5")->expected, ==, cases[i].expected);
      g_assert_cmpint (find (places, "view:inboxes")->listed, ==, cases[i].listed);
      g_assert_cmpint (find (places, "view:inboxes")->expected, ==, cases[i].expected);
    }
}

static void
test_folder_nobody_looked_into_is_not_empty (void)
{
  g_autoptr(World) imap = world_new (STORE_PROTOCOL_IMAP);
  g_autoptr(World) pop = world_new (STORE_PROTOCOL_POP3);
  StoreFolder *inbox = add_inbox (imap);
  g_autoptr(GPtrArray) before = model_places_arrange (imap->accounts, imap->folders, imap->states);
  g_autoptr(GPtrArray) after = NULL;
  g_autoptr(GPtrArray) collected = NULL;

  inbox->listed_from_uid = 1;
  after = model_places_arrange (imap->accounts, imap->folders, imap->states);
  add_inbox (pop);
  collected = model_places_arrange (pop->accounts, pop->folders, pop->states);
  g_assert_true (find (before, "folder:5")->is_unseen);
  g_assert_false (find (after, "folder:5")->is_unseen);
  g_assert_false (find (collected, "folder:5")->is_unseen);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/places/first-listing-has-numbers", test_first_listing_has_numbers);
  g_test_add_func ("/model/places/folder-nobody-looked-into-is-not-empty",
                   test_folder_nobody_looked_into_is_not_empty);
  return g_test_run ();
}
