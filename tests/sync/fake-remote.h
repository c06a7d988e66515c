/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/sync/fake-remote.h - an IMAP server in memory, as a SyncRemote.
 *
 * Folders with uids, UIDVALIDITY, flags and whole messages; it outlives the connections to it.  It can lack extensions, lie,
 * refuse, and break at any call.  Without CONDSTORE: passes list.
 *
 * Every misuse is an assertion: an unknown folder name is a refusal, a verb without a selected folder a bug.
 */
#pragma once

#include "sync/remote.h"

typedef enum {
  FAKE_NO_MOVE      = 1 << 0,
  FAKE_NO_UIDPLUS   = 1 << 1,     /* no UID EXPUNGE, and no COPYUID and APPENDUID either */
  FAKE_NO_COPYUID   = 1 << 2,     /* UID EXPUNGE, but it does not say where messages went */
  FAKE_NO_UIDNEXT   = 1 << 3,
  FAKE_FINDS_NONE   = 1 << 4,     /* SEARCH finds nothing */
  FAKE_KEEPS_ALL    = 1 << 5,     /* says OK to MOVE, COPY and EXPUNGE, and does nothing */
  FAKE_READ_ONLY    = 1 << 6,
  FAKE_NO_KEYWORDS  = 1 << 7,     /* PERMANENTFLAGS without \* and keywords */
} FakeHabits;

typedef enum {
  FAKE_BREAKS_BEFORE,             /* the connection ends, and nothing was done */
  FAKE_BREAKS_AFTER,              /* it was done, and the connection ends before the answer */
  FAKE_REFUSES,                   /* NO with no code */
  FAKE_IS_BUSY,                   /* NO [UNAVAILABLE] */
} FakeFault;

typedef struct {
  guint32    uid;
  ImapFlags  flags;
  GPtrArray *keywords;            /* of char */
  gint64     date;
  GBytes    *bytes;
} FakeMessage;

typedef struct {
  char      *raw_name;
  guint32    uidvalidity;
  guint32    uidnext;
  GPtrArray *messages;            /* of FakeMessage, ascending */
} FakeFolder;

typedef struct {
  SyncRemote  remote;
  guint       habits;             /* of FakeHabits */
  GPtrArray  *folders;            /* of FakeFolder */
  FakeFolder *selected;
  gboolean    is_broken;          /* until fake_remote_reconnect() */

  guint       n_calls;            /* commands so far */
  guint       fault_at;           /* the number of the command that goes wrong; 0: none */
  FakeFault   fault;
  GString    *said;               /* the commands, a line each: "MOVE 1:2 Archive" */
} FakeRemote;

/* With INBOX, Archive and Trash, whose UIDVALIDITY is 7. */
FakeRemote  *fake_remote_new         (void) G_GNUC_WARN_UNUSED_RESULT;
void         fake_remote_free        (FakeRemote  *fake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeRemote, fake_remote_free)

/* A new connection; faults are over. */
void         fake_remote_reconnect   (FakeRemote  *fake);
FakeFolder  *fake_remote_add_folder  (FakeRemote  *fake,
                                      const char  *raw_name);
/* NULL: there is none. */
FakeFolder  *fake_remote_find        (FakeRemote  *fake,
                                      const char  *raw_name);
/* What somebody else does.  bytes is referenced. */
guint32      fake_remote_deliver     (FakeRemote  *fake,
                                      const char  *raw_name,
                                      GBytes      *bytes,
                                      ImapFlags    flags);
void         fake_remote_remove      (FakeRemote  *fake,
                                      const char  *raw_name,
                                      guint32      uid);
/* Another UIDVALIDITY, and other uids. */
void         fake_remote_renumber    (FakeRemote  *fake,
                                      const char  *raw_name);
/* NULL: there is none. */
FakeMessage *fake_remote_find_uid    (FakeFolder  *folder,
                                      guint32      uid);
/* "1 seen,2 seen flagged $Work,3": what a folder holds, by the number in "Message-ID: <mN@", sorted. */
char        *fake_remote_describe    (FakeRemote  *fake,
                                      const char  *raw_name) G_GNUC_WARN_UNUSED_RESULT;
