/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap-peer.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

SessionImap *
imap_peer_new_session (GIOStream   *client,
                       NetSecurity  security)
{
  g_autoptr(GIOStream) stream = client;
  g_autoptr(BaseSecret) password = base_secret_new ("secret");
  SessionImapLogin login = {
    .where = { .host = "mail.example.org", .port = 143, .security = security },
    .user = "ann", .password = password, .may_send_clear = security == NET_SECURITY_NONE, .timeout_s = 20,
  };

  return session_imap_new_on_wire (&login, net_wire_new_for_stream (stream, security == NET_SECURITY_TLS));
}

void
imap_peer_play (const char  *script,
                NetSecurity  security,
                ImapAct      act)
{
  Peer *peer = peer_start (script, PEER_AS_WRITTEN, 0);
  SessionImap *session = imap_peer_new_session (peer_take_client (peer), security);
  g_autoptr(GError) error = NULL;
  gboolean is_done = act (session, &error);

  session_imap_free (session);
  peer_assert_done (peer);
  g_assert_no_error (error);
  g_assert_true (is_done);
}

void
imap_peer_play_error (const char  *script,
                      NetSecurity  security,
                      ImapAct      act,
                      GQuark       domain,
                      int          code)
{
  Peer *peer = peer_start (script, PEER_AS_WRITTEN, 0);
  SessionImap *session = imap_peer_new_session (peer_take_client (peer), security);
  g_autoptr(GError) error = NULL;
  gboolean is_done = act (session, &error);

  session_imap_free (session);
  peer_assert_done (peer);
  g_assert_error (error, domain, code);
  g_assert_false (is_done);
}

typedef struct {
  NetSecurity security;
  ImapAct     act;
} Play;

static void
play_segments (GIOStream *client,
               gpointer   user_data)
{
  Play *play = user_data;
  g_autoptr(SessionImap) session = imap_peer_new_session (client, play->security);
  g_autoptr(GError) error = NULL;

  g_assert_true (play->act (session, &error));
  g_assert_no_error (error);
}

static void
play_closed (GIOStream *client,
             gpointer   user_data)
{
  Play *play = user_data;
  g_autoptr(SessionImap) session = imap_peer_new_session (client, play->security);
  g_autoptr(GError) error = NULL;

  if (play->act (session, &error))
    return;
  g_assert_nonnull (error);
  g_assert_false (session_imap_is_good (session));
  g_assert_false (session_imap_noop (session, NULL));
}

/* Raised at any moment it ends any wait in the same way, so that how fast this is does not matter. */
static gpointer
raise_stop (gpointer data)
{
  guint64 one = 1;

  g_usleep (5000);
  g_assert_cmpint (write (GPOINTER_TO_INT (data), &one, sizeof one), ==, sizeof one);
  return NULL;
}

static void
play_stopped (const char *script,
              gsize       at,
              Play       *play)
{
  Peer *peer = peer_start (script, PEER_STALL, at);
  SessionImap *session = imap_peer_new_session (peer_take_client (peer), play->security);
  NetSignals signals = { -1, eventfd (0, EFD_CLOEXEC), NULL };
  GThread *thread = g_thread_new ("stop", raise_stop, GINT_TO_POINTER (signals.stop_fd));
  g_autoptr(GError) error = NULL;

  session_imap_set_signals (session, &signals);
  if (!play->act (session, &error))
    {
      g_assert_error (error, NET_ERROR, NET_ERROR_STOPPED);
      g_assert_false (session_imap_is_good (session));
    }
  session_imap_free (session);
  g_thread_join (thread);
  close (signals.stop_fd);
  g_free (peer_finish (peer));
}

void
imap_peer_play_faults (const char  *script,
                       NetSecurity  security,
                       ImapAct      act)
{
  Play play = { security, act };
  gsize size = peer_count_server_bytes (script);

  imap_peer_play (script, security, act);
  peer_at_every_cut (script, PEER_SPLIT, play_segments, &play);
  peer_at_every_cut (script, PEER_CLOSE, play_closed, &play);
  for (gsize at = 0; at < size; at += 40)
    play_stopped (script, at, &play);
}
