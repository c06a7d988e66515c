/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/identity-choice.h - who writes: the identities of all accounts that can send, one chosen.
 *
 * Signals: "changed" when a person chose.
 */
#pragma once

#include "model/drafts.h"

#include <gtk/gtk.h>

#define UI_TYPE_IDENTITY_CHOICE (ui_identity_choice_get_type ())
G_DECLARE_FINAL_TYPE (UiIdentityChoice, ui_identity_choice, UI, IDENTITY_CHOICE, GtkWidget)

/* identities: of StoreIdentity. */
void   ui_identity_choice_fill       (UiIdentityChoice *self,
                                      GPtrArray        *identities,
                                      gint64            chosen_id);
/* 0: none. */
gint64 ui_identity_choice_get_chosen (UiIdentityChoice *self);
