/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/account-page-private.h - what the files of the account page share.  For account-page*.c only. */
#pragma once

#include "model/accounts.h"
#include "ui/account-page.h"
#include "ui/retention.h"

struct _UiAccountPage {
  AdwWindow            parent_instance;

  ModelStore          *store;
  ModelBus            *bus;
  gint64               account_id;
  ModelAccountDetails *details;        /* as last read; NULL before */
  GCancellable        *loading;        /* or NULL */
  gboolean             is_filling;     /* what changes now was not changed by a person */

  AdwToastOverlay     *toasts;
  AdwAvatar           *avatar;
  GtkLabel            *name, *email, *kind, *checked;
  GtkWidget           *problem_group;
  AdwActionRow        *problem_row;
  UiWhereabouts       *picture;
  GtkLabel            *sentence, *both, *only_here, *only_server;
  AdwComboRow         *retention_row, *offline_row;
  AdwActionRow        *days_row, *delete_row;
  GtkSpinButton       *days;
  GtkSwitch           *delete_switch;
  GtkBox              *retention_reasons;
  AdwEntryRow         *sender_row, *password_row;
  GtkLabel            *signature_label;
  GtkTextView         *signature;
  AdwActionRow        *incoming_row, *outgoing_row;
  GtkLabel            *password_text;
};

/* account-page.c */
/* Writes what details now says, either or both. */
typedef enum {
  UI_ACCOUNT_SAVE_ACCOUNT,
  UI_ACCOUNT_SAVE_IDENTITY,
} UiAccountSave;
void ui_account_page_save        (UiAccountPage *self,
                                  UiAccountSave  what);
void ui_account_page_toast       (UiAccountPage *self,
                                  const char    *text);

/* account-page-show.c: fills in what details say */
void ui_account_page_show_news   (UiAccountPage *self);     /* state, counts, picture */
void ui_account_page_show_all    (UiAccountPage *self);     /* the fields, too */
void ui_account_page_show_rules  (UiAccountPage *self);     /* what follows from the retention row */
/* The choices of the row for mail that is kept here. */
void ui_account_page_set_offline (StoreAccount  *account,
                                  guint          selected);
void ui_account_page_make_lists  (UiAccountPage *self);

/* account-page-act.c: password, details, removal */
void ui_account_page_change_password (UiAccountPage *self);
void ui_account_page_show_details    (UiAccountPage *self);
void ui_account_page_ask_removal     (UiAccountPage *self);
