/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/seven-bit.h - a whole message again, for servers that take 7-bit bytes and short lines only.
 *
 * Parts that need it become quoted-printable (texts) or base64; everything else stays byte for byte.
 * What is signed or encrypted is not touched, and neither are letters in headers: then it is refused.
 *
 * Threads: any.  Limits: those of mime/tree.h; memory for one encoded part.  Errors: MIME_ERROR_REFUSED; the
 * sink's.
 */
#pragma once

#include "mime/tree.h"

gboolean mime_seven_bit_write (GBytes    *message,
                               MimeSink   sink,
                               gpointer   user_data,
                               GError   **error);
