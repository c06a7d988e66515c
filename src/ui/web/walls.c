/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/web/walls.h"

#include <string.h>

#define BLANK "about:blank"

/* "|" in an expression is refused by the compiler of WebKit 2.50, hence a rule for each scheme. */
static const char filter_rules[] =
  "[{\"trigger\":{\"url-filter\":\".*\"},\"action\":{\"type\":\"block\"}},"
  "{\"trigger\":{\"url-filter\":\"^cid:\"},\"action\":{\"type\":\"ignore-previous-rules\"}},"
  "{\"trigger\":{\"url-filter\":\"^data:\"},\"action\":{\"type\":\"ignore-previous-rules\"}},"
  "{\"trigger\":{\"url-filter\":\"^about:\"},\"action\":{\"type\":\"ignore-previous-rules\"}}]";

WebKitSettings *
ui_web_walls_new_settings (void)
{
  return webkit_settings_new_with_settings (
    "enable-javascript", FALSE, "enable-javascript-markup", FALSE,
    "javascript-can-open-windows-automatically", FALSE,
    "javascript-can-access-clipboard", FALSE, "enable-webgl", FALSE, "enable-webaudio", FALSE, "enable-media",
    FALSE, "enable-mediasource", FALSE, "enable-encrypted-media", FALSE, "enable-media-stream", FALSE,
    "enable-html5-local-storage", FALSE, "enable-html5-database", FALSE, "enable-page-cache", FALSE,
    "enable-dns-prefetching", FALSE, "enable-developer-extras", FALSE, "enable-fullscreen", FALSE,
    "enable-back-forward-navigation-gestures", FALSE, "allow-file-access-from-file-urls", FALSE,
    "allow-universal-access-from-file-urls", FALSE, "allow-modal-dialogs", FALSE, "enable-caret-browsing",
    FALSE, "hardware-acceleration-policy", WEBKIT_HARDWARE_ACCELERATION_POLICY_NEVER, NULL);
}

WebKitNetworkSession *
ui_web_walls_new_session (void)
{
  WebKitNetworkSession *session = webkit_network_session_new_ephemeral ();
  /* Port 9 discards: a request that passed every wall ends on this computer. */
  WebKitNetworkProxySettings *proxy = webkit_network_proxy_settings_new ("http://127.0.0.1:9", NULL);

  webkit_network_session_set_proxy_settings (session, WEBKIT_NETWORK_PROXY_MODE_CUSTOM, proxy);
  webkit_network_session_set_persistent_credential_storage_enabled (session, FALSE);
  webkit_network_proxy_settings_free (proxy);
  return session;
}

void
ui_web_walls_compile_async (GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  g_autofree char *path = g_build_filename (g_get_user_cache_dir (), "penfold", "web-filter", NULL);
  g_autoptr(WebKitUserContentFilterStore) store = webkit_user_content_filter_store_new (path);
  g_autoptr(GBytes) rules = g_bytes_new_static (filter_rules, strlen (filter_rules));

  webkit_user_content_filter_store_save (store, "nothing", rules, NULL, callback, user_data);
}

WebKitUserContentFilter *
ui_web_walls_compile_finish (GObject       *object,
                             GAsyncResult  *result,
                             GError       **error)
{
  return webkit_user_content_filter_store_save_finish (WEBKIT_USER_CONTENT_FILTER_STORE (object), result,
                                                       error);
}

/* --- refusing --- */

static gboolean
refuse_permission (WebKitWebView           *view,
                   WebKitPermissionRequest *request)
{
  webkit_permission_request_deny (request);
  return TRUE;
}

static gboolean
refuse_sign_in (WebKitWebView               *view,
                WebKitAuthenticationRequest *request)
{
  webkit_authentication_request_cancel (request);
  return TRUE;
}

static gboolean
refuse (WebKitWebView *view)
{
  return TRUE;
}

static void
refuse_download (WebKitNetworkSession *session,
                 WebKitDownload       *download)
{
  webkit_download_cancel (download);
}

void
ui_web_walls_refuse_all (WebKitWebView *view)
{
  g_signal_connect (view, "permission-request", G_CALLBACK (refuse_permission), NULL);
  g_signal_connect (view, "authenticate", G_CALLBACK (refuse_sign_in), NULL);
  g_signal_connect (view, "script-dialog", G_CALLBACK (refuse), NULL);
  g_signal_connect (view, "run-file-chooser", G_CALLBACK (refuse), NULL);
  g_signal_connect (view, "run-color-chooser", G_CALLBACK (refuse), NULL);
  g_signal_connect (view, "enter-fullscreen", G_CALLBACK (refuse), NULL);
  g_signal_connect (view, "show-option-menu", G_CALLBACK (refuse), NULL);
  g_signal_connect (view, "print", G_CALLBACK (refuse), NULL);
  g_signal_connect (webkit_web_view_get_network_session (view), "download-started",
                    G_CALLBACK (refuse_download), NULL);
}

/* --- deciding --- */

static WebKitNavigationAction *
get_action (WebKitPolicyDecision     *decision,
            WebKitPolicyDecisionType  type)
{
  if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE)
    return NULL;
  return webkit_navigation_policy_decision_get_navigation_action (
    WEBKIT_NAVIGATION_POLICY_DECISION (decision));
}

static const char *
get_target (WebKitNavigationAction *action)
{
  return webkit_uri_request_get_uri (webkit_navigation_action_get_request (action));
}

gboolean
ui_web_walls_may_open (const char *target)
{
  g_autofree char *scheme = target != NULL ? g_uri_parse_scheme (target) : NULL;

  return scheme != NULL
         && (g_ascii_strcasecmp (scheme, "http") == 0 || g_ascii_strcasecmp (scheme, "https") == 0
                            || g_ascii_strcasecmp (scheme, "mailto") == 0);
}

const char *
ui_web_walls_peek_link (WebKitPolicyDecision     *decision,
                        WebKitPolicyDecisionType  type)
{
  WebKitNavigationAction *action = get_action (decision, type);

  if (action == NULL
      || webkit_navigation_action_get_navigation_type (action) != WEBKIT_NAVIGATION_TYPE_LINK_CLICKED
      || !webkit_navigation_action_is_user_gesture (action) || !ui_web_walls_may_open (get_target (action)))
    return NULL;
  return get_target (action);
}

gboolean
ui_web_walls_is_own (WebKitPolicyDecision     *decision,
                     WebKitPolicyDecisionType  type)
{
  WebKitNavigationAction *action = get_action (decision, type);

  return action != NULL && type == WEBKIT_POLICY_DECISION_TYPE_NAVIGATION_ACTION
         && webkit_navigation_action_get_navigation_type (action) == WEBKIT_NAVIGATION_TYPE_OTHER
         && !webkit_navigation_action_is_redirect (action) && g_strcmp0 (get_target (action), BLANK) == 0;
}
