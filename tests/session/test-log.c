/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/log.h"

#include <string.h>

/* What the log says, without the name in front of each line, which holds a number of the process. */
static char *
dup_lines (SessionLog *log)
{
  g_autofree char *recent = session_log_dup_recent (log);
  g_auto(GStrv) lines = g_strsplit (recent, "\n", -1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; lines[i][0] != '\0'; i++)
    {
      const char *said = strstr (lines[i], " example.org ");

      g_assert_true (g_str_has_prefix (lines[i], "imap#"));
      g_assert_nonnull (said);
      g_string_append_printf (text, "%s\n", said + strlen (" example.org "));
    }
  return g_string_free (text, FALSE);
}

static void
test_lines_are_printed_without_secrets (void)
{
  g_autoptr(SessionLog) log = session_log_new ("imap", "example.org");
  g_autofree char *said = NULL;

  session_log_note (log, "connected to port %d", 993);
  session_log_line (log, SESSION_LOG_SERVER, BASE_SLICE_LITERAL ("* OK ready\r\n"));
  session_log_secret (log, SESSION_LOG_CLIENT, "A1 LOGIN ann");
  session_log_secret (log, SESSION_LOG_SERVER, "");
  session_log_data (log, SESSION_LOG_SERVER, 12);
  said = dup_lines (log);
  g_assert_cmpstr (said, ==,
                   "-- connected to port 993\n"
                   "S: * OK ready\n"
                   "C: A1 LOGIN ann ***\n"
                   "S: ***\n"
                   "S: (12 bytes)\n");
}

static void
test_lines_cannot_forge_lines (void)
{
  g_autoptr(SessionLog) log = session_log_new ("imap", "example.org");
  g_autofree char *said = NULL;

  session_log_line (log, SESSION_LOG_SERVER, BASE_SLICE_LITERAL ("a\r\nC: b\0c\x1b[2J\xff\r\n"));
  said = dup_lines (log);
  g_assert_cmpstr (said, ==, "S: a\\x0d\\x0aC: b\xef\xbf\xbd" "c\\x1b[2J\xef\xbf\xbd\n");
}

static void
test_long_lines_are_cut (void)
{
  static const gsize sizes[] = { 199, 200, 201, 100000 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(SessionLog) log = session_log_new ("imap", "example.org");
      g_autofree char *line = g_strnfill (sizes[i], 'x');
      g_autofree char *shown = g_strnfill (MIN (sizes[i], 200), 'x');
      g_autofree char *expected = NULL;
      g_autofree char *said = NULL;

      session_log_line (log, SESSION_LOG_CLIENT, base_slice_from_string (line));
      said = dup_lines (log);
      expected = sizes[i] <= 200 ? g_strdup_printf ("C: %s\n", shown)
                                 : g_strdup_printf ("C: %s... (%" G_GSIZE_FORMAT " bytes)\n", shown,
                                                    sizes[i]);
      g_assert_cmpstr (said, ==, expected);
    }
}

static void
test_only_the_last_lines_are_kept (void)
{
  g_autoptr(SessionLog) log = session_log_new ("imap", "example.org");
  g_autofree char *said = NULL;
  g_auto(GStrv) lines = NULL;

  for (guint i = 1; i <= 1000; i++)
    session_log_note (log, "%u", i);
  said = dup_lines (log);
  lines = g_strsplit (said, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 51);
  g_assert_cmpstr (lines[0], ==, "-- 951");
  g_assert_cmpstr (lines[49], ==, "-- 1000");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/log/lines-are-printed-without-secrets", test_lines_are_printed_without_secrets);
  g_test_add_func ("/session/log/lines-cannot-forge-lines", test_lines_cannot_forge_lines);
  g_test_add_func ("/session/log/long-lines-are-cut", test_long_lines_are_cut);
  g_test_add_func ("/session/log/only-the-last-lines-are-kept", test_only_the_last_lines_are_kept);
  return g_test_run ();
}
