/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/read.c - folders, list, show, raw: what the store holds. */
#include "ctl/owner.h"

#include "base/json.h"
#include "bus/jobs.h"
#include "ctl/rows.h"
#include "ctl/table.h"
#include "mime/text.h"
#include "mime/tree.h"
#include "model/where.h"
#include "store/contents.h"
#include "store/history.h"
#include "store/listing.h"
#include "store/locations.h"
#include "store/messages.h"
#include "worker/link.h"

#include <stdio.h>
#include <string.h>

#define TEXT_LIMIT (4 * 1024 * 1024)

/* --- folders --- */

/* Folders on this computer that hold nothing are shown only to who asks for them. */
static gboolean
is_worth_showing (const StoreFolder *folder,
                  gint64             account)
{
  return folder->account_id != STORE_ACCOUNT_LOCAL || folder->total > 0 || account == STORE_ACCOUNT_LOCAL;
}

CtlStatus
ctl_folders (Ctl               *ctl,
             const CtlCommand  *command,
             char             **arguments)
{
  static const CtlColumn columns[] = {
    { "id", CTL_COLUMN_INT }, { "account", CTL_COLUMN_INT }, { "name", CTL_COLUMN_TEXT },
    { "role", CTL_COLUMN_TEXT }, { "total", CTL_COLUMN_INT }, { "unread", CTL_COLUMN_INT }, { NULL }
  };
  gint64 account = STORE_ACCOUNT_ANY;
  const GOptionEntry entries[] = { { "account", 0, 0, G_OPTION_ARG_INT64, &account, NULL, NULL }, { NULL } };
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GPtrArray) folders = NULL;
  g_autoptr(CtlTable) table = ctl_table_new (columns);
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 0, 0))
    return CTL_USAGE;
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((folders = store_folders_list (store, account, STORE_FOLDERS_LIVE, &error)) == NULL)
    return ctl_fail ("Cannot read the folders", error);
  for (guint i = 0; i < folders->len; i++)
    {
      const StoreFolder *folder = folders->pdata[i];
      g_autofree char *name = g_strdup (folder->path);

      if (!is_worth_showing (folder, account))
        continue;
      g_strdelimit (name, STORE_PATH_SEPARATOR, '/');
      ctl_table_add (table, folder->id, folder->account_id, name, store_role_to_string (folder->role),
                     folder->total, folder->unread);
    }
  ctl_table_print (table, ctl->is_json);
  return CTL_DONE;
}

/* --- list --- */

CtlStatus
ctl_list (Ctl               *ctl,
          const CtlCommand  *command,
          char             **arguments)
{
  gint64 limit = 0;
  const GOptionEntry entries[] = { { "limit", 0, 0, G_OPTION_ARG_INT64, &limit, NULL, NULL }, { NULL } };
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(StoreFolder) folder = NULL;
  StoreView view = { .kind = STORE_VIEW_FOLDER, .account_id = STORE_ACCOUNT_ANY };
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 1, 1))
    return CTL_USAGE;
  if ((view.folder_id = ctl_parse_id (operands[1])) == 0)
    return ctl_usage (command, "FOLDER is a number that `folders` prints");
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((folder = store_folders_get (store, view.folder_id, &error)) == NULL)
    return ctl_fail ("Cannot find the folder", error);
  return ctl_rows_print (ctl, store, &view, (gsize) MAX (limit, 0));
}

/* --- one message --- */

/* The message of a location's id, or of "m123". */
static gint64
find_message (Store       *store,
              const char  *operand,
              GError     **error)
{
  g_autoptr(StoreLocation) location = NULL;
  gint64 id = ctl_parse_id (*operand == 'm' ? operand + 1 : operand);

  if (id == 0)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "ID is a number, or m and a number: %s",
                   operand);
      return 0;
    }
  if (*operand == 'm')
    return id;
  location = store_locations_get (store, id, error);
  return location != NULL ? location->message_id : 0;
}

/* --- bodies that are only on the server --- */

static gboolean
check_failed (const char  *sentence,
              GError     **error)
{
  if (sentence != NULL)
    g_set_error_literal (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, sentence);
  return sentence == NULL;
}

static gboolean
fetch_here (CtlOwner            *owner,
            const StoreMessage  *message,
            GError             **error)
{
  const WorkerTools tools = { .store = owner->store, .ingest = owner->ingest, .secrets = owner->secrets };
  g_autoptr(StoreAccount) account = store_accounts_get (owner->store, message->account_id, error);
  g_auto(SyncSummary) summary = { 0 };

  sync_summary_init (&summary);
  return account != NULL && worker_link_fetch (&tools, account, &message->id, 1, &summary, error)
         && check_failed (summary.failed->len > 0 ? summary.failed->pdata[0] : NULL, error);
}

static gboolean
fetch_there (CtlOwner            *owner,
             const StoreMessage  *message,
             GError             **error)
{
  g_autoptr(BusJob) job = NULL;
  g_autofree const char **failed = NULL;
  const char *text = NULL;
  GVariantDict arguments;

  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert_value (&arguments, BUS_KEY_MESSAGES,
                               g_variant_new_fixed_array (G_VARIANT_TYPE_INT64, &message->id, 1,
                                                          sizeof message->id));
  job = bus_client_run_job (owner->worker, BUS_JOB_FETCH, g_variant_dict_end (&arguments), NULL, NULL, NULL,
                            error);
  if (job == NULL)
    return FALSE;
  if (!g_variant_lookup (job->details, BUS_KEY_TEXT, "&s", &text)
      && g_variant_lookup (job->details, BUS_KEY_FAILED, "^a&s", &failed))
    text = failed[0];
  return check_failed (text, error);
}

/* Gets the body if it is not here, and message anew. */
static gboolean
ensure_body (Ctl            *ctl,
             Store          *store,
             StoreMessage  **message,
             GError        **error)
{
  g_autoptr(StoreMessage) filled = NULL;
  g_auto(CtlOwner) owner = { NULL };

  if ((*message)->content_id != 0)
    return TRUE;
  if (!ctl_owner_begin_or_call (&owner, ctl, error)
      || !(owner.worker != NULL
           ? fetch_there (&owner, *message, error) : fetch_here (&owner, *message, error))
      || (filled = store_messages_get (store, (*message)->id, error)) == NULL)
    return FALSE;
  store_message_free (*message);
  *message = g_steal_pointer (&filled);
  return TRUE;
}

static GBytes *
read_content (Ctl                 *ctl,
              Store               *store,
              const StoreMessage  *message,
              GError             **error)
{
  g_autoptr(StoreRaw) raw = store_raw_new (ctl->data_dir);

  if (message->content_id != 0)
    return store_contents_read (store, raw, message->id, error);
  g_set_error_literal (error, STORE_ERROR, STORE_ERROR_NOT_FOUND,
                       "Only its header is here; the message is on the server");
  return NULL;
}

CtlStatus
ctl_raw (Ctl               *ctl,
         const CtlCommand  *command,
         char             **arguments)
{
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(StoreMessage) message = NULL;
  g_autoptr(GBytes) bytes = NULL;
  GError *error = NULL;
  gint64 id;

  operands = arguments;
  if (!ctl_parse (ctl, command, NULL, &operands, 1, 1))
    return CTL_USAGE;
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((id = find_message (store, operands[1], &error)) == 0
      || (message = store_messages_get (store, id, &error)) == NULL)
    return ctl_fail ("Cannot find the message", error);
  if (!ensure_body (ctl, store, &message, &error)
      || (bytes = read_content (ctl, store, message, &error)) == NULL)
    return ctl_fail ("Cannot read the message", error);
  if (fwrite (g_bytes_get_data (bytes, NULL), 1, g_bytes_get_size (bytes), stdout) != g_bytes_get_size (bytes)
      || fflush (stdout) != 0)
    return ctl_fail ("Cannot print the message", NULL);
  return CTL_DONE;
}

static void
write_addresses (BaseJson    *json,
                 GPtrArray   *addresses,
                 MimeRole     role,
                 const char  *key)
{
  base_json_key (json, key);
  base_json_begin_array (json);
  for (guint i = 0; i < addresses->len; i++)
    {
      const MimeAddress *address = addresses->pdata[i];

      if (address->role != role)
        continue;
      base_json_begin_object (json);
      base_json_key_text (json, "name", address->name);
      base_json_key_text (json, "email", address->address);
      base_json_end_object (json);
    }
  base_json_end_array (json);
}

static char *
dup_body_text (GBytes *bytes)
{
  g_autoptr(MimeTree) tree = mime_tree_new (bytes);
  g_autoptr(GArray) parts = mime_tree_list_body (tree, MIME_PREFER_PLAIN);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < parts->len; i++)
    {
      guint index = g_array_index (parts, guint, i);
      g_autofree char *part = NULL;

      if ((mime_tree_get_part (tree, index)->flags & MIME_PART_IS_TEXT) == 0)
        continue;
      part = mime_tree_dup_text (tree, index, TEXT_LIMIT);
      g_string_append (text, part);
    }
  return g_string_free (text, FALSE);
}

static void
write_attachments (BaseJson  *json,
                   GPtrArray *parts)
{
  base_json_key (json, "attachments");
  base_json_begin_array (json);
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const StorePart *part = parts->pdata[i];

      if ((part->facts & STORE_PART_ATTACHMENT) == 0)
        continue;
      base_json_begin_object (json);
      base_json_key_text (json, "section", part->section);
      base_json_key_text (json, "name", part->filename);
      base_json_key_text (json, "type", part->type);
      base_json_key_int (json, "size", part->size);
      base_json_end_object (json);
    }
  base_json_end_array (json);
}

static void
write_flags (BaseJson *json,
             guint     flags)
{
  g_auto(GStrv) names = ctl_rows_dup_flag_names (flags);

  base_json_key (json, "flags");
  base_json_begin_array (json);
  for (guint i = 0; names[i] != NULL; i++)
    base_json_text (json, names[i]);
  base_json_end_array (json);
}

static void
write_locations (BaseJson  *json,
                 GPtrArray *locations)
{
  base_json_key (json, "locations");
  base_json_begin_array (json);
  for (guint i = 0; i < locations->len; i++)
    {
      const StoreLocation *location = locations->pdata[i];

      base_json_begin_object (json);
      base_json_key_int (json, "id", location->id);
      base_json_key_int (json, "folder", location->folder_id);
      write_flags (json, location->flags);
      base_json_key (json, "on_server");
      base_json_boolean (json, store_location_has_server (location));
      base_json_key_int (json, "stored_at", location->stored_at);
      base_json_key_int (json, "verified_at", location->verified_at);
      base_json_key_int (json, "remove_after", location->remove_after);
      base_json_key (json, "pinned");
      base_json_boolean (json, location->is_pinned);
      base_json_key_int (json, "removed_at", location->removed_at);
      base_json_end_object (json);
    }
  base_json_end_array (json);
}

static void
write_history (BaseJson  *json,
               GPtrArray *events)
{
  base_json_key (json, "history");
  base_json_begin_array (json);
  for (guint i = 0; i < events->len; i++)
    {
      const StoreEvent *event = events->pdata[i];

      base_json_begin_object (json);
      base_json_key_int (json, "at", event->at);
      base_json_key_text (json, "event", store_event_to_string (event->kind));
      base_json_key_text (json, "by", store_cause_to_string (event->by));
      base_json_key_text (json, "rule", event->rule);
      base_json_key_text (json, "server_words", event->server_words);
      base_json_end_object (json);
    }
  base_json_end_array (json);
}

/* All that is shown of one message. */
typedef struct {
  StoreMessage *message;
  GPtrArray    *addresses;
  GPtrArray    *parts;
  GPtrArray    *locations;
  GPtrArray    *events;
  char         *text;            /* NULL: only the header is here */
} Shown;

static void
shown_clear (Shown *shown)
{
  g_clear_pointer (&shown->message, store_message_free);
  g_clear_pointer (&shown->addresses, g_ptr_array_unref);
  g_clear_pointer (&shown->parts, g_ptr_array_unref);
  g_clear_pointer (&shown->locations, g_ptr_array_unref);
  g_clear_pointer (&shown->events, g_ptr_array_unref);
  g_clear_pointer (&shown->text, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Shown, shown_clear)

static gboolean
gather (Ctl     *ctl,
        Store   *store,
        gint64   id,
        Shown   *shown,
        GError **error)
{
  g_autoptr(GBytes) bytes = NULL;
  GError *trouble = NULL;

  if ((shown->message = store_messages_get (store, id, error)) == NULL)
    return FALSE;
  /* The header is worth showing without it. */
  if (!ensure_body (ctl, store, &shown->message, &trouble))
    ctl_fail ("Cannot fetch the message", g_steal_pointer (&trouble));
  if ((shown->addresses = store_messages_list_addresses (store, id, error)) == NULL)
    return FALSE;
  if ((shown->parts = store_messages_list_parts (store, id, error)) == NULL)
    return FALSE;
  if ((shown->locations = store_locations_list_message (store, id, error)) == NULL)
    return FALSE;
  if ((shown->events = store_history_list_message (store, id, error)) == NULL)
    return FALSE;
  if (shown->message->content_id == 0)
    return TRUE;
  if ((bytes = read_content (ctl, store, shown->message, error)) == NULL)
    return FALSE;
  shown->text = dup_body_text (bytes);
  return TRUE;
}

static void
print_shown_json (const Shown *shown)
{
  const StoreMessage *message = shown->message;
  BaseJson *json = base_json_new ();
  g_autofree char *text = NULL;

  base_json_begin_object (json);
  base_json_key_int (json, "message", message->id);
  base_json_key_int (json, "account", message->account_id);
  base_json_key_text (json, "message_id", message->message_id);
  base_json_key_text (json, "subject", message->subject);
  write_addresses (json, shown->addresses, MIME_ROLE_FROM, "from");
  write_addresses (json, shown->addresses, MIME_ROLE_TO, "to");
  write_addresses (json, shown->addresses, MIME_ROLE_CC, "cc");
  write_addresses (json, shown->addresses, MIME_ROLE_REPLY_TO, "reply_to");
  base_json_key_int (json, "arrived", message->arrived_at);
  base_json_key_int (json, "size", message->size);
  base_json_key_text (json, "text", shown->text);
  write_attachments (json, shown->parts);
  write_locations (json, shown->locations);
  write_history (json, shown->events);
  base_json_end_object (json);
  text = base_json_free_to_text (json);
  printf ("%s\n", text);
}

static void
print_addresses (GPtrArray  *addresses,
                 MimeRole    role,
                 const char *label)
{
  gboolean is_first = TRUE;

  for (guint i = 0; i < addresses->len; i++)
    {
      const MimeAddress *address = addresses->pdata[i];

      if (address->role != role)
        continue;
      printf ("%s%s <%s>", is_first ? label : ", ", address->name, address->address);
      is_first = FALSE;
    }
  if (!is_first)
    printf ("\n");
}

/* Mail may hold what a terminal takes for a command: only line ends and tabs are let through. */
static void
print_text (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c) && c != '\n' && c != '\t')
        putchar (' ');
      else
        fwrite (p, 1, (gsize) (g_utf8_next_char (p) - p), stdout);
    }
}

static void
print_shown_text (const Shown *shown)
{
  const StoreMessage *message = shown->message;
  g_autoptr(GDateTime) arrived = g_date_time_new_from_unix_local (message->arrived_at);
  g_autofree char *date = arrived != NULL
                          ? g_date_time_format (arrived, "%Y-%m-%d %H:%M:%S %z") : g_strdup ("-");

  print_addresses (shown->addresses, MIME_ROLE_FROM, "From: ");
  print_addresses (shown->addresses, MIME_ROLE_TO, "To: ");
  print_addresses (shown->addresses, MIME_ROLE_CC, "Cc: ");
  printf ("Subject: %s\nArrived: %s\n", message->subject, date);
  for (guint i = 0; i < shown->parts->len; i++)
    {
      const StorePart *part = shown->parts->pdata[i];

      if ((part->facts & STORE_PART_ATTACHMENT) != 0)
        printf ("Attachment: %s (%s, %" G_GINT64_FORMAT " bytes)\n", part->filename != NULL
                ? part->filename : part->section,
                part->type, part->size);
    }
  for (guint i = 0; i < shown->locations->len; i++)
    {
      const StoreLocation *location = shown->locations->pdata[i];
      ModelWhere where = { message->content_id != 0 ? MODEL_HERE_WHOLE : MODEL_HERE_NOTHING,
                           store_location_has_server (location), location->remove_after };
      g_autofree char *words = model_where_dup_words (&where, g_get_real_time () / G_USEC_PER_SEC);

      printf ("Location %" G_GINT64_FORMAT " in folder %" G_GINT64_FORMAT ": %s\n", location->id,
              location->folder_id, words);
    }
  printf ("\n");
  print_text (shown->text != NULL ? shown->text : "(Only the header is here.)\n");
}

CtlStatus
ctl_show (Ctl               *ctl,
          const CtlCommand  *command,
          char             **arguments)
{
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_auto(Shown) shown = { NULL };
  GError *error = NULL;
  gint64 id;

  operands = arguments;
  if (!ctl_parse (ctl, command, NULL, &operands, 1, 1))
    return CTL_USAGE;
  if ((store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  if ((id = find_message (store, operands[1], &error)) == 0 || !gather (ctl, store, id, &shown, &error))
    return ctl_fail ("Cannot show the message", error);
  if (ctl->is_json)
    print_shown_json (&shown);
  else
    print_shown_text (&shown);
  return CTL_DONE;
}
