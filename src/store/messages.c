/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/messages.h"

#include "store/history.h"
#include "store/sql.h"
#include "store/threads-private.h"
#include "base/clock.h"

#include <string.h>

#define ID_SHIFT 20

/* Names of recipients in a row of sent mail. */
#define TO_TEXT_MAX 10

/* A base subject shorter than this says too little to join by. */
#define SUBJECT_MIN 3

/* --- inserting ------------------------------------------------------------------------------------------ */

/* Ids that a tombstone or a conversation remembers are not given again. */
static gboolean
find_last_id_of_second (Store    *store,
                        gint64    second,
                        gint64   *last,
                        GError  **error)
{
  return store_sql_get_int (store_peek_mail (store),
    "SELECT max (coalesce ((SELECT max (id) FROM message WHERE id BETWEEN ?1 AND ?2), -1),"
    " coalesce ((SELECT max (message_id) FROM tombstone WHERE message_id BETWEEN ?1 AND ?2), -1),"
    " coalesce ((SELECT max (id) FROM thread WHERE id BETWEEN ?1 AND ?2), -1))",
    BIND (INT (second << ID_SHIFT), INT (((second + 1) << ID_SHIFT) - 1)), -1, last, error);
}

/* A million messages of one second fill it; then the next one is taken. */
static gint64
allocate_id (Store    *store,
             gint64    arrived_at,
             GError  **error)
{
  for (gint64 second = arrived_at; ; second++)
    {
      gint64 last;

      if (!find_last_id_of_second (store, second, &last, error))
        return 0;
      if (last < 0)
        return second << ID_SHIFT;
      if ((last + 1) >> ID_SHIFT == second)
        return last + 1;
    }
}

static gint64
choose_arrival (const StoreMessageNew *message)
{
  gint64 now = base_clock_now ();
  gint64 arrived_at = message->arrived_at;

  if (arrived_at == 0)
    arrived_at = message->summary->received == MIME_DATE_NONE ? now : message->summary->received;
  return CLAMP (arrived_at, 1, MAX (now, 1));
}

static gint64
choose_id (Store                  *store,
           const StoreMessageNew  *message,
           gint64                 *arrived_at,
           GError                **error)
{
  gint64 taken = 1;

  if (message->id > 0 &&
      !store_sql_get_int (store_peek_mail (store), "SELECT count(*) FROM message WHERE id = ?",
                          BIND (INT (message->id)), 1, &taken, error))
    return 0;
  if (taken != 0)
    return allocate_id (store, *arrived_at, error);
  *arrived_at = message->id >> ID_SHIFT;
  return message->id;
}

static guint
facts_of_summary (const MimeSummary *summary)
{
  static const struct { MimeSummaryFlags flag; StoreMessageFacts fact; } pairs[] = {
    { MIME_SUMMARY_IS_REPLY, STORE_FACT_REPLY },
    { MIME_SUMMARY_IS_FORWARD, STORE_FACT_FORWARD },
    { MIME_SUMMARY_IS_LIST, STORE_FACT_LIST },
    { MIME_SUMMARY_IS_BULK, STORE_FACT_BULK },
    { MIME_SUMMARY_IS_AUTOMATIC, STORE_FACT_AUTOMATIC },
    { MIME_SUMMARY_MANY_FROM, STORE_FACT_MANY_FROM },
    { MIME_SUMMARY_MAY_ATTACH, STORE_FACT_MAY_ATTACH },
    { MIME_SUMMARY_HAS_CALENDAR, STORE_FACT_INVITATION },
    { MIME_SUMMARY_IS_SIGNED, STORE_FACT_SIGNED },
    { MIME_SUMMARY_IS_ENCRYPTED, STORE_FACT_ENCRYPTED },
    { MIME_SUMMARY_IS_IMPORTANT, STORE_FACT_IMPORTANT },
    { MIME_SUMMARY_WANTS_RECEIPT, STORE_FACT_WANTS_RECEIPT },
  };
  guint facts = summary->references == NULL || summary->references[0] == NULL ? STORE_FACT_NO_REFERENCES : 0;

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (summary->flags & pairs[i].flag)
      facts |= pairs[i].fact;
  return facts;
}

static gint64
key_of_summary (const MimeSummary *summary)
{
  if (summary->message_id != NULL)
    return base_slice_hash64 (base_slice_from_string (summary->message_id));
  return base_slice_hash64 (base_slice_new (summary->header_hash, sizeof summary->header_hash));
}

/* What machines write has the same subject every day and is answered by nobody. */
static gint64
subject_key_of (const MimeSummary *summary)
{
  g_autofree char *folded = NULL;

  if (summary->flags & (MIME_SUMMARY_IS_BULK | MIME_SUMMARY_IS_AUTOMATIC))
    return 0;
  if (g_utf8_strlen (summary->subject_base, SUBJECT_MIN) < SUBJECT_MIN)
    return 0;
  folded = g_utf8_casefold (summary->subject_base, -1);
  return base_slice_hash64 (base_slice_from_string (folded));
}

/* The first names the thread's founder, the last ones the direct line: enough to be found by either end. */
static gsize
keys_of_references (const MimeSummary  *summary,
                    gint64              keys[STORE_REFERENCES_MAX])
{
  guint n_references = summary->references != NULL ? g_strv_length (summary->references) : 0;
  guint n_keys = MIN (n_references, STORE_REFERENCES_MAX);

  for (guint i = 0; i < n_keys; i++)
    {
      guint from = i == 0 ? 0 : n_references - n_keys + i;

      keys[i] = base_slice_hash64 (base_slice_from_string (summary->references[from]));
    }
  return n_keys;
}

static const MimeAddress *
find_author (const MimeSummary *summary)
{
  for (guint i = 0; i < summary->addresses->len; i++)
    {
      const MimeAddress *address = summary->addresses->pdata[i];

      if (address->role == MIME_ROLE_FROM)
        return address;
    }
  return NULL;
}

static char *
dup_to_text (const MimeSummary *summary)
{
  GString *text = g_string_new (NULL);
  guint n_names = 0;

  for (guint i = 0; i < summary->addresses->len && n_names < TO_TEXT_MAX; i++)
    {
      const MimeAddress *address = summary->addresses->pdata[i];

      if (address->role != MIME_ROLE_TO)
        continue;
      if (n_names++ > 0)
        g_string_append (text, ", ");
      g_string_append (text, address->name[0] != '\0' ? address->name : address->address);
    }
  return g_string_free (text, FALSE);
}

static gboolean
insert_references (Store         *store,
                   gint64         id,
                   const gint64  *keys,
                   gsize          n_keys,
                   GError       **error)
{
  for (gsize i = 0; i < n_keys; i++)
    if (!store_sql_run (store_peek_mail (store), "INSERT OR IGNORE INTO reference VALUES (?, ?)",
                        BIND (INT (keys[i]), INT (id)), error))
      return FALSE;
  return TRUE;
}

static char *
dup_email (const char *address)
{
  char *email = g_strdup (address);
  char *at = strrchr (email, '@');

  for (; at != NULL && *at != '\0'; at++)
    *at = g_ascii_tolower (*at);
  return email;
}

static gboolean
find_address (Store              *store,
              const MimeAddress  *address,
              gint64             *id,
              GError            **error)
{
  StoreDb *mail = store_peek_mail (store);
  g_autofree char *email = dup_email (address->address);
  g_autoptr(StoreStatement) rows = store_sql_query (mail, "SELECT id, name FROM address WHERE email = ?",
                                                    BIND (TEXT (email)), error);

  if (rows == NULL)
    return FALSE;
  if (store_sql_next (rows))
    {
      *id = store_sql_int (rows, 0);
      return address->name[0] == '\0' || strcmp (store_sql_text (rows, 1), address->name) == 0 ||
             store_sql_run (mail, "UPDATE address SET name = ? WHERE id = ?",
                            BIND (TEXT (address->name), INT (*id)), error);
    }
  if (!store_sql_end (rows, error) ||
      !store_sql_run (mail, "INSERT INTO address (email, name) VALUES (?, ?)",
                      BIND (TEXT (email), TEXT (address->name)), error))
    return FALSE;
  *id = store_sql_last_id (mail);
  return TRUE;
}

static gboolean
insert_addresses (Store            *store,
                  gint64            id,
                  const GPtrArray  *addresses,
                  GError          **error)
{
  guint n_of_role[MIME_ROLE_BCC + 1] = { 0 };

  for (guint i = 0; i < MIN (addresses->len, STORE_ADDRESSES_MAX); i++)
    {
      const MimeAddress *address = addresses->pdata[i];
      gint64 address_id;

      if (!find_address (store, address, &address_id, error) ||
          !store_sql_run (store_peek_mail (store), "INSERT INTO message_address VALUES (?, ?, ?, ?, ?)",
                          BIND (INT (id), INT (address->role), INT (n_of_role[address->role]++),
                                INT (address_id), TEXT (address->name)), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
insert_row (Store                  *store,
            const StoreMessageNew  *message,
            const StoreThreadsNew  *place,
            gint64                  thread_id,
            gint64                  arrived_at,
            GError                **error)
{
  const MimeSummary *summary = message->summary;
  const MimeAddress *author = find_author (summary);
  g_autofree char *to_text = dup_to_text (summary);
  guint n_references = summary->references != NULL ? g_strv_length (summary->references) : 0;

  return store_sql_run (store_peek_mail (store),
    "INSERT INTO message (id, account_id, thread_id, message_id, message_key, header_hash, object_id,"
    " in_reply_to, subject, subject_base, from_name, from_address, to_text, date, arrived_at, size, facts,"
    " list_id, rev)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    BIND (INT (place->id), INT (message->account_id), INT (thread_id), TEXT (summary->message_id),
          INT (place->key),
          BLOB (summary->header_hash, sizeof summary->header_hash), TEXT (message->object_id),
          TEXT (n_references > 0 ? summary->references[n_references - 1] : NULL), TEXT (summary->subject),
          TEXT (summary->subject_base), TEXT (author != NULL ? author->name : ""),
          TEXT (author != NULL ? author->address : ""), TEXT (to_text),
          INT_UNLESS (MIME_DATE_NONE, summary->date),
          INT (arrived_at), INT (message->size), INT (facts_of_summary (summary)), TEXT (summary->list_id),
          INT (store_mail_rev (store))), error);
}

gint64
store_messages_insert (Store                  *store,
                       const StoreMessageNew  *message,
                       GError                **error)
{
  const MimeSummary *summary = message->summary;
  gint64 arrived_at = choose_arrival (message);
  gint64 references[STORE_REFERENCES_MAX];
  StoreThreadsNew place = { .references = references, .summary = summary };
  gint64 thread_id;

  if ((place.id = choose_id (store, message, &arrived_at, error)) == 0)
    return 0;
  place.key = key_of_summary (summary);
  place.n_references = keys_of_references (summary, references);
  place.subject_key = subject_key_of (summary);
  place.is_bare_reply = place.n_references == 0 && (summary->flags & MIME_SUMMARY_IS_REPLY);

  if ((thread_id = store_threads_place (store, &place, error)) == 0)
    return 0;
  if (!insert_row (store, message, &place, thread_id, arrived_at, error) ||
      !insert_references (store, place.id, references, place.n_references, error) ||
      !insert_addresses (store, place.id, summary->addresses, error))
    return 0;
  return place.id;
}

/* --- reading -------------------------------------------------------------------------------------------- */

void
store_message_free (StoreMessage *message)
{
  if (message == NULL)
    return;
  g_free (message->message_id);
  g_free (message->object_id);
  g_free (message->in_reply_to);
  g_free (message->subject);
  g_free (message->subject_base);
  g_free (message->from_name);
  g_free (message->from_address);
  g_free (message->to_text);
  g_free (message->preview);
  g_free (message->list_id);
  g_free (message);
}

static StoreMessage *
message_from_row (StoreStatement *row)
{
  StoreMessage *message = g_new0 (StoreMessage, 1);
  BaseSlice hash = store_sql_bytes (row, 6);

  message->id = store_sql_int (row, 0);
  message->account_id = store_sql_int (row, 1);
  message->content_id = store_sql_int (row, 2);
  message->thread_id = store_sql_int (row, 3);
  message->message_id = store_sql_dup_text (row, 4);
  message->message_key = store_sql_int (row, 5);
  memcpy (message->header_hash, hash.data, MIN (hash.size, sizeof message->header_hash));
  message->object_id = store_sql_dup_text (row, 7);
  message->in_reply_to = store_sql_dup_text (row, 8);
  message->subject = store_sql_dup_text (row, 9);
  message->subject_base = store_sql_dup_text (row, 10);
  message->from_name = store_sql_dup_text (row, 11);
  message->from_address = store_sql_dup_text (row, 12);
  message->to_text = store_sql_dup_text (row, 13);
  message->date = store_sql_int_or (row, 14, MIME_DATE_NONE);
  message->arrived_at = store_sql_int (row, 15);
  message->size = store_sql_int (row, 16);
  message->preview = store_sql_dup_text (row, 17);
  message->attachments = (guint) store_sql_int (row, 18);
  message->facts = (guint) store_sql_int (row, 19);
  message->list_id = store_sql_dup_text (row, 20);
  message->extractor = store_sql_int (row, 21);
  message->orphaned_at = store_sql_int (row, 22);
  message->rev = store_sql_int (row, 23);
  return message;
}

StoreMessage *
store_messages_get (Store   *store,
                    gint64   id,
                    GError **error)
{
  g_autoptr(StoreStatement) row = store_sql_query (store_peek_mail (store),
    "SELECT id, account_id, content_id, thread_id, message_id, message_key, header_hash, object_id,"
    " in_reply_to, subject, subject_base, from_name, from_address, to_text, date, arrived_at, size,"
    " preview, attachments, facts, list_id,"
    " extractor, orphaned_at, rev FROM message WHERE id = ?", BIND (INT (id)), error);

  if (row == NULL)
    return NULL;
  if (store_sql_next (row))
    return message_from_row (row);
  if (store_sql_end (row, error))
    store_sql_set_missing (error, "message", id);
  return NULL;
}

GArray *
store_messages_find_message_id (Store       *store,
                                gint64       account_id,
                                const char  *message_id,
                                GError     **error)
{
  return store_sql_list_ints (store_peek_mail (store),
    "SELECT id FROM message WHERE message_key = ?1 AND message_id = ?2 AND (?3 = -1"
    " OR account_id = ?3) ORDER BY id DESC",
    BIND (INT (base_slice_hash64 (base_slice_from_string (message_id))), TEXT (message_id), INT (account_id)),
    error);
}

GArray *
store_messages_find_header (Store              *store,
                            gint64              account_id,
                            const MimeSummary  *summary,
                            GError            **error)
{
  return store_sql_list_ints (store_peek_mail (store),
    "SELECT id FROM message WHERE message_key = ?1 AND header_hash = ?2 AND (?3 = -1"
    " OR account_id = ?3) ORDER BY id DESC",
    BIND (INT (key_of_summary (summary)), BLOB (summary->header_hash, sizeof summary->header_hash),
          INT (account_id)),
    error);
}

gboolean
store_messages_find_moved (Store              *store,
                           gint64              account_id,
                           const MimeSummary  *summary,
                           gint64              size,
                           gint64             *id,
                           GError            **error)
{
  return store_sql_get_int (store_peek_mail (store),
    "SELECT m.id FROM message m WHERE m.message_key = ?1 AND m.header_hash = ?2 AND m.account_id = ?3"
    " AND m.size = ?4"
    " AND m.orphaned_at IS NOT NULL AND (SELECT ended_by FROM tombstone t WHERE t.message_id = m.id"
    " ORDER BY t.ended_at DESC, t.rev DESC LIMIT 1) = ?5 ORDER BY m.id DESC LIMIT 1",
    BIND (INT (key_of_summary (summary)), BLOB (summary->header_hash, sizeof summary->header_hash),
          INT (account_id), INT (size), TEXT (store_cause_to_string (STORE_BY_ELSEWHERE))), 0, id, error);
}

GArray *
store_messages_find_object (Store       *store,
                            gint64       account_id,
                            const char  *object_id,
                            GError     **error)
{
  return store_sql_list_ints (store_peek_mail (store),
    "SELECT id FROM message WHERE account_id = ? AND object_id = ? ORDER BY id DESC",
    BIND (INT (account_id), TEXT (object_id)), error);
}

GArray *
store_messages_find_content (Store   *store,
                             gint64   content_id,
                             GError **error)
{
  return store_sql_list_ints (store_peek_mail (store),
                              "SELECT id FROM message WHERE content_id = ? ORDER BY id DESC",
                              BIND (INT (content_id)), error);
}

GArray *
store_messages_list_unextracted (Store   *store,
                                 gint64   extractor,
                                 gint64   after_id,
                                 guint    limit,
                                 GError **error)
{
  return store_sql_list_ints (store_peek_mail (store),
    "SELECT id FROM message WHERE id > ? AND content_id IS NOT NULL AND extractor < ? ORDER BY id LIMIT ?",
    BIND (INT (after_id), INT (extractor), INT (limit)), error);
}

GPtrArray *
store_messages_list_addresses (Store   *store,
                               gint64   id,
                               GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT ma.role, ma.name, a.email FROM message_address ma JOIN address a ON a.id = ma.address_id"
    " WHERE ma.message_id = ? ORDER BY ma.role, ma.position", BIND (INT (id)), error);
  g_autoptr(GPtrArray) addresses = mime_addresses_new ();

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (addresses,
                     mime_address_new ((MimeRole) store_sql_int (rows, 0), store_sql_text (rows, 1),
                                                  store_sql_text (rows, 2)));
  return store_sql_end (rows, error) ? g_steal_pointer (&addresses) : NULL;
}

/* --- content and parts ---------------------------------------------------------------------------------- */

static gboolean
check_found (Store   *store,
             gint64   id,
             GError **error)
{
  return store_sql_changed (store_peek_mail (store)) > 0 || store_sql_set_missing (error, "message", id);
}

gboolean
store_messages_set_content (Store   *store,
                            gint64   id,
                            gint64   content_id,
                            gint64   size,
                            GError **error)
{
  StoreDb *mail = store_peek_mail (store);
  gint64 rev = store_mail_rev (store);

  return store_sql_run (mail, "UPDATE message SET content_id = ?, size = ?, rev = ? WHERE id = ?",
                        BIND (INT (content_id), INT (size), INT (rev), INT (id)), error) &&
         check_found (store, id, error) &&
         store_sql_run (mail, "UPDATE location SET stored_at = ?, rev = ? WHERE message_id = ?"
                              " AND stored_at IS NULL",
                        BIND (INT (base_clock_now ()), INT (rev), INT (id)), error);
}

gboolean
store_messages_drop_content (Store   *store,
                             gint64   id,
                             GError **error)
{
  StoreDb *mail = store_peek_mail (store);
  gint64 rev = store_mail_rev (store);
  gint64 safe, bound;

  if (!store_sql_get_int (mail, "SELECT count(*) FROM location WHERE message_id = ? AND pinned = 0"
                          " AND (uid IS NOT NULL OR uidl IS NOT NULL)", BIND (INT (id)), 0, &safe, error) ||
      !store_sql_get_int (mail, "SELECT count(*) FROM location WHERE message_id = ?", BIND (INT (id)), 0,
                          &bound, error))
    return FALSE;
  if (bound == 0 || safe < bound)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                   "Message %" G_GINT64_FORMAT " is only on this computer", id);
      return FALSE;
    }
  return store_sql_run (mail, "UPDATE message SET content_id = NULL, rev = ? WHERE id = ?",
                        BIND (INT (rev), INT (id)), error) &&
         store_sql_run (mail, "UPDATE location SET stored_at = NULL, fetched_at = NULL, verified_at = NULL, "
                              "rev = ? WHERE message_id = ?",
                        BIND (INT (rev), INT (id)), error);
}

gboolean
store_messages_set_object_id (Store       *store,
                              gint64       id,
                              const char  *object_id,
                              GError     **error)
{
  return store_sql_run (store_peek_mail (store), "UPDATE message SET object_id = ?, rev = ? WHERE id = ?",
                        BIND (TEXT (object_id), INT (store_mail_rev (store)), INT (id)), error) &&
         check_found (store, id, error);
}

static gboolean
insert_parts (Store            *store,
              gint64            id,
              const StoreBody  *body,
              GError          **error)
{
  for (gsize i = 0; i < body->n_parts; i++)
    {
      const StorePart *part = &body->parts[i];

      if (!store_sql_run (store_peek_mail (store),
                          "INSERT INTO part VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                          BIND (INT (id), INT (i), INT (part->parent), TEXT (part->section),
                                TEXT (part->type),
                                TEXT (part->charset), TEXT (part->encoding), TEXT (part->filename),
                                TEXT (part->content_id), TEXT (part->disposition), INT (part->size),
                                INT (part->facts)), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
store_messages_set_body (Store            *store,
                         gint64            id,
                         const StoreBody  *body,
                         GError          **error)
{
  StoreDb *mail = store_peek_mail (store);

  return store_sql_run (mail, "UPDATE message SET preview = ?, attachments = ?, facts = (facts & ~?) | ?,"
                              " extractor = ?,"
                        " rev = ? WHERE id = ?",
                        BIND (TEXT (body->preview), INT (body->attachments), INT (STORE_FACT_MAY_ATTACH),
                              INT (body->facts),
                              INT (body->extractor), INT (store_mail_rev (store)), INT (id)), error) &&
         check_found (store, id, error) &&
         store_threads_mark_message (store, id, error) &&
         store_sql_run (mail, "DELETE FROM part WHERE message_id = ?", BIND (INT (id)), error) &&
         insert_parts (store, id, body, error);
}

void
store_part_free (StorePart *part)
{
  if (part == NULL)
    return;
  g_free ((gpointer) part->section);
  g_free ((gpointer) part->type);
  g_free ((gpointer) part->charset);
  g_free ((gpointer) part->encoding);
  g_free ((gpointer) part->filename);
  g_free ((gpointer) part->content_id);
  g_free ((gpointer) part->disposition);
  g_free (part);
}

GPtrArray *
store_messages_list_parts (Store   *store,
                           gint64   id,
                           GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT parent, section, type, charset, encoding, filename, content_id, disposition, size, facts"
    " FROM part"
    " WHERE message_id = ? ORDER BY position", BIND (INT (id)), error);
  g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func ((GDestroyNotify) store_part_free);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StorePart *part = g_new0 (StorePart, 1);

      part->parent = (gint32) store_sql_int (rows, 0);
      part->section = store_sql_dup_text (rows, 1);
      part->type = store_sql_dup_text (rows, 2);
      part->charset = store_sql_dup_text (rows, 3);
      part->encoding = store_sql_dup_text (rows, 4);
      part->filename = store_sql_dup_text (rows, 5);
      part->content_id = store_sql_dup_text (rows, 6);
      part->disposition = store_sql_dup_text (rows, 7);
      part->size = store_sql_int (rows, 8);
      part->facts = (guint) store_sql_int (rows, 9);
      g_ptr_array_add (parts, part);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&parts) : NULL;
}
