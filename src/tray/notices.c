/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tray/notices.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SERVER    "org.freedesktop.Notifications"
#define PATH      "/org/freedesktop/Notifications"
#define MAX_TEXT  200          /* characters of one field */
#define MAX_LINES 3            /* subjects named in a notice about several messages */

/* A notice that is on the desktop, or on its way there. */
typedef struct {
  TrayNotices *notices;
  char        *title;
  char        *body;           /* for a server that shows it as it is */
  char        *marked_body;    /* for one that reads markup */
  guint32      id;             /* of the server; 0: not answered yet */
  GArray      *locations;      /* of gint64: what is still unread of it */
  gint64       first;          /* what a click opens */
  gboolean     is_single;      /* about one message: it can be marked as read and archived */
  gboolean     is_unwanted;    /* withdrawn before the server answered */
  char        *token;          /* of xdg-activation, told before the click; or NULL */
} Shown;

struct _TrayNotices {
  GDBusConnection *bus;
  char            *app_id;
  TrayListener     listener;
  gpointer         data;
  GCancellable    *cancellable;
  guint            signals[3];
  GPtrArray       *shown;      /* of Shown */
};

static void
shown_free (Shown *shown)
{
  g_array_unref (shown->locations);
  g_free (shown->title);
  g_free (shown->body);
  g_free (shown->marked_body);
  g_free (shown->token);
  g_free (shown);
}

/* --- words --- */

/* Printable, on one line, not endless; direction marks stay inside. */
static char *
dup_harmless (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *harmless = g_string_new ("\xe2\x81\xa8");         /* FSI */
  glong n = 0;

  for (const char *p = valid; *p != '\0' && n < MAX_TEXT; p = g_utf8_next_char (p), n++)
    {
      gunichar c = g_utf8_get_char (p);
      GUnicodeType type = g_unichar_type (c);

      if (type == G_UNICODE_CONTROL)
        g_string_append_c (harmless, ' ');
      else if (type != G_UNICODE_FORMAT && type != G_UNICODE_LINE_SEPARATOR
               && type != G_UNICODE_PARAGRAPH_SEPARATOR)
        g_string_append_unichar (harmless, c);
    }
  g_string_append (harmless, "\xe2\x81\xa9");                /* PDI */
  return g_string_free (harmless, FALSE);
}

static void
append_line (GString    *body,
             const char *text,
             gboolean    has_markup)
{
  g_autofree char *harmless = dup_harmless (text);
  g_autofree char *escaped = has_markup ? g_markup_escape_text (harmless, -1) : NULL;

  if (*text == '\0')
    return;
  if (body->len > 0)
    g_string_append_c (body, '\n');
  g_string_append (body, has_markup ? escaped : harmless);
}

static const char *
get_subject (const TrayMail *mail)
{
  return *mail->subject != '\0' ? mail->subject : _("(no subject)");
}

void
tray_notices_write (const TrayNotice  *notice,
                    TrayTelling        telling,
                    gboolean           has_markup,
                    char             **title,
                    char             **body)
{
  const TrayMail *first = notice->mails->pdata[0];
  guint n = notice->mails->len;
  GString *text = g_string_new (NULL);

  if (n == 1 && telling == TRAY_TELL_ALL)
    {
      *title = dup_harmless (*first->sender != '\0' ? first->sender : _("(no sender)"));
      append_line (text, get_subject (first), has_markup);
      append_line (text, first->preview, has_markup);
    }
  else
    {
      /* Translators: a notice about several new messages, as in "Home: 12 new messages". */
      *title = g_strdup_printf (ngettext ("%s: %u new message", "%s: %u new messages", n), first->account, n);
      for (guint i = 0; i < n && i < MAX_LINES && telling == TRAY_TELL_ALL; i++)
        append_line (text, get_subject (notice->mails->pdata[i]), has_markup);
    }
  *body = g_string_free (text, FALSE);
}

/* --- sending --- */

static void
close_shown (TrayNotices *notices,
             Shown       *shown)
{
  if (shown->id != 0)
    g_dbus_connection_call (notices->bus, SERVER, PATH, SERVER, "CloseNotification",
                            g_variant_new ("(u)", shown->id), NULL,
                            G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
  else
    shown->is_unwanted = TRUE;
}

static void
notify_cb (GObject      *bus,
           GAsyncResult *result,
           gpointer      data)
{
  Shown *shown = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      g_debug ("No notice of new mail: %s", error->message);
      g_ptr_array_remove (shown->notices->shown, shown);
      return;
    }
  g_variant_get (reply, "(u)", &shown->id);
  if (shown->is_unwanted)
    close_shown (shown->notices, shown);
}

static GVariant *
write_actions (const Shown *shown)
{
  GVariantBuilder actions;

  g_variant_builder_init (&actions, G_VARIANT_TYPE_STRING_ARRAY);
  g_variant_builder_add (&actions, "s", "default");
  g_variant_builder_add (&actions, "s", _("Open"));
  if (shown->is_single)
    {
      g_variant_builder_add (&actions, "s", "read");
      g_variant_builder_add (&actions, "s", _("Mark as Read"));
      g_variant_builder_add (&actions, "s", "archive");
      g_variant_builder_add (&actions, "s", _("Archive"));
    }
  return g_variant_builder_end (&actions);
}

static GVariant *
write_hints (TrayNotices *notices)
{
  GVariantBuilder hints;

  g_variant_builder_init (&hints, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&hints, "{sv}", "desktop-entry", g_variant_new_string (notices->app_id));
  g_variant_builder_add (&hints, "{sv}", "category", g_variant_new_string ("email.arrived"));
  /* Never critical: such popups stay for ever on some desktops. */
  g_variant_builder_add (&hints, "{sv}", "urgency", g_variant_new_byte (1));
  return g_variant_builder_end (&hints);
}

static void
send_shown (Shown    *shown,
            gboolean  has_actions,
            gboolean  has_markup)
{
  TrayNotices *notices = shown->notices;
  GVariant *actions = has_actions ? write_actions (shown) : g_variant_new_strv (NULL, 0);

  g_dbus_connection_call (notices->bus, SERVER, PATH, SERVER, "Notify",
                          g_variant_new ("(susss@as@a{sv}i)", "Penfold", 0, notices->app_id, shown->title,
                                         has_markup ? shown->marked_body : shown->body, actions,
                                         write_hints (notices), -1),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, notices->cancellable, notify_cb,
                          shown);
}

/* A server that does not say what it can gets a notice without buttons, and with markup escaped: seeing
 * "&amp;" is better than obeying a stranger's tags. */
static void
capabilities_cb (GObject      *bus,
                 GAsyncResult *result,
                 gpointer      data)
{
  Shown *shown = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);
  g_autofree const char **names = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (shown->is_unwanted)
    {
      g_ptr_array_remove (shown->notices->shown, shown);
      return;
    }
  if (reply == NULL)
    {
      send_shown (shown, FALSE, TRUE);
      return;
    }
  g_variant_get (reply, "(^a&s)", &names);
  send_shown (shown, g_strv_contains (names, "actions"), g_strv_contains (names, "body-markup"));
}

static Shown *
shown_new (TrayNotices      *notices,
           const TrayNotice *notice,
           TrayTelling       telling)
{
  Shown *shown = g_new0 (Shown, 1);
  g_autofree char *title = NULL;

  shown->notices = notices;
  shown->locations = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < notice->mails->len; i++)
    g_array_append_val (shown->locations, ((TrayMail *) notice->mails->pdata[i])->location_id);
  shown->first = g_array_index (shown->locations, gint64, 0);
  shown->is_single = notice->mails->len == 1;
  tray_notices_write (notice, telling, FALSE, &shown->title, &shown->body);
  tray_notices_write (notice, telling, TRUE, &title, &shown->marked_body);
  g_ptr_array_add (notices->shown, shown);
  return shown;
}

/* What the server can is asked each time: another one may have taken its place. */
void
tray_notices_send (TrayNotices      *notices,
                   const TrayNotice *notice,
                   TrayTelling       telling)
{
  g_dbus_connection_call (notices->bus, SERVER, PATH, SERVER, "GetCapabilities", NULL,
                          G_VARIANT_TYPE ("(as)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, notices->cancellable, capabilities_cb,
                          shown_new (notices, notice, telling));
}

void
tray_notices_withdraw (TrayNotices *notices,
                       gint64       location_id)
{
  for (guint i = notices->shown->len; i > 0; i--)
    {
      Shown *shown = notices->shown->pdata[i - 1];

      for (guint n = shown->locations->len; n > 0; n--)
        if (g_array_index (shown->locations, gint64, n - 1) == location_id)
          g_array_remove_index (shown->locations, n - 1);
      if (shown->locations->len == 0)
        close_shown (notices, shown);
    }
}

void
tray_notices_withdraw_all (TrayNotices *notices)
{
  for (guint i = 0; i < notices->shown->len; i++)
    close_shown (notices, notices->shown->pdata[i]);
}

/* --- what the server says --- */

static Shown *
find_shown (TrayNotices *notices,
            guint32      id)
{
  for (guint i = 0; i < notices->shown->len; i++)
    if (((Shown *) notices->shown->pdata[i])->id == id)
      return notices->shown->pdata[i];
  return NULL;
}

static void
action_cb (GDBusConnection *bus,
           const char      *sender,
           const char      *path,
           const char      *interface,
           const char      *signal,
           GVariant        *parameters,
           gpointer         data)
{
  static const struct { const char *key; TrayWish wish; } actions[] = {
    { "default", TRAY_OPEN_MESSAGE }, { "read", TRAY_MARK_READ }, { "archive", TRAY_ARCHIVE },
  };
  TrayNotices *notices = data;
  const Shown *shown;
  const char *key;
  guint32 id;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    return;
  g_variant_get (parameters, "(u&s)", &id, &key);
  if ((shown = find_shown (notices, id)) == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    if (strcmp (actions[i].key, key) == 0)
      notices->listener (actions[i].wish, shown->first, shown->token, notices->data);
}

/* Comes before the action, from servers that know it. */
static void
token_cb (GDBusConnection *bus,
          const char      *sender,
          const char      *path,
          const char      *interface,
          const char      *signal,
          GVariant        *parameters,
          gpointer         data)
{
  Shown *shown;
  const char *token;
  guint32 id;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    return;
  g_variant_get (parameters, "(u&s)", &id, &token);
  if ((shown = find_shown (data, id)) == NULL)
    return;
  g_free (shown->token);
  shown->token = g_strdup (token);
}

static void
closed_cb (GDBusConnection *bus,
           const char      *sender,
           const char      *path,
           const char      *interface,
           const char      *signal,
           GVariant        *parameters,
           gpointer         data)
{
  TrayNotices *notices = data;
  guint32 id, reason;
  Shown *shown;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uu)")))
    return;
  g_variant_get (parameters, "(uu)", &id, &reason);
  if ((shown = find_shown (notices, id)) != NULL)
    g_ptr_array_remove (notices->shown, shown);
}

/* --- life --- */

TrayNotices *
tray_notices_new (GDBusConnection *bus,
                  const char      *id,
                  TrayListener     listener,
                  gpointer         data)
{
  TrayNotices *notices = g_new0 (TrayNotices, 1);

  notices->bus = g_object_ref (bus);
  notices->app_id = g_strdup (id);
  notices->listener = listener;
  notices->data = data;
  notices->cancellable = g_cancellable_new ();
  notices->shown = g_ptr_array_new_with_free_func ((GDestroyNotify) shown_free);
  notices->signals[0] = g_dbus_connection_signal_subscribe (bus, NULL, SERVER, "ActionInvoked", PATH, NULL,
                                                            G_DBUS_SIGNAL_FLAGS_NONE, action_cb, notices,
                                                            NULL);
  notices->signals[1] = g_dbus_connection_signal_subscribe (bus, NULL, SERVER, "NotificationClosed", PATH,
                                                            NULL,
                                                            G_DBUS_SIGNAL_FLAGS_NONE, closed_cb, notices,
                                                            NULL);
  notices->signals[2] = g_dbus_connection_signal_subscribe (bus, NULL, SERVER, "ActivationToken", PATH, NULL,
                                                            G_DBUS_SIGNAL_FLAGS_NONE, token_cb, notices,
                                                            NULL);
  return notices;
}

void
tray_notices_free (TrayNotices *notices)
{
  g_cancellable_cancel (notices->cancellable);
  for (gsize i = 0; i < G_N_ELEMENTS (notices->signals); i++)
    g_dbus_connection_signal_unsubscribe (notices->bus, notices->signals[i]);
  g_ptr_array_unref (notices->shown);
  g_object_unref (notices->cancellable);
  g_object_unref (notices->bus);
  g_free (notices->app_id);
  g_free (notices);
}
