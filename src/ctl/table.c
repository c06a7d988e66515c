/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/table.h"

#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef union {
  gint64   number;
  char    *text;
  char   **words;
} Value;

struct _CtlTable {
  const CtlColumn *columns;
  guint            n_columns;
  GPtrArray       *rows;        /* of Value, n_columns each */
};

static void
free_row (CtlTable *table,
          Value    *row)
{
  for (guint i = 0; i < table->n_columns; i++)
    switch (table->columns[i].kind)
      {
      case CTL_COLUMN_INT:
      case CTL_COLUMN_TIME:
        break;
      case CTL_COLUMN_TEXT:
        g_free (row[i].text);
        break;
      case CTL_COLUMN_WORDS:
        g_strfreev (row[i].words);
        break;
      }
  g_free (row);
}

CtlTable *
ctl_table_new (const CtlColumn *columns)
{
  CtlTable *table = g_new0 (CtlTable, 1);

  table->columns = columns;
  while (columns[table->n_columns].name != NULL)
    table->n_columns++;
  table->rows = g_ptr_array_new ();
  return table;
}

void
ctl_table_free (CtlTable *table)
{
  for (guint i = 0; i < table->rows->len; i++)
    free_row (table, table->rows->pdata[i]);
  g_ptr_array_unref (table->rows);
  g_free (table);
}

void
ctl_table_add (CtlTable *table,
               ...)
{
  Value *row = g_new0 (Value, table->n_columns);
  va_list values;

  va_start (values, table);
  for (guint i = 0; i < table->n_columns; i++)
    switch (table->columns[i].kind)
      {
      case CTL_COLUMN_INT:
      case CTL_COLUMN_TIME:
        row[i].number = va_arg (values, gint64);
        break;
      case CTL_COLUMN_TEXT:
        row[i].text = g_strdup (va_arg (values, const char *));
        break;
      case CTL_COLUMN_WORDS:
        row[i].words = g_strdupv (va_arg (values, char **));
        break;
      }
  va_end (values);
  g_ptr_array_add (table->rows, row);
}

static void
print_json (CtlTable *table)
{
  BaseJson *json = base_json_new ();
  g_autofree char *text = NULL;

  base_json_begin_array (json);
  for (guint r = 0; r < table->rows->len; r++)
    {
      const Value *row = table->rows->pdata[r];

      base_json_begin_object (json);
      for (guint i = 0; i < table->n_columns; i++)
        {
          base_json_key (json, table->columns[i].name);
          switch (table->columns[i].kind)
            {
            case CTL_COLUMN_INT:
            case CTL_COLUMN_TIME:
              base_json_int (json, row[i].number);
              break;
            case CTL_COLUMN_TEXT:
              base_json_text (json, row[i].text);
              break;
            case CTL_COLUMN_WORDS:
              base_json_begin_array (json);
              for (guint w = 0; row[i].words != NULL && row[i].words[w] != NULL; w++)
                base_json_text (json, row[i].words[w]);
              base_json_end_array (json);
              break;
            }
        }
      base_json_end_object (json);
    }
  base_json_end_array (json);
  text = base_json_free_to_text (json);
  printf ("%s\n", text);
}

/* Mail may hold anything: what a terminal would take for a command is shown as a blank. */
static char *
dup_harmless (const char *text)
{
  char *harmless = g_utf8_make_valid (text != NULL ? text : "", -1);

  for (char *p = harmless; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  return harmless;
}

static char *
dup_cell (const CtlColumn *column,
          const Value     *value)
{
  g_autoptr(GDateTime) time = NULL;
  g_autofree char *joined = NULL;

  switch (column->kind)
    {
    case CTL_COLUMN_INT:
      return g_strdup_printf ("%" G_GINT64_FORMAT, value->number);
    case CTL_COLUMN_TIME:
      time = value->number > 0 ? g_date_time_new_from_unix_local (value->number) : NULL;
      return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M") : g_strdup ("-");
    case CTL_COLUMN_TEXT:
      return dup_harmless (value->text);
    case CTL_COLUMN_WORDS:
      joined = value->words != NULL ? g_strjoinv (" ", value->words) : NULL;
      return dup_harmless (joined);
    }
  g_assert_not_reached ();
}

static void
print_line (CtlTable    *table,
            char       **cells,
            const guint *widths)
{
  for (guint i = 0; i < table->n_columns; i++)
    {
      guint width = (guint) g_utf8_strlen (cells[i], -1);
      gboolean is_right = table->columns[i].kind == CTL_COLUMN_INT;
      int padding = (int) (widths[i] - width);

      printf ("%s%*s%s", i > 0 ? "  " : "", is_right ? padding : 0, "", cells[i]);
      if (!is_right && i + 1 < table->n_columns)
        printf ("%*s", padding, "");
    }
  printf ("\n");
}

static void
print_text (CtlTable *table)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autofree guint *widths = g_new0 (guint, table->n_columns);

  for (guint r = 0; r <= table->rows->len; r++)
    {
      char **cells = g_new0 (char *, table->n_columns + 1);

      for (guint i = 0; i < table->n_columns; i++)
        {
          cells[i] = r == 0 ? g_ascii_strup (table->columns[i].name, -1)
                            : dup_cell (&table->columns[i], &((Value *) table->rows->pdata[r - 1])[i]);
          widths[i] = MAX (widths[i], (guint) g_utf8_strlen (cells[i], -1));
        }
      g_ptr_array_add (lines, cells);
    }
  for (guint r = 0; r < lines->len; r++)
    print_line (table, lines->pdata[r], widths);
}

void
ctl_table_print (CtlTable *table,
                 gboolean  is_json)
{
  if (is_json)
    print_json (table);
  else
    print_text (table);
}
