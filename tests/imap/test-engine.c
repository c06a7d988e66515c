/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "describe.h"

#include "imap/engine.h"

#include <string.h>

static const ImapLimits limits = { 64 * 1024, 16, 1 << 20 };

/* Everything that may be sent now; secrets in <>. */
static char *
take_output (ImapEngine *engine)
{
  GString *text = g_string_new (NULL);
  ImapOutput output;

  while (imap_engine_take_output (engine, &output))
    {
      g_string_append (text, output.is_secret ? "<" : "");
      g_string_append_len (text, (const char *) output.bytes.data, (gssize) output.bytes.size);
      g_string_append (text, output.is_secret ? ">" : "");
    }
  return g_string_free (text, FALSE);
}

static void
assert_output (ImapEngine *engine,
               const char *expected)
{
  g_autofree char *text = take_output (engine);

  g_assert_cmpstr (text, ==, expected);
}

static void
add_event (const ImapEvent *event,
           GString         *text)
{
  switch (event->kind)
    {
    case IMAP_EVENT_NONE:
      return;
    case IMAP_EVENT_GREETING:
      g_string_append (text, "GREETING ");
      break;
    case IMAP_EVENT_UNTAGGED:
      g_string_append (text, "* ");
      break;
    case IMAP_EVENT_SWALLOWED:
      g_string_append_printf (text, "(%u)\n", event->tag);
      return;
    case IMAP_EVENT_TAGGED:
    case IMAP_EVENT_CONTINUE:
      g_string_append_printf (text, "%u ", event->tag);
      break;
    case IMAP_EVENT_LITERAL_BEGIN:
      g_string_append_printf (text, "BEGIN %" G_GUINT64_FORMAT " ", event->literal_size);
      break;
    case IMAP_EVENT_LITERAL_DATA:
      if (g_str_has_suffix (text->str, "\t\n"))
        g_string_truncate (text, text->len - 2);
      g_string_append_len (text, (const char *) event->data.data, (gssize) event->data.size);
      g_string_append (text, "\t\n");
      return;
    }
  describe_response (event->response, text);
  g_string_append_c (text, '\n');
}

/* Events of what the server says, fed in portions. */
static char *
feed (ImapEngine  *engine,
      const char  *said,
      gsize        portion_size,
      GError     **error)
{
  BaseSlice rest = base_slice_from_string (said);
  g_autoptr(GString) text = g_string_new (NULL);

  while (rest.size > 0)
    {
      g_autofree guint8 *copy = g_memdup2 (rest.data, MIN (portion_size, rest.size));
      BaseSlice portion = base_slice_new (copy, MIN (portion_size, rest.size));

      rest = base_slice_sub (rest, portion.size, rest.size);
      while (portion.size > 0)
        {
          ImapEvent event;

          if (!imap_engine_take_event (engine, &portion, &event, error))
            return NULL;
          add_event (&event, text);
        }
    }
  return g_strdup (text->str);
}

static void
assert_events (ImapEngine *engine,
               const char *said,
               const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *events = feed (engine, said, G_MAXUINT, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (events, ==, expected);
}

static void
assert_fails (ImapEngine *engine,
              const char *said,
              ImapError   code)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *events = feed (engine, said, G_MAXUINT, &error);

  g_assert_null (events);
  g_assert_error (error, IMAP_ERROR, (int) code);
}

static ImapEngine *
new_greeted (void)
{
  ImapEngine *engine = imap_engine_new (&limits, IMAP_LINE_READY);

  assert_events (engine, "* OK hi\r\n", "GREETING STATUS OK text=hi\n");
  return engine;
}

static guint
start (ImapEngine      *engine,
       const char      *text,
       ImapCommandKind  kind)
{
  ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, IMAP_NAMES_UTF7);

  imap_writer_text (writer, text);
  return imap_engine_start (engine, writer, kind);
}

static void
test_greetings (void)
{
  static const struct { const char *said; ImapLine line; gboolean is_good; ImapError code; } cases[] = {
    { "* OK\r\n", IMAP_LINE_READY, TRUE, 0 },
    { "* OK\r\n", IMAP_LINE_NEEDS_TLS, TRUE, 0 },
    { "* PREAUTH hi\r\n", IMAP_LINE_READY, TRUE, 0 },
    { "* PREAUTH hi\r\n", IMAP_LINE_NEEDS_TLS, FALSE, IMAP_ERROR_NO_TLS },
    { "* BYE too many connections\r\n", IMAP_LINE_READY, FALSE, IMAP_ERROR_BYE },
    { "* NO hi\r\n", IMAP_LINE_READY, FALSE, IMAP_ERROR_PROTOCOL },
    { "* BAD hi\r\n", IMAP_LINE_NEEDS_TLS, FALSE, IMAP_ERROR_PROTOCOL },
    { "220 mail.example.org ESMTP\r\n", IMAP_LINE_READY, FALSE, IMAP_ERROR_PROTOCOL },
    { "+OK POP3 ready\r\n", IMAP_LINE_READY, FALSE, IMAP_ERROR_PROTOCOL },
    { "+ \r\n", IMAP_LINE_READY, FALSE, IMAP_ERROR_PROTOCOL },
    { "A1 OK hi\r\n", IMAP_LINE_NEEDS_TLS, FALSE, IMAP_ERROR_PROTOCOL },
    { "* CAPABILITY IMAP4rev1\r\n", IMAP_LINE_READY, FALSE, IMAP_ERROR_PROTOCOL },
    { "* 1 FETCH (BODY[] {100}\r\n", IMAP_LINE_READY, FALSE, IMAP_ERROR_TOO_LONG },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(ImapEngine) engine = imap_engine_new (&limits, cases[i].line);

      if (cases[i].is_good)
        {
          g_autofree char *events = feed (engine, cases[i].said, 1, NULL);

          g_assert_true (g_str_has_prefix (events, "GREETING"));
        }
      else
        assert_fails (engine, cases[i].said, cases[i].code);
    }
}

static void
test_several_commands_on_their_way (void)
{
  g_autoptr(ImapEngine) engine = new_greeted ();

  g_assert_cmpuint (start (engine, "NOOP", IMAP_COMMAND_PLAIN), ==, 1);
  g_assert_cmpuint (start (engine, "CHECK", IMAP_COMMAND_PLAIN), ==, 2);
  assert_output (engine, "A1 NOOP\r\nA2 CHECK\r\n");
  assert_output (engine, "");
  g_assert_cmpuint (start (engine, "NOOP", IMAP_COMMAND_PLAIN), ==, 3);
  assert_output (engine, "A3 NOOP\r\n");
  assert_events (engine, "* 5 EXISTS\r\nA2 OK\r\na1 NO [INUSE] wait\r\nA2 OK again\r\nB3 OK\r\nx\r\n",
                 "* EXISTS 5\n2 TAGGED tag=A2 OK\n1 TAGGED tag=a1 NO [INUSE] text=wait\n");
  g_assert_cmpuint (imap_engine_count_commands (engine), ==, 1);
}

/* Everything at every cut: a session with literals, continuations and noise. */
static void
test_events_do_not_depend_on_segments (void)
{
  static const char said[] =
    "* OK [CAPABILITY IMAP4rev1] hi\r\n"
    "* 3 EXISTS\r\n"
    "* 1 FETCH (UID 5 BODY[] {20}\r\n0123456\r\n89012345678 FLAGS (\\Seen))\r\n"
    "* LIST () \"/\" {3}\r\na b\r\n"
    "* OK see {5}\r\n"
    "A1 OK done\r\n"
    "+ unasked\r\n"
    "* BYE\r\n";
  static const char expected[] =
    "GREETING STATUS OK [CAPABILITY] text=hi words=IMAP4rev1\n"
    "* EXISTS 3\n"
    "BEGIN 20 FETCH 1 uid=5 body:(20)\n"
    "0123456\r\n89012345678\t\n"
    "* FETCH 1 uid=5 has-flags body:(20) flags=\\Seen\n"
    "* LIST attributes=0 role=0 delimiter=/ name=a b\n"
    "* STATUS OK text=see {5}\n"
    "1 TAGGED tag=A1 OK text=done\n"
    "* STATUS BYE\n";

  for (gsize portion = 1; portion <= sizeof said; portion++)
    {
      g_autoptr(ImapEngine) engine = imap_engine_new (&limits, IMAP_LINE_READY);
      g_autofree char *events = NULL;

      start (engine, "NOOP", IMAP_COMMAND_PLAIN);
      g_free (take_output (engine));
      events = feed (engine, said, portion, NULL);
      g_assert_cmpstr (events, ==, expected);
    }
}

static void
test_abandoned_answers_are_swallowed (void)
{
  g_autoptr(ImapEngine) engine = new_greeted ();
  guint first = start (engine, "NOOP", IMAP_COMMAND_PLAIN),
                second = start (engine, "CHECK", IMAP_COMMAND_PLAIN);
  guint third;

  assert_output (engine, "A1 NOOP\r\nA2 CHECK\r\n");
  third = start (engine, "CLOSE", IMAP_COMMAND_PLAIN);
  g_assert_false (imap_engine_abandon (engine, first));
  g_assert_true (imap_engine_abandon (engine, third));
  g_assert_false (imap_engine_abandon (engine, 99));
  assert_output (engine, "");
  g_assert_cmpuint (imap_engine_count_commands (engine), ==, 2);
  assert_events (engine, "A1 OK\r\nA2 OK\r\n", "(1)\n2 TAGGED tag=A2 OK\n");
  g_assert_cmpuint (second, ==, 2);
  g_assert_cmpuint (imap_engine_count_commands (engine), ==, 0);
}

static void
test_literals_wait_for_the_server (void)
{
  g_autoptr(ImapEngine) engine = new_greeted ();
  ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, IMAP_NAMES_UTF7);

  imap_writer_text (writer, "LOGIN ");
  imap_writer_string (writer, "a\nb");
  imap_writer_text (writer, " ");
  imap_writer_secret (writer, "\xfc");
  imap_engine_start (engine, writer, IMAP_COMMAND_PLAIN);
  start (engine, "NOOP", IMAP_COMMAND_PLAIN);

  assert_output (engine, "A1 LOGIN {3}\r\n");
  assert_output (engine, "");
  assert_events (engine, "* 1 EXISTS\r\n+ go\r\n", "* EXISTS 1\n");
  assert_output (engine, "a\nb {1}\r\n");
  assert_events (engine, "+\r\n", "");
  assert_output (engine, "<\xfc>\r\nA2 NOOP\r\n");
}

static void
test_refused_literal_is_not_sent (void)
{
  g_autoptr(ImapEngine) engine = new_greeted ();
  ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, IMAP_NAMES_UTF7);

  imap_writer_text (writer, "APPEND x ");
  imap_writer_upload (writer, 100);
  imap_engine_start (engine, writer, IMAP_COMMAND_PLAIN);
  start (engine, "NOOP", IMAP_COMMAND_PLAIN);
  assert_output (engine, "A1 APPEND x {100}\r\n");
  g_assert_cmpuint (imap_engine_get_upload (engine), ==, 0);
  assert_events (engine, "A1 NO [TRYCREATE] no\r\n", "1 TAGGED tag=A1 NO [TRYCREATE] text=no\n");
  g_assert_cmpuint (imap_engine_get_upload (engine), ==, 0);
  assert_output (engine, "A2 NOOP\r\n");
}

static void
test_uploads_come_from_elsewhere (void)
{
  g_autoptr(ImapEngine) engine = new_greeted ();
  ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, IMAP_NAMES_UTF7);

  imap_writer_text (writer, "APPEND x ");
  imap_writer_upload (writer, 100);
  imap_engine_start (engine, writer, IMAP_COMMAND_PLAIN);
  start (engine, "NOOP", IMAP_COMMAND_PLAIN);
  assert_output (engine, "A1 APPEND x {100}\r\n");
  assert_events (engine, "+ go\r\n", "");
  assert_output (engine, "");
  g_assert_cmpuint (imap_engine_get_upload (engine), ==, 100);
  imap_engine_note_upload (engine, 60);
  g_assert_cmpuint (imap_engine_get_upload (engine), ==, 40);
  assert_output (engine, "");
  imap_engine_note_upload (engine, 40);
  g_assert_cmpuint (imap_engine_get_upload (engine), ==, 0);
  assert_output (engine, "\r\nA2 NOOP\r\n");
}

/* RFC 7888: with LITERAL+ the server reads the literal to its end whatever it said. */
static void
test_early_refusal_keeps_step (void)
{
  g_autoptr(ImapEngine) engine = new_greeted ();
  ImapWriter *writer = imap_writer_new (IMAP_LITERAL_PLUS, IMAP_NAMES_UTF7);

  imap_writer_text (writer, "APPEND x ");
  imap_writer_upload (writer, 100);
  imap_engine_start (engine, writer, IMAP_COMMAND_PLAIN);
  start (engine, "NOOP", IMAP_COMMAND_PLAIN);
  assert_output (engine, "A1 APPEND x {100+}\r\n");
  imap_engine_note_upload (engine, 60);
  assert_events (engine, "A1 NO [OVERQUOTA] full\r\n", "1 TAGGED tag=A1 NO [OVERQUOTA] text=full\n");
  g_assert_cmpuint (imap_engine_get_upload (engine), ==, 40);
  assert_output (engine, "");
  imap_engine_note_upload (engine, 40);
  assert_output (engine, "\r\nA2 NOOP\r\n");
  assert_events (engine, "A2 OK\r\n", "2 TAGGED tag=A2 OK\n");
  g_assert_cmpuint (imap_engine_count_commands (engine), ==, 0);
}

static void
test_nothing_overtakes_authenticate (void)
{
  g_autoptr(ImapEngine) engine = new_greeted ();

  start (engine, "NOOP", IMAP_COMMAND_PLAIN);
  start (engine, "AUTHENTICATE CRAM-MD5", IMAP_COMMAND_AUTHENTICATE);
  start (engine, "CAPABILITY", IMAP_COMMAND_PLAIN);
  assert_output (engine, "A1 NOOP\r\n");
  assert_events (engine, "A1 OK\r\n", "1 TAGGED tag=A1 OK\n");
  assert_output (engine, "A2 AUTHENTICATE CRAM-MD5\r\n");
  assert_events (engine, "+ PDE4OTYu\r\n", "2 CONTINUE text=PDE4OTYu\n");
  assert_output (engine, "");
  imap_engine_answer (engine, "dGltIGI5=");
  assert_output (engine, "<dGltIGI5=>\r\n");
  assert_events (engine, "+ \r\n", "2 CONTINUE\n");
  imap_engine_answer (engine, NULL);
  assert_output (engine, "*\r\n");
  assert_events (engine, "A2 BAD cancelled\r\n", "2 TAGGED tag=A2 BAD text=cancelled\n");
  assert_output (engine, "A3 CAPABILITY\r\n");
}

static void
test_idle_ends_with_done (void)
{
  g_autoptr(ImapEngine) engine = new_greeted ();

  start (engine, "IDLE", IMAP_COMMAND_IDLE);
  start (engine, "NOOP", IMAP_COMMAND_PLAIN);
  assert_output (engine, "A1 IDLE\r\n");
  /* Exchange tells news before it says "+". */
  assert_events (engine, "* 4 EXISTS\r\n+ idling\r\n* 5 EXISTS\r\n",
                 "* EXISTS 4\n1 CONTINUE text=idling\n* EXISTS 5\n");
  assert_output (engine, "");
  imap_engine_end_idle (engine);
  assert_output (engine, "DONE\r\n");
  assert_events (engine, "A1 OK\r\n", "1 TAGGED tag=A1 OK\n");
  assert_output (engine, "A2 NOOP\r\n");
}

static void
test_capabilities_come_from_anywhere (void)
{
  static const char * const said[] = {
    "* CAPABILITY IMAP4rev1 IDLE\r\n", "A1 OK [CAPABILITY IMAP4rev1 IDLE] done\r\n",
    "* OK [CAPABILITY IMAP4rev1 IDLE] now\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (said); i++)
    {
      g_autoptr(ImapEngine) engine = new_greeted ();
      ImapCapabilities *capabilities = imap_engine_peek_capabilities (engine);

      start (engine, "NOOP", IMAP_COMMAND_PLAIN);
      g_free (take_output (engine));
      g_assert_true (imap_capabilities_is_empty (capabilities));
      g_free (feed (engine, said[i], 1, NULL));
      g_assert_true (imap_capabilities_has (capabilities, IMAP_CAN_IDLE));
      g_free (feed (engine, "* CAPABILITY IMAP4rev1 MOVE\r\n", 1, NULL));
      g_assert_true (imap_capabilities_has (capabilities, IMAP_CAN_MOVE));
      g_assert_false (imap_capabilities_has (capabilities, IMAP_CAN_IDLE));
    }
}

static void
test_tls_forgets_what_came_before (void)
{
  g_autoptr(ImapEngine) engine = imap_engine_new (&limits, IMAP_LINE_NEEDS_TLS);
  ImapCapabilities *capabilities = imap_engine_peek_capabilities (engine);
  BaseSlice input = BASE_SLICE_LITERAL ("A1 OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n* 9 EX");
  ImapEvent event;

  assert_events (engine, "* OK [CAPABILITY IMAP4rev1 STARTTLS X-EVIL] hi\r\n",
                 "GREETING STATUS OK [CAPABILITY] text=hi words=IMAP4rev1,STARTTLS,X-EVIL\n");
  start (engine, "STARTTLS", IMAP_COMMAND_STARTTLS);
  assert_output (engine, "A1 STARTTLS\r\n");

  /* The engine stops exactly behind the answer: what is left is for the wire to refuse. */
  g_assert_true (imap_engine_take_event (engine, &input, &event, NULL));
  g_assert_cmpint (event.kind, ==, IMAP_EVENT_TAGGED);
  g_assert_true (base_slice_starts_with_nocase (input, "* CAPABILITY"));

  imap_engine_begin_tls (engine);
  g_assert_true (imap_capabilities_is_empty (capabilities));
  start (engine, "CAPABILITY", IMAP_COMMAND_HARMLESS);
  assert_output (engine, "A2 CAPABILITY\r\n");
  assert_events (engine, "* CAPABILITY IMAP4rev1\r\nA2 OK\r\n",
                 "* CAPABILITY words=IMAP4rev1\n2 TAGGED tag=A2 OK\n");
}

static void
test_secrets_cannot_be_queued_before_tls (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr(ImapEngine) engine = imap_engine_new (&limits, IMAP_LINE_NEEDS_TLS);

      start (engine, "LOGIN a b", IMAP_COMMAND_PLAIN);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
}

static void
test_nonsense_ends_the_connection (void)
{
  static const struct { const char *said; ImapError code; } cases[] = {
    { "A1 WHAT\r\n", IMAP_ERROR_PROTOCOL },
    { "A2 OK not sent yet\r\n", IMAP_ERROR_PROTOCOL },
    { "* LIST () \"/\" {17}\r\n", IMAP_ERROR_TOO_LONG },
    { "* 1 FETCH (UID x BODY[] {17}\r\n", IMAP_ERROR_TOO_LONG },
    { "* 1 FETCH (BODY[] {4294967295}\r\n", IMAP_ERROR_TOO_LONG },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(ImapEngine) engine = new_greeted ();
      ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, IMAP_NAMES_UTF7);

      imap_writer_text (writer, "SELECT ");
      imap_writer_string (writer, "\n");
      imap_engine_start (engine, writer, IMAP_COMMAND_PLAIN);
      start (engine, "NOOP", IMAP_COMMAND_PLAIN);
      g_free (take_output (engine));
      assert_fails (engine, cases[i].said, cases[i].code);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/engine/greetings", test_greetings);
  g_test_add_func ("/imap/engine/several-commands-on-their-way", test_several_commands_on_their_way);
  g_test_add_func ("/imap/engine/events-do-not-depend-on-segments", test_events_do_not_depend_on_segments);
  g_test_add_func ("/imap/engine/abandoned-answers-are-swallowed", test_abandoned_answers_are_swallowed);
  g_test_add_func ("/imap/engine/literals-wait-for-the-server", test_literals_wait_for_the_server);
  g_test_add_func ("/imap/engine/refused-literal-is-not-sent", test_refused_literal_is_not_sent);
  g_test_add_func ("/imap/engine/uploads-come-from-elsewhere", test_uploads_come_from_elsewhere);
  g_test_add_func ("/imap/engine/early-refusal-keeps-step", test_early_refusal_keeps_step);
  g_test_add_func ("/imap/engine/nothing-overtakes-authenticate", test_nothing_overtakes_authenticate);
  g_test_add_func ("/imap/engine/idle-ends-with-done", test_idle_ends_with_done);
  g_test_add_func ("/imap/engine/capabilities-come-from-anywhere", test_capabilities_come_from_anywhere);
  g_test_add_func ("/imap/engine/tls-forgets-what-came-before", test_tls_forgets_what_came_before);
  g_test_add_func ("/imap/engine/secrets-cannot-be-queued-before-tls",
                   test_secrets_cannot_be_queued_before_tls);
  g_test_add_func ("/imap/engine/nonsense-ends-the-connection", test_nonsense_ends_the_connection);
  return g_test_run ();
}
