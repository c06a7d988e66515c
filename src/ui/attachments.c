/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/attachments.h"

#include "model/saving.h"
#include "model/when.h"
#include "ui/ask.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define NAME_CHARS 24
#define TILES_MAX 30                   /* further ones are saved by Save All only */

struct _UiAttachments {
  GtkBox                parent_instance;

  ModelReading         *reading;
  GCancellable         *cancellable;   /* of what was started for this reading */
  GtkNativeDialog      *chooser;

  GtkLabel             *summary;
  GtkButton            *save_all;
  GtkBox               *tiles;
  GtkLabel             *more;
};

G_DEFINE_FINAL_TYPE (UiAttachments, ui_attachments, GTK_TYPE_BOX)

enum { SAID, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
say (UiAttachments *self,
     const char    *text)
{
  g_signal_emit (self, signals[SAID], 0, text);
}

static void
say_error (UiAttachments *self,
           const GError  *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    say (self, error->message);
}

static GtkWindow *
get_window (UiAttachments *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

static const ModelAttachment *
get_attachment (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), "attachment");
}

/* --- saving --- */

static void
saved_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(UiAttachments) self = data;
  g_autoptr(GError) error = NULL;

  if (model_saving_save_finish (MODEL_READING (object), result, &error))
    say (self, _("Saved"));
  else
    say_error (self, error);
}

static void
all_saved_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr(UiAttachments) self = data;
  g_autoptr(GError) error = NULL;
  int count = model_saving_all_finish (MODEL_READING (object), result, &error);
  g_autofree char *text = NULL;

  if (count < 0)
    {
      say_error (self, error);
      return;
    }
  text = g_strdup_printf (ngettext ("%d attachment saved", "%d attachments saved", (gulong) count), count);
  say (self, text);
}

/* A chooser outlives the message that is shown: it remembers its own. */
typedef struct {
  UiAttachments *self;
  ModelReading  *reading;
  guint          part;
} Choice;

static void
choice_free (gpointer  data,
             GClosure *closure)
{
  Choice *choice = data;

  g_object_unref (choice->reading);
  g_free (choice);
}

static void
on_chosen (GtkNativeDialog *dialog,
           int              response,
           Choice          *choice)
{
  UiAttachments *self = choice->self;
  g_autoptr(GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL
      && gtk_file_chooser_get_action (GTK_FILE_CHOOSER (dialog)) == GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER)
    model_saving_all_async (choice->reading, file, NULL, all_saved_cb, g_object_ref (self));
  else if (file != NULL)
    model_saving_save_async (choice->reading, choice->part, file, NULL, saved_cb, g_object_ref (self));
  g_clear_object (&self->chooser);
}

static void
choose (UiAttachments        *self,
        GtkFileChooserAction  action,
        const char           *title,
        guint                 part,
        const char           *name)
{
  Choice *choice = g_new (Choice, 1);
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (title, get_window (self), action, _("_Save"),
                                                               NULL);

  g_clear_object (&self->chooser);
  self->chooser = GTK_NATIVE_DIALOG (chooser);
  gtk_native_dialog_set_modal (self->chooser, TRUE);
  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  *choice = (Choice) { self, g_object_ref (self->reading), part };
  g_signal_connect_data (chooser, "response", G_CALLBACK (on_chosen), choice, choice_free, 0);
  gtk_native_dialog_show (self->chooser);
}

static void
choose_for (UiAttachments         *self,
            const ModelAttachment *attachment)
{
  choose (self, GTK_FILE_CHOOSER_ACTION_SAVE, _("Save Attachment"), attachment->part, attachment->name);
}

void
ui_attachments_save_message (UiAttachments *self)
{
  g_autofree char *name = NULL;

  if (self->reading == NULL || model_reading_peek_bytes (self->reading) == NULL)
    return;
  name = model_saving_dup_name (self->reading);
  choose (self, GTK_FILE_CHOOSER_ACTION_SAVE, _("Save Message"), MODEL_SAVING_MESSAGE, name);
}

static void
on_save_all (UiAttachments *self)
{
  choose (self, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _("Save All Attachments"), 0, NULL);
}

/* --- opening --- */

static void
launched_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(UiAttachments) self = data;
  g_autoptr(GError) error = NULL;

  if (!g_app_info_launch_default_for_uri_finish (result, &error))
    say (self, _("No program on this computer opens files of this kind. The attachment can be saved."));
}

static void
copied_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiAttachments) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GFile) copy = model_saving_copy_finish (MODEL_READING (object), result, &error);
  g_autoptr(GdkAppLaunchContext) context = NULL;
  g_autofree char *uri = NULL;

  if (copy == NULL)
    {
      say_error (self, error);
      return;
    }
  uri = g_file_get_uri (copy);
  context = gdk_display_get_app_launch_context (gtk_widget_get_display (GTK_WIDGET (self)));
  g_app_info_launch_default_for_uri_async (uri, G_APP_LAUNCH_CONTEXT (context), NULL, launched_cb,
                                           g_object_ref (self));
}

static void
open_copy (UiAttachments         *self,
           const ModelAttachment *attachment)
{
  model_saving_copy_async (self->reading, attachment, self->cancellable, copied_cb, g_object_ref (self));
}

/* The tile may be gone when the answer comes; the reading knows the attachment as long as it is the one
 * shown. */
static void
on_answered (AdwMessageDialog *dialog,
             const char       *response,
             UiAttachments    *self)
{
  const ModelAttachment *attachment = get_attachment (GTK_WIDGET (dialog));

  if (self->reading != g_object_get_data (G_OBJECT (dialog), "reading"))
    return;
  if (g_str_equal (response, "save"))
    choose_for (self, attachment);
  else if (g_str_equal (response, "open"))
    open_copy (self, attachment);
}

static void
ask_first (UiAttachments         *self,
           const ModelAttachment *attachment,
           const char            *heading,
           const char            *body)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (get_window (self), heading, body));

  adw_message_dialog_add_responses (dialog, "cancel", _("_Cancel"), "save", _("_Save…"), NULL);
  if (attachment->danger == MIME_DANGER_ACTIVE)
    adw_message_dialog_add_response (dialog, "open", _("_Open"));
  g_object_set_data (G_OBJECT (dialog), "attachment", (gpointer) attachment);
  g_object_set_data_full (G_OBJECT (dialog), "reading", g_object_ref (self->reading), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_answered), self, 0);
  ui_ask_present (GTK_WIDGET (dialog));
}

static void
on_open (GtkWidget     *button,
         UiAttachments *self)
{
  const ModelAttachment *attachment = get_attachment (button);
  g_autofree char *heading = NULL;

  switch (attachment->danger)
    {
    case MIME_DANGER_NONE:
      open_copy (self, attachment);
      break;
    case MIME_DANGER_ACTIVE:
      heading = g_strdup_printf (_("Open “%s”?"), attachment->name);
      ask_first (self, attachment, heading,
                 _("Files of this kind can run code or fetch things from the internet when they are opened. "
                   "Open it only "
                   "if you expected it from this sender."));
      break;
    case MIME_DANGER_PROGRAM:
      heading = g_strdup_printf (_("“%s” Is a Program"), attachment->name);
      ask_first (self, attachment, heading,
                 _("A program that came by mail can do harm, so it is not started from here. It can be saved."));
      break;
    }
}

static void
on_save (GtkWidget     *button,
         UiAttachments *self)
{
  choose_for (self, get_attachment (button));
}

/* --- tiles --- */

typedef struct {
  const char *ends;            /* of the type */
  const char *style;
} Kind;

static const char *
get_style (const ModelAttachment *attachment)
{
  static const Kind kinds[] = {
    { "pdf", "pdf" }, { "excel", "sheet" }, { "spreadsheet", "sheet" }, { "csv", "sheet" },
    { "word", "document" }, { "opendocument.text", "document" }, { "presentation", "slides" },
    { "powerpoint", "slides" }, { "image/", "picture" }, { "video/", "picture" }, { "audio/", "sound" },
    { "zip", "archive" }, { "tar", "archive" }, { "compressed", "archive" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strstr (attachment->type, kinds[i].ends) != NULL)
      return kinds[i].style;
  return "plain";
}

/* The true extension, as far as it is one that a person would recognise. */
static char *
dup_badge (const ModelAttachment *attachment)
{
  const char *dot = strrchr (attachment->name, '.');

  if (dot == NULL || dot[1] == '\0' || g_utf8_strlen (dot + 1, -1) > 4)
    return g_strdup ("");
  return g_utf8_strup (dot + 1, -1);
}

static GtkWidget *
new_badge_shape (const ModelAttachment *attachment)
{
  g_autofree char *text = dup_badge (attachment);

  if (attachment->danger == MIME_DANGER_PROGRAM)
    return gtk_image_new_from_icon_name ("dialog-warning-symbolic");
  if (*text == '\0')
    return gtk_image_new_from_icon_name ("mail-attachment-symbolic");
  return gtk_label_new (text);
}

static GtkWidget *
new_badge (const ModelAttachment *attachment)
{
  GtkWidget *badge = new_badge_shape (attachment);

  gtk_widget_add_css_class (badge, "attachment-badge");
  gtk_widget_add_css_class (badge, attachment->danger == MIME_DANGER_PROGRAM
                            ? "program" : get_style (attachment));
  gtk_widget_set_valign (badge, GTK_ALIGN_CENTER);
  return badge;
}

static GtkWidget *
new_words (const ModelAttachment *attachment)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *name = gtk_label_new (attachment->name);
  g_autofree char *size = model_size_dup (attachment->size);
  GtkWidget *size_label = gtk_label_new (size);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (name), NAME_CHARS);
  gtk_label_set_width_chars (GTK_LABEL (name), (int) MIN (NAME_CHARS, g_utf8_strlen (attachment->name, -1)));
  gtk_widget_add_css_class (name, "strong");
  gtk_widget_add_css_class (name, "small");
  gtk_label_set_xalign (GTK_LABEL (size_label), 0);
  gtk_widget_add_css_class (size_label, "small");
  gtk_widget_add_css_class (size_label, "dim-label");
  gtk_widget_add_css_class (size_label, "numeric");
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), size_label);
  return box;
}

static GtkWidget *
new_save_button (UiAttachments         *self,
                 const ModelAttachment *attachment)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("document-save-symbolic");
  g_autofree char *name = g_strdup_printf (_("Save “%s”…"), attachment->name);

  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data (G_OBJECT (button), "attachment", (gpointer) attachment);
  g_signal_connect (button, "clicked", G_CALLBACK (on_save), self);
  return button;
}

static GtkWidget *
new_tile (UiAttachments         *self,
          const ModelAttachment *attachment)
{
  GtkWidget *tile = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *inside = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *open = gtk_button_new ();
  g_autofree char *size = model_size_dup (attachment->size);
  g_autofree char *tooltip = g_strdup_printf (_("Open “%s” (%s, %s)"), attachment->name, attachment->type,
                                              size);

  gtk_box_append (GTK_BOX (inside), new_badge (attachment));
  gtk_box_append (GTK_BOX (inside), new_words (attachment));
  gtk_button_set_child (GTK_BUTTON (open), inside);
  gtk_widget_set_tooltip_text (open, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (open), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  g_object_set_data (G_OBJECT (open), "attachment", (gpointer) attachment);
  g_signal_connect (open, "clicked", G_CALLBACK (on_open), self);
  gtk_widget_add_css_class (tile, "linked");
  gtk_widget_add_css_class (tile, "attachment");
  gtk_box_append (GTK_BOX (tile), open);
  gtk_box_append (GTK_BOX (tile), new_save_button (self, attachment));
  return tile;
}

static void
show_summary (UiAttachments *self,
              GPtrArray     *attachments)
{
  gint64 size = 0;
  g_autofree char *words = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < attachments->len; i++)
    size += ((const ModelAttachment *) attachments->pdata[i])->size;
  words = model_size_dup (size);
  /* Translators: above the attachments; %s is their size, as in "1.9 MB". */
  text = g_strdup_printf (ngettext ("%u attachment, %s", "%u attachments, %s", attachments->len),
                          attachments->len, words);
  gtk_label_set_label (self->summary, text);
  gtk_widget_set_visible (GTK_WIDGET (self->save_all), attachments->len > 1);
}

static void
show_more (UiAttachments *self,
           guint          count)
{
  g_autofree char *text = g_strdup_printf (ngettext ("%u more attachment is saved with Save All.",
                                                     "%u more attachments are saved with Save All.", count),
                                                     count);

  gtk_label_set_label (self->more, text);
  gtk_widget_set_visible (GTK_WIDGET (self->more), count > 0);
}

void
ui_attachments_set_reading (UiAttachments *self,
                            ModelReading  *reading)
{
  GPtrArray *attachments = reading != NULL ? model_reading_peek (reading)->attachments : NULL;
  GtkWidget *child;
  guint shown;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->tiles))) != NULL)
    gtk_box_remove (self->tiles, child);
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_set_object (&self->reading, reading);
  gtk_widget_set_visible (GTK_WIDGET (self), attachments != NULL && attachments->len > 0);
  if (attachments == NULL)
    return;
  shown = MIN (attachments->len, TILES_MAX);
  for (guint i = 0; i < shown; i++)
    gtk_box_append (self->tiles, new_tile (self, attachments->pdata[i]));
  show_summary (self, attachments);
  show_more (self, attachments->len - shown);
}

/* --- life --- */

static void
ui_attachments_dispose (GObject *object)
{
  UiAttachments *self = UI_ATTACHMENTS (object);

  g_cancellable_cancel (self->cancellable);
  if (self->chooser != NULL)
    gtk_native_dialog_destroy (self->chooser);
  g_clear_object (&self->chooser);
  g_clear_object (&self->reading);
  G_OBJECT_CLASS (ui_attachments_parent_class)->dispose (object);
}

static void
ui_attachments_finalize (GObject *object)
{
  g_clear_object (&UI_ATTACHMENTS (object)->cancellable);
  G_OBJECT_CLASS (ui_attachments_parent_class)->finalize (object);
}

static void
ui_attachments_class_init (UiAttachmentsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_attachments_dispose;
  G_OBJECT_CLASS (class)->finalize = ui_attachments_finalize;
  signals[SAID] = g_signal_new ("said", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/attachments.ui");
  gtk_widget_class_bind_template_child (widget_class, UiAttachments, summary);
  gtk_widget_class_bind_template_child (widget_class, UiAttachments, save_all);
  gtk_widget_class_bind_template_child (widget_class, UiAttachments, tiles);
  gtk_widget_class_bind_template_child (widget_class, UiAttachments, more);
  gtk_widget_class_bind_template_callback (widget_class, on_save_all);
}

static void
ui_attachments_init (UiAttachments *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
