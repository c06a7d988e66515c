/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/scan.h - finds the parts of a message in its bytes; for files of this folder only.
 *
 * One pass over the lines.  A boundary line is "--", the boundary, and "--" if it closes, then blanks;
 * nothing shorter or longer counts, so one boundary may begin with another.  An outer boundary ends inner
 * parts that were never closed; a boundary that appears again after its end opens it again, so that nothing
 * is hidden there.
 *
 * Threads: any.  Limits: MIME_DEPTH_MAX, MIME_PARTS_MAX.  Errors: none.
 */
#pragma once

#include "mime/tree.h"

/* Appends the parts to the array of MimePart, in order; at least one. */
void mime_scan_parts (BaseSlice     message,
                      GArray       *parts,
                      GStringChunk *chunk);
