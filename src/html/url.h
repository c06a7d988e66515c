/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html/url.h - which URLs may stand in a safe document, and how; for files of this folder only.
 *
 * Threads: any.  Limits: 8 KiB, pictures in data: URLs apart.  Errors: none, NULL instead.
 */
#pragma once

#include <glib.h>

/* http, https or mailto, written so that every reader sees the same host; else NULL.  Its own result stays as
 * it is. */
char     *html_url_clean_link   (const char *url) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  HTML_IMAGE_UNSAFE,
  HTML_IMAGE_INSIDE,           /* cid: or data: of a picture */
  HTML_IMAGE_REMOTE,
} HtmlImageKind;

/* The URL of a picture, or NULL where kind is HTML_IMAGE_UNSAFE. */
char     *html_url_clean_image  (const char    *url,
                                 HtmlImageKind *kind) G_GNUC_WARN_UNUSED_RESULT;
