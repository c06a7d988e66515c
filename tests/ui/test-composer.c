/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/composer.h"

#include "base/clock.h"
#include "store/accounts.h"
#include "store/fixture.h"
#include "store/outbox.h"
#include "ui/address-entry.h"
#include "ui/identity-choice.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_US (30 * G_USEC_PER_SEC)

typedef struct {
  StoreFixture *files;
  ModelStore   *model;
  GtkWidget    *composer;               /* NULL when it is gone */
  gint64        queued;
  gint64        kept;
  gint64        discarded;
} Fixture;

/* --- windows -------------------------------------------------------------------------------------------- */

typedef gboolean (*Fact) (Fixture *fixture);

static void
wait_until (Fixture *fixture,
            Fact     fact)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  while (!fact (fixture))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

static gboolean
is_ready (Fixture *fixture)
{
  return ui_composer_is_ready (UI_COMPOSER (fixture->composer));
}

static gboolean
is_gone (Fixture *fixture)
{
  return fixture->composer == NULL;
}

static gboolean
is_saved (Fixture *fixture)
{
  return ui_composer_get_draft_id (UI_COMPOSER (fixture->composer)) != 0;
}

/* Every question is answered, and every window that asked is gone. */
static gboolean
is_quiet (Fixture *fixture)
{
  return G_OBJECT (fixture->model)->ref_count == 1;
}

static gpointer
get_child (Fixture    *fixture,
           const char *name)
{
  GObject *child = gtk_widget_get_template_child (fixture->composer, UI_TYPE_COMPOSER, name);

  g_assert_nonnull (child);
  return child;
}

static gboolean
is_hinted (Fixture *fixture)
{
  return gtk_widget_get_visible (get_child (fixture, "hint"));
}

static const char *
get_hint (Fixture *fixture)
{
  return is_hinted (fixture) ? gtk_label_get_label (get_child (fixture, "hint_text")) : NULL;
}

static void
set_subject (Fixture    *fixture,
             const char *subject)
{
  gtk_editable_set_text (get_child (fixture, "subject"), subject);
}

static GtkTextBuffer *
get_buffer (Fixture *fixture)
{
  return gtk_text_view_get_buffer (get_child (fixture, "text"));
}

static void
write_text (Fixture    *fixture,
            const char *text)
{
  gtk_text_buffer_insert_at_cursor (get_buffer (fixture), text, -1);
}

static char *
dup_body (Fixture *fixture)
{
  char *body;

  g_object_get (get_buffer (fixture), "text", &body, NULL);
  return body;
}

static void
act (Fixture    *fixture,
     const char *action)
{
  g_assert_true (gtk_widget_activate_action (fixture->composer, action, NULL));
}

static void
on_queued (Fixture    *fixture,
           gint64      id,
           const char *recipients)
{
  fixture->queued = id;
  g_assert_cmpstr (recipients, ==, "jonas@pier.example");
}

static void
on_kept (Fixture *fixture,
         gint64   id)
{
  fixture->kept = id;
}

static void
on_discarded (Fixture *fixture,
              gint64   id)
{
  fixture->discarded = id;
}

static void
open_wish (Fixture               *fixture,
           const ModelLetterWish *wish)
{
  fixture->composer = ui_composer_new (NULL, fixture->model, wish);
  g_object_add_weak_pointer (G_OBJECT (fixture->composer), (gpointer *) &fixture->composer);
  g_signal_connect_swapped (fixture->composer, "queued", G_CALLBACK (on_queued), fixture);
  g_signal_connect_swapped (fixture->composer, "kept", G_CALLBACK (on_kept), fixture);
  g_signal_connect_swapped (fixture->composer, "discarded", G_CALLBACK (on_discarded), fixture);
  gtk_window_present (GTK_WINDOW (fixture->composer));
  wait_until (fixture, is_ready);
}

static void
open_new (Fixture *fixture)
{
  open_wish (fixture, &(ModelLetterWish) { .kind = MODEL_COMPOSE_NEW });
}

static void
open_to (Fixture    *fixture,
         const char *to)
{
  open_new (fixture);
  ui_address_entry_set_text (get_child (fixture, "to"), to);
}

/* --- the store ------------------------------------------------------------------------------------------ */

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(StoreAccount) account = store_account_new ();
  g_autoptr(GPtrArray) identities = NULL;
  g_autoptr(StoreIdentity) office = NULL;
  StoreIdentity *first;

  fixture->files = store_fixture_new ();
  store_account_set (&account->email, "anna@harbour.example");
  store_account_set (&account->outgoing.host, "mail.harbour.example");
  g_assert_cmpint (store_accounts_add (fixture->files->store, account, "Anna", NULL), >, 0);
  identities = store_identities_list (fixture->files->store, account->id, NULL);
  first = identities->pdata[0];
  first->signature = (g_free (first->signature), g_strdup ("Anna"));
  g_assert_true (store_identities_save (fixture->files->store, first, NULL));
  office = store_identity_new (account->id, "Office", "office@harbour.example");
  office->signature = (g_free (office->signature), g_strdup ("The Office"));
  g_assert_true (store_identities_save (fixture->files->store, office, NULL));
  fixture->model = model_store_new (fixture->files->dir);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  if (fixture->composer != NULL)
    gtk_window_destroy (GTK_WINDOW (fixture->composer));
  wait_until (fixture, is_quiet);
  g_assert_finalize_object (fixture->model);
  store_fixture_free (fixture->files);
}

static GPtrArray *
list_drafts (Fixture         *fixture,
             StoreDraftState  state)
{
  g_autoptr(GError) error = NULL;
  GPtrArray *drafts = store_drafts_list (fixture->files->store, state, &error);

  g_assert_no_error (error);
  return drafts;
}

/* --- saving --------------------------------------------------------------------------------------------- */

static void
test_typed_text_is_saved_by_itself (Fixture       *fixture,
                                    gconstpointer  data)
{
  g_autoptr(GPtrArray) drafts = NULL;
  StoreDraft *draft;

  open_to (fixture, "jonas@pier.example");
  set_subject (fixture, "Mooring");
  write_text (fixture, "Berth 12");
  wait_until (fixture, is_saved);
  drafts = list_drafts (fixture, STORE_DRAFT_OPEN);
  g_assert_cmpuint (drafts->len, ==, 1);
  draft = drafts->pdata[0];
  g_assert_cmpstr (draft->to_text, ==, "jonas@pier.example");
  g_assert_cmpstr (draft->subject, ==, "Mooring");
  g_assert_cmpstr (draft->body, ==, "Berth 12\n\n-- \nAnna\n");
}

static void
test_closing_keeps_the_last_word (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autoptr(StoreDraft) draft = NULL;

  open_new (fixture);
  write_text (fixture, "one");
  wait_until (fixture, is_saved);
  write_text (fixture, " two");
  gtk_window_close (GTK_WINDOW (fixture->composer));
  wait_until (fixture, is_gone);
  draft = store_drafts_get (fixture->files->store, fixture->kept, NULL);
  g_assert_nonnull (draft);
  g_assert_true (g_str_has_prefix (draft->body, "one two"));

  open_wish (fixture, &(ModelLetterWish) { .draft_id = fixture->kept });
  {
    g_autofree char *body = dup_body (fixture);

    g_assert_cmpstr (body, ==, draft->body);
  }
}

static void
test_untouched_letter_leaves_nothing (Fixture       *fixture,
                                      gconstpointer  data)
{
  g_autoptr(GPtrArray) drafts = NULL;

  open_new (fixture);
  gtk_window_close (GTK_WINDOW (fixture->composer));
  wait_until (fixture, is_gone);
  drafts = list_drafts (fixture, STORE_DRAFT_OPEN);
  g_assert_cmpuint (drafts->len, ==, 0);
  g_assert_cmpint (fixture->kept, ==, 0);
}

static void
test_discarded_text_can_come_back (Fixture       *fixture,
                                   gconstpointer  data)
{
  g_autoptr(GPtrArray) drafts = NULL;

  open_new (fixture);
  write_text (fixture, "not saved yet");
  act (fixture, "composer.discard");
  wait_until (fixture, is_gone);
  g_assert_cmpint (fixture->discarded, >, 0);
  drafts = list_drafts (fixture, STORE_DRAFT_DISCARDED);
  g_assert_cmpuint (drafts->len, ==, 1);
  g_assert_true (g_str_has_prefix (((StoreDraft *) drafts->pdata[0])->body, "not saved yet"));
}

/* Sent from another window: the text here stays, and can be kept. */
static void
test_text_survives_another_window (Fixture       *fixture,
                                   gconstpointer  data)
{
  g_autoptr(GPtrArray) drafts = NULL;
  gint64 id;

  open_new (fixture);
  write_text (fixture, "one");
  wait_until (fixture, is_saved);
  id = ui_composer_get_draft_id (UI_COMPOSER (fixture->composer));
  g_assert_true (store_drafts_discard (fixture->files->store, id, NULL));
  write_text (fixture, " two");
  gtk_window_close (GTK_WINDOW (fixture->composer));
  wait_until (fixture, is_hinted);
  g_assert_nonnull (fixture->composer);
  act (fixture, "composer.keep-as-new");
  wait_until (fixture, is_saved);
  drafts = list_drafts (fixture, STORE_DRAFT_OPEN);
  g_assert_cmpuint (drafts->len, ==, 1);
  g_assert_true (g_str_has_prefix (((StoreDraft *) drafts->pdata[0])->body, "one two"));
}

/* --- sending -------------------------------------------------------------------------------------------- */

static void
test_sent_letter_waits_in_the_outbox (Fixture       *fixture,
                                      gconstpointer  data)
{
  g_autoptr(StoreOutbox) entry = NULL;
  g_autoptr(StoreDraft) draft = NULL;

  open_to (fixture, "jonas@pier.example");
  set_subject (fixture, "Mooring");
  act (fixture, "composer.send");
  wait_until (fixture, is_gone);
  entry = store_outbox_get (fixture->files->store, fixture->queued, NULL);
  g_assert_cmpint (entry->state, ==, STORE_OUTBOX_QUEUED);
  g_assert_cmpint (entry->not_before, >=, entry->created_at + MODEL_TAKE_BACK_S - 1);
  draft = store_drafts_get (fixture->files->store, entry->draft_id, NULL);
  g_assert_cmpint (draft->state, ==, STORE_DRAFT_QUEUED);
}

static void
test_doubts_are_said_before_sending (Fixture       *fixture,
                                     gconstpointer  data)
{
  open_new (fixture);
  act (fixture, "composer.send");
  g_assert_cmpstr (get_hint (fixture), ==, "Add a recipient.");

  ui_address_entry_set_text (get_child (fixture, "to"), "jonas@pier.example, Mia");
  act (fixture, "composer.send");
  g_assert_nonnull (strstr (get_hint (fixture), "Mia"));

  ui_address_entry_set_text (get_child (fixture, "to"), "jonas@pier.example");
  write_text (fixture, "The plan is attached.");
  g_assert_null (get_hint (fixture));                     /* it was seen; now something else is typed */
  act (fixture, "composer.send");
  g_assert_nonnull (strstr (get_hint (fixture), "subject"));
  act (fixture, "composer.send-anyway");
  g_assert_nonnull (strstr (get_hint (fixture), "attached"));
  g_assert_cmpint (fixture->queued, ==, 0);
  act (fixture, "composer.send-anyway");
  wait_until (fixture, is_gone);
  g_assert_cmpint (fixture->queued, >, 0);
}

static void
test_subject_is_one_line (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr(StoreOutbox) entry = NULL;

  open_to (fixture, "jonas@pier.example");
  set_subject (fixture, "Hello\r\nBcc: evil@e.example");
  act (fixture, "composer.send");
  wait_until (fixture, is_gone);
  entry = store_outbox_get (fixture->files->store, fixture->queued, NULL);
  g_assert_null (strpbrk (entry->subject, "\r\n"));
  g_assert_cmpuint (g_strv_length (entry->recipients), ==, 1);
}

/* --- files and identities ------------------------------------------------------------------------------- */

static gboolean
has_two_files (Fixture *fixture)
{
  g_autoptr(GPtrArray) files = NULL;
  gint64 id = ui_composer_get_draft_id (UI_COMPOSER (fixture->composer));

  if (id == 0)
    return FALSE;
  files = store_drafts_list_attachments (fixture->files->store, id, NULL);
  return files != NULL && files->len == 2;
}

static void
test_files_are_copied (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr(GListStore) files = g_list_store_new (G_TYPE_FILE);
  static const char * const names[] = { "plan.pdf", "missing.png", "hull.jpg" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->files->dir, names[i], NULL);
      g_autoptr(GFile) file = g_file_new_for_path (path);

      if (i != 1)
        g_assert_true (g_file_set_contents (path, names[i], -1, NULL));
      g_list_store_append (files, file);
    }
  open_new (fixture);
  ui_composer_attach (UI_COMPOSER (fixture->composer), G_LIST_MODEL (files));
  wait_until (fixture, has_two_files);
  wait_until (fixture, is_hinted);
  g_assert_nonnull (strstr (get_hint (fixture), "missing.png"));
}

static void
test_signature_follows_identity (Fixture       *fixture,
                                 gconstpointer  data)
{
  GtkWidget *choice;
  g_autofree char *body = NULL;
  g_autofree char *undone = NULL;

  open_new (fixture);
  write_text (fixture, "Hello");
  choice = gtk_widget_get_first_child (get_child (fixture, "from"));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), 1);
  body = dup_body (fixture);
  g_assert_cmpstr (body, ==, "Hello\n\n-- \nThe Office\n");
  gtk_text_buffer_undo (get_buffer (fixture));
  undone = dup_body (fixture);
  g_assert_cmpstr (undone, ==, "Hello\n\n-- \nAnna\n");
}

static void
test_mailto_says_what_it_left_out (Fixture       *fixture,
                                   gconstpointer  data)
{
  g_autofree char *to = NULL;

  open_wish (fixture, &(ModelLetterWish) { .kind = MODEL_COMPOSE_NEW,
                                           .mailto =
                                             "mailto:jonas@pier.example?subject=Hi&attach=/etc/passwd&bcc=mia@pier.example" });
  to = ui_address_entry_dup_text (get_child (fixture, "to"));
  g_assert_cmpstr (to, ==, "jonas@pier.example");
  g_assert_nonnull (strstr (get_hint (fixture), "attach"));
  /* never hidden from the one who sends */
  g_assert_true (gtk_widget_get_visible (get_child (fixture, "bcc_line")));
}

/* --- kill -9 -------------------------------------------------------------------------------------------- */

#define LINE_MS 50

static gboolean
write_line_cb (gpointer data)
{
  static guint n;
  g_autofree char *line = g_strdup_printf ("line %u;", ++n);

  write_text (data, line);
  printf ("%u\n", n);
  fflush (stdout);
  return G_SOURCE_CONTINUE;
}

/* Another process: writes for ever into a letter of that store. */
G_NORETURN static void
run_victim (const char *dir)
{
  Fixture fixture = { .model = model_store_new (dir) };

  open_new (&fixture);
  g_timeout_add (LINE_MS, write_line_cb, &fixture);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

static char *program;

static void
test_killed_window_loses_seconds (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSubprocess) victim = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program,
                                                    "--victim", fixture->files->dir, NULL);
  g_autoptr(GDataInputStream) lines = NULL;
  g_autoptr(GPtrArray) drafts = NULL;
  guint n = 0, n_saved = 0;
  const char *last = NULL;

  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (victim));
  while (n < 7000 / LINE_MS)
    {
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, &error);

      g_assert_nonnull (line);
      n = (guint) g_ascii_strtoull (line, NULL, 10);
    }
  g_subprocess_force_exit (victim);
  g_subprocess_wait (victim, NULL, NULL);

  drafts = list_drafts (fixture, STORE_DRAFT_OPEN);
  g_assert_cmpuint (drafts->len, ==, 1);
  for (const char *at = strstr (((StoreDraft *) drafts->pdata[0])->body, "line "); at != NULL;
       at = strstr (at + 1, "line "))
    last = at;
  g_assert_nonnull (last);
  n_saved = (guint) g_ascii_strtoull (last + strlen ("line "), NULL, 10);
  g_test_message ("%u lines written, %u saved", n, n_saved);
  g_assert_cmpuint (n - n_saved, <, 5000 / LINE_MS);
}

#define ADD(name, func) \
  g_test_add ("/ui/composer/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  program = argv[0];
  g_setenv ("GTK_A11Y", "test", TRUE);
  g_setenv ("ADW_DISABLE_PORTAL", "1", TRUE);             /* its services write to our standard output */
  if (argc == 3 && strcmp (argv[1], "--victim") == 0)
    {
      adw_init ();
      run_victim (argv[2]);
    }
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("typed-text-is-saved-by-itself", test_typed_text_is_saved_by_itself);
  ADD ("closing-keeps-the-last-word", test_closing_keeps_the_last_word);
  ADD ("untouched-letter-leaves-nothing", test_untouched_letter_leaves_nothing);
  ADD ("discarded-text-can-come-back", test_discarded_text_can_come_back);
  ADD ("text-survives-another-window", test_text_survives_another_window);
  ADD ("sent-letter-waits-in-the-outbox", test_sent_letter_waits_in_the_outbox);
  ADD ("doubts-are-said-before-sending", test_doubts_are_said_before_sending);
  ADD ("subject-is-one-line", test_subject_is_one_line);
  ADD ("files-are-copied", test_files_are_copied);
  ADD ("signature-follows-identity", test_signature_follows_identity);
  ADD ("mailto-says-what-it-left-out", test_mailto_says_what_it_left_out);
  ADD ("killed-window-loses-seconds", test_killed_window_loses_seconds);
  return g_test_run ();
}
