/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/retention.h - how long mail that is here stays on the server: the choices, and what each of them means.
 *
 * The wizard and the account page show the same list with the same words.  It knows nothing of servers or the
 * store's handle.
 */
#pragma once

#include "account/account.h"
#include "ui/whereabouts.h"

#include <adwaita.h>

/* "After ... Days", with a number that the list does not have. */
#define UI_RETENTION_DAYS_MAX 3650

typedef struct {
  StoreLeave leave;
  gint       days;
} UiRetention;

/* In the order of the list; the last but one is "After ... Days". */
guint        ui_retention_get_n       (void);
guint        ui_retention_get_custom  (void);
/* days: for "After ... Days". */
UiRetention  ui_retention_get         (guint              index,
                                       gint               days);
guint        ui_retention_find        (const UiRetention *retention);
/* For an AdwComboRow. */
GListModel  *ui_retention_new_model   (void) G_GNUC_WARN_UNUSED_RESULT;

/* Fills box with what it means, advantages first; removes what was in it. */
void         ui_retention_show_reasons (const UiRetention *retention,
                                        GtkBox            *box);
/* Shows in the picture where mail will be after a month. */
void         ui_retention_show_picture (const UiRetention *retention,
                                        UiWhereabouts     *picture,
                                        const char        *domain);
