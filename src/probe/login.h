/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe/login.h - from an account's settings to a session that can sign in: where, with which certificates,
 * who, with which secret.
 *
 * It opens no connection: the session does, on the thread that uses it.
 *
 * Threads: any.  Errors: STORE_ERROR, NET_ERROR, ACCOUNT_ERROR.
 */
#pragma once

#include "account/account.h"
#include "net/trust.h"
#include "session/imap.h"
#include "session/pop3.h"
#include "session/smtp.h"

NetSecurity  probe_login_get_security (StoreSecurity security);

/* The certificates that an account believes, with those its user accepted.  It must outlive the sessions. */
NetTrust    *probe_login_new_trust    (Store               *store,
                                       const StoreAccount  *account,
                                       GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* The outgoing server's falls back to the incoming one's.  NULL with error; ACCOUNT_ERROR_INVALID: there is
 * none. */
BaseSecret  *probe_login_get_secret   (AccountSecrets      *secrets,
                                       const StoreAccount  *account,
                                       AccountPurpose       purpose,
                                       GError             **error) G_GNUC_WARN_UNUSED_RESULT;

SessionImap *probe_login_new_imap     (const StoreAccount *account,
                                       NetTrust           *trust,
                                       BaseSecret         *password) G_GNUC_WARN_UNUSED_RESULT;
SessionPop3 *probe_login_new_pop3     (const StoreAccount *account,
                                       NetTrust           *trust,
                                       BaseSecret         *password) G_GNUC_WARN_UNUSED_RESULT;
SessionSmtp *probe_login_new_smtp     (const StoreAccount *account,
                                       NetTrust           *trust,
                                       BaseSecret         *password) G_GNUC_WARN_UNUSED_RESULT;
