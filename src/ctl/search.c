/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/search.c - the search of the window, from the shell. */
#include "ctl/rows.h"

#include "store/search.h"

#define LIMIT 1000

CtlStatus
ctl_search (Ctl               *ctl,
            const CtlCommand  *command,
            char             **arguments)
{
  gint64 account = STORE_ACCOUNT_ANY, limit = LIMIT;
  const GOptionEntry entries[] = {
    { "account", 0, 0, G_OPTION_ARG_INT64, &account, NULL, NULL },
    { "limit", 0, 0, G_OPTION_ARG_INT64, &limit, NULL, NULL },
    { NULL }
  };
  g_auto(GStrv) operands = NULL;
  g_autofree char *typed = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(StoreQuery) query = NULL;
  g_autoptr(GArray) found = NULL;
  StoreView view = { .kind = STORE_VIEW_MESSAGES, .account_id = STORE_ACCOUNT_ANY };
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 1, STORE_QUERY_TERMS_MAX))
    return CTL_USAGE;
  if (limit <= 0 || limit > G_MAXINT)
    return ctl_usage (command, "--limit is a number above 0");
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  typed = g_strjoinv (" ", operands + 1);
  query = store_query_parse (typed, STORE_QUERY_FINISHED, NULL);
  if ((found = store_search_run (store, query, account, 0, (guint) limit, &error)) == NULL)
    return ctl_fail ("Cannot search", error);
  view.message_ids = (const gint64 *) found->data;
  view.n_message_ids = found->len;
  return ctl_rows_print (ctl, store, &view, 0);
}
