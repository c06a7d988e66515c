/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/where.h - where the copies of one message are, and the words for it.
 *
 * The same words stand in the list, the reader, the wizard and the account page.  It knows nothing of how
 * copies come and go, only what is true of one location now.
 *
 * Threads: any.
 */
#pragma once

#include <glib.h>

typedef enum {
  MODEL_HERE_NOTHING,        /* only the envelope is known */
  MODEL_HERE_BEGINNING,      /* the header, or the head of a large message */
  MODEL_HERE_WHOLE,
} ModelHere;

typedef struct {
  ModelHere here;
  gboolean  on_server;
  gint64    leaves_at;       /* a rule removes the server copy then; 0 = no rule does */
} ModelWhere;

typedef enum {
  MODEL_SERVER_NONE,         /* no copy there */
  MODEL_SERVER_STAYS,
  MODEL_SERVER_LEAVES,       /* on a known day */
  MODEL_SERVER_LEAVES_SOON,  /* within a week */
} ModelServerSide;

ModelServerSide model_where_get_server_side (const ModelWhere *where,
                                             gint64            now);
/* Whole days until the server copy leaves, at least 0; -1 when no rule removes it. */
int             model_where_get_days_left   (const ModelWhere *where,
                                             gint64            now);
/* "On this computer, and on the server until 3 May". */
char           *model_where_dup_words       (const ModelWhere *where,
                                             gint64            now) G_GNUC_WARN_UNUSED_RESULT;
