/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/report.h"

#define KEY_ERROR         "error"            /* s: why the round ended early; failed is what it passed over */
#define KEY_SENDING_ERROR "sending_error"    /* s: of the outgoing server */

typedef struct {
  const char *key;
  guint64    *value;
} Count;

#define N_COUNTS 7

static void
list_counts (WorkerRound *round,
             Count       *counts)
{
  const Count all[N_COUNTS] = {
    { "folders", &round->summary.folders }, { "messages_new", &round->summary.messages_new },
    { "messages_gone", &round->summary.messages_gone }, { "flags_changed", &round->summary.flags_changed },
    { "bytes_in", &round->traffic.bytes_in }, { "bytes_out", &round->traffic.bytes_out },
    { "round_trips", &round->traffic.round_trips },
  };

  for (guint i = 0; i < N_COUNTS; i++)
    counts[i] = all[i];
}

GVariant *
worker_report_to_variant (const WorkerRound *round)
{
  GVariantDict dict;
  Count counts[N_COUNTS];

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "account", "x", round->account);
  list_counts ((WorkerRound *) round, counts);
  for (guint i = 0; i < N_COUNTS; i++)
    g_variant_dict_insert (&dict, counts[i].key, "t", *counts[i].value);
  g_variant_dict_insert (&dict, "connections", "u", round->connections);
  g_variant_dict_insert (&dict, "seconds", "d", round->seconds);
  g_variant_dict_insert_value (&dict, "failed",
                               g_variant_new_strv ((const char * const *) round->summary.failed->pdata,
                                                                   round->summary.failed->len));
  if (round->error != NULL)
    g_variant_dict_insert (&dict, KEY_ERROR, "s", round->error->message);
  if (round->sending_error != NULL)
    g_variant_dict_insert (&dict, KEY_SENDING_ERROR, "s", round->sending_error->message);
  return g_variant_dict_end (&dict);
}

static GError *
read_error (GVariant   *report,
            const char *key)
{
  const char *text;

  return g_variant_lookup (report, key, "&s", &text)
         ? g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, text) : NULL;
}

WorkerRound *
worker_report_from_variant (GVariant *report)
{
  WorkerRound *round = g_new0 (WorkerRound, 1);
  g_autofree const char **failed = NULL;
  Count counts[N_COUNTS];

  sync_summary_init (&round->summary);
  g_variant_lookup (report, "account", "x", &round->account);
  list_counts (round, counts);
  for (guint i = 0; i < N_COUNTS; i++)
    g_variant_lookup (report, counts[i].key, "t", counts[i].value);
  g_variant_lookup (report, "connections", "u", &round->connections);
  g_variant_lookup (report, "seconds", "d", &round->seconds);
  g_variant_lookup (report, "failed", "^a&s", &failed);
  for (guint i = 0; failed != NULL && failed[i] != NULL; i++)
    g_ptr_array_add (round->summary.failed, g_strdup (failed[i]));
  round->error = read_error (report, KEY_ERROR);
  round->sending_error = read_error (report, KEY_SENDING_ERROR);
  return round;
}
