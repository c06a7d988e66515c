/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard.h"

#include "bus/jobs.h"
#include "bus/server.h"
#include "store/accounts.h"
#include "store/fixture.h"

#define PATIENCE_US (30 * G_USEC_PER_SEC)
#define HOST        "mail.example.org"

/* A worker that answers what the test wants. */
typedef struct {
  char            *dir;
  StoreWorkerLock *lock;
  Store           *store;
  BusServer       *server;
  ModelStore      *model;
  ModelBus        *bus;
  GtkWidget       *wizard;

  guint64          last_job;
  gboolean         finds;
  const char      *security;             /* of what is found */
  const char      *cause;                /* of the incoming server's verdict; NULL: it works */
  const char      *outgoing_cause;       /* likewise */
  gboolean         pin_helps;
  char            *protocol;             /* last checked */
  char            *password;
  char            *secret;               /* kept */
  guint            checks;
} World;

/* --- the worker ----------------------------------------------------------------------------------------- */

static GVariant *
candidate (World      *world,
           const char *protocol,
           guint       port)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, BUS_KEY_PROTOCOL, "s", protocol);
  g_variant_dict_insert (&dict, BUS_KEY_HOST, "s", HOST);
  g_variant_dict_insert (&dict, BUS_KEY_PORT, "u", port);
  g_variant_dict_insert (&dict, BUS_KEY_SECURITY, "s", world->security);
  g_variant_dict_insert (&dict, BUS_KEY_USER, "s", "anna");
  g_variant_dict_insert (&dict, BUS_KEY_SOURCE, "s", "provider");
  return g_variant_dict_end (&dict);
}

static GVariant *
find (World *world)
{
  GVariant *all[] = { candidate (world, "imap", 993), candidate (world, "pop3", 995),
                      candidate (world, "smtp", 465) };
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, BUS_KEY_CANDIDATES,
                               g_variant_new_array (G_VARIANT_TYPE_VARDICT, all, world->finds
                                                    ? G_N_ELEMENTS (all) : 0));
  for (guint i = 0; i < G_N_ELEMENTS (all) && !world->finds; i++)
    g_variant_unref (g_variant_ref_sink (all[i]));
  return g_variant_dict_end (&dict);
}

static GVariant *
make_verdict (const char *cause)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, BUS_KEY_OK, "b", cause == NULL);
  g_variant_dict_insert (&dict, BUS_KEY_CAUSE, "s", cause != NULL ? cause : "works");
  g_variant_dict_insert (&dict, BUS_KEY_TEXT, "s", "A sentence.");
  if (g_strcmp0 (cause, "wrong-password") == 0)
    g_variant_dict_insert (&dict, BUS_KEY_FIELD, "s", "password");
  if (cause != NULL && g_str_has_prefix (cause, "certificate"))
    g_variant_dict_insert (&dict, BUS_KEY_FINGERPRINT, "s", "abcdef");
  return g_variant_dict_end (&dict);
}

static GVariant *
check (World    *world,
       GVariant *arguments)
{
  g_autoptr(GVariant) incoming = g_variant_lookup_value (arguments, BUS_KEY_INCOMING, G_VARIANT_TYPE_VARDICT);
  g_autoptr(GVariant) pins = g_variant_lookup_value (arguments, BUS_KEY_PINS, NULL);
  const char *cause = pins != NULL && world->pin_helps ? NULL : world->cause;
  GVariantDict dict;

  world->checks++;
  g_clear_pointer (&world->protocol, g_free);
  g_clear_pointer (&world->password, g_free);
  g_variant_lookup (incoming, BUS_KEY_PROTOCOL, "s", &world->protocol);
  g_variant_lookup (arguments, BUS_KEY_PASSWORD, "s", &world->password);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, BUS_KEY_INCOMING, make_verdict (cause));
  if (g_strcmp0 (cause, "wrong-password") != 0)
    g_variant_dict_insert_value (&dict, BUS_KEY_OUTGOING, make_verdict (world->outgoing_cause));
  return g_variant_dict_end (&dict);
}

static guint64
on_start (const char  *kind,
          GVariant    *arguments,
          gpointer     data,
          GError     **error)
{
  World *world = data;
  GVariant *details = g_str_equal (kind, BUS_JOB_FIND) ? find (world) : check (world, arguments);

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
  world->secret = g_strdup_printf ("%s %s %s", account_uuid, purpose, base_secret_peek (secret));
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

/* --- the wizard ----------------------------------------------------------------------------------------- */

static gpointer
get (World      *world,
     const char *name)
{
  GObject *child = gtk_widget_get_template_child (world->wizard, UI_TYPE_WIZARD, name);

  g_assert_nonnull (child);
  return child;
}

static void
type (World      *world,
      const char *name,
      const char *text)
{
  gtk_editable_set_text (get (world, name), text);
}

static gboolean
is_on (World      *world,
       const char *page)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (get (world, "stack")), page) == 0;
}

static gboolean
is_visible (World      *world,
            const char *name)
{
  return gtk_widget_get_visible (get (world, name));
}

static void
press (World      *world,
       const char *name)
{
  g_assert_true (gtk_widget_get_sensitive (get (world, name)));
  g_signal_emit_by_name (get (world, name), "clicked");
}

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

static void
world_set_up (World         *world,
              gconstpointer  data)
{
  const BusHello hello = { BUS_PROTOCOL, "0.1.0", STORE_SCHEMA };
  g_autofree char *socket = NULL;
  g_autoptr(GError) error = NULL;

  world->security = "tls";
  world->finds = TRUE;
  world->dir = g_dir_make_tmp ("penfold-XXXXXX", &error);
  socket = bus_socket_path_new (world->dir, &error);
  g_assert_no_error (error);
  world->lock = store_worker_lock_take (world->dir, socket, "0.1.0", &error);
  g_assert_no_error (error);
  world->store = store_open (world->dir, STORE_WRITER, &error);
  g_assert_no_error (error);
  world->server = bus_server_new (socket, &hello, &handler, world, &error);
  g_assert_no_error (error);
  world->model = model_store_new (world->dir);
  world->bus = model_bus_new (world->model, "0.1.0", BUS_OPEN_RUNNING);
  WAIT_FOR (model_bus_get_state (world->bus) == MODEL_BUS_CONNECTED);
  world->wizard = ui_wizard_new (NULL, world->model, world->bus);
  g_object_add_weak_pointer (G_OBJECT (world->wizard), (gpointer *) &world->wizard);
  gtk_window_present (GTK_WINDOW (world->wizard));
}

static void
world_tear_down (World         *world,
                 gconstpointer  data)
{
  if (world->wizard != NULL)
    gtk_window_destroy (GTK_WINDOW (world->wizard));
  WAIT_FOR (world->wizard == NULL);
  g_object_unref (world->bus);
  bus_server_free (world->server);
  WAIT_FOR (G_OBJECT (world->model)->ref_count == 1);
  g_object_unref (world->model);
  store_close (world->store);
  store_worker_lock_free (world->lock);
  store_fixture_remove_dir (world->dir);
  g_free (world->dir);
  g_free (world->protocol);
  g_free (world->password);
  g_free (world->secret);
}

static GPtrArray *
list_accounts (World *world)
{
  g_autoptr(GError) error = NULL;
  GPtrArray *accounts = store_accounts_list (world->store, STORE_ACCOUNTS_LIVE, &error);

  g_assert_no_error (error);
  return accounts;
}

static void
go_to_sign_in (World *world)
{
  type (world, "name_row", "Anna Lindqvist");
  type (world, "email_row", "anna@example.org");
  press (world, "next_button");
  WAIT_FOR (is_on (world, "sign-in"));
}

/* --- facts ---------------------------------------------------------------------------------------------- */

static void
test_address_is_asked_first (World         *world,
                             gconstpointer  data)
{
  g_assert_true (is_on (world, "address"));
  g_assert_false (gtk_widget_get_sensitive (get (world, "next_button")));
  type (world, "email_row", "anna@example");
  g_assert_false (gtk_widget_get_sensitive (get (world, "next_button")));
  g_assert_false (is_visible (world, "address_error"));
  type (world, "email_row", "anna@example,org");
  g_assert_true (is_visible (world, "address_error"));
  type (world, "email_row", "anna@example.org");
  g_assert_false (is_visible (world, "address_error"));
  g_assert_true (gtk_widget_get_sensitive (get (world, "next_button")));
}

static void
test_account_is_kept_in_sync (World         *world,
                              gconstpointer  data)
{
  g_autoptr(GPtrArray) accounts = NULL;
  g_autoptr(GPtrArray) identities = NULL;
  const StoreAccount *account;
  g_autofree char *secret = NULL;

  go_to_sign_in (world);
  g_assert_cmpstr (adw_preferences_row_get_title (get (world, "incoming_row")), ==,
                   "mail.<b>example.org</b>");
  g_assert_cmpuint (world->checks, ==, 0);
  g_assert_false (gtk_widget_get_sensitive (get (world, "next_button")));
  type (world, "password_row", "secret");
  press (world, "next_button");
  WAIT_FOR (is_on (world, "where"));
  g_assert_cmpstr (world->password, ==, "secret");
  g_assert_true (is_visible (world, "imap_recommended"));
  g_assert_true (gtk_check_button_get_active (get (world, "imap_check")));
  accounts = list_accounts (world);
  g_assert_cmpuint (accounts->len, ==, 0);
  g_clear_pointer (&accounts, g_ptr_array_unref);

  press (world, "next_button");
  WAIT_FOR (is_on (world, "finish") && world->secret != NULL);
  accounts = list_accounts (world);
  g_assert_cmpuint (accounts->len, ==, 1);
  account = accounts->pdata[0];
  g_assert_cmpint (account->protocol, ==, STORE_PROTOCOL_IMAP);
  g_assert_cmpstr (account->incoming.host, ==, HOST);
  g_assert_cmpuint (account->outgoing.port, ==, 465);
  secret = g_strdup_printf ("%s incoming secret", account->uuid);
  g_assert_cmpstr (world->secret, ==, secret);
  g_assert_cmpstr (gtk_editable_get_text (get (world, "password_row")), ==, "");
  identities = store_identities_list (world->store, account->id, NULL);
  g_assert_cmpstr (((StoreIdentity *) identities->pdata[0])->name, ==, "Anna Lindqvist");
}

static void
test_collected_mail_asks_how_long (World         *world,
                                   gconstpointer  data)
{
  g_autoptr(GPtrArray) accounts = NULL;
  const StoreAccount *account;

  go_to_sign_in (world);
  type (world, "password_row", "secret");
  press (world, "next_button");
  WAIT_FOR (is_on (world, "where"));
  gtk_check_button_set_active (get (world, "pop_check"), TRUE);
  press (world, "next_button");
  WAIT_FOR (is_on (world, "retention"));
  g_assert_cmpstr (world->protocol, ==, "pop3");
  g_assert_cmpuint (adw_combo_row_get_selected (get (world, "retention_row")), ==, 4);
  adw_combo_row_set_selected (get (world, "retention_row"), 5);
  g_assert_true (is_visible (world, "days_row"));
  gtk_spin_button_set_value (get (world, "days"), 45);
  gtk_switch_set_active (get (world, "delete_switch"), FALSE);
  press (world, "next_button");
  WAIT_FOR (is_on (world, "finish"));
  accounts = list_accounts (world);
  account = accounts->pdata[0];
  g_assert_cmpint (account->protocol, ==, STORE_PROTOCOL_POP3);
  g_assert_cmpint (account->leave_on_server, ==, STORE_LEAVE_DAYS);
  g_assert_cmpint (account->leave_days, ==, 45);
  g_assert_false (account->remove_when_deleted);
}

static void
test_wrong_password_stands_at_its_field (World         *world,
                                         gconstpointer  data)
{
  g_autoptr(GPtrArray) accounts = NULL;

  world->cause = "wrong-password";
  go_to_sign_in (world);
  type (world, "password_row", "wrong");
  press (world, "next_button");
  WAIT_FOR (is_visible (world, "sign_in_error"));
  g_assert_true (is_on (world, "sign-in"));
  g_assert_true (gtk_widget_has_css_class (get (world, "password_row"), "error"));
  g_assert_cmpstr (gtk_editable_get_text (get (world, "password_row")), ==, "wrong");
  accounts = list_accounts (world);
  g_assert_cmpuint (accounts->len, ==, 0);

  world->cause = NULL;
  type (world, "password_row", "secret");
  press (world, "next_button");
  WAIT_FOR (is_on (world, "where"));
  g_assert_cmpuint (world->checks, ==, 2);
}

static void
test_certificate_is_believed_only_when_told (World         *world,
                                             gconstpointer  data)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GtkWidget *dialog = NULL;
  g_autoptr(GPtrArray) accounts = NULL;
  g_autoptr(GPtrArray) pins = NULL;

  world->cause = "certificate-self-signed";
  world->pin_helps = TRUE;
  go_to_sign_in (world);
  g_assert_false (is_visible (world, "certificate_group"));
  type (world, "password_row", "secret");
  press (world, "next_button");
  WAIT_FOR (is_visible (world, "certificate_group"));
  g_assert_cmpstr (adw_action_row_get_subtitle (get (world, "fingerprint_row")), ==, "abcdef");
  /* Trying again without a word about it changes nothing. */
  press (world, "next_button");
  WAIT_FOR (world->checks == 2 && is_visible (world, "certificate_group"));

  gtk_widget_activate_action (world->wizard, "wizard.believe", NULL);
  for (guint i = 0; i < g_list_model_get_n_items (windows) && dialog == NULL; i++)
    {
      g_autoptr(GtkWidget) window = g_list_model_get_item (windows, i);

      dialog = ADW_IS_MESSAGE_DIALOG (window) ? window : NULL;
    }
  g_assert_nonnull (dialog);
  g_assert_cmpstr (adw_message_dialog_get_default_response (ADW_MESSAGE_DIALOG (dialog)), ==, "cancel");
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (dialog)) == gtk_window_get_default_widget (
    GTK_WINDOW (dialog)));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "use");
  gtk_window_destroy (GTK_WINDOW (dialog));
  WAIT_FOR (is_on (world, "where"));
  press (world, "next_button");
  WAIT_FOR (is_on (world, "finish"));
  accounts = list_accounts (world);
  pins = store_pins_list (world->store, ((StoreAccount *) accounts->pdata[0])->id, NULL);
  g_assert_cmpuint (pins->len, ==, 1);
  g_assert_cmpstr (((StorePin *) pins->pdata[0])->fingerprint, ==, "abcdef");
  g_assert_cmpuint (((StorePin *) pins->pdata[0])->port, ==, 993);
}

static void
test_nothing_found_leads_to_the_fields (World         *world,
                                        gconstpointer  data)
{
  world->finds = FALSE;
  type (world, "email_row", "anna@example.org");
  press (world, "next_button");
  WAIT_FOR (g_strcmp0 (gtk_label_get_text (get (world, "search_title")), "No Settings Found") == 0);
  g_assert_true (is_on (world, "searching"));
  press (world, "next_button");
  g_assert_true (is_on (world, "manual"));
  press (world, "next_button");
  g_assert_true (is_visible (world, "manual_error"));
  type (world, "in_host", HOST);
  g_assert_cmpstr (gtk_editable_get_text (get (world, "in_port")), ==, "993");
  adw_combo_row_set_selected (get (world, "protocol_row"), 1);
  g_assert_cmpstr (gtk_editable_get_text (get (world, "in_port")), ==, "995");
  adw_combo_row_set_selected (get (world, "in_security"), 1);
  g_assert_cmpstr (gtk_editable_get_text (get (world, "in_port")), ==, "110");
  type (world, "in_port", "4711");
  adw_combo_row_set_selected (get (world, "in_security"), 0);
  g_assert_cmpstr (gtk_editable_get_text (get (world, "in_port")), ==, "4711");
  press (world, "next_button");
  g_assert_true (is_on (world, "sign-in"));
  g_assert_false (is_visible (world, "outgoing_row"));
}

static void
test_no_encryption_needs_a_tick (World         *world,
                                 gconstpointer  data)
{
  world->security = "none";
  go_to_sign_in (world);
  type (world, "password_row", "secret");
  g_assert_true (is_visible (world, "consent_group"));
  g_assert_false (gtk_widget_get_sensitive (get (world, "next_button")));
  gtk_check_button_set_active (get (world, "consent_check"), TRUE);
  g_assert_true (gtk_widget_get_sensitive (get (world, "next_button")));
}

static void
test_account_without_sending_is_possible (World         *world,
                                          gconstpointer  data)
{
  world->outgoing_cause = "refused";
  go_to_sign_in (world);
  type (world, "password_row", "secret");
  press (world, "next_button");
  WAIT_FOR (is_visible (world, "sign_in_error"));
  g_assert_cmpstr (gtk_button_get_label (get (world, "quiet_button")), ==, "Continue Without Sending");
  press (world, "quiet_button");
  g_assert_true (is_on (world, "where"));
  press (world, "next_button");
  WAIT_FOR (is_on (world, "finish"));
}

#define ADD(name, func) g_test_add ("/ui/wizard/" name, World, NULL, world_set_up, func, world_tear_down)

int
main (int    argc,
      char **argv)
{
  g_setenv ("GTK_A11Y", "test", TRUE);
  g_setenv ("ADW_DISABLE_PORTAL", "1", TRUE);             /* its services write to our standard output */
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("address-is-asked-first", test_address_is_asked_first);
  ADD ("account-is-kept-in-sync", test_account_is_kept_in_sync);
  ADD ("collected-mail-asks-how-long", test_collected_mail_asks_how_long);
  ADD ("wrong-password-stands-at-its-field", test_wrong_password_stands_at_its_field);
  ADD ("certificate-is-believed-only-when-told", test_certificate_is_believed_only_when_told);
  ADD ("account-without-sending-is-possible", test_account_without_sending_is_possible);
  ADD ("nothing-found-leads-to-the-fields", test_nothing_found_leads_to_the_fields);
  ADD ("no-encryption-needs-a-tick", test_no_encryption_needs_a_tick);
  return g_test_run ();
}
