/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/rows.h"

/* RFC 5788's registry, and what Thunderbird and Apple Mail spell without the dollar sign. */
static const struct { const char *keyword; guint flag; } known_keywords[] = {
  { "$Forwarded", STORE_FLAG_FORWARDED },
  { "$MDNSent", STORE_FLAG_MDN_SENT },
  { "$Junk", STORE_FLAG_JUNK },
  { "$NotJunk", STORE_FLAG_NOT_JUNK },
  { "$Phishing", STORE_FLAG_PHISHING },
  { "Forwarded", STORE_FLAG_FORWARDED },
  { "Junk", STORE_FLAG_JUNK },
  { "NonJunk", STORE_FLAG_NOT_JUNK },
  { "NotJunk", STORE_FLAG_NOT_JUNK },
};

#define STORE_FLAGS_OF_IMAP ( \
  STORE_FLAG_SEEN | STORE_FLAG_ANSWERED | STORE_FLAG_FLAGGED | STORE_FLAG_DELETED | STORE_FLAG_DRAFT)

G_STATIC_ASSERT ((guint) STORE_FLAG_SEEN == (guint) IMAP_FLAG_SEEN);
G_STATIC_ASSERT ((guint) STORE_FLAG_ANSWERED == (guint) IMAP_FLAG_ANSWERED);
G_STATIC_ASSERT ((guint) STORE_FLAG_FLAGGED == (guint) IMAP_FLAG_FLAGGED);
G_STATIC_ASSERT ((guint) STORE_FLAG_DELETED == (guint) IMAP_FLAG_DELETED);
G_STATIC_ASSERT ((guint) STORE_FLAG_DRAFT == (guint) IMAP_FLAG_DRAFT);

static guint
get_keyword_flag (const char *keyword)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known_keywords); i++)
    if (g_ascii_strcasecmp (known_keywords[i].keyword, keyword) == 0)
      return known_keywords[i].flag;
  return 0;
}

guint
sync_rows_get_flags (const SessionImapRow *row)
{
  guint flags = row->flags & STORE_FLAGS_OF_IMAP;

  for (guint i = 0; row->keywords != NULL && row->keywords[i] != NULL; i++)
    flags |= get_keyword_flag (row->keywords[i]);
  return flags;
}

char **
sync_rows_dup_keywords (const SessionImapRow *row)
{
  g_autoptr(GPtrArray) keywords = g_ptr_array_new ();

  for (guint i = 0; row->keywords != NULL && row->keywords[i] != NULL; i++)
    if (get_keyword_flag (row->keywords[i]) == 0)
      g_ptr_array_add (keywords, row->keywords[i]);
  g_ptr_array_add (keywords, NULL);
  return (char **) g_ptr_array_steal (keywords, NULL);
}

ImapFlags
sync_rows_to_imap (guint        flags,
                   const char **keywords,
                   gsize       *n_keywords)
{
  *n_keywords = 0;
  /* The first spelling of each flag is the registered one. */
  for (guint flag = STORE_FLAG_FORWARDED; flag <= STORE_FLAG_PHISHING; flag <<= 1)
    for (gsize i = 0; (flags & flag) != 0 && i < G_N_ELEMENTS (known_keywords); i++)
      if (known_keywords[i].flag == flag)
        {
          keywords[(*n_keywords)++] = known_keywords[i].keyword;
          break;
        }
  return (ImapFlags) (flags & STORE_FLAGS_OF_IMAP);
}

GArray *
sync_rows_dup_uids (GArray *rows)
{
  GArray *uids = g_array_sized_new (FALSE, FALSE, sizeof (StoreKnownUid), rows->len);

  for (guint i = 0; i < rows->len; i++)
    {
      const SessionImapRow *row = &g_array_index (rows, SessionImapRow, i);
      StoreKnownUid uid = { row->uid, sync_rows_get_flags (row) };

      if (row->has_flags
          && (uids->len == 0 || g_array_index (uids, StoreKnownUid, uids->len - 1).uid < row->uid))
        g_array_append_val (uids, uid);
    }
  return uids;
}

IngestRow
sync_rows_to_ingest (const SessionImapRow  *row,
                     const StoreFolder     *folder,
                     char                 **keywords)
{
  return (IngestRow) {
    .account_id = folder->account_id,
    .folder_id = folder->id,
    .uid = row->uid,
    .uidvalidity = (guint32) folder->uidvalidity,
    .modseq = row->modseq,
    .flags = sync_rows_get_flags (row),
    .keywords = (const char * const *) keywords,
    .arrived_at = row->date,
    .size = (gint64) MIN (row->size, G_MAXINT64),
    .object_id = row->object_id,
    .header = row->header != NULL ? base_slice_from_bytes (row->header) : (BaseSlice) { NULL, 0 },
  };
}
