/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/outbox-private.h - what both ways of queueing share.  For this folder only. */
#pragma once

#include "store/accounts.h"
#include "store/outbox.h"

StoreSentCopy store_outbox_copy_of_account (const StoreAccount *account);
/* The envelope out of MimeAddresses: everybody once, in the order of the fields.  MIME_ERROR_REFUSED when
 * there is nobody, or somebody who cannot be reached. */
char        **store_outbox_make_recipients (GPtrArray           *addresses,
                                            GError             **error) G_GNUC_WARN_UNUSED_RESULT;
