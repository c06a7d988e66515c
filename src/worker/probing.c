/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/probing.h"

#include "bus/jobs.h"
#include "probe/check.h"
#include "probe/find.h"

struct _WorkerProbing {
  const WorkerMeans *means;
  WorkerJobs        *jobs;
  GPtrArray         *tries;      /* of Try */
};

typedef struct {
  char             *host;
  char             *user;
  ProbeServer       server;
} Server;

/* One job.  Its thread touches nothing but it. */
typedef struct _Try Try;
struct _Try {
  WorkerProbing  *probing;
  guint64         job;
  GCancellable   *cancellable;
  GThread        *thread;
  char           *email;
  Server          incoming;      /* host NULL: not asked for */
  Server          outgoing;
  char           *ca_file;
  char          **pins;
};

static void
server_clear (Server *server)
{
  g_free (server->host);
  g_free (server->user);
  g_clear_pointer (&server->server.password, base_secret_unref);
}

static void
try_free (gpointer data)
{
  Try *try = data;

  if (try->thread != NULL)
    g_thread_join (try->thread);
  g_clear_object (&try->cancellable);
  g_free (try->email);
  server_clear (&try->incoming);
  server_clear (&try->outgoing);
  g_free (try->ca_file);
  g_strfreev (try->pins);
  g_free (try);
}

WorkerProbing *
worker_probing_new (const WorkerMeans *means,
                    WorkerJobs        *jobs)
{
  WorkerProbing *probing = g_new0 (WorkerProbing, 1);

  probing->means = means;
  probing->jobs = jobs;
  probing->tries = g_ptr_array_new_with_free_func (try_free);
  return probing;
}

void
worker_probing_free (WorkerProbing *probing)
{
  for (guint i = 0; i < probing->tries->len; i++)
    g_cancellable_cancel (((Try *) probing->tries->pdata[i])->cancellable);
  g_ptr_array_unref (probing->tries);
  worker_means_forget (probing->means, probing);
  g_free (probing);
}

/* --- from the thread to the main thread --- */

typedef struct {
  Try        *try;
  const char *key;             /* NULL: nothing to set */
  GVariant   *value;
  guint64     done, total;
  gboolean    is_end;
  GError     *error;
} Told;

static void
told_free (gpointer data)
{
  Told *told = data;

  g_clear_pointer (&told->value, g_variant_unref);
  g_clear_error (&told->error);
  g_free (told);
}

static void
take_told (gpointer owner,
           gpointer data)
{
  WorkerProbing *probing = owner;
  Told *told = data;

  if (told->total > 0)
    worker_jobs_set_progress (probing->jobs, told->try->job, told->done, told->total);
  if (told->key != NULL)
    worker_jobs_set_detail (probing->jobs, told->try->job, told->key, told->value);
  if (!told->is_end)
    return;
  worker_jobs_end_part (probing->jobs, told->try->job, told->error);
  g_ptr_array_remove_fast (probing->tries, told->try);
}

static void
tell (Try  *try,
      Told  news)
{
  Told *told = g_memdup2 (&news, sizeof news);

  told->try = try;
  if (told->value != NULL)
    g_variant_ref_sink (told->value);
  worker_means_tell (try->probing->means, take_told, try->probing, told, told_free);
}

/* --- looking for servers --- */

static GVariant *
write_candidates (const DiscoverResult *result)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < result->servers->len; i++)
    {
      const DiscoverServer *server = result->servers->pdata[i];
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, BUS_KEY_PROTOCOL, "s", discover_protocol_to_string (server->protocol));
      g_variant_dict_insert (&dict, BUS_KEY_HOST, "s", server->host);
      g_variant_dict_insert (&dict, BUS_KEY_PORT, "u", (guint32) server->port);
      g_variant_dict_insert (&dict, BUS_KEY_SECURITY, "s", discover_security_to_string (server->security));
      g_variant_dict_insert (&dict, BUS_KEY_USER, "s", server->user != NULL ? server->user : result->address);
      g_variant_dict_insert (&dict, BUS_KEY_SOURCE, "s", discover_source_to_string (server->source));
      g_variant_builder_add_value (&builder, g_variant_dict_end (&dict));
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
write_rows (const ProbeRow *rows)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint step = 0; step < PROBE_N_STEPS; step++)
    {
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, BUS_KEY_TEXT, "s", probe_step_to_string ((ProbeStep) step));
      g_variant_dict_insert (&dict, BUS_KEY_STATE, "s", probe_row_state_to_string (rows[step].state));
      g_variant_builder_add_value (&builder, g_variant_dict_end (&dict));
    }
  return g_variant_builder_end (&builder);
}

static void
on_rows (const ProbeRow *rows,
         gpointer        data)
{
  const ProbeRow *names = &rows[PROBE_STEP_NAMES];

  tell (data, (Told) { .key = BUS_KEY_ROWS, .value = write_rows (rows), .done = names->tried,
                       .total = names->total });
}

static gpointer
find_on_thread (gpointer data)
{
  Try *try = data;
  GError *error = NULL;
  g_autoptr(NetTrust) trust = net_trust_new (NULL, &error);
  NetSignals signals = { -1, -1, try->cancellable };
  ProbeSearch search = { .database = PROBE_DATABASE, .progress = on_rows, .progress_data = try };
  g_autoptr(DiscoverResult) result = NULL;

  if (trust != NULL)
    {
      search.means = probe_means_get (trust);
      result = probe_find (try->email, &search, &signals, &error);
    }
  if (result != NULL)
    tell (try, (Told) { .key = BUS_KEY_CANDIDATES, .value = write_candidates (result), .is_end = TRUE });
  else
    tell (try, (Told) { .is_end = TRUE, .error = error });
  return NULL;
}

/* --- signing in --- */

static GVariant *
write_verdict (const ProbeVerdict *verdict)
{
  const NetCertificate *certificate = verdict->certificate;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, BUS_KEY_OK, "b", verdict->cause == PROBE_WORKS);
  g_variant_dict_insert (&dict, BUS_KEY_CAUSE, "s", probe_cause_to_string (verdict->cause));
  g_variant_dict_insert (&dict, BUS_KEY_FIELD, "s", probe_field_to_string (verdict->field));
  g_variant_dict_insert (&dict, BUS_KEY_TEXT, "s", verdict->text);
  if (verdict->words != NULL)
    g_variant_dict_insert (&dict, BUS_KEY_WORDS, "s", verdict->words);
  if (certificate != NULL)
    {
      g_variant_dict_insert (&dict, BUS_KEY_FINGERPRINT, "s", certificate->fingerprint);
      g_variant_dict_insert (&dict, BUS_KEY_SUBJECT, "s", certificate->subject);
      g_variant_dict_insert (&dict, BUS_KEY_ISSUER, "s", certificate->issuer);
      g_variant_dict_insert (&dict, BUS_KEY_EXPIRES, "x", certificate->not_after);
    }
  return g_variant_dict_end (&dict);
}

static void
pin (NetTrust     *trust,
     const Server *server,
     const char   *fingerprint)
{
  if (server->host != NULL)
    net_trust_pin (trust, server->host, server->server.port, fingerprint);
}

static NetTrust *
make_trust (Try     *try,
            GError **error)
{
  NetTrust *trust = net_trust_new (try->ca_file, error);

  for (guint i = 0; trust != NULL && try->pins != NULL && try->pins[i] != NULL; i++)
    {
      pin (trust, &try->incoming, try->pins[i]);
      pin (trust, &try->outgoing, try->pins[i]);
    }
  return trust;
}

static ProbeCause
check_one (Try        *try,
           Server     *server,
           const char *key,
           NetTrust   *trust)
{
  NetSignals signals = { -1, -1, try->cancellable };
  g_autoptr(ProbeVerdict) verdict = NULL;

  if (server->host == NULL)
    return PROBE_WORKS;
  verdict = probe_check (&server->server, trust, &signals);
  if (verdict->cause != PROBE_CANCELLED)
    tell (try, (Told) { .key = key, .value = write_verdict (verdict) });
  return verdict->cause;
}

/* A password that one server refused is not shown to the other one: providers count such tries together. */
static gpointer
check_on_thread (gpointer data)
{
  Try *try = data;
  GError *error = NULL;
  g_autoptr(NetTrust) trust = make_trust (try, &error);
  ProbeCause cause = trust != NULL ? check_one (try, &try->incoming, BUS_KEY_INCOMING, trust) : PROBE_FAILED;

  if (trust != NULL && cause != PROBE_WRONG_PASSWORD && cause != PROBE_CANCELLED)
    check_one (try, &try->outgoing, BUS_KEY_OUTGOING, trust);
  if (trust != NULL)
    g_cancellable_set_error_if_cancelled (try->cancellable, &error);
  tell (try, (Told) { .is_end = TRUE, .error = error });
  return NULL;
}

/* --- starting --- */

static guint64
start (WorkerProbing *probing,
       Try           *try,
       const char    *kind,
       GThreadFunc    run)
{
  try->probing = probing;
  try->job = worker_jobs_begin (probing->jobs, kind, 1);
  try->cancellable = g_object_ref (worker_jobs_peek_cancellable (probing->jobs, try->job));
  worker_jobs_set_running (probing->jobs, try->job);
  g_ptr_array_add (probing->tries, try);
  try->thread = g_thread_new ("probe", run, try);
  return try->job;
}

guint64
worker_probing_start_find (WorkerProbing  *probing,
                           GVariant       *arguments,
                           GError        **error)
{
  Try *try = g_new0 (Try, 1);
  g_autoptr(DiscoverResult) address = NULL;

  if (g_variant_lookup (arguments, BUS_KEY_EMAIL, "s", &try->email))
    address = discover_result_new (try->email);
  if (address != NULL)
    return start (probing, try, BUS_JOB_FIND, find_on_thread);
  try_free (try);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "An address looks like name@example.org");
  return 0;
}

static gboolean
read_word (GVariant           *dict,
           const char         *key,
           const char * const *words,
           guint               n_words,
           guint              *value)
{
  const char *word = NULL;

  if (!g_variant_lookup (dict, key, "&s", &word))
    return FALSE;
  for (guint i = 0; i < n_words; i++)
    if (g_strcmp0 (word, words[i]) == 0)
      {
        *value = i;
        return TRUE;
      }
  return FALSE;
}

/* TRUE also when it is not asked for. */
static gboolean
read_server (GVariant    *arguments,
             const char  *key,
             BaseSecret  *password,
             Server      *server)
{
  static const char * const protocols[] = { "imap", "pop3", "smtp" };
  static const char * const securities[] = { "tls", "starttls", "none" };
  g_autoptr(GVariant) dict = g_variant_lookup_value (arguments, key, G_VARIANT_TYPE ("a{sv}"));
  const char *host = NULL;
  guint protocol, security;
  guint32 port = 0;

  if (dict == NULL)
    return TRUE;
  if (!read_word (dict, BUS_KEY_PROTOCOL, protocols, G_N_ELEMENTS (protocols), &protocol)
      || !read_word (dict, BUS_KEY_SECURITY, securities, G_N_ELEMENTS (securities), &security)
      || !g_variant_lookup (dict, BUS_KEY_HOST, "&s", &host)
      || !g_variant_lookup (dict, BUS_KEY_PORT, "u", &port)
      || port == 0 || port > G_MAXUINT16 || (server->host = discover_host_normalize (host)) == NULL)
    return FALSE;
  g_variant_lookup (dict, BUS_KEY_USER, "s", &server->user);
  server->server = (ProbeServer) {
    (DiscoverProtocol) protocol, server->host, (guint16) port, (DiscoverSecurity) security, server->user,
    base_secret_ref (password), FALSE,
  };
  g_variant_lookup (dict, BUS_KEY_MAY_SEND_CLEAR, "b", &server->server.may_send_clear);
  return TRUE;
}

guint64
worker_probing_start_check (WorkerProbing  *probing,
                            GVariant       *arguments,
                            GError        **error)
{
  Try *try = g_new0 (Try, 1);
  const char *password = "", *other = NULL;
  g_autoptr(BaseSecret) incoming = NULL;
  g_autoptr(BaseSecret) outgoing = NULL;

  g_variant_lookup (arguments, BUS_KEY_PASSWORD, "&s", &password);
  g_variant_lookup (arguments, BUS_KEY_OUTGOING_PASSWORD, "&s", &other);
  g_variant_lookup (arguments, BUS_KEY_CA_FILE, "s", &try->ca_file);
  g_variant_lookup (arguments, BUS_KEY_PINS, "^as", &try->pins);
  incoming = base_secret_new (password);
  outgoing = base_secret_new (other != NULL ? other : password);
  if (read_server (arguments, BUS_KEY_INCOMING, incoming, &try->incoming)
      && read_server (arguments, BUS_KEY_OUTGOING, outgoing, &try->outgoing))
    return start (probing, try, BUS_JOB_CHECK, check_on_thread);
  try_free (try);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "These settings name no server");
  return 0;
}
