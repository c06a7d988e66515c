/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/summary.h"

#include <string.h>
#include <time.h>

static MimeSummary *
summarise (const char *text)
{
  return mime_summary_new (base_slice_from_string (text));
}

static void
test_whole_header (void)
{
  g_autoptr(MimeSummary) summary = summarise (
    "Received: from a by b; Tue, 2 Jan 2024 10:00:05 +0000\r\n"
    "Received: from c by a; Tue, 2 Jan 2024 09:00:00 +0000\r\n"
    "Message-ID: <id@example.org>\r\n"
    "References: <root@x>\r\n <mid@x> <id@example.org>\r\n"
    "In-Reply-To: <parent@x>\r\n"
    "Subject: [list] Re: =?utf-8?q?Caf=C3=A9?=\r\n"
    "From: Joe <joe@example.org>\r\n"
    "To: a@b, c@d\r\n"
    "Cc: e@f\r\n"
    "Date: Tue, 2 Jan 2024 10:59:59 +0100\r\n"
    "List-Id: The List <list.example.org>\r\n"
    "Content-Type: multipart/mixed; boundary=x\r\n"
    "X-Priority: 1 (Highest)\r\n"
    "\r\nbody");

  g_assert_cmpstr (summary->message_id, ==, "id@example.org");
  g_assert_cmpstr (summary->references[0], ==, "root@x");
  g_assert_cmpstr (summary->references[1], ==, "mid@x");
  g_assert_cmpstr (summary->references[2], ==, "parent@x");
  g_assert_null (summary->references[3]);
  g_assert_cmpstr (summary->subject, ==, "[list] Re: Caf\xc3\xa9");
  g_assert_cmpstr (summary->subject_base, ==, "Caf\xc3\xa9");
  g_assert_cmpstr (mime_summary_peek_from (summary)->address, ==, "joe@example.org");
  g_assert_cmpuint (summary->addresses->len, ==, 4);
  g_assert_cmpint (summary->date, ==, 1704189599);
  g_assert_cmpint (summary->date_zone, ==, 3600);
  g_assert_cmpint (summary->received, ==, 1704189605);
  g_assert_cmpstr (summary->list_id, ==, "list.example.org");
  g_assert_cmpuint (summary->flags, ==,
                    MIME_SUMMARY_IS_REPLY | MIME_SUMMARY_IS_LIST | MIME_SUMMARY_IS_MULTIPART
                                        | MIME_SUMMARY_MAY_ATTACH | MIME_SUMMARY_IS_IMPORTANT);
}

static void
test_nothing_there (void)
{
  static const char *const messages[] = { "", "\n", "just text", "\r\n\r\nbody", ":\n", "Subject",
                                          "\xff\xfe" };

  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr(MimeSummary) summary = summarise (messages[i]);

      g_assert_null (summary->message_id);
      g_assert_null (summary->references[0]);
      g_assert_cmpstr (summary->subject, ==, "");
      g_assert_null (mime_summary_peek_from (summary));
      g_assert_cmpint (summary->date, ==, MIME_DATE_NONE);
      g_assert_cmpint (summary->received, ==, MIME_DATE_NONE);
    }
}

static void
test_message_ids (void)
{
  static const struct { const char *field, *id; } cases[] = {
    { "<a@b>", "a@b" }, { " < a @\r\n b > ", "a@b" }, { "a@b", "a@b" }, { "<a>", "a" },
    { "junk <a@b>", "a@b" }, { "<a@b", "a@b" }, { "<a@b><c@d>", "a@b" }, { "<>", NULL }, { "", NULL },
    { "<a b@c>", "ab@c" }, { "<=?utf-8?q?x?=@b>", "=?utf-8?q?x?=@b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("Message-Id: %s\r\n\r\n", cases[i].field);
      g_autoptr(MimeSummary) summary = summarise (text);

      g_assert_cmpstr (summary->message_id, ==, cases[i].id);
    }
}

static void
check_references (guint n)
{
  g_autoptr(GString) text = g_string_new ("References:");
  g_autoptr(MimeSummary) summary = NULL;
  g_autofree char *last = g_strdup_printf ("r%u@x", n - 1);
  guint kept;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "\n <r%u@x> <r%u@x>", i, i);
  summary = summarise (text->str);
  kept = g_strv_length (summary->references);
  g_assert_cmpuint (kept, ==, MIN (n, MIME_REFERENCES_MAX));
  g_assert_cmpstr (summary->references[0], ==, "r0@x");
  g_assert_cmpstr (summary->references[kept - 1], ==, last);
}

static void
test_references_are_bounded (void)
{
  check_references (MIME_REFERENCES_MAX - 1);
  check_references (MIME_REFERENCES_MAX);
  check_references (MIME_REFERENCES_MAX + 1);
  check_references (2000);
}

static void
test_dates (void)
{
  static const struct { const char *field; gint64 date; } cases[] = {
    { "Mon, 1 Jan 2024 00:00:00 +0000", 1704067200 },
    { "1 Jan 2024 00:00:00 GMT", 1704067200 },
    { "Mon, 01 Jan 2024 00:00:00 -0500 (EST)", 1704085200 },
    { "Thu, 01 Jan 1970 00:00:00 +0000", MIME_DATE_NONE },
    { "Wed, 31 Dec 1969 23:59:59 +0000", MIME_DATE_NONE },
    { "Fri, 31 Dec 9999 23:59:59 +9999", MIME_DATE_NONE },
    { "Sun, 07 Feb 2106 06:28:15 +0000", MIME_DATE_NONE },
    { "Mon, 99 Jan 2024 00:00:00 +0000", MIME_DATE_NONE },
    { "garbage", MIME_DATE_NONE },
    { "", MIME_DATE_NONE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("Date: %s\r\n\r\n", cases[i].field);
      g_autoptr(MimeSummary) summary = summarise (text);

      g_assert_cmpint (summary->date, ==, cases[i].date);
    }
}

static void
test_several_authors_are_marked (void)
{
  static const struct { const char *header; gboolean many; const char *first; } cases[] = {
    { "From: a@b\n\n", FALSE, "a@b" },
    { "From: a@b, c@d\n\n", TRUE, "a@b" },
    { "From: a@b\nFrom: c@d\n\n", TRUE, "a@b" },
    { "From: <a@b> <c@d>\n\n", TRUE, "a@b" },
    { "From: a@b\nSender: c@d\n\n", FALSE, "a@b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(MimeSummary) summary = summarise (cases[i].header);

      g_assert_cmpint ((summary->flags & MIME_SUMMARY_MANY_FROM) != 0, ==, cases[i].many);
      g_assert_cmpstr (mime_summary_peek_from (summary)->address, ==, cases[i].first);
    }
}

static gboolean
same_hash (const char *a,
           const char *b)
{
  g_autoptr(MimeSummary) first = summarise (a);
  g_autoptr(MimeSummary) second = summarise (b);

  return memcmp (first->header_hash, second->header_hash, 32) == 0;
}

static void
test_header_hash (void)
{
  g_assert_true (same_hash ("Subject: a b\r\nX: y\r\n\r\n", "subject:  a\r\n b\r\nX: y\r\n\r\nbody"));
  g_assert_true (same_hash ("A: b\nStatus: RO\nX-UIDL: 7\nReturn-Path: <x>\n\n", "A: b\n\n"));
  g_assert_true (same_hash ("From x Mon\nA: b\n\n", "A: b\n\n"));
  g_assert_false (same_hash ("A: b\n\n", "A: c\n\n"));
  g_assert_false (same_hash ("A: b\nC: d\n\n", "A: b\n\n"));
  g_assert_false (same_hash ("A: b\nC: d\n\n", "C: d\nA: b\n\n"));
}

static void
test_subject_base (void)
{
  static const struct { const char *subject, *base; gboolean reply, forward; } cases[] = {
    { "Hello", "Hello", FALSE, FALSE },
    { "Re: Hello", "Hello", TRUE, FALSE },
    { "RE: re: Hello", "Hello", TRUE, FALSE },
    { "Re[2]: Hello", "Hello", TRUE, FALSE },
    { "Re(3): Hello", "Hello", TRUE, FALSE },
    { "Re^2: Hello", "Hello", TRUE, FALSE },
    { "RE : Hello", "Hello", TRUE, FALSE },
    { "AW: WG: Hello", "Hello", TRUE, TRUE },
    { "Antw: Hello", "Hello", TRUE, FALSE },
    { "SV: VB: Hello", "Hello", TRUE, TRUE },
    { "R: Hello", "Hello", TRUE, FALSE },
    { "Rif: Hello", "Hello", TRUE, FALSE },
    { "TR: Hello", "Hello", FALSE, TRUE },
    { "Fwd: Hello", "Hello", FALSE, TRUE },
    { "FW: Hello", "Hello", FALSE, TRUE },
    { "[Fwd: Hello]", "Hello", FALSE, TRUE },
    { "Hello (fwd)", "Hello", FALSE, TRUE },
    { "\xe5\x9b\x9e\xe5\xa4\x8d\xef\xbc\x9aHello", "Hello", TRUE, FALSE },
    { "\xe5\x9b\x9e\xe5\xa4\x8d: \xe8\xbd\xac\xe5\x8f\x91: Hello", "Hello", TRUE, TRUE },
    { "\xd0\x9e\xd1\x82\xd0\xb2: Hello", "Hello", TRUE, FALSE },
    { "[list] Hello", "Hello", FALSE, FALSE },
    { "Re: [list] Re: Hello", "Hello", TRUE, FALSE },
    { "[a] [b] Hello", "Hello", FALSE, FALSE },
    { "[only]", "[only]", FALSE, FALSE },
    { "Re:", "", TRUE, FALSE },
    { "Re", "Re", FALSE, FALSE },
    { "Reading: list", "Reading: list", FALSE, FALSE },
    { "Remember", "Remember", FALSE, FALSE },
    { "", "", FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean reply, forward;
      g_autofree char *base = mime_subject_dup_base (cases[i].subject, &reply, &forward);

      g_assert_cmpstr (base, ==, cases[i].base);
      g_assert_cmpint (reply, ==, cases[i].reply);
      g_assert_cmpint (forward, ==, cases[i].forward);
    }
}

/* Cutting a header anywhere must neither crash nor make anything up. */
static void
test_every_cut (void)
{
  const char *text = "From: =?utf-8?q?J=C3=B6rg?= <a@b>\r\nSubject: Re: [x] y\r\nMessage-ID: "
                     "<a@b>\r\nReferences: <c@d>\r\n\r\n";

  for (gsize size = 0; size <= strlen (text); size++)
    {
      g_autofree guint8 *exact = g_memdup2 (text, MAX (size, 1));
      g_autoptr(MimeSummary) summary = mime_summary_new (base_slice_new (exact, size));

      g_assert_true (g_utf8_validate (summary->subject, -1, NULL));
      g_assert_cmpuint (summary->addresses->len, <=, 1);
    }
}

static void
test_huge_headers_are_quick (void)
{
  static const char *const units[] = { "A: b\n", "To: a@b,\n", " continued\n", "References: <a@b>\n", "x",
                                       "Re: ", "[a] " };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autoptr(GString) text = g_string_new ("Subject: ");
      gint64 start = clock ();
      MimeSummary *summary;

      while (text->len < 8 * 1024 * 1024)
        g_string_append (text, units[i]);
      summary = mime_summary_new (base_slice_new (text->str, text->len));
      mime_summary_free (summary);
      g_assert_cmpint (clock () - start, <, 20 * G_USEC_PER_SEC);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/summary/whole-header", test_whole_header);
  g_test_add_func ("/mime/summary/nothing-there", test_nothing_there);
  g_test_add_func ("/mime/summary/message-ids", test_message_ids);
  g_test_add_func ("/mime/summary/references-are-bounded", test_references_are_bounded);
  g_test_add_func ("/mime/summary/dates", test_dates);
  g_test_add_func ("/mime/summary/several-authors-are-marked", test_several_authors_are_marked);
  g_test_add_func ("/mime/summary/header-hash", test_header_hash);
  g_test_add_func ("/mime/summary/subject-base", test_subject_base);
  g_test_add_func ("/mime/summary/every-cut", test_every_cut);
  g_test_add_func ("/mime/summary/huge-headers-are-quick", test_huge_headers_are_quick);
  return g_test_run ();
}
