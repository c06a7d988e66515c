/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/compose.h"

#include <locale.h>
#include <string.h>

#define NOW 1775210096                  /* Fri, 3 Apr 2026 09:54:56 +0000 */

static GPtrArray *
make_identities (void)
{
  GPtrArray *identities = g_ptr_array_new_with_free_func ((GDestroyNotify) store_identity_free);
  static const struct { gint64 id, account; const char *email, *signature; } rows[] = {
    { 1, 1, "anna@harbour.example", "Best wishes\nAnna\n" },
    { 2, 1, "berths@harbour.example", "" },
    { 3, 2, "anna@home.example", "A." },
    { 4, 2, "berths@harbour.example", "from home" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      StoreIdentity *identity = store_identity_new (rows[i].account, "Anna Lindqvist", rows[i].email);

      identity->id = rows[i].id;
      g_free (identity->signature);
      identity->signature = g_strdup (rows[i].signature);
      g_ptr_array_add (identities, identity);
    }
  return identities;
}

static StoreDraft *
compose (ModelComposeKind  kind,
         const char       *message,
         gint64            account_id)
{
  g_autoptr(GPtrArray) identities = make_identities ();
  g_autoptr(GBytes) bytes = message != NULL ? g_bytes_new_static (message, strlen (message)) : NULL;
  ModelComposeWish wish = {
    .kind = kind, .message = bytes, .message_id = 77, .location_id = 88, .account_id = account_id,
    .identities = identities, .now = NOW,
  };

  return model_compose_draft (&wish);
}

#define HEADER \
  "From: Jonas Weber <jonas@pier.example>\r\nTo: anna@harbour.example, \"Weber, Mia\" " \
  "<mia@pier.example>\r\n" \
  "Cc: crane@pier.example\r\nSubject: Mooring\r\nMessage-ID: <2@pier>\r\nReferences: <1@pier>\r\n" \
  "Date: Fri, 3 Apr 2026 08:24:00 +0000\r\n"

#define SIGNED "\nBest wishes\nAnna\n"
#define WROTE  "\nJonas Weber wrote on 3 April at 08:24:\n"
#define FORWARDED \
  "\n---------- Forwarded message ----------\nFrom: Jonas Weber <jonas@pier.example>\n" \
  "Date: Friday, 3 April 2026, 08:24\nSubject: Mooring\nTo: anna@harbour.example, \"Weber, Mia\" " \
  "<mia@pier.example>\n" \
  "Cc: crane@pier.example\n\n"

static void
test_answers (void)
{
  static const struct {
    ModelComposeKind kind; const char *message, *to, *cc, *subject, *body, *in_reply_to,
      *references; gint64 identity;
  } cases[] = {
    { MODEL_COMPOSE_REPLY, HEADER "\r\nFree.\r\n> Is it?\r\n\r\n-- \r\nJ.\r\n",
      "Jonas Weber <jonas@pier.example>", "", "Re: Mooring", "\n" SIGNED WROTE "> Free.\n>> Is it?\n",
      "2@pier", "1@pier 2@pier", 1 },
    { MODEL_COMPOSE_REPLY_ALL, HEADER "\r\nx\r\n",
      "Jonas Weber <jonas@pier.example>, \"Weber, Mia\" <mia@pier.example>", "crane@pier.example",
      "Re: Mooring", "\n" SIGNED WROTE "> x\n", "2@pier", "1@pier 2@pier", 1 },
    { MODEL_COMPOSE_FORWARD, HEADER "\r\nFree.\r\n> Is it?\r\n",
      "", "", "Fwd: Mooring", "\n" SIGNED FORWARDED "Free.\n> Is it?\n", NULL, NULL, 1 },
    { MODEL_COMPOSE_FORWARD_ATTACHED, HEADER "\r\nFree.\r\n", "", "", "Fwd: Mooring", "\n" SIGNED, NULL, NULL,
      1 },
    /* format=flowed: soft breaks are joined, the quote is one paragraph a line */
    { MODEL_COMPOSE_REPLY, HEADER "Content-Type: text/plain; format=flowed\r\n\r\none \r\ntwo\r\n",
      "Jonas Weber <jonas@pier.example>", "", "Re: Mooring", "\n" SIGNED WROTE "> one two\n", "2@pier",
      "1@pier 2@pier", 1 },
    { MODEL_COMPOSE_REPLY, HEADER "Content-Type: text/html\r\n\r\n<p>one</p><script>evil</script><p>two</p>",
      "Jonas Weber <jonas@pier.example>", "", "Re: Mooring", "\n" SIGNED WROTE "> one\n>\n> two\n", "2@pier",
      "1@pier 2@pier", 1 },
    { MODEL_COMPOSE_EDIT,
      "From: berths@harbour.example\nTo: a@b.example\nCc: c@d.example\nSubject: Half done\n"
      "Message-ID: <9@x>\nIn-Reply-To: <2@pier>\nContent-Type: text/plain; format=flowed\n\none \ntwo\n> "
      "quoted\n",
      "a@b.example", "c@d.example", "Half done", "one two\n> quoted\n", "2@pier", "2@pier", 2 },
    /* nothing to quote: only the header is here */
    { MODEL_COMPOSE_REPLY, HEADER "\r\n", "Jonas Weber <jonas@pier.example>", "", "Re: Mooring", "\n" SIGNED,
      "2@pier", "1@pier 2@pier", 1 },
    /* who was written to answers, rather in the account where the message lies */
    { MODEL_COMPOSE_REPLY, "From: a@b.example\nTo: anna@home.example\n\n", "a@b.example", "", "Re: ",
      "\n\nA.\n", NULL, NULL, 3 },
    { MODEL_COMPOSE_REPLY, "From: a@b.example\nTo: berths@harbour.example\n\n", "a@b.example", "", "Re: ", "",
      NULL, NULL, 2 },
    { MODEL_COMPOSE_REPLY, "From: a@b.example\nTo: list@b.example\n\n", "a@b.example", "", "Re: ",
      "\n" SIGNED, NULL, NULL, 1 },
    { MODEL_COMPOSE_REPLY, "nothing at all", "", "", "Re: ",
      "\n" SIGNED "\nSomebody wrote:\n> nothing at all\n", NULL, NULL, 1 },
    { MODEL_COMPOSE_REPLY, "From: a@b.example\n\nhello\n", "a@b.example", "", "Re: ",
      "\n" SIGNED "\na@b.example wrote:\n> hello\n", NULL, NULL, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(StoreDraft) draft = compose (cases[i].kind, cases[i].message, 1);

      g_test_message ("case %zu", i);
      g_assert_cmpstr (draft->to_text, ==, cases[i].to);
      g_assert_cmpstr (draft->cc_text, ==, cases[i].cc);
      g_assert_cmpstr (draft->bcc_text, ==, "");
      g_assert_cmpstr (draft->subject, ==, cases[i].subject);
      g_assert_cmpstr (draft->body, ==, cases[i].body);
      g_assert_cmpstr (draft->in_reply_to, ==, cases[i].in_reply_to);
      g_assert_cmpstr (draft->references_text, ==, cases[i].references);
      g_assert_cmpint (draft->identity_id, ==, cases[i].identity);
      g_assert_cmpint (draft->source_id, ==, 77);
      g_assert_cmpint (draft->source_location, ==, 88);
      g_assert_cmpint (draft->id, ==, 0);
    }
}

static void
test_new_letter_is_signed (void)
{
  g_autoptr(StoreDraft) first = compose (MODEL_COMPOSE_NEW, NULL, 0);
  g_autoptr(StoreDraft) home = compose (MODEL_COMPOSE_NEW, NULL, 2);

  g_assert_cmpint (first->identity_id, ==, 1);
  g_assert_cmpstr (first->body, ==, "\n\n-- \nBest wishes\nAnna\n");
  g_assert_cmpint (home->identity_id, ==, 3);
  g_assert_cmpint (home->account_id, ==, 2);
  g_assert_cmpint (home->kind, ==, STORE_DRAFT_NEW);
}

static void
test_signature_follows_identity (void)
{
  static const struct { StoreDraftKind kind; const char *body, *old, *new, *result; } cases[] = {
    { STORE_DRAFT_NEW, "Hi\n\n-- \nA\n", "A", "B\n", "Hi\n\n-- \nB\n" },
    { STORE_DRAFT_NEW, "Hi\n\n-- \nA\n", "A", "", "Hi\n" },
    { STORE_DRAFT_NEW, "Hi", "", "B", "Hi\n\n-- \nB\n" },
    { STORE_DRAFT_NEW, "", "", "B", "\n-- \nB\n" },
    { STORE_DRAFT_NEW, "Hi\n\n-- \nA, edited\n", "A", "B", "Hi\n\n-- \nA, edited\n" },
    { STORE_DRAFT_NEW, "Hi\n", "A", "B", "Hi\n" },
    { STORE_DRAFT_NEW, "Hi\n", "", "", "Hi\n" },
    { STORE_DRAFT_REPLY, "Hi\n\nA\n\nJ wrote:\n> x\n> A\n", "A", "B\nb",
      "Hi\n\nB\nb\n\nJ wrote:\n> x\n> A\n" },
    { STORE_DRAFT_REPLY, "Hi\n\nJ wrote:\n> x\n", "", "B", "Hi\n\nB\n\nJ wrote:\n> x\n" },
    { STORE_DRAFT_REPLY, "> x\n", "", "B", "\nB\n> x\n" },
    { STORE_DRAFT_FORWARD, "\n\n---------- F\n\n> x\n", "", "B", "\n\nB\n\n---------- F\n\n> x\n" },
    { STORE_DRAFT_REPLY, "Hi", "", "B", "Hi" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *body = model_compose_dup_signed (cases[i].body, cases[i].kind, cases[i].old,
                                                        cases[i].new);

      g_test_message ("case %zu", i);
      g_assert_cmpstr (body, ==, cases[i].result);
    }
}

static void
test_mailto_cannot_smuggle (void)
{
  g_autoptr(StoreDraft) draft = compose (MODEL_COMPOSE_NEW, NULL, 2);
  g_autoptr(StoreDraft) other = compose (MODEL_COMPOSE_NEW, NULL, 2);
  g_auto(GStrv) ignored = NULL;
  g_auto(GStrv) none = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (model_compose_add_mailto (draft,
                                           "mailto:a@b?cc=c@d&bcc=e@f&subject=x%0D%0ABcc:%20evil@e&body=1%0A2"
                                           "&attach=/etc/passwd&from=z@z", &ignored, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (draft->to_text, ==, "a@b");
  g_assert_cmpstr (draft->cc_text, ==, "c@d");
  g_assert_cmpstr (draft->bcc_text, ==, "e@f");
  g_assert_cmpstr (draft->subject, ==, "x Bcc: evil@e");
  g_assert_cmpstr (draft->body, ==, "1\n2\n\n-- \nA.\n");
  g_assert_cmpint (draft->identity_id, ==, 3);
  g_assert_cmpuint (g_strv_length (ignored), ==, 2);
  g_assert_true (model_compose_add_mailto (other, "mailto:a@b", &none, &error));
  g_assert_null (none);
  g_assert_false (model_compose_add_mailto (other, "http://a", &none, &error));
  g_assert_error (error, MIME_ERROR, MIME_ERROR_REFUSED);
}

static void
test_verdicts (void)
{
  static const struct {
    StoreDraftKind kind; const char *to, *subject,
      *body; guint n; ModelComposeFault fault; const char *address; guint hints;
  } cases[] = {
    { STORE_DRAFT_NEW, "a@b.example", "s", "", 0, MODEL_COMPOSE_FINE, NULL, 0 },
    { STORE_DRAFT_NEW, " , ;", "s", "", 0, MODEL_COMPOSE_NO_RECIPIENT, NULL, 0 },
    { STORE_DRAFT_NEW, "a@b.example, Jonas", "s", "", 0, MODEL_COMPOSE_BAD_ADDRESS, "Jonas", 0 },
    { STORE_DRAFT_NEW, "J <a@@b>", "s", "", 0, MODEL_COMPOSE_BAD_ADDRESS, NULL, 0 },
    { STORE_DRAFT_NEW, "\"Weber, Mia\" <a@b.example>; c@d.example\ne@f.example", "s", "", 0,
      MODEL_COMPOSE_FINE, NULL, 0 },
    { STORE_DRAFT_NEW, "a@b.example", " ", "", 0, MODEL_COMPOSE_FINE, NULL, MODEL_COMPOSE_NO_SUBJECT },
    { STORE_DRAFT_NEW, "a@b.example", "s", "The plan is Attached.", 0, MODEL_COMPOSE_FINE, NULL,
      MODEL_COMPOSE_NO_ATTACHMENT },
    { STORE_DRAFT_NEW, "a@b.example", "attached: plan", "", 0, MODEL_COMPOSE_FINE, NULL,
      MODEL_COMPOSE_NO_ATTACHMENT },
    { STORE_DRAFT_NEW, "a@b.example", "s", "The plan is attached.", 1, MODEL_COMPOSE_FINE, NULL, 0 },
    { STORE_DRAFT_NEW, "a@b.example", "s", "It is unattached", 0, MODEL_COMPOSE_FINE, NULL, 0 },
    { STORE_DRAFT_REPLY, "a@b.example", "Re: attached", "Yes\n> see attached", 0, MODEL_COMPOSE_FINE, NULL,
      0 },
    { STORE_DRAFT_FORWARD, "a@b.example", "s", "\n---------- F ----\nis attached", 0, MODEL_COMPOSE_FINE,
      NULL, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(StoreDraft) draft = store_draft_new (1, 1);
      g_auto(ModelComposeVerdict) verdict = { 0 };

      g_test_message ("case %zu", i);
      draft->kind = cases[i].kind;
      draft->to_text = (g_free (draft->to_text), g_strdup (cases[i].to));
      draft->subject = (g_free (draft->subject), g_strdup (cases[i].subject));
      draft->body = (g_free (draft->body), g_strdup (cases[i].body));
      model_compose_judge (draft, cases[i].n, &verdict);
      g_assert_cmpint (verdict.fault, ==, cases[i].fault);
      g_assert_cmpuint (verdict.hints, ==, cases[i].hints);
      if (cases[i].address != NULL)
        g_assert_cmpstr (verdict.address, ==, cases[i].address);
      g_assert_cmpint (verdict.address != NULL, ==, cases[i].fault == MODEL_COMPOSE_BAD_ADDRESS);
    }
}

static void
test_recipients_in_words (void)
{
  static const struct { const char *to, *cc, *words; } cases[] = {
    { "", "", "" },
    { "Jonas Weber <j@b.example>", "", "Jonas Weber" },
    { "j@b.example", "c@d.example", "j@b.example and 1 other" },
    { "Jonas <j@b.example>, k@l.example", "c@d.example", "Jonas and 2 others" },
    { "anna@bank.example <evil@e.example>", "", "anna@bank.example <evil@e.example>" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(StoreDraft) draft = store_draft_new (1, 1);
      g_autofree char *words = NULL;

      draft->to_text = (g_free (draft->to_text), g_strdup (cases[i].to));
      draft->cc_text = (g_free (draft->cc_text), g_strdup (cases[i].cc));
      words = model_compose_dup_recipients (draft);
      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static void
test_quote_is_limited (void)
{
  g_autoptr(GString) message = g_string_new ("From: a@b.example\n\n");
  g_autoptr(StoreDraft) draft = NULL;

  for (gsize i = 0; i < MODEL_QUOTE_MAX / 40; i++)
    g_string_append (message, "\xc3\xa4-line of thirty bytes, and some more of them, and more\n");
  draft = compose (MODEL_COMPOSE_REPLY, message->str, 1);
  g_assert_cmpuint (strlen (draft->body), <, MODEL_QUOTE_MAX + MODEL_QUOTE_MAX / 10);
  g_assert_cmpuint (strlen (draft->body), >, MODEL_QUOTE_MAX / 2);
  g_assert_true (g_utf8_validate (draft->body, -1, NULL));
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/compose/answers", test_answers);
  g_test_add_func ("/model/compose/new-letter-is-signed", test_new_letter_is_signed);
  g_test_add_func ("/model/compose/signature-follows-identity", test_signature_follows_identity);
  g_test_add_func ("/model/compose/mailto-cannot-smuggle", test_mailto_cannot_smuggle);
  g_test_add_func ("/model/compose/verdicts", test_verdicts);
  g_test_add_func ("/model/compose/recipients-in-words", test_recipients_in_words);
  g_test_add_func ("/model/compose/quote-is-limited", test_quote_is_limited);
  return g_test_run ();
}
