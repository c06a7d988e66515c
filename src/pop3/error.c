/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pop3/error.h"

#define WORDS_MAX 500

typedef struct {
  char *words;
} Pop3ErrorPrivate;

static void
pop3_error_private_init (Pop3ErrorPrivate *priv)
{
}

static void
pop3_error_private_copy (const Pop3ErrorPrivate *from,
                         Pop3ErrorPrivate       *to)
{
  to->words = g_strdup (from->words);
}

static void
pop3_error_private_clear (Pop3ErrorPrivate *priv)
{
  g_free (priv->words);
}

G_DEFINE_EXTENDED_ERROR (Pop3Error, pop3_error)

void
pop3_error_set (GError     **error,
                Pop3Error    code,
                BaseSlice    words,
                const char  *format,
                ...)
{
  va_list args;

  if (error == NULL)
    return;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (POP3_ERROR, (int) code, format, args));
  va_end (args);

  if (words.size > 0)
    pop3_error_get_private (*error)->words = base_slice_dup_text (base_slice_sub (words, 0, WORDS_MAX));
}

const char *
pop3_error_peek_text (const GError *error)
{
  return error->domain == POP3_ERROR ? pop3_error_get_private (error)->words : NULL;
}
