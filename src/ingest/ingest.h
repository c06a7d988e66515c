/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ingest/ingest.h - from bytes that a server gave to rows and raw mail that survive a power cut.
 *
 * Lanes put rows (what a server lists of a message, with its header) and bodies into streams.  The ingest thread packs
 * them, reads their text and structure; the writer thread, the only one that writes mail.db and raw mail, stores them:
 * raw bytes written and synced, then one transaction, then the ticket is durable.  Nothing counts before that.
 * Whoever else has to write mail.db hands a function to the writer thread.
 * It knows nothing of protocols, and decides nothing: what belongs together is said by the caller or proven by bytes.
 *
 * Threads: any, but a stream and a body belong to one thread at a time.
 * Limits: INGEST_QUEUE_MAX bytes wait for the ingest thread; putting blocks beyond.  A body up to INGEST_BODY_IN_MEMORY
 * is kept in memory until it is stored, a larger one in a nameless file of the store.
 * Errors: STORE_ERROR as the writer meets it (_FULL: nothing of it was kept; try again with a new stream);
 * G_IO_ERROR_CANCELLED.
 */
#pragma once

#include "store/folders.h"
#include "store/locations.h"

#define INGEST_QUEUE_MAX      (32 * 1024 * 1024)
#define INGEST_BODY_IN_MEMORY (1024 * 1024)

typedef struct _Ingest Ingest;

/* Opens the store for writing and starts both threads.  The process holds worker.lock.  A mail.db that is missing beside
 * its desk.db is made anew from the raw mail first (repair.h), which may take minutes. */
Ingest       *ingest_new                (const char         *data_dir,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* Stores what was put, then ends the threads. */
void          ingest_free               (Ingest             *ingest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ingest, ingest_free)

/* --- streams ---------------------------------------------------------------------------------------------------- */

/* What one pass puts, in order.  Tickets ascend; a ticket that is durable proves all before it.  When one thing cannot
 * be stored, that and all later ones of its stream fail: state that was put behind messages is never kept without them.
 * The pass ends then, and the next one makes a new stream. */
typedef struct _IngestStream IngestStream;
typedef guint64 IngestTicket;            /* 0: none */

IngestStream *ingest_stream_new         (Ingest             *ingest) G_GNUC_WARN_UNUSED_RESULT;
/* What was put is stored all the same. */
void          ingest_stream_free        (IngestStream       *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IngestStream, ingest_stream_free)

/* All up to and with this one is durable.  FALSE with error when the stream has failed before it. */
gboolean      ingest_stream_is_durable  (IngestStream       *stream,
                                         IngestTicket        ticket,
                                         GError            **error);
/* Waits for it.  cancellable may be NULL; cancelling ends the waiting, not the storing. */
gboolean      ingest_stream_wait        (IngestStream       *stream,
                                         IngestTicket        ticket,
                                         GCancellable       *cancellable,
                                         GError            **error);
/* Readable after tickets became durable, the stream failed or the queue has room again; for net_wire_wait().
 * Reading it empties it. */
int           ingest_stream_get_wake_fd (IngestStream       *stream);
/* Whether putting would not block now. */
gboolean      ingest_stream_has_room    (IngestStream       *stream);

/* --- messages --------------------------------------------------------------------------------------------------- */

/* One message as a server lists it, or one that is filed on this computer.  Zero and empty mean none, everywhere.
 * It is looked for by location_id, then by uid or uidl; else it is new. */
typedef struct {
  gint64              account_id;
  gint64              folder_id;
  gint64              location_id;       /* matched again by the caller: this location gets the uid or uidl below */
  guint32             uid;
  guint32             uidvalidity;
  guint64             modseq;
  BaseSlice           uidl;
  guint               occurrence;
  guint               flags;             /* of StoreFlags */
  const char *const  *keywords;          /* NULL-terminated, or NULL: not said */
  gint64              arrived_at;        /* INTERNALDATE */
  gint64              size;              /* RFC822.SIZE or LIST's word */
  const char         *object_id;
  gint64              announced_at;      /* never announced as new when set */
  BaseSlice           header;            /* may be empty when a body is put */
} IngestRow;

/* Everything is copied.  A header with a location that is known changes only what the server says of it.
 * 0 on error.  cancellable may be NULL. */
IngestTicket  ingest_put_row            (IngestStream       *stream,
                                         const IngestRow    *row,
                                         GCancellable       *cancellable,
                                         GError            **error);

/* A whole message, piece by piece as it comes.  It fills the message that is known by its header, and never stores
 * the same bytes twice.  Where the known message has other bytes, the server copy is another mail: it becomes a
 * message of its own, and the known one stays here without server copy. */
typedef struct _IngestBody IngestBody;

IngestBody   *ingest_body_begin         (IngestStream       *stream,
                                         const IngestRow    *row) G_GNUC_WARN_UNUSED_RESULT;
gboolean      ingest_body_append        (IngestBody         *body,
                                         BaseSlice           bytes,
                                         GError            **error);
/* The protocol said that it is complete.  Takes body, also on error.  0 on error. */
IngestTicket  ingest_body_finish        (IngestBody         *body,
                                         GCancellable       *cancellable,
                                         GError            **error);
/* It was not complete, or nobody wants it. */
void          ingest_body_abandon       (IngestBody         *body);

/* State that must not be kept without what was put before: fields of folder as store_folders_set_state() takes them.
 * 0 on error. */
IngestTicket  ingest_put_state          (IngestStream       *stream,
                                         const StoreFolder  *folder,
                                         guint               fields,        /* of StoreFolderFields */
                                         GCancellable       *cancellable,
                                         GError            **error);
/* The same for anything else: work runs in turn, in the transaction of its neighbours.  It may run twice and must have
 * no effects but its rows. */
IngestTicket  ingest_put_work           (IngestStream       *stream,
                                         StoreWork           work,
                                         gpointer            user_data,
                                         GDestroyNotify      destroy,       /* or NULL */
                                         GCancellable       *cancellable,
                                         GError            **error);

/* --- other writing ---------------------------------------------------------------------------------------------- */

/* Runs work on the writer thread within its next transaction, before what still waits to be packed, and returns when
 * that is committed.  Never call it from work. */
gboolean      ingest_write              (Ingest             *ingest,
                                         StoreWork           work,
                                         gpointer            user_data,
                                         GError            **error);
/* The same outside any transaction, for work that makes its own (changes.h: catch_up, confirm, recover). */
gboolean      ingest_write_alone        (Ingest             *ingest,
                                         StoreWork           work,
                                         gpointer            user_data,
                                         GError            **error);
/* The same without waiting; a failure is only logged. */
void          ingest_write_later        (Ingest             *ingest,
                                         StoreWork           work,
                                         gpointer            user_data,
                                         GDestroyNotify      destroy);      /* or NULL */

void          ingest_write_alone_later  (Ingest             *ingest,
                                         StoreWork           work,
                                         gpointer            user_data,
                                         GDestroyNotify      destroy);    /* or NULL */

/* Called on the writer thread after each batch: mail.db may have news.  It must be short.  NULL: no more, and none is
 * running when this returns. */
typedef void (*IngestTold)              (gpointer            user_data);
void          ingest_set_told           (Ingest             *ingest,
                                         IngestTold          told,        /* or NULL */
                                         gpointer            user_data);

/* Within work: the location's server copy is gone and the mail lives on here.  As store_locations_drop_server(), and
 * noted in the raw mail, so that a rebuilt mail.db never takes it for mail that vanished from the server. */
gboolean      ingest_drop_server        (Ingest             *ingest,
                                         Store              *store,
                                         gint64              location_id,
                                         StoreCause          by,
                                         const char         *rule,          /* or NULL */
                                         const char         *server_words,  /* or NULL */
                                         GError            **error);

typedef enum {
  INGEST_VERIFIED,                       /* verified_at is set */
  INGEST_NOT_FETCHED,                    /* no server copy, or its bytes did not come from it: fetch it whole first */
  INGEST_DAMAGED,                        /* the disk gives other bytes back than were received: it counts as not fetched
                                          * from now on, and the same bytes put once more take the place of the bad ones */
} IngestVerdict;

/* Reads each message back from the disk and compares length and SHA-256 with what was computed while receiving; only
 * then is verified_at set.  verdicts has n entries.  FALSE when something else failed. */
gboolean      ingest_verify             (Ingest             *ingest,
                                         const gint64       *location_ids,
                                         gsize               n,
                                         IngestVerdict      *verdicts,
                                         GError            **error);

/* Gives back what nobody needs: purges messages that no folder has held for 30 days, and empties segments of raw mail
 * that are free to a good part.  Takes its time in short transactions between other writing; cancelling loses nothing.
 * For quiet moments.  cancellable may be NULL. */
gboolean      ingest_tidy               (Ingest             *ingest,
                                         GCancellable       *cancellable,
                                         GError            **error);
