/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/writer.h"

#include "base/clock.h"
#include "ingest/repair.h"
#include "store/contents.h"
#include "store/reserve.h"

#include <string.h>

/* What the index gets for one message. */
typedef struct {
  gint64        message_id;
  gboolean      has_head;
  gboolean      has_body;
  StoreTextHead head;
  StoreTextBody body;
  GBytes       *packed_body;             /* borrowed from the item, as all above */
} Text;

IngestWriter *
ingest_writer_new (const char  *data_dir,
                   GError     **error)
{
  g_autoptr(IngestWriter) writer = g_new0 (IngestWriter, 1);
  IngestRepairReport report = { 0 };

  writer->owner = g_thread_self ();
  writer->folders = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) store_folder_free);
  writer->texts = g_ptr_array_new_with_free_func (g_free);
  writer->packer = store_packer_new (data_dir);
  writer->raw = store_raw_new (data_dir);
  if ((writer->store = store_open (data_dir, STORE_WRITER, error)) == NULL)
    return NULL;
  if (!store_text_ensure_current (writer->store, error) ||
      !ingest_repair_fill (writer->store, &report, NULL, NULL, NULL, error) ||
      !store_raw_begin_appending (writer->raw, store_contents_get_end, writer->store, error))
    return NULL;
  return g_steal_pointer (&writer);
}

void
ingest_writer_free (IngestWriter *writer)
{
  if (writer == NULL)
    return;
  store_raw_free (writer->raw);
  store_packer_free (writer->packer);
  if (writer->store != NULL)
    store_close (writer->store);
  g_hash_table_destroy (writer->folders);
  g_ptr_array_unref (writer->texts);
  g_free (writer);
}

/* --- where it belongs ------------------------------------------------------------------------------------------- */

static const StoreFolder *
peek_folder (IngestWriter  *writer,
             gint64         id,
             GError       **error)
{
  StoreFolder *folder = g_hash_table_lookup (writer->folders, &id);

  if (folder == NULL && (folder = store_folders_get (writer->store, id, error)) != NULL)
    g_hash_table_insert (writer->folders, &folder->id, folder);
  return folder;
}

static gboolean
is_same_mail (IngestWriter        *writer,
              gint64               message_id,
              const IngestDigest  *digest,
              gboolean            *is_same,
              GError             **error)
{
  g_autoptr(StoreMessage) message = store_messages_get (writer->store, message_id, error);

  if (message == NULL)
    return FALSE;
  *is_same = memcmp (message->header_hash, digest->summary->header_hash, sizeof message->header_hash) == 0;
  return TRUE;
}

/* *location stays NULL where nothing has the server's name for it. */
static gboolean
find_by_server_name (IngestWriter      *writer,
                     const IngestRow   *row,
                     StoreLocation    **location,
                     GError           **error)
{
  g_autoptr(GError) reason = NULL;

  if (row->uid != 0)
    *location = store_locations_find_uid (writer->store, row->folder_id, row->uidvalidity, row->uid, &reason);
  else if (row->uidl.size > 0)
    *location = store_locations_find_uidl (writer->store, row->account_id, row->uidl, row->occurrence, &reason);
  if (reason == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static gboolean
rename_on_server (IngestWriter         *writer,
                  const StoreLocation  *location,
                  const IngestRow      *row,
                  GError              **error)
{
  gint64 known = location->server_folder_id != 0 ? location->server_folder_id : location->folder_id;

  if (row->uid != 0 && known == row->folder_id)
    return store_locations_rematch_uid (writer->store, location->id, row->uidvalidity, row->uid, error);
  if (row->uid != 0)
    return store_locations_set_uid (writer->store, location->id, row->folder_id, row->uidvalidity, row->uid, error);
  if (row->uidl.size > 0)
    return store_locations_rematch_uidl (writer->store, location->id, row->uidl, row->occurrence, error);
  return TRUE;
}

/* The caller matched it; the header has to agree.  One that ended meanwhile is no match. */
static gboolean
find_by_match (IngestWriter       *writer,
               const IngestItem   *item,
               StoreLocation     **found,
               GError            **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(StoreLocation) location = store_locations_get (writer->store, item->row.location_id, &reason);
  gboolean is_same;

  if (location == NULL && g_error_matches (reason, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    return TRUE;
  if (location == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (!is_same_mail (writer, location->message_id, item->digest, &is_same, error))
    return FALSE;
  if (!is_same)
    return TRUE;
  if (!rename_on_server (writer, location, &item->row, error))
    return FALSE;
  *found = store_locations_get (writer->store, location->id, error);
  return *found != NULL;
}

static gboolean
find_location (IngestWriter      *writer,
               const IngestItem  *item,
               StoreLocation    **location,
               GError           **error)
{
  if (!find_by_server_name (writer, &item->row, location, error))
    return FALSE;
  return *location != NULL || item->row.location_id == 0 || find_by_match (writer, item, location, error);
}

/* --- new messages ----------------------------------------------------------------------------------------------- */

static Text *
add_text (IngestWriter *writer,
          gint64        message_id)
{
  Text *text = g_new0 (Text, 1);

  text->message_id = message_id;
  g_ptr_array_add (writer->texts, text);
  return text;
}

/* A message of this account that the server calls by the same id: the same mail in another folder.  The header has to
 * agree, for a server's word alone never makes two mails one. */
static gboolean
find_by_object_id (IngestWriter      *writer,
                   const IngestItem  *item,
                   gint64            *message_id,
                   GError           **error)
{
  g_autoptr(GArray) ids = NULL;
  gboolean is_same = FALSE;

  if (item->row.object_id == NULL)
    return TRUE;
  ids = store_messages_find_object (writer->store, item->row.account_id, item->row.object_id, error);
  if (ids == NULL)
    return FALSE;
  for (guint i = 0; i < ids->len && !is_same; i++)
    {
      gint64 id = g_array_index (ids, gint64, i);

      if (!is_same_mail (writer, id, item->digest, &is_same, error))
        return FALSE;
      if (is_same)
        *message_id = id;
    }
  return TRUE;
}

static gint64
insert_message (IngestWriter      *writer,
                const IngestItem  *item,
                GError           **error)
{
  StoreMessageNew message = {
    .account_id = item->row.account_id,
    .arrived_at = item->row.arrived_at,
    .size = item->kind == INGEST_BODY ? (gint64) item->size : item->row.size,
    .object_id = item->row.object_id,
    .summary = item->digest->summary,
  };
  gint64 id = store_messages_insert (writer->store, &message, error);
  Text *text;

  if (id == 0)
    return 0;
  text = add_text (writer, id);
  text->has_head = TRUE;
  text->head = ingest_digest_get_head (item->digest);
  return id;
}

/* What another program has moved vanishes in one folder and comes in another: the same message, and no news. */
static gboolean
find_moved (IngestWriter      *writer,
            const IngestItem  *item,
            gint64            *message_id,
            GError           **error)
{
  gint64 size = item->kind == INGEST_BODY ? (gint64) item->size : item->row.size;

  return item->row.uid == 0
         || store_messages_find_moved (writer->store, item->row.account_id, item->digest->summary, size, message_id, error);
}

static gint64
insert_location (IngestWriter      *writer,
                 const IngestItem  *item,
                 gint64             message_id,
                 gint64             announced_at,
                 GError           **error)
{
  const IngestRow *row = &item->row;
  StoreLocationNew location = {
    .message_id = message_id, .folder_id = row->folder_id, .flags = row->flags, .uid = row->uid,
    .uidvalidity = row->uidvalidity, .modseq = row->modseq, .uidl = row->uidl, .occurrence = row->occurrence,
    .keywords = row->keywords, .announced_at = announced_at,
  };

  if (location.uidl.size == 0)
    location.uidl.data = NULL;
  return store_locations_insert (writer->store, &location, error);
}

static StoreLocation *
insert_new (IngestWriter      *writer,
            const IngestItem  *item,
            GError           **error)
{
  gint64 message_id = 0, location_id, announced_at = item->row.announced_at;

  if (!find_by_object_id (writer, item, &message_id, error))
    return NULL;
  if (message_id == 0)
    {
      if (!find_moved (writer, item, &message_id, error))
        return NULL;
      if (message_id != 0 && announced_at == 0)
        announced_at = base_clock_now ();
    }
  if (message_id == 0 && (message_id = insert_message (writer, item, error)) == 0)
    return NULL;
  if ((location_id = insert_location (writer, item, message_id, announced_at, error)) == 0)
    return NULL;
  return store_locations_get (writer->store, location_id, error);
}

/* --- rows ------------------------------------------------------------------------------------------------------- */

static gboolean
apply_server_flags (IngestWriter     *writer,
                    const IngestRow  *row,
                    GError          **error)
{
  StoreServerFlags flags = { row->uid, row->flags, row->modseq, row->keywords };

  return row->uid == 0 ||
         store_locations_apply_flags (writer->store, row->folder_id, row->uidvalidity, &flags, 1, NULL, error);
}

static gboolean
complete_object_id (IngestWriter     *writer,
                    gint64            message_id,
                    const IngestRow  *row,
                    GError          **error)
{
  g_autoptr(StoreMessage) message = NULL;

  if (row->object_id == NULL)
    return TRUE;
  if ((message = store_messages_get (writer->store, message_id, error)) == NULL)
    return FALSE;
  return message->object_id != NULL ||
         store_messages_set_object_id (writer->store, message_id, row->object_id, error);
}

static StoreLocation *
apply_row (IngestWriter      *writer,
           const IngestItem  *item,
           GError           **error)
{
  g_autoptr(StoreLocation) location = NULL;

  if (!find_location (writer, item, &location, error))
    return NULL;
  if (location == NULL)
    return insert_new (writer, item, error);
  if (!apply_server_flags (writer, &item->row, error) ||
      !complete_object_id (writer, location->message_id, &item->row, error))
    return NULL;
  return g_steal_pointer (&location);
}

/* --- bodies ----------------------------------------------------------------------------------------------------- */

static gboolean
make_origin (IngestWriter         *writer,
             const StoreLocation  *location,
             const IngestRow      *row,
             StoreRawOrigin       *origin,
             GError              **error)
{
  const StoreFolder *folder = peek_folder (writer, row->folder_id, error);

  if (folder == NULL)
    return FALSE;
  *origin = (StoreRawOrigin) {
    .message_id = location->message_id, .account_id = row->account_id, .arrived_at = row->arrived_at,
    .stored_at = base_clock_now (), .placement = folder->raw_name != NULL ? STORE_RAW_ON_SERVER : STORE_RAW_HERE,
    .folder = folder->raw_name != NULL ? base_slice_from_bytes (folder->raw_name) : base_slice_from_string (folder->path),
    .flags = row->flags, .uid = row->uid, .uidvalidity = row->uidvalidity, .uidl = row->uidl,
    .occurrence = row->occurrence,
  };
  return TRUE;
}

/* The ingest thread packs nothing that was here; it may have gone since. */
static gboolean
ensure_packed (IngestWriter  *writer,
               IngestItem    *item,
               GError       **error)
{
  if (item->packed == NULL)
    item->packed = store_packer_pack (writer->packer, item->content, &item->encoding, error);
  return item->packed != NULL;
}

/* Puts the bytes into the raw mail, or notes there that another message has the same.  0 on error. */
static gint64
store_content (IngestWriter         *writer,
               IngestItem           *item,
               const StoreLocation  *location,
               GError              **error)
{
  StoreRawHeader header = { .kind = STORE_RAW_REFERENCE, .size = item->size };
  StoreContent content;
  gboolean found;

  memcpy (header.sha256, item->sha256, sizeof header.sha256);
  if (!make_origin (writer, location, &item->row, &header.origin, error) ||
      !store_contents_find (writer->store, item->sha256, &content, &found, error))
    return 0;
  if (found)
    return store_raw_append (writer->raw, &header, NULL, NULL, error) ? content.id : 0;

  if (!ensure_packed (writer, item, error))
    return 0;
  header.kind = STORE_RAW_BODY;
  header.encoding = item->encoding;
  content = (StoreContent) { .size = (gint64) item->size, .stored_at = header.origin.stored_at };
  memcpy (content.sha256, item->sha256, sizeof content.sha256);
  if (!store_raw_append (writer->raw, &header, item->packed, &content.place, error))
    return 0;
  return store_contents_add (writer->store, &content, error);
}

/* The same bytes came once more for a copy that does not count as fetched: perhaps because those on the disk are
 * damaged, and then these take their place. */
static gboolean
mend_content (IngestWriter         *writer,
              IngestItem           *item,
              const StoreLocation  *location,
              const StoreContent   *known,
              GError              **error)
{
  g_autoptr(StoreRaw) raw = NULL;
  g_autoptr(GError) reason = NULL;
  StoreRawHeader header = { .kind = STORE_RAW_BODY, .size = item->size };
  StoreRawPlace place;

  if (location->fetched_at != 0 || !store_location_has_server (location))
    return TRUE;
  raw = store_raw_new (store_get_dir (writer->store));
  if (store_raw_verify (raw, &known->place, (guint64) known->size, known->sha256, &reason))
    return TRUE;
  if (!g_error_matches (reason, STORE_ERROR, STORE_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  memcpy (header.sha256, item->sha256, sizeof header.sha256);
  if (!ensure_packed (writer, item, error) || !make_origin (writer, location, &item->row, &header.origin, error))
    return FALSE;
  header.encoding = item->encoding;
  return store_raw_append (writer->raw, &header, item->packed, &place, error)
         && store_contents_move (writer->store, known->id, &place, error);
}

static gboolean
set_fetched (IngestWriter         *writer,
             const StoreLocation  *location,
             GError              **error)
{
  StoreLocation state = { .id = location->id, .fetched_at = base_clock_now () };

  return !store_location_has_server (location) || location->fetched_at != 0 ||
         store_locations_set_state (writer->store, &state, STORE_LOCATION_FETCHED_AT, error);
}

static gboolean
fill_message (IngestWriter         *writer,
              IngestItem           *item,
              const StoreLocation  *location,
              GError              **error)
{
  const IngestDigest *digest = item->digest;
  StoreBody body = {
    .preview = digest->preview, .attachments = digest->attachments, .facts = digest->facts,
    .extractor = INGEST_EXTRACTOR, .parts = (const StorePart *) digest->parts->data, .n_parts = digest->parts->len,
  };
  gint64 content_id = store_content (writer, item, location, error);
  Text *text;

  if (content_id == 0 ||
      !store_messages_set_content (writer->store, location->message_id, content_id, (gint64) item->size, error) ||
      !store_messages_set_body (writer->store, location->message_id, &body, error))
    return FALSE;
  text = add_text (writer, location->message_id);
  text->has_body = TRUE;
  text->body = ingest_digest_get_body (digest);
  text->packed_body = digest->packed_body;
  return set_fetched (writer, location, error);
}

/* The server's copy is not the mail that is known here: that one stays as mail of this computer. */
static gboolean
part_from_known (IngestWriter         *writer,
                 IngestItem           *item,
                 const StoreLocation  *known,
                 GError              **error)
{
  g_autoptr(StoreLocation) location = NULL;
  gint64 message_id, location_id;

  if (store_location_has_server (known) &&
      !ingest_writer_drop_server (writer, known->id, STORE_BY_RENUMBERING, NULL, NULL, error))
    return FALSE;
  if ((message_id = insert_message (writer, item, error)) == 0 ||
      (location_id = insert_location (writer, item, message_id, item->row.announced_at, error)) == 0 ||
      (location = store_locations_get (writer->store, location_id, error)) == NULL)
    return FALSE;
  return fill_message (writer, item, location, error);
}

static gboolean
apply_body (IngestWriter  *writer,
            IngestItem    *item,
            GError       **error)
{
  g_autoptr(StoreLocation) location = apply_row (writer, item, error);
  g_autoptr(StoreMessage) message = NULL;
  StoreContent known;

  if (location == NULL || (message = store_messages_get (writer->store, location->message_id, error)) == NULL)
    return FALSE;
  if (message->content_id == 0)
    return fill_message (writer, item, location, error);
  if (!store_contents_get (writer->store, message->content_id, &known, error))
    return FALSE;
  if (memcmp (known.sha256, item->sha256, sizeof known.sha256) == 0)
    return mend_content (writer, item, location, &known, error) && set_fetched (writer, location, error);
  return part_from_known (writer, item, location, error);
}

gboolean
ingest_writer_drop_server (IngestWriter  *writer,
                           gint64         location_id,
                           StoreCause     by,
                           const char    *rule,
                           const char    *server_words,
                           GError       **error)
{
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(StoreMessage) message = NULL;
  StoreRawHeader header = { .kind = STORE_RAW_DETACHED };
  IngestRow row = { 0 };

  g_assert (writer->owner == g_thread_self ());
  if ((location = store_locations_get (writer->store, location_id, error)) == NULL ||
      (message = store_messages_get (writer->store, location->message_id, error)) == NULL)
    return FALSE;
  row.account_id = message->account_id;
  row.folder_id = location->server_folder_id != 0 ? location->server_folder_id : location->folder_id;
  row.flags = location->flags;
  row.uid = location->uid;
  row.uidvalidity = location->uidvalidity;
  row.occurrence = location->occurrence;
  row.arrived_at = message->arrived_at;
  if (location->uidl != NULL)
    row.uidl = base_slice_from_bytes (location->uidl);
  return make_origin (writer, location, &row, &header.origin, error) &&
         store_raw_append (writer->raw, &header, NULL, NULL, error) &&
         store_locations_drop_server (writer->store, location_id, by, rule, server_words, error);
}

/* --- batches ---------------------------------------------------------------------------------------------------- */

static gboolean
apply_item (IngestWriter  *writer,
            IngestItem    *item,
            GError       **error)
{
  g_autoptr(StoreLocation) location = NULL;

  if (item->failure != NULL)
    {
      g_propagate_error (error, g_error_copy (item->failure));
      return FALSE;
    }
  switch (item->kind)
    {
    case INGEST_ROW:
      location = apply_row (writer, item, error);
      return location != NULL;
    case INGEST_BODY:
      return apply_body (writer, item, error);
    case INGEST_WORK:
      return item->work (writer->store, item->user_data, error);
    case INGEST_ALONE:
      break;
    }
  g_assert_not_reached ();
}

static gboolean
apply_texts (IngestWriter  *writer,
             GError       **error)
{
  g_autofree StoreTextNew *news = g_new0 (StoreTextNew, writer->texts->len + 1);

  for (guint i = 0; i < writer->texts->len; i++)
    {
      const Text *text = writer->texts->pdata[i];

      news[i] = (StoreTextNew) { text->message_id, text->has_head ? &text->head : NULL,
                                 text->has_body ? &text->body : NULL, text->packed_body };
    }
  return store_text_apply (writer->store, news, writer->texts->len, error);
}

/* What is left on a full disk belongs to the user's own words. */
static gboolean
check_room (IngestWriter       *writer,
            IngestItem *const  *items,
            gsize               n_items,
            GError            **error)
{
  const char *dir = store_get_dir (writer->store);

  for (gsize i = 0; i < n_items; i++)
    if (items[i]->kind == INGEST_ROW || items[i]->kind == INGEST_BODY)
      return !store_reserve_is_spent (dir) || store_reserve_make (dir, error);
  return TRUE;
}

static gboolean
run_transaction (IngestWriter       *writer,
                 IngestItem *const  *items,
                 gsize               n_items,
                 GError            **error)
{
  g_autoptr(StoreTransaction) transaction = NULL;

  if (!check_room (writer, items, n_items, error) || (transaction = store_begin (writer->store, error)) == NULL)
    return FALSE;
  for (gsize i = 0; i < n_items; i++)
    if (!apply_item (writer, items[i], error))
      return FALSE;
  return apply_texts (writer, error) && store_raw_sync (writer->raw, error) &&
         store_commit (g_steal_pointer (&transaction), error);
}

gboolean
ingest_writer_run_alone (IngestWriter  *writer,
                         IngestItem    *item,
                         GError       **error)
{
  g_assert (writer->owner == g_thread_self ());
  return item->work (writer->store, item->user_data, error);
}

gboolean
ingest_writer_run (IngestWriter       *writer,
                   IngestItem *const  *items,
                   gsize               n_items,
                   GError            **error)
{
  gboolean done;

  g_assert (writer->owner == g_thread_self ());
  done = run_transaction (writer, items, n_items, error);
  if (!done)
    store_raw_take_back (writer->raw);
  g_hash_table_remove_all (writer->folders);
  g_ptr_array_set_size (writer->texts, 0);
  return done;
}
