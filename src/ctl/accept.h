/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/accept.h - sees to it that changes just recorded are shown by all who read the store. */
#pragma once

#include "ctl/ctl.h"

/* By the worker, if one owns the store, else in this process.  ids: of gint64.  BUS_ERROR_NO_ANSWER: the
 * worker is silent; the changes stay recorded. */
gboolean ctl_accept (Ctl     *ctl,
                     Store   *store,       /* a reader */
                     GArray  *ids,
                     GError **error);
