/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/mbox.h - many messages in one file: written as mboxrd, read in every dialect.
 *
 * An entry written here gives back exactly the bytes, words and time it was made of: between the From line
 * and the message stand X-Mbox-Entry, Status, X-Status and X-Keywords, and only where X-Mbox-Entry comes
 * first are these four known to be ours.  In other files Status, X-Status and X-Keywords are taken out of the
 * header, for that is where other programs put them.
 * Words are flags and keywords as IMAP spells them: "\Seen", "$Forwarded", "work".
 *
 * Threads: any.  Limits: memory for one message.  Errors: those of the sink.
 */
#pragma once

#include "mime/tree.h"

typedef struct {
  GBytes  *message;
  char   **words;              /* never NULL */
  gint64   arrived_at;         /* seconds since 1970; 0: not known */
} MimeMboxEntry;

void     mime_mbox_entry_clear (MimeMboxEntry *entry);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MimeMboxEntry, mime_mbox_entry_clear)

/* sender: an address for the From line, or NULL. */
gboolean mime_mbox_write       (const MimeMboxEntry  *entry,
                                const char           *sender,
                                MimeSink              sink,
                                gpointer              user_data,
                                GError              **error);

/* Whether a file that begins so is an mbox. */
gboolean mime_mbox_is_one      (BaseSlice             file);
/* Takes one entry from the front of file, which is the rest of the whole file, and fills entry.  FALSE: no
 * more. */
gboolean mime_mbox_take        (BaseSlice            *file,
                                MimeMboxEntry        *entry);
