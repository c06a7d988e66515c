/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/settings.h - the preferences of the whole program, typed, with their defaults in one table.
 *
 * A setting that was never set has no row.  Who wants to hear of changes asks store_settings_get_rev() when
 * the file has news.
 *
 * Threads: the handle's; each call is one short transaction.
 */
#pragma once

#include "store/store.h"

/* name in the file, kind, default: settings.c */
typedef enum {
  STORE_SETTING_BACKGROUND,             /* gboolean: mail keeps coming with the window closed */
  STORE_SETTING_START_AT_LOGIN,         /* gboolean */
  STORE_SETTING_TRAY,                   /* gboolean: icon in the tray */
  STORE_SETTING_NOTIFY,                 /* gboolean: announce new mail */
  STORE_SETTING_NOTIFY_CONTENT,         /* gboolean: with sender and subject */
  STORE_SETTING_UNDO_SEND_S,            /* int, 0 to 60: a sent message waits so long */
  STORE_SETTING_MARK_READ_S,            /* int, -1 to 60: after so long in the reader; -1: never by itself */
  STORE_SETTING_REMOTE_PICTURES,        /* gboolean: load them without asking */
  STORE_SETTING_GROUP_CONVERSATIONS,    /* gboolean */
  STORE_SETTING_READER_BELOW,           /* gboolean: the reader stands under the list, not beside it */
  STORE_SETTING_LIST_LINES,             /* int, 1 to 3: of text in a row */
  STORE_SETTING_PLAIN_FIRST,            /* gboolean: show the plain text of a message that has both */
  STORE_SETTING_COMPOSE_HTML,           /* gboolean: new messages are rich text */
  STORE_SETTING_QUOTE_BELOW,            /* gboolean: the answer stands above the quote */
  STORE_SETTING_REMEMBER_RECIPIENTS,    /* gboolean */
  STORE_SETTING_DEFAULT_IDENTITY,       /* int: id of an identity; 0: the first */
  STORE_SETTING_TOLD_BACKGROUND,        /* gboolean: was told once that closing the window does not end the
                                         * mail */
  STORE_SETTING_LAST_BACKUP,            /* int: when; 0: never */
} StoreSetting;
#define STORE_N_SETTINGS (STORE_SETTING_LAST_BACKUP + 1)

typedef enum {
  STORE_SETTING_IS_BOOLEAN,
  STORE_SETTING_IS_INT,
} StoreSettingKind;

const char       *store_setting_get_name (StoreSetting   setting);
StoreSettingKind  store_setting_get_kind (StoreSetting   setting);
gboolean          store_setting_parse    (const char    *name,
                                          StoreSetting  *setting);

/* A value out of range in the file counts as the default, as does an error, which is logged. */
gboolean store_settings_get_boolean (Store         *store,
                                     StoreSetting   setting);
gint64   store_settings_get_int     (Store         *store,
                                     StoreSetting   setting);
/* A value out of range becomes the nearest one. */
gboolean store_settings_set_boolean (Store         *store,
                                     StoreSetting   setting,
                                     gboolean       value,
                                     GError       **error);
gboolean store_settings_set_int     (Store         *store,
                                     StoreSetting   setting,
                                     gint64         value,
                                     GError       **error);
/* The newest rev of any setting; 0 where none was ever set, -1 on error. */
gint64   store_settings_get_rev     (Store         *store,
                                     GError       **error);
