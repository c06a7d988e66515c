/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html/text.h - HTML as plain text: for the search index, previews, quotes and screen readers.
 *
 * What a reader would not see is left out (hidden, zero size, head, script, comments); lists, tables and
 * quotes keep their shape; links are shown with their targets where the text does not say them.  Quotes begin
 * with "> ".
 *
 * Threads: any.  Limits: HTML_SIZE_MAX bytes read; time and result are linear.  Errors: none.
 */
#pragma once

#include "base/bytes.h"

typedef enum {
  HTML_LINKS_SHOWN,            /* "text <https://...>" */
  HTML_LINKS_LEFT_OUT,         /* for search and previews */
} HtmlLinks;

/* UTF-8 with \n line ends, paragraphs parted by an empty line. */
char *html_to_text (BaseSlice  utf8,
                    HtmlLinks  links) G_GNUC_WARN_UNUSED_RESULT;
