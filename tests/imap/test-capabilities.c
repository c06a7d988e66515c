/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/capabilities.h"

static ImapCapabilities *
read_line (const char *line)
{
  ImapCapabilities *capabilities = imap_capabilities_new ();
  g_auto(GStrv) names = g_strsplit (line, " ", -1);

  for (guint i = 0; names[i] != NULL; i++)
    imap_capabilities_add (capabilities, base_slice_from_string (names[i]));
  return capabilities;
}

static void
test_names_are_known (void)
{
  static const struct { const char *line; ImapCapability capability; gboolean can; } cases[] = {
    { "IMAP4rev1 IDLE", IMAP_CAN_IDLE, TRUE },
    { "imap4REV1 idle", IMAP_CAN_IDLE, TRUE },
    { "IMAP4rev1 IDLER", IMAP_CAN_IDLE, FALSE },
    { "IMAP4rev1", IMAP_CAN_IDLE, FALSE },
    { "IMAPrev1", IMAP_CAN_IMAP4REV1, TRUE },
    { "APPENDLIMIT=35651584", IMAP_CAN_APPENDLIMIT, TRUE },
    { "QRESYNC", IMAP_CAN_CONDSTORE, TRUE },
    { "QUOTA=RES-STORAGE", IMAP_CAN_QUOTA, TRUE },
    { "QUOTASET", IMAP_CAN_QUOTA, FALSE },
    { "IMAP4rev2", IMAP_CAN_LIST_STATUS, TRUE },
    { "IMAP4rev2", IMAP_CAN_CONDSTORE, FALSE },
    { "LITERAL+", IMAP_CAN_LITERAL_PLUS, TRUE },
    { "LITERAL-", IMAP_CAN_LITERAL_PLUS, FALSE },
    { "COMPRESS=DEFLATE", IMAP_CAN_COMPRESS_DEFLATE, TRUE },
    { "CREATE-SPECIAL-USE", IMAP_CAN_SPECIAL_USE, FALSE },
    { "CREATE-SPECIAL-USE", IMAP_CAN_CREATE_SPECIAL_USE, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(ImapCapabilities) capabilities = read_line (cases[i].line);

      g_assert_cmpint (imap_capabilities_has (capabilities, cases[i].capability), ==, cases[i].can);
    }
}

static void
test_mechanisms_keep_their_order (void)
{
  g_autoptr(ImapCapabilities) capabilities =
    read_line ("IMAP4rev1 AUTH=PLAIN auth=scram-sha-256 AUTH= LOGINDISABLED");
  const char * const *mechanisms = imap_capabilities_peek_mechanisms (capabilities);

  g_assert_cmpstr (mechanisms[0], ==, "PLAIN");
  g_assert_cmpstr (mechanisms[1], ==, "SCRAM-SHA-256");
  g_assert_null (mechanisms[2]);
}

static void
test_clear_forgets_all (void)
{
  g_autoptr(ImapCapabilities) capabilities = read_line ("IMAP4rev1 AUTH=PLAIN IDLE");
  g_autofree char *text = NULL;

  g_assert_false (imap_capabilities_is_empty (capabilities));
  imap_capabilities_clear (capabilities);
  g_assert_true (imap_capabilities_is_empty (capabilities));
  g_assert_false (imap_capabilities_has (capabilities, IMAP_CAN_IDLE));
  g_assert_null (imap_capabilities_peek_mechanisms (capabilities)[0]);
  text = imap_capabilities_dup_text (capabilities);
  g_assert_cmpstr (text, ==, "");
}

static void
test_number_and_length_are_limited (void)
{
  g_autoptr(ImapCapabilities) capabilities = imap_capabilities_new ();
  g_autofree char *fits = g_strnfill (123, 'A'), *is_long = g_strnfill (124, 'A');
  g_autofree char *fitting_name = g_strconcat ("AUTH=", fits, NULL),
                                  *long_name = g_strconcat ("AUTH=", is_long, NULL);

  imap_capabilities_add (capabilities, base_slice_from_string (long_name));
  g_assert_true (imap_capabilities_is_empty (capabilities));
  imap_capabilities_add (capabilities, base_slice_from_string (fitting_name));
  g_assert_cmpstr (imap_capabilities_peek_mechanisms (capabilities)[0], ==, fits);
  imap_capabilities_add (capabilities, BASE_SLICE_LITERAL ("AUTH=A\0B"));
  g_assert_null (imap_capabilities_peek_mechanisms (capabilities)[1]);

  for (guint i = 1; i < IMAP_CAPABILITIES_MAX - 1; i++)
    imap_capabilities_add (capabilities, BASE_SLICE_LITERAL ("AUTH=X"));
  imap_capabilities_add (capabilities, BASE_SLICE_LITERAL ("IDLE"));
  imap_capabilities_add (capabilities, BASE_SLICE_LITERAL ("MOVE"));
  g_assert_true (imap_capabilities_has (capabilities, IMAP_CAN_IDLE));
  g_assert_false (imap_capabilities_has (capabilities, IMAP_CAN_MOVE));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/capabilities/names-are-known", test_names_are_known);
  g_test_add_func ("/imap/capabilities/mechanisms-keep-their-order", test_mechanisms_keep_their_order);
  g_test_add_func ("/imap/capabilities/clear-forgets-all", test_clear_forgets_all);
  g_test_add_func ("/imap/capabilities/number-and-length-are-limited", test_number_and_length_are_limited);
  return g_test_run ();
}
