/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard-flow.h"

static const struct {
  const char   *name;
  UiWizardPage  on, manual, back;
} pages[UI_WIZARD_N_PAGES] = {
  [UI_WIZARD_ADDRESS] = { "address", UI_WIZARD_SEARCHING, UI_WIZARD_MANUAL, UI_WIZARD_ADDRESS },
  [UI_WIZARD_SEARCHING] = { "searching", UI_WIZARD_SIGN_IN, UI_WIZARD_MANUAL, UI_WIZARD_ADDRESS },
  [UI_WIZARD_MANUAL] = { "manual", UI_WIZARD_SIGN_IN, UI_WIZARD_MANUAL, UI_WIZARD_ADDRESS },
  [UI_WIZARD_SIGN_IN] = { "sign-in", UI_WIZARD_WHERE, UI_WIZARD_MANUAL, UI_WIZARD_ADDRESS },
  [UI_WIZARD_WHERE] = { "where", UI_WIZARD_FINISH, UI_WIZARD_WHERE, UI_WIZARD_SIGN_IN },
  [UI_WIZARD_RETENTION] = { "retention", UI_WIZARD_FINISH, UI_WIZARD_RETENTION, UI_WIZARD_WHERE },
  /* What is done is done: the account is there. */
  [UI_WIZARD_FINISH] = { "finish", UI_WIZARD_FINISH, UI_WIZARD_FINISH, UI_WIZARD_FINISH },
};

UiWizardPage
ui_wizard_flow_move (UiWizardPage         page,
                     UiWizardMove         move,
                     const UiWizardFacts *facts)
{
  switch (move)
    {
    case UI_WIZARD_GO_ON:
      return page == UI_WIZARD_WHERE && facts->collects ? UI_WIZARD_RETENTION : pages[page].on;
    case UI_WIZARD_GO_MANUAL:
      return pages[page].manual;
    case UI_WIZARD_GO_BACK:
      return page == UI_WIZARD_SIGN_IN && facts->is_manual ? UI_WIZARD_MANUAL : pages[page].back;
    }
  g_assert_not_reached ();
}

gboolean
ui_wizard_flow_can_back (UiWizardPage page)
{
  return pages[page].back != page;
}

const char *
ui_wizard_page_get_name (UiWizardPage page)
{
  return pages[page].name;
}
