/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap-peer.h - an IMAP session against a scripted server, as the tests of session/imap.h use it. */
#pragma once

#include "peer/peer.h"
#include "session/imap.h"

/* What happens between session and server; asserts what must be, or returns FALSE with error. */
typedef gboolean (*ImapAct) (SessionImap  *session,
                             GError      **error);

/* A session of ann with the password secret on client, which is taken; not opened yet. */
SessionImap *imap_peer_new_session (GIOStream   *client,
                                    NetSecurity  security);

/* Plays script against act; both must come to their end.  act opens the session itself. */
void         imap_peer_play        (const char  *script,
                                    NetSecurity  security,
                                    ImapAct      act);
/* The same, and act must fail so. */
void         imap_peer_play_error  (const char  *script,
                                    NetSecurity  security,
                                    ImapAct      act,
                                    GQuark       domain,
                                    int          code);
/* Plays it cut in two segments at every byte, closed at every byte and, with "let go now", silent from every
 * line on: in two segments all must be as before; else the session must fail and stay failed, or have been
 * done before. */
void         imap_peer_play_faults (const char  *script,
                                    NetSecurity  security,
                                    ImapAct      act);
