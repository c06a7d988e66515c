/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/changes.c - what waits for a server, and what a server refused. */
#include "ctl/accept.h"
#include "ctl/outbox.h"
#include "ctl/table.h"

#include "store/changes.h"

/* --- listing --- */

static void
add_changes (CtlTable  *table,
             GPtrArray *changes)
{
  for (guint i = 0; i < changes->len; i++)
    {
      const StoreChange *change = changes->pdata[i];

      ctl_table_add (table, change->id, change->account_id, store_change_kind_to_string (change->kind),
                     store_change_state_to_string (change->state), (gint64) change->n_items,
                     change->subject != NULL ? change->subject : "", change->created_at,
                     (gint64) change->tries, change->problem_text != NULL ? change->problem_text : "");
    }
}

/* One that was sent and has no copy in Sent yet still waits for that. */
static void
add_outbox (CtlTable  *table,
            GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const StoreOutbox *entry = entries->pdata[i];
      gboolean is_sent = entry->state == STORE_OUTBOX_SENT;

      ctl_table_add (table, ctl_outbox_get_number (entry), entry->account_id, is_sent ? "sent-copy" : "send",
                     is_sent ? "wanted" : store_outbox_state_to_string (entry->state), (gint64) 1,
                     entry->subject,
                     entry->created_at, (gint64) entry->tries, entry->problem_text != NULL
                     ? entry->problem_text : "");
    }
}

CtlStatus
ctl_changes (Ctl               *ctl,
             const CtlCommand  *command,
             char             **arguments)
{
  static const CtlColumn columns[] = {
    { "id", CTL_COLUMN_INT }, { "account", CTL_COLUMN_INT }, { "kind", CTL_COLUMN_TEXT },
    { "state", CTL_COLUMN_TEXT }, { "messages", CTL_COLUMN_INT }, { "subject", CTL_COLUMN_TEXT },
    { "created", CTL_COLUMN_TIME }, { "tries", CTL_COLUMN_INT }, { "problem", CTL_COLUMN_TEXT }, { NULL }
  };
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GPtrArray) waiting = NULL;
  g_autoptr(GPtrArray) failed = NULL;
  g_autoptr(GPtrArray) outgoing = NULL;
  g_autoptr(CtlTable) table = ctl_table_new (columns);
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, NULL, &operands, 0, 0))
    return CTL_USAGE;
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((waiting = store_changes_list (store, STORE_CHANGES_WAITING, STORE_ACCOUNT_ANY, 0, &error)) == NULL
      || (failed = store_changes_list (store, STORE_CHANGES_ATTENTION, STORE_ACCOUNT_ANY, 0, &error)) == NULL
      || (outgoing = store_outbox_list_open (store, STORE_ACCOUNT_ANY, &error)) == NULL)
    return ctl_fail ("Cannot read the changes", error);
  add_changes (table, waiting);
  add_changes (table, failed);
  add_outbox (table, outgoing);
  ctl_table_print (table, ctl->is_json);
  return CTL_DONE;
}

/* --- one of them --- */

typedef gboolean (* ChangeWork) (Store   *store,
                                 gint64   id,
                                 GError **error);

static CtlStatus
work_on (Ctl               *ctl,
         const CtlCommand  *command,
         char             **arguments,
         ChangeWork         work,
         ChangeWork         work_outbox,
         const char        *what)
{
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  GError *error = NULL;
  gint64 id;

  operands = arguments;
  if (!ctl_parse (ctl, command, NULL, &operands, 1, 1))
    return CTL_USAGE;
  if ((id = ctl_parse_id (operands[1])) == 0)
    return ctl_usage (command, "ID is a number that `changes` prints");
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if (ctl_outbox_is_number (id))
    {
      if (!work_outbox (store, id, &error))
        return ctl_fail (what, error);
      ctl_nudge (ctl);
      return CTL_DONE;
    }
  g_array_append_val (ids, id);
  if (!work (store, id, &error) || !ctl_accept (ctl, store, ids, &error))
    return ctl_fail (what, error);
  return CTL_DONE;
}

CtlStatus
ctl_changes_retry (Ctl               *ctl,
                   const CtlCommand  *command,
                   char             **arguments)
{
  return work_on (ctl, command, arguments, store_changes_retry, ctl_outbox_retry,
                  "Cannot try the change again");
}

CtlStatus
ctl_changes_cancel (Ctl               *ctl,
                    const CtlCommand  *command,
                    char             **arguments)
{
  return work_on (ctl, command, arguments, store_changes_cancel, ctl_outbox_cancel,
                  "Cannot take the change back");
}
