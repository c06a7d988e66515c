/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/table.h - rows with named columns, printed for people or as a JSON array of objects. */
#pragma once

#include <glib.h>

typedef struct _CtlTable CtlTable;

typedef enum {
  CTL_COLUMN_INT,
  CTL_COLUMN_TEXT,
  CTL_COLUMN_TIME,       /* seconds since 1970; for people a local date */
  CTL_COLUMN_WORDS,      /* char **; for people joined by blanks */
} CtlColumnKind;

typedef struct {
  const char    *name;
  CtlColumnKind  kind;
} CtlColumn;

/* columns: lives as long as the table, ends with a NULL name. */
CtlTable *ctl_table_new   (const CtlColumn *columns) G_GNUC_WARN_UNUSED_RESULT;
void      ctl_table_free  (CtlTable *table);
/* One value for each column: gint64, const char *, gint64, const char * const *. */
void      ctl_table_add   (CtlTable *table,
                           ...);
void      ctl_table_print (CtlTable *table,
                           gboolean  is_json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlTable, ctl_table_free)
