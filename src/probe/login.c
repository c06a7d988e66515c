/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/login.h"

NetSecurity
probe_login_get_security (StoreSecurity security)
{
  switch (security)
    {
    case STORE_SECURITY_TLS:      return NET_SECURITY_TLS;
    case STORE_SECURITY_STARTTLS: return NET_SECURITY_STARTTLS;
    case STORE_SECURITY_NONE:     return NET_SECURITY_NONE;
    }
  g_assert_not_reached ();
}

NetTrust *
probe_login_new_trust (Store               *store,
                       const StoreAccount  *account,
                       GError             **error)
{
  g_autoptr(NetTrust) trust = net_trust_new (account->ca_file, error);
  g_autoptr(GPtrArray) pins = NULL;

  if (trust == NULL || (pins = store_pins_list (store, account->id, error)) == NULL)
    return NULL;
  for (guint i = 0; i < pins->len; i++)
    {
      const StorePin *pin = pins->pdata[i];

      net_trust_pin (trust, pin->host, pin->port, pin->fingerprint);
    }
  return g_steal_pointer (&trust);
}

BaseSecret *
probe_login_get_secret (AccountSecrets      *secrets,
                        const StoreAccount  *account,
                        AccountPurpose       purpose,
                        GError             **error)
{
  g_autoptr(GError) failure = NULL;
  BaseSecret *secret = account_secrets_get (secrets, account->uuid, purpose, &failure);

  if (secret == NULL && failure == NULL && purpose == ACCOUNT_SECRET_OUTGOING)
    return probe_login_get_secret (secrets, account, ACCOUNT_SECRET_INCOMING, error);
  if (secret == NULL && failure == NULL)
    g_set_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID, "There is no password for %s", account->name);
  else if (secret == NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return secret;
}

static NetWhere
get_where (const StoreServer *server,
           NetTrust          *trust)
{
  return (NetWhere) { server->host, server->port, probe_login_get_security (server->security), trust };
}

SessionImap *
probe_login_new_imap (const StoreAccount *account,
                      NetTrust           *trust,
                      BaseSecret         *password)
{
  const StoreServer *server = &account->incoming;

  return session_imap_new (&(SessionImapLogin) {
    .where = get_where (server, trust), .user = server->user, .password = password,
    .may_send_clear = server->security == STORE_SECURITY_NONE,
  });
}

SessionPop3 *
probe_login_new_pop3 (const StoreAccount *account,
                      NetTrust           *trust,
                      BaseSecret         *password)
{
  const StoreServer *server = &account->incoming;

  return session_pop3_new (&(SessionPop3Login) {
    .where = get_where (server, trust), .user = server->user, .password = password,
    .may_send_clear = server->security == STORE_SECURITY_NONE,
  });
}

SessionSmtp *
probe_login_new_smtp (const StoreAccount *account,
                      NetTrust           *trust,
                      BaseSecret         *password)
{
  const StoreServer *server = &account->outgoing;

  return session_smtp_new (&(SessionSmtpLogin) {
    .where = get_where (server, trust), .user = *server->user != '\0' ? server->user : NULL,
             .password = password,
    .may_send_clear = server->security == STORE_SECURITY_NONE,
  });
}
