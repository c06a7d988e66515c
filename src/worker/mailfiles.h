/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/mailfiles.h - how flags, keywords and folders are spelled in mbox files, Maildirs and single message
 * files.
 *
 * Words are flags and keywords as IMAP spells them: "\Seen", "$Forwarded", "work".
 *
 * Threads: any, it is pure.
 */
#pragma once

#include <glib.h>

/* Beside single message files: a line for each, FILE TAB seconds-since-1970 TAB words. */
#define WORKER_MAILFILES_INDEX    "index.tsv"
/* In a Maildir, as Dovecot writes it: "0 work" gives the letter a its keyword. */
#define WORKER_MAILFILES_KEYWORDS "dovecot-keywords"

/* flags: of StoreFlags. */
char    **worker_mailfiles_dup_words  (guint               flags,
                                       const char * const *keywords) G_GNUC_WARN_UNUSED_RESULT;
void      worker_mailfiles_read_words (const char * const *words,
                                       guint              *flags,
                                       char             ***keywords);

/* What a server called a folder, as one level of a path: never empty, hidden, a separator, longer than a file
 * system takes, or what the files of an export are called.  "%2E" stands for a byte that cannot be there. */
char     *worker_mailfiles_escape     (const char         *name) G_GNUC_WARN_UNUSED_RESULT;

/* "FSa" of "name:2,FSa".  keywords: of char *, the folder's table, which grows.  n_left_out: words without a
 * letter. */
char     *worker_mailfiles_dup_info   (const char * const *words,
                                       GPtrArray          *keywords,
                                       guint              *n_left_out) G_GNUC_WARN_UNUSED_RESULT;
char    **worker_mailfiles_read_info  (const char         *file_name,
                                       GPtrArray          *keywords) G_GNUC_WARN_UNUSED_RESULT;
