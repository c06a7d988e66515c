/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "store/accounts.h"
#include "store/applied.h"
#include "store/changes.h"
#include "store/desk.h"
#include "store/mail.h"

#define NOW 3000000

/* --- a mailbox ------------------------------------------------------------------------------------------ */

#define LOCAL_TRASH 5                   /* of schema/mail-1.sql */
#define LOCAL_ARCHIVE 2

typedef struct {
  StoreFixture *fixture;
  Store        *store;
  gint64        imap;                   /* account 1 */
  gint64        pop;                    /* account 2 */
  gint64        inbox, archive, trash;  /* of imap */
  gint64        pop_inbox;
  gint64        mail[4];                /* in inbox: uid 11 unread, 12 read, 13 unread and starred, 14
                                         * unread */
} Box;

static gint64
add_account (Store         *store,
             StoreProtocol  protocol)
{
  g_autoptr(StoreAccount) account = store_account_new ();
  gint64 id;

  account->protocol = protocol;
  id = store_accounts_add (store, account, "Anna", NULL);
  g_assert_cmpint (id, !=, 0);
  return id;
}

static Box *
box_new (void)
{
  Box *box = g_new0 (Box, 1);
  static const guint flags[] = { 0, STORE_FLAG_SEEN, STORE_FLAG_FLAGGED, 0 };
  StoreTransaction *transaction;

  base_clock_set_fake (NOW, 0);
  box->fixture = store_fixture_new ();
  box->store = box->fixture->store;
  box->imap = add_account (box->store, STORE_PROTOCOL_IMAP);
  box->pop = add_account (box->store, STORE_PROTOCOL_POP3);
  g_assert_cmpint (box->imap, ==, 1);

  transaction = test_begin (box->store);
  box->inbox = test_folder_add (box->store, "INBOX", STORE_ROLE_INBOX);
  box->archive = test_folder_add (box->store, "Archive", STORE_ROLE_ARCHIVE);
  box->trash = test_folder_add (box->store, "Trash", STORE_ROLE_TRASH);
  box->pop_inbox = store_folders_add_local (box->store, box->pop, "Inbox", STORE_ROLE_INBOX, NULL);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *id = g_strdup_printf ("mail%u@example.org", i);
      TestMail mail = { .id = id, .subject = "A subject" };

      box->mail[i] = test_mail_file (box->store, &mail, box->inbox, 11 + i, flags[i]);
    }
  test_commit (transaction);
  return box;
}

static void
box_free (Box *box)
{
  test_check_store (box->store);
  store_fixture_free (box->fixture);
  g_free (box);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Box, box_free)

static void
box_reopen (Box *box)
{
  store_fixture_reopen (box->fixture);
  box->store = box->fixture->store;
}

static gint64
add_mail (Box        *box,
          const char *id,
          gint64      account_id,
          gint64      folder_id,
          guint32     uid,
          const char *uidl)
{
  TestMail mail = { .id = id, .account_id = account_id };
  StoreTransaction *transaction = test_begin (box->store);
  StoreLocationNew location = { .message_id = test_mail_insert (box->store, &mail), .folder_id = folder_id,
                                .uid = uid,
                                .uidvalidity = uid != 0 ? 7 : 0 };
  gint64 location_id;

  if (uidl != NULL)
    location.uidl = base_slice_from_string (uidl);
  location_id = store_locations_insert (box->store, &location, NULL);
  g_assert_cmpint (location_id, !=, 0);
  test_commit (transaction);
  return location_id;
}

static StoreLocation *
get (Box    *box,
     gint64  id)
{
  g_autoptr(GError) error = NULL;
  StoreLocation *location = store_locations_get (box->store, id, &error);

  g_assert_no_error (error);
  return location;
}

static gboolean
is_there (Box    *box,
          gint64  id)
{
  g_autoptr(StoreLocation) location = store_locations_get (box->store, id, NULL);

  return location != NULL;
}

static guint
flags_of (Box    *box,
          gint64  id)
{
  g_autoptr(StoreLocation) location = get (box, id);

  return location->flags;
}

static gint64
folder_of (Box    *box,
           gint64  id)
{
  g_autoptr(StoreLocation) location = get (box, id);

  return location->folder_id;
}

static char *
keywords_of (Box    *box,
             gint64  id)
{
  g_auto(GStrv) keywords = store_locations_list_keywords (box->store, id, NULL);

  return g_strjoinv (" ", keywords);
}

static gint64
count (StoreDb    *db,
       const char *sql)
{
  gint64 n;

  g_assert_true (store_sql_get_int (db, sql, NULL, -1, &n, NULL));
  return n;
}

/* --- wishes --------------------------------------------------------------------------------------------- */

static GArray *
record (Box              *box,
        const StoreWish  *wish,
        const gint64     *ids,
        gsize             n)
{
  g_autoptr(GError) error = NULL;
  GArray *changes = store_changes_record (box->store, wish, ids, n, &error);

  g_assert_no_error (error);
  return changes;
}

/* The id of the only change it makes. */
static gint64
record_one (Box              *box,
            const StoreWish  *wish,
            const gint64     *ids,
            gsize             n)
{
  g_autoptr(GArray) changes = record (box, wish, ids, n);

  g_assert_cmpuint (changes->len, ==, 1);
  return g_array_index (changes, gint64, 0);
}

static gint64
wish_flags (Box    *box,
            gint64  id,
            guint   add,
            guint   remove)
{
  StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = add, .flags_remove = remove };

  return record_one (box, &wish, &id, 1);
}

static gint64
wish_move (Box    *box,
           gint64  id,
           gint64  folder_id)
{
  StoreWish wish = { .kind = STORE_CHANGE_MOVE, .folder_id = folder_id };

  return record_one (box, &wish, &id, 1);
}

static gint64
wish_copy (Box    *box,
           gint64  id,
           gint64  folder_id)
{
  StoreWish wish = { .kind = STORE_CHANGE_COPY, .folder_id = folder_id };

  return record_one (box, &wish, &id, 1);
}

static gint64
wish_delete (Box         *box,
             gint64       id,
             StoreDelete  how)
{
  StoreWish wish = { .kind = STORE_CHANGE_DELETE, .how = how };

  return record_one (box, &wish, &id, 1);
}

static void
catch_up (Box   *box,
          guint  expected)
{
  g_autoptr(GError) error = NULL;
  guint n;

  g_assert_true (store_changes_catch_up (box->store, &n, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, expected);
}

static StoreChangeState
state_of (Box    *box,
          gint64  id)
{
  g_autoptr(StoreChange) change = store_changes_get (box->store, id, NULL);

  g_assert_nonnull (change);
  return change->state;
}

static void
become (Box              *box,
        gint64            id,
        StoreChangeState  state)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (store_changes_set_state (box->store, id, state, NULL, &error));
  g_assert_no_error (error);
}

static void
run (Box    *box,
     gint64  id)
{
  become (box, id, STORE_CHANGE_STATE_RUNNING);
}

static void
confirm (Box     *box,
         gint64   id,
         gint64   position,
         guint32  uid)
{
  StoreItemResult result = { .position = position, .state = STORE_ITEM_DONE, .uidvalidity = uid != 0 ? 7 : 0,
                             .uid = uid,
                             .target_uidnext = -1 };
  g_autoptr(GError) error = NULL;

  g_assert_true (store_changes_confirm_items (box->store, id, &result, 1, &error));
  g_assert_no_error (error);
}

static void
finish (Box     *box,
        gint64   id,
        guint32  uid)
{
  run (box, id);
  confirm (box, id, 0, uid);
  become (box, id, STORE_CHANGE_STATE_DONE);
}

static void
fail (Box    *box,
      gint64  id)
{
  run (box, id);
  become (box, id, STORE_CHANGE_STATE_FAILED);
}

/* --- the table ------------------------------------------------------------------------------------------ */

/* Columns: wanted accepted running done failed unknown cancelled. */
static const char * const table[STORE_N_CHANGE_STATES] = {
  [STORE_CHANGE_STATE_WANTED]    = ".x.xx.x",
  [STORE_CHANGE_STATE_ACCEPTED]  = "..xxx.x",
  [STORE_CHANGE_STATE_RUNNING]   = ".x.xxx.",
  [STORE_CHANGE_STATE_DONE]      = ".......",
  [STORE_CHANGE_STATE_FAILED]    = "x.....x",
  [STORE_CHANGE_STATE_UNKNOWN]   = "..xxx..",
  [STORE_CHANGE_STATE_CANCELLED] = ".......",
};

static void
test_only_these_transitions (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_flags (box, box->mail[0], STORE_FLAG_SEEN, 0);

  for (guint from = 0; from < STORE_N_CHANGE_STATES; from++)
    for (guint to = 0; to < STORE_N_CHANGE_STATES; to++)
      {
        g_autoptr(GError) error = NULL;
        gboolean expected = table[from][to] == 'x';

        g_assert_cmpint (store_change_may_become (from, to), ==, expected);
        g_assert_true (store_desk_run (box->store, "UPDATE change SET state = ? WHERE id = ?",
                                       BIND (TEXT (store_change_state_to_string (from)), INT (id)), NULL,
                                       NULL));
        g_assert_cmpint (store_changes_set_state (box->store, id, to, NULL, &error), ==, expected);
        if (!expected)
          g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);
        g_assert_cmpint (state_of (box, id), ==, expected ? to : from);
      }
}

/* --- recording ------------------------------------------------------------------------------------------ */

static void
test_state_before_is_kept (void)
{
  g_autoptr(Box) box = box_new ();
  const char * const keywords[] = { "Work", "$Later", NULL };
  StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN };
  StoreTransaction *transaction = test_begin (box->store);
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(StoreChange) change = NULL;
  StoreChangeItem *item;
  gint64 id;

  g_assert_true (store_locations_set_keywords (box->store, box->mail[2], keywords, NULL, NULL));
  test_commit (transaction);
  id = record_one (box, &wish, box->mail, 4);

  change = store_changes_get (box->store, id, NULL);
  g_assert_cmpint (change->account_id, ==, box->imap);
  g_assert_cmpint (change->state, ==, STORE_CHANGE_STATE_WANTED);
  g_assert_false (change->is_local);
  g_assert_cmpuint (change->n_items, ==, 3);            /* one was read already */
  items = store_changes_list_items (box->store, id, 0, 10, NULL);
  g_assert_cmpuint (items->len, ==, 3);
  item = items->pdata[1];
  g_assert_cmpint (item->location_id, ==, box->mail[2]);
  g_assert_cmpuint (item->flags_before, ==, STORE_FLAG_FLAGGED);
  g_assert_true (g_strv_contains ((const char *const *) item->keywords_before, "Work"));
  g_assert_cmpuint (item->uid, ==, 13);
  g_assert_cmpuint (item->uidvalidity, ==, 7);
  g_assert_cmpint (item->server_folder_id, ==, box->inbox);
  g_assert_cmpint (item->folder_id, ==, box->inbox);
  g_assert_cmpint (item->target_uidnext, ==, -1);
  g_assert_cmpint (item->state, ==, STORE_ITEM_OPEN);
}

static void
test_nothing_to_do_records_nothing (void)
{
  g_autoptr(Box) box = box_new ();
  StoreWish read = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN };
  StoreWish move = { .kind = STORE_CHANGE_MOVE, .folder_id = box->inbox };
  const gint64 nobody = 999;
  g_autoptr(GArray) already = record (box, &read, &box->mail[1], 1);
  g_autoptr(GArray) there = record (box, &move, box->mail, 4);
  g_autoptr(GArray) missing = record (box, &read, &nobody, 1);
  g_autoptr(GArray) none = record (box, &read, NULL, 0);

  g_assert_cmpuint (already->len + there->len + missing->len + none->len, ==, 0);
  g_assert_cmpint (count (store_peek_desk (box->store), "SELECT count (*) FROM change"), ==, 0);
}

static void
test_one_change_for_each_account (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 local = add_mail (box, "local@x", box->imap, LOCAL_ARCHIVE, 0, NULL);
  gint64 pop = add_mail (box, "pop@x", box->pop, box->pop_inbox, 0, "uidl1");
  const gint64 ids[] = { box->mail[0], local, pop, box->mail[3] };
  StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN };
  g_autoptr(GArray) changes = record (box, &wish, ids, 4);
  g_autoptr(StoreChange) imap_change = NULL;
  g_autoptr(GPtrArray) waiting = NULL;

  g_assert_cmpuint (changes->len, ==, 3);
  imap_change = store_changes_get (box->store, g_array_index (changes, gint64, 0), NULL);
  g_assert_cmpuint (imap_change->n_items, ==, 2);
  g_assert_null (imap_change->subject);
  catch_up (box, 3);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint (flags_of (box, ids[i]) & STORE_FLAG_SEEN, !=, 0);

  /* Local ones are done at once, and nobody waits for them. */
  g_assert_cmpint (state_of (box, g_array_index (changes, gint64, 0)), ==, STORE_CHANGE_STATE_ACCEPTED);
  g_assert_cmpint (state_of (box, g_array_index (changes, gint64, 1)), ==, STORE_CHANGE_STATE_DONE);
  g_assert_cmpint (state_of (box, g_array_index (changes, gint64, 2)), ==, STORE_CHANGE_STATE_DONE);
  waiting = store_changes_list (box->store, STORE_CHANGES_WAITING, STORE_ACCOUNT_ANY, 0, NULL);
  g_assert_cmpuint (waiting->len, ==, 1);
}

static void
test_second_wish_sees_the_first (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 first = wish_move (box, box->mail[0], box->archive);
  gint64 second = wish_move (box, box->mail[0], box->trash);
  g_autoptr(GPtrArray) items = store_changes_list_items (box->store, second, 0, 10, NULL);
  g_autoptr(StoreChange) change = store_changes_get (box->store, second, NULL);

  g_assert_cmpint (((StoreChangeItem *) items->pdata[0])->folder_id, ==, box->archive);
  g_assert_cmpint (change->depends_on, ==, first);
  g_assert_cmpstr (change->subject, ==, "A subject");
}

/* --- the overlay ---------------------------------------------------------------------------------------- */

static void
test_overlay_shows_what_is_wanted (void)
{
  g_autoptr(Box) box = box_new ();
  const char * const keywords[] = { "Work", NULL };
  StoreWish tag = { .kind = STORE_CHANGE_FLAG, .keywords_add = keywords };
  StoreWish pin = { .kind = STORE_CHANGE_PIN, .flags_add = 1 };
  g_autoptr(StoreOverlay) overlay = NULL;
  g_autoptr(StoreOverlay) after = NULL;
  g_autoptr(GArray) all = NULL;
  const StoreOverlayItem *item;

  wish_flags (box, box->mail[0], STORE_FLAG_SEEN, 0);
  wish_flags (box, box->mail[0], STORE_FLAG_FLAGGED, STORE_FLAG_SEEN);
  wish_move (box, box->mail[0], box->archive);
  wish_delete (box, box->mail[1], STORE_DELETE_FOR_GOOD);
  record_one (box, &tag, &box->mail[2], 1);
  record_one (box, &pin, &box->mail[2], 1);

  overlay = store_changes_get_overlay (box->store, NULL);
  g_assert_cmpuint (store_overlay_get_size (overlay), ==, 3);
  item = store_overlay_peek (overlay, box->mail[0]);
  g_assert_cmpuint (item->flags_add, ==, STORE_FLAG_FLAGGED);
  g_assert_cmpuint (item->flags_remove, ==, STORE_FLAG_SEEN);
  g_assert_cmpint (item->folder_id, ==, box->archive);
  g_assert_cmpint (item->pinned, ==, -1);
  g_assert_true (store_overlay_peek (overlay, box->mail[1])->is_gone);
  item = store_overlay_peek (overlay, box->mail[2]);
  g_assert_cmpstr (item->keywords_add[0], ==, "Work");
  g_assert_cmpint (item->pinned, ==, TRUE);
  g_assert_null (store_overlay_peek (overlay, box->mail[3]));
  all = store_overlay_list (overlay);
  g_assert_cmpuint (all->len, ==, 3);

  catch_up (box, 6);
  after = store_changes_get_overlay (box->store, NULL);
  g_assert_cmpuint (store_overlay_get_size (after), ==, 0);
}

static void
test_overlay_shows_what_was_cancelled (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 move = wish_move (box, box->mail[0], box->archive);
  gint64 read = wish_flags (box, box->mail[3], STORE_FLAG_SEEN, 0);
  gint64 never_applied;
  g_autoptr(StoreOverlay) overlay = NULL;

  catch_up (box, 2);
  never_applied = wish_flags (box, box->mail[2], STORE_FLAG_SEEN, 0);
  g_assert_true (store_changes_cancel (box->store, move, NULL));
  g_assert_true (store_changes_cancel (box->store, read, NULL));
  g_assert_true (store_changes_cancel (box->store, never_applied, NULL));
  overlay = store_changes_get_overlay (box->store, NULL);
  g_assert_cmpint (store_overlay_peek (overlay, box->mail[0])->folder_id, ==, box->inbox);
  g_assert_cmpuint (store_overlay_peek (overlay, box->mail[3])->flags_remove, ==, STORE_FLAG_SEEN);
  g_assert_null (store_overlay_peek (overlay, box->mail[2]));
}

/* --- accepting ------------------------------------------------------------------------------------------ */

static void
test_move_keeps_the_server_side (void)
{
  g_autoptr(Box) box = box_new ();
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(StoreLocation) back = NULL;

  wish_move (box, box->mail[0], box->archive);
  catch_up (box, 1);
  location = get (box, box->mail[0]);
  g_assert_cmpint (location->folder_id, ==, box->archive);
  g_assert_cmpint (location->server_folder_id, ==, box->inbox);
  g_assert_cmpuint (location->uid, ==, 11);

  wish_move (box, box->mail[0], box->inbox);
  catch_up (box, 1);
  back = get (box, box->mail[0]);
  g_assert_cmpint (back->folder_id, ==, box->inbox);
  g_assert_cmpint (back->server_folder_id, ==, box->inbox);
}

static void
test_copy_has_no_server_side (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_copy (box, box->mail[2], box->archive);
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(StoreLocation) copy = NULL;
  g_autoptr(StoreLocation) original = NULL;

  catch_up (box, 1);
  items = store_changes_list_items (box->store, id, 0, 1, NULL);
  copy = get (box, ((StoreChangeItem *) items->pdata[0])->result_location);
  original = get (box, box->mail[2]);
  g_assert_cmpint (copy->message_id, ==, original->message_id);
  g_assert_cmpint (copy->folder_id, ==, box->archive);
  g_assert_cmpuint (copy->flags, ==, STORE_FLAG_FLAGGED);
  g_assert_false (store_location_has_server (copy));
  g_assert_cmpint (original->folder_id, ==, box->inbox);
}

static void
test_delete_goes_to_trash_first (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 first = wish_delete (box, box->mail[0], STORE_DELETE_TO_TRASH);
  g_autoptr(StoreChange) change = store_changes_get (box->store, first, NULL);
  gint64 second;

  g_assert_cmpint (change->kind, ==, STORE_CHANGE_MOVE);
  g_assert_cmpint (change->folder_id, ==, box->trash);
  catch_up (box, 1);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->trash);

  second = wish_delete (box, box->mail[0], STORE_DELETE_TO_TRASH);
  g_clear_pointer (&change, store_change_free);
  change = store_changes_get (box->store, second, NULL);
  g_assert_cmpint (change->kind, ==, STORE_CHANGE_DELETE);
  g_assert_cmpint (change->depends_on, ==, first);
  catch_up (box, 1);
  g_assert_false (is_there (box, box->mail[0]));
}

/* A move that was not done yet: the tombstone finds the server copy where it still is, and where it is
 * afterwards. */
static void
test_deleted_is_found_where_it_lies (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 move = wish_delete (box, box->mail[0], STORE_DELETE_TO_TRASH);
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(GArray) leaving = NULL;
  g_autoptr(GArray) elsewhere = NULL;
  StoreChangeItem *item;
  gint64 end;

  catch_up (box, 1);
  end = wish_delete (box, box->mail[0], STORE_DELETE_FOR_GOOD);
  catch_up (box, 1);
  items = store_changes_list_items (box->store, end, 0, 1, NULL);
  item = items->pdata[0];
  g_assert_cmpint (item->server_folder_id, ==, box->inbox);
  g_assert_cmpuint (item->uid, ==, 11);
  leaving = store_changes_list_leaving (box->store, box->inbox, 7, NULL);
  g_assert_cmpuint (leaving->len, ==, 1);
  g_assert_cmpuint (g_array_index (leaving, guint32, 0), ==, 11);
  elsewhere = store_changes_list_leaving (box->store, box->inbox, 8, NULL);
  g_assert_cmpuint (elsewhere->len, ==, 0);

  finish (box, move, 501);
  g_clear_pointer (&items, g_ptr_array_unref);
  items = store_changes_list_items (box->store, end, 0, 1, NULL);
  item = items->pdata[0];
  g_assert_cmpint (item->server_folder_id, ==, box->trash);
  g_assert_cmpuint (item->uid, ==, 501);

  finish (box, end, 0);
  g_clear_pointer (&items, g_ptr_array_unref);
  items = store_changes_list_items (box->store, end, 0, 1, NULL);
  g_assert_cmpint (((StoreChangeItem *) items->pdata[0])->server_folder_id, ==, 0);
  g_clear_pointer (&leaving, g_array_unref);
  leaving = store_changes_list_leaving (box->store, box->trash, 7, NULL);
  g_assert_cmpuint (leaving->len, ==, 0);
}

static void
test_pop_follows_the_policy (void)
{
  g_autoptr(Box) box = box_new ();
  g_autoptr(StoreAccount) account = store_accounts_get (box->store, box->pop, NULL);
  gint64 first = add_mail (box, "p1@x", box->pop, box->pop_inbox, 0, "u1");
  gint64 second = add_mail (box, "p2@x", box->pop, box->pop_inbox, 0, "u2");
  gint64 only_here = add_mail (box, "p3@x", box->pop, box->pop_inbox, 0, NULL);
  g_autoptr(StoreChange) change = NULL;
  gint64 id;

  /* Into Trash: nothing for the server. */
  id = wish_delete (box, first, STORE_DELETE_TO_TRASH);
  catch_up (box, 1);
  g_assert_cmpint (state_of (box, id), ==, STORE_CHANGE_STATE_DONE);
  g_assert_cmpint (folder_of (box, first), ==, LOCAL_TRASH);

  /* For good: the server copy goes too, because the account says so. */
  id = wish_delete (box, first, STORE_DELETE_TO_TRASH);
  catch_up (box, 1);
  g_assert_cmpint (state_of (box, id), ==, STORE_CHANGE_STATE_ACCEPTED);
  change = store_changes_get (box->store, id, NULL);
  g_assert_cmpint (change->account_id, ==, box->pop);

  account->remove_when_deleted = FALSE;
  g_assert_true (store_accounts_update (box->store, account, NULL));
  id = wish_delete (box, second, STORE_DELETE_FOR_GOOD);
  catch_up (box, 1);
  g_assert_cmpint (state_of (box, id), ==, STORE_CHANGE_STATE_DONE);
  id = wish_delete (box, only_here, STORE_DELETE_FOR_GOOD);
  catch_up (box, 1);
  g_assert_cmpint (state_of (box, id), ==, STORE_CHANGE_STATE_DONE);
}

static void
test_across_accounts (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 local = add_mail (box, "l@x", box->imap, LOCAL_ARCHIVE, 0, NULL);
  g_autoptr(StoreChange) up = store_changes_get (box->store, wish_move (box, local, box->archive), NULL);
  g_autoptr(StoreChange) down = store_changes_get (box->store, wish_move (box, box->mail[0], LOCAL_ARCHIVE),
                                                   NULL);
  g_autoptr(StoreChange) copy = store_changes_get (box->store, wish_copy (box, box->mail[1], LOCAL_ARCHIVE),
                                                   NULL);
  g_autoptr(StoreLocation) location = NULL;

  g_assert_cmpint (up->account_id, ==, box->imap);
  g_assert_false (up->is_local);
  g_assert_cmpint (down->account_id, ==, box->imap);
  g_assert_false (down->is_local);
  g_assert_false (copy->is_local);              /* its bytes are not here yet */
  catch_up (box, 3);
  finish (box, up->id, 600);
  location = get (box, local);
  g_assert_cmpuint (location->uid, ==, 600);
  g_assert_cmpint (location->server_folder_id, ==, box->archive);

  finish (box, down->id, 0);
  g_clear_pointer (&location, store_location_free);
  location = get (box, box->mail[0]);
  g_assert_cmpint (location->folder_id, ==, LOCAL_ARCHIVE);
  g_assert_false (store_location_has_server (location));
  g_assert_cmpint (location->removed_by, ==, STORE_BY_USER);
}

static void
test_missing_folder_fails_alone (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 bad = wish_move (box, box->mail[0], box->archive);
  gint64 good = wish_flags (box, box->mail[3], STORE_FLAG_SEEN, 0);
  StoreTransaction *transaction = test_begin (box->store);
  GLogLevelFlags fatal;

  g_assert_true (store_folders_remove (box->store, box->archive, NULL));
  test_commit (transaction);
  fatal = g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);       /* it warns, and goes on */
  catch_up (box, 2);
  g_log_set_always_fatal (fatal);
  g_assert_cmpint (state_of (box, bad), ==, STORE_CHANGE_STATE_FAILED);
  g_assert_cmpint (state_of (box, good), ==, STORE_CHANGE_STATE_ACCEPTED);
  catch_up (box, 1);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->inbox);
}

/* --- crashes -------------------------------------------------------------------------------------------- */

/* After the effect, before desk.db knows: the copy must not be made twice. */
static void
test_crash_after_the_effect_only_marks (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_copy (box, box->mail[0], box->archive);
  StoreTransaction *transaction = test_begin (box->store);
  g_autoptr(GPtrArray) items = NULL;

  g_assert_true (store_changes_apply (box->store, id, NULL));
  test_commit (transaction);
  box_reopen (box);
  g_assert_cmpint (state_of (box, id), ==, STORE_CHANGE_STATE_WANTED);
  catch_up (box, 1);
  g_assert_cmpint (state_of (box, id), ==, STORE_CHANGE_STATE_ACCEPTED);
  g_assert_cmpint (count (store_peek_mail (box->store), "SELECT count (*) FROM location"), ==, 5);
  items = store_changes_list_items (box->store, id, 0, 1, NULL);
  g_assert_cmpint (((StoreChangeItem *) items->pdata[0])->result_location, !=, 0);
}

/* Before the effect was committed: nothing has happened, and all of it happens next time. */
static void
test_crash_before_the_effect_does_it_again (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_copy (box, box->mail[0], box->archive);
  StoreTransaction *transaction = test_begin (box->store);

  g_assert_true (store_changes_apply (box->store, id, NULL));
  store_rollback (transaction);
  box_reopen (box);
  g_assert_cmpint (count (store_peek_mail (box->store), "SELECT count (*) FROM location"), ==, 4);
  catch_up (box, 1);
  g_assert_cmpint (count (store_peek_mail (box->store), "SELECT count (*) FROM location"), ==, 5);
}

static void
test_crash_while_reverting (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_move (box, box->mail[0], box->archive);
  StoreTransaction *transaction;

  catch_up (box, 1);
  g_assert_true (store_changes_cancel (box->store, id, NULL));
  transaction = test_begin (box->store);
  g_assert_true (store_changes_revert (box->store, id, NULL));
  test_commit (transaction);
  box_reopen (box);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->inbox);

  /* Meanwhile the user has moved it elsewhere: the second revert must not touch that. */
  wish_move (box, box->mail[0], box->trash);
  catch_up (box, 2);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->trash);
  catch_up (box, 0);
}

static void
test_cancelled_while_it_was_applied (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_flags (box, box->mail[0], STORE_FLAG_SEEN, 0);
  StoreTransaction *transaction = test_begin (box->store);

  g_assert_true (store_changes_apply (box->store, id, NULL));
  test_commit (transaction);
  g_assert_true (store_changes_cancel (box->store, id, NULL));
  g_assert_true (store_changes_mark_accepted (box->store, id, NULL));
  g_assert_cmpint (state_of (box, id), ==, STORE_CHANGE_STATE_CANCELLED);
  g_assert_cmpuint (flags_of (box, box->mail[0]), ==, STORE_FLAG_SEEN);
  catch_up (box, 1);
  g_assert_cmpuint (flags_of (box, box->mail[0]), ==, 0);
}

static void
test_running_when_it_died_is_unknown (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_flags (box, box->mail[0], STORE_FLAG_SEEN, 0);
  g_autoptr(GArray) due = NULL;

  catch_up (box, 1);
  run (box, id);
  box_reopen (box);
  g_assert_cmpint (store_changes_recover (box->store, NULL), ==, 1);
  g_assert_cmpint (store_changes_recover (box->store, NULL), ==, 0);
  g_assert_cmpint (state_of (box, id), ==, STORE_CHANGE_STATE_UNKNOWN);
  due = store_changes_list_due (box->store, box->imap, NOW, NULL);
  g_assert_cmpuint (due->len, ==, 1);
}

/* --- reverting ------------------------------------------------------------------------------------------ */

static void
test_cancel_takes_every_effect_back (void)
{
  g_autoptr(Box) box = box_new ();
  const char * const add[] = { "Work", NULL };
  const char * const remove[] = { "Old", NULL };
  StoreWish tag = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN,
                    .flags_remove = STORE_FLAG_FLAGGED,
                    .keywords_add = add, .keywords_remove = remove };
  g_autoptr(GArray) changes = g_array_new (FALSE, FALSE, sizeof (gint64));
  StoreTransaction *transaction = test_begin (box->store);
  g_autoptr(StoreLocation) deleted = NULL;
  g_autofree char *keywords = NULL;
  gint64 id;

  g_assert_true (store_locations_set_keywords (box->store, box->mail[2], remove, NULL, NULL));
  test_commit (transaction);
  id = record_one (box, &tag, &box->mail[2], 1);
  g_array_append_val (changes, id);
  id = wish_move (box, box->mail[0], box->archive);
  g_array_append_val (changes, id);
  id = wish_copy (box, box->mail[1], box->archive);
  g_array_append_val (changes, id);
  id = wish_delete (box, box->mail[3], STORE_DELETE_FOR_GOOD);
  g_array_append_val (changes, id);
  catch_up (box, 4);
  g_assert_false (is_there (box, box->mail[3]));

  for (guint i = 0; i < changes->len; i++)
    g_assert_true (store_changes_cancel (box->store, g_array_index (changes, gint64, i), NULL));
  catch_up (box, 4);
  catch_up (box, 0);
  g_assert_cmpuint (flags_of (box, box->mail[2]), ==, STORE_FLAG_FLAGGED);
  keywords = keywords_of (box, box->mail[2]);
  g_assert_cmpstr (keywords, ==, "Old");
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->inbox);
  g_assert_cmpint (count (store_peek_mail (box->store), "SELECT count (*) FROM location"), ==, 4);
  deleted = get (box, box->mail[3]);
  g_assert_cmpuint (deleted->uid, ==, 14);
  g_assert_cmpuint (deleted->uidvalidity, ==, 7);
  g_assert_cmpint (deleted->server_folder_id, ==, box->inbox);
  g_assert_cmpint (deleted->removed_at, ==, 0);
  g_assert_cmpint (deleted->verified_at, ==, 0);
  g_assert_cmpint (deleted->announced_at, !=, 0);
  g_assert_cmpint (count (store_peek_mail (box->store),
                          "SELECT count (*) FROM tombstone WHERE location_id NOT IN "
                          "(SELECT location_id FROM applied_location)"), ==, 1);      /* of the copy */
  g_assert_cmpint (count (store_peek_mail (box->store), "SELECT count (*) FROM applied_change"), ==, 0);
}

static void
test_done_part_stays_done (void)
{
  g_autoptr(Box) box = box_new ();
  StoreWish wish = { .kind = STORE_CHANGE_MOVE, .folder_id = box->archive };
  StoreItemResult refused = { .position = 1, .state = STORE_ITEM_FAILED, .target_uidnext = -1,
                              .server_words = "NO quota" };
  StoreChangeNews news = { .problem_text = "1 of 2 messages could not be moved", .server_words = "NO quota" };
  gint64 id = record_one (box, &wish, box->mail, 2);
  g_autoptr(GPtrArray) attention = NULL;
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(StoreChange) change = NULL;

  catch_up (box, 1);
  run (box, id);
  confirm (box, id, 0, 900);
  g_assert_true (store_changes_note_items (box->store, id, &refused, 1, NULL));
  g_assert_true (store_changes_set_state (box->store, id, STORE_CHANGE_STATE_FAILED, &news, NULL));
  catch_up (box, 1);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->archive);
  g_assert_cmpint (folder_of (box, box->mail[1]), ==, box->inbox);

  attention = store_changes_list (box->store, STORE_CHANGES_ATTENTION, STORE_ACCOUNT_ANY, 0, NULL);
  g_assert_cmpuint (attention->len, ==, 1);
  change = store_changes_get (box->store, id, NULL);
  g_assert_cmpstr (change->problem_text, ==, "1 of 2 messages could not be moved");
  items = store_changes_list_items (box->store, id, 1, 1, NULL);
  g_assert_cmpstr (((StoreChangeItem *) items->pdata[0])->server_words, ==, "NO quota");

  /* Again: only what is left. */
  g_assert_true (store_changes_retry (box->store, id, NULL));
  catch_up (box, 1);
  g_assert_cmpint (folder_of (box, box->mail[1]), ==, box->archive);
  g_clear_pointer (&items, g_ptr_array_unref);
  items = store_changes_list_items (box->store, id, 0, 9, NULL);
  g_assert_cmpint (((StoreChangeItem *) items->pdata[0])->state, ==, STORE_ITEM_DONE);
  g_assert_cmpint (((StoreChangeItem *) items->pdata[1])->state, ==, STORE_ITEM_OPEN);
}

static void
test_later_wish_survives (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 first = wish_flags (box, box->mail[0], STORE_FLAG_SEEN | STORE_FLAG_FLAGGED, 0);
  gint64 move = wish_move (box, box->mail[0], box->archive);

  catch_up (box, 2);
  wish_flags (box, box->mail[0], 0, STORE_FLAG_FLAGGED);
  catch_up (box, 1);
  wish_flags (box, box->mail[0], STORE_FLAG_FLAGGED, 0);
  wish_move (box, box->mail[0], box->trash);
  catch_up (box, 2);
  fail (box, first);
  fail (box, move);
  catch_up (box, 2);
  g_assert_cmpuint (flags_of (box, box->mail[0]), ==, STORE_FLAG_FLAGGED);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->trash);
}

/* Back to where it was, not to where only a refused move had brought it - unless another move did so
 * since. */
static void
test_reverts_along_the_chain (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 first = wish_move (box, box->mail[0], box->archive);
  gint64 second = wish_move (box, box->mail[0], box->trash);

  catch_up (box, 2);
  fail (box, first);
  catch_up (box, 1);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->trash);
  g_assert_true (store_changes_cancel (box->store, second, NULL));
  catch_up (box, 1);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->inbox);

  first = wish_move (box, box->mail[0], box->archive);
  catch_up (box, 1);
  finish (box, first, 61);
  second = wish_move (box, box->mail[0], box->trash);
  catch_up (box, 1);
  g_assert_true (store_changes_cancel (box->store, second, NULL));
  catch_up (box, 1);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->archive);
}

static void
test_reverts_to_the_word_of_the_server (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_flags (box, box->mail[0], STORE_FLAG_SEEN | STORE_FLAG_FLAGGED, 0);
  StoreServerFlags now = { .uid = 11, .flags = STORE_FLAG_SEEN };
  StoreTransaction *transaction;

  catch_up (box, 1);
  transaction = test_begin (box->store);
  g_assert_true (store_locations_apply_flags (box->store, box->inbox, 7, &now, 1, NULL, NULL));
  test_commit (transaction);
  fail (box, id);
  catch_up (box, 1);
  g_assert_cmpuint (flags_of (box, box->mail[0]), ==, STORE_FLAG_SEEN);      /* somebody else has read it */
}

/* --- undo ----------------------------------------------------------------------------------------------- */

static GArray *
undo (Box    *box,
      gint64  id)
{
  g_autoptr(GError) error = NULL;
  GArray *changes = store_changes_undo (box->store, &id, 1, &error);

  g_assert_no_error (error);
  return changes;
}

static void
test_undo_before_it_runs_cancels (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_move (box, box->mail[0], box->archive);
  g_autoptr(GArray) made = NULL;

  catch_up (box, 1);
  made = undo (box, id);
  g_assert_cmpuint (made->len, ==, 0);
  g_assert_cmpint (state_of (box, id), ==, STORE_CHANGE_STATE_CANCELLED);
  catch_up (box, 1);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->inbox);
}

static void
test_undo_of_flags_leaves_what_was_so (void)
{
  g_autoptr(Box) box = box_new ();
  StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN | STORE_FLAG_FLAGGED };
  gint64 id = record_one (box, &wish, box->mail, 4);
  g_autoptr(GArray) made = NULL;
  g_autoptr(GArray) redone = NULL;
  static const guint before[] = { 0, STORE_FLAG_SEEN, STORE_FLAG_FLAGGED, 0 };
  gint64 last;

  catch_up (box, 1);
  run (box, id);
  for (guint i = 0; i < 4; i++)
    confirm (box, id, i, 0);
  become (box, id, STORE_CHANGE_STATE_DONE);
  made = undo (box, id);
  g_assert_cmpuint (made->len, ==, 3);                 /* neither; seen before; starred before */
  catch_up (box, 3);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint (flags_of (box, box->mail[i]), ==, before[i]);

  last = g_array_index (made, gint64, 0);
  {
    g_autoptr(StoreChange) change = store_changes_get (box->store, last, NULL);

    g_assert_cmpint (change->undoes, ==, id);
  }
  run (box, last);
  redone = undo (box, last);
  catch_up (box, redone->len);
  g_assert_cmpuint (flags_of (box, box->mail[0]), ==, STORE_FLAG_SEEN | STORE_FLAG_FLAGGED);
}

static void
test_undo_of_move_goes_back_to_each_folder (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 other = add_mail (box, "o@x", box->imap, box->archive, 31, NULL);
  const gint64 ids[] = { box->mail[0], other };
  StoreWish wish = { .kind = STORE_CHANGE_MOVE, .folder_id = box->trash };
  gint64 id = record_one (box, &wish, ids, 2);
  g_autoptr(GArray) made = NULL;

  catch_up (box, 1);
  run (box, id);
  confirm (box, id, 0, 71);
  confirm (box, id, 1, 72);
  become (box, id, STORE_CHANGE_STATE_DONE);
  made = undo (box, id);
  g_assert_cmpuint (made->len, ==, 2);
  catch_up (box, 2);
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, box->inbox);
  g_assert_cmpint (folder_of (box, other), ==, box->archive);
}

static void
test_undo_of_copy_ends_the_copy_only (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_copy (box, box->mail[0], box->archive);
  g_autoptr(GArray) made = NULL;
  g_autoptr(StoreChange) change = NULL;

  catch_up (box, 1);
  finish (box, id, 81);
  made = undo (box, id);
  g_assert_cmpuint (made->len, ==, 1);
  catch_up (box, 1);
  change = store_changes_get (box->store, g_array_index (made, gint64, 0), NULL);
  g_assert_cmpint (change->kind, ==, STORE_CHANGE_DELETE);
  g_assert_false (change->is_local);
  g_assert_true (is_there (box, box->mail[0]));
  g_assert_cmpint (count (store_peek_mail (box->store), "SELECT count (*) FROM location"), ==, 4);
}

static void
test_undo_of_delete_brings_it_back (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_delete (box, box->mail[2], STORE_DELETE_FOR_GOOD);
  g_autoptr(GArray) made = NULL;
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(StoreChange) change = NULL;

  catch_up (box, 1);
  finish (box, id, 0);
  made = undo (box, id);
  g_assert_cmpuint (made->len, ==, 1);
  catch_up (box, 1);
  location = get (box, box->mail[2]);
  g_assert_cmpint (location->folder_id, ==, box->inbox);
  g_assert_cmpuint (location->flags, ==, STORE_FLAG_FLAGGED);
  g_assert_false (store_location_has_server (location));
  change = store_changes_get (box->store, g_array_index (made, gint64, 0), NULL);
  g_assert_cmpint (change->kind, ==, STORE_CHANGE_APPEND);
  g_assert_cmpint (change->state, ==, STORE_CHANGE_STATE_ACCEPTED);

  /* An upload that is refused leaves it here. */
  fail (box, change->id);
  catch_up (box, 1);
  g_assert_true (is_there (box, box->mail[2]));
  g_assert_true (store_changes_retry (box->store, change->id, NULL));
  catch_up (box, 1);
  finish (box, change->id, 91);
  g_clear_pointer (&location, store_location_free);
  location = get (box, box->mail[2]);
  g_assert_cmpuint (location->uid, ==, 91);
}

static void
test_undo_while_deleting_then_refused (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_delete (box, box->mail[0], STORE_DELETE_FOR_GOOD);
  StoreTransaction *transaction = test_begin (box->store);
  StoreFolder state = { .id = box->inbox, .uidvalidity = 7 };
  g_autoptr(GArray) made = NULL;
  g_autoptr(GArray) due = NULL;
  g_autoptr(StoreLocation) location = NULL;

  g_assert_true (store_folders_set_state (box->store, &state, STORE_FOLDER_UIDVALIDITY, NULL));
  test_commit (transaction);
  catch_up (box, 1);
  run (box, id);
  made = undo (box, id);
  g_assert_cmpuint (made->len, ==, 1);
  catch_up (box, 1);
  due = store_changes_list_due (box->store, box->imap, NOW, NULL);
  g_assert_cmpuint (due->len, ==, 0);                  /* the upload waits for what becomes of the deletion */
  become (box, id, STORE_CHANGE_STATE_FAILED);
  catch_up (box, 1);
  location = get (box, box->mail[0]);
  g_assert_cmpuint (location->uid, ==, 11);            /* the server has kept it after all */
  g_clear_pointer (&due, g_array_unref);
  due = store_changes_list_due (box->store, box->imap, NOW, NULL);
  g_assert_cmpuint (due->len, ==, 1);
}

static void
test_undo_of_pop_delete_does_not_fetch_again (void)
{
  g_autoptr(Box) box = box_new ();
  g_autoptr(StoreAccount) account = store_accounts_get (box->store, box->pop, NULL);
  gint64 mail = add_mail (box, "p@x", box->pop, box->pop_inbox, 0, "u9");
  g_autoptr(GArray) made = NULL;
  g_autoptr(StoreLocation) location = NULL;
  gint64 id;

  account->remove_when_deleted = FALSE;
  g_assert_true (store_accounts_update (box->store, account, NULL));
  id = wish_delete (box, mail, STORE_DELETE_FOR_GOOD);
  catch_up (box, 1);
  made = undo (box, id);
  g_assert_cmpuint (made->len, ==, 1);
  catch_up (box, 1);
  g_assert_cmpint (state_of (box, g_array_index (made, gint64, 0)), ==, STORE_CHANGE_STATE_DONE);
  location = get (box, mail);
  g_assert_true (store_location_has_server (location));
  g_assert_cmpmem (g_bytes_get_data (location->uidl, NULL), g_bytes_get_size (location->uidl), "u9", 2);
}

static void
test_undo_of_pin (void)
{
  g_autoptr(Box) box = box_new ();
  StoreWish pin = { .kind = STORE_CHANGE_PIN, .flags_add = 1 };
  gint64 id = record_one (box, &pin, box->mail, 2);
  g_autoptr(GArray) made = NULL;
  g_autoptr(StoreLocation) pinned = NULL;
  g_autoptr(StoreLocation) unpinned = NULL;

  catch_up (box, 1);
  pinned = get (box, box->mail[0]);
  g_assert_true (pinned->is_pinned);
  made = undo (box, id);
  catch_up (box, made->len);
  unpinned = get (box, box->mail[0]);
  g_assert_false (unpinned->is_pinned);
}

/* --- lanes ---------------------------------------------------------------------------------------------- */

static guint
count_due (Box    *box,
           gint64  now)
{
  g_autoptr(GArray) due = store_changes_list_due (box->store, box->imap, now, NULL);

  return due->len;
}

static void
test_due_in_order (void)
{
  g_autoptr(Box) box = box_new ();
  StoreChangeNews later = { .problem_text = "Cannot reach mail.example.org", .next_try_at = NOW + 60 };
  gint64 first, second, other;
  g_autoptr(StoreChange) change = NULL;

  g_assert_cmpint (store_changes_get_next_time (box->store, box->imap, NULL), ==, 0);
  first = wish_move (box, box->mail[0], box->archive);
  g_assert_cmpuint (count_due (box, NOW), ==, 0);             /* not accepted yet */
  second = wish_flags (box, box->mail[0], STORE_FLAG_SEEN, 0);
  other = wish_flags (box, box->mail[3], STORE_FLAG_SEEN, 0);
  catch_up (box, 3);
  g_assert_cmpuint (count_due (box, NOW), ==, 2);             /* the second waits for the first */

  run (box, first);
  g_assert_true (store_changes_set_state (box->store, first, STORE_CHANGE_STATE_ACCEPTED, &later, NULL));
  change = store_changes_get (box->store, first, NULL);
  g_assert_cmpuint (change->tries, ==, 1);
  g_assert_cmpuint (count_due (box, NOW + 59), ==, 1);
  g_assert_cmpuint (count_due (box, NOW + 60), ==, 2);
  run (box, other);
  become (box, other, STORE_CHANGE_STATE_DONE);
  g_assert_cmpint (store_changes_get_next_time (box->store, STORE_ACCOUNT_ANY, NULL), ==, NOW + 60);
  g_assert_true (store_changes_retry (box->store, first, NULL));
  g_assert_cmpint (store_changes_get_next_time (box->store, STORE_ACCOUNT_ANY, NULL), ==, NOW);
  finish (box, first, 21);
  g_assert_cmpuint (count_due (box, NOW), ==, 1);
  finish (box, second, 0);
  g_assert_cmpuint (count_due (box, NOW), ==, 0);
  {
    g_autoptr(GPtrArray) done = store_changes_list (box->store, STORE_CHANGES_DONE, box->imap, NOW, NULL);
    g_autoptr(GPtrArray) none = store_changes_list (box->store, STORE_CHANGES_DONE, box->imap, NOW + 1, NULL);

    g_assert_cmpuint (done->len, ==, 3);
    g_assert_cmpuint (none->len, ==, 0);
  }
}

static void
test_confirmed_twice_is_confirmed_once (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_move (box, box->mail[0], box->archive);
  g_autoptr(StoreLocation) location = NULL;

  catch_up (box, 1);
  run (box, id);
  confirm (box, id, 0, 55);
  location = get (box, box->mail[0]);
  g_assert_cmpuint (location->uid, ==, 55);
  g_assert_cmpint (location->server_folder_id, ==, box->archive);
  confirm (box, id, 0, 56);
  g_clear_pointer (&location, store_location_free);
  location = get (box, box->mail[0]);
  g_assert_cmpuint (location->uid, ==, 55);
}

static void
test_moved_on_before_the_first_was_done (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 first = wish_move (box, box->mail[0], box->archive);
  gint64 second = wish_move (box, box->mail[0], box->trash);
  g_autoptr(StoreLocation) location = NULL;

  catch_up (box, 2);
  finish (box, first, 55);
  location = get (box, box->mail[0]);
  g_assert_cmpint (location->folder_id, ==, box->trash);
  g_assert_cmpint (location->server_folder_id, ==, box->archive);
  finish (box, second, 56);
  g_clear_pointer (&location, store_location_free);
  location = get (box, box->mail[0]);
  g_assert_cmpint (location->server_folder_id, ==, box->trash);
  g_assert_cmpuint (location->uid, ==, 56);
}

static void
test_pass_was_faster_than_the_answer (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_move (box, box->mail[0], box->archive);
  gint64 twin;

  catch_up (box, 1);
  twin = add_mail (box, "twin@x", box->imap, box->archive, 55, NULL);
  finish (box, id, 55);
  g_assert_false (is_there (box, twin));
  g_assert_true (is_there (box, box->mail[0]));
}

static void
test_move_without_uid_waits_for_the_pass (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 id = wish_move (box, box->mail[0], box->archive);
  g_autoptr(StoreLocation) location = NULL;

  catch_up (box, 1);
  finish (box, id, 0);
  location = get (box, box->mail[0]);
  g_assert_cmpint (location->folder_id, ==, box->archive);
  g_assert_false (store_location_has_server (location));
  g_assert_cmpint (location->removed_at, ==, 0);
}

static void
test_confirmed_flags_are_the_servers (void)
{
  g_autoptr(Box) box = box_new ();
  const char * const add[] = { "Work", NULL };
  StoreWish tag = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN, .keywords_add = add };
  gint64 id = record_one (box, &tag, &box->mail[0], 1);
  g_autoptr(StoreLocation) location = NULL;

  catch_up (box, 1);
  location = get (box, box->mail[0]);
  g_assert_cmpuint (location->server_flags, ==, 0);
  finish (box, id, 0);
  g_clear_pointer (&location, store_location_free);
  location = get (box, box->mail[0]);
  g_assert_cmpuint (location->server_flags, ==, STORE_FLAG_SEEN);
  g_assert_cmpint (count (store_peek_mail (box->store), "SELECT is_on_server FROM location_keyword"), ==, 1);
}

static void
test_upload_of_what_was_filed (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 mail = add_mail (box, "new@x", box->imap, box->archive, 0, NULL);
  const gint64 ids[] = { mail, box->mail[0] };
  StoreWish wish = { .kind = STORE_CHANGE_APPEND };
  gint64 id = record_one (box, &wish, ids, 2);
  g_autoptr(StoreChange) change = store_changes_get (box->store, id, NULL);
  StoreItemResult counted = { .state = STORE_ITEM_OPEN, .target_uidnext = 2 };
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(StoreLocation) location = NULL;

  g_assert_cmpuint (change->n_items, ==, 1);
  catch_up (box, 1);
  g_assert_true (store_changes_note_items (box->store, id, &counted, 1, NULL));
  items = store_changes_list_items (box->store, id, 0, 1, NULL);
  g_assert_cmpint (((StoreChangeItem *) items->pdata[0])->target_uidnext, ==, 2);
  finish (box, id, 44);
  location = get (box, mail);
  g_assert_cmpuint (location->uid, ==, 44);

  /* Refused: the mail stays. */
  {
    gint64 another = add_mail (box, "new2@x", box->imap, box->archive, 0, NULL);

    id = record_one (box, &wish, &another, 1);
    catch_up (box, 1);
    fail (box, id);
    catch_up (box, 1);
    g_assert_true (is_there (box, another));
  }
}

/* --- folders -------------------------------------------------------------------------------------------- */

static StoreFolder *
find_folder (Box        *box,
             gint64      account_id,
             const char *path)
{
  return store_folders_find_path (box->store, account_id, path, NULL);
}

static void
test_folder_is_made_before_it_is_filled (void)
{
  g_autoptr(Box) box = box_new ();
  StoreWish wish = { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = box->imap, .path = "Projects" };
  gint64 create = record_one (box, &wish, NULL, 0);
  g_autoptr(StoreFolder) folder = NULL;
  g_autoptr(StoreChange) change = NULL;
  g_autoptr(GBytes) raw_name = g_bytes_new_static ("Projects", 8);
  g_autoptr(GError) error = NULL;
  gint64 move;

  catch_up (box, 1);
  folder = find_folder (box, box->imap, "Projects");
  g_assert_nonnull (folder);
  g_assert_null (folder->raw_name);
  move = wish_move (box, box->mail[0], folder->id);
  change = store_changes_get (box->store, move, NULL);
  g_assert_cmpint (change->depends_on, ==, create);
  catch_up (box, 1);
  g_assert_cmpuint (count_due (box, NOW), ==, 1);

  run (box, create);
  g_assert_true (store_changes_confirm_folder (box->store, create, raw_name, &error));
  g_assert_no_error (error);
  g_assert_true (store_changes_confirm_folder (box->store, create, raw_name, &error));
  become (box, create, STORE_CHANGE_STATE_DONE);
  g_clear_pointer (&folder, store_folder_free);
  folder = find_folder (box, box->imap, "Projects");
  g_assert_cmpmem (g_bytes_get_data (folder->raw_name, NULL), g_bytes_get_size (folder->raw_name), "Projects",
                   8);
  g_assert_cmpuint (count_due (box, NOW), ==, 1);
}

static void
test_listed_folder_takes_the_place_of_the_made_one (void)
{
  g_autoptr(Box) box = box_new ();
  StoreWish wish = { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = box->imap, .path = "Projects" };
  gint64 create = record_one (box, &wish, NULL, 0);
  g_autoptr(StoreFolder) made = NULL;
  g_autoptr(GBytes) raw_name = g_bytes_new_static ("Projects", 8);
  StoreTransaction *transaction;
  gint64 listed;

  catch_up (box, 1);
  made = find_folder (box, box->imap, "Projects");
  wish_move (box, box->mail[0], made->id);
  catch_up (box, 1);
  transaction = test_begin (box->store);
  listed = test_folder_add (box->store, "Projects", STORE_ROLE_NONE);
  test_commit (transaction);
  run (box, create);
  g_assert_true (store_changes_confirm_folder (box->store, create, raw_name, NULL));
  g_assert_cmpint (folder_of (box, box->mail[0]), ==, listed);
  g_assert_null (store_folders_get (box->store, made->id, NULL));
}

static void
test_folder_kinds_revert (void)
{
  g_autoptr(Box) box = box_new ();
  StoreWish create = { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = box->imap, .path = "New" };
  StoreWish rename = { .kind = STORE_CHANGE_FOLDER_RENAME, .folder_id = box->archive, .path = "Old Mail" };
  StoreWish delete = { .kind = STORE_CHANGE_FOLDER_DELETE, .folder_id = box->archive };
  g_autoptr(StoreFolder) folder = NULL;
  gint64 id;

  id = record_one (box, &create, NULL, 0);
  catch_up (box, 1);
  g_assert_true (store_changes_cancel (box->store, id, NULL));
  catch_up (box, 1);
  g_assert_null (find_folder (box, box->imap, "New"));

  id = record_one (box, &rename, NULL, 0);
  catch_up (box, 1);
  folder = find_folder (box, box->imap, "Old Mail");
  g_assert_cmpint (folder->id, ==, box->archive);
  fail (box, id);
  catch_up (box, 1);
  g_clear_pointer (&folder, store_folder_free);
  folder = find_folder (box, box->imap, "Archive");
  g_assert_cmpint (folder->id, ==, box->archive);

  id = record_one (box, &delete, NULL, 0);
  catch_up (box, 1);
  g_assert_null (find_folder (box, box->imap, "Archive"));
  fail (box, id);
  catch_up (box, 1);
  g_clear_pointer (&folder, store_folder_free);
  folder = find_folder (box, box->imap, "Archive");
  g_assert_nonnull (folder);
}

static void
test_rename_takes_those_below_along (void)
{
  g_autoptr(Box) box = box_new ();
  StoreWish wish = { .kind = STORE_CHANGE_FOLDER_RENAME, .folder_id = box->archive, .path = "Old" };
  StoreTransaction *transaction = test_begin (box->store);
  StoreFolderInfo info = { .raw_name = BASE_SLICE_LITERAL ("Archive/2024"), .path = "Archive\x1f" "2024",
                           .delimiter = "/" };
  gint64 below = store_folders_add (box->store, box->imap, &info, NULL);
  g_autoptr(GBytes) raw_name = g_bytes_new_static ("Old", 3);
  g_autoptr(StoreFolder) folder = NULL;
  g_autoptr(GArray) made = NULL;
  gint64 id;

  test_commit (transaction);
  id = record_one (box, &wish, NULL, 0);
  catch_up (box, 1);
  folder = store_folders_get (box->store, below, NULL);
  g_assert_cmpstr (folder->path, ==, "Old\x1f" "2024");
  run (box, id);
  g_assert_true (store_changes_confirm_folder (box->store, id, raw_name, NULL));
  become (box, id, STORE_CHANGE_STATE_DONE);
  g_clear_pointer (&folder, store_folder_free);
  folder = store_folders_get (box->store, below, NULL);
  g_assert_cmpmem (g_bytes_get_data (folder->raw_name, NULL), g_bytes_get_size (folder->raw_name), "Old/2024",
                   8);

  made = undo (box, id);
  catch_up (box, made->len);
  g_clear_pointer (&folder, store_folder_free);
  folder = store_folders_get (box->store, below, NULL);
  g_assert_cmpstr (folder->path, ==, "Archive\x1f" "2024");
}

static void
test_deleted_folder_leaves_its_mail_in_trash (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 mail = add_mail (box, "a@x", box->imap, box->archive, 31, NULL);
  StoreWish wish = { .kind = STORE_CHANGE_FOLDER_DELETE, .folder_id = box->archive };
  g_autoptr(GArray) changes = record (box, &wish, NULL, 0);
  g_autoptr(StoreChange) change = NULL;

  g_assert_cmpuint (changes->len, ==, 2);
  change = store_changes_get (box->store, g_array_index (changes, gint64, 1), NULL);
  g_assert_cmpint (change->kind, ==, STORE_CHANGE_FOLDER_DELETE);
  g_assert_cmpint (change->depends_on, ==, g_array_index (changes, gint64, 0));
  catch_up (box, 2);
  g_assert_cmpint (folder_of (box, mail), ==, box->trash);
}

static void
test_bad_folder_wishes_are_refused (void)
{
  g_autoptr(Box) box = box_new ();
  const StoreWish wishes[] = {
    { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = box->imap, .path = "" },
    { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = box->imap, .path = "A\x1f" },
    { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = box->imap, .path = "A\x1f\x1f" "B" },
    { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = box->imap, .path = "A\r\nB" },
    { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = box->imap, .path = "\xff" },
    { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = box->imap, .path = "Archive" },
    { .kind = STORE_CHANGE_FOLDER_RENAME, .folder_id = box->archive, .path = "Trash" },
    { .kind = STORE_CHANGE_FOLDER_RENAME, .folder_id = box->inbox, .path = "Mine" },
    { .kind = STORE_CHANGE_FOLDER_DELETE, .folder_id = box->inbox },
    { .kind = STORE_CHANGE_FOLDER_DELETE, .folder_id = 999 },
    { .kind = STORE_CHANGE_MOVE, .folder_id = 999 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wishes); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GArray) changes = store_changes_record (box->store, &wishes[i], box->mail, 1, &error);

      g_test_message ("row %u", i);
      g_assert_null (changes);
      g_assert_true (error->domain == STORE_ERROR);
    }
  g_assert_cmpint (count (store_peek_desk (box->store), "SELECT count (*) FROM change"), ==, 0);
}

static void
test_local_folders_need_no_server (void)
{
  g_autoptr(Box) box = box_new ();
  StoreWish create = { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = STORE_ACCOUNT_LOCAL,
                       .path = "2024" };
  gint64 id = record_one (box, &create, NULL, 0);
  g_autoptr(StoreFolder) folder = NULL;
  g_autoptr(GArray) made = NULL;

  catch_up (box, 1);
  g_assert_cmpint (state_of (box, id), ==, STORE_CHANGE_STATE_DONE);
  folder = find_folder (box, STORE_ACCOUNT_LOCAL, "2024");
  g_assert_nonnull (folder);
  made = undo (box, id);
  catch_up (box, 1);
  g_assert_null (find_folder (box, STORE_ACCOUNT_LOCAL, "2024"));
}

/* --- histories ------------------------------------------------------------------------------------------ */

static char *
dump (Box *box)
{
  GString *text = g_string_new (NULL);
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (box->store),
    "SELECT id, message_id, folder_id, flags, uid, coalesce (server_folder, 0), pinned"
    " FROM location ORDER BY id", NULL, NULL);

  while (store_sql_next (rows))
    {
      for (int i = 0; i < 7; i++)
        g_string_append_printf (text, "%" G_GINT64_FORMAT " ", store_sql_int (rows, i));
      g_string_append_c (text, '\n');
    }
  g_assert_true (store_sql_end (rows, NULL));
  return g_string_free (text, FALSE);
}

static void
wish_something (Box    *box,
                GRand  *random,
                GArray *open)
{
  const gint64 folders[] = { box->inbox, box->archive, box->trash };
  gint64 location = box->mail[g_rand_int_range (random, 0, 4)];
  StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = 1u << g_rand_int_range (random, 0, 3) };
  g_autoptr(GArray) made = NULL;

  switch (g_rand_int_range (random, 0, 6))
    {
    case 0:
      wish = (StoreWish) { .kind = STORE_CHANGE_FLAG, .flags_remove = 1u << g_rand_int_range (random, 0, 3) };
      break;
    case 1:
    case 2:
      wish = (StoreWish) { .kind = STORE_CHANGE_MOVE, .folder_id = folders[g_rand_int_range (random, 0, 3)] };
      break;
    case 3:
      wish = (StoreWish) { .kind = STORE_CHANGE_COPY, .folder_id = folders[g_rand_int_range (random, 0, 3)] };
      break;
    case 4:
      wish = (StoreWish) { .kind = STORE_CHANGE_DELETE, .how = g_rand_int_range (random, 0, 2) };
      break;
    default:
      break;
    }
  made = record (box, &wish, &location, 1);
  g_array_append_vals (open, made->data, made->len);
}

/* A crash at a random point of accepting or reverting: half done, then the program begins anew. */
static void
crash_somewhere (Box    *box,
                 GRand  *random,
                 gint64  id)
{
  StoreTransaction *transaction = test_begin (box->store);
  gboolean worked = g_rand_boolean (random) ? store_changes_apply (box->store, id, NULL)
                                            : store_changes_revert (box->store, id, NULL);

  g_assert_true (worked);
  if (g_rand_boolean (random))
    test_commit (transaction);
  else
    store_rollback (transaction);
  box_reopen (box);
}

/* Whatever was wished and in whatever order it is refused, with crashes between: when nothing of it was done,
 * mail.db is as it was. */
static void
test_refused_histories_leave_no_trace (void)
{
  for (guint seed = 1; seed <= 60; seed++)
    {
      g_autoptr(Box) box = box_new ();
      g_autoptr(GRand) random = g_rand_new_with_seed (seed);
      g_autoptr(GArray) open = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_autofree char *before = dump (box);
      g_autofree char *after = NULL;

      g_test_message ("seed %u", seed);
      for (guint step = 0; step < 12; step++)
        {
          wish_something (box, random, open);
          if (open->len > 0 && g_rand_int_range (random, 0, 4) == 0)
            crash_somewhere (box, random, g_array_index (open, gint64, open->len - 1));
          if (g_rand_boolean (random))
            g_assert_true (store_changes_catch_up (box->store, NULL, NULL));
        }
      g_assert_true (store_changes_catch_up (box->store, NULL, NULL));
      while (open->len > 0)
        {
          guint pick = g_rand_int_range (random, 0, (gint) open->len);
          gint64 id = g_array_index (open, gint64, pick);

          if (g_rand_boolean (random))
            g_assert_true (store_changes_cancel (box->store, id, NULL));
          else
            fail (box, id);
          g_array_remove_index (open, pick);
          if (g_rand_int_range (random, 0, 4) == 0)
            crash_somewhere (box, random, id);
        }
      g_assert_true (store_changes_catch_up (box->store, NULL, NULL));
      after = dump (box);
      g_assert_cmpstr (before, ==, after);
      g_assert_cmpint (count (store_peek_mail (box->store), "SELECT count (*) FROM applied_change"), ==, 0);
    }
}

static void
test_sweep (void)
{
  g_autoptr(Box) box = box_new ();
  gint64 done = wish_flags (box, box->mail[0], STORE_FLAG_SEEN, 0);
  gint64 open = wish_flags (box, box->mail[3], STORE_FLAG_SEEN, 0);
  const gint64 days = STORE_CHANGE_DAYS * 24 * 60 * 60;
  g_autoptr(GError) error = NULL;

  catch_up (box, 2);
  finish (box, done, 0);
  base_clock_set_fake (NOW + days, 0);
  g_assert_true (store_changes_sweep (box->store, &error));
  g_assert_cmpint (state_of (box, done), ==, STORE_CHANGE_STATE_DONE);
  base_clock_set_fake (NOW + days + 1, 0);
  g_assert_true (store_changes_sweep (box->store, &error));
  g_assert_no_error (error);
  g_assert_null (store_changes_get (box->store, done, NULL));
  g_assert_cmpint (state_of (box, open), ==, STORE_CHANGE_STATE_ACCEPTED);
  g_assert_cmpint (count (store_peek_mail (box->store), "SELECT count (*) FROM applied_change"), ==, 1);
}

static void
test_speed (void)
{
  const guint n = 300000;
  g_autoptr(Box) box = box_new ();
  g_autoptr(GArray) ids = g_array_sized_new (FALSE, FALSE, sizeof (gint64), n);
  StoreWish read = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN };
  StoreWish move = { .kind = STORE_CHANGE_MOVE, .folder_id = box->archive };
  StoreTransaction *transaction = test_begin (box->store);
  gint64 begin, id;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u@x", i);
      TestMail mail = { .id = name, .arrived_at = NOW - n + i };
      gint64 location = test_mail_file (box->store, &mail, box->inbox, 1000 + i, 0);

      g_array_append_val (ids, location);
    }
  test_commit (transaction);

#define MEASURE(what, call) begin = g_get_monotonic_time (); call; \
  g_test_message ("%s: %.2f s", what, (double) (g_get_monotonic_time () - begin) / 1e6)

  MEASURE ("record read", id = record_one (box, &read, (gint64 *) (gpointer) ids->data, n));
  MEASURE ("overlay", store_overlay_free (store_changes_get_overlay (box->store, NULL)));
  MEASURE ("accept read", catch_up (box, 1));
  MEASURE ("cancel and revert", g_assert_true (store_changes_cancel (box->store, id, NULL));
           catch_up (box, 1));
  MEASURE ("record move", record_one (box, &move, (gint64 *) (gpointer) ids->data, n));
  MEASURE ("accept move", catch_up (box, 1));
  MEASURE ("record one", wish_flags (box, box->mail[0], STORE_FLAG_SEEN, 0));
  MEASURE ("accept one", catch_up (box, 1));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/store/changes/" name, function)
  ADD ("only-these-transitions", test_only_these_transitions);
  ADD ("state-before-is-kept", test_state_before_is_kept);
  ADD ("nothing-to-do-records-nothing", test_nothing_to_do_records_nothing);
  ADD ("one-change-for-each-account", test_one_change_for_each_account);
  ADD ("second-wish-sees-the-first", test_second_wish_sees_the_first);
  ADD ("overlay-shows-what-is-wanted", test_overlay_shows_what_is_wanted);
  ADD ("overlay-shows-what-was-cancelled", test_overlay_shows_what_was_cancelled);
  ADD ("move-keeps-the-server-side", test_move_keeps_the_server_side);
  ADD ("copy-has-no-server-side", test_copy_has_no_server_side);
  ADD ("delete-goes-to-trash-first", test_delete_goes_to_trash_first);
  ADD ("deleted-is-found-where-it-lies", test_deleted_is_found_where_it_lies);
  ADD ("pop-follows-the-policy", test_pop_follows_the_policy);
  ADD ("across-accounts", test_across_accounts);
  ADD ("missing-folder-fails-alone", test_missing_folder_fails_alone);
  ADD ("crash-after-the-effect-only-marks", test_crash_after_the_effect_only_marks);
  ADD ("crash-before-the-effect-does-it-again", test_crash_before_the_effect_does_it_again);
  ADD ("crash-while-reverting", test_crash_while_reverting);
  ADD ("cancelled-while-it-was-applied", test_cancelled_while_it_was_applied);
  ADD ("running-when-it-died-is-unknown", test_running_when_it_died_is_unknown);
  ADD ("cancel-takes-every-effect-back", test_cancel_takes_every_effect_back);
  ADD ("done-part-stays-done", test_done_part_stays_done);
  ADD ("later-wish-survives", test_later_wish_survives);
  ADD ("reverts-along-the-chain", test_reverts_along_the_chain);
  ADD ("reverts-to-the-word-of-the-server", test_reverts_to_the_word_of_the_server);
  ADD ("undo-before-it-runs-cancels", test_undo_before_it_runs_cancels);
  ADD ("undo-of-flags-leaves-what-was-so", test_undo_of_flags_leaves_what_was_so);
  ADD ("undo-of-move-goes-back-to-each-folder", test_undo_of_move_goes_back_to_each_folder);
  ADD ("undo-of-copy-ends-the-copy-only", test_undo_of_copy_ends_the_copy_only);
  ADD ("undo-of-delete-brings-it-back", test_undo_of_delete_brings_it_back);
  ADD ("undo-while-deleting-then-refused", test_undo_while_deleting_then_refused);
  ADD ("undo-of-pop-delete-does-not-fetch-again", test_undo_of_pop_delete_does_not_fetch_again);
  ADD ("undo-of-pin", test_undo_of_pin);
  ADD ("due-in-order", test_due_in_order);
  ADD ("confirmed-twice-is-confirmed-once", test_confirmed_twice_is_confirmed_once);
  ADD ("moved-on-before-the-first-was-done", test_moved_on_before_the_first_was_done);
  ADD ("pass-was-faster-than-the-answer", test_pass_was_faster_than_the_answer);
  ADD ("move-without-uid-waits-for-the-pass", test_move_without_uid_waits_for_the_pass);
  ADD ("confirmed-flags-are-the-servers", test_confirmed_flags_are_the_servers);
  ADD ("upload-of-what-was-filed", test_upload_of_what_was_filed);
  ADD ("folder-is-made-before-it-is-filled", test_folder_is_made_before_it_is_filled);
  ADD ("listed-folder-takes-the-place-of-the-made-one", test_listed_folder_takes_the_place_of_the_made_one);
  ADD ("folder-kinds-revert", test_folder_kinds_revert);
  ADD ("rename-takes-those-below-along", test_rename_takes_those_below_along);
  ADD ("deleted-folder-leaves-its-mail-in-trash", test_deleted_folder_leaves_its_mail_in_trash);
  ADD ("bad-folder-wishes-are-refused", test_bad_folder_wishes_are_refused);
  ADD ("local-folders-need-no-server", test_local_folders_need_no_server);
  ADD ("refused-histories-leave-no-trace", test_refused_histories_leave_no_trace);
  ADD ("sweep", test_sweep);
  if (g_test_perf ())
    ADD ("speed", test_speed);
  return g_test_run ();
}
