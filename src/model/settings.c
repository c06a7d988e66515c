/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/settings.h"

struct _ModelSettings {
  GObject       parent_instance;

  ModelStore   *store;
  GCancellable *cancellable;
  gint64        values[STORE_N_SETTINGS];
  gint64        rev;                      /* -1: not read yet */
  guint         n_writing;                /* what is read meanwhile may be older than what was set */
};

G_DEFINE_FINAL_TYPE (ModelSettings, model_settings, G_TYPE_OBJECT)

enum { CHANGED, WRITTEN, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- the store thread --- */

typedef struct {
  gint64 rev;
  gint64 values[STORE_N_SETTINGS];
} Found;

static gint64
read_one (Store        *store,
          StoreSetting  setting)
{
  switch (store_setting_get_kind (setting))
    {
    case STORE_SETTING_IS_BOOLEAN:
      return store_settings_get_boolean (store, setting);
    case STORE_SETTING_IS_INT:
      return store_settings_get_int (store, setting);
    }
  g_assert_not_reached ();
}

/* NULL: nothing new since. */
static gpointer
ask_settings (Store     *store,
              gpointer   data,
              GError   **error)
{
  gint64 *since = data;
  gint64 rev = store_settings_get_rev (store, error);
  Found *found;

  if (rev < 0 || rev == *since)
    return NULL;
  found = g_new0 (Found, 1);
  found->rev = rev;
  for (guint i = 0; i < STORE_N_SETTINGS; i++)
    found->values[i] = read_one (store, i);
  return found;
}

typedef struct {
  StoreSetting setting;
  gint64       value;
} Write;

static gpointer
ask_write (Store     *store,
           gpointer   data,
           GError   **error)
{
  const Write *write = data;

  switch (store_setting_get_kind (write->setting))
    {
    case STORE_SETTING_IS_BOOLEAN:
      (void) !store_settings_set_boolean (store, write->setting, write->value != 0, error);
      break;
    case STORE_SETTING_IS_INT:
      (void) !store_settings_set_int (store, write->setting, write->value, error);
      break;
    }
  return NULL;
}

/* --- the main thread --- */

static void
take_value (ModelSettings *self,
            StoreSetting   setting,
            gint64         value)
{
  if (self->values[setting] == value)
    return;
  self->values[setting] = value;
  g_signal_emit (self, signals[CHANGED], 0, (guint) setting);
}

static void
settings_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(ModelSettings) self = data;
  g_autofree Found *found = model_store_ask_finish (MODEL_STORE (object), result, NULL);

  if (found == NULL || self->n_writing > 0 || g_cancellable_is_cancelled (self->cancellable))
    return;
  self->rev = found->rev;
  for (guint i = 0; i < STORE_N_SETTINGS; i++)
    take_value (self, i, found->values[i]);
}

static void
read_settings (ModelSettings *self)
{
  model_store_ask (self->store, MODEL_LATER, ask_settings, g_memdup2 (&self->rev, sizeof self->rev), g_free,
                   g_free, self->cancellable, settings_cb, g_object_ref (self));
}

static void
written_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(ModelSettings) self = data;
  g_autoptr(GError) error = NULL;

  model_store_ask_finish (MODEL_STORE (object), result, &error);
  if (error != NULL)
    g_warning ("Cannot keep a preference: %s", error->message);
  if (--self->n_writing > 0)
    return;
  read_settings (self);
  model_store_look (self->store);
  g_signal_emit (self, signals[WRITTEN], 0);
}

void
model_settings_set (ModelSettings *self,
                    StoreSetting   setting,
                    gint64         value)
{
  Write write = { setting, value };

  if (self->values[setting] == value)
    return;
  take_value (self, setting, value);
  self->n_writing++;
  model_store_ask (self->store, MODEL_SOON, ask_write, g_memdup2 (&write, sizeof write), g_free, NULL, NULL,
                   written_cb, g_object_ref (self));
}

gint64
model_settings_get (ModelSettings *self,
                    StoreSetting   setting)
{
  return self->values[setting];
}

gboolean
model_settings_is_loaded (ModelSettings *self)
{
  return self->rev >= 0;
}

ModelSettings *
model_settings_new (ModelStore *store)
{
  ModelSettings *self = g_object_new (MODEL_TYPE_SETTINGS, NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "news", G_CALLBACK (read_settings), self, G_CONNECT_SWAPPED);
  read_settings (self);
  return self;
}

static void
model_settings_dispose (GObject *object)
{
  g_cancellable_cancel (MODEL_SETTINGS (object)->cancellable);
  G_OBJECT_CLASS (model_settings_parent_class)->dispose (object);
}

static void
model_settings_finalize (GObject *object)
{
  ModelSettings *self = MODEL_SETTINGS (object);

  g_object_unref (self->store);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (model_settings_parent_class)->finalize (object);
}

static void
model_settings_class_init (ModelSettingsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = model_settings_dispose;
  G_OBJECT_CLASS (class)->finalize = model_settings_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[WRITTEN] = g_signal_new ("written", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
model_settings_init (ModelSettings *self)
{
  self->cancellable = g_cancellable_new ();
  self->rev = -1;
}
