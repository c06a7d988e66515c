/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No message reaches the network by being shown.  A listener on this computer counts who comes; every known
 * trick is pointed at it.  Shown without any wall the same page does come, so that the count can be
 * believed. */
#include "ui/reader-fixture.h"
#include "ui/web-module.h"
#include "ui/web/walls.h"

#include <string.h>

#define SETTLE_MS 1500                 /* what comes late, comes within this */

typedef struct {
  GSocketService *service;
  char           *address;             /* "http://127.0.0.1:4711" */
  char           *host;                /* "127.0.0.1:4711" */
  guint           count;
} Listener;

static gboolean
on_incoming (GSocketService    *service,
             GSocketConnection *connection,
             GObject           *source,
             Listener          *listener)
{
  listener->count++;
  return TRUE;
}

static void
listener_start (Listener *listener)
{
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr(GSocketAddress) bound = NULL;

  listener->service = g_socket_service_new ();
  g_assert_true (g_socket_listener_add_address (G_SOCKET_LISTENER (listener->service), any,
                                                G_SOCKET_TYPE_STREAM,
                                                G_SOCKET_PROTOCOL_TCP, NULL, &bound, NULL));
  listener->host = g_strdup_printf ("127.0.0.1:%u",
                                    g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  listener->address = g_strconcat ("http://", listener->host, NULL);
  listener->count = 0;
  g_signal_connect (listener->service, "incoming", G_CALLBACK (on_incoming), listener);
  g_socket_service_start (listener->service);
}

static void
listener_stop (Listener *listener)
{
  g_socket_service_stop (listener->service);
  g_clear_object (&listener->service);
  g_free (listener->address);
  g_free (listener->host);
}

static char *
dup_replaced (const char *text,
              const char *from,
              const char *to)
{
  g_auto(GStrv) pieces = g_strsplit (text, from, -1);

  return g_strjoinv (to, pieces);
}

/* The pages of tricks, with the listener as the place they lead to. */
static char *
dup_leaks (const Listener *listener)
{
  g_autofree char *path = g_build_filename (g_getenv ("PENFOLD_TEST_DATA"), "html", "cure53-httpleaks",
                                            "leak-part.html", NULL);
  g_autofree char *text = NULL;
  g_autofree char *secure = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *more = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  secure = dup_replaced (text, "https://leaking.via", listener->address);
  plain = dup_replaced (secure, "leaking.via", listener->host);
  more = g_strdup_printf (
    "<link rel=preconnect href=\"%1$s/\"><link rel=dns-prefetch href=\"%1$s/\">"
    "<meta http-equiv=refresh content=\"0; url=%1$s/refresh\"><base href=\"%1$s/\">"
    "<style>@import '%1$s/import.css'; @font-face { font-family: x; src: url(%1$s/font.woff); }"
    "body { background: url(%1$s/body.png); font-family: x; } li { list-style-image: url('%1$s/li.png'); "
    "}</style>"
    "<img src=\"%1$s/img.png\" srcset=\"%1$s/img2.png 2x\"><table "
    "background=\"%1$s/table.png\"><tr><td>x</table>"
    "<p style=\"background-image:\\75\\72\\6c(%1$s/escaped.png)\">x</p><iframe src=\"%1$s/frame\"></iframe>"
    "<object data=\"%1$s/object\"></object><embed src=\"%1$s/embed\"><video src=\"%1$s/video\" "
    "poster=\"%1$s/poster\">"
    "</video><input type=image src=\"%1$s/input.png\"><svg><image href=\"%1$s/svg.png\"/><use "
    "href=\"%1$s/use.svg#x\"/>"
    "</svg><script>fetch('%1$s/script')</script><img src=x "
    "onerror=\"fetch('%1$s/onerror')\"><ul><li>x</ul>%2$s",
    listener->address, plain);
  return g_steal_pointer (&more);
}

/* --- waiting for what is shown --- */

static void
on_shown (GtkWidget *web,
          gboolean  *is_shown)
{
  *is_shown = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

static gboolean
has_web (gpointer data)
{
  return reader_test_find (data, "UiWeb", NULL) != NULL;
}

static void
show_in_reader (UiReader     *reader,
                ModelReading *reading)
{
  gboolean is_shown = FALSE;
  GtkWidget *web;
  gulong handler;

  ui_reader_set_reading (reader, reading);
  reader_test_wait (has_web, reader);
  web = reader_test_find (reader, "UiWeb", NULL);
  handler = g_signal_connect (web, "shown", G_CALLBACK (on_shown), &is_shown);
  reader_test_wait (is_true, &is_shown);
  g_signal_handler_disconnect (web, handler);
}

/* --- the tests --- */

static gboolean
is_reached (gpointer data)
{
  return ((Listener *) data)->count > 0;
}

static void
test_unwalled_page_comes (void)
{
  Listener listener;
  GtkWidget *window = gtk_window_new ();
  GtkWidget *view;
  g_autofree char *page = NULL;
  g_autoptr(WebKitNetworkSession) session = webkit_network_session_new_ephemeral ();

  listener_start (&listener);
  page = dup_leaks (&listener);
  view = g_object_new (WEBKIT_TYPE_WEB_VIEW, "network-session", session, NULL);
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  webkit_web_view_load_html (WEBKIT_WEB_VIEW (view), page, "about:blank");
  reader_test_wait (is_reached, &listener);
  gtk_window_destroy (GTK_WINDOW (window));
  listener_stop (&listener);
}

typedef struct {
  WebKitUserContentFilter *filter;
  gboolean                 is_done;
} Compiled;

static void
compiled_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  Compiled *compiled = data;

  compiled->filter = ui_web_walls_compile_finish (object, result, NULL);
  compiled->is_done = TRUE;
}

static gboolean
is_compiled (gpointer data)
{
  return ((Compiled *) data)->is_done;
}

static void
on_load_changed (WebKitWebView   *view,
                 WebKitLoadEvent  event,
                 gboolean        *is_shown)
{
  *is_shown = *is_shown || event == WEBKIT_LOAD_FINISHED;
}

/* Scripts are on here, there is no policy, no proxy: what comes, comes through the filter. */
static void
test_filter_alone_stops_everything (void)
{
  Listener listener;
  Compiled compiled = { NULL, FALSE };
  GtkWidget *window = gtk_window_new ();
  GtkWidget *view;
  gboolean is_shown = FALSE;
  g_autofree char *page = NULL;
  g_autoptr(WebKitNetworkSession) session = webkit_network_session_new_ephemeral ();
  g_autoptr(WebKitUserContentManager) content = webkit_user_content_manager_new ();

  listener_start (&listener);
  page = dup_leaks (&listener);
  ui_web_walls_compile_async (compiled_cb, &compiled);
  reader_test_wait (is_compiled, &compiled);
  g_assert_nonnull (compiled.filter);
  webkit_user_content_manager_add_filter (content, compiled.filter);
  view = g_object_new (WEBKIT_TYPE_WEB_VIEW, "network-session", session, "user-content-manager", content,
                       NULL);
  g_signal_connect (view, "load-changed", G_CALLBACK (on_load_changed), &is_shown);
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  webkit_web_view_load_html (WEBKIT_WEB_VIEW (view), page, "about:blank");
  reader_test_wait (is_true, &is_shown);
  reader_test_run_for (SETTLE_MS);
  g_assert_cmpuint (listener.count, ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
  webkit_user_content_filter_unref (compiled.filter);
  listener_stop (&listener);
}

typedef struct {
  const UiWebModule *module;
  gboolean           is_done;
} Loaded;

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  Loaded *loaded = data;

  loaded->module = ui_web_module_load_finish (result, NULL);
  loaded->is_done = TRUE;
}

static gboolean
is_loaded (gpointer data)
{
  return ((Loaded *) data)->is_done;
}

/* As if the sanitizer had let everything through. */
static void
test_walls_hold_without_sanitizer (void)
{
  Listener listener;
  Loaded loaded = { NULL, FALSE };
  GtkWidget *window = gtk_window_new ();
  GtkWidget *view;
  gboolean is_shown = FALSE;
  g_autofree char *page = NULL;

  listener_start (&listener);
  page = dup_leaks (&listener);
  ui_web_module_load_async (loaded_cb, &loaded);
  reader_test_wait (is_loaded, &loaded);
  g_assert_nonnull (loaded.module);
  view = loaded.module->new_view ();
  g_signal_connect (view, "shown", G_CALLBACK (on_shown), &is_shown);
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  loaded.module->show (view, page, UI_WEB_PAPER_THEME, G_OBJECT (window), NULL);
  reader_test_wait (is_true, &is_shown);
  reader_test_run_for (SETTLE_MS);
  g_assert_cmpuint (listener.count, ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
  listener_stop (&listener);
}

static void
test_message_reaches_nothing (void)
{
  Listener listener;
  UiReader *reader = reader_test_new ();
  g_autoptr(ModelReading) reading = NULL;
  g_autofree char *page = NULL;

  listener_start (&listener);
  page = dup_leaks (&listener);
  reading = reader_test_read_html (page);
  g_assert_cmpuint (model_reading_peek (reading)->n_remote_pictures, >, 0);
  show_in_reader (reader, reading);
  reader_test_run_for (SETTLE_MS);
  g_object_set (reader, "plain-text", TRUE, NULL);
  reader_test_run_for (200);
  g_assert_cmpuint (listener.count, ==, 0);
  g_assert_nonnull (reader_test_find (reader, "GtkLabel", "from the internet"));
  reader_test_destroy (reader);
  listener_stop (&listener);
}

/* All attacks of a set in one document, each behind the sanitizer. */
static void
test_attacks_leave_the_view_alive (void)
{
  static const char *const sets[] = { "cure53-dompurify", "cure53-h5sc" };
  UiReader *reader = reader_test_new ();

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autofree char *path = g_build_filename (g_getenv ("PENFOLD_TEST_DATA"), "html", sets[i],
                                                "payloads.txt", NULL);
      g_autoptr(ModelReading) reading = NULL;
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_strdelimit (text, "\x1e", ' ');
      reading = reader_test_read_html (text);
      show_in_reader (reader, reading);
      reader_test_run_for (300);
      g_assert_nonnull (reader_test_find (reader, "UiWeb", NULL));
    }
  reader_test_destroy (reader);
}

static gboolean
has_text (gpointer data)
{
  return reader_test_find (data, "UiReaderText", "Hello") != NULL;
}

/* A web process that ends takes nothing with it: the text is shown, and the next message formatted again. */
static void
test_ended_process_leaves_the_text (void)
{
  UiReader *reader = reader_test_new ();
  g_autoptr(ModelReading) reading = reader_test_read_html ("<p>Hello</p>");

  show_in_reader (reader, reading);
  webkit_web_view_terminate_web_process (WEBKIT_WEB_VIEW (reader_test_find (reader, "WebKitWebView", NULL)));
  reader_test_wait (has_text, reader);
  g_assert_nonnull (reader_test_find (reader, "GtkLabel", "stopped working"));
  show_in_reader (reader, reading);
  g_assert_null (reader_test_find (reader, "UiReaderText", NULL));
  reader_test_destroy (reader);
}

/* --- pictures of the message --- */

typedef struct {
  GMutex  lock;
  char   *asked;                       /* content ids, with blanks */
} Asked;
static Asked asked;

static GBytes *
note_picture (GObject     *source,
              const char  *content_id,
              char       **type)
{
  g_autofree char *before = NULL;

  g_mutex_lock (&asked.lock);
  before = asked.asked;
  asked.asked = g_strconcat (before != NULL ? before : "", content_id, " ", NULL);
  g_mutex_unlock (&asked.lock);
  return NULL;
}

static gboolean
was_asked (gpointer data)
{
  gboolean found;

  g_mutex_lock (&asked.lock);
  found = asked.asked != NULL && strstr (asked.asked, data) != NULL;
  g_mutex_unlock (&asked.lock);
  return found;
}

static void
test_pictures_are_asked_of_the_message (void)
{
  Loaded loaded = { NULL, FALSE };
  GtkWidget *window = gtk_window_new ();
  GtkWidget *view;

  ui_web_module_load_async (loaded_cb, &loaded);
  reader_test_wait (is_loaded, &loaded);
  view = loaded.module->new_view ();
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  loaded.module->show (view, "<img src=\"cid:one%40here\">", UI_WEB_PAPER_WHITE,
                       G_OBJECT (window), note_picture);
  reader_test_wait (was_asked, "one@here");
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int    argc,
      char **argv)
{
  reader_test_init (&argc, &argv);
  g_test_add_func ("/ui/web/unwalled-page-comes", test_unwalled_page_comes);
  g_test_add_func ("/ui/web/filter-alone-stops-everything", test_filter_alone_stops_everything);
  g_test_add_func ("/ui/web/walls-hold-without-sanitizer", test_walls_hold_without_sanitizer);
  g_test_add_func ("/ui/web/message-reaches-nothing", test_message_reaches_nothing);
  g_test_add_func ("/ui/web/attacks-leave-the-view-alive", test_attacks_leave_the_view_alive);
  g_test_add_func ("/ui/web/ended-process-leaves-the-text", test_ended_process_leaves_the_text);
  g_test_add_func ("/ui/web/pictures-are-asked-of-the-message", test_pictures_are_asked_of_the_message);
  return g_test_run ();
}
