/* SPDX-License-Identifier: GPL-3.0-or-later */
/* discover/guess.h - usual names of mail servers, for domains that say nothing.
 *
 * Threads: any.
 */
#pragma once

#include "discover/candidate.h"

/* Adds the usual hosts for IMAP, POP3 and SMTP, most likely first within each, all with encryption. */
void discover_guess_add (DiscoverResult *result);
