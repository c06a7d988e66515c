/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html/css.h - style sheets and style attributes of a stranger into ones that can only colour and arrange.
 *
 * A tokenizer after CSS Syntax 3 reads them and what is allowed is written anew: escapes are resolved first,
 * no url() or other function than colours, no at-rule but @media, no position, no content, no generated or
 * selected parts.
 *
 * Threads: any.  Limits: 512 KiB, 5,000 rules, 200 declarations each.  Errors: none.  Its own output stays as
 * it is.
 */
#pragma once

#include "base/bytes.h"

/* "a: b; c: d", "" when nothing is left. */
char *html_css_clean_style (BaseSlice css) G_GNUC_WARN_UNUSED_RESULT;
char *html_css_clean_sheet (BaseSlice css) G_GNUC_WARN_UNUSED_RESULT;
