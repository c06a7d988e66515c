/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/server.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "bus/dbus.h"

#define BURST_US (G_USEC_PER_SEC / BUS_NEWS_PER_SECOND)

/* Everything that can be told carries the serial of its last change, every client the serial up to which it
 * was told: so a client that was slow gets the newest state once, and nothing is queued for it meanwhile. */
typedef struct {
  BusJob  *job;
  guint64  serial;
} Job;

struct _BusServer {
  GDBusServer      *listener;
  GDBusAuthObserver *observer;
  BusHello          hello;
  const BusHandler *handler;
  gpointer          data;
  GPtrArray        *clients;           /* of Client */
  guint64           serial;
  guint64           rev;
  guint64           rev_serial;
  GHashTable       *jobs;              /* guint64 id -> Job */
  GQueue            ended;             /* ids of ended jobs, the oldest first */
  GSource          *burst;             /* NULL: nothing to tell, or nobody */
  gint64            last_burst_us;
};

typedef struct {
  BusServer       *server;
  GDBusConnection *connection;
  GSocket         *socket;             /* the connection's */
  BusDbusWorker1  *skeleton;
  gboolean         said_hello;
  gboolean         is_equal;           /* speaks this protocol */
  guint64          told;               /* serial */
  GSource         *writable;           /* waits until a client that did not read has read; else NULL */
} Client;

static void schedule_burst (BusServer *server);

static void
job_free (gpointer data)
{
  Job *entry = data;

  bus_job_free (entry->job);
  g_free (entry);
}

static void
client_stop_waiting (Client *client)
{
  if (client->writable == NULL)
    return;
  g_source_destroy (client->writable);
  g_clear_pointer (&client->writable, g_source_unref);
}

static void
client_free (gpointer data)
{
  Client *client = data;

  client_stop_waiting (client);
  g_object_unref (client->skeleton);
  g_object_unref (client->connection);
  g_free (client);
}

/* Telling news. */

static gboolean
on_writable (GSocket      *socket,
             GIOCondition  condition,
             gpointer      data)
{
  Client *client = data;

  client_stop_waiting (client);
  schedule_burst (client->server);
  return G_SOURCE_REMOVE;
}

/* GDBus queues without limit and does not say how much, but what it queues because the client does not read
 * stands behind a full socket. */
static gboolean
has_read (Client *client)
{
  if (client->writable != NULL)
    return FALSE;
  if (g_socket_condition_check (client->socket, G_IO_OUT) != 0)
    return TRUE;
  client->writable = g_socket_create_source (client->socket, G_IO_OUT, NULL);
  g_source_set_callback (client->writable, G_SOURCE_FUNC (on_writable), client, NULL);
  g_source_attach (client->writable, NULL);
  return FALSE;
}

static void
tell_jobs (Client *client)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, client->server->jobs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Job *entry = value;
      const BusJob *job = entry->job;

      if (entry->serial > client->told)
        bus_dbus_worker1_emit_job_news (client->skeleton, job->id, job->kind, bus_job_state_name (job->state),
                                        job->done, job->total, job->details);
    }
}

static void
tell_client (Client *client)
{
  BusServer *server = client->server;

  if (server->rev_serial > client->told)
    bus_dbus_worker1_emit_news (client->skeleton, server->rev);
  tell_jobs (client);
  client->told = server->serial;
}

static gboolean
wants_news (const Client *client)
{
  return client->is_equal && client->writable == NULL && client->told < client->server->serial;
}

static gboolean
burst (gpointer data)
{
  BusServer *server = data;

  g_clear_pointer (&server->burst, g_source_unref);
  server->last_burst_us = g_get_monotonic_time ();
  for (guint i = 0; i < server->clients->len; i++)
    if (wants_news (server->clients->pdata[i]) && has_read (server->clients->pdata[i]))
      tell_client (server->clients->pdata[i]);
  return G_SOURCE_REMOVE;
}

static gboolean
somebody_wants_news (BusServer *server)
{
  for (guint i = 0; i < server->clients->len; i++)
    if (wants_news (server->clients->pdata[i]))
      return TRUE;
  return FALSE;
}

static void
schedule_burst (BusServer *server)
{
  if (server->burst != NULL || !somebody_wants_news (server))
    return;
  server->burst = g_timeout_source_new (0);
  g_source_set_ready_time (server->burst, server->last_burst_us + BURST_US);
  g_source_set_callback (server->burst, burst, server, NULL);
  g_source_attach (server->burst, NULL);
}

/* Answering. */

static gboolean
refuse_stranger (Client                *client,
                 GDBusMethodInvocation *invocation)
{
  if (client->is_equal)
    return FALSE;
  g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                         client->said_hello ? "This worker speaks protocol %u"
                                                            : "Hello must come first; this worker speaks "
                                                            "protocol %u",
                                         client->server->hello.protocol);
  return TRUE;
}

static gboolean
on_hello (BusDbusWorker1        *skeleton,
          GDBusMethodInvocation *invocation,
          guint                  protocol,
          const char            *version,
          guint                  schema,
          Client                *client)
{
  const BusHello *hello = &client->server->hello;

  g_debug ("Client of version %s, protocol %u, schema %u", version, protocol, schema);
  if (!client->is_equal)
    client->told = client->server->serial;       /* it reads the present state from the files */
  client->said_hello = TRUE;
  client->is_equal = protocol == hello->protocol;
  bus_dbus_worker1_complete_hello (skeleton, invocation, hello->protocol, hello->version, hello->schema);
  return TRUE;
}

static gboolean
on_nudge (BusDbusWorker1        *skeleton,
          GDBusMethodInvocation *invocation,
          Client                *client)
{
  if (refuse_stranger (client, invocation))
    return TRUE;
  bus_dbus_worker1_complete_nudge (skeleton, invocation);
  client->server->handler->nudge (client->server->data);
  return TRUE;
}

static gboolean
on_start (BusDbusWorker1        *skeleton,
          GDBusMethodInvocation *invocation,
          const char            *kind,
          GVariant              *arguments,
          Client                *client)
{
  GError *error = NULL;
  guint64 job;

  if (refuse_stranger (client, invocation))
    return TRUE;
  job = client->server->handler->start (kind, arguments, client->server->data, &error);
  if (job == 0)
    g_dbus_method_invocation_take_error (invocation, error);
  else
    bus_dbus_worker1_complete_start (skeleton, invocation, job);
  return TRUE;
}

static gboolean
on_cancel (BusDbusWorker1        *skeleton,
           GDBusMethodInvocation *invocation,
           guint64                job,
           Client                *client)
{
  if (refuse_stranger (client, invocation))
    return TRUE;
  bus_dbus_worker1_complete_cancel (skeleton, invocation);
  client->server->handler->cancel (job, client->server->data);
  return TRUE;
}

static gboolean
on_list_jobs (BusDbusWorker1        *skeleton,
              GDBusMethodInvocation *invocation,
              Client                *client)
{
  GVariantBuilder list;
  GHashTableIter iter;
  gpointer value;

  if (refuse_stranger (client, invocation))
    return TRUE;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(tsstta{sv})"));
  g_hash_table_iter_init (&iter, client->server->jobs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const BusJob *job = ((Job *) value)->job;

      g_variant_builder_add (&list, "(tsstt@a{sv})", job->id, job->kind, bus_job_state_name (job->state),
                             job->done, job->total, job->details);
    }
  bus_dbus_worker1_complete_list_jobs (skeleton, invocation, g_variant_builder_end (&list));
  return TRUE;
}

void
bus_reply_done (BusReply *reply)
{
  g_dbus_method_invocation_return_value ((GDBusMethodInvocation *) reply, NULL);
}

void
bus_reply_fail (BusReply *reply,
                GError   *error)
{
  g_dbus_method_invocation_take_error ((GDBusMethodInvocation *) reply, error);
}

static gboolean
on_set_secret (BusDbusWorker1        *skeleton,
               GDBusMethodInvocation *invocation,
               const char            *account_uuid,
               const char            *purpose,
               const char            *text,
               Client                *client)
{
  g_autoptr(BaseSecret) secret = *text != '\0' ? base_secret_new (text) : NULL;

  if (refuse_stranger (client, invocation))
    return TRUE;
  client->server->handler->set_secret (account_uuid, purpose, secret, (BusReply *) invocation,
                                       client->server->data);
  return TRUE;
}

/* Also for those of another protocol: this is how an update gets rid of an old worker. */
static gboolean
on_quit (BusDbusWorker1        *skeleton,
         GDBusMethodInvocation *invocation,
         const char            *reason,
         Client                *client)
{
  g_info ("Asked to quit: %s", reason);
  bus_dbus_worker1_complete_quit (skeleton, invocation);
  client->server->handler->quit (reason, client->server->data);
  return TRUE;
}

/* Coming and going. */

static void
client_leave (Client *client)
{
  g_signal_handlers_disconnect_by_data (client->connection, client);
  g_signal_handlers_disconnect_by_data (client->skeleton, client);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (client->skeleton));
}

static void
on_closed (GDBusConnection *connection,
           gboolean         remote_peer_vanished,
           GError          *error,
           Client          *client)
{
  BusServer *server = client->server;

  client_leave (client);
  g_ptr_array_remove_fast (server->clients, client);
}

static void
client_answer (Client *client)
{
  g_signal_connect (client->skeleton, "handle-hello", G_CALLBACK (on_hello), client);
  g_signal_connect (client->skeleton, "handle-nudge", G_CALLBACK (on_nudge), client);
  g_signal_connect (client->skeleton, "handle-start", G_CALLBACK (on_start), client);
  g_signal_connect (client->skeleton, "handle-cancel", G_CALLBACK (on_cancel), client);
  g_signal_connect (client->skeleton, "handle-list-jobs", G_CALLBACK (on_list_jobs), client);
  g_signal_connect (client->skeleton, "handle-set-secret", G_CALLBACK (on_set_secret), client);
  g_signal_connect (client->skeleton, "handle-quit", G_CALLBACK (on_quit), client);
}

static gboolean
on_new_connection (GDBusServer     *listener,
                   GDBusConnection *connection,
                   BusServer       *server)
{
  g_autoptr(GError) error = NULL;
  Client *client;

  /* Gone already, and "closed" may have been told while nobody listened; from here on it is told after this. */
  if (g_dbus_connection_is_closed (connection))
    return FALSE;
  if (server->clients->len >= BUS_CLIENTS_MAX)
    {
      g_warning ("Refused a client: %u are connected", server->clients->len);
      return FALSE;
    }

  client = g_new0 (Client, 1);
  client->server = server;
  client->connection = g_object_ref (connection);
  client->socket =
    g_socket_connection_get_socket (G_SOCKET_CONNECTION (g_dbus_connection_get_stream (connection)));
  client->skeleton = bus_dbus_worker1_skeleton_new ();
  client_answer (client);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), client);
  g_ptr_array_add (server->clients, client);

  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (client->skeleton), connection,
                                         BUS_OBJECT_PATH, &error))
    {
      g_warning ("Cannot serve a client: %s", error->message);
      on_closed (connection, FALSE, NULL, client);
      return FALSE;
    }
  return TRUE;
}

/* Both run on a thread of GDBus's own, before on_new_connection(). */
static gboolean
on_allow_mechanism (GDBusAuthObserver *observer,
                    const char        *mechanism,
                    gpointer           data)
{
  return g_str_equal (mechanism, "EXTERNAL");
}

static gboolean
on_authorize (GDBusAuthObserver *observer,
              GIOStream         *stream,
              GCredentials      *credentials,
              gpointer           data)
{
  return credentials != NULL && g_credentials_get_unix_user (credentials, NULL) == geteuid ();
}

static void
remove_stale_socket (const char *path)
{
  struct stat info;

  if (lstat (path, &info) == 0 && S_ISSOCK (info.st_mode))
    unlink (path);
}

BusServer *
bus_server_new (const char        *socket_path,
                const BusHello    *hello,
                const BusHandler  *handler,
                gpointer           data,
                GError           **error)
{
  g_autoptr(BusServer) server = g_new0 (BusServer, 1);
  g_autofree char *escaped = g_dbus_address_escape_value (socket_path);
  g_autofree char *address = g_strconcat ("unix:path=", escaped, NULL);
  g_autofree char *guid = g_dbus_generate_guid ();

  g_assert (g_main_context_get_thread_default () == NULL);
  server->hello = *hello;
  server->hello.version = g_strdup (hello->version);
  server->handler = handler;
  server->data = data;
  server->clients = g_ptr_array_new_with_free_func (client_free);
  server->jobs = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, job_free);
  server->observer = g_dbus_auth_observer_new ();
  g_signal_connect (server->observer, "allow-mechanism", G_CALLBACK (on_allow_mechanism), NULL);
  g_signal_connect (server->observer, "authorize-authenticated-peer", G_CALLBACK (on_authorize), NULL);

  remove_stale_socket (socket_path);
  server->listener = g_dbus_server_new_sync (address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER,
                                             guid, server->observer, NULL, error);
  if (server->listener == NULL)
    {
      g_prefix_error (error, "Cannot serve on %s: ", socket_path);
      return NULL;
    }
  if (chmod (socket_path, 0600) != 0)
    {
      base_files_set_error (error, "protect", socket_path);
      return NULL;
    }
  g_signal_connect (server->listener, "new-connection", G_CALLBACK (on_new_connection), server);
  g_dbus_server_start (server->listener);
  return g_steal_pointer (&server);
}

void
bus_server_free (BusServer *server)
{
  if (server->listener != NULL)
    {
      g_signal_handlers_disconnect_by_data (server->listener, server);
      g_dbus_server_stop (server->listener);
      g_object_unref (server->listener);
    }
  if (server->burst != NULL)
    {
      g_source_destroy (server->burst);
      g_source_unref (server->burst);
    }
  for (guint i = 0; i < server->clients->len; i++)
    {
      Client *client = server->clients->pdata[i];

      client_leave (client);
      g_dbus_connection_close (client->connection, NULL, NULL, NULL);
    }
  g_ptr_array_unref (server->clients);
  g_hash_table_unref (server->jobs);
  g_queue_clear_full (&server->ended, g_free);
  g_object_unref (server->observer);
  g_free ((char *) server->hello.version);
  g_free (server);
}

guint
bus_server_count (BusServer *server)
{
  guint count = 0;

  for (guint i = 0; i < server->clients->len; i++)
    count += ((Client *) server->clients->pdata[i])->said_hello;
  return count;
}

void
bus_server_tell_news (BusServer *server,
                      guint64    rev)
{
  server->rev = rev;
  server->rev_serial = ++server->serial;
  schedule_burst (server);
}

static void
remember_ended (BusServer *server,
                guint64    id)
{
  g_queue_push_tail (&server->ended, g_memdup2 (&id, sizeof id));
  if (server->ended.length > BUS_JOBS_KEPT)
    {
      g_autofree guint64 *oldest = g_queue_pop_head (&server->ended);

      g_hash_table_remove (server->jobs, oldest);
    }
}

void
bus_server_tell_job (BusServer *server,
                     BusJob    *job)
{
  Job *entry = g_hash_table_lookup (server->jobs, &job->id);
  gboolean had_ended = entry != NULL && bus_job_state_is_end (entry->job->state);

  g_assert (!had_ended);
  entry = g_new0 (Job, 1);
  entry->job = job;
  entry->serial = ++server->serial;
  g_hash_table_replace (server->jobs, &job->id, entry);
  if (bus_job_state_is_end (job->state))
    remember_ended (server, job->id);
  schedule_burst (server);
}

/* Not joined with anything: there are few, and the question is a row anyway for those who miss this. */
void
bus_server_tell_needs_user (BusServer  *server,
                            gint64      question,
                            gint64      account,
                            const char *kind)
{
  for (guint i = 0; i < server->clients->len; i++)
    {
      Client *client = server->clients->pdata[i];

      if (client->is_equal && has_read (client))
        bus_dbus_worker1_emit_needs_user (client->skeleton, question, account, kind);
    }
}
