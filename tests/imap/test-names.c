/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/names.h"

/* What both sides write the same way. */
static const struct { const char *raw; const char *name; } exact[] = {
  { "INBOX", "INBOX" },
  { "", "" },
  /* RFC 3501 5.1.3 */
  { "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e" },
  { "Entw&APw-rfe", "Entw\u00fcrfe" },
  { "Gel&APY-schte Objekte", "Gel\u00f6schte Objekte" },
  { "&BBIERQQ+BDQETwRJBDgENQ-", "\u0412\u0445\u043e\u0434\u044f\u0449\u0438\u0435" },
  { "R&-D", "R&D" },
  { "&-", "&" },
  { "&-&-", "&&" },
  { "&2D3eAA-", "\U0001f600" },
  { "&AKMApQ-", "\u00a3\u00a5" },
  { "a&AKM-&-b", "a\u00a3&b" },
};

static void
test_names_go_both_ways (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (exact); i++)
    {
      g_autofree char *name = imap_names_decode (base_slice_from_string (exact[i].raw));
      g_autofree char *raw = NULL;

      g_assert_cmpstr (name, ==, exact[i].name);
      raw = imap_names_encode (name);
      g_assert_cmpstr (raw, ==, exact[i].raw);
    }
}

static void
test_invalid_names_stay_as_they_are (void)
{
  static const struct { const char *raw; const char *shown; } cases[] = {
    { "R&D", "R&D" },
    { "&", "&" },
    { "&Jjo", "&Jjo" },
    { "&Jjo!-", "&Jjo!-" },
    { "&A-", "&A-" },
    { "&AA-", "&AA-" },
    { "&AAo-", "&AAo-" },                       /* a line feed */
    { "&AAA-", "&AAA-" },                       /* NUL */
    { "&2D0-", "&2D0-" },                       /* half of a pair */
    { "&3gA-", "&3gA-" },
    { "&APx-", "&APx-" },                       /* padding bits that are not zero */
    { "&APwA-", "&APwA-" },                     /* a whole digit too many */
    { "&APw", "&APw" },
    { "&APw-&bad", "\u00fc&bad" },
    { "M\xc3\xbcll", "M\u00fcll" },             /* UTF-8 where there should be none */
    { "M\xfcll", "M\ufffdll" },
    { "a\x01" "b\nc", "a b c" },
    { "&AGE-", "a" },                           /* should have been written plainly */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = imap_names_decode (base_slice_from_string (cases[i].raw));

      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

static void
test_utf8_connection_means_the_same_folders (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (exact); i++)
    {
      g_autofree char *wire = imap_names_to_wire (exact[i].raw);
      g_autofree char *raw = NULL;

      g_assert_cmpstr (wire, ==, exact[i].name);
      raw = imap_names_from_wire (base_slice_from_string (wire));
      g_assert_cmpstr (raw, ==, exact[i].raw);
    }
}

static void
test_utf8_connection_passes_on_what_it_cannot_translate (void)
{
  static const char * const cases[] = { "R&D", "M\xfcll", "&AGE-" };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *wire = imap_names_to_wire (cases[i]);

      g_assert_cmpstr (wire, ==, cases[i]);
    }
}

static void
test_any_name_survives_encoding (void)
{
  for (guint round = 0; round < 5000; round++)
    {
      g_autoptr(GRand) rand = g_rand_new_with_seed (round);
      g_autoptr(GString) name = g_string_new (NULL);
      g_autofree char *raw = NULL, *back = NULL;

      for (int i = g_rand_int_range (rand, 0, 12); i > 0; i--)
        {
          static const gunichar picks[] = { 'a', '&', '-', '/', 0xfc, 0x416, 0x65e5, 0x1f600, 0xffff,
                                            0x10ffff, ' ', '~' };

          g_string_append_unichar (name, picks[g_rand_int_range (rand, 0, G_N_ELEMENTS (picks))]);
        }
      raw = imap_names_encode (name->str);
      for (const char *p = raw; *p != '\0'; p++)
        g_assert_true (*p >= 0x20 && *p <= 0x7e);
      back = imap_names_decode (base_slice_from_string (raw));
      g_assert_cmpstr (back, ==, name->str);
    }
}

static void
test_any_bytes_become_text (void)
{
  for (guint round = 0; round < 5000; round++)
    {
      g_autoptr(GRand) rand = g_rand_new_with_seed (round);
      guint8 raw[24];
      gsize size = (gsize) g_rand_int_range (rand, 0, sizeof raw);
      g_autofree char *name = NULL;

      for (gsize i = 0; i < size; i++)
        raw[i] = g_rand_boolean (rand) ? (guint8) "&-AB,+/\xc3\xbc"[g_rand_int_range (rand, 0, 9)]
                                       : (guint8) g_rand_int_range (rand, 0, 256);
      name = imap_names_decode (base_slice_new (raw, size));
      g_assert_true (g_utf8_validate (name, -1, NULL));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/names/names-go-both-ways", test_names_go_both_ways);
  g_test_add_func ("/imap/names/invalid-names-stay-as-they-are", test_invalid_names_stay_as_they_are);
  g_test_add_func ("/imap/names/utf8-connection-means-the-same-folders",
                   test_utf8_connection_means_the_same_folders);
  g_test_add_func ("/imap/names/utf8-connection-passes-on-what-it-cannot-translate",
                   test_utf8_connection_passes_on_what_it_cannot_translate);
  g_test_add_func ("/imap/names/any-name-survives-encoding", test_any_name_survives_encoding);
  g_test_add_func ("/imap/names/any-bytes-become-text", test_any_bytes_become_text);
  return g_test_run ();
}
