/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line at the bottom of the sidebar, and the window behind it when something is wrong. */
#include "ui/window-private.h"

#include "model/changes.h"
#include "model/problem.h"
#include "ui/problem-window.h"

#include <glib/gi18n-lib.h>

#define NO_ACCOUNT (-1)

typedef gboolean (*Test) (const ModelPlaceFacts *facts);

static gboolean
has_problem (const ModelPlaceFacts *facts)
{
  return facts->problem != NULL;
}

static gboolean
is_busy (const ModelPlaceFacts *facts)
{
  return facts->activity == STORE_ACTIVITY_CHECKING || facts->activity == STORE_ACTIVITY_CONNECTING
         || facts->activity == STORE_ACTIVITY_FETCHING || facts->activity == STORE_ACTIVITY_SENDING;
}

/* The first account for which test holds, or NULL. */
static const ModelPlaceFacts *
find_account (UiWindow *self,
              Test      test)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->places)); i++)
    {
      g_autoptr(ModelPlace) place = g_list_model_get_item (G_LIST_MODEL (self->places), i);
      const ModelPlaceFacts *facts = model_place_peek (place);

      if (facts->kind == MODEL_PLACE_ACCOUNT && test (facts))
        return facts;
    }
  return NULL;
}

static const ModelPlaceFacts *
find_account_by_id (UiWindow *self,
                    gint64    account_id)
{
  g_autofree char *key = g_strdup_printf ("account:%" G_GINT64_FORMAT, account_id);
  ModelPlace *place = model_places_find (self->places, key);

  return place != NULL ? model_place_peek (place) : NULL;
}

/* --- the line --- */

static void
show_problem_line (UiWindow   *self,
                   const char *name,
                   const char *account,
                   gint64      account_id)
{
  const char *words = model_problem_get (name)->short_words;
  g_auto(GStrv) parts = g_strsplit (words, "%s", 2);
  g_autofree char *line = g_strjoinv (account != NULL ? account : "Penfold", parts);
  g_autofree char *action = g_strdup_printf ("win.show-problem(int64 %" G_GINT64_FORMAT ")", account_id);

  ui_sidebar_set_status (self->sidebar, UI_STATUS_TROUBLE, line, action);
}

static gboolean
is_listing (UiWindow *self,
            gint64    account_id)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->places)); i++)
    {
      g_autoptr(ModelPlace) place = g_list_model_get_item (G_LIST_MODEL (self->places), i);
      const ModelPlaceFacts *facts = model_place_peek (place);

      if (facts->kind == MODEL_PLACE_FOLDER && facts->account_id == account_id && facts->expected > 0)
        return TRUE;
    }
  return FALSE;
}

static char *
dup_activity (UiWindow              *self,
              const ModelPlaceFacts *facts)
{
  switch (facts->activity)
    {
    case STORE_ACTIVITY_CONNECTING:
    case STORE_ACTIVITY_CHECKING:
      if (is_listing (self, facts->account_id))
        return g_strdup (_("Fetching older mail"));
      /* Translators: %s is the name of an account. */
      return g_strdup_printf (_("Checking %s"), facts->title);
    case STORE_ACTIVITY_FETCHING:
      return g_strdup (_("Fetching older mail"));
    case STORE_ACTIVITY_SENDING:
      return g_strdup (_("Sending"));
    case STORE_ACTIVITY_IDLE:
    case STORE_ACTIVITY_WAITING:
    case STORE_ACTIVITY_STOPPED:
      return NULL;
    }
  g_assert_not_reached ();
}

static void
show_quiet_line (UiWindow *self)
{
  g_autofree char *waiting = NULL;

  if (model_places_get_n_accounts (self->places) == 0)
    ui_sidebar_set_status (self->sidebar, UI_STATUS_TROUBLE, _("No account yet"), "app.add-account");
  else if (!g_network_monitor_get_network_available (g_network_monitor_get_default ()))
    ui_sidebar_set_status (self->sidebar, UI_STATUS_TROUBLE, _("Offline"), NULL);
  else if (self->n_waiting > 0)
    {
      waiting = g_strdup_printf (ngettext ("%u change waiting", "%u changes waiting", self->n_waiting), self->n_waiting);
      ui_sidebar_set_status (self->sidebar, UI_STATUS_BUSY, waiting, NULL);
    }
  else
    ui_sidebar_set_status (self->sidebar, UI_STATUS_QUIET, _("Up to date"), NULL);
}

void
ui_window_show_status (UiWindow *self)
{
  const ModelPlaceFacts *account = find_account (self, has_problem);
  g_autofree char *activity = NULL;

  ui_list_pane_set_welcoming (self->list, model_places_is_loaded (self->places)
                                          && model_places_get_n_accounts (self->places) == 0);
  if (!model_places_is_loaded (self->places))
    ui_sidebar_set_status (self->sidebar, UI_STATUS_BUSY, _("Opening your mail"), NULL);
  else if (model_bus_get_state (self->bus) == MODEL_BUS_NEWER_WORKER)
    show_problem_line (self, "upgrade", NULL, NO_ACCOUNT);
  else if (model_bus_get_state (self->bus) == MODEL_BUS_AWAY)
    show_problem_line (self, "worker", NULL, NO_ACCOUNT);
  else if (account != NULL)
    show_problem_line (self, account->problem, account->title, account->account_id);
  else if ((account = find_account (self, is_busy)) != NULL)
    {
      activity = dup_activity (self, account);
      ui_sidebar_set_status (self->sidebar, UI_STATUS_BUSY, activity, NULL);
    }
  else
    show_quiet_line (self);
}

/* --- what waits for the server --- */

static void
waiting_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(UiWindow) self = data;

  self->n_waiting = model_changes_count_finish (MODEL_STORE (object), result);
  if (self->sidebar != NULL)
    ui_window_show_status (self);
}

void
ui_window_count_waiting (UiWindow *self)
{
  model_changes_count_async (self->store, waiting_cb, g_object_ref (self));
}

/* --- the window behind it --- */

static void
open_problem (UiWindow   *self,
              const char *name,
              const char *subtitle,
              const char *text,
              const char *server_words,
              gint64      last_ok_at)
{
  const ModelProblem *words = model_problem_get (name);
  g_autofree char *report = model_problem_dup_report (PENFOLD_VERSION, name, text, server_words, last_ok_at);
  UiProblem problem = {
    .title = words->title, .subtitle = subtitle, .meaning = words->meaning, .remedy = words->remedy, .text = text,
    .server_words = server_words, .report = report, .again_label = _("_Try Again"), .again_action = "win.check",
  };

  gtk_window_present (GTK_WINDOW (ui_problem_window_new (GTK_WINDOW (self), &problem)));
}

void
ui_window_show_problem (GtkWidget  *widget,
                        const char *action,
                        GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);
  const ModelPlaceFacts *account = find_account_by_id (self, g_variant_get_int64 (parameter));
  const char *worker_problem = model_bus_peek_problem (self->bus);
  g_autofree char *subtitle = NULL;

  if (account == NULL || account->problem == NULL)
    {
      open_problem (self, model_bus_get_state (self->bus) == MODEL_BUS_NEWER_WORKER ? "upgrade" : "worker", NULL,
                    worker_problem, NULL, 0);
      return;
    }
  subtitle = g_strdup_printf (_("Account %s"), account->title);
  open_problem (self, account->problem, subtitle, account->problem_text, account->server_words, account->last_ok_at);
}
