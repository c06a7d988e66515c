/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html/tags.h - the elements and attributes that a safe document may have; for files of this folder only.
 *
 * What is not named here does not exist.  Threads: any.
 */
#pragma once

#include "base/bytes.h"

typedef enum {
  HTML_TAG_UNKNOWN,            /* goes, its contents stay */
  HTML_TAG_DROPPED,            /* goes with its contents */
  HTML_TAG_BODY,
  HTML_TAG_VOID,
  HTML_TAG_FORMAT,             /* opened again by the parser where it was not closed in order */
  HTML_TAG_LOOSE,              /* needs no end tag */
  HTML_TAG_BLOCK,              /* and other elements that nest */
  HTML_TAG_TABLE,
  HTML_TAG_ROW,                /* what lies between table and cell */
  HTML_TAG_CELL,
} HtmlTagKind;

typedef struct {
  const char  *name;
  HtmlTagKind  kind;
} HtmlTag;

typedef enum {
  HTML_VALUE_REFUSED,
  HTML_VALUE_TEXT,             /* anything: only shown */
  HTML_VALUE_WORD,             /* letters, digits and a few signs: sizes, colours, keywords */
  HTML_VALUE_NAMES,            /* class and id */
  HTML_VALUE_STYLE,
  HTML_VALUE_LINK,
  HTML_VALUE_IMAGE,
} HtmlValueKind;

/* name in lower case. */
const HtmlTag *html_tags_find       (const char *name);            /* NULL: unknown */
guint          html_tags_count      (void);
guint          html_tags_get_index  (const HtmlTag *tag);
HtmlValueKind  html_tags_get_value  (const char *tag,
                                     const char *attribute);
