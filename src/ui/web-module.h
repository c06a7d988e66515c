/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/web-module.h - loads the web view module when the first HTML mail is shown.
 *
 * It lies in the build tree for programs that were started from there, else in Penfold's own library
 * directory.  Mapping WebKit takes 60 to 120 ms, so it is done on another thread.
 *
 * Threads: main.
 */
#pragma once

#include "ui/web/web.h"

void               ui_web_module_load_async  (GAsyncReadyCallback   callback,
                                              gpointer              user_data);
const UiWebModule *ui_web_module_load_finish (GAsyncResult         *result,
                                              GError              **error);
