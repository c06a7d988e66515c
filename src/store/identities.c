/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The identities and accepted certificates of store/accounts.h. */
#include "store/accounts.h"

#include "base/clock.h"
#include "store/desk.h"

#define IDENTITY_COLUMNS "id, uuid, account_id, name, email, reply_to, signature, position, rev"

StoreIdentity *
store_identity_new (gint64      account_id,
                    const char *name,
                    const char *email)
{
  StoreIdentity *identity = g_new0 (StoreIdentity, 1);

  identity->uuid = g_strdup ("");
  identity->account_id = account_id;
  identity->name = g_strdup (name);
  identity->email = g_strdup (email);
  identity->reply_to = g_strdup ("");
  identity->signature = g_strdup ("");
  return identity;
}

void
store_identity_free (StoreIdentity *identity)
{
  if (identity == NULL)
    return;
  g_free (identity->uuid);
  g_free (identity->name);
  g_free (identity->email);
  g_free (identity->reply_to);
  g_free (identity->signature);
  g_free (identity);
}

static StoreIdentity *
read_identity (StoreStatement *rows)
{
  StoreIdentity *identity = g_new0 (StoreIdentity, 1);

  identity->id = store_sql_int (rows, 0);
  identity->uuid = store_desk_dup_text (rows, 1);
  identity->account_id = store_sql_int (rows, 2);
  identity->name = store_desk_dup_text (rows, 3);
  identity->email = store_desk_dup_text (rows, 4);
  identity->reply_to = store_desk_dup_text (rows, 5);
  identity->signature = store_desk_dup_text (rows, 6);
  identity->position = (gint) store_sql_int (rows, 7);
  identity->rev = store_sql_int (rows, 8);
  return identity;
}

GPtrArray *
store_identities_list (Store   *store,
                       gint64   account_id,
                       GError **error)
{
  g_autoptr(GPtrArray) identities = g_ptr_array_new_with_free_func ((GDestroyNotify) store_identity_free);
  g_autoptr(StoreStatement) rows = NULL;

  rows = store_sql_query (store_peek_desk (store), "SELECT " IDENTITY_COLUMNS " FROM identity "
                          "WHERE ?1 = 0 OR account_id = ?1 ORDER BY account_id, position, id",
                          BIND (INT (account_id)), error);
  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (identities, read_identity (rows));
  return store_sql_end (rows, error) ? g_steal_pointer (&identities) : NULL;
}

StoreIdentity *
store_identities_get (Store   *store,
                      gint64   id,
                      GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), "SELECT " IDENTITY_COLUMNS
                                                    " FROM identity WHERE id = ?", BIND (INT (id)), error);

  if (rows == NULL)
    return NULL;
  if (store_sql_next (rows))
    return read_identity (rows);
  if (store_sql_end (rows, error))
    store_sql_set_missing (error, "identity", id);
  return NULL;
}

gboolean
store_identities_save (Store          *store,
                       StoreIdentity  *identity,
                       GError        **error)
{
  g_autofree char *uuid = g_uuid_string_random ();

  if (identity->id != 0)
    return store_desk_run_one (store, "UPDATE identity SET name = ?, email = ?, reply_to = ?, signature = ?, "
                               "position = ?, rev = " DESK_REV " WHERE id = ?",
                               BIND (TEXT (identity->name), TEXT (identity->email), TEXT (identity->reply_to),
                                     TEXT (identity->signature), INT (identity->position),
                                     INT (identity->id)),
                               "identity", identity->id, error);

  identity->id = store_desk_insert (store, "INSERT INTO identity (uuid, account_id, name, email, reply_to, "
                                           "signature, "
                                    "position, rev) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
                                    "(SELECT coalesce (max (position) + 1, 0) FROM identity"
                                    " WHERE account_id = ?2), "
                                    DESK_REV ")",
                                    BIND (TEXT (uuid), INT (identity->account_id), TEXT (identity->name),
                                          TEXT (identity->email), TEXT (identity->reply_to),
                                          TEXT (identity->signature)), error);
  if (identity->id == 0)
    return FALSE;
  g_free (identity->uuid);
  identity->uuid = g_steal_pointer (&uuid);
  return TRUE;
}

static gboolean
remove_identity (Store     *store,
                 gpointer   data,
                 GError   **error)
{
  StoreDb *db = store_peek_desk (store);
  gint64 id = *(gint64 *) data;
  gint64 n_of_account;

  if (!store_sql_get_int (db, "SELECT count (*) FROM identity WHERE account_id = "
                          "(SELECT account_id FROM identity WHERE id = ?)", BIND (INT (id)), 0, &n_of_account,
                          error))
    return FALSE;
  if (n_of_account == 0)
    return store_sql_set_missing (error, "identity", id);
  if (n_of_account == 1)
    {
      g_set_error_literal (error, STORE_ERROR, STORE_ERROR_STATE, "An account needs at least one identity");
      return FALSE;
    }
  return store_sql_run (db, "DELETE FROM identity WHERE id = ?", BIND (INT (id)), error);
}

gboolean
store_identities_remove (Store   *store,
                         gint64   id,
                         GError **error)
{
  return store_desk_write (store, remove_identity, &id, error);
}

/* --- accepted certificates ------------------------------------------------------------------------------ */

void
store_pin_free (StorePin *pin)
{
  if (pin == NULL)
    return;
  g_free (pin->host);
  g_free (pin->fingerprint);
  g_free (pin);
}

static StorePin *
read_pin (StoreStatement *rows)
{
  StorePin *pin = g_new0 (StorePin, 1);

  pin->account_id = store_sql_int (rows, 0);
  pin->host = store_desk_dup_text (rows, 1);
  pin->port = (guint16) store_sql_int (rows, 2);
  pin->fingerprint = store_desk_dup_text (rows, 3);
  pin->pinned_at = store_sql_int (rows, 4);
  return pin;
}

GPtrArray *
store_pins_list (Store   *store,
                 gint64   account_id,
                 GError **error)
{
  g_autoptr(GPtrArray) pins = g_ptr_array_new_with_free_func ((GDestroyNotify) store_pin_free);
  g_autoptr(StoreStatement) rows = NULL;

  rows = store_sql_query (store_peek_desk (store),
                          "SELECT account_id, host, port, fingerprint, pinned_at FROM pin "
                          "WHERE account_id = ? ORDER BY host, port", BIND (INT (account_id)), error);
  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (pins, read_pin (rows));
  return store_sql_end (rows, error) ? g_steal_pointer (&pins) : NULL;
}

gboolean
store_pins_set (Store       *store,
                gint64       account_id,
                const char  *host,
                guint16      port,
                const char  *fingerprint,
                GError     **error)
{
  return store_desk_run (store, "INSERT INTO pin VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
                         "SET fingerprint = excluded.fingerprint, pinned_at = excluded.pinned_at",
                         BIND (INT (account_id), TEXT (host), INT (port), TEXT (fingerprint),
                               INT (base_clock_now ())), NULL, error);
}

gboolean
store_pins_remove (Store       *store,
                   gint64       account_id,
                   const char  *host,
                   guint16      port,
                   GError     **error)
{
  return store_desk_run (store, "DELETE FROM pin WHERE account_id = ? AND host = ? AND port = ?",
                         BIND (INT (account_id), TEXT (host), INT (port)), NULL, error);
}
