/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/sync/office.h - a provider in memory: takes mail as a SyncPost, and keeps a folder for sent mail as a
 * SyncRemote.
 *
 * What it took and keeps lies in a file, so that it outlives a client that was killed.
 */
#pragma once

#include "store/outbox.h"
#include "sync/context.h"
#include "sync/post.h"

typedef enum {
  OFFICE_TAKES,
  OFFICE_REFUSES_RECIPIENT,      /* 550 to the last recipient */
  OFFICE_DEFERS_RECIPIENT,       /* 451 to the last recipient */
  OFFICE_REFUSES_MAIL,           /* 554 after the final dot */
  OFFICE_DEFERS_MAIL,            /* 452 after the final dot */
  OFFICE_LOSES_ANSWER,           /* took it, and the answer never came */
  OFFICE_LOSES_MAIL,             /* did not take it, and no answer came */
  OFFICE_BREAKS,                 /* the connection ends before the final dot */
  OFFICE_BREAKS_ODDLY,           /* after the final dot, with an error that says nothing of it */
  OFFICE_IS_AWAY,                /* nobody answers */
  OFFICE_WANTS_PASSWORD,
  OFFICE_TAKES_7BIT,             /* nothing else */
} OfficeMood;

typedef enum {
  OFFICE_FILES_ITSELF  = 1 << 0,
  OFFICE_NO_UIDPLUS    = 1 << 1,
  OFFICE_NO_SENT       = 1 << 2,   /* no such folder yet, and others live below "INBOX." */
  OFFICE_SENT_VANISHED = 1 << 3,   /* listed, but not there when it is opened */
  OFFICE_CUTS_APPEND   = 1 << 4,   /* does it, and the connection ends */
  OFFICE_REFUSES_COPY  = 1 << 5,
  OFFICE_FINDS_NOTHING = 1 << 6,
  OFFICE_FINDS_OTHERS  = 1 << 7,
  OFFICE_IS_FULL       = 1 << 8,
} OfficeHabits;

typedef struct {
  SyncPost     post;
  SyncRemote   remote;
  char        *path;
  OfficeMood   mood;
  guint        habits;           /* of OfficeHabits */
  char        *selected;
  /* Called when only the final dot is left, before and after the caller was told.  Or NULL. */
  void      (* before_commit) (gpointer data);
  void      (* after_commit)  (gpointer data);
  gpointer     data;
} Office;

/* path need not exist. */
Office *office_new        (const char  *path) G_GNUC_WARN_UNUSED_RESULT;
void    office_free       (Office      *office);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Office, office_free)

/* How many it has of this Message-ID; NULL: of all. */
guint   office_count_mail   (Office     *office,
                             const char *message_id);
guint   office_count_copies (Office     *office,
                             const char *folder,
                             const char *message_id);
