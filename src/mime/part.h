/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/part.h - what the header of one part says about it; for files of this folder only.
 *
 * Of several fields or parameters of one name the first counts, as for the message's own header.
 *
 * Threads: any.  Limits: 16 KiB of each field are read.  Errors: none; what cannot be read is text/plain.
 */
#pragma once

#include "mime/header.h"
#include "mime/tree.h"

typedef enum {
  MIME_DEFAULT_TEXT,
  MIME_DEFAULT_MESSAGE,        /* inside multipart/digest */
} MimeDefaultType;

/* Fills type, charset, file name, content id, encoding, disposition and the flags that follow from the part
 * alone.  Strings that repeat in many parts come from chunk.  The boundary of a multipart, or NULL. */
char *mime_part_read       (MimePart         *part,
                            const MimeHeader *header,
                            MimeDefaultType   default_type,
                            GStringChunk     *chunk) G_GNUC_WARN_UNUSED_RESULT;
void  mime_part_clear      (MimePart *part);
/* From now on the part is one attachment with everything that lies in it. */
void  mime_part_make_raw   (MimePart *part);
/* From now on the part is plain text: a multipart in which no parts were found. */
void  mime_part_make_text  (MimePart *part);
