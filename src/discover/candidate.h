/* SPDX-License-Identifier: GPL-3.0-or-later */
/* discover/candidate.h - servers that may hold the mail of an address, ranked.
 *
 * What several sources say is merged here: each server once, under the most trusted source that named it.  It
 * knows nothing of how the answers were fetched or whether the servers work.
 *
 * Threads: any, one at a time.
 * Limits: DISCOVER_SERVERS_MAX servers of each kind; host names of 253 bytes.
 */
#pragma once

#include "base/bytes.h"

#define DISCOVER_SERVERS_MAX 20

typedef enum {
  DISCOVER_IMAP,
  DISCOVER_POP3,
  DISCOVER_SMTP,
} DiscoverProtocol;
#define DISCOVER_N_PROTOCOLS 3

typedef enum {
  DISCOVER_TLS,            /* from the first byte */
  DISCOVER_STARTTLS,
  DISCOVER_PLAIN,          /* only when a person typed it */
} DiscoverSecurity;

/* Who named a server, most trusted first. */
typedef enum {
  DISCOVER_BY_PROVIDER,    /* its own autoconfig over https */
  DISCOVER_BY_DATABASE,    /* the public database of providers, over https */
  DISCOVER_BY_DNS,         /* SRV or MX: anybody on the way could have answered */
  DISCOVER_BY_GUESS,       /* usual names, not confirmed by anything */
} DiscoverSource;

/* As the socket and penfoldctl spell them: "imap"; "tls", "starttls", "none"; "provider", "database", "dns",
 * "names". */
const char *discover_protocol_to_string (DiscoverProtocol protocol);
const char *discover_security_to_string (DiscoverSecurity security);
const char *discover_source_to_string   (DiscoverSource   source);

typedef enum {
  DISCOVER_AUTH_PASSWORD = 1 << 0,    /* any mechanism with a password */
  DISCOVER_AUTH_OAUTH2   = 1 << 1,
  DISCOVER_AUTH_OTHER    = 1 << 2,    /* Kerberos, certificates, none: not ours */
} DiscoverAuth;

typedef struct {
  DiscoverProtocol protocol;
  char            *host;              /* lower case, A-labels */
  guint16          port;
  DiscoverSecurity security;
  char            *user;              /* filled in for the address; NULL: not said */
  guint            auth;              /* of DiscoverAuth; 0: not said */
  DiscoverSource   source;
  guint            position;          /* in the provider's order: the first is what it prefers */
  gboolean         leaves_on_server;  /* POP3: the provider says mail should stay */
  guint            leave_days;        /* POP3: 0 = not said */
  guint            check_minutes;     /* POP3: at least so long between checks; 0 = not said */
} DiscoverServer;

typedef struct {
  char      *address;
  char      *local_part;
  char      *domain;                  /* lower case, A-labels */
  char      *provider;                /* display name, or NULL */
  char      *enable_url;              /* the page where POP or IMAP is switched on, https, or NULL */
  GPtrArray *servers;                 /* of DiscoverServer, ranked: best first */
} DiscoverResult;

/* NULL when it is not an address: "name@example.org", the domain in any script. */
DiscoverResult *discover_result_new      (const char *address) G_GNUC_WARN_UNUSED_RESULT;
void            discover_result_free     (DiscoverResult *result);
DiscoverServer *discover_server_new      (DiscoverProtocol protocol) G_GNUC_WARN_UNUSED_RESULT;
void            discover_server_free     (DiscoverServer *server);

/* Takes server.  One that is already known (protocol, host, port) is dropped, or replaces a less trusted one;
 * one that makes no sense (host, port, encryption missing) is dropped. */
void            discover_result_add      (DiscoverResult *result,
                                          DiscoverServer *server);
/* The best server for the protocol, or NULL. */
const DiscoverServer *discover_result_find (const DiscoverResult *result,
                                            DiscoverProtocol      protocol);

/* A host name as protocols spell it: lower case, A-labels; NULL when it is none.  IP literals pass. */
char           *discover_host_normalize  (const char *host) G_GNUC_WARN_UNUSED_RESULT;
guint16         discover_get_port        (DiscoverProtocol protocol,
                                          DiscoverSecurity security);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoverResult, discover_result_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoverServer, discover_server_free)
