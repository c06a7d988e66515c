/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/net/fake-resolver.h - a GResolver that knows what a test tells it, and nothing else. */
#pragma once

#include <gio/gio.h>

/* Becomes the default resolver of the process. */
void fake_resolver_install     (void);
/* address: an IP literal; further calls add further addresses of the name. */
void fake_resolver_add_address (const char *name,
                                const char *address);
/* record: as g_resolver_lookup_records() gives it, floating. */
void fake_resolver_add_record  (const char *name,
                                GVariant   *record);
/* Look-ups of name are never answered, only cancelled. */
void fake_resolver_add_silence (const char *name);
