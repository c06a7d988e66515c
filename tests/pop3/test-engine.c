/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pop3/engine.h"

#include <string.h>

static void
append_status (GString         *out,
               const Pop3Event *event)
{
  g_string_append (out, event->status.is_ok ? "+" : "-");
  g_string_append_len (out, (const char *) event->status.words.data, (gssize) event->status.words.size);
}

static void
append_piece (GString         *out,
              const char      *kind,
              const Pop3Event *event)
{
  g_string_append (out, kind);
  g_string_append_len (out, (const char *) event->piece.data, (gssize) event->piece.size);
}

/* Events as text: "2+words " for a status of ticket 2, "r", "d", "c" before rows, data and challenges, "$"
 * after the last event of a ticket.  Data is not marked again while it goes on. */
static void
feed (Pop3Engine *engine,
      BaseSlice   input,
      GString    *out)
{
  g_autoptr(GError) error = NULL;
  Pop3Event event;

  while (TRUE)
    {
      Pop3EventKind kind = pop3_engine_take_event (engine, &input, &event, &error);

      if (kind == POP3_EVENT_MORE)
        return;
      if (kind == POP3_EVENT_FAILED)
        {
          g_string_append (out, error->code == POP3_ERROR_PROTOCOL ? "!" : "!!");
          return;
        }
      if (kind != POP3_EVENT_DATA)
        g_string_append_printf (out, " %u", event.ticket);
      switch (kind)
        {
        case POP3_EVENT_STATUS:     append_status (out, &event);      break;
        case POP3_EVENT_CHALLENGE:  append_piece (out, "c", &event);  break;
        case POP3_EVENT_ROW:        append_piece (out, "r", &event);  break;
        case POP3_EVENT_DATA:       append_piece (out, "", &event);   break;
        case POP3_EVENT_END:        g_string_append (out, ".");       break;
        case POP3_EVENT_MORE:
        case POP3_EVENT_FAILED:     break;
        }
      if (event.is_last)
        g_string_append (out, "$");
    }
}

/* All lines that may leave now, with | for their ends. */
static char *
take_lines (Pop3Engine *engine)
{
  GString *out = g_string_new (NULL);
  BaseSecret *line;
  gboolean is_secret;

  while ((line = pop3_engine_take_line (engine, &is_secret)) != NULL)
    {
      const char *text = base_secret_peek (line);

      g_assert_true (g_str_has_suffix (text, "\r\n"));
      g_string_append_len (out, text, (gssize) strlen (text) - 2);
      g_string_append (out, is_secret ? "*|" : "|");
      base_secret_unref (line);
    }
  return g_string_free (out, FALSE);
}

#define assert_lines(engine, expected) G_STMT_START { \
    g_autofree char *lines_ = take_lines (engine); \
    g_assert_cmpstr (lines_, ==, expected); \
  } G_STMT_END

static Pop3Engine *
greeted (void)
{
  Pop3Engine *engine = pop3_engine_new ();
  g_autoptr(GString) out = g_string_new (NULL);

  feed (engine, BASE_SLICE_LITERAL ("+OK hello\r\n"), out);
  g_assert_cmpstr (out->str, ==, " 0+hello$");
  return engine;
}

static void
test_nothing_before_the_greeting (void)
{
  g_autoptr(Pop3Engine) engine = pop3_engine_new ();
  g_autoptr(GString) out = g_string_new (NULL);

  pop3_engine_set_window (engine, 1, 100);
  pop3_engine_add (engine, POP3_REPLY_STATUS, "NOOP");
  assert_lines (engine, "");
  feed (engine, BASE_SLICE_LITERAL ("+OK\r\n"), out);
  assert_lines (engine, "NOOP|");
}

static void
test_one_at_a_time (void)
{
  g_autoptr(Pop3Engine) engine = greeted ();
  g_autoptr(GString) out = g_string_new (NULL);

  g_assert_cmpuint (pop3_engine_add (engine, POP3_REPLY_STATUS, "DELE 1"), ==, 1);
  g_assert_cmpuint (pop3_engine_add (engine, POP3_REPLY_STATUS, "DELE 2"), ==, 2);
  assert_lines (engine, "DELE 1|");
  assert_lines (engine, "");
  feed (engine, BASE_SLICE_LITERAL ("+OK\r\n"), out);
  assert_lines (engine, "DELE 2|");
  feed (engine, BASE_SLICE_LITERAL ("-ERR gone\r\n"), out);
  g_assert_cmpstr (out->str, ==, " 1+$ 2-gone$");
  g_assert_cmpuint (pop3_engine_count_sent (engine), ==, 0);
}

static void
test_window_in_commands (void)
{
  g_autoptr(Pop3Engine) engine = greeted ();
  g_autoptr(GString) out = g_string_new (NULL);

  pop3_engine_set_window (engine, 3, 1000);
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *line = g_strdup_printf ("DELE %u", i);

      pop3_engine_add (engine, POP3_REPLY_STATUS, line);
    }
  assert_lines (engine, "DELE 1|DELE 2|DELE 3|");
  feed (engine, BASE_SLICE_LITERAL ("+OK\r\n"), out);
  assert_lines (engine, "DELE 4|");
  feed (engine, BASE_SLICE_LITERAL ("+OK\r\n+OK\r\n+OK\r\n"), out);
  assert_lines (engine, "DELE 5|");
}

static void
test_window_in_bytes (void)
{
  static const struct { gsize bytes; const char *lines; } cases[] = {
    { 0, "DELE 1|" },
    { 15, "DELE 1|" },
    { 16, "DELE 1|DELE 2|" },
    { 17, "DELE 1|DELE 2|" },
    { 24, "DELE 1|DELE 2|DELE 3|" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(Pop3Engine) engine = greeted ();

      pop3_engine_set_window (engine, 20, cases[i].bytes);
      pop3_engine_add (engine, POP3_REPLY_STATUS, "DELE 1");
      pop3_engine_add (engine, POP3_REPLY_STATUS, "DELE 2");
      pop3_engine_add (engine, POP3_REPLY_STATUS, "DELE 3");
      assert_lines (engine, cases[i].lines);
    }
}

static const char answers[] =
  "+OK hello\r\n"
  "+OK list\r\n1 a\r\n2 b\r\n.\r\n"
  "-ERR no list\r\n"
  "+OK body\r\nA: b\r\n\r\n..c\r\n.\r\n"
  "-ERR gone\r\n"
  "+ Y2g=\r\n"
  "+\r\n"
  "+OK in\r\n"
  "+OK bye\r\n";

static void
test_pipeline_at_every_cut (void)
{
  for (gsize cut = 0; cut < sizeof answers; cut++)
    {
      g_autoptr(Pop3Engine) engine = pop3_engine_new ();
      g_autoptr(GString) out = g_string_new (NULL);
      BaseSlice input = base_slice_from_string (answers);

      pop3_engine_set_window (engine, 20, 1000);
      pop3_engine_add (engine, POP3_REPLY_ROWS, "UIDL");
      pop3_engine_add (engine, POP3_REPLY_ROWS, "LIST");
      pop3_engine_add (engine, POP3_REPLY_BODY, "RETR 1");
      pop3_engine_add (engine, POP3_REPLY_BODY, "RETR 2");
      pop3_engine_add (engine, POP3_REPLY_SASL, "AUTH X");
      pop3_engine_add (engine, POP3_REPLY_STATUS, "QUIT");
      assert_lines (engine, "UIDL|LIST|RETR 1|RETR 2|AUTH X|QUIT|");

      feed (engine, base_slice_sub (input, 0, cut), out);
      feed (engine, base_slice_sub (input, cut, input.size), out);
      g_assert_cmpstr (out->str, ==, " 0+hello$ 1+list 1r1 a 1r2 b 1.$ 2-no list$"
                                     " 3+bodyA: b\r\n\r\n.c\r\n 3.$ 4-gone$ 5cY2g= 5c 5+in$ 6+bye$");
    }
}

static void
test_answer_leaves_first (void)
{
  g_autoptr(Pop3Engine) engine = greeted ();
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(BaseSecret) answer = base_secret_new ("c2VjcmV0");

  pop3_engine_add (engine, POP3_REPLY_SASL, "AUTH PLAIN");
  pop3_engine_add (engine, POP3_REPLY_STATUS, "STAT");
  assert_lines (engine, "AUTH PLAIN|");
  feed (engine, BASE_SLICE_LITERAL ("+ \r\n"), out);
  pop3_engine_answer (engine, answer);
  assert_lines (engine, "c2VjcmV0*|");
  feed (engine, BASE_SLICE_LITERAL ("+OK\r\n"), out);
  g_assert_cmpstr (out->str, ==, " 1c 1+$");
  assert_lines (engine, "STAT|");
}

static void
test_secret_lines_are_marked (void)
{
  g_autoptr(Pop3Engine) engine = greeted ();

  pop3_engine_add_secret (engine, POP3_REPLY_STATUS, "PASS x");
  assert_lines (engine, "PASS x*|");
}

static void
test_abandoned_answers_are_swallowed (void)
{
  g_autoptr(Pop3Engine) engine = greeted ();
  g_autoptr(GString) out = g_string_new (NULL);
  Pop3Ticket body, rows, unsent;

  pop3_engine_set_window (engine, 3, 1000);
  body = pop3_engine_add (engine, POP3_REPLY_BODY, "RETR 1");
  rows = pop3_engine_add (engine, POP3_REPLY_ROWS, "LIST");
  pop3_engine_add (engine, POP3_REPLY_STATUS, "STAT");
  unsent = pop3_engine_add (engine, POP3_REPLY_STATUS, "DELE 1");
  pop3_engine_add (engine, POP3_REPLY_STATUS, "NOOP");
  assert_lines (engine, "RETR 1|LIST|STAT|");

  feed (engine, BASE_SLICE_LITERAL ("+OK\r\nhalf"), out);
  pop3_engine_abandon (engine, body);
  pop3_engine_abandon (engine, rows);
  pop3_engine_abandon (engine, unsent);
  feed (engine, BASE_SLICE_LITERAL (" rest\r\n.\r\n+OK\r\n1 2\r\n.\r\n+OK 1 2\r\n"), out);
  g_assert_cmpstr (out->str, ==, " 1+half 3+1 2$");
  assert_lines (engine, "NOOP|");
  pop3_engine_abandon (engine, body);
}

static void
test_unasked_words_are_refused (void)
{
  g_autoptr(Pop3Engine) engine = greeted ();
  g_autoptr(GString) out = g_string_new (NULL);

  feed (engine, BASE_SLICE_LITERAL ("+OK"), out);
  g_assert_cmpstr (out->str, ==, "!");
}

static void
test_other_protocols_are_refused (void)
{
  static const char * const greetings[] = {
    "220 smtp.example.org ESMTP\r\n", "* OK IMAP4rev1\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\r\n", "+ \r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (greetings); i++)
    {
      g_autoptr(Pop3Engine) engine = pop3_engine_new ();
      g_autoptr(GString) out = g_string_new (NULL);

      feed (engine, base_slice_from_string (greetings[i]), out);
      g_assert_cmpstr (out->str, ==, "!");
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pop3/engine/nothing-before-the-greeting", test_nothing_before_the_greeting);
  g_test_add_func ("/pop3/engine/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/pop3/engine/window-in-commands", test_window_in_commands);
  g_test_add_func ("/pop3/engine/window-in-bytes", test_window_in_bytes);
  g_test_add_func ("/pop3/engine/pipeline-at-every-cut", test_pipeline_at_every_cut);
  g_test_add_func ("/pop3/engine/answer-leaves-first", test_answer_leaves_first);
  g_test_add_func ("/pop3/engine/secret-lines-are-marked", test_secret_lines_are_marked);
  g_test_add_func ("/pop3/engine/abandoned-answers-are-swallowed", test_abandoned_answers_are_swallowed);
  g_test_add_func ("/pop3/engine/unasked-words-are-refused", test_unasked_words_are_refused);
  g_test_add_func ("/pop3/engine/other-protocols-are-refused", test_other_protocols_are_refused);
  return g_test_run ();
}
