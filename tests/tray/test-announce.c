/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tray/announce.h"
#include "tray/notices.h"

#define NOW G_GINT64_CONSTANT (1775217600)

static TrayMail *
mail_new (gint64 location_id,
          gint64 account_id,
          gint64 key)
{
  TrayMail *mail = g_new0 (TrayMail, 1);

  mail->location_id = location_id;
  mail->account_id = account_id;
  mail->message_key = key;
  mail->arrived_at = NOW - 100 + location_id;
  mail->account = g_strdup ("Home");
  mail->sender = g_strdup ("Jonas Weber");
  mail->subject = g_strdup_printf ("Subject %d", (int) location_id);
  mail->preview = g_strdup ("Hello <b>Anna</b> & all");
  return mail;
}

static GPtrArray *
mails_new (guint  n,
           gint64 account_id)
{
  GPtrArray *mails = g_ptr_array_new_with_free_func ((GDestroyNotify) tray_mail_free);

  for (guint i = 1; i <= n; i++)
    g_ptr_array_add (mails, mail_new (i, account_id, i));
  return mails;
}

static void
test_three_singles_then_one (void)
{
  for (guint n = 0; n <= 6; n++)
    {
      g_autoptr(TrayMemory) memory = tray_memory_new ();
      g_autoptr(GPtrArray) mails = mails_new (n, 1);
      g_autoptr(GPtrArray) notices = tray_announce_plan (mails, memory, NOW);

      g_assert_cmpuint (notices->len, ==, n <= 3 ? n : 1);
      if (n > 3)
        g_assert_cmpuint (((TrayNotice *) notices->pdata[0])->mails->len, ==, n);
      if (n > 0)
        g_assert_cmpint (((TrayMail *) ((TrayNotice *) notices->pdata[0])->mails->pdata[0])->location_id, ==,
                         n);
    }
}

static void
test_accounts_apart (void)
{
  g_autoptr(TrayMemory) memory = tray_memory_new ();
  g_autoptr(GPtrArray) mails = mails_new (4, 1);
  g_autoptr(GPtrArray) notices = NULL;

  g_ptr_array_add (mails, mail_new (10, 2, 10));
  notices = tray_announce_plan (mails, memory, NOW);
  g_assert_cmpuint (notices->len, ==, 2);
  g_assert_cmpuint (((TrayNotice *) notices->pdata[0])->mails->len, ==, 4);
  g_assert_cmpuint (((TrayNotice *) notices->pdata[1])->mails->len, ==, 1);
}

static void
test_no_news (void)
{
  static const struct { gboolean is_read, is_own; gint64 age; guint expected; } cases[] = {
    { FALSE, FALSE, 0, 1 },
    { TRUE, FALSE, 0, 0 },
    { FALSE, TRUE, 0, 0 },
    { FALSE, FALSE, TRAY_ANNOUNCE_MAX_AGE - 1, 1 },
    { FALSE, FALSE, TRAY_ANNOUNCE_MAX_AGE, 0 },
    { FALSE, FALSE, -86400, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(TrayMemory) memory = tray_memory_new ();
      g_autoptr(GPtrArray) mails = mails_new (1, 1);
      g_autoptr(GPtrArray) notices = NULL;
      TrayMail *mail = mails->pdata[0];

      mail->is_read = cases[i].is_read;
      mail->is_own = cases[i].is_own;
      mail->arrived_at = NOW - cases[i].age;
      notices = tray_announce_plan (mails, memory, NOW);
      g_assert_cmpuint (notices->len, ==, cases[i].expected);
    }
}

static guint
count_notices (TrayMemory *memory,
               gint64      key,
               gint64      now)
{
  g_autoptr(GPtrArray) mails = g_ptr_array_new_with_free_func ((GDestroyNotify) tray_mail_free);
  g_autoptr(GPtrArray) notices = NULL;
  TrayMail *mail = mail_new (1, 1, key);

  mail->arrived_at = now;
  g_ptr_array_add (mails, mail);
  notices = tray_announce_plan (mails, memory, now);
  return notices->len;
}

static void
test_once_a_day (void)
{
  g_autoptr(TrayMemory) memory = tray_memory_new ();

  g_assert_cmpuint (count_notices (memory, 7, NOW), ==, 1);
  g_assert_cmpuint (count_notices (memory, 7, NOW + 10), ==, 0);
  g_assert_cmpuint (count_notices (memory, 8, NOW + 10), ==, 1);
  g_assert_cmpuint (count_notices (memory, 7, NOW + TRAY_ANNOUNCE_MEMORY_S), ==, 1);
  g_assert_cmpuint (count_notices (memory, 0, NOW), ==, 1);
  g_assert_cmpuint (count_notices (memory, 0, NOW), ==, 1);
}

static void
assert_words (const TrayNotice *notice,
              TrayTelling       telling,
              gboolean          has_markup,
              const char       *title,
              const char       *body)
{
  g_autofree char *written_title = NULL;
  g_autofree char *written_body = NULL;

  tray_notices_write (notice, telling, has_markup, &written_title, &written_body);
  g_assert_cmpstr (written_title, ==, title);
  g_assert_cmpstr (written_body, ==, body);
}

#define FSI "\xe2\x81\xa8"
#define PDI "\xe2\x81\xa9"

static void
test_words (void)
{
  g_autoptr(GPtrArray) mails = mails_new (5, 1);
  g_autoptr(GPtrArray) one = g_ptr_array_new ();
  TrayNotice single = { 1, one };
  TrayNotice several = { 1, mails };
  TrayMail *mail = mails->pdata[0];

  g_ptr_array_add (one, mail);
  assert_words (&single, TRAY_TELL_ALL, FALSE, FSI "Jonas Weber" PDI,
                FSI "Subject 1" PDI "\n" FSI "Hello <b>Anna</b> & all" PDI);
  assert_words (&single, TRAY_TELL_ALL, TRUE, FSI "Jonas Weber" PDI,
                FSI "Subject 1" PDI "\n" FSI "Hello &lt;b&gt;Anna&lt;/b&gt; &amp; all" PDI);
  assert_words (&single, TRAY_TELL_NOTHING, TRUE, "Home: 1 new message", "");
  assert_words (&several, TRAY_TELL_ALL, FALSE, "Home: 5 new messages",
                FSI "Subject 1" PDI "\n" FSI "Subject 2" PDI "\n" FSI "Subject 3" PDI);

  /* A right-to-left override, a newline and bytes that are not UTF-8 do no harm. */
  g_free (mail->subject);
  mail->subject = g_strdup ("a\xe2\x80\xae" "b\n\xff");
  g_free (mail->preview);
  mail->preview = g_strdup ("");
  assert_words (&single, TRAY_TELL_ALL, FALSE, FSI "Jonas Weber" PDI, FSI "ab \xef\xbf\xbd" PDI);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tray/announce/three-singles-then-one", test_three_singles_then_one);
  g_test_add_func ("/tray/announce/accounts-apart", test_accounts_apart);
  g_test_add_func ("/tray/announce/no-news", test_no_news);
  g_test_add_func ("/tray/announce/once-a-day", test_once_a_day);
  g_test_add_func ("/tray/notices/words", test_words);
  return g_test_run ();
}
