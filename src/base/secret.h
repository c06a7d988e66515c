/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/secret.h - a password or token in memory: not printable by accident, wiped when the last holder lets
 * go.
 *
 * Only base_secret_peek() gives the text out; nothing else in the program prints it.
 * Threads: any, it never changes.
 */
#pragma once

#include <glib.h>

typedef struct _BaseSecret BaseSecret;

BaseSecret *base_secret_new   (const char *text) G_GNUC_WARN_UNUSED_RESULT;
/* Takes text, which was allocated by GLib, and wipes it. */
BaseSecret *base_secret_take  (char *text) G_GNUC_WARN_UNUSED_RESULT;
BaseSecret *base_secret_ref   (BaseSecret *secret);
void        base_secret_unref (BaseSecret *secret);
const char *base_secret_peek  (const BaseSecret *secret);

/* Overwrites size bytes in a way the compiler may not leave out. */
void        base_secret_wipe  (void  *memory,
                               gsize  size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BaseSecret, base_secret_unref)
