/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/seven-bit.h"

#include <string.h>

static gboolean
collect (BaseSlice   piece,
         gpointer    user_data,
         GError    **error)
{
  g_string_append_len (user_data, (const char *) piece.data, (gssize) piece.size);
  return TRUE;
}

/* NULL: refused. */
static GBytes *
encode (GBytes *message)
{
  GString *out = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  if (mime_seven_bit_write (message, collect, out, &error))
    return g_string_free_to_bytes (out);
  g_assert_error (error, MIME_ERROR, MIME_ERROR_REFUSED);
  g_string_free (out, TRUE);
  return NULL;
}

#define MIXED "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"

static const struct {
  const char *message;
  const char *encoded;         /* NULL: refused */
} cases[] = {
  { "Subject: A\r\n\r\nplain\r\n", "Subject: A\r\n\r\nplain\r\n" },
  { "Subject: A\r\n\r\nGr\xc3\xbc\xc3\x9f" "e =\r\nx \r\n",
    "Subject: A\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe "
    "=3D\r\nx=20\r\n" },
  { "MIME-Version: 1.0\r\nContent-Type: text/plain;\r\n charset=utf-8\r\nContent-Transfer-Encoding: "
    "8bit\r\nSubject: A\r\n\r\n\xc3\xbc",
    "MIME-Version: 1.0\r\nContent-Type: text/plain;\r\n charset=utf-8\r\nSubject: A\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC" },
  { MIXED "Content-Transfer-Encoding: 8bit\r\n\r\n--b\r\n\r\n\xc3\xbc\r\n--b\r\nContent-Type: "
    "image/png\r\n\r\n\xff\xfe\r\n--b\r\n"
    "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--b--\r\n",
    MIXED "Content-Transfer-Encoding: 7bit\r\n\r\n--b\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n\r\n=C3=BC\r\n--b\r\n"
    "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n//4=\r\n--b\r\n"
    "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--b--\r\n" },
  { MIXED "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: B\r\n\r\n\xc3\xbc\r\n--b--\r\n",
    MIXED "Content-Transfer-Encoding: 7bit\r\n\r\n--b\r\nContent-Type: "
    "message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
    "Subject: B\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC\r\n--b--\r\n" },
  { "Subject: \xc3\xbc\r\n\r\nx\r\n", NULL },
  { "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\xc3\xbc\r\n--b\r\nContent-Type: "
    "application/pgp-signature\r\n\r\n"
    "x\r\n--b--\r\n", NULL },
  { "Content-Type: multipart/mixed\r\n\r\n\xc3\xbc\r\n", NULL },
  { MIXED "\r\npreamble \xc3\xbc\r\n--b\r\n\r\nx\r\n--b--\r\n", NULL },
};

static void
test_known_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GBytes) message = g_bytes_new_static (cases[i].message, strlen (cases[i].message));
      g_autoptr(GBytes) encoded = encode (message);

      g_test_message ("case %u", i);
      g_assert_cmpint (encoded != NULL, ==, cases[i].encoded != NULL);
      if (encoded != NULL)
        g_assert_cmpmem (g_bytes_get_data (encoded, NULL), g_bytes_get_size (encoded), cases[i].encoded,
                         strlen (cases[i].encoded));
    }
}

/* Any bytes as text and as attachment: decoded they are what they were, and no line is too long. */
static void
test_contents_stay_the_same (void)
{
  static const char * const types[] = { "text/plain; charset=utf-8", "application/octet-stream" };
  g_autoptr(GRand) random = g_rand_new_with_seed (1);

  for (guint round = 0; round < 400; round++)
    {
      g_autoptr(GString) text = g_string_new (NULL);
      g_autoptr(GBytes) message = NULL, encoded = NULL, content = NULL;
      g_autoptr(MimeTree) tree = NULL;
      gsize head;

      g_string_printf (text, "Content-Type: %s\r\nContent-Transfer-Encoding: binary\r\n\r\n",
                       types[round % 2]);
      head = text->len;
      for (guint n = (guint) g_rand_int_range (random, 0, 3000); n > 0; n--)
        g_string_append_c (text, (char) (g_rand_boolean (random)
                                         ? g_rand_int_range (random, 0, 256) : " =\r\nx"[n % 5]));
      g_string_append_c (text, (char) 0xff);
      message = g_bytes_new (text->str, text->len);
      encoded = encode (message);
      tree = mime_tree_new (encoded);
      g_assert_cmpuint (mime_tree_get_n_parts (tree), ==, 1);
      content = mime_tree_dup_part (tree, 0, 100000, NULL);
      g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), text->str + head,
                       text->len - head);
    }
}

static void
test_long_lines_are_broken (void)
{
  for (gsize length = 997; length <= 1000; length++)
    {
      g_autofree char *line = g_strnfill (length, 'x');
      g_autofree char *text = g_strdup_printf ("Subject: A\r\n\r\n%s\r\n", line);
      g_autoptr(GBytes) message = g_bytes_new (text, strlen (text));
      g_autoptr(GBytes) encoded = encode (message);

      g_assert_cmpint (g_bytes_equal (message, encoded), ==, length <= 997);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/seven-bit/known-answers", test_known_answers);
  g_test_add_func ("/mime/seven-bit/contents-stay-the-same", test_contents_stay_the_same);
  g_test_add_func ("/mime/seven-bit/long-lines-are-broken", test_long_lines_are_broken);
  return g_test_run ();
}
