/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/policy.c - what leaves the server of an account: shown, changed, and foretold. */
#include "ctl/policy.h"

#include "account/account.h"
#include "base/json.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "store/messages.h"
#include "sync/leaving.h"

#include <stdio.h>
#include <string.h>

#define DAYS_MAX 36500

/* --- options --- */

void
ctl_policy_clear (CtlPolicy *policy)
{
  g_clear_pointer (&policy->leave, g_free);
  g_clear_pointer (&policy->remove_when_deleted, g_free);
  g_clear_pointer (&policy->keep_newest, g_free);
  g_clear_pointer (&policy->when_full, g_free);
}

static gboolean
changes_rule (const CtlPolicy *policy)
{
  return policy->leave != NULL || policy->keep_newest != NULL || policy->when_full != NULL;
}

gboolean
ctl_policy_is_given (const CtlPolicy *policy)
{
  return changes_rule (policy) || policy->remove_when_deleted != NULL || policy->is_yes;
}

static gboolean
fail_option (GError     **error,
             const char  *option,
             const char  *why)
{
  g_set_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID, "%s: %s", option, why);
  return FALSE;
}

gboolean
ctl_policy_parse_days (const char *text,
                       gint       *days)
{
  guint64 number;

  if (!base_slice_parse_uint (base_slice_from_string (text), DAYS_MAX, &number))
    return FALSE;
  *days = (gint) number;
  return TRUE;
}

/* N messages, or NMB. */
static gboolean
apply_keep_newest (const char    *text,
                   StoreAccount  *account,
                   GError       **error)
{
  gboolean is_bytes = g_str_has_suffix (text, "MB");
  g_autofree char *digits = g_strndup (text, strlen (text) - (is_bytes ? 2 : 0));
  guint64 number = 0;
  gboolean is_none = strcmp (text, "none") == 0;

  if (!is_none && !base_slice_parse_uint (base_slice_from_string (digits), G_MAXUINT32, &number))
    return fail_option (error, "--keep-newest", "a number of messages, of megabytes followed by MB, or none");
  account->keep_newest_bytes = is_bytes && !is_none ? (gint64) number * 1000 * 1000 : STORE_NO_RULE;
  account->keep_newest_count = is_bytes || is_none ? STORE_NO_RULE : (gint64) number;
  return TRUE;
}

static gboolean
apply_when_full (const char    *text,
                 StoreAccount  *account,
                 GError       **error)
{
  guint64 percent;

  account->when_full_percent = STORE_NO_RULE;
  if (strcmp (text, "none") == 0)
    return TRUE;
  if (!base_slice_parse_uint (base_slice_from_string (text), 100, &percent) || percent == 0)
    return fail_option (error, "--when-full", "a percentage, or none");
  account->when_full_percent = (gint64) percent;
  return TRUE;
}

/* A new rule is a new question: what somebody agreed to was the old one. */
static void
apply_answers (const CtlPolicy *policy,
               StoreAccount    *account)
{
  SyncRetention retention = sync_retention_new (account);

  if (policy->is_yes)
    {
      account->older_mail = sync_retention_has_rule (&retention)
                            ? STORE_OLDER_MAIL_REMOVE : STORE_OLDER_MAIL_KEEP;
      account->removals_confirmed = TRUE;
    }
  else if (changes_rule (policy))
    {
      account->older_mail = STORE_OLDER_MAIL_ASK;
      account->removals_confirmed = FALSE;
    }
}

gboolean
ctl_policy_apply (const CtlPolicy  *policy,
                  StoreAccount     *account,
                  GError          **error)
{
  if (policy->leave != NULL && !store_leave_parse (policy->leave, &account->leave_on_server))
    {
      account->leave_on_server = STORE_LEAVE_DAYS;
      if (!ctl_policy_parse_days (policy->leave, &account->leave_days))
        return fail_option (error, "--leave", "forever, remove, or a number of days");
    }
  if (policy->remove_when_deleted != NULL)
    {
      if (strcmp (policy->remove_when_deleted, "yes") != 0 && strcmp (policy->remove_when_deleted, "no") != 0)
        return fail_option (error, "--remove-when-deleted", "yes or no");
      account->remove_when_deleted = strcmp (policy->remove_when_deleted, "yes") == 0;
    }
  if (policy->keep_newest != NULL && !apply_keep_newest (policy->keep_newest, account, error))
    return FALSE;
  if (policy->when_full != NULL && !apply_when_full (policy->when_full, account, error))
    return FALSE;
  apply_answers (policy, account);
  return TRUE;
}

/* --- showing --- */

static void
add_number (BaseJson   *json,
            const char *key,
            gint64      number)
{
  base_json_key (json, key);
  if (number == STORE_NO_RULE)
    base_json_null (json);
  else
    base_json_int (json, number);
}

static void
add_boolean (BaseJson   *json,
             const char *key,
             gboolean    is_true)
{
  base_json_key (json, key);
  base_json_boolean (json, is_true);
}

static void
show_json (const StoreAccount *account)
{
  BaseJson *json = base_json_new ();
  g_autofree char *text = NULL;

  base_json_begin_object (json);
  base_json_key_int (json, "account", account->id);
  base_json_key_text (json, "leave", store_leave_to_string (account->leave_on_server));
  add_number (json, "days", account->leave_on_server == STORE_LEAVE_DAYS
              ? account->leave_days : STORE_NO_RULE);
  add_boolean (json, "remove_when_deleted", account->remove_when_deleted);
  add_number (json, "keep_newest", account->keep_newest_count);
  add_number (json, "keep_newest_bytes", account->keep_newest_bytes);
  add_number (json, "when_full", account->when_full_percent);
  base_json_key_text (json, "older_mail", store_older_mail_to_string (account->older_mail));
  add_boolean (json, "confirmed", account->removals_confirmed);
  base_json_end_object (json);
  text = base_json_free_to_text (json);
  printf ("%s\n", text);
}

static void
show_leave (const StoreAccount *account)
{
  switch (account->leave_on_server)
    {
    case STORE_LEAVE_FOREVER:
      printf ("Mail stays on the server.\n");
      break;
    case STORE_LEAVE_REMOVE:
      printf ("Mail leaves the server once it is proven to be on this computer.\n");
      break;
    case STORE_LEAVE_DAYS:
      printf ("Mail leaves the server %d days after it was proven to be on this computer.\n",
              account->leave_days);
      break;
    }
}

static void
show_older (const StoreAccount *account)
{
  SyncRetention retention = sync_retention_new (account);

  if (!sync_retention_has_rule (&retention))
    return;
  switch (account->older_mail)
    {
    case STORE_OLDER_MAIL_ASK:
      printf ("Mail from before the rule is asked about.\n");
      break;
    case STORE_OLDER_MAIL_KEEP:
      printf ("Mail from before the rule stays there.\n");
      break;
    case STORE_OLDER_MAIL_REMOVE:
      printf ("Mail from before the rule leaves too.\n");
      break;
    }
  if (!account->removals_confirmed)
    printf ("Nothing leaves before that is confirmed: in the window, or with --yes.\n");
}

static void
show_text (const StoreAccount *account)
{
  show_leave (account);
  if (account->keep_newest_count != STORE_NO_RULE)
    printf ("Only the newest %" G_GINT64_FORMAT " messages stay there.\n", account->keep_newest_count);
  if (account->keep_newest_bytes != STORE_NO_RULE)
    printf ("Only the newest %" G_GINT64_FORMAT " MB stay there.\n",
            account->keep_newest_bytes / 1000 / 1000);
  if (account->when_full_percent != STORE_NO_RULE)
    printf ("The oldest leaves when the mailbox is fuller than %" G_GINT64_FORMAT " %%.\n",
            account->when_full_percent);
  printf (account->remove_when_deleted ? "What is deleted here for good leaves the server too.\n"
                                       : "What is deleted here for good stays on the server.\n");
  show_older (account);
}

/* --- foretelling --- */

static gboolean
add_due (CtlTable       *table,
         Store          *store,
         const SyncDue  *due,
         const char     *older,
         GError        **error)
{
  g_autoptr(StoreMessage) message = store_messages_get (store, due->message_id, error);

  if (message == NULL)
    return FALSE;
  ctl_table_add (table, due->location_id, due->message_id, message->subject, message->from_address,
                 due->due_at, sync_rule_to_string (due->rule), due->is_older ? older : "");
  return TRUE;
}

static CtlStatus
preview (Ctl                *ctl,
         Store              *store,
         const StoreAccount *account)
{
  static const CtlColumn columns[] = {
    { "id", CTL_COLUMN_INT }, { "message", CTL_COLUMN_INT }, { "subject", CTL_COLUMN_TEXT },
    { "from", CTL_COLUMN_TEXT }, { "leaves", CTL_COLUMN_TIME }, { "rule", CTL_COLUMN_TEXT },
    { "older", CTL_COLUMN_TEXT }, { NULL }
  };
  g_autoptr(CtlTable) table = ctl_table_new (columns);
  GError *error = NULL;
  g_autoptr(GArray) plan = sync_leaving_preview (store, account, &error);

  if (plan == NULL)
    return ctl_fail ("Cannot tell what would leave", error);
  for (guint i = 0; i < plan->len; i++)
    if (!add_due (table, store, &g_array_index (plan, SyncDue, i),
                  store_older_mail_to_string (account->older_mail), &error))
      return ctl_fail ("Cannot tell what would leave", error);
  ctl_table_print (table, ctl->is_json);
  return CTL_DONE;
}

/* --- the command --- */

/* The line first: a new rule must never be seen without it. */
static gboolean
save (Store               *store,
      const CtlPolicy     *policy,
      const StoreAccount  *account,
      GError             **error)
{
  if (changes_rule (policy) && !sync_leaving_draw_line (store, account, SYNC_OLDER_ANEW, error))
    return FALSE;
  return store_accounts_update (store, account, error);
}

CtlStatus
ctl_policy (Ctl               *ctl,
            const CtlCommand  *command,
            char             **arguments)
{
  g_auto(CtlPolicy) policy = { NULL };
  gboolean is_preview = FALSE;
  const GOptionEntry entries[] = {
    CTL_POLICY_ENTRIES (policy),
    { "preview", 0, 0, G_OPTION_ARG_NONE, &is_preview, NULL, NULL },
    { NULL }
  };
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(StoreAccount) account = NULL;
  g_autoptr(GError) usage = NULL;
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 1, 1))
    return CTL_USAGE;
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((account = store_accounts_get (store, ctl_parse_id (operands[1]), &error)) == NULL)
    return ctl_fail ("There is no such account", error);
  if (account->protocol != STORE_PROTOCOL_POP3 && (ctl_policy_is_given (&policy) || is_preview))
    return ctl_fail ("The mail of an IMAP account stays on its server: there is no such rule for it", NULL);
  if (!ctl_policy_apply (&policy, account, &usage))
    return ctl_usage (command, usage->message);
  if (is_preview)
    return preview (ctl, store, account);
  if (ctl_policy_is_given (&policy) && !save (store, &policy, account, &error))
    return ctl_fail ("Cannot save the account", error);
  if (ctl->is_json)
    show_json (account);
  else
    show_text (account);
  return CTL_DONE;
}
