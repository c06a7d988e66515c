/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reader-fixture.h"

#include <string.h>

#define PATIENCE_US (20 * G_USEC_PER_SEC)

void
reader_test_init (int    *argc,
                  char ***argv)
{
  g_setenv ("GTK_A11Y", "test", TRUE);
  g_test_init (argc, argv, NULL);
  /* WebKit warns where there is no OpenGL. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR);
  adw_init ();
}

UiReader *
reader_test_new (void)
{
  GtkWidget *window = gtk_window_new ();
  UiReader *reader = g_object_new (UI_TYPE_READER, NULL);

  gtk_window_set_default_size (GTK_WINDOW (window), 700, 700);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (reader));
  gtk_window_present (GTK_WINDOW (window));
  return reader;
}

void
reader_test_destroy (UiReader *reader)
{
  gtk_window_destroy (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (reader))));
}

ModelReading *
reader_test_read (const char *message)
{
  g_autoptr(GBytes) bytes = g_bytes_new (message, strlen (message));

  return model_reading_new_from_bytes (bytes);
}

ModelReading *
reader_test_read_html (const char *html)
{
  g_autofree char *message = g_strconcat ("From: Jonas <jonas@example.org>\r\nSubject: Pier\r\nMIME-Version: "
                                          "1.0\r\n"
                                          "Content-Type: text/html; charset=utf-8\r\n\r\n", html, NULL);

  return reader_test_read (message);
}

static char *
dup_words (GtkWidget *widget)
{
  GtkTextBuffer *buffer;
  GtkTextIter start, end;

  if (GTK_IS_LABEL (widget))
    return g_strdup (gtk_label_get_text (GTK_LABEL (widget)));
  if (!GTK_IS_TEXT_VIEW (widget))
    return g_strdup (gtk_widget_get_tooltip_text (widget));
  buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (widget));
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

static gboolean
is_wanted (GtkWidget  *widget,
           const char *type_name,
           const char *words)
{
  g_autofree char *found = NULL;

  if (!gtk_widget_get_mapped (widget) || !g_str_equal (G_OBJECT_TYPE_NAME (widget), type_name))
    return FALSE;
  if (words == NULL)
    return TRUE;
  found = dup_words (widget);
  return found != NULL && strstr (found, words) != NULL;
}

static GtkWidget *
find (GtkWidget  *widget,
      const char *type_name,
      const char *words)
{
  GtkWidget *found = is_wanted (widget, type_name, words) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); found == NULL && child != NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find (child, type_name, words);
  return found;
}

GtkWidget *
reader_test_find (UiReader   *reader,
                  const char *type_name,
                  const char *words)
{
  return find (GTK_WIDGET (reader), type_name, words);
}

static gboolean
wake (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
reader_test_wait (ReaderTestCondition condition,
                  gpointer            data)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  guint timer = g_timeout_add (20, wake, NULL);

  while (!condition (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (timer);
}

void
reader_test_run_for (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;
  guint timer = g_timeout_add (20, wake, NULL);

  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}
