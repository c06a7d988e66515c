/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/repair.h"

#include "base/clock.h"
#include "base/files.h"
#include "ingest/digest.h"
#include "store/accounts.h"
#include "store/contents.h"
#include "store/folders.h"
#include "store/locations.h"
#include "store/locks.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define BATCH    200                     /* records of one transaction */
#define META_KEY "rebuild"

typedef struct {
  StoreRawPlace  place;
  StoreRawHeader header;                 /* its names point into these */
  GBytes        *folder;
  GBytes        *uidl;
} Record;

typedef struct {
  Store              *store;
  StoreRaw           *raw;
  IngestRepairReport *report;
  GHashTable         *buried;            /* message id and hash, of tombstones met so far */
  GHashTable         *detached;          /* message ids, of mail that has no server copy any more */
  GPtrArray          *records;           /* of the segment being read, in order */
  GPtrArray          *references;        /* of all: their bytes may lie in an older segment */
  StoreCheckProgress  progress;
  gpointer            user_data;
  GCancellable       *cancellable;
  guint64             done;
  guint64             total;
} Repair;

void
ingest_repair_report_free (IngestRepairReport *report)
{
  if (report == NULL)
    return;
  g_free (report->kept_as);
  g_free (report);
}

static void
record_free (Record *record)
{
  g_bytes_unref (record->folder);
  g_bytes_unref (record->uidl);
  g_free (record);
}

static Record *
record_new (const StoreRawItem *item)
{
  Record *record = g_new0 (Record, 1);

  record->place = item->place;
  record->header = item->header;
  record->folder = g_bytes_new (item->header.origin.folder.data, item->header.origin.folder.size);
  record->uidl = g_bytes_new (item->header.origin.uidl.data, item->header.origin.uidl.size);
  record->header.origin.folder = base_slice_from_bytes (record->folder);
  record->header.origin.uidl = base_slice_from_bytes (record->uidl);
  return record;
}

/* --- where it belongs ------------------------------------------------------------------------------------------- */

static gint64
find_recovered (Repair  *repair,
                GError **error)
{
  return store_folders_add_local (repair->store, STORE_ACCOUNT_LOCAL, "Recovered", STORE_ROLE_RECOVERED, error);
}

/* 0 without error when there is no such account any more. */
static gboolean
find_account (Repair   *repair,
              gint64    id,
              gboolean *found,
              GError  **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(StoreAccount) account = NULL;

  *found = id == STORE_ACCOUNT_LOCAL || (account = store_accounts_get (repair->store, id, &reason)) != NULL;
  if (*found || g_error_matches (reason, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static StoreRole
guess_role (const char *name)
{
  return g_ascii_strcasecmp (name, "INBOX") == 0 ? STORE_ROLE_INBOX : STORE_ROLE_NONE;
}

/* Under the server's spelling; the next list of folders brings path and role. */
static gint64
find_server_folder (Repair                *repair,
                    const StoreRawOrigin  *origin,
                    GError               **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(StoreFolder) folder = store_folders_find_raw (repair->store, origin->account_id, origin->folder, &reason);
  g_autofree char *path = base_slice_dup_text (origin->folder);
  StoreFolderInfo info = { .raw_name = origin->folder, .path = path, .role = guess_role (path) };

  if (folder != NULL)
    return folder->id;
  if (reason == NULL)
    return store_folders_add (repair->store, origin->account_id, &info, error);
  g_propagate_error (error, g_steal_pointer (&reason));
  return 0;
}

static gint64
find_local_folder (Repair                *repair,
                   const StoreRawOrigin  *origin,
                   GError               **error)
{
  g_autofree char *path = base_slice_dup_string (origin->folder);

  if (path == NULL || !g_utf8_validate (path, -1, NULL))
    return find_recovered (repair, error);
  return store_folders_add_local (repair->store, origin->account_id, path, guess_role (path), error);
}

/* The folder, and in *is_placed whether it is the one where the message arrived.  0 on error. */
static gint64
find_folder (Repair                *repair,
             const StoreRawOrigin  *origin,
             gboolean              *is_placed,
             GError               **error)
{
  if (!find_account (repair, origin->account_id, is_placed, error))
    return 0;
  *is_placed = *is_placed && origin->folder.size > 0;
  if (!*is_placed)
    return find_recovered (repair, error);
  switch (origin->placement)
    {
    case STORE_RAW_ON_SERVER:
      return find_server_folder (repair, origin, error);
    case STORE_RAW_HERE:
      return find_local_folder (repair, origin, error);
    }
  g_assert_not_reached ();
}

/* --- one message ------------------------------------------------------------------------------------------------ */

/* A later record of the same server copy, or of the same message, has come back already. */
static gboolean
is_back (Repair                *repair,
         const StoreRawHeader  *header,
         gint64                 folder_id,
         gint64                 content_id,
         gboolean              *back,
         GError               **error)
{
  const StoreRawOrigin *origin = &header->origin;
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(StoreMessage) message = NULL;
  g_autoptr(GError) reason = NULL;

  if (origin->uid != 0)
    location = store_locations_find_uid (repair->store, folder_id, origin->uidvalidity, origin->uid, &reason);
  else if (origin->uidl.size > 0)
    location = store_locations_find_uidl (repair->store, origin->account_id, origin->uidl, origin->occurrence, &reason);
  if (location == NULL && reason == NULL)
    message = store_messages_get (repair->store, origin->message_id, &reason);
  *back = location != NULL || (message != NULL && message->content_id == content_id);
  if (reason == NULL || g_error_matches (reason, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static gboolean
fill_message (Repair              *repair,
              gint64               id,
              gint64               content_id,
              const IngestDigest  *digest,
              gsize                size,
              GError             **error)
{
  StoreTextHead head = ingest_digest_get_head (digest);
  StoreTextBody text = ingest_digest_get_body (digest);
  StoreTextNew item = { id, &head, &text, digest->packed_body };
  StoreBody body = {
    .preview = digest->preview, .attachments = digest->attachments, .facts = digest->facts,
    .extractor = INGEST_EXTRACTOR, .parts = (const StorePart *) digest->parts->data, .n_parts = digest->parts->len,
  };

  return store_messages_set_content (repair->store, id, content_id, (gint64) size, error) &&
         store_messages_set_body (repair->store, id, &body, error) &&
         store_text_apply (repair->store, &item, 1, error);
}

/* Mail whose server copy went lives here alone: were it taken for mail of the server, the next round would end it. */
static gboolean
add_location (Repair                *repair,
              const StoreRawOrigin  *origin,
              gint64                 message_id,
              gint64                 folder_id,
              gboolean               is_placed,
              GError               **error)
{
  gboolean is_detached = g_hash_table_contains (repair->detached, &origin->message_id);
  StoreLocationNew location = {
    .message_id = message_id, .folder_id = folder_id, .flags = origin->flags, .stored_at = origin->stored_at,
    .announced_at = base_clock_now (),
  };
  StoreLocation state = { .fetched_at = origin->stored_at };
  gboolean has_uidl = is_placed && origin->uidl.size > 0, has_uid = is_placed && origin->uid != 0 && !is_detached;

  if (has_uid)
    {
      location.uid = origin->uid;
      location.uidvalidity = origin->uidvalidity;
    }
  if (has_uidl)
    {
      location.uidl = origin->uidl;
      location.occurrence = origin->occurrence;
    }
  if ((state.id = store_locations_insert (repair->store, &location, error)) == 0)
    return FALSE;
  if (has_uidl && is_detached)
    return store_locations_drop_server (repair->store, state.id, STORE_BY_PENFOLD, NULL, NULL, error);
  return (!has_uid && !has_uidl) ||
         store_locations_set_state (repair->store, &state, STORE_LOCATION_FETCHED_AT, error);
}

static gboolean
bring_back (Repair        *repair,
            const Record  *record,
            gint64         content_id,
            GBytes        *bytes,
            GError       **error)
{
  const StoreRawOrigin *origin = &record->header.origin;
  g_autoptr(IngestDigest) digest = NULL;
  StoreMessageNew message = { .id = origin->message_id, .arrived_at = origin->arrived_at };
  gboolean is_placed, back;
  gint64 folder_id, id;

  if ((folder_id = find_folder (repair, origin, &is_placed, error)) == 0 ||
      !is_back (repair, &record->header, folder_id, content_id, &back, error))
    return FALSE;
  if (back)
    return TRUE;
  digest = ingest_digest_new_message (bytes);
  message.account_id = is_placed ? origin->account_id : STORE_ACCOUNT_LOCAL;
  message.size = (gint64) g_bytes_get_size (bytes);
  message.summary = digest->summary;
  if ((id = store_messages_insert (repair->store, &message, error)) == 0 ||
      !fill_message (repair, id, content_id, digest, g_bytes_get_size (bytes), error) ||
      !add_location (repair, origin, id, folder_id, is_placed, error))
    return FALSE;
  repair->report->messages++;
  repair->report->recovered += !is_placed;
  return TRUE;
}

/* --- records ---------------------------------------------------------------------------------------------------- */

static GBytes *
make_key (const StoreRawHeader *header)
{
  guint8 key[40];

  memcpy (key, &header->origin.message_id, 8);
  memcpy (key + 8, header->sha256, 32);
  return g_bytes_new (key, sizeof key);
}

static gboolean
is_buried (Repair               *repair,
           const StoreRawHeader *header)
{
  g_autoptr(GBytes) key = make_key (header);

  return g_hash_table_contains (repair->buried, key);
}

/* NULL without error when they are damaged. */
static GBytes *
read_bytes (Repair               *repair,
            const StoreRawPlace  *place,
            const guint8          sha256[32],
            GError              **error)
{
  g_autoptr(GError) reason = NULL;
  GBytes *bytes = store_raw_read (repair->raw, place, sha256, &reason);

  if (bytes != NULL)
    return bytes;
  if (g_error_matches (reason, STORE_ERROR, STORE_ERROR_CORRUPT))
    repair->report->damaged++;
  else
    g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}

/* The row of these bytes, made where there is none yet.  0 on error. */
static gint64
ensure_content (Repair        *repair,
                const Record  *record,
                GError       **error)
{
  StoreContent content = { .size = (gint64) record->header.size, .place = record->place,
                           .stored_at = record->header.origin.stored_at };
  StoreContent known;
  gboolean found;

  if (!store_contents_find (repair->store, record->header.sha256, &known, &found, error))
    return 0;
  if (found)
    return known.id;
  memcpy (content.sha256, record->header.sha256, sizeof content.sha256);
  return store_contents_add (repair->store, &content, error);
}

/* A body that was buried still lends its bytes to messages that refer to them. */
static gboolean
take_bytes (Repair        *repair,
            const Record  *record,
            GError       **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(GBytes) bytes = read_bytes (repair, &record->place, record->header.sha256, &reason);
  gint64 content_id;

  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (bytes == NULL)
    return TRUE;
  if ((content_id = ensure_content (repair, record, error)) == 0)
    return FALSE;
  return record->header.kind == STORE_RAW_CONTENT || is_buried (repair, &record->header) ||
         bring_back (repair, record, content_id, bytes, error);
}

/* Bytes that are gone went with a message whose content was given up: nothing is lost that was not meant to go. */
static gboolean
take_reference (Repair   *repair,
                Record   *record,
                GError  **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(GBytes) bytes = NULL;
  StoreContent content;
  gboolean found;

  if (!store_contents_find (repair->store, record->header.sha256, &content, &found, error))
    return FALSE;
  if (!found)
    return TRUE;
  bytes = read_bytes (repair, &content.place, content.sha256, &reason);
  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  return bytes == NULL || bring_back (repair, record, content.id, bytes, error);
}

/* Newest first: what a record says counts for all before it. */
static gboolean
take_record (Repair   *repair,
             Record   *record,
             GError  **error)
{
  gint64 *id;

  switch (record->header.kind)
    {
    case STORE_RAW_BODY:
    case STORE_RAW_CONTENT:
      return take_bytes (repair, record, error);
    case STORE_RAW_REFERENCE:
      if (!is_buried (repair, &record->header))
        {
          StoreRawItem item = { STORE_RAW_FOUND, record->place, record->header };

          g_ptr_array_add (repair->references, record_new (&item));
        }
      break;
    case STORE_RAW_TOMBSTONE:
      g_hash_table_add (repair->buried, make_key (&record->header));
      break;
    case STORE_RAW_DETACHED:
      id = g_new (gint64, 1);
      *id = record->header.origin.message_id;
      g_hash_table_add (repair->detached, id);
      break;
    }
  return TRUE;
}

static gboolean
collect (const StoreRawItem  *item,
         gpointer             user_data,
         GError             **error)
{
  Repair *repair = user_data;

  if (item->state == STORE_RAW_GAP)
    repair->report->bytes_lost += item->place.size;
  else
    g_ptr_array_add (repair->records, record_new (item));
  return TRUE;
}

/* Reads the records of one segment.  One without a readable head is lost as a whole. */
static gboolean
collect_segment (Repair   *repair,
                 guint32   segment,
                 GError  **error)
{
  g_autofree char *path = g_strdup_printf ("%s/raw/%08x.segment", store_get_dir (repair->store), segment);
  g_autoptr(GError) reason = NULL;
  GStatBuf status;

  g_ptr_array_set_size (repair->records, 0);
  if (store_raw_scan (repair->raw, segment, STORE_RAW_HEADERS, collect, repair, &reason))
    return TRUE;
  if (!g_error_matches (reason, STORE_ERROR, STORE_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  g_warning ("%s", reason->message);
  if (g_stat (path, &status) == 0)
    repair->report->bytes_lost += (guint64) status.st_size;
  return TRUE;
}

typedef gboolean (*TakeFunc) (Repair   *repair,
                              Record   *record,
                              GError  **error);

/* From the last to the first, a batch in each transaction. */
static gboolean
take_records (Repair     *repair,
              GPtrArray  *records,
              TakeFunc    take,
              GError    **error)
{
  guint left = records->len;

  while (left > 0)
    {
      g_autoptr(StoreTransaction) transaction = store_begin (repair->store, error);

      if (transaction == NULL)
        return FALSE;
      for (guint i = 0; i < BATCH && left > 0; i++)
        {
          Record *record = records->pdata[--left];

          if (g_cancellable_set_error_if_cancelled (repair->cancellable, error) || !take (repair, record, error))
            return FALSE;
          repair->done += take == take_record ? record->place.size : 0;
          if (repair->progress != NULL)
            repair->progress (repair->done, MAX (repair->total, repair->done), repair->user_data);
        }
      if (!store_commit (g_steal_pointer (&transaction), error))
        return FALSE;
    }
  return TRUE;
}

static void
add_sizes (Repair       *repair,
           const GArray *segments)
{
  guint64 size;

  for (guint i = 0; i < segments->len; i++)
    if (store_raw_get_segment_size (repair->raw, g_array_index (segments, guint32, i), &size, NULL))
      repair->total += size;
}

/* References were met newest first, and take_records() goes from the end. */
static void
turn_around (GPtrArray *array)
{
  for (guint i = 0; i < array->len / 2; i++)
    {
      gpointer first = array->pdata[i];

      array->pdata[i] = array->pdata[array->len - 1 - i];
      array->pdata[array->len - 1 - i] = first;
    }
}

static gboolean
take_all (Repair   *repair,
          GError  **error)
{
  g_autoptr(GArray) segments = store_raw_list_segments (repair->raw, error);

  if (segments == NULL)
    return FALSE;
  add_sizes (repair, segments);
  for (guint i = segments->len; i > 0; i--)
    if (!collect_segment (repair, g_array_index (segments, guint32, i - 1), error) ||
        !take_records (repair, repair->records, take_record, error))
      return FALSE;
  turn_around (repair->references);
  return take_records (repair, repair->references, take_reference, error);
}

/* --- all of it -------------------------------------------------------------------------------------------------- */

static gboolean
set_rebuild (Store       *store,
             const char  *value,
             GError     **error)
{
  g_autoptr(StoreTransaction) transaction = store_begin (store, error);

  return transaction != NULL && store_set_meta (store, META_KEY, value, error) &&
         store_commit (g_steal_pointer (&transaction), error);
}

gboolean
ingest_repair_fill (Store               *store,
                    IngestRepairReport  *report,
                    StoreCheckProgress   progress,
                    gpointer             user_data,
                    GCancellable        *cancellable,
                    GError             **error)
{
  g_autoptr(StoreRaw) raw = store_raw_new (store_get_dir (store));
  g_autoptr(GHashTable) buried = NULL, detached = NULL;
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) record_free);
  g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func ((GDestroyNotify) record_free);
  g_autofree char *wanted = NULL;
  Repair repair = { store, raw, report, NULL, NULL, records, references, progress, user_data, cancellable, 0, 0 };

  wanted = store_dup_meta (store, META_KEY, NULL);
  if (g_strcmp0 (wanted, "1") != 0)
    return TRUE;
  repair.buried = buried = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  repair.detached = detached = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return take_all (&repair, error) && set_rebuild (store, "0", error);
}

/* Begun by a repair that did not come to its end. */
static gboolean
is_half_done (const char *data_dir)
{
  g_autoptr(Store) store = store_open (data_dir, STORE_WRITER, NULL);
  g_autofree char *wanted = store != NULL ? store_dup_meta (store, META_KEY, NULL) : NULL;

  return g_strcmp0 (wanted, "1") == 0;
}

static gboolean
rename_beside (const char  *path,
               const char  *suffix,
               const char  *kept_as,
               GError     **error)
{
  g_autofree char *from = g_strconcat (path, suffix, NULL), *to = g_strconcat (kept_as, suffix, NULL);

  if (g_rename (from, to) == 0 || !g_file_test (from, G_FILE_TEST_EXISTS))
    return TRUE;
  return base_files_set_error (error, "put aside", from);
}

/* The old file with its log, under a name that tells when. */
static gboolean
put_aside (const char           *data_dir,
           IngestRepairReport   *report,
           GError              **error)
{
  g_autofree char *path = g_build_filename (data_dir, "mail.db", NULL), *shm = g_strconcat (path, "-shm", NULL);
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%d-%H%M%S");
  int lock_fd;
  gboolean done;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if ((lock_fd = store_locks_take_store (data_dir, STORE_LOCK_EXCLUSIVE, error)) < 0)
    return FALSE;
  report->kept_as = g_strdup_printf ("%s.damaged-%s", path, stamp);
  done = rename_beside (path, "", report->kept_as, error) && rename_beside (path, "-wal", report->kept_as, error) &&
         base_files_sync_dir (data_dir, error);
  g_unlink (shm);
  close (lock_fd);
  return done;
}

IngestRepairReport *
ingest_repair_run (const char          *data_dir,
                   StoreCheckProgress   progress,
                   gpointer             user_data,
                   GCancellable        *cancellable,
                   GError             **error)
{
  g_autoptr(IngestRepairReport) report = g_new0 (IngestRepairReport, 1);
  g_autoptr(Store) store = NULL;

  if (!is_half_done (data_dir) && !put_aside (data_dir, report, error))
    return NULL;
  if ((store = store_open (data_dir, STORE_WRITER, error)) == NULL || !set_rebuild (store, "1", error) ||
      !store_text_ensure_current (store, error) ||
      !ingest_repair_fill (store, report, progress, user_data, cancellable, error))
    return NULL;
  return g_steal_pointer (&report);
}
