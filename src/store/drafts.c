/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/drafts.h"

#include "base/clock.h"
#include "store/desk.h"

static const char * const state_words[] = { "open", "queued", "discarded" };
static const char * const kind_words[] = { "new", "reply", "reply-all", "forward", "edit" };
static const char * const format_words[] = { "plain", "html" };

#define DRAFT_COLUMNS \
  "id, uuid, account_id, identity_id, to_text, cc_text, bcc_text, subject, body, body_format, kind, " \
  "source_id, source_location, in_reply_to, references_text, created_at, saved_at, state, location_id, rev"

StoreDraft *
store_draft_new (gint64 account_id,
                 gint64 identity_id)
{
  StoreDraft *draft = g_new0 (StoreDraft, 1);

  draft->uuid = g_strdup ("");
  draft->account_id = account_id;
  draft->identity_id = identity_id;
  draft->to_text = g_strdup ("");
  draft->cc_text = g_strdup ("");
  draft->bcc_text = g_strdup ("");
  draft->subject = g_strdup ("");
  draft->body = g_strdup ("");
  return draft;
}

void
store_draft_free (StoreDraft *draft)
{
  if (draft == NULL)
    return;
  g_free (draft->uuid);
  g_free (draft->to_text);
  g_free (draft->cc_text);
  g_free (draft->bcc_text);
  g_free (draft->subject);
  g_free (draft->body);
  g_free (draft->in_reply_to);
  g_free (draft->references_text);
  g_free (draft);
}

/* An unknown word is the first of its kind. */
#define READ_WORD(rows, column, \
                  words) ((guint) MAX (0, STORE_WORDS_FIND (words, store_sql_text ((rows), (column)))))

static StoreDraft *
read_draft (StoreStatement *rows)
{
  StoreDraft *draft = g_new0 (StoreDraft, 1);

  draft->id = store_sql_int (rows, 0);
  draft->uuid = store_desk_dup_text (rows, 1);
  draft->account_id = store_sql_int (rows, 2);
  draft->identity_id = store_sql_int (rows, 3);
  draft->to_text = store_desk_dup_text (rows, 4);
  draft->cc_text = store_desk_dup_text (rows, 5);
  draft->bcc_text = store_desk_dup_text (rows, 6);
  draft->subject = store_desk_dup_text (rows, 7);
  draft->body = store_desk_dup_text (rows, 8);
  draft->body_format = READ_WORD (rows, 9, format_words);
  draft->kind = READ_WORD (rows, 10, kind_words);
  draft->source_id = store_sql_int (rows, 11);
  draft->source_location = store_sql_int (rows, 12);
  draft->in_reply_to = store_sql_dup_text (rows, 13);
  draft->references_text = store_sql_dup_text (rows, 14);
  draft->created_at = store_sql_int (rows, 15);
  draft->saved_at = store_sql_int (rows, 16);
  draft->state = READ_WORD (rows, 17, state_words);
  draft->location_id = store_sql_int (rows, 18);
  draft->rev = store_sql_int (rows, 19);
  return draft;
}

static GPtrArray *
list_drafts (Store             *store,
             const char        *sql,
             const StoreValue  *values,
             GError           **error)
{
  g_autoptr(GPtrArray) drafts = g_ptr_array_new_with_free_func ((GDestroyNotify) store_draft_free);
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), sql, values, error);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (drafts, read_draft (rows));
  return store_sql_end (rows, error) ? g_steal_pointer (&drafts) : NULL;
}

GPtrArray *
store_drafts_list (Store            *store,
                   StoreDraftState   state,
                   GError          **error)
{
  return list_drafts (store,
                      "SELECT " DRAFT_COLUMNS " FROM draft WHERE state = ? ORDER BY saved_at DESC, id DESC",
                      BIND (TEXT (state_words[state])), error);
}

gint64
store_drafts_count (Store            *store,
                    StoreDraftState   state,
                    GError          **error)
{
  gint64 n;

  if (!store_sql_get_int (store_peek_desk (store), "SELECT count (*) FROM draft WHERE state = ?",
                          BIND (TEXT (state_words[state])), 0, &n, error))
    return -1;
  return n;
}

GPtrArray *
store_drafts_list_since (Store   *store,
                         gint64   rev,
                         GError **error)
{
  return list_drafts (store, "SELECT " DRAFT_COLUMNS " FROM draft WHERE rev > ? ORDER BY rev, id",
                      BIND (INT (rev)), error);
}

StoreDraft *
store_drafts_get (Store   *store,
                  gint64   id,
                  GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), "SELECT " DRAFT_COLUMNS
                                                    " FROM draft WHERE id = ?", BIND (INT (id)), error);

  if (rows == NULL)
    return NULL;
  if (store_sql_next (rows))
    return read_draft (rows);
  if (store_sql_end (rows, error))
    store_sql_set_missing (error, "draft", id);
  return NULL;
}

/* --- saving --------------------------------------------------------------------------------------------- */

/* What a save replaces, in the order of both statements. */
#define DRAFT_VALUES(d, now) \
  INT ((d)->account_id), INT ((d)->identity_id), TEXT ((d)->to_text), TEXT ((d)->cc_text), \
    TEXT ((d)->bcc_text), \
  TEXT ((d)->subject), TEXT ((d)->body), TEXT (format_words[(d)->body_format]), \
    TEXT (kind_words[(d)->kind]), \
  INT_UNLESS (0, (d)->source_id), INT_UNLESS (0, (d)->source_location), TEXT ((d)->in_reply_to), \
  TEXT ((d)->references_text), INT (now)

static gboolean
insert_draft (Store       *store,
              StoreDraft  *draft,
              gint64       now,
              GError     **error)
{
  g_autofree char *uuid = g_uuid_string_random ();
  gint64 id = store_desk_insert (store, "INSERT INTO draft (uuid, created_at, account_id, identity_id, "
                                        "to_text, cc_text, "
                                 "bcc_text, subject, body, body_format, kind, source_id, source_location, "
                                 "in_reply_to, "
                                 "references_text, saved_at, rev) "
                                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " DESK_REV ")",
                                 BIND (TEXT (uuid), INT (now), DRAFT_VALUES (draft, now)), error);

  if (id == 0)
    return FALSE;
  draft->id = id;
  draft->created_at = now;
  draft->saved_at = now;
  g_free (draft->uuid);
  draft->uuid = g_steal_pointer (&uuid);
  return TRUE;
}

/* Nothing changed: either it is not there, or in another state than the caller believed. */
static gboolean
set_not_in_state (Store             *store,
                  gint64             id,
                  StoreDraftState    to,
                  GError           **error)
{
  g_autoptr(StoreDraft) draft = store_drafts_get (store, id, error);

  return draft != NULL
         && store_desk_set_state_error (error, "draft", id, state_words[draft->state], state_words[to]);
}

gboolean
store_drafts_save (Store       *store,
                   StoreDraft  *draft,
                   GError     **error)
{
  gint64 now = base_clock_now ();
  gint64 n_changed;

  if (draft->id == 0)
    return insert_draft (store, draft, now, error);
  if (!store_desk_run (store, "UPDATE draft SET account_id = ?, identity_id = ?, to_text = ?, cc_text = ?, "
                              "bcc_text = ?, "
                       "subject = ?, body = ?, body_format = ?, kind = ?, source_id = ?, source_location = "
                       "?, "
                       "in_reply_to = ?, references_text = ?, saved_at = ?, rev = " DESK_REV
                       " WHERE id = ? AND state = 'open'",
                       BIND (DRAFT_VALUES (draft, now), INT (draft->id)), &n_changed, error))
    return FALSE;
  if (n_changed == 0)
    return set_not_in_state (store, draft->id, STORE_DRAFT_OPEN, error);
  draft->saved_at = now;
  return TRUE;
}

gboolean
store_drafts_set_location (Store   *store,
                           gint64   id,
                           gint64   location_id,
                           GError **error)
{
  return store_desk_run_one (store, "UPDATE draft SET location_id = ?, rev = " DESK_REV " WHERE id = ?",
                             BIND (INT_UNLESS (0, location_id), INT (id)), "draft", id, error);
}

static gboolean
change_state (Store            *store,
              gint64            id,
              StoreDraftState   from,
              StoreDraftState   to,
              GError          **error)
{
  gint64 n_changed;

  if (!store_desk_run (store, "UPDATE draft SET state = ?, saved_at = ?, rev = " DESK_REV " WHERE id = ? AND"
                       " state = ?",
                       BIND (TEXT (state_words[to]), INT (base_clock_now ()), INT (id),
                             TEXT (state_words[from])),
                       &n_changed, error))
    return FALSE;
  return n_changed > 0 || set_not_in_state (store, id, to, error);
}

gboolean
store_drafts_discard (Store   *store,
                      gint64   id,
                      GError **error)
{
  return change_state (store, id, STORE_DRAFT_OPEN, STORE_DRAFT_DISCARDED, error);
}

gboolean
store_drafts_restore (Store   *store,
                      gint64   id,
                      GError **error)
{
  return change_state (store, id, STORE_DRAFT_DISCARDED, STORE_DRAFT_OPEN, error);
}

gboolean
store_drafts_sweep (Store   *store,
                    GError **error)
{
  gint64 before = base_clock_now () - STORE_DRAFT_DAYS * 24 * 60 * 60;

  return store_desk_run (store, "DELETE FROM draft WHERE state = 'discarded' AND saved_at < ?",
                         BIND (INT (before)), NULL, error);
}

/* --- attachments ---------------------------------------------------------------------------------------- */

void
store_attachment_free (StoreAttachment *attachment)
{
  if (attachment == NULL)
    return;
  g_free (attachment->name);
  g_free (attachment->type);
  g_free (attachment->content_id);
  g_free (attachment);
}

static gboolean
attach (Store     *store,
        gpointer   data,
        GError   **error)
{
  StoreAttachment *attachment = data;
  StoreDb *db = store_peek_desk (store);

  if (!store_sql_run (db, "UPDATE draft SET saved_at = ?, rev = " DESK_REV " WHERE id = ? AND state = 'open'",
                      BIND (INT (base_clock_now ()), INT (attachment->draft_id)), error))
    return FALSE;
  if (store_sql_changed (db) == 0)
    return set_not_in_state (store, attachment->draft_id, STORE_DRAFT_OPEN, error);
  if (!store_sql_run (db, "INSERT INTO draft_attachment (draft_id, position, name, type, content_id, "
                          "object_id) VALUES "
                      "(?1, (SELECT coalesce (max (position) + 1, 0) FROM draft_attachment"
                      " WHERE draft_id = ?1), "
                      "?2, ?3, ?4, ?5)",
                      BIND (INT (attachment->draft_id), TEXT (attachment->name), TEXT (attachment->type),
                            TEXT (attachment->content_id), INT (attachment->object_id)), error))
    return FALSE;
  attachment->id = store_sql_last_id (db);
  return TRUE;
}

gint64
store_drafts_attach (Store       *store,
                     gint64       draft_id,
                     const char  *name,
                     const char  *type,
                     const char  *content_id,
                     gint64       object_id,
                     GError     **error)
{
  StoreAttachment attachment = {
    .draft_id = draft_id, .name = (char *) name, .type = (char *) type, .content_id = (char *) content_id,
    .object_id = object_id,
  };

  return store_desk_write (store, attach, &attachment, error) ? attachment.id : 0;
}

static gboolean
detach (Store     *store,
        gpointer   data,
        GError   **error)
{
  StoreDb *db = store_peek_desk (store);
  gint64 id = *(gint64 *) data;

  return store_sql_run (db, "UPDATE draft SET saved_at = ?, rev = " DESK_REV
                        " WHERE id = (SELECT draft_id FROM draft_attachment WHERE id = ?)",
                        BIND (INT (base_clock_now ()), INT (id)), error)
    && store_sql_run (db, "DELETE FROM draft_attachment WHERE id = ?", BIND (INT (id)), error)
    && (store_sql_changed (db) > 0 || store_sql_set_missing (error, "attachment", id));
}

gboolean
store_drafts_detach (Store   *store,
                     gint64   attachment_id,
                     GError **error)
{
  return store_desk_write (store, detach, &attachment_id, error);
}

GPtrArray *
store_drafts_list_attachments (Store   *store,
                               gint64   draft_id,
                               GError **error)
{
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) store_attachment_free);
  g_autoptr(StoreStatement) rows = NULL;

  rows = store_sql_query (store_peek_desk (store),
                          "SELECT a.id, a.draft_id, a.position, a.name, a.type, a.content_id, "
                          "a.object_id, o.size FROM draft_attachment a JOIN object o ON o.id = a.object_id "
                          "WHERE a.draft_id = ? ORDER BY a.position", BIND (INT (draft_id)), error);
  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreAttachment *attachment = g_new0 (StoreAttachment, 1);

      attachment->id = store_sql_int (rows, 0);
      attachment->draft_id = store_sql_int (rows, 1);
      attachment->position = (gint) store_sql_int (rows, 2);
      attachment->name = store_desk_dup_text (rows, 3);
      attachment->type = store_desk_dup_text (rows, 4);
      attachment->content_id = store_sql_dup_text (rows, 5);
      attachment->object_id = store_sql_int (rows, 6);
      attachment->size = store_sql_int (rows, 7);
      g_ptr_array_add (attachments, attachment);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&attachments) : NULL;
}
