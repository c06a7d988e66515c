/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/json.h - writes one JSON document (RFC 8259), value by value.
 *
 *   BaseJson *json = base_json_new ();
 *   base_json_begin_object (json);
 *   base_json_key (json, "id"); base_json_int (json, 3);
 *   base_json_end_object (json);
 *   text = base_json_free_to_text (json);
 *
 * Commas and escapes come by themselves; text that is not UTF-8 gets U+FFFD where it is not.  It reads
 * nothing.
 *
 * Threads: one at a time.  Limits: BASE_JSON_DEPTH levels.
 */
#pragma once

#include <glib.h>

#define BASE_JSON_DEPTH 32

typedef struct _BaseJson BaseJson;

BaseJson *base_json_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void      base_json_begin_object (BaseJson   *json);
void      base_json_end_object   (BaseJson   *json);
void      base_json_begin_array  (BaseJson   *json);
void      base_json_end_array    (BaseJson   *json);
void      base_json_key          (BaseJson   *json,
                                  const char *key);
void      base_json_text         (BaseJson   *json,
                                  const char *text);           /* NULL: null */
void      base_json_int          (BaseJson   *json,
                                  gint64      number);
void      base_json_double       (BaseJson   *json,
                                  double      number);
void      base_json_boolean      (BaseJson   *json,
                                  gboolean    is_true);
void      base_json_null         (BaseJson   *json);
/* key and value at once */
void      base_json_key_text     (BaseJson   *json,
                                  const char *key,
                                  const char *text);
void      base_json_key_int      (BaseJson   *json,
                                  const char *key,
                                  gint64      number);
/* Ends it: all that was begun must have been ended. */
char     *base_json_free_to_text (BaseJson   *json) G_GNUC_WARN_UNUSED_RESULT;
