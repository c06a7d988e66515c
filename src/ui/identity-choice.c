/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/identity-choice.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _UiIdentityChoice {
  GtkWidget    parent_instance;

  GPtrArray   *identities;
  gboolean     is_filling;
  GtkDropDown *list;
};

G_DEFINE_FINAL_TYPE (UiIdentityChoice, ui_identity_choice, GTK_TYPE_WIDGET)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- rows: a string is the name, a line end, and the address --- */

static void
on_setup (GtkListItemFactory *factory,
          GtkListItem        *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *name = gtk_label_new (NULL);
  GtkWidget *email = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (email), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (email, "dim-label");
  gtk_box_append (GTK_BOX (row), name);
  gtk_box_append (GTK_BOX (row), email);
  gtk_list_item_set_child (item, row);
}

static void
on_bind (GtkListItemFactory *factory,
         GtkListItem        *item)
{
  GtkWidget *name = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  const char *string = gtk_string_object_get_string (gtk_list_item_get_item (item));
  const char *email = strchr (string, '\n') + 1;
  g_autofree char *text = g_strndup (string, (gsize) (email - string - 1));

  gtk_label_set_label (GTK_LABEL (name), text);
  gtk_widget_set_visible (name, *text != '\0');
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_next_sibling (name)), email);
}

static char *
dup_row (const StoreIdentity *identity)
{
  return g_strdelimit (g_strdup_printf ("%s\t%s", identity->name, identity->email), "\n", ' ');
}

void
ui_identity_choice_fill (UiIdentityChoice *self,
                         GPtrArray        *identities,
                         gint64            chosen_id)
{
  g_autoptr(GtkStringList) rows = gtk_string_list_new (NULL);
  guint chosen = 0;

  for (guint i = 0; i < identities->len; i++)
    {
      const StoreIdentity *identity = identities->pdata[i];
      g_autofree char *row = dup_row (identity);

      gtk_string_list_append (rows, g_strdelimit (row, "\t", '\n'));
      if (identity->id == chosen_id)
        chosen = i;
    }
  self->is_filling = TRUE;
  g_clear_pointer (&self->identities, g_ptr_array_unref);
  self->identities = g_ptr_array_ref (identities);
  gtk_drop_down_set_model (self->list, G_LIST_MODEL (rows));
  gtk_drop_down_set_selected (self->list, chosen);
  self->is_filling = FALSE;
}

gint64
ui_identity_choice_get_chosen (UiIdentityChoice *self)
{
  guint chosen = gtk_drop_down_get_selected (self->list);

  if (self->identities == NULL || chosen >= self->identities->len)
    return 0;
  return ((StoreIdentity *) self->identities->pdata[chosen])->id;
}

static void
on_selected (UiIdentityChoice *self)
{
  if (!self->is_filling)
    g_signal_emit (self, signals[CHANGED], 0);
}

/* --- life --- */

static void
ui_identity_choice_dispose (GObject *object)
{
  UiIdentityChoice *self = UI_IDENTITY_CHOICE (object);

  g_clear_pointer ((GtkWidget **) &self->list, gtk_widget_unparent);
  g_clear_pointer (&self->identities, g_ptr_array_unref);
  G_OBJECT_CLASS (ui_identity_choice_parent_class)->dispose (object);
}

static gboolean
ui_identity_choice_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (UI_IDENTITY_CHOICE (widget)->list));
}

static void
ui_identity_choice_class_init (UiIdentityChoiceClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_identity_choice_dispose;
  widget_class->grab_focus = ui_identity_choice_grab_focus;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "identities");
}

static void
ui_identity_choice_init (UiIdentityChoice *self)
{
  g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  self->list = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  gtk_drop_down_set_factory (self->list, factory);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("From"), -1);
  g_signal_connect_swapped (self->list, "notify::selected", G_CALLBACK (on_selected), self);
  gtk_widget_set_parent (GTK_WIDGET (self->list), GTK_WIDGET (self));
}
