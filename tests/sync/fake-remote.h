/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/sync/fake-remote.h - an IMAP server in memory, as a SyncRemote.
 *
 * Folders with uids, UIDVALIDITY, flags and whole messages; it outlives the connections to it.  It can have
 * or lack extensions, lie, refuse, and break at any call.  Without FAKE_HAS_CONDSTORE passes list.
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
  FAKE_HAS_CONDSTORE = 1 << 8,
  FAKE_HAS_QRESYNC  = 1 << 9,     /* and CONDSTORE */
  FAKE_HAS_IDS      = 1 << 10,    /* OBJECTID: messages and folders keep an id where they go */
  FAKE_NO_MODSEQ    = 1 << 11,    /* folders keep none, in spite of CONDSTORE */
} FakeHabits;

/* What is wrong with a message. */
typedef enum {
  FAKE_IS_GOOD,
  FAKE_BODY_REFUSED,              /* NO to a command that asks for its body */
  FAKE_BODY_CUT,                  /* its body ends too early */
  FAKE_BODY_MISSING,              /* OK, and no body */
  FAKE_HEADER_REFUSED,            /* NO to a command that asks for its header or body */
  FAKE_HEADER_MISSING,            /* OK, and a row without header; no body either */
  FAKE_ROW_MISSING,               /* left out when its description is asked for, and no body either */
} FakeTrouble;

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
  guint64    modseq;
  char      *object_id;
  FakeTrouble trouble;
} FakeMessage;

typedef struct {
  guint32 uid;
  guint64 modseq;
} FakeVanished;

typedef struct {
  char      *raw_name;
  guint32    uidvalidity;
  guint32    uidnext;
  GPtrArray *messages;            /* of FakeMessage, ascending */
  guint64    modseq;              /* the highest */
  GArray    *vanished;            /* of FakeVanished, in order */
  char      *object_id;
} FakeFolder;

typedef struct {
  SyncRemote  remote;
  guint       habits;             /* of FakeHabits */
  GPtrArray  *folders;            /* of FakeFolder */
  FakeFolder *selected;
  gboolean    is_broken;          /* until fake_remote_reconnect() */
  gint        must_break;         /* atomic: another thread has it break before the next command */
  guint       seems_empty_for;    /* so many commands show the selected folder as empty */
  gboolean    lists_nothing;
  guint       n_object_ids;
  guint       n_bodies;           /* sent whole so far */
  guint       n_headers;          /* of them sent so far */

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
void         fake_remote_set_flags   (FakeRemote  *fake,
                                      const char  *raw_name,
                                      guint32      uid,
                                      ImapFlags    flags);
/* By another program; returns the new uid. */
guint32      fake_remote_move        (FakeRemote  *fake,
                                      const char  *raw_name,
                                      guint32      uid,
                                      const char  *raw_target);
/* Another UIDVALIDITY, and other uids. */
void         fake_remote_renumber    (FakeRemote  *fake,
                                      const char  *raw_name);
/* NULL: there is none. */
FakeMessage *fake_remote_find_uid    (FakeFolder  *folder,
                                      guint32      uid);
/* "1 seen,2 seen flagged $Work,3": what a folder holds, by the number in "Message-ID: <mN@", sorted. */
char        *fake_remote_describe    (FakeRemote  *fake,
                                      const char  *raw_name) G_GNUC_WARN_UNUSED_RESULT;
