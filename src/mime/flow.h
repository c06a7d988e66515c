/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/flow.h - paragraphs into format=flowed lines (RFC 3676); for files of this folder only. */
#pragma once

#include <glib.h>

/* CRLF lines of at most about 76 columns, long words apart. */
char *mime_flow_dup (const char *text) G_GNUC_WARN_UNUSED_RESULT;
