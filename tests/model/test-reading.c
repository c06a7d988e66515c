/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/reading.h"
#include "store/mail.h"

#include <string.h>

static ModelReading *
read_message (const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));

  return model_reading_new_from_bytes (bytes);
}

static char *
dup_lines (ModelReading *reading)
{
  GArray *lines = model_reading_peek (reading)->lines;
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      const MimeLine *line = &g_array_index (lines, MimeLine, i);

      g_string_append_printf (all, "%u%s|%s\n", line->quote, line->is_signature ? "s" : "", line->text);
    }
  return g_string_free (all, FALSE);
}

#define HEAD "From: Jonas <jonas@example.org>\r\nTo: Anna <anna@example.org>\r\nSubject: " \
  "Pier\r\nMIME-Version: 1.0\r\n"

static const char alternative[] =
  HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
  "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
  "--a\r\nContent-Type: text/plain\r\n\r\nHello\r\n> quoted\r\n-- \r\nJonas\r\n"
  "--a\r\nContent-Type: multipart/related; boundary=r\r\n\r\n"
  "--r\r\nContent-Type: text/html\r\n\r\n<p>Hello <b>Anna</b><script>x()</script><img src=\"cid:one@here\">"
  "<img src=\"http://192.0.2.1/pixel.png\"></p>\r\n"
  "--r\r\nContent-Type: image/png\r\nContent-ID: <one@here>\r\nContent-Transfer-Encoding: "
  "base64\r\n\r\niVBORw==\r\n"
  "--r\r\nContent-Type: text/html\r\nContent-ID: <page@here>\r\nContent-Disposition: inline\r\n\r\n<p>no "
  "picture</p>\r\n"
  "--r--\r\n--a--\r\n"
  "--m\r\nContent-Type: application/pdf; name=\"../../plan.pdf\"\r\nContent-Disposition: attachment\r\n"
  "Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n"
  "--m\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "
  "filename=\"bill.pdf.exe\"\r\n\r\nMZ\r\n"
  "--m--\r\n";

static void
test_plain_is_there_beside_html (void)
{
  g_autoptr(ModelReading) reading = read_message (alternative);
  g_autofree char *lines = dup_lines (reading);

  g_assert_cmpstr (lines, ==, "0|Hello\n1|quoted\n0s|-- \n0s|Jonas\n");
  g_assert_nonnull (model_reading_peek (reading)->html);
}

static void
test_html_is_safe (void)
{
  g_autoptr(ModelReading) reading = read_message (alternative);
  const ModelReadingFacts *facts = model_reading_peek (reading);

  g_assert_null (strstr (facts->html, "script"));
  g_assert_null (strstr (facts->html, "192.0.2.1"));
  g_assert_nonnull (strstr (facts->html, "<b>Anna</b>"));
  g_assert_nonnull (strstr (facts->html, "cid:one@here"));
  g_assert_cmpuint (facts->n_remote_pictures, ==, 1);
  g_assert_false (facts->has_own_colors);
}

static void
test_html_alone_has_text (void)
{
  g_autoptr(ModelReading) reading = read_message (HEAD "Content-Type: text/html\r\n\r\n<p>One</p><p "
                                                  "style=\"color:red\">Two</p>");
  g_autofree char *lines = dup_lines (reading);

  g_assert_cmpstr (lines, ==, "0|One\n0|\n0|Two\n");
  g_assert_true (model_reading_peek (reading)->has_own_colors);
}

/* An open comment in one part swallows nothing of the next, and both are one document. */
static void
test_parts_do_not_swallow_each_other (void)
{
  g_autoptr(ModelReading) reading = read_message (
    HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
    "--m\r\nContent-Type: text/html\r\n\r\n<p>One<!-- open <table><tr><td>\r\n"
    "--m\r\nContent-Type: text/plain\r\n\r\nfoot <b> & note\r\n"
    "--m\r\nContent-Type: text/html\r\n\r\n<p>Three</p>\r\n--m--\r\n");
  const char *html = model_reading_peek (reading)->html;

  g_assert_nonnull (strstr (html, "One"));
  g_assert_nonnull (strstr (html, "foot &lt;b&gt; &amp; note"));
  g_assert_nonnull (strstr (html, "Three"));
  g_assert_null (strstr (strstr (html, "<body") + 5, "<body"));
}

static void
test_links_that_lie_are_known (void)
{
  g_autoptr(ModelReading) reading = read_message (
    HEAD "Content-Type: text/html\r\n\r\n<a href=\"http://evil.example/x\">www.bank.example</a>"
    "<a href=\"https://honest.example/\">honest.example</a><a href=\"https://other.example/\">more</a>");

  g_assert_cmpstr (model_reading_peek_claim (reading, "http://evil.example/another"), ==, "www.bank.example");
  g_assert_null (model_reading_peek_claim (reading, "https://honest.example/"));
  g_assert_null (model_reading_peek_claim (reading, "https://other.example/"));
  g_assert_null (model_reading_peek_claim (reading, "mailto:a@evil.example"));
}

static void
test_plain_mail_has_no_html (void)
{
  g_autoptr(ModelReading) reading = read_message (HEAD "\r\nJust text.\r\n");

  g_assert_null (model_reading_peek (reading)->html);
}

static void
test_pictures_come_from_this_message_only (void)
{
  g_autoptr(ModelReading) reading = read_message (alternative);
  g_autofree char *type = NULL;
  char *none = NULL;
  g_autoptr(GBytes) picture = model_reading_dup_picture (reading, "one@here", &type);

  g_assert_nonnull (picture);
  g_assert_cmpuint (g_bytes_get_size (picture), ==, 4);
  g_assert_cmpstr (type, ==, "image/png");
  g_assert_null (model_reading_dup_picture (reading, "another@there", &none));
  g_assert_null (model_reading_dup_picture (reading, "page@here", &none));
  g_assert_null (none);
}

static void
test_attachments_have_safe_names (void)
{
  g_autoptr(ModelReading) reading = read_message (alternative);
  GPtrArray *attachments = model_reading_peek (reading)->attachments;
  const ModelAttachment *plan, *program;

  g_assert_cmpuint (attachments->len, >=, 2);
  plan = attachments->pdata[attachments->len - 2];
  program = attachments->pdata[attachments->len - 1];
  g_assert_cmpstr (plan->name, ==, "plan.pdf");
  g_assert_cmpstr (plan->type, ==, "application/pdf");
  g_assert_cmpint (plan->danger, ==, MIME_DANGER_NONE);
  g_assert_cmpstr (program->name, ==, "bill.pdf.exe");
  g_assert_cmpint (program->danger, ==, MIME_DANGER_PROGRAM);
}

static void
test_header_is_listed_harmlessly (void)
{
  g_autoptr(ModelReading) reading = read_message ("From: a@example.org\r\nX-Odd: one\r\n two "
                                                  "=?utf-8?q?=07bell?=\r\n\r\n");
  GPtrArray *fields = model_reading_peek (reading)->fields;
  const ModelField *odd;

  g_assert_cmpuint (fields->len, ==, 2);
  odd = fields->pdata[1];
  g_assert_cmpstr (odd->name, ==, "X-Odd");
  g_assert_true (g_str_has_prefix (odd->value, "one two"));
  g_assert_null (strchr (odd->value, '\a'));
}

static void
test_long_text_is_cut (void)
{
  g_autoptr(GString) message = g_string_new (HEAD "\r\n");
  g_autoptr(ModelReading) reading = NULL;
  gsize size = 0;

  while (message->len < MODEL_READING_TEXT_MAX + 100000)
    g_string_append (message, "A line of a very long message.\r\n");
  reading = read_message (message->str);
  g_assert_true (model_reading_peek (reading)->is_cut);
  for (guint i = 0; i < model_reading_peek (reading)->lines->len; i++)
    size += strlen (g_array_index (model_reading_peek (reading)->lines, MimeLine, i).text);
  g_assert_cmpuint (size, <=, MODEL_READING_TEXT_MAX);
}

static void
test_broken_mail_is_readable (void)
{
  static const char *const broken[] = {
    "", "\r\n", "no header at all", "From: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nno parts",
    "Content-Type: text/html\r\n\r\n<", "Content-Type: text/plain; charset=nowhere\r\n\r\n\xff\xfe",
  };

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr(ModelReading) reading = read_message (broken[i]);

      g_assert_cmpint (model_reading_peek (reading)->state, ==, MODEL_READING_WHOLE);
      g_assert_nonnull (model_reading_peek (reading)->subject);
    }
}

/* --- out of a store --- */

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_set_object ((GAsyncResult **) data, result);
}

static ModelReading *
load (ModelStore  *store,
      gint64       message_id,
      GError     **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  model_reading_load_async (store, message_id, NULL, loaded_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return model_reading_load_finish (store, result, error);
}

static void
test_header_without_bytes_is_a_head (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(ModelStore) store = model_store_new (fixture->dir);
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 folder_id = test_folder_add (fixture->store, "Garden", STORE_ROLE_NONE);
  gint64 location_id = test_mail_file (fixture->store, &(TestMail) { .subject = "Seeds" }, folder_id, 7, 0);
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(ModelReading) reading = NULL;
  const ModelReadingPlace *place;

  test_commit (transaction);
  location = store_locations_get (fixture->store, location_id, NULL);
  reading = load (store, location->message_id, NULL);
  g_assert_nonnull (reading);
  g_assert_cmpint (model_reading_peek (reading)->state, ==, MODEL_READING_HEAD);
  g_assert_cmpstr (model_reading_peek (reading)->subject, ==, "Seeds");
  g_assert_cmpstr (model_reading_peek_address (reading, MIME_ROLE_FROM)->address, ==, "ann@example.org");
  g_assert_null (model_reading_peek_bytes (reading));
  g_assert_cmpuint (model_reading_peek (reading)->places->len, ==, 1);
  place = model_reading_peek (reading)->places->pdata[0];
  g_assert_cmpstr (place->folder, ==, "Garden");
  g_assert_true (place->is_on_server);
}

static void
test_unknown_message_is_an_error (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(ModelStore) store = model_store_new (fixture->dir);
  g_autoptr(GError) error = NULL;

  g_assert_null (load (store, 12345, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/reading/plain-is-there-beside-html", test_plain_is_there_beside_html);
  g_test_add_func ("/model/reading/html-is-safe", test_html_is_safe);
  g_test_add_func ("/model/reading/html-alone-has-text", test_html_alone_has_text);
  g_test_add_func ("/model/reading/parts-do-not-swallow-each-other", test_parts_do_not_swallow_each_other);
  g_test_add_func ("/model/reading/links-that-lie-are-known", test_links_that_lie_are_known);
  g_test_add_func ("/model/reading/plain-mail-has-no-html", test_plain_mail_has_no_html);
  g_test_add_func ("/model/reading/pictures-come-from-this-message-only",
                   test_pictures_come_from_this_message_only);
  g_test_add_func ("/model/reading/attachments-have-safe-names", test_attachments_have_safe_names);
  g_test_add_func ("/model/reading/header-is-listed-harmlessly", test_header_is_listed_harmlessly);
  g_test_add_func ("/model/reading/long-text-is-cut", test_long_text_is_cut);
  g_test_add_func ("/model/reading/broken-mail-is-readable", test_broken_mail_is_readable);
  g_test_add_func ("/model/reading/header-without-bytes-is-a-head", test_header_without_bytes_is_a_head);
  g_test_add_func ("/model/reading/unknown-message-is-an-error", test_unknown_message_is_an_error);
  return g_test_run ();
}
