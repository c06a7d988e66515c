/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reader-head.h"

#include "base/clock.h"
#include "model/when.h"
#include "ui/where-mark.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#define NAMES_SHOWN 3                  /* recipients in the line under the sender */
#define NAME_SHOWN  60                 /* characters of the sender's name */

struct _UiReaderHead {
  GtkBox         parent_instance;

  ModelMessage  *message;
  ModelReading  *reading;

  AdwAvatar     *avatar;
  GtkLabel      *sender;
  GtkLabel      *recipients;
  GtkLabel      *date;
  GtkButton     *star;
  GtkWidget     *where_pill;
  GtkMenuButton *pill;
  UiWhereMark   *mark;
  GtkLabel      *where;
  GtkBox        *places;
  GtkRevealer   *revealer;
  GtkGrid       *people;
  GtkLabel      *fields;
};

G_DEFINE_FINAL_TYPE (UiReaderHead, ui_reader_head, GTK_TYPE_BOX)

enum { PROP_DETAILS = 1, N_PROPS };
static GParamSpec *props[N_PROPS];

/* --- people --- */

/* A name in another direction must not reorder the sentence around it. */
#define ISOLATED(text) "\u2068" text "\u2069"

/* The address wraps rather than vanishes: its domain says more than any name. */
static void
show_sender (UiReaderHead *self,
             const char   *name,
             const char   *address)
{
  gboolean has_name = *name != '\0';
  const char *shown = has_name ? name : *address != '\0' ? address : _("(no sender)");
  gsize length = (gsize) (g_utf8_offset_to_pointer (shown,
                                                    MIN (NAME_SHOWN, g_utf8_strlen (shown, -1))) - shown);
  g_autofree char *cut = g_strndup (shown, length);
  g_autofree char *markup = g_markup_printf_escaped ("<b>" ISOLATED ("%s%s") "</b>", cut,
                                                     shown[length] != '\0' ? "…" : "");
  g_autofree char *dimmed = NULL;
  g_autofree char *both = NULL;

  if (has_name && *address != '\0')
    dimmed = g_markup_printf_escaped (
      "  <span size=\"88%%\" alpha=\"72%%\" insert_hyphens=\"false\">" ISOLATED ("%s") "</span>", address);
  both = g_strconcat (markup, dimmed, NULL);
  adw_avatar_set_text (self->avatar, shown);
  gtk_label_set_markup (self->sender, both);
}

static char *
dup_recipients (ModelReading *reading)
{
  GPtrArray *addresses = model_reading_peek (reading)->addresses;
  g_autoptr(GString) names = g_string_new (NULL);
  guint count = 0;

  for (guint i = 0; i < addresses->len; i++)
    {
      const MimeAddress *address = addresses->pdata[i];
      g_autofree char *name = NULL;

      if (address->role != MIME_ROLE_TO && address->role != MIME_ROLE_CC && address->role != MIME_ROLE_BCC)
        continue;
      if (++count > NAMES_SHOWN)
        continue;
      name = mime_address_dup_label (address);
      g_string_append_printf (names, "%s" ISOLATED ("%s"), names->len > 0 ? ", " : "", name);
    }
  if (count == 0)
    return g_strdup (_("to nobody named"));
  if (count <= NAMES_SHOWN)
    /* Translators: under the sender's name; %s is one or more names. */
    return g_strdup_printf (_("to %s"), names->str);
  /* Translators: under the sender's name; %s is three names. */
  return g_strdup_printf (ngettext ("to %s and %u more", "to %s and %u more", count - NAMES_SHOWN),
                          names->str, count - NAMES_SHOWN);
}

static void
show_recipients (UiReaderHead *self,
                 const char   *text)
{
  gtk_label_set_label (self->recipients, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->recipients), text);
}

static void
show_date (UiReaderHead *self,
           gint64        when)
{
  g_autofree char *words = model_when_dup_short (when, base_clock_now ());
  g_autofree char *full = model_when_dup_long (when);

  gtk_label_set_label (self->date, words);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->date), full);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->date), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, full, -1);
}

/* --- whereabouts --- */

static const char *
get_folder_name (const ModelReadingPlace *place)
{
  switch (place->role)
    {
    case STORE_ROLE_INBOX:
      return _("Inbox");
    case STORE_ROLE_SENT:
      return _("Sent");
    case STORE_ROLE_DRAFTS:
      return _("Drafts");
    case STORE_ROLE_TRASH:
      return _("Trash");
    case STORE_ROLE_JUNK:
      return _("Junk");
    case STORE_ROLE_ARCHIVE:
      return _("Archive");
    case STORE_ROLE_OUTBOX:
      return _("Outbox");
    case STORE_ROLE_RECOVERED:
      return _("Recovered");
    case STORE_ROLE_NONE:
    case STORE_ROLE_ALL:
    case STORE_ROLE_FLAGGED:
    case STORE_ROLE_IMPORTANT:
      return place->folder;
    }
  return place->folder;
}

static const char *
get_removal (StoreCause cause)
{
  switch (cause)
    {
    case STORE_BY_RULE:
      return _("Removed from the server by a rule, %s");
    case STORE_BY_ELSEWHERE:
      return _("Removed by another program, noticed %s");
    case STORE_BY_USER:
    case STORE_BY_MOVE:
    case STORE_BY_RENUMBERING:
    case STORE_BY_ACCOUNT:
    case STORE_BY_PENFOLD:
      return _("No longer on the server since %s");
    }
  return _("No longer on the server since %s");
}

static void
add_fact (UiReaderHead *self,
          const char   *text,
          const char   *style)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (text));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_max_width_chars (label, 44);
  gtk_widget_add_css_class (GTK_WIDGET (label), style);
  gtk_box_append (self->places, GTK_WIDGET (label));
}

static void
add_dated_fact (UiReaderHead *self,
                const char   *format,
                gint64        when)
{
  g_autofree char *words = when != 0 ? model_when_dup_long (when) : NULL;
  g_autofree char *text = NULL;

  if (words == NULL)
    return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_printf (format, words);
#pragma GCC diagnostic pop
  add_fact (self, text, "dim-label");
}

static void
show_places (UiReaderHead *self)
{
  GPtrArray *places = self->reading != NULL ? model_reading_peek (self->reading)->places : NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->places))) != NULL)
    gtk_box_remove (self->places, child);
  for (guint i = 0; places != NULL && i < places->len; i++)
    {
      const ModelReadingPlace *place = places->pdata[i];

      add_fact (self, get_folder_name (place), "strong");
      if (place->is_on_server)
        add_fact (self, place->is_pinned ? _("Kept on the server") : _("On the server"), "dim-label");
      add_dated_fact (self, _("Stored on this computer %s"), place->stored_at);
      add_dated_fact (self, _("Compared with the server’s copy %s: identical"), place->verified_at);
      if (!place->is_on_server)
        add_dated_fact (self, get_removal (place->removed_by), place->removed_at);
    }
}

static void
show_where (UiReaderHead *self)
{
  gint64 now = base_clock_now ();
  g_autofree char *words = NULL;
  ModelWhere where;

  model_message_get_where (self->message, &where);
  words = model_where_dup_words (&where, now);
  ui_where_mark_set_where (self->mark, &where, now);
  gtk_label_set_label (self->where, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->pill), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

/* --- the whole header --- */

static const char *
get_role_name (MimeRole role)
{
  switch (role)
    {
    case MIME_ROLE_FROM:
      return _("From");
    case MIME_ROLE_SENDER:
      return _("Sent by");
    case MIME_ROLE_REPLY_TO:
      return _("Reply to");
    case MIME_ROLE_TO:
      return _("To");
    case MIME_ROLE_CC:
      return _("Cc");
    case MIME_ROLE_BCC:
      return _("Bcc");
    }
  return "";
}

static void
add_detail (UiReaderHead *self,
            int           row,
            const char   *name,
            const char   *value)
{
  GtkLabel *title = GTK_LABEL (gtk_label_new (name));
  GtkLabel *text = GTK_LABEL (gtk_label_new (value));

  gtk_label_set_xalign (title, 1);
  gtk_label_set_yalign (title, 0);
  gtk_widget_add_css_class (GTK_WIDGET (title), "dim-label");
  gtk_label_set_xalign (text, 0);
  gtk_label_set_wrap (text, TRUE);
  gtk_label_set_wrap_mode (text, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (text, TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (text), TRUE);
  gtk_grid_attach (self->people, GTK_WIDGET (title), 0, row, 1, 1);
  gtk_grid_attach (self->people, GTK_WIDGET (text), 1, row, 1, 1);
}

static char *
dup_all_with_role (GPtrArray *addresses,
                   MimeRole   role)
{
  g_autoptr(GString) all = g_string_new (NULL);

  for (guint i = 0; i < addresses->len; i++)
    {
      const MimeAddress *address = addresses->pdata[i];
      g_autofree char *full = address->role == role ? mime_address_dup_full (address) : NULL;

      if (full != NULL)
        g_string_append_printf (all, "%s" ISOLATED ("%s"), all->len > 0 ? ", " : "", full);
    }
  return all->len > 0 ? g_string_free (g_steal_pointer (&all), FALSE) : NULL;
}

static void
show_people (UiReaderHead            *self,
             const ModelReadingFacts *facts)
{
  int row = 0;

  for (MimeRole role = MIME_ROLE_FROM; role <= MIME_ROLE_BCC; role++)
    {
      g_autofree char *all = dup_all_with_role (facts->addresses, role);

      if (all != NULL)
        add_detail (self, row++, get_role_name (role), all);
    }
  if (facts->date != MIME_DATE_NONE)
    {
      g_autofree char *written = model_when_dup_long (facts->date);

      add_detail (self, row++, _("Written"), written);
    }
  if (facts->arrived_at != 0)
    {
      g_autofree char *arrived = model_when_dup_long (facts->arrived_at);

      add_detail (self, row++, _("Arrived"), arrived);
    }
}

static void
show_fields (UiReaderHead            *self,
             const ModelReadingFacts *facts)
{
  g_autoptr(GString) markup = g_string_new (NULL);

  for (guint i = 0; i < facts->fields->len; i++)
    {
      const ModelField *field = facts->fields->pdata[i];
      g_autofree char *line = g_markup_printf_escaped ("%s<b>%s:</b> %s", i > 0 ? "\n" : "", field->name,
                                                       field->value);

      g_string_append (markup, line);
    }
  gtk_label_set_markup (self->fields, markup->str);
}

static void
show_details (UiReaderHead *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->people))) != NULL)
    gtk_grid_remove (self->people, child);
  gtk_label_set_label (self->fields, "");
  if (self->reading == NULL || !gtk_revealer_get_reveal_child (self->revealer))
    return;
  show_people (self, model_reading_peek (self->reading));
  show_fields (self, model_reading_peek (self->reading));
}

/* --- from outside --- */

static void
show_star (UiReaderHead *self)
{
  gboolean is_starred = (model_message_get_flags (self->message) & STORE_FLAG_FLAGGED) != 0;
  const char *name = is_starred ? _("Remove Star") : _("Add Star");

  gtk_button_set_icon_name (self->star, is_starred ? "starred-symbolic" : "non-starred-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->star), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->star), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (is_starred)
    gtk_widget_add_css_class (GTK_WIDGET (self->star), "star");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->star), "star");
}

void
ui_reader_head_set_message (UiReaderHead *self,
                            ModelMessage *message)
{
  const StoreRow *row = message != NULL ? model_message_peek_row (message) : NULL;

  g_set_object (&self->message, message);
  gtk_widget_set_visible (GTK_WIDGET (self->star), row != NULL);
  gtk_widget_set_visible (self->where_pill, row != NULL);
  if (row == NULL)
    return;
  show_star (self);
  show_where (self);
  if (self->reading != NULL)
    return;
  show_sender (self, row->from_name, row->from_address);
  show_recipients (self, "");
  show_date (self, row->arrived_at);
}

void
ui_reader_head_set_reading (UiReaderHead *self,
                            ModelReading *reading)
{
  const MimeAddress *from = reading != NULL ? model_reading_peek_address (reading, MIME_ROLE_FROM) : NULL;
  g_autofree char *recipients = NULL;

  g_set_object (&self->reading, reading);
  show_details (self);
  show_places (self);
  if (reading == NULL)
    return;
  recipients = dup_recipients (reading);
  show_sender (self, from != NULL ? from->name : "", from != NULL ? from->address : "");
  show_recipients (self, recipients);
  show_date (self, model_reading_peek (reading)->arrived_at);
}

/* --- life --- */

static void
ui_reader_head_get_property (GObject    *object,
                             guint       id,
                             GValue     *value,
                             GParamSpec *spec)
{
  UiReaderHead *self = UI_READER_HEAD (object);

  g_value_set_boolean (value, gtk_revealer_get_reveal_child (self->revealer));
}

static void
ui_reader_head_set_property (GObject      *object,
                             guint         id,
                             const GValue *value,
                             GParamSpec   *spec)
{
  UiReaderHead *self = UI_READER_HEAD (object);

  gtk_revealer_set_reveal_child (self->revealer, g_value_get_boolean (value));
  show_details (self);
}

static void
ui_reader_head_dispose (GObject *object)
{
  UiReaderHead *self = UI_READER_HEAD (object);

  g_clear_object (&self->message);
  g_clear_object (&self->reading);
  G_OBJECT_CLASS (ui_reader_head_parent_class)->dispose (object);
}

static void
ui_reader_head_class_init (UiReaderHeadClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->get_property = ui_reader_head_get_property;
  G_OBJECT_CLASS (class)->set_property = ui_reader_head_set_property;
  G_OBJECT_CLASS (class)->dispose = ui_reader_head_dispose;
  props[PROP_DETAILS] = g_param_spec_boolean ("details", NULL, NULL, FALSE,
                                              G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPS, props);
  gtk_widget_class_install_property_action (widget_class, "head.details", "details");
  g_type_ensure (UI_TYPE_WHERE_MARK);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/reader-head.ui");
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, avatar);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, sender);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, recipients);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, date);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, star);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, where_pill);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, pill);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, mark);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, where);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, places);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, revealer);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, people);
  gtk_widget_class_bind_template_child (widget_class, UiReaderHead, fields);
}

static void
ui_reader_head_init (UiReaderHead *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->sender), GTK_ACCESSIBLE_PROPERTY_LEVEL, 2, -1);
}
