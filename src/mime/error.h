/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/error.h - what can go wrong with a message.
 *
 * Reading hardly fails: a broken message is still listed and shown.  These are for limits and for building.
 */
#pragma once

#include <glib.h>

#define MIME_ERROR (mime_error_quark ())
GQuark mime_error_quark (void);

typedef enum {
  MIME_ERROR_TOO_BIG,          /* a part is larger than the caller's limit */
  MIME_ERROR_REFUSED,          /* a draft or URI holds what must not be sent: the text names the field */
} MimeError;
