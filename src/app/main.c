/* SPDX-License-Identifier: GPL-3.0-or-later */
/* app/main.c - the program penfold. */
#include "app/application.h"
#include "base/log.h"

#include <glib/gi18n.h>
#include <locale.h>

int
main (int    argc,
      char **argv)
{
  g_autoptr(GApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, PENFOLD_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  base_log_init ();
  g_set_application_name ("Penfold");
  application = app_application_new ();
  return g_application_run (application, argc, argv);
}
