/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/open.h"

#include <gio/gunixsocketaddress.h>
#include <unistd.h>

#define INTERFACE   "org.penfold.Worker1"
#define WORKER      "penfold-worker"
#define LOOK_US     (20 * 1000)              /* how often to look whether a starting worker serves */

typedef enum {
  FOUND,
  FOUND_NOBODY,                              /* no path, or nobody listens there */
  FOUND_TROUBLE,                             /* error is set */
} Found;

typedef struct {
  const char      *data_dir;
  BusOpen          how;
  const BusHello  *mine;
  GCancellable    *cancellable;
  gint64           deadline_us;
  GSubprocess     *worker;                   /* that we started */
  gboolean         asked_to_quit;
  GDBusConnection *connection;
  BusHello         theirs;
} Opening;

void
bus_open_propagate (GError **error,
                    GError  *problem)
{
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_set_error_literal (error, BUS_ERROR, BUS_ERROR_NO_ANSWER, "The background service does not answer");
  else if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CLOSED))
    g_set_error_literal (error, BUS_ERROR, BUS_ERROR_NO_WORKER, "The background service has ended");
  else
    {
      g_dbus_error_strip_remote_error (problem);
      g_propagate_error (error, g_steal_pointer (&problem));
    }
  g_clear_error (&problem);
}

static gboolean
means_nobody (const GError *problem)
{
  return g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
    || g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
    || g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CLOSED)            /* it ended while we spoke */
    || g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

/* The time-out is the socket's, because the sign-in of D-Bus has none: a stopped worker's socket still
 * accepts. */
static GDBusConnection *
connect_to (const char    *path,
            GCancellable  *cancellable,
            GError       **error)
{
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GSocketConnection) stream = NULL;
  GDBusConnection *connection;

  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL)
    return NULL;
  g_socket_set_timeout (socket, BUS_ANSWER_MS / 1000);
  if (!g_socket_connect (socket, address, cancellable, error))
    return NULL;
  stream = g_socket_connection_factory_create_connection (socket);
  connection = g_dbus_connection_new_sync (G_IO_STREAM (stream), NULL,
                                           G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, cancellable,
                                           error);
  g_socket_set_timeout (socket, 0);          /* from here on silence is normal */
  return connection;
}

static gboolean
say_hello (Opening         *opening,
           GDBusConnection *connection,
           GError         **error)
{
  const BusHello *mine = opening->mine;
  g_autoptr(GVariant) answer = NULL;

  answer = g_dbus_connection_call_sync (connection, NULL, BUS_OBJECT_PATH, INTERFACE, "Hello",
                                        g_variant_new ("(usu)", mine->protocol, mine->version, mine->schema),
                                        G_VARIANT_TYPE ("(usu)"), G_DBUS_CALL_FLAGS_NONE, BUS_ANSWER_MS,
                                        opening->cancellable, error);
  if (answer == NULL)
    return FALSE;
  g_clear_pointer ((char **) &opening->theirs.version, g_free);
  g_variant_get (answer, "(usu)", &opening->theirs.protocol, &opening->theirs.version,
                 &opening->theirs.schema);
  return TRUE;
}

static Found
look (Opening  *opening,
      GError  **error)
{
  g_autofree char *path = bus_socket_path_read (opening->data_dir);
  g_autoptr(GDBusConnection) connection = NULL;
  g_autoptr(GError) problem = NULL;

  if (path == NULL)
    return FOUND_NOBODY;
  if ((connection = connect_to (path, opening->cancellable, &problem)) != NULL
      && say_hello (opening, connection, &problem))
    {
      opening->connection = g_steal_pointer (&connection);
      return FOUND;
    }
  if (means_nobody (problem))
    return FOUND_NOBODY;
  bus_open_propagate (error, g_steal_pointer (&problem));
  return FOUND_TROUBLE;
}

/* In the child: a worker outlives the window and its terminal. */
static void
leave_session (gpointer data)
{
  setsid ();
}

static gboolean
start_worker (Opening  *opening,
              GError  **error)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  const char *dir = g_getenv ("PENFOLD_LIBEXEC");
  g_autofree char *program = g_build_filename (dir != NULL ? dir : PENFOLD_LIBEXECDIR, WORKER, NULL);
  g_autoptr(GError) problem = NULL;

  g_subprocess_launcher_set_stdin_file_path (launcher, "/dev/null");
  g_subprocess_launcher_set_child_setup (launcher, leave_session, NULL, NULL);
  opening->worker = g_subprocess_launcher_spawn (launcher, &problem, program, "--data-dir", opening->data_dir,
                                                 NULL);
  if (opening->worker == NULL)
    g_set_error (error, BUS_ERROR, BUS_ERROR_NO_WORKER, "Cannot start the background service: %s",
                 problem->message);
  return opening->worker != NULL;
}

/* One that ended well found the store owned by another, which will serve soon or is penfoldctl. */
static gboolean
worker_has_failed (Opening  *opening,
                   GError  **error)
{
  if (opening->worker == NULL || g_subprocess_get_identifier (opening->worker) != NULL
      || g_subprocess_get_successful (opening->worker))
    return FALSE;
  g_set_error (error, BUS_ERROR, BUS_ERROR_NO_WORKER, "The background service ended at once, with status %d",
               g_subprocess_get_status (opening->worker));
  return TRUE;
}

static gboolean
may_wait (Opening  *opening,
          GError  **error)
{
  if (g_cancellable_set_error_if_cancelled (opening->cancellable, error))
    return FALSE;
  if (g_get_monotonic_time () < opening->deadline_us)
    {
      g_usleep (LOOK_US);
      return TRUE;
    }
  if (opening->asked_to_quit && opening->worker == NULL)
    g_set_error_literal (error, BUS_ERROR, BUS_ERROR_WORKER_OLDER,
                         "The background service of an older version does not end");
  else
    g_set_error_literal (error, BUS_ERROR, BUS_ERROR_NO_ANSWER,
                         "Another program uses these mail files and does not answer");
  return FALSE;
}

static gboolean
go_on_without_worker (Opening  *opening,
                      GError  **error)
{
  switch (opening->how)
    {
    case BUS_OPEN_RUNNING:
      g_set_error_literal (error, BUS_ERROR, BUS_ERROR_NO_WORKER, "The background service is not running");
      return FALSE;
    case BUS_OPEN_OWNED:
      return may_wait (opening, error);
    case BUS_OPEN_START:
      if (opening->worker == NULL)
        return start_worker (opening, error);
      return !worker_has_failed (opening, error) && may_wait (opening, error);
    }
  g_assert_not_reached ();
}

/* Asks once; whether it goes shows when its socket no longer answers. */
static gboolean
go_on_after_older (Opening  *opening,
                   GError  **error)
{
  g_autoptr(GDBusConnection) connection = g_steal_pointer (&opening->connection);
  g_autoptr(GVariant) answer = NULL;

  if (opening->how != BUS_OPEN_START)
    {
      g_set_error (error, BUS_ERROR, BUS_ERROR_WORKER_OLDER,
                   "The background service is of an older version, %s", opening->theirs.version);
      return FALSE;
    }
  if (!opening->asked_to_quit)
    {
      opening->asked_to_quit = TRUE;
      opening->deadline_us = g_get_monotonic_time () + 2 * BUS_ANSWER_MS * 1000;
      answer = g_dbus_connection_call_sync (connection, NULL, BUS_OBJECT_PATH, INTERFACE, "Quit",
                                            g_variant_new ("(s)", "upgrade"), NULL, G_DBUS_CALL_FLAGS_NONE,
                                            BUS_ANSWER_MS, opening->cancellable, NULL);
    }
  g_dbus_connection_close_sync (connection, NULL, NULL);
  return may_wait (opening, error);
}

/* Whether to look again; with neither error nor connection. */
static gboolean
judge_worker (Opening  *opening,
              GError  **error)
{
  switch (bus_hello_compare (opening->mine, &opening->theirs))
    {
    case BUS_PEER_SAME:
      return FALSE;
    case BUS_PEER_OUTDATED:
      return opening->how == BUS_OPEN_START && opening->worker == NULL && go_on_after_older (opening, error);
    case BUS_PEER_OLDER:
      return go_on_after_older (opening, error);
    case BUS_PEER_NEWER:
      g_clear_object (&opening->connection);
      g_set_error (error, BUS_ERROR, BUS_ERROR_WORKER_NEWER,
                   "The background service is of a newer version, %s", opening->theirs.version);
      return FALSE;
    }
  g_assert_not_reached ();
}

static gboolean
look_again (Opening  *opening,
            GError  **error)
{
  switch (look (opening, error))
    {
    case FOUND:
      return judge_worker (opening, error);
    case FOUND_NOBODY:
      return go_on_without_worker (opening, error);
    case FOUND_TROUBLE:
      return FALSE;
    }
  g_assert_not_reached ();
}

GDBusConnection *
bus_open (const char      *data_dir,
          BusOpen          how,
          const BusHello  *mine,
          BusHello        *theirs,
          GCancellable    *cancellable,
          GError         **error)
{
  guint patience_ms = how == BUS_OPEN_START ? 2 * BUS_ANSWER_MS : BUS_ANSWER_MS;
  Opening opening = {
    .data_dir = data_dir, .how = how, .mine = mine, .cancellable = cancellable,
    .deadline_us = g_get_monotonic_time () + (gint64) patience_ms * 1000,
  };

  while (look_again (&opening, error))
    ;
  g_clear_object (&opening.worker);
  if (opening.connection == NULL)
    g_free ((char *) opening.theirs.version);
  else
    *theirs = opening.theirs;
  return opening.connection;
}
