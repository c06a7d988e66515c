/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/desk.h - what the modules of desk.db share: one-statement transactions, words for enums, optional
 * texts.
 *
 * For this folder only.  Threads: the handle's.
 */
#pragma once

#include "store/sql.h"

/* In a statement: the rev of the open transaction. */
#define DESK_REV "(SELECT rev FROM revision)"

/* One statement as a transaction of its own.  n_changed may be NULL. */
gboolean    store_desk_run          (Store              *store,
                                     const char         *sql,
                                     const StoreValue   *values,
                                     gint64             *n_changed,
                                     GError            **error);
/* The same, for a row that must exist: else STORE_ERROR_NOT_FOUND for what and id. */
gboolean    store_desk_run_one      (Store              *store,
                                     const char         *sql,
                                     const StoreValue   *values,
                                     const char         *what,
                                     gint64              id,
                                     GError            **error);
/* The same for an INSERT: its id, 0 on error. */
gint64      store_desk_insert       (Store              *store,
                                     const char         *sql,
                                     const StoreValue   *values,
                                     GError            **error);

/* Words of an enum, in its order.  find: -1 if it is none of them. */
int         store_words_find        (const char *const  *words,
                                     gsize               n_words,
                                     const char         *word);
#define STORE_WORDS_FIND(words, word) store_words_find ((words), G_N_ELEMENTS (words), (word))

/* Makes both functions of accounts.h and its like from a table named <name>_words. */
#define STORE_DEFINE_WORDS(Type, name)                                   \
  const char *                                                           \
  store_##name##_to_string (Type value)                                  \
  {                                                                      \
    return name##_words[value];                                          \
  }                                                                      \
  gboolean                                                               \
  store_##name##_parse (const char *word,                                \
                        Type       *value)                               \
  {                                                                      \
    int found = STORE_WORDS_FIND (name##_words, word);                   \
    if (found >= 0)                                                      \
      *value = (Type) found;                                             \
    return found >= 0;                                                   \
  }

/* The text of a column that may not be NULL, "" where it is. */
char       *store_desk_dup_text     (StoreStatement     *rows,
                                     int                 column);
/* What the work of a desk transaction says when another was faster.  Always FALSE. */
gboolean    store_desk_set_state_error (GError         **error,
                                     const char         *what,
                                     gint64              id,
                                     const char         *state,
                                     const char         *wanted);
