/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/post.h - what the outbox needs of a submission server: session/smtp.h, or something in memory that
 * behaves like it.
 *
 * Nothing is connected before the first mail, and a connection that broke is made anew for the next one.
 *
 * Threads: the lane's.
 */
#pragma once

#include "session/smtp.h"

typedef struct _SyncPost SyncPost;

typedef struct {
  /* Ready for a mail.  An error says nothing about the mail. */
  gboolean (* open) (SyncPost  *post,
                     GError   **error);
  /* As session_smtp_send(). */
  gboolean (* send) (SyncPost               *post,
                     const SessionSmtpMail  *mail,
                     SessionSmtpResult     **result,
                     GError                **error);
} SyncPostVerbs;

struct _SyncPost {
  const SyncPostVerbs *verbs;
};

/* A session that is not opened yet, or NULL with error: no password, say. */
typedef SessionSmtp *(* SyncPostMake) (gpointer   data,
                                       GError   **error);

SyncPost   *sync_post_smtp_new  (SyncPostMake   make,
                                 gpointer       data) G_GNUC_WARN_UNUSED_RESULT;
/* Says good-bye to the server.  traffic: gets that of all its sessions; or NULL. */
void        sync_post_smtp_free (SyncPost      *post,
                                 NetTraffic    *traffic);
