/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/report.h"

static void
test_arrives_as_it_was_sent (void)
{
  g_autoptr(WorkerRound) sent = g_new0 (WorkerRound, 1);
  g_autoptr(GVariant) report = NULL;
  g_autoptr(WorkerRound) arrived = NULL;

  sync_summary_init (&sent->summary);
  sent->account = 7;
  sent->summary.folders = 1;
  sent->summary.messages_new = 2;
  sent->summary.messages_gone = 3;
  sent->summary.flags_changed = 4;
  sent->traffic = (NetTraffic) { G_MAXUINT64, 6, 7 };
  sent->connections = 8;
  sent->seconds = 1.5;
  g_ptr_array_add (sent->summary.failed, g_strdup ("Folder Ünï: refused"));
  sent->error = g_error_new_literal (NET_ERROR, NET_ERROR_REFUSED, "Nothing listens");
  sent->sending_error = g_error_new_literal (NET_ERROR, NET_ERROR_TIMEOUT, "No answer");

  report = g_variant_ref_sink (worker_report_to_variant (sent));
  arrived = worker_report_from_variant (report);
  g_assert_cmpint (arrived->account, ==, 7);
  g_assert_cmpuint (arrived->summary.folders, ==, 1);
  g_assert_cmpuint (arrived->summary.messages_new, ==, 2);
  g_assert_cmpuint (arrived->summary.messages_gone, ==, 3);
  g_assert_cmpuint (arrived->summary.flags_changed, ==, 4);
  g_assert_cmpuint (arrived->traffic.bytes_in, ==, G_MAXUINT64);
  g_assert_cmpuint (arrived->traffic.bytes_out, ==, 6);
  g_assert_cmpuint (arrived->traffic.round_trips, ==, 7);
  g_assert_cmpuint (arrived->connections, ==, 8);
  g_assert_cmpfloat (arrived->seconds, ==, 1.5);
  g_assert_cmpuint (arrived->summary.failed->len, ==, 1);
  g_assert_cmpstr (arrived->summary.failed->pdata[0], ==, "Folder Ünï: refused");
  g_assert_cmpstr (arrived->error->message, ==, "Nothing listens");
  g_assert_cmpstr (arrived->sending_error->message, ==, "No answer");
}

/* Of an older worker. */
static void
test_what_is_missing_counts_as_nothing (void)
{
  g_autoptr(GVariant) report = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} { 'folders': <'many'> }"));
  g_autoptr(WorkerRound) arrived = worker_report_from_variant (report);

  g_assert_cmpint (arrived->account, ==, 0);
  g_assert_cmpuint (arrived->summary.folders, ==, 0);
  g_assert_cmpuint (arrived->summary.failed->len, ==, 0);
  g_assert_no_error (arrived->error);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/report/arrives-as-it-was-sent", test_arrives_as_it_was_sent);
  g_test_add_func ("/worker/report/what-is-missing-counts-as-nothing",
                   test_what_is_missing_counts_as_nothing);
  return g_test_run ();
}
