/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap-peer.h"

#include <string.h>

static SessionImapFolder *
find_folder (GPtrArray  *folders,
             const char *raw_name)
{
  for (guint i = 0; i < folders->len; i++)
    if (strcmp (((SessionImapFolder *) folders->pdata[i])->raw_name, raw_name) == 0)
      return folders->pdata[i];
  return NULL;
}

static GPtrArray *
open_and_list (SessionImap          *session,
               SessionImapListMode   mode,
               GError              **error)
{
  if (!session_imap_open (session, error))
    return NULL;
  return session_imap_list (session, mode, error);
}

static gboolean
act_list_status (SessionImap  *session,
                 GError      **error)
{
  g_autoptr(GPtrArray) folders = open_and_list (session, SESSION_IMAP_NAMES_AND_STATUS, error);
  SessionImapFolder *folder;

  if (folders == NULL)
    return FALSE;
  g_assert_cmpuint (folders->len, ==, 4);

  folder = find_folder (folders, "INBOX");
  g_assert_cmpint (folder->role, ==, IMAP_ROLE_INBOX);
  g_assert_true (folder->has_status);
  g_assert_cmpuint (folder->messages, ==, 17);
  g_assert_cmpuint (folder->unseen, ==, 3);
  g_assert_cmpuint (folder->uidnext, ==, 4392);
  g_assert_cmpuint (folder->uidvalidity, ==, 7);
  g_assert_cmpuint (folder->highestmodseq, ==, 715194045007);
  g_assert_cmpstr (folder->mailbox_id, ==, "F2212ea87");

  folder = find_folder (folders, "Gel&APY-schte Objekte");
  g_assert_cmpstr (folder->name, ==, "Gel\u00f6schte Objekte");
  g_assert_cmpint (folder->role, ==, IMAP_ROLE_TRASH);
  g_assert_cmpint (folder->delimiter, ==, '/');
  g_assert_cmpint (folder->attributes, ==, IMAP_FOLDER_HASNOCHILDREN);
  g_assert_true (folder->has_status);

  folder = find_folder (folders, "shared");
  g_assert_cmpint (folder->attributes, ==, IMAP_FOLDER_NOSELECT | IMAP_FOLDER_NONEXISTENT);
  g_assert_false (folder->has_status);
  g_assert_null (find_folder (folders, "unlisted"));
  return TRUE;
}

static void
test_one_round_trip_with_list_status (void)
{
  imap_peer_play_faults (
    "S: * PREAUTH [CAPABILITY IMAP4rev1 SPECIAL-USE LIST-STATUS CONDSTORE OBJECTID STATUS=SIZE] hi\n"
    "C: A1 LIST \"\" \"*\" RETURN (SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ "
    "MAILBOXID))\n"
    "S: * LIST () \"/\" inbox\n"
    "S: * STATUS InBox (MESSAGES 17 UNSEEN 3 UIDNEXT 4392 UIDVALIDITY 7 HIGHESTMODSEQ 715194045007 MAILBOXID "
    "(F2212ea87))\n"
    "S: * LIST (\\\\HasNoChildren \\\\Trash) \"/\" \"Gel&APY-schte Objekte\"\n"
    "S: * STATUS \"Gel&APY-schte Objekte\" (MESSAGES 1)\n"
    "S: * STATUS unlisted (MESSAGES 1)\n"
    "S: * LIST (\\\\NonExistent) \"/\" shared\n"
    "S: * LIST () \"/\" {3}\n"
    "S: a b\n"
    "S: * STATUS {3}\n"
    "S: a b (MESSAGES 0)\n"
    "S: A1 OK done\n",
    NET_SECURITY_TLS, act_list_status);
}

static gboolean
act_names (SessionImap  *session,
           GError      **error)
{
  g_autoptr(GPtrArray) folders = open_and_list (session, SESSION_IMAP_NAMES, error);

  if (folders == NULL)
    return FALSE;
  g_assert_cmpuint (folders->len, ==, 2);
  g_assert_cmpint (find_folder (folders, "Sent")->role, ==, IMAP_ROLE_SENT);
  return TRUE;
}

/* Proton Bridge offers SPECIAL-USE and answers BAD to it. */
static void
test_refused_options_are_left_out (void)
{
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1 SPECIAL-USE] hi\n"
    "C: A1 LIST \"\" \"*\" RETURN (SPECIAL-USE)\n"
    "S: A1 BAD bad parse\n"
    "C: A2 LIST \"\" \"*\"\n"
    "S: * LIST () \"/\" INBOX\n"
    "S: * LIST (\\\\Sent) \"/\" Sent\n"
    "S: * LIST (\\\\Sent) \"/\" Sent\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_names);
}

static gboolean
act_statuses (SessionImap  *session,
              GError      **error)
{
  g_autoptr(GPtrArray) folders = open_and_list (session, SESSION_IMAP_NAMES_STATUS_AND_SIZE, error);

  if (folders == NULL)
    return FALSE;
  g_assert_cmpuint (folders->len, ==, 13);
  g_assert_cmpuint (find_folder (folders, "f0")->messages, ==, 5);
  g_assert_cmpuint (find_folder (folders, "f0")->size, ==, 8589934592);
  g_assert_false (find_folder (folders, "f1")->has_status);
  g_assert_true (find_folder (folders, "f2")->has_status);
  g_assert_false (find_folder (folders, "f3")->has_status);
  g_assert_true (find_folder (folders, "f12")->has_status);
  return TRUE;
}

/* At most ten on their way; one refused, one that cannot be opened. */
static void
test_statuses_are_asked_ten_at_a_time (void)
{
  g_autoptr(GString) script = g_string_new ("S: * PREAUTH [CAPABILITY IMAP4rev1 STATUS=SIZE] hi\n"
                                            "C: A1 LIST \"\" \"*\"\n");
  const char *items = "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN SIZE)";

  for (guint i = 0; i < 13; i++)
    g_string_append_printf (script, "S: * LIST (%s) \"/\" f%u\n", i == 3 ? "\\\\Noselect" : "", i);
  g_string_append (script, "S: A1 OK\n");
  for (guint i = 0; i < 11; i++)
    if (i != 3)
      g_string_append_printf (script, "C: A%u STATUS \"f%u\" %s\n", i < 3 ? i + 2 : i + 1, i, items);
  g_string_append (script,
                   "S: * STATUS f0 (MESSAGES 5 SIZE 8589934592)\n"
                   "S: A2 OK\n");
  g_string_append_printf (script, "C: A12 STATUS \"f11\" %s\n", items);
  g_string_append (script, "S: A3 NO [NOPERM] not yours\n");
  g_string_append_printf (script, "C: A13 STATUS \"f12\" %s\n", items);
  for (guint i = 2; i < 13; i++)
    if (i != 3)
      g_string_append_printf (script, "S: * STATUS f%u ()\nS: A%u OK\n", i, i < 3 ? i + 2 : i + 1);
  imap_peer_play (script->str, NET_SECURITY_TLS, act_statuses);
}

static gboolean
act_no_more_statuses (SessionImap  *session,
                      GError      **error)
{
  g_autoptr(GPtrArray) folders = open_and_list (session, SESSION_IMAP_NAMES_AND_STATUS, error);

  g_assert_cmpuint (folders->len, ==, 2);
  return TRUE;
}

static void
test_status_that_is_not_understood_is_no_harm (void)
{
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n"
    "C: A1 LIST \"\" \"*\"\n"
    "S: * LIST () \"/\" a\n"
    "S: * LIST () \"/\" b\n"
    "S: A1 OK\n"
    "C: A2 STATUS \"a\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\n"
    "C: A3 STATUS \"b\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\n"
    "S: A2 BAD what\n"
    "S: A3 BAD what\n",
    NET_SECURITY_TLS, act_no_more_statuses);
}

static gboolean
act_utf8 (SessionImap  *session,
          GError      **error)
{
  g_autoptr(GPtrArray) folders = open_and_list (session, SESSION_IMAP_NAMES, error);

  if (folders == NULL)
    return FALSE;
  g_assert_nonnull (find_folder (folders, "Entw&APw-rfe"));
  g_assert_cmpstr (find_folder (folders, "R&-D")->name, ==, "R&D");
  return session_imap_create (session, "Gel&APY-scht", IMAP_ROLE_TRASH, error);
}

static void
test_names_are_the_same_in_utf8 (void)
{
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE UTF8=ACCEPT CREATE-SPECIAL-USE] hi\n"
    "C: A1 ENABLE UTF8=ACCEPT\n"
    "S: * ENABLED UTF8=ACCEPT\n"
    "S: A1 OK\n"
    "C: A2 LIST \"\" \"*\"\n"
    "S: * LIST () \"/\" \"Entw\xc3\xbcrfe\"\n"
    "S: * LIST () \"/\" \"R&D\"\n"
    "S: A2 OK\n"
    "C: A3 CREATE \"Gel\xc3\xb6scht\" (USE (\\\\Trash))\n"
    "S: A3 OK\n",
    NET_SECURITY_TLS, act_utf8);
}

static gboolean
act_create (SessionImap  *session,
            GError      **error)
{
  g_autofree char *raw_name = session_imap_encode_name ("Gel\u00f6scht");

  if (!session_imap_open (session, error))
    return FALSE;
  return session_imap_create (session, raw_name, IMAP_ROLE_TRASH, error);
}

static void
test_create (void)
{
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n"
    "C: A1 CREATE \"Gel&APY-scht\"\n"
    "S: A1 OK\n",
    NET_SECURITY_TLS, act_create);
}

static gboolean
act_rename_and_delete (SessionImap  *session,
                       GError      **error)
{
  return session_imap_open (session, error)
         && session_imap_rename (session, "Old/Plans", "Gel&APY-scht/Plans", error)
         && session_imap_delete (session, "Old", error);
}

static void
test_rename_and_delete (void)
{
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n"
    "C: A1 RENAME \"Old/Plans\" \"Gel&APY-scht/Plans\"\n"
    "S: A1 OK\n"
    "C: A2 DELETE \"Old\"\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_rename_and_delete);
}

static gboolean
act_create_existing (SessionImap  *session,
                     GError      **error)
{
  g_autoptr(GError) failure = NULL;

  g_assert_false (act_create (session, &failure));
  g_assert_error (failure, IMAP_ERROR, IMAP_ERROR_NO);
  g_assert_cmpint (imap_error_get_code (failure), ==, IMAP_CODE_ALREADYEXISTS);
  g_assert_cmpstr (failure->message, ==,
                   "Cannot create folder Gel\u00f6scht on mail.example.org: the server refuses "
                   "[ALREADYEXISTS]");
  g_assert_cmpstr (imap_error_peek_text (failure), ==, "it is there");
  g_assert_true (session_imap_is_good (session));
  return session_imap_noop (session, error);
}

static void
test_refusal_leaves_the_connection_good (void)
{
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n"
    "C: A1 CREATE \"Gel&APY-scht\"\n"
    "S: A1 NO [ALREADYEXISTS] it is there\n"
    "C: A2 NOOP\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_create_existing);
}

static gboolean
act_status (SessionImap  *session,
            GError      **error)
{
  SessionImapFolder folder = { .raw_name = (char *) "a", .name = (char *) "a" };

  if (!session_imap_open (session, error) || !session_imap_status (session, &folder, error))
    return FALSE;
  g_assert_cmpuint (folder.messages, ==, 9);
  return TRUE;
}

static void
test_status_of_one_folder (void)
{
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n"
    "C: A1 STATUS \"a\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\n"
    "S: * STATUS b (MESSAGES 1)\n"
    "S: * STATUS a (MESSAGES 9)\n"
    "S: A1 OK\n",
    NET_SECURITY_TLS, act_status);
}

static gboolean
act_quota (SessionImap  *session,
           GError      **error)
{
  SessionImapQuota quota;

  if (!session_imap_open (session, error) || !session_imap_get_quota (session, &quota, error))
    return FALSE;
  g_assert_true (quota.is_known);
  g_assert_cmpuint (quota.used_bytes, ==, 10240);
  g_assert_cmpuint (quota.limit_bytes, ==, 524288);
  return TRUE;
}

static void
test_quota (void)
{
  imap_peer_play_faults (
    "S: * PREAUTH [CAPABILITY IMAP4rev1 QUOTA] hi\n"
    "C: A1 GETQUOTAROOT \"INBOX\"\n"
    "S: * QUOTAROOT INBOX \"\" other\n"
    "S: * QUOTA \"\" (MESSAGE 1 2 STORAGE 10 512)\n"
    "S: * QUOTA other (STORAGE 1 2)\n"
    "S: A1 OK\n",
    NET_SECURITY_TLS, act_quota);
}

static gboolean
act_no_quota (SessionImap  *session,
              GError      **error)
{
  SessionImapQuota quota = { .is_known = TRUE };

  if (!session_imap_open (session, error) || !session_imap_get_quota (session, &quota, error))
    return FALSE;
  g_assert_false (quota.is_known);
  return TRUE;
}

static void
test_no_quota_is_no_error (void)
{
  imap_peer_play ("S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n", NET_SECURITY_TLS, act_no_quota);
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1 QUOTA] hi\n"
    "C: A1 GETQUOTAROOT \"INBOX\"\n"
    "S: * QUOTAROOT INBOX\n"
    "S: A1 OK\n",
    NET_SECURITY_TLS, act_no_quota);
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1 QUOTA] hi\n"
    "C: A1 GETQUOTAROOT \"INBOX\"\n"
    "S: A1 NO no quota here\n",
    NET_SECURITY_TLS, act_no_quota);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/imap-folders/one-round-trip-with-list-status",
                   test_one_round_trip_with_list_status);
  g_test_add_func ("/session/imap-folders/refused-options-are-left-out", test_refused_options_are_left_out);
  g_test_add_func ("/session/imap-folders/statuses-are-asked-ten-at-a-time",
                   test_statuses_are_asked_ten_at_a_time);
  g_test_add_func ("/session/imap-folders/status-that-is-not-understood-is-no-harm",
                   test_status_that_is_not_understood_is_no_harm);
  g_test_add_func ("/session/imap-folders/names-are-the-same-in-utf8", test_names_are_the_same_in_utf8);
  g_test_add_func ("/session/imap-folders/create", test_create);
  g_test_add_func ("/session/imap-folders/rename-and-delete", test_rename_and_delete);
  g_test_add_func ("/session/imap-folders/refusal-leaves-the-connection-good",
                   test_refusal_leaves_the_connection_good);
  g_test_add_func ("/session/imap-folders/status-of-one-folder", test_status_of_one_folder);
  g_test_add_func ("/session/imap-folders/quota", test_quota);
  g_test_add_func ("/session/imap-folders/no-quota-is-no-error", test_no_quota_is_no_error);
  return g_test_run ();
}
