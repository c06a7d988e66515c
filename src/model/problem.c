/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/problem.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const struct {
  const char   *name;
  ModelProblem  problem;
} problems[] = {
  { "network", {
    N_("The Server Cannot Be Reached"), N_("%s cannot be reached"),
    N_("Mail that is on this computer can be read and answered. What you change is kept and sent up later."),
    N_("Penfold tries again by itself. If other programs reach the network, the server may be down for a "
       "while.") } },
  { "password", {
    N_("The Password Was Not Accepted"), N_("%s needs its password"),
    N_("The server refused the sign-in. Nothing more is sent until you have typed the password again, so"
       " that the"
       " server does not lock the account."),
    N_("Type the password again. Some providers want a password made for mail programs, which their web page "
       "offers."),
    TRUE } },
  { "keyring", {
    N_("The Password Cannot Be Read"), N_("%s: the keyring is locked"),
    N_("The password lies in the keyring of this computer, which did not give it out."),
    N_("Unlock the keyring, or type the password again."), TRUE } },
  { "certificate", {
    N_("The Server’s Certificate Is Not Trusted"), N_("%s: the certificate is not trusted"),
    N_("Penfold cannot be sure that this is the real server, so nothing was sent. Mail on this computer is "
       "not affected."),
    N_("Ask the provider, who can be told with the report. Accept the certificate only if you know it is the "
       "right one.") } },
  { "encryption", {
    N_("No Safe Connection"), N_("%s: no safe connection"),
    N_("The server and Penfold did not agree on an encryption, so nothing was sent."),
    N_("Check the security and the port in the account’s settings.") } },
  { "settings", {
    N_("The Settings Do Not Work"), N_("%s: the settings do not work"),
    N_("The server does not offer what the account is set up for."),
    N_("Check the servers in the account’s settings.") } },
  { "disk", {
    N_("There Is No Space Left"), N_("No space left on the disk"),
    N_("New mail stays on the server until there is space. Nothing was lost."),
    N_("Free some space on the disk that holds your mail. Penfold then goes on by itself.") } },
  { "store", {
    N_("The Mail Files Cannot Be Used"), N_("The mail files cannot be used"),
    N_("Penfold could not read or write its own files. It has stopped, so that nothing is damaged."),
    N_("Run “penfoldctl check” and pass the report on to the makers of Penfold.") } },
  { "worker", {
    N_("Mail Is Not Checked"), N_("Mail is not checked"),
    N_("The background service that fetches and sends mail is not running. Mail on this computer can be"
       " read, and what"
       " you change is kept."),
    N_("Penfold tries to start it again by itself.") } },
  { "upgrade", {
    N_("Penfold Was Updated"), N_("Penfold was updated"),
    N_("The background service is of a newer version than this window."),
    N_("Quit Penfold and start it again.") } },
  /* The last one stands for all others, "server" among them. */
  { "server", {
    N_("The Server Reported a Problem"), N_("%s has a problem"),
    N_("The server did not do what it was asked for. Mail on this computer is not affected."),
    N_("Penfold tries again by itself. If it goes on, the provider can be told with the report.") } },
};

const ModelProblem *
model_problem_get (const char *name)
{
  static ModelProblem translated[G_N_ELEMENTS (problems)];
  gsize i = 0;

  while (i + 1 < G_N_ELEMENTS (problems) && g_strcmp0 (problems[i].name, name) != 0)
    i++;
  translated[i] = problems[i].problem;
  translated[i].title = _(problems[i].problem.title);
  translated[i].short_words = _(problems[i].problem.short_words);
  translated[i].meaning = _(problems[i].problem.meaning);
  translated[i].remedy = _(problems[i].problem.remedy);
  return &translated[i];
}

/* Who somebody is stands before the @; which server it is about has to be known. */
static char *
dup_without_addresses (const char *text)
{
  g_autoptr(GRegex) address = g_regex_new ("[^\\s@<>\"'(),;:]+@", G_REGEX_RAW, 0, NULL);

  return g_regex_replace_literal (address, text, -1, 0, "…@", 0, NULL);
}

static void
add_line (GString    *report,
          const char *heading,
          const char *text)
{
  g_autofree char *safe = text != NULL ? dup_without_addresses (text) : NULL;

  if (safe != NULL)
    g_string_append_printf (report, "%s: %s\n", heading, safe);
}

/* For others to read: not translated. */
char *
model_problem_dup_report (const char *version,
                          const char *name,
                          const char *text,
                          const char *server_words,
                          gint64      last_ok_at)
{
  GString *report = g_string_new (NULL);
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr(GDateTime) last_ok = last_ok_at > 0 ? g_date_time_new_from_unix_utc (last_ok_at) : NULL;
  g_autofree char *now_words = g_date_time_format_iso8601 (now);
  g_autofree char *last_words = last_ok != NULL ? g_date_time_format_iso8601 (last_ok) : NULL;

  add_line (report, "Penfold", version);
  add_line (report, "System", system);
  add_line (report, "Time", now_words);
  add_line (report, "Problem", name);
  add_line (report, "What failed", text);
  add_line (report, "The server said", server_words);
  add_line (report, "Last worked", last_words);
  return g_string_free (report, FALSE);
}
