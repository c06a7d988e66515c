/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/send.c - queues a whole message in the outbox of an account. */
#include "ctl/ctl.h"
#include "ctl/outbox.h"
#include "store/accounts.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static GInputStream *
open_message (const char  *name,
              GError     **error)
{
  g_autoptr(GFile) file = NULL;

  if (strcmp (name, "-") == 0)
    return g_unix_input_stream_new (STDIN_FILENO, FALSE);
  file = g_file_new_for_commandline_arg (name);
  return G_INPUT_STREAM (g_file_read (file, NULL, error));
}

static gboolean
check_account (Store   *store,
               gint64   id,
               GError **error)
{
  g_autoptr(StoreAccount) account = store_accounts_get (store, id, error);

  if (account == NULL)
    return FALSE;
  if (account->removed_at != 0)
    g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "The account %s is being removed", account->name);
  else if (*account->outgoing.host == '\0')
    g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED, "The account %s has no server for outgoing mail",
                 account->name);
  else
    return TRUE;
  return FALSE;
}

CtlStatus
ctl_send (Ctl               *ctl,
          const CtlCommand  *command,
          char             **arguments)
{
  gint64 account = 0, id;
  const GOptionEntry entries[] = { { "account", 0, 0, G_OPTION_ARG_INT64, &account, NULL, NULL }, { NULL } };
  g_auto(GStrv) operands = NULL;
  g_autoptr(GInputStream) message = NULL;
  g_autoptr(Store) store = NULL;
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 1, 1))
    return CTL_USAGE;
  if (account <= 0)
    return ctl_usage (command, "--account is missing");
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if (!check_account (store, account, &error))
    return ctl_fail ("Cannot send", error);
  if ((message = open_message (operands[1], &error)) == NULL)
    return ctl_fail ("Cannot read the message", error);
  if ((id = store_outbox_queue_stream (store, account, message, NULL, &error)) == 0)
    return ctl_fail ("Cannot queue the message", error);
  ctl_nudge (ctl);
  printf (ctl->is_json ? "{\"id\": %" G_GINT64_FORMAT "}\n" : "%" G_GINT64_FORMAT "\n",
          CTL_OUTBOX_FIRST + id);
  return CTL_DONE;
}
