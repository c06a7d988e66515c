/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of drafts.h that opens a letter: reads the message answered and takes over what is forwarded. */
#include "model/drafts.h"

#include "base/clock.h"
#include "mime/build.h"
#include "store/contents.h"
#include "store/messages.h"
#include "store/objects.h"

#include <glib/gi18n-lib.h>

void
model_letter_free (ModelLetter *letter)
{
  if (letter == NULL)
    return;
  store_draft_free (letter->draft);
  g_clear_pointer (&letter->attachments, g_ptr_array_unref);
  g_clear_pointer (&letter->identities, g_ptr_array_unref);
  g_clear_pointer (&letter->accounts, g_ptr_array_unref);
  g_strfreev (letter->ignored);
  g_free (letter);
}

const StoreAccount *
model_letter_peek_account (const ModelLetter *letter,
                           gint64             id)
{
  for (guint i = 0; i < letter->accounts->len; i++)
    if (((StoreAccount *) letter->accounts->pdata[i])->id == id)
      return letter->accounts->pdata[i];
  return NULL;
}

/* --- who can write -------------------------------------------------------------------------------------- */

static gboolean
read_identities (ModelLetter  *letter,
                 Store        *store,
                 GError      **error)
{
  if ((letter->accounts = store_accounts_list (store, STORE_ACCOUNTS_LIVE, error)) == NULL)
    return FALSE;
  letter->identities = g_ptr_array_new_with_free_func ((GDestroyNotify) store_identity_free);
  for (guint i = 0; i < letter->accounts->len; i++)
    {
      const StoreAccount *account = letter->accounts->pdata[i];
      GPtrArray *own;

      if (*account->outgoing.host == '\0')
        continue;
      if ((own = store_identities_list (store, account->id, error)) == NULL)
        return FALSE;
      g_ptr_array_extend_and_steal (letter->identities, own);
    }
  if (letter->identities->len > 0)
    return TRUE;
  g_set_error_literal (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, _("No account here can send mail yet."));
  return FALSE;
}

/* --- the message answered ------------------------------------------------------------------------------- */

static gboolean
collect_piece (BaseSlice   piece,
               gpointer    user_data,
               GError    **error)
{
  g_byte_array_append (user_data, piece.data, (guint) piece.size);
  return TRUE;
}

/* Only its header is here, and that as rows: a header with what an answer needs. */
static GBytes *
make_header (Store               *store,
             const StoreMessage  *row,
             GError             **error)
{
  g_autoptr(MimeDraft) header = mime_draft_new ();
  g_autoptr(GPtrArray) addresses = store_messages_list_addresses (store, row->id, error);
  g_autoptr(GByteArray) bytes = g_byte_array_new ();

  if (addresses == NULL)
    return NULL;
  g_ptr_array_extend_and_steal (header->addresses, g_steal_pointer (&addresses));
  header->subject = (g_free (header->subject), g_strdup (row->subject));
  header->message_id = (g_free (header->message_id), g_strdup (row->message_id));
  if (row->in_reply_to != NULL)
    header->references = g_strsplit (row->in_reply_to, " ", -1);
  header->date = row->date != MIME_DATE_NONE ? row->date : row->arrived_at;
  if (!mime_build (header, MIME_BUILD_UNSENT | MIME_BUILD_UTF8, collect_piece, bytes, error))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static GBytes *
read_message (Store               *store,
              const StoreMessage  *row,
              ModelComposeKind     kind,
              GError             **error)
{
  if (row->content_id != 0)
    {
      g_autoptr(StoreRaw) raw = store_raw_new (store_get_dir (store));

      return store_contents_read (store, raw, row->id, error);
    }
  if (kind != MODEL_COMPOSE_FORWARD && kind != MODEL_COMPOSE_FORWARD_ATTACHED && kind != MODEL_COMPOSE_EDIT)
    return make_header (store, row, error);
  g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND,
               _("“%s” must be fetched first: only its header is on this computer."), row->subject);
  return NULL;
}

/* --- what a forward takes along ------------------------------------------------------------------------- */

static gboolean
write_piece (BaseSlice   piece,
             gpointer    user_data,
             GError    **error)
{
  return store_object_writer_add (user_data, piece.data, piece.size, error);
}

static gboolean
attach_part (Store       *store,
             gint64       draft_id,
             MimeTree    *tree,
             guint        index,
             GError     **error)
{
  const MimePart *part = mime_tree_get_part (tree, index);
  g_autofree char *type = g_strdup_printf ("%s/%s", part->type, part->subtype);
  g_autoptr(StoreObjectWriter) writer = store_objects_begin (store, error);
  gint64 object_id;

  if (writer == NULL || !mime_tree_write_part (tree, index, write_piece, writer, error))
    return FALSE;
  if ((object_id = store_object_writer_finish (g_steal_pointer (&writer), error)) == 0)
    return FALSE;
  return store_drafts_attach (store, draft_id, part->filename != NULL ? part->filename : _("Attachment"),
                              type, NULL, object_id, error) != 0;
}

static gboolean
attach_parts (Store   *store,
              gint64   draft_id,
              GBytes  *message,
              GError **error)
{
  g_autoptr(MimeTree) tree = mime_tree_new (message);
  g_autoptr(GArray) parts = mime_tree_list_attachments (tree);

  for (guint i = 0; i < parts->len; i++)
    if (!attach_part (store, draft_id, tree, g_array_index (parts, guint, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
attach_message (Store       *store,
                gint64       draft_id,
                const char  *subject,
                GBytes      *message,
                GError     **error)
{
  g_autofree char *name = g_strdup_printf ("%s.eml", *subject != '\0' ? subject : _("Message"));
  gint64 object_id = store_objects_add (store, base_slice_from_bytes (message), error);

  /* A subject may hold what a file name must not. */
  g_strdelimit (name, "/\\:*?\"<>|", '_');
  return object_id != 0
         && store_drafts_attach (store, draft_id, name, "message/rfc822", NULL, object_id, error) != 0;
}

static gboolean
has_attachments (GBytes *message)
{
  g_autoptr(MimeTree) tree = mime_tree_new (message);
  g_autoptr(GArray) parts = mime_tree_list_attachments (tree);

  return parts->len > 0;
}

static gboolean
take_along (ModelLetter         *letter,
            Store               *store,
            ModelComposeKind     kind,
            const StoreMessage  *row,
            GBytes              *message,
            GError             **error)
{
  gboolean takes_parts = (kind == MODEL_COMPOSE_FORWARD || kind == MODEL_COMPOSE_EDIT)
                         && has_attachments (message);

  if (kind != MODEL_COMPOSE_FORWARD_ATTACHED && !takes_parts)
    return TRUE;
  if (!store_drafts_save (store, letter->draft, error))
    return FALSE;
  if (kind == MODEL_COMPOSE_FORWARD_ATTACHED)
    return attach_message (store, letter->draft->id, row->subject, message, error);
  return attach_parts (store, letter->draft->id, message, error);
}

/* --- opening -------------------------------------------------------------------------------------------- */

typedef struct {
  ModelLetterWish  wish;
  char            *mailto;
} Opening;

static void
opening_free (Opening *opening)
{
  g_free (opening->mailto);
  g_free (opening);
}

static gboolean
open_answer (ModelLetter             *letter,
             Store                   *store,
             const ModelLetterWish   *wish,
             ModelComposeWish        *compose,
             GError                 **error)
{
  g_autoptr(StoreMessage) row = store_messages_get (store, wish->message_id, error);
  g_autoptr(GBytes) message = NULL;

  if (row == NULL || (message = read_message (store, row, wish->kind, error)) == NULL)
    return FALSE;
  compose->message = message;
  if (compose->account_id == 0)
    compose->account_id = row->account_id;
  letter->draft = model_compose_draft (compose);
  return take_along (letter, store, wish->kind, row, message, error);
}

/* The letter that is being made of that message already, or NULL: two of them would be sent twice. */
static StoreDraft *
find_edited (Store  *store,
             gint64  message_id)
{
  g_autoptr(GPtrArray) drafts = store_drafts_list (store, STORE_DRAFT_OPEN, NULL);

  for (guint i = 0; drafts != NULL && i < drafts->len; i++)
    {
      const StoreDraft *draft = drafts->pdata[i];

      if (draft->kind == STORE_DRAFT_EDIT && draft->source_id == message_id)
        return store_drafts_get (store, draft->id, NULL);
    }
  return NULL;
}

static gboolean
open_draft (ModelLetter            *letter,
            Store                  *store,
            const ModelLetterWish  *wish,
            GError                **error)
{
  ModelComposeWish compose = {
    .kind = wish->kind, .message_id = wish->message_id, .location_id = wish->location_id,
    .account_id = wish->account_id, .identities = letter->identities, .now = base_clock_now (),
  };

  if (wish->draft_id != 0)
    {
      if ((letter->draft = store_drafts_get (store, wish->draft_id, error)) == NULL)
        return FALSE;
      if (letter->draft->state == STORE_DRAFT_OPEN)
        return TRUE;
      g_set_error_literal (error, STORE_ERROR, STORE_ERROR_STATE, _("This draft was sent or discarded."));
      return FALSE;
    }
  if (wish->kind == MODEL_COMPOSE_EDIT && (letter->draft = find_edited (store, wish->message_id)) != NULL)
    return TRUE;
  if (wish->kind != MODEL_COMPOSE_NEW)
    return open_answer (letter, store, wish, &compose, error);
  letter->draft = model_compose_draft (&compose);
  return wish->mailto == NULL
         || model_compose_add_mailto (letter->draft, wish->mailto, &letter->ignored, error);
}

static ModelLetter *
open_letter (const char             *dir,
             const ModelLetterWish  *wish,
             GError                **error)
{
  g_autoptr(Store) store = store_open (dir, STORE_READER, error);
  g_autoptr(ModelLetter) letter = g_new0 (ModelLetter, 1);

  if (store == NULL || !read_identities (letter, store, error) || !open_draft (letter, store, wish, error))
    return NULL;
  if (letter->draft->id == 0)
    letter->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) store_attachment_free);
  else if ((letter->attachments = store_drafts_list_attachments (store, letter->draft->id, error)) == NULL)
    return NULL;
  return g_steal_pointer (&letter);
}

static void
open_thread (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  Opening *opening = data;
  GError *error = NULL;
  ModelLetter *letter = open_letter (model_store_get_dir (source), &opening->wish, &error);

  if (letter == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, letter, (GDestroyNotify) model_letter_free);
}

void
model_letter_open_async (ModelStore            *store,
                         const ModelLetterWish *wish,
                         GCancellable          *cancellable,
                         GAsyncReadyCallback    callback,
                         gpointer               user_data)
{
  g_autoptr(GTask) task = g_task_new (store, cancellable, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);

  opening->wish = *wish;
  opening->mailto = g_strdup (wish->mailto);
  opening->wish.mailto = opening->mailto;
  g_task_set_task_data (task, opening, (GDestroyNotify) opening_free);
  g_task_run_in_thread (task, open_thread);
}

ModelLetter *
model_letter_open_finish (ModelStore    *store,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_assert (g_task_is_valid (result, store));
  return g_task_propagate_pointer (G_TASK (result), error);
}
