/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/buffer.h"

#include <string.h>

#define FIRST_CAPACITY (16 * 1024)

void
net_buffer_clear (NetBuffer *buffer)
{
  g_free (buffer->data);
  *buffer = (NetBuffer) { 0 };
}

gsize
net_buffer_get_size (const NetBuffer *buffer)
{
  return buffer->tail - buffer->head;
}

BaseSlice
net_buffer_peek (const NetBuffer *buffer)
{
  return base_slice_new (buffer->data != NULL ? buffer->data + buffer->head : NULL,
                         net_buffer_get_size (buffer));
}

/* Makes at least `room` free bytes at the end. */
static void
buffer_make_room (NetBuffer *buffer,
                  gsize      room)
{
  gsize size = net_buffer_get_size (buffer);
  gsize capacity = MAX (buffer->capacity, FIRST_CAPACITY);

  if (buffer->capacity - buffer->tail >= room)
    return;
  if (size == 0 || (buffer->head >= size && buffer->capacity - size >= room))
    {
      if (size > 0)
        memmove (buffer->data, buffer->data + buffer->head, size);
      buffer->head = 0;
      buffer->tail = size;
    }
  while (capacity - buffer->tail < room)
    capacity *= 2;
  if (capacity != buffer->capacity)
    buffer->data = g_realloc (buffer->data, capacity);
  buffer->capacity = capacity;
}

void
net_buffer_append (NetBuffer  *buffer,
                   const void *data,
                   gsize       size)
{
  if (size == 0)
    return;
  buffer_make_room (buffer, size);
  memcpy (buffer->data + buffer->tail, data, size);
  buffer->tail += size;
}

void
net_buffer_consume (NetBuffer *buffer,
                    gsize      size)
{
  g_assert (size <= net_buffer_get_size (buffer));
  buffer->head += size;
  if (buffer->head == buffer->tail)
    buffer->head = buffer->tail = 0;
}

guint8 *
net_buffer_reserve (NetBuffer *buffer,
                    gsize      limit,
                    gsize     *size)
{
  gsize used = net_buffer_get_size (buffer);

  *size = 0;
  if (used >= limit)
    return NULL;
  buffer_make_room (buffer, 1);
  *size = MIN (buffer->capacity - buffer->tail, limit - used);
  return buffer->data + buffer->tail;
}

void
net_buffer_commit (NetBuffer *buffer,
                   gsize      size)
{
  g_assert (size <= buffer->capacity - buffer->tail);
  buffer->tail += size;
}
