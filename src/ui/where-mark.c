/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/where-mark.h"

#include "ui/draw.h"

#define MARK_WIDTH 31
#define MARK_HEIGHT 14

struct _UiWhereMark {
  GtkWidget       parent_instance;

  ModelServerSide server;
  ModelHere       here;
  char           *words;           /* or NULL */
};

G_DEFINE_FINAL_TYPE (UiWhereMark, ui_where_mark, GTK_TYPE_WIDGET)

static void
ui_where_mark_measure (GtkWidget      *widget,
                       GtkOrientation  orientation,
                       int             for_size,
                       int            *minimum,
                       int            *natural,
                       int            *minimum_baseline,
                       int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? MARK_WIDTH : MARK_HEIGHT;
}

static GdkRGBA
get_server_color (UiWhereMark *mark)
{
  GdkRGBA color;

  if (mark->server == MODEL_SERVER_LEAVES_SOON)
    return ui_draw_get_color (GTK_WIDGET (mark), "warning_color");
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (mark)), &color);
  return color;
}

static void
ui_where_mark_snapshot (GtkWidget   *widget,
                        GtkSnapshot *snapshot)
{
  UiWhereMark *mark = UI_WHERE_MARK (widget);
  int width = gtk_widget_get_width (widget);
  double top = (gtk_widget_get_height (widget) - 12) / 2.0;
  gboolean is_mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  double start = is_mirrored ? width - 14 : 0;
  double end = is_mirrored ? 0 : width - 14;
  GdkRGBA server_color = get_server_color (mark);
  GdkRGBA color;
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot,
                                           &GRAPHENE_RECT_INIT (0, 0, width, gtk_widget_get_height (widget)));

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  if (mark->server != MODEL_SERVER_NONE)
    ui_draw_server (cr, start, top, 1.0, mark->server == MODEL_SERVER_STAYS ? UI_DRAW_FILLED : UI_DRAW_HOLLOW,
                    &server_color);
  if (mark->here != MODEL_HERE_NOTHING)
    ui_draw_computer (cr, end, top, 1.0, mark->here == MODEL_HERE_WHOLE ? UI_DRAW_FILLED : UI_DRAW_HOLLOW,
                      &color);
  cairo_destroy (cr);
}

/* Asked for when the pointer rests: setting a tooltip's text asks the X server each time where the pointer
 * is, which makes a list slow. */
static gboolean
ui_where_mark_query_tooltip (GtkWidget  *widget,
                             int         x,
                             int         y,
                             gboolean    is_keyboard,
                             GtkTooltip *tooltip)
{
  gtk_tooltip_set_text (tooltip, UI_WHERE_MARK (widget)->words);
  return UI_WHERE_MARK (widget)->words != NULL;
}

static void
ui_where_mark_finalize (GObject *object)
{
  g_free (UI_WHERE_MARK (object)->words);
  G_OBJECT_CLASS (ui_where_mark_parent_class)->finalize (object);
}

static void
ui_where_mark_class_init (UiWhereMarkClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = ui_where_mark_finalize;
  widget_class->query_tooltip = ui_where_mark_query_tooltip;
  widget_class->measure = ui_where_mark_measure;
  widget_class->snapshot = ui_where_mark_snapshot;
  gtk_widget_class_set_css_name (widget_class, "wheremark");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ui_where_mark_init (UiWhereMark *mark)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (mark), TRUE);
}

void
ui_where_mark_set_where (UiWhereMark      *mark,
                         const ModelWhere *where,
                         gint64            now)
{
  g_autofree char *words = model_where_dup_words (where, now);

  mark->server = model_where_get_server_side (where, now);
  mark->here = where->here;
  g_free (mark->words);
  mark->words = g_strdup (words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (mark), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  gtk_widget_queue_draw (GTK_WIDGET (mark));
}
