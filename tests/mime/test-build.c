/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/build.h"
#include "mime/summary.h"
#include "mime/text.h"

#include <string.h>

static void
set_string (char       **place,
            const char  *text)
{
  g_free (*place);
  *place = g_strdup (text);
}

static MimeDraft *
make_draft (const char *subject,
            const char *text)
{
  MimeDraft *draft = mime_draft_new ();

  g_ptr_array_add (draft->addresses, mime_address_new (MIME_ROLE_FROM, "Ada", "ada@example.org"));
  g_ptr_array_add (draft->addresses, mime_address_new (MIME_ROLE_TO, "J\xc3\xb6rg, Dr.", "joe@example.org"));
  g_ptr_array_add (draft->addresses, mime_address_new (MIME_ROLE_BCC, "", "secret@example.org"));
  g_free (draft->subject);
  draft->subject = g_strdup (subject);
  g_free (draft->text);
  draft->text = g_strdup (text);
  draft->message_id = mime_message_id_new ("ada@example.org");
  draft->references = g_strsplit ("a@b c@d", " ", -1);
  draft->in_reply_to = g_strsplit ("c@d", " ", -1);
  draft->date = 1704189599;
  draft->date_zone = 3600;
  return draft;
}

/* What every message must keep: CRLF alone, lines of at most 998, 7-bit where asked for. */
static void
check_bytes (GBytes *bytes,
             guint   flags)
{
  BaseSlice message = base_slice_from_bytes (bytes);
  gsize line = 0;

  for (gsize i = 0; i < message.size; i++)
    {
      if (message.data[i] == '\n')
        g_assert_cmpint (message.data[i - 1], ==, '\r');
      if (message.data[i] == '\r')
        g_assert_cmpint (message.data[i + 1], ==, '\n');
      if ((flags & (MIME_BUILD_8BIT | MIME_BUILD_UTF8)) == 0)
        g_assert_cmpint (message.data[i], <, 0x80);
      line = message.data[i] == '\n' ? 0 : line + 1;
      g_assert_cmpuint (line, <=, 999);
    }
}

static void
test_text_comes_back (void)
{
  static const char *const texts[] = {
    "Hello\n", "", "a\n\nb\n", "J\xc3\xb6rg\n", "From here\n> quoted text\n>> more\n space\n.\n-- \nme\n",
    "=3D = \xe2\x82\xac\n", "tab\there\n", "a long line that has to be broken somewhere because it is longer "
                                           "than the width of an ordinary line of mail\n",
    "> a long quoted line that has to be broken somewhere because it is longer than the width of an ordinary "
    "line\n",
  };
  static const guint flags[] = { MIME_BUILD_TO_SEND, MIME_BUILD_8BIT };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (flags); k++)
      {
        g_autoptr(MimeDraft) draft = make_draft ("x", texts[i]);
        g_autoptr(GBytes) bytes = mime_build_bytes (draft, flags[k], NULL);
        g_autoptr(MimeTree) tree = mime_tree_new (bytes);
        g_autofree char *text = mime_tree_dup_text (tree, 0, 100000);
        g_autoptr(GArray) lines = mime_text_split (text, mime_part_get_flow (mime_tree_get_part (tree, 0)));
        g_autoptr(GArray) wanted = mime_text_split (texts[i], MIME_FLOW_FIXED);

        check_bytes (bytes, flags[k]);
        g_assert_cmpuint (lines->len, ==, wanted->len);
        for (guint n = 0; n < lines->len; n++)
          {
            g_assert_cmpstr (g_array_index (lines, MimeLine, n).text, ==,
                             g_array_index (wanted, MimeLine, n).text);
            g_assert_cmpuint (g_array_index (lines, MimeLine, n).quote, ==,
                              g_array_index (wanted, MimeLine, n).quote);
          }
      }
}

static void
test_header_comes_back (void)
{
  static const char *const subjects[] = {
    "plain", "", "J\xc3\xb6rg \xe2\x82\xac", "=?utf-8?q?x?=",
    "a subject of many words that has to be folded because it is longer than one line of mail",
    "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (subjects); i++)
    {
      g_autoptr(MimeDraft) draft = make_draft (subjects[i], "x");
      g_autoptr(GBytes) bytes = mime_build_bytes (draft, MIME_BUILD_TO_SEND, NULL);
      g_autoptr(MimeSummary) summary = mime_summary_new (base_slice_from_bytes (bytes));

      check_bytes (bytes, MIME_BUILD_TO_SEND);
      g_assert_cmpstr (summary->subject, ==, subjects[i]);
      g_assert_cmpstr (summary->message_id, ==, draft->message_id);
      g_assert_cmpstr (summary->references[1], ==, "c@d");
      g_assert_cmpint (summary->date, ==, 1704189599);
      g_assert_cmpint (summary->date_zone, ==, 3600);
      g_assert_cmpstr (((MimeAddress *) summary->addresses->pdata[1])->name, ==, "J\xc3\xb6rg, Dr.");
    }
}

static void
test_bcc_only_where_asked (void)
{
  g_autoptr(MimeDraft) draft = make_draft ("x", "y");
  g_autoptr(GBytes) sent = mime_build_bytes (draft, MIME_BUILD_TO_SEND, NULL);
  g_autoptr(GBytes) copy = mime_build_bytes (draft, MIME_BUILD_WITH_BCC, NULL);

  g_assert_null (memmem (g_bytes_get_data (sent, NULL), g_bytes_get_size (sent), "secret", 6));
  g_assert_nonnull (memmem (g_bytes_get_data (copy, NULL), g_bytes_get_size (copy),
                            "Bcc: secret@example.org\r\n", 25));
}

/* Wherever a line end is put, no second field comes out, or the draft is refused. */
static void
test_one_field_stays_one (void)
{
  static const char *const evils[] = { "x\r\nEvil: 1", "x\nEvil: 1", "x\rEvil: 1", "x\r\n\r\nEvil: 1" };

  for (gsize i = 0; i < G_N_ELEMENTS (evils); i++)
    for (guint place = 0; place < 6; place++)
      {
        g_autoptr(MimeDraft) draft = make_draft (place == 0 ? evils[i] : "x", "y");
        MimeAddress *to = draft->addresses->pdata[1];
        MimeAttachment *attachment = mime_draft_add_attachment (draft, place == 1 ? evils[i] : "a", place == 2
                                                                ? evils[i] : NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) bytes = NULL;

        attachment->bytes = g_bytes_new_static ("z", 1);
        if (place == 3)
          set_string (&to->name, evils[i]);
        if (place == 4)
          set_string (&to->address, evils[i]);
        if (place == 5)
          set_string (&draft->references[0], evils[i]);
        bytes = mime_build_bytes (draft, MIME_BUILD_TO_SEND, &error);
        if (place == 4)
          g_assert_error (error, MIME_ERROR, MIME_ERROR_REFUSED);
        else
          {
            g_assert_no_error (error);
            check_bytes (bytes, MIME_BUILD_TO_SEND);
            g_assert_null (memmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "\nEvil", 5));
          }
      }
}

static gssize
read_counted (gpointer   user_data,
              guint8    *buffer,
              gsize      size,
              GError   **error)
{
  gsize *left = user_data;
  gsize n = MIN (MIN (*left, size), 1000);

  memset (buffer, 'z', n);
  *left -= n;
  return (gssize) n;
}

static void
test_attachments_come_back (void)
{
  static const char *const names[] = { "a.pdf", "J\xc3\xb6rg \xe2\x82\xac.pdf", "a \"b\" c.pdf",
                                       "=?utf-8?q?x?=.pdf",
    "a very long name of an attachment that does not fit on one line of a message header.pdf" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(MimeDraft) draft = make_draft ("x", "y");
      MimeAttachment *first = mime_draft_add_attachment (draft, names[i], "application/pdf");
      MimeAttachment *second = mime_draft_add_attachment (draft, "r", NULL);
      MimeAttachment *third = mime_draft_add_attachment (draft, "m.eml", "message/rfc822");
      gsize left = 200001;
      g_autoptr(GBytes) bytes = NULL;
      g_autoptr(GBytes) content = NULL;
      g_autoptr(GBytes) read = NULL;
      g_autoptr(GBytes) message = NULL;
      g_autoptr(MimeTree) tree = NULL;

      first->bytes = g_bytes_new_static ("\0\xff\r\n.", 5);
      second->reader = read_counted;
      second->reader_data = &left;
      third->bytes = g_bytes_new_static ("Subject: in\r\n\r\nx\r\n", 18);
      bytes = mime_build_bytes (draft, MIME_BUILD_TO_SEND, NULL);
      check_bytes (bytes, MIME_BUILD_TO_SEND);
      tree = mime_tree_new (bytes);
      g_assert_cmpuint (mime_tree_get_n_parts (tree), ==, 6);
      content = mime_tree_dup_part (tree, 2, 1000, NULL);
      read = mime_tree_dup_part (tree, 3, 1000000, NULL);
      g_assert_true (g_bytes_equal (content, first->bytes));
      g_assert_cmpuint (g_bytes_get_size (read), ==, 200001);
      if (i < 2 || i == 4)
        g_assert_cmpstr (mime_tree_get_part (tree, 2)->filename, ==, names[i]);
      g_assert_true (mime_part_is_type (mime_tree_get_part (tree, 4), "message", "rfc822"));
      message = mime_tree_dup_message (tree, 4);
      g_assert_true (g_bytes_equal (message, third->bytes));
    }
}

static void
test_international_addresses (void)
{
  g_autoptr(MimeDraft) draft = make_draft ("x", "y");
  MimeAddress *to = draft->addresses->pdata[1];
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;

  set_string (&to->address, "a@m\xc3\xbcnchen.de");
  g_assert_false (mime_draft_needs_smtputf8 (draft));
  bytes = mime_build_bytes (draft, MIME_BUILD_TO_SEND, NULL);
  g_assert_nonnull (memmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "<a@xn--mnchen-3ya.de>",
                            21));
  set_string (&to->address, "\xc3\xb6@example.org");
  g_assert_true (mime_draft_needs_smtputf8 (draft));
  g_assert_null (mime_build_bytes (draft, MIME_BUILD_TO_SEND, &error));
  g_assert_error (error, MIME_ERROR, MIME_ERROR_REFUSED);
  g_bytes_unref (bytes);
  bytes = mime_build_bytes (draft, MIME_BUILD_UTF8 | MIME_BUILD_8BIT, NULL);
  g_assert_nonnull (bytes);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/build/text-comes-back", test_text_comes_back);
  g_test_add_func ("/mime/build/header-comes-back", test_header_comes_back);
  g_test_add_func ("/mime/build/bcc-only-where-asked", test_bcc_only_where_asked);
  g_test_add_func ("/mime/build/one-field-stays-one", test_one_field_stays_one);
  g_test_add_func ("/mime/build/attachments-come-back", test_attachments_come_back);
  g_test_add_func ("/mime/build/international-addresses", test_international_addresses);
  return g_test_run ();
}
