/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard-flow.h"

static void
test_table_of_moves (void)
{
  static const struct { UiWizardPage page; UiWizardMove move; UiWizardFacts facts; UiWizardPage next; } cases[] = {
    { UI_WIZARD_ADDRESS, UI_WIZARD_GO_ON, { FALSE, FALSE }, UI_WIZARD_SEARCHING },
    { UI_WIZARD_ADDRESS, UI_WIZARD_GO_MANUAL, { FALSE, FALSE }, UI_WIZARD_MANUAL },
    { UI_WIZARD_ADDRESS, UI_WIZARD_GO_BACK, { FALSE, FALSE }, UI_WIZARD_ADDRESS },
    { UI_WIZARD_SEARCHING, UI_WIZARD_GO_ON, { FALSE, FALSE }, UI_WIZARD_SIGN_IN },
    { UI_WIZARD_SEARCHING, UI_WIZARD_GO_MANUAL, { FALSE, FALSE }, UI_WIZARD_MANUAL },
    { UI_WIZARD_SEARCHING, UI_WIZARD_GO_BACK, { FALSE, FALSE }, UI_WIZARD_ADDRESS },
    { UI_WIZARD_MANUAL, UI_WIZARD_GO_ON, { TRUE, FALSE }, UI_WIZARD_SIGN_IN },
    { UI_WIZARD_MANUAL, UI_WIZARD_GO_BACK, { TRUE, FALSE }, UI_WIZARD_ADDRESS },
    { UI_WIZARD_SIGN_IN, UI_WIZARD_GO_ON, { FALSE, FALSE }, UI_WIZARD_WHERE },
    { UI_WIZARD_SIGN_IN, UI_WIZARD_GO_MANUAL, { FALSE, FALSE }, UI_WIZARD_MANUAL },
    { UI_WIZARD_SIGN_IN, UI_WIZARD_GO_BACK, { FALSE, FALSE }, UI_WIZARD_ADDRESS },
    { UI_WIZARD_SIGN_IN, UI_WIZARD_GO_BACK, { TRUE, FALSE }, UI_WIZARD_MANUAL },
    { UI_WIZARD_WHERE, UI_WIZARD_GO_ON, { FALSE, FALSE }, UI_WIZARD_FINISH },
    { UI_WIZARD_WHERE, UI_WIZARD_GO_ON, { FALSE, TRUE }, UI_WIZARD_RETENTION },
    { UI_WIZARD_WHERE, UI_WIZARD_GO_BACK, { FALSE, TRUE }, UI_WIZARD_SIGN_IN },
    { UI_WIZARD_RETENTION, UI_WIZARD_GO_ON, { FALSE, TRUE }, UI_WIZARD_FINISH },
    { UI_WIZARD_RETENTION, UI_WIZARD_GO_BACK, { FALSE, TRUE }, UI_WIZARD_WHERE },
    { UI_WIZARD_FINISH, UI_WIZARD_GO_BACK, { FALSE, TRUE }, UI_WIZARD_FINISH },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (ui_wizard_flow_move (cases[i].page, cases[i].move, &cases[i].facts), ==,
                       cases[i].next);
    }
}

/* The names of the servers stand on the sign-in page: there is no way to where a password was used but
 * through it. */
static void
test_password_only_after_host_names (void)
{
  for (int page = 0; page < UI_WIZARD_N_PAGES; page++)
    for (int move = UI_WIZARD_GO_ON; move <= UI_WIZARD_GO_MANUAL; move++)
      for (int facts = 0; facts < 4; facts++)
        {
          UiWizardFacts known = { facts & 1, (facts & 2) != 0 };
          UiWizardPage next = ui_wizard_flow_move ((UiWizardPage) page, (UiWizardMove) move, &known);

          g_assert_true (page >= UI_WIZARD_SIGN_IN || next <= UI_WIZARD_SIGN_IN);
        }
}

static void
test_back_is_offered_where_it_leads (void)
{
  g_assert_false (ui_wizard_flow_can_back (UI_WIZARD_ADDRESS));
  g_assert_true (ui_wizard_flow_can_back (UI_WIZARD_WHERE));
  g_assert_false (ui_wizard_flow_can_back (UI_WIZARD_FINISH));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/wizard-flow/table-of-moves", test_table_of_moves);
  g_test_add_func ("/ui/wizard-flow/password-only-after-host-names", test_password_only_after_host_names);
  g_test_add_func ("/ui/wizard-flow/back-is-offered-where-it-leads", test_back_is_offered_where_it_leads);
  return g_test_run ();
}
