/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html/token.h - cuts HTML into text and tags as the HTML5 standard does; for files of this folder only.
 *
 * Comments, doctypes and instructions are left out.  The contents of script, style and the like are one text.
 * It builds no tree and knows no element's meaning.
 *
 * Threads: one at a time.  Limits: none; linear in the input, nothing is copied.  Errors: none.
 */
#pragma once

#include "base/bytes.h"

#define HTML_NAME_MAX 15                   /* longer names are no element of HTML and are cut */

typedef enum {
  HTML_TOKEN_TEXT,             /* text with character references */
  HTML_TOKEN_RAW,              /* the contents of the element named, without references where it is a raw
                                * one */
  HTML_TOKEN_START,
  HTML_TOKEN_END,
} HtmlTokenKind;

typedef struct {
  HtmlTokenKind kind;
  BaseSlice     text;          /* of a text; the attributes of a start tag */
  char          name[HTML_NAME_MAX + 1];       /* lower case */
} HtmlToken;

typedef struct {
  BaseSlice in;
  gsize     at;
  char      raw[HTML_NAME_MAX + 1];            /* the element whose contents come next, or "" */
} HtmlTokenizer;

void     html_tokenizer_init     (HtmlTokenizer *tokenizer,
                                  BaseSlice      html);
gboolean html_tokenizer_next     (HtmlTokenizer *tokenizer,
                                  HtmlToken     *token);

/* Takes the next attribute off the text of a start tag.  The value is raw: html_entity_decode() reads it. */
gboolean html_attribute_take     (BaseSlice *attributes,
                                  BaseSlice *name,
                                  BaseSlice *value);
/* The decoded value of the first attribute of that name, or NULL. */
char    *html_attribute_dup      (const HtmlToken *token,
                                  const char      *name) G_GNUC_WARN_UNUSED_RESULT;
