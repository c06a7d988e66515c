/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/filename.h"

#include <string.h>

static void
test_safe (void)
{
  static const struct { const char *in, *out; } cases[] = {
    { "report.pdf", "report.pdf" },
    { "J\xc3\xb6rg's photo.jpg", "J\xc3\xb6rg's photo.jpg" },
    { "../../.bashrc", "bashrc" },
    { "/etc/passwd", "passwd" },
    { "C:\\windows\\x.dll", "x.dll" },
    { ".hidden", "hidden" },
    { "-rf", "rf" },
    { "..", "attachment" },
    { "a/", "attachment" },
    { "name. . ", "name" },
    { "new\nline.txt", "new line.txt" },
    { "bell\x07.txt", "bell_.txt" },
    { "invoice\xe2\x80\xae""fdp.exe", "invoicefdp.exe" },
    { "a.pdf                 .exe", "a.pdf .exe" },
    { "a:b*c?.txt", "a_b_c_.txt" },
    { "con", "_con" },
    { "CON.txt", "_CON.txt" },
    { "com1.log", "_com1.log" },
    { "comma.txt", "comma.txt" },
    { "console", "console" },
    { "o\xcc\x88.txt", "\xc3\xb6.txt" },                    /* NFC */
    { "bad\xff.txt", "bad_.txt" },
    { "", "attachment" },
    { NULL, "attachment" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *out = mime_filename_make_safe (cases[i].in, "attachment");
      g_autofree char *again = mime_filename_make_safe (out, "attachment");

      g_assert_cmpstr (out, ==, cases[i].out);
      g_assert_cmpstr (again, ==, out);
    }
}

static void
test_long_name_keeps_its_extension (void)
{
  for (gsize n = 190; n < 230; n++)
    {
      g_autofree char *stem = g_strnfill (n, 'x');
      g_autofree char *name = g_strconcat (stem, "\xc3\xb6.pdf", NULL);
      g_autofree char *safe = mime_filename_make_safe (name, "attachment");

      g_assert_cmpuint (strlen (safe), ==, n == 195 ? 199 : MIN (n + 6, 200));
      g_assert_true (g_str_has_suffix (safe, ".pdf"));
      g_assert_true (g_utf8_validate (safe, -1, NULL));
    }
}

static void
test_danger (void)
{
  static const struct { const char *name; MimeDanger danger; } cases[] = {
    { "a.pdf", MIME_DANGER_NONE },
    { "a", MIME_DANGER_NONE },
    { "exe", MIME_DANGER_NONE },
    { "a.exe", MIME_DANGER_PROGRAM },
    { "a.EXE", MIME_DANGER_PROGRAM },
    { "a.pdf     .exe", MIME_DANGER_PROGRAM },
    { "a.exe. . ", MIME_DANGER_PROGRAM },
    { "a.ex\xe2\x80\x8b""e", MIME_DANGER_PROGRAM },
    { "x.desktop", MIME_DANGER_PROGRAM },
    { "x.html", MIME_DANGER_ACTIVE },
    { "x.svg", MIME_DANGER_ACTIVE },
    { "x.docm", MIME_DANGER_ACTIVE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (mime_filename_get_danger (cases[i].name), ==, cases[i].danger);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/filename/safe", test_safe);
  g_test_add_func ("/mime/filename/long-name-keeps-its-extension", test_long_name_keeps_its_extension);
  g_test_add_func ("/mime/filename/danger", test_danger);
  return g_test_run ();
}
