/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SyncPost on SMTP sessions. */
#include "sync/post.h"

typedef struct {
  SyncPost      base;
  SyncPostMake  make;
  gpointer      data;
  SessionSmtp  *session;              /* or NULL */
  NetTraffic    traffic;              /* of those that are gone */
} PostSmtp;

static void
drop_session (PostSmtp *post)
{
  NetTraffic traffic;

  if (post->session == NULL)
    return;
  if (session_smtp_is_good (post->session))
    session_smtp_quit (post->session);
  traffic = session_smtp_get_traffic (post->session);
  post->traffic.bytes_in += traffic.bytes_in;
  post->traffic.bytes_out += traffic.bytes_out;
  post->traffic.round_trips += traffic.round_trips;
  g_clear_pointer (&post->session, session_smtp_free);
}

static gboolean
post_open (SyncPost  *base,
           GError   **error)
{
  PostSmtp *post = (PostSmtp *) base;

  if (post->session != NULL && session_smtp_is_good (post->session))
    return TRUE;
  drop_session (post);
  return (post->session = post->make (post->data, error)) != NULL && session_smtp_open (post->session, error);
}

static gboolean
post_send (SyncPost               *base,
           const SessionSmtpMail  *mail,
           SessionSmtpResult     **result,
           GError                **error)
{
  return session_smtp_send (((PostSmtp *) base)->session, mail, result, error);
}

static const SyncPostVerbs verbs = { post_open, post_send };

SyncPost *
sync_post_smtp_new (SyncPostMake  make,
                    gpointer      data)
{
  PostSmtp *post = g_new0 (PostSmtp, 1);

  post->base.verbs = &verbs;
  post->make = make;
  post->data = data;
  return &post->base;
}

void
sync_post_smtp_free (SyncPost   *base,
                     NetTraffic *traffic)
{
  PostSmtp *post = (PostSmtp *) base;

  drop_session (post);
  if (traffic != NULL)
    *traffic = post->traffic;
  g_free (post);
}
