/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pop3/parser.h"

static void
test_status (void)
{
  static const struct { const char *line; gboolean is_ok; Pop3Code code; const char *words; } cases[] = {
    { "+OK", TRUE, POP3_CODE_NONE, "" },
    { "+OK ", TRUE, POP3_CODE_NONE, "" },
    { "+ok  ready ", TRUE, POP3_CODE_NONE, "ready" },
    { "+OK\t2 320", TRUE, POP3_CODE_NONE, "2 320" },
    { "-ERR", FALSE, POP3_CODE_NONE, "" },
    { "-ERR [IN-USE] Do you have another POP session running?", FALSE, POP3_CODE_IN_USE,
      "[IN-USE] Do you have another POP session running?" },
    { "-err [in-use]", FALSE, POP3_CODE_IN_USE, "[in-use]" },
    { "-ERR [LOGIN-DELAY] wait", FALSE, POP3_CODE_LOGIN_DELAY, "[LOGIN-DELAY] wait" },
    { "-ERR [SYS/TEMP] later", FALSE, POP3_CODE_SYS_TEMP, "[SYS/TEMP] later" },
    { "-ERR [SYS/PERM] Your account is not enabled for POP access.", FALSE, POP3_CODE_SYS_PERM,
      "[SYS/PERM] Your account is not enabled for POP access." },
    { "-ERR [AUTH] Authentication failed.", FALSE, POP3_CODE_AUTH, "[AUTH] Authentication failed." },
    { "-ERR [SYS/OTHER] x", FALSE, POP3_CODE_OTHER, "[SYS/OTHER] x" },
    { "-ERR [] x", FALSE, POP3_CODE_OTHER, "[] x" },
    { "-ERR [AUTH", FALSE, POP3_CODE_NONE, "[AUTH" },
    { "-ERR no [AUTH]", FALSE, POP3_CODE_NONE, "no [AUTH]" },
    /* hMailServer */
    { "+ERR no such message", FALSE, POP3_CODE_NONE, "no such message" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pop3Status status;

      g_assert_true (pop3_parse_status (base_slice_from_string (cases[i].line), &status));
      g_assert_cmpint (status.is_ok, ==, cases[i].is_ok);
      g_assert_cmpint (status.code, ==, cases[i].code);
      g_assert_cmpmem (status.words.data, status.words.size, cases[i].words, strlen (cases[i].words));
    }
}

static void
test_other_protocols_are_no_status (void)
{
  static const char * const lines[] = {
    "", ".", " +OK", "+OKAY", "+", "+ abc", "OK", "-ERRor", "+OK[x]", "* OK IMAP4rev1", "220 ready",
    "HTTP/1.1 200",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      Pop3Status status;

      g_assert_false (pop3_parse_status (base_slice_from_string (lines[i]), &status));
    }
}

static Pop3Error
judge (const char *line,
       gboolean    names_auth)
{
  Pop3Status status;

  g_assert_true (pop3_parse_status (base_slice_from_string (line), &status));
  return pop3_judge_sign_in (&status, names_auth);
}

static void
test_refused_sign_in (void)
{
  static const struct { const char *line; gboolean names_auth; Pop3Error meaning; } cases[] = {
    { "-ERR [AUTH] Authentication failed.", TRUE, POP3_ERROR_AUTH_REJECTED },
    { "-ERR [AUTH] mailbox is locked", FALSE, POP3_ERROR_AUTH_REJECTED },
    { "-ERR [IN-USE] Couldn't open INBOX", TRUE, POP3_ERROR_IN_USE },
    { "-ERR [LOGIN-DELAY] minimum time between mail checks violation", FALSE, POP3_ERROR_LOGIN_DELAY },
    { "-ERR [SYS/TEMP] Temporary authentication failure.", TRUE, POP3_ERROR_TEMPORARY },
    { "-ERR [SYS/PERM] Your account is not enabled for POP access.", FALSE, POP3_ERROR_PERMANENT },
    { "-ERR Unable to lock maildrop: Mailbox is locked by POP server", FALSE, POP3_ERROR_IN_USE },
    { "-ERR maildrop lock busy!  Is another session active?", FALSE, POP3_ERROR_IN_USE },
    { "-ERR duplicate login!", FALSE, POP3_ERROR_IN_USE },
    { "-ERR Too many connections", FALSE, POP3_ERROR_TEMPORARY },
    { "-ERR You may check your mail only every 15 minutes", FALSE, POP3_ERROR_LOGIN_DELAY },
    { "-ERR POP3 is disabled for this user", FALSE, POP3_ERROR_PERMANENT },
    { "-ERR Your IP is blocked", FALSE, POP3_ERROR_AUTH_UNCLEAR },
    { "-ERR Invalid login or password", FALSE, POP3_ERROR_AUTH_UNCLEAR },
    { "-ERR", FALSE, POP3_ERROR_AUTH_UNCLEAR },
    /* It would have said [AUTH]. */
    { "-ERR Internal error", TRUE, POP3_ERROR_TEMPORARY },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (judge (cases[i].line, cases[i].names_auth), ==, cases[i].meaning);
}

static Pop3Capabilities *
parse_capabilities (const char *rows)
{
  Pop3Capabilities *capabilities = pop3_capabilities_new ();
  g_auto(GStrv) lines = g_strsplit (rows, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    pop3_capabilities_add_row (capabilities, base_slice_from_string (lines[i]));
  return capabilities;
}

static void
test_capabilities_of_dovecot (void)
{
  g_autoptr(Pop3Capabilities) capabilities =
    parse_capabilities ("CAPA\nTOP\nUIDL\nRESP-CODES\nPIPELINING\nAUTH-RESP-CODE\nSTLS\nUSER\n"
                        "SASL PLAIN LOGIN");

  g_assert_true (capabilities->has_top);
  g_assert_true (capabilities->has_uidl);
  g_assert_true (capabilities->has_user);
  g_assert_true (capabilities->has_stls);
  g_assert_true (capabilities->has_pipelining);
  g_assert_true (capabilities->has_auth_resp_code);
  g_assert_false (capabilities->has_utf8);
  g_assert_cmpint (capabilities->expire, ==, POP3_EXPIRE_UNKNOWN);
  g_assert_cmpuint (capabilities->login_delay, ==, 0);
  g_assert_cmpuint (capabilities->mechanisms->len, ==, 2);
  g_assert_cmpstr (capabilities->mechanisms->pdata[1], ==, "LOGIN");
  g_assert_null (capabilities->mechanisms->pdata[2]);
}

static void
test_no_capabilities (void)
{
  g_autoptr(Pop3Capabilities) capabilities =
    parse_capabilities ("\n \nXYZ\nTOPS\nEXPIRE\nEXPIRE soon\nLOGIN-DELAY -1");

  g_assert_false (capabilities->has_top);
  g_assert_cmpint (capabilities->expire, ==, POP3_EXPIRE_UNKNOWN);
  g_assert_cmpuint (capabilities->login_delay, ==, 0);
  g_assert_null (capabilities->mechanisms->pdata[0]);
}

static void
test_expire_and_delay (void)
{
  static const struct { const char *rows; Pop3Expire expire; guint days; guint delay; } cases[] = {
    { "expire never\nlogin-delay 900", POP3_EXPIRE_NEVER, 0, 900 },
    { "EXPIRE 0", POP3_EXPIRE_DAYS, 0, 0 },
    { "EXPIRE 30 USER\nLOGIN-DELAY 60 USER", POP3_EXPIRE_DAYS, 30, 60 },
    { "EXPIRE 99999999999\nLOGIN-DELAY 99999999999", POP3_EXPIRE_UNKNOWN, 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(Pop3Capabilities) capabilities = parse_capabilities (cases[i].rows);

      g_assert_cmpint (capabilities->expire, ==, cases[i].expire);
      g_assert_cmpuint (capabilities->expire_days, ==, cases[i].days);
      g_assert_cmpuint (capabilities->login_delay, ==, cases[i].delay);
    }
}

static void
test_mechanisms_are_bounded (void)
{
  g_autoptr(Pop3Capabilities) capabilities = pop3_capabilities_new ();

  for (guint i = 0; i < 5000; i++)
    pop3_capabilities_add_row (capabilities, BASE_SLICE_LITERAL ("SASL A B C"));
  g_assert_cmpuint (capabilities->mechanisms->len, ==, POP3_MECHANISMS_MAX);
  g_assert_null (capabilities->mechanisms->pdata[POP3_MECHANISMS_MAX]);
}

static void
test_size_rows (void)
{
  static const struct { const char *row; gboolean ok; guint32 number; guint64 size; } cases[] = {
    { "1 120", TRUE, 1, 120 },
    { "  2   200 extra", TRUE, 2, 200 },
    { "0 0", TRUE, 0, 0 },
    { "3", TRUE, 3, 0 },
    { "3 -2147483648", TRUE, 3, 0 },
    { "3 99999999999999999999", TRUE, 3, 0 },
    { "3 9223372036854775807", TRUE, 3, G_MAXINT64 },
    { "10000000 1", TRUE, POP3_NUMBER_MAX, 1 },
    { "10000001 1", FALSE, 0, 0 },
    { "-1 1", FALSE, 0, 0 },
    { "x 1", FALSE, 0, 0 },
    { "", FALSE, 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint32 number = 0;
      guint64 size = 0;
      gboolean ok = pop3_parse_size_row (base_slice_from_string (cases[i].row), &number, &size);

      g_assert_cmpint (ok, ==, cases[i].ok);
      if (!cases[i].ok)
        continue;
      g_assert_cmpuint (number, ==, cases[i].number);
      g_assert_cmpuint (size, ==, cases[i].size);
    }
}

static void
test_uidl_rows (void)
{
  static const struct { const char *row; guint32 number; const char *uidl; } cases[] = {
    { "1 whqtswO00WBw418f9t5JxYwZ", 1, "whqtswO00WBw418f9t5JxYwZ" },
    { "12  a", 12, "a" },
    { "2 ../../etc/passwd", 2, "../../etc/passwd" },
    { "2 with blanks inside ", 2, "with blanks inside" },
    { "2 \xff\xfe", 2, "\xff\xfe" },
    { "0 a", 0, NULL },
    { "2", 0, NULL },
    { "2 ", 0, NULL },
    { "2 a\x01" "b", 0, NULL },
    { "2 a\x7f", 0, NULL },
    { "x a", 0, NULL },
    { "10000001 a", 0, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint32 number;
      BaseSlice uidl;
      gboolean ok = pop3_parse_uidl_row (base_slice_from_string (cases[i].row), &number, &uidl);

      g_assert_cmpint (ok, ==, cases[i].uidl != NULL);
      if (!ok)
        continue;
      g_assert_cmpuint (number, ==, cases[i].number);
      g_assert_cmpmem (uidl.data, uidl.size, cases[i].uidl, strlen (cases[i].uidl));
    }
}

static void
test_uidl_holds_no_nul (void)
{
  guint32 number;
  BaseSlice uidl;

  g_assert_false (pop3_parse_uidl_row (BASE_SLICE_LITERAL ("1 a\0b"), &number, &uidl));
}

static void
test_uidl_length (void)
{
  for (int over = -1; over <= 1; over++)
    {
      g_autofree char *uidl = g_strnfill (POP3_UIDL_MAX + over, 'u');
      g_autofree char *row = g_strconcat ("7 ", uidl, NULL);
      guint32 number;
      BaseSlice got;

      g_assert_cmpint (pop3_parse_uidl_row (base_slice_from_string (row), &number, &got), ==, over <= 0);
    }
}

static void
test_arguments (void)
{
  g_assert_true (pop3_is_argument ("ann@example.org"));
  g_assert_true (pop3_is_argument ("p\xc3\xa4ss word"));
  g_assert_true (pop3_is_argument (""));
  g_assert_false (pop3_is_argument ("a\r\nDELE 1"));
  g_assert_false (pop3_is_argument ("a\n"));
  g_assert_false (pop3_is_argument ("a\x7f"));
}

static void
test_errors_keep_the_words (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) copy = NULL;
  g_autoptr(GError) other = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x");

  pop3_error_set (&error, POP3_ERROR_REFUSED, BASE_SLICE_LITERAL ("no\r\n\x1b[31m"),
                  "Cannot fetch message %d", 7);
  copy = g_error_copy (error);
  g_clear_error (&error);

  g_assert_error (copy, POP3_ERROR, POP3_ERROR_REFUSED);
  g_assert_cmpstr (copy->message, ==, "Cannot fetch message 7");
  g_assert_cmpstr (pop3_error_peek_text (copy), ==, "no   [31m");
  g_assert_null (pop3_error_peek_text (other));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pop3/parser/status", test_status);
  g_test_add_func ("/pop3/parser/other-protocols-are-no-status", test_other_protocols_are_no_status);
  g_test_add_func ("/pop3/parser/refused-sign-in", test_refused_sign_in);
  g_test_add_func ("/pop3/parser/capabilities-of-dovecot", test_capabilities_of_dovecot);
  g_test_add_func ("/pop3/parser/no-capabilities", test_no_capabilities);
  g_test_add_func ("/pop3/parser/expire-and-delay", test_expire_and_delay);
  g_test_add_func ("/pop3/parser/mechanisms-are-bounded", test_mechanisms_are_bounded);
  g_test_add_func ("/pop3/parser/size-rows", test_size_rows);
  g_test_add_func ("/pop3/parser/uidl-rows", test_uidl_rows);
  g_test_add_func ("/pop3/parser/uidl-holds-no-nul", test_uidl_holds_no_nul);
  g_test_add_func ("/pop3/parser/uidl-length", test_uidl_length);
  g_test_add_func ("/pop3/parser/arguments", test_arguments);
  g_test_add_func ("/pop3/parser/errors-keep-the-words", test_errors_keep_the_words);
  return g_test_run ();
}
