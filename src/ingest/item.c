/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/item.h"

#include "ingest/stream.h"

/* Counted besides the bytes: the structures themselves and what is made of them. */
#define WEIGHT_OF_ITEM 1024

IngestItem *
ingest_item_new_row (const IngestRow *row)
{
  IngestItem *item = g_new0 (IngestItem, 1);

  item->kind = INGEST_ROW;
  item->row = *row;
  item->header = g_bytes_new (row->header.data, row->header.size);
  item->row.header = base_slice_from_bytes (item->header);
  item->uidl = g_bytes_new (row->uidl.data, row->uidl.size);
  item->row.uidl = base_slice_from_bytes (item->uidl);
  item->keywords = g_strdupv ((char **) row->keywords);
  item->row.keywords = (const char *const *) item->keywords;
  item->object_id = g_strdup (row->object_id);
  item->row.object_id = item->object_id;
  item->weight = WEIGHT_OF_ITEM + row->header.size;
  return item;
}

IngestItem *
ingest_item_new_work (StoreWork      work,
                      gpointer       user_data,
                      GDestroyNotify destroy)
{
  IngestItem *item = g_new0 (IngestItem, 1);

  item->kind = INGEST_WORK;
  item->work = work;
  item->user_data = user_data;
  item->destroy = destroy;
  item->weight = WEIGHT_OF_ITEM;
  return item;
}

void
ingest_item_free (IngestItem *item)
{
  if (item == NULL)
    return;
  g_clear_pointer (&item->header, g_bytes_unref);
  g_clear_pointer (&item->uidl, g_bytes_unref);
  g_strfreev (item->keywords);
  g_free (item->object_id);
  ingest_digest_free (item->digest);
  g_clear_pointer (&item->content, g_bytes_unref);
  g_clear_pointer (&item->packed, g_bytes_unref);
  g_clear_error (&item->failure);
  if (item->destroy != NULL)
    item->destroy (item->user_data);
  g_clear_pointer (&item->stream, ingest_stream_unref);
  g_free (item);
}
