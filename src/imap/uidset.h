/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/uidset.h - sets of UIDs (or sequence numbers) as ranges, and the mapping a COPYUID gives.
 *
 * Ranges stay ranges, in memory and on the wire: a server's word never makes this allocate per UID.  A set is
 * kept sorted and merged.  G_MAXUINT32 as the end of a range is written as "*".
 *
 * Threads: one at a time.  Limits: parsing takes at most the ranges the caller allows.
 */
#pragma once

#include "base/bytes.h"

#define IMAP_UIDSET_RANGES_MAX 200000

typedef struct {
  guint32 first;
  guint32 last;        /* included */
} ImapUidRange;

typedef struct _ImapUidset ImapUidset;

ImapUidset         *imap_uidset_new         (void) G_GNUC_WARN_UNUSED_RESULT;
ImapUidset         *imap_uidset_new_range   (guint32 first,
                                             guint32 last) G_GNUC_WARN_UNUSED_RESULT;
ImapUidset         *imap_uidset_copy        (const ImapUidset *set) G_GNUC_WARN_UNUSED_RESULT;
void                imap_uidset_free        (ImapUidset *set);

/* first may be above last, as IMAP allows; 0 is ignored. */
void                imap_uidset_add         (ImapUidset *set,
                                             guint32     first,
                                             guint32     last);
void                imap_uidset_add_set     (ImapUidset       *set,
                                             const ImapUidset *more);
void                imap_uidset_remove_set  (ImapUidset       *set,
                                             const ImapUidset *less);
gboolean            imap_uidset_contains    (const ImapUidset *set,
                                             guint32           uid);
gboolean            imap_uidset_is_empty    (const ImapUidset *set);
/* How many UIDs, whatever they would cost to list. */
guint64             imap_uidset_count       (const ImapUidset *set);
/* Ascending, not touching each other; valid until the set changes. */
const ImapUidRange *imap_uidset_peek_ranges (const ImapUidset *set,
                                             gsize            *n_ranges);

/* "1:5,7": NULL when it is not a set, or of more than max_ranges ranges. */
ImapUidset         *imap_uidset_parse       (BaseSlice text,
                                             gsize     max_ranges) G_GNUC_WARN_UNUSED_RESULT;
/* Appends ranges from *start on while the text stays within max_size bytes (at least one), and moves *start
 * behind them; FALSE when none is left.  For servers that limit the length of a command. */
gboolean            imap_uidset_write_some  (const ImapUidset *set,
                                             gsize             max_size,
                                             gsize            *start,
                                             GString          *text);
char               *imap_uidset_to_string   (const ImapUidset *set) G_GNUC_WARN_UNUSED_RESULT;

/* COPYUID: the nth UID of from became the nth of to (RFC 4315). */
typedef struct {
  guint32 uidvalidity;         /* of the target folder */
  GArray *from;                /* ImapUidRange, in the server's order */
  GArray *to;
} ImapUidMap;

/* NULL unless both sides name the same number of UIDs, without doubles or "*", and uidvalidity is not 0. */
ImapUidMap         *imap_uidmap_parse       (guint32   uidvalidity,
                                             BaseSlice from,
                                             BaseSlice to) G_GNUC_WARN_UNUSED_RESULT;
void                imap_uidmap_free        (ImapUidMap *map);
/* Appends the pairs of more when it names the same uidvalidity. */
void                imap_uidmap_add         (ImapUidMap       *map,
                                             const ImapUidMap *more);
/* The new UID, or 0 when the server did not say. */
guint32             imap_uidmap_find        (const ImapUidMap *map,
                                             guint32           uid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImapUidset, imap_uidset_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImapUidMap, imap_uidmap_free)
