/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/address-entry.h"

#include "ui/address-chip.h"
#include "ui/wrap-box.h"

#include <string.h>

#define OFFERS_MAX 6
#define POINTED_AT 60                  /* pixels of the text that the offers stand below */
#define SPACING    6
#define LINES_MAX  4                   /* more recipients scroll: the letter keeps its room */
#define TYPING_MIN 3                   /* characters that have room beside the last chip; more get a line of
                                        * their own */
#define TYPING_MAX 30

struct _UiAddressEntry {
  GtkWidget     parent_instance;

  ModelStore   *store;
  GCancellable *completing;
  gboolean      is_setting;

  GtkWidget    *scroller;
  UiWrapBox    *box;
  GtkText      *text;
  GtkPopover   *popover;
  GtkListBox   *offers;
};

G_DEFINE_FINAL_TYPE (UiAddressEntry, ui_address_entry, GTK_TYPE_WIDGET)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
emit_changed (UiAddressEntry *self)
{
  if (!self->is_setting)
    g_signal_emit (self, signals[CHANGED], 0);
}

/* --- what was typed (pure) ------------------------------------------------------------------------------ */

/* The "Weber" of: Weber, Mia <mia@example.org>.  Not more than one word may follow: else two people were
 * meant, one of them without an address. */
static gboolean
is_half_a_name (const MimeAddress *address,
                const MimeAddress *next)
{
  return *address->address == '\0' && *address->name != '\0' && *next->address != '\0' && *next->name != '\0'
         && strpbrk (next->name, ", ") == NULL;
}

GPtrArray *
ui_address_entry_split (const char *typed)
{
  g_autoptr(GPtrArray) parsed = mime_addresses_parse (MIME_ROLE_TO, typed);
  GPtrArray *addresses = mime_addresses_new ();

  for (guint i = 0; i < parsed->len; i++)
    {
      const MimeAddress *address = parsed->pdata[i];
      const MimeAddress *next = i + 1 < parsed->len ? parsed->pdata[i + 1] : NULL;

      if (next != NULL && is_half_a_name (address, next))
        {
          g_autofree char *name = g_strdup_printf ("%s, %s", address->name, next->name);

          g_ptr_array_add (addresses, mime_address_new (MIME_ROLE_TO, name, next->address));
          i++;
        }
      else
        g_ptr_array_add (addresses, mime_address_copy (address));
    }
  return addresses;
}

/* The place of the last separator that is not within quotes or <>; NULL if there is none. */
static const char *
find_last_separator (const char *typed)
{
  gboolean is_quoted = FALSE, is_angle = FALSE;
  const char *last = NULL;

  for (const char *p = typed; *p != '\0'; p++)
    {
      if (*p == '\\' && is_quoted && p[1] != '\0')
        p++;
      else if (*p == '"')
        is_quoted = !is_quoted;
      else if (!is_quoted && (*p == '<' || *p == '>'))
        is_angle = *p == '<';
      else if (!is_quoted && !is_angle && strchr (",;\n", *p) != NULL)
        last = p;
    }
  return last;
}

static gboolean
are_all_valid (GPtrArray *addresses)
{
  for (guint i = 0; i < addresses->len; i++)
    if (!mime_address_is_valid (((MimeAddress *) addresses->pdata[i])->address))
      return FALSE;
  return TRUE;
}

/* --- chips ---------------------------------------------------------------------------------------------- */

static UiAddressChip *
get_last_chip (UiAddressEntry *self)
{
  GtkWidget *before = gtk_widget_get_prev_sibling (GTK_WIDGET (self->text));

  return before != NULL ? UI_ADDRESS_CHIP (before) : NULL;
}

static void
on_remove_chip (UiAddressEntry *self,
                UiAddressChip  *chip)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->text));
  gtk_widget_unparent (GTK_WIDGET (chip));
  emit_changed (self);
}

static void
set_typed (UiAddressEntry *self,
           const char     *typed)
{
  gtk_editable_set_text (GTK_EDITABLE (self->text), typed);
  gtk_editable_set_position (GTK_EDITABLE (self->text), -1);
}

/* What is being typed becomes a chip first. */
static void
on_edit_chip (UiAddressEntry *self,
              UiAddressChip  *chip)
{
  g_autofree char *full = mime_address_dup_full (ui_address_chip_peek_address (chip));

  ui_address_entry_commit (self);
  gtk_widget_unparent (GTK_WIDGET (chip));
  gtk_widget_grab_focus (GTK_WIDGET (self->text));
  set_typed (self, full);
  emit_changed (self);
}

static void
add_chips (UiAddressEntry *self,
           GPtrArray      *addresses)
{
  for (guint i = 0; i < addresses->len; i++)
    {
      GtkWidget *chip = ui_address_chip_new (mime_address_copy (addresses->pdata[i]));

      g_signal_connect_swapped (chip, "remove", G_CALLBACK (on_remove_chip), self);
      g_signal_connect_swapped (chip, "edit", G_CALLBACK (on_edit_chip), self);
      ui_wrap_box_insert_after (self->box, chip, gtk_widget_get_prev_sibling (GTK_WIDGET (self->text)));
    }
}

void
ui_address_entry_commit (UiAddressEntry *self)
{
  g_autofree char *typed = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->text)));
  g_autoptr(GPtrArray) addresses = ui_address_entry_split (typed);

  gtk_popover_popdown (self->popover);
  if (addresses->len == 0)
    return;
  add_chips (self, addresses);
  set_typed (self, "");
}

/* --- completion ----------------------------------------------------------------------------------------- */

static GtkWidget *
offer_row_new (const StoreContact *contact)
{
  MimeAddress *address = mime_address_new (MIME_ROLE_TO, contact->name, contact->email);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *name = gtk_label_new (*contact->name != '\0' ? contact->name : contact->email);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (name), 44);
  gtk_box_append (GTK_BOX (line), name);
  if (*contact->name != '\0')
    {
      GtkWidget *email = gtk_label_new (contact->email);

      gtk_label_set_xalign (GTK_LABEL (email), 0);
      gtk_label_set_ellipsize (GTK_LABEL (email), PANGO_ELLIPSIZE_END);
      gtk_label_set_max_width_chars (GTK_LABEL (email), 44);
      gtk_widget_add_css_class (email, "small");
      gtk_widget_add_css_class (email, "dim-label");
      gtk_box_append (GTK_BOX (line), email);
    }
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), line);
  g_object_set_data_full (G_OBJECT (row), "address", address, (GDestroyNotify) mime_address_free);
  return row;
}

static void
take_offer (UiAddressEntry *self,
            GtkListBoxRow  *row)
{
  g_autoptr(GPtrArray) chosen = mime_addresses_new ();

  g_ptr_array_add (chosen, mime_address_copy (g_object_get_data (G_OBJECT (row), "address")));
  gtk_popover_popdown (self->popover);
  add_chips (self, chosen);
  set_typed (self, "");
  emit_changed (self);
}

static void
show_offers (UiAddressEntry *self,
             GPtrArray      *contacts)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->offers, 0)) != NULL)
    gtk_list_box_remove (self->offers, GTK_WIDGET (row));
  for (guint i = 0; i < contacts->len; i++)
    gtk_list_box_append (self->offers, offer_row_new (contacts->pdata[i]));
  if (contacts->len == 0 || !gtk_widget_has_focus (GTK_WIDGET (self->text)))
    {
      gtk_popover_popdown (self->popover);
      return;
    }
  gtk_list_box_select_row (self->offers, gtk_list_box_get_row_at_index (self->offers, 0));
  gtk_popover_popup (self->popover);
}

static void
offers_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiAddressEntry) self = data;
  g_autoptr(GPtrArray) contacts = model_contacts_complete_finish (MODEL_STORE (object), result, NULL);

  if (contacts != NULL && gtk_widget_get_root (GTK_WIDGET (self)) != NULL)
    show_offers (self, contacts);
}

static void
complete (UiAddressEntry *self)
{
  g_autofree char *typed = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->text))));

  g_cancellable_cancel (self->completing);
  g_clear_object (&self->completing);
  if (self->store == NULL || *typed == '\0')
    {
      gtk_popover_popdown (self->popover);
      return;
    }
  self->completing = g_cancellable_new ();
  model_contacts_complete_async (self->store, typed, OFFERS_MAX, self->completing, offers_cb,
                                 g_object_ref (self));
}

static void
move_offer (UiAddressEntry *self,
            int             by)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->offers);
  int index = row != NULL ? gtk_list_box_row_get_index (row) + by : 0;

  if ((row = gtk_list_box_get_row_at_index (self->offers, index)) != NULL)
    gtk_list_box_select_row (self->offers, row);
}

/* --- typing --------------------------------------------------------------------------------------------- */

/* GtkText wants 150 pixels unless both are said. */
static void
set_room (UiAddressEntry *self,
          int             n_chars)
{
  int n = CLAMP (n_chars, TYPING_MIN, TYPING_MAX);

  gtk_editable_set_width_chars (GTK_EDITABLE (self->text), n);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->text), n);
}

static void
on_typed (UiAddressEntry *self)
{
  g_autofree char *typed = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->text)));
  const char *separator = find_last_separator (typed);
  g_autofree char *whole = g_strndup (typed, separator != NULL ? (gsize) (separator - typed) : 0);
  g_autoptr(GPtrArray) addresses = ui_address_entry_split (whole);

  set_room (self, (int) g_utf8_strlen (typed, -1) + 2);
  if (*typed == ' ')                     /* after a comma */
    {
      set_typed (self, typed + strspn (typed, " "));
      return;
    }
  if (separator != NULL && are_all_valid (addresses))
    {
      add_chips (self, addresses);
      set_typed (self, separator + 1 + strspn (separator + 1, " \n"));
    }
  else
    complete (self);
  emit_changed (self);
}

static gboolean
press_in_offers (UiAddressEntry *self,
                 guint           key)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->offers);

  switch (key)
    {
    case GDK_KEY_Down:
      move_offer (self, 1);
      return TRUE;
    case GDK_KEY_Up:
      move_offer (self, -1);
      return TRUE;
    case GDK_KEY_Escape:
      gtk_popover_popdown (self->popover);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_Tab:
      if (row == NULL)
        return FALSE;
      take_offer (self, row);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
is_at_start (UiAddressEntry *self)
{
  int start, end;

  return !gtk_editable_get_selection_bounds (GTK_EDITABLE (self->text), &start, &end)
         && gtk_editable_get_position (GTK_EDITABLE (self->text)) == 0;
}

static gboolean
on_key (UiAddressEntry  *self,
        guint            key,
        guint            code,
        GdkModifierType  modifiers)
{
  gboolean is_typed = *gtk_editable_get_text (GTK_EDITABLE (self->text)) != '\0';
  UiAddressChip *chip = get_last_chip (self);

  if ((modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)) != 0)
    return FALSE;
  if (gtk_widget_get_visible (GTK_WIDGET (self->popover)) && press_in_offers (self, key))
    return TRUE;
  switch (key)
    {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      ui_address_entry_commit (self);
      emit_changed (self);
      return is_typed;
    case GDK_KEY_BackSpace:
      if (is_typed || chip == NULL)
        return FALSE;
      on_edit_chip (self, chip);
      return TRUE;
    case GDK_KEY_Left:
      return chip != NULL && is_at_start (self) && gtk_widget_grab_focus (GTK_WIDGET (chip));
    default:
      return FALSE;
    }
}

static void
on_leave (UiAddressEntry *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->text)) == '\0')
    return;
  ui_address_entry_commit (self);
  emit_changed (self);
}

/* --- value ---------------------------------------------------------------------------------------------- */

void
ui_address_entry_set_text (UiAddressEntry *self,
                           const char     *text)
{
  g_autoptr(GPtrArray) addresses = mime_addresses_parse (MIME_ROLE_TO, text);
  UiAddressChip *chip;

  self->is_setting = TRUE;
  while ((chip = get_last_chip (self)) != NULL)
    gtk_widget_unparent (GTK_WIDGET (chip));
  set_typed (self, "");
  add_chips (self, addresses);
  self->is_setting = FALSE;
}

char *
ui_address_entry_dup_text (UiAddressEntry *self)
{
  g_autofree char *typed = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->text))));
  GString *out = g_string_new (NULL);

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->box));
       child != GTK_WIDGET (self->text);
       child = gtk_widget_get_next_sibling (child))
    {
      g_autofree char *full = mime_address_dup_full (ui_address_chip_peek_address (UI_ADDRESS_CHIP (child)));

      g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", full);
    }
  if (*typed != '\0')
    g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", typed);
  return g_string_free (out, FALSE);
}

gboolean
ui_address_entry_is_empty (UiAddressEntry *self)
{
  return get_last_chip (self) == NULL && *gtk_editable_get_text (GTK_EDITABLE (self->text)) == '\0';
}

void
ui_address_entry_set_store (UiAddressEntry *self,
                            ModelStore     *store)
{
  g_set_object (&self->store, store);
}

void
ui_address_entry_set_label (UiAddressEntry *self,
                            const char     *label)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

/* --- life ----------------------------------------------------------------------------------------------- */

static gboolean
ui_address_entry_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (UI_ADDRESS_ENTRY (widget)->text));
}

static void
ui_address_entry_measure (GtkWidget      *widget,
                          GtkOrientation  orientation,
                          int             for_size,
                          int            *minimum,
                          int            *natural,
                          int            *minimum_baseline,
                          int            *natural_baseline)
{
  UiAddressEntry *self = UI_ADDRESS_ENTRY (widget);
  int line;

  /* Its answer does not count, but a widget nobody asks swallows the next resize of what is inside. */
  gtk_widget_measure (self->scroller, orientation, -1, minimum, natural, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (self->box), orientation, for_size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    return;
  gtk_widget_measure (GTK_WIDGET (self->text), orientation, -1, NULL, &line, NULL, NULL);
  *minimum = *natural = MIN (*natural, LINES_MAX * (line + SPACING));
}

static GtkSizeRequestMode
ui_address_entry_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ui_address_entry_size_allocate (GtkWidget *widget,
                                int        width,
                                int        height,
                                int        baseline)
{
  UiAddressEntry *self = UI_ADDRESS_ENTRY (widget);
  graphene_rect_t bounds;

  gtk_widget_size_allocate (self->scroller, &(GtkAllocation) { 0, 0, width, height }, baseline);
  if (gtk_widget_compute_bounds (GTK_WIDGET (self->text), widget, &bounds))
    {
      GdkRectangle place = { (int) bounds.origin.x, (int) bounds.origin.y,
                             MIN ((int) bounds.size.width, POINTED_AT), (int) bounds.size.height };

      gtk_popover_set_pointing_to (self->popover, &place);
    }
  gtk_popover_present (self->popover);
}

static void
make_text (UiAddressEntry *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  self->text = GTK_TEXT (gtk_text_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (self->text), TRUE);
  set_room (self, TYPING_MIN);
  gtk_text_set_input_purpose (self->text, GTK_INPUT_PURPOSE_EMAIL);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect_swapped (self->text, "changed", G_CALLBACK (on_typed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->text), keys);
  gtk_widget_add_controller (GTK_WIDGET (self->text), focus);
}

static void
make_popover (UiAddressEntry *self)
{
  self->popover = GTK_POPOVER (gtk_popover_new ());
  self->offers = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_popover_set_autohide (self->popover, FALSE);
  gtk_popover_set_has_arrow (self->popover, FALSE);
  gtk_widget_set_can_focus (GTK_WIDGET (self->popover), FALSE);
  gtk_widget_set_halign (GTK_WIDGET (self->popover), GTK_ALIGN_START);
  gtk_widget_add_css_class (GTK_WIDGET (self->popover), "menu");
  gtk_popover_set_child (self->popover, GTK_WIDGET (self->offers));
  g_signal_connect_swapped (self->offers, "row-activated", G_CALLBACK (take_offer), self);
  gtk_widget_set_parent (GTK_WIDGET (self->popover), GTK_WIDGET (self));
}

static void
ui_address_entry_dispose (GObject *object)
{
  UiAddressEntry *self = UI_ADDRESS_ENTRY (object);

  g_cancellable_cancel (self->completing);
  g_clear_object (&self->completing);
  g_clear_object (&self->store);
  if (self->text != NULL)
    g_signal_handlers_disconnect_by_data (self->text, self);
  g_clear_pointer ((GtkWidget **) &self->popover, gtk_widget_unparent);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (ui_address_entry_parent_class)->dispose (object);
}

static void
ui_address_entry_class_init (UiAddressEntryClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_address_entry_dispose;
  widget_class->grab_focus = ui_address_entry_grab_focus;
  widget_class->measure = ui_address_entry_measure;
  widget_class->size_allocate = ui_address_entry_size_allocate;
  widget_class->get_request_mode = ui_address_entry_get_request_mode;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "addresses");
}

static void
ui_address_entry_init (UiAddressEntry *self)
{
  self->box = UI_WRAP_BOX (ui_wrap_box_new (SPACING));
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->box));
  gtk_widget_set_focusable (self->scroller, FALSE);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  make_popover (self);
  make_text (self);
  ui_wrap_box_append (self->box, GTK_WIDGET (self->text));
}
