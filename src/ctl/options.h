/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/options.h - what several commands read alike from their options: servers, passwords. */
#pragma once

#include "account/account.h"
#include "base/secret.h"
#include "discover/candidate.h"

/* "OPTION: WHY" as ACCOUNT_ERROR_INVALID; FALSE. */
gboolean          ctl_options_fail          (GError          **error,
                                             const char       *option,
                                             const char       *why);
/* HOST[:PORT], or [V6]:PORT; the usual port for server->security where none is given. */
gboolean          ctl_options_parse_server  (const char       *option,
                                             const char       *text,
                                             DiscoverProtocol  protocol,
                                             StoreServer      *server,
                                             GError          **error);
/* The first line of a file, or of standard input for "-". */
BaseSecret       *ctl_options_read_password (const char       *file,
                                             GError          **error) G_GNUC_WARN_UNUSED_RESULT;
DiscoverSecurity  ctl_options_get_security  (StoreSecurity     security);
