/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <string.h>

static char **enabled;

gboolean
base_log_is_enabled (const char *folder)
{
  return enabled != NULL
         && (g_strv_contains ((const char * const *) enabled, folder)
             || g_strv_contains ((const char * const *) enabled, "all"));
}

static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         data)
{
  const char *domain = "";

  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "GLIB_DOMAIN") == 0)
      domain = fields[i].value;

  if ((level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG)) != 0
      && !(g_str_has_prefix (domain, "penfold-") && base_log_is_enabled (domain + strlen ("penfold-"))))
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_standard_streams (level, fields, n_fields, data);
}

void
base_log_init (void)
{
  const char *wanted = g_getenv ("PENFOLD_DEBUG");

  if (enabled == NULL && wanted != NULL)
    enabled = g_strsplit (wanted, ",", -1);
  /* stdout belongs to what a command prints. */
  g_log_writer_default_set_use_stderr (TRUE);
  g_log_set_writer_func (write_log, NULL, NULL);
}
