/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/tokenizer.h - text into the words of the search index: the FTS5 tokenizer "penfold".
 *
 * Words are runs of letters and digits, without case and accents: Größe, GRÖSSE and grosse are one word.
 * E-mail addresses and host names fall into their pieces, and the whole of them is found as a phrase.
 * Han, Kana, Hangul, Thai and their neighbours write no blanks between words: of each run every pair of
 * neighbouring characters is a word, and the last character alone is one in the same place, so 会 is found as
 * a prefix and 会議 wherever it stands.
 *
 * The same text gives the same words in index, query and deletion; whoever changes that raises
 * STORE_TOKENIZER_VERSION.  It knows nothing of messages and languages.
 *
 * Threads: one at a time per StoreTokenizer.  Limits: a word keeps its first STORE_TOKEN_MAX folded bytes.
 * Errors: only those of SQLite; any bytes are text, invalid ones part words.
 */
#pragma once

#include "base/bytes.h"

#include <sqlite3.h>

#define STORE_TOKENIZER_VERSION 1
#define STORE_TOKEN_MAX         96

typedef enum {
  STORE_TOKENIZE_TEXT,         /* as it is put into the index */
  STORE_TOKENIZE_QUERY,        /* as it is looked for: a run's last character is no word of its own */
} StoreTokenizeMode;

typedef enum {
  STORE_TOKEN_NEXT,            /* one place after the word before */
  STORE_TOKEN_SAME_PLACE,      /* in the place of the word before */
} StoreTokenPlace;

typedef struct {
  BaseSlice       word;        /* folded; valid during the call */
  StoreTokenPlace place;
  gsize           start;       /* where it stands in the text, in bytes */
  gsize           end;
  gboolean        is_single;   /* one character of a script without blanks: a query looks for it as a
                                * prefix */
} StoreToken;

/* Anything but SQLITE_OK ends the splitting and is its result. */
typedef int (*StoreTokenFunc) (const StoreToken *token,
                               gpointer          user_data);

typedef struct _StoreTokenizer StoreTokenizer;

StoreTokenizer *store_tokenizer_new      (void) G_GNUC_WARN_UNUSED_RESULT;
void            store_tokenizer_free     (StoreTokenizer *tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreTokenizer, store_tokenizer_free)

int             store_tokenizer_split    (StoreTokenizer    *tokenizer,
                                          StoreTokenizeMode  mode,
                                          BaseSlice          text,
                                          StoreTokenFunc     func,
                                          gpointer           user_data);

/* Makes "penfold" known to a connection.  Needed before any statement that touches the search tables. */
gboolean        store_tokenizer_register (sqlite3  *db,
                                          GError  **error);
