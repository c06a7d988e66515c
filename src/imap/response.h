/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/response.h - what one response of the server says, typed.
 *
 * Everything in it is lent: slices point into the received bytes or the parser's memory and die with the next
 * response.
 */
#pragma once

#include "imap/error.h"
#include "imap/flags.h"
#include "imap/folder.h"
#include "imap/lexer.h"
#include "imap/uidset.h"

typedef enum {
  IMAP_RESPONSE_UNKNOWN,        /* of a kind nobody asked for: ignored */
  IMAP_RESPONSE_UNREADABLE,     /* of a known kind, or tagged, but it makes no sense: what it told is lost */
  IMAP_RESPONSE_CONTINUE,       /* status.text */
  IMAP_RESPONSE_TAGGED,         /* tag, status */
  IMAP_RESPONSE_STATUS,         /* status: "* OK" and the like, also the greeting */
  IMAP_RESPONSE_CAPABILITY,     /* words */
  IMAP_RESPONSE_ENABLED,        /* words */
  IMAP_RESPONSE_LIST,           /* list */
  IMAP_RESPONSE_FOLDER_STATUS,  /* folder_status */
  IMAP_RESPONSE_FLAGS,          /* flags, words */
  IMAP_RESPONSE_EXISTS,         /* number */
  IMAP_RESPONSE_EXPUNGE,        /* number */
  IMAP_RESPONSE_VANISHED,       /* uids, is_earlier */
  IMAP_RESPONSE_FETCH,          /* fetch, flags, words */
  IMAP_RESPONSE_SEARCH,         /* uids */
  IMAP_RESPONSE_NAMESPACE,      /* name_space */
  IMAP_RESPONSE_ID,             /* id */
  IMAP_RESPONSE_QUOTA,          /* quota */
  IMAP_RESPONSE_QUOTAROOT,      /* words: the names of the roots */
} ImapResponseKind;

typedef enum {
  IMAP_OK,
  IMAP_NO,
  IMAP_BAD,
  IMAP_PREAUTH,
  IMAP_BYE,
} ImapCondition;

typedef struct {
  ImapCondition condition;
  ImapCode      code;
  BaseSlice     text;            /* for people */
  guint64       number;          /* of UIDVALIDITY, UIDNEXT, UNSEEN, HIGHESTMODSEQ */
  guint32       uidvalidity;     /* of APPENDUID, COPYUID */
  BaseSlice     from;            /* of COPYUID; of MODIFIED */
  BaseSlice     to;              /* of COPYUID, APPENDUID */
  BaseSlice     id;              /* of MAILBOXID */
} ImapStatus;

typedef struct {
  ImapFolderAttributes attributes;
  ImapRole             role;
  char                 delimiter;
  BaseSlice            name;     /* as it came on the wire */
} ImapList;

typedef struct {
  BaseSlice name;
  guint32   messages;
  guint32   unseen;
  guint32   uidvalidity;
  guint32   uidnext;
  guint64   highestmodseq;
  guint64   size;
  BaseSlice mailbox_id;
} ImapFolderStatus;

typedef struct {
  guint32   number;              /* sequence number; 0 from careless servers */
  guint32   uid;                 /* 0: not told */
  gboolean  has_flags;
  gint64    date;
  guint64   size;
  guint64   modseq;
  BaseSlice email_id;            /* RFC 8474 */
  BaseSlice gmail_id;            /* X-GM-MSGID, digits */
  gboolean  has_labels;          /* X-GM-LABELS */
  ImapValue header;              /* BODY[HEADER] */
  ImapValue body;                /* BODY[], RFC822 */
} ImapFetch;

typedef struct {
  BaseSlice prefix;              /* of the first personal namespace */
  char      delimiter;
} ImapNamespace;

typedef struct {
  BaseSlice name;
  BaseSlice version;
} ImapId;

typedef struct {
  BaseSlice root;
  gboolean  has_storage;
  guint64   used_kib;
  guint64   limit_kib;
} ImapQuota;

typedef struct {
  ImapResponseKind   kind;
  BaseSlice          tag;
  ImapStatus         status;
  guint32            number;
  ImapFlags          flags;      /* of FLAGS, FETCH, PERMANENTFLAGS */
  const BaseSlice   *words;      /* keywords, capabilities, names */
  gsize              n_words;
  const BaseSlice   *labels;
  gsize              n_labels;
  const ImapUidset  *uids;
  gboolean           is_earlier; /* VANISHED (EARLIER): what went before now */
  ImapList           list;
  ImapFolderStatus   folder_status;
  ImapFetch          fetch;
  ImapNamespace      name_space;
  ImapId             id;
  ImapQuota          quota;
} ImapResponse;
