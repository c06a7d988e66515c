/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/web/walls.h - everything that keeps a document from reaching the network, and what a link may do.
 *
 * Three walls, each enough for nearly everything by itself (measured with a page of every known trick): the
 * content filter stops what the engine would load, and alone also <link rel=preconnect>; the policy of the
 * document stops what the filter's rules might miss; the navigation policy stops refreshes, frames and forms.
 *
 * Threads: main.
 */
#pragma once

#include <webkit/webkit.h>

/* The policy every document of a view gets. */
#define UI_WEB_CONTENT_POLICY "default-src 'none'; img-src cid: data:; style-src 'unsafe-inline'; " \
                              "form-action 'none'; frame-src 'none'; base-uri 'none'"

WebKitSettings       *ui_web_walls_new_settings (void) G_GNUC_WARN_UNUSED_RESULT;
/* Nothing of it is kept on disk, and it has a proxy that answers nobody. */
WebKitNetworkSession *ui_web_walls_new_session  (void) G_GNUC_WARN_UNUSED_RESULT;

/* Compiles the filter that blocks everything but what lies in the document and its message.  No document may
 * be loaded into a view before it has the filter. */
void                     ui_web_walls_compile_async  (GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
WebKitUserContentFilter *ui_web_walls_compile_finish (GObject              *object,
                                                      GAsyncResult         *result,
                                                      GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* Answers every permission, dialog and download with no. */
void                  ui_web_walls_refuse_all   (WebKitWebView *view);
/* The target of a decision that is a link a person followed, else NULL. */
const char           *ui_web_walls_peek_link    (WebKitPolicyDecision     *decision,
                                                 WebKitPolicyDecisionType  type);
/* Whether it is the document that the view itself put there. */
gboolean              ui_web_walls_is_own       (WebKitPolicyDecision     *decision,
                                                 WebKitPolicyDecisionType  type);
/* http, https or mailto. */
gboolean              ui_web_walls_may_open     (const char *target);
