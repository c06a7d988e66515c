/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/rows.h"

#include "ctl/table.h"

static const struct { guint flag; const char *name; } names[] = {
  { STORE_FLAG_SEEN, "seen" }, { STORE_FLAG_ANSWERED, "answered" }, { STORE_FLAG_FLAGGED, "flagged" },
  { STORE_FLAG_DELETED, "deleted" }, { STORE_FLAG_DRAFT, "draft" }, { STORE_FLAG_FORWARDED, "forwarded" },
  { STORE_FLAG_MDN_SENT, "mdn-sent" }, { STORE_FLAG_JUNK, "junk" }, { STORE_FLAG_NOT_JUNK, "not-junk" },
  { STORE_FLAG_PHISHING, "phishing" },
};

char **
ctl_rows_dup_flag_names (guint flags)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  char **list;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if ((flags & names[i].flag) != 0)
      g_strv_builder_add (builder, names[i].name);
  list = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return list;
}

guint
ctl_rows_parse_flag (const char *name)
{
  const char *plain = *name == '\\' || *name == '$' ? name + 1 : name;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (names[i].name, plain) == 0)
      return names[i].flag;
  return 0;
}

static const char *
get_where_name (StoreWhere where)
{
  switch (where)
    {
    case STORE_WHERE_BOTH:    return "both";
    case STORE_WHERE_HERE:    return "here";
    case STORE_WHERE_SERVER:  return "server";
    case STORE_WHERE_NOWHERE: return "header";
    }
  g_assert_not_reached ();
}

CtlStatus
ctl_rows_print (Ctl             *ctl,
                Store           *store,
                const StoreView *view,
                gsize            limit)
{
  static const CtlColumn columns[] = {
    { "id", CTL_COLUMN_INT }, { "message", CTL_COLUMN_INT }, { "subject", CTL_COLUMN_TEXT },
    { "from", CTL_COLUMN_TEXT }, { "date", CTL_COLUMN_TIME }, { "size", CTL_COLUMN_INT },
    { "flags", CTL_COLUMN_WORDS }, { "where", CTL_COLUMN_TEXT },
    { NULL }
  };
  g_autoptr(CtlTable) table = ctl_table_new (columns);
  g_autoptr(GArray) entries = NULL;
  g_autoptr(GPtrArray) rows = NULL;
  GError *error = NULL;

  if ((entries = store_listing_list (store, view, NULL, limit, &error)) == NULL)
    return ctl_fail ("Cannot list the messages", error);
  if ((rows = store_listing_get_rows (store, view, (StoreEntry *) entries->data, entries->len,
                                      &error)) == NULL)
    return ctl_fail ("Cannot read the messages", error);
  for (guint i = 0; i < rows->len; i++)
    {
      const StoreRow *row = rows->pdata[i];
      g_auto(GStrv) flags = row != NULL ? ctl_rows_dup_flag_names (row->flags) : NULL;
      g_autofree char *from = NULL;

      if (row == NULL)
        continue;
      from = *row->from_name != '\0' ? g_strdup_printf ("%s <%s>", row->from_name, row->from_address)
                                     : g_strdup (row->from_address);
      ctl_table_add (table, row->location_id, row->message_id, row->subject, from, row->arrived_at, row->size,
                     flags, get_where_name (row->where));
    }
  ctl_table_print (table, ctl->is_json);
  return CTL_DONE;
}
