/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/web/web.h - what the web view module offers to the window, and the only thing the window knows of it.
 *
 * The module is a library of its own, loaded with the first HTML mail (ui/web-module.h), because WebKit costs
 * 60 MB and a start-up time that somebody who reads plain text never pays.  It shows documents that
 * html/sanitize.h made safe, behind walls of its own: a content filter that blocks everything, a content
 * security policy, a policy that follows no link, no script, no cookie, nothing kept, WebKit's sandbox.
 *
 * The widget's signals: "link-hovered" (target, or NULL), "link-activated" (target: http, https or mailto),
 * "shown" when a document is on the screen, "failed" (sentence) when the web process died.
 *
 * Threads: main.
 */
#pragma once

#include <gtk/gtk.h>

#define UI_WEB_VERSION 1

typedef enum {
  UI_WEB_PAPER_THEME,          /* the colours of the window */
  UI_WEB_PAPER_WHITE,          /* the document brings its own colours */
} UiWebPaper;

/* The bytes of a picture that the document names "cid:content_id", or NULL; type becomes "image/...".  Called
 * on another thread. */
typedef GBytes *(*UiWebPicture) (GObject     *source,
                                 const char  *content_id,
                                 char       **type);

typedef struct {
  guint       version;         /* UI_WEB_VERSION, or the module is of another build */
  GtkWidget  *(*new_view) (void);
  /* source is kept until the next document. */
  void        (*show)     (GtkWidget    *view,
                           const char   *document,
                           UiWebPaper    paper,
                           GObject      *source,
                           UiWebPicture  dup_picture);
  void        (*clear)    (GtkWidget    *view);
} UiWebModule;

/* The one symbol of the module. */
typedef const UiWebModule *(*UiWebEntry) (void);
#define UI_WEB_ENTRY "ui_web_get_module"
