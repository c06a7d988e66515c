/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/wizard-draft.h - an account as the wizard knows it so far: who, which servers, what was tried, how mail
 * is kept.
 *
 * It knows nothing of widgets; what it makes goes to the worker's jobs and into the store.
 *
 * Threads: one at a time.
 */
#pragma once

#include "discover/candidate.h"
#include "ui/retention.h"

typedef enum {
  UI_TRIED_NOT_YET,
  UI_TRIED_WORKS,
  UI_TRIED_FAILS,
} UiTried;

typedef struct {
  DiscoverServer *server;         /* or NULL: there is none */
  UiTried         tried;
  char           *problem;        /* the sentence of the last try that failed; or NULL */
  char           *pin;            /* fingerprint of a certificate that the person accepted for it; or NULL */
} UiWizardServer;

typedef struct {
  char           *name;
  char           *email;
  char           *domain;
  UiWizardServer  servers[DISCOVER_N_PROTOCOLS];
  gboolean        is_manual;
  gboolean        may_send_clear;
  StoreProtocol   protocol;
  UiRetention     retention;
  gboolean        remove_when_deleted;
} UiWizardDraft;

UiWizardDraft *ui_wizard_draft_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void           ui_wizard_draft_free         (UiWizardDraft       *draft);

/* FALSE when email is no address.  Another address forgets the servers. */
gboolean       ui_wizard_draft_set_person   (UiWizardDraft       *draft,
                                             const char          *name,
                                             const char          *email);
/* candidates: BUS_KEY_CANDIDATES, best first; NULL: none.  FALSE when no server for receiving is among
 * them. */
gboolean       ui_wizard_draft_take_found   (UiWizardDraft       *draft,
                                             GVariant            *candidates);
/* Takes server, which may be NULL; what was tried with another one is forgotten. */
void           ui_wizard_draft_take_server  (UiWizardDraft       *draft,
                                             DiscoverProtocol     protocol,
                                             DiscoverServer      *server);
DiscoverProtocol
               ui_wizard_draft_get_incoming (const UiWizardDraft *draft);
gboolean       ui_wizard_draft_has          (const UiWizardDraft *draft,
                                             DiscoverProtocol     protocol);

/* Whether a person must say in so many words that the password may go there, and why. */
typedef enum {
  UI_CONSENT_NONE,
  UI_CONSENT_CLEAR,               /* there is no encryption */
  UI_CONSENT_UNTRUSTED,           /* another domain, named by nobody who can be trusted */
} UiConsent;
UiConsent      ui_wizard_draft_get_consent  (const UiWizardDraft *draft);

/* Arguments for BUS_JOB_CHECK: incoming, and outgoing too where it was not tried yet. */
GVariant      *ui_wizard_draft_make_check   (const UiWizardDraft *draft,
                                             const char          *password) G_GNUC_WARN_UNUSED_RESULT;
StoreAccount  *ui_wizard_draft_make_account (const UiWizardDraft *draft) G_GNUC_WARN_UNUSED_RESULT;

/* The host with the part that somebody owns in bold, for markup. */
char          *ui_wizard_dup_host_markup    (const char          *host,
                                             const char          *domain) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UiWizardDraft, ui_wizard_draft_free)
