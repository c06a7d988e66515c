/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/account-page.h"

#include "bus/jobs.h"
#include "bus/server.h"
#include "store/accounts.h"
#include "store/contents.h"
#include "store/folders.h"
#include "store/mail.h"
#include "store/states.h"

#define PATIENCE_US (30 * G_USEC_PER_SEC)

typedef struct {
  char            *dir;
  StoreWorkerLock *lock;
  Store           *store;
  BusServer       *server;
  ModelStore      *model;
  ModelBus        *bus;
  GtkWidget       *page;
  gint64           account_id;

  guint64          last_job;
  gboolean         password_works;
  char            *secret;
  char            *removed;              /* "keep" or "delete" */
} World;

#define WAIT_FOR(condition) \
  G_STMT_START { \
    gint64 wait_end = g_get_monotonic_time () + PATIENCE_US; \
    while (!(condition)) \
      { \
        g_assert_cmpint (g_get_monotonic_time (), <, wait_end); \
        g_main_context_iteration (NULL, FALSE); \
        g_usleep (500); \
      } \
  } G_STMT_END

/* --- the worker ----------------------------------------------------------------------------------------- */

static GVariant *
check (World *world)
{
  GVariantDict verdict, dict;

  g_variant_dict_init (&verdict, NULL);
  g_variant_dict_insert (&verdict, BUS_KEY_OK, "b", world->password_works);
  g_variant_dict_insert (&verdict, BUS_KEY_TEXT, "s", "The password was not accepted.");
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, BUS_KEY_INCOMING, g_variant_dict_end (&verdict));
  return g_variant_dict_end (&dict);
}

static guint64
on_start (const char  *kind,
          GVariant    *arguments,
          gpointer     data,
          GError     **error)
{
  World *world = data;
  GVariant *details = g_str_equal (kind, BUS_JOB_CHECK) ? check (world) : NULL;
  gboolean keeps_mail = FALSE;

  if (g_str_equal (kind, BUS_JOB_REMOVE_ACCOUNT))
    {
      g_variant_lookup (arguments, BUS_KEY_KEEP_MAIL, "b", &keeps_mail);
      world->removed = g_strdup (keeps_mail ? "keep" : "delete");
    }
  bus_server_tell_job (world->server, bus_job_new (++world->last_job, kind, BUS_JOB_DONE, 0, 0, details));
  return world->last_job;
}

static void
on_secret (const char *account_uuid,
           const char *purpose,
           BaseSecret *secret,
           BusReply   *reply,
           gpointer    data)
{
  World *world = data;

  g_free (world->secret);
  world->secret = g_strdup (base_secret_peek (secret));
  bus_reply_done (reply);
}

static void
on_nudge (gpointer data)
{
}

static void
on_cancel (guint64  job,
           gpointer data)
{
}

static const BusHandler handler = { .nudge = on_nudge, .start = on_start, .cancel = on_cancel,
                                    .set_secret = on_secret };

/* --- the page ------------------------------------------------------------------------------------------- */

static gpointer
get (World      *world,
     const char *name)
{
  GObject *child = gtk_widget_get_template_child (world->page, UI_TYPE_ACCOUNT_PAGE, name);

  g_assert_nonnull (child);
  return child;
}

static StoreAccount *
get_account (World *world)
{
  StoreAccount *account = store_accounts_get (world->store, world->account_id, NULL);

  g_assert_nonnull (account);
  return account;
}

static gint
get_leave_days (World *world)
{
  g_autoptr(StoreAccount) account = get_account (world);

  return account->leave_on_server == STORE_LEAVE_DAYS ? account->leave_days : -1;
}

static char *
dup_signature (World *world)
{
  g_autoptr(GPtrArray) identities = store_identities_list (world->store, world->account_id, NULL);

  return g_strdup (((StoreIdentity *) identities->pdata[0])->signature);
}

/* Of the dialog that is open now. */
static void
respond (const char *response)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GtkWidget *dialog = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (windows) && dialog == NULL; i++)
    {
      g_autoptr(GtkWidget) window = g_list_model_get_item (windows, i);

      dialog = ADW_IS_MESSAGE_DIALOG (window) ? window : NULL;
    }
  g_assert_nonnull (dialog);
  g_assert_cmpstr (adw_message_dialog_get_default_response (ADW_MESSAGE_DIALOG (dialog)), ==, "cancel");
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (dialog)) == gtk_window_get_default_widget (
    GTK_WINDOW (dialog)));
  g_object_ref (dialog);
  gtk_window_destroy (GTK_WINDOW (dialog));
  g_signal_emit_by_name (dialog, "response", response);
  g_object_unref (dialog);
}

static void
add_account (World         *world,
             StoreProtocol  protocol)
{
  g_autoptr(StoreAccount) account = store_account_new ();
  g_autoptr(GError) error = NULL;

  account->protocol = protocol;
  account->leave_on_server = STORE_LEAVE_DAYS;
  account->leave_days = 30;
  store_account_set (&account->name, "Home");
  store_account_set (&account->email, "anna@example.org");
  store_account_set (&account->incoming.host, "mail.example.org");
  account->incoming.port = 995;
  world->account_id = store_accounts_add (world->store, account, "Anna", &error);
  g_assert_no_error (error);
}

static void
world_set_up (World         *world,
              gconstpointer  data)
{
  const BusHello hello = { BUS_PROTOCOL, "0.1.0", STORE_SCHEMA };
  g_autofree char *socket = NULL;
  g_autoptr(GError) error = NULL;

  world->dir = g_dir_make_tmp ("penfold-XXXXXX", &error);
  socket = bus_socket_path_new (world->dir, &error);
  g_assert_no_error (error);
  world->lock = store_worker_lock_take (world->dir, socket, "0.1.0", &error);
  g_assert_no_error (error);
  world->store = store_open (world->dir, STORE_WRITER, &error);
  g_assert_no_error (error);
  add_account (world, STORE_PROTOCOL_POP3);
  world->server = bus_server_new (socket, &hello, &handler, world, &error);
  g_assert_no_error (error);
  world->model = model_store_new (world->dir);
  world->bus = model_bus_new (world->model, "0.1.0", BUS_OPEN_RUNNING);
  WAIT_FOR (model_bus_get_state (world->bus) == MODEL_BUS_CONNECTED);
}

static void
open_page (World *world)
{
  world->page = ui_account_page_new (NULL, world->model, world->bus, world->account_id);
  g_object_add_weak_pointer (G_OBJECT (world->page), (gpointer *) &world->page);
  gtk_window_present (GTK_WINDOW (world->page));
  WAIT_FOR (*gtk_label_get_text (get (world, "name")) != '\0');
}

static void
world_tear_down (World         *world,
                 gconstpointer  data)
{
  if (world->page != NULL)
    gtk_window_destroy (GTK_WINDOW (world->page));
  WAIT_FOR (world->page == NULL);
  g_object_unref (world->bus);
  bus_server_free (world->server);
  WAIT_FOR (G_OBJECT (world->model)->ref_count == 1);
  g_object_unref (world->model);
  store_close (world->store);
  store_worker_lock_free (world->lock);
  store_fixture_remove_dir (world->dir);
  g_free (world->dir);
  g_free (world->secret);
  g_free (world->removed);
}

/* --- facts ---------------------------------------------------------------------------------------------- */

static void
test_opening_changes_nothing (World         *world,
                              gconstpointer  data)
{
  g_autoptr(StoreAccount) before = get_account (world);
  g_autoptr(StoreAccount) after = NULL;

  open_page (world);
  g_assert_cmpstr (gtk_label_get_text (get (world, "kind")), ==, "Collect, leave 30 days");
  g_assert_true (gtk_widget_get_visible (get (world, "retention_row")));
  g_assert_false (gtk_widget_get_visible (get (world, "offline_row")));
  gtk_window_close (GTK_WINDOW (world->page));
  WAIT_FOR (world->page == NULL && G_OBJECT (world->model)->ref_count == 2);
  after = get_account (world);
  g_assert_cmpint (after->rev, ==, before->rev);
}

static void
test_rule_counts_at_once (World         *world,
                          gconstpointer  data)
{
  open_page (world);
  adw_combo_row_set_selected (get (world, "retention_row"), 2);
  WAIT_FOR (get_leave_days (world) == 7);
  g_assert_cmpstr (gtk_label_get_text (get (world, "kind")), ==, "Collect, leave 7 days");
  adw_combo_row_set_selected (get (world, "retention_row"), 6);
  WAIT_FOR (get_leave_days (world) == -1);
}

static void
test_signature_is_kept_by_closing (World         *world,
                                   gconstpointer  data)
{
  g_autofree char *signature = NULL;

  open_page (world);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (get (world, "signature")), "Anna\nHarbour 4", -1);
  gtk_window_close (GTK_WINDOW (world->page));
  WAIT_FOR (world->page == NULL && G_OBJECT (world->model)->ref_count == 2);
  signature = dup_signature (world);
  g_assert_cmpstr (signature, ==, "Anna\nHarbour 4");
}

static void
test_password_is_tried_before_it_is_kept (World         *world,
                                          gconstpointer  data)
{
  open_page (world);
  gtk_editable_set_text (get (world, "password_row"), "wrong");
  g_signal_emit_by_name (get (world, "password_row"), "entry-activated");
  WAIT_FOR (g_str_has_prefix (gtk_label_get_text (get (world, "password_text")), "The password was not"));
  g_assert_null (world->secret);
  world->password_works = TRUE;
  gtk_editable_set_text (get (world, "password_row"), "secret");
  g_signal_emit_by_name (get (world, "password_row"), "entry-activated");
  WAIT_FOR (*gtk_editable_get_text (get (world, "password_row")) == '\0');
  g_assert_cmpstr (world->secret, ==, "secret");
}

static void
test_problem_has_its_words (World         *world,
                            gconstpointer  data)
{
  StoreAccountState state = {
    .account_id = world->account_id, .problem = (char *) "password",
                  .problem_text = (char *) "Cannot sign in",
    .quota_used = STORE_NONE, .quota_limit = STORE_NONE, .expire_days = STORE_NONE,
                  .login_delay_s = STORE_NONE,
  };
  StoreTransaction *transaction = test_begin (world->store);
  g_autoptr(GError) error = NULL;

  store_states_set (world->store, &state, &error);
  g_assert_no_error (error);
  test_commit (transaction);
  open_page (world);
  g_assert_true (gtk_widget_get_visible (get (world, "problem_group")));
  g_assert_cmpstr (adw_action_row_get_subtitle (get (world, "problem_row")), ==, "Cannot sign in");
}

static void
add_only_copy (World *world)
{
  StoreTransaction *transaction = test_begin (world->store);
  g_autoptr(GError) error = NULL;
  gint64 folder = store_folders_add_local (world->store, world->account_id, "Inbox", STORE_ROLE_INBOX,
                                           &error);
  gint64 id = test_mail_file (world->store, &(TestMail) { .id = "only", .account_id = world->account_id },
                              folder, 0, 0);
  g_autoptr(StoreLocation) location = store_locations_get (world->store, id, &error);
  StoreContent content = { .size = 100, .stored_at = 1 };
  gint64 content_id = store_contents_add (world->store, &content, &error);

  g_assert_no_error (error);
  store_messages_set_content (world->store, location->message_id, content_id, 100, &error);
  g_assert_no_error (error);
  test_commit (transaction);
}

static void
test_only_copies_are_lost_only_when_told_twice (World         *world,
                                                gconstpointer  data)
{
  add_only_copy (world);
  open_page (world);
  g_assert_true (g_str_has_prefix (gtk_label_get_text (get (world, "only_here")), "1 message"));
  gtk_widget_activate_action (world->page, "account.remove", NULL);
  respond ("delete");
  g_assert_null (world->removed);
  respond ("cancel");
  g_assert_null (world->removed);
  gtk_widget_activate_action (world->page, "account.remove", NULL);
  respond ("delete");
  respond ("delete");
  WAIT_FOR (world->removed != NULL);
  g_assert_cmpstr (world->removed, ==, "delete");
}

static void
test_removal_keeps_mail_when_told (World         *world,
                                   gconstpointer  data)
{
  open_page (world);
  gtk_widget_activate_action (world->page, "account.remove", NULL);
  respond ("keep");
  WAIT_FOR (world->removed != NULL && world->page == NULL);
  g_assert_cmpstr (world->removed, ==, "keep");
}

#define ADD(name, func) g_test_add ("/ui/account-page/" name, World, NULL, world_set_up, func, \
                                    world_tear_down)

int
main (int    argc,
      char **argv)
{
  g_setenv ("GTK_A11Y", "test", TRUE);
  g_setenv ("ADW_DISABLE_PORTAL", "1", TRUE);             /* its services write to our standard output */
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("opening-changes-nothing", test_opening_changes_nothing);
  ADD ("rule-counts-at-once", test_rule_counts_at_once);
  ADD ("signature-is-kept-by-closing", test_signature_is_kept_by_closing);
  ADD ("password-is-tried-before-it-is-kept", test_password_is_tried_before_it_is_kept);
  ADD ("problem-has-its-words", test_problem_has_its_words);
  ADD ("only-copies-are-lost-only-when-told-twice", test_only_copies_are_lost_only_when_told_twice);
  ADD ("removal-keeps-mail-when-told", test_removal_keeps_mail_when_told);
  return g_test_run ();
}
