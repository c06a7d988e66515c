/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/quote-tags.h - lines that begin with ">" look quieter in a text view, while they are edited, too. */
#pragma once

#include <gtk/gtk.h>

/* For the life of the view. */
void ui_quote_tags_add (GtkTextView *view);
