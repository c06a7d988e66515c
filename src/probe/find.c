/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/find.h"

#include "base/clock.h"
#include "discover/autoconfig.h"
#include "discover/guess.h"
#include "net/dns.h"

#define ASK_US       (5 * G_USEC_PER_SEC)     /* for one document, all of the DNS, or one knock */
#define NAMES_AT_US  (2 * G_USEC_PER_SEC)     /* so long the trusted sources have before names are tried */
#define LOOK_US      (50 * 1000)              /* how late a cancelled search may notice */
#define DNS_HOSTS    2                        /* of each service */

/* --- one source, on a thread of its own --- */

typedef struct {
  const char        *address;
  const ProbeSearch *search;
  NetSignals         signals;      /* with a cancellable that ends every thread */
  gint64             deadline;
  GAsyncQueue       *news;
} Finder;

typedef struct _Task Task;
struct _Task {
  Finder    *finder;
  ProbeStep  step;
  guint      which;                /* a DiscoverUrl or a DiscoverProtocol, by step */
  GThread   *thread;
};

typedef enum {
  NEWS_TRIED,
  NEWS_ENDED,
} NewsKind;

typedef struct {
  NewsKind        kind;
  ProbeStep       step;
  gboolean        has_answered;
  DiscoverResult *found;           /* or NULL */
} News;

static void
news_free (News *news)
{
  g_clear_pointer (&news->found, discover_result_free);
  g_free (news);
}

static void
tell (Task           *task,
      NewsKind        kind,
      gboolean        has_answered,
      DiscoverResult *found)
{
  News *news = g_new0 (News, 1);

  *news = (News) { kind, task->step, has_answered, found };
  g_async_queue_push (task->finder->news, news);
}

static gint64
get_deadline (Finder *finder)
{
  return MIN (finder->deadline, base_clock_steady_us () + ASK_US);
}

/* Whether the failure is itself an answer: there is nothing of the kind. */
static gboolean
is_answer (const GError *error)
{
  return g_error_matches (error, NET_ERROR, NET_ERROR_NOT_FOUND)
         || g_error_matches (error, NET_ERROR, NET_ERROR_REFUSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) || error->domain == DISCOVER_ERROR;
}

static void
ask_for_document (Task           *task,
                  const char     *url,
                  DiscoverSource  source)
{
  Finder *finder = task->finder;
  const ProbeMeans *means = &finder->search->means;
  DiscoverResult *found = discover_result_new (finder->address);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) document = means->fetch (means->data, url, &finder->signals, get_deadline (finder),
                                             &error);

  if (document != NULL)
    discover_autoconfig_parse (found, base_slice_from_bytes (document), source, &error);
  tell (task, NEWS_ENDED, error == NULL || is_answer (error), found);
}

static void
ask_provider (Task *task)
{
  g_autoptr(DiscoverResult) address = discover_result_new (task->finder->address);
  g_autofree char *url = discover_autoconfig_dup_url (address, (DiscoverUrl) task->which);

  ask_for_document (task, url, DISCOVER_BY_PROVIDER);
}

static void
ask_database (Task *task)
{
  g_autoptr(DiscoverResult) address = discover_result_new (task->finder->address);
  g_autofree char *url = discover_database_dup_url (address, task->finder->search->database);

  ask_for_document (task, url, DISCOVER_BY_DATABASE);
}

static void
add_dns_servers (DiscoverResult   *found,
                 GPtrArray        *servers,
                 DiscoverProtocol  protocol,
                 DiscoverSecurity  security)
{
  for (guint i = 0; i < MIN (servers->len, DNS_HOSTS); i++)
    {
      const NetDnsServer *named = servers->pdata[i];
      DiscoverServer *server;

      if (*named->host == '\0')
        continue;
      server = discover_server_new (protocol);
      server->host = g_strdup (named->host);
      server->port = named->port;
      server->security = security;
      server->user = g_strdup (found->address);
      server->source = DISCOVER_BY_DNS;
      server->position = i;
      discover_result_add (found, server);
    }
}

/* RFC 6186 and RFC 8314 section 5.1. */
static void
ask_dns (Task *task)
{
  static const struct { const char *service; DiscoverProtocol protocol; DiscoverSecurity security; } services[] = {
    { "imaps", DISCOVER_IMAP, DISCOVER_TLS }, { "submissions", DISCOVER_SMTP, DISCOVER_TLS },
    { "pop3s", DISCOVER_POP3, DISCOVER_TLS }, { "imap", DISCOVER_IMAP, DISCOVER_STARTTLS },
    { "submission", DISCOVER_SMTP, DISCOVER_STARTTLS }, { "pop3", DISCOVER_POP3, DISCOVER_STARTTLS },
  };
  Finder *finder = task->finder;
  const ProbeMeans *means = &finder->search->means;
  DiscoverResult *found = discover_result_new (finder->address);
  gint64 deadline = get_deadline (finder);
  gboolean has_answered = TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (services) && has_answered; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) servers = means->lookup (means->data, services[i].service, found->domain,
                                                    &finder->signals, deadline, &error);

      if (servers != NULL)
        add_dns_servers (found, servers, services[i].protocol, services[i].security);
      has_answered = servers != NULL || is_answer (error);
    }
  tell (task, NEWS_ENDED, has_answered, found);
}

/* The first name of a protocol that answers with a certificate of its own; without one nothing is guessed. */
static void
try_names (Task *task)
{
  Finder *finder = task->finder;
  const ProbeMeans *means = &finder->search->means;
  g_autoptr(DiscoverResult) guesses = discover_result_new (finder->address);
  DiscoverResult *found = discover_result_new (finder->address);
  gboolean is_found = FALSE;

  discover_guess_add (guesses);
  while (guesses->servers->len > 0 && !is_found && base_clock_steady_us () < finder->deadline)
    {
      g_autoptr(DiscoverServer) server = g_ptr_array_steal_index (guesses->servers, 0);
      g_autoptr(GError) unheard = NULL;

      if (server->protocol != (DiscoverProtocol) task->which)
        continue;
      if (g_cancellable_is_cancelled (finder->signals.cancellable))
        break;
      is_found = means->knock (means->data, server, &finder->signals, get_deadline (finder), &unheard);
      tell (task, NEWS_TRIED, TRUE, NULL);
      if (is_found)
        discover_result_add (found, g_steal_pointer (&server));
    }
  tell (task, NEWS_ENDED, TRUE, found);
}

static gpointer
task_run (gpointer data)
{
  Task *task = data;

  switch (task->step)
    {
    case PROBE_STEP_PROVIDER: ask_provider (task); break;
    case PROBE_STEP_DATABASE: ask_database (task); break;
    case PROBE_STEP_DNS:      ask_dns (task); break;
    case PROBE_STEP_NAMES:    try_names (task); break;
    }
  return NULL;
}

/* --- the search --- */

typedef struct {
  Finder          finder;
  GCancellable   *enough;
  DiscoverResult *result;
  ProbeRow        rows[PROBE_N_STEPS];
  guint           found[PROBE_N_STEPS];        /* a bit per DiscoverProtocol */
  gboolean        has_answered[PROBE_N_STEPS];
  guint           pending[PROBE_N_STEPS];
  GPtrArray      *tasks;
  gint64          begun_at;
} Search;

static void
start_task (Search    *search,
            ProbeStep  step,
            guint      which)
{
  Task *task = g_new0 (Task, 1);

  *task = (Task) { &search->finder, step, which, NULL };
  task->thread = g_thread_new ("probe-find", task_run, task);
  search->pending[step]++;
  g_ptr_array_add (search->tasks, task);
}

static void
task_join (gpointer data)
{
  Task *task = data;

  g_thread_join (task->thread);
  g_free (task);
}

static void
start_names (Search *search)
{
  g_autoptr(DiscoverResult) guesses = discover_result_new (search->finder.address);

  discover_guess_add (guesses);
  search->rows[PROBE_STEP_NAMES].total = guesses->servers->len;
  for (guint protocol = 0; protocol < DISCOVER_N_PROTOCOLS; protocol++)
    start_task (search, PROBE_STEP_NAMES, protocol);
}

static void
start (Search *search)
{
  start_task (search, PROBE_STEP_PROVIDER, DISCOVER_URL_AUTOCONFIG);
  start_task (search, PROBE_STEP_PROVIDER, DISCOVER_URL_WELL_KNOWN);
  if (search->finder.search->database != NULL)
    start_task (search, PROBE_STEP_DATABASE, 0);
  else
    search->rows[PROBE_STEP_DATABASE].state = PROBE_ROW_OFF;
  start_task (search, PROBE_STEP_DNS, 0);
}

static gboolean
should_start_names (Search *search)
{
  if (search->pending[PROBE_STEP_NAMES] > 0 || search->rows[PROBE_STEP_NAMES].total > 0)
    return FALSE;
  return base_clock_steady_us () >= search->begun_at + NAMES_AT_US
         || (search->rows[PROBE_STEP_PROVIDER].state != PROBE_ROW_WAITING
             && search->rows[PROBE_STEP_DATABASE].state != PROBE_ROW_WAITING);
}

static void
take_servers (Search         *search,
              ProbeStep       step,
              DiscoverResult *found)
{
  while (found->servers->len > 0)
    {
      DiscoverServer *server = g_ptr_array_steal_index (found->servers, 0);

      search->found[step] |= 1u << server->protocol;
      discover_result_add (search->result, server);
    }
  if (search->result->provider == NULL)
    search->result->provider = g_steal_pointer (&found->provider);
  if (search->result->enable_url == NULL)
    search->result->enable_url = g_steal_pointer (&found->enable_url);
}

static ProbeRowState
judge_step (Search    *search,
            ProbeStep  step)
{
  gboolean receives = (search->found[step] & (1u << DISCOVER_IMAP | 1u << DISCOVER_POP3)) != 0;
  gboolean sends = (search->found[step] & 1u << DISCOVER_SMTP) != 0;

  /* Of the names each protocol is waited for: what is found of one says nothing of the others. */
  if (receives && sends && (step != PROBE_STEP_NAMES || search->pending[step] == 0))
    return PROBE_ROW_FOUND;
  if (search->pending[step] > 0)
    return PROBE_ROW_WAITING;
  if (receives)
    return PROBE_ROW_FOUND_RECEIVING;
  return search->has_answered[step] ? PROBE_ROW_NOTHING : PROBE_ROW_NO_ANSWER;
}

static void
take_news (Search *search,
           News   *news)
{
  ProbeRow *row = &search->rows[news->step];

  switch (news->kind)
    {
    case NEWS_TRIED:
      row->tried = MIN (row->tried + 1, row->total);
      break;
    case NEWS_ENDED:
      search->pending[news->step]--;
      search->has_answered[news->step] |= news->has_answered;
      take_servers (search, news->step, news->found);
      row->state = judge_step (search, news->step);
      break;
    }
}

static void
show (Search *search)
{
  if (search->finder.search->progress != NULL)
    search->finder.search->progress (search->rows, search->finder.search->progress_data);
}

static gboolean
wait_for_answers (Search            *search,
                  const NetSignals  *signals,
                  GError           **error)
{
  NetSignals asked = { -1, signals->stop_fd, signals->cancellable };

  while (!probe_rows_are_settled (search->rows) && base_clock_steady_us () < search->finder.deadline)
    {
      News *news = g_async_queue_timeout_pop (search->finder.news, LOOK_US);

      if (net_pause_check (&asked, error) == NET_PAUSE_FAILED)
        {
          g_clear_pointer (&news, news_free);
          return FALSE;
        }
      if (news != NULL)
        {
          take_news (search, news);
          news_free (news);
          show (search);
        }
      if (!probe_rows_are_settled (search->rows) && should_start_names (search))
        start_names (search);
    }
  return TRUE;
}

/* Who did not answer in time is told so. */
static void
end_rows (Search *search)
{
  gboolean is_settled = probe_rows_are_settled (search->rows);

  for (guint step = 0; step < PROBE_N_STEPS && !is_settled; step++)
    if (search->rows[step].state == PROBE_ROW_WAITING)
      search->rows[step].state = PROBE_ROW_NO_ANSWER;
  show (search);
}

DiscoverResult *
probe_find (const char         *address,
            const ProbeSearch  *search,
            const NetSignals   *signals,
            GError            **error)
{
  gint64 now = base_clock_steady_us ();
  guint limit_ms = search->limit_ms != 0 ? search->limit_ms : PROBE_FIND_S * 1000;
  g_autoptr(DiscoverResult) result = discover_result_new (address);
  g_autoptr(GAsyncQueue) news = g_async_queue_new_full ((GDestroyNotify) news_free);
  g_autoptr(GCancellable) enough = g_cancellable_new ();
  g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func (task_join);
  Search state = {
    .finder = { address, search, { -1, signals->stop_fd, enough }, now + (gint64) limit_ms * 1000, news },
    .enough = enough, .result = result, .tasks = tasks, .begun_at = now,
  };
  gboolean is_done;

  if (result == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "An address looks like name@example.org");
      return NULL;
    }
  start (&state);
  show (&state);
  is_done = wait_for_answers (&state, signals, error);
  g_cancellable_cancel (enough);
  g_clear_pointer (&tasks, g_ptr_array_unref);
  if (!is_done)
    return NULL;
  end_rows (&state);
  return g_steal_pointer (&result);
}

gboolean
probe_rows_are_settled (const ProbeRow *rows)
{
  for (guint step = 0; step < PROBE_N_STEPS; step++)
    switch (rows[step].state)
      {
      case PROBE_ROW_FOUND:
        return TRUE;
      case PROBE_ROW_WAITING:
        return FALSE;
      case PROBE_ROW_FOUND_RECEIVING:
      case PROBE_ROW_NOTHING:
      case PROBE_ROW_NO_ANSWER:
      case PROBE_ROW_OFF:
        break;
      }
  return TRUE;
}

const char *
probe_step_to_string (ProbeStep step)
{
  static const char * const names[PROBE_N_STEPS] = { "provider", "database", "dns", "names" };

  return names[step];
}

const char *
probe_row_state_to_string (ProbeRowState state)
{
  static const char * const names[PROBE_N_ROW_STATES] = {
    "waiting", "found", "found-receiving", "nothing", "no-answer", "off",
  };

  return names[state];
}
