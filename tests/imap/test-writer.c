/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/writer.h"

#include <string.h>

/* The pieces in one line: a secret in <>, "|" where the server must be asked, an upload as (size).  Takes
 * writer. */
static char *
describe (ImapWriter *writer)
{
  g_autoptr(GPtrArray) pieces = imap_writer_steal (writer);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < pieces->len; i++)
    {
      const ImapWriterPiece *piece = pieces->pdata[i];

      g_string_append (text, piece->is_secret ? "<" : "");
      g_string_append_len (text, (const char *) piece->bytes->data, piece->bytes->len);
      g_string_append (text, piece->is_secret ? ">" : piece->asks ? "|" : "");
      if (piece->upload_size > 0)
        g_string_append_printf (text, "(%" G_GUINT64_FORMAT ")", piece->upload_size);
    }
  imap_writer_free (writer);
  return g_string_free (text, FALSE);
}

static void
test_strings_are_quoted_or_literals (void)
{
  static const struct { const char *string; ImapLiteralMode literals; ImapNameMode names; const char *expected; } cases[] = {
    { "INBOX", IMAP_LITERAL_ASK, IMAP_NAMES_UTF7, "\"INBOX\"" },
    { "", IMAP_LITERAL_ASK, IMAP_NAMES_UTF7, "\"\"" },
    { "a \"b\" \\c", IMAP_LITERAL_ASK, IMAP_NAMES_UTF7, "\"a \\\"b\\\" \\\\c\"" },
    { "a\r\nA1 LOGOUT", IMAP_LITERAL_ASK, IMAP_NAMES_UTF7, "{12}\r\n|a\r\nA1 LOGOUT" },
    { "a\r\nA1 LOGOUT", IMAP_LITERAL_MINUS, IMAP_NAMES_UTF7, "{12+}\r\na\r\nA1 LOGOUT" },
    { "a\nb", IMAP_LITERAL_PLUS, IMAP_NAMES_UTF7, "{3+}\r\na\nb" },
    { "\xc3\xbc", IMAP_LITERAL_ASK, IMAP_NAMES_UTF7, "{2}\r\n|\xc3\xbc" },
    { "\xc3\xbc", IMAP_LITERAL_ASK, IMAP_NAMES_UTF8, "\"\xc3\xbc\"" },
    { "\xfc", IMAP_LITERAL_PLUS, IMAP_NAMES_UTF8, "{1+}\r\n\xfc" },
    { "\x7f\x01", IMAP_LITERAL_PLUS, IMAP_NAMES_UTF7, "\"\x7f\x01\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ImapWriter *writer = imap_writer_new (cases[i].literals, cases[i].names);
      g_autofree char *text = NULL;

      imap_writer_string (writer, cases[i].string);
      text = describe (writer);
      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_literal_minus_ends_at_4096 (void)
{
  for (gsize size = 4095; size <= 4097; size++)
    {
      ImapWriter *writer = imap_writer_new (IMAP_LITERAL_MINUS, IMAP_NAMES_UTF7);
      g_autofree char *string = g_strnfill (size, 'x');
      g_autofree char *text = NULL;

      imap_writer_string (writer, string);
      text = describe (writer);
      g_assert_cmpint (strstr (text, "+}") != NULL, ==, size <= 4096);
      g_assert_cmpint (strchr (text, '|') != NULL, ==, size > 4096);
    }
}

static void
test_secrets_are_pieces_of_their_own (void)
{
  ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, IMAP_NAMES_UTF7);
  g_autofree char *text = NULL;

  imap_writer_text (writer, "LOGIN ");
  imap_writer_string (writer, "ann");
  imap_writer_text (writer, " ");
  imap_writer_secret (writer, "se\"cret");
  imap_writer_text (writer, " ");
  imap_writer_secret (writer, "\xfc" "ber");
  imap_writer_text (writer, " ");
  imap_writer_secret_text (writer, "AGFubg==");
  imap_writer_text (writer, "\r\n");
  text = describe (writer);
  g_assert_cmpstr (text, ==, "LOGIN \"ann\" <\"se\\\"cret\"> {4}\r\n|<\xfc" "ber> <AGFubg==>\r\n");
}

static void
test_folders_are_sent_as_they_came (void)
{
  static const struct { const char *raw; ImapNameMode names; const char *expected; } cases[] = {
    { "Entw&APw-rfe", IMAP_NAMES_UTF7, "\"Entw&APw-rfe\"" },
    { "Entw&APw-rfe", IMAP_NAMES_UTF8, "\"Entw\u00fcrfe\"" },
    { "R&D", IMAP_NAMES_UTF7, "\"R&D\"" },
    { "R&D", IMAP_NAMES_UTF8, "\"R&D\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, cases[i].names);
      g_autofree char *text = NULL;

      imap_writer_folder (writer, cases[i].raw);
      text = describe (writer);
      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_flags_leave_out_what_may_not_be_sent (void)
{
  static const char * const keywords[] = { "$Forwarded", "a b", "x)\r\nA1 LOGOUT", "\\Recent", "NonJunk",
                                           NULL };
  ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, IMAP_NAMES_UTF7);
  g_autofree char *text = NULL;

  imap_writer_flags (writer, IMAP_FLAG_SEEN | IMAP_FLAG_RECENT | IMAP_FLAG_DRAFT | IMAP_FLAG_ANY, keywords);
  imap_writer_flags (writer, 0, NULL);
  imap_writer_flags (writer, 0, keywords);
  text = describe (writer);
  g_assert_cmpstr (text, ==, "(\\Seen \\Draft $Forwarded NonJunk)()($Forwarded NonJunk)");
}

static void
test_uploads_are_announced (void)
{
  static const struct { ImapLiteralMode literals; guint64 size; const char *expected; } cases[] = {
    { IMAP_LITERAL_ASK, 5, "{5}\r\n|(5) end" },
    { IMAP_LITERAL_PLUS, 5000000000, "{5000000000+}\r\n(5000000000) end" },
    { IMAP_LITERAL_MINUS, 5000, "{5000}\r\n|(5000) end" },
    { IMAP_LITERAL_PLUS, 0, "{0+}\r\n end" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ImapWriter *writer = imap_writer_new (cases[i].literals, IMAP_NAMES_UTF7);
      g_autofree char *text = NULL;

      imap_writer_upload (writer, cases[i].size);
      imap_writer_text (writer, " end");
      text = describe (writer);
      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/writer/strings-are-quoted-or-literals", test_strings_are_quoted_or_literals);
  g_test_add_func ("/imap/writer/literal-minus-ends-at-4096", test_literal_minus_ends_at_4096);
  g_test_add_func ("/imap/writer/secrets-are-pieces-of-their-own", test_secrets_are_pieces_of_their_own);
  g_test_add_func ("/imap/writer/folders-are-sent-as-they-came", test_folders_are_sent_as_they_came);
  g_test_add_func ("/imap/writer/flags-leave-out-what-may-not-be-sent",
                   test_flags_leave_out_what_may_not_be_sent);
  g_test_add_func ("/imap/writer/uploads-are-announced", test_uploads_are_announced);
  return g_test_run ();
}
