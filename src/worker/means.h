/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/means.h - what everything in the worker works with: the store's writer, its secrets, and the way to
 * the main thread.
 *
 * Threads: any; it does not change while lanes live.
 */
#pragma once

#include "account/secrets.h"
#include "ingest/ingest.h"
#include "worker/inbox.h"

/* A letter to the main thread: what to do there. */
typedef void (* WorkerAct) (gpointer owner,
                            gpointer data);

typedef struct {
  const char     *data_dir;
  Ingest         *ingest;
  AccountSecrets *secrets;
  WorkerInbox    *inbox;
} WorkerMeans;

typedef struct {
  WorkerAct       act;
  gpointer        owner;
  gpointer        data;
  GDestroyNotify  destroy;
} WorkerLetter;

/* Calls act (owner, data) on the main thread, later, and destroy (data) after it or in its place. */
void worker_means_tell       (const WorkerMeans *means,
                              WorkerAct          act,
                              gpointer           owner,
                              gpointer           data,
                              GDestroyNotify     destroy);
/* owner ends: what was told to it is dropped.  Nobody tells it anything any more. */
void worker_means_forget     (const WorkerMeans *means,
                              gpointer           owner);
/* For worker_inbox_new(). */
void worker_letter_open      (gpointer letter,
                              gpointer data);
void worker_letter_free      (gpointer letter);
