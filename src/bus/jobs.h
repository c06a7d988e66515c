/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bus/jobs.h - the jobs that windows and penfoldctl can start: their kinds, and the keys of what goes in and
 * comes out.
 *
 * Arguments and details are a{sv}; a key that is not there means what is said at it.  Details of a job that
 * failed have BUS_KEY_TEXT, our sentence, and BUS_KEY_WORDS where the server said something.
 */
#pragma once

#define BUS_KEY_TEXT         "text"          /* s */
#define BUS_KEY_WORDS        "words"         /* s: the server's */
#define BUS_KEY_ACCOUNT      "account"       /* x: the account's id; not there: every account */

/* One complete round.  In: account.  Out: rounds. */
#define BUS_JOB_SYNC         "sync"
#define BUS_KEY_ROUNDS       "rounds"        /* aa{sv}: one per account, with the keys of `penfoldctl sync
                                              * --json` */

/* Fetches bodies that are only on the server.  In: messages.  Out: failed.  done and total count messages. */
#define BUS_JOB_FETCH        "fetch"
#define BUS_KEY_MESSAGES     "messages"      /* ax: ids of messages */
#define BUS_KEY_FAILED       "failed"        /* as: a sentence each */

/* Looks for the servers of an address; no password is sent.  In: email.  Out: candidates, best first, growing
 * while it runs, and rows that say what was looked at. */
#define BUS_JOB_FIND         "find"
#define BUS_KEY_EMAIL        "email"         /* s */
#define BUS_KEY_CANDIDATES   "candidates"    /* aa{sv}: protocol, host, port, security, user, source */
#define BUS_KEY_ROWS         "rows"          /* aa{sv}: text (provider, database, dns, names: in this order),
                                                state (waiting, found, found-receiving, nothing, no-answer,
                                                off); done and total count the names */

/* Signs in to one incoming and one outgoing server.  In: incoming, outgoing (a{sv} as a candidate, each may
 * be missing), password (s), outgoing-password (s; not there: the same), ca-file (s), pins (as: accepted
 * fingerprints, SHA-256 in hex).  A password that the incoming server refused is not sent to the outgoing
 * one.  Out: incoming and outgoing, a{sv} each: ok (b), cause (s), field (s: host, port, security, user,
 * password, certificate), text, words, and of a certificate that was not believed fingerprint, subject,
 * issuer, expires. */
#define BUS_JOB_CHECK        "check"
#define BUS_KEY_INCOMING     "incoming"
#define BUS_KEY_OUTGOING     "outgoing"
#define BUS_KEY_PROTOCOL     "protocol"      /* s: imap, pop3, smtp */
#define BUS_KEY_HOST         "host"          /* s */
#define BUS_KEY_PORT         "port"          /* u */
#define BUS_KEY_SECURITY     "security"      /* s: tls, starttls, none */
#define BUS_KEY_USER         "user"          /* s */
#define BUS_KEY_SOURCE       "source"        /* s: who said so */
#define BUS_KEY_STATE        "state"         /* s */
#define BUS_KEY_PASSWORD     "password"      /* s */
#define BUS_KEY_OUTGOING_PASSWORD "outgoing-password"
#define BUS_KEY_CA_FILE      "ca-file"       /* s */
#define BUS_KEY_PINS         "pins"          /* as */
#define BUS_KEY_MAY_SEND_CLEAR "may-send-clear" /* b, in incoming and outgoing: the person chose an
                                                unencrypted password in so many words; not there: no */
#define BUS_KEY_OK           "ok"            /* b */
#define BUS_KEY_CAUSE        "cause"         /* s */
#define BUS_KEY_FIELD        "field"         /* s */
#define BUS_KEY_FINGERPRINT  "fingerprint"   /* s */
#define BUS_KEY_SUBJECT      "subject"       /* s */
#define BUS_KEY_ISSUER       "issuer"        /* s */
#define BUS_KEY_EXPIRES      "expires"       /* x: seconds since 1970 */

/* Takes mail out of files (worker/import.h).  In: path, folder.  Out: imported, failed. */
#define BUS_JOB_IMPORT       "import"
#define BUS_KEY_PATH         "path"          /* ay: absolute, as the file system spells it */
#define BUS_KEY_FOLDER       "folder"        /* x: id of a folder */
#define BUS_KEY_IMPORTED     "imported"      /* t: how many messages */

/* Removes an account: its rows of mail.db, its secrets; desk.db's row says what of its mail is kept.  In:
 * account, keep-mail. */
#define BUS_JOB_REMOVE_ACCOUNT "remove-account"
#define BUS_KEY_KEEP_MAIL    "keep-mail"     /* b: mail moves to On This Computer; FALSE: deleted here too */
