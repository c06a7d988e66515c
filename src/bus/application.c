/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/application.h"

#include <glib/gstdio.h>
#include <stdlib.h>

#define SUFFIX_DIGITS 12

static char *
resolve (const char *path)
{
  g_autofree char *real = realpath (path, NULL);

  return real != NULL ? g_strdup (real) : g_canonicalize_filename (path, NULL);
}

char *
bus_application_real_path (const char *data_dir)
{
  g_mkdir_with_parents (data_dir, 0700);
  return resolve (data_dir);
}

char *
bus_application_id_new (const char *data_dir)
{
  g_autofree char *usual = g_build_filename (g_get_user_data_dir (), "penfold", NULL);
  g_autofree char *usual_path = resolve (usual);
  g_autofree char *path = resolve (data_dir);
  g_autofree char *checksum = NULL;

  if (g_str_equal (path, usual_path))
    return g_strdup (BUS_APPLICATION_ID);
  checksum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
  checksum[SUFFIX_DIGITS] = '\0';
  return g_strconcat (BUS_APPLICATION_ID ".x", checksum, NULL);
}
