/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/outbox.h - messages on their way out, among the changes that wait for a server.
 *
 * The numbers of both come from tables of their own.  So that one number means one thing, outgoing messages
 * are shown as CTL_OUTBOX_FIRST and more.
 */
#pragma once

#include "store/outbox.h"

#define CTL_OUTBOX_FIRST G_GINT64_CONSTANT (1000000000)

gint64      ctl_outbox_get_number (const StoreOutbox  *entry);
gboolean    ctl_outbox_is_number  (gint64              number);
/* Again, or at once.  One of which nobody knows whether it was sent is sent again: the person who says so
 * decides. */
gboolean    ctl_outbox_retry      (Store              *store,
                                   gint64              number,
                                   GError            **error);
gboolean    ctl_outbox_cancel     (Store              *store,
                                   gint64              number,
                                   GError            **error);
