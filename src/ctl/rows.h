/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/rows.h - messages as rows of a table, as list and search print them, and the names of their flags. */
#pragma once

#include "ctl/ctl.h"
#include "store/listing.h"

/* limit 0: all of them. */
CtlStatus  ctl_rows_print          (Ctl             *ctl,
                                    Store           *store,
                                    const StoreView *view,
                                    gsize            limit);
/* NULL-terminated. */
char     **ctl_rows_dup_flag_names (guint            flags) G_GNUC_WARN_UNUSED_RESULT;
/* One of StoreFlags, by its name here or as IMAP spells it; 0: it is none, but may be a keyword. */
guint      ctl_rows_parse_flag     (const char      *name);
