/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tray/announce.h"

struct _TrayMemory {
  GHashTable *announced_at;    /* message key -> time, both gint64* */
};

void
tray_mail_free (TrayMail *mail)
{
  g_free (mail->account);
  g_free (mail->sender);
  g_free (mail->subject);
  g_free (mail->preview);
  g_free (mail);
}

void
tray_notice_free (TrayNotice *notice)
{
  g_ptr_array_unref (notice->mails);
  g_free (notice);
}

TrayMemory *
tray_memory_new (void)
{
  TrayMemory *memory = g_new0 (TrayMemory, 1);

  memory->announced_at = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return memory;
}

void
tray_memory_free (TrayMemory *memory)
{
  g_hash_table_unref (memory->announced_at);
  g_free (memory);
}

static gboolean
is_forgotten (gpointer key,
              gpointer value,
              gpointer data)
{
  return *(gint64 *) value + TRAY_ANNOUNCE_MEMORY_S <= *(gint64 *) data;
}

/* FALSE when it was announced lately; from now on it was. */
static gboolean
remember (TrayMemory *memory,
          gint64      key,
          gint64      now)
{
  if (key == 0)
    return TRUE;
  if (g_hash_table_contains (memory->announced_at, &key))
    return FALSE;
  g_hash_table_insert (memory->announced_at, g_memdup2 (&key, sizeof key), g_memdup2 (&now, sizeof now));
  return TRUE;
}

static gboolean
is_news (const TrayMail *mail,
         gint64          now)
{
  return !mail->is_read && !mail->is_own && mail->arrived_at > now - TRAY_ANNOUNCE_MAX_AGE;
}

static int
compare_newest_first (gconstpointer one,
                      gconstpointer other)
{
  const TrayMail *a = *(TrayMail * const *) one;
  const TrayMail *b = *(TrayMail * const *) other;

  if (a->arrived_at != b->arrived_at)
    return a->arrived_at > b->arrived_at ? -1 : 1;
  return a->location_id > b->location_id ? -1 : a->location_id < b->location_id;
}

static TrayNotice *
notice_new (gint64 account_id)
{
  TrayNotice *notice = g_new0 (TrayNotice, 1);

  notice->account_id = account_id;
  notice->mails = g_ptr_array_new ();
  return notice;
}

/* All news of one account, and how many notices they make. */
static void
add_notices (GPtrArray *notices,
             GPtrArray *mails)
{
  const TrayMail *first = mails->pdata[0];
  TrayNotice *notice = NULL;

  g_ptr_array_sort (mails, compare_newest_first);
  for (guint i = 0; i < mails->len; i++)
    {
      if (notice == NULL || mails->len <= TRAY_ANNOUNCE_SINGLES)
        {
          notice = notice_new (first->account_id);
          g_ptr_array_add (notices, notice);
        }
      g_ptr_array_add (notice->mails, mails->pdata[i]);
    }
}

GPtrArray *
tray_announce_plan (GPtrArray  *mails,
                    TrayMemory *memory,
                    gint64      now)
{
  GPtrArray *notices = g_ptr_array_new_with_free_func ((GDestroyNotify) tray_notice_free);
  g_autoptr(GPtrArray) accounts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);

  g_hash_table_foreach_remove (memory->announced_at, is_forgotten, &now);
  for (guint i = 0; i < mails->len; i++)
    {
      TrayMail *mail = mails->pdata[i];
      GPtrArray *own = NULL;

      if (!is_news (mail, now) || !remember (memory, mail->message_key, now))
        continue;
      for (guint n = 0; n < accounts->len && own == NULL; n++)
        if (((TrayMail *) g_ptr_array_index ((GPtrArray *) accounts->pdata[n],
                                             0))->account_id == mail->account_id)
          own = accounts->pdata[n];
      if (own == NULL)
        {
          own = g_ptr_array_new ();
          g_ptr_array_add (accounts, own);
        }
      g_ptr_array_add (own, mail);
    }
  for (guint n = 0; n < accounts->len; n++)
    add_notices (notices, accounts->pdata[n]);
  return notices;
}
