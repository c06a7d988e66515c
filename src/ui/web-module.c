/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/web-module.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <gmodule.h>

#define FILE_NAME "libpenfold-web.so"

/* Relative to where this program lies: an installed tree may have been moved. */
static char *
dup_path (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = NULL;

  if (program == NULL)
    return g_build_filename (PENFOLD_LIBDIR, "penfold", FILE_NAME, NULL);
  if (g_str_has_prefix (program, PENFOLD_BUILD_ROOT "/"))
    return g_build_filename (PENFOLD_BUILD_ROOT, "src", "ui", "web", FILE_NAME, NULL);
  folder = g_path_get_dirname (program);
  return g_build_filename (folder, PENFOLD_LIBDIR_FROM_BINDIR, "penfold", FILE_NAME, NULL);
}

static const UiWebModule *
load (GError **error)
{
  g_autofree char *path = dup_path ();
  GModule *module = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  const UiWebModule *found;
  gpointer entry = NULL;

  if (module == NULL || !g_module_symbol (module, UI_WEB_ENTRY, &entry))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("Cannot load the formatted view: %s"),
                   g_module_error ());
      return NULL;
    }
  /* It registers types, which can never leave. */
  g_module_make_resident (module);
  found = ((UiWebEntry) entry) ();
  if (found->version == UI_WEB_VERSION)
    return found;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       _("The formatted view is of another version of Penfold"));
  return NULL;
}

static void
load_thread (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  GError *error = NULL;
  const UiWebModule *module = load (&error);

  if (module != NULL)
    g_task_return_pointer (task, (gpointer) module, NULL);
  else
    g_task_return_error (task, error);
}

void
ui_web_module_load_async (GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_run_in_thread (task, load_thread);
}

const UiWebModule *
ui_web_module_load_finish (GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
