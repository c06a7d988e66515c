/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bus/protocol.h - what both ends of the socket agree on: names, versions, states of jobs, where the socket
 * lies.
 *
 * It opens no connection and knows nothing of what a job does.
 *
 * Threads: any.  Limits: BUS_SOCKET_PATH_MAX.  Errors: BUS_ERROR, as said at each function.
 */
#pragma once

#include <gio/gio.h>

#define BUS_PROTOCOL         1u              /* raised when an older peer could misunderstand */
#define BUS_OBJECT_PATH      "/org/penfold/Worker1"
#define BUS_SOCKET_PATH_MAX  99u             /* bytes; sun_path holds 108, other systems less */
#define BUS_ANSWER_MS        5000u           /* a worker that says nothing for so long does not answer */

#define BUS_ERROR (bus_error_quark ())
GQuark bus_error_quark (void);

typedef enum {
  BUS_ERROR_NO_WORKER,         /* none serves this store, and none was or could be started */
  BUS_ERROR_NO_ANSWER,         /* one holds the store, but does not answer */
  BUS_ERROR_WORKER_NEWER,      /* it speaks a newer protocol or schema: this program is to be restarted */
  BUS_ERROR_WORKER_OLDER,      /* it was not asked to quit (BUS_OPEN_START does that), or does not go */
} BusError;

typedef struct {
  guint       protocol;
  const char *version;         /* of the program, "0.1.0" */
  guint       schema;          /* of the store's files */
} BusHello;

typedef enum {
  BUS_PEER_SAME,               /* or newer in ways that do not matter to this side */
  BUS_PEER_OUTDATED,           /* can be used, but is a lower version: an update left it running */
  BUS_PEER_OLDER,              /* protocol or schema are lower: cannot be used */
  BUS_PEER_NEWER,              /* protocol or schema are higher: cannot be used */
} BusPeer;

/* What the other side is, seen from mine. */
BusPeer  bus_hello_compare (const BusHello *mine,
                            const BusHello *theirs);

typedef enum {
  BUS_JOB_QUEUED,
  BUS_JOB_RUNNING,
  BUS_JOB_DONE,
  BUS_JOB_FAILED,              /* details has "text": our sentence, and may have "words": the server's */
  BUS_JOB_CANCELLED,
} BusJobState;

const char *bus_job_state_name   (BusJobState state);
gboolean    bus_job_state_parse  (const char  *name,
                                  BusJobState *state);
gboolean    bus_job_state_is_end (BusJobState state);

typedef struct {
  guint64      id;
  char        *kind;
  BusJobState  state;
  guint64      done;
  guint64      total;          /* 0: not known */
  GVariant    *details;        /* a{sv} */
} BusJob;

BusJob *bus_job_new  (guint64      id,
                      const char  *kind,
                      BusJobState  state,
                      guint64      done,
                      guint64      total,
                      GVariant    *details) G_GNUC_WARN_UNUSED_RESULT;   /* sinks details; NULL: none */
void    bus_job_free (BusJob *job);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BusJob, bus_job_free)

/* Where a worker for the store in data_dir makes its socket: below $XDG_RUNTIME_DIR/penfold, else in a
 * directory of mode 0700 made for it; the name is a hash of the store's real path.  Makes the directory, not
 * the socket. */
char *bus_socket_path_new  (const char  *data_dir,
                            GError     **error) G_GNUC_WARN_UNUSED_RESULT;
/* Where the holder of data_dir/worker.lock says it serves: its first line, socket=PATH, or NULL if it says
 * nothing usable. */
char *bus_socket_path_read (const char  *data_dir) G_GNUC_WARN_UNUSED_RESULT;
