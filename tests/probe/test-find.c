/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/find.h"

#include "net/dns.h"

#include <string.h>

#define DOMAIN "harbour.example"

#define XML( \
  kinds) "<clientConfig><emailProvider id='x'><displayName>Harbour</displayName>" kinds "</emailProvider></clientConfig>"
#define IN(type, host, port) "<incomingServer type='" type "'><hostname>" host "</hostname><port>" port \
                             "</port><socketType>SSL</socketType></incomingServer>"
#define OUT( \
  host) "<outgoingServer type='smtp'><hostname>" host "</hostname><port>465</port><socketType>SSL</socketType></outgoingServer>"
#define WHOLE(host) XML (IN ("imap", host, "993") IN ("pop3", host, "995") OUT (host))

/* A world in which only this is true. */
typedef struct {
  const char *autoconfig;      /* document, or NULL: not found, or "": never answers */
  const char *well_known;
  const char *database;
  const char *srv;             /* host behind every service, or NULL */
  const char *knocks;          /* the host that answers, or NULL */
  GMutex      lock;
  GPtrArray  *urls;
  guint       knocked;
} World;

static void
wait_for_ever (const NetSignals  *signals,
               GError           **error)
{
  GPollFD fd;

  g_assert_true (g_cancellable_make_pollfd (signals->cancellable, &fd));
  g_poll (&fd, 1, -1);
  g_cancellable_release_fd (signals->cancellable);
  g_cancellable_set_error_if_cancelled (signals->cancellable, error);
}

static GBytes *
fetch (gpointer           data,
       const char        *url,
       const NetSignals  *signals,
       gint64             deadline G_GNUC_UNUSED,
       GError           **error)
{
  World *world = data;
  const char *document = strstr (url, "autoconfig." DOMAIN) != NULL ? world->autoconfig
                         : strstr (url, ".well-known") != NULL      ? world->well_known
                                                                     : world->database;

  g_mutex_lock (&world->lock);
  g_ptr_array_add (world->urls, g_strdup (url));
  g_mutex_unlock (&world->lock);
  if (document == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "404");
      return NULL;
    }
  if (*document != '\0')
    return g_bytes_new_static (document, strlen (document));
  wait_for_ever (signals, error);
  return NULL;
}

static void
dns_server_free (gpointer data)
{
  g_free (((NetDnsServer *) data)->host);
  g_free (data);
}

static GPtrArray *
lookup (gpointer           data,
        const char        *service G_GNUC_UNUSED,
        const char        *domain,
        const NetSignals  *signals,
        gint64             deadline G_GNUC_UNUSED,
        GError           **error)
{
  World *world = data;
  GPtrArray *servers;
  NetDnsServer *server;

  g_assert_cmpstr (domain, ==, DOMAIN);
  if (world->srv == NULL)
    {
      g_set_error_literal (error, NET_ERROR, NET_ERROR_NOT_FOUND, "no record");
      return NULL;
    }
  if (*world->srv == '\0')
    {
      wait_for_ever (signals, error);
      return NULL;
    }
  servers = g_ptr_array_new_with_free_func (dns_server_free);
  server = g_new0 (NetDnsServer, 1);
  server->host = g_strdup (strcmp (world->srv, ".") != 0 ? world->srv : "");
  server->port = 4711;
  g_ptr_array_add (servers, server);
  return servers;
}

static gboolean
knock (gpointer                data,
       const DiscoverServer   *server,
       const NetSignals       *signals G_GNUC_UNUSED,
       gint64                  deadline G_GNUC_UNUSED,
       GError                **error)
{
  World *world = data;

  g_assert_cmpint (server->security, !=, DISCOVER_PLAIN);
  g_mutex_lock (&world->lock);
  world->knocked++;
  g_mutex_unlock (&world->lock);
  if (g_strcmp0 (world->knocks, server->host) == 0 && server->security == DISCOVER_TLS)
    return TRUE;
  g_set_error_literal (error, NET_ERROR, NET_ERROR_NOT_FOUND, "no such name");
  return FALSE;
}

typedef struct {
  ProbeRow rows[PROBE_N_STEPS];
} Seen;

static void
on_progress (const ProbeRow *rows,
             gpointer        data)
{
  memcpy (((Seen *) data)->rows, rows, sizeof (Seen));
}

static DiscoverResult *
find (World         *world,
      Seen          *seen,
      const char    *database,
      guint          limit_ms,
      GCancellable  *cancellable,
      GError       **error)
{
  ProbeSearch search = {
    .database = database, .means = { fetch, lookup, knock, world }, .limit_ms = limit_ms,
                .progress = on_progress,
    .progress_data = seen,
  };
  NetSignals signals = { -1, -1, cancellable };

  g_mutex_init (&world->lock);
  world->urls = g_ptr_array_new_with_free_func (g_free);
  return probe_find ("Anna@" DOMAIN, &search, &signals, error);
}

static void
world_clear (World *world)
{
  g_mutex_clear (&world->lock);
  g_clear_pointer (&world->urls, g_ptr_array_unref);
}

/* What wins, and what the rows then say. */
static void
test_most_trusted_answer_wins (void)
{
  static const struct {
    World          world;
    const char    *imap;         /* host, or NULL */
    DiscoverSource source;
    ProbeRowState  states[PROBE_N_STEPS];
  } cases[] = {
    { { .autoconfig = WHOLE ("a.harbour.example"), .database = "", .srv = "" }, "a.harbour.example",
      DISCOVER_BY_PROVIDER,
      { PROBE_ROW_FOUND, PROBE_ROW_WAITING, PROBE_ROW_WAITING, PROBE_ROW_WAITING } },
    { { .well_known = WHOLE ("w.harbour.example"), .autoconfig = "", .database = "" }, "w.harbour.example",
      DISCOVER_BY_PROVIDER,
      { PROBE_ROW_FOUND, PROBE_ROW_WAITING, PROBE_ROW_WAITING, PROBE_ROW_WAITING } },
    { { .database = WHOLE ("d.hoster.example"), .srv = "" }, "d.hoster.example", DISCOVER_BY_DATABASE,
      { PROBE_ROW_NOTHING, PROBE_ROW_FOUND, PROBE_ROW_WAITING, PROBE_ROW_WAITING } },
    { { .database = "", .autoconfig = XML (IN ("imap", "half.harbour.example", "993")),
        .srv = "s.harbour.example" },
      "half.harbour.example", DISCOVER_BY_PROVIDER,
      { PROBE_ROW_FOUND_RECEIVING, PROBE_ROW_NO_ANSWER, PROBE_ROW_FOUND, PROBE_ROW_FOUND } },
    { { .knocks = "mail.harbour.example" }, "mail.harbour.example", DISCOVER_BY_GUESS,
      { PROBE_ROW_NOTHING, PROBE_ROW_NOTHING, PROBE_ROW_NOTHING, PROBE_ROW_FOUND } },
    { { .srv = ".", .autoconfig = "not xml" }, NULL, DISCOVER_BY_GUESS,
      { PROBE_ROW_NOTHING, PROBE_ROW_NOTHING, PROBE_ROW_NOTHING, PROBE_ROW_NOTHING } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      World world = cases[i].world;
      Seen seen = { 0 };
      g_autoptr(GError) error = NULL;
      g_autoptr(DiscoverResult) result
        G_GNUC_UNUSED = find (&world, &seen, "https://database.example", 4000, NULL, &error);
      const DiscoverServer *imap;

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_no_error (error);
      imap = discover_result_find (result, DISCOVER_IMAP);
      g_assert_cmpstr (imap != NULL ? imap->host : NULL, ==, cases[i].imap);
      g_assert_true (imap == NULL || imap->source == cases[i].source);
      /* The trusted steps are certain; the others may or may not have ended before the search was over. */
      g_assert_cmpint (seen.rows[PROBE_STEP_PROVIDER].state, ==, cases[i].states[PROBE_STEP_PROVIDER]);
      if (cases[i].states[PROBE_STEP_DNS] != PROBE_ROW_WAITING && i != 3)
        for (guint step = 0; step < PROBE_N_STEPS; step++)
          g_assert_cmpint (seen.rows[step].state, ==, cases[i].states[step]);
      world_clear (&world);
    }
}

static void
test_address_goes_to_its_own_domain_only (void)
{
  World world = { 0 };
  Seen seen;
  g_autoptr(GError) error = NULL;
  g_autoptr(DiscoverResult) result
    G_GNUC_UNUSED = find (&world, &seen, "https://database.example", 4000, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (world.urls->len, ==, 3);
  for (guint i = 0; i < world.urls->len; i++)
    {
      const char *url = world.urls->pdata[i];

      g_assert_true (g_str_has_prefix (url, "https://"));
      if (strstr (url, "Anna") != NULL)
        g_assert_true (g_str_has_prefix (url, "https://autoconfig." DOMAIN "/"));
    }
  world_clear (&world);
}

static void
test_database_is_not_asked_when_off (void)
{
  World world = { .database = WHOLE ("d.hoster.example") };
  Seen seen;
  g_autoptr(GError) error = NULL;
  g_autoptr(DiscoverResult) result G_GNUC_UNUSED = find (&world, &seen, NULL, 4000, NULL, &error);

  g_assert_cmpuint (world.urls->len, ==, 2);
  g_assert_cmpint (seen.rows[PROBE_STEP_DATABASE].state, ==, PROBE_ROW_OFF);
  g_assert_cmpuint (result->servers->len, ==, 0);
  world_clear (&world);
}

/* Names are knocked at only when nobody trusted knows, each protocol up to the first that answers. */
static void
test_knocks_only_where_nobody_knows (void)
{
  World told = { .autoconfig = WHOLE ("a.harbour.example") };
  World untold = { .knocks = "imap." DOMAIN };
  Seen seen;
  g_autoptr(DiscoverResult) one G_GNUC_UNUSED = find (&told, &seen, NULL, 4000, NULL, NULL);
  g_autoptr(DiscoverResult) other = NULL;

  g_assert_cmpuint (told.knocked, ==, 0);
  other = find (&untold, &seen, NULL, 4000, NULL, NULL);
  g_assert_cmpuint (other->servers->len, ==, 1);
  g_assert_cmpint (seen.rows[PROBE_STEP_NAMES].state, ==, PROBE_ROW_FOUND_RECEIVING);
  g_assert_cmpuint (seen.rows[PROBE_STEP_NAMES].tried, ==, untold.knocked);
  g_assert_cmpuint (seen.rows[PROBE_STEP_NAMES].tried, <, seen.rows[PROBE_STEP_NAMES].total);
  world_clear (&told);
  world_clear (&untold);
}

static void
test_silence_ends_at_the_limit (void)
{
  World world = { .autoconfig = "", .well_known = "", .database = "", .srv = "" };
  Seen seen;
  gint64 begin = g_get_monotonic_time ();
  g_autoptr(GError) error = NULL;
  g_autoptr(DiscoverResult) result
    G_GNUC_UNUSED = find (&world, &seen, "https://database.example", 300, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 300 * 1000);
  g_assert_cmpint (seen.rows[PROBE_STEP_PROVIDER].state, ==, PROBE_ROW_NO_ANSWER);
  g_assert_cmpint (seen.rows[PROBE_STEP_NAMES].state, ==, PROBE_ROW_NO_ANSWER);
  world_clear (&world);
}

static void
test_cancelling_ends_it (void)
{
  World world = { .autoconfig = "", .well_known = "", .database = "", .srv = "" };
  Seen seen;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (find (&world, &seen, NULL, 0, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  world_clear (&world);
}

static void
test_needs_an_address (void)
{
  ProbeSearch search = { .means = { fetch, lookup, knock, NULL } };
  g_autoptr(GError) error = NULL;

  g_assert_null (probe_find ("harbour.example", &search, &NET_SIGNALS_NONE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_settled_by_trust (void)
{
  static const struct { ProbeRowState states[PROBE_N_STEPS]; gboolean is_settled; } cases[] = {
    { { PROBE_ROW_WAITING, PROBE_ROW_FOUND, PROBE_ROW_FOUND, PROBE_ROW_FOUND }, FALSE },
    { { PROBE_ROW_FOUND, PROBE_ROW_WAITING, PROBE_ROW_WAITING, PROBE_ROW_WAITING }, TRUE },
    { { PROBE_ROW_NOTHING, PROBE_ROW_OFF, PROBE_ROW_FOUND, PROBE_ROW_WAITING }, TRUE },
    { { PROBE_ROW_NO_ANSWER, PROBE_ROW_WAITING, PROBE_ROW_FOUND, PROBE_ROW_WAITING }, FALSE },
    { { PROBE_ROW_FOUND_RECEIVING, PROBE_ROW_NOTHING, PROBE_ROW_NOTHING, PROBE_ROW_WAITING }, FALSE },
    { { PROBE_ROW_NOTHING, PROBE_ROW_NOTHING, PROBE_ROW_NOTHING, PROBE_ROW_NO_ANSWER }, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ProbeRow rows[PROBE_N_STEPS] = { 0 };

      for (guint step = 0; step < PROBE_N_STEPS; step++)
        rows[step].state = cases[i].states[step];
      g_assert_cmpint (probe_rows_are_settled (rows), ==, cases[i].is_settled);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe/find/most-trusted-answer-wins", test_most_trusted_answer_wins);
  g_test_add_func ("/probe/find/address-goes-to-its-own-domain-only",
                   test_address_goes_to_its_own_domain_only);
  g_test_add_func ("/probe/find/database-is-not-asked-when-off", test_database_is_not_asked_when_off);
  g_test_add_func ("/probe/find/knocks-only-where-nobody-knows", test_knocks_only_where_nobody_knows);
  g_test_add_func ("/probe/find/silence-ends-at-the-limit", test_silence_ends_at_the_limit);
  g_test_add_func ("/probe/find/cancelling-ends-it", test_cancelling_ends_it);
  g_test_add_func ("/probe/find/needs-an-address", test_needs_an_address);
  g_test_add_func ("/probe/find/settled-by-trust", test_settled_by_trust);
  return g_test_run ();
}
