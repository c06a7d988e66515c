/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/folders.h"
#include "store/mail.h"
#include "store/sql.h"

#include <string.h>

#define VALIDITY 7

typedef struct {
  StoreFixture     *fixture;
  Store            *store;
  StoreTransaction *transaction;
  gint64            inbox;
  gint64            archive;
} Scene;

static void
scene_init (Scene *scene)
{
  scene->fixture = store_fixture_new ();
  scene->store = scene->fixture->store;
  scene->transaction = test_begin (scene->store);
  scene->inbox = test_folder_add (scene->store, "INBOX", STORE_ROLE_INBOX);
  scene->archive = test_folder_add (scene->store, "Archive", STORE_ROLE_ARCHIVE);
}

static void
scene_commit (Scene *scene)
{
  test_commit (scene->transaction);
  scene->transaction = test_begin (scene->store);
}

static void
scene_clear (Scene *scene)
{
  test_commit (scene->transaction);
  test_check_store (scene->store);
  store_fixture_free (scene->fixture);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static StoreLocation *
get (Scene  *scene,
     gint64  id)
{
  g_autoptr(GError) error = NULL;
  StoreLocation *location = store_locations_get (scene->store, id, &error);

  g_assert_no_error (error);
  return location;
}

static gint64
add (Scene      *scene,
     const char *name,
     guint32     uid,
     guint       flags)
{
  return test_mail_file (scene->store, &(TestMail) { .id = name }, scene->inbox, uid, flags);
}

static gint64
add_uidl (Scene      *scene,
          const char *name,
          const char *uidl,
          guint       occurrence)
{
  StoreLocationNew location = {
    .message_id = test_mail_insert (scene->store, &(TestMail) { .id = name }),
    .folder_id = 1, .uidl = base_slice_from_string (uidl), .occurrence = occurrence,
  };

  return store_locations_insert (scene->store, &location, NULL);
}

#define OK(call) G_STMT_START { g_autoptr(GError) error = NULL; gboolean ok = (call); g_assert_no_error ( \
  error); \
                                g_assert_true (ok); } G_STMT_END

/* --- filed here ----------------------------------------------------------------------------------------- */

static void
test_location_is_read_back (void)
{
  g_auto(Scene) scene = { 0 };
  const char *const keywords[] = { "work", "$Later", NULL };
  StoreLocationNew new = { .uid = G_MAXUINT32, .uidvalidity = G_MAXUINT32, .modseq = G_MAXINT64,
                           .flags = STORE_FLAG_SEEN, .keywords = keywords, .announced_at = 5 };
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(StoreLocation) found = NULL;
  g_auto(GStrv) names = NULL;
  gint64 id;

  scene_init (&scene);
  new.message_id = test_mail_insert (scene.store, &(TestMail) { .id = "a" });
  new.folder_id = scene.inbox;
  id = store_locations_insert (scene.store, &new, NULL);
  location = get (&scene, id);
  g_assert_cmpuint (location->uid, ==, G_MAXUINT32);
  g_assert_cmpuint (location->uidvalidity, ==, G_MAXUINT32);
  g_assert_cmpuint (location->modseq, ==, G_MAXINT64);
  g_assert_cmpuint (location->flags, ==, STORE_FLAG_SEEN);
  g_assert_cmpuint (location->server_flags, ==, STORE_FLAG_SEEN);
  g_assert_cmpint (location->server_folder_id, ==, scene.inbox);
  g_assert_cmpint (location->announced_at, ==, 5);
  g_assert_null (location->uidl);
  names = store_locations_list_keywords (scene.store, id, NULL);
  g_assert_cmpstr (names[0], ==, "$Later");
  g_assert_cmpstr (names[1], ==, "work");
  found = store_locations_find_uid (scene.store, scene.inbox, G_MAXUINT32, G_MAXUINT32, NULL);
  g_assert_cmpint (found->id, ==, id);
}

static void
test_same_uid_twice_is_refused (void)
{
  g_auto(Scene) scene = { 0 };
  StoreLocationNew new = { .uid = 5, .uidvalidity = VALIDITY };
  g_autoptr(GError) error = NULL;

  scene_init (&scene);
  new.message_id = test_mail_insert (scene.store, &(TestMail) { .id = "a" });
  new.folder_id = scene.inbox;
  g_assert_cmpint (store_locations_insert (scene.store, &new, NULL), !=, 0);
  g_assert_cmpint (store_locations_insert (scene.store, &new, &error), ==, 0);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_FAILED);
  new.uidvalidity = VALIDITY + 1;
  g_assert_cmpint (store_locations_insert (scene.store, &new, NULL), !=, 0);
}

static void
test_wishes_stand_until_the_server_has_them (void)
{
  g_auto(Scene) scene = { 0 };
  StoreServerFlags row = { .uid = 5 };
  guint changed;
  gint64 id;

  scene_init (&scene);
  id = add (&scene, "a", 5, 0);
  OK (store_locations_set_flags (scene.store, id, STORE_FLAG_SEEN | STORE_FLAG_FLAGGED, 0, &error));

  row.flags = STORE_FLAG_ANSWERED;                            /* does not know the wish yet */
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &row, 1, &changed, &error));
  g_assert_cmpuint (changed, ==, 1);
  {
    g_autoptr(StoreLocation) location = get (&scene, id);

    g_assert_cmpuint (location->flags, ==, STORE_FLAG_SEEN | STORE_FLAG_FLAGGED | STORE_FLAG_ANSWERED);
    g_assert_cmpuint (location->server_flags, ==, STORE_FLAG_ANSWERED);
  }
  row.flags = STORE_FLAG_SEEN | STORE_FLAG_FLAGGED;           /* has it, and took answered away */
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &row, 1, &changed, &error));
  row.flags = 0;                                              /* another program changed it back */
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &row, 1, &changed, &error));
  {
    g_autoptr(StoreLocation) location = get (&scene, id);

    g_assert_cmpuint (location->flags, ==, 0);
  }
}

static void
test_what_says_nothing_new_is_not_written (void)
{
  g_auto(Scene) scene = { 0 };
  const char *const keywords[] = { "Work", NULL };
  StoreServerFlags row = { .uid = 5, .flags = STORE_FLAG_SEEN, .modseq = 10, .keywords = keywords };
  StoreServerFlags unknown = { .uid = 6, .flags = STORE_FLAG_SEEN };
  g_autoptr(StoreLocation) before = NULL;
  g_autoptr(StoreLocation) after = NULL;
  guint changed;
  gint64 id;

  scene_init (&scene);
  id = add (&scene, "a", 5, 0);
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &row, 1, &changed, &error));
  g_assert_cmpuint (changed, ==, 1);
  scene_commit (&scene);
  before = get (&scene, id);
  row.modseq = 11;
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &row, 1, &changed, &error));
  g_assert_cmpuint (changed, ==, 0);
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &unknown, 1, &changed, &error));
  g_assert_cmpuint (changed, ==, 0);
  after = get (&scene, id);
  g_assert_cmpint (after->rev, ==, before->rev);
  g_assert_cmpuint (after->modseq, ==, 11);
}

static void
check_keywords (Scene      *scene,
                gint64      id,
                const char *expected)
{
  g_auto(GStrv) names = store_locations_list_keywords (scene->store, id, NULL);
  g_autofree char *joined = g_strjoinv (" ", names);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_keywords_merge_like_flags (void)
{
  g_auto(Scene) scene = { 0 };
  const char *const a[] = { "a", NULL }, *const b[] = { "b", NULL }, *const ab[] = { "A", "b", NULL },
                          *const none[] = { NULL };
  StoreServerFlags row = { .uid = 5 };
  gint64 id;

  scene_init (&scene);
  id = add (&scene, "m", 5, 0);
  OK (store_locations_set_keywords (scene.store, id, a, NULL, &error));
  row.keywords = b;
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &row, 1, NULL, &error));
  check_keywords (&scene, id, "a b");
  row.keywords = ab;                                          /* the wish arrived, spelt in another way */
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &row, 1, NULL, &error));
  check_keywords (&scene, id, "a b");
  OK (store_locations_set_keywords (scene.store, id, NULL, b, &error));
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &row, 1, NULL, &error));
  check_keywords (&scene, id, "a");
  row.keywords = none;
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &row, 1, NULL, &error));
  check_keywords (&scene, id, "");
  row.keywords = NULL;                                        /* says nothing about them */
  OK (store_locations_set_keywords (scene.store, id, a, NULL, &error));
  OK (store_locations_apply_flags (scene.store, scene.inbox, VALIDITY, &row, 1, NULL, &error));
  check_keywords (&scene, id, "a");
}

/* --- moving --------------------------------------------------------------------------------------------- */

static void
test_moved_mail_is_still_found_where_the_server_has_it (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(StoreLocation) waiting = NULL;
  g_autoptr(StoreLocation) found = NULL;
  g_autoptr(StoreLocation) done = NULL;
  gint64 id;

  scene_init (&scene);
  id = add (&scene, "a", 5, 0);
  OK (store_locations_move (scene.store, id, scene.archive, STORE_BY_USER, &error));
  waiting = get (&scene, id);
  g_assert_cmpint (waiting->folder_id, ==, scene.archive);
  g_assert_cmpint (waiting->server_folder_id, ==, scene.inbox);
  found = store_locations_find_uid (scene.store, scene.inbox, VALIDITY, 5, NULL);
  g_assert_cmpint (found->id, ==, id);

  OK (store_locations_set_uid (scene.store, id, scene.archive, 9, 77, &error));
  done = get (&scene, id);
  g_assert_cmpint (done->server_folder_id, ==, scene.archive);
  g_assert_cmpuint (done->uid, ==, 77);
  g_assert_null (store_locations_find_uid (scene.store, scene.inbox, VALIDITY, 5, NULL));
}

static void
test_moved_back_is_as_before (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(StoreLocation) location = NULL;
  gint64 id, waits;

  scene_init (&scene);
  id = add (&scene, "a", 5, 0);
  OK (store_locations_move (scene.store, id, scene.archive, STORE_BY_USER, &error));
  OK (store_locations_move (scene.store, id, scene.inbox, STORE_BY_USER, &error));
  location = get (&scene, id);
  g_assert_cmpint (location->server_folder_id, ==, scene.inbox);
  store_sql_get_int (store_peek_mail (scene.store), "SELECT server_folder IS NOT NULL FROM location", NULL,
                     -1, &waits, NULL);
  g_assert_cmpint (waits, ==, 0);
}

static void
test_verified_is_void_for_another_copy (void)
{
  g_auto(Scene) scene = { 0 };
  gint64 id;

  scene_init (&scene);
  id = add (&scene, "a", 5, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(StoreLocation) location = get (&scene, id);
      g_autoptr(StoreLocation) after = NULL;

      location->verified_at = 100;
      OK (store_locations_set_state (scene.store, location, STORE_LOCATION_VERIFIED_AT, &error));
      OK (i == 0 ? store_locations_rematch_uid (scene.store, id, 8, 500, &error) :
                   store_locations_set_uid (scene.store, id, scene.inbox, 8, 501, &error));
      after = get (&scene, id);
      g_assert_cmpint (after->verified_at, ==, 0);
      g_assert_cmpuint (after->uidvalidity, ==, 8);
    }
}

/* --- on the server -------------------------------------------------------------------------------------- */

static void
test_dropped_copy_leaves_the_mail_here (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(GPtrArray) events = NULL;
  gint64 id;

  scene_init (&scene);
  id = add (&scene, "a", 5, 0);
  OK (store_locations_drop_server (scene.store, id, STORE_BY_RULE, "30 days", "OK gone", &error));
  location = get (&scene, id);
  g_assert_false (store_location_has_server (location));
  g_assert_cmpuint (location->uid, ==, 0);
  g_assert_cmpint (location->removed_at, !=, 0);
  g_assert_cmpint (location->removed_by, ==, STORE_BY_RULE);
  events = store_history_list_message (scene.store, location->message_id, NULL);
  g_assert_cmpint (((StoreEvent *) events->pdata[0])->kind, ==, STORE_EVENT_REMOVED);
  g_assert_cmpstr (((StoreEvent *) events->pdata[0])->rule, ==, "30 days");
}

static void
test_only_here_mail_ends_by_the_user_alone (void)
{
  static const struct { StoreCause by; gboolean ends; } cases[] = {
    { STORE_BY_ELSEWHERE, FALSE }, { STORE_BY_RULE, FALSE }, { STORE_BY_RENUMBERING, FALSE },
    { STORE_BY_USER, TRUE }, { STORE_BY_ACCOUNT, TRUE }, { STORE_BY_MOVE, TRUE },
  };
  g_auto(Scene) scene = { 0 };

  scene_init (&scene);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u", i);
      gint64 never = add (&scene, name, 0, 0);
      gint64 removed = add_uidl (&scene, name, name, 0);

      OK (store_locations_drop_server (scene.store, removed, STORE_BY_RULE, NULL, NULL, &error));
      g_assert_cmpint (store_locations_end (scene.store, never, cases[i].by, STORE_SERVER_COPY_GONE, NULL,
                                            NULL), ==,
                       cases[i].ends);
      g_assert_cmpint (store_locations_end (scene.store, removed, cases[i].by, STORE_SERVER_COPY_GONE, NULL,
                                            NULL), ==,
                       cases[i].ends);
    }
}

static void
check_uidl (GPtrArray      *known,
            gint64          location_id,
            const char     *uidl,
            guint           occurrence,
            StoreUidlState  state)
{
  for (guint i = 0; i < known->len; i++)
    {
      const StoreKnownUidl *one = known->pdata[i];

      if (one->location_id != location_id)
        continue;
      g_assert_true (base_slice_equal (base_slice_from_bytes (one->uidl), base_slice_from_string (uidl)));
      g_assert_cmpuint (one->occurrence, ==, occurrence);
      g_assert_cmpint (one->state, ==, state);
      return;
    }
  g_error ("uidl %s is forgotten", uidl);
}

static void
test_uidls_are_never_forgotten (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GPtrArray) known = NULL;
  g_autoptr(StoreLocation) second = NULL;
  gint64 live, doubled, removed, ended;

  scene_init (&scene);
  live = add_uidl (&scene, "a", "same", 0);
  doubled = add_uidl (&scene, "b", "same", 1);
  removed = add_uidl (&scene, "c", "two", 0);
  ended = add_uidl (&scene, "d", "three", 0);
  OK (store_locations_drop_server (scene.store, removed, STORE_BY_RULE, NULL, NULL, &error));
  OK (store_locations_end (scene.store, ended, STORE_BY_USER, STORE_SERVER_COPY_MAY_REMAIN, NULL, &error));

  known = store_locations_list_uidls (scene.store, 1, NULL);
  g_assert_cmpuint (known->len, ==, 4);
  check_uidl (known, live, "same", 0, STORE_UIDL_LIVE);
  check_uidl (known, doubled, "same", 1, STORE_UIDL_LIVE);
  check_uidl (known, removed, "two", 0, STORE_UIDL_REMOVED);
  check_uidl (known, ended, "three", 0, STORE_UIDL_ENDED);
  g_assert_cmpint (((StoreKnownUidl *) known->pdata[3])->location_id, ==, ended);
  second = store_locations_find_uidl (scene.store, 1, base_slice_from_string ("same"), 1, NULL);
  g_assert_cmpint (second->id, ==, doubled);
  g_assert_null (store_locations_find_uidl (scene.store, 2, base_slice_from_string ("same"), 0, NULL));
  g_assert_null (store_locations_find_uidl (scene.store, 1, base_slice_from_string ("three"), 0, NULL));

  /* Listed once more: the same mail is on the server again. */
  OK (store_locations_rematch_uidl (scene.store, removed, base_slice_from_string ("two"), 0, &error));
  {
    g_autoptr(StoreLocation) again = get (&scene, removed);

    g_assert_true (store_location_has_server (again));
  }
}

static void
test_known_uids_are_in_order (void)
{
  g_auto(Scene) scene = { 0 };
  static const guint32 uids[] = { 9, 3, 400, 7, 1 };
  g_autoptr(GArray) all = NULL;
  g_autoptr(GArray) some = NULL;

  scene_init (&scene);
  for (guint i = 0; i < G_N_ELEMENTS (uids); i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u", i);

      add (&scene, name, uids[i], i & 1 ? STORE_FLAG_SEEN : 0);
    }
  all = store_locations_list_uids (scene.store, scene.inbox, VALIDITY, 1, G_MAXUINT32, NULL);
  g_assert_cmpuint (all->len, ==, 5);
  for (guint i = 1; i < all->len; i++)
    g_assert_cmpuint (g_array_index (all, StoreKnownUid, i - 1).uid, <,
                      g_array_index (all, StoreKnownUid, i).uid);
  g_assert_cmpuint (g_array_index (all, StoreKnownUid, 1).server_flags, ==, STORE_FLAG_SEEN);
  some = store_locations_list_uids (scene.store, scene.inbox, VALIDITY, 3, 9, NULL);
  g_assert_cmpuint (some->len, ==, 3);
}

static void
test_unfetched_are_listed_newest_first (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GArray) all = NULL;
  g_autoptr(GArray) rest = NULL;
  gint64 content;

  scene_init (&scene);
  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u", i);

      test_mail_file (scene.store, &(TestMail) { .id = name, .arrived_at = i }, scene.inbox, i, 0);
    }
  OK (store_sql_run_script (store_peek_mail (scene.store),
    "INSERT INTO content (sha256, size, segment, offset, stored_size, stored_at)"
    " VALUES (randomblob (32), 10, 1, 0, 10, 1)",
    &error));
  content = store_sql_last_id (store_peek_mail (scene.store));
  OK (store_messages_set_content (scene.store, (gint64) 3 << 20, content, 10, &error));

  all = store_locations_list_unfetched (scene.store, scene.inbox, VALIDITY, 0, 10, NULL);
  g_assert_cmpuint (all->len, ==, 3);
  g_assert_cmpuint (g_array_index (all, StoreUnfetched, 0).uid, ==, 4);
  g_assert_cmpuint (g_array_index (all, StoreUnfetched, 1).uid, ==, 2);
  rest = store_locations_list_unfetched (scene.store, scene.inbox, VALIDITY,
                                         g_array_index (all, StoreUnfetched, 1).message_id, 10, NULL);
  g_assert_cmpuint (rest->len, ==, 1);
  g_assert_cmpuint (g_array_index (rest, StoreUnfetched, 0).uid, ==, 1);
}

static void
test_due_are_listed (void)
{
  static const struct { gint64 remove_after; gboolean is_pinned; gboolean is_due; } cases[] = {
    { 100, FALSE, TRUE }, { 101, FALSE, FALSE }, { 50, TRUE, FALSE }, { 0, FALSE, FALSE },
  };
  g_auto(Scene) scene = { 0 };
  g_autoptr(GArray) due = NULL;
  guint n_due = 0;

  scene_init (&scene);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u", i);
      g_autoptr(StoreLocation) location = get (&scene, add_uidl (&scene, name, name, 0));

      location->remove_after = cases[i].remove_after;
      location->is_pinned = cases[i].is_pinned;
      OK (store_locations_set_state (scene.store, location,
                                     STORE_LOCATION_REMOVE_AFTER | STORE_LOCATION_PINNED, &error));
      n_due += cases[i].is_due;
    }
  due = store_locations_list_due (scene.store, 1, 100, 10, NULL);
  g_assert_cmpuint (due->len, ==, n_due);
}

/* --- the end -------------------------------------------------------------------------------------------- */

static void
test_end_leaves_a_tombstone_and_an_orphan (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(StoreMessage) message = NULL;
  g_autoptr(StoreMessage) restored = NULL;
  g_autoptr(GArray) ended = NULL;
  g_autoptr(GError) missing = NULL;
  gint64 id, back;

  scene_init (&scene);
  id = add (&scene, "a", 5, 0);
  location = get (&scene, id);
  scene_commit (&scene);
  OK (store_locations_end (scene.store, id, STORE_BY_ELSEWHERE, STORE_SERVER_COPY_GONE, NULL, &error));
  g_assert_null (store_locations_get (scene.store, id, &missing));
  g_assert_error (missing, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  ended = store_locations_list_ended (scene.store, location->rev, 10, NULL);
  g_assert_cmpuint (ended->len, ==, 1);
  g_assert_cmpint (g_array_index (ended, StoreTombstone, 0).location_id, ==, id);
  g_assert_cmpint (g_array_index (ended, StoreTombstone, 0).ended_by, ==, STORE_BY_ELSEWHERE);
  message = store_messages_get (scene.store, location->message_id, NULL);
  g_assert_cmpint (message->orphaned_at, !=, 0);

  back = store_locations_restore (scene.store, location->message_id, 2, NULL);
  g_assert_cmpint (back, !=, id);
  restored = store_messages_get (scene.store, location->message_id, NULL);
  g_assert_cmpint (restored->orphaned_at, ==, 0);
  g_assert_cmpint (store_locations_restore (scene.store, location->message_id, 2, NULL), ==, 0);
}

static void
test_message_in_two_folders_is_no_orphan (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(StoreMessage) message = NULL;
  StoreLocationNew second = { .uid = 8, .uidvalidity = VALIDITY };

  scene_init (&scene);
  location = get (&scene, add (&scene, "a", 5, 0));
  second.message_id = location->message_id;
  second.folder_id = scene.archive;
  g_assert_cmpint (store_locations_insert (scene.store, &second, NULL), !=, 0);
  OK (store_locations_end (scene.store, location->id, STORE_BY_USER, STORE_SERVER_COPY_GONE, NULL, &error));
  message = store_messages_get (scene.store, location->message_id, NULL);
  g_assert_cmpint (message->orphaned_at, ==, 0);
}

/* --- random histories ----------------------------------------------------------------------------------- */

static void
act (Scene *scene,
     GRand *rand,
     guint  step)
{
  gint64 folders[] = { scene->inbox, scene->archive, 1, 5 };
  gint64 folder = folders[g_rand_int_range (rand, 0, 4)];
  guint32 uid = g_rand_boolean (rand) ? step + 1 : 0;
  gint64 id;

  store_sql_get_int (store_peek_mail (scene->store), "SELECT id FROM location ORDER BY (id * ?) % 17 LIMIT 1",
                     BIND (INT (g_rand_int_range (rand, 1, 1000))), 0, &id, NULL);
  if (id == 0 || g_rand_int_range (rand, 0, 3) == 0)
    {
      g_autofree char *name = g_strdup_printf ("m%u", step);
      g_autofree char *parent = g_strdup_printf ("m%u",
                                                 (guint) g_rand_int_range (rand, 0, (gint32) step + 5));

      test_mail_file (scene->store,
                      &(TestMail) { .id = name, .references = g_rand_boolean (rand) ? parent : NULL,
                                                  .arrived_at = g_rand_int_range (rand, 1, 1000) }, folder,
                                                  uid,
                      (guint) g_rand_int_range (rand, 0, 8));
      return;
    }
  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      OK (store_locations_set_flags (scene->store, id, (guint) g_rand_int_range (rand, 0, 8),
                                     (guint) g_rand_int_range (rand, 0, 8), &error));
      break;
    case 1:
      OK (store_locations_move (scene->store, id, folder, STORE_BY_USER, &error));
      break;
    case 2:
      OK (store_locations_end (scene->store, id, STORE_BY_USER, STORE_SERVER_COPY_GONE, NULL, &error));
      break;
    default:
      {
        g_autoptr(StoreLocation) location = get (scene, id);
        StoreBody body = { .preview = "", .attachments = (guint) g_rand_int_range (rand, 0, 2) };

        OK (store_messages_set_body (scene->store, location->message_id, &body, &error));
      }
    }
}

static void
test_random_histories_count_right (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);

  scene_init (&scene);
  for (guint step = 0; step < 1000; step++)
    {
      act (&scene, rand, step);
      if (g_rand_int_range (rand, 0, 10) != 0)
        continue;
      if (g_rand_int_range (rand, 0, 4) != 0)
        test_commit (scene.transaction);
      else
        store_rollback (scene.transaction);
      test_check_store (scene.store);
      scene.transaction = test_begin (scene.store);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/locations/location-is-read-back", test_location_is_read_back);
  g_test_add_func ("/store/locations/same-uid-twice-is-refused", test_same_uid_twice_is_refused);
  g_test_add_func ("/store/locations/wishes-stand-until-the-server-has-them",
                   test_wishes_stand_until_the_server_has_them);
  g_test_add_func ("/store/locations/what-says-nothing-new-is-not-written",
                   test_what_says_nothing_new_is_not_written);
  g_test_add_func ("/store/locations/keywords-merge-like-flags", test_keywords_merge_like_flags);
  g_test_add_func ("/store/locations/moved-mail-is-still-found-where-the-server-has-it",
                   test_moved_mail_is_still_found_where_the_server_has_it);
  g_test_add_func ("/store/locations/moved-back-is-as-before", test_moved_back_is_as_before);
  g_test_add_func ("/store/locations/verified-is-void-for-another-copy",
                   test_verified_is_void_for_another_copy);
  g_test_add_func ("/store/locations/dropped-copy-leaves-the-mail-here",
                   test_dropped_copy_leaves_the_mail_here);
  g_test_add_func ("/store/locations/only-here-mail-ends-by-the-user-alone",
                   test_only_here_mail_ends_by_the_user_alone);
  g_test_add_func ("/store/locations/uidls-are-never-forgotten", test_uidls_are_never_forgotten);
  g_test_add_func ("/store/locations/known-uids-are-in-order", test_known_uids_are_in_order);
  g_test_add_func ("/store/locations/unfetched-are-listed-newest-first",
                   test_unfetched_are_listed_newest_first);
  g_test_add_func ("/store/locations/due-are-listed", test_due_are_listed);
  g_test_add_func ("/store/locations/end-leaves-a-tombstone-and-an-orphan",
                   test_end_leaves_a_tombstone_and_an_orphan);
  g_test_add_func ("/store/locations/message-in-two-folders-is-no-orphan",
                   test_message_in_two_folders_is_no_orphan);
  g_test_add_func ("/store/locations/random-histories-count-right", test_random_histories_count_right);
  return g_test_run ();
}
