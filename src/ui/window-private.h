/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/window-private.h - what the files of the main window share.  For window*.c only. */
#pragma once

#include "model/settings.h"
#include "ui/list-pane.h"
#include "ui/reader.h"
#include "ui/sidebar.h"
#include "ui/window.h"

struct _UiWindow {
  AdwApplicationWindow parent_instance;

  ModelStore      *store;
  ModelBus        *bus;
  ModelPlaces     *places;
  ModelSettings   *preferences;
  GSettings       *settings;        /* the shape of the window */
  GPtrArray       *undo;            /* of GArray of gint64: changes, the latest last */
  AdwToast        *toast;           /* weak: the latest about a deed, or NULL */
  guint            reading_source;
  gint64           wanted_folder;   /* to be shown as soon as it is there; 0: none */
  gint64           wanted_message;
  guint            n_waiting;       /* changes that the server does not know of yet */

  AdwToastOverlay *toasts;
  AdwLeaflet      *outer;
  AdwLeaflet      *inner;
  AdwClamp        *sidebar_width;
  AdwClamp        *list_width;
  UiSidebar       *sidebar;
  UiListPane      *list;
  UiReader        *message;
  GtkWidget       *reader_back;
  GtkWidget       *answers;         /* in the header; below the message where it is alone */
  GtkWidget       *move;
};

/* window-actions.c */
void ui_window_install_actions (GtkWidgetClass *class);
/* What can be done with the messages selected now. */
void ui_window_update_actions  (UiWindow *self);
/* One message is before the reader's eyes: after a moment it counts as read. */
void ui_window_begin_reading   (UiWindow *self);
void ui_window_forget_reading  (UiWindow *self);

/* window-status.c */
void ui_window_show_status     (UiWindow *self);
/* Shows the status again when it has counted. */
void ui_window_count_waiting   (UiWindow *self);
/* An action: of the account with that id, or of the worker. */
void ui_window_show_problem    (GtkWidget  *widget,
                                const char *action,
                                GVariant   *parameter);

/* window-compose.c */
void ui_window_install_answers (GtkWidgetClass *class);
void ui_window_update_answers  (UiWindow *self,
                                guint     n_selected);
/* Whether the message selected is a draft, which is written on instead of read. */
gboolean ui_window_edit_draft  (UiWindow *self);
