/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html/style.h - whether an element can be seen; for files of this folder only.
 *
 * Threads: any.  Errors: none.
 */
#pragma once

#include "html/token.h"

/* By its attributes alone: hidden, display:none, visibility:hidden, no size or no opacity. */
gboolean html_style_hides (const HtmlToken *start);
