/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/migrate.h - makes a database file and brings it to the schema of this program.
 *
 * A schema is a list of steps, one SQL text each: the first makes schema 1, the nth goes from n - 1 to n.  A
 * file is brought from where it is to the last step in one transaction, or stays as it was; before that it is
 * copied beside itself.  A released step never changes.
 *
 * Threads: one at a time for a file; callers hold store.lock exclusively.
 * Errors: STORE_ERROR_NEWER_SCHEMA before anything is written, _CORRUPT for a file of somebody else, and
 * sql.h's.
 */
#pragma once

#include "store/sql.h"

#define STORE_MAIL_APPLICATION_ID 0x50664d6c         /* "PfMl" */
#define STORE_DESK_APPLICATION_ID 0x5066446b         /* "PfDk" */
#define STORE_PAGE_SIZE           4096

typedef struct {
  guint32            application_id;
  const char *const *steps;                        /* NULL-terminated */
} StoreSchema;

/* The steps of mail.db or desk.db, borrowed for ever. */
const StoreSchema *store_schema_get_mail (void);
const StoreSchema *store_schema_get_desk (void);
guint              store_schema_get_version (const StoreSchema *schema);       /* of its last step */

/* The version of an open file: 0 for an empty one. */
gboolean           store_migrate_read    (StoreDb            *db,
                                          const StoreSchema  *schema,
                                          guint              *version,
                                          GError            **error);
gboolean           store_migrate_run     (StoreDb            *db,
                                          const StoreSchema  *schema,
                                          GError            **error);
