/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/peer.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_SECONDS 30

typedef enum {
  STEP_SERVER,
  STEP_CLIENT,
  STEP_CLIENT_ANY,
  STEP_FLUSH,
  STEP_DRIP,
  STEP_CUT,
  STEP_STALL,
} StepKind;

typedef struct {
  StepKind    kind;
  guint       line;
  GByteArray *bytes;
} Step;

struct _Peer {
  GArray     *steps;
  PeerFault   fault;
  gsize       at;

  GThread    *thread;
  GIOStream  *client;
  GMutex      mutex;
  GCond       has_news;
  gboolean    is_silent;     /* under mutex: stalled, or done */

  /* of the thread */
  int         fd;
  gsize       sent;
  GByteArray *input;         /* came from the client, not yet compared */
  gboolean    drips;
  gboolean    is_stalled;
  gboolean    ran_out_of_patience;
  char       *difference;
};

static void
clear_step (gpointer data)
{
  Step *step = data;

  g_byte_array_unref (step->bytes);
}

static GByteArray *
unescape (const char *text,
          guint       line)
{
  GByteArray *bytes = g_byte_array_sized_new ((guint) strlen (text) + 1);

  for (const char *p = text; *p != '\0'; p++)
    {
      static const char names[] = "rnt0\\\"", values[] = "\r\n\t\0\\\"";
      const char *name;
      guint8 byte = (guint8) *p;

      if (*p == '\\' && p[1] == 'x' && g_ascii_isxdigit (p[2]) && g_ascii_isxdigit (p[3]))
        {
          byte = (guint8) (g_ascii_xdigit_value (p[2]) << 4 | g_ascii_xdigit_value (p[3]));
          p += 3;
        }
      else if (*p == '\\')
        {
          if (p[1] == '\0' || (name = strchr (names, p[1])) == NULL)
            g_error ("line %u of the script: unknown escape %.2s", line, p);
          byte = (guint8) values[name - names];
          p++;
        }
      g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

static void
add_step (GArray     *steps,
          StepKind    kind,
          guint       line,
          const char *text)
{
  Step step = { kind, line, unescape (text, line) };
  Step *last = steps->len > 0 ? &g_array_index (steps, Step, steps->len - 1) : NULL;

  if (kind == STEP_SERVER && last != NULL && last->kind == STEP_SERVER)
    {
      g_byte_array_append (last->bytes, step.bytes->data, step.bytes->len);
      clear_step (&step);
      return;
    }
  g_array_append_val (steps, step);
}

static void
add_line (GArray *steps,
          char   *text,
          guint   line)
{
  static const struct { const char *word; StepKind kind; gboolean has_text; const char *end; } keywords[] = {
    { "S:", STEP_SERVER, TRUE, "\\r\\n" },
    { "S-raw:", STEP_SERVER, TRUE, "" },
    { "C:", STEP_CLIENT, TRUE, "\\r\\n" },
    { "C-raw:", STEP_CLIENT, TRUE, "" },
    { "C-any:", STEP_CLIENT_ANY, FALSE, "" },
    { "flush", STEP_FLUSH, FALSE, "" },
    { "drip", STEP_DRIP, FALSE, "" },
    { "cut", STEP_CUT, FALSE, "" },
    { "stall", STEP_STALL, FALSE, "" },
  };

  while (g_ascii_isspace (*text))
    text++;
  if (*text == '\0' || *text == '#')
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (keywords); i++)
    {
      g_autofree char *whole = NULL;
      const char *rest;

      if (!g_str_has_prefix (text, keywords[i].word))
        continue;
      rest = text + strlen (keywords[i].word);
      rest += *rest == ' ';
      whole = g_strconcat (keywords[i].has_text ? rest : "", keywords[i].end, NULL);
      add_step (steps, keywords[i].kind, line, whole);
      return;
    }
  g_error ("line %u of the script: %s", line, text);
}

static GArray *
parse_script (const char *script)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (Step));
  const char *end = script + strlen (script);
  guint number = 0;

  g_array_set_clear_func (steps, clear_step);
  /* Not g_strsplit(): under AddressSanitizer it measures the rest of a long script once for each line. */
  while (script < end)
    {
      const char *stop = memchr (script, '\n', (gsize) (end - script));
      gsize size = stop != NULL ? (gsize) (stop - script) : (gsize) (end - script);
      g_autofree char *line = g_strndup (script, size);

      add_line (steps, line, ++number);
      script = stop != NULL ? stop + 1 : end;
    }
  return steps;
}

static char *
show (const guint8 *data,
      gsize         size)
{
  GString *text = g_string_new ("\"");

  for (gsize i = 0; i < MIN (size, 200); i++)
    if (data[i] == '\r' || data[i] == '\n')
      g_string_append (text, data[i] == '\r' ? "\\r" : "\\n");
    else if (g_ascii_isprint (data[i]))
      g_string_append_c (text, (char) data[i]);
    else
      g_string_append_printf (text, "\\x%02x", data[i]);
  g_string_append (text, size > 200 ? "\"..." : "\"");
  return g_string_free (text, FALSE);
}

static void
tell_silence (Peer *peer)
{
  g_mutex_lock (&peer->mutex);
  peer->is_silent = TRUE;
  g_cond_broadcast (&peer->has_news);
  g_mutex_unlock (&peer->mutex);
}

void
peer_wait_for_stall (Peer *peer)
{
  g_mutex_lock (&peer->mutex);
  while (!peer->is_silent)
    g_cond_wait (&peer->has_news, &peer->mutex);
  g_mutex_unlock (&peer->mutex);
}

static void
fall_silent (Peer *peer)
{
  peer->is_stalled = TRUE;
  tell_silence (peer);
}

static void
hang_up (Peer *peer)
{
  if (peer->fd >= 0)
    close (peer->fd);
  peer->fd = -1;
}

/* FALSE at the end of the client's bytes, or when it kept silent for too long. */
static gboolean
read_more (Peer *peer)
{
  guint8 buffer[4096];
  gssize got;

  do
    got = recv (peer->fd, buffer, sizeof buffer, 0);
  while (got < 0 && errno == EINTR);

  if (got < 0 && errno == EAGAIN)
    peer->ran_out_of_patience = TRUE;
  if (got > 0)
    g_byte_array_append (peer->input, buffer, (guint) got);
  return got > 0;
}

/* Until the kernel holds none of our bytes: a unix socket counts what its other end has not read. */
static void
wait_until_read (Peer *peer)
{
  int waiting = 0;

  for (guint i = 0; i < PATIENCE_SECONDS * 20000; i++)
    {
      if (ioctl (peer->fd, SIOCOUTQ, &waiting) < 0 || waiting == 0)
        return;
      g_usleep (50);
    }
}

/* A client that has closed is no difference by itself: what it had to say is. */
static void
send_segment (Peer         *peer,
              const guint8 *data,
              gsize         size)
{
  while (size > 0)
    {
      gssize n = send (peer->fd, data, peer->drips ? 1 : size, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return;
      if (peer->drips)
        wait_until_read (peer);
      data += n;
      size -= (gsize) n;
      peer->sent += (gsize) n;
    }
}

static void
play_server (Peer *peer,
             Step *step)
{
  gsize size = step->bytes->len, before = size;

  if (peer->is_stalled)
    return;
  if (peer->fault != PEER_AS_WRITTEN && peer->sent <= peer->at && peer->at < peer->sent + size)
    before = peer->at - peer->sent;

  send_segment (peer, step->bytes->data, before);
  if (before == size)
    return;

  switch (peer->fault)
    {
    case PEER_AS_WRITTEN:
      break;
    case PEER_SPLIT:
      wait_until_read (peer);
      send_segment (peer, step->bytes->data + before, size - before);
      break;
    case PEER_CLOSE:
      hang_up (peer);
      break;
    case PEER_STALL:
      fall_silent (peer);
      break;
    }
}

static void
note_difference (Peer       *peer,
                 Step       *step,
                 const char *expected,
                 const char *got)
{
  peer->difference = g_strdup_printf ("line %u of the script: expected %s, the client sent %s%s",
                                      step->line, expected, got,
                                      peer->ran_out_of_patience ? " and then nothing" : "");
  hang_up (peer);
}

static void
play_client (Peer *peer,
             Step *step)
{
  gsize size = step->bytes->len;
  g_autofree char *expected = NULL;
  g_autofree char *got = NULL;

  while (peer->input->len < size && memcmp (peer->input->data, step->bytes->data, peer->input->len) == 0)
    if (!read_more (peer))
      break;

  if (peer->input->len >= size && memcmp (peer->input->data, step->bytes->data, size) == 0)
    {
      g_byte_array_remove_range (peer->input, 0, (guint) size);
      return;
    }

  /* A client that gives up after the fault has sent what it could. */
  if (peer->is_stalled && memcmp (peer->input->data, step->bytes->data, MIN (size, peer->input->len)) == 0)
    {
      g_byte_array_set_size (peer->input, 0);
      hang_up (peer);
      return;
    }
  expected = show (step->bytes->data, size);
  got = show (peer->input->data, peer->input->len);
  note_difference (peer, step, expected, got);
}

static void
play_client_any (Peer *peer,
                 Step *step)
{
  guint8 *end;

  while (peer->input->len == 0 || (end = memchr (peer->input->data, '\n', peer->input->len)) == NULL)
    if (!read_more (peer))
      {
        if (peer->is_stalled)
          hang_up (peer);
        else
          note_difference (peer, step, "a line", "none");
        return;
      }
  g_byte_array_remove_range (peer->input, 0, (guint) (end - peer->input->data) + 1);
}

static void
play_step (Peer *peer,
           Step *step)
{
  switch (step->kind)
    {
    case STEP_SERVER:     play_server (peer, step);      break;
    case STEP_CLIENT:     play_client (peer, step);      break;
    case STEP_CLIENT_ANY: play_client_any (peer, step);  break;
    case STEP_FLUSH:      wait_until_read (peer);        break;
    case STEP_DRIP:       peer->drips = TRUE;            break;
    case STEP_CUT:        hang_up (peer);                break;
    case STEP_STALL:      fall_silent (peer);            break;
    }
}

static gpointer
play (gpointer data)
{
  Peer *peer = data;

  for (guint i = 0; i < peer->steps->len && peer->fd >= 0; i++)
    play_step (peer, &g_array_index (peer->steps, Step, i));

  if (peer->fd >= 0 && (peer->input->len > 0 || read_more (peer)))
    {
      g_autofree char *got = show (peer->input->data, peer->input->len);

      peer->difference = g_strdup_printf ("at the end of the script: the client sent %s", got);
    }
  if (peer->ran_out_of_patience && peer->difference == NULL)
    peer->difference = g_strdup ("at the end of the script: the client did not close");
  hang_up (peer);
  tell_silence (peer);
  return NULL;
}

static GIOStream *
wrap_client_end (int fd)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocket) socket = g_socket_new_from_fd (fd, &error);

  g_assert_no_error (error);
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

Peer *
peer_start (const char *script,
            PeerFault   fault,
            gsize       at)
{
  Peer *peer = g_new0 (Peer, 1);
  struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    g_error ("socketpair: %s", g_strerror (errno));
  setsockopt (ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt (ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);

  g_mutex_init (&peer->mutex);
  g_cond_init (&peer->has_news);
  peer->steps = parse_script (script);
  peer->fault = fault;
  peer->at = at;
  peer->fd = ends[0];
  peer->input = g_byte_array_sized_new (4096);
  peer->client = wrap_client_end (ends[1]);
  peer->thread = g_thread_new ("peer", play, peer);
  return peer;
}

GIOStream *
peer_take_client (Peer *peer)
{
  return g_steal_pointer (&peer->client);
}

char *
peer_finish (Peer *peer)
{
  char *difference;

  g_clear_object (&peer->client);
  g_thread_join (peer->thread);
  difference = g_steal_pointer (&peer->difference);
  g_byte_array_unref (peer->input);
  g_array_unref (peer->steps);
  g_mutex_clear (&peer->mutex);
  g_cond_clear (&peer->has_news);
  g_free (peer);
  return difference;
}

void
peer_assert_done (Peer *peer)
{
  g_autofree char *difference = peer_finish (peer);

  g_assert_cmpstr (difference, ==, NULL);
}

gsize
peer_count_server_bytes (const char *script)
{
  g_autoptr(GArray) steps = parse_script (script);
  gsize size = 0;

  for (guint i = 0; i < steps->len; i++)
    if (g_array_index (steps, Step, i).kind == STEP_SERVER)
      size += g_array_index (steps, Step, i).bytes->len;
  return size;
}

void
peer_at_every_cut (const char *script,
                   PeerFault   fault,
                   PeerFunc    func,
                   gpointer    user_data)
{
  gsize size = peer_count_server_bytes (script);

  for (gsize at = 0; at < size; at++)
    {
      Peer *peer = peer_start (script, fault, at);
      g_autofree char *difference = NULL;

      func (peer_take_client (peer), user_data);
      if ((difference = peer_finish (peer)) != NULL)
        g_error ("cut after %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes: %s", at, size, difference);
    }
}
