/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reader-text.h"

#include "ui/draw.h"

#include <string.h>

#define PIECE_US      4000             /* of main loop time a piece may take */
#define LINE_BYTES    8000             /* of a line; longer ones are broken at a blank */
#define RUN_BYTES     1000             /* of something without a place to wrap */
#define SOURCE_MAX    (8 * 1024 * 1024)
#define QUOTE_MARKS   8                /* deeper quotes have no more marks than this */

typedef struct {
  int   start;                         /* characters */
  int   end;
  char *uri;
} Link;

struct _UiReaderText {
  GtkTextView    parent_instance;

  ModelReading  *reading;              /* of which there is more to show, or NULL */
  gboolean       is_source;
  gsize          next;                 /* its first line, or byte of the source, that is not shown yet */
  guint          filler;

  GtkTextBuffer *buffer;
  GtkTextTag    *dim;
  GtkTextTag    *link;
  GArray        *links;                /* of Link, in order */
  const char    *hovered;              /* of links */
};

G_DEFINE_FINAL_TYPE (UiReaderText, ui_reader_text, GTK_TYPE_TEXT_VIEW)

enum { LINK_HOVERED, LINK_ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- filling --- */

static void
insert (UiReaderText *self,
        const char   *text,
        gsize         size,
        GtkTextTag   *tag,
        GtkTextTag   *other)
{
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (self->buffer, &end);
  if (tag == NULL && other == NULL)
    gtk_text_buffer_insert (self->buffer, &end, text, (int) size);
  else
    gtk_text_buffer_insert_with_tags (self->buffer, &end, text, (int) size, tag != NULL ? tag : other,
                                      tag != NULL ? other : NULL, NULL);
}

/* How much of the text goes on one line.  Letters outside ASCII count as places to wrap: many scripts have no
 * blanks. */
static gsize
measure_line (const char *text,
              gsize       size)
{
  gsize run = 0;

  for (gsize i = 0; i < size; i++)
    {
      run = g_ascii_isgraph (text[i]) ? run + 1 : 0;
      if (run > RUN_BYTES || (i > LINE_BYTES && text[i] == ' '))
        return i;
      if (i > 4 * LINE_BYTES && ((guchar) text[i] & 0xc0) != 0x80)
        return i;
    }
  return size;
}

static void
insert_broken (UiReaderText *self,
               const char   *text,
               gsize         size,
               GtkTextTag   *tag)
{
  gsize length;

  while ((length = measure_line (text, size)) < size)
    {
      insert (self, text, length, tag, NULL);
      insert (self, "\n", 1, tag, NULL);
      text += length;
      size -= length;
    }
  insert (self, text, size, tag, NULL);
}

static void
insert_link (UiReaderText *self,
             const char   *text,
             MimeLink     *found,
             GtkTextTag   *tag)
{
  GtkTextIter end;
  Link link;

  gtk_text_buffer_get_end_iter (self->buffer, &end);
  link.start = gtk_text_iter_get_offset (&end);
  insert (self, text + found->start, found->end - found->start, tag, self->link);
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  link.end = gtk_text_iter_get_offset (&end);
  link.uri = g_steal_pointer (&found->uri);
  g_array_append_val (self->links, link);
}

static gboolean
may_have_links (const char *text)
{
  return strchr (text, ':') != NULL || strchr (text, '@') != NULL || strstr (text, "www.") != NULL;
}

static void
insert_line (UiReaderText   *self,
             const MimeLine *line)
{
  GtkTextTag *tag = line->quote > 0 || line->is_signature ? self->dim : NULL;
  g_autoptr(GArray) found = NULL;
  gsize done = 0;

  for (guint i = 0; i < MIN (line->quote, QUOTE_MARKS); i++)
    insert (self, "> ", 2, tag, NULL);
  if (may_have_links (line->text) && self->links->len < MIME_LINKS_MAX)
    found = mime_text_find_links (line->text);
  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      MimeLink *link = &g_array_index (found, MimeLink, i);

      insert_broken (self, line->text + done, link->start - done, tag);
      insert_link (self, line->text, link, tag);
      done = link->end;
    }
  insert_broken (self, line->text + done, strlen (line->text) - done, tag);
}

static gboolean
insert_next_line (UiReaderText *self)
{
  GArray *lines = model_reading_peek (self->reading)->lines;

  if (self->next >= lines->len)
    return FALSE;
  if (self->next > 0)
    insert (self, "\n", 1, NULL, NULL);
  insert_line (self, &g_array_index (lines, MimeLine, self->next));
  self->next++;
  return TRUE;
}

static gboolean
insert_next_source (UiReaderText *self)
{
  gsize size;
  const char *bytes = g_bytes_get_data (model_reading_peek_bytes (self->reading), &size);
  const char *start = bytes + self->next;
  gsize left = MIN (size, SOURCE_MAX) - self->next;
  const char *end = memchr (start, '\n', MIN (left, RUN_BYTES));
  gsize length = end != NULL ? (gsize) (end + 1 - start) : MIN (left, RUN_BYTES);
  g_autofree char *text = NULL;

  if (left == 0)
    return FALSE;
  text = g_utf8_make_valid (start, (gssize) length);
  g_strdelimit (text, "\r", ' ');
  g_strchomp (text);
  insert (self, text, strlen (text), NULL, NULL);
  insert (self, "\n", 1, NULL, NULL);
  self->next += length;
  return TRUE;
}

static gboolean
fill (gpointer data)
{
  UiReaderText *self = data;
  gint64 enough = g_get_monotonic_time () + PIECE_US;

  while (g_get_monotonic_time () < enough)
    if (!(self->is_source ? insert_next_source (self) : insert_next_line (self)))
      {
        self->filler = 0;
        g_clear_object (&self->reading);
        return G_SOURCE_REMOVE;
      }
  return G_SOURCE_CONTINUE;
}

static void
start (UiReaderText *self,
       ModelReading *reading,
       gboolean      is_source)
{
  GtkTextIter top;

  g_clear_handle_id (&self->filler, g_source_remove);
  g_set_object (&self->reading, reading);
  self->is_source = is_source;
  self->next = 0;
  self->hovered = NULL;
  g_array_set_size (self->links, 0);
  gtk_text_buffer_set_text (self->buffer, "", 0);
  if (reading == NULL)
    return;
  if (fill (self) == G_SOURCE_CONTINUE)
    self->filler = g_idle_add (fill, self);
  gtk_text_buffer_get_start_iter (self->buffer, &top);
  gtk_text_buffer_place_cursor (self->buffer, &top);
}

void
ui_reader_text_show (UiReaderText *self,
                     ModelReading *reading)
{
  start (self, reading, FALSE);
}

void
ui_reader_text_show_source (UiReaderText *self,
                            ModelReading *reading)
{
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (self), TRUE);
  start (self, reading, TRUE);
}

gboolean
ui_reader_text_is_done (UiReaderText *self)
{
  return self->filler == 0;
}

/* --- links --- */

static int
compare_link (gconstpointer key,
              gconstpointer item)
{
  int offset = GPOINTER_TO_INT (key);
  const Link *link = item;

  return offset < link->start ? -1 : offset >= link->end;
}

static const char *
find_link (UiReaderText      *self,
           const GtkTextIter *at)
{
  const Link *link = self->links->len == 0 ? NULL
    : bsearch (GINT_TO_POINTER (gtk_text_iter_get_offset (at)), self->links->data, self->links->len,
               sizeof (Link), compare_link);

  return link != NULL ? link->uri : NULL;
}

static const char *
find_link_at (UiReaderText *self,
              double        x,
              double        y)
{
  GtkTextIter iter;
  int buffer_x, buffer_y;

  gtk_text_view_window_to_buffer_coords (GTK_TEXT_VIEW (self), GTK_TEXT_WINDOW_WIDGET, (int) x, (int) y,
                                         &buffer_x, &buffer_y);
  if (!gtk_text_view_get_iter_at_location (GTK_TEXT_VIEW (self), &iter, buffer_x, buffer_y))
    return NULL;
  return find_link (self, &iter);
}

static void
hover (UiReaderText *self,
       const char   *uri)
{
  if (self->hovered == uri)
    return;
  self->hovered = uri;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), uri != NULL ? "pointer" : "text");
  g_signal_emit (self, signals[LINK_HOVERED], 0, uri);
}

static void
on_motion (GtkEventControllerMotion *motion,
           double                    x,
           double                    y,
           UiReaderText             *self)
{
  hover (self, find_link_at (self, x, y));
}

static void
on_leave (GtkEventControllerMotion *motion,
          UiReaderText             *self)
{
  hover (self, NULL);
}

static void
on_released (GtkGestureClick *click,
             int              n_press,
             double           x,
             double           y,
             UiReaderText    *self)
{
  const char *uri = find_link_at (self, x, y);

  if (uri != NULL && n_press == 1 && !gtk_text_buffer_get_has_selection (self->buffer))
    g_signal_emit (self, signals[LINK_ACTIVATED], 0, uri);
}

static gboolean
on_key (GtkEventControllerKey *keys,
        guint                  keyval,
        guint                  keycode,
        GdkModifierType        state,
        UiReaderText          *self)
{
  GtkTextIter cursor;
  const char *uri;

  if (keyval != GDK_KEY_Return && keyval != GDK_KEY_KP_Enter)
    return GDK_EVENT_PROPAGATE;
  gtk_text_buffer_get_iter_at_mark (self->buffer, &cursor, gtk_text_buffer_get_insert (self->buffer));
  if ((uri = find_link (self, &cursor)) == NULL)
    return GDK_EVENT_PROPAGATE;
  g_signal_emit (self, signals[LINK_ACTIVATED], 0, uri);
  return GDK_EVENT_STOP;
}

/* --- life --- */

static void
ui_reader_text_css_changed (GtkWidget         *widget,
                            GtkCssStyleChange *change)
{
  UiReaderText *self = UI_READER_TEXT (widget);
  GdkRGBA link = ui_draw_get_color (widget, "accent_color");
  GdkRGBA dim = ui_draw_get_color (widget, "view_fg_color");

  GTK_WIDGET_CLASS (ui_reader_text_parent_class)->css_changed (widget, change);
  dim.alpha *= 0.66f;
  g_object_set (self->link, "foreground-rgba", &link, NULL);
  g_object_set (self->dim, "foreground-rgba", &dim, NULL);
}

static void
clear_link (gpointer data)
{
  g_free (((Link *) data)->uri);
}

static void
ui_reader_text_dispose (GObject *object)
{
  UiReaderText *self = UI_READER_TEXT (object);

  g_clear_handle_id (&self->filler, g_source_remove);
  g_clear_object (&self->reading);
  G_OBJECT_CLASS (ui_reader_text_parent_class)->dispose (object);
}

static void
ui_reader_text_finalize (GObject *object)
{
  UiReaderText *self = UI_READER_TEXT (object);

  g_array_unref (self->links);
  G_OBJECT_CLASS (ui_reader_text_parent_class)->finalize (object);
}

static void
ui_reader_text_class_init (UiReaderTextClass *class)
{
  G_OBJECT_CLASS (class)->dispose = ui_reader_text_dispose;
  G_OBJECT_CLASS (class)->finalize = ui_reader_text_finalize;
  GTK_WIDGET_CLASS (class)->css_changed = ui_reader_text_css_changed;
  signals[LINK_HOVERED] = g_signal_new ("link-hovered", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[LINK_ACTIVATED] = g_signal_new ("link-activated", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
add_controllers (UiReaderText *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *click = GTK_EVENT_CONTROLLER (gtk_gesture_click_new ());
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect (click, "released", G_CALLBACK (on_released), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_event_controller_set_propagation_phase (click, GTK_PHASE_CAPTURE);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), click);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

static void
ui_reader_text_init (UiReaderText *self)
{
  GtkTextView *view = GTK_TEXT_VIEW (self);

  self->links = g_array_new (FALSE, FALSE, sizeof (Link));
  g_array_set_clear_func (self->links, clear_link);
  self->buffer = gtk_text_view_get_buffer (view);
  gtk_text_buffer_set_enable_undo (self->buffer, FALSE);
  self->dim = gtk_text_buffer_create_tag (self->buffer, "dim", NULL);
  self->link = gtk_text_buffer_create_tag (self->buffer, "link", "underline", PANGO_UNDERLINE_SINGLE,
                                           "insert-hyphens", FALSE, NULL);
  gtk_text_view_set_editable (view, FALSE);
  gtk_text_view_set_wrap_mode (view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (view, FALSE);
  gtk_text_view_set_pixels_below_lines (view, 2);
  add_controllers (self);
}
