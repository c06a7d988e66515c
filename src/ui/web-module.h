/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/web-module.h - loads the web view module when the first HTML mail is shown.
 *
 * It lies in the build tree for programs that were started from there, else in Penfold's own library directory.
 *
 * Threads: main.
 */
#pragma once

#include "ui/web/web.h"

/* NULL: it cannot be loaded, now or later. */
const UiWebModule *ui_web_module_get (GError **error);
