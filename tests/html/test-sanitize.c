/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html/sanitize.h"

#include "html/tags.h"
#include "html/token.h"

#include <string.h>
#include <time.h>

static const HtmlPolicy drop_remote = { HTML_REMOTE_DROP };
static const HtmlPolicy allow_images = { HTML_REMOTE_IMAGES };

static char *
get_body (const HtmlSafe *safe)
{
  const char *start = strstr (safe->document, "<body");
  const char *end = strstr (safe->document, "</body></html>");

  start = strchr (start, '>') + 1;
  return g_strndup (start, (gsize) (end - start));
}

static char *
sanitize_body (const char *html)
{
  g_autoptr(HtmlSafe) safe = html_sanitize (base_slice_from_string (html), &drop_remote);

  return get_body (safe);
}

static void
check_attribute (BaseSlice name,
                 BaseSlice value)
{
  static const char *const allowed[] = { "http://", "https://", "mailto:", "cid:", "data:image/" };
  gboolean is_url = base_slice_equal_nocase (name, "href") || base_slice_equal_nocase (name, "src")
                    || base_slice_equal_nocase (name, "background");
  g_autofree char *text = base_slice_dup_text (value);
  g_autofree char *lower = g_ascii_strdown (text, -1);
  gboolean is_allowed = FALSE;

  g_assert_false (base_slice_starts_with_nocase (name, "on"));
  for (gsize i = 0; i < G_N_ELEMENTS (allowed); i++)
    is_allowed = is_allowed || g_str_has_prefix (lower, allowed[i]);
  g_assert_true (!is_url || is_allowed);
  g_assert_null (strstr (lower, "data:image/svg"));
  if (base_slice_equal_nocase (name, "style"))
    {
      g_assert_null (strstr (lower, "url"));
      g_assert_null (strstr (lower, "expression"));
      g_assert_null (strchr (lower, '\\'));
    }
}

/* What no safe document may hold, looked for by the tokenizer alone, which errs on the side of seeing too
 * much. */
static void
check_document (const char *document)
{
  static const char *const structure[] = { "html", "head", "body", "style" };
  HtmlTokenizer tokenizer;
  HtmlToken token;

  html_tokenizer_init (&tokenizer, base_slice_from_string (document));
  while (html_tokenizer_next (&tokenizer, &token))
    {
      gboolean is_known = html_tags_find (token.name) != NULL
                          && html_tags_find (token.name)->kind != HTML_TAG_DROPPED;
      BaseSlice rest = token.text;
      BaseSlice name, value;

      if (token.kind == HTML_TOKEN_RAW)
        {
          g_autofree char *css = base_slice_dup_text (token.text);
          g_autofree char *lower = g_ascii_strdown (css, -1);

          g_assert_null (strstr (lower, "url("));
          g_assert_null (strstr (lower, "@import"));
          g_assert_null (strstr (lower, "@font-face"));
          g_assert_null (strpbrk (lower, "\\<"));
        }
      if (token.kind != HTML_TOKEN_START && token.kind != HTML_TOKEN_END)
        continue;
      for (gsize i = 0; i < G_N_ELEMENTS (structure); i++)
        is_known = is_known || strcmp (token.name, structure[i]) == 0;
      g_assert_true (is_known);
      while (token.kind == HTML_TOKEN_START && html_attribute_take (&rest, &name, &value))
        check_attribute (name, value);
    }
}

static void
check_payload (const char *payload,
               gsize       size)
{
  g_autoptr(HtmlSafe) once = html_sanitize (base_slice_new (payload, size), &drop_remote);
  g_autoptr(HtmlSafe) twice = html_sanitize (base_slice_from_string (once->document), &drop_remote);
  g_autoptr(HtmlSafe) remote = html_sanitize (base_slice_new (payload, size), &allow_images);

  check_document (once->document);
  check_document (remote->document);
  if (strcmp (once->document, twice->document) != 0)
    g_test_message ("not stable: %s", payload);
  g_assert_cmpstr (once->document, ==, twice->document);
}

static char *
load (const char  *name,
      gsize       *size)
{
  g_autofree char *path = g_build_filename (g_getenv ("PENFOLD_TEST_DATA"), "html", name, NULL);
  char *text;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &text, size, &error);
  g_assert_no_error (error);
  return text;
}

static void
test_payload_sets (void)
{
  static const struct { const char *name; guint least; } sets[] = { { "cure53-dompurify/payloads.txt", 89 },
                                                                    { "cure53-h5sc/payloads.txt", 67 } };

  for (gsize i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      gsize size;
      g_autofree char *text = load (sets[i].name, &size);
      g_auto(GStrv) payloads = g_strsplit (text, "\x1e\n", -1);

      g_assert_cmpuint (g_strv_length (payloads), >=, sets[i].least);
      for (gsize k = 0; payloads[k] != NULL; k++)
        check_payload (payloads[k], strlen (payloads[k]));
    }
}

static void
test_nothing_leaks (void)
{
  gsize size;
  g_autofree char *page = load ("cure53-httpleaks/leak-part.html", &size);
  g_autoptr(HtmlSafe) safe = html_sanitize (base_slice_new (page, size), &drop_remote);
  g_autoptr(HtmlSafe) images = html_sanitize (base_slice_new (page, size), &allow_images);
  HtmlTokenizer tokenizer;
  HtmlToken token;

  check_payload (page, size);
  g_assert_cmpuint (safe->n_remote_images, >, 0);
  html_tokenizer_init (&tokenizer, base_slice_from_string (safe->document));
  while (html_tokenizer_next (&tokenizer, &token))
    {
      g_autofree char *text = base_slice_dup_text (token.text);

      if (token.kind == HTML_TOKEN_RAW || (token.kind == HTML_TOKEN_START && strcmp (token.name, "a") != 0))
        g_assert_null (strstr (text, "leaking.via"));
    }
  g_assert_nonnull (strstr (images->document, "leaking.via"));
}

static void
test_bodies (void)
{
  static const struct { const char *html, *body; } cases[] = {
    { "plain", "plain" },
    { "<b>a</b> &amp; &lt;b&gt;", "<b>a</b> &amp; &lt;b&gt;" },
    { "<p onclick=x class=\"a b\">t", "<p class=\"a b\">t</p>" },
    { "<script>x</script>a<!-- c --><iframe src=x>y</iframe>", "a" },
    { "<unknown>a</unknown><form><input name=x>b</form>", "ab" },
    { "<a href=\"https://a.b/c?d=e&amp;f\">t</a>", "<a href=\"https://a.b/c?d=e&amp;f\">t</a>" },
    { "<a href=\"java\nscript:alert(1)\">t</a>", "<a>t</a>" },
    { "<a href=\" &#106;avascript:alert(1)\">t</a>", "<a>t</a>" },
    { "<a href=\"https:\\\\evil\\x\">t</a>", "<a href=\"https://evil/x\">t</a>" },
    { "<a href=\"/relative\">t</a><a href=\"#x\">u</a>", "<a>t</a><a>u</a>" },
    { "<img src=\"http://x/y.png\" alt=\"z\">", "<img alt=\"z\">" },
    { "<img src=cid:a@b><img src=\"data:image/png;base64,AAAA\">",
      "<img src=\"cid:a@b\"><img src=\"data:image/png;base64,AAAA\">" },
    { "<img src=\"data:image/svg+xml;base64,AAAA\"><img src=file:///x>", "<img><img>" },
    { "<div style=\"color:red;position:fixed;background:url(http://x)\">a</div>",
      "<div style=\"color: red;\">a</div>" },
    { "<div style=\"margin:-10px;padding:1px\">a</div>", "<div style=\"padding: 1px;\">a</div>" },
    { "<div style=\"background:url(http://x) #fff\">a</div>", "<div style=\"background: #fff;\">a</div>" },
    { "<div style=\"b\\61 ckground:u\\72l(http://x)\">a</div>", "<div>a</div>" },
    { "<div style=\"background:u/**/rl(x);width:expression(1)\">a</div>", "<div>a</div>" },
    { "<div style=\"c\\olor:r\\65 d\">a</div>", "<div style=\"color: red;\">a</div>" },
    { "<div style=\"font-family:'A B',serif;color:RGB(1, 2, 3)\">a</div>",
      "<div style=\"font-family: 'A B',serif; color: rgb(1, 2, 3);\">a</div>" },
    { "<b><i>x</b>y</i>", "<b><i>x</i></b><i>y</i>" },
    { "<table><tr><td>a<td>b</table>", "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>" },
    { "<a href=http://a>x<a href=http://b>y</a>", "<a href=\"http://a\">x</a><a href=\"http://b\">y</a>" },
    { "<svg><style><img src=x onerror=alert(1)></style></svg>a", "a" },
    { "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 "
      "onerror=alert(1)&gt;\">", "" },
    { "a <b", "a " },
    { "1 < 2", "1 &lt; 2" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *body = sanitize_body (cases[i].html);

      g_test_message ("case %zu", i);
      g_assert_cmpstr (body, ==, cases[i].body);
      check_payload (cases[i].html, strlen (cases[i].html));
    }
}

static void
test_sheets (void)
{
  static const struct { const char *css, *clean; } cases[] = {
    { "p{color:red}", "p { color: red; }\n" },
    { "@import 'x';@font-face{src:url(x)}.a{color:#abc}", ".a { color: #abc; }\n" },
    { "@media (max-width:600px){.a{width:100%}}", "@media (max-width:600px) {\n.a { width: 100%; }\n}\n" },
    { "p{background:url(x", "" },
    { "p::before{content:'x'}a[href]{color:red}b:hover{color:red}", "b:hover { color: red; }\n" },
    { "<!-- p{color:red} -->", "p { color: red; }\n" },
    { "@keyframes x{from{color:red}}p{animation:x}", "" },
    { "@container (min-width:1px){p{color:red}}b{color:red}", "b { color: red; }\n" },
    { "p{color:red}</style><script>", "p { color: red; }\n" },
    { "a /* c */ b{color:rgb(1, /* c */ 2,3)}", "a b { color: rgb(1, 2,3); }\n" },
    { "p{color:red;}}b{color:blue}", "p { color: red; }\nb { color: blue; }\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *html = g_strconcat ("<style>", cases[i].css, "</style>x", NULL);
      g_autoptr(HtmlSafe) safe = html_sanitize (base_slice_from_string (html), &drop_remote);
      g_autofree char *wanted = *cases[i].clean != '\0'
                                ? g_strconcat ("<head><style>", cases[i].clean, "</style></head>", NULL)
                                                        : g_strdup ("<head></head>");

      g_test_message ("case %zu: %s", i, safe->document);
      g_assert_nonnull (strstr (safe->document, wanted));
      check_payload (html, strlen (html));
    }
}

static void
test_remote_images (void)
{
  const char *html = "<body background=http://a/b><img src=//c/d><img src=cid:e><link rel=stylesheet "
                     "href=http://f>";
  g_autoptr(HtmlSafe) dropped = html_sanitize (base_slice_from_string (html), &drop_remote);
  g_autoptr(HtmlSafe) kept = html_sanitize (base_slice_from_string (html), &allow_images);

  g_assert_cmpuint (dropped->n_remote_images, ==, 2);
  g_assert_null (strstr (dropped->document, "http"));
  g_assert_nonnull (strstr (kept->document, "<img src=\"https://c/d\">"));
  g_assert_nonnull (strstr (kept->document, "background=\"http://a/b\""));
  g_assert_null (strstr (kept->document, "//f"));
}

static void
test_links (void)
{
  static const struct { const char *text, *target, *host; gboolean is_deceptive; } cases[] = {
    { "https://bank.example/", "https://evil.example/", "evil.example", TRUE },
    { "bank.example", "https://bank.example@evil.example/", "evil.example", TRUE },
    { "www.bank.example", "https://bank.example/login", "bank.example", FALSE },
    { "bank.example", "https://login.bank.example:8443/x", "login.bank.example", FALSE },
    { "Click here", "https://evil.example/", "evil.example", FALSE },
    { "See report.pdf now", "https://a.example/", "a.example", TRUE },
    { "ada@bank.example", "mailto:ada@bank.example", NULL, FALSE },
    { "bank.example", "https://b%61nk.example/", "bank.example", FALSE },
    { "apple.com", "https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com", TRUE },
    { "1.5 million", "https://a.example/", "a.example", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *html = g_strdup_printf ("<a href=\"%s\"><b>%s</b></a>", cases[i].target,
                                               cases[i].text);
      g_autoptr(HtmlSafe) safe = html_sanitize (base_slice_from_string (html), &drop_remote);
      HtmlLink *link = safe->links->pdata[0];
      g_autofree char *host = html_link_dup_host (link->target);

      g_test_message ("case %zu", i);
      g_assert_cmpstr (link->text, ==, cases[i].text);
      g_assert_cmpstr (host, ==, cases[i].host);
      g_assert_cmpint (html_link_is_deceptive (link), ==, cases[i].is_deceptive);
    }
}

/* 8 MiB of what makes tree builders take quadratic time or grow without bound. */
static void
test_hostile_html_is_bounded (void)
{
  static const char *const units[] = {
    "<div>", "<table><tr><td>", "<b>", "<b><i><div></b>", "<font color=a><font color=b><p>x</p>",
    "<table><b>x", "<ul><li>", "<a><p>", "<div><b></div>", "<b><table><tr><td></b></table>x",
    "<table><b a=1><tr><td></b></table>x", "</p>", "<p a=1 b=2 c=3>", "<!--", "<svg>",
    "<span style=color:red>", "<style>a{", "&amp", "<b x>", "<p><b><div>x</div>", "<h1><h2>", "<dd><dt>",
    "<table><table>", "x<br>",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autoptr(GString) html = g_string_new (NULL);
      g_autoptr(HtmlSafe) safe = NULL;
      clock_t start;

      while (html->len < 8 * 1024 * 1024)
        g_string_append (html, units[i]);
      start = clock ();
      safe = html_sanitize (base_slice_new (html->str, html->len), &drop_remote);
      g_test_message ("%s: %ld ms, %zu bytes", units[i], (long) (clock () - start) / 1000,
                      strlen (safe->document));
      g_assert_cmpint (clock () - start, <, 20 * G_USEC_PER_SEC);
    }
}

static void
test_every_cut (void)
{
  const char *html = "<style>p{color:red}</style><table><tr><td style='color:red'><a "
                     "href=\"https://a.b\">x\xc3\xb6&eacute;</a></table><!-- c -->";

  for (gsize size = 0; size <= strlen (html); size++)
    {
      g_autofree char *exact = g_memdup2 (html, MAX (size, 1));

      check_payload (exact, size);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/html/sanitize/bodies", test_bodies);
  g_test_add_func ("/html/sanitize/sheets", test_sheets);
  g_test_add_func ("/html/sanitize/payload-sets", test_payload_sets);
  g_test_add_func ("/html/sanitize/nothing-leaks", test_nothing_leaks);
  g_test_add_func ("/html/sanitize/remote-images", test_remote_images);
  g_test_add_func ("/html/sanitize/links", test_links);
  g_test_add_func ("/html/sanitize/every-cut", test_every_cut);
  g_test_add_func ("/html/sanitize/hostile-html-is-bounded", test_hostile_html_is_bounded);
  return g_test_run ();
}
