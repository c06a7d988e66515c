/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/accounts.h - the accounts as people set them up: servers, identities, policies, accepted
 * certificates.
 *
 * Rows of desk.db; what the worker last knew of an account is in states.h.  Secrets are not here:
 * account/secrets.h finds them by the account's uuid.  Nothing is judged: account/account.h says what is a
 * good setting.
 *
 * Threads: the handle's; any handle may write, each call is one short transaction.
 * Errors: STORE_ERROR_NOT_FOUND for an unknown id.
 */
#pragma once

#include "store/store.h"

/* As stored and printed, "pop3"; parse is FALSE for any other word. */
typedef enum {
  STORE_PROTOCOL_IMAP,
  STORE_PROTOCOL_POP3,
} StoreProtocol;

typedef enum {
  STORE_SECURITY_TLS,
  STORE_SECURITY_STARTTLS,
  STORE_SECURITY_NONE,
} StoreSecurity;

typedef enum {
  STORE_AUTH_PASSWORD,
  STORE_AUTH_OAUTH2,
} StoreAuth;

typedef enum {                          /* which bodies are kept on this computer */
  STORE_OFFLINE_ALL,
  STORE_OFFLINE_HEADERS,
  STORE_OFFLINE_OPEN,                   /* what was opened */
  STORE_OFFLINE_DAYS,                   /* what arrived in the last offline_days */
} StoreOffline;

typedef enum {                          /* how long mail that is here stays on the server */
  STORE_LEAVE_FOREVER,
  STORE_LEAVE_REMOVE,                   /* goes as soon as it is proven to be here */
  STORE_LEAVE_DAYS,
} StoreLeave;

typedef enum {                          /* what becomes of mail that was on the server before the rule */
  STORE_OLDER_MAIL_ASK,
  STORE_OLDER_MAIL_KEEP,
  STORE_OLDER_MAIL_REMOVE,
} StoreOlderMail;

typedef enum {                          /* what vanishes from the server ... */
  STORE_VANISHED_FOLLOW,                /* ... vanishes here */
  STORE_VANISHED_KEEP,                  /* ... stays here */
} StoreVanished;

typedef enum {
  STORE_NOTIFY_INBOX,
  STORE_NOTIFY_ALL,
  STORE_NOTIFY_NONE,
} StoreNotify;

typedef enum {
  STORE_SAVE_SENT_SERVER,
  STORE_SAVE_SENT_HERE,
  STORE_SAVE_SENT_NONE,                 /* the provider files it itself */
} StoreSaveSent;

const char *store_protocol_to_string   (StoreProtocol   value);
const char *store_security_to_string   (StoreSecurity   value);
const char *store_auth_to_string       (StoreAuth       value);
const char *store_offline_to_string    (StoreOffline    value);
const char *store_leave_to_string      (StoreLeave      value);
const char *store_older_mail_to_string (StoreOlderMail  value);
const char *store_vanished_to_string   (StoreVanished   value);
const char *store_notify_to_string     (StoreNotify     value);
const char *store_save_sent_to_string  (StoreSaveSent   value);
gboolean    store_protocol_parse       (const char     *name,
                                        StoreProtocol  *value);
gboolean    store_security_parse       (const char     *name,
                                        StoreSecurity  *value);
gboolean    store_auth_parse           (const char     *name,
                                        StoreAuth      *value);
gboolean    store_offline_parse        (const char     *name,
                                        StoreOffline   *value);
gboolean    store_leave_parse          (const char     *name,
                                        StoreLeave     *value);
gboolean    store_older_mail_parse     (const char     *name,
                                        StoreOlderMail *value);
gboolean    store_vanished_parse       (const char     *name,
                                        StoreVanished  *value);
gboolean    store_notify_parse         (const char     *name,
                                        StoreNotify    *value);
gboolean    store_save_sent_parse      (const char     *name,
                                        StoreSaveSent  *value);

typedef struct {
  char          *host;                  /* outgoing: "" for an account that cannot send */
  guint16        port;
  StoreSecurity  security;
  char          *user;                  /* outgoing: "" for no sign-in */
  StoreAuth      auth;
} StoreServer;

#define STORE_NO_RULE (-1)

typedef struct {
  gint64          id;
  char           *uuid;                 /* names its secrets; made by store_accounts_add() */
  char           *name;                 /* as the sidebar shows it */
  char           *email;
  StoreProtocol   protocol;
  gint            position;             /* in the sidebar */
  StoreServer     incoming;
  StoreServer     outgoing;
  char           *ca_file;              /* believed besides the system's certificates; or NULL */
  StoreOffline    offline;
  gint            offline_days;
  StoreLeave      leave_on_server;
  gint            leave_days;
  gboolean        remove_when_deleted;  /* what is deleted here for good leaves the server too */
  gint64          keep_newest_count;    /* this and the next two: STORE_NO_RULE if there is none */
  gint64          keep_newest_bytes;
  gint64          when_full_percent;
  StoreOlderMail  older_mail;
  gboolean        removals_confirmed;   /* the first removal by a rule was shown and confirmed */
  StoreVanished   vanished;
  gint            check_interval_s;
  StoreNotify     notify;
  StoreSaveSent   save_sent;
  gboolean        is_enabled;
  gint64          removed_at;           /* 0: it is there */
  gint64          created_at;
  gint64          rev;
} StoreAccount;

/* With the defaults of the schema and empty texts; fill in and add. */
StoreAccount *store_account_new           (void) G_GNUC_WARN_UNUSED_RESULT;
StoreAccount *store_account_copy          (const StoreAccount *account) G_GNUC_WARN_UNUSED_RESULT;
void          store_account_free          (StoreAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreAccount, store_account_free)
/* Replaces a text field: store_account_set (&account->incoming.host, "mail.example.org"). */
void          store_account_set           (char        **field,
                                           const char   *text);

typedef enum {
  STORE_ACCOUNTS_LIVE,
  STORE_ACCOUNTS_ALL,                   /* also those that are being removed */
} StoreAccountScope;

/* Of StoreAccount, by position. */
GPtrArray    *store_accounts_list         (Store              *store,
                                           StoreAccountScope   scope,
                                           GError            **error) G_GNUC_WARN_UNUSED_RESULT;
StoreAccount *store_accounts_get          (Store              *store,
                                           gint64              id,
                                           GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* Also makes an identity of name sender and the account's address.  Sets id, uuid and position.  0 on
 * error. */
gint64        store_accounts_add          (Store              *store,
                                           StoreAccount       *account,
                                           const char         *sender,
                                           GError            **error);
/* Every column but id, uuid, created_at and removed_at. */
gboolean      store_accounts_update       (Store              *store,
                                           const StoreAccount *account,
                                           GError            **error);
/* Marks it removed: nothing syncs any more.  The worker tidies up and then forgets it. */
gboolean      store_accounts_remove       (Store              *store,
                                           gint64              id,
                                           GError            **error);
/* The row itself, with identities, pins and folder policies.  Its secrets are the caller's business. */
gboolean      store_accounts_forget       (Store              *store,
                                           gint64              id,
                                           GError            **error);

typedef struct {
  gint64  id;
  char   *uuid;
  gint64  account_id;
  char   *name;
  char   *email;
  char   *reply_to;                     /* "" for none */
  char   *signature;                    /* "" for none */
  gint    position;                     /* the first one of an account is its usual one */
  gint64  rev;
} StoreIdentity;

StoreIdentity *store_identity_new         (gint64               account_id,
                                           const char          *name,
                                           const char          *email) G_GNUC_WARN_UNUSED_RESULT;
void           store_identity_free        (StoreIdentity       *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreIdentity, store_identity_free)

/* Of StoreIdentity, by account and position.  account_id 0: of all. */
GPtrArray     *store_identities_list      (Store               *store,
                                           gint64               account_id,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;
StoreIdentity *store_identities_get       (Store               *store,
                                           gint64               id,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* id 0 adds, at the end of its account; else everything but uuid is replaced.  Sets id and uuid. */
gboolean       store_identities_save      (Store               *store,
                                           StoreIdentity       *identity,
                                           GError             **error);
/* STORE_ERROR_STATE for the last one of an account. */
gboolean       store_identities_remove    (Store               *store,
                                           gint64               id,
                                           GError             **error);

/* A certificate that the user accepted for one host and port of an account. */
typedef struct {
  gint64   account_id;
  char    *host;
  guint16  port;
  char    *fingerprint;                 /* SHA-256 of the DER form, lower-case hex */
  gint64   pinned_at;
} StorePin;

void           store_pin_free             (StorePin            *pin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StorePin, store_pin_free)

GPtrArray     *store_pins_list            (Store               *store,
                                           gint64               account_id,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* Replaces an earlier one for that host and port. */
gboolean       store_pins_set             (Store               *store,
                                           gint64               account_id,
                                           const char          *host,
                                           guint16              port,
                                           const char          *fingerprint,
                                           GError             **error);
gboolean       store_pins_remove          (Store               *store,
                                           gint64               account_id,
                                           const char          *host,
                                           guint16              port,
                                           GError             **error);
