/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/place-row.h - one row of the sidebar: a folder with its count, or the heading of an account with its
 * space. */
#pragma once

#include "model/place.h"

#include <gtk/gtk.h>

/* A GtkListBoxRow that follows its place. */
GtkWidget  *ui_place_row_new       (ModelPlace *place);
ModelPlace *ui_place_row_get_place (GtkWidget *row);
