/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/means.h"

void
worker_means_tell (const WorkerMeans *means,
                   WorkerAct          act,
                   gpointer           owner,
                   gpointer           data,
                   GDestroyNotify     destroy)
{
  WorkerLetter *letter = g_new0 (WorkerLetter, 1);

  *letter = (WorkerLetter) { act, owner, data, destroy };
  worker_inbox_put (means->inbox, letter);
}

static gboolean
is_of_owner (gpointer letter,
             gpointer owner)
{
  return ((WorkerLetter *) letter)->owner == owner;
}

void
worker_means_forget (const WorkerMeans *means,
                     gpointer           owner)
{
  worker_inbox_drop (means->inbox, is_of_owner, owner);
}

void
worker_letter_free (gpointer data)
{
  WorkerLetter *letter = data;

  if (letter->destroy != NULL)
    letter->destroy (letter->data);
  g_free (letter);
}

void
worker_letter_open (gpointer data,
                    gpointer user_data)
{
  WorkerLetter *letter = data;

  letter->act (letter->owner, letter->data);
  worker_letter_free (letter);
}
