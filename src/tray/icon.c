/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tray/icon.h"

#include "tray/notifier-item.h"

#include <glib/gi18n-lib.h>
#include <libdbusmenu-glib/client.h>
#include <libdbusmenu-glib/menuitem.h>
#include <libdbusmenu-glib/server.h>
#include <unistd.h>

#define ITEM_PATH    "/StatusNotifierItem"
#define MENU_PATH    "/MenuBar"
#define WATCHER_NAME "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH "/StatusNotifierWatcher"
#define CALM_MS      250

struct _TrayIcon {
  GDBusConnection  *bus;
  TrayListener      listener;
  gpointer          data;

  char             *name;                /* org.kde.StatusNotifierItem-PID-N */
  guint             owned_name;
  guint             watched_name;
  guint             host_signal;
  GCancellable     *cancellable;

  TrayNotifierItem *item;
  DbusmenuServer   *menu;
  char             *token;               /* of xdg-activation, for the click that follows */
  guint             unread;
  guint             tell_timeout;
};

static void
wish (TrayIcon *icon,
      TrayWish  what)
{
  g_autofree char *token = g_steal_pointer (&icon->token);

  icon->listener (what, 0, token, icon->data);
}

/* --- clicks on the icon --- */

static gboolean
on_activate (TrayNotifierItem      *item,
             GDBusMethodInvocation *call,
             int                    x,
             int                    y,
             TrayIcon              *icon)
{
  wish (icon, TRAY_OPEN);
  tray_notifier_item_complete_activate (item, call);
  return TRUE;
}

static gboolean
on_secondary_activate (TrayNotifierItem      *item,
                       GDBusMethodInvocation *call,
                       int                    x,
                       int                    y,
                       TrayIcon              *icon)
{
  wish (icon, TRAY_CHECK);
  tray_notifier_item_complete_secondary_activate (item, call);
  return TRUE;
}

/* Hosts that draw no menus of ours (swaybar) ask for it; the window has all that the menu has. */
static gboolean
on_context_menu (TrayNotifierItem      *item,
                 GDBusMethodInvocation *call,
                 int                    x,
                 int                    y,
                 TrayIcon              *icon)
{
  wish (icon, TRAY_OPEN);
  tray_notifier_item_complete_context_menu (item, call);
  return TRUE;
}

static gboolean
on_scroll (TrayNotifierItem      *item,
           GDBusMethodInvocation *call,
           int                    delta,
           const char            *orientation,
           TrayIcon              *icon)
{
  tray_notifier_item_complete_scroll (item, call);
  return TRUE;
}

static gboolean
on_token (TrayNotifierItem      *item,
          GDBusMethodInvocation *call,
          const char            *token,
          TrayIcon              *icon)
{
  g_free (icon->token);
  icon->token = g_strdup (token);
  tray_notifier_item_complete_provide_xdg_activation_token (item, call);
  return TRUE;
}

/* --- the menu --- */

static const char wish_key[] = "wish";

static void
on_menu_item (DbusmenuMenuitem *item,
              guint             timestamp,
              TrayIcon         *icon)
{
  wish (icon, (TrayWish) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (item), wish_key)));
}

static void
add_menu_item (TrayIcon         *icon,
               DbusmenuMenuitem *root,
               const char       *label,
               TrayWish          what)
{
  g_autoptr(GObject) object = G_OBJECT (dbusmenu_menuitem_new ());
  DbusmenuMenuitem *item = DBUSMENU_MENUITEM (object);

  dbusmenu_menuitem_property_set (item, DBUSMENU_MENUITEM_PROP_LABEL, label);
  g_object_set_data (object, wish_key, GINT_TO_POINTER (what));
  g_signal_connect (item, DBUSMENU_MENUITEM_SIGNAL_ITEM_ACTIVATED, G_CALLBACK (on_menu_item), icon);
  dbusmenu_menuitem_child_append (root, item);
}

static void
add_separator (DbusmenuMenuitem *root)
{
  g_autoptr(GObject) object = G_OBJECT (dbusmenu_menuitem_new ());

  dbusmenu_menuitem_property_set (DBUSMENU_MENUITEM (object), DBUSMENU_MENUITEM_PROP_TYPE,
                                  DBUSMENU_CLIENT_TYPES_SEPARATOR);
  dbusmenu_menuitem_child_append (root, DBUSMENU_MENUITEM (object));
}

/* Finished before the icon is registered: hosts read the labels once. */
static void
make_menu (TrayIcon *icon)
{
  g_autoptr(GObject) root = G_OBJECT (dbusmenu_menuitem_new ());
  DbusmenuMenuitem *menu = DBUSMENU_MENUITEM (root);

  add_menu_item (icon, menu, _("_Open Penfold"), TRAY_OPEN);
  add_menu_item (icon, menu, _("_New Message"), TRAY_COMPOSE);
  add_menu_item (icon, menu, _("_Check Now"), TRAY_CHECK);
  add_separator (menu);
  add_menu_item (icon, menu, _("_Quit"), TRAY_QUIT);
  icon->menu = dbusmenu_server_new (MENU_PATH);
  dbusmenu_server_set_root (icon->menu, menu);
}

/* --- registering --- */

static void
register_cb (GObject      *bus,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    g_debug ("No place in the tray: %s", error->message);
}

static void
register_item (TrayIcon *icon)
{
  g_dbus_connection_call (icon->bus, WATCHER_NAME, WATCHER_PATH, WATCHER_NAME, "RegisterStatusNotifierItem",
                          g_variant_new ("(s)", icon->name), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          icon->cancellable, register_cb, icon);
}

static void
watcher_appeared_cb (GDBusConnection *bus,
                     const char      *name,
                     const char      *owner,
                     gpointer         data)
{
  register_item (data);
}

/* A host that comes after its watcher: some watchers forget items that were there before. */
static void
host_registered_cb (GDBusConnection *bus,
                    const char      *sender,
                    const char      *path,
                    const char      *interface,
                    const char      *signal,
                    GVariant        *parameters,
                    gpointer         data)
{
  register_item (data);
}

/* --- what it shows --- */

static GVariant *
no_pixmap (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("(iiay)"), NULL, 0);
}

static void
show_unread (TrayIcon *icon)
{
  g_autofree char *label = icon->unread > 0 ? g_strdup_printf ("%u", icon->unread) : g_strdup ("");
  g_autofree char *words = icon->unread > 0
    ? g_strdup_printf (ngettext ("%u new message", "%u new messages", icon->unread), icon->unread)
    : g_strdup (_("No new mail"));

  tray_notifier_item_set_status (icon->item, "Active");
  tray_notifier_item_set_xayatana_label (icon->item, label);
  tray_notifier_item_set_icon_accessible_desc (icon->item, words);
  tray_notifier_item_set_tool_tip (icon->item,
                                   g_variant_new ("(s@a(iiay)ss)", "", no_pixmap (), "Penfold", words));
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (icon->item));
}

static gboolean
tell_cb (gpointer data)
{
  TrayIcon *icon = data;

  icon->tell_timeout = 0;
  show_unread (icon);
  tray_notifier_item_emit_new_tool_tip (icon->item);
  tray_notifier_item_emit_xayatana_new_label (icon->item, tray_notifier_item_get_xayatana_label (icon->item),
                                              "99");
  return G_SOURCE_REMOVE;
}

void
tray_icon_set_unread (TrayIcon *icon,
                      guint     n)
{
  if (icon->unread == n)
    return;
  icon->unread = n;
  if (icon->tell_timeout == 0)
    icon->tell_timeout = g_timeout_add (CALM_MS, tell_cb, icon);
}

/* Where our icon lies, for a host that does not look there: the program may run from a build tree or from
 * /opt. */
static char *
find_theme_path (const char *name)
{
  const char *const *dirs = g_get_system_data_dirs ();

  for (gsize i = 0; dirs[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (dirs[i], "icons", NULL);
      g_autofree char *file = g_strconcat (path, "/hicolor/symbolic/apps/", name, ".svg", NULL);

      if (g_file_test (file, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return g_strdup ("");
}

static void
make_item (TrayIcon   *icon,
           const char *id)
{
  g_autofree char *symbolic = g_strconcat (id, "-symbolic", NULL);
  g_autofree char *theme_path = find_theme_path (symbolic);

  icon->item = tray_notifier_item_skeleton_new ();
  g_object_set (icon->item,
                "category", "Communications", "id", id, "title", "Penfold", "status", "Active", "window-id",
                0, "icon-name", symbolic, "icon-pixmap", no_pixmap (), "icon-theme-path", theme_path,
                "overlay-icon-name", "", "overlay-icon-pixmap", no_pixmap (),
                "attention-icon-name", symbolic, "attention-icon-pixmap", no_pixmap (),
                "attention-accessible-desc", _("New mail"), "item-is-menu", FALSE, "menu", MENU_PATH,
                "xayatana-label-guide", "99", NULL);
  g_signal_connect (icon->item, "handle-activate", G_CALLBACK (on_activate), icon);
  g_signal_connect (icon->item, "handle-secondary-activate", G_CALLBACK (on_secondary_activate), icon);
  g_signal_connect (icon->item, "handle-context-menu", G_CALLBACK (on_context_menu), icon);
  g_signal_connect (icon->item, "handle-scroll", G_CALLBACK (on_scroll), icon);
  g_signal_connect (icon->item, "handle-provide-xdg-activation-token", G_CALLBACK (on_token), icon);
  show_unread (icon);
}

/* --- life --- */

TrayIcon *
tray_icon_new (GDBusConnection *bus,
               const char      *id,
               TrayListener     listener,
               gpointer         data)
{
  static guint last_number;
  TrayIcon *icon = g_new0 (TrayIcon, 1);
  g_autoptr(GError) error = NULL;

  icon->bus = g_object_ref (bus);
  icon->listener = listener;
  icon->data = data;
  icon->cancellable = g_cancellable_new ();
  icon->name = g_strdup_printf ("org.kde.StatusNotifierItem-%d-%u", (int) getpid (), ++last_number);
  make_item (icon, id);
  make_menu (icon);
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (icon->item), bus, ITEM_PATH, &error))
    g_warning ("No icon in the tray: %s", error->message);

  icon->owned_name = g_bus_own_name_on_connection (bus, icon->name, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL,
                                                   NULL, NULL);
  icon->watched_name = g_bus_watch_name_on_connection (bus, WATCHER_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                       watcher_appeared_cb, NULL, icon, NULL);
  icon->host_signal = g_dbus_connection_signal_subscribe (bus, WATCHER_NAME, WATCHER_NAME,
                                                          "StatusNotifierHostRegistered",
                                                          WATCHER_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                          host_registered_cb, icon, NULL);
  return icon;
}

void
tray_icon_free (TrayIcon *icon)
{
  g_cancellable_cancel (icon->cancellable);
  g_clear_handle_id (&icon->tell_timeout, g_source_remove);
  g_dbus_connection_signal_unsubscribe (icon->bus, icon->host_signal);
  g_bus_unwatch_name (icon->watched_name);
  g_bus_unown_name (icon->owned_name);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (icon->item));
  g_object_unref (icon->menu);
  g_object_unref (icon->item);
  g_object_unref (icon->cancellable);
  g_object_unref (icon->bus);
  g_free (icon->name);
  g_free (icon->token);
  g_free (icon);
}
