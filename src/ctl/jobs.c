/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/jobs.c - what the worker is doing, and telling it to stop. */
#include "ctl/owner.h"

#include "bus/jobs.h"
#include "ctl/table.h"

static BusClient *
call_running (Ctl     *ctl,
              GError **error)
{
  const BusHello hello = { BUS_PROTOCOL, PENFOLD_VERSION, STORE_SCHEMA };

  return bus_client_open (ctl->data_dir, BUS_OPEN_RUNNING, &hello, NULL, error);
}

static int
compare_ids (gconstpointer one,
             gconstpointer other)
{
  const BusJob *a = *(BusJob * const *) one;
  const BusJob *b = *(BusJob * const *) other;

  return a->id < b->id ? -1 : a->id > b->id;
}

CtlStatus
ctl_jobs (Ctl               *ctl,
          const CtlCommand  *command,
          char             **arguments)
{
  static const CtlColumn columns[] = {
    { "id", CTL_COLUMN_INT }, { "kind", CTL_COLUMN_TEXT }, { "state", CTL_COLUMN_TEXT },
    { "done", CTL_COLUMN_INT }, { "total", CTL_COLUMN_INT }, { "text", CTL_COLUMN_TEXT }, { NULL }
  };
  g_auto(GStrv) operands = NULL;
  g_autoptr(BusClient) worker = NULL;
  g_autoptr(GPtrArray) jobs = NULL;
  g_autoptr(CtlTable) table = ctl_table_new (columns);
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, NULL, &operands, 0, 0))
    return CTL_USAGE;
  if ((worker = call_running (ctl, &error)) == NULL || (jobs = bus_client_list_jobs (worker, &error)) == NULL)
    return ctl_fail ("Cannot ask the worker", error);
  g_ptr_array_sort (jobs, compare_ids);
  for (guint i = 0; i < jobs->len; i++)
    {
      const BusJob *job = jobs->pdata[i];
      const char *text = "";

      g_variant_lookup (job->details, BUS_KEY_TEXT, "&s", &text);
      ctl_table_add (table, (gint64) job->id, job->kind, bus_job_state_name (job->state), (gint64) job->done,
                     (gint64) job->total, text);
    }
  ctl_table_print (table, ctl->is_json);
  return CTL_DONE;
}

CtlStatus
ctl_jobs_cancel (Ctl               *ctl,
                 const CtlCommand  *command,
                 char             **arguments)
{
  g_auto(GStrv) operands = NULL;
  g_autoptr(BusClient) worker = NULL;
  GError *error = NULL;
  gint64 id;

  operands = arguments;
  if (!ctl_parse (ctl, command, NULL, &operands, 1, 1))
    return CTL_USAGE;
  if ((id = ctl_parse_id (operands[1])) == 0)
    return ctl_usage (command, "ID is a number");
  if ((worker = call_running (ctl, &error)) == NULL || !bus_client_cancel_job (worker, (guint64) id, &error))
    return ctl_fail ("Cannot ask the worker", error);
  return CTL_DONE;
}
