/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/mail.h"

#include "store/sql.h"
#include "base/clock.h"

#include <string.h>

static void
add_addresses (GPtrArray  *addresses,
               MimeRole    role,
               const char *list)
{
  g_auto(GStrv) words = g_strsplit (list, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *name = g_strndup (words[i], strcspn (words[i], "@"));

      g_ptr_array_add (addresses, mime_address_new (role, name, words[i]));
    }
}

/* Two mails are the same when their words are. */
static void
fill_hash (MimeSummary    *summary,
           const TestMail *mail)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = sizeof summary->header_hash;

  g_checksum_update (checksum, (const guchar *) (mail->id != NULL ? mail->id : ""), -1);
  g_checksum_update (checksum, (const guchar *) summary->subject, -1);
  g_checksum_get_digest (checksum, summary->header_hash, &size);
}

MimeSummary *
test_mail_summary (const TestMail *mail)
{
  MimeSummary *summary = g_new0 (MimeSummary, 1);
  gboolean is_reply = FALSE, is_forward = FALSE;

  summary->message_id = g_strdup (mail->id);
  summary->references = g_strsplit (mail->references != NULL ? mail->references : "", " ", -1);
  summary->subject = g_strdup (mail->subject != NULL ? mail->subject : "A subject");
  summary->subject_base = mime_subject_dup_base (summary->subject, &is_reply, &is_forward);
  summary->addresses = mime_addresses_new ();
  add_addresses (summary->addresses, MIME_ROLE_FROM, mail->from != NULL ? mail->from : "ann@example.org");
  add_addresses (summary->addresses, MIME_ROLE_TO, mail->to != NULL ? mail->to : "bob@example.org");
  summary->date = mail->arrived_at != 0 ? mail->arrived_at : MIME_DATE_NONE;
  summary->received = MIME_DATE_NONE;
  summary->flags = mail->flags;
  if (is_reply || mail->references != NULL)
    summary->flags |= MIME_SUMMARY_IS_REPLY;
  if (is_forward)
    summary->flags |= MIME_SUMMARY_IS_FORWARD;
  fill_hash (summary, mail);
  return summary;
}

gint64
test_mail_insert (Store          *store,
                  const TestMail *mail)
{
  g_autoptr(MimeSummary) summary = test_mail_summary (mail);
  g_autoptr(GError) error = NULL;
  StoreMessageNew message = {
    .account_id = mail->account_id != 0 ? mail->account_id : 1,
    .arrived_at = mail->arrived_at,
    .size = 1000,
    .summary = summary,
  };
  gint64 id = store_messages_insert (store, &message, &error);

  g_assert_no_error (error);
  g_assert_cmpint (id, >, 0);
  return id;
}

gint64
test_mail_file (Store          *store,
                const TestMail *mail,
                gint64          folder_id,
                guint32         uid,
                guint           flags)
{
  g_autoptr(GError) error = NULL;
  StoreLocationNew location = {
    .message_id = test_mail_insert (store, mail),
    .folder_id = folder_id,
    .uid = uid,
    .uidvalidity = uid != 0 ? 7 : 0,
    .flags = flags,
  };
  gint64 id = store_locations_insert (store, &location, &error);

  g_assert_no_error (error);
  return id;
}

StoreTransaction *
test_begin (Store *store)
{
  g_autoptr(GError) error = NULL;
  StoreTransaction *transaction = store_begin (store, &error);

  g_assert_no_error (error);
  return transaction;
}

void
test_commit (StoreTransaction *transaction)
{
  g_autoptr(GError) error = NULL;

  store_commit (transaction, &error);
  g_assert_no_error (error);
}

gint64
test_folder_add (Store      *store,
                 const char *path,
                 StoreRole   role)
{
  g_autoptr(GError) error = NULL;
  StoreFolderInfo info = { .raw_name = base_slice_from_string (path), .path = path, .delimiter = "/",
                           .role = role };
  gint64 id = store_folders_add (store, 1, &info, &error);

  g_assert_no_error (error);
  return id;
}

static void
check_none (Store      *store,
            const char *fact,
            const char *sql)
{
  g_autoptr(GError) error = NULL;
  gint64 number;

  store_sql_get_int (store_peek_mail (store), sql, NULL, 0, &number, &error);
  g_assert_no_error (error);
  if (number != 0)
    g_error ("%s: %d times", fact, (int) number);
}

void
test_check_store (Store *store)
{
  check_none (store, "a folder counts wrong",
    "SELECT count(*) FROM folder f WHERE total <> (SELECT count(*) FROM location WHERE folder_id = f.id)"
    " OR unread <> (SELECT count(*) FROM location WHERE folder_id = f.id AND (flags & 1) = 0)");
  check_none (store, "a conversation of a folder is missing or wrong",
    "SELECT count(*) FROM (SELECT l.folder_id f, m.thread_id t, max (m.id) top, count(*) n, sum ((l.flags &"
    " 1) = 0) u,"
    " sum ((l.flags & 4) <> 0) s, sum (m.attachments > 0) a FROM location l JOIN message m"
    " ON m.id = l.message_id"
    " GROUP BY 1, 2) LEFT JOIN thread_folder tf ON tf.folder_id = f AND tf.thread_id = t"
    " WHERE tf.total IS NOT n OR tf.newest IS NOT top OR tf.unread IS NOT u OR tf.flagged IS NOT s"
    " OR tf.attachments IS NOT a");
  check_none (store, "a folder shows a conversation that has left",
    "SELECT count(*) FROM thread_folder tf WHERE total <> (SELECT count(*) FROM location l"
    " JOIN message m ON m.id = l.message_id WHERE l.folder_id = tf.folder_id AND m.thread_id = tf.thread_id)");
  check_none (store, "a thread counts wrong",
    "SELECT count(*) FROM thread t WHERE messages <> (SELECT count(*) FROM message WHERE thread_id = t.id)");
  check_none (store, "a message has no thread",
    "SELECT count(*) FROM message WHERE thread_id NOT IN (SELECT id FROM thread)");
  check_none (store, "a message without location is not an orphan, or the other way round",
    "SELECT count(*) FROM message m WHERE (orphaned_at IS NULL) <> EXISTS (SELECT 1 FROM location"
    " WHERE message_id = m.id)"
    " AND (orphaned_at IS NOT NULL OR id IN (SELECT message_id FROM tombstone))");
  check_none (store, "a row is of a later revision than the file",
    "SELECT count(*) FROM location, revision r WHERE location.rev > r.rev");
  check_none (store, "a location lives and has ended",
    "SELECT count(*) FROM location WHERE id IN (SELECT location_id FROM tombstone)");
}
