/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/store/fixture.h - a store in a temporary directory, for tests of any folder above store/.
 *
 * Every failure is an assertion.
 */
#pragma once

#include "store/locks.h"

typedef struct {
  char            *dir;
  StoreWorkerLock *lock;
  Store           *store;               /* a writer */
} StoreFixture;

StoreFixture *store_fixture_new    (void) G_GNUC_WARN_UNUSED_RESULT;
/* Closes and opens the store again, as after a restart. */
void          store_fixture_reopen (StoreFixture *fixture);
void          store_fixture_free   (StoreFixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreFixture, store_fixture_free)

/* Removes a directory and all that is in it. */
void          store_fixture_remove_dir (const char *dir);
