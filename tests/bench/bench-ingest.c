/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints what it costs to ingest many messages from memory, beside a floor: the same bytes appended to one
 * file with a sync after every 200.
 *
 * usage: bench-ingest PACK [DIR]    PACK: for each message its size (32 bits), date (64 bits), little-endian,
 * and bytes
 */
#include "ingest/world.h"
#include "store/fixture.h"
#include "store/search.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct {
  BaseSlice bytes;
  gint64    date;
} Mail;

static double
cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static guint64
private_kilobytes (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/status", &status, NULL, NULL);
  line = status != NULL ? strstr (status, "RssAnon:") : NULL;
  return line != NULL ? g_ascii_strtoull (line + strlen ("RssAnon:"), NULL, 10) : 0;
}

static GArray *
read_pack (BaseSlice pack)
{
  GArray *mails = g_array_new (FALSE, FALSE, sizeof (Mail));
  gsize at = 0;

  while (at + 12 <= pack.size)
    {
      Mail mail;
      guint32 size;

      memcpy (&size, pack.data + at, 4);
      memcpy (&mail.date, pack.data + at + 4, 8);
      mail.bytes = base_slice_sub (pack, at + 12, GUINT32_FROM_LE (size));
      g_array_append_val (mails, mail);
      at += 12 + mail.bytes.size;
    }
  return mails;
}

static void
run_floor (const char   *dir,
           const GArray *mails)
{
  g_autofree char *path = g_build_filename (dir, "floor", NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  gint64 begin = g_get_monotonic_time ();
  double cpu = cpu_seconds ();

  for (guint i = 0; i < mails->len; i++)
    {
      BaseSlice bytes = g_array_index (mails, Mail, i).bytes;

      g_assert_cmpint (write (fd, bytes.data, bytes.size), ==, (gssize) bytes.size);
      if (i % 200 == 199 || i + 1 == mails->len)
        fdatasync (fd);
    }
  close (fd);
  printf ("floor   %6.2f s wall %6.2f s CPU\n", (double) (g_get_monotonic_time () - begin) / 1e6,
          cpu_seconds () - cpu);
  unlink (path);
}

/* Newest first, rows of 200 and then their bodies, as a first sync. */
static void
run_ingest (World        *world,
            const GArray *mails)
{
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  gint64 begin = g_get_monotonic_time ();
  double cpu = cpu_seconds ();
  guint64 peak = 0;
  IngestTicket ticket = 0;

  for (guint i = mails->len; i > 0; i--)
    {
      const Mail *mail = &g_array_index (mails, Mail, i - 1);
      IngestRow row = world_row (world, i);
      IngestBody *body;

      row.arrived_at = mail->date;
      body = ingest_body_begin (stream, &row);
      for (gsize at = 0; at < mail->bytes.size; at += 65536)
        ingest_body_append (body, base_slice_sub (mail->bytes, at, 65536), NULL);
      ticket = ingest_body_finish (body, NULL, NULL);
      if (i % 50 == 0)
        peak = MAX (peak, private_kilobytes ());
    }
  world_wait (stream, ticket);
  printf ("ingest  %6.2f s wall %6.2f s CPU, private memory at most %.0f MB\n",
          (double) (g_get_monotonic_time () - begin) / 1e6, cpu_seconds () - cpu,
          (double) MAX (peak, private_kilobytes ()) / 1024);
}

static void
run_queries (World *world)
{
  static const char *const queries[] = { "the", "patch", "patch review", "reunion", "会議", "from:anna",
                                         "is:unread meeting",
                                         "has:attachment", "gt*", "mee*", "re*", "rev*", "lovelace -the",
                                         "nothingofthekind" };

  for (gsize i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autoptr(StoreQuery) query = store_query_parse (queries[i], STORE_QUERY_FINISHED, NULL);
      gint64 best = G_MAXINT64;
      guint n = 0;

      for (guint round = 0; round < 5; round++)
        {
          gint64 begin = g_get_monotonic_time ();
          g_autoptr(GArray) ids = store_search_run (world->store, query, STORE_ACCOUNT_ANY, 0, 50, NULL);

          best = MIN (best, g_get_monotonic_time () - begin);
          n = ids->len;
        }
      printf ("search  %7.2f ms  %2u of %s\n", (double) best / 1e3, n, queries[i]);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GMappedFile) pack = argc > 1 ? g_mapped_file_new (argv[1], FALSE, NULL) : NULL;
  g_autofree char *dir = argc > 2 ? g_strdup (argv[2]) : g_dir_make_tmp ("penfold-XXXXXX", NULL);
  g_autoptr(GArray) mails = NULL;
  World *world;

  if (pack == NULL)
    {
      fprintf (stderr, "usage: bench-ingest PACK [DIR]\n");
      return 2;
    }
  mails = read_pack (base_slice_new (g_mapped_file_get_contents (pack), g_mapped_file_get_length (pack)));
  printf ("%u messages, %.1f MB\n", mails->len, (double) g_mapped_file_get_length (pack) / 1e6);
  run_floor (dir, mails);
  world = world_open (dir);
  run_ingest (world, mails);
  run_queries (world);
  world_free (world);
  return 0;
}
