/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/draw.h"

GdkRGBA
ui_draw_get_color (GtkWidget  *widget,
                   const char *name)
{
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  GdkRGBA color;

  if (!gtk_style_context_lookup_color (style, name, &color))
    gtk_style_context_get_color (style, &color);
  return color;
}

void
ui_draw_rounded_rectangle (cairo_t *cr,
                           double   x,
                           double   y,
                           double   width,
                           double   height,
                           double   radius)
{
  radius = MIN (radius, MIN (width, height) / 2);
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static void
paint (cairo_t    *cr,
       UiDrawFill  fill)
{
  if (fill == UI_DRAW_FILLED)
    cairo_fill (cr);
  else
    cairo_stroke (cr);
}

void
ui_draw_server (cairo_t       *cr,
                double         x,
                double         y,
                double         scale,
                UiDrawFill     fill,
                const GdkRGBA *color)
{
  cairo_save (cr);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_translate (cr, x, y);
  cairo_scale (cr, scale, scale);
  cairo_set_line_width (cr, 1.2);
  for (int unit = 0; unit < 2; unit++)
    {
      double top = 0.6 + unit * 6.0;

      if (fill == UI_DRAW_FILLED)
        {
          /* The little window is left out of the filled unit. */
          cairo_set_fill_rule (cr, CAIRO_FILL_RULE_EVEN_ODD);
          ui_draw_rounded_rectangle (cr, 0.6, top, 12.8, 4.8, 1.6);
          cairo_rectangle (cr, 2.6, top + 1.6, 1.6, 1.6);
        }
      else
        {
          ui_draw_rounded_rectangle (cr, 0.9, top + 0.2, 12.2, 4.4, 1.6);
        }
      paint (cr, fill);
    }
  cairo_restore (cr);
}

void
ui_draw_computer (cairo_t       *cr,
                  double         x,
                  double         y,
                  double         scale,
                  UiDrawFill     fill,
                  const GdkRGBA *color)
{
  cairo_save (cr);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_translate (cr, x, y);
  cairo_scale (cr, scale, scale);
  cairo_set_line_width (cr, 1.2);
  if (fill == UI_DRAW_FILLED)
    ui_draw_rounded_rectangle (cr, 0.4, 0.6, 13.2, 8.6, 1.4);
  else
    ui_draw_rounded_rectangle (cr, 0.9, 1.1, 12.2, 7.6, 1.2);
  paint (cr, fill);
  cairo_rectangle (cr, 4.0, 10.0, 6.0, 1.6);
  cairo_fill (cr);
  cairo_restore (cr);
}
