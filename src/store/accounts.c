/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/accounts.h"

#include "base/clock.h"
#include "store/desk.h"

static const char * const protocol_words[] = { "imap", "pop3" };
static const char * const security_words[] = { "tls", "starttls", "none" };
static const char * const auth_words[] = { "password", "oauth2" };
static const char * const offline_words[] = { "all", "headers", "open", "days" };
static const char * const leave_words[] = { "forever", "remove", "days" };
static const char * const older_mail_words[] = { "ask", "keep", "remove" };
static const char * const vanished_words[] = { "follow", "keep" };
static const char * const notify_words[] = { "inbox", "all", "none" };
static const char * const save_sent_words[] = { "server", "here", "none" };

STORE_DEFINE_WORDS (StoreProtocol, protocol)
STORE_DEFINE_WORDS (StoreSecurity, security)
STORE_DEFINE_WORDS (StoreAuth, auth)
STORE_DEFINE_WORDS (StoreOffline, offline)
STORE_DEFINE_WORDS (StoreLeave, leave)
STORE_DEFINE_WORDS (StoreOlderMail, older_mail)
STORE_DEFINE_WORDS (StoreVanished, vanished)
STORE_DEFINE_WORDS (StoreNotify, notify)
STORE_DEFINE_WORDS (StoreSaveSent, save_sent)

/* --- in memory ------------------------------------------------------------------------------------------ */

StoreAccount *
store_account_new (void)
{
  StoreAccount *account = g_new0 (StoreAccount, 1);

  account->uuid = g_strdup ("");
  account->name = g_strdup ("");
  account->email = g_strdup ("");
  account->incoming.host = g_strdup ("");
  account->incoming.user = g_strdup ("");
  account->outgoing.host = g_strdup ("");
  account->outgoing.user = g_strdup ("");
  account->remove_when_deleted = TRUE;
  account->keep_newest_count = STORE_NO_RULE;
  account->keep_newest_bytes = STORE_NO_RULE;
  account->when_full_percent = STORE_NO_RULE;
  account->check_interval_s = 600;
  account->is_enabled = TRUE;
  return account;
}

StoreAccount *
store_account_copy (const StoreAccount *account)
{
  StoreAccount *copy = g_memdup2 (account, sizeof *account);

  copy->uuid = g_strdup (account->uuid);
  copy->name = g_strdup (account->name);
  copy->email = g_strdup (account->email);
  copy->incoming.host = g_strdup (account->incoming.host);
  copy->incoming.user = g_strdup (account->incoming.user);
  copy->outgoing.host = g_strdup (account->outgoing.host);
  copy->outgoing.user = g_strdup (account->outgoing.user);
  copy->ca_file = g_strdup (account->ca_file);
  return copy;
}

void
store_account_free (StoreAccount *account)
{
  if (account == NULL)
    return;
  g_free (account->uuid);
  g_free (account->name);
  g_free (account->email);
  g_free (account->incoming.host);
  g_free (account->incoming.user);
  g_free (account->outgoing.host);
  g_free (account->outgoing.user);
  g_free (account->ca_file);
  g_free (account);
}

void
store_account_set (char       **field,
                   const char  *text)
{
  char *old = *field;

  *field = g_strdup (text);
  g_free (old);
}

/* --- rows ----------------------------------------------------------------------------------------------- */

#define ACCOUNT_COLUMNS \
  "id, uuid, name, email, protocol, position, " \
  "incoming_host, incoming_port, incoming_security, incoming_user, incoming_auth, " \
  "outgoing_host, outgoing_port, outgoing_security, outgoing_user, outgoing_auth, ca_file, " \
  "offline, offline_days, leave_on_server, leave_days, remove_when_deleted, " \
  "keep_newest_count, keep_newest_bytes, when_full_percent, older_mail, removals_confirmed, vanished, " \
  "check_interval_s, notify, save_sent, is_enabled, removed_at, created_at, rev"

/* A word that this version does not know is the first of its kind, which is the careful one. */
static guint
read_word (StoreStatement    *rows,
           int                column,
           const char *const *words,
           gsize              n_words)
{
  int found = store_words_find (words, n_words, store_sql_text (rows, column));

  return found < 0 ? 0 : (guint) found;
}
#define READ_WORD(rows, column, words) read_word ((rows), (column), (words), G_N_ELEMENTS (words))

static void
read_server (StoreStatement *rows,
             int             column,
             StoreServer    *server)
{
  server->host = store_desk_dup_text (rows, column);
  server->port = (guint16) store_sql_int (rows, column + 1);
  server->security = READ_WORD (rows, column + 2, security_words);
  server->user = store_desk_dup_text (rows, column + 3);
  server->auth = READ_WORD (rows, column + 4, auth_words);
}

static StoreAccount *
read_account (StoreStatement *rows)
{
  StoreAccount *account = g_new0 (StoreAccount, 1);

  account->id = store_sql_int (rows, 0);
  account->uuid = store_desk_dup_text (rows, 1);
  account->name = store_desk_dup_text (rows, 2);
  account->email = store_desk_dup_text (rows, 3);
  account->protocol = READ_WORD (rows, 4, protocol_words);
  account->position = (gint) store_sql_int (rows, 5);
  read_server (rows, 6, &account->incoming);
  read_server (rows, 11, &account->outgoing);
  account->ca_file = store_sql_dup_text (rows, 16);
  account->offline = READ_WORD (rows, 17, offline_words);
  account->offline_days = (gint) store_sql_int (rows, 18);
  account->leave_on_server = READ_WORD (rows, 19, leave_words);
  account->leave_days = (gint) store_sql_int (rows, 20);
  account->remove_when_deleted = store_sql_int (rows, 21) != 0;
  account->keep_newest_count = store_sql_int_or (rows, 22, STORE_NO_RULE);
  account->keep_newest_bytes = store_sql_int_or (rows, 23, STORE_NO_RULE);
  account->when_full_percent = store_sql_int_or (rows, 24, STORE_NO_RULE);
  account->older_mail = READ_WORD (rows, 25, older_mail_words);
  account->removals_confirmed = store_sql_int (rows, 26) != 0;
  account->vanished = READ_WORD (rows, 27, vanished_words);
  account->check_interval_s = (gint) store_sql_int (rows, 28);
  account->notify = READ_WORD (rows, 29, notify_words);
  account->save_sent = READ_WORD (rows, 30, save_sent_words);
  account->is_enabled = store_sql_int (rows, 31) != 0;
  account->removed_at = store_sql_int (rows, 32);
  account->created_at = store_sql_int (rows, 33);
  account->rev = store_sql_int (rows, 34);
  return account;
}

GPtrArray *
store_accounts_list (Store              *store,
                     StoreAccountScope   scope,
                     GError            **error)
{
  g_autoptr(GPtrArray) accounts = g_ptr_array_new_with_free_func ((GDestroyNotify) store_account_free);
  g_autoptr(StoreStatement) rows = NULL;

  rows = store_sql_query (store_peek_desk (store), "SELECT " ACCOUNT_COLUMNS " FROM account "
                          "WHERE removed_at IS NULL OR ? ORDER BY position, id",
                          BIND (INT (scope == STORE_ACCOUNTS_ALL)), error);
  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (accounts, read_account (rows));
  return store_sql_end (rows, error) ? g_steal_pointer (&accounts) : NULL;
}

StoreAccount *
store_accounts_get (Store   *store,
                    gint64   id,
                    GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), "SELECT " ACCOUNT_COLUMNS
                                                    " FROM account WHERE id = ?", BIND (INT (id)), error);

  if (rows == NULL)
    return NULL;
  if (store_sql_next (rows))
    return read_account (rows);
  if (store_sql_end (rows, error))
    store_sql_set_missing (error, "account", id);
  return NULL;
}

/* In the order of the schema, from name on to is_enabled. */
#define ACCOUNT_VALUES(a) \
  TEXT ((a)->name), TEXT ((a)->email), TEXT (protocol_words[(a)->protocol]), INT ((a)->position), \
  TEXT ((a)->incoming.host), INT ((a)->incoming.port), TEXT (security_words[(a)->incoming.security]), \
  TEXT ((a)->incoming.user), TEXT (auth_words[(a)->incoming.auth]), \
  TEXT ((a)->outgoing.host), INT ((a)->outgoing.port), TEXT (security_words[(a)->outgoing.security]), \
  TEXT ((a)->outgoing.user), TEXT (auth_words[(a)->outgoing.auth]), TEXT ((a)->ca_file), \
  TEXT (offline_words[(a)->offline]), INT ((a)->offline_days), \
  TEXT (leave_words[(a)->leave_on_server]), INT ((a)->leave_days), INT ((a)->remove_when_deleted), \
  INT_UNLESS (STORE_NO_RULE, (a)->keep_newest_count), INT_UNLESS (STORE_NO_RULE, (a)->keep_newest_bytes), \
  INT_UNLESS (STORE_NO_RULE, (a)->when_full_percent), TEXT (older_mail_words[(a)->older_mail]), \
  INT ((a)->removals_confirmed), TEXT (vanished_words[(a)->vanished]), INT ((a)->check_interval_s), \
  TEXT (notify_words[(a)->notify]), TEXT (save_sent_words[(a)->save_sent]), INT ((a)->is_enabled)

typedef struct {
  const StoreAccount *account;
  const char         *sender;
  char               *uuid;
  gint64              id;
  gint64              position;
  gint64              now;
} Adding;

static gboolean
insert_account (Adding   *adding,
                StoreDb  *db,
                GError  **error)
{
  StoreAccount with_position = *adding->account;

  if (!store_sql_get_int (db, "SELECT max (position) + 1 FROM account", NULL, 0, &adding->position, error))
    return FALSE;
  with_position.position = (gint) adding->position;
  if (!store_sql_run (db, "INSERT INTO account (uuid, created_at, name, email, protocol, position, "
                      "incoming_host, incoming_port, incoming_security, incoming_user, incoming_auth, "
                      "outgoing_host, outgoing_port, outgoing_security, outgoing_user, outgoing_auth, "
                      "ca_file, offline, offline_days, leave_on_server, leave_days, remove_when_deleted, "
                      "keep_newest_count, keep_newest_bytes, when_full_percent, older_mail, "
                      "removals_confirmed, "
                      "vanished, check_interval_s, notify, save_sent, is_enabled, rev) VALUES "
                      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                      "?, ?, ?, ?, "
                      DESK_REV ")",
                      BIND (TEXT (adding->uuid), INT (adding->now), ACCOUNT_VALUES (&with_position)), error))
    return FALSE;
  adding->id = store_sql_last_id (db);
  return TRUE;
}

static gboolean
add_account (Store     *store,
             gpointer   data,
             GError   **error)
{
  StoreDb *db = store_peek_desk (store);
  Adding *adding = data;
  g_autofree char *uuid = g_uuid_string_random ();

  return insert_account (adding, db, error)
    && store_sql_run (db,
                      "INSERT INTO identity (uuid, account_id, name, email, rev) VALUES (?, ?, ?, ?, " DESK_REV ")",
                      BIND (TEXT (uuid), INT (adding->id), TEXT (adding->sender),
                            TEXT (adding->account->email)), error);
}

gint64
store_accounts_add (Store         *store,
                    StoreAccount  *account,
                    const char    *sender,
                    GError       **error)
{
  g_autofree char *uuid = g_uuid_string_random ();
  Adding adding = { .account = account, .sender = sender, .uuid = uuid, .now = base_clock_now () };

  if (!store_desk_write (store, add_account, &adding, error))
    return 0;
  account->id = adding.id;
  account->position = (gint) adding.position;
  account->created_at = adding.now;
  store_account_set (&account->uuid, uuid);
  return adding.id;
}

gboolean
store_accounts_update (Store               *store,
                       const StoreAccount  *account,
                       GError             **error)
{
  return store_desk_run_one (store, "UPDATE account SET name = ?, email = ?, protocol = ?, position = ?, "
                             "incoming_host = ?, incoming_port = ?, incoming_security = ?, incoming_user = "
                             "?, "
                             "incoming_auth = ?, outgoing_host = ?, outgoing_port = ?, outgoing_security = "
                             "?, "
                             "outgoing_user = ?, outgoing_auth = ?, ca_file = ?, offline = ?, offline_days = "
                             "?, "
                             "leave_on_server = ?, leave_days = ?, remove_when_deleted = ?, "
                             "keep_newest_count = ?, "
                             "keep_newest_bytes = ?, when_full_percent = ?, older_mail = ?, "
                             "removals_confirmed = ?, "
                             "vanished = ?, check_interval_s = ?, notify = ?, save_sent = ?, is_enabled = ?, "
                             "rev = " DESK_REV " WHERE id = ?",
                             BIND (ACCOUNT_VALUES (account), INT (account->id)), "account", account->id,
                             error);
}

gboolean
store_accounts_remove (Store   *store,
                       gint64   id,
                       GError **error)
{
  return store_desk_run_one (store,
                             "UPDATE account SET removed_at = coalesce (removed_at, ?), rev = " DESK_REV
                             " WHERE id = ?", BIND (INT (base_clock_now ()), INT (id)), "account", id, error);
}

static gboolean
forget_account (Store     *store,
                gpointer   data,
                GError   **error)
{
  StoreDb *db = store_peek_desk (store);
  gint64 id = *(gint64 *) data;

  return store_sql_run (db, "DELETE FROM folder_policy WHERE account_id = ?", BIND (INT (id)), error)
    && store_sql_run (db, "DELETE FROM account WHERE id = ?", BIND (INT (id)), error);
}

gboolean
store_accounts_forget (Store   *store,
                       gint64   id,
                       GError **error)
{
  return store_desk_write (store, forget_account, &id, error);
}
