/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/sync/scene.h - an IMAP account: a server in memory, a real store beside it, and rounds between them.
 *
 * Messages are known by the number that world_message() makes them of.  Every failure is an assertion.
 */
#pragma once

#include "ingest/world.h"
#include "store/accounts.h"
#include "sync/context.h"
#include "sync/fake-remote.h"

#define NOW 1800000000                   /* the clock of a new scene */

typedef struct {
  World        *world;
  FakeRemote   *fake;
  StoreAccount *account;
  SyncSummary   summary;                 /* of the last round */
} Scene;

/* Stores of hundreds of scenes are made in memory; what a disk makes of them is tested elsewhere. */
void    scene_prefer_memory  (void);

/* Synced once.  INBOX: 1, 2 seen, 3 flagged, 4 deleted by somebody else; Archive: 9; Trash is empty. */
/* of FakeHabits, from here on */
Scene  *scene_new            (guint       habits) G_GNUC_WARN_UNUSED_RESULT;
/* Not synced yet, and nothing in INBOX, Archive and Trash. */
Scene  *scene_new_empty      (guint       habits) G_GNUC_WARN_UNUSED_RESULT;
void    scene_free           (Scene      *scene);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scene, scene_free)

/* NULL when it went well. */
GError *scene_run_round      (Scene      *scene) G_GNUC_WARN_UNUSED_RESULT;
void    scene_sync           (Scene      *scene);
void    scene_deliver        (Scene      *scene,
                              const char *folder,
                              guint       number,
                              ImapFlags   flags);

/* The location of a message, or 0. */
gint64  scene_find           (Scene      *scene,
                              guint       number,
                              const char *path);
gint64  scene_find_folder    (Scene      *scene,
                              const char *path);
/* What a folder shows here, in the words of fake_remote_describe(). */
char   *scene_describe_here  (Scene      *scene,
                              gint64      account_id,
                              const char *path) G_GNUC_WARN_UNUSED_RESULT;
void    scene_assert_there   (Scene      *scene,
                              const char *raw_name,
                              const char *wanted);
void    scene_assert_here    (Scene      *scene,
                              const char *path,
                              const char *wanted);
/* On This Computer. */
void    scene_assert_local   (Scene      *scene,
                              const char *path,
                              const char *wanted);
