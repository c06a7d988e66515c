/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters begun from the main window, and what it says when one is sent, kept or discarded. */
#include "ui/window-private.h"

#include "ui/composer.h"

#include <glib/gi18n-lib.h>

static void open_composer (UiWindow              *self,
                           const ModelLetterWish *wish);

static void
open_draft (UiWindow *self,
            gint64    draft_id)
{
  open_composer (self, &(ModelLetterWish) { .draft_id = draft_id });
}

/* --- toasts --------------------------------------------------------------------------------------------- */

/* A toast about one draft or outbox entry. */
typedef struct {
  UiWindow *window;                     /* weak: the toast lies in it */
  gint64    id;
} About;

static AdwToast *
tell_about (UiWindow   *self,
            const char *words,
            const char *button,
            GCallback   on_button,
            gint64      id)
{
  AdwToast *toast = adw_toast_new (words);
  About *about = g_new0 (About, 1);

  about->id = id;
  about->window = self;
  adw_toast_set_button_label (toast, button);
  adw_toast_set_timeout (toast, MODEL_TAKE_BACK_S);
  g_signal_connect_data (toast, "button-clicked", on_button, about, (GClosureNotify) (void (*) (void)) g_free,
                         G_CONNECT_SWAPPED);
  ui_window_toast (self, toast);
  return toast;
}

/* The rows of the sidebar and of the drafts follow at once, also where no worker runs. */
static void
tell_worker (UiWindow *self)
{
  model_bus_nudge (self->bus);
  model_store_look (self->store);
}

static void
tell_problem (UiWindow     *self,
              const GError *error)
{
  ui_window_toast (self, adw_toast_new (error->message));
}

static void
taken_back_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr(UiWindow) self = data;
  g_autoptr(GError) error = NULL;
  gint64 draft_id = model_drafts_take_back_finish (MODEL_STORE (object), result, &error);

  tell_worker (self);
  if (draft_id != 0)
    open_draft (self, draft_id);
  else if (g_error_matches (error, STORE_ERROR, STORE_ERROR_STATE))
    ui_window_toast (self, adw_toast_new (_("The message is on its way already.")));
  else
    tell_problem (self, error);
}

static void
take_back (About *about)
{
  model_drafts_take_back_async (about->window->store, about->id, taken_back_cb, g_object_ref (about->window));
}

static void
on_queued (UiWindow   *self,
           gint64      outbox_id,
           const char *recipients)
{
  /* Translators: %s are people: "Sending to Jonas Weber". */
  g_autofree char *words = g_strdup_printf (_("Sending to %s"), recipients);

  tell_worker (self);
  tell_about (self, words, _("_Undo"), G_CALLBACK (take_back), outbox_id);
}

static void
open_kept (About *about)
{
  open_draft (about->window, about->id);
}

static void
on_kept (UiWindow *self,
         gint64    draft_id)
{
  tell_worker (self);
  tell_about (self, _("Draft kept"), _("_Open"), G_CALLBACK (open_kept), draft_id);
}

/* The draft of a discarding or restoring under way. */
typedef struct {
  UiWindow *window;
  gint64    id;
} OneDraft;

static OneDraft *
one_draft_new (UiWindow *self,
               gint64    id)
{
  OneDraft *draft = g_new0 (OneDraft, 1);

  draft->window = g_object_ref (self);
  draft->id = id;
  return draft;
}

static void
restored_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  g_autofree OneDraft *draft = data;
  g_autoptr(UiWindow) self = draft->window;
  g_autoptr(GError) error = NULL;

  tell_worker (self);
  if (model_drafts_change_finish (MODEL_STORE (object), result, &error))
    open_draft (self, draft->id);
  else
    tell_problem (self, error);
}

static void
restore (About *about)
{
  model_drafts_restore_async (about->window->store, about->id, restored_cb,
                              one_draft_new (about->window, about->id));
}

static void
on_discarded (UiWindow *self,
              gint64    draft_id)
{
  tell_worker (self);
  tell_about (self, _("Draft discarded"), _("_Undo"), G_CALLBACK (restore), draft_id);
}

/* --- composers ------------------------------------------------------------------------------------------ */

static GtkWindow *
find_composer (UiWindow              *self,
               const ModelLetterWish *wish)
{
  GList *windows = gtk_application_get_windows (gtk_window_get_application (GTK_WINDOW (self)));

  for (GList *link = windows; link != NULL; link = link->next)
    {
      if (!UI_IS_COMPOSER (link->data))
        continue;
      if (wish->draft_id != 0 && ui_composer_get_draft_id (link->data) == wish->draft_id)
        return link->data;
      if (wish->kind == MODEL_COMPOSE_EDIT && ui_composer_get_edited_id (link->data) == wish->message_id)
        return link->data;
    }
  return NULL;
}

/* One window for each draft: two would overwrite each other. */
static void
open_composer (UiWindow              *self,
               const ModelLetterWish *wish)
{
  GtkWindow *shown = find_composer (self, wish);
  GtkWidget *composer;

  if (shown != NULL)
    {
      gtk_window_present (shown);
      return;
    }
  composer = ui_composer_new (gtk_window_get_application (GTK_WINDOW (self)), self->store, wish);
  g_signal_connect_object (composer, "queued", G_CALLBACK (on_queued), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (composer, "kept", G_CALLBACK (on_kept), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (composer, "discarded", G_CALLBACK (on_discarded), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (composer));
}

/* The account of the place that is shown. */
static gint64
get_account (UiWindow *self)
{
  ModelPlace *place = ui_sidebar_get_place (self->sidebar);

  return place != NULL ? MAX (model_place_peek (place)->account_id, 0) : 0;
}

void
ui_window_compose (UiWindow *self)
{
  open_composer (self, &(ModelLetterWish) { .kind = MODEL_COMPOSE_NEW, .account_id = get_account (self) });
}

void
ui_window_compose_to (UiWindow   *self,
                      const char *uri)
{
  open_composer (self, &(ModelLetterWish) { .kind = MODEL_COMPOSE_NEW, .account_id = get_account (self),
                                            .mailto = uri });
}

void
ui_window_open_draft (UiWindow *self,
                      gint64    draft_id)
{
  open_draft (self, draft_id);
}

/* --- answers -------------------------------------------------------------------------------------------- */

static void
answer (UiWindow         *self,
        ModelComposeKind  kind)
{
  UiSelection *selection = ui_list_pane_get_selection (self->list);
  g_autoptr(GArray) entries = selection != NULL ? ui_selection_dup_entries (selection) : NULL;
  const StoreEntry *entry;

  if (entries == NULL || entries->len != 1)
    return;
  entry = &g_array_index (entries, StoreEntry, 0);
  open_composer (self, &(ModelLetterWish) { .kind = kind, .message_id = entry->message_id,
                                            .location_id = entry->id });
}

gboolean
ui_window_edit_draft (UiWindow *self)
{
  ModelPlace *place = ui_list_pane_get_place (self->list);

  if (place == NULL || model_place_peek (place)->role != STORE_ROLE_DRAFTS)
    return FALSE;
  answer (self, MODEL_COMPOSE_EDIT);
  return TRUE;
}

static void
open_draft_action (GtkWidget  *widget,
                   const char *action,
                   GVariant   *parameter)
{
  open_draft (UI_WINDOW (widget), g_variant_get_int64 (parameter));
}

static void
discarded_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  g_autofree OneDraft *draft = data;
  g_autoptr(UiWindow) self = draft->window;
  g_autoptr(GError) error = NULL;

  if (model_drafts_change_finish (MODEL_STORE (object), result, &error))
    on_discarded (self, draft->id);
  else
    tell_problem (self, error);
}

/* One that is open in a composer is discarded there, with what was typed last. */
static void
discard_draft (GtkWidget  *widget,
               const char *action,
               GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);
  gint64 id = g_variant_get_int64 (parameter);
  GtkWindow *composer = find_composer (self, &(ModelLetterWish) { .draft_id = id });

  if (composer != NULL)
    gtk_widget_activate_action (GTK_WIDGET (composer), "composer.discard", NULL);
  else
    model_drafts_discard_async (self->store, id, discarded_cb, one_draft_new (self, id));
}

static void
reply (GtkWidget  *widget,
       const char *action,
       GVariant   *parameter)
{
  answer (UI_WINDOW (widget), MODEL_COMPOSE_REPLY);
}

static void
reply_all (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  answer (UI_WINDOW (widget), MODEL_COMPOSE_REPLY_ALL);
}

static void
reply_list (GtkWidget  *widget,
            const char *action,
            GVariant   *parameter)
{
  answer (UI_WINDOW (widget), MODEL_COMPOSE_REPLY_LIST);
}

static void
forward (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  answer (UI_WINDOW (widget), MODEL_COMPOSE_FORWARD);
}

static void
forward_attached (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  answer (UI_WINDOW (widget), MODEL_COMPOSE_FORWARD_ATTACHED);
}

static const struct {
  const char                  *name;
  GtkWidgetActionActivateFunc  func;
} answers[] = {
  { "win.reply", reply },
  { "win.reply-all", reply_all },
  { "win.reply-list", reply_list },
  { "win.forward", forward },
  { "win.forward-attached", forward_attached },
};

void
ui_window_update_answers (UiWindow *self,
                          guint     n_selected)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), answers[i].name, n_selected == 1);
}

void
ui_window_install_answers (GtkWidgetClass *class)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    gtk_widget_class_install_action (class, answers[i].name, NULL, answers[i].func);
  gtk_widget_class_install_action (class, "win.open-draft", "x", open_draft_action);
  gtk_widget_class_install_action (class, "win.discard-draft", "x", discard_draft);
}
