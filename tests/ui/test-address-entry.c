/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/address-entry.h"

#include <adwaita.h>

static GtkWidget *
find_text (GtkWidget *widget)
{
  if (GTK_IS_TEXT (widget))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_text (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static UiAddressEntry *
entry_new (void)
{
  return g_object_ref_sink (g_object_new (UI_TYPE_ADDRESS_ENTRY, NULL));
}

static void
type (UiAddressEntry *entry,
      const char     *text)
{
  GtkEditable *editable = GTK_EDITABLE (find_text (GTK_WIDGET (entry)));
  int position = -1;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      position = (int) g_utf8_strlen (gtk_editable_get_text (editable), -1);
      gtk_editable_insert_text (editable, p, (int) (g_utf8_next_char (p) - p), &position);
    }
}

static char *
dup_typing (UiAddressEntry *entry)
{
  return g_strdup (gtk_editable_get_text (GTK_EDITABLE (find_text (GTK_WIDGET (entry)))));
}

static void
test_split (void)
{
  static const struct { const char *typed, *result; } cases[] = {
    { "a@b.example", "a@b.example;" },
    { "a@b.example, c@d.example; e@f.example\ng@h.example",
      "a@b.example;c@d.example;e@f.example;g@h.example;" },
    { "Weber, Mia <mia@pier.example>", "\"Weber, Mia\" <mia@pier.example>;" },
    { "\"Weber, Mia\" <mia@pier.example>, jonas@pier.example",
      "\"Weber, Mia\" <mia@pier.example>;jonas@pier.example;" },
    { "jonas, mia@pier.example", "jonas;mia@pier.example;" },
    { "Jonas Weber, Mia Weber <mia@pier.example>", "Jonas Weber;Mia Weber <mia@pier.example>;" },
    { "Jonas, \"Weber, Mia\" <mia@pier.example>", "Jonas;\"Weber, Mia\" <mia@pier.example>;" },
    { "Jonas", "Jonas;" },
    { " ,; ", "" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GPtrArray) addresses = ui_address_entry_split (cases[i].typed);
      g_autoptr(GString) out = g_string_new (NULL);

      for (guint k = 0; k < addresses->len; k++)
        {
          g_autofree char *full = mime_address_dup_full (addresses->pdata[k]);

          g_string_append_printf (out, "%s;", full);
        }
      g_test_message ("case %zu", i);
      g_assert_cmpstr (out->str, ==, cases[i].result);
    }
}

/* Letter by letter, as a person types: what is a chip by then and what still text. */
static void
test_comma_makes_a_chip (void)
{
  static const struct { const char *typed, *typing, *text; } cases[] = {
    { "a@b.example", "a@b.example", "a@b.example" },
    { "a@b.example,", "", "a@b.example" },
    { "a@b.example, jo", "jo", "a@b.example, jo" },
    { "a@b.example; c@d.example;", "", "a@b.example, c@d.example" },
    /* a name may have a comma: nothing is cut before there is an address */
    { "Weber, Mia <mia@pier.example>", "Weber, Mia <mia@pier.example>", "Weber, Mia <mia@pier.example>" },
    { "Weber, Mia <mia@pier.example>,", "", "\"Weber, Mia\" <mia@pier.example>" },
    { "\"Weber, Mia\" <mia@pier.example>,x", "x", "\"Weber, Mia\" <mia@pier.example>, x" },
    { "jonas, mia", "jonas, mia", "jonas, mia" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(UiAddressEntry) entry = entry_new ();
      g_autofree char *typing = NULL;
      g_autofree char *text = NULL;

      type (entry, cases[i].typed);
      typing = dup_typing (entry);
      text = ui_address_entry_dup_text (entry);
      g_test_message ("case %zu", i);
      g_assert_cmpstr (typing, ==, cases[i].typing);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_nothing_typed_is_lost (void)
{
  static const char * const texts[] = {
    "a@b.example, Jonas", "\"Weber, Mia\" <mia@pier.example>, c@d.example", "Jonas", "a@@b",
    "J\xc3\xbcrgen <j@b.example>",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(UiAddressEntry) entry = entry_new ();
      g_autofree char *once = NULL;
      g_autofree char *twice = NULL;

      ui_address_entry_set_text (entry, texts[i]);
      once = ui_address_entry_dup_text (entry);
      ui_address_entry_set_text (entry, once);
      twice = ui_address_entry_dup_text (entry);
      g_assert_cmpstr (once, ==, texts[i]);
      g_assert_cmpstr (twice, ==, once);
    }
}

static void
test_pasted_list (void)
{
  g_autoptr(UiAddressEntry) entry = entry_new ();
  g_autofree char *text = NULL;
  g_autofree char *typing = NULL;

  gtk_editable_set_text (GTK_EDITABLE (find_text (GTK_WIDGET (entry))),
                         "Jonas <jonas@pier.example>\nmia@pier.example\n\"Weber, Mia\" <m@w.example>");
  typing = dup_typing (entry);
  g_assert_cmpstr (typing, ==, "\"Weber, Mia\" <m@w.example>");
  ui_address_entry_commit (entry);
  text = ui_address_entry_dup_text (entry);
  g_assert_cmpstr (text, ==, "Jonas <jonas@pier.example>, mia@pier.example, \"Weber, Mia\" <m@w.example>");
}

static void
count (guint *n)
{
  (*n)++;
}

static void
test_only_people_change_it (void)
{
  g_autoptr(UiAddressEntry) entry = entry_new ();
  guint n = 0;

  g_signal_connect_swapped (entry, "changed", G_CALLBACK (count), &n);
  ui_address_entry_set_text (entry, "a@b.example");
  g_assert_cmpuint (n, ==, 0);
  g_assert_false (ui_address_entry_is_empty (entry));
  type (entry, "x");
  g_assert_cmpuint (n, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("GTK_A11Y", "test", TRUE);
  g_setenv ("ADW_DISABLE_PORTAL", "1", TRUE);             /* its services write to our standard output */
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/address-entry/split", test_split);
  g_test_add_func ("/ui/address-entry/comma-makes-a-chip", test_comma_makes_a_chip);
  g_test_add_func ("/ui/address-entry/nothing-typed-is-lost", test_nothing_typed_is_lost);
  g_test_add_func ("/ui/address-entry/pasted-list", test_pasted_list);
  g_test_add_func ("/ui/address-entry/only-people-change-it", test_only_people_change_it);
  return g_test_run ();
}
