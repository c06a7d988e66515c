/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/address-chip.h - one recipient in a field: name, or what was typed where it is no address.
 *
 * Signals: "remove", "edit".
 */
#pragma once

#include "mime/address.h"

#include <gtk/gtk.h>

#define UI_TYPE_ADDRESS_CHIP (ui_address_chip_get_type ())
G_DECLARE_FINAL_TYPE (UiAddressChip, ui_address_chip, UI, ADDRESS_CHIP, GtkWidget)

/* Takes address. */
GtkWidget         *ui_address_chip_new          (MimeAddress   *address);
const MimeAddress *ui_address_chip_peek_address (UiAddressChip *self);
