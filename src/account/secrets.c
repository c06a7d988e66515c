/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account/secrets.h"

#include "base/files.h"

#include <libsecret/secret.h>
#include <string.h>

G_DEFINE_QUARK (account-error-quark, account_error)

#define FILE_NAME "secrets"
#define META_KEY  "secrets"

static const char * const place_names[] = { "keyring", "session", "file", NULL };
static const char * const purpose_names[] = { "incoming", "outgoing", "oauth2", NULL };

static gboolean
find_name (const char * const *names,
           const char         *name,
           guint              *index)
{
  for (*index = 0; names[*index] != NULL; (*index)++)
    if (strcmp (names[*index], name) == 0)
      return TRUE;
  return FALSE;
}

const char *
account_secrets_place_to_string (AccountSecretsPlace place)
{
  return place_names[place];
}

gboolean
account_secrets_place_parse (const char          *name,
                             AccountSecretsPlace *place)
{
  guint index;

  if (!find_name (place_names, name, &index))
    return FALSE;
  *place = (AccountSecretsPlace) index;
  return TRUE;
}

const char *
account_purpose_to_string (AccountPurpose purpose)
{
  return purpose_names[purpose];
}

gboolean
account_purpose_parse (const char     *name,
                       AccountPurpose *purpose)
{
  guint index;

  if (!find_name (purpose_names, name, &index))
    return FALSE;
  *purpose = (AccountPurpose) index;
  return TRUE;
}

struct _AccountSecrets {
  char                *store_uuid;
  gint                 place;        /* atomic: an AccountSecretsPlace */
  char                *path;         /* FILE */
  GMutex               lock;         /* lanes ask at the same time; the file is read and written whole */
  GHashTable          *session;      /* SESSION: "uuid purpose" -> BaseSecret */
};

AccountSecrets *
account_secrets_new (const char          *data_dir,
                     const char          *store_uuid,
                     AccountSecretsPlace  place)
{
  AccountSecrets *secrets = g_new0 (AccountSecrets, 1);

  secrets->store_uuid = g_strdup (store_uuid);
  secrets->place = place;
  secrets->path = g_build_filename (data_dir, FILE_NAME, NULL);
  secrets->session = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify) base_secret_unref);
  g_mutex_init (&secrets->lock);
  return secrets;
}

void
account_secrets_free (AccountSecrets *secrets)
{
  g_hash_table_unref (secrets->session);
  g_mutex_clear (&secrets->lock);
  g_free (secrets->store_uuid);
  g_free (secrets->path);
  g_free (secrets);
}

/* --- keyring --- */

static const SecretSchema *
get_schema (void)
{
  static const SecretSchema schema = {
    "org.penfold.Penfold", SECRET_SCHEMA_NONE,
    { { "store", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { "account", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { "purpose", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { NULL, 0 } }
  };

  return &schema;
}

/* Takes failure. */
static void
translate (GError  *failure,
           GError **error)
{
  AccountError code = ACCOUNT_ERROR_NO_SERVICE;

  if (g_error_matches (failure, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
    code = ACCOUNT_ERROR_LOCKED;
  else if (failure->domain == SECRET_ERROR)
    code = ACCOUNT_ERROR_FAILED;
  g_set_error (error, ACCOUNT_ERROR, code, "The keyring does not give passwords out: %s", failure->message);
  g_error_free (failure);
}

static GHashTable *
attributes_new (AccountSecrets *secrets,
                const char     *account_uuid,
                const char     *purpose)
{
  return secret_attributes_build (get_schema (), "store", secrets->store_uuid, "account", account_uuid,
                                  "purpose", purpose, NULL);
}

/* Without a prompt: an item that stays locked is an error, not a dialog. */
static BaseSecret *
keyring_get (AccountSecrets  *secrets,
             const char      *account_uuid,
             const char      *purpose,
             GError         **error)
{
  g_autoptr(GHashTable) attributes = attributes_new (secrets, account_uuid, purpose);
  g_autolist(SecretItem) items = NULL;
  g_autoptr(SecretValue) value = NULL;
  GError *failure = NULL;

  items = secret_service_search_sync (NULL, get_schema (), attributes, SECRET_SEARCH_LOAD_SECRETS, NULL,
                                      &failure);
  if (failure != NULL)
    {
      translate (failure, error);
      return NULL;
    }
  if (items == NULL)
    return NULL;
  if (secret_item_get_locked (items->data))
    {
      g_set_error_literal (error, ACCOUNT_ERROR, ACCOUNT_ERROR_LOCKED, "The keyring is locked");
      return NULL;
    }
  value = secret_item_get_secret (items->data);
  return value != NULL ? base_secret_new (secret_value_get_text (value)) : NULL;
}

/* libsecret asks the user to unlock a collection that it shall write to: here it must not come to that. */
static gboolean
keyring_is_open (GError **error)
{
  GError *failure = NULL;
  g_autoptr(SecretService) service = secret_service_get_sync (SECRET_SERVICE_NONE, NULL, &failure);
  g_autoptr(SecretCollection) collection = NULL;

  if (service != NULL)
    collection = secret_collection_for_alias_sync (service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                                                   NULL, &failure);
  if (failure != NULL)
    {
      translate (failure, error);
      return FALSE;
    }
  if (collection != NULL && !secret_collection_get_locked (collection))
    return TRUE;
  g_set_error_literal (error, ACCOUNT_ERROR, ACCOUNT_ERROR_LOCKED, "The keyring is locked");
  return FALSE;
}

static gboolean
keyring_set (AccountSecrets  *secrets,
             const char      *account_uuid,
             const char      *purpose,
             const char      *label,
             BaseSecret      *secret,
             GError         **error)
{
  g_autoptr(GHashTable) attributes = attributes_new (secrets, account_uuid, purpose);
  GError *failure = NULL;

  if (!keyring_is_open (error))
    return FALSE;
  if (secret != NULL)
    secret_password_storev_sync (get_schema (), attributes, SECRET_COLLECTION_DEFAULT, label,
                                 base_secret_peek (secret), NULL, &failure);
  else
    secret_password_clearv_sync (get_schema (), attributes, NULL, &failure);
  if (failure == NULL)
    return TRUE;
  translate (failure, error);
  return FALSE;
}

/* --- file --- */

/* A key file: one group an account, one key a purpose. */
static GKeyFile *
file_read (AccountSecrets  *secrets,
           GError         **error)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autoptr(GError) failure = NULL;

  if (g_key_file_load_from_file (file, secrets->path, G_KEY_FILE_NONE, &failure)
      || g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return g_steal_pointer (&file);
  g_set_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_FAILED, "Cannot read the file of passwords: %s",
               failure->message);
  return NULL;
}

static BaseSecret *
file_get (AccountSecrets  *secrets,
          const char      *account_uuid,
          const char      *purpose,
          GError         **error)
{
  g_autoptr(GKeyFile) file = file_read (secrets, error);
  char *text = file != NULL ? g_key_file_get_string (file, account_uuid, purpose, NULL) : NULL;

  return text != NULL ? base_secret_take (text) : NULL;
}

static gboolean
file_write (AccountSecrets  *secrets,
            GKeyFile        *file,
            GError         **error)
{
  gsize size;
  char *text = g_key_file_to_data (file, &size, NULL);
  gboolean is_written = base_files_replace (secrets->path, text, size, error);

  base_secret_wipe (text, size);
  g_free (text);
  return is_written;
}

static gboolean
file_set (AccountSecrets  *secrets,
          const char      *account_uuid,
          const char      *purpose,
          BaseSecret      *secret,
          GError         **error)
{
  g_autoptr(GKeyFile) file = file_read (secrets, error);

  if (file == NULL)
    return FALSE;
  if (secret != NULL)
    g_key_file_set_string (file, account_uuid, purpose, base_secret_peek (secret));
  else
    g_key_file_remove_key (file, account_uuid, purpose, NULL);
  return file_write (secrets, file, error);
}

/* --- session --- */

static char *
dup_session_key (const char *account_uuid,
                 const char *purpose)
{
  return g_strconcat (account_uuid, " ", purpose, NULL);
}

static BaseSecret *
session_get (AccountSecrets *secrets,
             const char     *account_uuid,
             const char     *purpose)
{
  g_autofree char *key = dup_session_key (account_uuid, purpose);
  BaseSecret *secret = g_hash_table_lookup (secrets->session, key);

  return secret != NULL ? base_secret_ref (secret) : NULL;
}

static void
session_set (AccountSecrets *secrets,
             const char     *account_uuid,
             const char     *purpose,
             BaseSecret     *secret)
{
  g_autofree char *key = dup_session_key (account_uuid, purpose);

  if (secret != NULL)
    g_hash_table_insert (secrets->session, g_steal_pointer (&key), base_secret_ref (secret));
  else
    g_hash_table_remove (secrets->session, key);
}

/* --- public --- */

BaseSecret *
account_secrets_get (AccountSecrets  *secrets,
                     const char      *account_uuid,
                     AccountPurpose   purpose,
                     GError         **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&secrets->lock);
  const char *name = purpose_names[purpose];

  switch ((AccountSecretsPlace) g_atomic_int_get (&secrets->place))
    {
    case ACCOUNT_SECRETS_KEYRING: return keyring_get (secrets, account_uuid, name, error);
    case ACCOUNT_SECRETS_SESSION: return session_get (secrets, account_uuid, name);
    case ACCOUNT_SECRETS_FILE:    return file_get (secrets, account_uuid, name, error);
    }
  g_assert_not_reached ();
}

gboolean
account_secrets_set (AccountSecrets  *secrets,
                     const char      *account_uuid,
                     AccountPurpose   purpose,
                     const char      *label,
                     BaseSecret      *secret,
                     GError         **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&secrets->lock);
  const char *name = purpose_names[purpose];

  switch ((AccountSecretsPlace) g_atomic_int_get (&secrets->place))
    {
    case ACCOUNT_SECRETS_KEYRING: return keyring_set (secrets, account_uuid, name, label, secret, error);
    case ACCOUNT_SECRETS_SESSION: session_set (secrets, account_uuid, name, secret); return TRUE;
    case ACCOUNT_SECRETS_FILE:    return file_set (secrets, account_uuid, name, secret, error);
    }
  g_assert_not_reached ();
}

gboolean
account_secrets_forget (AccountSecrets  *secrets,
                        const char      *account_uuid,
                        GError         **error)
{
  for (AccountPurpose purpose = ACCOUNT_SECRET_INCOMING; purpose <= ACCOUNT_SECRET_OAUTH; purpose++)
    if (!account_secrets_set (secrets, account_uuid, purpose, "", NULL, error))
      return FALSE;
  return TRUE;
}

AccountSecretsPlace
account_secrets_get_place (Store *store)
{
  g_autofree char *name = store_desk_dup_meta (store, META_KEY, NULL);
  AccountSecretsPlace place;

  return name != NULL && account_secrets_place_parse (name, &place) ? place : ACCOUNT_SECRETS_KEYRING;
}

gboolean
account_secrets_choose (Store                *store,
                        AccountSecretsPlace   place,
                        GError              **error)
{
  g_autofree char *name = store_desk_dup_meta (store, META_KEY, NULL);

  if (name == NULL)
    return store_desk_set_meta (store, META_KEY, place_names[place], error);
  if (strcmp (name, place_names[place]) == 0)
    return TRUE;
  g_set_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID, "The passwords of this store lie elsewhere: %s",
               name);
  return FALSE;
}

AccountSecrets *
account_secrets_open (Store       *store,
                      const char  *word,
                      GError     **error)
{
  AccountSecretsPlace place = account_secrets_get_place (store);

  if (word != NULL && !account_secrets_place_parse (word, &place))
    {
      g_set_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID, "There is no place for passwords called %s",
                   word);
      return NULL;
    }
  if (word != NULL && !account_secrets_choose (store, place, error))
    return NULL;
  return account_secrets_new (store_get_dir (store), store_get_uuid (store), place);
}

void
account_secrets_follow (AccountSecrets *secrets,
                        Store          *store)
{
  g_atomic_int_set (&secrets->place, (gint) account_secrets_get_place (store));
}
