/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html/sanitize.h - HTML of a stranger into a document that is safe to show.
 *
 * A real HTML5 parser reads it, an allow-list of elements, attributes, URL schemes and CSS properties writes
 * it anew, so nothing survives that is not named here: no script, form, frame, object, link, meta, base, SVG,
 * MathML or media.  The viewer's own walls (content filter, policy, no script) stand behind this one; neither
 * relies on the other.  It knows nothing of mail: cid: links are passed on for the viewer to answer.
 *
 * Threads: any.  Limits: see the enum; what exceeds them is left out, never an error.
 * Sanitising its own output again changes nothing.
 */
#pragma once

#include "base/bytes.h"

enum {
  HTML_SIZE_MAX  = 8 * 1024 * 1024,         /* bytes read */
  HTML_DEPTH_MAX = 256,                     /* elements nested deeper lose their tags, not their text */
  HTML_LINKS_MAX = 2000,                    /* links listed; further ones still work */
};

typedef enum {
  HTML_REMOTE_DROP,            /* nothing that would be fetched */
  HTML_REMOTE_IMAGES,          /* http and https images stay; still no style sheet, font, frame or media */
} HtmlRemote;

typedef struct {
  HtmlRemote remote;
} HtmlPolicy;

typedef struct {
  char *text;                  /* what the reader sees, one line */
  char *target;                /* http, https or mailto */
} HtmlLink;

typedef struct {
  char      *document;         /* <!DOCTYPE html> ... in UTF-8 */
  GPtrArray *links;            /* of HtmlLink, in order */
  guint      n_remote_images;  /* met: left out by HTML_REMOTE_DROP, kept by HTML_REMOTE_IMAGES */
  guint      n_removed;        /* elements and attributes left out for safety, as a hint only */
  gboolean   is_cut;           /* a limit was met: something is missing */
} HtmlSafe;

HtmlSafe *html_sanitize        (BaseSlice         utf8,
                                const HtmlPolicy *policy) G_GNUC_WARN_UNUSED_RESULT;
void      html_safe_free       (HtmlSafe *safe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HtmlSafe, html_safe_free)

/* Whether the text of a link names another host than its target: "bank.example" leading to evil.example. */
gboolean  html_link_is_deceptive (const HtmlLink *link);
/* The host a link leads to, as it shall be shown: what stands before "@" never counts.  NULL for mailto. */
char     *html_link_dup_host     (const char *target) G_GNUC_WARN_UNUSED_RESULT;
