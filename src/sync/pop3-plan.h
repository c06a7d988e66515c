/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/pop3-plan.h - what a POP3 listing means, compared with every message that was ever seen in the
 * account.
 *
 * A message is known by its uidl and its occurrence among those with the same uidl, for life: what was
 * deleted here and what had left the server stay known.  So an empty or short listing forgets nothing.
 * Nothing here asks a server or writes a row: each decision is a function that a table can test.
 *
 * Threads: any.
 */
#pragma once

#include "session/pop3.h"
#include "store/locations.h"

typedef struct {
  GArray    *fresh;          /* of guint: indexes of messages that nobody knows, newest first */
  GArray    *again;          /* the same of messages that are known, but whose bytes have to come (once
                              * more) */
  GPtrArray *gone;           /* of StoreKnownUidl: was on the server, is not listed */
  GPtrArray *back;           /* of StoreKnownUidl: seemed to be gone, is listed */
  guint      n_known;        /* that were on the server */
  guint      n_recognised;   /* listed messages that are known, in whatever state */
} SyncPop3Plan;

typedef enum {
  SYNC_POP3_NO_PROOF,
  SYNC_POP3_PROOF_WANTED,    /* a rule removes what is proven: what did not come whole from this very copy
                              * comes again */
} SyncPop3Proof;

/* messages: of SessionPop3Message, each with a uidl.  known: of StoreKnownUidl, which must outlive the plan;
 * of several with the same name the one that is still on the server counts, then the one that is still
 * here. */
SyncPop3Plan *sync_pop3_plan_new           (GArray             *messages,
                                            GPtrArray          *known,
                                            SyncPop3Proof       proof) G_GNUC_WARN_UNUSED_RESULT;
void          sync_pop3_plan_free          (SyncPop3Plan       *plan);

/* The mailbox is as large as before, but hardly a name in it is known: a server that moved, and not new
 * mail. */
gboolean      sync_pop3_plan_is_renumbered (const SyncPop3Plan *plan,
                                            guint               n_listed);
/* The mail that a server hides once it was fetched is not gone from it. */
gboolean      sync_pop3_hides_fetched      (const char         *host);

/* Tables of StoreKnownUidl by name; the values are borrowed. */
GHashTable           *sync_pop3_known_table  (GPtrArray                *known) G_GNUC_WARN_UNUSED_RESULT;
/* Or NULL. */
const StoreKnownUidl *sync_pop3_known_lookup (GHashTable               *table,
                                              const SessionPop3Message *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SyncPop3Plan, sync_pop3_plan_free)
