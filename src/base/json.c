/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include <math.h>

struct _BaseJson {
  GString  *text;
  guint     depth;
  gboolean  has_value[BASE_JSON_DEPTH];     /* something stands before in this level */
  gboolean  is_after_key;
};

BaseJson *
base_json_new (void)
{
  BaseJson *json = g_new0 (BaseJson, 1);

  json->text = g_string_new (NULL);
  return json;
}

static void
separate (BaseJson *json)
{
  if (json->is_after_key)
    {
      json->is_after_key = FALSE;
      return;
    }
  if (json->has_value[json->depth])
    g_string_append (json->text, ",");
  json->has_value[json->depth] = TRUE;
}

static void
begin (BaseJson *json,
       char      bracket)
{
  g_assert (json->depth + 1 < BASE_JSON_DEPTH);
  separate (json);
  g_string_append_c (json->text, bracket);
  json->has_value[++json->depth] = FALSE;
}

static void
end (BaseJson *json,
     char      bracket)
{
  g_assert (json->depth > 0 && !json->is_after_key);
  json->depth--;
  g_string_append_c (json->text, bracket);
}

void
base_json_begin_object (BaseJson *json)
{
  begin (json, '{');
}

void
base_json_end_object (BaseJson *json)
{
  end (json, '}');
}

void
base_json_begin_array (BaseJson *json)
{
  begin (json, '[');
}

void
base_json_end_array (BaseJson *json)
{
  end (json, ']');
}

static void
append_quoted (GString    *out,
               const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (out, '"');
  for (const char *p = valid; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (out, "\\%c", *p);
      else if (*p == '\n')
        g_string_append (out, "\\n");
      else if ((guchar) *p < 0x20 || *p == 0x7f)
        g_string_append_printf (out, "\\u%04x", (guchar) *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

void
base_json_key (BaseJson   *json,
               const char *key)
{
  separate (json);
  append_quoted (json->text, key);
  g_string_append_c (json->text, ':');
  json->is_after_key = TRUE;
}

void
base_json_text (BaseJson   *json,
                const char *text)
{
  if (text == NULL)
    {
      base_json_null (json);
      return;
    }
  separate (json);
  append_quoted (json->text, text);
}

void
base_json_int (BaseJson *json,
               gint64    number)
{
  separate (json);
  g_string_append_printf (json->text, "%" G_GINT64_FORMAT, number);
}

void
base_json_double (BaseJson *json,
                  double    number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (number))
    {
      base_json_null (json);
      return;
    }
  separate (json);
  g_string_append (json->text, g_ascii_formatd (buffer, sizeof buffer, "%.6g", number));
}

void
base_json_boolean (BaseJson *json,
                   gboolean  is_true)
{
  separate (json);
  g_string_append (json->text, is_true ? "true" : "false");
}

void
base_json_null (BaseJson *json)
{
  separate (json);
  g_string_append (json->text, "null");
}

void
base_json_key_text (BaseJson   *json,
                    const char *key,
                    const char *text)
{
  base_json_key (json, key);
  base_json_text (json, text);
}

void
base_json_key_int (BaseJson   *json,
                   const char *key,
                   gint64      number)
{
  base_json_key (json, key);
  base_json_int (json, number);
}

char *
base_json_free_to_text (BaseJson *json)
{
  char *text = g_string_free (json->text, FALSE);

  g_assert (json->depth == 0);
  g_free (json);
  return text;
}
