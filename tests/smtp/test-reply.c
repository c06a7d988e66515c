/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/error.h"

/* Replies as text: "250 5.1.1 [first|second]", "!" after a failure. */
static char *
feed_in_steps (BaseSlice input,
               gsize     step)
{
  g_autoptr(SmtpFramer) framer = smtp_framer_new ();
  GString *out = g_string_new (NULL);

  for (gsize at = 0; at < input.size; at += step)
    {
      BaseSlice portion = base_slice_sub (input, at, step);

      while (portion.size > 0)
        {
          g_autoptr(SmtpReply) reply = NULL;
          g_autoptr(GError) error = NULL;

          if (!smtp_framer_take (framer, &portion, &reply, &error))
            {
              g_assert_error (error, SMTP_ERROR, SMTP_ERROR_PROTOCOL);
              g_string_append_c (out, '!');
              return g_string_free (out, FALSE);
            }
          if (reply == NULL)
            continue;
          g_string_append_printf (out, "%u %u.%u.%u [", reply->code,
                                  reply->enhanced[0], reply->enhanced[1], reply->enhanced[2]);
          for (guint i = 0; i < reply->lines->len; i++)
            g_string_append_printf (out, "%s%s", i > 0 ? "|" : "", (const char *) reply->lines->pdata[i]);
          g_string_append_c (out, ']');
        }
    }
  return g_string_free (out, FALSE);
}

static void
test_replies_at_every_cut (void)
{
  static const struct { const char *input; const char *expected; } cases[] = {
    { "220 ready\r\n", "220 0.0.0 [ready]" },
    { "250\r\n", "250 0.0.0 []" },
    { "250 \r\n", "250 0.0.0 []" },
    { "250-a\r\n250-b c\r\n250 d\r\n", "250 0.0.0 [a|b c|d]" },
    { "250-a\n250 d\n221 x\n", "250 0.0.0 [a|d]221 0.0.0 [x]" },
    { "250-\r\n250\r\n", "250 0.0.0 [|]" },
    { "535 5.7.8 Bad password\r\n", "535 5.7.8 [5.7.8 Bad password]" },
    { "250 2.1.5\r\n", "250 2.1.5 [2.1.5]" },
    { "550-5.1.1 no\r\n550 5.1.1 such user\r\n", "550 5.1.1 [5.1.1 no|5.1.1 such user]" },
    { "550 5.123.456 x\r\n", "550 5.123.456 [5.123.456 x]" },
    { "550 5.1234.1 x\r\n", "550 0.0.0 [5.1234.1 x]" },
    { "550 2.0.0 other class\r\n", "550 0.0.0 [2.0.0 other class]" },
    { "550 5.1 x\r\n", "550 0.0.0 [5.1 x]" },
    { "550 5.1.1x\r\n", "550 0.0.0 [5.1.1x]" },
    { "550 a\x1b[31mb\r\n", "550 0.0.0 [a [31mb]" },
    { "250-not ended\r\n250-", "" },
    { "250 a\r\n250-b\r\n251 c\r\n", "250 0.0.0 [a]!" },
    { "+OK POP3\r\n", "!" },
    { "* OK IMAP\r\n", "!" },
    { "\r\n", "!" },
    { "25\r\n", "!" },
    { "2500 a\r\n", "!" },
    { "250_a\r\n", "!" },
    { "150 a\r\n", "!" },
    { "600 a\r\n", "!" },
    { "-50 a\r\n", "!" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BaseSlice input = base_slice_from_string (cases[i].input);

      for (gsize step = 1; step <= input.size; step++)
        {
          g_autofree char *out = feed_in_steps (input, step);

          g_assert_cmpstr (out, ==, cases[i].expected);
        }
    }
}

static void
test_what_follows_a_reply_stays (void)
{
  g_autoptr(SmtpFramer) framer = smtp_framer_new ();
  g_autoptr(SmtpReply) reply = NULL;
  BaseSlice input = BASE_SLICE_LITERAL ("220 go ahead\r\n250-AU");

  g_assert_true (smtp_framer_take (framer, &input, &reply, NULL));
  g_assert_nonnull (reply);
  g_assert_true (base_slice_equal (input, BASE_SLICE_LITERAL ("250-AU")));
}

static void
test_line_limit (void)
{
  for (int over = -1; over <= 1; over++)
    {
      g_autofree char *text = g_strnfill ((gsize) (SMTP_REPLY_LINE_MAX - 6 + over), 'x');
      g_autofree char *line = g_strconcat ("250 ", text, "\r\n", NULL);
      g_autofree char *out = feed_in_steps (base_slice_from_string (line), 1000);

      g_assert_true (g_str_has_suffix (out, over > 0 ? "!" : "]"));
    }
}

static void
test_lines_limit (void)
{
  for (int over = -1; over <= 1; over++)
    {
      g_autoptr(GString) input = g_string_new (NULL);
      g_autofree char *out = NULL;

      for (int i = 1; i < SMTP_REPLY_LINES_MAX + over; i++)
        g_string_append (input, "250-x\r\n");
      g_string_append (input, "250 x\r\n");
      out = feed_in_steps (base_slice_from_string (input->str), 1000);
      g_assert_true (g_str_has_suffix (out, over > 0 ? "!" : "]"));
    }
}

static void
test_size_limit (void)
{
  for (int over = -1; over <= 1; over++)
    {
      g_autoptr(GString) input = g_string_new (NULL);
      g_autofree char *out = NULL;
      gsize lines = SMTP_REPLY_MAX / 1024;

      for (gsize i = 0; i < lines; i++)
        {
          g_autofree char *text = g_strnfill ((gsize) (1020 + (i == 0 ? over : 0)), 'x');

          g_string_append_printf (input, "250%c%s\r\n", i + 1 < lines ? '-' : ' ', text);
        }
      out = feed_in_steps (base_slice_from_string (input->str), 1000);
      g_assert_true (g_str_has_suffix (out, over > 0 ? "!" : "]"));
    }
}

static void
test_endless_answer_is_refused (void)
{
  g_autofree char *line = g_strnfill (1000000, '2');
  g_autofree char *out = feed_in_steps (base_slice_from_string (line), 4096);

  g_assert_cmpstr (out, ==, "!");
}

static SmtpReply *
parse (const char *text)
{
  g_autoptr(SmtpFramer) framer = smtp_framer_new ();
  SmtpReply *reply = NULL;
  BaseSlice input = base_slice_from_string (text);

  g_assert_true (smtp_framer_take (framer, &input, &reply, NULL));
  g_assert_nonnull (reply);
  return reply;
}

static void
test_refusals (void)
{
  static const struct { const char *text; SmtpError meaning; } cases[] = {
    { "421 closing\r\n", SMTP_ERROR_TEMPORARY },
    { "451 4.7.1 Greylisted\r\n", SMTP_ERROR_TEMPORARY },
    { "452 4.2.2 Mailbox full\r\n", SMTP_ERROR_TEMPORARY },
    { "550 5.1.1 No such user\r\n", SMTP_ERROR_PERMANENT },
    { "552 too large\r\n", SMTP_ERROR_TOO_BIG },
    { "552 5.3.4 too large\r\n", SMTP_ERROR_TOO_BIG },
    { "552 5.2.2 Mailbox full\r\n", SMTP_ERROR_PERMANENT },
    { "523 5.3.4 too large\r\n", SMTP_ERROR_TOO_BIG },
    { "530 5.7.0 Authentication required\r\n", SMTP_ERROR_AUTH_REJECTED },
    { "535 5.7.8 Bad password\r\n", SMTP_ERROR_AUTH_REJECTED },
    { "534 5.7.9 Application-specific password required\r\n", SMTP_ERROR_AUTH_REJECTED },
    { "454 4.7.0 Temporary authentication failure\r\n", SMTP_ERROR_TEMPORARY },
    { "554 5.7.1 Spam\r\n", SMTP_ERROR_PERMANENT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(SmtpReply) reply = parse (cases[i].text);

      g_assert_cmpint (smtp_judge_refusal (reply), ==, cases[i].meaning);
    }
}

static void
test_errors_keep_the_words (void)
{
  g_autoptr(SmtpReply) reply = parse ("550-5.1.1 no\r\n550 5.1.1 such user\r\n");
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) copy = NULL;
  g_autoptr(GError) bare = NULL;

  smtp_error_set (&error, SMTP_ERROR_PERMANENT, reply, "Cannot send to %s", "ann@example.org");
  copy = g_error_copy (error);
  g_clear_error (&error);
  g_assert_error (copy, SMTP_ERROR, SMTP_ERROR_PERMANENT);
  g_assert_cmpstr (copy->message, ==, "Cannot send to ann@example.org");
  g_assert_cmpstr (smtp_error_peek_text (copy), ==, "550 5.1.1 no 5.1.1 such user");

  smtp_error_set (&bare, SMTP_ERROR_UNKNOWN, NULL, "x");
  g_assert_null (smtp_error_peek_text (bare));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/smtp/reply/replies-at-every-cut", test_replies_at_every_cut);
  g_test_add_func ("/smtp/reply/what-follows-a-reply-stays", test_what_follows_a_reply_stays);
  g_test_add_func ("/smtp/reply/line-limit", test_line_limit);
  g_test_add_func ("/smtp/reply/lines-limit", test_lines_limit);
  g_test_add_func ("/smtp/reply/size-limit", test_size_limit);
  g_test_add_func ("/smtp/reply/endless-answer-is-refused", test_endless_answer_is_refused);
  g_test_add_func ("/smtp/reply/refusals", test_refusals);
  g_test_add_func ("/smtp/reply/errors-keep-the-words", test_errors_keep_the_words);
  return g_test_run ();
}
