/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/capabilities.h"

static SmtpCapabilities *
parse (const char *text)
{
  g_autoptr(SmtpFramer) framer = smtp_framer_new ();
  g_autoptr(SmtpReply) reply = NULL;
  g_autoptr(GError) error = NULL;
  BaseSlice input = base_slice_from_string (text);

  g_assert_true (smtp_framer_take (framer, &input, &reply, &error));
  g_assert_no_error (error);
  g_assert_nonnull (reply);
  return smtp_capabilities_parse (reply);
}

static void
test_postfix (void)
{
  g_autoptr(SmtpCapabilities) capabilities =
    parse ("250-mail.example.org\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-VRFY\r\n250-ETRN\r\n"
           "250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250-AUTH=PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n"
           "250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250 CHUNKING\r\n");

  g_assert_true (capabilities->has_pipelining);
  g_assert_true (capabilities->has_starttls);
  g_assert_true (capabilities->has_8bitmime);
  g_assert_true (capabilities->has_smtputf8);
  g_assert_true (capabilities->has_size);
  g_assert_cmpuint (capabilities->size_max, ==, 10240000);
  g_assert_true (capabilities->has_auth);
  g_assert_cmpuint (capabilities->mechanisms->len, ==, 2);
  g_assert_cmpstr (capabilities->mechanisms->pdata[0], ==, "PLAIN");
  g_assert_cmpstr (capabilities->mechanisms->pdata[1], ==, "LOGIN");
  g_assert_null (capabilities->mechanisms->pdata[2]);
}

static void
test_nothing_offered (void)
{
  static const char * const replies[] = {
    "250 ok\r\n",
    /* The greeting is not a list. */
    "250 STARTTLS\r\n",
    "250-PIPELINING\r\n250 XSTARTTLS\r\n",
    "250-x\r\n250-\r\n250 \r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr(SmtpCapabilities) capabilities = parse (replies[i]);

      g_assert_false (capabilities->has_starttls);
      g_assert_false (capabilities->has_pipelining);
      g_assert_false (capabilities->has_auth);
      g_assert_false (capabilities->has_size);
      g_assert_null (capabilities->mechanisms->pdata[0]);
    }
}

static void
test_size (void)
{
  static const struct { const char *reply; guint64 max; } cases[] = {
    { "250-x\r\n250 SIZE\r\n", 0 },
    { "250-x\r\n250 SIZE 0\r\n", 0 },
    { "250-x\r\n250 size 1\r\n", 1 },
    { "250-x\r\n250 SIZE -1\r\n", 0 },
    { "250-x\r\n250 SIZE 99999999999999999999\r\n", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(SmtpCapabilities) capabilities = parse (cases[i].reply);

      g_assert_true (capabilities->has_size);
      g_assert_cmpuint (capabilities->size_max, ==, cases[i].max);
    }
}

static void
test_old_form_of_auth (void)
{
  g_autoptr(SmtpCapabilities) capabilities = parse ("250-x\r\n250 auth=LOGIN plain\r\n");

  g_assert_true (capabilities->has_auth);
  g_assert_cmpstr (capabilities->mechanisms->pdata[0], ==, "LOGIN");
  g_assert_cmpstr (capabilities->mechanisms->pdata[1], ==, "plain");
  g_assert_null (capabilities->mechanisms->pdata[2]);
}

static void
test_mechanisms_are_bounded (void)
{
  g_autoptr(GString) reply = g_string_new ("250-x\r\n250 AUTH");
  g_autoptr(SmtpCapabilities) capabilities = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (reply, " M%u", i);
  g_string_append (reply, "\r\n");
  capabilities = parse (reply->str);
  g_assert_cmpuint (capabilities->mechanisms->len, ==, SMTP_MECHANISMS_MAX);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/smtp/capabilities/postfix", test_postfix);
  g_test_add_func ("/smtp/capabilities/nothing-offered", test_nothing_offered);
  g_test_add_func ("/smtp/capabilities/size", test_size);
  g_test_add_func ("/smtp/capabilities/old-form-of-auth", test_old_form_of_auth);
  g_test_add_func ("/smtp/capabilities/mechanisms-are-bounded", test_mechanisms_are_bounded);
  return g_test_run ();
}
