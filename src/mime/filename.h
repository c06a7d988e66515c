/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/filename.h - names of attachments that may be shown and written without harm.
 *
 * It knows nothing of directories, nor whether a file of that name exists.
 *
 * Threads: any.  Limits: 200 bytes, the extension is kept.  Errors: none; what leaves nothing gives fallback.
 */
#pragma once

#include <glib.h>

/* The base name alone, valid UTF-8 in NFC, without path, control, directional or invisible characters,
 * leading dots and dashes, trailing dots and blanks, names that devices have.  name may be NULL.  Doing it
 * twice changes nothing. */
char     *mime_filename_make_safe    (const char *name,
                                      const char *fallback) G_GNUC_WARN_UNUSED_RESULT;
/* A name for a part that has none, from its type: "text.html", "message.eml", "attachment.pdf". */
char     *mime_filename_for_type     (const char *type,
                                      const char *subtype) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  MIME_DANGER_NONE,
  MIME_DANGER_ACTIVE,          /* pages and documents that run or fetch when opened: HTML, SVG, macro
                                * documents */
  MIME_DANGER_PROGRAM,         /* runs when opened: programs, scripts, .desktop, packages */
} MimeDanger;

/* By the true extension, whatever the name looks like.  "a.pdf      .exe" is a program. */
MimeDanger mime_filename_get_danger  (const char *name);
