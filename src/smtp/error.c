/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/error.h"

#include <string.h>

#define WORDS_MAX 2000

typedef struct {
  char *words;
} SmtpErrorPrivate;

static void
smtp_error_private_init (SmtpErrorPrivate *priv)
{
}

static void
smtp_error_private_copy (const SmtpErrorPrivate *from,
                         SmtpErrorPrivate       *to)
{
  to->words = g_strdup (from->words);
}

static void
smtp_error_private_clear (SmtpErrorPrivate *priv)
{
  g_free (priv->words);
}

G_DEFINE_EXTENDED_ERROR (SmtpError, smtp_error)

/* Takes words. */
static void
set_error (GError    **error,
           SmtpError   code,
           char       *words,
           const char *format,
           va_list     args)
{
  if (error == NULL)
    {
      g_free (words);
      return;
    }
  g_propagate_error (error, g_error_new_valist (SMTP_ERROR, (int) code, format, args));
  smtp_error_get_private (*error)->words = words;
}

static char *
dup_words (const SmtpReply *reply)
{
  g_autofree char *text = smtp_reply_dup_text (reply);
  g_autofree char *all = g_strdup_printf ("%u %s", reply->code, text);

  return g_utf8_make_valid (all, (gssize) MIN (strlen (all), WORDS_MAX));
}

void
smtp_error_set (GError          **error,
                SmtpError         code,
                const SmtpReply  *reply,
                const char       *format,
                ...)
{
  va_list args;

  va_start (args, format);
  set_error (error, code, reply != NULL ? dup_words (reply) : NULL, format, args);
  va_end (args);
}

void
smtp_error_set_words (GError     **error,
                      SmtpError    code,
                      const char  *words,
                      const char  *format,
                      ...)
{
  va_list args;

  va_start (args, format);
  set_error (error, code, g_strdup (words), format, args);
  va_end (args);
}

const char *
smtp_error_peek_text (const GError *error)
{
  return error->domain == SMTP_ERROR ? smtp_error_get_private (error)->words : NULL;
}

SmtpError
smtp_judge_refusal (const SmtpReply *reply)
{
  gboolean says_too_big = reply->enhanced[1] == 3 && reply->enhanced[2] == 4;

  if (says_too_big || (reply->code == 552 && reply->enhanced[0] == 0))
    return SMTP_ERROR_TOO_BIG;
  if (reply->code == 530 || reply->code == 534 || reply->code == 535)
    return SMTP_ERROR_AUTH_REJECTED;
  return reply->code < 500 ? SMTP_ERROR_TEMPORARY : SMTP_ERROR_PERMANENT;
}
