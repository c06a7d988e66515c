/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/options.h"

#include <stdio.h>
#include <string.h>

#define PASSWORD_MAX 4096

gboolean
ctl_options_fail (GError     **error,
                  const char  *option,
                  const char  *why)
{
  g_set_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID, "%s: %s", option, why);
  return FALSE;
}

gboolean
ctl_options_parse_server (const char        *option,
                          const char        *text,
                          DiscoverProtocol   protocol,
                          StoreServer       *server,
                          GError           **error)
{
  const char *colon = strrchr (text, ':');
  gboolean has_port = colon != NULL && (text[0] == '[' ? colon[-1] == ']' : strchr (text, ':') == colon);
  g_autofree char *name = has_port ? g_strndup (text, (gsize) (colon - text)) : g_strdup (text);
  g_autofree char *host = NULL;
  guint64 port = 0;

  if (name[0] == '[' && g_str_has_suffix (name, "]"))
    {
      name[strlen (name) - 1] = '\0';
      memmove (name, name + 1, strlen (name));
    }
  if ((host = discover_host_normalize (name)) == NULL)
    return ctl_options_fail (error, option, "this is no host name");
  if (has_port
      && (!base_slice_parse_uint (base_slice_from_string (colon + 1), G_MAXUINT16, &port) || port == 0))
    return ctl_options_fail (error, option, "this is no port");
  store_account_set (&server->host, host);
  server->port = has_port
                 ? (guint16) port : discover_get_port (protocol, ctl_options_get_security (server->security));
  return TRUE;
}

BaseSecret *
ctl_options_read_password (const char  *file,
                           GError     **error)
{
  char text[PASSWORD_MAX] = "";
  FILE *stream = strcmp (file, "-") == 0 ? stdin : fopen (file, "re");
  gboolean is_read = stream != NULL && fgets (text, sizeof text, stream) != NULL;
  BaseSecret *secret;

  if (stream != NULL && stream != stdin)
    fclose (stream);
  text[strcspn (text, "\r\n")] = '\0';
  if (!is_read || *text == '\0')
    {
      ctl_options_fail (error, "--password-file", "there is no password in it");
      return NULL;
    }
  secret = base_secret_new (text);
  base_secret_wipe (text, sizeof text);
  return secret;
}

DiscoverSecurity
ctl_options_get_security (StoreSecurity security)
{
  switch (security)
    {
    case STORE_SECURITY_TLS:      return DISCOVER_TLS;
    case STORE_SECURITY_STARTTLS: return DISCOVER_STARTTLS;
    case STORE_SECURITY_NONE:     return DISCOVER_PLAIN;
    }
  g_assert_not_reached ();
}
