/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/drafts.h"

#include "base/clock.h"
#include "mime/address.h"
#include "store/changes.h"
#include "store/objects.h"
#include "store/outbox.h"

#include <glib/gi18n-lib.h>

/* Answers of questions that only do something. */
static gpointer
as_answer (gboolean is_done)
{
  return GINT_TO_POINTER (is_done);
}

gboolean
model_drafts_change_finish (ModelStore    *store,
                            GAsyncResult  *result,
                            GError       **error)
{
  return GPOINTER_TO_INT (model_store_ask_finish (store, result, error));
}

static gint64 *
id_new (gint64 id)
{
  gint64 *copy = g_new (gint64, 1);

  *copy = id;
  return copy;
}

static void
ask_about (ModelStore          *store,
           ModelQuestion        question,
           gint64               id,
           GDestroyNotify       free_answer,
           GAsyncReadyCallback  callback,
           gpointer             user_data)
{
  model_store_ask (store, MODEL_SOON, question, id_new (id), g_free, free_answer, NULL, callback, user_data);
}

/* --- saving --------------------------------------------------------------------------------------------- */

static StoreDraft *
draft_copy (const StoreDraft *draft)
{
  StoreDraft *copy = g_memdup2 (draft, sizeof *draft);

  copy->uuid = g_strdup (draft->uuid);
  copy->to_text = g_strdup (draft->to_text);
  copy->cc_text = g_strdup (draft->cc_text);
  copy->bcc_text = g_strdup (draft->bcc_text);
  copy->subject = g_strdup (draft->subject);
  copy->body = g_strdup (draft->body);
  copy->in_reply_to = g_strdup (draft->in_reply_to);
  copy->references_text = g_strdup (draft->references_text);
  return copy;
}

/* The draft in *data becomes the answer. */
static gpointer
save (Store     *store,
      gpointer   data,
      GError   **error)
{
  StoreDraft **draft = data;

  return store_drafts_save (store, *draft, error) ? g_steal_pointer (draft) : NULL;
}

static void
free_held_draft (gpointer data)
{
  StoreDraft **draft = data;

  store_draft_free (*draft);
  g_free (draft);
}

void
model_drafts_save_async (ModelStore          *store,
                         const StoreDraft    *draft,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  StoreDraft **held = g_new (StoreDraft *, 1);

  *held = draft_copy (draft);
  model_store_ask (store, MODEL_SOON, save, held, free_held_draft, (GDestroyNotify) store_draft_free, NULL,
                   callback, user_data);
}

StoreDraft *
model_drafts_save_finish (ModelStore    *store,
                          GAsyncResult  *result,
                          GError       **error)
{
  return model_store_ask_finish (store, result, error);
}

/* --- listing, discarding -------------------------------------------------------------------------------- */

static gpointer
list (Store     *store,
      gpointer   data,
      GError   **error)
{
  return store_drafts_list (store, STORE_DRAFT_OPEN, error);
}

void
model_drafts_list_async (ModelStore          *store,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  model_store_ask (store, MODEL_SOON, list, NULL, NULL, (GDestroyNotify) g_ptr_array_unref, cancellable,
                   callback, user_data);
}

GPtrArray *
model_drafts_list_finish (ModelStore    *store,
                          GAsyncResult  *result,
                          GError       **error)
{
  return model_store_ask_finish (store, result, error);
}

static gpointer
discard (Store     *store,
         gpointer   data,
         GError   **error)
{
  return as_answer (store_drafts_discard (store, *(gint64 *) data, error));
}

void
model_drafts_discard_async (ModelStore          *store,
                            gint64               draft_id,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  ask_about (store, discard, draft_id, NULL, callback, user_data);
}

static gpointer
restore (Store     *store,
         gpointer   data,
         GError   **error)
{
  return as_answer (store_drafts_restore (store, *(gint64 *) data, error));
}

void
model_drafts_restore_async (ModelStore          *store,
                            gint64               draft_id,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  ask_about (store, restore, draft_id, NULL, callback, user_data);
}

static gpointer
detach (Store     *store,
        gpointer   data,
        GError   **error)
{
  return as_answer (store_drafts_detach (store, *(gint64 *) data, error));
}

void
model_drafts_detach_async (ModelStore          *store,
                           gint64               attachment_id,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  ask_about (store, detach, attachment_id, NULL, callback, user_data);
}

/* --- attaching ------------------------------------------------------------------------------------------ */

typedef struct {
  gint64  draft_id;
  GFile  *file;
} Attaching;

static void
attaching_free (Attaching *attaching)
{
  g_object_unref (attaching->file);
  g_free (attaching);
}

static StoreAttachment *
find_attachment (Store   *store,
                 gint64   draft_id,
                 gint64   id,
                 GError **error)
{
  g_autoptr(GPtrArray) all = store_drafts_list_attachments (store, draft_id, error);

  for (guint i = 0; all != NULL && i < all->len; i++)
    if (((StoreAttachment *) all->pdata[i])->id == id)
      {
        g_ptr_array_set_free_func (all, NULL);
        for (guint k = 0; k < all->len; k++)
          if (k != i)
            store_attachment_free (all->pdata[k]);
        return all->pdata[i];
      }
  if (all != NULL)
    g_set_error_literal (error, STORE_ERROR, STORE_ERROR_NOT_FOUND,
                         _("The attachment was removed meanwhile."));
  return NULL;
}

static GInputStream *
open_file (GFile         *file,
           GFileInfo    **info,
           GCancellable  *cancellable,
           GError       **error)
{
  *info = g_file_query_info (file,
                             G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_DISPLAY_NAME ","
                             G_FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE, G_FILE_QUERY_INFO_NONE, cancellable,
                             error);
  if (*info == NULL)
    return NULL;
  /* A pipe or a device would be read for ever. */
  if (g_file_info_get_file_type (*info) != G_FILE_TYPE_REGULAR)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, _("“%s” is not a file"),
                   g_file_info_get_display_name (*info));
      return NULL;
    }
  return G_INPUT_STREAM (g_file_read (file, cancellable, error));
}

static StoreAttachment *
attach (const char    *dir,
        Attaching     *attaching,
        GCancellable  *cancellable,
        GError       **error)
{
  g_autoptr(GFileInfo) info = NULL;
  g_autoptr(GInputStream) stream = open_file (attaching->file, &info, cancellable, error);
  g_autoptr(Store) store = NULL;
  g_autofree char *type = NULL;
  gint64 object_id, id;

  if (stream == NULL || (store = store_open (dir, STORE_READER, error)) == NULL)
    return NULL;
  if ((object_id = store_objects_add_stream (store, stream, cancellable, error)) == 0)
    return NULL;
  type = g_content_type_get_mime_type (g_file_info_get_content_type (info));
  id = store_drafts_attach (store, attaching->draft_id, g_file_info_get_display_name (info),
                            type != NULL ? type : "application/octet-stream", NULL, object_id, error);
  return id != 0 ? find_attachment (store, attaching->draft_id, id, error) : NULL;
}

static void
attach_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  GError *error = NULL;
  StoreAttachment *attachment = attach (model_store_get_dir (source), data, cancellable, &error);

  if (attachment == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, attachment, (GDestroyNotify) store_attachment_free);
}

void
model_drafts_attach_async (ModelStore          *store,
                           gint64               draft_id,
                           GFile               *file,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (store, cancellable, callback, user_data);
  Attaching *attaching = g_new0 (Attaching, 1);

  attaching->draft_id = draft_id;
  attaching->file = g_object_ref (file);
  g_task_set_task_data (task, attaching, (GDestroyNotify) attaching_free);
  g_task_run_in_thread (task, attach_thread);
}

StoreAttachment *
model_drafts_attach_finish (ModelStore    *store,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_assert (g_task_is_valid (result, store));
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- the outbox ----------------------------------------------------------------------------------------- */

/* For completing the next address.  That this fails keeps no letter back. */
static void
note_contacts (Store *store,
               gint64 draft_id)
{
  g_autoptr(StoreDraft) draft = store_drafts_get (store, draft_id, NULL);
  g_autofree char *typed = draft != NULL ? g_strjoin (",", draft->to_text, draft->cc_text, draft->bcc_text,
                                                      NULL) : g_strdup ("");
  g_autoptr(GPtrArray) recipients = mime_addresses_parse (MIME_ROLE_TO, typed);

  for (guint i = 0; i < recipients->len; i++)
    {
      const MimeAddress *address = recipients->pdata[i];
      g_autoptr(GError) error = NULL;

      if (!store_contacts_note_sent (store, address->address, address->name, &error))
        g_info ("Cannot note a recipient: %s", error->message);
    }
}

/* The message of a Drafts folder that this letter was: it goes to Trash, from where it can come back. */
static void
retire_original (Store *store,
                 gint64 draft_id)
{
  static const StoreWish wish = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_TO_TRASH };
  g_autoptr(StoreDraft) draft = store_drafts_get (store, draft_id, NULL);
  g_autoptr(GArray) changes = NULL;
  g_autoptr(GError) error = NULL;

  if (draft == NULL || draft->kind != STORE_DRAFT_EDIT || draft->source_location == 0)
    return;
  changes = store_changes_record (store, &wish, &draft->source_location, 1, &error);
  if (changes == NULL)
    g_info ("Cannot remove the draft that was sent: %s", error->message);
}

static void
queue_thread (GTask        *task,
              gpointer      source,
              gpointer      data,
              GCancellable *cancellable)
{
  gint64 draft_id = *(gint64 *) data, outbox_id = 0;
  GError *error = NULL;
  g_autoptr(Store) store = store_open (model_store_get_dir (source), STORE_READER, &error);

  if (store != NULL)
    outbox_id = store_outbox_queue_draft (store, draft_id, base_clock_now () + MODEL_TAKE_BACK_S, &error);
  if (outbox_id == 0)
    {
      g_task_return_error (task, error);
      return;
    }
  note_contacts (store, draft_id);
  retire_original (store, draft_id);
  g_task_return_pointer (task, id_new (outbox_id), g_free);
}

void
model_drafts_queue_async (ModelStore          *store,
                          gint64               draft_id,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (store, NULL, callback, user_data);

  g_task_set_task_data (task, id_new (draft_id), g_free);
  g_task_run_in_thread (task, queue_thread);
}

static gint64
take_id (gpointer answer)
{
  g_autofree gint64 *id = answer;

  return id != NULL ? *id : 0;
}

gint64
model_drafts_queue_finish (ModelStore    *store,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_assert (g_task_is_valid (result, store));
  return take_id (g_task_propagate_pointer (G_TASK (result), error));
}

static gpointer
take_back (Store     *store,
           gpointer   data,
           GError   **error)
{
  gint64 outbox_id = *(gint64 *) data;
  g_autoptr(StoreOutbox) entry = store_outbox_get (store, outbox_id, error);

  if (entry == NULL || !store_outbox_set_state (store, outbox_id, STORE_OUTBOX_CANCELLED, NULL, error))
    return NULL;
  return id_new (entry->draft_id);
}

void
model_drafts_take_back_async (ModelStore          *store,
                              gint64               outbox_id,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  ask_about (store, take_back, outbox_id, g_free, callback, user_data);
}

gint64
model_drafts_take_back_finish (ModelStore    *store,
                               GAsyncResult  *result,
                               GError       **error)
{
  return take_id (model_store_ask_finish (store, result, error));
}

/* --- contacts ------------------------------------------------------------------------------------------- */

typedef struct {
  char  *text;
  guint  limit;
} Completing;

static void
completing_free (gpointer data)
{
  Completing *completing = data;

  g_free (completing->text);
  g_free (completing);
}

static gpointer
complete (Store     *store,
          gpointer   data,
          GError   **error)
{
  Completing *completing = data;

  return store_contacts_complete (store, completing->text, completing->limit, error);
}

void
model_contacts_complete_async (ModelStore          *store,
                               const char          *text,
                               guint                limit,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  Completing *completing = g_new0 (Completing, 1);

  completing->text = g_strdup (text);
  completing->limit = limit;
  model_store_ask (store, MODEL_SOON, complete, completing, completing_free,
                   (GDestroyNotify) g_ptr_array_unref, cancellable, callback, user_data);
}

GPtrArray *
model_contacts_complete_finish (ModelStore    *store,
                                GAsyncResult  *result,
                                GError       **error)
{
  return model_store_ask_finish (store, result, error);
}
