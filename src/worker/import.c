/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/import.h"

#include "base/clock.h"
#include "mime/mbox.h"
#include "store/changes.h"
#include "store/listing.h"
#include "worker/mailfiles.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define BATCH       200             /* messages between two looks at the disk */
#define BATCH_BYTES (32 * 1024 * 1024)

typedef struct {
  WorkerImport *import;
  StoreFolder  *folder;
  IngestStream *stream;
  IngestTicket  last;
  guint         n_put;              /* since it was last waited */
  gsize         bytes_put;
  GHashTable   *known;              /* folder of a server: locations that were there before, of gint64 */
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->folder, store_folder_free);
  g_clear_pointer (&run->stream, ingest_stream_free);
  g_clear_pointer (&run->known, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* --- into the store --- */

/* Locations of the folder that were not known before; they are from here on. */
static GArray *
take_new_locations (Run     *run,
                    GError **error)
{
  StoreView view = { .kind = STORE_VIEW_FOLDER, .folder_id = run->folder->id,
                     .account_id = STORE_ACCOUNT_ANY };
  g_autoptr(GArray) entries = store_listing_list (run->import->store, &view, NULL, 0, error);
  g_autoptr(GArray) fresh = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (entries == NULL)
    return NULL;
  for (guint i = 0; i < entries->len; i++)
    {
      gint64 id = g_array_index (entries, StoreEntry, i).id;

      if (g_hash_table_add (run->known, g_memdup2 (&id, sizeof id)))
        g_array_append_val (fresh, id);
    }
  return g_steal_pointer (&fresh);
}

/* What is here and on no server yet goes up; what a pass found on the server meanwhile is passed over. */
static gboolean
record_upload (Run     *run,
               GError **error)
{
  StoreWish wish = { .kind = STORE_CHANGE_APPEND };
  g_autoptr(GArray) fresh = take_new_locations (run, error);
  g_autoptr(GArray) changes = NULL;

  if (fresh == NULL)
    return FALSE;
  if (fresh->len == 0)
    return TRUE;
  changes = store_changes_record (run->import->store, &wish, (const gint64 *) fresh->data, fresh->len, error);
  return changes != NULL;
}

static gboolean
settle_batch (Run     *run,
              GError **error)
{
  if (run->n_put == 0)
    return TRUE;
  if (!ingest_stream_wait (run->stream, run->last, run->import->cancellable, error))
    return FALSE;
  run->import->n_messages += run->n_put;
  run->n_put = 0;
  run->bytes_put = 0;
  return run->known == NULL || record_upload (run, error);
}

/* Text files have bare line feeds; servers take none (RFC 3501 section 6.3.11, RFC 5322 section 2.3). */
static GBytes *
dup_canonical (BaseSlice message)
{
  GByteArray *out;

  if (message.size == 0 || memchr (message.data, '\r', message.size) != NULL)
    return g_bytes_new (message.data, message.size);
  out = g_byte_array_sized_new ((guint) (message.size + message.size / 32));
  while (message.size > 0)
    {
      const guint8 *end = memchr (message.data, '\n', message.size);
      gsize size = end != NULL ? (gsize) (end - message.data) : message.size;

      g_byte_array_append (out, message.data, (guint) size);
      if (end != NULL)
        g_byte_array_append (out, (const guint8 *) "\r\n", 2);
      message = base_slice_sub (message, size + (end != NULL), message.size);
    }
  return g_byte_array_free_to_bytes (out);
}

static gboolean
put (Run                *run,
     GBytes             *message,
     const char * const *words,
     gint64              arrived_at,
     GError            **error)
{
  g_autoptr(GBytes) bytes = run->known != NULL
                            ? dup_canonical (base_slice_from_bytes (message)) : g_bytes_ref (message);
  g_auto(GStrv) keywords = NULL;
  IngestRow row = {
    .account_id = run->folder->account_id, .folder_id = run->folder->id, .arrived_at = MAX (arrived_at, 0),
    .size = (gint64) g_bytes_get_size (bytes), .announced_at = base_clock_now (),
  };
  IngestBody *body;

  worker_mailfiles_read_words (words, &row.flags, &keywords);
  row.keywords = (const char * const *) keywords;
  body = ingest_body_begin (run->stream, &row);
  if (!ingest_body_append (body, base_slice_from_bytes (bytes), error))
    {
      ingest_body_abandon (body);
      return FALSE;
    }
  if ((run->last = ingest_body_finish (body, run->import->cancellable, error)) == 0)
    return FALSE;
  run->n_put++;
  run->bytes_put += g_bytes_get_size (bytes);
  return (run->n_put < BATCH && run->bytes_put < BATCH_BYTES) || settle_batch (run, error);
}

static void
note_failure (Run        *run,
              const char *what,
              const char *why)
{
  g_autofree char *name = g_filename_display_name (what);

  g_ptr_array_add (run->import->failed, g_strdup_printf ("%s: %s", name, why));
}

/* --- out of files --- */

static gboolean
import_mbox (Run         *run,
             GBytes      *file,
             GError     **error)
{
  BaseSlice rest = base_slice_from_bytes (file);

  for (;;)
    {
      g_auto(MimeMboxEntry) entry = { NULL };

      if (g_cancellable_set_error_if_cancelled (run->import->cancellable, error))
        return FALSE;
      if (!mime_mbox_take (&rest, &entry))
        return TRUE;
      if (!put (run, entry.message, (const char * const *) entry.words, entry.arrived_at, error))
        return FALSE;
    }
}

static GBytes *
map_file (const char  *path,
          GError     **error)
{
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, error);

  return file != NULL ? g_mapped_file_get_bytes (file) : NULL;
}

/* One that cannot be read is left out; the others are still good.  arrived_at 0: as the file says. */
static gboolean
import_file (Run                *run,
             const char         *path,
             const char * const *words,
             gint64              arrived_at,
             GError            **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(GBytes) message = map_file (path, &problem);
  GStatBuf facts;

  if (g_cancellable_set_error_if_cancelled (run->import->cancellable, error))
    return FALSE;
  if (message == NULL)
    {
      note_failure (run, path, problem->message);
      return TRUE;
    }
  if (arrived_at == 0 && g_stat (path, &facts) == 0)
    arrived_at = facts.st_mtime;
  return put (run, message, words, arrived_at, error);
}

static gint
compare_names (gconstpointer one,
               gconstpointer other)
{
  return strcmp (*(const char * const *) one, *(const char * const *) other);
}

/* Names in a directory that end so, sorted: the same order each time.  NULL on error. */
static GPtrArray *
list_files (const char  *path,
            const char  *ending,
            GError     **error)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, error);
  GPtrArray *names;
  const char *name;

  if (dir == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (name[0] != '.' && g_str_has_suffix (name, ending))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* "0 work": the letter a stands for work. */
static GPtrArray *
read_keywords (const char *path)
{
  g_autofree char *name = g_build_filename (path, WORKER_MAILFILES_KEYWORDS, NULL), *text = NULL;
  GPtrArray *keywords = g_ptr_array_new_with_free_func (g_free);
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents (name, &text, NULL, NULL))
    return keywords;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *word = strchr (lines[i], ' ');
      guint64 number;

      if (word == NULL
          || !base_slice_parse_uint (base_slice_new (lines[i], (gsize) (word - lines[i])), 25, &number))
        continue;
      while (keywords->len <= number)
        g_ptr_array_add (keywords, g_strdup (""));
      g_free (keywords->pdata[number]);
      keywords->pdata[number] = g_strdup (g_strstrip (word));
    }
  return keywords;
}

static gboolean
import_maildir (Run         *run,
                const char  *path,
                GError     **error)
{
  static const char * const parts[] = { "cur", "new" };
  g_autoptr(GPtrArray) keywords = read_keywords (path);

  for (gsize part = 0; part < G_N_ELEMENTS (parts); part++)
    {
      g_autofree char *dir = g_build_filename (path, parts[part], NULL);
      g_autoptr(GPtrArray) names = list_files (dir, "", error);

      if (names == NULL)
        return FALSE;
      for (guint i = 0; i < names->len; i++)
        {
          g_autofree char *file = g_build_filename (dir, names->pdata[i], NULL);
          g_auto(GStrv) words = worker_mailfiles_read_info (names->pdata[i], keywords);

          if (!import_file (run, file, (const char * const *) words, 0, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* File name -> its line, cut at the tabs. */
static GHashTable *
read_index (const char *path)
{
  g_autofree char *name = g_build_filename (path, WORKER_MAILFILES_INDEX, NULL), *text = NULL;
  GHashTable *index = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_strfreev);
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents (name, &text, NULL, NULL))
    return index;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char **cells = g_strsplit (lines[i], "\t", 3);

      if (g_strv_length (cells) == 3)
        g_hash_table_replace (index, cells[0], cells);
      else
        g_strfreev (cells);
    }
  return index;
}

static gboolean
import_eml_folder (Run         *run,
                   const char  *path,
                   GError     **error)
{
  g_autoptr(GPtrArray) names = list_files (path, ".eml", error);
  g_autoptr(GHashTable) index = read_index (path);

  if (names == NULL)
    return FALSE;
  if (names->len == 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   "%s is no Maildir, and has no message files (.eml)", path);
      return FALSE;
    }
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *file = g_build_filename (path, names->pdata[i], NULL);
      char **cells = g_hash_table_lookup (index, names->pdata[i]);
      g_auto(GStrv) words = g_strsplit (cells != NULL ? cells[2] : "", " ", -1);
      guint64 arrived_at = 0;

      if (cells != NULL)
        base_slice_parse_uint (base_slice_from_string (cells[1]), G_MAXINT64, &arrived_at);
      if (!import_file (run, file, (const char * const *) words, (gint64) arrived_at, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
import_path (Run         *run,
             const char  *path,
             GError     **error)
{
  static const char * const no_words[] = { NULL };
  g_autofree char *cur = g_build_filename (path, "cur", NULL);
  g_autoptr(GBytes) file = NULL;

  if (g_file_test (cur, G_FILE_TEST_IS_DIR))
    return import_maildir (run, path, error);
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return import_eml_folder (run, path, error);
  if ((file = map_file (path, error)) == NULL)
    return FALSE;
  /* A message may begin with such a line too; it is an mbox of one then. */
  if (mime_mbox_is_one (base_slice_from_bytes (file)))
    return import_mbox (run, file, error);
  /* An empty mbox, as an empty folder is exported. */
  if (g_bytes_get_size (file) == 0)
    return TRUE;
  return put (run, file, no_words, 0, error);
}

/* --- the run --- */

static gboolean
begin (Run     *run,
       GError **error)
{
  g_autoptr(GArray) before = NULL;

  if ((run->folder = store_folders_get (run->import->store, run->import->folder_id, error)) == NULL)
    return FALSE;
  if ((run->folder->attributes & STORE_FOLDER_NO_SELECT) != 0 || run->folder->gone_at != STORE_NONE)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_STATE, "The folder %s takes no mail", run->folder->name);
      return FALSE;
    }
  run->stream = ingest_stream_new (run->import->ingest);
  if (run->folder->raw_name == NULL)
    return TRUE;
  run->known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return (before = take_new_locations (run, error)) != NULL;
}

gboolean
worker_import_run (WorkerImport  *import,
                   const char    *path,
                   GError       **error)
{
  g_auto(Run) run = { .import = import };

  return begin (&run, error) && import_path (&run, path, error) && settle_batch (&run, error);
}
