/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/error.h"

typedef struct {
  ImapCode  code;
  char     *text;
} ImapErrorPrivate;

static void
imap_error_private_init (ImapErrorPrivate *private)
{
  *private = (ImapErrorPrivate) { IMAP_CODE_NONE, NULL };
}

static void
imap_error_private_copy (const ImapErrorPrivate *from,
                         ImapErrorPrivate       *to)
{
  *to = (ImapErrorPrivate) { from->code, g_strdup (from->text) };
}

static void
imap_error_private_clear (ImapErrorPrivate *private)
{
  g_free (private->text);
}

G_DEFINE_EXTENDED_ERROR (ImapError, imap_error)

static const char * const code_names[] = {
  [IMAP_CODE_NONE] = "",
  [IMAP_CODE_UNKNOWN] = "",
  [IMAP_CODE_ALERT] = "ALERT",
  [IMAP_CODE_ALREADYEXISTS] = "ALREADYEXISTS",
  [IMAP_CODE_APPENDUID] = "APPENDUID",
  [IMAP_CODE_AUTHENTICATIONFAILED] = "AUTHENTICATIONFAILED",
  [IMAP_CODE_AUTHORIZATIONFAILED] = "AUTHORIZATIONFAILED",
  [IMAP_CODE_BADCHARSET] = "BADCHARSET",
  [IMAP_CODE_CANNOT] = "CANNOT",
  [IMAP_CODE_CAPABILITY] = "CAPABILITY",
  [IMAP_CODE_CLIENTBUG] = "CLIENTBUG",
  [IMAP_CODE_CLOSED] = "CLOSED",
  [IMAP_CODE_CONTACTADMIN] = "CONTACTADMIN",
  [IMAP_CODE_COPYUID] = "COPYUID",
  [IMAP_CODE_CORRUPTION] = "CORRUPTION",
  [IMAP_CODE_EXPIRED] = "EXPIRED",
  [IMAP_CODE_EXPUNGEISSUED] = "EXPUNGEISSUED",
  [IMAP_CODE_HASCHILDREN] = "HASCHILDREN",
  [IMAP_CODE_HIGHESTMODSEQ] = "HIGHESTMODSEQ",
  [IMAP_CODE_INUSE] = "INUSE",
  [IMAP_CODE_LIMIT] = "LIMIT",
  [IMAP_CODE_MAILBOXID] = "MAILBOXID",
  [IMAP_CODE_MODIFIED] = "MODIFIED",
  [IMAP_CODE_NOMODSEQ] = "NOMODSEQ",
  [IMAP_CODE_NONEXISTENT] = "NONEXISTENT",
  [IMAP_CODE_NOPERM] = "NOPERM",
  [IMAP_CODE_OVERQUOTA] = "OVERQUOTA",
  [IMAP_CODE_PARSE] = "PARSE",
  [IMAP_CODE_PERMANENTFLAGS] = "PERMANENTFLAGS",
  [IMAP_CODE_PRIVACYREQUIRED] = "PRIVACYREQUIRED",
  [IMAP_CODE_READ_ONLY] = "READ-ONLY",
  [IMAP_CODE_READ_WRITE] = "READ-WRITE",
  [IMAP_CODE_SERVERBUG] = "SERVERBUG",
  [IMAP_CODE_TOOBIG] = "TOOBIG",
  [IMAP_CODE_TRYCREATE] = "TRYCREATE",
  [IMAP_CODE_UIDNEXT] = "UIDNEXT",
  [IMAP_CODE_UIDNOTSTICKY] = "UIDNOTSTICKY",
  [IMAP_CODE_UIDVALIDITY] = "UIDVALIDITY",
  [IMAP_CODE_UNAVAILABLE] = "UNAVAILABLE",
  [IMAP_CODE_UNSEEN] = "UNSEEN",
};

ImapCode
imap_code_parse (BaseSlice name)
{
  for (guint i = IMAP_CODE_ALERT; i < G_N_ELEMENTS (code_names); i++)
    if (base_slice_equal_nocase (name, code_names[i]))
      return (ImapCode) i;
  return IMAP_CODE_UNKNOWN;
}

const char *
imap_code_get_name (ImapCode code)
{
  return code_names[code];
}

void
imap_error_set (GError     **error,
                ImapError    error_code,
                ImapCode     code,
                BaseSlice    text,
                const char  *format,
                ...)
{
  ImapErrorPrivate *private;
  va_list args;

  if (error == NULL)
    return;
  va_start (args, format);
  *error = g_error_new_valist (IMAP_ERROR, error_code, format, args);
  va_end (args);

  private = imap_error_get_private (*error);
  private->code = code;
  private->text = base_slice_dup_text (base_slice_sub (text, 0, 1000));
}

ImapCode
imap_error_get_code (const GError *error)
{
  return error->domain == IMAP_ERROR ? imap_error_get_private (error)->code : IMAP_CODE_NONE;
}

const char *
imap_error_peek_text (const GError *error)
{
  return error->domain == IMAP_ERROR ? imap_error_get_private (error)->text : NULL;
}
