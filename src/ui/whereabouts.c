/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/whereabouts.h"

#include "ui/draw.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_ROWS 4
#define MAX_CELLS (MAX_ROWS * UI_WHEREABOUTS_COLUMNS)
#define CARD_RADIUS 12.0
#define CARD_PADDING 12.0
#define CELL_GAP 4.0
#define CELL_WIDTH 20.0
#define CELL_HEIGHT 14.0
#define ICON_SIZE 24.0
#define ICON_TOP 14.0

typedef struct {
  PangoLayout *title;
  PangoLayout *subtitle;
  UiCell       cells[MAX_CELLS];
} Card;

struct _UiWhereabouts {
  GtkWidget parent_instance;

  Card      cards[UI_N_PLACES];
  guint     rows;
  UiFlow    flows[UI_N_PLACES - 1];
};

G_DEFINE_FINAL_TYPE (UiWhereabouts, ui_whereabouts, GTK_TYPE_WIDGET)

/* --- sizes, from the line heights, so that large text makes larger cards --- */

static double
get_line_height (PangoLayout *layout)
{
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

static double
get_cells_top (UiWhereabouts *self)
{
  return ICON_TOP + ICON_SIZE + 8 + get_line_height (self->cards[0].title)
         + get_line_height (self->cards[UI_PLACE_SERVER].subtitle) + 10;
}

static int
get_card_height (UiWhereabouts *self)
{
  return (int) ceil (get_cells_top (self) + self->rows * (CELL_HEIGHT + CELL_GAP) + CARD_PADDING - CELL_GAP);
}

static double
get_gap (double width)
{
  if (width < 400)
    return 22;
  if (width < 480)
    return 30;
  return CLAMP (width * 0.09, 30, 96);
}

static void
ui_whereabouts_measure (GtkWidget      *widget,
                        GtkOrientation  orientation,
                        int             for_size,
                        int            *minimum,
                        int            *natural,
                        int            *minimum_baseline,
                        int            *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      *minimum = *natural = get_card_height (UI_WHEREABOUTS (widget));
      return;
    }
  *minimum = 3 * 84 + 2 * 22;
  *natural = 460;
}

/* --- drawing --- */

static void
draw_phone_and_tablet (cairo_t       *cr,
                       double         center,
                       const GdkRGBA *color)
{
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 2.4);
  ui_draw_rounded_rectangle (cr, center - 27, ICON_TOP + 1, 16, 22, 3);
  cairo_stroke (cr);
  ui_draw_rounded_rectangle (cr, center + 1, ICON_TOP + 3, 24, 18, 3);
  cairo_stroke (cr);
  cairo_rectangle (cr, center - 21, ICON_TOP + 1, 4, 3);
  cairo_fill (cr);
}

static void
draw_icon (cairo_t       *cr,
           UiPlace        place,
           double         center,
           const GdkRGBA *color)
{
  double scale = ICON_SIZE / 14.0;

  switch (place)
    {
    case UI_PLACE_COMPUTER:
      ui_draw_computer (cr, center - ICON_SIZE / 2, ICON_TOP + 2, scale, UI_DRAW_FILLED, color);
      break;
    case UI_PLACE_SERVER:
      ui_draw_server (cr, center - ICON_SIZE / 2, ICON_TOP + 2, scale, UI_DRAW_FILLED, color);
      break;
    case UI_PLACE_DEVICES:
      draw_phone_and_tablet (cr, center, color);
      break;
    }
}

static void
draw_envelope (cairo_t       *cr,
               double         x,
               double         y,
               double         width,
               const GdkRGBA *fill,
               const GdkRGBA *flap)
{
  gdk_cairo_set_source_rgba (cr, fill);
  ui_draw_rounded_rectangle (cr, x, y, width, CELL_HEIGHT - 2, 2.5);
  cairo_fill (cr);
  gdk_cairo_set_source_rgba (cr, flap);
  cairo_set_line_width (cr, 1.2);
  cairo_move_to (cr, x + 3, y + 3);
  cairo_line_to (cr, x + width / 2, y + 7.5);
  cairo_line_to (cr, x + width - 3, y + 3);
  cairo_stroke (cr);
}

static void
draw_outline (cairo_t       *cr,
              double         x,
              double         y,
              double         width,
              const GdkRGBA *color,
              gboolean       is_dashed)
{
  static const double dashes[] = { 2.5, 2.0 };

  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 1.0);
  cairo_set_dash (cr, dashes, is_dashed ? 2 : 0, 0);
  ui_draw_rounded_rectangle (cr, x + 0.5, y + 0.5, width - 1, CELL_HEIGHT - 3, 2.5);
  cairo_stroke (cr);
  cairo_set_dash (cr, dashes, 0, 0);
}

static void
draw_cell (UiWhereabouts *self,
           cairo_t       *cr,
           UiCell         cell,
           double         x,
           double         y,
           double         width)
{
  GdkRGBA accent = ui_draw_get_color (GTK_WIDGET (self), "accent_bg_color");
  GdkRGBA on_accent = ui_draw_get_color (GTK_WIDGET (self), "accent_fg_color");
  GdkRGBA success = ui_draw_get_color (GTK_WIDGET (self), "success_color");
  GdkRGBA text;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &text);
  switch (cell)
    {
    case UI_CELL_NONE:
      break;
    case UI_CELL_FULL:
      draw_envelope (cr, x, y, width, &accent, &on_accent);
      break;
    case UI_CELL_LEAVING:
      draw_outline (cr, x, y, width, &accent, FALSE);
      accent.alpha = 0.22f;
      gdk_cairo_set_source_rgba (cr, &accent);
      ui_draw_rounded_rectangle (cr, x, y, width, CELL_HEIGHT - 2, 2.5);
      cairo_fill (cr);
      break;
    case UI_CELL_GONE:
      text.alpha *= 0.38f;
      draw_outline (cr, x, y, width, &text, TRUE);
      break;
    case UI_CELL_ARRIVING:
      draw_envelope (cr, x, y, width, &success, &on_accent);
      break;
    }
}

static void
draw_cells (UiWhereabouts *self,
            cairo_t       *cr,
            const Card    *card,
            double         left,
            double         width)
{
  double space = width - 2 * CARD_PADDING - (UI_WHEREABOUTS_COLUMNS - 1) * CELL_GAP;
  double cell_width = MIN (CELL_WIDTH, space / UI_WHEREABOUTS_COLUMNS);
  double grid = UI_WHEREABOUTS_COLUMNS * cell_width + (UI_WHEREABOUTS_COLUMNS - 1) * CELL_GAP;
  double x = left + (width - grid) / 2;

  for (guint i = 0; i < self->rows * UI_WHEREABOUTS_COLUMNS; i++)
    draw_cell (self, cr, card->cells[i],
               x + (i % UI_WHEREABOUTS_COLUMNS) * (cell_width + CELL_GAP),
               get_cells_top (self) + (i / UI_WHEREABOUTS_COLUMNS) * (CELL_HEIGHT + CELL_GAP), cell_width);
}

static void
draw_text (cairo_t       *cr,
           PangoLayout   *layout,
           double         left,
           double         top,
           double         width,
           const GdkRGBA *color)
{
  pango_layout_set_width (layout, (int) ((width - 8) * PANGO_SCALE));
  gdk_cairo_set_source_rgba (cr, color);
  cairo_move_to (cr, left + 4, top);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_card (UiWhereabouts *self,
           cairo_t       *cr,
           UiPlace        place,
           double         left,
           double         width)
{
  const Card *card = &self->cards[place];
  GdkRGBA background = ui_draw_get_color (GTK_WIDGET (self), "card_bg_color");
  double text_top = ICON_TOP + ICON_SIZE + 8;
  GdkRGBA color, faint;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  ui_draw_rounded_rectangle (cr, left + 0.5, 0.5, width - 1, get_card_height (self) - 1, CARD_RADIUS);
  gdk_cairo_set_source_rgba (cr, &background);
  cairo_fill_preserve (cr);
  faint = color;
  faint.alpha *= 0.13f;
  gdk_cairo_set_source_rgba (cr, &faint);
  cairo_set_line_width (cr, 1.0);
  cairo_stroke (cr);

  draw_icon (cr, place, left + width / 2, &color);
  draw_text (cr, card->title, left, text_top, width, &color);
  faint.alpha = color.alpha * 0.72f;
  draw_text (cr, card->subtitle, left, text_top + get_line_height (card->title), width, &faint);
  draw_cells (self, cr, card, left, width);
}

static void
draw_arrow (cairo_t *cr,
            double   from,
            double   to,
            double   y)
{
  double direction = to > from ? 1 : -1;

  cairo_set_line_width (cr, 1.6);
  cairo_move_to (cr, from, y);
  cairo_line_to (cr, to - direction * 4, y);
  cairo_stroke (cr);
  cairo_move_to (cr, to, y);
  cairo_line_to (cr, to - direction * 6, y - 3.5);
  cairo_line_to (cr, to - direction * 6, y + 3.5);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* left and right: the edges of the gap. */
static void
draw_flow (cairo_t  *cr,
           UiFlow    flow,
           double    left,
           double    right,
           double    y,
           gboolean  is_mirrored)
{
  switch (flow)
    {
    case UI_FLOW_NONE:
      break;
    case UI_FLOW_BOTH_WAYS:
      draw_arrow (cr, left + 5, right - 5, y - 5);
      draw_arrow (cr, right - 5, left + 5, y + 5);
      break;
    case UI_FLOW_TO_COMPUTER:
    case UI_FLOW_TO_DEVICES:
      if ((flow == UI_FLOW_TO_DEVICES) != is_mirrored)
        draw_arrow (cr, left + 5, right - 5, y);
      else
        draw_arrow (cr, right - 5, left + 5, y);
      break;
    }
}

static void
ui_whereabouts_snapshot (GtkWidget   *widget,
                         GtkSnapshot *snapshot)
{
  UiWhereabouts *self = UI_WHEREABOUTS (widget);
  double width = gtk_widget_get_width (widget);
  double gap = get_gap (width);
  double card_width = (width - (UI_N_PLACES - 1) * gap) / UI_N_PLACES;
  gboolean is_mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  double middle = get_card_height (self) / 2.0;
  GdkRGBA color;
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot,
                                           &GRAPHENE_RECT_INIT (0, 0, (float) width,
                                                                gtk_widget_get_height (widget)));

  for (int place = 0; place < UI_N_PLACES; place++)
    {
      int column = is_mirrored ? UI_N_PLACES - 1 - place : place;

      draw_card (self, cr, (UiPlace) place, column * (card_width + gap), card_width);
    }
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  color.alpha *= 0.72f;
  gdk_cairo_set_source_rgba (cr, &color);
  for (int i = 0; i < UI_N_PLACES - 1; i++)
    {
      int column = is_mirrored ? UI_N_PLACES - 2 - i : i;
      double left = (column + 1) * card_width + column * gap;

      draw_flow (cr, self->flows[i], left, left + gap, middle, is_mirrored);
    }
  cairo_destroy (cr);
}

/* --- what is shown --- */

static void
set_text_size (PangoLayout *layout,
               double       scale,
               PangoWeight  weight)
{
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (scale));
  pango_attr_list_insert (attributes, pango_attr_weight_new (weight));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
}

static void
ui_whereabouts_dispose (GObject *object)
{
  UiWhereabouts *self = UI_WHEREABOUTS (object);

  for (int place = 0; place < UI_N_PLACES; place++)
    {
      g_clear_object (&self->cards[place].title);
      g_clear_object (&self->cards[place].subtitle);
    }
  G_OBJECT_CLASS (ui_whereabouts_parent_class)->dispose (object);
}

static void
ui_whereabouts_class_init (UiWhereaboutsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_whereabouts_dispose;
  widget_class->measure = ui_whereabouts_measure;
  widget_class->snapshot = ui_whereabouts_snapshot;
  gtk_widget_class_set_css_name (widget_class, "whereabouts");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ui_whereabouts_init (UiWhereabouts *self)
{
  const char *titles[UI_N_PLACES] = { _("This Computer"), _("Server"), _("Other Devices") };

  self->rows = 2;
  for (int place = 0; place < UI_N_PLACES; place++)
    {
      Card *card = &self->cards[place];

      card->title = gtk_widget_create_pango_layout (GTK_WIDGET (self), titles[place]);
      card->subtitle = gtk_widget_create_pango_layout (GTK_WIDGET (self), "");
      set_text_size (card->title, 0.95, PANGO_WEIGHT_BOLD);
      set_text_size (card->subtitle, 0.84, PANGO_WEIGHT_NORMAL);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Where the mail is"), -1);
}

void
ui_whereabouts_set_rows (UiWhereabouts *self,
                         guint          rows)
{
  self->rows = CLAMP (rows, 1, MAX_ROWS);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static UiCell
cell_from_letter (char letter)
{
  switch (letter)
    {
    case 'f': return UI_CELL_FULL;
    case 'l': return UI_CELL_LEAVING;
    case 'g': return UI_CELL_GONE;
    case '+': return UI_CELL_ARRIVING;
    default:  return UI_CELL_NONE;
    }
}

void
ui_whereabouts_set_place (UiWhereabouts *self,
                          UiPlace        place,
                          const char    *subtitle,
                          const char    *cells)
{
  Card *card = &self->cards[place];
  gsize n_letters = strlen (cells);

  pango_layout_set_text (card->subtitle, subtitle != NULL ? subtitle : "", -1);
  for (gsize i = 0; i < MAX_CELLS; i++)
    card->cells[i] = i < n_letters ? cell_from_letter (cells[i]) : UI_CELL_NONE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
ui_whereabouts_set_flows (UiWhereabouts *self,
                          UiFlow         computer,
                          UiFlow         devices)
{
  self->flows[0] = computer;
  self->flows[1] = devices;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
ui_whereabouts_set_sentence (UiWhereabouts *self,
                             const char    *sentence)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, sentence, -1);
}
