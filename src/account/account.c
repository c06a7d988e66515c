/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account/account.h"

#include <string.h>

#define HOST_MAX 253
#define USER_MAX 998

static gboolean
refuse (AccountField   field,
        AccountField  *where,
        GError       **error,
        const char    *sentence)
{
  if (where != NULL)
    *where = field;
  g_set_error_literal (error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID, sentence);
  return FALSE;
}

static gboolean
has_control (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return TRUE;
  return FALSE;
}

/* What could never be delivered to; the finer points are the server's. */
static gboolean
is_address (const char *text)
{
  const char *at = strrchr (text, '@');

  return at != NULL && at != text && at[1] != '\0' && !has_control (text) && strpbrk (text, " <>,;") == NULL
    && strlen (text) <= USER_MAX;
}

/* A name or an address, also an IPv6 one; a port or a URL belongs elsewhere. */
static gboolean
is_host (const char *text)
{
  if (*text == '\0' || strlen (text) > HOST_MAX)
    return FALSE;
  if (g_hostname_is_ip_address (text))
    return TRUE;
  return !has_control (text) && strpbrk (text, " \t/:@?#[]\\\"<>") == NULL && *text != '.' && *text != '-';
}

static gboolean
is_user (const char *text)
{
  return *text != '\0' && strlen (text) <= USER_MAX && !has_control (text);
}

static gboolean
check_incoming (const StoreServer  *server,
                AccountField       *field,
                GError            **error)
{
  if (*server->host == '\0')
    return refuse (ACCOUNT_FIELD_INCOMING_HOST, field, error, "The server for incoming mail is missing");
  if (!is_host (server->host))
    return refuse (ACCOUNT_FIELD_INCOMING_HOST, field, error,
                   "The name of the server for incoming mail is not a host name");
  if (server->port == 0)
    return refuse (ACCOUNT_FIELD_INCOMING_PORT, field, error,
                   "The port of the server for incoming mail must be 1 to 65535");
  if (!is_user (server->user))
    return refuse (ACCOUNT_FIELD_INCOMING_USER, field, error,
                   "The user name for incoming mail is missing or has control characters");
  return TRUE;
}

/* Without a host the account cannot send, without a user it sends without signing in: both are choices. */
static gboolean
check_outgoing (const StoreServer  *server,
                AccountField       *field,
                GError            **error)
{
  if (*server->host == '\0')
    return TRUE;
  if (!is_host (server->host))
    return refuse (ACCOUNT_FIELD_OUTGOING_HOST, field, error,
                   "The name of the server for outgoing mail is not a host name");
  if (server->port == 0)
    return refuse (ACCOUNT_FIELD_OUTGOING_PORT, field, error,
                   "The port of the server for outgoing mail must be 1 to 65535");
  if (*server->user != '\0' && !is_user (server->user))
    return refuse (ACCOUNT_FIELD_OUTGOING_USER, field, error,
                   "The user name for outgoing mail has control characters");
  return TRUE;
}

static gboolean
are_days (gint days)
{
  return days >= 1 && days <= ACCOUNT_DAYS_MAX;
}

/* No rule, or one that leaves something. */
static gboolean
is_rule (gint64 value,
         gint64 lowest,
         gint64 highest)
{
  return value == STORE_NO_RULE || (value >= lowest && value <= highest);
}

static gboolean
check_policies (const StoreAccount  *account,
                AccountField        *field,
                GError             **error)
{
  if (account->offline == STORE_OFFLINE_DAYS && !are_days (account->offline_days))
    return refuse (ACCOUNT_FIELD_OFFLINE, field, error,
                   "Mail can be kept on this computer for 1 to 3650 days");
  if (account->leave_on_server == STORE_LEAVE_DAYS && !are_days (account->leave_days))
    return refuse (ACCOUNT_FIELD_LEAVE, field, error, "Mail can be left on the server for 1 to 3650 days");
  if (!is_rule (account->keep_newest_count, 1, G_MAXINT64)
      || !is_rule (account->keep_newest_bytes, 1, G_MAXINT64))
    return refuse (ACCOUNT_FIELD_KEEP_NEWEST, field, error,
                   "At least one message must stay on the server by this rule");
  if (!is_rule (account->when_full_percent, 1, 100))
    return refuse (ACCOUNT_FIELD_WHEN_FULL, field, error,
                   "How full the mailbox may get must be 1 to 100 percent");
  if (account->check_interval_s < ACCOUNT_CHECK_INTERVAL_S)
    return refuse (ACCOUNT_FIELD_CHECK_INTERVAL, field, error,
                   "New mail is looked for once a minute at most");
  return TRUE;
}

gboolean
account_check (const StoreAccount  *account,
               AccountField        *field,
               GError             **error)
{
  if (!is_address (account->email))
    return refuse (ACCOUNT_FIELD_EMAIL, field, error, "This is not an email address");
  if (!check_incoming (&account->incoming, field, error)
      || !check_outgoing (&account->outgoing, field, error))
    return FALSE;
  if (account->ca_file != NULL && !g_path_is_absolute (account->ca_file))
    return refuse (ACCOUNT_FIELD_CA_FILE, field, error,
                   "The certificate file must be given with its whole path");
  return check_policies (account, field, error);
}
