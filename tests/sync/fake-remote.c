/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/fake-remote.h"

#include "net/error.h"

#include <stdlib.h>
#include <string.h>

/* --- folders and messages ------------------------------------------------------------------------------- */

static void
message_free (gpointer data)
{
  FakeMessage *message = data;

  g_ptr_array_unref (message->keywords);
  g_bytes_unref (message->bytes);
  g_free (message->object_id);
  g_free (message);
}

static void
folder_free (gpointer data)
{
  FakeFolder *folder = data;

  g_free (folder->raw_name);
  g_ptr_array_unref (folder->messages);
  g_array_unref (folder->vanished);
  g_free (folder->object_id);
  g_free (folder);
}

FakeFolder *
fake_remote_find (FakeRemote *fake,
                  const char *raw_name)
{
  for (guint i = 0; i < fake->folders->len; i++)
    if (strcmp (((FakeFolder *) fake->folders->pdata[i])->raw_name, raw_name) == 0)
      return fake->folders->pdata[i];
  return NULL;
}

FakeFolder *
fake_remote_add_folder (FakeRemote *fake,
                        const char *raw_name)
{
  FakeFolder *folder = g_new0 (FakeFolder, 1);

  folder->raw_name = g_strdup (raw_name);
  folder->uidvalidity = 7;
  folder->uidnext = 1;
  folder->messages = g_ptr_array_new_with_free_func (message_free);
  folder->modseq = 1;
  folder->vanished = g_array_new (FALSE, FALSE, sizeof (FakeVanished));
  folder->object_id = g_strdup_printf ("F%u", ++fake->n_object_ids);
  g_ptr_array_add (fake->folders, folder);
  return folder;
}

FakeMessage *
fake_remote_find_uid (FakeFolder *folder,
                      guint32     uid)
{
  for (guint i = 0; i < folder->messages->len; i++)
    if (((FakeMessage *) folder->messages->pdata[i])->uid == uid)
      return folder->messages->pdata[i];
  return NULL;
}

/* Something about it is new. */
static void
touch (FakeFolder  *folder,
       FakeMessage *message)
{
  message->modseq = ++folder->modseq;
}

static void
remove_at (FakeFolder *folder,
           guint       i)
{
  FakeVanished gone = { ((FakeMessage *) folder->messages->pdata[i])->uid, ++folder->modseq };

  g_array_append_val (folder->vanished, gone);
  g_ptr_array_remove_index (folder->messages, i);
}

static FakeMessage *
add_message (FakeRemote *fake,
             FakeFolder *folder,
             GBytes     *bytes,
             ImapFlags   flags,
             gint64      date)
{
  FakeMessage *message = g_new0 (FakeMessage, 1);

  message->uid = folder->uidnext++;
  message->flags = flags;
  message->keywords = g_ptr_array_new_with_free_func (g_free);
  message->date = date;
  message->bytes = g_bytes_ref (bytes);
  message->object_id = g_strdup_printf ("M%u", ++fake->n_object_ids);
  touch (folder, message);
  g_ptr_array_add (folder->messages, message);
  return message;
}

static guint32
add_copy (FakeRemote        *fake,
          FakeFolder        *folder,
          const FakeMessage *source)
{
  FakeMessage *copy = add_message (fake, folder, source->bytes, source->flags, source->date);

  /* RFC 8474: a copy has the id of what it was made of. */
  g_free (copy->object_id);
  copy->object_id = g_strdup (source->object_id);
  copy->trouble = source->trouble;
  for (guint i = 0; i < source->keywords->len; i++)
    g_ptr_array_add (copy->keywords, g_strdup (source->keywords->pdata[i]));
  return copy->uid;
}

guint32
fake_remote_deliver (FakeRemote *fake,
                     const char *raw_name,
                     GBytes     *bytes,
                     ImapFlags   flags)
{
  FakeFolder *folder = fake_remote_find (fake, raw_name);

  return add_message (fake, folder, bytes, flags, 1700000000 + folder->uidnext)->uid;
}

void
fake_remote_remove (FakeRemote *fake,
                    const char *raw_name,
                    guint32     uid)
{
  FakeFolder *folder = fake_remote_find (fake, raw_name);
  guint i;

  g_assert_true (g_ptr_array_find (folder->messages, fake_remote_find_uid (folder, uid), &i));
  remove_at (folder, i);
}

void
fake_remote_set_flags (FakeRemote *fake,
                       const char *raw_name,
                       guint32     uid,
                       ImapFlags   flags)
{
  FakeFolder *folder = fake_remote_find (fake, raw_name);
  FakeMessage *message = fake_remote_find_uid (folder, uid);

  message->flags = flags;
  touch (folder, message);
}

guint32
fake_remote_move (FakeRemote *fake,
                  const char *raw_name,
                  guint32     uid,
                  const char *raw_target)
{
  FakeFolder *target = fake_remote_find (fake, raw_target);
  guint32 new_uid = add_copy (fake, target, fake_remote_find_uid (fake_remote_find (fake, raw_name), uid));

  fake_remote_remove (fake, raw_name, uid);
  return new_uid;
}

void
fake_remote_renumber (FakeRemote *fake,
                      const char *raw_name)
{
  FakeFolder *folder = fake_remote_find (fake, raw_name);

  folder->uidvalidity++;
  folder->modseq++;
  g_array_set_size (folder->vanished, 0);
  for (guint i = 0; i < folder->messages->len; i++)
    ((FakeMessage *) folder->messages->pdata[i])->uid += 100;
  folder->uidnext += 100;
}

/* --- faults --------------------------------------------------------------------------------------------- */

static FakeRemote *
get_fake (SyncRemote *remote)
{
  return (FakeRemote *) remote;
}

static gboolean
set_broken (FakeRemote *fake,
            GError    **error)
{
  fake->is_broken = TRUE;
  g_set_error_literal (error, NET_ERROR, NET_ERROR_CLOSED, "The connection is closed");
  return FALSE;
}

static gboolean
set_refused (GError     **error,
             ImapCode     code,
             const char  *words)
{
  imap_error_set (error, IMAP_ERROR_NO, code, base_slice_from_string (words), "Cannot do it");
  return FALSE;
}

/* Each command begins so; FALSE: it is not done. */
static gboolean begin (FakeRemote *fake, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
begin (FakeRemote *fake,
       GError    **error,
       const char *format,
       ...)
{
  va_list arguments;

  if (fake->is_broken || g_atomic_int_get (&fake->must_break))
    return set_broken (fake, error);
  fake->n_calls++;
  va_start (arguments, format);
  g_string_append_vprintf (fake->said, format, arguments);
  g_string_append_c (fake->said, '\n');
  va_end (arguments);
  if (fake->n_calls != fake->fault_at)
    return TRUE;
  switch (fake->fault)
    {
    case FAKE_BREAKS_BEFORE: return set_broken (fake, error);
    case FAKE_BREAKS_AFTER:  return TRUE;
    case FAKE_REFUSES:       return set_refused (error, IMAP_CODE_NONE, "not today");
    case FAKE_IS_BUSY:       return set_refused (error, IMAP_CODE_UNAVAILABLE, "busy");
    }
  g_assert_not_reached ();
}

/* And ends so. */
static gboolean
end (FakeRemote *fake,
     GError    **error)
{
  if (fake->n_calls == fake->fault_at && fake->fault == FAKE_BREAKS_AFTER)
    return set_broken (fake, error);
  return TRUE;
}

/* Whether the selected folder shows no messages to this command. */
static gboolean
seems_empty (FakeRemote *fake)
{
  return fake->seems_empty_for > 0 && fake->seems_empty_for-- > 0;
}

static gboolean
set_missing (FakeFolder  *folder,
             ImapCode     code,
             GError     **error)
{
  return folder != NULL || set_refused (error, code, "no such folder");
}

/* --- folders of the server ------------------------------------------------------------------------------ */

static gboolean
remote_can (SyncRemote     *remote,
            ImapCapability  capability)
{
  guint habits = get_fake (remote)->habits;

  return (capability == IMAP_CAN_MOVE && (habits & FAKE_NO_MOVE) == 0)
         || (capability == IMAP_CAN_UIDPLUS && (habits & FAKE_NO_UIDPLUS) == 0)
         || (capability == IMAP_CAN_CONDSTORE && (habits & (FAKE_HAS_CONDSTORE | FAKE_HAS_QRESYNC)) != 0)
         || (capability == IMAP_CAN_QRESYNC && (habits & FAKE_HAS_QRESYNC) != 0)
         || (capability == IMAP_CAN_OBJECTID && (habits & FAKE_HAS_IDS) != 0);
}

static const char *
remote_peek_prefix (SyncRemote *remote G_GNUC_UNUSED,
                    char       *delimiter)
{
  *delimiter = '/';
  return "";
}

static guint64
get_modseq (const FakeRemote *fake,
            const FakeFolder *folder)
{
  gboolean keeps = (fake->habits & (FAKE_HAS_CONDSTORE | FAKE_HAS_QRESYNC)) != 0
                   && (fake->habits & FAKE_NO_MODSEQ) == 0;

  return keeps ? folder->modseq : 0;
}

static SessionImapFolder *
describe_folder (const FakeRemote *fake,
                 const FakeFolder *folder)
{
  SessionImapFolder *said = g_new0 (SessionImapFolder, 1);

  said->raw_name = g_strdup (folder->raw_name);
  said->name = g_strdup (folder->raw_name);
  said->delimiter = '/';
  said->role = strcmp (folder->raw_name, "Trash") == 0 ? IMAP_ROLE_TRASH : IMAP_ROLE_NONE;
  said->has_status = TRUE;
  said->messages = folder->messages->len;
  said->uidvalidity = folder->uidvalidity;
  said->uidnext = folder->uidnext;
  said->highestmodseq = get_modseq (fake, folder);
  if ((fake->habits & FAKE_HAS_IDS) != 0)
    said->mailbox_id = g_strdup (folder->object_id);
  return said;
}

static GPtrArray *
remote_list (SyncRemote           *remote,
             SessionImapListMode   mode G_GNUC_UNUSED,
             GError              **error)
{
  FakeRemote *fake = get_fake (remote);
  g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func ((GDestroyNotify) session_imap_folder_free);

  if (!begin (fake, error, "LIST"))
    return NULL;
  for (guint i = 0; !fake->lists_nothing && i < fake->folders->len; i++)
    g_ptr_array_add (folders, describe_folder (fake, fake->folders->pdata[i]));
  return end (fake, error) ? g_steal_pointer (&folders) : NULL;
}

static gboolean
remote_create (SyncRemote  *remote,
               const char  *raw_name,
               ImapRole     role G_GNUC_UNUSED,
               GError     **error)
{
  FakeRemote *fake = get_fake (remote);

  if (!begin (fake, error, "CREATE %s", raw_name))
    return FALSE;
  if (fake_remote_find (fake, raw_name) != NULL)
    return set_refused (error, IMAP_CODE_ALREADYEXISTS, "it is there");
  fake_remote_add_folder (fake, raw_name);
  return end (fake, error);
}

static gboolean
remote_rename (SyncRemote  *remote,
               const char  *raw_name,
               const char  *raw_new_name,
               GError     **error)
{
  FakeRemote *fake = get_fake (remote);
  FakeFolder *folder = fake_remote_find (fake, raw_name);

  if (!begin (fake, error, "RENAME %s %s", raw_name, raw_new_name)
      || !set_missing (folder, IMAP_CODE_NONEXISTENT, error))
    return FALSE;
  g_free (folder->raw_name);
  folder->raw_name = g_strdup (raw_new_name);
  return end (fake, error);
}

static gboolean
remote_delete (SyncRemote  *remote,
               const char  *raw_name,
               GError     **error)
{
  FakeRemote *fake = get_fake (remote);
  FakeFolder *folder = fake_remote_find (fake, raw_name);

  if (!begin (fake, error, "DELETE %s", raw_name) || !set_missing (folder, IMAP_CODE_NONEXISTENT, error))
    return FALSE;
  g_assert_true (folder != fake->selected);
  g_ptr_array_remove (fake->folders, folder);
  return end (fake, error);
}

static void
add_row (FakeRemote         *fake,
         GArray             *rows,
         const FakeMessage  *message,
         SessionImapItems    items);

/* QRESYNC: what changed and vanished since. */
static void
tell_changes (FakeRemote              *fake,
              SessionImapBox          *box,
              const SessionImapResync *resync)
{
  const FakeFolder *folder = fake->selected;

  box->changed = session_imap_rows_new ();
  for (guint i = 0; i < folder->messages->len; i++)
    if (((FakeMessage *) folder->messages->pdata[i])->modseq > resync->modseq)
      add_row (fake, box->changed, folder->messages->pdata[i], SESSION_IMAP_FLAGS);
  for (guint i = 0; i < folder->vanished->len; i++)
    {
      FakeVanished gone = g_array_index (folder->vanished, FakeVanished, i);

      if (gone.modseq <= resync->modseq)
        continue;
      if (box->vanished == NULL)
        box->vanished = imap_uidset_new ();
      imap_uidset_add (box->vanished, gone.uid, gone.uid);
    }
}

static SessionImapBox *
remote_select (SyncRemote               *remote,
               const char               *raw_name,
               SessionImapAccess         access,
               const SessionImapResync  *resync,
               GError                  **error)
{
  FakeRemote *fake = get_fake (remote);
  g_autoptr(SessionImapBox) box = NULL;

  if (!begin (fake, error, "%s %s", access == SESSION_IMAP_READ_ONLY ? "EXAMINE" : "SELECT", raw_name))
    return NULL;
  fake->selected = fake_remote_find (fake, raw_name);
  if (!set_missing (fake->selected, IMAP_CODE_NONEXISTENT, error) || !end (fake, error))
    return NULL;
  box = g_new0 (SessionImapBox, 1);
  box->exists = seems_empty (fake) ? 0 : fake->selected->messages->len;
  box->uidvalidity = fake->selected->uidvalidity;
  box->uidnext = (fake->habits & FAKE_NO_UIDNEXT) != 0 ? 0 : fake->selected->uidnext;
  box->highestmodseq = get_modseq (fake, fake->selected);
  box->is_read_only = access == SESSION_IMAP_READ_ONLY || (fake->habits & FAKE_READ_ONLY) != 0;
  box->permanent_flags = IMAP_FLAGS_SETTABLE | ((fake->habits & FAKE_NO_KEYWORDS) != 0 ? 0 : IMAP_FLAG_ANY);
  if (resync != NULL && box->highestmodseq > 0 && resync->uidvalidity == box->uidvalidity)
    tell_changes (fake, box, resync);
  return g_steal_pointer (&box);
}

static const char *
remote_peek_selected (SyncRemote *remote)
{
  FakeFolder *selected = get_fake (remote)->selected;

  return selected != NULL ? selected->raw_name : NULL;
}

static void
remote_take_news (SyncRemote      *remote G_GNUC_UNUSED,
                  SessionImapNews *news)
{
  *news = (SessionImapNews) { 0 };
}

/* --- fetching ------------------------------------------------------------------------------------------- */

struct _SyncTicket {
  ImapUidset            *uids;
  SessionImapItems       items;
  const SessionImapSink *sink;
  gpointer               data;
  guint64                modseq;         /* only what changed since; 0: all */
};

static SyncTicket *
new_ticket (const ImapUidset *uids,
            SessionImapItems  items)
{
  SyncTicket *ticket = g_new0 (SyncTicket, 1);

  ticket->uids = imap_uidset_copy (uids);
  ticket->items = items;
  return ticket;
}

static SyncTicket *
remote_start_fetch (SyncRemote       *remote G_GNUC_UNUSED,
                    const ImapUidset *uids,
                    SessionImapItems  items)
{
  return imap_uidset_is_empty (uids) ? NULL : new_ticket (uids, items);
}

static SyncTicket *
remote_start_fetch_numbers (SyncRemote       *remote,
                            guint32           first,
                            guint32           last,
                            SessionImapItems  items)
{
  FakeFolder *folder = get_fake (remote)->selected;
  g_autoptr(ImapUidset) uids = imap_uidset_new ();

  for (guint32 i = first; i <= last && i <= folder->messages->len; i++)
    {
      guint32 uid = ((FakeMessage *) folder->messages->pdata[i - 1])->uid;

      imap_uidset_add (uids, uid, uid);
    }
  return new_ticket (uids, items);
}

static SyncTicket *
remote_start_fetch_changes (SyncRemote       *remote,
                            const ImapUidset *uids,
                            SessionImapItems  items,
                            guint64           modseq)
{
  SyncTicket *ticket = new_ticket (uids, items);

  g_assert_cmpuint (get_modseq (get_fake (remote), get_fake (remote)->selected), >, 0);
  ticket->modseq = modseq;
  return ticket;
}

static GBytes *
dup_header (GBytes *bytes)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  const char *end_of_header = memmem (text, size, "\r\n\r\n", 4);

  return g_bytes_new (text, end_of_header != NULL ? (gsize) (end_of_header - text) + 4 : size);
}

static void
add_row (FakeRemote         *fake,
         GArray             *rows,
         const FakeMessage  *message,
         SessionImapItems    items)
{
  SessionImapRow row = { .uid = message->uid, .date = message->date,
                         .size = g_bytes_get_size (message->bytes) };

  row.has_flags = (items & SESSION_IMAP_FLAGS) != 0;
  row.flags = message->flags;
  if (get_modseq (fake, fake->selected) > 0)
    row.modseq = message->modseq;
  if ((items & SESSION_IMAP_IDS) != 0 && (fake->habits & FAKE_HAS_IDS) != 0)
    row.object_id = g_strdup (message->object_id);
  if (message->keywords->len > 0)
    {
      row.keywords = g_new0 (char *, message->keywords->len + 1);
      for (guint i = 0; i < message->keywords->len; i++)
        row.keywords[i] = g_strdup (message->keywords->pdata[i]);
    }
  if ((items & SESSION_IMAP_HEADER) != 0 && message->trouble != FAKE_HEADER_MISSING)
    {
      row.header = dup_header (message->bytes);
      fake->n_headers++;
    }
  g_array_append_val (rows, row);
}

static SessionImapRows *
remote_finish_fetch (SyncRemote  *remote,
                     SyncTicket  *ticket,
                     GError     **error)
{
  FakeRemote *fake = get_fake (remote);
  g_autoptr(SessionImapRows) rows = g_new0 (SessionImapRows, 1);
  g_autofree char *uids = ticket != NULL ? imap_uidset_to_string (ticket->uids) : NULL;

  rows->rows = session_imap_rows_new ();
  if (ticket == NULL)
    return g_steal_pointer (&rows);
  if (!begin (fake, error, "FETCH %s%s", uids, ticket->modseq > 0 ? " CHANGED" : ""))
    return NULL;
  if (seems_empty (fake))
    return g_steal_pointer (&rows);
  for (guint i = 0; i < fake->selected->messages->len; i++)
    {
      const FakeMessage *message = fake->selected->messages->pdata[i];
      gboolean is_described = (ticket->items & (SESSION_IMAP_HEADER | SESSION_IMAP_SIZE)) != 0;

      if (!imap_uidset_contains (ticket->uids, message->uid)
          || (ticket->modseq > 0 && message->modseq <= ticket->modseq))
        continue;
      if (message->trouble == FAKE_HEADER_REFUSED && (ticket->items & SESSION_IMAP_HEADER) != 0)
        {
          set_refused (error, IMAP_CODE_NONE, "cannot read a message");
          return NULL;
        }
      if (message->trouble != FAKE_ROW_MISSING || !is_described)
        add_row (fake, rows->rows, message, ticket->items);
    }
  return end (fake, error) ? g_steal_pointer (&rows) : NULL;
}

static SyncTicket *
remote_start_bodies (SyncRemote            *remote G_GNUC_UNUSED,
                     const ImapUidset      *uids,
                     guint64                expected_bytes G_GNUC_UNUSED,
                     const SessionImapSink *sink,
                     gpointer               data)
{
  SyncTicket *ticket = new_ticket (uids, 0);

  ticket->sink = sink;
  ticket->data = data;
  return ticket;
}

/* FALSE: the server refuses the rest. */
static gboolean
send_body (FakeRemote        *fake,
           SyncTicket        *ticket,
           const FakeMessage *message)
{
  BaseSlice bytes = base_slice_from_bytes (message->bytes);

  switch (message->trouble)
    {
    case FAKE_BODY_REFUSED:
    case FAKE_HEADER_REFUSED:
      return FALSE;
    case FAKE_BODY_MISSING:
    case FAKE_HEADER_MISSING:
    case FAKE_ROW_MISSING:
      return TRUE;
    case FAKE_BODY_CUT:
    case FAKE_IS_GOOD:
      break;
    }
  if (!ticket->sink->begin (ticket->data, message->uid, bytes.size))
    return TRUE;
  if (message->trouble == FAKE_BODY_CUT)
    {
      ticket->sink->data (ticket->data, base_slice_sub (bytes, 0, bytes.size / 2));
      ticket->sink->drop (ticket->data);
      return TRUE;
    }
  ticket->sink->data (ticket->data, bytes);
  ticket->sink->end (ticket->data, message->uid);
  fake->n_bodies++;
  return TRUE;
}

static gboolean
remote_finish_bodies (SyncRemote  *remote,
                      SyncTicket  *ticket,
                      GError     **error)
{
  FakeRemote *fake = get_fake (remote);
  g_autofree char *uids = imap_uidset_to_string (ticket->uids);

  if (!begin (fake, error, "BODIES %s", uids))
    return FALSE;
  for (guint i = 0; i < fake->selected->messages->len; i++)
    {
      const FakeMessage *message = fake->selected->messages->pdata[i];

      if (imap_uidset_contains (ticket->uids, message->uid) && !send_body (fake, ticket, message))
        return set_refused (error, IMAP_CODE_NONE, "cannot read a message");
    }
  return end (fake, error);
}

static void
remote_ticket_free (SyncTicket *ticket)
{
  if (ticket == NULL)
    return;
  imap_uidset_free (ticket->uids);
  g_free (ticket);
}

/* --- changing ------------------------------------------------------------------------------------------- */

static gboolean
has_keyword (const FakeMessage *message,
             const char        *keyword)
{
  for (guint i = 0; i < message->keywords->len; i++)
    if (g_ascii_strcasecmp (message->keywords->pdata[i], keyword) == 0)
      return TRUE;
  return FALSE;
}

static void
change_keyword (FakeMessage      *message,
                SessionImapStore  how,
                const char       *keyword)
{
  if (how == SESSION_IMAP_ADD && !has_keyword (message, keyword))
    g_ptr_array_add (message->keywords, g_strdup (keyword));
  for (guint i = message->keywords->len; how == SESSION_IMAP_REMOVE && i > 0; i--)
    if (g_ascii_strcasecmp (message->keywords->pdata[i - 1], keyword) == 0)
      g_ptr_array_remove_index (message->keywords, i - 1);
}

static gboolean
remote_store (SyncRemote          *remote,
              const ImapUidset    *uids,
              SessionImapStore     how,
              ImapFlags            flags,
              const char * const  *keywords,
              guint64              unchanged_since G_GNUC_UNUSED,
              ImapUidset         **modified G_GNUC_UNUSED,
              GError             **error)
{
  FakeRemote *fake = get_fake (remote);
  g_autofree char *text = imap_uidset_to_string (uids);

  g_assert_cmpint (flags & ~IMAP_FLAGS_SETTABLE, ==, 0);
  if (!begin (fake, error, "STORE %s %s%x", text, how == SESSION_IMAP_ADD ? "+" : "-", flags))
    return FALSE;
  for (guint i = 0; i < fake->selected->messages->len; i++)
    {
      FakeMessage *message = fake->selected->messages->pdata[i];

      if (!imap_uidset_contains (uids, message->uid))
        continue;
      message->flags = how == SESSION_IMAP_ADD ? message->flags | flags : message->flags & ~flags;
      for (guint k = 0; keywords != NULL && keywords[k] != NULL; k++)
        change_keyword (message, how, keywords[k]);
      touch (fake->selected, message);
    }
  return end (fake, error);
}

static ImapUidMap *
new_map (FakeFolder *target,
         GString    *from,
         GString    *to)
{
  return imap_uidmap_parse (target->uidvalidity, base_slice_from_string (from->str),
                            base_slice_from_string (to->str));
}

typedef enum {
  KEEP_SOURCE,
  TAKE_SOURCE,
} Source;

static gboolean
transfer (FakeRemote        *fake,
          const ImapUidset  *uids,
          FakeFolder        *target,
          Source             source,
          ImapUidMap       **map,
          GError           **error)
{
  g_autoptr(GString) from = g_string_new (NULL);
  g_autoptr(GString) to = g_string_new (NULL);
  guint n = fake->selected->messages->len;

  *map = NULL;
  if (!set_missing (target, IMAP_CODE_TRYCREATE, error))
    return FALSE;
  for (guint i = 0; i < n && (fake->habits & FAKE_KEEPS_ALL) == 0; i++)
    {
      const FakeMessage *message = fake->selected->messages->pdata[i];

      if (!imap_uidset_contains (uids, message->uid))
        continue;
      g_string_append_printf (from, "%s%u", from->len > 0 ? "," : "", message->uid);
      g_string_append_printf (to, "%s%u", to->len > 0 ? "," : "", add_copy (fake, target, message));
    }
  for (guint i = n; source == TAKE_SOURCE && i > 0 && (fake->habits & FAKE_KEEPS_ALL) == 0; i--)
    if (imap_uidset_contains (uids, ((FakeMessage *) fake->selected->messages->pdata[i - 1])->uid))
      remove_at (fake->selected, i - 1);
  if (!end (fake, error))
    return FALSE;
  if ((fake->habits & (FAKE_NO_UIDPLUS | FAKE_NO_COPYUID)) == 0 && from->len > 0)
    *map = new_map (target, from, to);
  return TRUE;
}

static gboolean
remote_copy (SyncRemote        *remote,
             const ImapUidset  *uids,
             const char        *raw_target,
             ImapUidMap       **map,
             GError           **error)
{
  FakeRemote *fake = get_fake (remote);
  g_autofree char *text = imap_uidset_to_string (uids);

  return begin (fake, error, "COPY %s %s", text, raw_target)
         && transfer (fake, uids, fake_remote_find (fake, raw_target), KEEP_SOURCE, map, error);
}

static gboolean
remote_move (SyncRemote        *remote,
             const ImapUidset  *uids,
             const char        *raw_target,
             ImapUidMap       **map,
             GError           **error)
{
  FakeRemote *fake = get_fake (remote);
  g_autofree char *text = imap_uidset_to_string (uids);

  g_assert_cmpint (fake->habits & FAKE_NO_MOVE, ==, 0);
  return begin (fake, error, "MOVE %s %s", text, raw_target)
         && transfer (fake, uids, fake_remote_find (fake, raw_target), TAKE_SOURCE, map, error);
}

static gboolean
remote_expunge (SyncRemote        *remote,
                const ImapUidset  *uids,
                GError           **error)
{
  FakeRemote *fake = get_fake (remote);
  g_autofree char *text = imap_uidset_to_string (uids);

  g_assert_cmpint (fake->habits & FAKE_NO_UIDPLUS, ==, 0);
  if (!begin (fake, error, "EXPUNGE %s", text))
    return FALSE;
  for (guint i = fake->selected->messages->len; i > 0 && (fake->habits & FAKE_KEEPS_ALL) == 0; i--)
    {
      const FakeMessage *message = fake->selected->messages->pdata[i - 1];

      if (imap_uidset_contains (uids, message->uid) && (message->flags & IMAP_FLAG_DELETED) != 0)
        remove_at (fake->selected, i - 1);
    }
  return end (fake, error);
}

static gboolean
remote_append (SyncRemote               *remote,
               const SessionImapAppend  *append,
               guint32                  *uidvalidity,
               guint32                  *uid,
               GError                  **error)
{
  FakeRemote *fake = get_fake (remote);
  FakeFolder *folder = fake_remote_find (fake, append->raw_folder);
  FakeMessage *message;

  *uidvalidity = *uid = 0;
  if (!begin (fake, error, "APPEND %s", append->raw_folder)
      || !set_missing (folder, IMAP_CODE_TRYCREATE, error))
    return FALSE;
  message = add_message (fake, folder, append->bytes, append->flags, append->date);
  for (guint i = 0; append->keywords != NULL && append->keywords[i] != NULL; i++)
    g_ptr_array_add (message->keywords, g_strdup (append->keywords[i]));
  if (!end (fake, error))
    return FALSE;
  if ((fake->habits & (FAKE_NO_UIDPLUS | FAKE_NO_COPYUID)) != 0)
    return TRUE;
  *uidvalidity = folder->uidvalidity;
  *uid = message->uid;
  return TRUE;
}

static ImapUidset *
remote_search_message_id (SyncRemote  *remote,
                          const char  *message_id,
                          GError     **error)
{
  FakeRemote *fake = get_fake (remote);
  g_autoptr(ImapUidset) found = imap_uidset_new ();

  if (!begin (fake, error, "SEARCH %s", message_id))
    return NULL;
  for (guint i = 0; i < fake->selected->messages->len && (fake->habits & FAKE_FINDS_NONE) == 0; i++)
    {
      const FakeMessage *message = fake->selected->messages->pdata[i];
      BaseSlice bytes = base_slice_from_bytes (message->bytes);

      if (memmem (bytes.data, bytes.size, message_id, strlen (message_id)) != NULL)
        imap_uidset_add (found, message->uid, message->uid);
    }
  return end (fake, error) ? g_steal_pointer (&found) : NULL;
}

static const SyncRemoteVerbs verbs = {
  .can = remote_can,
  .peek_prefix = remote_peek_prefix,
  .list = remote_list,
  .create = remote_create,
  .rename = remote_rename,
  .delete = remote_delete,
  .select = remote_select,
  .peek_selected = remote_peek_selected,
  .take_news = remote_take_news,
  .start_fetch = remote_start_fetch,
  .start_fetch_numbers = remote_start_fetch_numbers,
  .start_fetch_changes = remote_start_fetch_changes,
  .finish_fetch = remote_finish_fetch,
  .start_bodies = remote_start_bodies,
  .finish_bodies = remote_finish_bodies,
  .ticket_free = remote_ticket_free,
  .store = remote_store,
  .copy = remote_copy,
  .move = remote_move,
  .expunge = remote_expunge,
  .append = remote_append,
  .search_message_id = remote_search_message_id,
};

/* --- the server ----------------------------------------------------------------------------------------- */

FakeRemote *
fake_remote_new (void)
{
  FakeRemote *fake = g_new0 (FakeRemote, 1);

  fake->remote.verbs = &verbs;
  fake->folders = g_ptr_array_new_with_free_func (folder_free);
  fake->said = g_string_new (NULL);
  fake_remote_add_folder (fake, "INBOX");
  fake_remote_add_folder (fake, "Archive");
  fake_remote_add_folder (fake, "Trash");
  return fake;
}

void
fake_remote_free (FakeRemote *fake)
{
  g_ptr_array_unref (fake->folders);
  g_string_free (fake->said, TRUE);
  g_free (fake);
}

void
fake_remote_reconnect (FakeRemote *fake)
{
  fake->is_broken = FALSE;
  g_atomic_int_set (&fake->must_break, FALSE);
  fake->selected = NULL;
  fake->fault_at = 0;
  fake->n_calls = 0;
  g_string_truncate (fake->said, 0);
}

static char *
describe_message (const FakeMessage *message)
{
  static const struct { ImapFlags flag; const char *name; } names[] = {
    { IMAP_FLAG_SEEN, " seen" }, { IMAP_FLAG_ANSWERED, " answered" }, { IMAP_FLAG_FLAGGED, " flagged" },
    { IMAP_FLAG_DRAFT, " draft" }, { IMAP_FLAG_DELETED, " deleted" },
  };
  BaseSlice bytes = base_slice_from_bytes (message->bytes);
  const char *id = memmem (bytes.data, bytes.size, "Message-ID: <m", 14);
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%lu", id != NULL ? strtoul (id + 14, NULL, 10) : 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if ((message->flags & names[i].flag) != 0)
      g_string_append (text, names[i].name);
  for (guint i = 0; i < message->keywords->len; i++)
    g_string_append_printf (text, " %s", (char *) message->keywords->pdata[i]);
  return g_string_free (text, FALSE);
}

static int
compare_texts (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char * const *) a, *(char * const *) b);
}

char *
fake_remote_describe (FakeRemote *fake,
                      const char *raw_name)
{
  FakeFolder *folder = fake_remote_find (fake, raw_name);
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  if (folder == NULL)
    return g_strdup ("none");
  for (guint i = 0; i < folder->messages->len; i++)
    g_ptr_array_add (texts, describe_message (folder->messages->pdata[i]));
  g_ptr_array_sort (texts, compare_texts);
  g_ptr_array_add (texts, NULL);
  return g_strjoinv (",", (char **) texts->pdata);
}
