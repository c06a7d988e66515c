/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/change.c - flag, unflag, move, copy, delete: what a person wants done to one message. */
#include "ctl/accept.h"
#include "ctl/rows.h"

#include "imap/flags.h"
#include "store/changes.h"

#include <stdio.h>

static void
print_ids (const Ctl *ctl,
           GArray    *ids)
{
  if (!ctl->is_json)
    return;
  printf ("{\"changes\":[");
  for (guint i = 0; i < ids->len; i++)
    printf ("%s%" G_GINT64_FORMAT, i > 0 ? "," : "", g_array_index (ids, gint64, i));
  printf ("]}\n");
}

/* The location named by an operand, whatever it is called on the command line. */
static StoreLocation *
find_location (Store       *store,
               const char  *operand,
               GError     **error)
{
  gint64 id = ctl_parse_id (operand);

  if (id != 0)
    return store_locations_get (store, id, error);
  g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "ID is a number that `list` prints: %s", operand);
  return NULL;
}

/* Records it and makes it visible here; the next round tells the server. */
static CtlStatus
wish_for (Ctl             *ctl,
          Store           *store,
          const StoreWish *wish,
          gint64           location_id)
{
  GError *error = NULL;
  g_autoptr(GArray) ids = store_changes_record (store, wish, &location_id, 1, &error);

  if (ids == NULL)
    return ctl_fail ("Cannot record the change", error);
  if (ids->len > 0 && !ctl_accept (ctl, store, ids, &error))
    return ctl_fail ("The change is recorded and waits", error);
  print_ids (ctl, ids);
  return CTL_DONE;
}

/* --- flag and unflag --- */

typedef enum {
  FLAG_ADD,
  FLAG_REMOVE,
} FlagHow;

static CtlStatus
change_flag (Ctl               *ctl,
             const CtlCommand  *command,
             char             **arguments,
             FlagHow            how)
{
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(StoreLocation) location = NULL;
  StoreWish wish = { .kind = STORE_CHANGE_FLAG };
  const char *keywords[2] = { NULL };
  GError *error = NULL;
  guint flag;

  operands = arguments;
  if (!ctl_parse (ctl, command, NULL, &operands, 2, 2))
    return CTL_USAGE;
  flag = ctl_rows_parse_flag (operands[2]);
  if (flag == STORE_FLAG_DELETED)
    return ctl_usage (command, "messages are deleted with `delete`");
  if (flag == 0 && !imap_flags_is_keyword (operands[2]))
    return ctl_usage (command,
                      "FLAG is seen, answered, flagged, draft, forwarded, junk, not-junk, or a keyword");
  keywords[0] = flag == 0 ? operands[2] : NULL;
  *(how == FLAG_ADD ? &wish.flags_add : &wish.flags_remove) = flag;
  *(how == FLAG_ADD ? &wish.keywords_add : &wish.keywords_remove) = keywords;

  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((location = find_location (store, operands[1], &error)) == NULL)
    return ctl_fail ("Cannot find the message", error);
  return wish_for (ctl, store, &wish, location->id);
}

CtlStatus
ctl_flag (Ctl               *ctl,
          const CtlCommand  *command,
          char             **arguments)
{
  return change_flag (ctl, command, arguments, FLAG_ADD);
}

CtlStatus
ctl_unflag (Ctl               *ctl,
            const CtlCommand  *command,
            char             **arguments)
{
  return change_flag (ctl, command, arguments, FLAG_REMOVE);
}

/* --- move and copy --- */

/* A folder that messages can be put into; NULL with error. */
static StoreFolder *
find_folder (Store       *store,
             const char  *operand,
             GError     **error)
{
  gint64 id = ctl_parse_id (operand);
  g_autoptr(StoreFolder) folder = NULL;

  if (id == 0)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "FOLDER is a number that `folders` prints: %s",
                   operand);
      return NULL;
    }
  if ((folder = store_folders_get (store, id, error)) == NULL)
    return NULL;
  if (folder->gone_at == STORE_NONE && (folder->attributes & STORE_FOLDER_NO_SELECT) == 0)
    return g_steal_pointer (&folder);
  g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED, "%s holds no messages", folder->name);
  return NULL;
}

/* Refused here, where a person sees it, rather than when the server is asked. */
static gboolean
may_go (Store                *store,
        const StoreLocation  *location,
        const StoreFolder    *target,
        StoreChangeKind       kind,
        GError              **error)
{
  g_autoptr(StoreFolder) source = store_folders_get (store, location->folder_id, error);

  if (source == NULL)
    return FALSE;
  if (kind == STORE_CHANGE_COPY || target->raw_name == NULL || source->raw_name == NULL
      || source->account_id == target->account_id)
    return TRUE;
  g_set_error_literal (error, STORE_ERROR, STORE_ERROR_FAILED,
                       "Mail cannot be moved from one account's server to another's; copy it, then delete it");
  return FALSE;
}

static CtlStatus
change_folder (Ctl               *ctl,
               const CtlCommand  *command,
               char             **arguments,
               StoreChangeKind    kind)
{
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(StoreFolder) folder = NULL;
  StoreWish wish = { .kind = kind };
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, NULL, &operands, 2, 2))
    return CTL_USAGE;
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((location = find_location (store, operands[1], &error)) == NULL)
    return ctl_fail ("Cannot find the message", error);
  if ((folder = find_folder (store, operands[2], &error)) == NULL)
    return ctl_fail ("Cannot find the folder", error);
  if (!may_go (store, location, folder, kind, &error))
    return ctl_fail ("Cannot move the message", error);
  wish.folder_id = folder->id;
  return wish_for (ctl, store, &wish, location->id);
}

CtlStatus
ctl_move (Ctl               *ctl,
          const CtlCommand  *command,
          char             **arguments)
{
  return change_folder (ctl, command, arguments, STORE_CHANGE_MOVE);
}

CtlStatus
ctl_copy (Ctl               *ctl,
          const CtlCommand  *command,
          char             **arguments)
{
  return change_folder (ctl, command, arguments, STORE_CHANGE_COPY);
}

/* --- delete --- */

CtlStatus
ctl_delete (Ctl               *ctl,
            const CtlCommand  *command,
            char             **arguments)
{
  gboolean is_now = FALSE;
  const GOptionEntry entries[] = { { "now", 0, 0, G_OPTION_ARG_NONE, &is_now, NULL, NULL }, { NULL } };
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(StoreLocation) location = NULL;
  StoreWish wish = { .kind = STORE_CHANGE_DELETE };
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 1, 1))
    return CTL_USAGE;
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((location = find_location (store, operands[1], &error)) == NULL)
    return ctl_fail ("Cannot find the message", error);
  wish.how = is_now ? STORE_DELETE_FOR_GOOD : STORE_DELETE_TO_TRASH;
  return wish_for (ctl, store, &wish, location->id);
}
