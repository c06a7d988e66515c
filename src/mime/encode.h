/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/encode.h - values of header fields, written by the book; for files of this folder only.
 *
 * Control characters never reach the output: one field stays one field.  Lines are folded near 76 columns.
 *
 * Threads: any.  Errors: none.
 */
#pragma once

#include <glib.h>

/* "Name: value\r\n" for a text such as a subject. */
void mime_encode_text_field (GString    *out,
                             const char *name,
                             const char *text);
/* A display name: an atom, a quoted string or encoded words. */
void mime_encode_phrase     (GString    *out,
                             const char *text);
/* "; name=value" with RFC 2231 where it is needed. */
void mime_encode_parameter  (GString    *out,
                             const char *name,
                             const char *value);
