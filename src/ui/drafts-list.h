/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/drafts-list.h - the letters being written, above the mail of a Drafts folder; hidden while there are
 * none.
 *
 * It activates "win.open-draft" and "win.discard-draft" (x: draft id).
 *
 * Threads: main.
 */
#pragma once

#include "model/drafts.h"

#include <adwaita.h>

#define UI_TYPE_DRAFTS_LIST (ui_drafts_list_get_type ())
G_DECLARE_FINAL_TYPE (UiDraftsList, ui_drafts_list, UI, DRAFTS_LIST, AdwBin)

#define UI_DRAFTS_OF_NONE (-1)
#define UI_DRAFTS_OF_ALL  0

/* account_id, or one of the two above. */
void ui_drafts_list_show (UiDraftsList *self,
                          ModelStore   *store,
                          gint64        account_id);
