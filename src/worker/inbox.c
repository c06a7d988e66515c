/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/inbox.h"

#include <glib-unix.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct _WorkerInbox {
  GAsyncQueue     *letters;
  int              wake_fd;
  guint            source;
  WorkerInboxOpen  open;
  gpointer         data;
  GDestroyNotify   discard;
};

static gboolean
on_woken (int           fd,
          GIOCondition  condition,
          gpointer      user_data)
{
  WorkerInbox *inbox = user_data;
  eventfd_t count;
  gpointer letter;

  /* Emptied first: what is put from here on wakes again. */
  eventfd_read (fd, &count);
  while ((letter = g_async_queue_try_pop (inbox->letters)) != NULL)
    inbox->open (letter, inbox->data);
  return G_SOURCE_CONTINUE;
}

WorkerInbox *
worker_inbox_new (WorkerInboxOpen open,
                  gpointer        data,
                  GDestroyNotify  discard)
{
  WorkerInbox *inbox = g_new0 (WorkerInbox, 1);

  inbox->letters = g_async_queue_new_full (discard);
  inbox->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  inbox->source = g_unix_fd_add (inbox->wake_fd, G_IO_IN, on_woken, inbox);
  inbox->open = open;
  inbox->data = data;
  inbox->discard = discard;
  return inbox;
}

void
worker_inbox_free (WorkerInbox *inbox)
{
  g_source_remove (inbox->source);
  close (inbox->wake_fd);
  g_async_queue_unref (inbox->letters);
  g_free (inbox);
}

void
worker_inbox_put (WorkerInbox *inbox,
                  gpointer     letter)
{
  g_async_queue_push (inbox->letters, letter);
  eventfd_write (inbox->wake_fd, 1);
}

void
worker_inbox_drop (WorkerInbox *inbox,
                   gboolean  (* is_dropped) (gpointer letter,
                                             gpointer data),
                   gpointer     data)
{
  int n;

  g_async_queue_lock (inbox->letters);
  n = g_async_queue_length_unlocked (inbox->letters);
  for (int i = 0; i < n; i++)
    {
      gpointer letter = g_async_queue_pop_unlocked (inbox->letters);

      if (is_dropped (letter, data))
        inbox->discard (letter);
      else
        g_async_queue_push_unlocked (inbox->letters, letter);
    }
  g_async_queue_unlock (inbox->letters);
}
