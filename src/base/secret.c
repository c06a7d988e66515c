/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"

#include <string.h>

struct _BaseSecret {
  gatomicrefcount refs;
  gsize           size;
  char           *text;
};

void
base_secret_wipe (void  *memory,
                  gsize  size)
{
  if (size > 0)
    explicit_bzero (memory, size);
}

BaseSecret *
base_secret_new (const char *text)
{
  return base_secret_take (g_strdup (text));
}

BaseSecret *
base_secret_take (char *text)
{
  BaseSecret *secret = g_new0 (BaseSecret, 1);

  g_atomic_ref_count_init (&secret->refs);
  secret->size = strlen (text);
  secret->text = text;
  return secret;
}

BaseSecret *
base_secret_ref (BaseSecret *secret)
{
  g_atomic_ref_count_inc (&secret->refs);
  return secret;
}

void
base_secret_unref (BaseSecret *secret)
{
  if (!g_atomic_ref_count_dec (&secret->refs))
    return;
  base_secret_wipe (secret->text, secret->size);
  g_free (secret->text);
  g_free (secret);
}

const char *
base_secret_peek (const BaseSecret *secret)
{
  return secret->text;
}
