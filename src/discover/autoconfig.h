/* SPDX-License-Identifier: GPL-3.0-or-later */
/* discover/autoconfig.h - the XML by which a provider names its servers (draft-ietf-mailmaint-autoconfig,
 * formerly Mozilla's), and the addresses where it may lie.
 *
 * Threads: any.  Limits: DISCOVER_AUTOCONFIG_MAX bytes, 32 levels, 20 servers of a kind; a document type
 * declaration is refused, so there are no entities of its own.  Errors: DISCOVER_ERROR.
 */
#pragma once

#include "discover/candidate.h"

#define DISCOVER_AUTOCONFIG_MAX (256 * 1024)

#define DISCOVER_ERROR (discover_error_quark ())
GQuark discover_error_quark (void);

typedef enum {
  DISCOVER_ERROR_NOT_AUTOCONFIG,   /* broken XML, another kind of document, too large */
} DiscoverError;

/* Adds what xml says to result, under source. */
gboolean discover_autoconfig_parse   (DiscoverResult  *result,
                                      BaseSlice        xml,
                                      DiscoverSource   source,
                                      GError         **error);

typedef enum {
  DISCOVER_URL_AUTOCONFIG,     /* https://autoconfig.DOMAIN/mail/config-v1.1.xml?emailaddress=ADDRESS */
  DISCOVER_URL_WELL_KNOWN,     /* https://DOMAIN/.well-known/autoconfig/mail/config-v1.1.xml */
} DiscoverUrl;

/* Only the first one carries the address, and only to the domain's own server. */
char    *discover_autoconfig_dup_url (const DiscoverResult *result,
                                      DiscoverUrl           which) G_GNUC_WARN_UNUSED_RESULT;
/* base: of the public database; it is asked for the domain, never for the address. */
char    *discover_database_dup_url   (const DiscoverResult *result,
                                      const char           *base) G_GNUC_WARN_UNUSED_RESULT;
