/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bus/client.h - the windows' and penfoldctl's end of the socket: finds the worker, starts it on demand, asks
 * it.
 *
 * It knows nothing of mail or of the store's files but worker.lock, whose first line says socket=PATH.
 *
 * Two ways to use it.  Blocking, for penfoldctl and store threads: bus_client_open(), bus_client_run_job().
 * Never waiting, for windows: bus_client_open_async(), bus_client_listen(), the _async calls.
 *
 * Threads: the blocking calls from any one at a time; bus_client_listen() and _async on the main thread.
 * Errors: BUS_ERROR; what the worker refuses keeps its domain, code and sentence; cancel as always.
 */
#pragma once

#include "base/secret.h"
#include "bus/protocol.h"

typedef struct _BusClient BusClient;

typedef enum {
  BUS_OPEN_RUNNING,            /* only a worker that serves already; without one BUS_ERROR_NO_WORKER at
                                * once */
  BUS_OPEN_OWNED,              /* somebody holds worker.lock: wait until it serves, else
                                * BUS_ERROR_NO_ANSWER */
  BUS_OPEN_START,              /* start one where none serves; an older or outdated one is asked to quit
                                * first */
} BusOpen;

/* data_dir must be the store's; hello says what this program is.  Waits until the worker answers, at most
 * BUS_ANSWER_MS for one that runs and twice that for one that has to start. */
BusClient *bus_client_open         (const char      *data_dir,
                                    BusOpen          how,
                                    const BusHello  *hello,
                                    GCancellable    *cancellable,
                                    GError         **error) G_GNUC_WARN_UNUSED_RESULT;
void       bus_client_open_async   (const char          *data_dir,
                                    BusOpen              how,
                                    const BusHello      *hello,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             data);
BusClient *bus_client_open_finish  (GAsyncResult  *result,
                                    GError       **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes the connection; jobs go on. */
void       bus_client_free         (BusClient *client);

/* What the worker said it is; valid as long as client. */
const BusHello *bus_client_peek_worker (BusClient *client);
gboolean   bus_client_is_closed    (BusClient *client);

/* What a window hears, on the main thread.  Any may be NULL. */
typedef struct {
  void (* news)       (guint64       rev,
                       gpointer      data);
  void (* job)        (const BusJob *job,
                       gpointer      data);
  void (* needs_user) (gint64        question,
                       gint64        account,
                       const char   *kind,
                       gpointer      data);
  void (* closed)     (gpointer      data);          /* nothing comes after it; free() the client and open
                                                      * anew */
} BusListener;

/* Once per client; listener is kept, not copied. */
void       bus_client_listen       (BusClient         *client,
                                    const BusListener *listener,
                                    gpointer           data);

/* Blocking, each at most BUS_ANSWER_MS. */
gboolean   bus_client_nudge        (BusClient  *client,
                                    GError    **error);
guint64    bus_client_start_job    (BusClient   *client,
                                    const char  *kind,
                                    GVariant    *arguments,    /* a{sv}, sunk; NULL: none */
                                    GError     **error);       /* 0: error */
gboolean   bus_client_cancel_job   (BusClient   *client,
                                    guint64      job,
                                    GError     **error);
/* Of BusJob; NULL with error. */
GPtrArray *bus_client_list_jobs    (BusClient   *client,
                                    GError     **error) G_GNUC_WARN_UNUSED_RESULT;
/* secret may be NULL: forget it.  Waits up to 30 s, since a keyring may be slow. */
gboolean   bus_client_set_secret   (BusClient   *client,
                                    const char  *account_uuid,
                                    const char  *purpose,
                                    BaseSecret  *secret,
                                    GError     **error);
/* Waits until the worker has closed the connection. */
gboolean   bus_client_quit         (BusClient   *client,
                                    const char  *reason,
                                    GError     **error);

typedef void (* BusProgress) (const BusJob *job,
                              gpointer      data);
/* Starts a job and waits for its end, telling each state to progress (may be NULL).  Cancelling cancels the
 * job and waits for its end.  NULL with error when it could not start, or when the worker went away or fell
 * silent; otherwise the ended job, whose state may be failed or cancelled. */
BusJob    *bus_client_run_job      (BusClient     *client,
                                    const char    *kind,
                                    GVariant      *arguments,
                                    BusProgress    progress,
                                    gpointer       data,
                                    GCancellable  *cancellable,
                                    GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* Never waiting.  Nudging asks for no answer: the row is written, and a worker finds it anyway. */
void       bus_client_nudge_soon        (BusClient *client);
void       bus_client_start_job_async   (BusClient           *client,
                                         const char          *kind,
                                         GVariant            *arguments,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             data);
guint64    bus_client_start_job_finish  (GAsyncResult  *result,
                                         GError       **error);
void       bus_client_cancel_job_soon   (BusClient *client,
                                         guint64    job);
void       bus_client_set_secret_async  (BusClient           *client,
                                         const char          *account_uuid,
                                         const char          *purpose,
                                         BaseSecret          *secret,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             data);
gboolean   bus_client_set_secret_finish (GAsyncResult  *result,
                                         GError       **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BusClient, bus_client_free)
