/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/reply.h"

#include "mime/header.h"
#include "mime/mailto.h"
#include "mime/summary.h"

#include <string.h>

static gboolean
is_own (const char        *address,
        const char *const *own)
{
  for (gsize i = 0; own != NULL && own[i] != NULL; i++)
    if (mime_address_equal (own[i], address))
      return TRUE;
  return FALSE;
}

static gboolean
has_address (GPtrArray  *addresses,
             const char *address)
{
  for (guint i = 0; i < addresses->len; i++)
    if (mime_address_equal (((MimeAddress *) addresses->pdata[i])->address, address))
      return TRUE;
  return FALSE;
}

/* Adds those of one role, each once and none of the own ones.  Whether there were any. */
static gboolean
add_role (MimeReply         *reply,
          GPtrArray         *from,
          MimeRole           role,
          MimeRole           as,
          const char *const *own)
{
  gboolean any = FALSE;

  for (guint i = 0; i < from->len; i++)
    {
      const MimeAddress *address = from->pdata[i];

      if (address->role != role || *address->address == '\0' || is_own (address->address, own)
          || has_address (reply->addresses, address->address))
        continue;
      g_ptr_array_add (reply->addresses, mime_address_new (as, address->name, address->address));
      any = TRUE;
    }
  return any;
}

/* The own address it was sent to: the alias that the sender knows. */
static char *
find_identity (const MimeSummary *summary,
               const MimeHeader  *header,
               const char *const *own)
{
  g_autoptr(GPtrArray) delivered = mime_addresses_new ();

  for (guint i = 0; i < summary->addresses->len; i++)
    {
      const MimeAddress *address = summary->addresses->pdata[i];

      if (*address->address != '\0' && is_own (address->address, own))
        return g_strdup (address->address);
    }
  mime_addresses_add (delivered, MIME_ROLE_TO, mime_header_get (header, "Delivered-To"));
  mime_addresses_add (delivered, MIME_ROLE_TO, mime_header_get (header, "X-Original-To"));
  for (guint i = 0; i < delivered->len; i++)
    if (is_own (((MimeAddress *) delivered->pdata[i])->address, own))
      return g_strdup (((MimeAddress *) delivered->pdata[i])->address);
  return NULL;
}

/* List-Post: <mailto:list@example.org> */
static gboolean
add_list (MimeReply        *reply,
          const MimeHeader *header)
{
  g_autofree char *text = mime_header_dup_text (mime_header_get (header, "List-Post"));
  char *start = strchr (text, '<');
  char *end = start != NULL ? strchr (start, '>') : NULL;
  g_autoptr(MimeMailto) mailto = NULL;

  if (end == NULL)
    return FALSE;
  *end = '\0';
  if ((mailto = mime_mailto_parse (start + 1, NULL)) == NULL)
    return FALSE;
  return add_role (reply, mailto->addresses, MIME_ROLE_TO, MIME_ROLE_TO, NULL);
}

static void
add_sender (MimeReply         *reply,
            const MimeSummary *summary,
            const char *const *own)
{
  const MimeAddress *from = mime_summary_peek_from (summary);

  /* An answer to own mail goes on to whom it went. */
  if (from != NULL && is_own (from->address, own)
      && add_role (reply, summary->addresses, MIME_ROLE_TO, MIME_ROLE_TO, own))
    return;
  if (!add_role (reply, summary->addresses, MIME_ROLE_REPLY_TO, MIME_ROLE_TO, own)
      && !add_role (reply, summary->addresses, MIME_ROLE_FROM, MIME_ROLE_TO, own))
    add_role (reply, summary->addresses, MIME_ROLE_FROM, MIME_ROLE_TO, NULL);
}

static void
add_all (MimeReply         *reply,
         const MimeSummary *summary,
         const MimeHeader  *header,
         const char *const *own)
{
  g_autoptr(GPtrArray) followup = mime_addresses_new ();

  mime_addresses_add (followup, MIME_ROLE_TO, mime_header_get (header, "Mail-Followup-To"));
  if (add_role (reply, followup, MIME_ROLE_TO, MIME_ROLE_TO, own))
    return;
  add_sender (reply, summary, own);
  add_role (reply, summary->addresses, MIME_ROLE_TO, MIME_ROLE_TO, own);
  add_role (reply, summary->addresses, MIME_ROLE_CC, MIME_ROLE_CC, own);
}

static char **
dup_references (const MimeSummary *summary)
{
  GPtrArray *ids = g_ptr_array_new ();

  for (gsize i = 0; summary->references[i] != NULL; i++)
    g_ptr_array_add (ids, g_strdup (summary->references[i]));
  g_ptr_array_add (ids, g_strdup (summary->message_id));
  g_ptr_array_add (ids, NULL);
  return (char **) g_ptr_array_free (ids, FALSE);
}

MimeReply *
mime_reply_new (BaseSlice          message,
                MimeReplyKind      kind,
                const char *const *own)
{
  g_autoptr(MimeSummary) summary = mime_summary_new (message);
  g_autoptr(MimeHeader) header = mime_header_new (message);
  g_autofree char *base = NULL;
  gboolean is_reply, is_forward;
  MimeReply *reply = g_new0 (MimeReply, 1);

  reply->addresses = mime_addresses_new ();
  reply->identity = find_identity (summary, header, own);
  switch (kind)
    {
    case MIME_REPLY_SENDER:  add_sender (reply, summary, own);       break;
    case MIME_REPLY_ALL:     add_all (reply, summary, header, own);  break;
    case MIME_REPLY_LIST:    if (!add_list (reply, header))
                               add_sender (reply, summary, own);
                             break;
    case MIME_REPLY_FORWARD: break;
    }

  base = mime_subject_dup_base (summary->subject, &is_reply, &is_forward);
  if (kind == MIME_REPLY_FORWARD)
    reply->subject = g_strconcat ("Fwd: ", summary->subject, NULL);
  else
    reply->subject = is_reply && !is_forward && g_ascii_strncasecmp (summary->subject, "re:", 3) == 0
                     ? g_strdup (summary->subject)
                     : g_strconcat ("Re: ", is_reply ? base : summary->subject, NULL);
  if (kind != MIME_REPLY_FORWARD && summary->message_id != NULL)
    {
      reply->in_reply_to = g_strsplit (summary->message_id, "\n", 1);
      reply->references = dup_references (summary);
    }
  return reply;
}

void
mime_reply_free (MimeReply *reply)
{
  if (reply == NULL)
    return;
  g_ptr_array_unref (reply->addresses);
  g_free (reply->identity);
  g_free (reply->subject);
  g_strfreev (reply->in_reply_to);
  g_strfreev (reply->references);
  g_free (reply);
}

char *
mime_reply_dup_quote (const char *text,
                      MimeFlow    flow,
                      const char *intro)
{
  g_autoptr(GArray) lines = mime_text_split (text, flow);
  GString *out = g_string_new (intro);
  guint n = lines->len;

  g_string_append_c (out, '\n');
  while (n > 0 && g_array_index (lines, MimeLine, n - 1).is_signature)
    n--;
  while (n > 0 && g_array_index (lines, MimeLine, n - 1).quote == 0
         && *g_array_index (lines, MimeLine, n - 1).text == '\0')
    n--;
  for (guint i = 0; i < n; i++)
    {
      const MimeLine *line = &g_array_index (lines, MimeLine, i);

      for (guint k = 0; k <= line->quote; k++)
        g_string_append_c (out, '>');
      if (*line->text != '\0')
        g_string_append_printf (out, " %s", line->text);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}
