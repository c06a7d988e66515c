/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/text.h - plain text of a message for reading, for lists and for the search index.
 *
 * It takes UTF-8 as mime_tree_dup_text() gives it.  HTML is turned into text by the function that the caller
 * passes: this folder knows nothing of HTML.  All of it is linear in the size of the text.
 *
 * Threads: any.  Limits: MIME_QUOTE_MAX quote levels, MIME_LINKS_MAX links, URIs of 4 KiB.  Errors: none.
 */
#pragma once

#include "mime/tree.h"

#define MIME_QUOTE_MAX 50
#define MIME_LINKS_MAX 5000

typedef enum {
  MIME_FLOW_FIXED,
  MIME_FLOW_FLOWED,            /* RFC 3676 */
  MIME_FLOW_FLOWED_DELSP,
} MimeFlow;

typedef struct {
  char     *text;              /* without quote marks and line end */
  guint     quote;             /* 0: own words */
  gboolean  is_signature;      /* at or below "-- " at quote level 0 */
} MimeLine;

typedef struct {
  gsize  start;                /* bytes in the text searched */
  gsize  end;
  char  *uri;                  /* http, https or mailto; "www." gets http:// */
} MimeLink;

MimeFlow   mime_part_get_flow      (const MimePart *part);
/* Lines or, where the text flows, whole paragraphs.  Of MimeLine, freed with the array. */
GArray    *mime_text_split         (const char *text,
                                    MimeFlow    flow) G_GNUC_WARN_UNUSED_RESULT;
/* Of MimeLink, in order, never overlapping, freed with the array. */
GArray    *mime_text_find_links    (const char *text) G_GNUC_WARN_UNUSED_RESULT;
/* One line of at most max characters of the sender's own words: no quotes, no signature, no attribution
 * line. */
char      *mime_text_dup_preview   (const char *text,
                                    MimeFlow    flow,
                                    gsize       max) G_GNUC_WARN_UNUSED_RESULT;

/* HTML (UTF-8, with or without a document around it) as plain text; the result is the caller's. */
typedef char *(*MimeHtmlToText) (const char *html);

typedef struct {
  char *preview;               /* at most 200 characters */
  char *text;                  /* body, names of attachments, text in attachments: for the search index */
} MimeDigest;

/* At most limit bytes of text, which ends at a character. */
MimeDigest *mime_digest_new        (const MimeTree *tree,
                                    MimeHtmlToText  html_to_text,
                                    gsize           limit) G_GNUC_WARN_UNUSED_RESULT;
void        mime_digest_free       (MimeDigest *digest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MimeDigest, mime_digest_free)
