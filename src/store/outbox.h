/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/outbox.h - messages on their way out, each with the exact bytes and envelope.
 *
 *   queued -> running -> sent | failed | unknown | queued (put back: a refusal that passes, before the final
 *   dot) queued, failed, unknown -> cancelled;  failed -> queued (try again);  unknown -> sent (found in
 *                                               Sent) | queued (a
 *   person decided to send again)
 *
 * running is committed before the final dot; a lost answer, also by a crash, is unknown, and nothing in the
 * program turns unknown into queued by itself.
 *
 * Threads: the handle's; each call is one short transaction, but for queueing, which writes objects before
 * it.
 * Errors: STORE_ERROR_NOT_FOUND for an unknown id, STORE_ERROR_STATE for a transition that is not allowed:
 * somebody else was faster.
 */
#pragma once

#include "store/drafts.h"

typedef enum {
  STORE_OUTBOX_QUEUED,
  STORE_OUTBOX_RUNNING,
  STORE_OUTBOX_SENT,
  STORE_OUTBOX_FAILED,
  STORE_OUTBOX_UNKNOWN,
  STORE_OUTBOX_CANCELLED,
} StoreOutboxState;
#define STORE_N_OUTBOX_STATES (STORE_OUTBOX_CANCELLED + 1)

const char *store_outbox_state_to_string (StoreOutboxState state);
/* Pure: the table above. */
gboolean    store_outbox_may_become      (StoreOutboxState from,
                                          StoreOutboxState to);

typedef enum {
  STORE_SENT_COPY_WANTED,
  STORE_SENT_COPY_DONE,
  STORE_SENT_COPY_NONE,                 /* the account keeps none, or the provider does it */
  STORE_SENT_COPY_FAILED,
} StoreSentCopy;

typedef struct {
  gint64            id;
  gint64            account_id;
  gint64            identity_id;        /* 0: none */
  gint64            draft_id;           /* 0: none */
  gint64            object_id;          /* as transmitted, without Bcc */
  gint64            sent_object_id;     /* as kept in Sent; 0: the same */
  char             *message_id;         /* without <> */
  char             *sender;             /* envelope */
  char            **recipients;         /* envelope */
  char             *subject;
  gint64            size;
  StoreOutboxState  state;
  gint64            source_location;    /* gets source_flag when this is sent; 0: none */
  guint             source_flag;        /* of StoreFlags */
  gint64            created_at;
  gint64            not_before;         /* the user may take it back until then */
  guint             tries;
  gint64            next_try_at;        /* 0: at once */
  gint64            sent_at;            /* 0: not yet */
  char             *refused;            /* one a line: address TAB words; or NULL */
  char             *problem_text;       /* or NULL */
  char             *server_words;       /* or NULL */
  StoreSentCopy     sent_copy;
  gint64            rev;
} StoreOutbox;

void         store_outbox_free         (StoreOutbox         *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreOutbox, store_outbox_free)

/* What to queue.  The objects exist already. */
typedef struct {
  gint64              account_id;
  gint64              identity_id;      /* 0: none */
  gint64              draft_id;         /* open, becomes queued; 0: none */
  gint64              object_id;
  gint64              sent_object_id;   /* 0: the same */
  const char         *message_id;
  const char         *sender;
  const char *const  *recipients;
  const char         *subject;
  gint64              source_location;
  guint               source_flag;
  gint64              not_before;
  StoreSentCopy       sent_copy;        /* wanted or none */
} StoreSending;

/* 0 on error. */
gint64       store_outbox_queue        (Store               *store,
                                        const StoreSending  *sending,
                                        GError             **error);
/* A draft as it stands: built, written, queued; the draft is queued with it.  not_before: when it may leave.
 * MIME_ERROR_REFUSED: recipients or subject cannot be sent; its text is for people.  0 on error. */
gint64       store_outbox_queue_draft  (Store               *store,
                                        gint64               draft_id,
                                        gint64               not_before,
                                        GError             **error);
/* A whole message with its header: From, To, Cc and Bcc make the envelope, Bcc is not transmitted, a missing
 * Message-ID or Date is added, a malformed Message-ID replaced.  MIME_ERROR_REFUSED when it has no sender or
 * no recipient.  0 on error. */
gint64       store_outbox_queue_stream (Store               *store,
                                        gint64               account_id,
                                        GInputStream        *stream,
                                        GCancellable        *cancellable,
                                        GError             **error);

StoreOutbox *store_outbox_get          (Store               *store,
                                        gint64               id,
                                        GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* All that are not over, oldest first: also failed ones and those whose copy in Sent is still wanted. */
GPtrArray   *store_outbox_list_open    (Store               *store,
                                        gint64               account_id,          /* or STORE_ACCOUNT_ANY */
                                        GError             **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray   *store_outbox_list_since   (Store               *store,
                                        gint64               rev,
                                        GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sent at or after that time, newest first. */
GPtrArray   *store_outbox_list_sent    (Store               *store,
                                        gint64               since,
                                        GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* Queued and due, oldest first. */
GPtrArray   *store_outbox_list_due     (Store               *store,
                                        gint64               account_id,
                                        gint64               now,
                                        GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sent, and its copy in Sent still wanted, oldest first. */
GPtrArray   *store_outbox_list_copies  (Store               *store,
                                        gint64               account_id,
                                        GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* When the next queued one is due: a time, 0 for none, -1 on error. */
gint64       store_outbox_get_next_time (Store              *store,
                                        gint64               account_id,          /* or STORE_ACCOUNT_ANY */
                                        GError             **error);

/* What goes with a new state.  Strings may be NULL. */
typedef struct {
  const char *problem_text;             /* our sentence */
  const char *server_words;
  const char *refused;                  /* recipients: address TAB words, one a line; NULL: as before, "":
                                         * none now */
  gint64      next_try_at;              /* put back: not before */
} StoreOutboxNews;

/* The one setter.  news may be NULL.  sent: notes the time, and the draft is done with.  cancelled: the draft
 * is open again.  From running back to queued counts a try. */
gboolean     store_outbox_set_state    (Store                   *store,
                                        gint64                   id,
                                        StoreOutboxState         to,
                                        const StoreOutboxNews   *news,
                                        GError                 **error);
/* Queued, not begun: the server could not be reached.  Counts a try. */
gboolean     store_outbox_postpone     (Store                   *store,
                                        gint64                   id,
                                        const StoreOutboxNews   *news,
                                        GError                 **error);
gboolean     store_outbox_set_copy     (Store                   *store,
                                        gint64                   id,
                                        StoreSentCopy            copy,
                                        GError                 **error);
/* At the start of a worker: what was running when the last one died is unknown.  Returns how many, -1 on
 * error. */
gint         store_outbox_recover      (Store                   *store,
                                        GError                 **error);
/* Forgets what was sent or cancelled a month ago, with its bytes. */
gboolean     store_outbox_sweep        (Store                   *store,
                                        GError                 **error);
