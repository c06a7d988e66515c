/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/buffer.h - bytes in a row: put in at the end, taken from the front.
 *
 * Moving the rest to the front happens only after at least as much was taken, so every byte is moved at most
 * once on average.  It knows nothing of streams.
 *
 * Threads: one at a time.  Limits: the caller's, given to net_buffer_reserve().
 */
#pragma once

#include "base/bytes.h"

typedef struct {
  guint8 *data;
  gsize   head;
  gsize   tail;
  gsize   capacity;
} NetBuffer;

void      net_buffer_clear    (NetBuffer *buffer);                /* also frees the memory */
gsize     net_buffer_get_size (const NetBuffer *buffer);
BaseSlice net_buffer_peek     (const NetBuffer *buffer);          /* valid until the next change */
void      net_buffer_append   (NetBuffer  *buffer,
                               const void *data,
                               gsize       size);
void      net_buffer_consume  (NetBuffer *buffer,
                               gsize      size);

/* Free space at the end, at least one byte, for net_buffer_commit(); its size is 0 when the buffer holds
 * limit bytes. */
guint8   *net_buffer_reserve  (NetBuffer *buffer,
                               gsize      limit,
                               gsize     *size);
void      net_buffer_commit   (NetBuffer *buffer,
                               gsize      size);
