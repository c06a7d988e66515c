/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/smtp-core.h"

#include "smtp/address.h"
#include "smtp/body.h"

#include <string.h>

#define CHUNK_SIZE       (32 * 1024)
#define FINAL_TIMEOUT_S  600             /* RFC 5321 section 4.5.3.2.6 */

/* One mail on its way. */
typedef struct {
  SessionSmtp            *session;
  const SessionSmtpMail  *mail;
  SessionSmtpResult      *result;
  SmtpBody                facts;            /* of the whole message */
  SmtpBody                written;          /* handed over so far */
  gboolean                needs_utf8;       /* MAIL says SMTPUTF8 */
  char                   *from;             /* as this server can take them */
  GPtrArray              *to;
} Sending;

static void
recipient_free (gpointer data)
{
  SessionSmtpRecipient *recipient = data;

  g_free (recipient->address);
  g_free (recipient->words);
  g_free (recipient);
}

void
session_smtp_result_free (SessionSmtpResult *result)
{
  g_ptr_array_unref (result->recipients);
  g_free (result->words);
  g_free (result);
}

static SessionSmtpResult *
result_new (const SessionSmtpMail *mail)
{
  SessionSmtpResult *result = g_new0 (SessionSmtpResult, 1);

  result->recipients = g_ptr_array_new_with_free_func (recipient_free);
  for (gsize i = 0; mail->to[i] != NULL; i++)
    {
      SessionSmtpRecipient *recipient = g_new0 (SessionSmtpRecipient, 1);

      recipient->address = g_strdup (mail->to[i]);
      g_ptr_array_add (result->recipients, recipient);
    }
  return result;
}

static char *
dup_words (const SmtpReply *reply)
{
  g_autofree char *text = smtp_reply_dup_text (reply);

  return g_strdup_printf ("%u %s", reply->code, text);
}

/* --- what the server can take --- */

/* The address as it is sent, or NULL. */
static char *
prepare_address (Sending     *sending,
                 const char  *address,
                 GError     **error)
{
  const SmtpCapabilities *capabilities = sending->session->capabilities;
  char *ascii;

  switch (smtp_check_address (address))
    {
    case SMTP_ADDRESS_ASCII:
      return g_strdup (address);
    case SMTP_ADDRESS_UTF8:
      if (capabilities->has_smtputf8)
        {
          sending->needs_utf8 = TRUE;
          return g_strdup (address);
        }
      if ((ascii = smtp_dup_ascii_address (address)) == NULL)
        smtp_error_set (error, SMTP_ERROR_NEEDS_SMTPUTF8, NULL,
                        "Cannot send to or from %s: %s takes only addresses in plain letters",
                        address, sending->session->link.host);
      return ascii;
    case SMTP_ADDRESS_BAD:
      break;
    }
  smtp_error_set (error, SMTP_ERROR_BAD_ADDRESS, NULL, "\"%s\" is no mail address", address);
  return NULL;
}

static gboolean
prepare_addresses (Sending  *sending,
                   GError  **error)
{
  const SessionSmtpMail *mail = sending->mail;

  if (sending->result->recipients->len == 0 || sending->result->recipients->len > SESSION_SMTP_RECIPIENTS_MAX)
    {
      smtp_error_set (error, SMTP_ERROR_BAD_ADDRESS, NULL, "A mail goes to 1 to %d recipients, not to %u",
                      SESSION_SMTP_RECIPIENTS_MAX, sending->result->recipients->len);
      return FALSE;
    }
  if ((sending->from = prepare_address (sending, mail->from, error)) == NULL)
    return FALSE;
  for (gsize i = 0; mail->to[i] != NULL; i++)
    {
      char *address = prepare_address (sending, mail->to[i], error);

      if (address == NULL)
        return FALSE;
      g_ptr_array_add (sending->to, address);
    }
  return TRUE;
}

typedef gboolean (*TakeChunk) (Sending    *sending,
                               BaseSlice   chunk,
                               GError    **error);

/* From the beginning to the end. */
static gboolean
read_message (Sending    *sending,
              TakeChunk   take,
              GError    **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK_SIZE);
  GInputStream *message = sending->mail->message;
  gssize got;

  if (!g_seekable_seek (G_SEEKABLE (message), 0, G_SEEK_SET, NULL, error))
    return FALSE;
  while ((got = g_input_stream_read (message, chunk, CHUNK_SIZE, NULL, error)) > 0)
    if (!take (sending, base_slice_new (chunk, (gsize) got), error))
      return FALSE;
  return got == 0;
}

static gboolean
measure_chunk (Sending    *sending,
               BaseSlice   chunk,
               GError    **error)
{
  smtp_body_write (&sending->facts, chunk, NULL);
  return TRUE;
}

static gboolean
refuse_facts (Sending     *sending,
              SmtpError    code,
              const char  *reason,
              GError     **error)
{
  smtp_error_set (error, code, NULL, "Cannot send by %s: %s", sending->session->link.host, reason);
  return FALSE;
}

static gboolean
measure_message (Sending  *sending,
                 GError  **error)
{
  const SmtpCapabilities *capabilities = sending->session->capabilities;
  const SmtpBody *facts = &sending->facts;

  if (!read_message (sending, measure_chunk, error))
    return FALSE;
  smtp_body_finish (&sending->facts, NULL);

  if (capabilities->size_max > 0 && facts->size > capabilities->size_max)
    return refuse_facts (sending, SMTP_ERROR_TOO_BIG, "the message is larger than the server takes", error);
  if (facts->has_nul || facts->longest_line > SMTP_BODY_LINE_MAX)
    return refuse_facts (sending, SMTP_ERROR_NEEDS_ENCODING, "it has NUL bytes or overlong lines", error);
  if (facts->has_8bit && !capabilities->has_8bitmime)
    return refuse_facts (sending, SMTP_ERROR_NEEDS_ENCODING, "the server takes only 7-bit messages", error);
  if (facts->has_8bit_header && !capabilities->has_smtputf8)
    return refuse_facts (sending, SMTP_ERROR_NEEDS_ENCODING, "the server takes no 8-bit header", error);
  sending->needs_utf8 = sending->needs_utf8 || facts->has_8bit_header;
  return TRUE;
}

/* --- the envelope --- */

/* MAIL was refused, or a mail was given up between MAIL and DATA. */
static gboolean
take_back (SessionSmtp  *session,
           GError      **error)
{
  g_autoptr(SmtpReply) reply = NULL;

  if (!session->is_in_mail)
    return TRUE;
  if ((reply = session_smtp_run (session, SMTP_ENDS_GROUP, "RSET", error)) == NULL)
    return FALSE;
  session->is_in_mail = FALSE;
  if (reply->code == 250)
    return TRUE;
  session->link.is_good = FALSE;
  return session_smtp_refuse (session, session_smtp_judge (reply), reply, error, "Cannot begin a mail");
}

static char *
write_mail_from (Sending *sending)
{
  const SmtpCapabilities *capabilities = sending->session->capabilities;
  GString *line = g_string_new (NULL);

  g_string_printf (line, "MAIL FROM:<%s>", sending->from);
  if (capabilities->has_size)
    g_string_append_printf (line, " SIZE=%" G_GUINT64_FORMAT, sending->facts.size);
  if (sending->facts.has_8bit)
    g_string_append (line, " BODY=8BITMIME");
  if (sending->needs_utf8)
    g_string_append (line, " SMTPUTF8");
  return g_string_free (line, FALSE);
}

static gboolean
read_mail_from (Sending     *sending,
                SmtpTicket   ticket,
                GError     **error)
{
  g_autoptr(SmtpReply) reply = session_smtp_get_reply (sending->session, ticket, error);

  if (reply == NULL)
    return FALSE;
  sending->result->words = dup_words (reply);
  if (reply->code == 250)
    return TRUE;
  return session_smtp_refuse (sending->session, session_smtp_judge (reply), reply, error,
                              "Cannot send from %s", sending->mail->from);
}

static gboolean
read_recipient (Sending               *sending,
                SmtpTicket             ticket,
                SessionSmtpRecipient  *recipient,
                GError               **error)
{
  g_autoptr(SmtpReply) reply = session_smtp_get_reply (sending->session, ticket, error);

  if (reply == NULL)
    return FALSE;
  recipient->words = dup_words (reply);
  /* 251: not local, the server forwards. */
  if (reply->code == 250 || reply->code == 251)
    recipient->fate = SESSION_SMTP_ACCEPTED;
  else
    recipient->fate = reply->code / 100 == 4 ? SESSION_SMTP_REFUSED_NOW : SESSION_SMTP_REFUSED;
  return TRUE;
}

static guint
count_fates (Sending         *sending,
             SessionSmtpFate  fate)
{
  GPtrArray *recipients = sending->result->recipients;
  guint count = 0;

  for (guint i = 0; i < recipients->len; i++)
    count += ((SessionSmtpRecipient *) recipients->pdata[i])->fate == fate;
  return count;
}

/* Whether those who were accepted are enough to go on. */
static gboolean
judge_recipients (Sending  *sending,
                  GError  **error)
{
  guint accepted = count_fates (sending, SESSION_SMTP_ACCEPTED);
  guint refused = count_fates (sending, SESSION_SMTP_REFUSED);
  guint all = sending->result->recipients->len;

  if (accepted == all || (accepted > 0 && sending->mail->refused == SESSION_SMTP_SKIP_REFUSED))
    return TRUE;
  smtp_error_set (error, refused > 0 ? SMTP_ERROR_RECIPIENTS_REFUSED : SMTP_ERROR_TEMPORARY, NULL,
                  "%s refuses %u of %u recipients", sending->session->link.host, all - accepted, all);
  return FALSE;
}

typedef struct {
  SmtpTicket mail;
  SmtpTicket first_to;
  SmtpTicket data;            /* 0 when it was not said along */
} Envelope;

/* DATA may be said along only where no answer can make us want to stop: with 354 there is no way back but to
 * close. */
static gboolean
can_say_data_along (Sending *sending)
{
  return sending->session->capabilities->has_pipelining
         && (sending->to->len == 1 || sending->mail->refused == SESSION_SMTP_SKIP_REFUSED);
}

static void
add_recipients (Sending  *sending,
                Envelope *envelope)
{
  for (guint i = 0; i < sending->to->len; i++)
    {
      g_autofree char *line = g_strdup_printf ("RCPT TO:<%s>", (const char *) sending->to->pdata[i]);
      SmtpTicket ticket = smtp_engine_add (sending->session->engine, SMTP_IN_GROUP, line);

      if (i == 0)
        envelope->first_to = ticket;
    }
}

static gboolean
read_recipients (Sending   *sending,
                 Envelope  *envelope,
                 GError   **error)
{
  GPtrArray *recipients = sending->result->recipients;

  for (guint i = 0; i < recipients->len; i++)
    if (!read_recipient (sending, envelope->first_to + i, recipients->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* Without MAIL what they were told means nothing. */
static void
forget_recipients (Sending *sending)
{
  GPtrArray *recipients = sending->result->recipients;

  for (guint i = 0; i < recipients->len; i++)
    {
      SessionSmtpRecipient *recipient = recipients->pdata[i];

      recipient->fate = SESSION_SMTP_UNTRIED;
      g_clear_pointer (&recipient->words, g_free);
    }
}

/* The envelope is refused, but DATA went along: a server that says 354 to it waits for a message that must
 * not come. */
static void
swallow_data (Sending  *sending,
              Envelope *envelope)
{
  g_autoptr(SmtpReply) reply = NULL;

  if (envelope->data == 0 || !sending->session->link.is_good)
    return;
  reply = session_smtp_get_reply (sending->session, envelope->data, NULL);
  if (reply == NULL || reply->code < 400)
    sending->session->link.is_good = FALSE;
}

static gboolean
read_data (Sending   *sending,
           Envelope  *envelope,
           GError   **error)
{
  g_autoptr(SmtpReply) reply = session_smtp_get_reply (sending->session, envelope->data, error);

  if (reply == NULL)
    return FALSE;
  g_free (sending->result->words);
  sending->result->words = dup_words (reply);
  if (reply->code == 354)
    return TRUE;
  return session_smtp_refuse (sending->session, session_smtp_judge (reply), reply, error,
                              "Cannot send the mail");
}

/* Up to the server's 354. */
static gboolean
send_envelope (Sending  *sending,
               GError  **error)
{
  SessionSmtp *session = sending->session;
  g_autofree char *mail_from = write_mail_from (sending);
  gboolean is_pipelined = session->capabilities->has_pipelining;
  Envelope envelope = { 0 };
  gboolean is_accepted;

  session->is_in_mail = TRUE;
  envelope.mail = smtp_engine_add (session->engine, SMTP_IN_GROUP, mail_from);
  if (!is_pipelined && !read_mail_from (sending, envelope.mail, error))
    return FALSE;
  add_recipients (sending, &envelope);
  if (can_say_data_along (sending))
    envelope.data = smtp_engine_add (session->engine, SMTP_ENDS_GROUP, "DATA");

  is_accepted = !is_pipelined || read_mail_from (sending, envelope.mail, error);
  if (!session->link.is_good || !read_recipients (sending, &envelope, is_accepted ? error : NULL))
    return FALSE;
  if (!is_accepted)
    forget_recipients (sending);
  if (!is_accepted || !judge_recipients (sending, error))
    {
      swallow_data (sending, &envelope);
      return FALSE;
    }

  if (envelope.data == 0)
    envelope.data = smtp_engine_add (session->engine, SMTP_ENDS_GROUP, "DATA");
  return read_data (sending, &envelope, error);
}

/* --- the message --- */

/* The server said something while the message goes out: it will not take it. */
static gboolean
hear_refusal (Sending  *sending,
              GError  **error)
{
  SessionSmtp *session = sending->session;
  g_autoptr(SmtpReply) reply = NULL;
  SmtpTicket ticket;

  if (!session_smtp_take_reply (session, &ticket, &reply, error))
    return FALSE;
  if (reply == NULL)
    return TRUE;
  session->link.is_good = FALSE;
  g_free (sending->result->words);
  sending->result->words = dup_words (reply);
  return session_smtp_refuse (session, session_smtp_judge (reply), reply, error, "Cannot send the mail");
}

static gboolean
flush (Sending  *sending,
       GError  **error)
{
  SessionLink *link = &sending->session->link;
  g_autoptr(GError) failure = NULL;

  if (net_wire_flush (link->wire, &link->signals, session_link_deadline (link), &failure))
    return hear_refusal (sending, error);

  /* A server that refuses says why before it closes. */
  link->is_good = FALSE;
  if (g_error_matches (failure, NET_ERROR, NET_ERROR_CLOSED) && !hear_refusal (sending, error))
    return FALSE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
send_chunk (Sending    *sending,
            BaseSlice   chunk,
            GError    **error)
{
  const SessionSmtpMail *mail = sending->mail;
  g_autoptr(GByteArray) out = g_byte_array_new ();

  smtp_body_write (&sending->written, chunk, out);
  net_wire_queue (sending->session->link.wire, out->data, out->len);
  if (!flush (sending, error))
    return FALSE;
  if (mail->progress != NULL)
    mail->progress (mail->data, MIN (sending->written.size, sending->facts.size), sending->facts.size);
  return TRUE;
}

/* All but the final dot. */
static gboolean
send_message (Sending  *sending,
              GError  **error)
{
  SessionLink *link = &sending->session->link;
  g_autoptr(GByteArray) out = g_byte_array_new ();

  if (!read_message (sending, send_chunk, error))
    return FALSE;
  smtp_body_finish (&sending->written, out);
  net_wire_queue (link->wire, out->data, out->len);
  if (!flush (sending, error))
    return FALSE;
  session_log_data (link->log, SESSION_LOG_CLIENT, sending->written.size);

  if (sending->written.size == sending->facts.size)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               "Cannot send by %s: the message changed meanwhile", link->host);
  return FALSE;
}

/* The point of no return. */
static SmtpReply *
send_final_dot (SessionSmtp  *session,
                GError      **error)
{
  SessionLink *link = &session->link;
  GCancellable *cancellable = link->signals.cancellable;
  guint timeout_s = link->timeout_s;
  SmtpReply *reply;

  link->signals.cancellable = NULL;
  link->timeout_s = MAX (timeout_s, FINAL_TIMEOUT_S);
  reply = session_smtp_wait_reply (session, smtp_engine_add (session->engine, SMTP_ENDS_GROUP, "."), error);
  link->timeout_s = timeout_s;
  link->signals.cancellable = cancellable;
  return reply;
}

static gboolean
commit (Sending  *sending,
        GError  **error)
{
  const SessionSmtpMail *mail = sending->mail;
  SessionSmtp *session = sending->session;
  g_autoptr(GError) failure = NULL;
  g_autoptr(SmtpReply) reply = NULL;

  if (g_cancellable_set_error_if_cancelled (session->link.signals.cancellable, error))
    return session->link.is_good = FALSE;
  if (mail->about_to_commit != NULL && !mail->about_to_commit (mail->data, error))
    return session->link.is_good = FALSE;

  reply = send_final_dot (session, &failure);
  session->is_in_mail = FALSE;
  if (reply != NULL)
    {
      g_free (sending->result->words);
      sending->result->words = dup_words (reply);
    }
  if (reply != NULL && reply->code >= 400)
    return session_smtp_refuse (session, smtp_judge_refusal (reply), reply, error, "Cannot send the mail");
  if (reply != NULL && reply->code < 300)
    return sending->result->is_sent = TRUE;

  /* 421 is an answer: the server goes and has not taken the mail. */
  if (g_error_matches (failure, SMTP_ERROR, SMTP_ERROR_TEMPORARY))
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    smtp_error_set (error, SMTP_ERROR_UNKNOWN, reply, "It is unknown whether the mail was sent: %s",
                    failure != NULL ? failure->message : "the server's answer makes no sense");
  return session->link.is_good = FALSE;
}

static gboolean
send_mail (Sending  *sending,
           GError  **error)
{
  SessionSmtp *session = sending->session;

  if (!session_link_check (&session->link, error))
    return FALSE;
  if (!prepare_addresses (sending, error) || !measure_message (sending, error))
    return FALSE;
  if (!take_back (session, error) || !send_envelope (sending, error))
    return FALSE;
  /* The server waits for the rest of a message: there is no other way to stop than to close. */
  if (!send_message (sending, error))
    return session->link.is_good = FALSE;
  return commit (sending, error);
}

gboolean
session_smtp_send (SessionSmtp            *session,
                   const SessionSmtpMail  *mail,
                   SessionSmtpResult     **result,
                   GError                **error)
{
  Sending sending = { .session = session, .mail = mail };
  gboolean is_sent;

  g_assert (G_IS_SEEKABLE (mail->message) && g_seekable_can_seek (G_SEEKABLE (mail->message)));
  sending.result = *result = result_new (mail);
  sending.to = g_ptr_array_new_with_free_func (g_free);
  is_sent = send_mail (&sending, error);
  g_ptr_array_unref (sending.to);
  g_free (sending.from);
  return is_sent;
}
