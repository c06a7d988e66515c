/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session/link.h - what the POP3 and SMTP sessions share: a wire with its signals, time-out, log and owner.
 *
 * It knows nothing of commands and answers.
 *
 * Threads: the one that made it; asserted.
 * Errors: NET_ERROR, G_IO_ERROR_CANCELLED; is_good is FALSE afterwards.
 */
#pragma once

#include "base/secret.h"
#include "net/sasl.h"
#include "net/wire.h"
#include "session/log.h"

typedef struct {
  GThread     *owner;
  NetWire     *wire;
  char        *host;
  guint16      port;
  NetSecurity  security;
  guint        timeout_s;
  NetSignals   signals;
  SessionLog  *log;
  gsize        taken;        /* bytes at the front of the wire's input that were used */
  gboolean     is_good;
} SessionLink;

/* wire: taken, connected; or NULL. */
void        session_link_init        (SessionLink    *link,
                                      const char     *protocol,
                                      const NetWhere *where,
                                      guint           timeout_s,
                                      NetWire        *wire);
void        session_link_clear       (SessionLink *link);
void        session_link_set_signals (SessionLink      *link,
                                      const NetSignals *signals);
gint64      session_link_deadline    (SessionLink *link);

gboolean    session_link_connect     (SessionLink  *link,
                                      GError      **error);
gboolean    session_link_start_tls   (SessionLink  *link,
                                      GError      **error);
/* FALSE when the connection went wrong before: nothing more is sent on it. */
gboolean    session_link_check       (SessionLink  *link,
                                      GError      **error);
/* Whether what the server says may be shown to people: not while anybody on the way can speak in its place.
 * */
gboolean    session_link_may_quote   (SessionLink *link);

/* Queues a line with its CRLF; of a secret one only the first word is logged. */
void        session_link_send        (SessionLink      *link,
                                      const BaseSecret *line,
                                      gboolean          is_secret);
/* What came and was not taken; valid until the next call. */
BaseSlice   session_link_peek        (SessionLink *link);
/* size bytes of the peeked ones are used up; they stay readable until the next call. */
void        session_link_take        (SessionLink *link,
                                      gsize        size);
/* Sends what is queued and waits for more input, at most timeout_s. */
gboolean    session_link_wait        (SessionLink  *link,
                                      GError      **error);

/* "AUTH PLAIN AGFubg==" when that is at most line_max bytes; else "AUTH PLAIN", and later is set to the
 * answer to the first challenge, which is empty. */
BaseSecret *session_link_start_auth  (NetSasl     *sasl,
                                      gsize        line_max,
                                      BaseSecret **later,
                                      GError     **error) G_GNUC_WARN_UNUSED_RESULT;
/* The answer to a challenge in base64. */
BaseSecret *session_link_answer      (NetSasl    *sasl,
                                      BaseSlice   base64,
                                      GError    **error) G_GNUC_WARN_UNUSED_RESULT;
