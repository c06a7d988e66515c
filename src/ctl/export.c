/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/export.c - writes mail into files that any other program reads: a folder for each account, in it the
 * folders. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "mime/mbox.h"
#include "store/accounts.h"
#include "store/contents.h"
#include "store/listing.h"
#include "store/locations.h"
#include "store/messages.h"
#include "worker/mailfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum {
  FORMAT_MBOX,
  FORMAT_MAILDIR,
  FORMAT_EML,
} Format;

typedef struct {
  const char *dir;
  Format      format;
  Store      *store;
  StoreRaw   *raw;
  GPtrArray  *accounts;         /* of StoreAccount */
  GHashTable *paths;            /* of folders, that were taken */
  guint64     n_folders;
  guint64     n_messages;
  GPtrArray  *failed;           /* of char: a sentence each */
} Export;

/* Where the messages of one folder go. */
typedef struct {
  char      *path;              /* of the mbox file, or of the directory */
  FILE      *list;              /* the mbox file, or the index of single files */
  GPtrArray *keywords;          /* Maildir: those that have a letter */
} Target;

typedef struct {
  gint64    id;
  GBytes   *bytes;
  char    **words;
  gint64    arrived_at;
  char     *sender;
} Mail;

static void
mail_clear (Mail *mail)
{
  g_clear_pointer (&mail->bytes, g_bytes_unref);
  g_clear_pointer (&mail->words, g_strfreev);
  g_free (mail->sender);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Mail, mail_clear)

static void
target_clear (Target *target)
{
  if (target->list != NULL)
    fclose (target->list);
  g_clear_pointer (&target->keywords, g_ptr_array_unref);
  g_free (target->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Target, target_clear)

/* --- files --- */

static gboolean
set_file_error (const char  *path,
                int          code,
                GError     **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "Cannot write %s: %s", path,
               g_strerror (code));
  return FALSE;
}

static gboolean
make_dir (const char  *path,
          GError     **error)
{
  return g_mkdir_with_parents (path, 0700) == 0 || set_file_error (path, errno, error);
}

/* Never over one that is there. */
static FILE *
open_new (const char  *path,
          GError     **error)
{
  int fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  FILE *file = fd >= 0 ? fdopen (fd, "w") : NULL;

  if (file == NULL)
    set_file_error (path, errno, error);
  return file;
}

static gboolean
close_file (FILE       **file,
            const char  *path,
            GError     **error)
{
  FILE *closing = g_steal_pointer (file);

  return fclose (closing) == 0 || set_file_error (path, errno, error);
}

/* All of it at once, where each file by itself would take as long as the rest of the work. */
static gboolean
sync_dir (const char  *path,
          GError     **error)
{
  int fd = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean is_synced = fd >= 0 && syncfs (fd) == 0;
  int code = errno;

  if (fd >= 0)
    close (fd);
  return is_synced || set_file_error (path, code, error);
}

static gboolean
write_file (const char  *path,
            const Mail  *mail,
            GError     **error)
{
  const struct timespec times[2] = { { .tv_sec = mail->arrived_at }, { .tv_sec = mail->arrived_at } };
  gsize size = g_bytes_get_size (mail->bytes);
  FILE *file = open_new (path, error);

  if (file == NULL)
    return FALSE;
  if (fwrite (g_bytes_get_data (mail->bytes, NULL), 1, size, file) != size)
    {
      fclose (file);
      return set_file_error (path, errno, error);
    }
  return close_file (&file, path, error)
         && (utimensat (AT_FDCWD, path, times, 0) == 0 || set_file_error (path, errno, error));
}

/* --- one folder --- */

static char *
dup_account_name (Export *export,
                  gint64  id)
{
  g_autofree char *name = NULL;

  for (guint i = 0; i < export->accounts->len; i++)
    {
      const StoreAccount *account = export->accounts->pdata[i];

      if (account->id == id)
        name = g_strdup_printf ("%" G_GINT64_FORMAT " %s", id, account->email);
    }
  if (name == NULL)
    name = id == STORE_ACCOUNT_LOCAL
           ? g_strdup ("On This Computer") : g_strdup_printf ("%" G_GINT64_FORMAT, id);
  return worker_mailfiles_escape (name);
}

static char *
dup_path (Export            *export,
          const StoreFolder *folder)
{
  g_auto(GStrv) levels = g_strsplit (folder->path, STORE_PATH_SEPARATOR, -1);
  g_autofree char *account = dup_account_name (export, folder->account_id);
  g_autofree char *path = g_build_filename (export->dir, account, NULL);

  for (guint i = 0; levels[i] != NULL; i++)
    {
      g_autofree char *level = worker_mailfiles_escape (levels[i]);
      char *longer = g_build_filename (path, level, NULL);

      g_free (path);
      path = longer;
    }
  /* Two names of a server may look the same. */
  if (!g_hash_table_add (export->paths, g_strdup (path)))
    return g_strdup_printf ("%s%%%" G_GINT64_FORMAT, path, folder->id);
  return g_steal_pointer (&path);
}

static gboolean
open_mbox (Target  *target,
           GError **error)
{
  g_autofree char *parent = g_path_get_dirname (target->path);
  char *path = g_strconcat (target->path, ".mbox", NULL);

  g_free (target->path);
  target->path = path;
  return make_dir (parent, error) && (target->list = open_new (path, error)) != NULL;
}

static gboolean
open_maildir (Target  *target,
              GError **error)
{
  static const char * const names[] = { "cur", "new", "tmp" };

  target->keywords = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (target->path, names[i], NULL);

      if (!make_dir (path, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
open_eml (Target  *target,
          GError **error)
{
  g_autofree char *index = g_build_filename (target->path, WORKER_MAILFILES_INDEX, NULL);

  return make_dir (target->path, error) && (target->list = open_new (index, error)) != NULL;
}

static gboolean
open_target (Export  *export,
             Target  *target,
             GError **error)
{
  switch (export->format)
    {
    case FORMAT_MBOX:    return open_mbox (target, error);
    case FORMAT_MAILDIR: return open_maildir (target, error);
    case FORMAT_EML:     return open_eml (target, error);
    }
  g_assert_not_reached ();
}

static gboolean
write_keywords (Target  *target,
                GError **error)
{
  g_autofree char *path = g_build_filename (target->path, WORKER_MAILFILES_KEYWORDS, NULL);
  FILE *file = open_new (path, error);

  if (file == NULL)
    return FALSE;
  for (guint i = 0; i < target->keywords->len; i++)
    fprintf (file, "%u %s\n", i, (char *) target->keywords->pdata[i]);
  return close_file (&file, path, error);
}

static gboolean
close_target (Target  *target,
              GError **error)
{
  if (target->keywords != NULL && target->keywords->len > 0 && !write_keywords (target, error))
    return FALSE;
  return target->list == NULL || close_file (&target->list, target->path, error);
}

/* --- one message --- */

static gboolean
write_piece (BaseSlice   piece,
             gpointer    user_data,
             GError    **error)
{
  Target *target = user_data;

  return fwrite (piece.data, 1, piece.size, target->list) == piece.size
         || set_file_error (target->path, errno, error);
}

static gboolean
write_mbox (Target     *target,
            const Mail *mail,
            GError    **error)
{
  MimeMboxEntry entry = { mail->bytes, mail->words, mail->arrived_at };

  return mime_mbox_write (&entry, mail->sender, write_piece, target, error);
}

static gboolean
write_maildir (Export      *export,
               Target      *target,
               const Mail  *mail,
               GError     **error)
{
  guint n_left_out;
  g_autofree char *info = worker_mailfiles_dup_info ((const char * const *) mail->words, target->keywords,
                                                     &n_left_out);
  g_autofree char *name = g_strdup_printf ("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT ".penfold:2,%s",
                                           mail->arrived_at, mail->id, info);
  g_autofree char *path = g_build_filename (target->path, "cur", name, NULL);

  if (n_left_out > 0)
    g_ptr_array_add (export->failed, g_strdup_printf ("Message %" G_GINT64_FORMAT " loses %u keywords: a"
                                                      " Maildir has room for 26",
                                                      mail->id, n_left_out));
  return write_file (path, mail, error);
}

static gboolean
write_eml (Target      *target,
           const Mail  *mail,
           GError     **error)
{
  g_autofree char *name = g_strdup_printf ("%" G_GINT64_FORMAT ".eml", mail->id);
  g_autofree char *path = g_build_filename (target->path, name, NULL);
  g_autofree char *words = g_strjoinv (" ", mail->words);

  if (!write_file (path, mail, error))
    return FALSE;
  return fprintf (target->list, "%s\t%" G_GINT64_FORMAT "\t%s\n", name, mail->arrived_at, words) > 0
         || set_file_error (target->path, errno, error);
}

/* FALSE without error: it is not to be had, and that was noted. */
static gboolean
read_mail (Export  *export,
           gint64   location_id,
           Mail    *mail,
           GError **error)
{
  g_autoptr(StoreLocation) location = store_locations_get (export->store, location_id, error);
  g_autoptr(StoreMessage) message = NULL;
  g_auto(GStrv) keywords = NULL;
  g_autoptr(GError) problem = NULL;

  if (location == NULL || (message = store_messages_get (export->store, location->message_id, error)) == NULL
      || (keywords = store_locations_list_keywords (export->store, location_id, error)) == NULL)
    return FALSE;
  mail->id = location_id;
  mail->words = worker_mailfiles_dup_words (location->flags, (const char * const *) keywords);
  mail->arrived_at = message->arrived_at;
  mail->sender = g_strdup (message->from_address);
  if (message->content_id == 0)
    g_set_error_literal (&problem, STORE_ERROR, STORE_ERROR_NOT_FOUND, "it is only on the server");
  else
    mail->bytes = store_contents_read (export->store, export->raw, message->id, &problem);
  if (mail->bytes != NULL)
    return TRUE;
  g_ptr_array_add (export->failed,
                   g_strdup_printf ("Message %" G_GINT64_FORMAT " (%s): %s", location_id, message->subject,
                                                    problem->message));
  return FALSE;
}

static gboolean
export_message (Export  *export,
                Target  *target,
                gint64   location_id,
                GError **error)
{
  g_auto(Mail) mail = { 0 };
  g_autoptr(GError) problem = NULL;

  if (!read_mail (export, location_id, &mail, &problem))
    {
      /* One that was moved or deleted meanwhile. */
      if (problem == NULL || g_error_matches (problem, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  export->n_messages++;
  switch (export->format)
    {
    case FORMAT_MBOX:    return write_mbox (target, &mail, error);
    case FORMAT_MAILDIR: return write_maildir (export, target, &mail, error);
    case FORMAT_EML:     return write_eml (target, &mail, error);
    }
  g_assert_not_reached ();
}

static gboolean
export_folder (Export             *export,
               const StoreFolder  *folder,
               GError            **error)
{
  StoreView view = { .kind = STORE_VIEW_FOLDER, .folder_id = folder->id, .account_id = STORE_ACCOUNT_ANY };
  g_autoptr(GArray) entries = store_listing_list (export->store, &view, NULL, 0, error);
  g_auto(Target) target = { NULL };

  if (entries == NULL)
    return FALSE;
  if (entries->len == 0
      && ((folder->attributes & STORE_FOLDER_NO_SELECT) != 0 || folder->account_id == STORE_ACCOUNT_LOCAL))
    return TRUE;
  target.path = dup_path (export, folder);
  if (!open_target (export, &target, error))
    return FALSE;
  for (guint i = entries->len; i > 0; i--)
    if (!export_message (export, &target, g_array_index (entries, StoreEntry, i - 1).id, error))
      return FALSE;
  export->n_folders++;
  return close_target (&target, error);
}

/* --- the command --- */

static gboolean
parse_format (const char *name,
              Format     *format)
{
  static const char * const names[] = { "mbox", "maildir", "eml" };

  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], name) == 0)
      {
        *format = (Format) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
begin_dir (const char  *path,
           GError     **error)
{
  g_autoptr(GDir) dir = NULL;

  if (!make_dir (path, error) || (dir = g_dir_open (path, 0, error)) == NULL)
    return FALSE;
  if (g_dir_read_name (dir) == NULL)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "%s is not empty, and nothing is written over", path);
  return FALSE;
}

static gboolean
export_all (Export  *export,
            gint64   account_id,
            gint64   folder_id,
            GError **error)
{
  g_autoptr(GPtrArray) folders = store_folders_list (export->store, account_id, STORE_FOLDERS_ALL, error);
  gboolean is_found = folder_id == 0;

  if (folders == NULL)
    return FALSE;
  for (guint i = 0; i < folders->len; i++)
    {
      const StoreFolder *folder = folders->pdata[i];

      if (folder_id != 0 && folder->id != folder_id)
        continue;
      is_found = TRUE;
      if (!export_folder (export, folder, error))
        return FALSE;
    }
  if (!is_found)
    g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "There is no folder %" G_GINT64_FORMAT,
                 folder_id);
  return is_found;
}

static CtlStatus
print_result (Ctl    *ctl,
              Export *export)
{
  BaseJson *json = base_json_new ();
  g_autofree char *text = NULL;

  base_json_begin_object (json);
  base_json_key_int (json, "folders", (gint64) export->n_folders);
  base_json_key_int (json, "messages", (gint64) export->n_messages);
  base_json_key (json, "failed");
  base_json_begin_array (json);
  for (guint i = 0; i < export->failed->len; i++)
    base_json_text (json, export->failed->pdata[i]);
  base_json_end_array (json);
  base_json_end_object (json);
  text = base_json_free_to_text (json);
  if (ctl->is_json)
    printf ("%s\n", text);
  else
    printf ("%" G_GUINT64_FORMAT " messages of %" G_GUINT64_FORMAT " folders\n", export->n_messages,
            export->n_folders);
  for (guint i = 0; i < export->failed->len; i++)
    g_printerr ("penfoldctl: %s\n", (char *) export->failed->pdata[i]);
  return export->failed->len > 0 ? CTL_PARTLY : CTL_DONE;
}

CtlStatus
ctl_export (Ctl               *ctl,
            const CtlCommand  *command,
            char             **arguments)
{
  gint64 account_id = STORE_ACCOUNT_ANY, folder_id = 0;
  g_autofree char *format = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format, NULL, NULL },
    { "account", 0, 0, G_OPTION_ARG_INT64, &account_id, NULL, NULL },
    { "folder", 0, 0, G_OPTION_ARG_INT64, &folder_id, NULL, NULL },
    { NULL }
  };
  g_auto(GStrv) operands = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(StoreRaw) raw = NULL;
  g_autoptr(GPtrArray) accounts = NULL;
  g_autoptr(GPtrArray) failed = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GHashTable) paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Export export = { .failed = failed, .paths = paths };
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 1, 1))
    return CTL_USAGE;
  if (!parse_format (format, &export.format))
    return ctl_usage (command, "--format: mbox, maildir or eml");
  if ((export.store = store = ctl_open (ctl)) == NULL)
    return CTL_FAILED;
  export.dir = operands[1];
  export.raw = raw = store_raw_new (ctl->data_dir);
  if ((export.accounts = accounts = store_accounts_list (store, STORE_ACCOUNTS_ALL, &error)) == NULL)
    return ctl_fail ("Cannot read the accounts", error);
  if (!begin_dir (export.dir, &error) || !export_all (&export, account_id, folder_id, &error)
      || !sync_dir (export.dir, &error))
    return ctl_fail ("Cannot export", error);
  return print_result (ctl, &export);
}
