/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/check.c - is the store still as it was stored; and making its database anew where it is not. */
#include "ctl/owner.h"

#include "base/json.h"
#include "ingest/repair.h"

#include <stdio.h>

static void
print_json (const StoreCheckReport   *report,
            const IngestRepairReport *repair)       /* or NULL */
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
  if (repair != NULL)
    {
      base_json_key (json, "repair");
      base_json_begin_object (json);
      base_json_key_int (json, "messages", (gint64) repair->messages);
      base_json_key_int (json, "recovered", (gint64) repair->recovered);
      base_json_key_int (json, "damaged", (gint64) repair->damaged);
      base_json_key_int (json, "bytes_lost", (gint64) repair->bytes_lost);
      base_json_key_text (json, "kept_as", repair->kept_as);
      base_json_end_object (json);
    }
  base_json_end_object (json);
  text = base_json_free_to_text (json);
  printf ("%s\n", text);
}

static void
print_text (const StoreCheckReport   *report,
            const IngestRepairReport *repair)
{
  if (repair != NULL)
    printf ("The database was made anew: %" G_GUINT64_FORMAT " messages came back, %" G_GUINT64_FORMAT " of them into Recovered;"
            " %" G_GUINT64_FORMAT " are damaged.\n", repair->messages, repair->recovered, repair->damaged);
  if (repair != NULL && repair->kept_as != NULL)
    printf ("The old one is kept as %s.\n", repair->kept_as);
  printf ("%" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT " of them here as %" G_GUINT64_FORMAT " bytes, each compared with its"
          " hash.\n", report->messages, report->contents, report->bytes);
  for (guint i = 0; i < report->problems->len; i++)
    printf ("%s\n", (char *) report->problems->pdata[i]);
  if (report->n_problems == 0)
    printf ("No damage found.\n");
}

/* Nobody else has the store open meanwhile. */
static IngestRepairReport *
repair_store (Ctl     *ctl,
              GError **error)
{
  g_autoptr(StoreWorkerLock) lock = ctl_owner_take_lock (ctl, error);

  if (lock == NULL)
    {
      g_prefix_error (error, "Quit Penfold first: ");
      return NULL;
    }
  return ingest_repair_run (ctl->data_dir, NULL, NULL, NULL, error);
}

CtlStatus
ctl_check (Ctl               *ctl,
           const CtlCommand  *command,
           char             **arguments)
{
  gboolean wants_repair = FALSE;
  const GOptionEntry entries[] = { { "repair", 0, 0, G_OPTION_ARG_NONE, &wants_repair, NULL, NULL },
                                   { NULL } };
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(IngestRepairReport) repair = NULL;
  g_autoptr(StoreCheckReport) report = NULL;
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 0, 0))
    return CTL_USAGE;
  if (wants_repair && (repair = repair_store (ctl, &error)) == NULL)
    return ctl_fail ("Cannot repair the store", error);
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((report = store_check_run (store, NULL, NULL, NULL, &error)) == NULL)
    return ctl_fail ("Cannot check the store", error);
  if (ctl->is_json)
    print_json (report, repair);
  else
    print_text (report, repair);
  return report->n_problems == 0 ? CTL_DONE : CTL_FAILED;
}
