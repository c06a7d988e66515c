/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes are HTML: what comes out is valid UTF-8, and holds no element that runs, fetches or sends
 * anything. */
#include "html/sanitize.h"
#include "html/text.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_document (const HtmlSafe *safe)
{
  static const char *const never[] = { "<script", "<iframe", "<object", "<embed", "<link", "<base", "<form" };
  g_autofree char *folded = g_ascii_strdown (safe->document, -1);

  g_assert (g_utf8_validate (safe->document, -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (never); i++)
    g_assert (strstr (folded, never[i]) == NULL);
}

static void
check_links (const HtmlSafe *safe)
{
  for (guint i = 0; i < safe->links->len; i++)
    {
      const HtmlLink *link = safe->links->pdata[i];
      g_autofree char *host G_GNUC_UNUSED = html_link_dup_host (link->target);

      g_assert (g_str_has_prefix (link->target, "http:") || g_str_has_prefix (link->target, "https:")
                || g_str_has_prefix (link->target, "mailto:"));
      g_assert (g_utf8_validate (link->text, -1, NULL));
      html_link_is_deceptive (link);
    }
}

static void
check_policy (BaseSlice  html,
              HtmlRemote remote)
{
  HtmlPolicy policy = { remote };
  g_autoptr(HtmlSafe) safe = html_sanitize (html, &policy);

  check_document (safe);
  check_links (safe);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  BaseSlice html = { data, size };
  g_autofree char *shown = html_to_text (html, HTML_LINKS_SHOWN);
  g_autofree char *left_out = html_to_text (html, HTML_LINKS_LEFT_OUT);

  g_assert (g_utf8_validate (shown, -1, NULL));
  g_assert (g_utf8_validate (left_out, -1, NULL));
  check_policy (html, HTML_REMOTE_DROP);
  check_policy (html, HTML_REMOTE_IMAGES);
  return 0;
}
