/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/contacts.h"

#include "base/clock.h"
#include "store/desk.h"

#include <string.h>

#define CONTACT_COLUMNS "id, email, name, times_sent, last_sent_at, shows_images, rev"

void
store_contact_free (StoreContact *contact)
{
  if (contact == NULL)
    return;
  g_free (contact->email);
  g_free (contact->name);
  g_free (contact);
}

static StoreContact *
read_contact (StoreStatement *rows)
{
  StoreContact *contact = g_new0 (StoreContact, 1);

  contact->id = store_sql_int (rows, 0);
  contact->email = store_desk_dup_text (rows, 1);
  contact->name = store_desk_dup_text (rows, 2);
  contact->times_sent = store_sql_int (rows, 3);
  contact->last_sent_at = store_sql_int (rows, 4);
  contact->shows_images = store_sql_int (rows, 5) != 0;
  contact->rev = store_sql_int (rows, 6);
  return contact;
}

/* What nobody could have typed is not worth remembering. */
static gboolean
is_too_long (const char *email,
             const char *name)
{
  return strlen (email) > STORE_CONTACT_TEXT_MAX || strlen (name) > STORE_CONTACT_TEXT_MAX;
}

gboolean
store_contacts_note_sent (Store       *store,
                          const char  *email,
                          const char  *name,
                          GError     **error)
{
  if (is_too_long (email, name))
    return TRUE;
  return store_desk_run (store, "INSERT INTO contact (email, name, times_sent, last_sent_at, rev) "
                         "VALUES (?, ?, 1, ?, " DESK_REV ") ON CONFLICT (email) DO UPDATE SET "
                         "name = iif (excluded.name <> '', excluded.name, name), times_sent = times_sent + "
                         "1, "
                         "last_sent_at = excluded.last_sent_at, rev = excluded.rev",
                         BIND (TEXT (email), TEXT (name), INT (base_clock_now ())), NULL, error);
}

/* --- completing ----------------------------------------------------------------------------------------- */

static gboolean
begins_word (const char *text,
             const char *prefix)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);
  g_autofree char *wanted = g_utf8_casefold (prefix, -1);
  const char *at = folded;

  while ((at = strstr (at, wanted)) != NULL)
    {
      if (at == folded || !g_unichar_isalnum (g_utf8_get_char (g_utf8_prev_char (at))))
        return TRUE;
      at = g_utf8_next_char (at);
    }
  return FALSE;
}

GPtrArray *
store_contacts_complete (Store       *store,
                         const char  *text,
                         guint        limit,
                         GError     **error)
{
  g_autoptr(GPtrArray) contacts = g_ptr_array_new_with_free_func ((GDestroyNotify) store_contact_free);
  g_autoptr(StoreStatement) rows = NULL;

  /* SQLite folds ASCII only, so it orders and we compare; nobody has written to so many that this is slow. */
  rows = store_sql_query (store_peek_desk (store),
                          "SELECT " CONTACT_COLUMNS " FROM contact WHERE times_sent > 0 "
                          "ORDER BY times_sent DESC, last_sent_at DESC", NULL, error);
  if (rows == NULL)
    return NULL;
  while (contacts->len < limit && store_sql_next (rows))
    if (begins_word (store_sql_text (rows, 1), text) || begins_word (store_sql_text (rows, 2), text))
      g_ptr_array_add (contacts, read_contact (rows));
  if (contacts->len < limit && !store_sql_end (rows, error))
    return NULL;
  return g_steal_pointer (&contacts);
}

/* --- one contact ---------------------------------------------------------------------------------------- */

StoreContact *
store_contacts_find (Store       *store,
                     const char  *email,
                     GError     **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), "SELECT " CONTACT_COLUMNS
                                                    " FROM contact WHERE email = ?", BIND (TEXT (email)),
                                                    error);

  if (rows == NULL)
    return NULL;
  if (store_sql_next (rows))
    return read_contact (rows);
  store_sql_end (rows, error);
  return NULL;
}

gboolean
store_contacts_set_shows_images (Store       *store,
                                 const char  *email,
                                 gboolean     shows_images,
                                 GError     **error)
{
  if (is_too_long (email, ""))
    return TRUE;
  return store_desk_run (store,
                         "INSERT INTO contact (email, name, shows_images, rev) VALUES (?, '', ?, " DESK_REV ") "
                         "ON CONFLICT (email) DO UPDATE SET shows_images = excluded.shows_images, rev = "
                         "excluded.rev",
                         BIND (TEXT (email), INT (shows_images)), NULL, error);
}

gboolean
store_contacts_remove (Store   *store,
                       gint64   id,
                       GError **error)
{
  return store_desk_run_one (store, "DELETE FROM contact WHERE id = ?", BIND (INT (id)), "contact", id,
                             error);
}
