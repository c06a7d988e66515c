/* SPDX-License-Identifier: GPL-3.0-or-later */
/* smtp/body.h - a message on its way into DATA: canonical line ends, dots doubled, and what it asks of the
 * server.
 *
 * Every CRLF, lone CR and lone LF becomes one CRLF, so nothing in a message can look like the end of DATA to
 * one server and not to the next (CVE-2023-51764).  Run it once without output to learn the facts, once with.
 *
 * Threads: one at a time.  Limits: none of its own; memory is what out holds.
 */
#pragma once

#include "base/bytes.h"

#define SMTP_BODY_LINE_MAX 998      /* RFC 5321 section 4.5.3.1.6, without the end */

typedef struct {
  guint64  size;              /* in octets with CRLF and without the doubled dots, as RFC 1870 counts */
  guint64  longest_line;      /* without its end */
  gboolean has_8bit;
  gboolean has_8bit_header;
  gboolean has_nul;

  /* where we are */
  guint64  line_size;
  gboolean after_cr;
  gboolean is_past_header;
} SmtpBody;

#define SMTP_BODY_INIT { 0 }

/* out: or NULL. */
void smtp_body_write  (SmtpBody   *body,
                       BaseSlice   piece,
                       GByteArray *out);
/* Ends the last line when it has no end.  The line with the final dot is not written here. */
void smtp_body_finish (SmtpBody   *body,
                       GByteArray *out);
