/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/where-mark.h - the small mark that shows where the copies of a message are: a server and a computer.
 *
 * Each shape keeps its own column, so that marks line up down a list.  Filled: a copy is there.  Hollow
 * server: it leaves on a known day, in the warning colour within a week.  Hollow computer: only the beginning
 * is here.  Missing: no copy there.  The words are its tooltip and its accessible name.
 */
#pragma once

#include "model/where.h"

#include <gtk/gtk.h>

#define UI_TYPE_WHERE_MARK (ui_where_mark_get_type ())
G_DECLARE_FINAL_TYPE (UiWhereMark, ui_where_mark, UI, WHERE_MARK, GtkWidget)

void       ui_where_mark_set_where (UiWhereMark      *mark,
                                    const ModelWhere *where,
                                    gint64            now);
