/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/contacts.h - the people the user wrote to: for completing addresses, and whose pictures are shown.
 *
 * Threads: the handle's; each call is one short transaction.  Limits: STORE_CONTACT_TEXT_MAX bytes for each
 * text.
 */
#pragma once

#include "store/store.h"

#define STORE_CONTACT_TEXT_MAX 998

typedef struct {
  gint64    id;
  char     *email;
  char     *name;                       /* "" if not known */
  gint64    times_sent;
  gint64    last_sent_at;               /* 0: never */
  gboolean  shows_images;               /* remote pictures of this sender are shown */
  gint64    rev;
} StoreContact;

void       store_contact_free           (StoreContact  *contact);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreContact, store_contact_free)

/* A message went to that address.  name may be ""; a known name is not replaced by "". */
gboolean   store_contacts_note_sent     (Store         *store,
                                         const char    *email,
                                         const char    *name,
                                         GError       **error);
/* Of StoreContact: a word of the name or the address begins with text; those written to most and last come
 * first. */
GPtrArray *store_contacts_complete      (Store         *store,
                                         const char    *text,
                                         guint          limit,
                                         GError       **error) G_GNUC_WARN_UNUSED_RESULT;
/* NULL without error if there is none. */
StoreContact *store_contacts_find       (Store         *store,
                                         const char    *email,
                                         GError       **error) G_GNUC_WARN_UNUSED_RESULT;
/* Makes the contact where it is missing. */
gboolean   store_contacts_set_shows_images (Store      *store,
                                         const char    *email,
                                         gboolean       shows_images,
                                         GError       **error);
gboolean   store_contacts_remove        (Store         *store,
                                         gint64         id,
                                         GError       **error);
