/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/raw-record.h"

#include <string.h>

#define CHECK_SIZE 8

static const guint8 head_magic[8] = { 'P', 'e', 'n', 'f', 'r', 'a', 'w', '1' };
static const guint8 magic[4] = { 0xF5, 'P', 'F', '1' };      /* 0xF5 is in no UTF-8 text, and in no ASCII
                                                              * mail */

/* Offsets in a record's header. */
enum {
  AT_MAGIC       = 0,
  AT_HEADER_SIZE = 4,
  AT_VERSION     = 8,
  AT_KIND        = 9,
  AT_ENCODING    = 10,
  AT_PLACEMENT   = 11,
  AT_BORN_IN     = 12,
  AT_SIZE        = 16,
  AT_STORED_SIZE = 24,
  AT_DURABLE_TO  = 32,
  AT_SHA256      = 40,
  AT_MESSAGE_ID  = 72,
  AT_ACCOUNT_ID  = 80,
  AT_ARRIVED_AT  = 88,
  AT_STORED_AT   = 96,
  AT_FLAGS       = 104,
  AT_UID         = 108,
  AT_UIDVALIDITY = 112,
  AT_OCCURRENCE  = 116,
  AT_FOLDER_SIZE = 120,
  AT_UIDL_SIZE   = 124,
  AT_UNUSED      = 128,                       /* zero */
  AT_NAMES       = STORE_RAW_HEADER_MIN - CHECK_SIZE,
};

gboolean
store_raw_kind_has_bytes (StoreRawKind kind)
{
  switch (kind)
    {
    case STORE_RAW_BODY:
    case STORE_RAW_CONTENT:
      return TRUE;
    case STORE_RAW_REFERENCE:
    case STORE_RAW_TOMBSTONE:
    case STORE_RAW_DETACHED:
      break;
    }
  return FALSE;
}

static void
put32 (guint8  *p,
       guint32  value)
{
  value = GUINT32_TO_LE (value);
  memcpy (p, &value, sizeof value);
}

static void
put64 (guint8  *p,
       guint64  value)
{
  value = GUINT64_TO_LE (value);
  memcpy (p, &value, sizeof value);
}

static guint32
get32 (const guint8 *p)
{
  guint32 value;

  memcpy (&value, p, sizeof value);
  return GUINT32_FROM_LE (value);
}

static guint64
get64 (const guint8 *p)
{
  guint64 value;

  memcpy (&value, p, sizeof value);
  return GUINT64_FROM_LE (value);
}

static void
make_check (const guint8  salt[STORE_RAW_SALT_SIZE],
            const guint8 *data,
            gsize         size,
            guint8        check[CHECK_SIZE])
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize digest_size = sizeof digest;

  g_checksum_update (checksum, salt, STORE_RAW_SALT_SIZE);
  g_checksum_update (checksum, data, (gssize) size);
  g_checksum_get_digest (checksum, digest, &digest_size);
  memcpy (check, digest, CHECK_SIZE);
}

void
store_raw_head_write (const StoreRawHead *head,
                      guint8              buffer[STORE_RAW_HEAD_SIZE])
{
  memset (buffer, 0, STORE_RAW_HEAD_SIZE);
  memcpy (buffer, head_magic, sizeof head_magic);
  put32 (buffer + 8, STORE_RAW_VERSION);
  put32 (buffer + 12, head->number);
  memcpy (buffer + 16, head->salt, STORE_RAW_SALT_SIZE);
  make_check (head->salt, buffer, STORE_RAW_HEAD_SIZE - CHECK_SIZE,
              buffer + STORE_RAW_HEAD_SIZE - CHECK_SIZE);
}

gboolean
store_raw_head_parse (StoreRawHead *head,
                      const guint8  buffer[STORE_RAW_HEAD_SIZE])
{
  guint8 check[CHECK_SIZE];

  if (memcmp (buffer, head_magic, sizeof head_magic) != 0 || get32 (buffer + 8) != STORE_RAW_VERSION)
    return FALSE;
  head->number = get32 (buffer + 12);
  memcpy (head->salt, buffer + 16, STORE_RAW_SALT_SIZE);
  make_check (head->salt, buffer, STORE_RAW_HEAD_SIZE - CHECK_SIZE, check);
  return memcmp (check, buffer + STORE_RAW_HEAD_SIZE - CHECK_SIZE, CHECK_SIZE) == 0;
}

static BaseSlice
name_that_fits (BaseSlice name)
{
  return name.size <= STORE_RAW_NAME_MAX ? name : base_slice_new (NULL, 0);
}

void
store_raw_header_write (StoreRawHeader *header,
                        const guint8    salt[STORE_RAW_SALT_SIZE],
                        GByteArray     *buffer)
{
  const StoreRawOrigin *origin = &header->origin;
  BaseSlice folder = name_that_fits (origin->folder), uidl = name_that_fits (origin->uidl);
  gsize begin = buffer->len;
  guint8 fixed[AT_NAMES] = { 0 }, check[CHECK_SIZE];

  header->header_size = STORE_RAW_HEADER_MIN + folder.size + uidl.size;
  memcpy (fixed + AT_MAGIC, magic, sizeof magic);
  put32 (fixed + AT_HEADER_SIZE, (guint32) header->header_size);
  fixed[AT_VERSION] = STORE_RAW_VERSION;
  fixed[AT_KIND] = (guint8) header->kind;
  fixed[AT_ENCODING] = (guint8) header->encoding;
  fixed[AT_PLACEMENT] = (guint8) origin->placement;
  put32 (fixed + AT_BORN_IN, header->born_in);
  put64 (fixed + AT_SIZE, header->size);
  put64 (fixed + AT_STORED_SIZE, header->stored_size);
  put64 (fixed + AT_DURABLE_TO, header->durable_to);
  memcpy (fixed + AT_SHA256, header->sha256, sizeof header->sha256);
  put64 (fixed + AT_MESSAGE_ID, (guint64) origin->message_id);
  put64 (fixed + AT_ACCOUNT_ID, (guint64) origin->account_id);
  put64 (fixed + AT_ARRIVED_AT, (guint64) origin->arrived_at);
  put64 (fixed + AT_STORED_AT, (guint64) origin->stored_at);
  put32 (fixed + AT_FLAGS, origin->flags);
  put32 (fixed + AT_UID, origin->uid);
  put32 (fixed + AT_UIDVALIDITY, origin->uidvalidity);
  put32 (fixed + AT_OCCURRENCE, origin->occurrence);
  put32 (fixed + AT_FOLDER_SIZE, (guint32) folder.size);
  put32 (fixed + AT_UIDL_SIZE, (guint32) uidl.size);

  g_byte_array_append (buffer, fixed, sizeof fixed);
  g_byte_array_append (buffer, folder.data, (guint) folder.size);
  g_byte_array_append (buffer, uidl.data, (guint) uidl.size);
  make_check (salt, buffer->data + begin, buffer->len - begin, check);
  g_byte_array_append (buffer, check, sizeof check);
}

/* What the check cannot know: a header of a later program, or one that never could have been written. */
static gboolean
is_sensible (const StoreRawHeader *header)
{
  if (header->kind < STORE_RAW_BODY || header->kind > STORE_RAW_DETACHED || header->encoding > STORE_RAW_ZSTD)
    return FALSE;
  if (!store_raw_kind_has_bytes (header->kind) && header->stored_size > 0)
    return FALSE;
  return header->size <= G_MAXINT64 && header->stored_size <= G_MAXINT64;
}

static void
take_fixed (StoreRawHeader *header,
            const guint8   *p)
{
  StoreRawOrigin *origin = &header->origin;

  header->kind = p[AT_KIND];
  header->encoding = p[AT_ENCODING];
  header->born_in = get32 (p + AT_BORN_IN);
  header->size = get64 (p + AT_SIZE);
  header->stored_size = get64 (p + AT_STORED_SIZE);
  header->durable_to = get64 (p + AT_DURABLE_TO);
  memcpy (header->sha256, p + AT_SHA256, sizeof header->sha256);
  origin->placement = p[AT_PLACEMENT] == STORE_RAW_HERE ? STORE_RAW_HERE : STORE_RAW_ON_SERVER;
  origin->message_id = (gint64) get64 (p + AT_MESSAGE_ID);
  origin->account_id = (gint64) get64 (p + AT_ACCOUNT_ID);
  origin->arrived_at = (gint64) get64 (p + AT_ARRIVED_AT);
  origin->stored_at = (gint64) get64 (p + AT_STORED_AT);
  origin->flags = get32 (p + AT_FLAGS);
  origin->uid = get32 (p + AT_UID);
  origin->uidvalidity = get32 (p + AT_UIDVALIDITY);
  origin->occurrence = get32 (p + AT_OCCURRENCE);
}

StoreRawParse
store_raw_header_parse (StoreRawHeader *header,
                        BaseSlice       bytes,
                        const guint8    salt[STORE_RAW_SALT_SIZE])
{
  const guint8 *p = bytes.data;
  guint32 folder_size, uidl_size;
  guint8 check[CHECK_SIZE];

  if (bytes.size < STORE_RAW_HEADER_MIN)
    return STORE_RAW_SHORT;
  folder_size = get32 (p + AT_FOLDER_SIZE);
  uidl_size = get32 (p + AT_UIDL_SIZE);
  header->header_size = get32 (p + AT_HEADER_SIZE);
  if (memcmp (p, magic, sizeof magic) != 0 || p[AT_VERSION] != STORE_RAW_VERSION ||
      folder_size > STORE_RAW_NAME_MAX || uidl_size > STORE_RAW_NAME_MAX ||
      header->header_size != STORE_RAW_HEADER_MIN + folder_size + uidl_size)
    return STORE_RAW_NO_HEADER;
  if (bytes.size < header->header_size)
    return STORE_RAW_SHORT;

  make_check (salt, p, header->header_size - CHECK_SIZE, check);
  if (memcmp (check, p + header->header_size - CHECK_SIZE, CHECK_SIZE) != 0)
    return STORE_RAW_NO_HEADER;
  take_fixed (header, p);
  header->origin.folder = base_slice_new (p + AT_NAMES, folder_size);
  header->origin.uidl = base_slice_new (p + AT_NAMES + folder_size, uidl_size);
  return is_sensible (header) ? STORE_RAW_PARSED : STORE_RAW_NO_HEADER;
}

gsize
store_raw_header_find (BaseSlice bytes,
                       gsize     offset)
{
  const guint8 *found = NULL;

  if (offset < bytes.size)
    found = memmem (bytes.data + offset, bytes.size - offset, magic, sizeof magic);
  return found != NULL ? (gsize) (found - bytes.data) : bytes.size;
}
