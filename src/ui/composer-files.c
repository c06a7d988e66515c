/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a letter: chosen, dropped, copied, removed. */
#include "ui/composer-private.h"

#include <glib/gi18n-lib.h>

typedef struct {
  UiComposer *composer;
  char       *name;
} Attaching;

static void
forget_coming (UiComposer *self,
               const char *name)
{
  guint index;

  if (g_ptr_array_find_with_equal_func (self->coming, name, g_str_equal, &index))
    g_ptr_array_remove_index (self->coming, index);
}

static void
attached_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  g_autofree Attaching *attaching = data;
  g_autoptr(UiComposer) self = attaching->composer;
  g_autofree char *name = attaching->name;
  g_autoptr(GError) error = NULL;
  StoreAttachment *attachment = model_drafts_attach_finish (MODEL_STORE (object), result, &error);

  if (self->store == NULL)
    {
      store_attachment_free (attachment);
      return;
    }
  forget_coming (self, name);
  if (attachment != NULL)
    g_ptr_array_add (self->letter->attachments, attachment);
  else
    {
      /* Translators: a file name, and why. */
      g_autofree char *words = g_strdup_printf (_("“%s” was not attached: %s"), name, error->message);

      ui_composer_show_hint (self, words, UI_NO_BUTTON, UI_NO_BUTTON);
      self->then = UI_THEN_STAY;
      ui_composer_release_fields (self);
    }
  ui_composer_show_attachments (self);
  ui_composer_go_on (self);
}

void
ui_composer_attach_waiting (UiComposer *self)
{
  while (self->waiting->len > 0)
    {
      g_autoptr(GFile) file = g_ptr_array_steal_index (self->waiting, 0);
      Attaching *attaching = g_new0 (Attaching, 1);

      attaching->composer = g_object_ref (self);
      attaching->name = g_file_get_basename (file);
      model_drafts_attach_async (self->store, self->letter->draft->id, file, self->cancellable, attached_cb,
                                 attaching);
    }
}

void
ui_composer_attach (UiComposer *self,
                    GListModel *files)
{
  guint n = g_list_model_get_n_items (files);

  for (guint i = 0; i < n; i++)
    {
      GFile *file = g_list_model_get_item (files, i);

      g_ptr_array_add (self->coming, g_file_get_basename (file));
      g_ptr_array_add (self->waiting, file);
    }
  if (n == 0 || self->letter == NULL)
    return;
  self->is_touched = TRUE;
  ui_composer_hide_hint (self);
  ui_composer_show_attachments (self);
  ui_composer_go_on (self);
}

static void
detached_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(UiComposer) self = data;
  g_autoptr(GError) error = NULL;

  if (!model_drafts_change_finish (MODEL_STORE (object), result, &error) && self->store != NULL)
    ui_composer_show_hint (self, error->message, UI_NO_BUTTON, UI_NO_BUTTON);
}

void
ui_composer_remove_attachment (UiComposer *self,
                               gint64      id)
{
  for (guint i = 0; i < self->letter->attachments->len; i++)
    if (((StoreAttachment *) self->letter->attachments->pdata[i])->id == id)
      {
        g_ptr_array_remove_index (self->letter->attachments, i);
        break;
      }
  model_drafts_detach_async (self->store, id, detached_cb, g_object_ref (self));
  ui_composer_show_attachments (self);
  ui_composer_touch (self);
}

static void
on_chosen (UiComposer *self,
           int         response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (self->chooser));

      ui_composer_attach (self, files);
    }
  g_clear_object (&self->chooser);
}

void
ui_composer_choose_files (GtkWidget  *widget,
                          const char *action,
                          GVariant   *parameter)
{
  UiComposer *self = UI_COMPOSER (widget);

  if (self->letter == NULL || self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_("Attach Files"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, _("_Attach"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  g_signal_connect_swapped (self->chooser, "response", G_CALLBACK (on_chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

gboolean
ui_composer_take_drop (UiComposer   *self,
                       const GValue *value)
{
  GdkFileList *list = g_value_get_boxed (value);
  GSList *files = gdk_file_list_get_files (list);
  g_autoptr(GListStore) model = g_list_store_new (G_TYPE_FILE);

  for (GSList *link = files; link != NULL; link = link->next)
    g_list_store_append (model, link->data);
  g_slist_free (files);
  ui_composer_attach (self, G_LIST_MODEL (model));
  return TRUE;
}
