/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session/imap.h - one IMAP connection as a lane uses it: blocking verbs, with tickets where answers may
 * overlap.
 *
 *   g_autoptr(SessionImap) session = session_imap_new (&login);
 *   session_imap_set_signals (session, &signals);
 *   if (!session_imap_open (session, error)) ...
 *   box = session_imap_select (session, name, SESSION_IMAP_READ_WRITE, NULL, error);
 *   g_autoptr(SessionImapTicket) one = session_imap_start_fetch (session, uids, SESSION_IMAP_FLAGS);
 *   g_autoptr(SessionImapTicket) two = session_imap_start_fetch (session, more, SESSION_IMAP_FLAGS);
 *   rows = session_imap_finish_fetch (session, one, error);
 *
 * start_* only queues bytes: it cannot fail and returns NULL for nothing to do, which finish_* takes as done;
 * what is wrong is told by finish_*. finish_* waits until that ticket is answered; the answers of others are
 * kept for them.  Freeing a ticket that is not finished drops its answer when it comes.  Folder names are
 * raw: modified UTF-7 as LIST gave them, also on a connection that speaks UTF-8.  It does not know what mail
 * is kept where, and it never repeats a command by itself.
 *
 * Signals: set before each job.  stop_fd closes the connection and fails with NET_ERROR_STOPPED.  A cancelled
 * job fails with G_IO_ERROR_CANCELLED; the connection stays good when less than 256 KiB are still to come
 * (they are dropped as they arrive), and is closed when it is more or an upload was under way.  wake_fd ends
 * only session_imap_idle().
 *
 * Threads: the one that made it; asserted.
 * Limits: those of imap/framer.h and imap/parser.h; SESSION_IMAP_FOLDERS_MAX; header SESSION_IMAP_HEADER_MAX.
 * Errors: NET_ERROR, SASL_ERROR, IMAP_ERROR, G_IO_ERROR_CANCELLED.  session_imap_is_good() says whether the
 * connection can still be used afterwards.
 */
#pragma once

#include "imap/capabilities.h"
#include "imap/error.h"
#include "imap/flags.h"
#include "imap/folder.h"
#include "imap/uidset.h"
#include "net/sasl.h"
#include "net/wire.h"

#define SESSION_IMAP_FOLDERS_MAX 10000
#define SESSION_IMAP_HEADER_MAX  (1024 * 1024)

typedef struct _SessionImap SessionImap;

typedef struct {
  NetWhere     where;
  const char  *user;
  BaseSecret  *password;         /* or NULL */
  BaseSecret  *oauth_token;      /* or NULL; when set only OAuth mechanisms are tried */
  gboolean     may_send_clear;   /* the user chose an unencrypted password in so many words */
  guint        timeout_s;        /* so long without progress is NET_ERROR_TIMEOUT; 0 = 60 */
} SessionImapLogin;

/* Copies login and refs its secrets; where.trust must outlive the session. */
SessionImap *session_imap_new          (const SessionImapLogin *login) G_GNUC_WARN_UNUSED_RESULT;
/* Takes wire, which is connected: for tests and tunnels. */
SessionImap *session_imap_new_on_wire  (const SessionImapLogin *login,
                                        NetWire                *wire) G_GNUC_WARN_UNUSED_RESULT;
void         session_imap_free         (SessionImap *session);
/* Copied; the cancellable is referenced until the next call.  NULL for none. */
void         session_imap_set_signals  (SessionImap      *session,
                                        const NetSignals *signals);

/* Connects up to the capabilities, with TLS as asked, and sends no secret: a probe may stop here. */
gboolean     session_imap_connect      (SessionImap  *session,
                                        GError      **error);
/* Signs in, then ID, ENABLE and NAMESPACE. */
gboolean     session_imap_sign_in      (SessionImap  *session,
                                        GError      **error);
/* Both. */
gboolean     session_imap_open         (SessionImap  *session,
                                        GError      **error);
/* Says LOGOUT and waits a moment for the answer; never fails.  Only free() is left. */
void         session_imap_logout       (SessionImap *session);

gboolean     session_imap_is_good      (SessionImap *session);
/* What the server offers now.  QRESYNC and UTF8_ACCEPT are true only after it confirmed that they are
 * enabled. */
gboolean     session_imap_can          (SessionImap    *session,
                                        ImapCapability  capability);
const char * const *
             session_imap_peek_mechanisms (SessionImap *session);
/* "Dovecot 2.3.19" from ID, or NULL. */
const char  *session_imap_peek_server  (SessionImap *session);
/* Prefix of the personal namespace ("" or "INBOX.") for new folders, and its delimiter ('\0' if flat). */
const char  *session_imap_peek_prefix  (SessionImap *session,
                                        char        *delimiter);
NetTraffic   session_imap_get_traffic  (SessionImap *session);
/* For what a failed handshake saw; NULL before connect(). */
NetWire     *session_imap_peek_wire    (SessionImap *session);
/* The oldest [ALERT] text since sign-in that was not taken yet, or NULL.  People must see it (RFC 9051
 * 7.1). */
char        *session_imap_take_alert   (SessionImap *session) G_GNUC_WARN_UNUSED_RESULT;
/* The last lines of the conversation without secrets, for a report. */
char        *session_imap_dup_log      (SessionImap *session) G_GNUC_WARN_UNUSED_RESULT;

/* --- folders ------------------------------------------------------------------------------------------- */

typedef struct {
  char                 *raw_name;
  char                 *name;            /* decoded, valid UTF-8; for showing, not for sending */
  char                  delimiter;       /* '\0' when the folder is flat */
  ImapFolderAttributes  attributes;
  ImapRole              role;

  gboolean              has_status;      /* the rest was told; a number not told is 0 */
  guint32               messages;
  guint32               unseen;
  guint32               uidvalidity;
  guint32               uidnext;
  guint64               highestmodseq;
  guint64               size;
  char                 *mailbox_id;      /* RFC 8474, or NULL */
} SessionImapFolder;

typedef enum {
  SESSION_IMAP_NAMES,
  SESSION_IMAP_NAMES_AND_STATUS,         /* one round trip with LIST-STATUS, else a STATUS for each */
  SESSION_IMAP_NAMES_STATUS_AND_SIZE,    /* sizes where offered: some servers have to read all messages */
} SessionImapListMode;

void         session_imap_folder_free  (SessionImapFolder *folder);
/* An array of SessionImapFolder that frees them, in the server's order, each name once.  A folder without
 * status was refused, or cannot be opened. */
GPtrArray   *session_imap_list         (SessionImap          *session,
                                        SessionImapListMode   mode,
                                        GError              **error) G_GNUC_WARN_UNUSED_RESULT;
/* Asks again for the counters of one folder, without size; it should not be the selected one. */
gboolean     session_imap_status       (SessionImap        *session,
                                        SessionImapFolder  *folder,
                                        GError            **error);
/* Encodes a folder name that a person typed; the caller joins levels with the delimiter. */
char        *session_imap_encode_name  (const char *name) G_GNUC_WARN_UNUSED_RESULT;
/* IMAP_CODE_ALREADYEXISTS is a good end for some callers. */
gboolean     session_imap_create       (SessionImap  *session,
                                        const char   *raw_name,
                                        ImapRole      role,        /* asked for where the server takes it */
                                        GError      **error);

/* Folders below it move along, RFC 9051 section 6.3.6. */
gboolean     session_imap_rename       (SessionImap  *session,
                                        const char   *raw_name,
                                        const char   *raw_new_name,
                                        GError      **error);
/* With all that is in it.  It should not be the selected one. */
gboolean     session_imap_delete       (SessionImap  *session,
                                        const char   *raw_name,
                                        GError      **error);

/* --- the selected folder ------------------------------------------------------------------------------- */

/* One message as FETCH told it.  What was not asked or not told is 0 or NULL. */
typedef struct {
  guint32    uid;
  gboolean   has_flags;
  ImapFlags  flags;
  char     **keywords;       /* or NULL if none */
  gint64     date;           /* INTERNALDATE in seconds since 1970 */
  guint64    size;
  guint64    modseq;
  char      *object_id;      /* EMAILID, or X-GM-MSGID in decimal */
  char     **labels;         /* Gmail, UTF-8 */
  GBytes    *header;         /* as sent, with the empty line; cut at SESSION_IMAP_HEADER_MAX */
} SessionImapRow;

/* A new array of SessionImapRow values that clears them. */
GArray      *session_imap_rows_new     (void) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  SESSION_IMAP_READ_WRITE,
  SESSION_IMAP_READ_ONLY,    /* EXAMINE */
} SessionImapAccess;

/* What is known of the folder, for QRESYNC. */
typedef struct {
  guint32           uidvalidity;
  guint64           modseq;
  const ImapUidset *known;   /* or NULL */
} SessionImapResync;

typedef struct {
  guint32      exists;
  guint32      uidvalidity;        /* 0: the server did not say, nothing may be kept by UID */
  guint32      uidnext;
  guint64      highestmodseq;      /* 0: none is kept */
  ImapFlags    permanent_flags;    /* with IMAP_FLAG_ANY when new keywords may be made */
  char       **keywords;           /* the permanent ones; or NULL */
  gboolean     is_read_only;
  char        *mailbox_id;
  ImapUidset  *vanished;           /* by QRESYNC, since resync.modseq; or NULL */
  GArray      *changed;            /* by QRESYNC: SessionImapRow with flags and modseq */
  guint        unreadable;         /* answers that made no sense: a modseq that covers them is not true */
} SessionImapBox;

void         session_imap_box_free     (SessionImapBox *box);
/* resync: NULL, or used where session_imap_can (QRESYNC). */
SessionImapBox *
             session_imap_select       (SessionImap              *session,
                                        const char               *raw_name,
                                        SessionImapAccess         access,
                                        const SessionImapResync  *resync,
                                        GError                  **error) G_GNUC_WARN_UNUSED_RESULT;
/* Raw name of the selected folder, or NULL. */
const char  *session_imap_peek_selected (SessionImap *session);

/* What came unasked since the last take, in the selected folder. */
typedef struct {
  guint32      exists;             /* as last told */
  gboolean     has_grown;          /* exists went up */
  guint        expunged;           /* by number: which UIDs went must be looked up */
  ImapUidset  *vanished;           /* by UID (QRESYNC); or NULL */
  GArray      *changed;            /* SessionImapRow with flags */
  gboolean     has_more;           /* flags without a UID, unreadable, or too many: look again */
} SessionImapNews;

void         session_imap_news_clear   (SessionImapNews *news);
gboolean     session_imap_has_news     (SessionImap *session);
/* Fills news; free it with session_imap_news_clear().  Take it before a modseq is stored: it belongs
 * to it. */
void         session_imap_take_news    (SessionImap     *session,
                                        SessionImapNews *news);

typedef enum {
  IMAP_IDLE_NEWS,         /* session_imap_take_news() has something */
  IMAP_IDLE_WOKEN,        /* wake_fd is readable; the caller drains it */
  IMAP_IDLE_EXPIRED,      /* the deadline passed: IDLE again, or look around */
  IMAP_IDLE_FAILED,       /* error is set */
} SessionImapIdle;

/* IMAP_ERROR_UNSUPPORTED without the extension.  deadline: base_clock_steady_us().  Ends at once when there
 * are news already.  Nobody waits for it, so the signals are set without a cancellable. */
SessionImapIdle
             session_imap_idle         (SessionImap  *session,
                                        gint64        deadline,
                                        GError      **error);
gboolean     session_imap_noop         (SessionImap  *session,
                                        GError      **error);

/* --- tickets ------------------------------------------------------------------------------------------- */

typedef struct _SessionImapTicket SessionImapTicket;

/* ticket may be NULL. */
void         session_imap_ticket_free  (SessionImapTicket *ticket);

typedef enum {
  SESSION_IMAP_FLAGS  = 1 << 0,    /* and MODSEQ where there is CONDSTORE */
  SESSION_IMAP_DATE   = 1 << 1,
  SESSION_IMAP_SIZE   = 1 << 2,
  SESSION_IMAP_IDS    = 1 << 3,    /* EMAILID or X-GM-MSGID, X-GM-LABELS: where there are any */
  SESSION_IMAP_HEADER = 1 << 4,
} SessionImapItems;

typedef struct {
  GArray     *rows;                /* SessionImapRow, ascending, each UID once */
  ImapUidset *vanished;            /* of a fetch of changes with QRESYNC; or NULL */
  guint       unreadable;          /* as in SessionImapBox */
} SessionImapRows;

void         session_imap_rows_free    (SessionImapRows *rows);

SessionImapTicket *
             session_imap_start_fetch  (SessionImap      *session,
                                        const ImapUidset *uids,
                                        SessionImapItems  items) G_GNUC_WARN_UNUSED_RESULT;
/* By number, first <= last <= exists: the newest ones right after select(), when no UID is known. */
SessionImapTicket *
             session_imap_start_fetch_numbers (SessionImap      *session,
                                               guint32           first,
                                               guint32           last,
                                               SessionImapItems  items) G_GNUC_WARN_UNUSED_RESULT;
/* Only what changed after modseq; vanished UIDs too where session_imap_can (QRESYNC). */
SessionImapTicket *
             session_imap_start_fetch_changes (SessionImap      *session,
                                               const ImapUidset *uids,
                                               SessionImapItems  items,
                                               guint64           modseq) G_GNUC_WARN_UNUSED_RESULT;
SessionImapRows *
             session_imap_finish_fetch (SessionImap        *session,
                                        SessionImapTicket  *ticket,
                                        GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes whole messages as they stream in, one after the other.  Called within finish_*, select() and the
 * like. */
typedef struct {
  /* uid is 0 where the server names it only after the text.  FALSE: it is not wanted; nothing more is called
   * for it. */
  gboolean (*begin) (gpointer   data,
                     guint32    uid,
                     guint64    announced);
  void     (*data)  (gpointer   data,
                     BaseSlice  bytes);
  /* Every octet came and the answer was closed properly: the message is whole. */
  void     (*end)   (gpointer   data,
                     guint32    uid);
  /* What came since begin is not a message: connection lost, cancelled, or an answer that names no UID we
   * asked for. */
  void     (*drop)  (gpointer   data);
} SessionImapSink;

/* sink and data must live until the ticket is freed.  expected_bytes: sum of the sizes, to judge a cancel. */
SessionImapTicket *
             session_imap_start_bodies (SessionImap           *session,
                                        const ImapUidset      *uids,
                                        guint64                expected_bytes,
                                        const SessionImapSink *sink,
                                        gpointer               data) G_GNUC_WARN_UNUSED_RESULT;
/* TRUE does not mean that all came: the sink's end() counts.  Also after IMAP_ERROR_NO some may have come. */
gboolean     session_imap_finish_bodies (SessionImap        *session,
                                         SessionImapTicket  *ticket,
                                         GError            **error);

typedef enum {
  SESSION_IMAP_ADD,
  SESSION_IMAP_REMOVE,
} SessionImapStore;

/* flags: only IMAP_FLAGS_SETTABLE count.  keywords may be NULL.  unchanged_since: 0, or a modseq
 * (CONDSTORE). */
SessionImapTicket *
             session_imap_start_store  (SessionImap         *session,
                                        const ImapUidset    *uids,
                                        SessionImapStore     how,
                                        ImapFlags            flags,
                                        const char * const  *keywords,
                                        guint64              unchanged_since) G_GNUC_WARN_UNUSED_RESULT;
/* modified: NULL, or set to the UIDs left alone because they changed after unchanged_since (NULL if none). */
gboolean     session_imap_finish_store (SessionImap        *session,
                                        SessionImapTicket  *ticket,
                                        ImapUidset        **modified,
                                        GError            **error);

SessionImapTicket *
             session_imap_start_copy   (SessionImap      *session,
                                        const ImapUidset *uids,
                                        const char       *raw_target) G_GNUC_WARN_UNUSED_RESULT;
/* IMAP_ERROR_UNSUPPORTED without MOVE: the caller copies, proves, and removes. */
SessionImapTicket *
             session_imap_start_move   (SessionImap      *session,
                                        const ImapUidset *uids,
                                        const char       *raw_target) G_GNUC_WARN_UNUSED_RESULT;
/* map: NULL, or set to where they went as far as the server said (NULL if it did not).  Also set after an
 * error, when a part was done. */
gboolean     session_imap_finish_copy  (SessionImap        *session,
                                        SessionImapTicket  *ticket,
                                        ImapUidMap        **map,
                                        GError            **error);

/* UID EXPUNGE of exactly these.  IMAP_ERROR_UNSUPPORTED without UIDPLUS: never a blind EXPUNGE. */
SessionImapTicket *
             session_imap_start_expunge (SessionImap      *session,
                                         const ImapUidset *uids) G_GNUC_WARN_UNUSED_RESULT;
gboolean     session_imap_finish_expunge (SessionImap        *session,
                                          SessionImapTicket  *ticket,
                                          GError            **error);

/* --- other verbs --------------------------------------------------------------------------------------- */

typedef struct {
  const char          *raw_folder;
  ImapFlags            flags;
  const char * const  *keywords;     /* or NULL */
  gint64               date;         /* seconds since 1970; 0 = the server's now */
  GBytes              *bytes;        /* the message; or NULL and */
  GInputStream        *stream;       /* exactly size bytes of it */
  guint64              size;
} SessionImapAppend;

/* uidvalidity and uid: 0 when the server did not say.  A stream that ends early closes the connection:
 * nothing was appended.  IMAP_CODE_TRYCREATE: there is no such folder. */
gboolean     session_imap_append       (SessionImap              *session,
                                        const SessionImapAppend  *append,
                                        guint32                  *uidvalidity,
                                        guint32                  *uid,
                                        GError                  **error);

/* In the selected folder; message_id with or without <>.  A hint, to be checked by the caller. */
ImapUidset  *session_imap_search_message_id (SessionImap  *session,
                                             const char   *message_id,
                                             GError      **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  gboolean is_known;       /* the server has a storage limit for this mailbox */
  guint64  used_bytes;
  guint64  limit_bytes;
} SessionImapQuota;

/* Of the root of INBOX.  TRUE and not known where the server keeps none or lacks QUOTA. */
gboolean     session_imap_get_quota    (SessionImap       *session,
                                        SessionImapQuota  *quota,
                                        GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionImap, session_imap_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionImapBox, session_imap_box_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionImapFolder, session_imap_folder_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionImapRows, session_imap_rows_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionImapTicket, session_imap_ticket_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SessionImapNews, session_imap_news_clear)
