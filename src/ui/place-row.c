/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/place-row.h"

#include "model/when.h"

#include <glib/gi18n-lib.h>

#define INDENT 18

typedef struct {
  GtkWidget *row;
  GtkWidget *title;
  GtkWidget *count;         /* folders and views */
  GtkWidget *here_only;
  GtkWidget *space;         /* accounts */
  GtkWidget *space_words;
} Parts;

static const char place_key[] = "place";

ModelPlace *
ui_place_row_get_place (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), place_key);
}

static GtkWidget *
label_new (const char * const *classes)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_css_classes (label, (const char **) classes);
  return label;
}

static void
show_folder (ModelPlace *place,
             Parts      *parts)
{
  const ModelPlaceFacts *facts = model_place_peek (place);
  g_autofree char *count = g_strdup_printf ("%" G_GINT64_FORMAT, facts->unread);
  g_autofree char *spoken = NULL;

  gtk_label_set_text (GTK_LABEL (parts->title), facts->title);
  gtk_label_set_text (GTK_LABEL (parts->count), count);
  gtk_widget_set_visible (parts->count, facts->unread > 0);
  gtk_widget_set_visible (parts->here_only, facts->is_here_only);
  if (facts->unread > 0)
    /* Translators: a folder for a screen reader, as in "Inbox, 3 unread". */
    spoken = g_strdup_printf (ngettext ("%s, %u unread", "%s, %u unread", (gulong) facts->unread),
                              facts->title, (guint) facts->unread);
  gtk_accessible_update_property (GTK_ACCESSIBLE (parts->row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken != NULL ? spoken : facts->title, -1);
}

static void
show_space (const ModelPlaceFacts *facts,
            Parts                 *parts)
{
  gboolean is_known = facts->quota_used >= 0 && facts->quota_limit > 0;
  double share = is_known ? (double) facts->quota_used / (double) facts->quota_limit : 0;
  g_autofree char *used = NULL;
  g_autofree char *limit = NULL;
  g_autofree char *words = NULL;

  gtk_widget_set_visible (parts->space, is_known);
  gtk_widget_set_visible (parts->space_words, is_known);
  if (!is_known)
    return;
  used = model_size_dup (facts->quota_used);
  limit = model_size_dup (facts->quota_limit);
  /* Translators: space in a mailbox, as in "0.1 GB of 2 GB on the server". */
  words = g_strdup_printf (_("%s of %s on the server"), used, limit);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (parts->space), CLAMP (share, 0, 1));
  gtk_label_set_text (GTK_LABEL (parts->space_words), words);
}

static void
show_account (ModelPlace *place,
              Parts      *parts)
{
  const ModelPlaceFacts *facts = model_place_peek (place);

  gtk_label_set_text (GTK_LABEL (parts->title), facts->title);
  show_space (facts, parts);
}

static GtkWidget *
folder_new (ModelPlace *place,
            Parts      *parts)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *icon = gtk_image_new_from_icon_name (model_place_get_icon (place));

  parts->title = label_new ((const char *[]) { "place-title", NULL });
  gtk_widget_set_hexpand (parts->title, TRUE);
  parts->here_only = gtk_image_new_from_icon_name ("computer-symbolic");
  gtk_widget_add_css_class (parts->here_only, "dim-label");
  gtk_widget_set_tooltip_text (parts->here_only, _("Only on this computer"));
  parts->count = label_new ((const char *[]) { "numeric", "dim-label", "small", NULL });
  gtk_widget_set_margin_start (box, (int) model_place_peek (place)->depth * INDENT);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), parts->title);
  gtk_box_append (GTK_BOX (box), parts->here_only);
  gtk_box_append (GTK_BOX (box), parts->count);
  return box;
}

static GtkWidget *
account_new (ModelPlace *place,
             Parts      *parts)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *button = gtk_button_new_from_icon_name ("view-more-symbolic");

  parts->title = label_new ((const char *[]) { "side-h", "dim-label", NULL });
  gtk_widget_set_hexpand (parts->title, TRUE);
  gtk_widget_set_tooltip_text (button, _("Account"));
  gtk_widget_add_css_class (button, "flat");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.show-account");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "x", model_place_peek (place)->account_id);
  parts->space = gtk_level_bar_new ();
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (parts->space), GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (parts->space), GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (parts->space), GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_add_offset_value (GTK_LEVEL_BAR (parts->space), "plenty", 0.85);
  gtk_level_bar_add_offset_value (GTK_LEVEL_BAR (parts->space), "tight", 0.97);
  gtk_level_bar_add_offset_value (GTK_LEVEL_BAR (parts->space), "full", 1.0);
  parts->space_words = label_new ((const char *[]) { "small", "dim-label", NULL });
  gtk_box_append (GTK_BOX (line), parts->title);
  gtk_widget_set_visible (button, model_place_peek (place)->account_id != STORE_ACCOUNT_LOCAL);
  gtk_box_append (GTK_BOX (line), button);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), parts->space);
  gtk_box_append (GTK_BOX (box), parts->space_words);
  return box;
}

static void
free_parts (gpointer  parts,
            GClosure *closure)
{
  g_free (parts);
}

GtkWidget *
ui_place_row_new (ModelPlace *place)
{
  GtkWidget *row = gtk_list_box_row_new ();
  gboolean is_account = model_place_peek (place)->kind == MODEL_PLACE_ACCOUNT;
  GCallback show = is_account ? G_CALLBACK (show_account) : G_CALLBACK (show_folder);
  Parts *parts = g_new0 (Parts, 1);
  GClosure *closure;

  parts->row = row;
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), is_account
                              ? account_new (place, parts) : folder_new (place, parts));
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), model_place_peek (place)->is_selectable);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), model_place_peek (place)->is_selectable);
  gtk_widget_add_css_class (row, is_account ? "account-heading" : "place");
  g_object_set_data_full (G_OBJECT (row), place_key, g_object_ref (place), g_object_unref);

  closure = g_cclosure_new (show, parts, free_parts);
  g_object_watch_closure (G_OBJECT (row), closure);
  g_signal_connect_closure (place, "changed", closure, FALSE);
  if (is_account)
    show_account (place, parts);
  else
    show_folder (place, parts);
  return row;
}
