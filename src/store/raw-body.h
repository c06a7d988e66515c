/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/raw-body.h - the bytes of a message as they lie on the disk: zstd, or as they are where that saves
 * nothing.
 *
 * It knows nothing of records and segments.
 *
 * Threads: one at a time per packer or unpacker.  Limits: private memory of about 12 MB, whatever the
 * message's size.
 * Errors: STORE_ERROR_CORRUPT when unpacking; those of spool.h when packing.
 */
#pragma once

#include "store/raw-record.h"
#include "store/store.h"

/* Up to here a message is packed in memory, beyond into a spool. */
#define STORE_RAW_IN_MEMORY_MAX (4 * 1024 * 1024)

typedef struct _StorePacker StorePacker;

StorePacker   *store_packer_new    (const char        *spool_dir) G_GNUC_WARN_UNUSED_RESULT;
void           store_packer_free   (StorePacker       *packer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StorePacker, store_packer_free)

/* What is to be stored; content itself, with a reference, where packing saves nothing. */
GBytes        *store_packer_pack   (StorePacker       *packer,
                                    GBytes            *content,
                                    StoreRawEncoding  *encoding,
                                    GError           **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct _StoreUnpacker StoreUnpacker;

StoreUnpacker *store_unpacker_new  (void) G_GNUC_WARN_UNUSED_RESULT;
void           store_unpacker_free (StoreUnpacker     *unpacker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreUnpacker, store_unpacker_free)

/* Begins a message. */
void           store_unpacker_reset (StoreUnpacker    *unpacker,
                                     StoreRawEncoding  encoding);
/* Takes bytes from the front of stored and puts what they stand for into buffer; says how many bytes that
 * were. 0 without error: give more stored bytes, or the message is over. */
gssize         store_unpacker_unpack (StoreUnpacker   *unpacker,
                                      BaseSlice       *stored,
                                      guint8          *buffer,
                                      gsize            size,
                                      GError         **error);
/* Whether the message ended where its encoding says so. */
gboolean       store_unpacker_is_complete (const StoreUnpacker *unpacker);
