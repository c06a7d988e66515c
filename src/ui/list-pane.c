/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/list-pane.h"

#include "model/search.h"
#include "ui/drafts-list.h"
#include "ui/message-row.h"

#include <glib/gi18n-lib.h>

#define LOADING_SHAPES 5
#define LOADING_PATIENCE_MS 150      /* a list that is there sooner shows no grey shapes */

struct _UiListPane {
  AdwBin          parent_instance;

  ModelStore     *store;
  ModelPlace     *place;
  ModelMessages  *messages;
  UiSelection    *selection;
  guint           loading_timeout;
  gint64          wanted_message;       /* to be selected when the list has it; 0: none */
  gint64          message_before;       /* selected before the search; 0: none */
  GCancellable   *searching;            /* NULL: not looking */

  gboolean        is_welcoming;     /* there is no account whose mail could be listed */
  AdwHeaderBar   *header;
  GtkStack       *titles;
  AdwWindowTitle *title;
  GtkSearchEntry *entry;
  GtkWidget      *chips;
  GtkButton      *chip_in;
  GtkLabel       *found;
  GtkWidget      *back;
  GtkWidget      *compose;
  GtkWidget      *progress;
  GtkLabel       *progress_words;
  GtkProgressBar *progress_bar;
  GtkWidget      *search;
  UiDraftsList   *drafts;
  GtkStack       *stack;
  GtkListView    *view;
  GtkBox         *shapes;
  AdwStatusPage  *empty;
  AdwStatusPage  *failed;
};

G_DEFINE_FINAL_TYPE (UiListPane, ui_list_pane, ADW_TYPE_BIN)

enum { SELECTION_CHANGED, ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- rows --- */

static void
on_setup_row (GtkListItemFactory *factory,
              GtkListItem        *item)
{
  gtk_list_item_set_child (item, ui_message_row_new ());
}

static void
on_bind_row (GtkListItemFactory *factory,
             GtkListItem        *item)
{
  ui_message_row_set_message (UI_MESSAGE_ROW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

static void
on_unbind_row (GtkListItemFactory *factory,
               GtkListItem        *item)
{
  ui_message_row_set_message (UI_MESSAGE_ROW (gtk_list_item_get_child (item)), NULL);
}

static void
on_activate (UiListPane *self,
             guint       position)
{
  g_signal_emit (self, signals[ACTIVATED], 0, position);
}

/* --- header --- */

static char *
dup_counts (UiListPane *self)
{
  const ModelPlaceFacts *facts = model_place_peek (self->place);
  guint n = self->messages != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->messages)) : 0;
  g_autofree char *total = g_strdup_printf (ngettext ("%'u message", "%'u messages", n), n);

  if (facts->role == STORE_ROLE_DRAFTS && facts->kind == MODEL_PLACE_VIEW)
    return g_strdup_printf (ngettext ("%u being written", "%u being written", (gulong) facts->total), (guint) facts->total);
  if (facts->unread == 0 || facts->role == STORE_ROLE_DRAFTS)
    return g_steal_pointer (&total);
  /* Translators: under the name of a folder, as in "9 unread · 8,412 messages"; %s is "8,412 messages". */
  return g_strdup_printf (ngettext ("%u unread · %s", "%u unread · %s", (gulong) facts->unread),
                          (guint) facts->unread, total);
}

static void
show_found (UiListPane *self)
{
  guint n = self->messages != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->messages)) : 0;
  g_autofree char *words = n < MODEL_SEARCH_MAX
    ? g_strdup_printf (ngettext ("%'u found", "%'u found", n), n)
    /* Translators: a search found more than it shows. */
    : g_strdup_printf (ngettext ("The newest %'u found", "The newest %'u found", n), n);

  gtk_label_set_text (self->found, self->messages != NULL ? words : "");
}

/* Only while a folder is fetched for the first time: later checks are short, and nothing shall move for them. */
static void
show_progress (UiListPane *self)
{
  const ModelPlaceFacts *facts = self->place != NULL ? model_place_peek (self->place) : NULL;
  gboolean is_fetching = facts != NULL && facts->expected > 0 && !ui_list_pane_is_searching (self);
  g_autofree char *words = NULL;

  gtk_widget_set_visible (self->progress, is_fetching);
  if (!is_fetching)
    return;
  /* Translators: so many messages are here of so many on the server. */
  words = g_strdup_printf (_("%'u of %'u"), (guint) facts->listed, (guint) facts->expected);
  gtk_label_set_text (self->progress_words, words);
  gtk_progress_bar_set_fraction (self->progress_bar, (double) facts->listed / (double) facts->expected);
}

static void
show_title (UiListPane *self)
{
  g_autofree char *counts = NULL;

  show_progress (self);
  if (ui_list_pane_is_searching (self))
    show_found (self);
  if (self->place == NULL || ui_list_pane_is_searching (self))
    {
      adw_window_title_set_title (self->title, "");
      adw_window_title_set_subtitle (self->title, "");
      return;
    }
  counts = dup_counts (self);
  adw_window_title_set_title (self->title, model_place_peek (self->place)->title);
  adw_window_title_set_subtitle (self->title, counts);
}

/* --- what the pane shows --- */

static void
show_nothing_found (UiListPane *self)
{
  adw_status_page_set_icon_name (self->empty, "edit-find-symbolic");
  adw_status_page_set_title (self->empty, _("Nothing Found"));
  adw_status_page_set_description (self->empty, _("Try fewer words, or only the beginning of a word."));
  gtk_stack_set_visible_child_name (self->stack, "empty");
}

static void
show_empty (UiListPane *self)
{
  const ModelPlaceFacts *facts = model_place_peek (self->place);
  /* Translators: %s is the name of a folder. */
  g_autofree char *title = g_strdup_printf (facts->is_unseen ? _("%s Is Not Here Yet") : _("%s Is Empty"), facts->title);

  adw_status_page_set_icon_name (self->empty, model_place_get_icon (self->place));
  adw_status_page_set_title (self->empty, title);
  adw_status_page_set_description (self->empty, facts->is_unseen ? _("Its messages appear here after the first check.")
                                                : facts->role == STORE_ROLE_INBOX || facts->kind == MODEL_PLACE_VIEW
                                                ? _("New mail appears here by itself.") : NULL);
  gtk_stack_set_visible_child_name (self->stack, "empty");
}

static void
show_wanted_message (UiListPane *self)
{
  guint position = self->wanted_message != 0 ? model_messages_find_message (self->messages, self->wanted_message)
                                             : G_MAXUINT;

  if (position == G_MAXUINT)
    return;
  self->wanted_message = 0;
  ui_selection_select_only (self->selection, position);
  gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", position);
}

static void
show_content (UiListPane *self)
{
  if (self->messages == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, self->is_welcoming ? "welcome" : "nothing");
      return;
    }
  switch (model_messages_get_state (self->messages))
    {
    case MODEL_MESSAGES_LOADING:
      return;
    case MODEL_MESSAGES_FAILED:
      adw_status_page_set_description (self->failed, model_messages_peek_problem (self->messages));
      gtk_stack_set_visible_child_name (self->stack, "failed");
      break;
    case MODEL_MESSAGES_READY:
      if (g_list_model_get_n_items (G_LIST_MODEL (self->messages)) == 0)
        {
          if (ui_list_pane_is_searching (self))
            show_nothing_found (self);
          else
            show_empty (self);
          g_signal_emit (self, signals[SELECTION_CHANGED], 0);
        }
      else
        gtk_stack_set_visible_child_name (self->stack, "list");
      break;
    }
  g_clear_handle_id (&self->loading_timeout, g_source_remove);
  show_title (self);
  show_wanted_message (self);
}

static gboolean
loading_cb (gpointer data)
{
  UiListPane *self = data;

  self->loading_timeout = 0;
  gtk_stack_set_visible_child_name (self->stack, "loading");
  return G_SOURCE_REMOVE;
}

/* What is being read becomes read, and would leave the view of unread mail before a person's eyes. */
static void
hold_selected (UiListPane *self)
{
  guint first = ui_selection_get_first (self->selection);
  const StoreEntry *entry = model_messages_peek_entry (self->messages, first);

  if (model_messages_peek_view (self->messages)->kind == STORE_VIEW_UNREAD)
    model_messages_hold (self->messages, entry != NULL ? entry->id : 0);
}

static void
on_selection_changed (UiListPane *self)
{
  hold_selected (self);
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

static void
drop_messages (UiListPane *self)
{
  if (self->messages != NULL)
    g_signal_handlers_disconnect_by_data (self->messages, self);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->messages);
  g_clear_object (&self->selection);
  g_clear_handle_id (&self->loading_timeout, g_source_remove);
}

static ModelPeople
get_people (const ModelPlaceFacts *facts)
{
  if (facts->role == STORE_ROLE_SENT || facts->role == STORE_ROLE_DRAFTS || facts->role == STORE_ROLE_OUTBOX)
    return MODEL_PEOPLE_RECIPIENTS;
  return MODEL_PEOPLE_SENDERS;
}

/* Shows that view in the list; NULL: nothing. */
static void
list_messages (UiListPane      *self,
               const StoreView *view,
               ModelPeople      people)
{
  drop_messages (self);
  if (view != NULL)
    {
      self->messages = model_messages_new (self->store, view, people);
      self->selection = ui_selection_new (self->messages);
      g_signal_connect_swapped (self->messages, "state-changed", G_CALLBACK (show_content), self);
      g_signal_connect_swapped (self->messages, "items-changed", G_CALLBACK (show_content), self);
      g_signal_connect_swapped (self->selection, "selection-changed", G_CALLBACK (on_selection_changed), self);
      self->loading_timeout = g_timeout_add (LOADING_PATIENCE_MS, loading_cb, self);
    }
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  show_title (self);
  show_content (self);
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

/* Letters being written stand above the drafts on the server, and alone in the view of all of them. */
static gboolean
is_view_of_drafts (const ModelPlaceFacts *facts)
{
  return facts != NULL && facts->kind == MODEL_PLACE_VIEW && facts->role == STORE_ROLE_DRAFTS;
}

static void
show_drafts (UiListPane            *self,
             const ModelPlaceFacts *facts)
{
  gint64 of = facts == NULL || facts->role != STORE_ROLE_DRAFTS ? UI_DRAFTS_OF_NONE
              : is_view_of_drafts (facts) ? UI_DRAFTS_OF_ALL : facts->account_id;

  if (self->store != NULL)
    ui_drafts_list_show (self->drafts, self->store, of);
}

static void
list_place (UiListPane *self)
{
  const ModelPlaceFacts *facts = self->place != NULL ? model_place_peek (self->place) : NULL;

  show_drafts (self, facts);
  list_messages (self, facts != NULL && !is_view_of_drafts (facts) ? &facts->view : NULL, facts != NULL ? get_people (facts) : MODEL_PEOPLE_SENDERS);
}

/* A folder that was looked into for the first time may be empty after all. */
static void
on_place_changed (UiListPane *self)
{
  show_title (self);
  if (!ui_list_pane_is_searching (self) && g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "empty") == 0)
    show_empty (self);
}

void
ui_list_pane_set_place (UiListPane *self,
                        ModelStore *store,
                        ModelPlace *place)
{
  if (self->place == place && !ui_list_pane_is_searching (self))
    return;
  if (self->place != NULL)
    g_signal_handlers_disconnect_by_data (self->place, self);
  g_set_object (&self->store, store);
  g_set_object (&self->place, place);
  if (place != NULL)
    g_signal_connect_swapped (place, "changed", G_CALLBACK (on_place_changed), self);
  self->wanted_message = 0;
  self->message_before = 0;
  if (ui_list_pane_is_searching (self))
    ui_list_pane_end_search (self);
  else
    list_place (self);
}

ModelPlace *
ui_list_pane_get_place (UiListPane *self)
{
  return ui_list_pane_is_searching (self) ? NULL : self->place;
}

UiSelection *
ui_list_pane_get_selection (UiListPane *self)
{
  return self->selection;
}

void
ui_list_pane_show_message (UiListPane *self,
                           gint64      message_id)
{
  self->wanted_message = message_id;
  if (self->messages != NULL)
    show_wanted_message (self);
}

/* --- searching --- */

gboolean
ui_list_pane_is_searching (UiListPane *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->titles), "search") == 0;
}

static void
stop_looking (UiListPane *self)
{
  g_cancellable_cancel (self->searching);
  g_clear_object (&self->searching);
}

static void
found_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(UiListPane) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) ids = model_search_finish (MODEL_STORE (object), result, &error);
  StoreView view = { .kind = STORE_VIEW_MESSAGES, .account_id = STORE_ACCOUNT_ANY };

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->searching);
  if (ids == NULL)
    {
      adw_status_page_set_description (self->failed, error->message);
      gtk_stack_set_visible_child_name (self->stack, "failed");
      return;
    }
  view.message_ids = (const gint64 *) ids->data;
  view.n_message_ids = ids->len;
  list_messages (self, &view, MODEL_PEOPLE_SENDERS);
}

static void
on_search_changed (UiListPane *self)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  if (!ui_list_pane_is_searching (self))
    return;
  stop_looking (self);
  if (*typed == '\0')
    {
      list_messages (self, NULL, MODEL_PEOPLE_SENDERS);
      return;
    }
  self->searching = g_cancellable_new ();
  model_search_async (self->store, typed, self->searching, found_cb, g_object_ref (self));
}

static gint64
get_selected_message (UiListPane *self)
{
  guint first = self->selection != NULL ? ui_selection_get_first (self->selection) : GTK_INVALID_LIST_POSITION;
  const StoreEntry *entry = self->messages != NULL ? model_messages_peek_entry (self->messages, first) : NULL;

  return entry != NULL ? entry->message_id : 0;
}

static void
show_chips (UiListPane *self)
{
  /* Translators: a suggestion below the search field; %s is the name of a folder. */
  g_autofree char *label = self->place != NULL ? g_strdup_printf (_("In: %s"), model_place_peek (self->place)->title) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->chip_in), self->place != NULL
                          && model_place_peek (self->place)->kind == MODEL_PLACE_FOLDER);
  if (label != NULL)
    gtk_button_set_label (self->chip_in, label);
}

void
ui_list_pane_search (UiListPane *self)
{
  if (self->store == NULL)
    return;
  if (!ui_list_pane_is_searching (self))
    {
      self->message_before = get_selected_message (self);
      gtk_stack_set_visible_child_name (self->titles, "search");
      gtk_widget_set_visible (self->chips, TRUE);
      gtk_widget_set_visible (self->compose, FALSE);
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->search), TRUE);
      show_chips (self);
      show_drafts (self, NULL);
    }
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

void
ui_list_pane_end_search (UiListPane *self)
{
  if (!ui_list_pane_is_searching (self))
    return;
  stop_looking (self);
  gtk_stack_set_visible_child_name (self->titles, "title");
  gtk_widget_set_visible (self->chips, FALSE);
  gtk_widget_set_visible (self->compose, gtk_widget_get_visible (self->back));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->search), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  gtk_label_set_text (self->found, "");
  self->wanted_message = self->message_before;
  list_place (self);
  ui_list_pane_grab_focus (self);
}

static void
on_search_toggled (UiListPane *self)
{
  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->search)))
    ui_list_pane_search (self);
  else
    ui_list_pane_end_search (self);
}

/* The operators stand in the field, where a person learns them. */
static void
add_operator (UiListPane *self,
              const char *operator)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autofree char *text = strstr (typed, operator) != NULL ? g_strdup (typed) : g_strdup_printf ("%s %s ", operator, typed);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), g_strchug (text));
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

static void
on_chip_in (UiListPane *self)
{
  g_autofree char *operator = g_strdup_printf ("in:\"%s\"", model_place_peek (self->place)->title);

  add_operator (self, operator);
}

static void
on_chip_unread (UiListPane *self)
{
  add_operator (self, "is:unread");
}

static void
on_chip_starred (UiListPane *self)
{
  add_operator (self, "is:starred");
}

static void
on_chip_attachment (UiListPane *self)
{
  add_operator (self, "has:attachment");
}

void
ui_list_pane_grab_focus (UiListPane *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

void
ui_list_pane_set_folded (UiListPane *self,
                         gboolean    is_folded)
{
  gtk_widget_set_visible (self->back, is_folded);
  gtk_widget_set_visible (self->compose, is_folded && !ui_list_pane_is_searching (self));
}

void
ui_list_pane_set_welcoming (UiListPane *self,
                            gboolean    is_welcoming)
{
  if (self->is_welcoming == is_welcoming)
    return;
  self->is_welcoming = is_welcoming;
  show_content (self);
}

void
ui_list_pane_set_alone (UiListPane *self,
                        gboolean    is_alone)
{
  gtk_list_view_set_single_click_activate (self->view, is_alone);
  adw_header_bar_set_show_end_title_buttons (self->header, is_alone);
}

/* --- life --- */

static GtkWidget *
shape_new (void)
{
  GtkWidget *shape = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  static const int widths[] = { 160, 240, 290 };

  for (gsize i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

      gtk_widget_set_size_request (bar, widths[i], 9);
      gtk_widget_set_halign (bar, GTK_ALIGN_START);
      gtk_widget_add_css_class (bar, "grey-bar");
      gtk_box_append (GTK_BOX (shape), bar);
    }
  gtk_widget_add_css_class (shape, "grey-shape");
  return shape;
}

static void
ui_list_pane_dispose (GObject *object)
{
  UiListPane *self = UI_LIST_PANE (object);

  if (self->place != NULL)
    g_signal_handlers_disconnect_by_data (self->place, self);
  drop_messages (self);
  stop_looking (self);
  g_clear_object (&self->place);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (ui_list_pane_parent_class)->dispose (object);
}

static void
ui_list_pane_class_init (UiListPaneClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (UI_TYPE_DRAFTS_LIST);
  G_OBJECT_CLASS (class)->dispose = ui_list_pane_dispose;
  signals[SELECTION_CHANGED] = g_signal_new ("selection-changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                             NULL, NULL, G_TYPE_NONE, 0);
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/list-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, UiListPane, header);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, title);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, found);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, chip_in);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, chips);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, entry);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, titles);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, back);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, compose);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, progress);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, progress_words);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, search);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, drafts);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, stack);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, view);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, shapes);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, empty);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, failed);
  gtk_widget_class_bind_template_callback (widget_class, on_setup_row);
  gtk_widget_class_bind_template_callback (widget_class, on_bind_row);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind_row);
  gtk_widget_class_bind_template_callback (widget_class, ui_list_pane_end_search);
  gtk_widget_class_bind_template_callback (widget_class, ui_list_pane_grab_focus);
  gtk_widget_class_bind_template_callback (widget_class, on_chip_attachment);
  gtk_widget_class_bind_template_callback (widget_class, on_chip_starred);
  gtk_widget_class_bind_template_callback (widget_class, on_chip_unread);
  gtk_widget_class_bind_template_callback (widget_class, on_chip_in);
  gtk_widget_class_bind_template_callback (widget_class, on_search_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
}

static void
ui_list_pane_init (UiListPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < LOADING_SHAPES; i++)
    gtk_box_append (self->shapes, shape_new ());
}
