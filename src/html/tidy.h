/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html/tidy.h - HTML with allowed elements only, bounded so that a tree of it is built in linear time; for
 * this folder.
 *
 * Tree builders take time and memory that grow with the square of the nesting, and formatting elements that
 * are never closed are copied into every paragraph.  So what goes into the parser is written anew: elements
 * beyond the limits lose their tags, comments, foreign elements and whatever switches the parser's state go.
 * Safety does not rest on this file.
 *
 * Threads: any.  Limits: HTML_SIZE_MAX, HTML_DEPTH_MAX, and a cost of all elements.  Errors: none.
 */
#pragma once

#include "base/bytes.h"

typedef struct {
  GString  *markup;            /* for the parser */
  GString  *sheets;            /* what stood in style elements, not yet safe */
  guint     n_removed;
  gboolean  is_cut;
} HtmlTidy;

void html_tidy       (BaseSlice  html,
                      HtmlTidy  *tidy);
void html_tidy_clear (HtmlTidy  *tidy);
