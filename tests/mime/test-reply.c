/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/mailto.h"
#include "mime/reply.h"

static const char *const own[] = { "me@x.org", "alias@x.org", NULL };

static char *
describe (GPtrArray *addresses)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < addresses->len; i++)
    {
      MimeAddress *address = addresses->pdata[i];

      g_string_append_printf (out, "%s%s", address->role == MIME_ROLE_TO
                              ? " to:" : address->role == MIME_ROLE_CC ? " cc:" : " bcc:",
                              address->address);
    }
  return g_string_free (out, FALSE);
}

static void
test_recipients (void)
{
  static const struct { const char *header; MimeReplyKind kind; const char *to, *identity,
                        *subject; } cases[] = {
    { "From: a@b\nTo: Me@X.org\nSubject: Hi\n\n", MIME_REPLY_SENDER, " to:a@b", "Me@X.org", "Re: Hi" },
    { "From: a@b\nReply-To: r@b\nTo: alias@x.org\nSubject: Re: Hi\n\n", MIME_REPLY_SENDER, " to:r@b",
      "alias@x.org", "Re: Hi" },
    { "From: a@b\nTo: me@x.org, c@d\nCc: e@f, A@b\nSubject: AW: Hi\n\n", MIME_REPLY_ALL,
      " to:a@b to:c@d cc:e@f", "me@x.org", "Re: Hi" },
    { "From: a@b\nTo: me@x.org\nMail-Followup-To: l@m\n\n", MIME_REPLY_ALL, " to:l@m", "me@x.org", "Re: " },
    { "From: a@b\nTo: l@m\nList-Post: <mailto:l@m>\nDelivered-To: me@x.org\n\n", MIME_REPLY_LIST, " to:l@m",
      "me@x.org", "Re: " },
    { "From: a@b\nTo: l@m\nList-Post: NO\n\n", MIME_REPLY_LIST, " to:a@b", NULL, "Re: " },
    { "From: me@x.org\nTo: c@d\nSubject: Hi\n\n", MIME_REPLY_SENDER, " to:c@d", "me@x.org", "Re: Hi" },
    { "From: me@x.org\nTo: me@x.org\n\n", MIME_REPLY_SENDER, " to:me@x.org", "me@x.org", "Re: " },
    { "From: a@b\nSubject: Hi\n\n", MIME_REPLY_FORWARD, "", NULL, "Fwd: Hi" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(MimeReply) reply = mime_reply_new (base_slice_from_string (cases[i].header), cases[i].kind,
                                                   own);
      g_autofree char *to = describe (reply->addresses);

      g_test_message ("case %zu", i);
      g_assert_cmpstr (to, ==, cases[i].to);
      g_assert_cmpstr (reply->identity, ==, cases[i].identity);
      g_assert_cmpstr (reply->subject, ==, cases[i].subject);
    }
}

static void
test_references_grow (void)
{
  g_autoptr(MimeReply) reply =
    mime_reply_new (BASE_SLICE_LITERAL ("Message-ID: <c@d>\nReferences: <a@b>\n\n"), MIME_REPLY_SENDER, own);

  g_assert_cmpstr (reply->in_reply_to[0], ==, "c@d");
  g_assert_null (reply->in_reply_to[1]);
  g_assert_cmpstr (reply->references[0], ==, "a@b");
  g_assert_cmpstr (reply->references[1], ==, "c@d");
  g_assert_null (reply->references[2]);
}

static void
test_quote (void)
{
  g_autofree char *quote = mime_reply_dup_quote ("a\n> b\n\n-- \nsig\n", MIME_FLOW_FIXED, "Ada wrote:");

  g_assert_cmpstr (quote, ==, "Ada wrote:\n> a\n>> b\n");
}

static void
test_mailto (void)
{
  static const struct { const char *uri, *to, *subject, *body; guint ignored; } cases[] = {
    { "mailto:a@b", " to:a@b", "", "", 0 },
    { "MAILTO:a@b,c@d?cc=e@f&BCC=g@h&to=i@j", " to:a@b to:c@d cc:e@f bcc:g@h to:i@j", "", "", 0 },
    { "mailto:?subject=a%20b+c&body=x%0D%0Ay%26z", "", "a b+c", "x\ny&z", 0 },
    { "mailto:a@b?attach=/etc/passwd&attachment=x&file=y&from=z@z&reply-to=q@q", " to:a@b", "", "", 5 },
    { "mailto:a@b?subject=x%0D%0ABcc:%20evil@e", " to:a@b", "x Bcc: evil@e", "", 0 },
    { "mailto:a@b%0D%0Aevil@e", " to:a@b to:evil@e", "", "", 0 },
    { "mailto:%22a%20b%22@c", " to:\"a b\"@c", "", "", 0 },
    { "mailto:", "", "", "", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(MimeMailto) mailto = mime_mailto_parse (cases[i].uri, NULL);
      g_autofree char *to = describe (mailto->addresses);

      g_test_message ("case %zu", i);
      g_assert_cmpstr (to, ==, cases[i].to);
      g_assert_cmpstr (mailto->subject, ==, cases[i].subject);
      g_assert_cmpstr (mailto->body, ==, cases[i].body);
      g_assert_cmpuint (g_strv_length (mailto->ignored), ==, cases[i].ignored);
    }
  g_assert_null (mime_mailto_parse ("http://x", NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/reply/recipients", test_recipients);
  g_test_add_func ("/mime/reply/references-grow", test_references_grow);
  g_test_add_func ("/mime/reply/quote", test_quote);
  g_test_add_func ("/mime/mailto/fields", test_mailto);
  return g_test_run ();
}
