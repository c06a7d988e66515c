/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/address.h"

#include <time.h>

static char *
describe (GPtrArray *addresses)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < addresses->len; i++)
    {
      MimeAddress *address = addresses->pdata[i];

      g_string_append_printf (out, "%s%s<%s>", i > 0 ? " | " : "", address->name, address->address);
    }
  return g_string_free (out, FALSE);
}

typedef struct { const char *in, *out; } Case;

static void
check (const Case *cases,
       gsize       n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr(GPtrArray) addresses = mime_addresses_new ();
      g_autofree char *out = NULL;

      mime_addresses_add (addresses, MIME_ROLE_FROM, base_slice_from_string (cases[i].in));
      out = describe (addresses);
      g_assert_cmpstr (out, ==, cases[i].out);
    }
}

static void
test_forms (void)
{
  static const Case cases[] = {
    { "a@b.c", "<a@b.c>" },
    { "<a@b.c>", "<a@b.c>" },
    { "Joe <a@b.c>", "Joe<a@b.c>" },
    { "\"Doe, Joe\" <a@b.c>, x@y.z", "Doe, Joe<a@b.c> | <x@y.z>" },
    { "a@b.c (Joe Doe)", "Joe Doe<a@b.c>" },
    { "(nothing) <a@b.c>", "nothing<a@b.c>" },
    { "Joe (work (main)) Doe <a@b.c>", "Joe Doe<a@b.c>" },
    { "Joe \"The Man\" Doe <a@b.c>", "Joe The Man Doe<a@b.c>" },
    { "\"Joe \\\"x\\\" D\" <a@b.c>", "Joe \"x\" D<a@b.c>" },
    { "\"a b\"@c.d", "<\"a b\"@c.d>" },
    { "\"Joe Doe\" a@b.c", "\"Joe Doe\"<a@b.c>" },
    { "Joe Doe a@b.c", "Joe Doe<a@b.c>" },
    { "a @ b . c", "<a@b.c>" },
    { "a@[127.0.0.1]", "<a@[127.0.0.1]>" },
    { "a@[IPv6:::1], b@c", "<a@[IPv6:::1]> | <b@c>" },
    { "[list] x <a@b.c>", "[list] x<a@b.c>" },
    { "friends: a@b, c@d;, e@f", "<a@b> | <c@d> | <e@f>" },
    { "undisclosed-recipients:;", "undisclosed-recipients<>" },
    { "a@b, ,c@d,", "<a@b> | <c@d>" },
    { "a@b; c@d", "<a@b> | <c@d>" },
    { "Joe\r\n Doe\r\n <a@b>", "Joe Doe<a@b>" },
    { "=?iso-8859-1?q?J=F6rg?= =?iso-8859-1?q?_X?= <j@k.l>", "J\xc3\xb6rg X<j@k.l>" },
    { "\"=?utf-8?q?J=C3=B6rg?=\" <j@k.l>", "J\xc3\xb6rg<j@k.l>" },
    { "J\xf6rg <j@k.l>", "J\xc3\xb6rg<j@k.l>" },
    { "pel\xc3\xa9@ex\xc3\xa1mple.com", "<pel\xc3\xa9@ex\xc3\xa1mple.com>" },
    { "<@a,@b:joe@k.l>", "<joe@k.l>" },
    { "Cron Daemon <root>", "Cron Daemon<root>" },
    { "MAILER-DAEMON", "MAILER-DAEMON<>" },
    { "Joe Doe", "Joe Doe<>" },
    { "", "" },
    { "<>", "<>" },
  };

  check (cases, G_N_ELEMENTS (cases));
}

/* What is broken or made to deceive: the real domain is always part of what is shown. */
static void
test_hostile (void)
{
  static const Case cases[] = {
    { "=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?==?utf-8?Q?=00?==?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?=@mailsploit.com",
      "<=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?==?utf-8?Q?=00?==?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?=@mailsploit.com>" },
    { "=?utf-8?Q?=70=6F=74=75=73@whitehouse=2Egov?=@mailsploit.com",
      "<=?utf-8?Q?=70=6F=74=75=73@whitehouse=2Egov?=@mailsploit.com>" },
    { "\"ceo@bank.com\" <x@evil>", "ceo@bank.com<x@evil>" },
    { "ceo@bank.com <x@evil>", "ceo@bank.com<x@evil>" },
    { "=?utf-8?Q?Bob_<bob@good.org>?= <x@evil>", "Bob <bob@good.org><x@evil>" },
    { "=?utf-8?Q?Bob_<bob@good.org>,?= x@evil", "Bob <bob@good.org>,<x@evil>" },
    { "=?utf-8?Q?=6Aoe=40good.com?=", "joe@good.com<>" },
    { "=?utf-8?Q?a=0Ab?= <x@evil>", "a b<x@evil>" },
    { "joe@good.com@evil.com", "<joe@good.com@evil.com>" },
    { "<a@x> <b@y>", "<a@x> | <b@y>" },
    { "a@x b@y", "<a@x> | <b@y>" },
    { "Joe <a@b> extra", "Joe<a@b>" },
    { "<a@b", "<a@b>" },
    { "a@b>", "<a@b>" },
    { "\"joe <a@b>", "joe<a@b>" },
    { "(joe <a@b>", "joe<a@b>" },
    { "<bank\xe2\x80\x8b.com@evil>", "<bank\xef\xbf\xbd.com@evil>" },
    { "<a\x01@evil>", "<a\xef\xbf\xbd@evil>" },
    { "<a@b c>", "<a@b c>" },
    { "x\xe2\x80\xae <a@b>", "x<a@b>" },
  };

  check (cases, G_N_ELEMENTS (cases));
}

static void
test_labels (void)
{
  static const struct { const char *name, *address, *label, *full; } cases[] = {
    { "Joe", "a@b", "Joe", "Joe <a@b>" },
    { "", "a@b", "a@b", "a@b" },
    { "Joe", "", "Joe", "Joe" },
    { "Doe, Joe", "a@b", "Doe, Joe", "\"Doe, Joe\" <a@b>" },
    { "J \"x\" D", "a@b", "J \"x\" D", "\"J \\\"x\\\" D\" <a@b>" },
    { "ceo@bank", "x@evil", "ceo@bank <x@evil>", "\"ceo@bank\" <x@evil>" },
    { "ceo\xef\xbc\xa0""bank", "x@evil", "ceo\xef\xbc\xa0""bank <x@evil>", "ceo\xef\xbc\xa0""bank <x@evil>" },
    { "ceo@bank", "", "ceo@bank <>", "ceo@bank" },
    { "A@B", "a@b", "a@b", "\"A@B\" <a@b>" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MimeAddress address = { MIME_ROLE_TO, (char *) cases[i].name, (char *) cases[i].address };
      g_autofree char *label = mime_address_dup_label (&address);
      g_autofree char *full = mime_address_dup_full (&address);

      g_assert_cmpstr (label, ==, cases[i].label);
      g_assert_cmpstr (full, ==, cases[i].full);
    }
}

static void
test_full_form_is_read_back (void)
{
  static const char *const names[] = { "Joe", "Doe, Joe", "J \"x\\\" D", "a@b", "(x)", "[x]: y;", "\xc3\xb6",
                                       "=?utf-8?q?x?=" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      MimeAddress address = { MIME_ROLE_TO, (char *) names[i], (char *) "a@b.c" };
      g_autofree char *full = mime_address_dup_full (&address);
      g_autoptr(GPtrArray) back = mime_addresses_parse (MIME_ROLE_TO, full);

      g_assert_cmpuint (back->len, ==, 1);
      g_assert_cmpstr (((MimeAddress *) back->pdata[0])->name, ==, names[i]);
      g_assert_cmpstr (((MimeAddress *) back->pdata[0])->address, ==, "a@b.c");
    }
}

static void
test_typed (void)
{
  g_autoptr(GPtrArray) addresses = mime_addresses_parse (MIME_ROLE_CC, "a@b, Joe <c@d>; e@f\ng@h");
  g_autofree char *out = describe (addresses);

  g_assert_cmpstr (out, ==, "<a@b> | Joe<c@d> | <e@f> | <g@h>");
  g_assert_cmpint (((MimeAddress *) addresses->pdata[3])->role, ==, MIME_ROLE_CC);
}

static void
test_valid (void)
{
  static const struct { const char *address; gboolean valid; } cases[] = {
    { "a@b", TRUE }, { "a.b+c@d-e.f", TRUE }, { "\"a b\"@c.d", TRUE }, { "\"a@b\"@c.d", TRUE },
    { "a@[127.0.0.1]", TRUE }, { "a@[IPv6:::1]", TRUE }, { "pel\xc3\xa9@ex\xc3\xa1mple.com", TRUE },
    { "o'neil@x.ie", TRUE }, { "", FALSE }, { "a", FALSE }, { "@b", FALSE }, { "a@", FALSE },
    { "a@b@c", FALSE }, { "a b@c", FALSE }, { "a@b c", FALSE }, { "a@b\r\nRCPT TO:<x@y>", FALSE },
    { "a@b>", FALSE }, { "<a@b>", FALSE }, { "a,b@c", FALSE }, { "a@.b", FALSE }, { "a@b..c", FALSE },
    { "\"a@b", FALSE }, { "\"\"@b", FALSE }, { "a@[1.2.3.4", FALSE }, { "a@b\xef\xbf\xbd", FALSE },
    { "a\xe2\x80\x8b@b", FALSE }, { "a\xff@b", FALSE }, { "\"a\r\nb\"@c", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %zu", i);
      g_assert_cmpint (mime_address_is_valid (cases[i].address), ==, cases[i].valid);
    }
}

static guint
count_addresses (guint n)
{
  g_autoptr(GString) in = g_string_new (NULL);
  g_autoptr(GPtrArray) addresses = mime_addresses_new ();

  for (guint i = 0; i < n; i++)
    g_string_append_printf (in, "u%u@x.y, ", i);
  mime_addresses_add (addresses, MIME_ROLE_TO, base_slice_new (in->str, in->len));
  return addresses->len;
}

static void
test_limits (void)
{
  g_assert_cmpuint (count_addresses (MIME_ADDRESSES_MAX - 1), ==, MIME_ADDRESSES_MAX - 1);
  g_assert_cmpuint (count_addresses (MIME_ADDRESSES_MAX), ==, MIME_ADDRESSES_MAX);
  g_assert_cmpuint (count_addresses (MIME_ADDRESSES_MAX + 1), ==, MIME_ADDRESSES_MAX);
  g_assert_cmpuint (count_addresses (100000), ==, MIME_ADDRESSES_MAX);
}

/* 256 KiB of what makes naive parsers search to the end again and again. */
static void
test_hostile_input_is_quick (void)
{
  static const char *const units[] = { "\"", "(", "<", "[", "\\\"", "a@b[", "=?a?q?", "a:b:<<", "((((",
                                       "<a@b>", "a@b ", ";:", "@" };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autoptr(GString) in = g_string_new (NULL);
      g_autoptr(GPtrArray) addresses = mime_addresses_new ();
      gint64 start = clock ();

      while (in->len < 256 * 1024)
        g_string_append (in, units[i]);
      mime_addresses_add (addresses, MIME_ROLE_TO, base_slice_new (in->str, in->len));
      g_assert_cmpuint (addresses->len, <=, MIME_ADDRESSES_MAX);
      g_test_message ("%s: %" G_GINT64_FORMAT " us", units[i], (gint64) clock () - start);
      g_assert_cmpint (clock () - start, <, 20 * G_USEC_PER_SEC);
    }
}

static void
test_equal (void)
{
  g_assert_true (mime_address_equal ("A@B.c", " a@b.C "));
  g_assert_true (mime_address_equal ("\xc3\x96@b", "\xc3\xb6@b"));
  g_assert_false (mime_address_equal ("a@b", "a@bc"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/address/forms", test_forms);
  g_test_add_func ("/mime/address/hostile", test_hostile);
  g_test_add_func ("/mime/address/labels", test_labels);
  g_test_add_func ("/mime/address/full-form-is-read-back", test_full_form_is_read_back);
  g_test_add_func ("/mime/address/typed", test_typed);
  g_test_add_func ("/mime/address/valid", test_valid);
  g_test_add_func ("/mime/address/limits", test_limits);
  g_test_add_func ("/mime/address/hostile-input-is-quick", test_hostile_input_is_quick);
  g_test_add_func ("/mime/address/equal", test_equal);
  return g_test_run ();
}
