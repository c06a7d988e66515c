/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reader.h"

#include "bus/jobs.h"
#include "ui/attachments.h"
#include "ui/links.h"
#include "ui/reader-head.h"
#include "ui/reader-text.h"
#include "ui/source-window.h"
#include "ui/web-module.h"

#include <glib/gi18n-lib.h>

#define LOADING_PATIENCE_MS 150      /* a message that is there sooner shows no grey shapes */

struct _UiReader {
  AdwBin           parent_instance;

  ModelStore      *store;
  ModelBus        *bus;
  ModelMessage    *message;
  ModelReading    *reading;          /* NULL until it was read */
  GCancellable    *asking;           /* of what was asked for this message */
  guint            loading_timeout;
  gboolean         prefers_plain;
  const UiWebModule *web_module;     /* this and the next: NULL until the first HTML mail */
  GtkWidget       *web;
  gboolean         is_loading_module;

  AdwToastOverlay *toasts;
  GtkStack        *stack;
  AdwStatusPage   *several;
  GtkLabel        *subject;
  UiReaderHead    *head;
  GtkWidget       *answers;
  GtkWidget       *notice_bar;
  GtkLabel        *notice;
  GtkWidget       *body_overlay;
  GtkStack        *body;
  UiReaderText    *text;
  AdwBin          *web_place;
  AdwStatusPage   *missing;
  GtkWidget       *fetch;
  AdwStatusPage   *broken;
  GtkLabel        *link_target;
  UiAttachments   *attachments;
};

G_DEFINE_FINAL_TYPE (UiReader, ui_reader, ADW_TYPE_BIN)

enum { PROP_PLAIN_TEXT = 1, N_PROPS };
static GParamSpec *props[N_PROPS];

/* --- links and words in passing --- */

static void
on_said (UiReader   *self,
         const char *text)
{
  AdwToast *toast = adw_toast_new ("");
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_toast_set_title (toast, escaped);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
on_link_hovered (UiReader   *self,
                 const char *target)
{
  gtk_label_set_label (self->link_target, target != NULL ? target : "");
  gtk_widget_set_visible (GTK_WIDGET (self->link_target), target != NULL);
}

static void
on_link_activated (UiReader   *self,
                   const char *target)
{
  ui_links_follow (GTK_WIDGET (self), self->reading, target);
}

/* --- the body --- */

/* The card is as high as short text; anything else takes what there is. */
static void
show_page (UiReader   *self,
           const char *name)
{
  gtk_widget_set_vexpand (self->body_overlay, !g_str_equal (name, "text"));
  gtk_stack_set_visible_child_name (self->body, name);
}

static void
add_notice (GString    *all,
            const char *sentence)
{
  g_string_append_printf (all, "%s%s", all->len > 0 ? "\n" : "", sentence);
}

static void
add_remote_notice (GString *all,
                   guint    count)
{
  g_autofree char *sentence = g_strdup_printf (ngettext ("%u picture from the internet is not shown.",
                                                         "%u pictures from the internet are not shown.",
                                                         count), count);

  add_notice (all, sentence);
}

static void
show_notices (UiReader *self)
{
  const ModelReadingFacts *facts = model_reading_peek (self->reading);
  g_autoptr(GString) all = g_string_new (NULL);

  if ((facts->facts & STORE_FACT_MANY_FROM) != 0)
    add_notice (all, _("This message names several senders. Nobody can say which of them wrote it."));
  if (facts->is_cut)
    add_notice (all, _("This message is very long. Its end is not shown here; it is in the saved message."));
  if (facts->n_remote_pictures > 0)
    add_remote_notice (all, facts->n_remote_pictures);
  gtk_widget_set_tooltip_text (self->notice_bar, facts->n_remote_pictures > 0
                               ? _("Fetching them would tell the sender that the message was read, and where")
                               : NULL);
  gtk_label_set_label (self->notice, all->str);
  gtk_widget_set_visible (self->notice_bar, all->len > 0);
}

static void
show_text (UiReader *self)
{
  ui_reader_text_show (self->text, self->reading);
  show_page (self, "text");
}

static GBytes *
dup_picture (GObject     *source,
             const char  *content_id,
             char       **type)
{
  return model_reading_dup_picture (MODEL_READING (source), content_id, type);
}

static void
on_web_failed (UiReader   *self,
               const char *why)
{
  gtk_label_set_label (self->notice, why);
  gtk_widget_set_visible (self->notice_bar, TRUE);
  if (self->reading != NULL && model_reading_peek (self->reading)->state == MODEL_READING_WHOLE)
    show_text (self);
}

static void show_body (UiReader *self);

static void
make_web (UiReader          *self,
          const UiWebModule *module)
{
  self->web_module = module;
  self->web = module->new_view ();
  g_signal_connect_object (self->web, "link-hovered", G_CALLBACK (on_link_hovered), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->web, "link-activated", G_CALLBACK (on_link_activated), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->web, "failed", G_CALLBACK (on_web_failed), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->web), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Formatted message. Plain Text in the menu shows it for screen readers."),
                                  -1);
  adw_bin_set_child (self->web_place, self->web);
}

static void
module_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiReader) self = data;
  g_autoptr(GError) error = NULL;
  const UiWebModule *module = ui_web_module_load_finish (result, &error);

  if (module == NULL)
    {
      on_web_failed (self, error->message);
      return;
    }
  make_web (self, module);
  if (self->reading != NULL)
    show_body (self);
}

/* The first one waits for the module; module_cb() comes here again. */
static void
show_web (UiReader                *self,
          const ModelReadingFacts *facts)
{
  show_page (self, "web");
  if (self->web != NULL)
    self->web_module->show (self->web, facts->html, facts->has_own_colors
                            ? UI_WEB_PAPER_WHITE : UI_WEB_PAPER_THEME,
                            G_OBJECT (self->reading), dup_picture);
  else if (!self->is_loading_module)
    ui_web_module_load_async (module_cb, g_object_ref (self));
  self->is_loading_module = TRUE;
}

/* A web view shows a screen reader nothing on GTK 4.8. */
static gboolean
is_read_aloud (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr(GSettingsSchema) schema = NULL;
  g_autoptr(GSettings) settings = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, "org.gnome.desktop.a11y.applications", TRUE);
  if (schema == NULL)
    return FALSE;
  settings = g_settings_new_full (schema, NULL, NULL);
  return g_settings_get_boolean (settings, "screen-reader-enabled");
}

static void
show_whole (UiReader                *self,
            const ModelReadingFacts *facts)
{
  if (facts->html != NULL && !self->prefers_plain && !is_read_aloud ())
    {
      show_web (self, facts);
      return;
    }
  if (self->web != NULL)
    self->web_module->clear (self->web);
  show_text (self);
}

static void
show_missing (UiReader *self)
{
  adw_status_page_set_description (self->missing, _("Its text was not downloaded to this computer yet."));
  gtk_widget_set_visible (self->fetch, self->bus != NULL && self->message != NULL);
  show_page (self, "missing");
}

static void
show_broken (UiReader   *self,
             const char *why)
{
  g_autofree char *escaped = g_markup_escape_text (why, -1);

  adw_status_page_set_description (self->broken, escaped);
  show_page (self, "broken");
}

static void
show_body (UiReader *self)
{
  const ModelReadingFacts *facts = model_reading_peek (self->reading);

  show_notices (self);
  switch (facts->state)
    {
    case MODEL_READING_WHOLE:
      show_whole (self, facts);
      break;
    case MODEL_READING_HEAD:
      show_missing (self);
      break;
    case MODEL_READING_DAMAGED:
      show_broken (self, facts->problem);
      break;
    }
}

static void
show_subject (UiReader   *self,
              const char *subject)
{
  gtk_label_set_label (self->subject, *subject != '\0' ? subject : _("No Subject"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->subject), subject);
}

static void
update_actions (UiReader *self)
{
  gboolean is_here = self->reading != NULL && model_reading_peek_bytes (self->reading) != NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "reader.save", is_here);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "reader.source", is_here);
}

static void
take_reading (UiReader     *self,
              ModelReading *reading)
{
  g_clear_handle_id (&self->loading_timeout, g_source_remove);
  g_set_object (&self->reading, reading);
  on_link_hovered (self, NULL);
  ui_reader_head_set_message (self->head, self->message);
  ui_reader_head_set_reading (self->head, reading);
  ui_attachments_set_reading (self->attachments, reading);
  update_actions (self);
  if (reading == NULL)
    return;
  show_subject (self, model_reading_peek (reading)->subject);
  show_body (self);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

/* --- reading --- */

static void
reading_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(UiReader) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(ModelReading) reading = model_reading_load_finish (MODEL_STORE (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reading != NULL)
    {
      take_reading (self, reading);
      return;
    }
  g_clear_handle_id (&self->loading_timeout, g_source_remove);
  show_broken (self, error->message);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

/* What was shown before stays for this long, so that walking down a list does not flicker. */
static gboolean
on_loading_timeout (gpointer data)
{
  UiReader *self = data;
  const StoreRow *row = model_message_peek_row (self->message);

  self->loading_timeout = 0;
  take_reading (self, NULL);
  gtk_widget_set_visible (self->notice_bar, FALSE);
  show_subject (self, row != NULL ? row->subject : "");
  show_page (self, "loading");
  gtk_stack_set_visible_child_name (self->stack, "message");
  return G_SOURCE_REMOVE;
}

static void
drop_questions (UiReader *self)
{
  g_clear_handle_id (&self->loading_timeout, g_source_remove);
  if (self->asking != NULL)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
}

static void
load (UiReader *self)
{
  gint64 message_id = model_message_get_entry (self->message)->message_id;

  drop_questions (self);
  self->asking = g_cancellable_new ();
  self->loading_timeout = g_timeout_add (LOADING_PATIENCE_MS, on_loading_timeout, self);
  model_reading_load_async (self->store, message_id, self->asking, reading_cb, g_object_ref (self));
}

/* Flags and whereabouts come with the list; the text only when its bytes have come meanwhile. */
static void
on_changed (UiReader *self)
{
  ModelWhere where;

  ui_reader_head_set_message (self->head, self->message);
  model_message_get_where (self->message, &where);
  if (self->reading != NULL && model_reading_peek (self->reading)->state == MODEL_READING_HEAD
      && where.here == MODEL_HERE_WHOLE)
    load (self);
}

static void
leave_message (UiReader *self)
{
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
  drop_questions (self);
}

void
ui_reader_set_message (UiReader     *self,
                       ModelMessage *message)
{
  if (message != NULL && self->message == message)
    return;
  leave_message (self);
  if (message == NULL)
    {
      take_reading (self, NULL);
      gtk_stack_set_visible_child_name (self->stack, "nothing");
      return;
    }
  self->message = g_object_ref (message);
  g_signal_connect_swapped (message, "changed", G_CALLBACK (on_changed), self);
  load (self);
}

void
ui_reader_set_alone (UiReader *self,
                     gboolean  is_alone)
{
  gtk_widget_set_visible (self->answers, is_alone);
  if (is_alone)
    gtk_widget_remove_css_class (GTK_WIDGET (self), "indented");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self), "indented");
}

void
ui_reader_set_several (UiReader *self,
                       guint     count)
{
  g_autofree char *title = g_strdup_printf (ngettext ("%'u Message Selected", "%'u Messages Selected", count),
                                            count);

  leave_message (self);
  take_reading (self, NULL);
  adw_status_page_set_title (self->several, title);
  gtk_stack_set_visible_child_name (self->stack, "several");
}

void
ui_reader_set_reading (UiReader     *self,
                       ModelReading *reading)
{
  leave_message (self);
  take_reading (self, reading);
}

ModelReading *
ui_reader_get_reading (UiReader *self)
{
  return self->reading;
}

void
ui_reader_set_store (UiReader   *self,
                     ModelStore *store,
                     ModelBus   *bus)
{
  g_set_object (&self->store, store);
  g_set_object (&self->bus, bus);
}

/* --- fetching what is only on the server --- */

static void
fetch_failed (UiReader   *self,
              const char *why)
{
  g_autofree char *escaped = g_markup_escape_text (why, -1);

  adw_status_page_set_description (self->missing, escaped);
}

static void
fetched_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(UiReader) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BusJob) job = model_bus_run_finish (MODEL_BUS (object), result, &error);
  g_autofree const char **failed = NULL;
  const char *text = NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "reader.fetch", TRUE);
  if (job == NULL)
    fetch_failed (self, error->message);
  else if (g_variant_lookup (job->details, BUS_KEY_FAILED, "^a&s", &failed) && failed[0] != NULL)
    fetch_failed (self, failed[0]);
  else if (g_variant_lookup (job->details, BUS_KEY_TEXT, "&s", &text))
    fetch_failed (self, text);
  else if (self->message != NULL && self->reading != NULL
           && model_reading_peek (self->reading)->state == MODEL_READING_HEAD)
    load (self);
}

/* It goes on when the person goes to another message meanwhile. */
static void
fetch (GtkWidget  *widget,
       const char *action,
       GVariant   *parameter)
{
  UiReader *self = UI_READER (widget);
  GVariantDict arguments;
  gint64 message_id;

  if (self->bus == NULL || self->message == NULL)
    return;
  message_id = model_message_get_entry (self->message)->message_id;
  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert_value (&arguments, BUS_KEY_MESSAGES,
                               g_variant_new_fixed_array (G_VARIANT_TYPE_INT64, &message_id, 1,
                                                          sizeof message_id));
  adw_status_page_set_description (self->missing, _("Downloading…"));
  gtk_widget_action_set_enabled (widget, "reader.fetch", FALSE);
  model_bus_run_async (self->bus, BUS_JOB_FETCH, g_variant_dict_end (&arguments), NULL, NULL, fetched_cb,
                       g_object_ref (self));
}

/* --- actions --- */

static void
save (GtkWidget  *widget,
      const char *action,
      GVariant   *parameter)
{
  ui_attachments_save_message (UI_READER (widget)->attachments);
}

static void
show_source (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  UiReader *self = UI_READER (widget);

  gtk_window_present (GTK_WINDOW (ui_source_window_new (GTK_WINDOW (gtk_widget_get_root (widget)),
                                                        self->reading)));
}

static void
ui_reader_get_property (GObject    *object,
                        guint       id,
                        GValue     *value,
                        GParamSpec *spec)
{
  g_value_set_boolean (value, UI_READER (object)->prefers_plain);
}

static void
ui_reader_set_property (GObject      *object,
                        guint         id,
                        const GValue *value,
                        GParamSpec   *spec)
{
  UiReader *self = UI_READER (object);

  self->prefers_plain = g_value_get_boolean (value);
  if (self->reading != NULL)
    show_body (self);
}

/* --- life --- */

static void
ui_reader_dispose (GObject *object)
{
  UiReader *self = UI_READER (object);

  leave_message (self);
  g_clear_object (&self->reading);
  g_clear_object (&self->store);
  g_clear_object (&self->bus);
  G_OBJECT_CLASS (ui_reader_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, UiReader, toasts);
  gtk_widget_class_bind_template_child (widget_class, UiReader, stack);
  gtk_widget_class_bind_template_child (widget_class, UiReader, several);
  gtk_widget_class_bind_template_child (widget_class, UiReader, subject);
  gtk_widget_class_bind_template_child (widget_class, UiReader, head);
  gtk_widget_class_bind_template_child (widget_class, UiReader, answers);
  gtk_widget_class_bind_template_child (widget_class, UiReader, notice_bar);
  gtk_widget_class_bind_template_child (widget_class, UiReader, notice);
  gtk_widget_class_bind_template_child (widget_class, UiReader, body_overlay);
  gtk_widget_class_bind_template_child (widget_class, UiReader, body);
  gtk_widget_class_bind_template_child (widget_class, UiReader, text);
  gtk_widget_class_bind_template_child (widget_class, UiReader, web_place);
  gtk_widget_class_bind_template_child (widget_class, UiReader, missing);
  gtk_widget_class_bind_template_child (widget_class, UiReader, fetch);
  gtk_widget_class_bind_template_child (widget_class, UiReader, broken);
  gtk_widget_class_bind_template_child (widget_class, UiReader, link_target);
  gtk_widget_class_bind_template_child (widget_class, UiReader, attachments);
  gtk_widget_class_bind_template_callback (widget_class, on_said);
  gtk_widget_class_bind_template_callback (widget_class, on_link_hovered);
  gtk_widget_class_bind_template_callback (widget_class, on_link_activated);
}

static void
ui_reader_class_init (UiReaderClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->get_property = ui_reader_get_property;
  G_OBJECT_CLASS (class)->set_property = ui_reader_set_property;
  G_OBJECT_CLASS (class)->dispose = ui_reader_dispose;
  props[PROP_PLAIN_TEXT] = g_param_spec_boolean ("plain-text", NULL, NULL, FALSE,
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPS, props);
  gtk_widget_class_install_property_action (widget_class, "reader.plain-text", "plain-text");
  gtk_widget_class_install_action (widget_class, "reader.save", NULL, save);
  gtk_widget_class_install_action (widget_class, "reader.source", NULL, show_source);
  gtk_widget_class_install_action (widget_class, "reader.fetch", NULL, fetch);
  g_type_ensure (UI_TYPE_ATTACHMENTS);
  g_type_ensure (UI_TYPE_READER_HEAD);
  g_type_ensure (UI_TYPE_READER_TEXT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/reader.ui");
  bind_children (widget_class);
}

static void
ui_reader_init (UiReader *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->subject), GTK_ACCESSIBLE_PROPERTY_LEVEL, 1, -1);
  update_actions (self);
}
