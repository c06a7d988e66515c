/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/tree.h"

#include <string.h>
#include <time.h>

static MimeTree *
parse (const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));

  return mime_tree_new (bytes);
}

/* "1 text/plain;A", one line a part, indented by depth; A attachment, I image, M inside a message, R raw, S
 * signature. */
static char *
describe (const MimeTree *tree)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < mime_tree_get_n_parts (tree); i++)
    {
      const MimePart *part = mime_tree_get_part (tree, i);

      for (guint k = 0; k < part->depth; k++)
        g_string_append_c (out, ' ');
      g_string_append_printf (out, "%s %s/%s;", part->section, part->type, part->subtype);
      if ((part->flags & MIME_PART_IS_ATTACHMENT) != 0)
        g_string_append_c (out, 'A');
      if ((part->flags & MIME_PART_IS_INLINE_IMAGE) != 0)
        g_string_append_c (out, 'I');
      if ((part->flags & MIME_PART_IN_MESSAGE) != 0)
        g_string_append_c (out, 'M');
      if ((part->flags & MIME_PART_IS_RAW) != 0)
        g_string_append_c (out, 'R');
      if ((part->flags & MIME_PART_IS_SIGNATURE) != 0)
        g_string_append_c (out, 'S');
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

static char *
describe_body (const MimeTree *tree,
               MimePreference  preference)
{
  g_autoptr(GArray) list = mime_tree_list_body (tree, preference);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? " " : "",
                            mime_tree_get_part (tree, g_array_index (list, guint, i))->section);
  return g_string_free (out, FALSE);
}

#define TYPE(type) "Content-Type: " type "\r\n"
#define MULTI(type, boundary) "Content-Type: multipart/" type "; boundary=" boundary "\r\n\r\n"
#define PART(boundary, type, body) "--" boundary "\r\nContent-Type: " type "\r\n\r\n" body "\r\n"

static const struct {
  const char *message;
  const char *parts;
  const char *html;            /* sections shown, HTML preferred */
  const char *plain;
} trees[] = {
  { "Subject: x\r\n\r\nbody", "1 text/plain;\n", "1", "1" },
  { "", "1 text/plain;\n", "1", "1" },
  { "no header", "1 text/plain;\n", "1", "1" },
  { TYPE ("text/html") "\r\n<b>", "1 text/html;\n", "1", "1" },
  { TYPE ("text") "\r\nx", "1 text/plain;\n", "1", "1" },
  { TYPE ("garbage") "\r\nx", "1 text/plain;\n", "1", "1" },
  { TYPE ("x y/z") "\r\nx", "1 application/octet-stream;A\n", "", "" },
  { TYPE ("application/pdf") "\r\nx", "1 application/pdf;A\n", "", "" },
  { TYPE ("text/plain; name=a.txt") "\r\nx", "1 text/plain;\n", "1", "1" },
  { MULTI ("alternative", "b") PART ("b", "text/plain", "p") PART ("b", "text/html", "h") "--b--\r\n",
    "TEXT multipart/alternative;\n 1 text/plain;\n 2 text/html;\n", "2", "1" },
  { MULTI ("alternative", "b") PART ("b", "text/html", "h") PART ("b", "text/x-amp-html",
                                                                  "a") PART ("b", "text/calendar",
                                                                             "c") "--b--\r\n",
    "TEXT multipart/alternative;\n 1 text/html;\n 2 text/x-amp-html;\n 3 text/calendar;\n", "1", "1" },
  { MULTI ("mixed", "o") "--o\r\n" MULTI ("alternative", "i") PART ("i", "text/plain", "p")
    "--i\r\n" MULTI ("related", "r") PART ("r", "text/html", "h") PART ("r", "image/png\r\nContent-ID: <a@b>",
                                                                        "x") "--r--\r\n"
    "--i--\r\n" PART ("o", "application/pdf; name=x.pdf", "x") "--o--\r\n",
    "TEXT multipart/mixed;\n 1 multipart/alternative;\n  1.1 text/plain;\n  1.2 multipart/related;\n   1.2.1"
    " text/html;\n"
    "   1.2.2 image/png;I\n 2 application/pdf;A\n", "1.2.1", "1.1" },
  { MULTI ("related", "r") PART ("r", "image/png\r\nContent-ID: <a@b>",
                                 "x") PART ("r", "text/html", "h") "--r--\r\n",
    "TEXT multipart/related;\n 1 image/png;I\n 2 text/html;\n", "2", "2" },
  { MULTI ("mixed", "b") PART ("b", "text/plain", "1") PART ("b", "image/png\r\nContent-Disposition: inline",
                                                             "x")
    PART ("b", "text/plain", "2") PART ("b", "text/plain; name=a.txt", "3")
    PART ("b", "text/x-patch; name=a.diff\r\nContent-Disposition: inline", "4")
    PART ("b", "text/plain\r\nContent-Disposition: attachment", "5") "--b--\r\n",
    "TEXT multipart/mixed;\n 1 text/plain;\n 2 image/png;A\n 3 text/plain;\n 4 text/plain;A\n 5 "
    "text/x-patch;A\n 6 text/plain;A\n",
    "1 2 3 5", "1 2 3 5" },
  { MULTI ("signed", "b") PART ("b", "text/plain", "1") PART ("b", "application/pgp-signature",
                                                              "s") "--b--\r\n",
    "TEXT multipart/signed;\n 1 text/plain;\n 2 application/pgp-signature;S\n", "1", "1" },
  { MULTI ("encrypted", "b") PART ("b", "application/pgp-encrypted",
                                   "v") PART ("b", "application/octet-stream", "s") "--b--\r\n",
    "TEXT multipart/encrypted;\n 1 application/pgp-encrypted;S\n 2 application/octet-stream;A\n", "", "" },
  { MULTI ("mixed", "b") PART ("b", "text/plain", "1") "--b\r\n" TYPE ("message/rfc822") "\r\nSubject: in\r\n"
    MULTI ("mixed", "c") PART ("c", "text/plain", "2") PART ("c", "image/png", "3") "--c--\r\n--b--\r\n",
    "TEXT multipart/mixed;\n 1 text/plain;\n 2 message/rfc822;A\n  2.TEXT multipart/mixed;M\n   2.1 "
    "text/plain;M\n   2.2 image/png;AM\n",
    "1", "1" },
  { MULTI ("digest", "b") "--b\r\n\r\nSubject: one\r\n\r\n1\r\n--b\r\n\r\nSubject: two\r\n\r\n2\r\n--b--\r\n",
    "TEXT multipart/digest;\n 1 message/rfc822;A\n  1.1 text/plain;M\n 2 message/rfc822;A\n  2.1 "
    "text/plain;M\n", "", "" },
  { TYPE ("message/rfc822") "\r\nSubject: x\r\n\r\ny", "1 message/rfc822;A\n 1.1 text/plain;M\n", "", "" },

  /* Broken ones: nothing disappears. */
  { MULTI ("mixed", "b") "no parts here", "TEXT text/plain;\n", "TEXT", "TEXT" },
  { TYPE ("multipart/mixed") "\r\n--guessed\r\n\r\nx\r\n--guessed--\r\n",
    "TEXT multipart/mixed;\n 1 text/plain;\n", "1", "1" },
  { TYPE ("multipart/mixed") "\r\nx\r\n", "TEXT text/plain;\n", "TEXT", "TEXT" },
  { MULTI ("mixed", "b") PART ("b", "text/plain", "1"), "TEXT multipart/mixed;\n 1 text/plain;\n", "1", "1" },
  { MULTI ("mixed", "b") PART ("b", "text/plain", "1") "--b--\r\n" PART ("b", "text/plain", "2"),
    "TEXT multipart/mixed;\n 1 text/plain;\n 2 text/plain;\n", "1 2", "1 2" },
  { MULTI ("mixed", "o") "--o\r\n" MULTI ("mixed", "ob") PART ("ob", "text/plain",
                                                               "1") PART ("o", "text/plain", "2") "--o--\r\n",
    "TEXT multipart/mixed;\n 1 multipart/mixed;\n  1.1 text/plain;\n 2 text/plain;\n", "1.1 2", "1.1 2" },
  { MULTI ("mixed", "b") "--b\r\nno blank line\r\n--b--\r\n", "TEXT multipart/mixed;\n 1 text/plain;\n", "1",
    "1" },
  { MULTI ("mixed", "b") "--b\r\n--b\r\n--b--\r\n", "TEXT multipart/mixed;\n 1 text/plain;\n 2 text/plain;\n",
    "1 2", "1 2" },
  { MULTI ("mixed", "b") "--bb\r\n--b-\r\n--b \t\r\n\r\nx\r\n--b--  \r\n",
    "TEXT multipart/mixed;\n 1 text/plain;\n", "1", "1" },
  { MULTI ("mixed", "\"a b \"") "--a b\r\n\r\nx\r\n--a b--\r\n", "TEXT multipart/mixed;\n 1 text/plain;\n",
    "1", "1" },
};

static void
test_trees (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (trees); i++)
    {
      g_autoptr(MimeTree) tree = parse (trees[i].message);
      g_autofree char *parts = describe (tree);
      g_autofree char *html = describe_body (tree, MIME_PREFER_HTML);
      g_autofree char *plain = describe_body (tree, MIME_PREFER_PLAIN);

      g_test_message ("tree %zu", i);
      g_assert_cmpstr (parts, ==, trees[i].parts);
      g_assert_cmpstr (html, ==, trees[i].html);
      g_assert_cmpstr (plain, ==, trees[i].plain);
    }
}

/* A message cut anywhere, and with bare line feeds, still has parts that lie inside it. */
static void
test_every_cut (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (trees); i++)
    for (gsize size = 0; size <= strlen (trees[i].message); size++)
      {
        g_autoptr(GBytes) bytes = g_bytes_new (trees[i].message, size);
        g_autoptr(MimeTree) tree = mime_tree_new (bytes);

        for (guint k = 0; k < mime_tree_get_n_parts (tree); k++)
          {
            const MimePart *part = mime_tree_get_part (tree, k);

            g_free (mime_tree_dup_text (tree, k, 1000));
            g_assert_cmpuint (part->header_offset, <=, part->body_offset);
            g_assert_cmpuint (part->body_offset + part->body_size, <=, size);
            g_assert_cmpuint (part->end, >, k);
            g_assert_cmpuint (part->end, <=, mime_tree_get_n_parts (tree));
          }
      }
}

static void
test_line_ends_do_not_matter (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (trees); i++)
    {
      g_auto(GStrv) lines = g_strsplit (trees[i].message, "\r\n", -1);
      g_autofree char *message = g_strjoinv ("\n", lines);
      g_autoptr(MimeTree) tree = parse (message);
      g_autofree char *parts = describe (tree);

      g_assert_cmpstr (parts, ==, trees[i].parts);
    }
}

static void
test_part_details (void)
{
  g_autoptr(MimeTree) tree = parse (
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=\"utf-8\"; format=flowed; "
    "delsp=yes\r\nContent-Transfer-Encoding: QUOTED-PRINTABLE\r\n"
    "Content-ID: <one@x>\r\n\r\n=C3=B6\r\n"
    "--b\r\nContent-Type: IMAGE/PNG; name=\"ignored.png\"\r\nContent-Transfer-Encoding: base64 (comment)\r\n"
    "Content-Disposition: attachment;\r\n filename*0*=utf-8''../%e2%82;\r\n "
    "filename*1*=%ac.png\r\n\r\nQUJD\r\n"
    "--b--\r\n");
  const MimePart *text = mime_tree_get_part (tree, 1);
  const MimePart *image = mime_tree_get_part (tree, 2);
  g_autoptr(GArray) attachments = mime_tree_list_attachments (tree);

  g_assert_cmpstr (text->charset, ==, "utf-8");
  g_assert_cmpint (text->encoding, ==, MIME_ENCODING_QUOTED_PRINTABLE);
  g_assert_cmpuint (text->flags & (MIME_PART_IS_FLOWED | MIME_PART_DELETES_SPACES), ==,
                    MIME_PART_IS_FLOWED | MIME_PART_DELETES_SPACES);
  g_assert_cmpint (mime_tree_find_content_id (tree, "<one@x>"), ==, 1);
  g_assert_cmpint (mime_tree_find_content_id (tree, "one@x"), ==, 1);
  g_assert_cmpint (mime_tree_find_content_id (tree, "one@"), ==, -1);
  g_assert_cmpint (mime_tree_find_section (tree, "2"), ==, 2);
  g_assert_cmpint (mime_tree_find_section (tree, "3"), ==, -1);
  g_assert_true (mime_part_is_type (image, "image", "png"));
  g_assert_cmpstr (image->filename, ==, "\xe2\x82\xac.png");
  g_assert_cmpint (image->encoding, ==, MIME_ENCODING_BASE64);
  g_assert_cmpuint (attachments->len, ==, 1);
}

static void
test_filenames (void)
{
  static const struct { const char *header, *name; } cases[] = {
    { "Content-Disposition: attachment; filename=\"a b.pdf\"", "a b.pdf" },
    { "Content-Disposition: attachment; filename=a b.pdf", "a b.pdf" },
    { "Content-Disposition: filename=x.pdf", "x.pdf" },
    { "Content-Disposition: attachment; filename=\"=?UTF-8?B?w7Y=?= =?UTF-8?B?w7Y=?=.pdf\"",
      "\xc3\xb6\xc3\xb6.pdf" },
    { "Content-Disposition: attachment; filename=J\xf6rg.pdf", "J\xc3\xb6rg.pdf" },
    { "Content-Disposition: attachment; filename*=iso-8859-1'en'%A3.txt; filename=x", "\xc2\xa3.txt" },
    { "Content-Disposition: attachment; filename*1=b; filename*0=a; filename*2*=%20c", "ab c" },
    { "Content-Type: application/pdf; name=\"n.pdf\"", "n.pdf" },
    { "Content-Type: application/pdf", "document.pdf" },
    { "Content-Type: message/rfc822\r\n\r\nSubject: Re: a/b", "Re_ a_b.eml" },
    { "Content-Type: application/x-y; name=\"\"", "attachment" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = g_strconcat (cases[i].header, "\r\n\r\nx", NULL);
      g_autoptr(MimeTree) tree = parse (message);

      g_assert_cmpstr (mime_tree_get_part (tree, 0)->filename, ==, cases[i].name);
    }
}

static void
test_decode (void)
{
  static const struct { const char *encoding, *body, *decoded; } cases[] = {
    { "7bit", "a\r\nb", "a\r\nb" },
    { "x-unknown", "abc", "abc" },
    { "base64", "QUJD", "ABC" },
    { "base64", "Q\r\nU J*D\r\n", "ABC" },
    { "base64", "QUJDRA==", "ABCD" },
    { "base64", "QUJDRA", "ABCD" },
    { "base64", "QUJDREU", "ABCDE" },
    { "base64", "QUJDR", "ABC" },
    { "base64", "", "" },
    { "quoted-printable", "a=3Db=\r\nc", "a=bc" },
    { "quoted-printable", "a=XY=", "a=XY" },
    { "x-uuencode", "begin 644 f\r\n#0V%T\r\n`\r\nend\r\n", "Cat" },
    { "x-uuencode", "no begin", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = g_strdup_printf ("Content-Transfer-Encoding: %s\r\n\r\n%s",
                                                  cases[i].encoding, cases[i].body);
      g_autoptr(MimeTree) tree = parse (message);
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) bytes = mime_tree_dup_part (tree, 0, 1000, &error);

      g_test_message ("%s %s", cases[i].encoding, cases[i].body);
      g_assert_no_error (error);
      if (g_str_equal (cases[i].body, "no begin"))
        continue;
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), cases[i].decoded,
                       strlen (cases[i].decoded));
    }
}

static void
test_decode_limit (void)
{
  static const char *const encodings[] = { "7bit", "base64", "quoted-printable" };
  static const char *const bodies[] = { "ABCDEF", "QUJDREVG", "ABC=44EF" };

  for (gsize i = 0; i < G_N_ELEMENTS (encodings); i++)
    for (gsize limit = 5; limit <= 7; limit++)
      {
        g_autofree char *message = g_strdup_printf ("Content-Transfer-Encoding: %s\r\n\r\n%s", encodings[i],
                                                    bodies[i]);
        g_autoptr(MimeTree) tree = parse (message);
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) bytes = mime_tree_dup_part (tree, 0, limit, &error);
        g_autofree char *text = mime_tree_dup_text (tree, 0, limit);

        if (limit < 6)
          g_assert_error (error, MIME_ERROR, MIME_ERROR_TOO_BIG);
        else
          g_assert_no_error (error);
        g_assert_cmpint (bytes != NULL, ==, limit >= 6);
        g_assert_cmpuint (strlen (text), ==, MIN (limit, 6));
      }
}

static gboolean
count_bytes (BaseSlice   piece,
             gpointer    user_data,
             GError    **error)
{
  *(gsize *) user_data += piece.size;
  return TRUE;
}

/* Pieces of 64 KiB: nothing is lost between them. */
static void
test_decode_big_part (void)
{
  for (gsize n = 300000; n < 300004; n++)
    {
      g_autofree guint8 *data = g_malloc0 (n);
      g_autofree char *base64 = g_base64_encode (data, n);
      g_autofree char *message = g_strconcat ("Content-Transfer-Encoding: base64\n\n", base64, NULL);
      g_autoptr(MimeTree) tree = parse (message);
      gsize total = 0;

      g_assert_true (mime_tree_write_part (tree, 0, count_bytes, &total, NULL));
      g_assert_cmpuint (total, ==, n);
      g_assert_cmpuint (mime_tree_get_part (tree, 0)->decoded_size, >=, n - n / 50);
    }
}

static void
test_text (void)
{
  static const struct { const char *header, *body, *text; } cases[] = {
    { "Content-Type: text/plain; charset=iso-8859-1", "J\xf6rg\r\nx", "J\xc3\xb6rg\nx" },
    { "Content-Type: text/plain", "J\xc3\xb6rg", "J\xc3\xb6rg" },
    { "Content-Type: text/plain; charset=us-ascii", "J\xf6rg", "J\xc3\xb6rg" },
    { "Content-Type: text/plain; charset=\"utf-8", "J\xc3\xb6rg", "J\xc3\xb6rg" },
    { "Content-Type: text/html", "<meta charset=koi8-r>\xf0", "<meta charset=koi8-r>\xd0\x9f" },
    { "Content-Type: text/html", "<META HTTP-EQUIV=x content=\"text/html; charset=koi8-r\">\xf0",
      "<META HTTP-EQUIV=x content=\"text/html; charset=koi8-r\">\xd0\x9f" },
    { "Content-Type: text/html; charset=iso-8859-1", "<meta charset=koi8-r>\xf0",
      "<meta charset=koi8-r>\xc3\xb0" },
    { "Content-Type: text/plain", "\xef\xbb\xbfx", "x" },
    { "Content-Type: text/plain", "a\rb\r\r\nc", "a\nb\n\nc" },
    { "Content-Type: text/plain; charset=utf-7", "+ADw-b+AD4-", "+ADw-b+AD4-" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = g_strconcat (cases[i].header, "\r\n\r\n", cases[i].body, NULL);
      g_autoptr(MimeTree) tree = parse (message);
      g_autofree char *text = mime_tree_dup_text (tree, 0, 1000);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_attached_message (void)
{
  g_autoptr(MimeTree) tree = parse ("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: "
                                    "base64\r\n\r\nU3ViamVjdDogaGkKCng=\r\n");
  g_autoptr(GBytes) message = mime_tree_dup_message (tree, 0);
  g_autoptr(MimeTree) plain = parse ("Content-Type: message/rfc822\r\n\r\nSubject: hi\n\nx");
  g_autoptr(GBytes) shared = mime_tree_dup_message (plain, 0);

  g_assert_true (g_bytes_equal (message, shared));
}

static guint
count_parts (guint    n,
             gboolean nested,
             gint64  *elapsed)
{
  g_autoptr(GString) text = g_string_new (nested ? "" : MULTI ("mixed", "b"));
  g_autoptr(MimeTree) tree = NULL;
  gint64 start;

  for (guint i = 0; i < n; i++)
    if (nested)
      g_string_append_printf (text, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
    else
      g_string_append (text, "--b\r\n\r\nx\r\n");
  start = clock ();
  tree = parse (text->str);
  *elapsed = clock () - start;
  if (nested)
    g_assert_cmpuint (mime_tree_get_part (tree, mime_tree_get_n_parts (tree) - 1)->depth, <=, MIME_DEPTH_MAX);
  return mime_tree_get_n_parts (tree);
}

static void
test_limits (void)
{
  gint64 elapsed;

  g_assert_cmpuint (count_parts (MIME_PARTS_MAX - 2, FALSE, &elapsed), ==, MIME_PARTS_MAX - 1);
  g_assert_cmpuint (count_parts (MIME_PARTS_MAX - 1, FALSE, &elapsed), ==, MIME_PARTS_MAX);
  g_assert_cmpuint (count_parts (MIME_PARTS_MAX, FALSE, &elapsed), ==, MIME_PARTS_MAX);
  g_assert_cmpuint (count_parts (1000000, FALSE, &elapsed), ==, MIME_PARTS_MAX);
  g_assert_cmpint (elapsed, <, 20 * G_USEC_PER_SEC);
  g_assert_cmpuint (count_parts (MIME_DEPTH_MAX - 1, TRUE, &elapsed), ==, MIME_DEPTH_MAX);
  g_assert_cmpuint (count_parts (MIME_DEPTH_MAX, TRUE, &elapsed), ==, MIME_DEPTH_MAX + 1);
  g_assert_cmpuint (count_parts (MIME_DEPTH_MAX + 1, TRUE, &elapsed), ==, MIME_DEPTH_MAX + 1);
  g_assert_cmpuint (count_parts (10000, TRUE, &elapsed), ==, MIME_DEPTH_MAX + 1);
  g_assert_cmpint (elapsed, <, 20 * G_USEC_PER_SEC);
}

/* The rest behind a limit is one attachment that holds every byte. */
static void
test_rest_is_whole (void)
{
  g_autoptr(GString) text = g_string_new (MULTI ("mixed", "b"));
  g_autoptr(MimeTree) tree = NULL;
  g_autoptr(GBytes) rest = NULL;
  const MimePart *last;

  for (guint i = 0; i < MIME_PARTS_MAX + 100; i++)
    g_string_append (text, "--b\r\n\r\nx\r\n");
  g_string_append (text, "the end");
  tree = parse (text->str);
  last = mime_tree_get_part (tree, MIME_PARTS_MAX - 1);
  g_assert_cmpuint (last->flags & (MIME_PART_IS_RAW | MIME_PART_IS_ATTACHMENT), ==,
                    MIME_PART_IS_RAW | MIME_PART_IS_ATTACHMENT);
  g_assert_cmpuint (last->body_offset + last->body_size, ==, text->len);
  rest = mime_tree_dup_part (tree, MIME_PARTS_MAX - 1, text->len, NULL);
  g_assert_cmpuint (g_bytes_get_size (rest), ==, last->body_size);
}

/* 16 MiB of what makes naive scanners look again and again. */
static void
test_hostile_structure_is_quick (void)
{
  static const char *const heads[] = { "", MULTI ("mixed", "a"),
                                       MULTI ("mixed", "a") "--a\r\n" MULTI ("mixed", "aa") };
  static const char *const units[] = { "\n", "--\n", "--a", "--a\n", "--a--\n", "\r\n--aaa\r\n",
                                       "Content-Type: message/rfc822\n\n",
                                       "Content-Type: multipart/mixed; boundary=a\n\n", "x" };

  for (gsize h = 0; h < G_N_ELEMENTS (heads); h++)
    for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
      {
        g_autoptr(GString) text = g_string_new (heads[h]);
        g_autoptr(MimeTree) tree = NULL;
        gint64 start;

        while (text->len < 16 * 1024 * 1024)
          g_string_append (text, units[i]);
        start = clock ();
        tree = parse (text->str);
        g_test_message ("%zu %zu: %" G_GINT64_FORMAT " us", h, i, (gint64) clock () - start);
        g_assert_cmpint (clock () - start, <, 5 * G_USEC_PER_SEC);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/tree/trees", test_trees);
  g_test_add_func ("/mime/tree/every-cut", test_every_cut);
  g_test_add_func ("/mime/tree/line-ends-do-not-matter", test_line_ends_do_not_matter);
  g_test_add_func ("/mime/tree/part-details", test_part_details);
  g_test_add_func ("/mime/tree/filenames", test_filenames);
  g_test_add_func ("/mime/tree/decode", test_decode);
  g_test_add_func ("/mime/tree/decode-limit", test_decode_limit);
  g_test_add_func ("/mime/tree/decode-big-part", test_decode_big_part);
  g_test_add_func ("/mime/tree/text", test_text);
  g_test_add_func ("/mime/tree/attached-message", test_attached_message);
  g_test_add_func ("/mime/tree/limits", test_limits);
  g_test_add_func ("/mime/tree/rest-is-whole", test_rest_is_whole);
  g_test_add_func ("/mime/tree/hostile-structure-is-quick", test_hostile_structure_is_quick);
  return g_test_run ();
}
