/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/problem.h"

#include <string.h>

static void
test_every_problem_has_words (void)
{
  static const char * const names[] = {
    "network", "password", "keyring", "certificate", "encryption", "server", "settings", "disk", "store",
    "worker", "upgrade", "never heard of", NULL,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const ModelProblem *problem = model_problem_get (names[i]);

      g_assert_cmpstr (problem->title, !=, "");
      g_assert_cmpstr (problem->short_words, !=, "");
      g_assert_cmpstr (problem->meaning, !=, "");
      g_assert_cmpstr (problem->remedy, !=, "");
    }
  g_assert_cmpstr (model_problem_get ("never heard of")->title, ==, model_problem_get ("server")->title);
  g_assert_true (model_problem_get ("password")->wants_password);
}

static void
test_report_names_nobody (void)
{
  static const char * const texts[] = {
    "Cannot sign in to mail.example.org as ann.lind@example.org",
    "NO [AUTHENTICATIONFAILED] <ann.lind@example.org> unknown",
    "user=ann.lind@example.org, ann.lind@mail.example.org",
    "bad \xff bytes ann.lind@example.org",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *report = model_problem_dup_report ("0.1.0", "password", texts[i], texts[i],
                                                          1700000000);

      g_assert_null (strstr (report, "ann.lind"));
      g_assert_nonnull (strstr (report, "example.org"));
      g_assert_nonnull (strstr (report, "Problem: password\n"));
      g_assert_nonnull (strstr (report, "Last worked: 2023-11-14"));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/problem/every-problem-has-words", test_every_problem_has_words);
  g_test_add_func ("/model/problem/report-names-nobody", test_report_names_nobody);
  return g_test_run ();
}
