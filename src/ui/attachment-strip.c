/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/attachment-strip.h"

#include "model/when.h"
#include "ui/wrap-box.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SPACING    12
#define HEIGHT_MAX 140

struct _UiAttachmentStrip {
  GtkWidget  parent_instance;

  GtkWidget *scroller;
  UiWrapBox *tiles;
  GtkLabel  *total;
};

G_DEFINE_FINAL_TYPE (UiAttachmentStrip, ui_attachment_strip, GTK_TYPE_WIDGET)

enum { REMOVE, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- one tile ------------------------------------------------------------------------------------------- */

/* "PDF" of "plan.pdf": at most four characters, "" where a name says nothing. */
static char *
dup_kind (const char *name)
{
  const char *dot = strrchr (name, '.');

  if (dot == NULL || dot == name || dot[1] == '\0' || strlen (dot + 1) > 4)
    return g_strdup ("");
  return g_utf8_strup (dot + 1, -1);
}

/* The classes of the reader's strip, so that a file looks the same before and after it was sent. */
static const char *
get_style (const char *type)
{
  static const struct { const char *part, *style; } kinds[] = {
    { "pdf", "pdf" }, { "image/", "picture" }, { "spreadsheet", "sheet" }, { "excel", "sheet" },
    { "opendocument.text", "document" }, { "word", "document" }, { "presentation", "slides" },
    { "audio/", "sound" }, { "zip", "archive" }, { "tar", "archive" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strstr (type, kinds[i].part) != NULL)
      return kinds[i].style;
  return "plain";
}

static GtkWidget *
badge_new (const char *name,
           const char *type)
{
  g_autofree char *kind = dup_kind (name);
  GtkWidget *badge = *kind != '\0'
                     ? gtk_label_new (kind) : gtk_image_new_from_icon_name ("mail-attachment-symbolic");

  gtk_widget_add_css_class (badge, "attachment-badge");
  gtk_widget_add_css_class (badge, get_style (type));
  gtk_widget_set_valign (badge, GTK_ALIGN_CENTER);
  return badge;
}

static GtkWidget *
label_new (const char *text,
           const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 30);
  gtk_widget_add_css_class (label, "small");
  gtk_widget_add_css_class (label, class);
  return label;
}

static GtkWidget *
tile_new (const char *name,
          const char *type,
          const char *below)
{
  GtkWidget *tile = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_add_css_class (tile, "attachment-tile");
  gtk_widget_set_tooltip_text (tile, name);
  gtk_box_append (GTK_BOX (tile), badge_new (name, type));
  gtk_box_append (GTK_BOX (words), label_new (name, "strong"));
  gtk_box_append (GTK_BOX (words), label_new (below, "dim-label"));
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (tile), words);
  return tile;
}

static void
on_remove (GtkWidget         *button,
           UiAttachmentStrip *self)
{
  gint64 *id = g_object_get_data (G_OBJECT (button), "attachment");

  g_signal_emit (self, signals[REMOVE], 0, *id);
}

static void
add_button (UiAttachmentStrip     *self,
            GtkWidget             *tile,
            const StoreAttachment *attachment)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("window-close-symbolic");
  /* Translators: %s is the name of an attached file. */
  g_autofree char *label = g_strdup_printf (_("Remove %s"), attachment->name);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data_full (G_OBJECT (button), "attachment", g_memdup2 (&attachment->id, sizeof attachment->id),
                          g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_remove), self);
  gtk_box_append (GTK_BOX (tile), button);
}

static void
add_coming (UiAttachmentStrip *self,
            const char        *name)
{
  GtkWidget *tile = tile_new (name, "", _("Copying…"));
  GtkWidget *spinner = gtk_spinner_new ();

  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_box_append (GTK_BOX (tile), spinner);
  ui_wrap_box_append (self->tiles, tile);
}

/* --- all of them ---------------------------------------------------------------------------------------- */

void
ui_attachment_strip_show (UiAttachmentStrip *self,
                          GPtrArray         *attachments,
                          GPtrArray         *coming)
{
  GtkWidget *child;
  gint64 total = 0;
  g_autofree char *size = NULL;
  g_autofree char *words = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->tiles))) != NULL)
    gtk_widget_unparent (child);
  for (guint i = 0; i < attachments->len; i++)
    {
      const StoreAttachment *attachment = attachments->pdata[i];
      g_autofree char *below = model_size_dup (attachment->size);
      GtkWidget *tile = tile_new (attachment->name, attachment->type, below);

      add_button (self, tile, attachment);
      ui_wrap_box_append (self->tiles, tile);
      total += attachment->size;
    }
  for (guint i = 0; i < coming->len; i++)
    add_coming (self, coming->pdata[i]);

  size = model_size_dup (total);
  /* Translators: %s is the size of all attachments, as in "2.6 MB in all". */
  words = g_strdup_printf (_("%s in all"), size);
  gtk_label_set_label (self->total, words);
  gtk_widget_set_visible (GTK_WIDGET (self->total), attachments->len > 1);
  gtk_widget_set_visible (GTK_WIDGET (self), attachments->len + coming->len > 0);
}

/* --- places --------------------------------------------------------------------------------------------- */

/* A scrolled window does not ask its child how high it is at a width, so this does.  More than a few tiles
 * scroll: the text keeps its room. */
static int
get_total_width (UiAttachmentStrip *self)
{
  int width;

  if (!gtk_widget_get_visible (GTK_WIDGET (self->total)))
    return 0;
  gtk_widget_measure (GTK_WIDGET (self->total), GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
  return width + SPACING;
}

static void
ui_attachment_strip_measure (GtkWidget      *widget,
                             GtkOrientation  orientation,
                             int             for_size,
                             int            *minimum,
                             int            *natural,
                             int            *minimum_baseline,
                             int            *natural_baseline)
{
  UiAttachmentStrip *self = UI_ATTACHMENT_STRIP (widget);
  int total = get_total_width (self);

  /* Its answer does not count, but a widget nobody asks swallows the next resize of what is inside. */
  gtk_widget_measure (self->scroller, orientation, -1, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      gtk_widget_measure (GTK_WIDGET (self->tiles), orientation, -1, minimum, natural, NULL, NULL);
      *minimum += total;
      *natural += total;
      return;
    }
  gtk_widget_measure (GTK_WIDGET (self->tiles), orientation, for_size < 0 ? -1 : MAX (for_size - total, 0),
                      minimum, natural, NULL, NULL);
  *minimum = *natural = MIN (*natural, HEIGHT_MAX);
}

static void
ui_attachment_strip_size_allocate (GtkWidget *widget,
                                   int        width,
                                   int        height,
                                   int        baseline)
{
  UiAttachmentStrip *self = UI_ATTACHMENT_STRIP (widget);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int total = get_total_width (self);
  int label_width = MAX (total - SPACING, 0);

  gtk_widget_size_allocate (self->scroller, &(GtkAllocation) { is_rtl ? total : 0, 0, width - total, height },
                            -1);
  if (total > 0)
    gtk_widget_size_allocate (GTK_WIDGET (self->total),
                              &(GtkAllocation) { is_rtl ? 0 : width - label_width, 0, label_width, height },
                              -1);
}

static GtkSizeRequestMode
ui_attachment_strip_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* --- life ----------------------------------------------------------------------------------------------- */

static void
ui_attachment_strip_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (ui_attachment_strip_parent_class)->dispose (object);
}

static void
ui_attachment_strip_class_init (UiAttachmentStripClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_attachment_strip_dispose;
  signals[REMOVE] = g_signal_new ("remove", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_INT64);
  widget_class->measure = ui_attachment_strip_measure;
  widget_class->size_allocate = ui_attachment_strip_size_allocate;
  widget_class->get_request_mode = ui_attachment_strip_get_request_mode;
  gtk_widget_class_set_css_name (widget_class, "attachments");
}

static void
ui_attachment_strip_init (UiAttachmentStrip *self)
{
  self->scroller = gtk_scrolled_window_new ();
  self->tiles = UI_WRAP_BOX (ui_wrap_box_new (9));
  self->total = GTK_LABEL (gtk_label_new (NULL));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->tiles));
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self->total), "small");
  gtk_widget_add_css_class (GTK_WIDGET (self->total), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->total), "numeric");
  gtk_widget_set_parent (GTK_WIDGET (self->total), GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Attachments"), -1);
}
