/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/import.c - takes mail out of files into a folder. */
#include "ctl/owner.h"

#include "base/json.h"
#include "bus/jobs.h"
#include "worker/import.h"

#include <stdio.h>

static CtlStatus
print_result (Ctl                *ctl,
              const WorkerImport *import)
{
  BaseJson *json = base_json_new ();
  g_autofree char *text = NULL;

  base_json_begin_object (json);
  base_json_key_int (json, "messages", (gint64) import->n_messages);
  base_json_key (json, "failed");
  base_json_begin_array (json);
  for (guint i = 0; i < import->failed->len; i++)
    base_json_text (json, import->failed->pdata[i]);
  base_json_end_array (json);
  base_json_end_object (json);
  text = base_json_free_to_text (json);
  if (ctl->is_json)
    printf ("%s\n", text);
  else
    printf ("%" G_GUINT64_FORMAT " messages\n", import->n_messages);
  for (guint i = 0; i < import->failed->len; i++)
    g_printerr ("penfoldctl: %s\n", (char *) import->failed->pdata[i]);
  return import->failed->len > 0 ? CTL_PARTLY : CTL_DONE;
}

static void
take_result (const BusJob *job,
             WorkerImport *import)
{
  g_autoptr(GVariant) failed = g_variant_lookup_value (job->details, BUS_KEY_FAILED, G_VARIANT_TYPE ("as"));

  g_variant_lookup (job->details, BUS_KEY_IMPORTED, "t", &import->n_messages);
  for (gsize i = 0; failed != NULL && i < g_variant_n_children (failed); i++)
    {
      char *sentence;

      g_variant_get_child (failed, i, "s", &sentence);
      g_ptr_array_add (import->failed, sentence);
    }
}

static gboolean
run_there (CtlOwner      *owner,
           WorkerImport  *import,
           const char    *path,
           GError       **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autoptr(BusJob) job = NULL;
  GVariantDict arguments;
  const char *text = "It was cancelled";

  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, BUS_KEY_PATH, "^ay", absolute);
  g_variant_dict_insert (&arguments, BUS_KEY_FOLDER, "x", import->folder_id);
  job = bus_client_run_job (owner->worker, BUS_JOB_IMPORT, g_variant_dict_end (&arguments), NULL, NULL, NULL,
                            error);
  if (job == NULL)
    return FALSE;
  take_result (job, import);
  /* What goes to a server was recorded as a change. */
  bus_client_nudge (owner->worker, NULL);
  if (job->state == BUS_JOB_DONE)
    return TRUE;
  g_variant_lookup (job->details, BUS_KEY_TEXT, "&s", &text);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, text);
  return FALSE;
}

static gboolean
run_here (CtlOwner      *owner,
          WorkerImport  *import,
          const char    *path,
          GError       **error)
{
  import->store = owner->store;
  import->ingest = owner->ingest;
  return worker_import_run (import, path, error);
}

CtlStatus
ctl_import (Ctl               *ctl,
            const CtlCommand  *command,
            char             **arguments)
{
  g_autoptr(GPtrArray) failed = g_ptr_array_new_with_free_func (g_free);
  WorkerImport import = { .failed = failed };
  const GOptionEntry entries[] = { { "into", 0, 0, G_OPTION_ARG_INT64, &import.folder_id, NULL, NULL },
                                   { NULL } };
  g_auto(GStrv) operands = NULL;
  g_auto(CtlOwner) owner = { NULL };
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 1, 1))
    return CTL_USAGE;
  if (import.folder_id <= 0)
    return ctl_usage (command, "--into is a number that `folders` prints");
  if (!ctl_owner_begin_or_call (&owner, ctl, &error))
    return ctl_fail ("Cannot work on the store", error);
  if (!(owner.worker != NULL ? run_there : run_here) (&owner, &import, operands[1], &error))
    return ctl_fail ("Cannot import", error);
  return print_result (ctl, &import);
}
