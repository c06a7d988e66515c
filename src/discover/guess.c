/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discover/guess.h"

static void
add_guess (DiscoverResult   *result,
           DiscoverProtocol  protocol,
           const char       *prefix,
           guint             position,
           DiscoverSecurity  security)
{
  DiscoverServer *server = discover_server_new (protocol);

  server->host = g_strconcat (prefix, result->domain, NULL);
  server->port = discover_get_port (protocol, security);
  server->security = security;
  server->user = g_strdup (result->address);
  server->source = DISCOVER_BY_GUESS;
  server->position = position;
  discover_result_add (result, server);
}

void
discover_guess_add (DiscoverResult *result)
{
  static const struct { DiscoverProtocol protocol; const char *prefixes[5]; } names[] = {
    { DISCOVER_IMAP, { "imap.", "mail.", "" } },
    { DISCOVER_POP3, { "pop.", "pop3.", "mail.", "" } },
    { DISCOVER_SMTP, { "smtp.", "mail.", "" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint n = 0; names[i].prefixes[n] != NULL; n++)
      {
        add_guess (result, names[i].protocol, names[i].prefixes[n], n, DISCOVER_TLS);
        add_guess (result, names[i].protocol, names[i].prefixes[n], n, DISCOVER_STARTTLS);
      }
}
