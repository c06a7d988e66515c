/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/text.h"

#include <string.h>
#include <time.h>

static char *
describe (const char *text,
          MimeFlow    flow)
{
  g_autoptr(GArray) lines = mime_text_split (text, flow);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      MimeLine *line = &g_array_index (lines, MimeLine, i);

      g_string_append_printf (out, "%u%s[%s]", line->quote, line->is_signature ? "s" : "", line->text);
    }
  return g_string_free (out, FALSE);
}

static void
test_split (void)
{
  static const struct { MimeFlow flow; const char *text, *lines; } cases[] = {
    { MIME_FLOW_FIXED, "a\nb\n", "0[a]0[b]" },
    { MIME_FLOW_FIXED, "a\n\nb", "0[a]0[]0[b]" },
    { MIME_FLOW_FIXED, " a \nb", "0[ a ]0[b]" },
    { MIME_FLOW_FIXED, "> a\n>> b\n> > c\n>d\n>  e", "1[a]2[b]2[c]1[d]1[ e]" },
    { MIME_FLOW_FIXED, ">\n", "1[]" },
    { MIME_FLOW_FIXED, "a\n-- \nme\n", "0[a]0s[-- ]0s[me]" },
    { MIME_FLOW_FIXED, "> -- \n> me\na", "1[-- ]1[me]0[a]" },
    { MIME_FLOW_FIXED, "", "" },
    { MIME_FLOW_FLOWED, "a \nb\nc", "0[a b]0[c]" },
    { MIME_FLOW_FLOWED_DELSP, "a \nb\nc", "0[ab]0[c]" },
    { MIME_FLOW_FLOWED, "> a \n> b\n>> c \n> d", "1[a b]2[c ]1[d]" },
    { MIME_FLOW_FLOWED, " > not a quote\n From x", "0[> not a quote]0[From x]" },
    { MIME_FLOW_FLOWED, "a \n-- \nme", "0[a ]0s[-- ]0s[me]" },
    { MIME_FLOW_FLOWED, "a ", "0[a ]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *lines = describe (cases[i].text, cases[i].flow);

      g_assert_cmpstr (lines, ==, cases[i].lines);
    }
}

static void
test_quote_levels_are_bounded (void)
{
  for (guint n = MIME_QUOTE_MAX - 1; n <= MIME_QUOTE_MAX + 1; n++)
    {
      g_autofree char *text = g_strnfill (n, '>');
      g_autoptr(GArray) lines = mime_text_split (text, MIME_FLOW_FIXED);

      g_assert_cmpuint (g_array_index (lines, MimeLine, 0).quote, ==, MIN (n, MIME_QUOTE_MAX));
    }
}

static void
test_links (void)
{
  static const struct { const char *text, *uris; } cases[] = {
    { "see http://a.b/c?d=e#f now", "http://a.b/c?d=e#f" },
    { "HTTPS://A.B", "HTTPS://A.B" },
    { "www.a.b, and mailto:a@b.", "http://www.a.b mailto:a@b" },
    { "(http://a.b/c)", "http://a.b/c" },
    { "http://a.b/c_(d)", "http://a.b/c_(d)" },
    { "[x](http://a.b/c).", "http://a.b/c" },
    { "<http://a.b>", "http://a.b" },
    { "\"http://a.b\"", "http://a.b" },
    { "http://a.b...", "http://a.b" },
    { "http://[::1]/", "http://[::1]/" },
    { "\xe7\x9c\x8bhttp://a.b\xe3\x80\x82\xe7\x9c\x8b", "http://a.b" },
    { "http://a.b/\xc3\xb6", "http://a.b/\xc3\xb6" },
    { "http://good.example\xe2\x80\xae/x", "http://good.example" },
    { "http://a.b\nwww.c.d", "http://a.b http://www.c.d" },
    { "xhttp://a.b javascript:alert(1) ftp://x file:///etc data:text/html,x", "" },
    { "http:// www. mailto:", "" },
    { "awww.b", "" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GArray) links = mime_text_find_links (cases[i].text);
      g_autoptr(GString) out = g_string_new (NULL);
      gsize last = 0;

      for (guint k = 0; k < links->len; k++)
        {
          MimeLink *link = &g_array_index (links, MimeLink, k);

          g_assert_cmpuint (link->start, >=, last);
          g_assert_cmpuint (link->end, <=, strlen (cases[i].text));
          last = link->end;
          g_string_append_printf (out, "%s%s", k > 0 ? " " : "", link->uri);
        }
      g_assert_cmpstr (out->str, ==, cases[i].uris);
    }
}

static void
test_link_limits (void)
{
  for (gsize n = 4095; n <= 4097; n++)
    {
      g_autofree char *tail = g_strnfill (n - strlen ("http://"), 'x');
      g_autofree char *text = g_strconcat ("http://", tail, NULL);
      g_autoptr(GArray) links = mime_text_find_links (text);

      g_assert_cmpuint (links->len, ==, n <= 4096 ? 1 : 0);
    }
}

static void
test_preview (void)
{
  static const struct { const char *text, *preview; } cases[] = {
    { "Hello\n\nworld  and   all", "Hello world and all" },
    { "On Monday, Ada wrote:\n> quoted\n\nMy answer\n-- \nme", "My answer" },
    { "Yes.\n\nOn Mon, 1 Jan 2024,\nAda <ada@example.org> wrote:\n\n> quoted", "Yes." },
    { "A list:\n\n- one\n- two", "A list: - one - two" },
    { "Thanks\n-----Original Message-----\nFrom: x", "Thanks" },
    { "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHi\n-----BEGIN PGP SIGNATURE-----\nabc", "Hi" },
    { "=====\n***\nHi", "Hi" },
    { "See https://click.example.com/track/0123456789abcdef now", "See now" },
    { "See https://a.b now", "See https://a.b now" },
    { "> only quoted", "only quoted" },
    { "", "" },
    { "\xe7\x9c\x8b\xef\xbc\x9a\n> quoted\nanswer", "answer" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *preview = mime_text_dup_preview (cases[i].text, MIME_FLOW_FIXED, 200);

      g_assert_cmpstr (preview, ==, cases[i].preview);
    }
}

static void
test_preview_is_cut (void)
{
  g_autofree char *preview = mime_text_dup_preview ("\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6", MIME_FLOW_FIXED, 3);

  g_assert_cmpstr (preview, ==, "\xc3\xb6\xc3\xb6\xc3\xb6");
}

static char *
fake_html_to_text (const char *html)
{
  return g_strconcat ("html:", html, NULL);
}

static MimeDigest *
digest_of (const char *message,
           gsize       limit)
{
  g_autoptr(GBytes) bytes = g_bytes_new (message, strlen (message));
  g_autoptr(MimeTree) tree = mime_tree_new (bytes);

  return mime_digest_new (tree, fake_html_to_text, limit);
}

#define LONG "This plain text is long enough that nobody would take it for a hint to get another program."

static void
test_digest (void)
{
  static const struct { const char *message, *preview, *text; } cases[] = {
    { "Subject: x\n\nHello", "Hello", "Hello" },
    { "Content-Type: text/html\n\nHello", "html:Hello", "html:Hello" },
    { "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n" LONG "\n--b\nContent-Type: "
      "text/html\n\nrich\n--b--\n", LONG, LONG },
    { "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nno\n--b\nContent-Type: "
      "text/html\n\nrich\n--b--\n",
      "html:rich", "html:rich" },
    { "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: application/pdf; "
      "name=doc.pdf\n\nx\n"
      "--b\nContent-Type: text/plain; name=notes.txt\n\ntwo\n--b\nContent-Type: message/rfc822\n\nSubject: "
      "in\n\nthree\n--b--\n",
      "one", "one\ndoc.pdf\nnotes.txt\ntwo\nin.eml\nthree" },
    { "Content-Type: application/pdf; name=a.pdf\n\nx", "", "a.pdf" },
    { "", "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(MimeDigest) digest = digest_of (cases[i].message, 1000);

      g_assert_cmpstr (digest->preview, ==, cases[i].preview);
      g_assert_cmpstr (digest->text, ==, cases[i].text);
    }
}

static void
test_digest_limit (void)
{
  for (gsize limit = 0; limit < 8; limit++)
    {
      g_autoptr(MimeDigest) digest = digest_of ("Subject: x\n\na\xc3\xb6\xe2\x82\xacz", limit);

      g_assert_cmpuint (strlen (digest->text), <=, limit);
      g_assert_true (g_utf8_validate (digest->text, -1, NULL));
      g_assert_cmpstr (digest->preview, ==, limit > 0 ? "a\xc3\xb6\xe2\x82\xacz" : "");
    }
}

/* 4 MiB of what makes link finders and quote counters look again and again. */
static void
test_hostile_text_is_quick (void)
{
  static const char *const units[] = { "h", "http://", "http://a", "www.", ">", "> ", "\n", ">\n", "a:\n",
                                       "a:\n>\n", "(", "http://a((((", " \n", "-- \n" };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    for (MimeFlow flow = MIME_FLOW_FIXED; flow <= MIME_FLOW_FLOWED_DELSP; flow++)
      {
        g_autoptr(GString) text = g_string_new (NULL);
        clock_t start = clock ();

        while (text->len < 4 * 1024 * 1024)
          g_string_append (text, units[i]);
        g_array_unref (mime_text_split (text->str, flow));
        g_array_unref (mime_text_find_links (text->str));
        g_free (mime_text_dup_preview (text->str, flow, 200));
        g_test_message ("%zu: %ld us", i, (long) (clock () - start));
        g_assert_cmpint (clock () - start, <, 40 * G_USEC_PER_SEC);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/text/split", test_split);
  g_test_add_func ("/mime/text/quote-levels-are-bounded", test_quote_levels_are_bounded);
  g_test_add_func ("/mime/text/links", test_links);
  g_test_add_func ("/mime/text/link-limits", test_link_limits);
  g_test_add_func ("/mime/text/preview", test_preview);
  g_test_add_func ("/mime/text/preview-is-cut", test_preview_is_cut);
  g_test_add_func ("/mime/text/digest", test_digest);
  g_test_add_func ("/mime/text/digest-limit", test_digest_limit);
  g_test_add_func ("/mime/text/hostile-text-is-quick", test_hostile_text_is_quick);
  return g_test_run ();
}
