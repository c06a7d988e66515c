/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/tree.h"

#include "imap/names.h"

#include <string.h>

/* Names that Outlook, Gmail, Apple Mail, Thunderbird and providers give their folders; compared
 * case-folded. */
static const struct { StoreRole role; const char *names[24]; } known_names[] = {
  { STORE_ROLE_SENT, { "sent", "sent items", "sent mail", "sent messages", "gesendet", "gesendete objekte",
                       "gesendete elemente", "envoyés", "éléments envoyés", "messages envoyés", "enviados",
                       "elementos enviados", "inviati", "posta inviata", "verzonden", "verzonden items",
                       "skickat", "sendt", "wysłane", "odeslané", "отправленные", "已发送", "送信済み", NULL } },
  { STORE_ROLE_DRAFTS, { "drafts", "draft", "entwürfe", "brouillons", "borradores", "rascunhos", "bozze",
                         "concepten",
                         "utkast", "kladder", "szkice", "koncepty", "черновики", "草稿", "下書き", NULL } },
  { STORE_ROLE_TRASH, { "trash", "deleted", "deleted items", "deleted messages", "papierkorb", "gelöscht",
                        "gelöschte objekte", "gelöschte elemente", "corbeille", "éléments supprimés",
                        "papelera",
                        "elementos eliminados", "lixeira", "cestino", "prullenbak", "papperskorgen", "kosz",
                        "koš", "корзина", "удаленные", "已删除", "ゴミ箱", NULL } },
  { STORE_ROLE_JUNK, { "junk", "junk mail", "junk e-mail", "junk email", "spam", "bulk mail", "spamverdacht",
                       "unerwünscht", "indésirables", "courrier indésirable", "correo no deseado",
                       "posta indesiderata",
                       "ongewenste e-mail", "skräppost", "спам", "垃圾邮件", "迷惑メール", NULL } },
  { STORE_ROLE_ARCHIVE, { "archive", "archives", "archiv", "archivo", "archivio", "archief", "arkiv",
                          "archiwum", "архив", "归档", "アーカイブ", NULL } },
};

char *
sync_tree_dup_path (const char *raw_name,
                    char        delimiter)
{
  const char separator[] = { delimiter, '\0' };
  g_auto(GStrv) levels = delimiter != '\0'
                         ? g_strsplit (raw_name, separator, -1) : g_strsplit (raw_name, "\x1f", 1);

  /* Levels are decoded one by one: a delimiter inside a shifted sequence of modified UTF-7 is none.  What
   * decodes to the separator itself cannot: names_decode() leaves no control characters. */
  for (guint i = 0; levels[i] != NULL; i++)
    {
      char *decoded = imap_names_decode (base_slice_from_string (levels[i]));

      g_free (levels[i]);
      levels[i] = decoded;
    }
  return g_strjoinv (STORE_PATH_SEPARATOR, levels);
}

StoreRole
sync_tree_guess_role (const char *name)
{
  g_autofree char *folded = g_utf8_casefold (name, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (known_names); i++)
    for (guint n = 0; known_names[i].names[n] != NULL; n++)
      if (strcmp (known_names[i].names[n], folded) == 0)
        return known_names[i].role;
  return STORE_ROLE_NONE;
}

static StoreRole
get_told_role (ImapRole role)
{
  switch (role)
    {
    case IMAP_ROLE_NONE:      return STORE_ROLE_NONE;
    case IMAP_ROLE_INBOX:     return STORE_ROLE_INBOX;
    case IMAP_ROLE_ALL:       return STORE_ROLE_ALL;
    case IMAP_ROLE_ARCHIVE:   return STORE_ROLE_ARCHIVE;
    case IMAP_ROLE_DRAFTS:    return STORE_ROLE_DRAFTS;
    case IMAP_ROLE_FLAGGED:   return STORE_ROLE_FLAGGED;
    case IMAP_ROLE_IMPORTANT: return STORE_ROLE_IMPORTANT;
    case IMAP_ROLE_JUNK:      return STORE_ROLE_JUNK;
    case IMAP_ROLE_SENT:      return STORE_ROLE_SENT;
    case IMAP_ROLE_TRASH:     return STORE_ROLE_TRASH;
    }
  g_assert_not_reached ();
}

static guint
get_attributes (ImapFolderAttributes told)
{
  guint attributes = 0;

  if ((told & (IMAP_FOLDER_NOSELECT | IMAP_FOLDER_NONEXISTENT)) != 0)
    attributes |= STORE_FOLDER_NO_SELECT;
  if ((told & IMAP_FOLDER_NOINFERIORS) != 0)
    attributes |= STORE_FOLDER_NO_INFERIORS;
  if ((told & IMAP_FOLDER_SUBSCRIBED) != 0)
    attributes |= STORE_FOLDER_SUBSCRIBED;
  return attributes;
}

static gboolean
has_role (GArray    *infos,
          StoreRole  role)
{
  for (guint i = 0; i < infos->len; i++)
    if (g_array_index (infos, StoreFolderInfo, i).role == role)
      return TRUE;
  return FALSE;
}

/* Only a folder at the top, or right below INBOX as Courier and Cyrus have them, is worth guessing. */
static void
guess_missing_roles (GArray *infos)
{
  for (guint i = 0; i < infos->len; i++)
    {
      StoreFolderInfo *info = &g_array_index (infos, StoreFolderInfo, i);
      const char *name = strrchr (info->path, STORE_PATH_SEPARATOR[0]);
      gboolean is_at_top = name == NULL || (gsize) (name - info->path) == strlen ("INBOX");
      StoreRole role;

      if (info->role != STORE_ROLE_NONE || !is_at_top || (info->attributes & STORE_FOLDER_NO_SELECT) != 0)
        continue;
      role = sync_tree_guess_role (name != NULL ? name + 1 : info->path);
      if (role != STORE_ROLE_NONE && !has_role (infos, role))
        info->role = role;
    }
}

static void
info_clear (StoreFolderInfo *info)
{
  g_free ((char *) info->path);
  g_free ((char *) info->delimiter);
}

static StoreFolderInfo
info_new (const SessionImapFolder *folder,
          GArray                  *before)
{
  StoreRole role = get_told_role (folder->role);
  StoreFolderInfo info = {
    .raw_name = base_slice_from_string (folder->raw_name),
    .path = sync_tree_dup_path (folder->raw_name, folder->delimiter),
    .delimiter = folder->delimiter != '\0' ? g_strndup (&folder->delimiter, 1) : NULL,
    .attributes = get_attributes (folder->attributes),
    .object_id = folder->mailbox_id,
  };

  if (g_ascii_strcasecmp (folder->raw_name, "INBOX") == 0)
    role = STORE_ROLE_INBOX;
  info.role = role != STORE_ROLE_NONE && has_role (before, role) ? STORE_ROLE_NONE : role;
  return info;
}

GArray *
sync_tree_build (GPtrArray *folders)
{
  GArray *infos = g_array_sized_new (FALSE, FALSE, sizeof (StoreFolderInfo), folders->len);

  g_array_set_clear_func (infos, (GDestroyNotify) info_clear);
  for (guint i = 0; i < folders->len; i++)
    {
      StoreFolderInfo info = info_new (folders->pdata[i], infos);

      g_array_append_val (infos, info);
    }
  guess_missing_roles (infos);
  return infos;
}
