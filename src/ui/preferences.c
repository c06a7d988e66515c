/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/preferences.h"

#include "ui/autostart.h"

#include <glib/gi18n-lib.h>

static const char setting_key[] = "setting";

typedef struct {
  StoreSetting  setting;
  const char   *title;
  const char   *subtitle;      /* or NULL */
} Switch;

static const Switch background[] = {
  { STORE_SETTING_BACKGROUND, N_("Check for Mail in the _Background"),
    N_("New mail is announced even when the window is closed") },
  { STORE_SETTING_START_AT_LOGIN, N_("Start at _Login"),
    N_("New mail is there before the first window is opened") },
  { STORE_SETTING_TRAY, N_("Icon in the _Tray"), N_("Where the desktop shows one") },
};

static const Switch announcing[] = {
  { STORE_SETTING_NOTIFY, N_("Announce _New Mail"), NULL },
  { STORE_SETTING_NOTIFY_CONTENT, N_("With _Sender and Subject"), N_("Off: only how many messages came") },
};

static const struct {
  gint64      seconds;
  const char *words;
} reading[] = {
  { 0, N_("At once") }, { 2, N_("After 2 seconds") }, { 5, N_("After 5 seconds") },
  { -1, N_("Never by itself") },
};

/* --- switches --- */

/* What counts at login is a file of the desktop's; the setting only tells penfoldctl of it. */
static gboolean
set_autostart (GtkSwitch *widget)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *words = NULL;

  if (ui_autostart_set (gtk_switch_get_active (widget), &error))
    return TRUE;
  words = g_markup_escape_text (error->message, -1);
  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (gtk_widget_get_root (GTK_WIDGET (widget))),
                                    adw_toast_new (words));
  return FALSE;
}

static void
on_switched (GtkSwitch     *widget,
             GParamSpec    *property,
             ModelSettings *settings)
{
  StoreSetting setting = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (widget), setting_key));

  if (gtk_switch_get_active (widget) == (model_settings_get (settings, setting) != 0))
    return;
  if (setting == STORE_SETTING_START_AT_LOGIN && !set_autostart (widget))
    {
      gtk_switch_set_active (widget, model_settings_get (settings, setting) != 0);
      return;
    }
  model_settings_set (settings, setting, gtk_switch_get_active (widget));
}

static void
on_setting_changed (GtkSwitch     *widget,
                    guint          setting,
                    ModelSettings *settings)
{
  if (setting == GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (widget), setting_key)))
    gtk_switch_set_active (widget, model_settings_get (settings, setting) != 0);
}

static GtkWidget *
switch_row_new (const Switch  *about,
                ModelSettings *settings)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *widget = gtk_switch_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _(about->title));
  adw_preferences_row_set_use_underline (ADW_PREFERENCES_ROW (row), TRUE);
  if (about->subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _(about->subtitle));
  if (about->setting == STORE_SETTING_START_AT_LOGIN && !ui_autostart_is_possible ())
    {
      gtk_widget_set_sensitive (row, FALSE);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _("Possible once Penfold is installed"));
    }
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  gtk_switch_set_active (GTK_SWITCH (widget), model_settings_get (settings, about->setting) != 0);
  g_object_set_data (G_OBJECT (widget), setting_key, GUINT_TO_POINTER (about->setting));
  g_signal_connect_object (widget, "notify::active", G_CALLBACK (on_switched), settings, 0);
  g_signal_connect_object (settings, "changed", G_CALLBACK (on_setting_changed), widget, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), widget);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), widget);
  return row;
}

static AdwPreferencesGroup *
group_new (const char    *title,
           const Switch  *switches,
           gsize          n_switches,
           ModelSettings *settings)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, title);
  for (gsize i = 0; i < n_switches; i++)
    adw_preferences_group_add (group, switch_row_new (&switches[i], settings));
  return group;
}

/* --- when a message counts as read --- */

static guint
find_reading (gint64 seconds)
{
  for (guint i = 0; i < G_N_ELEMENTS (reading); i++)
    if (reading[i].seconds == seconds)
      return i;
  /* What penfoldctl or another version has set: the nearest that waits. */
  return 2;
}

static void
on_reading_chosen (AdwComboRow   *row,
                   GParamSpec    *property,
                   ModelSettings *settings)
{
  model_settings_set (settings, STORE_SETTING_MARK_READ_S, reading[adw_combo_row_get_selected (row)].seconds);
}

static GtkWidget *
reading_row_new (ModelSettings *settings)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr(GtkStringList) choices = gtk_string_list_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (reading); i++)
    gtk_string_list_append (choices, _(reading[i].words));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("_Mark as Read"));
  adw_preferences_row_set_use_underline (ADW_PREFERENCES_ROW (row), TRUE);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _("When a message is open"));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (choices));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row),
                              find_reading (model_settings_get (settings, STORE_SETTING_MARK_READ_S)));
  g_signal_connect_object (row, "notify::selected", G_CALLBACK (on_reading_chosen), settings, 0);
  return row;
}

GtkWidget *
ui_preferences_new (GtkWindow     *parent,
                    ModelSettings *settings)
{
  GtkWidget *window = g_object_new (ADW_TYPE_PREFERENCES_WINDOW, "transient-for", parent, "modal", TRUE,
                                    "search-enabled", FALSE, "default-width", 520, "default-height", 560,
                                    NULL);
  GtkWidget *page = adw_preferences_page_new ();
  AdwPreferencesGroup *reading_group = group_new (_("Reading"), NULL, 0, settings);

  adw_preferences_group_add (reading_group, reading_row_new (settings));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), reading_group);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page),
                            group_new (_("In the Background"), background, G_N_ELEMENTS (background),
                                       settings));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page),
                            group_new (_("Notifications"), announcing, G_N_ELEMENTS (announcing), settings));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), ADW_PREFERENCES_PAGE (page));
  return window;
}
