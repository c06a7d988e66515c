/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/history.h - what happened to the whereabouts of a message, kept for a year.
 *
 * Only events that change where a mail lies: no flags, no reading.  An entry outlives its message.
 *
 * Threads: the handle's.  Writing needs store_begin().
 */
#pragma once

#include "store/store.h"

/* Who or what made it so. */
typedef enum {
  STORE_BY_USER,
  STORE_BY_RULE,                        /* retention */
  STORE_BY_ELSEWHERE,                   /* another program, or the server by itself */
  STORE_BY_MOVE,                        /* went on living in another place */
  STORE_BY_RENUMBERING,                 /* the server gave new numbers and this one was not found again */
  STORE_BY_ACCOUNT,                     /* the account was removed */
  STORE_BY_PENFOLD,
} StoreCause;

/* As stored and printed: "user". */
const char *store_cause_to_string   (StoreCause  cause);
StoreCause  store_cause_from_string (const char *name);

typedef enum {
  STORE_EVENT_STORED,                   /* its bytes are here */
  STORE_EVENT_VERIFIED,
  STORE_EVENT_MOVED,
  STORE_EVENT_COPIED,
  STORE_EVENT_REMOVED,                  /* the server copy, or the place with it, is gone */
  STORE_EVENT_RENUMBERED,
  STORE_EVENT_KEPT,                     /* gone from the server, kept here by policy */
  STORE_EVENT_RESTORED,
  STORE_EVENT_PURGED,
} StoreEventKind;

const char    *store_event_to_string   (StoreEventKind  kind);
StoreEventKind store_event_from_string (const char     *name);

typedef struct {
  gint64          id;
  gint64          at;                   /* 0 when adding: now */
  gint64          account_id;
  gint64          message_id;
  gint64          location_id;          /* 0: none */
  StoreEventKind  kind;
  StoreCause      by;
  const char     *rule;                 /* this and the next three: or NULL */
  const char     *folder_from;          /* paths */
  const char     *folder_to;
  const char     *server_words;
  const char     *subject;
  const char     *sender;
  gint64          date;
} StoreEvent;

void       store_event_free           (StoreEvent        *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreEvent, store_event_free)

/* Lends everything; account, subject, sender and date come from the message. */
gboolean   store_history_add          (Store             *store,
                                       const StoreEvent  *event,
                                       GError           **error);
/* Of StoreEvent, oldest first, freed with the array. */
GPtrArray *store_history_list_message (Store             *store,
                                       gint64             message_id,
                                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;
/* Newest first, below before_id (0: from the end). */
GPtrArray *store_history_list         (Store             *store,
                                       gint64             account_id,           /* or STORE_ACCOUNT_ANY */
                                       gint64             before_id,
                                       guint              limit,
                                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;
