/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/world.h"
#include "sync/office.h"
#include "sync/sent.h"

#include "store/desk.h"
#include "store/objects.h"
#include "store/outbox.h"

#include <string.h>

static const char * const people[] = { "jonas@example.org", NULL };
static const char text[] = "Message-ID: <1@example.org>\r\nFrom: anna@example.org\r\nSubject: "
                           "Lunch\r\n\r\nNoon?\r\n";

typedef struct {
  World        *world;
  StoreAccount *account;
  Office       *office;
  SyncSummary   summary;
  SyncContext   context;
  gint64        id;             /* of the mail that was sent */
  GError       *error;
} Desk;

static void
queue (Desk             *desk,
       StoreOutboxState  state)
{
  Store *store = desk->world->store;
  StoreSending sending = {
    .account_id = 1, .message_id = "1@example.org", .sender = "anna@example.org", .recipients = people,
                  .subject = "Lunch",
    .object_id = store_objects_add (store, BASE_SLICE_LITERAL (text), NULL),
                 .sent_copy = STORE_SENT_COPY_WANTED,
  };

  g_assert_cmpint (desk->id = store_outbox_queue (store, &sending, NULL), >, 0);
  g_assert_true (store_outbox_set_state (store, desk->id, STORE_OUTBOX_RUNNING, NULL, NULL));
  g_assert_true (store_outbox_set_state (store, desk->id, state, NULL, NULL));
}

static void
desk_begin (Desk          *desk,
            StoreProtocol  protocol,
            StoreSaveSent  save_sent,
            guint          habits)
{
  g_autofree char *path = NULL;

  *desk = (Desk) { .world = world_new (), .account = store_account_new () };
  desk->account->protocol = protocol;
  desk->account->save_sent = save_sent;
  store_account_set (&desk->account->email, "anna@example.org");
  g_assert_cmpint (store_accounts_add (desk->world->store, desk->account, "Anna", NULL), ==, 1);
  path = g_build_filename (desk->world->dir, "office", NULL);
  desk->office = office_new (path);
  desk->office->habits = habits;
  sync_summary_init (&desk->summary);
  desk->context = (SyncContext) {
    .store = desk->world->store, .ingest = desk->world->ingest, .account = desk->account,
             .summary = &desk->summary,
    .remote = protocol == STORE_PROTOCOL_IMAP ? &desk->office->remote : NULL,
  };
}

static void
desk_clear (Desk *desk)
{
  g_clear_error (&desk->error);
  sync_summary_clear (&desk->summary);
  office_free (desk->office);
  store_account_free (desk->account);
  world_free (desk->world);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Desk, desk_clear)

static gboolean
run (Desk *desk)
{
  g_clear_error (&desk->error);
  g_ptr_array_set_size (desk->summary.failed, 0);
  return sync_sent_run (&desk->context, &desk->error);
}

static StoreSentCopy
get_copy (Desk *desk)
{
  g_autoptr(StoreOutbox) entry = store_outbox_get (desk->world->store, desk->id, NULL);

  return entry->sent_copy;
}

/* --- on the server -------------------------------------------------------------------------------------- */

/* With other mail, more than is looked at. */
static void
fill (Office *office)
{
  g_autoptr(GString) lines = g_string_new (NULL);

  for (guint i = 100; i < 150; i++)
    g_string_append_printf (lines, "copy Sent %u@example.org\n", i);
  g_assert_true (g_file_set_contents (office->path, lines->str, -1, NULL));
}

static void
test_servers_end_with_one_copy (void)
{
  static const struct {
    guint       habits;
    const char *folder;
  } cases[] = {
    { 0, "Sent" },
    { OFFICE_NO_UIDPLUS, "Sent" },
    { OFFICE_NO_SENT, "INBOX.Sent" },
    { OFFICE_NO_SENT | OFFICE_NO_UIDPLUS, "INBOX.Sent" },
    { OFFICE_SENT_VANISHED, "Sent" },
    { OFFICE_FINDS_OTHERS, "Sent" },
    { OFFICE_FINDS_OTHERS | OFFICE_NO_UIDPLUS, "Sent" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(Desk) desk = { 0 };

      g_test_message ("habits %x", cases[i].habits);
      desk_begin (&desk, STORE_PROTOCOL_IMAP, STORE_SAVE_SENT_SERVER, cases[i].habits);
      if ((cases[i].habits & OFFICE_FINDS_OTHERS) != 0)
        fill (desk.office);
      queue (&desk, STORE_OUTBOX_SENT);
      for (guint round = 0; round < 2; round++)
        {
          run (&desk);
          g_assert_no_error (desk.error);
          g_assert_cmpuint (desk.summary.failed->len, ==, 0);
          g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_DONE);
          g_assert_cmpuint (office_count_copies (desk.office, cases[i].folder, "1@example.org"), ==, 1);
        }
    }
}

static void
test_what_the_provider_filed_is_not_doubled (void)
{
  g_auto(Desk) desk = { 0 };

  desk_begin (&desk, STORE_PROTOCOL_IMAP, STORE_SAVE_SENT_SERVER, 0);
  queue (&desk, STORE_OUTBOX_SENT);
  g_assert_true (g_file_set_contents (desk.office->path, "copy Sent 0@example.org\ncopy Sent 1@example.org\n",
                                      -1, NULL));
  g_assert_true (run (&desk));
  g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_DONE);
  g_assert_cmpuint (office_count_copies (desk.office, "Sent", NULL), ==, 2);
}

static void
test_lost_answer_is_looked_for (void)
{
  g_auto(Desk) desk = { 0 };

  desk_begin (&desk, STORE_PROTOCOL_IMAP, STORE_SAVE_SENT_SERVER, OFFICE_CUTS_APPEND);
  queue (&desk, STORE_OUTBOX_SENT);
  g_assert_false (run (&desk));
  g_assert_error (desk.error, NET_ERROR, NET_ERROR_CLOSED);
  g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_WANTED);
  desk.office->habits = 0;
  g_assert_true (run (&desk));
  g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_DONE);
  g_assert_cmpuint (office_count_copies (desk.office, "Sent", NULL), ==, 1);
}

static void
test_refused_copy_is_tried_again (void)
{
  g_auto(Desk) desk = { 0 };

  desk_begin (&desk, STORE_PROTOCOL_IMAP, STORE_SAVE_SENT_SERVER, OFFICE_REFUSES_COPY);
  queue (&desk, STORE_OUTBOX_SENT);
  g_assert_true (run (&desk));
  g_assert_cmpuint (desk.summary.failed->len, ==, 1);
  g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_WANTED);
  desk.office->habits = 0;
  g_assert_true (run (&desk));
  g_assert_cmpuint (desk.summary.failed->len, ==, 0);
  g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_DONE);
}

static void
test_copy_that_is_not_shown_is_not_made_twice (void)
{
  g_auto(Desk) desk = { 0 };

  desk_begin (&desk, STORE_PROTOCOL_IMAP, STORE_SAVE_SENT_SERVER, OFFICE_FINDS_NOTHING | OFFICE_NO_UIDPLUS);
  queue (&desk, STORE_OUTBOX_SENT);
  for (guint round = 0; round < 3; round++)
    {
      g_assert_true (run (&desk));
      g_assert_cmpuint (desk.summary.failed->len, ==, round == 0);
    }
  g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_FAILED);
  g_assert_cmpuint (office_count_copies (desk.office, "Sent", NULL), ==, 1);
}

static void
test_damaged_bytes_hold_up_nothing (void)
{
  g_auto(Desk) desk = { 0 };

  desk_begin (&desk, STORE_PROTOCOL_IMAP, STORE_SAVE_SENT_SERVER, 0);
  queue (&desk, STORE_OUTBOX_SENT);
  g_assert_true (store_desk_run (desk.world->store, "UPDATE piece SET data = CAST ('x' AS BLOB)", NULL, NULL,
                                 NULL));
  queue (&desk, STORE_OUTBOX_SENT);
  g_assert_true (run (&desk));
  g_assert_cmpuint (desk.summary.failed->len, ==, 1);
  g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_DONE);
}

/* --- what nobody knows ---------------------------------------------------------------------------------- */

static void
test_unknown_mail_that_lies_in_sent_was_sent (void)
{
  static const struct {
    const char       *memory;
    StoreOutboxState  state;
  } cases[] = {
    { "copy Sent 1@example.org\n", STORE_OUTBOX_SENT },
    { "copy Sent 2@example.org\n", STORE_OUTBOX_UNKNOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(Desk) desk = { 0 };
      g_autoptr(StoreOutbox) entry = NULL;

      desk_begin (&desk, STORE_PROTOCOL_IMAP, STORE_SAVE_SENT_SERVER, 0);
      g_assert_true (g_file_set_contents (desk.office->path, cases[i].memory, -1, NULL));
      queue (&desk, STORE_OUTBOX_SENT);
      g_assert_true (run (&desk));                        /* the store knows the folder from here on */
      g_assert_true (g_file_set_contents (desk.office->path, cases[i].memory, -1, NULL));
      queue (&desk, STORE_OUTBOX_UNKNOWN);
      g_assert_true (run (&desk));
      entry = store_outbox_get (desk.world->store, desk.id, NULL);
      g_assert_cmpint (entry->state, ==, cases[i].state);
      g_assert_cmpint (entry->sent_copy == STORE_SENT_COPY_DONE, ==, cases[i].state == STORE_OUTBOX_SENT);
      g_assert_cmpuint (office_count_copies (desk.office, "Sent", NULL), ==, 1);
    }
}

/* --- on this computer ----------------------------------------------------------------------------------- */

static void
check_filed_here (Desk   *desk,
                  gint64  owner_id)
{
  g_autoptr(StoreFolder) folder = store_folders_find_role (desk->world->store, owner_id, STORE_ROLE_SENT,
                                                           NULL);
  g_autoptr(GArray) messages = store_messages_find_message_id (desk->world->store, 1, "1@example.org", NULL);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GPtrArray) places = NULL;
  const StoreLocation *place;

  g_assert_nonnull (folder);
  g_assert_null (folder->raw_name);
  g_assert_cmpint (folder->total, ==, 1);
  g_assert_cmpint (folder->unread, ==, 0);
  g_assert_cmpuint (messages->len, ==, 1);
  bytes = store_contents_read (desk->world->store, desk->world->raw, g_array_index (messages, gint64, 0),
                               NULL);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
  places = store_locations_list_message (desk->world->store, g_array_index (messages, gint64, 0), NULL);
  g_assert_cmpuint (places->len, ==, 1);
  place = places->pdata[0];
  g_assert_cmpuint (place->flags, ==, STORE_FLAG_SEEN);
  g_assert_cmpint (place->announced_at, !=, 0);
  g_assert_false (store_location_has_server (place));
}

static void
test_copies_are_kept_here (void)
{
  static const struct {
    StoreProtocol protocol;
    StoreSaveSent save_sent;
    gint64        owner_id;
  } cases[] = {
    { STORE_PROTOCOL_POP3, STORE_SAVE_SENT_SERVER, 1 },
    { STORE_PROTOCOL_POP3, STORE_SAVE_SENT_HERE, 1 },
    { STORE_PROTOCOL_IMAP, STORE_SAVE_SENT_HERE, STORE_ACCOUNT_LOCAL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(Desk) desk = { 0 };

      desk_begin (&desk, cases[i].protocol, cases[i].save_sent, 0);
      desk.context.remote = NULL;
      queue (&desk, STORE_OUTBOX_SENT);
      for (guint round = 0; round < 2; round++)
        {
          run (&desk);
          g_assert_no_error (desk.error);
          g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_DONE);
          check_filed_here (&desk, cases[i].owner_id);
          /* As if the program had ended before it was noted. */
          g_assert_true (store_outbox_set_copy (desk.world->store, desk.id, STORE_SENT_COPY_WANTED, NULL));
        }
    }
}

static void
test_copy_for_a_full_server_is_kept_here (void)
{
  g_auto(Desk) desk = { 0 };

  desk_begin (&desk, STORE_PROTOCOL_IMAP, STORE_SAVE_SENT_SERVER, OFFICE_IS_FULL);
  queue (&desk, STORE_OUTBOX_SENT);
  for (guint round = 0; round < 2; round++)
    {
      g_assert_true (run (&desk));
      g_assert_cmpuint (desk.summary.failed->len, ==, round == 0);
      g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_DONE);
      check_filed_here (&desk, STORE_ACCOUNT_LOCAL);
    }
}

static void
test_server_copies_wait_for_the_server (void)
{
  g_auto(Desk) desk = { 0 };

  desk_begin (&desk, STORE_PROTOCOL_IMAP, STORE_SAVE_SENT_SERVER, 0);
  queue (&desk, STORE_OUTBOX_SENT);
  desk.context.remote = NULL;
  g_assert_true (run (&desk));
  g_assert_cmpint (get_copy (&desk), ==, STORE_SENT_COPY_WANTED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/sent/servers-end-with-one-copy", test_servers_end_with_one_copy);
  g_test_add_func ("/sync/sent/what-the-provider-filed-is-not-doubled",
                   test_what_the_provider_filed_is_not_doubled);
  g_test_add_func ("/sync/sent/lost-answer-is-looked-for", test_lost_answer_is_looked_for);
  g_test_add_func ("/sync/sent/refused-copy-is-tried-again", test_refused_copy_is_tried_again);
  g_test_add_func ("/sync/sent/copy-that-is-not-shown-is-not-made-twice",
                   test_copy_that_is_not_shown_is_not_made_twice);
  g_test_add_func ("/sync/sent/damaged-bytes-hold-up-nothing", test_damaged_bytes_hold_up_nothing);
  g_test_add_func ("/sync/sent/unknown-mail-that-lies-in-sent-was-sent",
                   test_unknown_mail_that_lies_in_sent_was_sent);
  g_test_add_func ("/sync/sent/copies-are-kept-here", test_copies_are_kept_here);
  g_test_add_func ("/sync/sent/copy-for-a-full-server-is-kept-here",
                   test_copy_for_a_full_server_is_kept_here);
  g_test_add_func ("/sync/sent/server-copies-wait-for-the-server", test_server_copies_wait_for_the_server);
  return g_test_run ();
}
