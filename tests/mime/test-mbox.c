/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/mbox.h"

#include <string.h>

static gboolean
collect (BaseSlice   piece,
         gpointer    user_data,
         GError    **error)
{
  g_byte_array_append (user_data, piece.data, (guint) piece.size);
  return TRUE;
}

static const char * const messages[] = {
  "Subject: A\r\n\r\nHello\r\n",
  "Subject: A\n\nHello\n",
  "Subject: A\r\n\r\nno end",
  "Subject: A\r\n\r\nends with CR\r",
  "Subject: A\r\n\r\nblank lines\r\n\r\n\r\n",
  "Subject: A\n\n\n\n",
  "Subject: A\r\n\r\nFrom here\r\n>From there\r\n>>From >From\r\nFrom\r\n From \r\n",
  "From the very beginning\r\nSubject: A\r\n\r\nx\r\n",
  "Status: X\r\nX-Status: Y\r\nX-Keywords: z\r\nX-Mbox-Entry: exact\r\n\r\nx\r\n",
  "X-Status: Y\nSubject: A\n\nx\n",
  "\n\nno header\n",
  "\r\n",
  "\n",
  "\r",
  "x",
  "",
  "Subject: A\n\nlast line is quoted\nFrom me",
  "Subject: A\r\n\r\n\xff\xfe\x80\r\n",
};

static const char * const words[][6] = {
  { NULL },
  { "\\Seen", NULL },
  { "\\Answered", "\\Flagged", NULL },
  { "\\Seen", "\\Deleted", "\\Draft", "$Forwarded", "work", NULL },
  { "work", "$Junk", NULL },
};

static void
check_equal (const MimeMboxEntry *entry,
             const char          *message,
             const char * const  *wanted,
             gint64               arrived_at)
{
  g_autofree char *found = g_strjoinv (" ", entry->words);
  g_autofree char *expected = g_strjoinv (" ", (char **) wanted);

  g_assert_cmpmem (g_bytes_get_data (entry->message, NULL), g_bytes_get_size (entry->message), message,
                   strlen (message));
  g_assert_cmpstr (found, ==, expected);
  g_assert_cmpint (entry->arrived_at, ==, arrived_at);
}

static gint64
get_time (guint i)
{
  static const gint64 times[] = { 0, 1748858400, 951782399, 4102444800, 86399 };

  return times[i % G_N_ELEMENTS (times)];
}

static void
test_everything_comes_back (void)
{
  g_autoptr(GByteArray) file = g_byte_array_new ();
  BaseSlice rest;

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    for (guint n = 0; n < G_N_ELEMENTS (words); n++)
      {
        g_autoptr(GBytes) bytes = g_bytes_new_static (messages[i], strlen (messages[i]));
        MimeMboxEntry entry = { bytes, (char **) words[n], get_time (i + n) };

        g_assert_true (mime_mbox_write (&entry, n % 2 ? "anna@example.org" : NULL, collect, file, NULL));
      }
  rest = base_slice_new (file->data, file->len);
  g_assert_true (mime_mbox_is_one (rest));
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    for (guint n = 0; n < G_N_ELEMENTS (words); n++)
      {
        g_auto(MimeMboxEntry) entry = { NULL };

        g_test_message ("message %u, words %u", i, n);
        g_assert_true (mime_mbox_take (&rest, &entry));
        check_equal (&entry, messages[i], words[n], get_time (i + n));
      }
  g_assert_cmpuint (rest.size, ==, 0);
}

static void
test_written_form (void)
{
  g_autoptr(GByteArray) file = g_byte_array_new ();
  g_autoptr(GBytes) bytes = g_bytes_new_static ("Subject: A\r\n\r\nFrom me\r\n", 23);
  MimeMboxEntry entry = { bytes, (char **) words[3], 1748858400 };
  static const char expected[] =
    "From anna@example.org Mon Jun  2 10:00:00 2025\nX-Mbox-Entry: exact\r\nStatus: RO\r\nX-Status: DT\r\n"
    "X-Keywords: $Forwarded work\r\nSubject: A\r\n\r\n>From me\r\n\n";

  g_assert_true (mime_mbox_write (&entry, "anna@example.org", collect, file, NULL));
  g_assert_cmpmem (file->data, file->len, expected, strlen (expected));
}

static void
test_senders_cannot_break_the_line (void)
{
  static const char * const senders[] = { "a b@example.org", "a@b\nFrom c", "", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    {
      g_autoptr(GByteArray) file = g_byte_array_new ();
      g_autoptr(GBytes) bytes = g_bytes_new_static ("x\n", 2);
      MimeMboxEntry entry = { bytes, (char **) words[0], 0 };

      g_assert_true (mime_mbox_write (&entry, senders[i], collect, file, NULL));
      g_assert_cmpmem (file->data, 19, "From MAILER-DAEMON ", 19);
    }
}

/* What other programs write. */
static void
test_other_dialects (void)
{
  static const struct {
    const char *file;
    const char *message[2];
    const char *words[2];
    gint64      arrived_at;
  } cases[] = {
    { "From a@b Mon Jun  2 10:00:00 2025\nSubject: A\nStatus: RO\nX-Status: A\n\nx\n\nFrom c@d Mon Jun  2 "
      "10:00:00 2025\n"
      "Subject: B\n\ny\n\n",
      { "Subject: A\n\nx\n", "Subject: B\n\ny\n" }, { "\\Seen \\Answered", "" }, 1748858400 },
    { "From a@b Mon Jun  2 10:00:00 2025\r\nSubject: A\r\n\r\nx\r\n\r\nFrom c@d Mon Jun  2 10:00:00 "
      "2025\r\nSubject: B\r\n\r\ny\r\n",
      { "Subject: A\r\n\r\nx\r\n", "Subject: B\r\n\r\ny\r\n" }, { "", "" }, 1748858400 },
    { "From - Mon Jun  2 10:00:00 2025\nX-Keywords: work, home\n play\nSubject: A\n\nbefore\nFrom is no "
      "line\n>From is quoted\n"
      "\n\nFrom nobody Mon Jun 2 10:00:00 +0000 2025\nStatus: O\nSubject: B\n\ny",
      { "Subject: A\n\nbefore\nFrom is no line\nFrom is quoted\n\n", "Subject: B\n\ny" },
      { "work home play", "" }, 1748858400 },
    { "From nonsense\nStatus: RO\n\n\nFrom \nX-Mbox-Entry: exact\nSubject: B\n\n",
      { "\n", "X-Mbox-Entry: exact\nSubject: B\n" }, { "\\Seen", "" }, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BaseSlice rest = base_slice_from_string (cases[i].file);

      for (guint n = 0; n < 2; n++)
        {
          g_auto(MimeMboxEntry) entry = { NULL };
          g_auto(GStrv) wanted = g_strsplit (cases[i].words[n], " ", -1);

          g_test_message ("file %u, entry %u", i, n);
          g_assert_true (mime_mbox_take (&rest, &entry));
          check_equal (&entry, cases[i].message[n], (const char * const *) wanted, cases[i].arrived_at);
        }
      g_assert_cmpuint (rest.size, ==, 0);
    }
}

static void
test_any_cut_can_be_read (void)
{
  static const char file[] =
    "From a@b Mon Jun  2 10:00:00 2025\r\nX-Mbox-Entry: exact; no line end at the end\r\nStatus: "
    "RO\r\nX-Status: \r\n"
    "X-Keywords: a\r\nSubject: A\r\n\r\n>From\r\n\n\nFrom c@d Mon Jun  2 10:00:00 2025\nStatus: R\n\n";

  for (gsize size = 0; size < sizeof file; size++)
    {
      g_autofree char *part = g_memdup2 (file, MAX (size, 1));      /* so that reading too far is noticed */
      BaseSlice rest = base_slice_new (part, size);
      guint n_entries = 0;

      for (;;)
        {
          g_auto(MimeMboxEntry) entry = { NULL };

          if (!mime_mbox_take (&rest, &entry))
            break;
          n_entries++;
        }
      g_assert_cmpuint (n_entries, <=, 2);
      g_assert_cmpint (n_entries > 0, ==, size >= 5);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/mbox/everything-comes-back", test_everything_comes_back);
  g_test_add_func ("/mime/mbox/written-form", test_written_form);
  g_test_add_func ("/mime/mbox/senders-cannot-break-the-line", test_senders_cannot_break_the_line);
  g_test_add_func ("/mime/mbox/other-dialects", test_other_dialects);
  g_test_add_func ("/mime/mbox/any-cut-can-be-read", test_any_cut_can_be_read);
  return g_test_run ();
}
