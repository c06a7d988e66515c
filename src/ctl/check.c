/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/check.c - is the store still as it was stored. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "store/check.h"

#include <stdio.h>

static void
print_json (const StoreCheckReport *report)
{
  BaseJson *json = base_json_new ();
  g_autofree char *text = NULL;

  base_json_begin_object (json);
  base_json_key_int (json, "messages", (gint64) report->messages);
  base_json_key_int (json, "contents", (gint64) report->contents);
  base_json_key_int (json, "bytes", (gint64) report->bytes);
  base_json_key_int (json, "bytes_free", (gint64) report->bytes_free);
  base_json_key (json, "problems");
  base_json_begin_array (json);
  for (guint i = 0; i < report->problems->len; i++)
    base_json_text (json, report->problems->pdata[i]);
  base_json_end_array (json);
  base_json_end_object (json);
  text = base_json_free_to_text (json);
  printf ("%s\n", text);
}

static void
print_text (const StoreCheckReport *report)
{
  printf ("%" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT " of them here as %" G_GUINT64_FORMAT " bytes, each compared with its"
          " hash.\n", report->messages, report->contents, report->bytes);
  for (guint i = 0; i < report->problems->len; i++)
    printf ("%s\n", (char *) report->problems->pdata[i]);
  if (report->n_problems == 0)
    printf ("No damage found.\n");
}

CtlStatus
ctl_check (Ctl               *ctl,
           const CtlCommand  *command,
           char             **arguments)
{
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(StoreCheckReport) report = NULL;
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, NULL, &operands, 0, 0))
    return CTL_USAGE;
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((report = store_check_run (store, NULL, NULL, NULL, &error)) == NULL)
    return ctl_fail ("Cannot check the store", error);
  if (ctl->is_json)
    print_json (report);
  else
    print_text (report);
  return report->n_problems == 0 ? CTL_DONE : CTL_FAILED;
}
