/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/account-page.h - one account: how it is, where its mail is, how mail is kept, who writes, servers,
 * password.
 *
 * What is changed counts at once.  It opens no connection: a new password is tried by a job of the worker.
 */
#pragma once

#include "model/bus.h"
#include "model/store.h"

#include <adwaita.h>

#define UI_TYPE_ACCOUNT_PAGE (ui_account_page_get_type ())
G_DECLARE_FINAL_TYPE (UiAccountPage, ui_account_page, UI, ACCOUNT_PAGE, AdwWindow)

/* parent may be NULL.  Closes by itself when the account is removed. */
GtkWidget *ui_account_page_new    (GtkWindow  *parent,
                                   ModelStore *store,
                                   ModelBus   *bus,
                                   gint64      account_id);
gint64     ui_account_page_get_id (UiAccountPage *self);
