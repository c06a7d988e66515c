/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/draw.h - shapes that more than one drawn widget uses, so that a server looks the same everywhere. */
#pragma once

#include <gtk/gtk.h>

typedef enum {
  UI_DRAW_FILLED,
  UI_DRAW_HOLLOW,
} UiDrawFill;

/* The named colour of the widget's theme, or its text colour where the theme has none. */
GdkRGBA ui_draw_get_color          (GtkWidget  *widget,
                                    const char *name);
void    ui_draw_rounded_rectangle  (cairo_t *cr,
                                    double   x,
                                    double   y,
                                    double   width,
                                    double   height,
                                    double   radius);
/* Two stacked units, 14 × 12 at scale 1. */
void    ui_draw_server             (cairo_t       *cr,
                                    double         x,
                                    double         y,
                                    double         scale,
                                    UiDrawFill     fill,
                                    const GdkRGBA *color);
/* A screen on a foot, 14 × 12 at scale 1. */
void    ui_draw_computer           (cairo_t       *cr,
                                    double         x,
                                    double         y,
                                    double         scale,
                                    UiDrawFill     fill,
                                    const GdkRGBA *color);
