/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/capabilities.h"

static BaseSlice
take_word (BaseSlice *text)
{
  BaseSlice rest = base_slice_trim (*text);
  gsize size = 0;

  while (size < rest.size && rest.data[size] != ' ')
    size++;
  *text = base_slice_sub (rest, size, rest.size);
  return base_slice_sub (rest, 0, size);
}

static gboolean
has_mechanism (SmtpCapabilities *capabilities,
               const char       *name)
{
  for (guint i = 0; i < capabilities->mechanisms->len; i++)
    if (g_ascii_strcasecmp (capabilities->mechanisms->pdata[i], name) == 0)
      return TRUE;
  return FALSE;
}

static void
add_mechanisms (SmtpCapabilities *capabilities,
                BaseSlice         words)
{
  BaseSlice word;

  capabilities->has_auth = TRUE;
  while ((word = take_word (&words)).size > 0 && capabilities->mechanisms->len < SMTP_MECHANISMS_MAX)
    {
      g_autofree char *name = base_slice_dup_string (word);

      if (name != NULL && !has_mechanism (capabilities, name))
        g_ptr_array_add (capabilities->mechanisms, g_steal_pointer (&name));
    }
}

static void
set_size (SmtpCapabilities *capabilities,
          BaseSlice         words)
{
  capabilities->has_size = TRUE;
  if (!base_slice_parse_uint (take_word (&words), G_MAXINT64, &capabilities->size_max))
    capabilities->size_max = 0;
}

static void
add_line (SmtpCapabilities *capabilities,
          BaseSlice         line)
{
  BaseSlice name = take_word (&line);

  if (base_slice_equal_nocase (name, "STARTTLS"))
    capabilities->has_starttls = TRUE;
  else if (base_slice_equal_nocase (name, "8BITMIME"))
    capabilities->has_8bitmime = TRUE;
  else if (base_slice_equal_nocase (name, "SMTPUTF8"))
    capabilities->has_smtputf8 = TRUE;
  else if (base_slice_equal_nocase (name, "PIPELINING"))
    capabilities->has_pipelining = TRUE;
  else if (base_slice_equal_nocase (name, "SIZE"))
    set_size (capabilities, line);
  else if (base_slice_equal_nocase (name, "AUTH"))
    add_mechanisms (capabilities, line);
  /* "AUTH=LOGIN PLAIN" for clients from before RFC 2554; some servers send nothing else. */
  else if (base_slice_starts_with_nocase (name, "AUTH="))
    {
      add_mechanisms (capabilities, base_slice_sub (name, 5, name.size));
      add_mechanisms (capabilities, line);
    }
}

SmtpCapabilities *
smtp_capabilities_parse (const SmtpReply *reply)
{
  SmtpCapabilities *capabilities = g_new0 (SmtpCapabilities, 1);

  capabilities->mechanisms = g_ptr_array_new_null_terminated (4, g_free, TRUE);
  /* The first line greets. */
  for (guint i = 1; i < reply->lines->len; i++)
    add_line (capabilities, base_slice_from_string (reply->lines->pdata[i]));
  return capabilities;
}

void
smtp_capabilities_free (SmtpCapabilities *capabilities)
{
  g_ptr_array_unref (capabilities->mechanisms);
  g_free (capabilities);
}
