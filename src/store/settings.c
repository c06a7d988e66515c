/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/settings.h"

#include "store/desk.h"

typedef struct {
  const char       *name;
  StoreSettingKind  kind;
  gint64            fallback;
  gint64            lowest;
  gint64            highest;
} Setting;

#define BOOLEAN(name, fallback)              { name, STORE_SETTING_IS_BOOLEAN, fallback, FALSE, TRUE }
#define NUMBER(name, fallback, low, high)    { name, STORE_SETTING_IS_INT, fallback, low, high }

static const Setting settings[STORE_N_SETTINGS] = {
  [STORE_SETTING_BACKGROUND]          = BOOLEAN ("background", TRUE),
  [STORE_SETTING_START_AT_LOGIN]      = BOOLEAN ("start-at-login", FALSE),
  [STORE_SETTING_TRAY]                = BOOLEAN ("tray", TRUE),
  [STORE_SETTING_NOTIFY]              = BOOLEAN ("notify", TRUE),
  [STORE_SETTING_NOTIFY_CONTENT]      = BOOLEAN ("notify-content", TRUE),
  [STORE_SETTING_UNDO_SEND_S]         = NUMBER ("undo-send-seconds", 5, 0, 60),
  [STORE_SETTING_MARK_READ_S]         = NUMBER ("mark-read-seconds", 0, -1, 60),
  [STORE_SETTING_REMOTE_PICTURES]     = BOOLEAN ("remote-pictures", FALSE),
  [STORE_SETTING_GROUP_CONVERSATIONS] = BOOLEAN ("group-conversations", TRUE),
  [STORE_SETTING_READER_BELOW]        = BOOLEAN ("reader-below", FALSE),
  [STORE_SETTING_LIST_LINES]          = NUMBER ("list-lines", 3, 1, 3),
  [STORE_SETTING_PLAIN_FIRST]         = BOOLEAN ("plain-first", FALSE),
  [STORE_SETTING_COMPOSE_HTML]        = BOOLEAN ("compose-html", FALSE),
  [STORE_SETTING_QUOTE_BELOW]         = BOOLEAN ("quote-below", TRUE),
  [STORE_SETTING_REMEMBER_RECIPIENTS] = BOOLEAN ("remember-recipients", TRUE),
  [STORE_SETTING_DEFAULT_IDENTITY]    = NUMBER ("default-identity", 0, 0, G_MAXINT64),
  [STORE_SETTING_TOLD_BACKGROUND]     = BOOLEAN ("told-background", FALSE),
  [STORE_SETTING_LAST_BACKUP]         = NUMBER ("last-backup", 0, 0, G_MAXINT64),
};

const char *
store_setting_get_name (StoreSetting setting)
{
  return settings[setting].name;
}

StoreSettingKind
store_setting_get_kind (StoreSetting setting)
{
  return settings[setting].kind;
}

gboolean
store_setting_parse (const char   *name,
                     StoreSetting *setting)
{
  for (guint i = 0; i < STORE_N_SETTINGS; i++)
    if (g_str_equal (settings[i].name, name))
      {
        *setting = i;
        return TRUE;
      }
  return FALSE;
}

static gint64
read_value (const Setting *setting,
            const char    *text)
{
  gint64 value;

  if (!g_ascii_string_to_signed (text, 10, setting->lowest, setting->highest, &value, NULL))
    return setting->fallback;
  return value;
}

static gint64
get (Store        *store,
     StoreSetting  which)
{
  const Setting *setting = &settings[which];
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store),
                                                    "SELECT value FROM setting WHERE key = ?",
                                                    BIND (TEXT (setting->name)), &error);

  if (rows != NULL && store_sql_next (rows))
    return read_value (setting, store_sql_text (rows, 0));
  if (rows == NULL || !store_sql_end (rows, &error))
    g_warning ("Cannot read the setting %s: %s", setting->name, error->message);
  return setting->fallback;
}

static gboolean
set (Store         *store,
     StoreSetting   which,
     gint64         value,
     GError       **error)
{
  const Setting *setting = &settings[which];
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT,
                                           CLAMP (value, setting->lowest, setting->highest));

  return store_desk_run (store, "INSERT INTO setting VALUES (?, ?, " DESK_REV ") ON CONFLICT DO UPDATE "
                         "SET value = excluded.value, rev = excluded.rev",
                         BIND (TEXT (setting->name), TEXT (text)), NULL, error);
}

gboolean
store_settings_get_boolean (Store        *store,
                            StoreSetting  setting)
{
  g_assert (settings[setting].kind == STORE_SETTING_IS_BOOLEAN);
  return get (store, setting) != 0;
}

gint64
store_settings_get_int (Store        *store,
                        StoreSetting  setting)
{
  g_assert (settings[setting].kind == STORE_SETTING_IS_INT);
  return get (store, setting);
}

gboolean
store_settings_set_boolean (Store         *store,
                            StoreSetting   setting,
                            gboolean       value,
                            GError       **error)
{
  g_assert (settings[setting].kind == STORE_SETTING_IS_BOOLEAN);
  return set (store, setting, value != FALSE, error);
}

gboolean
store_settings_set_int (Store         *store,
                        StoreSetting   setting,
                        gint64         value,
                        GError       **error)
{
  g_assert (settings[setting].kind == STORE_SETTING_IS_INT);
  return set (store, setting, value, error);
}

gint64
store_settings_get_rev (Store   *store,
                        GError **error)
{
  gint64 rev;

  return store_sql_get_int (store_peek_desk (store), "SELECT max (rev) FROM setting", NULL, 0, &rev, error)
         ? rev : -1;
}
