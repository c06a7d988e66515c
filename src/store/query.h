/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/query.h - what a person typed into the search field, as a tree.
 *
 *   invoice anna          both, anywhere           "two words"        next to each other
 *   invo*                 beginning with it        -draft             not
 *   a OR b, ( ... )       either                   from: to: subject: list: body: filename:   only there
 *   has:attachment        is:unread is:read is:starred                in:FOLDER   before: after: 2024,
 *                         2024-03, 2024-03-15
 *
 * Nothing typed is an error: what makes no sense as an operator is looked for as words.  It knows no
 * database.
 *
 * Threads: any.  Limits: STORE_QUERY_SIZE_MAX bytes, STORE_QUERY_TERMS_MAX terms, STORE_QUERY_DEPTH_MAX
 * brackets deep; what comes after is left out.
 */
#pragma once

#include "base/bytes.h"

#define STORE_QUERY_SIZE_MAX  2000
#define STORE_QUERY_TERMS_MAX 32
#define STORE_QUERY_DEPTH_MAX 8

typedef enum {
  STORE_QUERY_AND,             /* of children; without any: everything */
  STORE_QUERY_OR,
  STORE_QUERY_NOT,             /* of one child */
  STORE_QUERY_TEXT,
  STORE_QUERY_UNREAD,
  STORE_QUERY_READ,
  STORE_QUERY_STARRED,
  STORE_QUERY_ATTACHMENT,
  STORE_QUERY_IN,              /* text: what was typed for the folder */
  STORE_QUERY_BEFORE,          /* arrived before time */
  STORE_QUERY_AFTER,           /* arrived at time or later */
} StoreQueryKind;

typedef enum {
  STORE_QUERY_ANYWHERE,
  STORE_QUERY_FROM,
  STORE_QUERY_TO,
  STORE_QUERY_SUBJECT,
  STORE_QUERY_LIST,
  STORE_QUERY_BODY,
  STORE_QUERY_FILENAME,
} StoreQueryField;

typedef struct _StoreQuery StoreQuery;
struct _StoreQuery {
  StoreQueryKind   kind;
  StoreQueryField  field;      /* STORE_QUERY_TEXT */
  char            *text;       /* words in this order, next to each other */
  gboolean         is_prefix;  /* the last word may go on */
  gint64           time;       /* seconds since 1970 */
  GPtrArray       *children;   /* of StoreQuery */
};

typedef enum {
  STORE_QUERY_FINISHED,        /* as it stands */
  STORE_QUERY_TYPING,          /* the last word, when nothing follows it, may still go on */
} StoreQueryInput;

/* Dates are days of zone; NULL is the local one. */
StoreQuery *store_query_parse (const char      *typed,
                               StoreQueryInput  input,
                               GTimeZone       *zone) G_GNUC_WARN_UNUSED_RESULT;
void        store_query_free  (StoreQuery      *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreQuery, store_query_free)

/* The tree in one line, for tests and logs: (and text:"a" (not text@from:"b"*)). */
char       *store_query_dup_string (const StoreQuery *query) G_GNUC_WARN_UNUSED_RESULT;
