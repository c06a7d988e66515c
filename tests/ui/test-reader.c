/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/links.h"
#include "ui/reader-fixture.h"
#include "ui/reader-text.h"

#include <string.h>

#define HEAD "From: Jonas Weber <jonas@weber-boats.example>\r\nTo: Anna <anna@example.org>\r\nSubject: " \
  "Mooring\r\n" \
             "MIME-Version: 1.0\r\n"

static const char plain[] =
  HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
  "--m\r\n\r\nSee https://harbour.example/map today.\r\n> quoted words\r\n"
  "--m\r\nContent-Type: application/pdf; name=plan.pdf\r\nContent-Disposition: attachment\r\n\r\none\r\n"
  "--m\r\nContent-Type: application/octet-stream; name=bill.pdf.exe\r\nContent-Disposition: "
  "attachment\r\n\r\nMZ\r\n"
  "--m--\r\n";

typedef struct {
  UiReader *reader;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->reader = reader_test_new ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  reader_test_destroy (fixture->reader);
}

static gboolean
is_mapped (gpointer data)
{
  return gtk_widget_get_mapped (data);
}

static void
show (Fixture    *fixture,
      const char *message)
{
  g_autoptr(ModelReading) reading = reader_test_read (message);

  ui_reader_set_reading (fixture->reader, reading);
  reader_test_wait (is_mapped, fixture->reader);
}

static gboolean
shows (Fixture    *fixture,
       const char *type_name,
       const char *words)
{
  return reader_test_find (fixture->reader, type_name, words) != NULL;
}

static void
test_head_names_the_address (Fixture       *fixture,
                             gconstpointer  data)
{
  show (fixture, plain);
  g_assert_true (shows (fixture, "GtkLabel", "Mooring"));
  g_assert_true (shows (fixture, "GtkLabel", "Jonas Weber"));
  g_assert_true (shows (fixture, "GtkLabel", "jonas@weber-boats.example"));
  g_assert_true (shows (fixture, "GtkLabel", "Anna"));
}

static void
test_text_keeps_quotes (Fixture       *fixture,
                        gconstpointer  data)
{
  show (fixture, plain);
  g_assert_true (shows (fixture, "UiReaderText", "See https://harbour.example/map today.\n> quoted words"));
}

static void
on_activated (UiReaderText *text,
              const char   *target,
              char        **activated)
{
  g_free (*activated);
  *activated = g_strdup (target);
  g_signal_stop_emission_by_name (text, "link-activated");
}

/* Return follows the link at the cursor, and nothing elsewhere. */
static void
test_links_follow_the_keyboard (Fixture       *fixture,
                                gconstpointer  data)
{
  g_autoptr(ModelReading) reading = reader_test_read (plain);
  GtkWidget *window = gtk_window_new ();
  UiReaderText *text = g_object_new (UI_TYPE_READER_TEXT, NULL);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (text));
  g_autofree char *activated = NULL;
  g_autoptr(GListModel) controllers = NULL;
  GtkTextIter at;

  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (text));
  g_signal_connect (text, "link-activated", G_CALLBACK (on_activated), &activated);
  ui_reader_text_show (text, reading);
  g_assert_true (ui_reader_text_is_done (text));
  controllers = gtk_widget_observe_controllers (GTK_WIDGET (text));
  for (int offset = 0; offset <= 6; offset += 6)
    for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
      {
        g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);
        gboolean is_handled;

        if (!GTK_IS_EVENT_CONTROLLER_KEY (controller)
            || gtk_event_controller_get_propagation_phase (controller) != GTK_PHASE_CAPTURE)
          continue;
        gtk_text_buffer_get_iter_at_offset (buffer, &at, offset);
        gtk_text_buffer_place_cursor (buffer, &at);
        g_signal_emit_by_name (controller, "key-pressed", GDK_KEY_Return, 0, 0, &is_handled);
        if (offset == 0)
          g_assert_null (activated);
      }
  g_assert_cmpstr (activated, ==, "https://harbour.example/map");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_attachments_are_listed (Fixture       *fixture,
                             gconstpointer  data)
{
  show (fixture, plain);
  g_assert_true (shows (fixture, "GtkLabel", "2 attachments"));
  g_assert_true (shows (fixture, "GtkButton", "Open “plan.pdf”"));
  g_assert_true (shows (fixture, "GtkButton", "Save “plan.pdf”…"));
  show (fixture, HEAD "\r\nNothing attached.\r\n");
  g_assert_false (shows (fixture, "GtkLabel", "attachment"));
}

static gboolean
has_dialog (gpointer data)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr(GtkWidget) window = g_list_model_get_item (windows, i);

      if (ADW_IS_MESSAGE_DIALOG (window))
        {
          *(GtkWidget **) data = window;
          return TRUE;
        }
    }
  return FALSE;
}

static void
test_programs_are_not_opened (Fixture       *fixture,
                              gconstpointer  data)
{
  GtkWidget *dialog = NULL;

  show (fixture, plain);
  g_signal_emit_by_name (reader_test_find (fixture->reader, "GtkButton", "Open “bill.pdf.exe”"), "clicked");
  reader_test_wait (has_dialog, &dialog);
  g_assert_true (adw_message_dialog_has_response (ADW_MESSAGE_DIALOG (dialog), "save"));
  g_assert_false (adw_message_dialog_has_response (ADW_MESSAGE_DIALOG (dialog), "open"));
  g_assert_cmpstr (adw_message_dialog_get_default_response (ADW_MESSAGE_DIALOG (dialog)), ==, "cancel");
  gtk_window_destroy (GTK_WINDOW (dialog));
}

/* A text that names another host than it leads to is asked about, with both names. */
static void
test_lying_links_are_asked_about (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autoptr(ModelReading) reading =
    reader_test_read_html ("<a href=\"http://evil.example/\">www.bank.example</a>");
  GtkWidget *dialog = NULL;

  ui_links_follow (GTK_WIDGET (fixture->reader), reading, "http://evil.example/");
  reader_test_wait (has_dialog, &dialog);
  g_assert_nonnull (strstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)), "www.bank.example"));
  g_assert_nonnull (strstr (adw_message_dialog_get_heading (ADW_MESSAGE_DIALOG (dialog)), "evil.example"));
  g_assert_cmpstr (adw_message_dialog_get_default_response (ADW_MESSAGE_DIALOG (dialog)), ==, "cancel");
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static gboolean
is_done (gpointer data)
{
  return ui_reader_text_is_done (data);
}

static void
test_long_text_comes_whole (Fixture       *fixture,
                            gconstpointer  data)
{
  g_autoptr(GString) message = g_string_new (HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\n");
  GtkWidget *text;

  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (message, "Line %u of a long message.\r\n", i);
  for (guint i = 0; i < 200000; i++)
    g_string_append_c (message, 'x');
  g_string_append (message, " the end\r\n");
  for (guint i = 0; i < 50000; i++)
    g_string_append (message, "字");
  show (fixture, message->str);
  text = reader_test_find (fixture->reader, "UiReaderText", NULL);
  reader_test_wait (is_done, text);
  g_assert_true (shows (fixture, "UiReaderText", "Line 19999 of a long message."));
  g_assert_true (shows (fixture, "UiReaderText", "the end"));
  g_assert_false (shows (fixture, "UiReaderText", "\357\277\275"));
}

static void
test_states_say_what_they_are (Fixture       *fixture,
                               gconstpointer  data)
{
  reader_test_wait (is_mapped, fixture->reader);
  g_assert_true (shows (fixture, "GtkLabel", "No Message Selected"));
  ui_reader_set_several (fixture->reader, 12);
  g_assert_true (shows (fixture, "GtkLabel", "12 Messages Selected"));
  show (fixture, plain);
  g_assert_false (shows (fixture, "GtkLabel", "12 Messages Selected"));
  ui_reader_set_message (fixture->reader, NULL);
  g_assert_true (shows (fixture, "GtkLabel", "No Message Selected"));
  g_assert_null (ui_reader_get_reading (fixture->reader));
}

static void
test_several_senders_are_told (Fixture       *fixture,
                               gconstpointer  data)
{
  show (fixture, "From: a@example.org, b@example.org\r\nSubject: Two\r\n\r\nText\r\n");
  g_assert_true (shows (fixture, "GtkLabel", "several senders"));
}

/* For a screen reader HTML is there as text, too. */
static void
test_html_has_a_plain_twin (Fixture       *fixture,
                            gconstpointer  data)
{
  g_autoptr(ModelReading) reading = reader_test_read_html ("<p>Hello <b>Anna</b></p>");

  g_object_set (fixture->reader, "plain-text", TRUE, NULL);
  ui_reader_set_reading (fixture->reader, reading);
  reader_test_wait (is_mapped, fixture->reader);
  g_assert_true (shows (fixture, "UiReaderText", "Hello Anna"));
  gtk_test_accessible_assert_property (reader_test_find (fixture->reader, "UiReaderText", NULL),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, "Text of the Message");
}

static void
test_subject_is_a_heading (Fixture       *fixture,
                           gconstpointer  data)
{
  show (fixture, plain);
  gtk_test_accessible_assert_role (reader_test_find (fixture->reader, "GtkLabel", "Mooring"),
                                   GTK_ACCESSIBLE_ROLE_HEADING);
}

/* Plain text is read without WebKit. */
static void
test_plain_text_maps_no_webkit (Fixture       *fixture,
                                gconstpointer  data)
{
  g_autofree char *maps = NULL;

  show (fixture, plain);
  g_assert_true (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  g_assert_null (strstr (maps, "libwebkitgtk"));
  g_assert_null (strstr (maps, "libpenfold-web"));
}

int
main (int    argc,
      char **argv)
{
  reader_test_init (&argc, &argv);
#define ADD(name, function) g_test_add ("/ui/reader/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("head-names-the-address", test_head_names_the_address);
  ADD ("text-keeps-quotes", test_text_keeps_quotes);
  ADD ("links-follow-the-keyboard", test_links_follow_the_keyboard);
  ADD ("attachments-are-listed", test_attachments_are_listed);
  ADD ("programs-are-not-opened", test_programs_are_not_opened);
  ADD ("lying-links-are-asked-about", test_lying_links_are_asked_about);
  ADD ("long-text-comes-whole", test_long_text_comes_whole);
  ADD ("states-say-what-they-are", test_states_say_what_they_are);
  ADD ("several-senders-are-told", test_several_senders_are_told);
  ADD ("html-has-a-plain-twin", test_html_has_a_plain_twin);
  ADD ("subject-is-a-heading", test_subject_is_a_heading);
  ADD ("plain-text-maps-no-webkit", test_plain_text_maps_no_webkit);
  return g_test_run ();
}
