/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/presence.h"

#include "base/clock.h"
#include "bus/application.h"
#include "store/changes.h"
#include "store/flags.h"
#include "store/folders.h"
#include "store/locations.h"
#include "store/settings.h"
#include "tray/icon.h"
#include "tray/notices.h"
#include "worker/arrivals.h"

#define ANNOUNCE_DELAY_S 2

struct _WorkerPresence {
  WorkerPresenceSetup  setup;
  char                *data_dir;
  char                *app_id;
  GCancellable        *cancellable;
  GDBusConnection     *bus;          /* NULL: not there yet, or never */
  guint                name;         /* owned on the session bus; 0: none */
  TrayIcon            *icon;         /* NULL: not wanted, or no bus */
  TrayNotices         *notices;
  TrayMemory          *memory;
  GArray              *told;         /* of gint64: locations announced since a person last looked, still
                                      * unread */
  guint                timer;
};

/* --- windows -------------------------------------------------------------------------------------------- */

/* PENFOLD_PROGRAM: the window of a build tree, or of an installed tree that was moved. */
static const char *
get_program (void)
{
  const char *program = g_getenv ("PENFOLD_PROGRAM");

  return program != NULL ? program : PENFOLD_BINDIR "/penfold";
}

/* option: one of penfold's own, or NULL to show the window.  token: of xdg-activation, or NULL. */
static void
open_window (WorkerPresence *presence,
             const char     *option,
             const char     *token)
{
  const char *arguments[] = { get_program (), "--data-dir", presence->data_dir, option, NULL };
  g_auto(GStrv) environment = g_get_environ ();
  g_autoptr(GError) error = NULL;

  if (token != NULL)
    {
      environment = g_environ_setenv (environment, "XDG_ACTIVATION_TOKEN", token, TRUE);
      environment = g_environ_setenv (environment, "DESKTOP_STARTUP_ID", token, TRUE);
    }
  if (!g_spawn_async (NULL, (char **) arguments, environment, G_SPAWN_DEFAULT, NULL, NULL, NULL, &error))
    g_warning ("Cannot open the window: %s", error->message);
}

/* --- what was told, and not looked at ------------------------------------------------------------------- */

static void
show_count (WorkerPresence *presence)
{
  if (presence->icon != NULL)
    tray_icon_set_unread (presence->icon, presence->told->len);
}

static void
forget_told (WorkerPresence *presence)
{
  g_array_set_size (presence->told, 0);
  if (presence->notices != NULL)
    tray_notices_withdraw_all (presence->notices);
  show_count (presence);
}

/* What was read here or elsewhere, or is no longer there, needs no notice. */
static void
withdraw_read (WorkerPresence *presence)
{
  for (guint i = presence->told->len; i > 0; i--)
    {
      gint64 id = g_array_index (presence->told, gint64, i - 1);

      if (worker_arrivals_is_unread (presence->setup.store, id))
        continue;
      g_array_remove_index (presence->told, i - 1);
      if (presence->notices != NULL)
        tray_notices_withdraw (presence->notices, id);
    }
}

/* --- announcing ----------------------------------------------------------------------------------------- */

static TrayTelling
get_telling (WorkerPresence *presence)
{
  return store_settings_get_boolean (presence->setup.store, STORE_SETTING_NOTIFY_CONTENT) ? TRAY_TELL_ALL
                                                                                          : TRAY_TELL_NOTHING;
}

static void
send_notice (WorkerPresence   *presence,
             const TrayNotice *notice)
{
  for (guint i = 0; i < notice->mails->len; i++)
    g_array_append_val (presence->told, ((TrayMail *) notice->mails->pdata[i])->location_id);
  tray_notices_send (presence->notices, notice, get_telling (presence));
}

/* Where notices are switched off, or nobody shows them, the mail is marked all the same: it is not announced
 * later. */
static void
announce (WorkerPresence *presence)
{
  g_autoptr(GError) error = NULL;
  gint64 now = base_clock_now ();
  g_autoptr(GPtrArray) mails = worker_arrivals_list (presence->setup.store, now, &error);
  g_autoptr(GPtrArray) plan = NULL;

  if (mails == NULL)
    g_warning ("Cannot look for new mail to announce: %s", error->message);
  if (mails == NULL || mails->len == 0)
    return;
  plan = tray_announce_plan (mails, presence->memory, now);
  if (presence->notices != NULL && store_settings_get_boolean (presence->setup.store, STORE_SETTING_NOTIFY))
    for (guint i = 0; i < plan->len; i++)
      send_notice (presence, plan->pdata[i]);
  worker_arrivals_mark (presence->setup.ingest, mails);
}

static gboolean
on_timer (gpointer data)
{
  WorkerPresence *presence = data;

  presence->timer = 0;
  withdraw_read (presence);
  announce (presence);
  show_count (presence);
  return G_SOURCE_REMOVE;
}

/* --- what people click ---------------------------------------------------------------------------------- */

static void
open_message (WorkerPresence *presence,
              gint64          location_id,
              const char     *token)
{
  g_autoptr(StoreLocation) location = store_locations_get (presence->setup.store, location_id, NULL);
  g_autofree char *option = NULL;

  if (location != NULL)
    option = g_strdup_printf ("--show=%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, location->folder_id,
                              location->message_id);
  open_window (presence, option, token);
}

static void
record (WorkerPresence  *presence,
        const StoreWish *wish,
        gint64           location_id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) changes = store_changes_record (presence->setup.store, wish, &location_id, 1, &error);

  if (changes == NULL)
    g_warning ("Cannot note what was wished of a message: %s", error->message);
  else
    presence->setup.wished (presence->setup.data);
}

static void
archive (WorkerPresence *presence,
         gint64          location_id)
{
  StoreWish wish = { .kind = STORE_CHANGE_MOVE };
  g_autoptr(StoreLocation) location = store_locations_get (presence->setup.store, location_id, NULL);
  g_autoptr(StoreFolder) from = location != NULL
                                ? store_folders_get (presence->setup.store, location->folder_id, NULL) : NULL;
  g_autoptr(StoreFolder) to = NULL;

  if (from == NULL)
    return;
  to = store_folders_find_role (presence->setup.store, from->account_id, STORE_ROLE_ARCHIVE, NULL);
  if (to == NULL)
    {
      open_message (presence, location_id, NULL);        /* no folder to archive to: the window can say so */
      return;
    }
  wish.folder_id = to->id;
  record (presence, &wish, location_id);
}

static void
on_wish (TrayWish    wish,
         gint64      location_id,
         const char *token,
         gpointer    data)
{
  static const StoreWish read = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN };
  WorkerPresence *presence = data;

  switch (wish)
    {
    case TRAY_OPEN:
      forget_told (presence);
      open_window (presence, NULL, token);
      break;
    case TRAY_COMPOSE:
      open_window (presence, "--compose", token);
      break;
    case TRAY_CHECK:
      presence->setup.check (presence->setup.data);
      break;
    case TRAY_QUIT:
      open_window (presence, "--quit", token);
      presence->setup.quit (presence->setup.data);
      break;
    case TRAY_OPEN_MESSAGE:
      open_message (presence, location_id, token);
      forget_told (presence);
      break;
    case TRAY_MARK_READ:
      record (presence, &read, location_id);
      break;
    case TRAY_ARCHIVE:
      archive (presence, location_id);
      break;
    }
}

/* --- the bus -------------------------------------------------------------------------------------------- */

static void
show_icon (WorkerPresence *presence)
{
  gboolean is_wanted = presence->bus != NULL
                       && store_settings_get_boolean (presence->setup.store, STORE_SETTING_TRAY);

  if (is_wanted == (presence->icon != NULL))
    return;
  if (is_wanted)
    presence->icon = tray_icon_new (presence->bus, BUS_APPLICATION_ID, on_wish, presence);
  else
    g_clear_pointer (&presence->icon, tray_icon_free);
  show_count (presence);
}

/* Of the usual store only: another one is another world, which nobody starts by that name. */
static void
own_name (WorkerPresence *presence)
{
  if (g_str_equal (presence->app_id, BUS_APPLICATION_ID))
    presence->name = g_bus_own_name_on_connection (presence->bus, BUS_APPLICATION_ID ".Worker1",
                                                   G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
}

static void
on_bus (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  WorkerPresence *presence;
  g_autoptr(GError) error = NULL;
  g_autoptr(GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  presence = data;
  if (bus == NULL)
    {
      g_info ("No session bus, so no icon and no notices: %s", error->message);
      return;
    }
  /* The end of a session is told by a signal; a bus that fails is no reason to stop fetching mail. */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  presence->bus = g_steal_pointer (&bus);
  own_name (presence);
  presence->notices = tray_notices_new (presence->bus, BUS_APPLICATION_ID, on_wish, presence);
  show_icon (presence);
  worker_presence_look (presence);
}

/* --- life ----------------------------------------------------------------------------------------------- */

void
worker_presence_look (WorkerPresence *presence)
{
  show_icon (presence);
  if (presence->timer == 0)
    presence->timer = g_timeout_add_seconds (ANNOUNCE_DELAY_S, on_timer, presence);
}

WorkerPresence *
worker_presence_new (const WorkerPresenceSetup *setup)
{
  WorkerPresence *presence = g_new0 (WorkerPresence, 1);

  presence->setup = *setup;
  presence->data_dir = g_strdup (setup->data_dir);
  presence->app_id = bus_application_id_new (setup->data_dir);
  presence->cancellable = g_cancellable_new ();
  presence->memory = tray_memory_new ();
  presence->told = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_bus_get (G_BUS_TYPE_SESSION, presence->cancellable, on_bus, presence);
  return presence;
}

void
worker_presence_free (WorkerPresence *presence)
{
  g_cancellable_cancel (presence->cancellable);
  g_clear_handle_id (&presence->timer, g_source_remove);
  g_clear_handle_id (&presence->name, g_bus_unown_name);
  g_clear_pointer (&presence->icon, tray_icon_free);
  if (presence->notices != NULL)
    tray_notices_withdraw_all (presence->notices);
  g_clear_pointer (&presence->notices, tray_notices_free);
  if (presence->bus != NULL)
    g_dbus_connection_flush_sync (presence->bus, NULL, NULL);
  g_clear_object (&presence->bus);
  tray_memory_free (presence->memory);
  g_array_unref (presence->told);
  g_object_unref (presence->cancellable);
  g_free (presence->app_id);
  g_free (presence->data_dir);
  g_free (presence);
}
