/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard-draft.h"

#include "base/hostname.h"
#include "bus/jobs.h"

#include <string.h>

static const char * const protocols[DISCOVER_N_PROTOCOLS] = { "imap", "pop3", "smtp" };
static const char * const securities[] = { "tls", "starttls", "none" };

UiWizardDraft *
ui_wizard_draft_new (void)
{
  UiWizardDraft *draft = g_new0 (UiWizardDraft, 1);

  draft->name = g_strdup ("");
  draft->email = g_strdup ("");
  draft->domain = g_strdup ("");
  draft->protocol = STORE_PROTOCOL_IMAP;
  draft->retention = (UiRetention) { STORE_LEAVE_DAYS, 30 };
  draft->remove_when_deleted = TRUE;
  return draft;
}

void
ui_wizard_draft_free (UiWizardDraft *draft)
{
  for (guint i = 0; i < DISCOVER_N_PROTOCOLS; i++)
    ui_wizard_draft_take_server (draft, (DiscoverProtocol) i, NULL);
  g_free (draft->name);
  g_free (draft->email);
  g_free (draft->domain);
  g_free (draft);
}

/* --- who and where --- */

gboolean
ui_wizard_draft_set_person (UiWizardDraft *draft,
                            const char    *name,
                            const char    *email)
{
  g_autoptr(DiscoverResult) address = discover_result_new (email);

  if (address == NULL)
    return FALSE;
  g_free (draft->name);
  draft->name = g_strstrip (g_strdup (name));
  if (strcmp (draft->email, address->address) == 0)
    return TRUE;
  g_free (draft->email);
  g_free (draft->domain);
  draft->email = g_strdup (address->address);
  draft->domain = g_strdup (address->domain);
  draft->is_manual = FALSE;
  for (guint i = 0; i < DISCOVER_N_PROTOCOLS; i++)
    ui_wizard_draft_take_server (draft, (DiscoverProtocol) i, NULL);
  return TRUE;
}

void
ui_wizard_draft_take_server (UiWizardDraft    *draft,
                             DiscoverProtocol  protocol,
                             DiscoverServer   *server)
{
  UiWizardServer *slot = &draft->servers[protocol];

  g_clear_pointer (&slot->server, discover_server_free);
  g_clear_pointer (&slot->problem, g_free);
  g_clear_pointer (&slot->pin, g_free);
  slot->server = server;
  slot->tried = UI_TRIED_NOT_YET;
}

static gboolean
read_word (GVariant           *dict,
           const char         *key,
           const char * const *words,
           guint               n_words,
           guint              *index)
{
  const char *word = NULL;

  if (!g_variant_lookup (dict, key, "&s", &word))
    return FALSE;
  for (*index = 0; *index < n_words; (*index)++)
    if (g_str_equal (words[*index], word))
      return TRUE;
  return FALSE;
}

/* NULL for one that makes no sense. */
static DiscoverServer *
read_candidate (GVariant *dict)
{
  static const char * const sources[] = { "provider", "database", "dns", "names" };
  guint protocol, security, source;
  guint32 port = 0;
  g_autoptr(DiscoverServer) server = NULL;

  if (!read_word (dict, BUS_KEY_PROTOCOL, protocols, G_N_ELEMENTS (protocols), &protocol)
      || !read_word (dict, BUS_KEY_SECURITY, securities, G_N_ELEMENTS (securities), &security)
      || !read_word (dict, BUS_KEY_SOURCE, sources, G_N_ELEMENTS (sources), &source)
      || !g_variant_lookup (dict, BUS_KEY_PORT, "u", &port) || port == 0 || port > G_MAXUINT16)
    return NULL;
  server = discover_server_new ((DiscoverProtocol) protocol);
  if (!g_variant_lookup (dict, BUS_KEY_HOST, "s", &server->host))
    return NULL;
  server->port = (guint16) port;
  server->security = (DiscoverSecurity) security;
  server->source = (DiscoverSource) source;
  g_variant_lookup (dict, BUS_KEY_USER, "s", &server->user);
  return g_steal_pointer (&server);
}

gboolean
ui_wizard_draft_take_found (UiWizardDraft *draft,
                            GVariant      *candidates)
{
  for (guint i = 0; i < DISCOVER_N_PROTOCOLS; i++)
    ui_wizard_draft_take_server (draft, (DiscoverProtocol) i, NULL);
  draft->is_manual = FALSE;
  for (gsize i = 0; candidates != NULL && i < g_variant_n_children (candidates); i++)
    {
      g_autoptr(GVariant) dict = g_variant_get_child_value (candidates, i);
      g_autoptr(DiscoverServer) server = read_candidate (dict);
      DiscoverProtocol protocol = server != NULL ? server->protocol : DISCOVER_IMAP;

      if (server != NULL && !ui_wizard_draft_has (draft, protocol))
        ui_wizard_draft_take_server (draft, protocol, g_steal_pointer (&server));
    }
  draft->protocol = !ui_wizard_draft_has (draft, DISCOVER_IMAP) && ui_wizard_draft_has (draft, DISCOVER_POP3)
                    ? STORE_PROTOCOL_POP3 : STORE_PROTOCOL_IMAP;
  return ui_wizard_draft_has (draft, DISCOVER_IMAP) || ui_wizard_draft_has (draft, DISCOVER_POP3);
}

DiscoverProtocol
ui_wizard_draft_get_incoming (const UiWizardDraft *draft)
{
  return draft->protocol == STORE_PROTOCOL_IMAP ? DISCOVER_IMAP : DISCOVER_POP3;
}

gboolean
ui_wizard_draft_has (const UiWizardDraft *draft,
                     DiscoverProtocol     protocol)
{
  return draft->servers[protocol].server != NULL;
}

/* --- consent --- */

static gboolean
is_within (const char *host,
           const char *domain)
{
  return strcmp (host, domain) == 0
         || (g_str_has_suffix (host, domain) && host[strlen (host) - strlen (domain) - 1] == '.');
}

static UiConsent
get_server_consent (const UiWizardDraft *draft,
                    DiscoverProtocol     protocol)
{
  const DiscoverServer *server = draft->servers[protocol].server;

  if (server == NULL)
    return UI_CONSENT_NONE;
  if (server->security == DISCOVER_PLAIN)
    return UI_CONSENT_CLEAR;
  if (draft->is_manual || server->source <= DISCOVER_BY_DATABASE || is_within (server->host, draft->domain))
    return UI_CONSENT_NONE;
  return UI_CONSENT_UNTRUSTED;
}

UiConsent
ui_wizard_draft_get_consent (const UiWizardDraft *draft)
{
  UiConsent incoming = get_server_consent (draft, ui_wizard_draft_get_incoming (draft));
  UiConsent outgoing = get_server_consent (draft, DISCOVER_SMTP);

  if (incoming == UI_CONSENT_CLEAR || outgoing == UI_CONSENT_CLEAR)
    return UI_CONSENT_CLEAR;
  return MAX (incoming, outgoing);
}

/* --- what goes to the worker and into the store --- */

static GVariant *
make_server (const UiWizardDraft *draft,
             DiscoverProtocol     protocol)
{
  const DiscoverServer *server = draft->servers[protocol].server;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, BUS_KEY_PROTOCOL, "s", protocols[protocol]);
  g_variant_dict_insert (&dict, BUS_KEY_HOST, "s", server->host);
  g_variant_dict_insert (&dict, BUS_KEY_PORT, "u", (guint32) server->port);
  g_variant_dict_insert (&dict, BUS_KEY_SECURITY, "s", securities[server->security]);
  g_variant_dict_insert (&dict, BUS_KEY_USER, "s", server->user != NULL ? server->user : "");
  g_variant_dict_insert (&dict, BUS_KEY_MAY_SEND_CLEAR, "b", draft->may_send_clear);
  return g_variant_dict_end (&dict);
}

GVariant *
ui_wizard_draft_make_check (const UiWizardDraft *draft,
                            const char          *password)
{
  DiscoverProtocol incoming = ui_wizard_draft_get_incoming (draft);
  g_autoptr(GPtrArray) pins = g_ptr_array_new ();
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, BUS_KEY_PASSWORD, "s", password);
  if (ui_wizard_draft_has (draft, incoming))
    g_variant_dict_insert_value (&dict, BUS_KEY_INCOMING, make_server (draft, incoming));
  if (ui_wizard_draft_has (draft, DISCOVER_SMTP) && draft->servers[DISCOVER_SMTP].tried != UI_TRIED_WORKS)
    g_variant_dict_insert_value (&dict, BUS_KEY_OUTGOING, make_server (draft, DISCOVER_SMTP));
  for (guint i = 0; i < DISCOVER_N_PROTOCOLS; i++)
    if (draft->servers[i].pin != NULL)
      g_ptr_array_add (pins, draft->servers[i].pin);
  if (pins->len > 0)
    g_variant_dict_insert_value (&dict, BUS_KEY_PINS,
                                 g_variant_new_strv ((const char * const *) pins->pdata, pins->len));
  return g_variant_dict_end (&dict);
}

static StoreSecurity
get_store_security (DiscoverSecurity security)
{
  switch (security)
    {
    case DISCOVER_TLS:      return STORE_SECURITY_TLS;
    case DISCOVER_STARTTLS: return STORE_SECURITY_STARTTLS;
    case DISCOVER_PLAIN:    return STORE_SECURITY_NONE;
    }
  g_assert_not_reached ();
}

static void
fill_server (StoreServer          *target,
             const DiscoverServer *server)
{
  if (server == NULL)
    return;
  store_account_set (&target->host, server->host);
  store_account_set (&target->user, server->user != NULL ? server->user : "");
  target->port = server->port;
  target->security = get_store_security (server->security);
}

StoreAccount *
ui_wizard_draft_make_account (const UiWizardDraft *draft)
{
  StoreAccount *account = store_account_new ();

  store_account_set (&account->name, draft->email);
  store_account_set (&account->email, draft->email);
  account->protocol = draft->protocol;
  fill_server (&account->incoming, draft->servers[ui_wizard_draft_get_incoming (draft)].server);
  fill_server (&account->outgoing, draft->servers[DISCOVER_SMTP].server);
  if (draft->protocol == STORE_PROTOCOL_IMAP)
    return account;
  account->leave_on_server = draft->retention.leave;
  account->leave_days = draft->retention.days;
  account->remove_when_deleted = draft->remove_when_deleted;
  return account;
}

/* Without a list of public suffixes: the person's own domain, else the last two labels. */
char *
ui_wizard_dup_host_markup (const char *host,
                           const char *domain)
{
  g_autofree char *shown = base_hostname_dup_shown (host);
  g_autofree char *owned = base_hostname_dup_shown (domain);
  g_autofree char *start = NULL;
  g_autofree char *end = NULL;
  const char *bold = shown + strlen (shown);
  guint dots = 0;

  if (is_within (shown, owned))
    bold = shown + strlen (shown) - strlen (owned);
  else if (g_hostname_is_ip_address (shown))
    bold = shown;
  else
    while (bold > shown && (bold[-1] != '.' || ++dots < 2))
      bold--;
  start = g_markup_escape_text (shown, bold - shown);
  end = g_markup_escape_text (bold, -1);
  return g_strdup_printf ("%s<b>%s</b>", start, end);
}
