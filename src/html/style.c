/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html/style.h"

#include <string.h>

static gboolean
is_zero (const char *value)
{
  char *end;

  return g_ascii_isdigit (*value) && g_ascii_strtod (value, &end) == 0 && *end != '.';
}

static gboolean
hides (const char *property,
       const char *value)
{
  if (strcmp (property, "display") == 0)
    return g_str_has_prefix (value, "none");
  if (strcmp (property, "visibility") == 0)
    return g_str_has_prefix (value, "hidden") || g_str_has_prefix (value, "collapse");
  if (strcmp (property, "opacity") == 0 || strcmp (property, "font-size") == 0
      || strcmp (property, "max-height") == 0)
    return is_zero (value);
  return strcmp (property, "mso-hide") == 0 && g_str_has_prefix (value, "all");
}

gboolean
html_style_hides (const HtmlToken *start)
{
  g_autofree char *style = NULL;
  g_auto(GStrv) declarations = NULL;
  BaseSlice rest = start->text;
  BaseSlice name, value;
  gboolean has_style = FALSE;

  while (html_attribute_take (&rest, &name, &value))
    {
      if (base_slice_equal_nocase (name, "hidden"))
        return TRUE;
      has_style = has_style || base_slice_equal_nocase (name, "style");
    }
  if (!has_style)
    return FALSE;
  style = html_attribute_dup (start, "style");
  declarations = g_strsplit (style, ";", 100);
  for (gsize i = 0; declarations[i] != NULL; i++)
    {
      char *colon = strchr (declarations[i], ':');
      g_autofree char *lower = NULL;

      if (colon == NULL)
        continue;
      *colon = '\0';
      lower = g_ascii_strdown (g_strstrip (declarations[i]), -1);
      for (char *p = g_strstrip (colon + 1); *p != '\0'; p++)
        *p = g_ascii_tolower (*p);
      if (hides (lower, g_strchug (colon + 1)))
        return TRUE;
    }
  return FALSE;
}
