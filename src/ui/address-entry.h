/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/address-entry.h - a field for recipients: a chip for each, and text for the one being typed.
 *
 * A comma, semicolon, Enter, Tab or leaving the field makes chips of what was typed or pasted; Backspace at
 * the start turns the last chip back into text.  Chips take the focus: Delete removes, Enter edits.  People
 * written to before are offered while typing.  A chip that is no address is marked and keeps its text:
 * nothing typed is thrown away.
 *
 * Its value is text as mime_addresses_parse() reads it.  Signals: "changed".
 *
 * Threads: main.
 */
#pragma once

#include "mime/address.h"
#include "model/drafts.h"

#include <gtk/gtk.h>

#define UI_TYPE_ADDRESS_ENTRY (ui_address_entry_get_type ())
G_DECLARE_FINAL_TYPE (UiAddressEntry, ui_address_entry, UI, ADDRESS_ENTRY, GtkWidget)

/* Without one nothing is completed. */
void       ui_address_entry_set_store (UiAddressEntry *self,
                                       ModelStore     *store);
void       ui_address_entry_set_text  (UiAddressEntry *self,
                                       const char     *text);
/* Chips and what is being typed. */
char      *ui_address_entry_dup_text  (UiAddressEntry *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean   ui_address_entry_is_empty  (UiAddressEntry *self);
/* Makes chips of what was typed. */
void       ui_address_entry_commit    (UiAddressEntry *self);
/* What a screen reader calls the field. */
void       ui_address_entry_set_label (UiAddressEntry *self,
                                       const char     *label);

/* Pure: what was typed, a name with a comma before its address taken as one: Weber, Mia <mia@example.org>. */
GPtrArray *ui_address_entry_split     (const char     *typed) G_GNUC_WARN_UNUSED_RESULT;
