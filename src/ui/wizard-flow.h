/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/wizard-flow.h - which page of the account wizard comes after which, as a table.
 *
 * It knows nothing of widgets, servers or the store.
 */
#pragma once

#include <glib.h>

typedef enum {
  UI_WIZARD_ADDRESS,
  UI_WIZARD_SEARCHING,
  UI_WIZARD_MANUAL,
  UI_WIZARD_SIGN_IN,
  UI_WIZARD_WHERE,
  UI_WIZARD_RETENTION,
  UI_WIZARD_FINISH,
} UiWizardPage;
#define UI_WIZARD_N_PAGES (UI_WIZARD_FINISH + 1)

typedef enum {
  UI_WIZARD_GO_ON,            /* the suggested button, or a search that found servers */
  UI_WIZARD_GO_MANUAL,        /* the settings are typed in */
  UI_WIZARD_GO_BACK,
} UiWizardMove;

typedef struct {
  gboolean is_manual;         /* the servers were typed in */
  gboolean collects;          /* POP was chosen */
} UiWizardFacts;

/* The same page where the move leads nowhere. */
UiWizardPage ui_wizard_flow_move     (UiWizardPage         page,
                                      UiWizardMove         move,
                                      const UiWizardFacts *facts);
gboolean     ui_wizard_flow_can_back (UiWizardPage         page);
/* Of the child in the stack. */
const char  *ui_wizard_page_get_name (UiWizardPage         page);
