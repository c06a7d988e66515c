/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/account.c - adding, listing and removing accounts. */
#include "ctl/options.h"
#include "ctl/owner.h"
#include "ctl/policy.h"

#include "bus/jobs.h"
#include "ctl/table.h"
#include "probe/check.h"
#include "probe/login.h"
#include "store/locations.h"
#include "worker/folders.h"
#include "worker/removal.h"

#include <stdio.h>

/* --- options --- */

typedef struct {
  char     *email, *name, *protocol, *incoming, *security, *user, *password_file;
  char     *outgoing, *outgoing_security, *outgoing_user, *ca_file;
  char     *offline;
  CtlPolicy policy;
} Options;

static void
options_clear (Options *options)
{
  char **texts[] = {
    &options->email, &options->name, &options->protocol, &options->incoming, &options->security,
    &options->user, &options->password_file, &options->outgoing, &options->outgoing_security,
    &options->outgoing_user, &options->ca_file, &options->offline,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_clear_pointer (texts[i], g_free);
  ctl_policy_clear (&options->policy);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_offline (const Options  *options,
               StoreAccount   *account,
               GError        **error)
{
  if (options->offline == NULL || store_offline_parse (options->offline, &account->offline))
    return TRUE;
  account->offline = STORE_OFFLINE_DAYS;
  return ctl_policy_parse_days (options->offline, &account->offline_days)
         || ctl_options_fail (error, "--offline", "all, headers, open, or a number of days");
}

static gboolean
parse_outgoing (const Options  *options,
                StoreAccount   *account,
                GError        **error)
{
  if (options->outgoing == NULL)
    return TRUE;
  if (options->outgoing_security == NULL)
    return ctl_options_fail (error, "--outgoing-security", "it is needed with --outgoing");
  if (!store_security_parse (options->outgoing_security, &account->outgoing.security))
    return ctl_options_fail (error, "--outgoing-security", "tls, starttls or none");
  store_account_set (&account->outgoing.user, options->outgoing_user != NULL
                     ? options->outgoing_user : account->incoming.user);
  return ctl_options_parse_server ("--outgoing", options->outgoing, DISCOVER_SMTP, &account->outgoing, error);
}

static gboolean
parse_account (const Options  *options,
               StoreAccount   *account,
               GError        **error)
{
  g_autoptr(DiscoverResult) address = options->email != NULL ? discover_result_new (options->email) : NULL;

  if (address == NULL)
    return ctl_options_fail (error, "--email", "an address looks like name@example.org");
  if (options->protocol == NULL || !store_protocol_parse (options->protocol, &account->protocol))
    return ctl_options_fail (error, "--protocol", "imap or pop3");
  if (options->security == NULL || !store_security_parse (options->security, &account->incoming.security))
    return ctl_options_fail (error, "--security", "tls, starttls or none");
  if (options->incoming == NULL)
    return ctl_options_fail (error, "--incoming", "the server is needed");
  if (options->password_file == NULL)
    return ctl_options_fail (error, "--password-file", "a file, or - for standard input");
  store_account_set (&account->email, address->address);
  store_account_set (&account->name, address->address);
  store_account_set (&account->incoming.user, options->user != NULL ? options->user : address->address);
  if (options->ca_file != NULL)
    account->ca_file = g_canonicalize_filename (options->ca_file, NULL);
  return ctl_options_parse_server ("--incoming", options->incoming,
                       account->protocol == STORE_PROTOCOL_IMAP ? DISCOVER_IMAP : DISCOVER_POP3,
                       &account->incoming, error)
         && parse_outgoing (options, account, error)
         && ctl_policy_apply (&options->policy, account, error)
         && parse_offline (options, account, error);
}

/* --- signing in --- */

/* "--security none" are the words by which a password may travel in clear. */
static gboolean
try_server (const StoreServer  *server,
            DiscoverProtocol    protocol,
            NetTrust           *trust,
            BaseSecret         *password,
            GError            **error)
{
  ProbeServer where = {
    protocol, server->host, server->port, ctl_options_get_security (server->security), server->user, password,
    server->security == STORE_SECURITY_NONE,
  };
  g_autoptr(ProbeVerdict) verdict = probe_check (&where, trust, &NET_SIGNALS_NONE);

  if (verdict->cause == PROBE_WORKS)
    return TRUE;
  if (verdict->words == NULL)
    g_set_error_literal (error, ACCOUNT_ERROR, ACCOUNT_ERROR_FAILED, verdict->text);
  else
    g_set_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_FAILED, "%s (%s)", verdict->text, verdict->words);
  return FALSE;
}

static gboolean
try_account (CtlOwner            *owner,
             const StoreAccount  *account,
             BaseSecret          *password,
             GError             **error)
{
  DiscoverProtocol protocol = account->protocol == STORE_PROTOCOL_IMAP ? DISCOVER_IMAP : DISCOVER_POP3;
  g_autoptr(NetTrust) trust = probe_login_new_trust (owner->store, account, error);

  if (trust == NULL || !try_server (&account->incoming, protocol, trust, password, error))
    return FALSE;
  return *account->outgoing.host == '\0'
         || try_server (&account->outgoing, DISCOVER_SMTP, trust, password, error);
}

/* --- saving --- */

static gboolean
save_account (CtlOwner      *owner,
              StoreAccount  *account,
              const char    *sender,
              BaseSecret    *password,
              GError       **error)
{
  if (store_accounts_add (owner->store, account, sender, error) == 0)
    return FALSE;
  if (owner->worker != NULL)
    return bus_client_set_secret (owner->worker, account->uuid,
                                  account_purpose_to_string (ACCOUNT_SECRET_INCOMING), password, error)
           && bus_client_nudge (owner->worker, error);
  if (account->protocol == STORE_PROTOCOL_POP3
      && !worker_folders_ensure_local (owner->ingest, owner->store, account->id, error))
    return FALSE;
  return account_secrets_set (owner->secrets, account->uuid, ACCOUNT_SECRET_INCOMING, account->email,
                              password, error);
}

CtlStatus
ctl_account_add (Ctl               *ctl,
                 const CtlCommand  *command,
                 char             **arguments)
{
  g_auto(Options) options = { NULL };
  const GOptionEntry entries[] = {
    { "email", 0, 0, G_OPTION_ARG_STRING, &options.email, NULL, NULL },
    { "name", 0, 0, G_OPTION_ARG_STRING, &options.name, NULL, NULL },
    { "protocol", 0, 0, G_OPTION_ARG_STRING, &options.protocol, NULL, NULL },
    { "incoming", 0, 0, G_OPTION_ARG_STRING, &options.incoming, NULL, NULL },
    { "security", 0, 0, G_OPTION_ARG_STRING, &options.security, NULL, NULL },
    { "user", 0, 0, G_OPTION_ARG_STRING, &options.user, NULL, NULL },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &options.password_file, NULL, NULL },
    { "outgoing", 0, 0, G_OPTION_ARG_STRING, &options.outgoing, NULL, NULL },
    { "outgoing-security", 0, 0, G_OPTION_ARG_STRING, &options.outgoing_security, NULL, NULL },
    { "outgoing-user", 0, 0, G_OPTION_ARG_STRING, &options.outgoing_user, NULL, NULL },
    { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &options.ca_file, NULL, NULL },
    CTL_POLICY_ENTRIES (options.policy),
    { "offline", 0, 0, G_OPTION_ARG_STRING, &options.offline, NULL, NULL },
    { NULL }
  };
  g_auto(GStrv) operands = NULL;
  g_auto(CtlOwner) owner = { NULL };
  g_autoptr(StoreAccount) account = store_account_new ();
  g_autoptr(BaseSecret) password = NULL;
  g_autoptr(GError) usage = NULL;
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 0, 0))
    return CTL_USAGE;
  if (!parse_account (&options, account, &usage))
    return ctl_usage (command, usage->message);
  if ((password = ctl_options_read_password (options.password_file, &error)) == NULL)
    return ctl_fail ("Cannot add the account", error);
  if (!ctl_owner_begin_or_call (&owner, ctl, &error))
    return ctl_fail ("Cannot work on the store", error);
  if (!try_account (&owner, account, password, &error))
    return ctl_fail ("Cannot sign in", error);
  if (!save_account (&owner, account, options.name != NULL ? options.name : account->email, password, &error))
    return ctl_fail ("Cannot save the account", error);
  if (ctl->is_json)
    printf ("{\"id\":%" G_GINT64_FORMAT "}\n", account->id);
  else
    printf ("%" G_GINT64_FORMAT "\n", account->id);
  return CTL_DONE;
}

/* --- list and remove --- */

CtlStatus
ctl_account_list (Ctl               *ctl,
                  const CtlCommand  *command,
                  char             **arguments)
{
  static const CtlColumn columns[] = {
    { "id", CTL_COLUMN_INT }, { "name", CTL_COLUMN_TEXT }, { "email", CTL_COLUMN_TEXT },
    { "protocol", CTL_COLUMN_TEXT }, { "incoming", CTL_COLUMN_TEXT }, { "outgoing", CTL_COLUMN_TEXT },
    { NULL }
  };
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GPtrArray) accounts = NULL;
  g_autoptr(CtlTable) table = ctl_table_new (columns);
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, NULL, &operands, 0, 0))
    return CTL_USAGE;
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((accounts = store_accounts_list (store, STORE_ACCOUNTS_LIVE, &error)) == NULL)
    return ctl_fail ("Cannot read the accounts", error);
  for (guint i = 0; i < accounts->len; i++)
    {
      const StoreAccount *account = accounts->pdata[i];
      g_autofree char *incoming = g_strdup_printf ("%s:%u", account->incoming.host, account->incoming.port);
      g_autofree char *outgoing = *account->outgoing.host != '\0'
                                  ? g_strdup_printf ("%s:%u", account->outgoing.host, account->outgoing.port)
                                  : g_strdup ("");

      ctl_table_add (table, account->id, account->name, account->email,
                     store_protocol_to_string (account->protocol), incoming, outgoing);
    }
  ctl_table_print (table, ctl->is_json);
  return CTL_DONE;
}

static gboolean
remove_here (CtlOwner       *owner,
             gint64          id,
             WorkerRemoval   how,
             GError        **error)
{
  return worker_removal_begin (owner->store, id, how, error)
         && worker_removal_run (owner->ingest, owner->store, owner->secrets, id, NULL, error);
}

static gboolean
remove_there (CtlOwner       *owner,
              gint64          id,
              WorkerRemoval   how,
              GError        **error)
{
  g_autoptr(BusJob) job = NULL;
  const char *text = "It was not done";
  GVariantDict arguments;

  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, BUS_KEY_ACCOUNT, "x", id);
  g_variant_dict_insert (&arguments, BUS_KEY_KEEP_MAIL, "b", how == WORKER_REMOVAL_KEEP_MAIL);
  job = bus_client_run_job (owner->worker, BUS_JOB_REMOVE_ACCOUNT, g_variant_dict_end (&arguments), NULL,
                            NULL, NULL, error);
  if (job == NULL || job->state == BUS_JOB_DONE)
    return job != NULL;
  g_variant_lookup (job->details, BUS_KEY_TEXT, "&s", &text);
  g_set_error_literal (error, STORE_ERROR, STORE_ERROR_FAILED, text);
  return FALSE;
}

/* Mail that no server has is thrown away only by who says so. */
static gboolean
may_remove (Store     *store,
            gint64     id,
            gboolean   is_told,
            GError   **error)
{
  g_autoptr(StoreAccount) account = store_accounts_get (store, id, error);
  gint64 n = account != NULL ? store_locations_count_only_here (store, id, error) : -1;

  if (n < 0)
    return FALSE;
  if (n == 0 || is_told)
    return TRUE;
  g_set_error (error, STORE_ERROR, STORE_ERROR_STATE,
               "%" G_GINT64_FORMAT " of its messages are only on this computer; say --keep-mail or"
               " --delete-mail", n);
  return FALSE;
}

CtlStatus
ctl_account_remove (Ctl               *ctl,
                    const CtlCommand  *command,
                    char             **arguments)
{
  gboolean keeps = FALSE, deletes = FALSE;
  const GOptionEntry entries[] = {
    { "keep-mail", 0, 0, G_OPTION_ARG_NONE, &keeps, NULL, NULL },
    { "delete-mail", 0, 0, G_OPTION_ARG_NONE, &deletes, NULL, NULL },
    { NULL }
  };
  g_auto(GStrv) operands = NULL;
  g_auto(CtlOwner) owner = { NULL };
  WorkerRemoval how;
  gboolean is_done;
  GError *error = NULL;
  gint64 id;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 1, 1))
    return CTL_USAGE;
  if ((id = ctl_parse_id (operands[1])) == 0)
    return ctl_usage (command, "ID is a number");
  if (keeps && deletes)
    return ctl_usage (command, "--keep-mail or --delete-mail, not both");
  if (!ctl_owner_begin_or_call (&owner, ctl, &error))
    return ctl_fail ("Cannot work on the store", error);
  if (!may_remove (owner.store, id, keeps || deletes, &error))
    return ctl_fail ("Cannot remove the account", error);
  how = keeps ? WORKER_REMOVAL_KEEP_MAIL : WORKER_REMOVAL_DELETE_MAIL;
  is_done = owner.worker != NULL
            ? remove_there (&owner, id, how, &error) : remove_here (&owner, id, how, &error);
  return is_done ? CTL_DONE : ctl_fail ("Cannot remove the account", error);
}
