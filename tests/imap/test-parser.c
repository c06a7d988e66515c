/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "describe.h"

#include "imap/lexer.h"
#include "imap/parser.h"

#include <string.h>

typedef struct {
  const char *input;         /* CRLF is added */
  const char *expected;
} Case;

static void
assert_at_every_cut (const Case *cases,
                     gsize       n_cases)
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autofree char *input = g_strconcat (cases[i].input, "\r\n", NULL);
      g_autofree char *expected = g_strconcat (cases[i].expected, "\n", NULL);
      gsize size = strlen (input);

      for (gsize cut = 1; cut <= size; cut++)
        {
          g_autofree char *whole = describe_responses (base_slice_new (input, size), cut, G_MAXUINT);

          g_assert_cmpstr (whole, ==, expected);
        }
    }
}

static void
test_status_responses (void)
{
  static const Case cases[] = {
    { "* OK IMAP4rev1 server ready", "STATUS OK text=IMAP4rev1 server ready" },
    { "* ok", "STATUS OK" },
    { "*  OK   two  blanks ", "STATUS OK text=two  blanks" },
    { "* PREAUTH IMAP4rev1 server logged in as Smith",
      "STATUS PREAUTH text=IMAP4rev1 server logged in as Smith" },
    { "* BYE Autologout; idle for too long", "STATUS BYE text=Autologout; idle for too long" },
    { "* OK [ALERT] System shutdown in 10 minutes", "STATUS OK [ALERT] text=System shutdown in 10 minutes" },
    { "* OK [UIDVALIDITY 3857529045] UIDs valid",
      "STATUS OK [UIDVALIDITY] number=3857529045 text=UIDs valid" },
    { "* OK [uidnext 4392]", "STATUS OK [UIDNEXT] number=4392" },
    { "* OK [UNSEEN 17] Message 17 is the first unseen message",
      "STATUS OK [UNSEEN] number=17 text=Message 17 is the first unseen message" },
    { "* OK [HIGHESTMODSEQ 715194045007] Highest",
      "STATUS OK [HIGHESTMODSEQ] number=715194045007 text=Highest" },
    { "* OK [NOMODSEQ] Sorry", "STATUS OK [NOMODSEQ] text=Sorry" },
    { "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited",
      "STATUS OK [PERMANENTFLAGS] text=Limited flags=\\Seen,\\Deleted,\\*" },
    { "* OK [PERMANENTFLAGS (\\Answered $Forwarded NonJunk)] x",
      "STATUS OK [PERMANENTFLAGS] text=x flags=\\Answered words=$Forwarded,NonJunk" },
    { "* OK [PERMANENTFLAGS ()] No permanent flags", "STATUS OK [PERMANENTFLAGS] text=No permanent flags" },
    { "* OK [PERMANENTFLAGS (a]b \\Seen)] bracket in a flag (Gmail)",
      "STATUS OK [PERMANENTFLAGS] text=bracket in a flag (Gmail) flags=\\Seen words=a]b" },
    { "* OK [MAILBOXID (F2212ea87-6097-4256-9d51-71338625)] Ok",
      "STATUS OK [MAILBOXID] id=F2212ea87-6097-4256-9d51-71338625 text=Ok" },
    { "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN STARTTLS] hi",
      "STATUS OK [CAPABILITY] text=hi words=IMAP4rev1,AUTH=PLAIN,STARTTLS" },
    { "* OK [X-NEW (a b) \"c\"] text", "STATUS OK [?] text=text" },
    { "* OK [] text", "STATUS OK [?] text=text" },
    { "* OK [not a code", "STATUS OK text=[not a code" },
    { "* OK [UIDNEXT]", "STATUS OK [UIDNEXT]" },
    { "* OK [UIDNEXT 99999999999999] too large", "STATUS OK [UIDNEXT] text=too large" },
    { "* OK [CLOSED] Previous mailbox closed.", "STATUS OK [CLOSED] text=Previous mailbox closed." },
  };

  assert_at_every_cut (cases, G_N_ELEMENTS (cases));
}

static void
test_tagged_responses (void)
{
  static const Case cases[] = {
    { "A1 OK LOGIN completed", "TAGGED tag=A1 OK text=LOGIN completed" },
    { "a1 no", "TAGGED tag=a1 NO" },
    { "A1 OK [READ-WRITE] SELECT completed", "TAGGED tag=A1 OK [READ-WRITE] text=SELECT completed" },
    { "A1 OK[READ-ONLY]no blank", "TAGGED tag=A1 OK [READ-ONLY] text=no blank" },
    { "A1 NO [AUTHENTICATIONFAILED] Authentication failed",
      "TAGGED tag=A1 NO [AUTHENTICATIONFAILED] text=Authentication failed" },
    { "A1 NO [TRYCREATE] No such mailbox", "TAGGED tag=A1 NO [TRYCREATE] text=No such mailbox" },
    { "A1 BAD Request is throttled. Suggested Backoff Time: 299000 milliseconds",
      "TAGGED tag=A1 BAD text=Request is throttled. Suggested Backoff Time: 299000 milliseconds" },
    { "A1 OK [APPENDUID 38505 3955] APPEND completed",
      "TAGGED tag=A1 OK [APPENDUID] uidvalidity=38505 to=3955 text=APPEND completed" },
    { "A1 OK [COPYUID 38505 304,319:320 3956:3958] Done",
      "TAGGED tag=A1 OK [COPYUID] uidvalidity=38505 from=304,319:320 to=3956:3958 text=Done" },
    { "A1 OK [COPYUID 38505 304] half", "TAGGED tag=A1 OK [COPYUID] uidvalidity=38505 from=304 text=half" },
    { "A1 OK [MODIFIED 7,9] Conditional STORE failed",
      "TAGGED tag=A1 OK [MODIFIED] from=7,9 text=Conditional STORE failed" },
    { "A1 NO [OVERQUOTA] Quota exceeded (mailbox for user is full)",
      "TAGGED tag=A1 NO [OVERQUOTA] text=Quota exceeded (mailbox for user is full)" },
    { "+ Ready for literal", "CONTINUE text=Ready for literal" },
    { "+", "CONTINUE" },
    { "+ ", "CONTINUE" },
    { "+idling", "CONTINUE text=idling" },
    { "A1 WHAT is this", "UNREADABLE tag=A1" },
    { "A1", "UNREADABLE tag=A1" },
    { "HTTP/1.1 400 Bad Request", "UNREADABLE tag=HTTP/1.1" },
  };

  assert_at_every_cut (cases, G_N_ELEMENTS (cases));
}

static void
test_folder_responses (void)
{
  static const Case cases[] = {
    { "* LIST (\\Noselect) \"/\" \"\"", "UNREADABLE" },
    { "* LIST (\\HasNoChildren \\Sent) \"/\" \"Gesendete Objekte\"",
      "LIST attributes=8 role=8 delimiter=/ name=Gesendete Objekte" },
    { "* list () nil inbox", "LIST attributes=0 role=0 name=inbox" },
    { "* LIST () \".\" {7}\r\nab \"\\cd", "LIST attributes=0 role=0 delimiter=. name=ab \"\\cd" },
    { "* LIST () \"\\\\\" \"a\\\\b\\\"c\"", "LIST attributes=0 role=0 delimiter=\\ name=a\\b\"c" },
    { "* LIST (\\Subscribed) \"/\" Fruit (\"CHILDINFO\" (\"SUBSCRIBED\"))",
      "LIST attributes=10 role=0 delimiter=/ name=Fruit" },
    /* Exchange */
    { "* LIST () \"/\" Sent Items", "LIST attributes=0 role=0 delimiter=/ name=Sent Items" },
    { "* LIST () \"/\" Sent Items (OLDNAME (a))", "LIST attributes=0 role=0 delimiter=/ name=Sent Items" },
    { "* XLIST (\\HasNoChildren \\AllMail) \"/\" \"[Gmail]/All Mail\"",
      "LIST attributes=8 role=2 delimiter=/ name=[Gmail]/All Mail" },
    { "* LIST (\\HasNoChildren) \"/\" ~peter/&ZeVnLIqe-",
      "LIST attributes=8 role=0 delimiter=/ name=~peter/&ZeVnLIqe-" },
    { "* LIST \"/\" INBOX", "UNREADABLE" },
    { "* LIST (\\Noselect", "UNREADABLE" },
    { "* LSUB () \".\" #news.comp", "UNKNOWN" },

    { "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)",
      "FOLDER-STATUS name=blurdybloop messages=231 uidnext=44292" },
    { "* STATUS \"a b\" (UNSEEN 1 UIDVALIDITY 7 HIGHESTMODSEQ 7011231777 SIZE 8589934592 RECENT 2)",
      "FOLDER-STATUS name=a b unseen=1 uidvalidity=7 highestmodseq=7011231777 size=8589934592" },
    { "* STATUS Sent Items (MESSAGES 3)", "FOLDER-STATUS name=Sent Items messages=3" },
    { "* STATUS {5}\r\na b c (MESSAGES 3)", "FOLDER-STATUS name=a b c messages=3" },
    /* Coremail */
    { "* STATUS x ()", "FOLDER-STATUS name=x" },
    { "* STATUS x (MAILBOXID (F2212ea8) MESSAGES 3)", "FOLDER-STATUS name=x messages=3 mailbox-id=F2212ea8" },
    { "* STATUS x (HIGHESTMODSEQ -1 MESSAGES 1)", "FOLDER-STATUS name=x messages=1" },              /* Zoho */
    { "* STATUS x (MESSAGES 4294967296)", "UNREADABLE" },
    { "* STATUS x (MESSAGES", "UNREADABLE" },
    { "* STATUS x", "UNREADABLE" },

    { "* NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"shared.\" \".\"))", "NAMESPACE prefix=INBOX. delimiter=." },
    { "* NAMESPACE ((\"\" \"/\" \"X-PARAM\" (\"FLAG1\"))) NIL NIL", "NAMESPACE delimiter=/" },
    { "* NAMESPACE NIL NIL NIL", "NAMESPACE" },
    { "* FLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen $MDNSent)",
      "FLAGS flags=\\Seen,\\Answered,\\Flagged,\\Deleted,\\Draft words=$MDNSent" },
    { "* FLAGS (\\Answered", "UNREADABLE" },
  };

  assert_at_every_cut (cases, G_N_ELEMENTS (cases));
}

static void
test_message_responses (void)
{
  static const Case cases[] = {
    { "* 23 EXISTS", "EXISTS 23" },
    { "* 23 exists whatever", "EXISTS 23" },
    { "* 4294967295 EXISTS", "EXISTS 4294967295" },
    { "* 4294967296 EXISTS", "UNKNOWN" },
    { "* 5 RECENT", "UNKNOWN" },
    { "* 44 EXPUNGE", "EXPUNGE 44" },
    { "* VANISHED 405,407,410:425", "VANISHED uids=405,407,410:425" },
    { "* VANISHED (EARLIER) 41,43:116,118", "VANISHED earlier uids=41,43:116,118" },
    { "* VANISHED (EARLIER)", "UNREADABLE" },
    { "* VANISHED 1:*", "UNREADABLE" },
    { "* SEARCH", "SEARCH uids=" },
    { "* SEARCH 2 3 6 84", "SEARCH uids=2:3,6,84" },
    { "* SEARCH 84 2 3 (MODSEQ 917162500)", "SEARCH uids=2:3,84" },
    { "* SEARCH two", "UNREADABLE" },
    { "* ESEARCH (TAG \"A285\") UID MIN 7 MAX 3800 ALL 4:18,21", "SEARCH uids=4:18,21" },
    { "* ESEARCH (TAG \"A284\") UID", "SEARCH uids=" },
    { "* ESEARCH UID COUNT 17 ALL 2,10:11 MODSEQ 12", "SEARCH uids=2,10:11" },

    { "* 12 FETCH (FLAGS (\\Seen) UID 4827313 MODSEQ (65402))",
      "FETCH 12 uid=4827313 has-flags modseq=65402 flags=\\Seen" },
    { "* 12 fetch (flags () uid 5)", "FETCH 12 uid=5 has-flags" },
    { "* 12 FETCH (UID 5 FLAGS (\\Seen \\XUnknown $Forwarded NonJunk))",
      "FETCH 12 uid=5 has-flags flags=\\Seen words=$Forwarded,NonJunk" },
    { "* 12 FETCH (UID 5 RFC822.SIZE 44827 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")",
      "FETCH 12 uid=5 date=837596665 size=44827" },
    { "* 12 FETCH (UID 5 EMAILID (M6d99ac3275bb4e) THREADID (T64b478a75b7ea9))",
      "FETCH 12 uid=5 email-id=M6d99ac3275bb4e" },
    { "* 12 FETCH (UID 5 THREADID NIL EMAILID NIL)", "FETCH 12 uid=5" },
    { "* 12 FETCH (X-GM-MSGID 1278455344230334865 X-GM-LABELS (\"\\\\Inbox\" Foo \"a b\" {3}\r\nc d) UID 4)",
      "FETCH 12 uid=4 gmail-id=1278455344230334865 has-labels labels=\\Inbox,Foo,a b,c d" },
    { "* 12 FETCH (X-GM-LABELS () UID 4)", "FETCH 12 uid=4 has-labels" },
    { "* 1 FETCH (UID 7 BODY[HEADER] {8}\r\nA: b\r\n\r\n)", "FETCH 1 uid=7 header:\"A: b\\r\\n\\r\\n\"" },
    { "* 1 FETCH (UID 7 BODY[HEADER] \"\")", "FETCH 1 uid=7 header:\"\"" },
    { "* 1 FETCH (UID 7 BODY[] NIL)", "FETCH 1 uid=7 body:NIL" },
    { "* 1 FETCH (UID 7 BODY[] {0}\r\n)", "FETCH 1 uid=7 body:\"\"" },
    { "* 1 FETCH (UID 7 RFC822 {3}\r\nabc)", "FETCH 1 uid=7 body:\"abc\"" },
    { "* 1 FETCH (BODY[]{3}\r\nabc UID 7)", "FETCH 1 uid=7 body:\"abc\"" },
    { "* 1 FETCH (UID 7 BODY[] {20}\r\n01234567890123456789 FLAGS ())",
      "HEAD FETCH 1 uid=7 body:(20)\nFETCH 1 uid=7 has-flags body:(20)" },
    { "* 1 FETCH (BODY[1.2] {20}\r\n01234567890123456789 BODY[] {17}\r\n01234567890123456 UID 7)",
      "HEAD FETCH 1\nHEAD FETCH 1 body:(17)\nFETCH 1 uid=7 body:(17)" },
    { "* 1 FETCH (BODY[HEADER.FIELDS (DATE \"]\")] {3}\r\nabc UID 7)", "FETCH 1 uid=7" },
    { "* 1 FETCH (BODY[]<0> {3}\r\nabc UID 7)", "FETCH 1 uid=7" },
    { "* 1 FETCH (ENVELOPE (NIL \"a \\\"b\" ((NIL NIL \"x\" \"y\")) NIL {2}\r\n)( NIL) UID 7)",
      "FETCH 1 uid=7" },
    { "* 1 FETCH (BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1 1)) UID 7)", "FETCH 1 uid=7" },
    /* Zimbra */
    { "* 1 FETCH (UID 7MODSEQ (5))", "FETCH 1 uid=7 modseq=5" },
    { "* 1 FETCH (UID 7 MODSEQ (-1))", "FETCH 1 uid=7" },                                           /* Zoho */
    /* mail.ru */
    { "* 1 FETCH (UID 7 RFC822.SIZE 9.3736e+06)", "FETCH 1 uid=7 size=9373600" },
    /* AOL, wp.pl */
    { "* 1 FETCH (XAOL-SPAM-REASON UID 7)", "FETCH 1 uid=7" },
    { "* 1 FETCH (UID 7 XAOL-SPAM-REASON)", "FETCH 1 uid=7" },
    /* Courier */
    { "* 0 FETCH (UID 7)", "FETCH 0 uid=7" },
    { "* 1 FETCH (UID 7 FLAGS NIL)", "FETCH 1 uid=7 has-flags" },
    /* Gmail */
    { "* 1 FETCH (UID 7 FLAGS (\"\\\\Seen\" a]b))", "FETCH 1 uid=7 has-flags flags=\\Seen words=a]b" },
    { "* 1 FETCH ( UID  7  FLAGS ( \\Seen ) )", "FETCH 1 uid=7 has-flags flags=\\Seen" },
    { "* 1 FETCH (UID 7 INTERNALDATE NIL)", "FETCH 1 uid=7" },
    { "* 1 FETCH (UID 7 INTERNALDATE \"yesterday\")", "FETCH 1 uid=7" },
    { "* 1 FETCH ()", "FETCH 1" },
    { "* 1 FETCH (UID 7", "UNREADABLE" },
    { "* 1 FETCH (UID 7 BODY[", "UNREADABLE" },
    { "* 1 FETCH (UID x)", "UNREADABLE" },
    { "* 1 FETCH (UID 4294967296)", "UNREADABLE" },
    { "* 1 FETCH (UID 7 BODY[] abc)", "UNREADABLE" },
    { "* 1 FETCH UID 7", "UNREADABLE" },
    { "* 1 FETCH (UID 7 ENVELOPE (\"unterminated))", "UNREADABLE" },
  };

  assert_at_every_cut (cases, G_N_ELEMENTS (cases));
}

static void
test_server_responses (void)
{
  static const Case cases[] = {
    { "* CAPABILITY IMAP4rev1 STARTTLS AUTH=GSSAPI LOGINDISABLED",
      "CAPABILITY words=IMAP4rev1,STARTTLS,AUTH=GSSAPI,LOGINDISABLED" },
    { "* CAPABILITY", "CAPABILITY" },
    { "* ENABLED CONDSTORE X-GOOD-IDEA", "ENABLED words=CONDSTORE,X-GOOD-IDEA" },
    { "* ENABLED", "ENABLED" },
    { "* ID (\"name\" \"Cyrus\" \"version\" \"1.5\" \"os\" \"sunos\")", "ID name=Cyrus version=1.5" },
    { "* ID (\"NAME\" NIL)", "ID" },
    { "* ID NIL", "ID" },
    { "* ID (\"name\")", "UNREADABLE" },
    { "* QUOTA \"\" (STORAGE 10 512)", "QUOTA 10 of 512" },
    { "* QUOTA \"User quota\" (MESSAGE 20 100 STORAGE 10 512)", "QUOTA root=User quota 10 of 512" },
    /* mail.ru */
    { "* QUOTA \"\" (STORAGE 1024 9.3736e+06)", "QUOTA 1024 of 9373600" },
    { "* QUOTA \"\" (STORAGE 10 18446744073709551616)", "QUOTA 10 of 9223372036854775807" },
    { "* QUOTA \"\" ()", "QUOTA" },
    { "* QUOTA \"\" (STORAGE 10)", "UNREADABLE" },
    { "* QUOTAROOT INBOX \"User quota\" \"\"", "QUOTAROOT words=User quota," },
    { "* QUOTAROOT INBOX root", "QUOTAROOT words=root" },
    { "* QUOTAROOT comp.mail.mime", "QUOTAROOT" },
    { "* BAD-NEWS for you", "UNKNOWN" },
    { "* NOTHING", "UNKNOWN" },
    { "* X-NEW (a (b {3}\r\n))( c))", "UNKNOWN" },
    { "*", "UNKNOWN" },
    { "* 5", "UNKNOWN" },
  };

  assert_at_every_cut (cases, G_N_ELEMENTS (cases));
}

static const ImapResponse *
read_text (ImapParser *parser,
           const char *text,
           gsize       size)
{
  ImapFrame frame = { base_slice_new (text, size), NULL, 0, FALSE };

  return imap_parser_read (parser, &frame);
}

static void
test_nesting_is_limited (void)
{
  g_autoptr(ImapParser) parser = imap_parser_new ();

  for (gsize depth = IMAP_NESTING_MAX - 1; depth <= IMAP_NESTING_MAX + 1; depth++)
    {
      g_autofree char *open = g_strnfill (depth, '('), *close = g_strnfill (depth, ')');
      g_autofree char *text = g_strconcat ("* 1 FETCH (ENVELOPE ", open, "NIL", close, " UID 7)", NULL);

      g_assert_cmpint (read_text (parser, text, strlen (text))->kind, ==,
                       depth <= IMAP_NESTING_MAX ? IMAP_RESPONSE_FETCH : IMAP_RESPONSE_UNREADABLE);
    }
}

static void
test_a_million_parentheses_are_nothing (void)
{
  g_autoptr(ImapParser) parser = imap_parser_new ();
  g_autofree char *open = g_strnfill (1000000, '(');
  g_autofree char *text = g_strconcat ("* 1 FETCH (BODYSTRUCTURE ", open, NULL);

  g_assert_cmpint (read_text (parser, text, strlen (text))->kind, ==, IMAP_RESPONSE_UNREADABLE);
}

static void
test_words_and_names_are_limited (void)
{
  g_autoptr(ImapParser) parser = imap_parser_new ();

  for (gsize n = IMAP_WORDS_MAX - 1; n <= IMAP_WORDS_MAX + 1; n++)
    {
      g_autoptr(GString) text = g_string_new ("* 1 FETCH (UID 7 FLAGS (");

      for (gsize i = 0; i < n; i++)
        g_string_append (text, "a ");
      g_string_append (text, "))");
      g_assert_cmpint (read_text (parser, text->str, text->len)->kind, ==,
                       n <= IMAP_WORDS_MAX ? IMAP_RESPONSE_FETCH : IMAP_RESPONSE_UNREADABLE);
    }
  for (gsize n = 1023; n <= 1025; n++)
    {
      g_autofree char *name = g_strnfill (n, 'x');
      g_autofree char *text = g_strconcat ("* LIST () NIL \"", name, "\"", NULL);

      g_assert_cmpint (read_text (parser, text, strlen (text))->kind, ==,
                       n <= 1024 ? IMAP_RESPONSE_LIST : IMAP_RESPONSE_UNREADABLE);
    }
}

static void
test_nul_makes_no_name (void)
{
  static const char line[] = "* LIST () NIL \"a\0b\"";
  g_autoptr(ImapParser) parser = imap_parser_new ();

  g_assert_cmpint (read_text (parser, line, sizeof line - 1)->kind, ==, IMAP_RESPONSE_UNREADABLE);
}

/* Random damage to real lines: the parser may say anything, but must not read outside and must end. */
static void
test_damaged_lines_do_no_harm (void)
{
  static const char * const lines[] = {
    "* 1 FETCH (UID 7 FLAGS (\\Seen a) BODY[HEADER] {4}\r\nabcd INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")",
    "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited", "* LIST (\\HasNoChildren) \"/\" \"a \\\"b\"",
    "A1 OK [COPYUID 38505 304,319:320 3956:3958] Done", "* STATUS {5}\r\na b c (MESSAGES 3 MAILBOXID (x))",
    "* ESEARCH (TAG \"A285\") UID MIN 7 ALL 4:18,21", "* QUOTA \"\" (STORAGE 10 512)",
    "* NAMESPACE ((\"\" \"/\")) NIL NIL",
  };
  g_autoptr(ImapParser) parser = imap_parser_new ();

  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr(GRand) rand = g_rand_new_with_seed (round);
      const char *line = lines[round % G_N_ELEMENTS (lines)];
      gsize size = strlen (line);
      g_autofree char *copy = g_memdup2 (line, size);

      for (int i = g_rand_int_range (rand, 1, 4); i > 0; i--)
        copy[g_rand_int_range (rand, 0, (gint32) size)] =
          "(){}[]\"\\ \r\n\0+*19~A"[g_rand_int_range (rand, 0, 18)];
      read_text (parser, copy, (gsize) g_rand_int_range (rand, 0, (gint32) size + 1));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/parser/status-responses", test_status_responses);
  g_test_add_func ("/imap/parser/tagged-responses", test_tagged_responses);
  g_test_add_func ("/imap/parser/folder-responses", test_folder_responses);
  g_test_add_func ("/imap/parser/message-responses", test_message_responses);
  g_test_add_func ("/imap/parser/server-responses", test_server_responses);
  g_test_add_func ("/imap/parser/nesting-is-limited", test_nesting_is_limited);
  g_test_add_func ("/imap/parser/a-million-parentheses-are-nothing", test_a_million_parentheses_are_nothing);
  g_test_add_func ("/imap/parser/words-and-names-are-limited", test_words_and_names_are_limited);
  g_test_add_func ("/imap/parser/nul-makes-no-name", test_nul_makes_no_name);
  g_test_add_func ("/imap/parser/damaged-lines-do-no-harm", test_damaged_lines_do_no_harm);
  return g_test_run ();
}
