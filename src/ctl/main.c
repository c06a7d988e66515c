/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/main.c - the program penfoldctl: its command table, and what every command shares. */
#include "ctl/ctl.h"

#include "base/bytes.h"
#include "base/log.h"
#include "bus/client.h"
#include "ctl/policy.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#define ACCOUNT_ADD_SYNOPSIS \
  "--email ADDRESS [--name NAME] --protocol imap|pop3 --incoming HOST[:PORT] --security tls|starttls|none " \
  "[--user USER] " \
  "--password-file FILE|- [--outgoing HOST[:PORT] --outgoing-security tls|starttls|none [--outgoing-user " \
  "USER]] " \
  "[--ca-file PEM] " CTL_POLICY_SYNOPSIS " [--offline all|headers|open|DAYS]"

static const CtlCommand commands[] = {
  { "account add", ACCOUNT_ADD_SYNOPSIS, "sign in on both servers, and save the account", ctl_account_add },
  { "account list", "[--json]", "the accounts", ctl_account_list },
  { "account remove", "ID [--keep-mail|--delete-mail]", "forget an account; its servers are left alone",
    ctl_account_remove },
  { "advise", "--email ADDRESS [--password-file FILE|-] [--user USER] [--incoming-imap HOST[:PORT]] "
    "[--incoming-pop3 HOST[:PORT]] [--security tls|starttls|none] [--ca-file PEM] [--json]",
    "the servers of an address and, with a password, what lies there by IMAP and by POP3", ctl_advise },
  { "policy", "ACCOUNT " CTL_POLICY_SYNOPSIS " [--preview] [--json]", "what leaves the server, and when",
    ctl_policy },
  { "sync", "[--account ID] [--json]", "one complete round", ctl_sync },
  { "folders", "[--account ID] [--json]", "the folders with their counters", ctl_folders },
  { "list", "FOLDER [--limit N] [--json]", "the messages of a folder, newest first", ctl_list },
  { "show", "ID [--json]", "one message: headers, text, attachments, locations, history", ctl_show },
  { "raw", "ID", "the exact bytes of a message as received", ctl_raw },
  { "flag", "ID FLAG [--json]",
    "mark a message: seen, answered, flagged, draft, forwarded, junk, or a keyword", ctl_flag },
  { "unflag", "ID FLAG [--json]", "take such a mark away", ctl_unflag },
  { "move", "ID FOLDER [--json]", "move a message to another folder", ctl_move },
  { "copy", "ID FOLDER [--json]", "copy a message to another folder", ctl_copy },
  { "delete", "ID [--now] [--json]",
    "move a message to the Trash; from there, or with --now, delete it for good", ctl_delete },
  { "search", "QUERY [--account ID] [--limit N] [--json]", "the messages that a query finds, newest first",
    ctl_search },
  { "changes retry", "ID [--json]", "try a change again now", ctl_changes_retry },
  { "changes cancel", "ID [--json]", "take a change back before it is done", ctl_changes_cancel },
  { "changes", "[--json]", "what waits for a server", ctl_changes },
  { "send", "FILE.eml|- --account ID", "queue a message in the outbox", ctl_send },
  { "check", "[--repair] [--json]",
    "verify the databases, the search index, and every message against its hash", ctl_check },
  { "export", "DIR --format mbox|maildir|eml [--account ID] [--folder ID] [--json]",
    "write mail into files that any program reads", ctl_export },
  { "import", "PATH --into FOLDER [--json]", "take in an mbox file, a Maildir, or single message files",
    ctl_import },
  { "jobs cancel", "ID", "stop something that the worker does", ctl_jobs_cancel },
  { "jobs", "[--json]", "what the worker is doing", ctl_jobs },
};

CtlStatus
ctl_fail (const char *what,
          GError     *error)
{
  gboolean is_silent = g_error_matches (error, BUS_ERROR, BUS_ERROR_NO_ANSWER);

  if (error != NULL)
    g_printerr ("penfoldctl: %s: %s\n", what, error->message);
  else
    g_printerr ("penfoldctl: %s\n", what);
  g_clear_error (&error);
  return is_silent ? CTL_NO_ANSWER : CTL_FAILED;
}

CtlStatus
ctl_usage (const CtlCommand *command,
           const char       *why)
{
  g_printerr ("penfoldctl: %s: %s\nUsage: penfoldctl %s %s\n", command->name, why, command->name,
              command->synopsis);
  return CTL_USAGE;
}

Store *
ctl_open (Ctl *ctl)
{
  GError *error = NULL;
  Store *store = store_open (ctl->data_dir, STORE_READER, &error);

  if (store == NULL)
    ctl_fail ("Cannot open the store", error);
  return store;
}

void
ctl_nudge (Ctl *ctl)
{
  const BusHello mine = { BUS_PROTOCOL, PENFOLD_VERSION, STORE_SCHEMA };
  g_autoptr(GError) error = NULL;
  g_autoptr(BusClient) client = bus_client_open (ctl->data_dir, BUS_OPEN_RUNNING, &mine, NULL, &error);

  if (client == NULL || !bus_client_nudge (client, &error))
    g_info ("%s", error->message);
}

gint64
ctl_parse_id (const char *text)
{
  guint64 id = 0;

  base_slice_parse_uint (base_slice_from_string (text), G_MAXINT64, &id);
  return (gint64) id;
}

static const CtlCommand *
find_command (char   **arguments,
              guint   *n_words)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_auto(GStrv) words = g_strsplit (commands[i].name, " ", -1);
      guint n = 0;

      while (words[n] != NULL && g_strcmp0 (words[n], arguments[n]) == 0)
        n++;
      if (words[n] == NULL)
        {
          *n_words = n;
          return &commands[i];
        }
    }
  return NULL;
}

gboolean
ctl_parse (Ctl                 *ctl,
           const CtlCommand    *command,
           const GOptionEntry  *entries,
           char              ***arguments,
           guint                min,
           guint                max)
{
  const GOptionEntry json[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &ctl->is_json, NULL, NULL },
    { NULL }
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GStrvBuilder) all = g_strv_builder_new ();
  g_autoptr(GError) error = NULL;

  /* GOptionContext takes the first word for the program's name. */
  g_strv_builder_add (all, command->name);
  g_strv_builder_addv (all, (const char **) *arguments);
  *arguments = g_strv_builder_end (all);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, json, NULL);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, arguments, &error))
    {
      ctl_usage (command, error->message);
      return FALSE;
    }
  if (g_strv_length (*arguments) - 1 < min || g_strv_length (*arguments) - 1 > max)
    {
      ctl_usage (command, min == max && min == 0 ? "it takes no operands" : "wrong number of operands");
      return FALSE;
    }
  return TRUE;
}

static void
print_help (void)
{
  printf ("Usage: penfoldctl [--data-dir DIR] [--secrets keyring|session|file] COMMAND …\n\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    printf ("  %s %s\n      %s\n", commands[i].name, commands[i].synopsis, commands[i].summary);
  printf ("\nExit status: 0 done; 1 failed; 2 wrong usage; 3 done except for what is listed; 4 the worker "
          "that owns the\n"
          "store does not answer.\n");
}

/* The options before the command; what is left in arguments begins with it. */
static gboolean
parse_global (Ctl      *ctl,
              char   ***arguments,
              gboolean *wants_help)
{
  gboolean wants_version = FALSE;
  const GOptionEntry entries[] = {
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &ctl->data_dir, NULL, NULL },
    { "secrets", 0, 0, G_OPTION_ARG_STRING, &ctl->secrets, NULL, NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, wants_help, NULL, NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &wants_version, NULL, NULL },
    { NULL }
  };
  static const char * const places[] = { "keyring", "session", "file", NULL };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, arguments, &error))
    {
      g_printerr ("penfoldctl: %s\n", error->message);
      return FALSE;
    }
  if (wants_version)
    {
      printf ("penfoldctl %s\n", PENFOLD_VERSION);
      exit (CTL_DONE);
    }
  if (ctl->secrets != NULL && !g_strv_contains (places, ctl->secrets))
    {
      g_printerr ("penfoldctl: --secrets: keyring, session or file\n");
      return FALSE;
    }
  if (ctl->data_dir == NULL)
    ctl->data_dir = g_build_filename (g_get_user_data_dir (), "penfold", NULL);
  return TRUE;
}

static void
ctl_clear (Ctl *ctl)
{
  g_free (ctl->data_dir);
  g_free (ctl->secrets);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ctl, ctl_clear)

int
main (int    argc,
      char **argv)
{
  g_auto(GStrv) arguments = g_strdupv (argv);
  gboolean wants_help = FALSE;
  const CtlCommand *command;
  g_auto(Ctl) ctl = { NULL };
  guint n_words;

  setlocale (LC_ALL, "");
  base_log_init ();
  if (!parse_global (&ctl, &arguments, &wants_help))
    return CTL_USAGE;
  if (wants_help)
    {
      print_help ();
      return CTL_DONE;
    }
  command = arguments[1] != NULL ? find_command (arguments + 1, &n_words) : NULL;
  if (command == NULL)
    {
      g_printerr ("penfoldctl: %s; see penfoldctl --help\n", arguments[1] != NULL
                  ? "no such command" : "no command given");
      return CTL_USAGE;
    }
  if (g_strcmp0 (arguments[1 + n_words], "--help") == 0)
    {
      printf ("Usage: penfoldctl %s %s\n%s\n", command->name, command->synopsis, command->summary);
      return CTL_DONE;
    }
  return command->run (&ctl, command, arguments + 1 + n_words);
}
