/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends six mails of two accounts in a child that is killed before or after its nth lasting act, or whose nth
 * act fails.  After the next run each mail is sent once, or nobody knows and it was sent at most once; and
 * each that is known to be sent has one copy.
 *
 * Takes a sample of the acts with a seed that GTest prints; with PENFOLD_TEST_LONG=1 every one. */
#include "ingest/fault.h"
#include "ingest/world.h"
#include "store/fixture.h"
#include "store/objects.h"
#include "sync/office.h"
#include "sync/outbox.h"
#include "sync/sent.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define N_MAILS 3                /* of each account */

static char *program;
static char *base_dir;

/* --- a round of both accounts --------------------------------------------------------------------------- */

static gboolean
send_account (World              *world,
              const StoreAccount *account,
              Office             *office,
              GError            **error)
{
  g_auto(SyncSummary) summary = { 0 };
  SyncContext context = {
    .store = world->store, .ingest = world->ingest, .account = account, .summary = &summary,
             .when = SYNC_WHEN_ASKED,
  };

  sync_summary_init (&summary);
  if (!sync_outbox_run (&context, &office->post, error))
    return FALSE;
  if (account->protocol == STORE_PROTOCOL_IMAP)
    context.remote = &office->remote;
  return sync_sent_run (&context, error);
}

static gboolean
send_all (World       *world,
          const char  *memory,
          GError     **error)
{
  g_autoptr(Office) office = office_new (memory);
  g_autoptr(GPtrArray) accounts = NULL;

  office->habits = OFFICE_NO_UIDPLUS;
  if (store_outbox_recover (world->store, error) < 0
      || (accounts = store_accounts_list (world->store, STORE_ACCOUNTS_LIVE, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < accounts->len; i++)
    if (!send_account (world, accounts->pdata[i], office, error))
      return FALSE;
  return TRUE;
}

static int
run_child (const char *dir,
           const char *memory)
{
  World *world = world_try_open (dir);
  gboolean is_done;

  if (world == NULL)
    return 3;
  is_done = send_all (world, memory, NULL);
  world_close (world);
  return is_done ? 0 : 4;
}

/* --- looking at what is left ---------------------------------------------------------------------------- */

static guint
count_here (World      *world,
            const char *message_id)
{
  g_autoptr(GArray) messages = store_messages_find_message_id (world->store, 2, message_id, NULL);

  return messages->len;
}

static void
check_entry (World             *world,
             Office            *office,
             const StoreOutbox *entry,
             guint             *n_unknown)
{
  guint n_mails = office_count_mail (office, entry->message_id);
  guint n_copies = entry->account_id == 1 ? office_count_copies (office, "Sent", entry->message_id)
                                          : count_here (world, entry->message_id);

  if (entry->state == STORE_OUTBOX_SENT)
    {
      g_assert_cmpuint (n_mails, ==, 1);
      g_assert_cmpuint (n_copies, ==, 1);
      g_assert_cmpint (entry->sent_copy, ==, STORE_SENT_COPY_DONE);
      return;
    }
  g_assert_cmpint (entry->state, ==, STORE_OUTBOX_UNKNOWN);
  g_assert_cmpuint (n_mails, <=, 1);
  g_assert_cmpuint (n_copies, ==, 0);
  ++*n_unknown;
}

static gboolean
try_fault (Fault fault,
           guint n)
{
  g_autoptr(FaultRun) run = fault_run_new (program, base_dir, fault, n);
  g_autofree char *memory = g_build_filename (run->top, "acknowledged", NULL);
  g_autoptr(Office) office = office_new (memory);
  g_autoptr(GError) error = NULL;
  guint n_unknown = 0;
  World *world;

  if (WIFSIGNALED (run->status))
    g_assert_cmpint (WTERMSIG (run->status), ==, SIGKILL);
  world = world_open (run->dir);
  for (guint round = 0; round < 2; round++)
    {
      send_all (world, memory, &error);
      g_assert_no_error (error);
    }
  for (gint64 id = 1; id <= 2 * N_MAILS; id++)
    {
      g_autoptr(StoreOutbox) entry = store_outbox_get (world->store, id, &error);

      g_assert_no_error (error);
      check_entry (world, office, entry, &n_unknown);
    }
  g_assert_cmpuint (n_unknown, <=, 1);
  world_close (world);
  return WIFSIGNALED (run->status);
}

static void
test_fault (gconstpointer data)
{
  fault_try_acts (program, base_dir, GPOINTER_TO_INT (data), try_fault);
}

/* --- the store to begin with ---------------------------------------------------------------------------- */

static void
queue (Store  *store,
       gint64  account_id,
       guint   number)
{
  static const char * const people[] = { "jonas@example.org", NULL };
  g_autofree char *message_id = g_strdup_printf ("%" G_GINT64_FORMAT ".%u@example.org", account_id, number);
  g_autofree char *text = g_strdup_printf ("Message-ID: <%s>\r\nFrom: anna@example.org\r\n\r\nNoon?\r\n",
                                           message_id);
  StoreSending sending = {
    .account_id = account_id, .message_id = message_id, .sender = "anna@example.org", .recipients = people,
                  .subject = "Lunch",
    .object_id = store_objects_add (store, base_slice_from_string (text), NULL),
                 .sent_copy = STORE_SENT_COPY_WANTED,
  };

  g_assert_cmpint (store_outbox_queue (store, &sending, NULL), >, 0);
}

static void
make_base (void)
{
  World *world;

  base_dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  world = world_open (base_dir);
  for (gint64 id = 1; id <= 2; id++)
    {
      g_autoptr(StoreAccount) account = store_account_new ();

      account->protocol = id == 1 ? STORE_PROTOCOL_IMAP : STORE_PROTOCOL_POP3;
      store_account_set (&account->email, "anna@example.org");
      store_account_set (&account->outgoing.host, "mail.example.org");
      g_assert_cmpint (store_accounts_add (world->store, account, "Anna", NULL), ==, id);
      for (guint number = 0; number < N_MAILS; number++)
        queue (world->store, id, number);
    }
  world_close (world);
}

int
main (int   argc,
      char *argv[])
{
  int result;

  if (argc == 4 && strcmp (argv[1], "--child") == 0)
    return run_child (argv[2], argv[3]);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  make_base ();
  g_test_add_data_func ("/sync/crash-send/killed-before-each-act", GINT_TO_POINTER (FAULT_KILL_BEFORE),
                        test_fault);
  g_test_add_data_func ("/sync/crash-send/killed-after-each-act", GINT_TO_POINTER (FAULT_KILL_AFTER),
                        test_fault);
  g_test_add_data_func ("/sync/crash-send/no-space-at-each-act", GINT_TO_POINTER (FAULT_NO_SPACE),
                        test_fault);
  g_test_add_data_func ("/sync/crash-send/broken-disk-at-each-act", GINT_TO_POINTER (FAULT_BROKEN_DISK),
                        test_fault);
  result = g_test_run ();
  store_fixture_remove_dir (base_dir);
  return result;
}
