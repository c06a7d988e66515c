/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "mime/error.h"
#include "store/accounts.h"
#include "store/fixture.h"
#include "store/flags.h"
#include "store/objects.h"
#include "store/outbox.h"

#include <string.h>

#define NOW 1775210096                  /* Fri, 3 Apr 2026 09:54:56 +0000 */

/* --- a stream that gives a few bytes at a time ---------------------------------------------------------- */

typedef struct {
  GFilterInputStream parent;
  gsize              portion;
} Dribble;

typedef struct {
  GFilterInputStreamClass parent;
} DribbleClass;

static GType dribble_get_type (void);
G_DEFINE_TYPE (Dribble, dribble, G_TYPE_FILTER_INPUT_STREAM)

static gssize
dribble_read (GInputStream  *stream,
              void          *buffer,
              gsize          size,
              GCancellable  *cancellable,
              GError       **error)
{
  Dribble *self = (Dribble *) stream;

  return g_input_stream_read (self->parent.base_stream, buffer, MIN (size, self->portion), cancellable,
                              error);
}

static void
dribble_class_init (DribbleClass *class)
{
  G_INPUT_STREAM_CLASS (class)->read_fn = dribble_read;
}

static void
dribble_init (Dribble *self)
{
}

static GInputStream *
dribble_new (const char *text,
             gsize       size,
             gsize       portion)
{
  g_autoptr(GInputStream) base = g_memory_input_stream_new_from_data (text, (gssize) size, NULL);
  Dribble *self = g_object_new (dribble_get_type (), "base-stream", base, NULL);

  self->portion = portion;
  return G_INPUT_STREAM (self);
}

/* --- helpers -------------------------------------------------------------------------------------------- */

static gint64
add_account (Store         *store,
             StoreSaveSent  save_sent)
{
  g_autoptr(StoreAccount) account = store_account_new ();

  base_clock_set_fake (NOW, 0);
  account->save_sent = save_sent;
  store_account_set (&account->email, "anna@example.org");
  return store_accounts_add (store, account, "Anna Lindqvist", NULL);
}

static char *
read_object (Store  *store,
             gint64  id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = store_objects_read (store, id, 10 * 1024 * 1024, &error);

  g_assert_no_error (error);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static StoreOutbox *
queue_text (Store      *store,
            const char *text,
            gsize       portion)
{
  g_autoptr(GInputStream) stream = dribble_new (text, strlen (text), portion);
  g_autoptr(GError) error = NULL;
  gint64 id = store_outbox_queue_stream (store, 1, stream, NULL, &error);
  StoreOutbox *entry;

  g_assert_no_error (error);
  entry = store_outbox_get (store, id, &error);
  g_assert_no_error (error);
  return entry;
}

/* --- streams -------------------------------------------------------------------------------------------- */

static void
test_bcc_is_kept_but_not_transmitted (void)
{
  static const char text[] =
    "From: Anna <anna@example.org>\r\nTo: jonas@example.org, Mia <mia@example.org>\r\n"
    "Bcc: boss@example.org,\r\n secret@example.org\r\nCc: JONAS@example.org\r\nSubject: "
    "=?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "Message-ID: <1@example.org>\r\nDate: Thu, 2 Apr 2026 10:00:00 +0200\r\n\r\nHello\r\n.\r\n";
  static const char without[] =
    "From: Anna <anna@example.org>\r\nTo: jonas@example.org, Mia <mia@example.org>\r\n"
    "Cc: JONAS@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "Message-ID: <1@example.org>\r\nDate: Thu, 2 Apr 2026 10:00:00 +0200\r\n\r\nHello\r\n.\r\n";

  for (gsize portion = 1; portion < sizeof text; portion += 7)
    {
      g_autoptr(StoreFixture) fixture = store_fixture_new ();
      g_autoptr(StoreOutbox) entry = NULL;
      g_autofree char *recipients = NULL;
      g_autofree char *transmitted = NULL;
      g_autofree char *kept = NULL;

      g_assert_cmpint (add_account (fixture->store, STORE_SAVE_SENT_SERVER), ==, 1);
      entry = queue_text (fixture->store, text, portion);
      recipients = g_strjoinv (" ", entry->recipients);
      g_assert_cmpstr (recipients, ==,
                       "jonas@example.org mia@example.org boss@example.org secret@example.org");
      g_assert_cmpstr (entry->sender, ==, "anna@example.org");
      g_assert_cmpstr (entry->message_id, ==, "1@example.org");
      g_assert_cmpstr (entry->subject, ==, "Grüße");
      g_assert_cmpint (entry->sent_copy, ==, STORE_SENT_COPY_WANTED);
      transmitted = read_object (fixture->store, entry->object_id);
      kept = read_object (fixture->store, entry->sent_object_id);
      g_assert_cmpstr (transmitted, ==, without);
      g_assert_cmpstr (kept, ==, text);
      g_assert_cmpint (entry->size, ==, strlen (without));
    }
}

static void
test_line_ends_and_missing_fields (void)
{
  static const char * const texts[] = {
    "From: anna@example.org\nTo: jonas@example.org\n\nA\n\nB\n",
    "From: anna@example.org\r\nTo: jonas@example.org\r\n\r\nA\r\n\r\nB\r\n",
    "From: anna@example.org\nTo: jonas@example.org\n\nA\r\r\nB\n",
    "From: anna@example.org\r\nTo: jonas@example.org\r\n\r\nA\n\r\nB\r",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize portion = 1; portion <= 64; portion += 9)
      {
        g_autoptr(StoreFixture) fixture = store_fixture_new ();
        g_autoptr(StoreOutbox) entry = NULL;
        g_autofree char *transmitted = NULL;
        g_autofree char *expected = NULL;

        add_account (fixture->store, STORE_SAVE_SENT_NONE);
        entry = queue_text (fixture->store, texts[i], portion);
        transmitted = read_object (fixture->store, entry->object_id);
        expected = g_strdup_printf ("From: anna@example.org\r\nTo: jonas@example.org\r\nMessage-ID: <%s>\r\n"
                                    "Date: Fri, 3 Apr 2026 09:54:56 +0000\r\n\r\nA\r\n\r\nB\r\n",
                                    entry->message_id);
        g_assert_cmpstr (transmitted, ==, expected);
        g_assert_true (g_str_has_suffix (entry->message_id, "@example.org"));
        g_assert_cmpint (entry->sent_object_id, ==, 0);
        g_assert_cmpint (entry->sent_copy, ==, STORE_SENT_COPY_NONE);
      }
}

static void
test_bad_message_id_is_replaced (void)
{
  static const char * const bad[] = { "no-brackets@example.org", "<>", "<a b@example.org>", "<a@b> <c@d>",
                                      "<\xc3\xa4@b>", "" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(StoreFixture) fixture = store_fixture_new ();
      g_autoptr(StoreOutbox) entry = NULL;
      g_autofree char *text = g_strdup_printf ("Message-ID: %s\r\nDate: x\r\nFrom: anna@example.org\r\nTo: "
                                               "j@example.org\r\n"
                                               "Resent-Bcc: k@example.org\r\n\r\nA\r\n", bad[i]);
      g_autofree char *transmitted = NULL;
      g_autofree char *expected = NULL;

      add_account (fixture->store, STORE_SAVE_SENT_NONE);
      entry = queue_text (fixture->store, text, 100);
      transmitted = read_object (fixture->store, entry->object_id);
      expected = g_strdup_printf ("Date: x\r\nFrom: anna@example.org\r\nTo: j@example.org\r\nMessage-ID: "
                                  "<%s>\r\n\r\nA\r\n",
                                  entry->message_id);
      g_assert_cmpstr (transmitted, ==, expected);
      g_assert_true (g_str_has_suffix (entry->message_id, "@example.org"));
      g_assert_cmpint (strlen (entry->message_id), >, 20);
    }
}

static void
test_what_cannot_be_sent_is_refused (void)
{
  static const char * const texts[] = {
    "",
    "To: jonas@example.org\r\n\r\nHello\r\n",
    "From: Anna\r\nTo: jonas@example.org\r\n\r\nHello\r\n",
    "From: anna@example.org\r\n\r\nHello\r\n",
    "From: anna@example.org\r\nTo: Jonas\r\n\r\nHello\r\n",
    "From: anna@example.org\r\nTo: undisclosed-recipients:;\r\n\r\nHello\r\n",
    "no header at all",
  };
  g_autoptr(StoreFixture) fixture = store_fixture_new ();

  add_account (fixture->store, STORE_SAVE_SENT_SERVER);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GInputStream) stream = dribble_new (texts[i], strlen (texts[i]), 100);
      g_autoptr(GError) error = NULL;

      g_test_message ("row %u", i);
      g_assert_cmpint (store_outbox_queue_stream (fixture->store, 1, stream, NULL, &error), ==, 0);
      g_assert_error (error, MIME_ERROR, MIME_ERROR_REFUSED);
    }
  {
    g_autofree char *endless = g_strnfill (2 * 1024 * 1024, 'x');
    g_autoptr(GInputStream) stream = dribble_new (endless, strlen (endless), 10000);
    g_autoptr(GPtrArray) open = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint (store_outbox_queue_stream (fixture->store, 1, stream, NULL, &error), ==, 0);
    g_assert_error (error, MIME_ERROR, MIME_ERROR_REFUSED);
    open = store_outbox_list_open (fixture->store, STORE_ACCOUNT_ANY, NULL);
    g_assert_cmpuint (open->len, ==, 0);
  }
}

/* --- drafts --------------------------------------------------------------------------------------------- */

static gint64
save_draft (Store      *store,
            const char *to,
            const char *bcc)
{
  g_autoptr(StoreDraft) draft = store_draft_new (1, 1);

  draft->to_text = (g_free (draft->to_text), g_strdup (to));
  draft->bcc_text = (g_free (draft->bcc_text), g_strdup (bcc));
  draft->subject = (g_free (draft->subject), g_strdup ("Lunch"));
  draft->body = (g_free (draft->body), g_strdup ("At noon?"));
  draft->kind = STORE_DRAFT_REPLY;
  draft->source_location = 77;
  draft->in_reply_to = g_strdup ("question@example.org");
  g_assert_true (store_drafts_save (store, draft, NULL));
  return draft->id;
}

static StoreDraftState
state_of (Store  *store,
          gint64  id)
{
  g_autoptr(StoreDraft) draft = store_drafts_get (store, id, NULL);

  return draft->state;
}

static void
test_draft_becomes_a_message (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  Store *store = fixture->store;
  g_autoptr(StoreOutbox) entry = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *film = g_strnfill (2 * STORE_OBJECT_PIECE + 5, 'f');
  g_autofree char *encoded = g_base64_encode ((guint8 *) "ffffffffffffffffff", 18);
  g_autofree char *transmitted = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *recipients = NULL;
  gint64 draft, object, id;

  add_account (store, STORE_SAVE_SENT_SERVER);
  draft = save_draft (store, "Jonas Weber <jonas@example.org>; jonas@example.org", "boss@example.org");
  object = store_objects_add (store, base_slice_from_string (film), NULL);
  g_assert_cmpint (store_drafts_attach (store, draft, "film.bin", "application/octet-stream", NULL, object,
                                        NULL), !=, 0);
  id = store_outbox_queue_draft (store, draft, NOW + 5, &error);
  g_assert_no_error (error);

  entry = store_outbox_get (store, id, NULL);
  recipients = g_strjoinv (" ", entry->recipients);
  g_assert_cmpstr (recipients, ==, "jonas@example.org boss@example.org");
  g_assert_cmpint (entry->not_before, ==, NOW + 5);
  g_assert_cmpint (entry->draft_id, ==, draft);
  g_assert_cmpint (entry->source_location, ==, 77);
  g_assert_cmpuint (entry->source_flag, ==, STORE_FLAG_ANSWERED);
  g_assert_cmpint (state_of (store, draft), ==, STORE_DRAFT_QUEUED);

  transmitted = read_object (store, entry->object_id);
  kept = read_object (store, entry->sent_object_id);
  g_assert_null (strstr (transmitted, "boss@example.org"));
  g_assert_nonnull (strstr (kept, "boss@example.org"));
  g_assert_nonnull (strstr (transmitted, "At noon?"));
  g_assert_nonnull (strstr (transmitted, "<question@example.org>"));
  g_assert_nonnull (strstr (transmitted, entry->message_id));
  /* Both builds have read the whole of the attachment. */
  g_assert_cmpuint (strlen (transmitted), >, strlen (film) / 3 * 4);
  g_assert_cmpuint (strlen (kept), >, strlen (film) / 3 * 4);
  g_assert_nonnull (strstr (transmitted, encoded));
}

static void
test_draft_that_cannot_be_sent_stays_open (void)
{
  static const char * const typed[] = { "", "Jonas", "jonas@example.org, half a name" };
  g_autoptr(StoreFixture) fixture = store_fixture_new ();

  add_account (fixture->store, STORE_SAVE_SENT_SERVER);
  for (guint i = 0; i < G_N_ELEMENTS (typed); i++)
    {
      gint64 draft = save_draft (fixture->store, typed[i], "");
      g_autoptr(GError) error = NULL;

      g_assert_cmpint (store_outbox_queue_draft (fixture->store, draft, 0, &error), ==, 0);
      g_assert_error (error, MIME_ERROR, MIME_ERROR_REFUSED);
      g_assert_cmpint (state_of (fixture->store, draft), ==, STORE_DRAFT_OPEN);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/outbox-queue/bcc-is-kept-but-not-transmitted",
                   test_bcc_is_kept_but_not_transmitted);
  g_test_add_func ("/store/outbox-queue/line-ends-and-missing-fields", test_line_ends_and_missing_fields);
  g_test_add_func ("/store/outbox-queue/bad-message-id-is-replaced", test_bad_message_id_is_replaced);
  g_test_add_func ("/store/outbox-queue/what-cannot-be-sent-is-refused", test_what_cannot_be_sent_is_refused);
  g_test_add_func ("/store/outbox-queue/draft-becomes-a-message", test_draft_becomes_a_message);
  g_test_add_func ("/store/outbox-queue/draft-that-cannot-be-sent-stays-open",
                   test_draft_that_cannot_be_sent_stays_open);
  return g_test_run ();
}
