/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/web/pictures.h"
#include "ui/web/walls.h"
#include "ui/web/web.h"

#include <glib/gi18n-lib.h>
#include <gmodule.h>
#include <string.h>

#define UI_TYPE_WEB (ui_web_get_type ())
G_DECLARE_FINAL_TYPE (UiWeb, ui_web, UI, WEB, GtkBox)

struct _UiWeb {
  GtkBox                    parent_instance;

  WebKitWebView            *view;
  WebKitUserContentManager *content;
  gboolean                  has_filter;   /* before it nothing is loaded */

  char                     *document;     /* waits for the filter, or for the theme to change; NULL: nothing
                                           * is shown */
  UiWebPaper                paper;
  GObject                  *source;
  UiWebPicture              dup_picture;
};

G_DEFINE_FINAL_TYPE (UiWeb, ui_web, GTK_TYPE_BOX)

enum { LINK_HOVERED, LINK_ACTIVATED, SHOWN, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- colours and type of mail that brings none --- */

static GdkRGBA
look_up (UiWeb      *self,
         const char *name)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA color = { 1, 1, 1, 1 };

  gtk_style_context_lookup_color (style, name, &color);
  return color;
}

/* The view is opaque, and the card may be a veil over the window: what a person sees is both together. */
static GdkRGBA
get_paper (UiWeb *self)
{
  GdkRGBA card = look_up (self, "card_bg_color");
  GdkRGBA window = look_up (self, "window_bg_color");
  float under = 1 - card.alpha;

  if (self->paper == UI_WEB_PAPER_WHITE)
    return (GdkRGBA) { 1, 1, 1, 1 };
  return (GdkRGBA) { card.red * card.alpha + window.red * under,
                     card.green * card.alpha + window.green * under,
                     card.blue * card.alpha + window.blue * under, 1 };
}

static gboolean
is_dark (const GdkRGBA *color)
{
  return color->red * 0.3 + color->green * 0.59 + color->blue * 0.11 < 0.5;
}

static char *
dup_style (UiWeb *self)
{
  GdkRGBA paper = get_paper (self);
  GdkRGBA accent = look_up (self, "accent_color");
  g_autofree char *paper_words = gdk_rgba_to_string (&paper);
  g_autofree char *link_words = self->paper == UI_WEB_PAPER_WHITE
                                ? g_strdup ("#1a5fb4") : gdk_rgba_to_string (&accent);
  const char *ink = is_dark (&paper) ? "rgba(255,255,255,.95)" : "rgba(0,0,0,.85)";

  return g_strdup_printf (
    "html { background: %s; color: %s; color-scheme: %s; }"
    "body { margin: %s; overflow-wrap: break-word; }"
    "a:link { color: %s; }"
    "img { max-width: 100%%; }"
    "pre { white-space: pre-wrap; }"
    "blockquote[type=cite] { margin: 0 0 0 6px; padding: 0 0 0 12px; border-left: 2px solid "
    "rgba(128,128,128,.4); }",
    paper_words, ink, is_dark (&paper) ? "dark" : "light", self->paper == UI_WEB_PAPER_WHITE ? "12px" : "0",
    link_words);
}

static void
use_style (UiWeb *self)
{
  g_autofree char *style = dup_style (self);
  WebKitUserStyleSheet *sheet = webkit_user_style_sheet_new (style, WEBKIT_USER_CONTENT_INJECT_ALL_FRAMES,
                                                             WEBKIT_USER_STYLE_LEVEL_USER, NULL, NULL);
  GdkRGBA paper = get_paper (self);

  webkit_user_content_manager_remove_all_style_sheets (self->content);
  webkit_user_content_manager_add_style_sheet (self->content, sheet);
  webkit_user_style_sheet_unref (sheet);
  webkit_web_view_set_background_color (self->view, &paper);
  if (self->paper == UI_WEB_PAPER_WHITE)
    gtk_widget_add_css_class (GTK_WIDGET (self), "white-paper");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "white-paper");
}

static double
get_text_scale (UiWeb *self)
{
  int dpi = 0;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-xft-dpi", &dpi, NULL);
  return dpi > 0 ? CLAMP (dpi / (96.0 * 1024), 0.5, 4) : 1;
}

/* WebKit lets everything grow with the text of the desktop by itself; what GTK says of the font has grown
 * already. */
static void
use_font (UiWeb *self)
{
  WebKitSettings *settings = webkit_web_view_get_settings (self->view);
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const PangoFontDescription *font = pango_context_get_font_description (context);
  double scale = get_text_scale (self);
  double size = pango_font_description_get_size (font) / (PANGO_SCALE * scale);

  if (pango_font_description_get_family (font) != NULL)
    webkit_settings_set_default_font_family (settings, pango_font_description_get_family (font));
  if (!pango_font_description_get_size_is_absolute (font))
    size = size * 96 / 72;
  webkit_settings_set_default_font_size (settings, (guint32) CLAMP (size + 0.5, 8, 40));
}

/* --- showing --- */

static void
load (UiWeb *self)
{
  if (!self->has_filter || self->document == NULL)
    return;
  use_style (self);
  webkit_web_view_load_html (self->view, self->document, "about:blank");
}

static void
filter_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiWeb) self = data;
  g_autoptr(GError) error = NULL;
  WebKitUserContentFilter *filter = ui_web_walls_compile_finish (object, result, &error);

  if (filter == NULL)
    {
      g_signal_emit (self, signals[FAILED], 0, error->message);
      return;
    }
  webkit_user_content_manager_add_filter (self->content, filter);
  webkit_user_content_filter_unref (filter);
  self->has_filter = TRUE;
  load (self);
}

static void
show (GtkWidget    *widget,
      const char   *document,
      UiWebPaper    paper,
      GObject      *source,
      UiWebPicture  dup_picture)
{
  UiWeb *self = UI_WEB (widget);

  g_free (self->document);
  self->document = g_strdup (document);
  self->paper = paper;
  g_set_object (&self->source, source);
  self->dup_picture = dup_picture;
  load (self);
}

static void
clear (GtkWidget *widget)
{
  UiWeb *self = UI_WEB (widget);

  if (self->document == NULL)
    return;
  g_clear_pointer (&self->document, g_free);
  g_clear_object (&self->source);
  if (self->has_filter)
    webkit_web_view_load_html (self->view, "", "about:blank");
}

/* --- what the view says --- */

static gboolean
on_decide_policy (WebKitWebView            *view,
                  WebKitPolicyDecision     *decision,
                  WebKitPolicyDecisionType  type,
                  UiWeb                    *self)
{
  const char *link = ui_web_walls_peek_link (decision, type);

  if (link != NULL)
    g_signal_emit (self, signals[LINK_ACTIVATED], 0, link);
  if (ui_web_walls_is_own (decision, type))
    webkit_policy_decision_use (decision);
  else
    webkit_policy_decision_ignore (decision);
  return TRUE;
}

static void
on_hover (WebKitWebView       *view,
          WebKitHitTestResult *hit,
          guint                modifiers,
          UiWeb               *self)
{
  g_signal_emit (self, signals[LINK_HOVERED], 0,
                 webkit_hit_test_result_context_is_link (hit)
                 ? webkit_hit_test_result_get_link_uri (hit) : NULL);
}

static void
on_load_changed (WebKitWebView   *view,
                 WebKitLoadEvent  event,
                 UiWeb           *self)
{
  if (event == WEBKIT_LOAD_FINISHED && self->document != NULL)
    g_signal_emit (self, signals[SHOWN], 0);
}

static void
on_terminated (WebKitWebView                     *view,
               WebKitWebProcessTerminationReason  reason,
               UiWeb                             *self)
{
  g_clear_pointer (&self->document, g_free);
  g_signal_emit (self, signals[FAILED], 0, _("The formatted view stopped working on this message."));
}

/* Copy and Select All; nothing that loads, saves or inspects. */
static gboolean
on_context_menu (WebKitWebView       *view,
                 WebKitContextMenu   *menu,
                 WebKitHitTestResult *hit,
                 gpointer             data)
{
  g_autoptr(GList) items = g_list_copy (webkit_context_menu_get_items (menu));

  for (GList *i = items; i != NULL; i = i->next)
    {
      WebKitContextMenuAction action = webkit_context_menu_item_get_stock_action (i->data);

      if (action != WEBKIT_CONTEXT_MENU_ACTION_COPY
          && action != WEBKIT_CONTEXT_MENU_ACTION_COPY_LINK_TO_CLIPBOARD
          && action != WEBKIT_CONTEXT_MENU_ACTION_SELECT_ALL)
        webkit_context_menu_remove (menu, i->data);
    }
  return webkit_context_menu_get_n_items (menu) == 0;
}

/* --- life --- */

static void
ui_web_css_changed (GtkWidget         *widget,
                    GtkCssStyleChange *change)
{
  UiWeb *self = UI_WEB (widget);

  GTK_WIDGET_CLASS (ui_web_parent_class)->css_changed (widget, change);
  if (self->view != NULL && self->document != NULL)
    use_style (self);
}

static void
ui_web_dispose (GObject *object)
{
  UiWeb *self = UI_WEB (object);

  g_clear_object (&self->source);
  g_clear_object (&self->content);
  G_OBJECT_CLASS (ui_web_parent_class)->dispose (object);
}

static void
ui_web_finalize (GObject *object)
{
  g_free (UI_WEB (object)->document);
  G_OBJECT_CLASS (ui_web_parent_class)->finalize (object);
}

static void
ui_web_class_init (UiWebClass *class)
{
  G_OBJECT_CLASS (class)->dispose = ui_web_dispose;
  G_OBJECT_CLASS (class)->finalize = ui_web_finalize;
  GTK_WIDGET_CLASS (class)->css_changed = ui_web_css_changed;
  signals[LINK_HOVERED] = g_signal_new ("link-hovered", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[LINK_ACTIVATED] = g_signal_new ("link-activated", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SHOWN] = g_signal_new ("shown", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static gboolean
find_source (WebKitWebView  *view,
             GObject       **source,
             UiWebPicture   *dup_picture)
{
  GtkWidget *parent = view != NULL ? gtk_widget_get_ancestor (GTK_WIDGET (view), UI_TYPE_WEB) : NULL;

  if (parent == NULL || UI_WEB (parent)->source == NULL)
    return FALSE;
  *source = UI_WEB (parent)->source;
  *dup_picture = UI_WEB (parent)->dup_picture;
  return TRUE;
}

static WebKitWebContext *
new_context (void)
{
  WebKitWebContext *context = webkit_web_context_new ();

  webkit_web_context_set_cache_model (context, WEBKIT_CACHE_MODEL_DOCUMENT_VIEWER);
  webkit_web_context_set_spell_checking_enabled (context, FALSE);
  ui_web_pictures_serve (context, find_source);
  return context;
}

static void
connect_view (UiWeb *self)
{
  g_signal_connect (self->view, "decide-policy", G_CALLBACK (on_decide_policy), self);
  g_signal_connect (self->view, "mouse-target-changed", G_CALLBACK (on_hover), self);
  g_signal_connect (self->view, "load-changed", G_CALLBACK (on_load_changed), self);
  g_signal_connect (self->view, "web-process-terminated", G_CALLBACK (on_terminated), self);
  g_signal_connect (self->view, "context-menu", G_CALLBACK (on_context_menu), NULL);
  ui_web_walls_refuse_all (self->view);
}

static void
ui_web_init (UiWeb *self)
{
  g_autoptr(WebKitWebContext) context = new_context ();
  g_autoptr(WebKitNetworkSession) session = ui_web_walls_new_session ();
  g_autoptr(WebKitSettings) settings = ui_web_walls_new_settings ();

  self->content = webkit_user_content_manager_new ();
  self->view = g_object_new (WEBKIT_TYPE_WEB_VIEW, "web-context", context, "network-session", session,
                             "settings", settings,
                             "user-content-manager", self->content, "default-content-security-policy",
                             UI_WEB_CONTENT_POLICY, "hexpand", TRUE, "vexpand", TRUE, NULL);
  connect_view (self);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->view));
  use_font (self);
  g_signal_connect_object (gtk_widget_get_settings (GTK_WIDGET (self)), "notify::gtk-xft-dpi",
                           G_CALLBACK (use_font), self, G_CONNECT_SWAPPED);
  ui_web_walls_compile_async (filter_cb, g_object_ref (self));
}

static GtkWidget *
new_view (void)
{
  return g_object_new (UI_TYPE_WEB, NULL);
}

/* --- the door --- */

G_MODULE_EXPORT const UiWebModule *ui_web_get_module (void);

const UiWebModule *
ui_web_get_module (void)
{
  static const UiWebModule module = { UI_WEB_VERSION, new_view, show, clear };

  return &module;
}
