/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html/entity.h - character references: "&eacute;" and "&#233;"; for files of this folder only.
 *
 * Threads: any.  Errors: none; what is not known stays as it is.
 */
#pragma once

#include "base/bytes.h"

typedef enum {
  HTML_ENTITY_IN_TEXT,
  HTML_ENTITY_IN_ATTRIBUTE,
} HtmlEntityUse;

/* text begins after the "&".  The size of the reference with its semicolon, or 0. */
gsize html_entity_parse  (BaseSlice      text,
                          HtmlEntityUse  use,
                          gunichar      *character);
void  html_entity_decode (BaseSlice      text,
                          HtmlEntityUse  use,
                          GString       *out);
