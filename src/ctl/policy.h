/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/policy.h - the options that say what leaves the server, for the commands that take them. */
#pragma once

#include "store/accounts.h"

typedef struct {
  char     *leave, *remove_when_deleted, *keep_newest, *when_full;
  gboolean  is_yes;
} CtlPolicy;

#define CTL_POLICY_SYNOPSIS \
  "[--leave forever|remove|DAYS] [--remove-when-deleted yes|no] [--keep-newest N|NMB|none] [--when-full " \
  "PERCENT|none] [--yes]"
#define CTL_POLICY_ENTRIES(policy) \
  { "leave", 0, 0, G_OPTION_ARG_STRING, &(policy).leave, NULL, NULL }, \
  { "remove-when-deleted", 0, 0, G_OPTION_ARG_STRING, &(policy).remove_when_deleted, NULL, NULL }, \
  { "keep-newest", 0, 0, G_OPTION_ARG_STRING, &(policy).keep_newest, NULL, NULL }, \
  { "when-full", 0, 0, G_OPTION_ARG_STRING, &(policy).when_full, NULL, NULL }, \
  { "yes", 0, 0, G_OPTION_ARG_NONE, &(policy).is_yes, NULL, NULL }

void     ctl_policy_clear    (CtlPolicy        *policy);
gboolean ctl_policy_is_given (const CtlPolicy  *policy);
/* FALSE with ACCOUNT_ERROR_INVALID: what an option says makes no sense; account may be half changed. */
gboolean ctl_policy_apply    (const CtlPolicy  *policy,
                              StoreAccount     *account,
                              GError          **error);
/* A number of days. */
gboolean ctl_policy_parse_days (const char     *text,
                                gint           *days);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CtlPolicy, ctl_policy_clear)
