/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/wizard.h - setting up an account, page by page: who, which servers, the password, where mail is kept.
 *
 * It opens no connection: looking for servers and signing in are jobs of the worker.  No password is asked
 * for before the names of the servers stand on the page.
 */
#pragma once

#include "model/bus.h"
#include "model/store.h"

#include <adwaita.h>

#define UI_TYPE_WIZARD (ui_wizard_get_type ())
G_DECLARE_FINAL_TYPE (UiWizard, ui_wizard, UI, WIZARD, AdwWindow)

/* parent may be NULL. */
GtkWidget *ui_wizard_new (GtkWindow  *parent,
                          ModelStore *store,
                          ModelBus   *bus);
