/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/raw-body.h"

#include "store/spool.h"

#include <string.h>
#include <zstd.h>

#define LEVEL       3
#define SAMPLE_SIZE (256 * 1024)

struct _StorePacker {
  ZSTD_CCtx *context;
  char      *spool_dir;
  guint8    *buffer;
  gsize      buffer_size;
};

struct _StoreUnpacker {
  ZSTD_DCtx        *context;
  StoreRawEncoding  encoding;
  gboolean          is_complete;
};

StorePacker *
store_packer_new (const char *spool_dir)
{
  StorePacker *packer = g_new0 (StorePacker, 1);

  packer->context = ZSTD_createCCtx ();
  packer->spool_dir = g_strdup (spool_dir);
  return packer;
}

void
store_packer_free (StorePacker *packer)
{
  if (packer == NULL)
    return;
  ZSTD_freeCCtx (packer->context);
  g_free (packer->spool_dir);
  g_free (packer->buffer);
  g_free (packer);
}

/* Below 3 % the time to unpack it is worth more. */
static gboolean
saves_something (gsize packed,
                 gsize size)
{
  return packed < size - size / 32;
}

/* The size of the packed bytes in packer->buffer, or size where packing failed. */
static gsize
pack_into_buffer (StorePacker *packer,
                  BaseSlice    bytes)
{
  gsize bound = ZSTD_compressBound (bytes.size), packed;

  if (bound > packer->buffer_size)
    {
      g_free (packer->buffer);
      packer->buffer = g_malloc (bound);
      packer->buffer_size = bound;
    }
  packed = ZSTD_compressCCtx (packer->context, packer->buffer, packer->buffer_size, bytes.data, bytes.size,
                              LEVEL);
  return ZSTD_isError (packed) ? bytes.size : packed;
}

static gboolean
compress_piece (StorePacker  *packer,
                StoreSpool   *spool,
                BaseSlice     piece,
                gboolean      is_last,
                GError      **error)
{
  ZSTD_inBuffer in = { piece.data, piece.size, 0 };
  gsize left;

  do
    {
      ZSTD_outBuffer out = { packer->buffer, packer->buffer_size, 0 };

      left = ZSTD_compressStream2 (packer->context, &out, &in, is_last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError (left))
        {
          g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED, "Cannot pack a message: %s",
                       ZSTD_getErrorName (left));
          return FALSE;
        }
      if (!store_spool_append (spool, base_slice_new (packer->buffer, out.pos), error))
        return FALSE;
    }
  while (in.pos < in.size || (is_last && left > 0));
  return TRUE;
}

static GBytes *
pack_into_spool (StorePacker  *packer,
                 BaseSlice     content,
                 GError      **error)
{
  g_autoptr(StoreSpool) spool = store_spool_new (packer->spool_dir, error);

  if (spool == NULL)
    return NULL;
  ZSTD_CCtx_reset (packer->context, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter (packer->context, ZSTD_c_compressionLevel, LEVEL);
  ZSTD_CCtx_setPledgedSrcSize (packer->context, content.size);
  for (gsize at = 0; at < content.size; at += SAMPLE_SIZE)
    {
      BaseSlice piece = base_slice_sub (content, at, SAMPLE_SIZE);

      if (!compress_piece (packer, spool, piece, at + piece.size == content.size, error))
        return NULL;
    }
  return store_spool_map (spool, error);
}

GBytes *
store_packer_pack (StorePacker       *packer,
                   GBytes            *content,
                   StoreRawEncoding  *encoding,
                   GError           **error)
{
  BaseSlice bytes = base_slice_from_bytes (content);
  BaseSlice sample = bytes.size > STORE_RAW_IN_MEMORY_MAX ? base_slice_sub (bytes, 0, SAMPLE_SIZE) : bytes;
  gsize packed = pack_into_buffer (packer, sample);

  if (!saves_something (packed, sample.size))
    {
      *encoding = STORE_RAW_PLAIN;
      return g_bytes_ref (content);
    }
  *encoding = STORE_RAW_ZSTD;
  if (sample.size < bytes.size)
    return pack_into_spool (packer, bytes, error);
  return g_bytes_new (packer->buffer, packed);
}

StoreUnpacker *
store_unpacker_new (void)
{
  StoreUnpacker *unpacker = g_new0 (StoreUnpacker, 1);

  unpacker->context = ZSTD_createDCtx ();
  return unpacker;
}

void
store_unpacker_free (StoreUnpacker *unpacker)
{
  if (unpacker == NULL)
    return;
  ZSTD_freeDCtx (unpacker->context);
  g_free (unpacker);
}

void
store_unpacker_reset (StoreUnpacker    *unpacker,
                      StoreRawEncoding  encoding)
{
  ZSTD_DCtx_reset (unpacker->context, ZSTD_reset_session_only);
  unpacker->encoding = encoding;
  unpacker->is_complete = encoding == STORE_RAW_PLAIN;
}

static gssize
set_damaged (GError     **error,
             const char  *reason)
{
  g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT, "A stored message is damaged: %s", reason);
  return -1;
}

gssize
store_unpacker_unpack (StoreUnpacker  *unpacker,
                       BaseSlice      *stored,
                       guint8         *buffer,
                       gsize           size,
                       GError        **error)
{
  ZSTD_inBuffer in = { stored->data, stored->size, 0 };
  ZSTD_outBuffer out = { buffer, size, 0 };
  gsize result;

  if (unpacker->encoding == STORE_RAW_PLAIN)
    {
      gsize n = MIN (size, stored->size);

      if (n > 0)
        memcpy (buffer, stored->data, n);
      *stored = base_slice_sub (*stored, n, stored->size);
      return (gssize) n;
    }
  if (unpacker->is_complete)
    return stored->size == 0 ? 0 : set_damaged (error, "it goes on after its end");

  result = ZSTD_decompressStream (unpacker->context, &out, &in);
  if (ZSTD_isError (result))
    return set_damaged (error, ZSTD_getErrorName (result));
  unpacker->is_complete = result == 0;
  *stored = base_slice_sub (*stored, in.pos, stored->size);
  return (gssize) out.pos;
}

gboolean
store_unpacker_is_complete (const StoreUnpacker *unpacker)
{
  return unpacker->is_complete;
}
