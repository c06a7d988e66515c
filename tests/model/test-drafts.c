/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/drafts.h"

#include "base/clock.h"
#include "mime/tree.h"
#include "store/changes.h"
#include "store/contents.h"
#include "store/fixture.h"
#include "store/flags.h"
#include "store/mail.h"
#include "store/objects.h"
#include "store/outbox.h"

#include <glib/gstdio.h>
#include <string.h>

#define NOW 1775210096                  /* Fri, 3 Apr 2026 09:54:56 +0000 */

typedef struct {
  StoreFixture *files;
  ModelStore   *model;
  gint64        account_id;
} Fixture;

/* --- waiting -------------------------------------------------------------------------------------------- */

static void
keep_result (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static ModelLetter *
open_letter (Fixture                *fixture,
             const ModelLetterWish  *wish,
             GError                **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  model_letter_open_async (fixture->model, wish, NULL, keep_result, &result);
  return model_letter_open_finish (fixture->model, wait_for (&result), error);
}

static void
save (Fixture     *fixture,
      ModelLetter *letter)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  StoreDraft *saved;

  model_drafts_save_async (fixture->model, letter->draft, keep_result, &result);
  saved = model_drafts_save_finish (fixture->model, wait_for (&result), &error);
  g_assert_no_error (error);
  store_draft_free (letter->draft);
  letter->draft = saved;
}

static gint64
queue (Fixture  *fixture,
       gint64    draft_id,
       GError  **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  model_drafts_queue_async (fixture->model, draft_id, keep_result, &result);
  return model_drafts_queue_finish (fixture->model, wait_for (&result), error);
}

typedef void (*Change) (ModelStore          *store,
                        gint64               id,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data);

static gboolean
change (Fixture  *fixture,
        Change    func,
        gint64    id,
        GError  **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  func (fixture->model, id, keep_result, &result);
  return model_drafts_change_finish (fixture->model, wait_for (&result), error);
}

static void
assert_change (Fixture *fixture,
               Change   func,
               gint64   id)
{
  g_autoptr(GError) error = NULL;
  gboolean is_done = change (fixture, func, id, &error);

  g_assert_no_error (error);
  g_assert_true (is_done);
}

static StoreAttachment *
attach (Fixture     *fixture,
        gint64       draft_id,
        const char  *path,
        GError     **error)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GFile) file = g_file_new_for_path (path);

  model_drafts_attach_async (fixture->model, draft_id, file, NULL, keep_result, &result);
  return model_drafts_attach_finish (fixture->model, wait_for (&result), error);
}

/* --- a store with an account ---------------------------------------------------------------------------- */

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(StoreAccount) account = store_account_new ();
  g_autoptr(StoreAccount) reader = store_account_new ();
  g_autoptr(GError) error = NULL;

  fixture->files = store_fixture_new ();
  store_account_set (&account->name, "Harbour");
  store_account_set (&account->email, "anna@harbour.example");
  store_account_set (&account->outgoing.host, "mail.harbour.example");
  fixture->account_id = store_accounts_add (fixture->files->store, account, "Anna Lindqvist", &error);
  g_assert_no_error (error);
  store_account_set (&reader->email, "reads@harbour.example");
  store_accounts_add (fixture->files->store, reader, "Cannot send", &error);
  g_assert_no_error (error);
  fixture->model = model_store_new (fixture->files->dir);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  g_clear_object (&fixture->model);
  store_fixture_free (fixture->files);
}

static void
set (char       **field,
     const char  *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

static ModelLetter *
new_letter (Fixture    *fixture,
            const char *to)
{
  ModelLetterWish wish = { .kind = MODEL_COMPOSE_NEW };
  g_autoptr(GError) error = NULL;
  ModelLetter *letter = open_letter (fixture, &wish, &error);

  g_assert_no_error (error);
  set (&letter->draft->to_text, to);
  set (&letter->draft->subject, "Mooring");
  set (&letter->draft->body, "Berth 12\n");
  return letter;
}

static gint64
add_mail (Fixture    *fixture,
          const char *text)
{
  Store *store = fixture->files->store;
  TestMail mail = { .id = "2@pier", .subject = "Plan/for\\all", .from = "jonas@pier.example",
                    .account_id = fixture->account_id,
                    .to = "anna@harbour.example mia@pier.example", .arrived_at = NOW };
  g_autoptr(StoreRaw) raw = store_raw_new (fixture->files->dir);
  g_autoptr(GBytes) bytes = text != NULL ? g_bytes_new_static (text, strlen (text)) : NULL;
  StoreTransaction *transaction = test_begin (store);
  gint64 id = test_mail_insert (store, &mail), content_id;

  if (text != NULL)
    {
      StoreContent content = { .size = (gint64) strlen (text), .stored_at = NOW };
      StoreRawHeader header = { .kind = STORE_RAW_BODY, .encoding = STORE_RAW_PLAIN, .size = strlen (text),
                                .origin = { .message_id = id, .account_id = fixture->account_id } };
      g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
      gsize size = 32;

      g_checksum_update (checksum, (const guchar *) text, -1);
      g_checksum_get_digest (checksum, header.sha256, &size);
      memcpy (content.sha256, header.sha256, 32);
      g_assert_true (store_raw_begin_appending (raw, NULL, NULL, NULL));
      g_assert_true (store_raw_append (raw, &header, bytes, &content.place, NULL));
      g_assert_true (store_raw_sync (raw, NULL));
      content_id = store_contents_add (store, &content, NULL);
      g_assert_true (store_messages_set_content (store, id, content_id, content.size, NULL));
    }
  test_commit (transaction);
  return id;
}

static char *
read_object (Fixture *fixture,
             gint64   id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = store_objects_read (fixture->files->store, id, 10 * 1024 * 1024, &error);

  g_assert_no_error (error);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* --- facts ---------------------------------------------------------------------------------------------- */

static void
test_saved_text_survives (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr(ModelLetter) letter = new_letter (fixture, "jonas@pier.exa");
  g_autoptr(ModelLetter) again = NULL;
  g_autoptr(GError) error = NULL;
  ModelLetterWish wish = { 0 };
  gint64 id;

  g_assert_cmpint (letter->draft->id, ==, 0);
  g_assert_cmpuint (letter->identities->len, ==, 1);
  save (fixture, letter);
  id = letter->draft->id;
  g_assert_cmpint (id, >, 0);
  set (&letter->draft->body, "Berth 12, next to the crane\n");
  save (fixture, letter);
  g_assert_cmpint (letter->draft->id, ==, id);

  store_fixture_reopen (fixture->files);
  wish.draft_id = id;
  again = open_letter (fixture, &wish, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->draft->body, ==, "Berth 12, next to the crane\n");
  g_assert_cmpstr (again->draft->to_text, ==, "jonas@pier.exa");
  g_assert_cmpstr (again->draft->uuid, ==, letter->draft->uuid);
}

static void
test_no_account_is_said (void)
{
  g_autoptr(StoreFixture) files = store_fixture_new ();
  Fixture fixture = { .files = files, .model = model_store_new (files->dir) };
  ModelLetterWish wish = { .kind = MODEL_COMPOSE_NEW };
  g_autoptr(GError) error = NULL;

  g_assert_null (open_letter (&fixture, &wish, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  g_object_unref (fixture.model);
}

static void
test_discarded_can_be_restored (Fixture       *fixture,
                                gconstpointer  data)
{
  g_autoptr(ModelLetter) letter = new_letter (fixture, "jonas@pier.example");
  g_autoptr(GPtrArray) list = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  ModelLetterWish wish = { 0 };

  save (fixture, letter);
  wish.draft_id = letter->draft->id;
  assert_change (fixture, model_drafts_discard_async, letter->draft->id);
  g_assert_null (open_letter (fixture, &wish, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);
  g_clear_error (&error);
  g_assert_false (change (fixture, model_drafts_discard_async, letter->draft->id, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);
  g_clear_error (&error);
  g_assert_cmpint (store_drafts_count (fixture->files->store, STORE_DRAFT_OPEN, NULL), ==, 0);
  assert_change (fixture, model_drafts_restore_async, letter->draft->id);
  g_assert_cmpint (store_drafts_count (fixture->files->store, STORE_DRAFT_OPEN, NULL), ==, 1);

  model_drafts_list_async (fixture->model, NULL, keep_result, &result);
  list = model_drafts_list_finish (fixture->model, wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (((StoreDraft *) list->pdata[0])->subject, ==, "Mooring");
}

static void
test_attached_file_is_copied (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->files->dir, "Übersicht.txt", NULL);
  g_autofree char *bytes = NULL;
  g_autoptr(ModelLetter) letter = new_letter (fixture, "jonas@pier.example");
  g_autoptr(StoreAttachment) attachment = NULL;
  g_autoptr(StoreAttachment) none = NULL;
  g_autoptr(GPtrArray) list = NULL;
  g_autoptr(GError) error = NULL;

  save (fixture, letter);
  g_assert_true (g_file_set_contents (path, "three berths", -1, NULL));
  attachment = attach (fixture, letter->draft->id, path, &error);
  g_assert_no_error (error);
  g_unlink (path);
  g_assert_cmpstr (attachment->name, ==, "Übersicht.txt");
  g_assert_cmpstr (attachment->type, ==, "text/plain");
  g_assert_cmpint (attachment->size, ==, 12);
  bytes = read_object (fixture, attachment->object_id);
  g_assert_cmpstr (bytes, ==, "three berths");

  none = attach (fixture, letter->draft->id, path, &error);
  g_assert_null (none);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  none = attach (fixture, letter->draft->id, fixture->files->dir, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_clear_error (&error);

  assert_change (fixture, model_drafts_detach_async, attachment->id);
  list = store_drafts_list_attachments (fixture->files->store, letter->draft->id, &error);
  g_assert_cmpuint (list->len, ==, 0);
}

static void
test_sent_without_bcc (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr(ModelLetter) letter = new_letter (fixture, "Jonas Weber <jonas@pier.example>");
  g_autoptr(StoreOutbox) entry = NULL;
  g_autoptr(StoreContact) contact = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *sent = NULL;
  g_autofree char *kept = NULL;
  gint64 id;

  set (&letter->draft->bcc_text, "boss@pier.example");
  set (&letter->draft->body,
       "a paragraph that is so long that it has to flow over the end of one line into the next\n");
  save (fixture, letter);
  id = queue (fixture, letter->draft->id, &error);
  g_assert_no_error (error);
  entry = store_outbox_get (fixture->files->store, id, &error);
  g_assert_no_error (error);
  g_assert_cmpint (entry->state, ==, STORE_OUTBOX_QUEUED);
  g_assert_cmpint (entry->not_before, ==, base_clock_now () + MODEL_TAKE_BACK_S);
  g_assert_cmpuint (g_strv_length (entry->recipients), ==, 2);
  sent = read_object (fixture, entry->object_id);
  kept = read_object (fixture, entry->sent_object_id);
  g_assert_null (strstr (sent, "boss@"));
  g_assert_nonnull (strstr (kept, "Bcc: boss@pier.example\r\n"));
  g_assert_nonnull (strstr (sent, "format=flowed"));
  g_assert_nonnull (strstr (sent, " \r\n"));
  contact = store_contacts_find (fixture->files->store, "jonas@pier.example", &error);
  g_assert_cmpstr (contact->name, ==, "Jonas Weber");
}

static void
test_no_field_is_smuggled (Fixture       *fixture,
                           gconstpointer  data)
{
  static const struct { const char *to, *subject; } cases[] = {
    { "jonas@pier.example", "Hello\r\nBcc: evil@e.example" },
    { "jonas@pier.example", "Hello\nX-Evil: 1\n\nbody" },
    { "\"Jonas\r\nX-Evil: 1\" <jonas@pier.example>", "Hello" },
    { "jonas@pier.example\r\nX-Evil: 1", "Hello" },
    { "jonas@pier.example>\r\nRCPT TO:<evil@e.example", "Hello" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(ModelLetter) letter = new_letter (fixture, cases[i].to);
      g_autoptr(StoreOutbox) entry = NULL;
      g_autoptr(GError) error = NULL;
      g_autofree char *sent = NULL;
      char *end;
      gint64 id;

      g_test_message ("case %zu", i);
      set (&letter->draft->subject, cases[i].subject);
      save (fixture, letter);
      id = queue (fixture, letter->draft->id, &error);
      if (id == 0)
        {
          g_assert_error (error, MIME_ERROR, MIME_ERROR_REFUSED);
          continue;
        }
      entry = store_outbox_get (fixture->files->store, id, NULL);
      sent = read_object (fixture, entry->object_id);
      end = strstr (sent, "\r\n\r\n");
      *end = '\0';
      g_assert_null (strstr (sent, "\r\nX-Evil"));
      g_assert_null (strstr (sent, "\r\nBcc"));
      g_assert_null (strstr (sent, "\r\nRCPT"));
    }
}

static void
test_refused_draft_stays_open (Fixture       *fixture,
                               gconstpointer  data)
{
  g_autoptr(ModelLetter) letter = new_letter (fixture, "Jonas");
  g_autoptr(StoreDraft) draft = NULL;
  g_autoptr(GError) error = NULL;

  save (fixture, letter);
  g_assert_cmpint (queue (fixture, letter->draft->id, &error), ==, 0);
  g_assert_error (error, MIME_ERROR, MIME_ERROR_REFUSED);
  draft = store_drafts_get (fixture->files->store, letter->draft->id, NULL);
  g_assert_cmpint (draft->state, ==, STORE_DRAFT_OPEN);
}

static void
test_sending_can_be_taken_back (Fixture       *fixture,
                                gconstpointer  data)
{
  g_autoptr(ModelLetter) letter = new_letter (fixture, "jonas@pier.example");
  g_autoptr(GAsyncResult) first = NULL;
  g_autoptr(GAsyncResult) second = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(ModelLetter) again = NULL;
  ModelLetterWish wish = { 0 };
  gint64 outbox_id;

  save (fixture, letter);
  outbox_id = queue (fixture, letter->draft->id, &error);
  g_assert_no_error (error);
  model_drafts_take_back_async (fixture->model, outbox_id, keep_result, &first);
  wish.draft_id = model_drafts_take_back_finish (fixture->model, wait_for (&first), &error);
  g_assert_no_error (error);
  g_assert_cmpint (wish.draft_id, ==, letter->draft->id);
  again = open_letter (fixture, &wish, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->draft->body, ==, "Berth 12\n");

  /* On its way already. */
  outbox_id = queue (fixture, letter->draft->id, &error);
  g_assert_no_error (error);
  g_assert_true (store_outbox_set_state (fixture->files->store, outbox_id, STORE_OUTBOX_RUNNING, NULL, NULL));
  model_drafts_take_back_async (fixture->model, outbox_id, keep_result, &second);
  g_assert_cmpint (model_drafts_take_back_finish (fixture->model, wait_for (&second), &error), ==, 0);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);
}

#define WITH_PLAN \
  "From: Jonas <jonas@pier.example>\r\nTo: anna@harbour.example\r\nSubject: Plan/for\\all\r\nMessage-ID: " \
  "<2@pier>\r\n" \
  "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHere it is.\r\n--b\r\n" \
  "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; " \
  "filename=plan.png\r\n\r\n" \
  "aGVsbG8=\r\n--b--\r\n"

static void
test_forward_takes_attachments_along (Fixture       *fixture,
                                      gconstpointer  data)
{
  ModelLetterWish wish = { .kind = MODEL_COMPOSE_FORWARD, .message_id = add_mail (fixture, WITH_PLAN) };
  g_autoptr(GError) error = NULL;
  g_autoptr(ModelLetter) letter = open_letter (fixture, &wish, &error);
  StoreAttachment *attachment;
  g_autofree char *bytes = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (letter->draft->id, >, 0);
  g_assert_nonnull (strstr (letter->draft->body, "Here it is."));
  g_assert_cmpuint (letter->attachments->len, ==, 1);
  attachment = letter->attachments->pdata[0];
  g_assert_cmpstr (attachment->name, ==, "plan.png");
  g_assert_cmpstr (attachment->type, ==, "image/png");
  bytes = read_object (fixture, attachment->object_id);
  g_assert_cmpstr (bytes, ==, "hello");
}

/* RFC 2046 5.2.1: an attached message is not encoded. */
static void
test_forwarded_message_is_whole (Fixture       *fixture,
                                 gconstpointer  data)
{
  ModelLetterWish wish = { .kind = MODEL_COMPOSE_FORWARD_ATTACHED,
                           .message_id = add_mail (fixture, WITH_PLAN) };
  g_autoptr(GError) error = NULL;
  g_autoptr(ModelLetter) letter = open_letter (fixture, &wish, &error);
  g_autoptr(StoreOutbox) entry = NULL;
  g_autofree char *sent = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (letter->attachments->len, ==, 1);
  g_assert_cmpstr (((StoreAttachment *) letter->attachments->pdata[0])->name, ==, "Plan_for_all.eml");
  set (&letter->draft->to_text, "mia@pier.example");
  save (fixture, letter);
  entry = store_outbox_get (fixture->files->store, queue (fixture, letter->draft->id, &error), NULL);
  g_assert_no_error (error);
  sent = read_object (fixture, entry->object_id);
  g_assert_nonnull (strstr (sent, "Content-Type: message/rfc822"));
  g_assert_nonnull (strstr (sent, WITH_PLAN));
}

/* A draft of another program: written on here, and in Trash when it was sent. */
static void
test_draft_of_the_server_is_edited (Fixture       *fixture,
                                    gconstpointer  data)
{
  Store *store = fixture->files->store;
  ModelLetterWish wish = { .kind = MODEL_COMPOSE_EDIT, .message_id = add_mail (fixture, WITH_PLAN) };
  g_autoptr(ModelLetter) letter = NULL;
  g_autoptr(ModelLetter) again = NULL;
  g_autoptr(GPtrArray) changes = NULL;
  g_autoptr(GError) error = NULL;
  StoreTransaction *transaction = test_begin (store);
  StoreLocationNew location = { .message_id = wish.message_id, .uid = 7, .uidvalidity = 1 };

  location.folder_id = test_folder_add (store, "Drafts", STORE_ROLE_DRAFTS);
  test_folder_add (store, "Trash", STORE_ROLE_TRASH);
  wish.location_id = store_locations_insert (store, &location, &error);
  g_assert_no_error (error);
  test_commit (transaction);

  letter = open_letter (fixture, &wish, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (letter->draft->to_text, ==, "anna@harbour.example");
  g_assert_cmpstr (letter->draft->body, ==, "Here it is.\n");
  g_assert_cmpuint (letter->attachments->len, ==, 1);

  again = open_letter (fixture, &wish, &error);
  g_assert_no_error (error);
  g_assert_cmpint (again->draft->id, ==, letter->draft->id);

  g_assert_cmpint (queue (fixture, letter->draft->id, &error), >, 0);
  g_assert_no_error (error);
  changes = store_changes_list (store, STORE_CHANGES_WAITING, STORE_ACCOUNT_ANY, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (changes->len, ==, 1);
}

static void
test_header_alone_can_be_answered (Fixture       *fixture,
                                   gconstpointer  data)
{
  ModelLetterWish wish = { .kind = MODEL_COMPOSE_REPLY_ALL, .message_id = add_mail (fixture, NULL),
                           .location_id = 5 };
  g_autoptr(GError) error = NULL;
  g_autoptr(ModelLetter) letter = open_letter (fixture, &wish, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (letter->draft->to_text, ==, "jonas <jonas@pier.example>, mia <mia@pier.example>");
  g_assert_cmpstr (letter->draft->subject, ==, "Re: Plan/for\\all");
  g_assert_cmpstr (letter->draft->in_reply_to, ==, "2@pier");
  g_assert_cmpint (letter->draft->source_location, ==, 5);
  g_assert_cmpint (letter->draft->account_id, ==, fixture->account_id);

  wish.kind = MODEL_COMPOSE_FORWARD;
  g_assert_null (open_letter (fixture, &wish, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

#define ADD(name, func) \
  g_test_add ("/model/drafts/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  base_clock_set_fake (NOW, 0);
  g_test_init (&argc, &argv, NULL);
  ADD ("saved-text-survives", test_saved_text_survives);
  g_test_add_func ("/model/drafts/no-account-is-said", test_no_account_is_said);
  ADD ("discarded-can-be-restored", test_discarded_can_be_restored);
  ADD ("attached-file-is-copied", test_attached_file_is_copied);
  ADD ("sent-without-bcc", test_sent_without_bcc);
  ADD ("no-field-is-smuggled", test_no_field_is_smuggled);
  ADD ("refused-draft-stays-open", test_refused_draft_stays_open);
  ADD ("sending-can-be-taken-back", test_sending_can_be_taken_back);
  ADD ("forward-takes-attachments-along", test_forward_takes_attachments_along);
  ADD ("forwarded-message-is-whole", test_forwarded_message_is_whole);
  ADD ("draft-of-the-server-is-edited", test_draft_of_the_server_is_edited);
  ADD ("header-alone-can-be-answered", test_header_alone_can_be_answered);
  return g_test_run ();
}
