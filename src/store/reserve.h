/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/reserve.h - eight megabytes set aside, so that a full disk still takes drafts and changes.
 *
 * The file "reserve" in the data directory is freed when desk.db meets a full disk; store_desk_write() does
 * that.  Until it could be made again, whoever stores mail asks store_reserve_is_spent() and stops: what is
 * left belongs to the user's own words.
 *
 * Threads: any.  Errors: STORE_ERROR_FULL, _FAILED.
 */
#pragma once

#include "store/store.h"

#define STORE_RESERVE_SIZE   (8 * 1024 * 1024)
/* The reserve is made again only when this much stays free besides it. */
#define STORE_RESERVE_MARGIN (32 * 1024 * 1024)

/* Makes it where it is missing.  STORE_ERROR_FULL when there is no room. */
gboolean store_reserve_make     (const char  *dir,
                                 GError     **error);
void     store_reserve_free     (const char  *dir);
/* Missing or too small. */
gboolean store_reserve_is_spent (const char  *dir);
