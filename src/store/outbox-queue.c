/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of outbox.h that makes a message to send out of a draft. */
#include "store/outbox-private.h"

#include "base/clock.h"
#include "mime/build.h"
#include "store/flags.h"
#include "store/objects.h"

#include <string.h>

#define FORWARDED_MAX (32 * 1024 * 1024)

StoreSentCopy
store_outbox_copy_of_account (const StoreAccount *account)
{
  return account->save_sent == STORE_SAVE_SENT_NONE ? STORE_SENT_COPY_NONE : STORE_SENT_COPY_WANTED;
}

char **
store_outbox_make_recipients (GPtrArray  *addresses,
                              GError    **error)
{
  g_autoptr(GStrvBuilder) recipients = g_strv_builder_new ();
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < addresses->len; i++)
    {
      const MimeAddress *address = addresses->pdata[i];

      if (address->role != MIME_ROLE_TO && address->role != MIME_ROLE_CC && address->role != MIME_ROLE_BCC)
        continue;
      if (address->address[0] == '\0' || !mime_address_is_valid (address->address))
        {
          g_autofree char *label = mime_address_dup_full (address);

          g_set_error (error, MIME_ERROR, MIME_ERROR_REFUSED, "Not an email address: %s", label);
          return NULL;
        }
      if (g_hash_table_add (seen, mime_address_dup_key (address->address)))
        g_strv_builder_add (recipients, address->address);
    }
  if (g_hash_table_size (seen) > 0)
    return g_strv_builder_end (recipients);
  g_set_error_literal (error, MIME_ERROR, MIME_ERROR_REFUSED, "The message has no recipient");
  return NULL;
}

static gboolean
write_object (BaseSlice   piece,
              gpointer    user_data,
              GError    **error)
{
  return store_object_writer_add (user_data, piece.data, piece.size, error);
}

/* --- drafts --------------------------------------------------------------------------------------------- */

/* Hands an attachment's pieces to mime_build(), once for each build. */
typedef struct {
  Store             *store;
  gint64             object_id;
  StoreObjectReader *reader;
  GBytes            *piece;
  gsize              used;
} Feed;

static void
feed_free (gpointer data)
{
  Feed *feed = data;

  store_object_reader_free (feed->reader);
  g_clear_pointer (&feed->piece, g_bytes_unref);
  g_free (feed);
}

static gboolean
feed_next_piece (Feed    *feed,
                 GError **error)
{
  g_autoptr(GError) problem = NULL;

  if (feed->reader == NULL
      && (feed->reader = store_objects_open (feed->store, feed->object_id, error)) == NULL)
    return FALSE;
  g_clear_pointer (&feed->piece, g_bytes_unref);
  feed->used = 0;
  feed->piece = store_object_reader_next (feed->reader, &problem);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gssize
feed_read (gpointer   data,
           guint8    *buffer,
           gsize      size,
           GError   **error)
{
  Feed *feed = data;
  gsize fits;

  if ((feed->piece == NULL || feed->used == g_bytes_get_size (feed->piece)) && !feed_next_piece (feed, error))
    return -1;
  if (feed->piece == NULL)
    {
      g_clear_pointer (&feed->reader, store_object_reader_free);         /* the next build begins anew */
      return 0;
    }
  fits = MIN (size, g_bytes_get_size (feed->piece) - feed->used);
  memcpy (buffer, (const guint8 *) g_bytes_get_data (feed->piece, NULL) + feed->used, fits);
  feed->used += fits;
  return (gssize) fits;
}

typedef struct {
  StoreDraft    *draft;
  StoreAccount  *account;
  StoreIdentity *identity;
  GPtrArray     *attachments;           /* of StoreAttachment */
  GPtrArray     *feeds;                 /* of Feed */
  MimeDraft     *message;
} Making;

static void
making_clear (Making *making)
{
  g_clear_pointer (&making->draft, store_draft_free);
  g_clear_pointer (&making->account, store_account_free);
  g_clear_pointer (&making->identity, store_identity_free);
  g_clear_pointer (&making->message, mime_draft_free);
  g_clear_pointer (&making->attachments, g_ptr_array_unref);
  g_clear_pointer (&making->feeds, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Making, making_clear)

static gboolean
making_read (Making  *making,
             Store   *store,
             gint64   draft_id,
             GError **error)
{
  making->feeds = g_ptr_array_new_with_free_func (feed_free);
  return (making->draft = store_drafts_get (store, draft_id, error)) != NULL
    && (making->account = store_accounts_get (store, making->draft->account_id, error)) != NULL
    && (making->identity = store_identities_get (store, making->draft->identity_id, error)) != NULL
    && (making->attachments = store_drafts_list_attachments (store, draft_id, error)) != NULL;
}

static void
add_typed (GPtrArray  *addresses,
           MimeRole    role,
           const char *typed)
{
  g_autoptr(GPtrArray) parsed = mime_addresses_parse (role, typed);

  g_ptr_array_extend_and_steal (addresses, g_steal_pointer (&parsed));
}

/* A forwarded message is not encoded (RFC 2046 5.2.1), so it must be seen whole; one beyond the limit goes as
 * a file. */
static GBytes *
read_forwarded (Store                 *store,
                const StoreAttachment *attachment)
{
  if (g_ascii_strcasecmp (attachment->type, "message/rfc822") != 0)
    return NULL;
  return store_objects_read (store, attachment->object_id, FORWARDED_MAX, NULL);
}

static void
add_attachments (Making *making,
                 Store  *store)
{
  for (guint i = 0; i < making->attachments->len; i++)
    {
      const StoreAttachment *attachment = making->attachments->pdata[i];
      MimeAttachment *part = mime_draft_add_attachment (making->message, attachment->name, attachment->type);
      Feed *feed = g_new0 (Feed, 1);

      feed->store = store;
      feed->object_id = attachment->object_id;
      part->content_id = g_strdup (attachment->content_id);
      part->bytes = read_forwarded (store, attachment);
      part->reader = feed_read;
      part->reader_data = feed;
      g_ptr_array_add (making->feeds, feed);
    }
}

static void
make_message (Making *making,
              Store  *store)
{
  const StoreDraft *draft = making->draft;
  MimeDraft *message = making->message = mime_draft_new ();

  g_ptr_array_add (message->addresses,
                   mime_address_new (MIME_ROLE_FROM, making->identity->name, making->identity->email));
  if (making->identity->reply_to[0] != '\0')
    add_typed (message->addresses, MIME_ROLE_REPLY_TO, making->identity->reply_to);
  add_typed (message->addresses, MIME_ROLE_TO, draft->to_text);
  add_typed (message->addresses, MIME_ROLE_CC, draft->cc_text);
  add_typed (message->addresses, MIME_ROLE_BCC, draft->bcc_text);
  message->subject = (g_free (message->subject), g_strdup (draft->subject));
  message->text = (g_free (message->text), g_strdup (draft->body));
  message->message_id = (g_free (message->message_id), mime_message_id_new (making->identity->email));
  message->date = base_clock_now ();
  if (draft->in_reply_to != NULL)
    message->in_reply_to = g_strsplit (draft->in_reply_to, " ", -1);
  if (draft->references_text != NULL)
    message->references = g_strsplit (draft->references_text, " ", -1);
  add_attachments (making, store);
}

static gint64
build_object (Store      *store,
              MimeDraft  *message,
              guint       flags,
              GError    **error)
{
  g_autoptr(StoreObjectWriter) writer = store_objects_begin (store, error);

  if (writer == NULL || !mime_build (message, flags, write_object, writer, error))
    return 0;
  return store_object_writer_finish (g_steal_pointer (&writer), error);
}

static gboolean
has_bcc (GPtrArray *addresses)
{
  for (guint i = 0; i < addresses->len; i++)
    if (((MimeAddress *) addresses->pdata[i])->role == MIME_ROLE_BCC)
      return TRUE;
  return FALSE;
}

static guint
flag_of_kind (StoreDraftKind kind)
{
  switch (kind)
    {
    case STORE_DRAFT_REPLY:
    case STORE_DRAFT_REPLY_ALL:
      return STORE_FLAG_ANSWERED;
    case STORE_DRAFT_FORWARD:
      return STORE_FLAG_FORWARDED;
    case STORE_DRAFT_NEW:
    case STORE_DRAFT_EDIT:
      return 0;
    }
  g_assert_not_reached ();
}

gint64
store_outbox_queue_draft (Store   *store,
                          gint64   draft_id,
                          gint64   not_before,
                          GError **error)
{
  g_auto(Making) making = { 0 };
  g_auto(GStrv) recipients = NULL;
  guint utf8;
  StoreSending sending = { .draft_id = draft_id, .not_before = not_before };

  if (!making_read (&making, store, draft_id, error))
    return 0;
  make_message (&making, store);
  if ((recipients = store_outbox_make_recipients (making.message->addresses, error)) == NULL)
    return 0;

  utf8 = mime_draft_needs_smtputf8 (making.message) ? MIME_BUILD_UTF8 : 0;
  if ((sending.object_id = build_object (store, making.message, MIME_BUILD_TO_SEND | utf8, error)) == 0)
    return 0;
  if (has_bcc (making.message->addresses)
      && (sending.sent_object_id = build_object (store, making.message, MIME_BUILD_WITH_BCC | utf8,
                                                 error)) == 0)
    return 0;

  sending.account_id = making.account->id;
  sending.identity_id = making.identity->id;
  sending.message_id = making.message->message_id;
  sending.sender = making.identity->email;
  sending.recipients = (const char *const *) recipients;
  sending.subject = making.draft->subject;
  sending.source_location = making.draft->source_location;
  sending.source_flag = flag_of_kind (making.draft->kind);
  sending.sent_copy = store_outbox_copy_of_account (making.account);
  return store_outbox_queue (store, &sending, error);
}
