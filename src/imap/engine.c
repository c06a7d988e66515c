/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/engine.h"

#include "imap/parser.h"

#include <string.h>

typedef struct {
  guint            tag;
  ImapCommandKind  kind;
  GPtrArray       *pieces;         /* ImapWriterPiece */
  guint            n_sent;         /* of pieces */
  gboolean         asks;           /* "+" must come before the next piece */
  gboolean         is_abandoned;
  gboolean         is_answered;    /* but not all sent: the server still reads a literal to its end */
} Command;

struct _ImapEngine {
  ImapLine          line;
  gboolean          is_greeted;
  ImapFramer       *framer;
  ImapParser       *parser;
  ImapCapabilities *capabilities;
  guint             last_tag;
  GPtrArray        *commands;      /* Command, oldest first, until answered and sent */
  GPtrArray        *urgent;        /* ImapWriterPiece: how AUTHENTICATE or IDLE goes on; or NULL */
  guint             n_urgent_sent;
};

static void
free_command (gpointer data)
{
  Command *command = data;

  g_ptr_array_unref (command->pieces);
  g_free (command);
}

ImapEngine *
imap_engine_new (const ImapLimits *limits,
                 ImapLine          line)
{
  ImapEngine *engine = g_new0 (ImapEngine, 1);

  engine->line = line;
  engine->framer = imap_framer_new (limits);
  engine->parser = imap_parser_new ();
  engine->capabilities = imap_capabilities_new ();
  engine->commands = g_ptr_array_new_with_free_func (free_command);
  return engine;
}

void
imap_engine_free (ImapEngine *engine)
{
  imap_framer_free (engine->framer);
  imap_parser_free (engine->parser);
  imap_capabilities_free (engine->capabilities);
  g_ptr_array_unref (engine->commands);
  g_clear_pointer (&engine->urgent, g_ptr_array_unref);
  g_free (engine);
}

ImapCapabilities *
imap_engine_peek_capabilities (ImapEngine *engine)
{
  return engine->capabilities;
}

void
imap_engine_forget_capabilities (ImapEngine *engine)
{
  imap_capabilities_clear (engine->capabilities);
}

/* --- commands --- */

static gboolean
is_all_sent (const Command *command)
{
  return command->n_sent == command->pieces->len;
}

/* Not done where it happens, because what was handed out last may still be in use. */
static void
sweep (ImapEngine *engine)
{
  for (guint i = 0; i < engine->commands->len;)
    {
      Command *command = engine->commands->pdata[i];

      if (command->is_answered && is_all_sent (command))
        g_ptr_array_remove_index (engine->commands, i);
      else
        i++;
    }
}

guint
imap_engine_start (ImapEngine      *engine,
                   ImapWriter      *writer,
                   ImapCommandKind  kind)
{
  Command *command = g_new0 (Command, 1);
  g_autofree char *tag = g_strdup_printf ("A%u ", ++engine->last_tag);
  ImapWriterPiece *first;

  g_assert (engine->line == IMAP_LINE_READY
            || kind == IMAP_COMMAND_HARMLESS || kind == IMAP_COMMAND_STARTTLS);
  sweep (engine);
  imap_writer_text (writer, "\r\n");
  command->tag = engine->last_tag;
  command->kind = kind;
  command->pieces = imap_writer_steal (writer);
  imap_writer_free (writer);

  first = command->pieces->pdata[0];
  g_assert (!first->is_secret);
  g_byte_array_prepend (first->bytes, (const guint8 *) tag, (guint) strlen (tag));
  g_ptr_array_add (engine->commands, command);
  return command->tag;
}

static Command *
find_command (ImapEngine *engine,
              guint       tag)
{
  for (guint i = 0; i < engine->commands->len; i++)
    {
      Command *command = engine->commands->pdata[i];

      if (command->tag == tag && !command->is_answered)
        return command;
    }
  return NULL;
}

gboolean
imap_engine_abandon (ImapEngine *engine,
                     guint       tag)
{
  Command *command = find_command (engine, tag);

  if (command == NULL)
    return FALSE;
  command->is_abandoned = TRUE;
  return command->n_sent == 0 && g_ptr_array_remove (engine->commands, command);
}

guint
imap_engine_count_commands (ImapEngine *engine)
{
  sweep (engine);
  return engine->commands->len;
}

/* --- out --- */

static gboolean
is_exclusive (ImapCommandKind kind)
{
  switch (kind)
    {
    case IMAP_COMMAND_PLAIN:
    case IMAP_COMMAND_HARMLESS:
      return FALSE;
    case IMAP_COMMAND_STARTTLS:
    case IMAP_COMMAND_AUTHENTICATE:
    case IMAP_COMMAND_IDLE:
      return TRUE;
    }
  g_assert_not_reached ();
}

/* The command of which a piece may be sent now, or NULL. */
static Command *
find_sender (ImapEngine *engine)
{
  for (guint i = 0; i < engine->commands->len; i++)
    {
      Command *command = engine->commands->pdata[i];

      if (!is_all_sent (command))
        return command->asks || (is_exclusive (command->kind) && i > 0) ? NULL : command;
      if (is_exclusive (command->kind) && !command->is_answered)
        return NULL;
    }
  return NULL;
}

static void
send_urgent (ImapEngine *engine,
             ImapWriter *writer)
{
  g_clear_pointer (&engine->urgent, g_ptr_array_unref);
  engine->urgent = imap_writer_steal (writer);
  engine->n_urgent_sent = 0;
  imap_writer_free (writer);
}

void
imap_engine_answer (ImapEngine *engine,
                    const char *base64)
{
  ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, IMAP_NAMES_UTF7);

  if (base64 != NULL)
    imap_writer_secret_text (writer, base64);
  imap_writer_text (writer, base64 != NULL ? "\r\n" : "*\r\n");
  send_urgent (engine, writer);
}

void
imap_engine_end_idle (ImapEngine *engine)
{
  ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, IMAP_NAMES_UTF7);

  imap_writer_text (writer, "DONE\r\n");
  send_urgent (engine, writer);
}

static void
fill_output (ImapOutput            *output,
             const ImapWriterPiece *piece)
{
  *output = (ImapOutput) { base_slice_new (piece->bytes->data, piece->bytes->len), piece->is_secret };
}

gboolean
imap_engine_take_output (ImapEngine *engine,
                         ImapOutput *output)
{
  Command *command;
  const ImapWriterPiece *piece;

  sweep (engine);
  if (engine->urgent != NULL && engine->n_urgent_sent < engine->urgent->len)
    {
      fill_output (output, engine->urgent->pdata[engine->n_urgent_sent++]);
      return TRUE;
    }
  if ((command = find_sender (engine)) == NULL)
    return FALSE;
  piece = command->pieces->pdata[command->n_sent];
  if (piece->upload_size > 0)
    return FALSE;

  command->n_sent++;
  command->asks = piece->asks;
  fill_output (output, piece);
  return TRUE;
}

static ImapWriterPiece *
find_upload (ImapEngine *engine)
{
  Command *command = find_sender (engine);
  ImapWriterPiece *piece = command != NULL ? command->pieces->pdata[command->n_sent] : NULL;

  return piece != NULL && piece->upload_size > 0 ? piece : NULL;
}

guint64
imap_engine_get_upload (ImapEngine *engine)
{
  const ImapWriterPiece *piece = find_upload (engine);

  return piece != NULL ? piece->upload_size : 0;
}

void
imap_engine_note_upload (ImapEngine *engine,
                         guint64     sent)
{
  ImapWriterPiece *piece = find_upload (engine);

  g_assert (piece != NULL && sent <= piece->upload_size);
  piece->upload_size -= sent;
  if (piece->upload_size == 0)
    find_sender (engine)->n_sent++;
}

/* --- in --- */

/* Nobody is shown the words of somebody who may sit between us and the server. */
static gboolean
fail (ImapEngine *engine,
      GError    **error,
      ImapError   code,
      BaseSlice   text,
      const char *message)
{
  BaseSlice shown = engine->line == IMAP_LINE_READY ? text : base_slice_new (NULL, 0);

  imap_error_set (error, code, IMAP_CODE_NONE, shown, "%s", message);
  return FALSE;
}

static void
note_capabilities (ImapEngine         *engine,
                   const ImapResponse *response)
{
  if (response->kind != IMAP_RESPONSE_CAPABILITY && response->status.code != IMAP_CODE_CAPABILITY)
    return;
  imap_capabilities_clear (engine->capabilities);
  for (gsize i = 0; i < response->n_words; i++)
    imap_capabilities_add (engine->capabilities, response->words[i]);
}

static gboolean
accept_greeting (ImapEngine         *engine,
                 const ImapResponse *response,
                 ImapEvent          *event,
                 GError            **error)
{
  BaseSlice text = response->status.text;

  if (response->kind != IMAP_RESPONSE_STATUS)
    return fail (engine, error, IMAP_ERROR_PROTOCOL, event->text, "The server does not speak IMAP");

  switch (response->status.condition)
    {
    case IMAP_OK:
      break;
    case IMAP_PREAUTH:
      /* Nothing but STARTTLS may follow, and after PREAUTH no server allows it: CVE-2020-12398,
       * CVE-2020-14093. */
      if (engine->line == IMAP_LINE_NEEDS_TLS)
        return fail (engine, error, IMAP_ERROR_NO_TLS, text, "The server signs in without encryption");
      break;
    case IMAP_NO:
    case IMAP_BAD:
      return fail (engine, error, IMAP_ERROR_PROTOCOL, text,
                   "The server does not greet as an IMAP server does");
    case IMAP_BYE:
      return fail (engine, error, IMAP_ERROR_BYE, text, "The server refuses connections");
    }
  engine->is_greeted = TRUE;
  note_capabilities (engine, response);
  event->kind = IMAP_EVENT_GREETING;
  return TRUE;
}

static void
accept_continue (ImapEngine *engine,
                 ImapEvent  *event)
{
  for (guint i = 0; i < engine->commands->len; i++)
    {
      Command *command = engine->commands->pdata[i];

      if (command->asks)
        {
          command->asks = FALSE;
          return;
        }
      if (is_exclusive (command->kind) && is_all_sent (command) && !command->is_answered)
        {
          event->kind = IMAP_EVENT_CONTINUE;
          event->tag = command->tag;
          return;
        }
    }
}

/* "A12" of ours, in any case; 0 for anything else. */
static guint
parse_tag (BaseSlice tag)
{
  guint64 number;

  if (tag.size < 2 || (tag.data[0] != 'A' && tag.data[0] != 'a')
      || !base_slice_parse_uint (base_slice_sub (tag, 1, tag.size), G_MAXUINT, &number))
    return 0;
  return (guint) number;
}

static gboolean
accept_tagged (ImapEngine         *engine,
               const ImapResponse *response,
               ImapEvent          *event,
               GError            **error)
{
  Command *command = find_command (engine, parse_tag (response->tag));

  if (command == NULL)
    return TRUE;
  if (response->kind == IMAP_RESPONSE_UNREADABLE)
    return fail (engine, error, IMAP_ERROR_PROTOCOL, event->text, "The server's answer makes no sense");
  if (command->n_sent == 0)
    return fail (engine, error, IMAP_ERROR_PROTOCOL, event->text, "The server answers what it was not asked");

  note_capabilities (engine, response);
  command->is_answered = TRUE;
  /* A literal that was asked for and refused is not sent. */
  if (command->asks)
    command->n_sent = command->pieces->len;
  command->asks = FALSE;
  event->kind = command->is_abandoned ? IMAP_EVENT_SWALLOWED : IMAP_EVENT_TAGGED;
  event->tag = command->tag;
  return TRUE;
}

static gboolean
accept_response (ImapEngine         *engine,
                 const ImapResponse *response,
                 ImapEvent          *event,
                 GError            **error)
{
  if (!engine->is_greeted)
    return accept_greeting (engine, response, event, error);
  if (response->kind == IMAP_RESPONSE_CONTINUE)
    {
      accept_continue (engine, event);
      return TRUE;
    }
  if (response->tag.size > 0)
    return accept_tagged (engine, response, event, error);

  note_capabilities (engine, response);
  event->kind = IMAP_EVENT_UNTAGGED;
  return TRUE;
}

static gboolean
accept_literal (ImapEngine         *engine,
                const ImapResponse *response,
                ImapEvent          *event,
                GError            **error)
{
  if (!engine->is_greeted || response->kind != IMAP_RESPONSE_FETCH)
    return fail (engine, error, IMAP_ERROR_TOO_LONG, event->text,
                 "The server sends a long text where none belongs");
  event->kind = IMAP_EVENT_LITERAL_BEGIN;
  return TRUE;
}

static BaseSlice
get_first_line (BaseSlice text)
{
  const guint8 *end = text.size > 0 ? memchr (text.data, '\n', text.size) : NULL;

  return end != NULL ? base_slice_sub (text, 0, (gsize) (end - text.data)) : text;
}

static gboolean
accept_piece (ImapEngine       *engine,
              const ImapPiece  *piece,
              ImapEvent        *event,
              GError          **error)
{
  switch (piece->kind)
    {
    case IMAP_PIECE_NONE:
      return TRUE;
    case IMAP_PIECE_RESPONSE:
      event->text = get_first_line (piece->frame.text);
      event->response = imap_parser_read (engine->parser, &piece->frame);
      return accept_response (engine, event->response, event, error);
    case IMAP_PIECE_LITERAL_BEGIN:
      event->text = get_first_line (piece->frame.text);
      event->response = imap_parser_read (engine->parser, &piece->frame);
      event->literal_size = piece->literal_size;
      return accept_literal (engine, event->response, event, error);
    case IMAP_PIECE_LITERAL_DATA:
      event->kind = IMAP_EVENT_LITERAL_DATA;
      event->data = piece->data;
      return TRUE;
    }
  g_assert_not_reached ();
}

gboolean
imap_engine_take_event (ImapEngine  *engine,
                        BaseSlice   *input,
                        ImapEvent   *event,
                        GError     **error)
{
  ImapPiece piece;

  sweep (engine);
  do
    {
      *event = (ImapEvent) { .kind = IMAP_EVENT_NONE };
      if (!imap_framer_take (engine->framer, input, &piece, error)
          || !accept_piece (engine, &piece, event, error))
        return FALSE;
    }
  while (event->kind == IMAP_EVENT_NONE && piece.kind != IMAP_PIECE_NONE);
  return TRUE;
}

void
imap_engine_begin_tls (ImapEngine *engine)
{
  g_assert (engine->line == IMAP_LINE_NEEDS_TLS);
  engine->line = IMAP_LINE_READY;
  imap_framer_reset (engine->framer);
  imap_capabilities_clear (engine->capabilities);
}
