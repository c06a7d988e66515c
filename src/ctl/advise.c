/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/advise.c - what the account assistant finds out, without its window: the servers of an address and,
 * with a password, what lies there by either protocol.  It touches no store. */
#include "ctl/ctl.h"
#include "ctl/options.h"

#include "base/json.h"
#include "probe/check.h"
#include "probe/find.h"
#include "probe/measure.h"

#include <stdio.h>

typedef struct {
  char *email, *password_file, *user, *imap, *pop3, *security, *ca_file;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->email);
  g_free (options->password_file);
  g_free (options->user);
  g_free (options->imap);
  g_free (options->pop3);
  g_free (options->security);
  g_free (options->ca_file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What was found out of one protocol. */
typedef struct {
  const DiscoverServer *server;       /* NULL: none is known */
  gboolean              is_tried;
  gboolean              is_measured;
  ProbeMeasure          measure;
  ProbeVerdict         *verdict;      /* of one that was tried in vain */
} Outcome;

static void
outcome_clear (Outcome *outcome)
{
  g_clear_pointer (&outcome->verdict, probe_verdict_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

/* --- finding --- */

static gboolean
add_given (DiscoverResult    *result,
           const Options     *options,
           DiscoverProtocol   protocol,
           GError           **error)
{
  const char *text = protocol == DISCOVER_IMAP ? options->imap : options->pop3;
  StoreServer given = { .security = STORE_SECURITY_TLS };
  DiscoverServer *server;
  gboolean is_good;

  if (text == NULL)
    return TRUE;
  if (options->security != NULL && !store_security_parse (options->security, &given.security))
    return ctl_options_fail (error, "--security", "tls, starttls or none");
  is_good = ctl_options_parse_server (protocol == DISCOVER_IMAP ? "--incoming-imap" : "--incoming-pop3", text,
                                      protocol, &given, error);
  if (is_good)
    {
      server = discover_server_new (protocol);
      server->host = g_steal_pointer (&given.host);
      server->port = given.port;
      server->security = ctl_options_get_security (given.security);
      server->source = DISCOVER_BY_PROVIDER;
      discover_result_add (result, server);
    }
  g_free (given.host);
  return is_good;
}

/* Given servers are taken at their word; else the address is looked up. */
static DiscoverResult *
find_servers (const Options  *options,
              NetTrust       *trust,
              GError        **error)
{
  ProbeSearch search = { .database = PROBE_DATABASE, .means = probe_means_get (trust) };
  g_autoptr(DiscoverResult) given = discover_result_new (options->email);

  if (options->imap == NULL && options->pop3 == NULL)
    return probe_find (options->email, &search, &NET_SIGNALS_NONE, error);
  if (!add_given (given, options, DISCOVER_IMAP, error) || !add_given (given, options, DISCOVER_POP3, error))
    return NULL;
  return g_steal_pointer (&given);
}

static void
measure (const Options        *options,
         const DiscoverResult *result,
         DiscoverProtocol      protocol,
         NetTrust             *trust,
         BaseSecret           *password,
         Outcome              *outcome)
{
  ProbeServer login = { .protocol = protocol, .password = password };

  outcome->server = discover_result_find (result, protocol);
  outcome->is_tried = outcome->server != NULL && password != NULL;
  if (!outcome->is_tried)
    return;
  login.host = outcome->server->host;
  login.port = outcome->server->port;
  login.security = outcome->server->security;
  login.may_send_clear = g_strcmp0 (options->security, "none") == 0;
  login.user = options->user != NULL ? options->user
               : outcome->server->user != NULL ? outcome->server->user : result->address;
  outcome->is_measured = probe_measure (&login, trust, &NET_SIGNALS_NONE, &outcome->measure,
                                        &outcome->verdict);
}

/* --- printing --- */

static void
write_number (BaseJson   *json,
              const char *key,
              guint64     number)
{
  base_json_key (json, key);
  if (number == PROBE_UNKNOWN)
    base_json_null (json);
  else
    base_json_int (json, (gint64) number);
}

static void
write_server (BaseJson             *json,
              const DiscoverServer *server)
{
  base_json_key_text (json, "protocol", discover_protocol_to_string (server->protocol));
  base_json_key_text (json, "host", server->host);
  base_json_key_int (json, "port", server->port);
  base_json_key_text (json, "security", discover_security_to_string (server->security));
}

static void
write_measure (BaseJson           *json,
               const ProbeMeasure *measure)
{
  write_number (json, "messages", measure->messages);
  write_number (json, "bytes", measure->bytes);
  write_number (json, "inbox_messages", measure->inbox_messages);
  base_json_key_int (json, "folders", measure->folders);
  write_number (json, "quota_used", measure->quota_used);
  write_number (json, "quota_limit", measure->quota_limit);
  base_json_key (json, "uidl");
  base_json_boolean (json, measure->has_uidl);
  base_json_key (json, "idle");
  base_json_boolean (json, measure->has_idle);
  base_json_key (json, "expire_days");
  if (measure->expire_days >= 0)
    base_json_int (json, measure->expire_days);
  else
    base_json_null (json);
  base_json_key_int (json, "login_delay", measure->login_delay);
}

static void
write_outcome (BaseJson      *json,
               const char    *key,
               const Outcome *outcome)
{
  base_json_key (json, key);
  if (outcome->server == NULL)
    {
      base_json_null (json);
      return;
    }
  base_json_begin_object (json);
  write_server (json, outcome->server);
  if (outcome->is_measured)
    write_measure (json, &outcome->measure);
  if (outcome->verdict != NULL)
    {
      base_json_key_text (json, "cause", probe_cause_to_string (outcome->verdict->cause));
      base_json_key_text (json, "problem", outcome->verdict->text);
    }
  base_json_end_object (json);
}

static const char *
get_source (const Options        *options,
            const DiscoverServer *server)
{
  return options->imap != NULL || options->pop3 != NULL
         ? "given" : discover_source_to_string (server->source);
}

static void
print_json (const Options        *options,
            const DiscoverResult *result,
            const Outcome        *imap,
            const Outcome        *pop3)
{
  BaseJson *json = base_json_new ();
  g_autofree char *text = NULL;

  base_json_begin_object (json);
  base_json_key_text (json, "email", result->address);
  base_json_key (json, "candidates");
  base_json_begin_array (json);
  for (guint i = 0; i < result->servers->len; i++)
    {
      const DiscoverServer *server = result->servers->pdata[i];

      base_json_begin_object (json);
      write_server (json, server);
      base_json_key_text (json, "user", server->user != NULL ? server->user : result->address);
      base_json_key_text (json, "source", get_source (options, server));
      base_json_end_object (json);
    }
  base_json_end_array (json);
  write_outcome (json, "imap", imap);
  write_outcome (json, "pop3", pop3);
  base_json_end_object (json);
  text = base_json_free_to_text (json);
  printf ("%s\n", text);
}

static void
print_measure (const ProbeMeasure *measure)
{
  g_autofree char *size = measure->bytes != PROBE_UNKNOWN
                          ? g_format_size (measure->bytes) : g_strdup ("size not told");
  g_autofree char *limit = measure->quota_limit != PROBE_UNKNOWN
                           ? g_format_size (measure->quota_limit) : NULL;
  g_autofree char *used = measure->quota_used != PROBE_UNKNOWN ? g_format_size (measure->quota_used) : NULL;

  printf ("  %" G_GUINT64_FORMAT " messages in %u folders, %s\n", measure->messages, measure->folders, size);
  if (used != NULL && limit != NULL)
    printf ("  %s of %s used\n", used, limit);
  if (!measure->has_uidl)
    printf ("  no UIDL: mail cannot stay on the server without coming again\n");
  if (measure->expire_days >= 0)
    printf ("  the server removes mail by itself after %d days\n", measure->expire_days);
}

static void
print_text (const Options        *options,
            const DiscoverResult *result,
            const Outcome        *outcomes)
{
  for (guint i = 0; i < result->servers->len; i++)
    {
      const DiscoverServer *server = result->servers->pdata[i];

      printf ("%s %s:%u, %s (%s)\n", discover_protocol_to_string (server->protocol), server->host,
              server->port, discover_security_to_string (server->security), get_source (options, server));
      for (guint n = 0; n < 2; n++)
        if (outcomes[n].server == server && outcomes[n].is_measured)
          print_measure (&outcomes[n].measure);
    }
}

/* --- the command --- */

static CtlStatus
judge (const DiscoverResult *result,
       const Outcome        *outcomes)
{
  guint n_tried = 0, n_measured = 0;

  for (guint i = 0; i < 2; i++)
    {
      n_tried += outcomes[i].is_tried;
      n_measured += outcomes[i].is_measured;
      if (outcomes[i].verdict != NULL)
        g_printerr ("penfoldctl: %s: %s\n", outcomes[i].server->host, outcomes[i].verdict->text);
    }
  if (result->servers->len == 0)
    return ctl_fail ("No servers were found for this address", NULL);
  if (n_tried > 0 && n_measured == 0)
    return CTL_FAILED;
  return n_measured < n_tried ? CTL_PARTLY : CTL_DONE;
}

CtlStatus
ctl_advise (Ctl               *ctl,
            const CtlCommand  *command,
            char             **arguments)
{
  g_auto(Options) options = { NULL };
  const GOptionEntry entries[] = {
    { "email", 0, 0, G_OPTION_ARG_STRING, &options.email, NULL, NULL },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &options.password_file, NULL, NULL },
    { "user", 0, 0, G_OPTION_ARG_STRING, &options.user, NULL, NULL },
    { "incoming-imap", 0, 0, G_OPTION_ARG_STRING, &options.imap, NULL, NULL },
    { "incoming-pop3", 0, 0, G_OPTION_ARG_STRING, &options.pop3, NULL, NULL },
    { "security", 0, 0, G_OPTION_ARG_STRING, &options.security, NULL, NULL },
    { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &options.ca_file, NULL, NULL },
    { NULL }
  };
  g_auto(GStrv) operands = NULL;
  g_autoptr(DiscoverResult) address = NULL, result = NULL;
  g_autoptr(NetTrust) trust = NULL;
  g_autoptr(BaseSecret) password = NULL;
  g_auto(Outcome) imap = { NULL }, pop3 = { NULL };
  GError *error = NULL;

  operands = arguments;
  if (!ctl_parse (ctl, command, entries, &operands, 0, 0))
    return CTL_USAGE;
  if (options.email == NULL || (address = discover_result_new (options.email)) == NULL)
    return ctl_usage (command, "--email: an address looks like name@example.org");
  if (options.password_file != NULL
      && (password = ctl_options_read_password (options.password_file, &error)) == NULL)
    return ctl_fail ("Cannot read the password", error);
  if ((trust = net_trust_new (options.ca_file, &error)) == NULL)
    return ctl_fail ("Cannot read the certificates", error);
  if ((result = find_servers (&options, trust, &error)) == NULL)
    return ctl_fail ("Cannot look for the servers", error);
  measure (&options, result, DISCOVER_IMAP, trust, password, &imap);
  measure (&options, result, DISCOVER_POP3, trust, password, &pop3);
  if (ctl->is_json)
    print_json (&options, result, &imap, &pop3);
  else
    print_text (&options, result, (const Outcome[]) { imap, pop3 });
  return judge (result, (const Outcome[]) { imap, pop3 });
}
