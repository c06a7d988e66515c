/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/sync.c - one complete round of every account, or of one. */
#include "ctl/owner.h"

#include "base/json.h"
#include "bus/jobs.h"
#include "worker/report.h"

#include <stdio.h>

/* --- doing --- */

static gboolean
run_here (CtlOwner   *owner,
          gint64      wanted,
          GPtrArray  *rounds,
          GError    **error)
{
  const WorkerTools tools = { .store = owner->store, .ingest = owner->ingest, .secrets = owner->secrets,
                              .when = SYNC_WHEN_ASKED };
  g_autoptr(GPtrArray) accounts = store_accounts_list (owner->store, STORE_ACCOUNTS_LIVE, error);

  if (accounts == NULL)
    return FALSE;
  for (guint i = 0; i < accounts->len; i++)
    {
      const StoreAccount *account = accounts->pdata[i];

      if (account->is_enabled && (wanted == 0 || wanted == account->id))
        g_ptr_array_add (rounds, worker_round_run (&tools, account));
    }
  if (wanted == 0 || rounds->len > 0)
    return TRUE;
  g_set_error_literal (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "There is no such account");
  return FALSE;
}

static void
take_rounds (const BusJob *job,
             GPtrArray    *rounds)
{
  g_autoptr(GVariant) list = g_variant_lookup_value (job->details, BUS_KEY_ROUNDS, G_VARIANT_TYPE ("aa{sv}"));

  for (gsize i = 0; list != NULL && i < g_variant_n_children (list); i++)
    {
      g_autoptr(GVariant) report = g_variant_get_child_value (list, i);

      g_ptr_array_add (rounds, worker_report_from_variant (report));
    }
}

static gboolean
run_there (CtlOwner   *owner,
           gint64      wanted,
           GPtrArray  *rounds,
           GError    **error)
{
  g_autoptr(BusJob) job = NULL;
  GVariantDict arguments;

  g_variant_dict_init (&arguments, NULL);
  if (wanted != 0)
    g_variant_dict_insert (&arguments, BUS_KEY_ACCOUNT, "x", wanted);
  job = bus_client_run_job (owner->worker, BUS_JOB_SYNC, g_variant_dict_end (&arguments), NULL, NULL, NULL,
                            error);
  if (job == NULL)
    return FALSE;
  take_rounds (job, rounds);
  if (job->state != BUS_JOB_CANCELLED)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The round was cancelled");
  return FALSE;
}

/* --- printing --- */

static void
print_json (GPtrArray *rounds)
{
  BaseJson *json = base_json_new ();
  g_autofree char *text = NULL;

  base_json_begin_array (json);
  for (guint i = 0; i < rounds->len; i++)
    {
      const WorkerRound *round = rounds->pdata[i];

      base_json_begin_object (json);
      base_json_key_int (json, "account", round->account);
      base_json_key_int (json, "folders", (gint64) round->summary.folders);
      base_json_key_int (json, "messages_new", (gint64) round->summary.messages_new);
      base_json_key_int (json, "messages_gone", (gint64) round->summary.messages_gone);
      base_json_key_int (json, "flags_changed", (gint64) round->summary.flags_changed);
      base_json_key_int (json, "bytes_in", (gint64) round->traffic.bytes_in);
      base_json_key_int (json, "bytes_out", (gint64) round->traffic.bytes_out);
      base_json_key_int (json, "round_trips", (gint64) round->traffic.round_trips);
      base_json_key_int (json, "connections", round->connections);
      base_json_key (json, "seconds");
      base_json_double (json, round->seconds);
      base_json_key (json, "failed");
      base_json_begin_array (json);
      for (guint n = 0; n < round->summary.failed->len; n++)
        base_json_text (json, round->summary.failed->pdata[n]);
      if (round->sending_error != NULL)
        base_json_text (json, round->sending_error->message);
      if (round->error != NULL)
        base_json_text (json, round->error->message);
      base_json_end_array (json);
      base_json_end_object (json);
    }
  base_json_end_array (json);
  text = base_json_free_to_text (json);
  printf ("%s\n", text);
}

static void
print_text (GPtrArray *rounds)
{
  for (guint i = 0; i < rounds->len; i++)
    {
      const WorkerRound *round = rounds->pdata[i];

      printf ("Account %" G_GINT64_FORMAT ": %" G_GUINT64_FORMAT " folders, %" G_GUINT64_FORMAT " new, %" G_GUINT64_FORMAT
              " gone, %" G_GUINT64_FORMAT " flags changed, %.1f s\n", round->account, round->summary.folders,
              round->summary.messages_new, round->summary.messages_gone, round->summary.flags_changed,
              round->seconds);
    }
}

static CtlStatus
judge (GPtrArray *rounds)
{
  CtlStatus status = CTL_DONE;

  for (guint i = 0; i < rounds->len; i++)
    {
      const WorkerRound *round = rounds->pdata[i];
      g_autofree char *what = g_strdup_printf ("Account %" G_GINT64_FORMAT, round->account);

      for (guint n = 0; n < round->summary.failed->len; n++)
        g_printerr ("penfoldctl: %s: %s\n", what, (char *) round->summary.failed->pdata[n]);
      if (round->sending_error != NULL)
        status = ctl_fail (what, g_error_copy (round->sending_error));
      if (round->error != NULL)
        status = ctl_fail (what, g_error_copy (round->error));
      else if (status == CTL_DONE && round->summary.failed->len > 0)
        status = CTL_PARTLY;
    }
  return status;
}

CtlStatus
ctl_sync (Ctl               *ctl,
          const CtlCommand  *command,
          char             **arguments)
{
  gint64 wanted = 0;
  const GOptionEntry entries[] = { { "account", 0, 0, G_OPTION_ARG_INT64, &wanted, NULL, NULL }, { NULL } };
  g_auto(GStrv) operands = NULL;
  g_auto(CtlOwner) owner = { NULL };
  g_autoptr(GPtrArray) rounds = g_ptr_array_new_with_free_func ((GDestroyNotify) worker_round_free);
  gboolean is_done;
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 0, 0))
    return CTL_USAGE;
  if (!ctl_owner_begin_or_call (&owner, ctl, &error))
    return ctl_fail ("Cannot work on the store", error);
  is_done = owner.worker != NULL
            ? run_there (&owner, wanted, rounds, &error) : run_here (&owner, wanted, rounds, &error);
  if (!is_done)
    return ctl_fail ("Cannot sync", error);
  if (ctl->is_json)
    print_json (rounds);
  else
    print_text (rounds);
  return judge (rounds);
}
