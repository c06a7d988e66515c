/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html/text.h"

#include <string.h>
#include <time.h>

static void
test_shape (void)
{
  static const struct { const char *html, *text; } cases[] = {
    { "plain", "plain" },
    { "a<br>b<BR/>c", "a\nb\nc" },
    { "a<br><br>b", "a\n\nb" },
    { "  a \n\t b&nbsp; c ", "a b c" },
    { "<p>one</p><p>two</p>", "one\n\ntwo" },
    { "<p>one<p>two", "one\n\ntwo" },
    { "<div>one</div><div>two</div>", "one\ntwo" },
    { "<h1>T</h1>x", "T\n\nx" },
    { "a<b>b</b>c", "abc" },
    { "<ul><li>one<li>two</ul>x", "\xe2\x80\xa2 one\n\xe2\x80\xa2 two\n\nx" },
    { "<ol start=3><li>a</li><li>b</li></ol>", "3. a\n4. b" },
    { "<ul><li>a<ol><li>b</ol></ul>", "\xe2\x80\xa2 a\n  1. b" },
    { "<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc" },
    { "x<blockquote>q<br>r</blockquote>y", "x\n\n> q\n> r\n\ny" },
    { "<blockquote>a<blockquote>b</blockquote>c</blockquote>", "> a\n>\n>> b\n>\n> c" },
    { "<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc" },
    { "a<hr>b", "a\n----------\nb" },
    { "<img alt='A logo' src=x> text", "A logo text" },
    { "<img src=x>", "" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = html_to_text (base_slice_from_string (cases[i].html), HTML_LINKS_SHOWN);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_references (void)
{
  static const struct { const char *html, *text; } cases[] = {
    { "&lt;b&gt;&amp;amp;", "<b>&amp;" },
    { "&eacute;&Eacute;&#233;&#xe9;", "\xc3\xa9\xc3\x89\xc3\xa9\xc3\xa9" },
    { "&eacute &copy2", "\xc3\xa9 \xc2\xa9""2" },
    { "&#150;&#x80;", "\xe2\x80\x93\xe2\x82\xac" },
    { "&#0;&#xD800;&#99999999999;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "&nosuch; & &; &#; &#x;", "&nosuch; & &; &#; &#x;" },
    { "AT&T", "AT&T" },
    { "&hellip;&euro;&apos;", "\xe2\x80\xa6\xe2\x82\xac'" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = html_to_text (base_slice_from_string (cases[i].html), HTML_LINKS_SHOWN);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_what_is_not_seen_is_left_out (void)
{
  static const char *const hidden[] = {
    "<script>HIDDEN</script>", "<style>HIDDEN</style>", "<title>HIDDEN</title>", "<!-- HIDDEN -->",
    "<!--[if mso]>HIDDEN<![endif]-->", "<noscript>HIDDEN</noscript>", "<textarea>HIDDEN</textarea>",
    "<svg><text>HIDDEN</text></svg>", "<div hidden>HIDDEN</div>", "<div style='display:none'>HIDDEN</div>",
    "<div style=\"color:red; DISPLAY : NONE !important\">HIDDEN</div>",
    "<span style='font-size:0px'>HIDDEN</span>", "<div style='display:none'><div>HIDDEN</div>HIDDEN</div>",
    "<div style='max-height:0;overflow:hidden'>HIDDEN</div>", "<p style='visibility:hidden'>HIDDEN<p>",
    "<span style='opacity:0'>HIDDEN</span>",
    "<table><tr><td style='display:none'><table><tr><td>HIDDEN</td></tr></table>HIDDEN</td><td>seen</table>",
    "<div style='display&#58;none'>HIDDEN</div>", "<select><option>HIDDEN</select>",
    "<object>HIDDEN</object>", "<?php HIDDEN ?>", "<!DOCTYPE HIDDEN>", "<img style='display:none' alt=''>",
    "<b title=HIDDEN></b>",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (hidden); i++)
    {
      g_autofree char *html = g_strconcat ("seen", hidden[i], "seen", NULL);
      g_autofree char *text = html_to_text (base_slice_from_string (html), HTML_LINKS_SHOWN);

      g_test_message ("%s -> %s", hidden[i], text);
      g_assert_null (strstr (text, "HIDDEN"));
      g_assert_true (g_str_has_prefix (text, "seen"));
      g_assert_true (g_str_has_suffix (text, "seen") && strlen (text) > 4);
    }
}

static void
test_seen_after_all (void)
{
  static const char *const seen[] = {
    "<div style='font-size:0.9em'>SEEN</div>", "<div style='opacity:0.5'>SEEN</div>",
    "<img style='display:none'>SEEN", "<li style='display:none'>x<li>SEEN",
    "<p style='display:none'>x<div>SEEN</div>", "<a>SEEN", "<unknown>SEEN</unknown>", "< b>SEEN", "<-SEEN",
    "<>SEEN", "<b a='>SEEN", "<td>SEEN", "</div>SEEN",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    {
      g_autofree char *text = html_to_text (base_slice_from_string (seen[i]), HTML_LINKS_SHOWN);

      g_test_message ("%s -> %s", seen[i], text);
      g_assert_cmpint (strstr (text, "SEEN") != NULL, ==, !g_str_has_prefix (seen[i], "<b a="));
    }
}

static void
test_links (void)
{
  static const struct { const char *html, *shown, *left_out; } cases[] = {
    { "<a href='https://a.b/c'>text</a>.", "text <https://a.b/c>.", "text." },
    { "<a href='https://a.b/'>a.b</a>", "a.b", "a.b" },
    { "<a href='https://a.b/c'>https://a.b/c</a>", "https://a.b/c", "https://a.b/c" },
    { "<a href='mailto:a@b'>a@b</a>", "a@b", "a@b" },
    { "<a href='https://evil/'>https://bank/</a>", "https://bank/ <https://evil/>", "https://bank/" },
    { "<a href='javascript:x'>text</a>", "text", "text" },
    { "<a href='/x'>text</a>", "text", "text" },
    { "<a href='https://a.b'><img src=x></a>", "", "" },
    { "<a href='https://a?b&amp;c'>t", "t <https://a?b&c>", "t" },
    { "<a href=https://a>t<a href=https://b>u</a>", "t <https://a>u <https://b>", "tu" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = html_to_text (base_slice_from_string (cases[i].html), HTML_LINKS_SHOWN);
      g_autofree char *left_out = html_to_text (base_slice_from_string (cases[i].html), HTML_LINKS_LEFT_OUT);

      g_assert_cmpstr (shown, ==, cases[i].shown);
      g_assert_cmpstr (left_out, ==, cases[i].left_out);
    }
}

static void
test_every_cut (void)
{
  const char *html = "<!DOCTYPE html><style>a{}</style><p style='display:none'>x</p><a "
                     "href=\"https://a\">&eacute;\xc3\xa9</a><!-- c --><td></td>";

  for (gsize size = 0; size <= strlen (html); size++)
    {
      g_autofree guint8 *exact = g_memdup2 (html, MAX (size, 1));
      g_autofree char *text = html_to_text (base_slice_new (exact, size), HTML_LINKS_SHOWN);

      g_assert_true (g_utf8_validate (text, -1, NULL));
    }
}

static void
test_hostile_html_is_quick (void)
{
  static const char *const units[] = { "<", "<b", "<b>", "<b ", "<b a", "<b a='", "<!--", "<!", "</",
                                       "<blockquote>x<br>", "<ul><li>x", "<div hidden>",
                                       "&", "&amp", "&#", "<script>", "</script", "<a href=https://x>",
                                       "<td>", "<b a=b>", "<style></styl", "\n", "<pre>\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autoptr(GString) html = g_string_new (NULL);
      g_autofree char *text = NULL;
      clock_t start;

      while (html->len < 4 * 1024 * 1024)
        g_string_append (html, units[i]);
      start = clock ();
      text = html_to_text (base_slice_new (html->str, html->len), HTML_LINKS_SHOWN);
      g_test_message ("%s: %ld us, %zu bytes", units[i], (long) (clock () - start), strlen (text));
      g_assert_cmpint (clock () - start, <, 40 * G_USEC_PER_SEC);
      g_assert_cmpuint (strlen (text), <, 12 * html->len);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/html/text/shape", test_shape);
  g_test_add_func ("/html/text/references", test_references);
  g_test_add_func ("/html/text/what-is-not-seen-is-left-out", test_what_is_not_seen_is_left_out);
  g_test_add_func ("/html/text/seen-after-all", test_seen_after_all);
  g_test_add_func ("/html/text/links", test_links);
  g_test_add_func ("/html/text/every-cut", test_every_cut);
  g_test_add_func ("/html/text/hostile-html-is-quick", test_hostile_html_is_quick);
  return g_test_run ();
}
