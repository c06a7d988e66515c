/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "ingest/world.h"
#include "store/answers.h"
#include "store/changes.h"
#include "store/questions.h"
#include "store/removals.h"
#include "store/states.h"
#include "sync/leaving.h"
#include "sync/mailbox.h"
#include "sync/round-pop3.h"

#include <string.h>

#define N_MAILS 6

/* A store with a POP3 account, and the server it is collected from. */
typedef struct {
  World        *world;
  Mailbox      *mailbox;
  StoreAccount *account;
  GPtrArray    *all;           /* of GBytes: every mail that ever was on the server */
  SyncSummary   summary;       /* of the last round */
} Office;

static gint64
add_account (World *world)
{
  g_autoptr(StoreAccount) first = store_account_new ();
  g_autoptr(StoreAccount) account = store_account_new ();
  g_autoptr(GError) error = NULL;

  /* The folders of account 1 are the world's. */
  store_account_set (&first->email, "other@example.org");
  store_accounts_add (world->store, first, "Other", &error);
  g_assert_no_error (error);
  account->protocol = STORE_PROTOCOL_POP3;
  store_account_set (&account->email, "anna@example.org");
  store_account_set (&account->incoming.host, "pop.example.org");
  store_accounts_add (world->store, account, "Anna", &error);
  g_assert_no_error (error);
  return account->id;
}

static void
office_reload (Office *office)
{
  g_autoptr(GError) error = NULL;
  gint64 id = office->account->id;

  store_account_free (office->account);
  office->account = store_accounts_get (office->world->store, id, &error);
  g_assert_no_error (error);
}

static void
office_add (Office     *office,
            guint       number,
            const char *uidl)
{
  g_autoptr(GBytes) bytes = world_message (number, 300 + 20 * number);

  mailbox_add (office->mailbox, bytes, uidl);
  g_ptr_array_add (office->all, g_bytes_ref (bytes));
}

static Office *
office_new (guint n_mails)
{
  Office *office = g_new0 (Office, 1);
  g_autoptr(GError) error = NULL;

  office->world = world_new ();
  office->mailbox = mailbox_new ();
  office->all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  office->account = store_accounts_get (office->world->store, add_account (office->world), &error);
  g_assert_no_error (error);
  for (guint i = 1; i <= n_mails; i++)
    office_add (office, i, NULL);
  sync_summary_init (&office->summary);
  return office;
}

static void
office_free (Office *office)
{
  sync_summary_clear (&office->summary);
  store_account_free (office->account);
  g_ptr_array_unref (office->all);
  mailbox_free (office->mailbox);
  world_free (office->world);
  g_free (office);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Office, office_free)

static void
office_set_rule (Office     *office,
                 StoreLeave  leave)
{
  g_autoptr(GError) error = NULL;

  office->account->leave_on_server = leave;
  office->account->leave_days = 30;
  office->account->older_mail = STORE_OLDER_MAIL_REMOVE;
  office->account->removals_confirmed = TRUE;
  store_accounts_update (office->world->store, office->account, &error);
  g_assert_no_error (error);
}

static gboolean
office_try (Office  *office,
            GError **error)
{
  SyncContext context = {
    .store = office->world->store, .ingest = office->world->ingest, .pop3 = &office->mailbox->base,
             .account = office->account,
    .summary = &office->summary,
  };

  sync_summary_clear (&office->summary);
  sync_summary_init (&office->summary);
  return sync_round_pop3 (&context, error);
}

static void
office_round (Office *office)
{
  g_autoptr(GError) error = NULL;

  mailbox_reset (office->mailbox);
  office_try (office, &error);
  g_assert_no_error (error);
}

/* --- looking --- */

#define PLACES "SELECT count(*) FROM location WHERE uidl IS NOT NULL"

static gint64
count_places (Office *office)
{
  return world_count (office->world, PLACES);
}

static gint64
count_on_server (Office *office)
{
  return world_count (office->world, PLACES " AND on_server");
}

static gboolean
holds (Office *office,
       GBytes *mail,
       guint  *n)
{
  g_autoptr(GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size;
  const guint8 *data = g_bytes_get_data (mail, &size);
  g_autofree char *sql = NULL;

  g_checksum_update (sum, data, (gssize) size);
  sql = g_strdup_printf ("SELECT count(*) FROM location l JOIN message m ON m.id = l.message_id"
                         " JOIN content c ON c.id ="
                         " m.content_id WHERE lower (hex (c.sha256)) = '%s'", g_checksum_get_string (sum));
  *n = (guint) world_count (office->world, sql);
  return *n > 0;
}

/* Everything that ever was on the server is here, once; n_there of it are still there. */
static void
assert_all_here (Office *office,
                 guint   n_there)
{
  guint n;

  for (guint i = 0; i < office->all->len; i++)
    {
      g_test_message ("mail %u", i + 1);
      g_assert_true (holds (office, office->all->pdata[i], &n));
      g_assert_cmpuint (n, ==, 1);
    }
  g_assert_cmpint (count_places (office), ==, office->all->len);
  g_assert_cmpuint (office->mailbox->mails->len, ==, n_there);
}

/* Whatever happened: each mail is on the server, or whole here. */
static void
assert_nothing_lost (Office *office)
{
  for (guint i = 0; i < office->all->len; i++)
    {
      gboolean is_there = FALSE;
      guint n;

      for (guint m = 0; m < office->mailbox->mails->len; m++)
        is_there |= g_bytes_equal (((MailboxMail *) office->mailbox->mails->pdata[m])->bytes,
                                   office->all->pdata[i]);
      if (!holds (office, office->all->pdata[i], &n))
        g_assert_true (is_there);
      g_assert_cmpuint (n, <=, 1);
    }
}

static StoreLocation *
find_place (Office     *office,
            const char *uidl,
            guint       occurrence)
{
  g_autoptr(GError) error = NULL;
  StoreLocation *location = store_locations_find_uidl (office->world->store, office->account->id,
                                                       base_slice_from_string (uidl), occurrence, &error);

  g_assert_no_error (error);
  return location;
}

static guint
count_questions (Office     *office,
                 const char *kind)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) open = store_questions_list_open (office->world->store, &error);
  guint n = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < open->len; i++)
    n += strcmp (((StoreQuestion *) open->pdata[i])->kind, kind) == 0;
  return n;
}

/* --- collecting --- */

static void
test_once (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);

  office_round (office);
  assert_all_here (office, N_MAILS);
  g_assert_cmpuint (office->summary.messages_new, ==, N_MAILS);
  g_assert_cmpuint (office->mailbox->n_sessions, ==, 1);
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 0);
  g_assert_cmpuint (office->summary.messages_new, ==, 0);
  office_add (office, 20, "new");
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 1);
  assert_all_here (office, N_MAILS + 1);
}

static void
test_empty_listing (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);

  office_round (office);
  office->mailbox->habits = MAILBOX_SHOWS_NOTHING;
  office_round (office);
  g_assert_cmpint (count_on_server (office), ==, 0);
  assert_all_here (office, N_MAILS);
  office->mailbox->habits = 0;
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 0);
  g_assert_cmpint (count_on_server (office), ==, N_MAILS);
}

/* Very many that are missing at once are believed at the second time. */
static void
test_short_listing (void)
{
  g_autoptr(Office) office = office_new (100);

  office_round (office);
  for (guint i = 0; i < 60; i++)
    ((MailboxMail *) office->mailbox->mails->pdata[i])->is_hidden = TRUE;
  office_round (office);
  g_assert_cmpint (count_on_server (office), ==, 100);
  office_round (office);
  g_assert_cmpint (count_on_server (office), ==, 40);
  for (guint i = 0; i < 60; i++)
    ((MailboxMail *) office->mailbox->mails->pdata[i])->is_hidden = FALSE;
  office_round (office);
  g_assert_cmpint (count_on_server (office), ==, 100);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 0);
  assert_all_here (office, 100);
}

static void
test_vanished (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);
  g_autoptr(StoreLocation) location = NULL;

  office_round (office);
  g_ptr_array_remove_index (office->mailbox->mails, 2);
  office_round (office);
  assert_all_here (office, N_MAILS - 1);
  location = find_place (office, "u3", 0);
  g_assert_false (store_location_has_server (location));
  g_assert_cmpint (location->removed_by, ==, STORE_BY_ELSEWHERE);
  g_assert_cmpint (world_count (office->world, "SELECT count(*) FROM history WHERE event = 'kept'"), ==, 1);
}

static void
test_refused (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);

  ((MailboxMail *) office->mailbox->mails->pdata[3])->is_refused = TRUE;
  office_round (office);
  g_assert_cmpuint (office->summary.failed->len, ==, 1);
  g_assert_cmpint (count_places (office), ==, N_MAILS - 1);
  ((MailboxMail *) office->mailbox->mails->pdata[3])->is_refused = FALSE;
  office_round (office);
  assert_all_here (office, N_MAILS);
}

static void
test_shared_names (void)
{
  g_autoptr(Office) office = office_new (0);

  office_add (office, 1, "same");
  office_add (office, 2, "same");
  office_add (office, 3, "other");
  office_round (office);
  assert_all_here (office, 3);
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 0);
}

static void
test_offers (void)
{
  static const struct {
    const char *row;
    gint64 expire_days, login_delay_s;
  } cases[] = {
    { "TOP", STORE_NONE, STORE_NONE },
    { "EXPIRE NEVER", G_MAXINT64, STORE_NONE },
    { "EXPIRE 0", 0, STORE_NONE },
    { "EXPIRE 30 USER", 30, STORE_NONE },
    { "LOGIN-DELAY 900", STORE_NONE, 900 },
  };
  g_autoptr(Office) office = office_new (1);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(StoreAccountState) state = NULL;
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", cases[i].row);
      g_clear_pointer (&office->mailbox->capabilities, pop3_capabilities_free);
      office->mailbox->capabilities = pop3_capabilities_new ();
      pop3_capabilities_add_row (office->mailbox->capabilities, base_slice_from_string (cases[i].row));
      office_round (office);
      state = store_states_get (office->world->store, office->account->id, &error);
      g_assert_no_error (error);
      g_assert_cmpint (state->expire_days, ==, cases[i].expire_days);
      g_assert_cmpint (state->login_delay_s, ==, cases[i].login_delay_s);
    }
}

/* --- renumbered mailboxes --- */

static void
test_renumbered (void)
{
  g_autoptr(Office) office = office_new (12);
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(StoreLocation) ended = NULL;
  g_autoptr(GError) error = NULL;
  StoreWish wish = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_FOR_GOOD };
  g_autoptr(GArray) changes = NULL;

  office->account->remove_when_deleted = FALSE;
  store_accounts_update (office->world->store, office->account, &error);
  office_set_rule (office, STORE_LEAVE_DAYS);
  office_round (office);
  ended = find_place (office, "u5", 0);
  changes = store_changes_record (office->world->store, &wish, &ended->id, 1, &error);
  g_assert_no_error (error);
  office_round (office);
  g_assert_cmpint (count_places (office), ==, 11);

  mailbox_renumber (office->mailbox);
  office_add (office, 30, "brand-new");
  office_round (office);
  /* The rule wants the bytes of each copy anew, but no mail comes twice, and what was deleted stays away. */
  g_assert_cmpuint (office->mailbox->n_top, ==, 13);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 12);
  g_assert_cmpint (count_places (office), ==, 12);
  location = find_place (office, "renumbered-u1", 0);
  g_assert_nonnull (location);
  g_assert_cmpint (world_count (office->world, "SELECT count(*) FROM history WHERE event = 'renumbered'"), ==,
                   11);
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_retr + office->mailbox->n_top, ==, 0);
}

static void
test_renumbered_forever (void)
{
  g_autoptr(Office) office = office_new (12);

  office_round (office);
  mailbox_renumber (office->mailbox);
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_top, ==, 12);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 0);
  assert_all_here (office, 12);
  g_assert_cmpint (world_count (office->world,
                                PLACES " AND (fetched_at IS NOT NULL OR verified_at IS NOT NULL)"), ==, 0);
}

static void
test_renumbered_without_top (void)
{
  g_autoptr(Office) office = office_new (12);

  office->mailbox->habits = MAILBOX_NO_TOP;
  office_round (office);
  mailbox_renumber (office->mailbox);
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 12);
  assert_all_here (office, 12);
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 0);
}

/* As full as before, but of other mail. */
static void
test_replaced (void)
{
  g_autoptr(Office) office = office_new (12);

  office_round (office);
  g_ptr_array_set_size (office->mailbox->mails, 0);
  for (guint i = 50; i < 62; i++)
    office_add (office, i, NULL);
  mailbox_renumber (office->mailbox);
  office_round (office);
  assert_all_here (office, 12);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 12);
  g_assert_cmpint (count_on_server (office), ==, 12);
}

static void
test_no_names (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);
  g_autoptr(GError) error = NULL;

  office->mailbox->habits = MAILBOX_NO_UIDL;
  office_round (office);
  assert_all_here (office, N_MAILS);
  office_add (office, 20, NULL);
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_retr, ==, 1);
  assert_all_here (office, N_MAILS + 1);

  office->mailbox->habits = MAILBOX_NO_UIDL | MAILBOX_NO_TOP;
  g_assert_false (office_try (office, &error));
  g_assert_error (error, POP3_ERROR, POP3_ERROR_PERMANENT);
  assert_nothing_lost (office);
}

/* The header of the first mail, and other words. */
static void
office_add_twin (Office *office)
{
  BaseSlice header = world_header (office->all->pdata[0]);
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr(GBytes) twin = NULL;

  g_byte_array_append (bytes, header.data, (guint) header.size);
  g_byte_array_append (bytes, (const guint8 *) "Twin\r\n", 6);
  twin = g_byte_array_free_to_bytes (bytes);
  mailbox_add (office->mailbox, twin, "twin");
  g_ptr_array_add (office->all, g_bytes_ref (twin));
}

static void
test_no_names_removes (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);

  office->mailbox->habits = MAILBOX_NO_UIDL;
  office_set_rule (office, STORE_LEAVE_REMOVE);
  /* The same header twice: nobody can tell which is which, so both stay. */
  office_add_twin (office);
  office_round (office);
  office_round (office);
  g_assert_cmpuint (office->mailbox->mails->len, ==, 2);
  assert_nothing_lost (office);
}

/* --- leaving --- */

static void
test_removes (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);

  office_set_rule (office, STORE_LEAVE_REMOVE);
  office_round (office);
  assert_all_here (office, 0);
  g_assert_cmpint (count_on_server (office), ==, 0);
  g_assert_cmpint (world_count (office->world, "SELECT count(*) FROM removal WHERE state = 'done'"), ==,
                   N_MAILS);
  g_assert_cmpint (world_count (office->world, "SELECT count(*) FROM location WHERE removed_by = 'rule'"), ==,
                   N_MAILS);
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_dele, ==, 0);
}

static void
test_many_sessions (void)
{
  g_autoptr(Office) office = office_new (205);

  office_set_rule (office, STORE_LEAVE_REMOVE);
  office_round (office);
  assert_all_here (office, 0);
  /* Collecting, perhaps once more because it was so many; then 100, 100 and 5. */
  g_assert_cmpuint (office->mailbox->n_sessions, ==, 5);
}

static void
test_days (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);
  const gint64 day = 24 * 60 * 60, start = 2000000000;

  base_clock_set_fake (start, 0);
  office_set_rule (office, STORE_LEAVE_DAYS);
  office_round (office);
  for (gint64 d = 1; d < 30; d++)
    {
      base_clock_set_fake (start + d * day, 0);
      office_round (office);
      g_assert_cmpuint (office->mailbox->mails->len, ==, N_MAILS);
    }
  base_clock_set_fake (start + 30 * day, 0);
  office_round (office);
  assert_all_here (office, 0);
}

/* A wall clock that leaps does not make anything old, and one that was set back stops nothing for good. */
static void
test_clock_leaps (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);
  const gint64 day = 24 * 60 * 60, start = 2000000000;

  base_clock_set_fake (start, 0);
  office_set_rule (office, STORE_LEAVE_DAYS);
  office_round (office);
  base_clock_set_fake (start + 20000 * day, 0);
  office_round (office);
  g_assert_cmpuint (office->mailbox->mails->len, ==, N_MAILS);
  base_clock_set_fake (start - 5000 * day, 0);
  office_add (office, 40, "late");
  for (guint i = 0; i < 10; i++)
    office_round (office);
  g_assert_cmpuint (office->mailbox->mails->len, ==, N_MAILS + 1);
}

static void
answer (Office     *office,
        const char *kind,
        const char *word)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) open = store_questions_list_open (office->world->store, &error);

  for (guint i = 0; i < open->len; i++)
    if (strcmp (((StoreQuestion *) open->pdata[i])->kind, kind) == 0)
      store_answers_give (office->world->store, ((StoreQuestion *) open->pdata[i])->id, word, &error);
  g_assert_no_error (error);
}

static void
test_asks (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);
  g_autoptr(GError) error = NULL;

  base_clock_set_fake (2000000000, 0);
  office_set_rule (office, STORE_LEAVE_REMOVE);
  office->account->older_mail = STORE_OLDER_MAIL_ASK;
  office->account->removals_confirmed = FALSE;
  store_accounts_update (office->world->store, office->account, &error);
  g_assert_no_error (error);
  office_round (office);
  office_round (office);
  g_assert_cmpuint (count_questions (office, "older-mail"), ==, 1);
  g_assert_cmpuint (office->mailbox->mails->len, ==, N_MAILS);

  base_clock_set_fake (2000000100, 0);
  office_add (office, 20, "later");
  office_round (office);
  g_assert_cmpuint (count_questions (office, "first-removal"), ==, 1);
  g_assert_cmpuint (office->mailbox->mails->len, ==, N_MAILS + 1);
  answer (office, "first-removal", "remove");
  office_round (office);
  assert_all_here (office, N_MAILS);
  office_reload (office);
  g_assert_true (office->account->removals_confirmed);
  answer (office, "older-mail", "keep");
  office_round (office);
  office_reload (office);
  g_assert_cmpint (office->account->older_mail, ==, STORE_OLDER_MAIL_KEEP);
  office_round (office);
  assert_all_here (office, N_MAILS);
  g_assert_cmpuint (count_questions (office, "older-mail") + count_questions (office, "first-removal"), ==,
                    0);
}

static void
test_unwanted_rule (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);
  g_autoptr(GError) error = NULL;

  office_set_rule (office, STORE_LEAVE_REMOVE);
  office->account->removals_confirmed = FALSE;
  store_accounts_update (office->world->store, office->account, &error);
  g_assert_no_error (error);
  office_round (office);
  answer (office, "first-removal", "keep");
  office_round (office);
  office_reload (office);
  g_assert_cmpint (office->account->leave_on_server, ==, STORE_LEAVE_FOREVER);
  office_round (office);
  assert_all_here (office, N_MAILS);
}

static gboolean
pin_work (Store     *store,
          gpointer   data,
          GError   **error)
{
  StoreLocation *location = data;

  location->is_pinned = TRUE;
  return store_locations_set_state (store, location, STORE_LOCATION_PINNED, error);
}

static void
test_pinned (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(GError) error = NULL;

  office_round (office);
  location = find_place (office, "u2", 0);
  ingest_write (office->world->ingest, pin_work, location, &error);
  g_assert_no_error (error);
  office_set_rule (office, STORE_LEAVE_REMOVE);
  office_round (office);
  assert_all_here (office, 1);
}

static void
test_ignored (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);

  office->mailbox->habits = MAILBOX_IGNORES_DELE;
  office_set_rule (office, STORE_LEAVE_REMOVE);
  for (guint i = 0; i < 5; i++)
    office_round (office);
  g_assert_cmpuint (count_questions (office, "server-keeps"), ==, 1);
  g_assert_cmpuint (office->mailbox->n_dele, ==, 0);
  g_assert_cmpint (count_on_server (office), ==, N_MAILS);
  assert_all_here (office, N_MAILS);
}

static void
test_login_delay (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);

  office->mailbox->habits = MAILBOX_LOGIN_DELAY;
  office_set_rule (office, STORE_LEAVE_REMOVE);
  office_round (office);
  g_assert_cmpuint (office->mailbox->mails->len, ==, N_MAILS);
  office_round (office);
  assert_all_here (office, 0);
}

/* What was written down before somebody changed his mind is not done. */
static void
test_changed_rule (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(Office) office = office_new (N_MAILS);

      office->mailbox->habits = MAILBOX_LOGIN_DELAY;
      office_set_rule (office, STORE_LEAVE_REMOVE);
      office_round (office);
      g_assert_cmpint (world_count (office->world, "SELECT count(*) FROM removal WHERE state = 'intended'"),
                       ==, N_MAILS);
      office->mailbox->habits = 0;
      office_set_rule (office, i == 0 ? STORE_LEAVE_DAYS : i == 1 ? STORE_LEAVE_FOREVER : STORE_LEAVE_REMOVE);
      if (i == 2)
        {
          g_autoptr(GError) error = NULL;

          office->account->removals_confirmed = FALSE;
          store_accounts_update (office->world->store, office->account, &error);
          g_assert_no_error (error);
        }
      office_round (office);
      office_round (office);
      assert_all_here (office, N_MAILS);
    }
}

/* --- what people delete --- */

static void
delete_for_good (Office     *office,
                 const char *uidl)
{
  g_autoptr(StoreLocation) location = find_place (office, uidl, 0);
  g_autoptr(GError) error = NULL;
  StoreWish wish = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_FOR_GOOD };
  g_autoptr(GArray) changes = store_changes_record (office->world->store, &wish, &location->id, 1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (changes->len, ==, 1);
}

static void
test_deleted (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);

  office_round (office);
  delete_for_good (office, "u2");
  delete_for_good (office, "u4");
  office_round (office);
  g_assert_cmpuint (office->mailbox->mails->len, ==, N_MAILS - 2);
  g_assert_cmpint (count_places (office), ==, N_MAILS - 2);
  office_round (office);
  g_assert_cmpuint (office->mailbox->n_retr + office->mailbox->n_dele, ==, 0);
}

static void
test_delete_refused (void)
{
  g_autoptr(Office) office = office_new (N_MAILS);

  office_round (office);
  ((MailboxMail *) office->mailbox->mails->pdata[1])->is_refused = TRUE;
  delete_for_good (office, "u2");
  office_round (office);
  g_assert_cmpuint (office->summary.failed->len, ==, 1);
  office_round (office);
  /* It is back, with the server's words. */
  assert_all_here (office, N_MAILS);
}

/* --- breaking off at every call --- */

static void
break_everywhere (StoreLeave leave,
                  guint      habits,
                  guint      n_there)
{
  for (guint n = 1;; n++)
    {
      g_autoptr(Office) office = office_new (N_MAILS);
      g_autoptr(GError) error = NULL;
      gboolean was_broken;

      g_test_message ("call %u", n);
      office_set_rule (office, leave);
      office->mailbox->habits = habits;
      office->mailbox->break_at = n;
      was_broken = !office_try (office, &error) || office->mailbox->n_calls >= n;
      assert_nothing_lost (office);
      office_round (office);
      assert_nothing_lost (office);
      office_round (office);
      assert_all_here (office, n_there);
      g_assert_cmpint (count_on_server (office), ==, n_there);
      if (!was_broken)
        break;
    }
}

static void
test_break_collecting (void)
{
  break_everywhere (STORE_LEAVE_FOREVER, 0, N_MAILS);
}

static void
test_break_removing (void)
{
  break_everywhere (STORE_LEAVE_REMOVE, 0, 0);
}

static void
test_break_removing_unheard (void)
{
  break_everywhere (STORE_LEAVE_REMOVE, MAILBOX_LOSES_ANSWER, 0);
}

static void
test_break_deleting (void)
{
  for (guint habits = 0; habits <= MAILBOX_LOSES_ANSWER; habits += MAILBOX_LOSES_ANSWER)
    for (guint n = 1; n < 20; n++)
      {
        g_autoptr(Office) office = office_new (N_MAILS);
        g_autoptr(GError) error = NULL;

        g_test_message ("call %u", n);
        office_round (office);
        delete_for_good (office, "u2");
        delete_for_good (office, "u4");
        mailbox_reset (office->mailbox);
        office->mailbox->habits = habits;
        office->mailbox->break_at = n;
        office_try (office, &error);
        office_round (office);
        office_round (office);
        g_assert_cmpuint (office->mailbox->mails->len, ==, N_MAILS - 2);
        g_assert_cmpint (count_places (office), ==, N_MAILS - 2);
        g_assert_cmpint (count_on_server (office), ==, N_MAILS - 2);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/pop3/collects-once", test_once);
  g_test_add_func ("/sync/pop3/empty-listing-forgets-nothing", test_empty_listing);
  g_test_add_func ("/sync/pop3/short-listing-is-believed-at-the-second-time", test_short_listing);
  g_test_add_func ("/sync/pop3/what-vanished-stays-here", test_vanished);
  g_test_add_func ("/sync/pop3/refused-message-is-skipped", test_refused);
  g_test_add_func ("/sync/pop3/notes-what-the-server-says-of-itself", test_offers);
  g_test_add_func ("/sync/pop3/shared-names-are-told-apart", test_shared_names);
  g_test_add_func ("/sync/pop3/renumbered-mailbox-is-recognised", test_renumbered);
  g_test_add_func ("/sync/pop3/renumbered-mailbox-loses-its-proofs", test_renumbered_forever);
  g_test_add_func ("/sync/pop3/renumbered-mailbox-is-recognised-without-top", test_renumbered_without_top);
  g_test_add_func ("/sync/pop3/replaced-mail-is-collected", test_replaced);
  g_test_add_func ("/sync/pop3/server-without-names", test_no_names);
  g_test_add_func ("/sync/pop3/server-without-names-loses-only-what-is-clear", test_no_names_removes);
  g_test_add_func ("/sync/removal/takes-what-is-proven", test_removes);
  g_test_add_func ("/sync/removal/hundred-a-session", test_many_sessions);
  g_test_add_func ("/sync/removal/days-count-from-the-proof", test_days);
  g_test_add_func ("/sync/removal/clock-that-leaps-takes-nothing", test_clock_leaps);
  g_test_add_func ("/sync/removal/asks-first", test_asks);
  g_test_add_func ("/sync/removal/answer-ends-the-rule", test_unwanted_rule);
  g_test_add_func ("/sync/removal/pinned-stays", test_pinned);
  g_test_add_func ("/sync/removal/changed-rule-takes-nothing-back", test_changed_rule);
  g_test_add_func ("/sync/removal/server-that-ignores-it-is-told-of", test_ignored);
  g_test_add_func ("/sync/removal/waits-for-the-next-round", test_login_delay);
  g_test_add_func ("/sync/removal/deleted-for-good-leaves-the-server", test_deleted);
  g_test_add_func ("/sync/removal/refused-deletion-is-taken-back", test_delete_refused);
  g_test_add_func ("/sync/pop3/breaks-at-every-call", test_break_collecting);
  g_test_add_func ("/sync/removal/breaks-at-every-call", test_break_removing);
  g_test_add_func ("/sync/removal/breaks-at-every-call-unheard", test_break_removing_unheard);
  g_test_add_func ("/sync/removal/deletion-breaks-at-every-call", test_break_deleting);
  return g_test_run ();
}
