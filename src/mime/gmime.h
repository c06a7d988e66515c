/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/gmime.h - GMime, ready for use; for files of this folder only.
 *
 * GMime reads dates, content types and their parameters, decodes and encodes.  Cutting a message into fields
 * and parts is our own work: GMime gives up on some messages, keeps a GObject for each part, and has no
 * limits.
 *
 * Threads: any.  Costs 0.5 ms once.
 */
#pragma once

#include <gmime/gmime.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GMimeContentType, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GMimeContentDisposition, g_object_unref)

/* Call before any g_mime_ function. */
void mime_gmime_ensure (void);
