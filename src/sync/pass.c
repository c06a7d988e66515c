/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/pass.h"

#include "base/clock.h"
#include "store/changes.h"
#include "sync/fetch.h"
#include "sync/gone.h"
#include "sync/match.h"
#include "sync/plan.h"
#include "sync/rows.h"

typedef struct {
  SyncContext                *context;
  const StoreEffectivePolicy *policy;
  StoreFolder                *folder;       /* as the store has it; follows what is put */
  SessionImapBox             *box;
  gboolean                    has_resync;   /* box tells what changed and vanished */
  IngestStream               *stream;
  ImapUidset                 *leaving;      /* on the server, and no longer to be seen: no news */
  SyncMatcher                *matcher;      /* or NULL */
  SyncFetch                   fetch;
  gboolean                    is_asking;    /* what vanished waits for an answer */
} Pass;

static void
pass_clear (Pass *pass)
{
  g_clear_pointer (&pass->leaving, imap_uidset_free);
  g_clear_pointer (&pass->matcher, sync_matcher_free);
  g_clear_pointer (&pass->stream, ingest_stream_free);
  g_clear_pointer (&pass->box, session_imap_box_free);
  g_clear_pointer (&pass->folder, store_folder_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pass, pass_clear)

static gboolean
put_state (Pass    *pass,
           guint    fields,
           GError **error)
{
  IngestTicket ticket = ingest_put_state (pass->stream, pass->folder, fields, pass->context->cancellable, error);

  if (ticket == 0)
    return FALSE;
  pass->fetch.last = ticket;
  return TRUE;
}

/* --- opening --- */

static gboolean
has_listing (const StoreFolder *folder)
{
  return folder->uidvalidity != STORE_NONE && folder->uidnext != STORE_NONE && folder->listed_from_uid != STORE_NONE;
}

static gboolean
open_box (Pass    *pass,
          GError **error)
{
  SyncRemote *remote = pass->context->remote;
  g_autofree char *raw_name = base_slice_dup_string (base_slice_from_bytes (pass->folder->raw_name));
  SessionImapResync resync = { 0 };

  if (has_listing (pass->folder) && pass->folder->highestmodseq > 0 && remote->verbs->can (remote, IMAP_CAN_QRESYNC))
    {
      resync.uidvalidity = (guint32) pass->folder->uidvalidity;
      resync.modseq = (guint64) pass->folder->highestmodseq;
      pass->has_resync = TRUE;
    }
  pass->box = remote->verbs->select (remote, raw_name, SESSION_IMAP_READ_WRITE, pass->has_resync ? &resync : NULL, error);
  if (pass->box == NULL)
    return FALSE;
  if (pass->box->uidvalidity == 0)
    {
      g_set_error (error, IMAP_ERROR, IMAP_ERROR_UNSUPPORTED, "Folder %s has no lasting message numbers", pass->folder->name);
      return FALSE;
    }
  return TRUE;
}

/* A folder that is new here, or that the server has renumbered: everything is listed from the start. */
static gboolean
start_over (Pass    *pass,
            GError **error)
{
  StoreFolder *folder = pass->folder;

  folder->uidvalidity = pass->box->uidvalidity;
  folder->uidnext = folder->highestmodseq = folder->listed_from_uid = folder->fetched_from_uid = STORE_NONE;
  pass->has_resync = FALSE;
  return put_state (pass, STORE_FOLDER_UIDVALIDITY | STORE_FOLDER_UIDNEXT | STORE_FOLDER_HIGHESTMODSEQ
                          | STORE_FOLDER_LISTED_FROM | STORE_FOLDER_FETCHED_FROM, error);
}

static gboolean
find_leaving (Pass    *pass,
              GError **error)
{
  g_autoptr(GArray) uids = store_changes_list_leaving (pass->context->store, pass->folder->id, pass->box->uidvalidity, error);

  pass->leaving = imap_uidset_new ();
  for (guint i = 0; uids != NULL && i < uids->len; i++)
    imap_uidset_add (pass->leaving, g_array_index (uids, guint32, i), g_array_index (uids, guint32, i));
  return uids != NULL;
}

/* --- what is known --- */

typedef struct {
  gint64   folder_id;
  guint32  uidvalidity;
  GArray  *rows;              /* of SessionImapRow, a reference */
} FlagsWork;

static void
flags_work_free (FlagsWork *work)
{
  g_array_unref (work->rows);
  g_free (work);
}

static gboolean
flags_work (Store     *store,
            gpointer   data,
            GError   **error)
{
  FlagsWork *work = data;
  g_autoptr(GArray) flags = g_array_sized_new (FALSE, FALSE, sizeof (StoreServerFlags), work->rows->len);
  g_autoptr(GPtrArray) keywords = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < work->rows->len; i++)
    {
      const SessionImapRow *row = &g_array_index (work->rows, SessionImapRow, i);
      StoreServerFlags said = { row->uid, sync_rows_get_flags (row), row->modseq, NULL };

      if (row->uid == 0 || !row->has_flags)
        continue;
      said.keywords = (const char * const *) sync_rows_dup_keywords (row);
      g_ptr_array_add (keywords, (gpointer) said.keywords);
      g_array_append_val (flags, said);
    }
  return store_locations_apply_flags (store, work->folder_id, work->uidvalidity, (StoreServerFlags *) flags->data, flags->len,
                                      NULL, error);
}

static gboolean
put_flags (Pass    *pass,
           GArray  *rows,
           GError **error)
{
  FlagsWork *work;

  if (rows == NULL || rows->len == 0)
    return TRUE;
  work = g_new0 (FlagsWork, 1);
  work->folder_id = pass->folder->id;
  work->uidvalidity = (guint32) pass->folder->uidvalidity;
  work->rows = g_array_ref (rows);
  return ingest_put_work (pass->stream, flags_work, work, (GDestroyNotify) flags_work_free, pass->context->cancellable,
                          error) != 0;
}

static GArray *
list_known (Pass     *pass,
            guint32   first,
            guint32   last,
            GError  **error)
{
  return store_locations_list_uids (pass->context->store, pass->folder->id, (guint32) pass->folder->uidvalidity, first, last,
                                    error);
}

/* The uids and flags that the server has in a range; NULL with error. */
static SessionImapRows *
list_seen (Pass     *pass,
           guint32   first,
           guint32   last,
           GError  **error)
{
  SyncRemote *remote = pass->context->remote;
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (first, last);
  SyncTicket *ticket = remote->verbs->start_fetch (remote, uids, SESSION_IMAP_FLAGS);
  SessionImapRows *rows = remote->verbs->finish_fetch (remote, ticket, error);

  remote->verbs->ticket_free (ticket);
  return rows;
}

/* When much vanishes, or all, the server is asked for just these once more: some show a folder as empty for a moment. */
static gboolean
look_again (Pass        *pass,
            ImapUidset  *gone,
            guint64      n_known,
            GError     **error)
{
  SyncRemote *remote = pass->context->remote;
  g_autoptr(SessionImapRows) rows = NULL;
  SyncTicket *ticket;

  if (imap_uidset_count (gone) < n_known && !sync_plan_is_mass_vanishing (imap_uidset_count (gone), n_known))
    return TRUE;
  ticket = remote->verbs->start_fetch (remote, gone, SESSION_IMAP_FLAGS);
  rows = remote->verbs->finish_fetch (remote, ticket, error);
  remote->verbs->ticket_free (ticket);
  for (guint i = 0; rows != NULL && i < rows->rows->len; i++)
    {
      guint32 uid = g_array_index (rows->rows, SessionImapRow, i).uid;
      g_autoptr(ImapUidset) one = uid != 0 ? imap_uidset_new_range (uid, uid) : imap_uidset_new ();

      imap_uidset_remove_set (gone, one);
    }
  return rows != NULL;
}

static gboolean
end_gone (Pass        *pass,
          ImapUidset  *gone,
          guint64      n_known,
          GError     **error)
{
  SyncGone ending = { pass->folder, pass->policy->vanished, n_known };
  g_autoptr(ImapUidset) ended = NULL;
  g_autoptr(GError) failure = NULL;

  if (gone == NULL || imap_uidset_is_empty (gone))
    return TRUE;
  if (!look_again (pass, gone, n_known, error))
    return FALSE;
  if ((ended = sync_gone_dup_ended (pass->context, pass->folder, gone, error)) == NULL)
    return FALSE;
  if (imap_uidset_is_empty (ended))
    return TRUE;
  if (sync_gone_may_go (pass->context, &ending, imap_uidset_count (ended), &failure))
    return sync_gone_put (pass->context, &ending, pass->stream, ended, error);
  pass->is_asking = TRUE;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Keeps of a server's word only what is known here: a range of VANISHED may name four billion messages. */
static ImapUidset *
dup_known_of (GArray           *known,
              const ImapUidset *uids)
{
  ImapUidset *both = imap_uidset_new ();

  for (guint i = 0; i < known->len; i++)
    {
      guint32 uid = g_array_index (known, StoreKnownUid, i).uid;

      if (imap_uidset_contains (uids, uid))
        imap_uidset_add (both, uid, uid);
    }
  return both;
}

/* Lists all uids and flags of [first, last], brings what is known there up to date, and says what is not known.
 * added may be NULL. */
static gboolean
compare_all (Pass         *pass,
             guint32       first,
             guint32       last,
             ImapUidset  **added,
             GError      **error)
{
  g_autoptr(GArray) known = list_known (pass, first, last, error);
  g_autoptr(SessionImapRows) rows = NULL;
  g_autoptr(GArray) seen = NULL;
  g_auto(SyncDifference) difference = { NULL };

  if (known == NULL || (rows = list_seen (pass, first, last, error)) == NULL)
    return FALSE;
  seen = sync_rows_dup_uids (rows->rows);
  sync_plan_compare (known, seen, first, last, &difference);
  pass->context->summary->flags_changed += imap_uidset_count (difference.changed);
  imap_uidset_remove_set (difference.added, pass->leaving);
  if (added != NULL)
    *added = g_steal_pointer (&difference.added);
  /* Keywords are not compared here: the store sees by itself which rows say something new. */
  return put_flags (pass, rows->rows, error) && end_gone (pass, difference.gone, known->len, error);
}

static gboolean
fetch_changes (Pass     *pass,
               guint32   first,
               guint32   last,
               GError  **error)
{
  SyncRemote *remote = pass->context->remote;
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (first, last);
  SyncTicket *ticket = remote->verbs->start_fetch_changes (remote, uids, SESSION_IMAP_FLAGS,
                                                           (guint64) pass->folder->highestmodseq);
  g_autoptr(SessionImapRows) rows = remote->verbs->finish_fetch (remote, ticket, error);

  remote->verbs->ticket_free (ticket);
  if (rows == NULL)
    return FALSE;
  pass->context->summary->flags_changed += rows->rows->len;
  return put_flags (pass, rows->rows, error);
}

/* Whether the number of messages can be compared, and what it says: only of a listing that is complete, and where nothing
 * new came. */
typedef enum {
  COUNTS_SAY_NOTHING,
  COUNTS_AGREE,
  COUNTS_DIFFER,
} Counts;

static Counts
compare_counts (const Pass *pass,
                guint32     first,
                guint64     n_known)
{
  if (first > 1 || (gint64) pass->box->uidnext != pass->folder->uidnext)
    return COUNTS_SAY_NOTHING;
  return pass->box->exists == n_known + imap_uidset_count (pass->leaving) ? COUNTS_AGREE : COUNTS_DIFFER;
}

static gboolean
apply_resync (Pass    *pass,
              guint32  first,
              guint32  last,
              Counts  *counts,
              GError **error)
{
  g_autoptr(GArray) known = NULL;
  g_autoptr(ImapUidset) gone = NULL;

  pass->context->summary->flags_changed += pass->box->changed != NULL ? pass->box->changed->len : 0;
  if (!put_flags (pass, pass->box->changed, error) || (known = list_known (pass, first, last, error)) == NULL)
    return FALSE;
  gone = pass->box->vanished != NULL ? dup_known_of (known, pass->box->vanished) : imap_uidset_new ();
  if (!end_gone (pass, gone, known->len, error))
    return FALSE;
  *counts = compare_counts (pass, first, known->len - imap_uidset_count (gone));
  return TRUE;
}

/* Flags and vanished messages among those that were listed before.  missed: NULL, or set to what is there and should
 * have been listed before: it could not be had then, or came back. */
static gboolean
update_known (Pass         *pass,
              ImapUidset  **missed,
              GError      **error)
{
  const StoreFolder *folder = pass->folder;
  SyncRemote *remote = pass->context->remote;
  guint32 first = (guint32) MAX (folder->listed_from_uid, 1);
  guint32 last = (guint32) CLAMP (folder->uidnext - 1, 0, G_MAXUINT32 - 1);
  g_autoptr(GArray) known = NULL;
  Counts counts;

  if (last < first)
    return TRUE;
  /* A server may stop keeping modseqs, and comes back from a backup with lower ones: it has nothing to tell then. */
  if (folder->highestmodseq <= 0 || pass->box->highestmodseq < (guint64) folder->highestmodseq
      || !remote->verbs->can (remote, IMAP_CAN_CONDSTORE) || pass->matcher != NULL)
    return compare_all (pass, first, last, missed, error);
  if (pass->has_resync && pass->box->unreadable == 0)
    return apply_resync (pass, first, last, &counts, error)
           && (counts != COUNTS_DIFFER || compare_all (pass, first, last, missed, error));

  if ((guint64) folder->highestmodseq != pass->box->highestmodseq && !fetch_changes (pass, first, last, error))
    return FALSE;
  if ((known = list_known (pass, first, last, error)) == NULL)
    return FALSE;
  return compare_counts (pass, first, known->len) == COUNTS_AGREE || compare_all (pass, first, last, missed, error);
}

/* --- what is new --- */

static void
forget_leaving (Pass   *pass,
                GArray *rows)
{
  for (guint i = rows->len; i > 0; i--)
    if (imap_uidset_contains (pass->leaving, g_array_index (rows, SessionImapRow, i - 1).uid))
      g_array_remove_index (rows, i - 1);
}

/* Sets uidnext, of how many messages a person may be told, and how far the newest rows list the folder: not at all where one of them did not come as it should. */
static void
note_newest (Pass    *pass,
             guint32  n_asked,
             GArray  *rows)
{
  StoreFolder *folder = pass->folder;
  guint32 lowest = G_MAXUINT32, highest = 0;
  guint n_whole = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const SessionImapRow *row = &g_array_index (rows, SessionImapRow, i);

      if (row->uid == 0)
        continue;
      lowest = MIN (lowest, row->uid);
      highest = MAX (highest, row->uid);
      n_whole += row->header != NULL;
    }
  folder->uidnext = MAX (pass->box->uidnext, (gint64) highest + 1);
  folder->server_total = pass->box->exists;
  folder->listed_from_uid = n_whole < n_asked ? G_MAXUINT32 : n_asked == pass->box->exists ? 1 : lowest;
}

static gboolean
put_newest (Pass    *pass,
            GArray  *rows,
            GError **error)
{
  forget_leaving (pass, rows);
  pass->context->summary->messages_new += rows->len;
  return sync_fetch_put (pass->context, &pass->fetch, rows, error)
         && put_state (pass, STORE_FOLDER_LISTED_FROM | STORE_FOLDER_UIDNEXT | STORE_FOLDER_SERVER_TOTAL, error)
         /* The listing of all that follows looks into the store for what is here. */
         && (pass->folder->listed_from_uid != G_MAXUINT32
             || ingest_stream_wait (pass->stream, pass->fetch.last, pass->context->cancellable, error));
}

/* The newest messages of a folder that was never listed, by number: no uid is known yet.  When the server refuses, the
 * whole listing finds out which message it is. */
static gboolean
list_newest (Pass    *pass,
             GError **error)
{
  SyncRemote *remote = pass->context->remote;
  guint32 exists = pass->box->exists;
  guint32 first = exists > SYNC_FIRST_ROWS ? exists - SYNC_FIRST_ROWS + 1 : 1;
  guint32 n_asked = exists - first + 1;
  g_autoptr(SessionImapRows) rows = NULL;
  g_autoptr(GError) failure = NULL;
  SyncTicket *ticket;

  if (n_asked > 0)
    {
      ticket = remote->verbs->start_fetch_numbers (remote, first, exists,
                                                   SESSION_IMAP_FLAGS | SESSION_IMAP_DATE | SESSION_IMAP_SIZE
                                                   | SESSION_IMAP_IDS | SESSION_IMAP_HEADER);
      rows = remote->verbs->finish_fetch (remote, ticket, &failure);
      remote->verbs->ticket_free (ticket);
    }
  if (failure != NULL && !g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (rows == NULL)
    {
      rows = g_new0 (SessionImapRows, 1);
      rows->rows = session_imap_rows_new ();
    }
  note_newest (pass, n_asked, rows->rows);
  return put_newest (pass, rows->rows, error);
}

/* Fetches uids, newest first, with the next description asked for before the last batch is read.  After each batch
 * note() says what is now true of the folder; it may be NULL. */
static SyncPassResult
fetch_newest_first (Pass        *pass,
                    ImapUidset  *uids,
                    gboolean   (* note) (Pass *pass, const ImapUidset *left, GError **error),
                    GError     **error)
{
  SyncContext *context = pass->context;
  guint64 total = imap_uidset_count (uids), done = 0;
  SyncTicket *ahead = NULL;
  g_autoptr(ImapUidset) left = imap_uidset_copy (uids);
  gboolean is_good = TRUE, is_yielding = FALSE;

  while (is_good && !is_yielding && !imap_uidset_is_empty (left))
    {
      g_autoptr(ImapUidset) batch = sync_plan_take_newest (uids, SYNC_FETCH_ROWS);
      SyncTicket *ticket = g_steal_pointer (&ahead);
      g_autoptr(ImapUidset) next = NULL;
      g_autoptr(ImapUidset) rest = imap_uidset_copy (uids);

      if (ticket == NULL)
        ticket = sync_fetch_start (context, &pass->fetch, batch);
      next = sync_plan_take_newest (rest, SYNC_FETCH_ROWS);
      if (!imap_uidset_is_empty (next))
        ahead = sync_fetch_start (context, &pass->fetch, next);

      is_good = sync_fetch_finish (context, &pass->fetch, batch, ticket, error);
      imap_uidset_remove_set (left, batch);
      if (is_good && note != NULL)
        is_good = note (pass, left, error);
      done += imap_uidset_count (batch);
      context->summary->messages_new += imap_uidset_count (batch);
      sync_context_progress (context, done, total);
      is_yielding = sync_context_should_yield (context);
    }
  if (ahead != NULL)
    context->remote->verbs->ticket_free (ahead);
  if (!is_good)
    return SYNC_PASS_FAILED;
  return imap_uidset_is_empty (left) ? SYNC_PASS_DONE : SYNC_PASS_YIELDED;
}

/* What came since the last pass.  The uids are looked up first: servers answer "n:*" with the last message even when
 * it is older, and an interrupted pass may have fetched some of them. */
static SyncPassResult
list_new (Pass    *pass,
          GError **error)
{
  StoreFolder *folder = pass->folder;
  guint32 first = (guint32) CLAMP (folder->uidnext, 1, G_MAXUINT32 - 1);
  g_autoptr(ImapUidset) added = NULL;
  SyncPassResult result;

  if ((gint64) pass->box->uidnext == folder->uidnext)
    return SYNC_PASS_DONE;
  if (!compare_all (pass, first, G_MAXUINT32, &added, error))
    return SYNC_PASS_FAILED;
  folder->uidnext = MAX (folder->uidnext, (gint64) pass->box->uidnext);
  if (!imap_uidset_is_empty (added))
    {
      gsize n_ranges;
      const ImapUidRange *ranges = imap_uidset_peek_ranges (added, &n_ranges);

      folder->uidnext = MAX (folder->uidnext, (gint64) ranges[n_ranges - 1].last + 1);
    }
  if ((result = fetch_newest_first (pass, added, NULL, error)) != SYNC_PASS_DONE)
    return result;
  return put_state (pass, STORE_FOLDER_UIDNEXT, error) ? SYNC_PASS_DONE : SYNC_PASS_FAILED;
}

static gboolean
note_listed_from (Pass              *pass,
                  const ImapUidset  *left,
                  GError           **error)
{
  gsize n_ranges;
  const ImapUidRange *ranges = imap_uidset_peek_ranges (left, &n_ranges);

  /* All above what is left is listed. */
  pass->folder->listed_from_uid = n_ranges == 0 ? 1 : (gint64) ranges[n_ranges - 1].last + 1;
  return put_state (pass, STORE_FOLDER_LISTED_FROM, error);
}

/* Everything below what was listed so far. */
static SyncPassResult
list_older (Pass    *pass,
            GError **error)
{
  StoreFolder *folder = pass->folder;
  g_autoptr(ImapUidset) added = NULL;

  if (folder->listed_from_uid <= 1)
    return SYNC_PASS_DONE;
  if (!compare_all (pass, 1, (guint32) MIN (folder->listed_from_uid - 1, G_MAXUINT32), &added, error))
    return SYNC_PASS_FAILED;
  if (imap_uidset_is_empty (added))
    return note_listed_from (pass, added, error) ? SYNC_PASS_DONE : SYNC_PASS_FAILED;
  return fetch_newest_first (pass, added, note_listed_from, error);
}

/* --- ending --- */

/* After a renumbered folder was listed to its end: what was not recognised is gone from the server. */
static gboolean
end_unrecognised (Pass    *pass,
                  GError **error)
{
  SyncGone ending = { pass->folder, pass->policy->vanished, pass->box->exists };
  g_autoptr(GArray) left = NULL;
  g_autoptr(GError) failure = NULL;

  /* One that did not come may be any of them. */
  if (pass->matcher == NULL || pass->fetch.n_skipped > 0)
    return TRUE;
  left = sync_matcher_list_left (pass->matcher);
  ending.n_known = MAX (ending.n_known, left->len);
  if (left->len == 0)
    return TRUE;
  if (sync_gone_may_go (pass->context, &ending, left->len, &failure))
    return sync_gone_put_places (pass->context, &ending, pass->stream, left, error);
  pass->is_asking = TRUE;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
finish (Pass    *pass,
        GError **error)
{
  StoreFolder *folder = pass->folder;

  if (!end_unrecognised (pass, error) || (!pass->is_asking && !sync_gone_settle (pass->context, folder, error)))
    return FALSE;
  /* The modseq of SELECT: all that it covers was put before it.  Later changes come again, which does no harm.  None
   * while a question is open: what vanished is told only once. */
  folder->highestmodseq = pass->box->highestmodseq > 0 && pass->box->unreadable == 0 && !pass->is_asking
                          ? (gint64) MIN (pass->box->highestmodseq, G_MAXINT64) : STORE_NONE;
  folder->server_total = pass->box->exists;
  folder->checked_at = base_clock_now ();
  return put_state (pass, STORE_FOLDER_HIGHESTMODSEQ | STORE_FOLDER_SERVER_TOTAL | STORE_FOLDER_CHECKED_AT, error);
}

static gboolean
find_matches (Pass    *pass,
              GError **error)
{
  g_autoptr(GError) failure = NULL;

  pass->matcher = sync_matcher_new (pass->context->store, pass->folder->id, pass->box->uidvalidity, &failure);
  pass->fetch.matcher = pass->matcher;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static SyncPassResult
list_first_or_new (Pass    *pass,
                   GError **error)
{
  g_autoptr(ImapUidset) missed = NULL;
  SyncPassResult result;

  if (!has_listing (pass->folder))
    return list_newest (pass, error) ? SYNC_PASS_DONE : SYNC_PASS_FAILED;
  if (!update_known (pass, &missed, error))
    return SYNC_PASS_FAILED;
  if ((result = list_new (pass, error)) != SYNC_PASS_DONE || missed == NULL)
    return result;
  return fetch_newest_first (pass, missed, NULL, error);
}

static SyncPassResult
run (Pass    *pass,
     GError **error)
{
  SyncPassResult result;

  if (!open_box (pass, error))
    return SYNC_PASS_FAILED;
  if (pass->folder->uidvalidity != (gint64) pass->box->uidvalidity && !start_over (pass, error))
    return SYNC_PASS_FAILED;
  if (!find_leaving (pass, error) || !find_matches (pass, error))
    return SYNC_PASS_FAILED;
  /* What lies in a folder that is listed for the first time is no news. */
  if (!has_listing (pass->folder) || pass->folder->listed_from_uid > 1)
    pass->fetch.announced_at = base_clock_now ();

  if ((result = list_first_or_new (pass, error)) != SYNC_PASS_DONE)
    return result;
  if ((result = list_older (pass, error)) != SYNC_PASS_DONE)
    return result;
  return finish (pass, error) ? SYNC_PASS_DONE : SYNC_PASS_FAILED;
}

SyncPassResult
sync_pass_folder (SyncContext                 *context,
                  gint64                       folder_id,
                  const StoreEffectivePolicy  *policy,
                  GError                     **error)
{
  g_auto(Pass) pass = { .context = context, .policy = policy };
  SyncPassResult result;

  if ((pass.folder = store_folders_get (context->store, folder_id, error)) == NULL)
    return SYNC_PASS_FAILED;
  pass.stream = ingest_stream_new (context->ingest);
  pass.fetch = (SyncFetch) { .folder = pass.folder, .stream = pass.stream, .whole_since = sync_fetch_get_whole_since (policy) };
  result = run (&pass, error);
  if (result == SYNC_PASS_FAILED)
    return result;
  if (pass.fetch.last != 0 && !ingest_stream_wait (pass.stream, pass.fetch.last, context->cancellable, error))
    return SYNC_PASS_FAILED;
  return result;
}
