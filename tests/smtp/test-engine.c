/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/engine.h"

#include "smtp/error.h"

#include <string.h>

/* Replies as text: "3:250 ". */
static void
feed (SmtpEngine *engine,
      BaseSlice   input,
      GString    *out)
{
  while (input.size > 0)
    {
      g_autoptr(SmtpReply) reply = NULL;
      g_autoptr(GError) error = NULL;
      SmtpTicket ticket;

      g_assert_true (smtp_engine_take_reply (engine, &input, &ticket, &reply, &error));
      g_assert_no_error (error);
      if (reply != NULL && ticket == SMTP_UNASKED)
        g_string_append_printf (out, "?:%u ", reply->code);
      else if (reply != NULL)
        g_string_append_printf (out, "%u:%u ", ticket, reply->code);
    }
}

static void
assert_lines (SmtpEngine *engine,
              const char *expected)
{
  g_autoptr(GString) out = g_string_new (NULL);
  BaseSecret *line;
  gboolean is_secret;

  while ((line = smtp_engine_take_line (engine, &is_secret)) != NULL)
    {
      const char *text = base_secret_peek (line);

      g_assert_true (g_str_has_suffix (text, "\r\n"));
      g_string_append_len (out, text, (gssize) strlen (text) - 2);
      g_string_append (out, is_secret ? "*|" : "|");
      base_secret_unref (line);
    }
  g_assert_cmpstr (out->str, ==, expected);
}

static SmtpEngine *
greeted (void)
{
  SmtpEngine *engine = smtp_engine_new ();
  g_autoptr(GString) out = g_string_new (NULL);

  assert_lines (engine, "");
  feed (engine, BASE_SLICE_LITERAL ("220 ready\r\n"), out);
  g_assert_cmpstr (out->str, ==, "0:220 ");
  return engine;
}

static void
add_mail (SmtpEngine *engine)
{
  smtp_engine_add (engine, SMTP_IN_GROUP, "MAIL");
  smtp_engine_add (engine, SMTP_IN_GROUP, "RCPT 1");
  smtp_engine_add (engine, SMTP_IN_GROUP, "RCPT 2");
  smtp_engine_add (engine, SMTP_ENDS_GROUP, "DATA");
  smtp_engine_add (engine, SMTP_ENDS_GROUP, "QUIT");
}

static void
test_nothing_before_the_greeting (void)
{
  g_autoptr(SmtpEngine) engine = smtp_engine_new ();

  smtp_engine_set_window (engine, 10);
  smtp_engine_add (engine, SMTP_IN_GROUP, "RSET");
  assert_lines (engine, "");
}

static void
test_one_at_a_time (void)
{
  g_autoptr(SmtpEngine) engine = greeted ();
  g_autoptr(GString) out = g_string_new (NULL);

  add_mail (engine);
  assert_lines (engine, "MAIL|");
  feed (engine, BASE_SLICE_LITERAL ("250 ok\r\n"), out);
  assert_lines (engine, "RCPT 1|");
  g_assert_cmpuint (smtp_engine_count_sent (engine), ==, 1);
}

static void
test_a_group_leaves_together (void)
{
  g_autoptr(SmtpEngine) engine = greeted ();
  g_autoptr(GString) out = g_string_new (NULL);

  smtp_engine_set_window (engine, 10);
  add_mail (engine);
  assert_lines (engine, "MAIL|RCPT 1|RCPT 2|DATA|");
  feed (engine, BASE_SLICE_LITERAL ("250 ok\r\n550 no\r\n250 ok\r\n"), out);
  assert_lines (engine, "");
  feed (engine, BASE_SLICE_LITERAL ("354 go\r\n"), out);
  assert_lines (engine, "QUIT|");
  g_assert_cmpstr (out->str, ==, "1:250 2:550 3:250 4:354 ");
}

static void
test_window (void)
{
  g_autoptr(SmtpEngine) engine = greeted ();
  g_autoptr(GString) out = g_string_new (NULL);

  smtp_engine_set_window (engine, 2);
  add_mail (engine);
  assert_lines (engine, "MAIL|RCPT 1|");
  feed (engine, BASE_SLICE_LITERAL ("250 ok\r\n"), out);
  assert_lines (engine, "RCPT 2|");
}

static void
test_secrets_are_marked_and_wait (void)
{
  g_autoptr(SmtpEngine) engine = greeted ();

  smtp_engine_set_window (engine, 10);
  smtp_engine_add (engine, SMTP_SECRET, "AUTH PLAIN x");
  smtp_engine_add (engine, SMTP_IN_GROUP, "MAIL");
  assert_lines (engine, "AUTH PLAIN x*|");
}

static void
test_unasked_replies_are_told (void)
{
  g_autoptr(SmtpEngine) engine = greeted ();
  g_autoptr(GString) out = g_string_new (NULL);

  feed (engine, BASE_SLICE_LITERAL ("421 time\r\n"), out);
  g_assert_cmpstr (out->str, ==, "?:421 ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/smtp/engine/nothing-before-the-greeting", test_nothing_before_the_greeting);
  g_test_add_func ("/smtp/engine/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/smtp/engine/a-group-leaves-together", test_a_group_leaves_together);
  g_test_add_func ("/smtp/engine/window", test_window);
  g_test_add_func ("/smtp/engine/secrets-are-marked-and-wait", test_secrets_are_marked_and_wait);
  g_test_add_func ("/smtp/engine/unasked-replies-are-told", test_unasked_replies_are_told);
  return g_test_run ();
}
