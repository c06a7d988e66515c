/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/composer.h"

#include "base/clock.h"
#include "model/when.h"
#include "ui/address-entry.h"
#include "ui/attachment-strip.h"
#include "ui/identity-choice.h"
#include "ui/quote-tags.h"
#include "ui/wrap-box.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SAVE_AFTER_S 2                  /* nothing typed is older than this, and the disk's time, when the power fails */
#define RETRY_AFTER_S 5

/* What happens as soon as everything typed is saved. */
typedef enum {
  THEN_STAY,
  THEN_CLOSE,
  THEN_SEND,
  THEN_DISCARD,
} Then;

struct _UiComposer {
  AdwWindow          parent_instance;

  ModelStore        *store;
  ModelLetter       *letter;            /* NULL until it is there */
  gint64             opened_id;         /* of the draft asked for */
  GCancellable      *cancellable;       /* opening and attaching */

  gboolean           is_filling;        /* changes of the fields are not the user's */
  gboolean           is_touched;
  gboolean           is_dirty;          /* something is not saved yet */
  gboolean           is_saving;
  gboolean           is_ending;         /* queueing or discarding */
  Then               then;
  guint              save_timeout;
  guint              accepted;          /* ModelComposeHints that the user has overridden */
  GPtrArray         *waiting;           /* of GFile: to attach when the draft has a row */
  GPtrArray         *coming;            /* of char *: names of files being copied */
  GtkFileChooserNative *chooser;
  GtkWidget         *focus;             /* weak: where the cursor was before the fields were held */

  AdwWindowTitle    *title;
  GtkStack          *stack;
  AdwStatusPage     *failed;
  GtkWidget         *content;
  UiIdentityChoice  *from;
  GtkWidget         *sent_to_server;
  GtkLabel          *sent;
  UiAddressEntry    *to;
  UiAddressEntry    *cc;
  UiAddressEntry    *bcc;
  GtkWidget         *cc_line;
  GtkWidget         *bcc_line;
  GtkWidget         *show_copies;
  GtkEditable       *subject;
  GtkTextView       *text;
  GtkTextBuffer     *buffer;
  GtkWidget         *hint;
  GtkLabel          *hint_text;
  GtkButton         *hint_first;
  GtkButton         *hint_second;
  UiAttachmentStrip *strip;
};

G_DEFINE_FINAL_TYPE (UiComposer, ui_composer, ADW_TYPE_WINDOW)

enum { QUEUED, KEPT, DISCARDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void go_on (UiComposer *self);

/* --- hints: one line above the files ---------------------------------------------------------------------------- */

typedef struct {
  const char *label;                    /* NULL: no button */
  const char *action;
} HintButton;

static void
set_hint_button (GtkButton  *button,
                 HintButton  what)
{
  gtk_widget_set_visible (GTK_WIDGET (button), what.label != NULL);
  gtk_button_set_label (button, what.label != NULL ? what.label : "");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), what.action);
}

static void
show_hint (UiComposer *self,
           const char *text,
           HintButton  first,
           HintButton  second)
{
  gtk_label_set_label (self->hint_text, text);
  set_hint_button (self->hint_first, first);
  set_hint_button (self->hint_second, second);
  gtk_widget_set_visible (self->hint, TRUE);
}

static void
hide_hint (UiComposer *self)
{
  gtk_widget_set_visible (self->hint, FALSE);
}

#define NO_BUTTON ((HintButton) { NULL, NULL })

/* --- fields ----------------------------------------------------------------------------------------------------- */

static void
show_title (UiComposer *self)
{
  g_autofree char *subject = g_strstrip (g_strdup (gtk_editable_get_text (self->subject)));
  const char *title = *subject != '\0' ? subject : _("New Message");

  adw_window_title_set_title (self->title, title);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
show_saved (UiComposer *self)
{
  g_autofree char *time = model_when_dup_short (self->letter->draft->saved_at, base_clock_now ());
  /* Translators: %s is a time, as in "10:42", or a day. */
  g_autofree char *words = g_strdup_printf (_("Saved as a draft at %s"), time);

  adw_window_title_set_subtitle (self->title, self->letter->draft->id != 0 ? words : "");
}

static void
show_sent_place (UiComposer *self)
{
  const StoreAccount *account = model_letter_peek_account (self->letter, self->letter->draft->account_id);
  gboolean on_server = account != NULL && account->protocol == STORE_PROTOCOL_IMAP
                       && account->save_sent != STORE_SAVE_SENT_HERE;

  gtk_widget_set_visible (self->sent_to_server, on_server);
  gtk_label_set_label (self->sent, on_server ? _("Sent mail: here and on the server") : _("Sent mail: only on this computer"));
}

static void
show_copies (UiComposer *self)
{
  gtk_widget_set_visible (self->cc_line, TRUE);
  gtk_widget_set_visible (self->bcc_line, TRUE);
  gtk_widget_set_visible (self->show_copies, FALSE);
}

static void
show_attachments (UiComposer *self)
{
  ui_attachment_strip_show (self->strip, self->letter->attachments, self->coming);
}

static char *
dup_body (UiComposer *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, TRUE);
}

/* A pasted subject may have line ends; a header line has none. */
static char *
dup_subject (UiComposer *self)
{
  char *subject = g_strdup (gtk_editable_get_text (self->subject));

  for (char *p = subject; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  return subject;
}

static void
take_text (char **field,
           char  *text)
{
  g_free (*field);
  *field = text;
}

/* The draft as the fields say. */
static void
read_fields (UiComposer *self)
{
  StoreDraft *draft = self->letter->draft;

  take_text (&draft->to_text, ui_address_entry_dup_text (self->to));
  take_text (&draft->cc_text, ui_address_entry_dup_text (self->cc));
  take_text (&draft->bcc_text, ui_address_entry_dup_text (self->bcc));
  take_text (&draft->subject, dup_subject (self));
  take_text (&draft->body, dup_body (self));
}

static void
set_first_text (UiComposer *self,
                const char *text)
{
  GtkTextIter start;

  gtk_text_buffer_begin_irreversible_action (self->buffer);
  gtk_text_buffer_set_text (self->buffer, text, -1);
  gtk_text_buffer_end_irreversible_action (self->buffer);
  gtk_text_buffer_get_start_iter (self->buffer, &start);
  gtk_text_buffer_place_cursor (self->buffer, &start);
}

static void
fill_fields (UiComposer *self)
{
  const StoreDraft *draft = self->letter->draft;

  self->is_filling = TRUE;
  ui_identity_choice_fill (self->from, self->letter->identities, draft->identity_id);
  ui_address_entry_set_text (self->to, draft->to_text);
  ui_address_entry_set_text (self->cc, draft->cc_text);
  ui_address_entry_set_text (self->bcc, draft->bcc_text);
  gtk_editable_set_text (self->subject, draft->subject);
  set_first_text (self, draft->body);
  if (*draft->cc_text != '\0' || *draft->bcc_text != '\0')
    show_copies (self);
  show_title (self);
  show_saved (self);
  show_sent_place (self);
  show_attachments (self);
  self->is_filling = FALSE;
}

/* Replaces only what differs, so that the cursor and the steps of undo stay. */
static void
replace_body (UiComposer *self,
              const char *old,
              const char *new)
{
  const char *old_end = old + strlen (old), *new_end = new + strlen (new);
  const char *a = old, *b = new;
  GtkTextIter start, end;

  while (*a != '\0' && *b != '\0' && g_utf8_get_char (a) == g_utf8_get_char (b))
    {
      a = g_utf8_next_char (a);
      b = g_utf8_next_char (b);
    }
  while (old_end > a && new_end > b && g_utf8_get_char (g_utf8_prev_char (old_end)) == g_utf8_get_char (g_utf8_prev_char (new_end)))
    {
      old_end = g_utf8_prev_char (old_end);
      new_end = g_utf8_prev_char (new_end);
    }
  gtk_text_buffer_get_iter_at_offset (self->buffer, &start, (int) g_utf8_strlen (old, a - old));
  gtk_text_buffer_get_iter_at_offset (self->buffer, &end, (int) g_utf8_strlen (old, old_end - old));
  gtk_text_buffer_begin_user_action (self->buffer);
  gtk_text_buffer_delete (self->buffer, &start, &end);
  gtk_text_buffer_insert (self->buffer, &start, b, (int) (new_end - b));
  gtk_text_buffer_end_user_action (self->buffer);
}

/* While the letter is about to go or to close nothing more can be typed.  The focus goes first: a text that loses it by
 * becoming insensitive is never told and goes on blinking. */
static void
hold_fields (UiComposer *self)
{
  g_set_weak_pointer (&self->focus, gtk_window_get_focus (GTK_WINDOW (self)));
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  gtk_widget_set_sensitive (self->content, FALSE);
}

static void
release_fields (UiComposer *self)
{
  gtk_widget_set_sensitive (self->content, TRUE);
  if (self->focus != NULL)
    gtk_widget_grab_focus (self->focus);
  g_clear_weak_pointer (&self->focus);
}

/* --- saving ----------------------------------------------------------------------------------------------------- */

static void
end (UiComposer *self)
{
  gtk_window_destroy (GTK_WINDOW (self));
}

static gboolean
save_timeout_cb (gpointer data)
{
  UiComposer *self = data;

  self->save_timeout = 0;
  go_on (self);
  return G_SOURCE_REMOVE;
}

static void
save_later (UiComposer *self,
            guint       seconds)
{
  if (self->save_timeout == 0)
    self->save_timeout = g_timeout_add_seconds (seconds, save_timeout_cb, self);
}

/* The row was sent or discarded from elsewhere, so the text here is all there is of it. */
static void
show_not_saved (UiComposer   *self,
                const GError *error)
{
  static const HintButton close = { N_("Close Without Saving"), "composer.close-anyway" };
  HintButton close_anyway = self->then == THEN_CLOSE ? (HintButton) { _(close.label), close.action } : NO_BUTTON;

  if (g_error_matches (error, STORE_ERROR, STORE_ERROR_STATE) || g_error_matches (error, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    show_hint (self, _("This draft was sent or discarded from another window."),
               (HintButton) { _("Keep as a New Draft"), "composer.keep-as-new" }, close_anyway);
  else
    {
      show_hint (self, error->message, (HintButton) { _("Try Again"), "composer.save" }, close_anyway);
      save_later (self, RETRY_AFTER_S);
    }
}

static void
adopt_row (UiComposer *self,
           StoreDraft *saved)
{
  StoreDraft *draft = self->letter->draft;

  if (draft->id == 0)
    model_store_look (self->store);      /* one more draft for whoever lists them */
  draft->id = saved->id;
  take_text (&draft->uuid, g_strdup (saved->uuid));
  draft->created_at = saved->created_at;
  draft->saved_at = saved->saved_at;
}

static void
saved_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(UiComposer) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreDraft) saved = model_drafts_save_finish (MODEL_STORE (object), result, &error);

  self->is_saving = FALSE;
  if (self->store == NULL)
    return;
  if (saved == NULL)
    {
      self->is_dirty = TRUE;
      show_not_saved (self, error);
      self->then = THEN_STAY;
      release_fields (self);
      return;
    }
  adopt_row (self, saved);
  show_saved (self);
  go_on (self);
}

static void
save (UiComposer *self)
{
  g_clear_handle_id (&self->save_timeout, g_source_remove);
  read_fields (self);
  self->is_dirty = FALSE;
  self->is_saving = TRUE;
  model_drafts_save_async (self->store, self->letter->draft, saved_cb, g_object_ref (self));
}

static void
touch (UiComposer *self)
{
  if (self->is_filling || self->letter == NULL)
    return;
  self->is_touched = TRUE;
  self->is_dirty = TRUE;
  save_later (self, SAVE_AFTER_S);
}

/* --- files ------------------------------------------------------------------------------------------------------ */

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

      show_hint (self, words, NO_BUTTON, NO_BUTTON);
      self->then = THEN_STAY;
      release_fields (self);
    }
  show_attachments (self);
  go_on (self);
}

static void
attach_waiting (UiComposer *self)
{
  while (self->waiting->len > 0)
    {
      g_autoptr(GFile) file = g_ptr_array_steal_index (self->waiting, 0);
      Attaching *attaching = g_new0 (Attaching, 1);

      attaching->composer = g_object_ref (self);
      attaching->name = g_file_get_basename (file);
      model_drafts_attach_async (self->store, self->letter->draft->id, file, self->cancellable, attached_cb, attaching);
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
  hide_hint (self);
  show_attachments (self);
  go_on (self);
}

static void
detached_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(UiComposer) self = data;
  g_autoptr(GError) error = NULL;

  if (!model_drafts_change_finish (MODEL_STORE (object), result, &error) && self->store != NULL)
    show_hint (self, error->message, NO_BUTTON, NO_BUTTON);
}

static void
on_remove_attachment (UiComposer *self,
                      gint64      id)
{
  for (guint i = 0; i < self->letter->attachments->len; i++)
    if (((StoreAttachment *) self->letter->attachments->pdata[i])->id == id)
      {
        g_ptr_array_remove_index (self->letter->attachments, i);
        break;
      }
  model_drafts_detach_async (self->store, id, detached_cb, g_object_ref (self));
  show_attachments (self);
  touch (self);
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

static void
choose_files (GtkWidget  *widget,
              const char *action,
              GVariant   *parameter)
{
  UiComposer *self = UI_COMPOSER (widget);

  if (self->letter == NULL || self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_("Attach Files"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_OPEN, _("_Attach"),
                                               _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  g_signal_connect_swapped (self->chooser, "response", G_CALLBACK (on_chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static gboolean
on_drop (UiComposer   *self,
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

/* --- ending ----------------------------------------------------------------------------------------------------- */

static void
stay (UiComposer *self,
      const char *why)
{
  self->is_ending = FALSE;
  self->then = THEN_STAY;
  release_fields (self);
  show_hint (self, why, NO_BUTTON, NO_BUTTON);
}

static void
queued_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiComposer) self = data;
  g_autoptr(GError) error = NULL;
  gint64 outbox_id = model_drafts_queue_finish (MODEL_STORE (object), result, &error);
  g_autofree char *recipients = NULL;

  if (self->store == NULL)
    return;
  if (outbox_id == 0)
    {
      stay (self, error->message);
      return;
    }
  recipients = model_compose_dup_recipients (self->letter->draft);
  g_signal_emit (self, signals[QUEUED], 0, outbox_id, recipients);
  end (self);
}

static void
discarded_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr(UiComposer) self = data;
  g_autoptr(GError) error = NULL;
  gboolean is_done = model_drafts_change_finish (MODEL_STORE (object), result, &error);

  if (self->store == NULL)
    return;
  if (!is_done)
    {
      stay (self, error->message);
      return;
    }
  if (self->is_touched)
    g_signal_emit (self, signals[DISCARDED], 0, self->letter->draft->id);
  end (self);
}

static void
close_saved (UiComposer *self)
{
  gint64 id = self->letter->draft->id;

  /* Opened and looked at only: a forward with files has a row already. */
  if (!self->is_touched && id != 0 && self->opened_id == 0)
    {
      self->is_ending = TRUE;
      model_drafts_discard_async (self->store, id, discarded_cb, g_object_ref (self));
      return;
    }
  if (self->is_touched && id != 0)
    g_signal_emit (self, signals[KEPT], 0, id);
  end (self);
}

/* The one place that decides what happens next; whoever changed something calls it. */
static void
go_on (UiComposer *self)
{
  gboolean needs_row = self->waiting->len > 0 && self->letter->draft->id == 0;

  if (self->is_saving || self->is_ending)
    return;
  if (self->is_dirty || needs_row)
    {
      save (self);
      return;
    }
  attach_waiting (self);
  switch (self->then)
    {
    case THEN_STAY:
      break;
    case THEN_CLOSE:
      if (self->coming->len == 0)
        close_saved (self);
      break;
    case THEN_SEND:
      if (self->coming->len > 0)
        break;
      self->is_ending = TRUE;
      model_drafts_queue_async (self->store, self->letter->draft->id, queued_cb, g_object_ref (self));
      break;
    case THEN_DISCARD:
      if (self->letter->draft->id == 0)
        {
          end (self);
          break;
        }
      self->is_ending = TRUE;
      model_drafts_discard_async (self->store, self->letter->draft->id, discarded_cb, g_object_ref (self));
      break;
    }
}

static void
go_on_to (UiComposer *self,
          Then        then)
{
  self->then = then;
  hold_fields (self);
  go_on (self);
}

static gboolean
ui_composer_close_request (GtkWindow *window)
{
  UiComposer *self = UI_COMPOSER (window);

  if (self->letter == NULL)
    return GTK_WINDOW_CLASS (ui_composer_parent_class)->close_request (window);
  if (self->then == THEN_STAY)
    go_on_to (self, THEN_CLOSE);
  return GDK_EVENT_STOP;
}

/* --- sending ---------------------------------------------------------------------------------------------------- */

static void
show_bad_address (UiComposer *self,
                  const char *address)
{
  /* Translators: %s is what somebody typed as a recipient. */
  g_autofree char *words = g_strdup_printf (_("“%s” is not an email address."), address);
  UiAddressEntry *entries[] = { self->to, self->cc, self->bcc };

  show_hint (self, words, NO_BUTTON, NO_BUTTON);
  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_autofree char *text = ui_address_entry_dup_text (entries[i]);

      if (strstr (text, address) == NULL)
        continue;
      gtk_widget_grab_focus (GTK_WIDGET (entries[i]));
      return;
    }
}

/* TRUE: it can go. */
static gboolean
ask_before_sending (UiComposer *self)
{
  static const HintButton anyway = { N_("Send Anyway"), "composer.send-anyway" };
  g_auto(ModelComposeVerdict) verdict = { 0 };
  guint hints;

  read_fields (self);
  model_compose_judge (self->letter->draft, self->letter->attachments->len + self->coming->len, &verdict);
  hints = verdict.hints & ~self->accepted;
  if (verdict.fault == MODEL_COMPOSE_NO_RECIPIENT)
    {
      show_hint (self, _("Add a recipient."), NO_BUTTON, NO_BUTTON);
      gtk_widget_grab_focus (GTK_WIDGET (self->to));
    }
  else if (verdict.fault == MODEL_COMPOSE_BAD_ADDRESS)
    show_bad_address (self, verdict.address);
  else if ((hints & MODEL_COMPOSE_NO_SUBJECT) != 0)
    {
      show_hint (self, _("The message has no subject."), NO_BUTTON, (HintButton) { _(anyway.label), anyway.action });
      gtk_widget_grab_focus (GTK_WIDGET (self->subject));
    }
  else if ((hints & MODEL_COMPOSE_NO_ATTACHMENT) != 0)
    show_hint (self, _("No file is attached."), (HintButton) { _("Attach…"), "composer.attach" },
               (HintButton) { _(anyway.label), anyway.action });
  else
    return TRUE;
  return FALSE;
}

static void
send (UiComposer *self)
{
  if (self->letter == NULL || self->then != THEN_STAY)
    return;
  ui_address_entry_commit (self->to);
  ui_address_entry_commit (self->cc);
  ui_address_entry_commit (self->bcc);
  if (!ask_before_sending (self))
    return;
  hide_hint (self);
  self->is_touched = TRUE;
  self->is_dirty = TRUE;
  go_on_to (self, THEN_SEND);
}

static void
send_action (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  send (UI_COMPOSER (widget));
}

/* Only what is shown is overridden: the next doubt is asked about in its turn. */
static void
send_anyway (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  UiComposer *self = UI_COMPOSER (widget);
  g_auto(ModelComposeVerdict) verdict = { 0 };
  guint open;

  model_compose_judge (self->letter->draft, self->letter->attachments->len, &verdict);
  open = verdict.hints & ~self->accepted;
  self->accepted |= (open & MODEL_COMPOSE_NO_SUBJECT) != 0 ? MODEL_COMPOSE_NO_SUBJECT : open;
  send (self);
}

static void
discard (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  UiComposer *self = UI_COMPOSER (widget);

  if (self->letter != NULL && self->then == THEN_STAY)
    go_on_to (self, THEN_DISCARD);
}

static void
save_action (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  UiComposer *self = UI_COMPOSER (widget);

  if (self->letter == NULL)
    return;
  hide_hint (self);
  self->is_touched = TRUE;
  self->is_dirty = TRUE;
  go_on (self);
}

/* Files of the old row stay with it. */
static void
keep_as_new (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  UiComposer *self = UI_COMPOSER (widget);

  self->letter->draft->id = 0;
  g_ptr_array_set_size (self->letter->attachments, 0);
  show_attachments (self);
  save_action (widget, action, parameter);
}

static void
close_anyway (GtkWidget  *widget,
              const char *action,
              GVariant   *parameter)
{
  end (UI_COMPOSER (widget));
}

static void
show_copies_action (GtkWidget  *widget,
                    const char *action,
                    GVariant   *parameter)
{
  show_copies (UI_COMPOSER (widget));
  gtk_widget_grab_focus (GTK_WIDGET (UI_COMPOSER (widget)->cc));
}

/* --- what the user does ----------------------------------------------------------------------------------------- */

static void
on_changed (UiComposer *self)
{
  if (!self->is_filling && self->then == THEN_STAY)
    hide_hint (self);
  touch (self);
}

static void
on_subject_changed (UiComposer *self)
{
  show_title (self);
  on_changed (self);
}

static void
on_identity_changed (UiComposer *self)
{
  StoreDraft *draft = self->letter->draft;
  const StoreIdentity *old = model_compose_find_identity (self->letter->identities, draft->identity_id);
  const StoreIdentity *new = model_compose_find_identity (self->letter->identities, ui_identity_choice_get_chosen (self->from));
  g_autofree char *body = dup_body (self);
  g_autofree char *signed_body = NULL;

  if (new == NULL || new == old)
    return;
  signed_body = model_compose_dup_signed (body, draft->kind, old != NULL ? old->signature : "", new->signature);
  replace_body (self, body, signed_body);
  draft->identity_id = new->id;
  draft->account_id = new->account_id;
  show_sent_place (self);
  on_changed (self);
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

static void
show_ignored (UiComposer *self)
{
  g_autofree char *names = self->letter->ignored != NULL ? g_strjoinv (", ", self->letter->ignored) : NULL;
  g_autofree char *words = NULL;

  if (names == NULL)
    return;
  /* Translators: %s are names of fields in a link that somebody else made, as in "attach, from". */
  words = g_strdup_printf (_("The link also asked for this, which was left out: %s."), names);
  show_hint (self, words, NO_BUTTON, NO_BUTTON);
}

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiComposer) self = data;
  g_autoptr(GError) error = NULL;
  ModelLetter *letter = model_letter_open_finish (MODEL_STORE (object), result, &error);

  if (self->store == NULL || letter == NULL)
    {
      model_letter_free (letter);
      if (self->store == NULL)
        return;
      adw_status_page_set_description (self->failed, error->message);
      gtk_stack_set_visible_child_name (self->stack, "failed");
      gtk_widget_action_set_enabled (GTK_WIDGET (self), "composer.send", FALSE);
      gtk_widget_action_set_enabled (GTK_WIDGET (self), "composer.attach", FALSE);
      return;
    }
  self->letter = letter;
  fill_fields (self);
  show_ignored (self);
  gtk_widget_set_sensitive (self->content, TRUE);
  gtk_widget_grab_focus (*letter->draft->to_text == '\0' ? GTK_WIDGET (self->to) : GTK_WIDGET (self->text));
  if (self->waiting->len > 0)
    {
      self->is_touched = TRUE;
      show_attachments (self);
      go_on (self);
    }
}

gboolean
ui_composer_is_ready (UiComposer *self)
{
  return self->letter != NULL;
}

gint64
ui_composer_get_draft_id (UiComposer *self)
{
  return self->letter != NULL ? self->letter->draft->id : self->opened_id;
}

GtkWidget *
ui_composer_new (GtkApplication        *application,
                 ModelStore            *store,
                 const ModelLetterWish *wish)
{
  UiComposer *self = g_object_new (UI_TYPE_COMPOSER, "application", application, NULL);

  self->store = g_object_ref (store);
  self->opened_id = wish->draft_id;
  ui_address_entry_set_store (self->to, store);
  ui_address_entry_set_store (self->cc, store);
  ui_address_entry_set_store (self->bcc, store);
  model_letter_open_async (store, wish, self->cancellable, opened_cb, g_object_ref (self));
  return GTK_WIDGET (self);
}

/* --- life ------------------------------------------------------------------------------------------------------- */

static void
ui_composer_dispose (GObject *object)
{
  UiComposer *self = UI_COMPOSER (object);

  g_clear_handle_id (&self->save_timeout, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->buffer != NULL)
    g_signal_handlers_disconnect_by_data (self->buffer, self);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->chooser);
  g_clear_object (&self->store);
  g_clear_weak_pointer (&self->focus);
  G_OBJECT_CLASS (ui_composer_parent_class)->dispose (object);
}

static void
ui_composer_finalize (GObject *object)
{
  UiComposer *self = UI_COMPOSER (object);

  model_letter_free (self->letter);
  g_ptr_array_unref (self->waiting);
  g_ptr_array_unref (self->coming);
  G_OBJECT_CLASS (ui_composer_parent_class)->finalize (object);
}

static void
install_actions (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "composer.send", NULL, send_action);
  gtk_widget_class_install_action (class, "composer.send-anyway", NULL, send_anyway);
  gtk_widget_class_install_action (class, "composer.attach", NULL, choose_files);
  gtk_widget_class_install_action (class, "composer.save", NULL, save_action);
  gtk_widget_class_install_action (class, "composer.discard", NULL, discard);
  gtk_widget_class_install_action (class, "composer.keep-as-new", NULL, keep_as_new);
  gtk_widget_class_install_action (class, "composer.close-anyway", NULL, close_anyway);
  gtk_widget_class_install_action (class, "composer.show-copies", NULL, show_copies_action);
  gtk_widget_class_add_binding_action (class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_s, GDK_CONTROL_MASK, "composer.save", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_a, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "composer.attach", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_b, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "composer.show-copies", NULL);
}

static void
bind_children (GtkWidgetClass *class)
{
  gtk_widget_class_bind_template_child (class, UiComposer, title);
  gtk_widget_class_bind_template_child (class, UiComposer, stack);
  gtk_widget_class_bind_template_child (class, UiComposer, failed);
  gtk_widget_class_bind_template_child (class, UiComposer, content);
  gtk_widget_class_bind_template_child (class, UiComposer, from);
  gtk_widget_class_bind_template_child (class, UiComposer, sent_to_server);
  gtk_widget_class_bind_template_child (class, UiComposer, sent);
  gtk_widget_class_bind_template_child (class, UiComposer, to);
  gtk_widget_class_bind_template_child (class, UiComposer, cc);
  gtk_widget_class_bind_template_child (class, UiComposer, bcc);
  gtk_widget_class_bind_template_child (class, UiComposer, cc_line);
  gtk_widget_class_bind_template_child (class, UiComposer, bcc_line);
  gtk_widget_class_bind_template_child (class, UiComposer, show_copies);
  gtk_widget_class_bind_template_child (class, UiComposer, subject);
  gtk_widget_class_bind_template_child (class, UiComposer, text);
  gtk_widget_class_bind_template_child (class, UiComposer, hint);
  gtk_widget_class_bind_template_child (class, UiComposer, hint_text);
  gtk_widget_class_bind_template_child (class, UiComposer, hint_first);
  gtk_widget_class_bind_template_child (class, UiComposer, hint_second);
  gtk_widget_class_bind_template_child (class, UiComposer, strip);
  gtk_widget_class_bind_template_callback (class, on_changed);
  gtk_widget_class_bind_template_callback (class, on_subject_changed);
  gtk_widget_class_bind_template_callback (class, on_identity_changed);
  gtk_widget_class_bind_template_callback (class, on_remove_attachment);
}

static void
ui_composer_class_init (UiComposerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (UI_TYPE_ADDRESS_ENTRY);
  g_type_ensure (UI_TYPE_ATTACHMENT_STRIP);
  g_type_ensure (UI_TYPE_IDENTITY_CHOICE);
  g_type_ensure (UI_TYPE_WRAP_BOX);
  object_class->dispose = ui_composer_dispose;
  object_class->finalize = ui_composer_finalize;
  GTK_WINDOW_CLASS (class)->close_request = ui_composer_close_request;
  signals[QUEUED] = g_signal_new ("queued", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                  2, G_TYPE_INT64, G_TYPE_STRING);
  signals[KEPT] = g_signal_new ("kept", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                1, G_TYPE_INT64);
  signals[DISCARDED] = g_signal_new ("discarded", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                     1, G_TYPE_INT64);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/composer.ui");
  bind_children (widget_class);
  install_actions (widget_class);
}

/* In the capture phase: a text view takes Return whatever is held with it. */
static void
add_send_keys (UiComposer *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();
  static const guint values[] = { GDK_KEY_Return, GDK_KEY_KP_Enter, GDK_KEY_ISO_Enter };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                          gtk_shortcut_new (gtk_keyval_trigger_new (values[i], GDK_CONTROL_MASK),
                                                            gtk_named_action_new ("composer.send")));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

static void
ui_composer_init (UiComposer *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  self->cancellable = g_cancellable_new ();
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->coming = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->buffer = gtk_text_view_get_buffer (self->text);
  gtk_text_buffer_set_enable_undo (self->buffer, TRUE);
  g_signal_connect_swapped (self->buffer, "changed", G_CALLBACK (on_changed), self);
  ui_quote_tags_add (self->text);
  ui_address_entry_set_label (self->to, _("To"));
  ui_address_entry_set_label (self->cc, _("Cc"));
  ui_address_entry_set_label (self->bcc, _("Bcc"));
  g_signal_connect_swapped (drop, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
  add_send_keys (self);
  show_title (self);
}
