/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/text.h - the words of messages in the search index, and the text they came from.
 *
 * What is indexed is kept, packed: the index holds no text, and only the very same text takes a message out of it.
 * The head comes with the header of a message, the body with its bytes.  It knows nothing of queries (search.h).
 *
 * Threads: the handle's.  Writing needs store_begin().  Limits: text beyond STORE_TEXT_MAX is not indexed.
 */
#pragma once

#include "store/store.h"

#define STORE_TEXT_MAX (1024 * 1024)     /* bytes of one column */

/* UTF-8; NULL is empty. */
typedef struct {
  const char *subject;
  const char *sender;                    /* names and addresses */
  const char *recipients;
  const char *list;
} StoreTextHead;

typedef struct {
  const char *body;
  const char *filenames;                 /* one a line */
} StoreTextBody;

typedef struct {
  gint64               message_id;
  const StoreTextHead *head;             /* or NULL: as it was */
  const StoreTextBody *body;             /* or NULL: as it was */
  GBytes              *packed_body;      /* what store_text_pack_body() made of the very same; or NULL */
} StoreTextNew;

/* Half of what keeping a text costs, for a thread that has more time than the writer.  Any thread. */
GBytes   *store_text_pack_body       (const StoreTextBody *body) G_GNUC_WARN_UNUSED_RESULT;
/* Indexes many messages; what was indexed of them before is taken out.  Sorts items by message: the index takes
 * ascending ids many times faster. */
gboolean  store_text_apply           (Store            *store,
                                      StoreTextNew     *items,
                                      gsize             n_items,
                                      GError          **error);
/* Takes a message out.  One that was never indexed is no error. */
gboolean  store_text_remove          (Store            *store,
                                      gint64            message_id,
                                      GError          **error);

typedef struct {
  gint64  message_id;
  char   *subject;                       /* these: "" if none */
  char   *sender;
  char   *recipients;
  char   *list;
  char   *body;                          /* this and the next: NULL while only the head is indexed */
  char   *filenames;
} StoreText;

/* The text as indexed, or NULL without error if there is none. */
StoreText *store_text_get            (Store            *store,
                                      gint64            message_id,
                                      GError          **error) G_GNUC_WARN_UNUSED_RESULT;
void       store_text_free           (StoreText        *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreText, store_text_free)

/* Builds the index anew from the kept text when another version of the tokenizer made it: only that one could take
 * messages out of it.  Opens its own transaction. */
gboolean   store_text_ensure_current (Store            *store,
                                      GError          **error);
/* Builds it anew in any case.  Needs store_begin(). */
gboolean   store_text_rebuild        (Store            *store,
                                      GError          **error);
