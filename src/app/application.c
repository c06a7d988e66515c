/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application.h"

#include "account/secrets.h"
#include "model/settings.h"
#include "bus/application.h"
#include "ui/window.h"

#include <glib/gi18n.h>
#include <stdio.h>


struct _AppApplication {
  AdwApplication parent_instance;

  char          *data_dir;
  char          *secrets;         /* as chosen on the command line, or NULL */
  ModelStore    *store;
  ModelPlaces   *places;
  ModelBus      *bus;
  ModelSettings *settings;
};

G_DEFINE_FINAL_TYPE (AppApplication, app_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
  { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_("Use the mail in this folder instead of the usual one"),
    N_("DIR") },
  { "secrets", 0, 0, G_OPTION_ARG_STRING, NULL, N_("Where a new store keeps passwords"),
    "keyring|session|file" },
  { "compose", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Write a new message"), NULL },
  { "show", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, NULL, N_("Show a message"), "FOLDER/MESSAGE" },
  { "quit", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Close the windows of a Penfold that runs"), NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Show the version"), NULL },
  { NULL }
};

/* --- where passwords lie, said when the store is made --- */

static gpointer
ask_choose_secrets (Store     *store,
                    gpointer   data,
                    GError   **error)
{
  AccountSecretsPlace place;

  if (account_secrets_place_parse (data, &place))
    account_secrets_choose (store, place, error);
  return NULL;
}

static void
chosen_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(GError) error = NULL;

  model_store_ask_finish (MODEL_STORE (object), result, &error);
  if (error != NULL)
    g_warning ("%s", error->message);
}

static void
on_bus_state (AppApplication *self)
{
  if (model_bus_get_state (self->bus) == MODEL_BUS_CONNECTED && self->secrets != NULL)
    model_store_ask (self->store, MODEL_SOON, ask_choose_secrets, g_steal_pointer (&self->secrets), g_free,
                     NULL, NULL, chosen_cb, NULL);
}

/* --- windows --- */

static UiWindow *
show_window (AppApplication *self)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));
  GtkWidget *window = NULL;

  for (GList *link = windows; link != NULL && window == NULL; link = link->next)
    if (UI_IS_WINDOW (link->data))
      window = link->data;
  if (window == NULL)
    window = ui_window_new (ADW_APPLICATION (self), self->store, self->bus, self->places);
  gtk_window_present (GTK_WINDOW (window));
  return UI_WINDOW (window);
}

static void
app_application_activate (GApplication *application)
{
  show_window (APP_APPLICATION (application));
}

static void
app_application_open (GApplication  *application,
                      GFile        **files,
                      int            n_files,
                      const char    *hint)
{
  UiWindow *window = show_window (APP_APPLICATION (application));

  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      if (g_file_has_uri_scheme (files[i], "mailto"))
        ui_window_compose_to (window, uri);
    }
}

/* --- actions --- */

static void
compose (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       data)
{
  ui_window_compose (show_window (data));
}

static void
add_account (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  ui_window_open_wizard (show_window (data));
}

static void
show_message (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       data)
{
  gint64 folder_id, message_id;

  g_variant_get (parameter, "(xx)", &folder_id, &message_id);
  ui_window_show_message (show_window (data), folder_id, message_id);
}

static void
show_about (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       data)
{
  adw_show_about_window (GTK_WINDOW (show_window (data)),
                         "application-name", "Penfold",
                         "application-icon", BUS_APPLICATION_ID,
                         "version", PENFOLD_VERSION,
                         "comments", _("Mail for people who want to know where it lives"),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         NULL);
}

static void
quit (GSimpleAction *action,
      GVariant      *parameter,
      gpointer       data)
{
  g_autolist(GtkWindow) windows = g_list_copy_deep (gtk_application_get_windows (data),
                                                    (GCopyFunc) (void (*) (void)) g_object_ref, NULL);

  /* Closing asks each window first: a composer goes when its draft is on the disk, the last one takes the
   * program along. */
  for (GList *link = windows; link != NULL; link = link->next)
    gtk_window_close (link->data);
}

static const GActionEntry actions[] = {
  { .name = "compose", .activate = compose },
  { .name = "add-account", .activate = add_account },
  { .name = "show-message", .activate = show_message, .parameter_type = "(xx)" },
  { .name = "about", .activate = show_about },
  { .name = "quit", .activate = quit },
};

static const struct {
  const char *action;
  const char *keys[3];
} shortcuts[] = {
  { "app.compose", { "<Control>n" } },
  { "app.quit", { "<Control>q" } },
  { "win.preferences", { "<Control>comma" } },
  { "win.next-pane(1)", { "F6" } },
  { "win.next-pane(-1)", { "<Shift>F6" } },
  { "win.reply", { "<Control>r" } },
  { "win.reply-all", { "<Control><Shift>r" } },
  { "win.forward", { "<Control>l" } },
  { "win.archive", { "<Control>e" } },
  { "win.move", { "<Control>m" } },
  { "win.read", { "<Control>u" } },
  { "win.star", { "<Control>s" } },
  { "win.check", { "F5" } },
  { "win.search", { "<Control>f" } },
  { "win.back", { "<Alt>Left" } },
  { "window.close", { "<Control>w" } },
};

/* --- life --- */

static void
app_application_startup (GApplication *application)
{
  AppApplication *self = APP_APPLICATION (application);

  G_APPLICATION_CLASS (app_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (gsize i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), shortcuts[i].action,
                                           (const char **) shortcuts[i].keys);

  self->store = model_store_new (self->data_dir);
  self->places = model_places_new (self->store);
  self->settings = model_settings_new (self->store);
  self->bus = model_bus_new (self->store, PENFOLD_VERSION, BUS_OPEN_START);
  g_signal_connect_object (self->bus, "state-changed", G_CALLBACK (on_bus_state), self, G_CONNECT_SWAPPED);
}

static void
choose_store (AppApplication *self,
              GVariantDict   *dict)
{
  g_autofree char *usual = g_build_filename (g_get_user_data_dir (), "penfold", NULL);
  g_autofree char *given = NULL;
  g_autofree char *id = NULL;

  g_variant_dict_lookup (dict, "data-dir", "^ay", &given);
  self->data_dir = bus_application_real_path (given != NULL ? given : usual);
  id = bus_application_id_new (self->data_dir);
  g_application_set_application_id (G_APPLICATION (self), id);
}

/* "FOLDER/MESSAGE", as the worker spells it. */
static GVariant *
parse_show (const char *text)
{
  gint64 folder_id, message_id;

  if (sscanf (text, "%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, &folder_id, &message_id) != 2)
    return NULL;
  return g_variant_new ("(xx)", folder_id, message_id);
}

/* What an option asks for is an action of the window that runs, or of the one that is made for it.  -1: go
 * on. */
static int
act (GApplication *application,
     const char   *action,
     GVariant     *parameter)
{
  g_autoptr(GVariant) sunk = parameter != NULL ? g_variant_ref_sink (parameter) : NULL;
  g_autoptr(GError) error = NULL;

  if (!g_application_register (application, NULL, &error))
    {
      g_printerr ("penfold: %s\n", error->message);
      return 1;
    }
  g_action_group_activate_action (G_ACTION_GROUP (application), action, sunk);
  return g_application_get_is_remote (application) ? 0 : -1;
}

/* Where no window runs there is none to close, and none is made for it. */
static int
quit_other (GApplication *application)
{
  g_application_set_flags (application, g_application_get_flags (application) | G_APPLICATION_IS_LAUNCHER);
  if (g_application_register (application, NULL, NULL))
    g_action_group_activate_action (G_ACTION_GROUP (application), "quit", NULL);
  return 0;
}

static int
app_application_handle_local_options (GApplication *application,
                                      GVariantDict *dict)
{
  AppApplication *self = APP_APPLICATION (application);
  AccountSecretsPlace place;
  g_autofree char *show = NULL;
  GVariant *message;

  if (g_variant_dict_contains (dict, "version"))
    {
      g_print ("penfold " PENFOLD_VERSION "\n");
      return 0;
    }
  if (g_variant_dict_lookup (dict, "secrets", "s", &self->secrets)
      && !account_secrets_place_parse (self->secrets, &place))
    {
      g_printerr ("penfold: --secrets: keyring, session or file\n");
      return 2;
    }
  choose_store (self, dict);
  if (g_variant_dict_contains (dict, "quit"))
    return quit_other (application);
  if (g_variant_dict_contains (dict, "compose"))
    return act (application, "compose", NULL);
  if (g_variant_dict_lookup (dict, "show", "s", &show) && (message = parse_show (show)) != NULL)
    return act (application, "show-message", message);
  return -1;
}

/* Mail keeps coming with the window closed, unless that is not wanted. */
static void
app_application_shutdown (GApplication *application)
{
  AppApplication *self = APP_APPLICATION (application);

  if (self->settings != NULL && model_settings_is_loaded (self->settings)
      && !model_settings_get (self->settings, STORE_SETTING_BACKGROUND))
    model_bus_quit (self->bus);
  G_APPLICATION_CLASS (app_application_parent_class)->shutdown (application);
}

GApplication *
app_application_new (void)
{
  GApplication *self = g_object_new (APP_TYPE_APPLICATION, "application-id", BUS_APPLICATION_ID,
                                     "flags", G_APPLICATION_HANDLES_OPEN,
                                     "resource-base-path", "/org/penfold/Penfold", NULL);

  g_application_add_main_option_entries (self, options);
  return self;
}

static void
app_application_finalize (GObject *object)
{
  AppApplication *self = APP_APPLICATION (object);

  g_clear_object (&self->bus);
  g_clear_object (&self->settings);
  g_clear_object (&self->places);
  g_clear_object (&self->store);
  g_free (self->data_dir);
  g_free (self->secrets);
  G_OBJECT_CLASS (app_application_parent_class)->finalize (object);
}

static void
app_application_class_init (AppApplicationClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = app_application_finalize;
  application_class->startup = app_application_startup;
  application_class->shutdown = app_application_shutdown;
  application_class->activate = app_application_activate;
  application_class->open = app_application_open;
  application_class->handle_local_options = app_application_handle_local_options;
}

static void
app_application_init (AppApplication *self)
{
}
