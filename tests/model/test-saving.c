/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/saving.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static const char message[] =
  "From: jonas@example.org\r\nSubject: Pier 4/5: plan\r\nMIME-Version: 1.0\r\n"
  "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
  "--m\r\n\r\nSee below.\r\n"
  "--m\r\nContent-Type: application/pdf; name=plan.pdf\r\nContent-Disposition: attachment\r\n"
  "Content-Transfer-Encoding: base64\r\n\r\nb25l\r\n"
  "--m\r\nContent-Type: application/pdf; name=plan.pdf\r\nContent-Disposition: attachment\r\n"
  "Content-Transfer-Encoding: base64\r\n\r\ndHdv\r\n"
  "--m--\r\n";

typedef struct {
  ModelReading *reading;
  char         *folder;
  GAsyncResult *result;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (message, strlen (message));

  fixture->reading = model_reading_new_from_bytes (bytes);
  fixture->folder = g_dir_make_tmp ("penfold-saving-XXXXXX", NULL);
}

static void
remove_all (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_all (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->result);
  g_clear_object (&fixture->reading);
  remove_all (fixture->folder);
  g_free (fixture->folder);
}

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  g_set_object (&((Fixture *) data)->result, result);
}

static GAsyncResult *
wait_for (Fixture *fixture)
{
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return fixture->result;
}

static void
assert_file (Fixture    *fixture,
             const char *name,
             const char *contents)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *found = NULL;

  g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, contents);
}

static guint
count_files (Fixture *fixture)
{
  g_autoptr(GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

static void
test_all_overwrites_nothing (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autofree char *taken = g_build_filename (fixture->folder, "plan.pdf", NULL);
  g_autoptr(GFile) folder = g_file_new_for_path (fixture->folder);
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (taken, "mine", -1, NULL));
  model_saving_all_async (fixture->reading, folder, NULL, finished_cb, fixture);
  g_assert_cmpint (model_saving_all_finish (fixture->reading, wait_for (fixture), &error), ==, 2);
  g_assert_no_error (error);
  assert_file (fixture, "plan.pdf", "mine");
  assert_file (fixture, "plan (2).pdf", "one");
  assert_file (fixture, "plan (3).pdf", "two");
  g_assert_cmpuint (count_files (fixture), ==, 3);
}

static void
test_message_is_saved_as_it_came (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autofree char *name = model_saving_dup_name (fixture->reading);
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);

  g_assert_null (strchr (name, '/'));
  g_assert_true (g_str_has_suffix (name, ".eml"));
  model_saving_save_async (fixture->reading, MODEL_SAVING_MESSAGE, file, NULL, finished_cb, fixture);
  g_assert_true (model_saving_save_finish (fixture->reading, wait_for (fixture), NULL));
  assert_file (fixture, name, message);
}

static void
test_failure_leaves_the_old_file (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "plan.pdf", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GCancellable) cancelled = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  g_cancellable_cancel (cancelled);
  model_saving_save_async (fixture->reading, MODEL_SAVING_MESSAGE, file, cancelled, finished_cb, fixture);
  g_assert_false (model_saving_save_finish (fixture->reading, wait_for (fixture), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_file (fixture, "plan.pdf", "mine");
  g_assert_cmpuint (count_files (fixture), ==, 1);
}

static void
test_missing_folder_says_so (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "none", "plan.pdf", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;

  model_saving_save_async (fixture->reading, MODEL_SAVING_MESSAGE, file, NULL, finished_cb, fixture);
  g_assert_false (model_saving_save_finish (fixture->reading, wait_for (fixture), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "plan.pdf"));
}

static void
test_copy_is_private_and_no_program (Fixture       *fixture,
                                     gconstpointer  data)
{
  const ModelAttachment *attachment = model_reading_peek (fixture->reading)->attachments->pdata[0];
  g_autoptr(GError) error = NULL;
  g_autoptr(GFile) copy = NULL;
  g_autofree char *folder = NULL;
  GStatBuf status;

  model_saving_copy_async (fixture->reading, attachment, NULL, finished_cb, fixture);
  copy = model_saving_copy_finish (fixture->reading, wait_for (fixture), &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (g_file_peek_path (copy), &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0400);
  folder = g_path_get_dirname (g_file_peek_path (copy));
  g_assert_cmpint (g_stat (folder, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0700);
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *cache = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  cache = g_dir_make_tmp ("penfold-cache-XXXXXX", NULL);
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/model/saving/all-overwrites-nothing", test_all_overwrites_nothing);
  ADD ("/model/saving/message-is-saved-as-it-came", test_message_is_saved_as_it_came);
  ADD ("/model/saving/failure-leaves-the-old-file", test_failure_leaves_the_old_file);
  ADD ("/model/saving/missing-folder-says-so", test_missing_folder_says_so);
  ADD ("/model/saving/copy-is-private-and-no-program", test_copy_is_private_and_no_program);
  status = g_test_run ();
  remove_all (cache);
  return status;
}
