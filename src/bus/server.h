/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bus/server.h - the worker's end of the socket: serves windows and penfoldctl, tells them news.
 *
 * It answers Hello and ListJobs itself and hands everything else to the worker's functions.  It knows nothing
 * of mail, of locks, or of what a job does.  Only processes of the same user are let in.
 *
 * News is joined: a client gets at most BUS_NEWS_PER_SECOND bursts a second, each with the newest revision
 * and the newest state of every job that changed; a client that does not read gets nothing more until it has
 * read.
 *
 * Threads: the main one, with the default main context (GDBus tells there that a connection has closed).
 * Limits: BUS_CLIENTS_MAX; BUS_JOBS_KEPT ended jobs are remembered.  Errors: G_IO_ERROR when the socket
 * cannot be made.
 */
#pragma once

#include "base/secret.h"
#include "bus/protocol.h"

#define BUS_NEWS_PER_SECOND 5u
#define BUS_JOBS_KEPT       50u
#define BUS_CLIENTS_MAX     64u

typedef struct _BusServer BusServer;
typedef struct _BusReply BusReply;             /* an answer that is still owed */

/* What the worker does when asked.  data is that of bus_server_new().  An error reaches the caller with its
 * domain, code and message. */
typedef struct {
  void     (* nudge)      (gpointer data);
  /* Returns the job's id, or 0 with error.  Its news comes by bus_server_tell_job(). */
  guint64  (* start)      (const char  *kind,
                           GVariant    *arguments,
                           gpointer     data,
                           GError     **error);
  void     (* cancel)     (guint64      job,
                           gpointer     data);
  /* secret is NULL to forget it.  Takes reply, and answers it now or later. */
  void     (* set_secret) (const char  *account_uuid,
                           const char  *purpose,
                           BaseSecret  *secret,
                           BusReply    *reply,
                           gpointer     data);
  void     (* quit)       (const char  *reason,
                           gpointer     data);
} BusHandler;

/* Takes an answer away: exactly one of the two, once, on the server's thread.  Good also after the client
 * left. */
void       bus_reply_done          (BusReply *reply);
void       bus_reply_fail          (BusReply *reply,
                                    GError   *error);        /* takes error */

/* Serves on socket_path, replacing a socket left there by a worker that died: only the holder of worker.lock
 * may. handler is kept, not copied. */
BusServer *bus_server_new          (const char        *socket_path,
                                    const BusHello    *hello,
                                    const BusHandler  *handler,
                                    gpointer           data,
                                    GError           **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes every connection and takes the socket away. */
void       bus_server_free         (BusServer *server);

/* How many clients have said Hello. */
guint      bus_server_count        (BusServer *server);

void       bus_server_tell_news    (BusServer *server,
                                    guint64    rev);
/* Takes job: its whole state from here on. */
void       bus_server_tell_job     (BusServer *server,
                                    BusJob    *job);
void       bus_server_tell_needs_user (BusServer  *server,
                                       gint64      question,
                                       gint64      account,
                                       const char *kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BusServer, bus_server_free)
