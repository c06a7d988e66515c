/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/wizard-private.h - what the pages of the wizard share.  Each file after wizard.c holds one or two
 * pages. */
#pragma once

#include "model/settings.h"
#include "ui/wizard-draft.h"
#include "ui/wizard-flow.h"
#include "ui/wizard.h"

typedef struct {
  AdwEntryRow *host, *port, *user;
  AdwComboRow *security;
  guint        shown_port;             /* what was filled in by itself: another encryption may replace it */
} UiWizardFields;

struct _UiWizard {
  AdwWindow      parent_instance;

  ModelStore    *store;
  ModelBus      *bus;
  ModelSettings *settings;
  UiWizardDraft *draft;
  UiWizardPage   page;
  GCancellable  *running;              /* of the job or the saving under way; or NULL */

  GtkStack      *stack;
  GtkButton     *back_button, *quiet_button, *next_button;
  GtkSpinner    *busy;

  AdwEntryRow   *name_row, *email_row;
  GtkLabel      *address_error, *privacy;

  GtkLabel      *search_title, *search_text;
  GtkListBox    *search_list;
  GtkWidget     *search_rows[4];
  gboolean       has_found_nothing;

  AdwComboRow   *protocol_row;
  UiWizardFields incoming, outgoing;
  GtkLabel      *manual_error;

  GtkLabel      *sign_in_title, *sign_in_text, *sign_in_source;
  AdwActionRow  *incoming_row, *outgoing_row, *consent_row;
  GtkImage      *incoming_lock, *outgoing_lock;
  AdwEntryRow   *user_row, *password_row;
  GtkCheckButton *consent_check;
  GtkWidget     *consent_group, *certificate_group;
  AdwActionRow  *subject_row, *issuer_row, *expires_row, *fingerprint_row;
  GtkBox        *sign_in_error;
  DiscoverProtocol refused;            /* whose certificate is shown */
  char          *fingerprint;          /* of that one; or NULL */

  UiWhereabouts *where_picture;
  AdwActionRow  *imap_row, *pop_row;
  GtkCheckButton *imap_check, *pop_check;
  GtkWidget     *imap_recommended, *pop_recommended;
  GtkBox        *where_reasons, *where_error;

  UiWhereabouts *retention_picture;
  AdwComboRow   *retention_row;
  AdwActionRow  *days_row;
  GtkSpinButton *days;
  GtkBox        *retention_reasons, *retention_error;
  GtkSwitch     *delete_switch;

  GtkLabel      *finish_title, *finish_text;
  GtkListBox    *finish_list;
  GtkSwitch     *background_switch, *login_switch;
  GtkLabel      *finish_error;
  char          *uuid;                 /* of the account that was saved; or NULL */
  BaseSecret    *secret;               /* until the worker has kept it; or NULL */
};

/* wizard.c */
void        ui_wizard_move            (UiWizard     *self,
                                       UiWizardMove  move);
void        ui_wizard_show            (UiWizard     *self,
                                       UiWizardPage  page);
/* The footer follows what the page can do now. */
void        ui_wizard_update          (UiWizard     *self);
/* A new cancellable; what ran before is cancelled. */
GCancellable *ui_wizard_begin         (UiWizard     *self);
/* Whether result belongs to what runs now; if so it ended. */
gboolean    ui_wizard_end             (UiWizard     *self,
                                       GCancellable *running);
/* What a job that failed says, or why it could not run. */
const char *ui_wizard_peek_text       (const BusJob *job,
                                       const GError *error);
void        ui_wizard_show_error      (GtkBox       *box,
                                       const char   *title,
                                       const char   *text);

/* wizard-find.c */
void        ui_wizard_find_begin      (UiWizard     *self);

/* wizard-manual.c */
void        ui_wizard_manual_prepare  (UiWizard     *self);
/* FALSE: what is wrong stands on the page. */
gboolean    ui_wizard_manual_take     (UiWizard     *self);
void        ui_wizard_manual_connect  (UiWizard     *self);

/* wizard-sign-in.c */
void        ui_wizard_sign_in_prepare (UiWizard     *self);
gboolean    ui_wizard_sign_in_can     (UiWizard     *self);
/* Receiving works, only sending does not. */
gboolean    ui_wizard_sign_in_can_skip (UiWizard    *self);
/* For the sign-in page, or the page where mail is kept when POP was not tried yet. */
void        ui_wizard_sign_in_begin   (UiWizard     *self);
void        ui_wizard_sign_in_connect (UiWizard     *self);
void        ui_wizard_use_anyway      (UiWizard     *self);

/* wizard-keep.c */
void        ui_wizard_where_prepare   (UiWizard     *self);
void        ui_wizard_where_select    (UiWizard     *self);
void        ui_wizard_retention_prepare (UiWizard   *self);
void        ui_wizard_keep_connect    (UiWizard     *self);

/* wizard-save.c */
void        ui_wizard_save_begin      (UiWizard     *self);
void        ui_wizard_finish_connect  (UiWizard     *self);
