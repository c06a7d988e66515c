/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pop3/engine.h"

#include "pop3/framer.h"

#include <string.h>

typedef struct {
  Pop3Ticket    ticket;
  Pop3ReplyForm form;
  BaseSecret   *line;          /* with CRLF; NULL once it has left */
  gsize         size;
  gboolean      is_secret;
  gboolean      is_abandoned;
} Command;

struct _Pop3Engine {
  Pop3Framer *framer;
  GQueue      waiting;         /* Command, not yet sent */
  GQueue      sent;            /* Command; the head is the one being answered */
  gsize       sent_bytes;
  BaseSecret *answer;          /* to a challenge, not yet sent */
  gboolean    in_list;         /* the head's +OK came, its rows or body are coming */
  Pop3Ticket  last_ticket;
  guint       window_commands;
  gsize       window_bytes;
};

static void
command_free (gpointer data)
{
  Command *command = data;

  g_clear_pointer (&command->line, base_secret_unref);
  g_free (command);
}

Pop3Engine *
pop3_engine_new (void)
{
  Pop3Engine *engine = g_new0 (Pop3Engine, 1);
  Command *greeting = g_new0 (Command, 1);

  engine->framer = pop3_framer_new ();
  engine->window_commands = 1;
  g_queue_init (&engine->waiting);
  g_queue_init (&engine->sent);
  g_queue_push_tail (&engine->sent, greeting);
  return engine;
}

void
pop3_engine_free (Pop3Engine *engine)
{
  g_queue_clear_full (&engine->waiting, command_free);
  g_queue_clear_full (&engine->sent, command_free);
  g_clear_pointer (&engine->answer, base_secret_unref);
  pop3_framer_free (engine->framer);
  g_free (engine);
}

void
pop3_engine_set_window (Pop3Engine *engine,
                        guint       commands,
                        gsize       bytes)
{
  engine->window_commands = commands;
  engine->window_bytes = bytes;
}

static BaseSecret *
close_line (const char *text)
{
  return base_secret_take (g_strconcat (text, "\r\n", NULL));
}

static Pop3Ticket
add_command (Pop3Engine    *engine,
             Pop3ReplyForm  form,
             const char    *line,
             gboolean       is_secret)
{
  Command *command = g_new0 (Command, 1);

  g_assert (pop3_is_argument (line));
  command->ticket = ++engine->last_ticket;
  command->form = form;
  command->line = close_line (line);
  command->size = strlen (line) + 2;
  command->is_secret = is_secret;
  g_queue_push_tail (&engine->waiting, command);
  return command->ticket;
}

Pop3Ticket
pop3_engine_add (Pop3Engine    *engine,
                 Pop3ReplyForm  form,
                 const char    *line)
{
  return add_command (engine, form, line, FALSE);
}

Pop3Ticket
pop3_engine_add_secret (Pop3Engine    *engine,
                        Pop3ReplyForm  form,
                        const char    *line)
{
  return add_command (engine, form, line, TRUE);
}

void
pop3_engine_answer (Pop3Engine       *engine,
                    const BaseSecret *answer)
{
  g_assert (pop3_is_argument (base_secret_peek (answer)));
  g_clear_pointer (&engine->answer, base_secret_unref);
  engine->answer = close_line (base_secret_peek (answer));
}

static GList *
find_command (GQueue     *queue,
              Pop3Ticket  ticket)
{
  for (GList *link = queue->head; link != NULL; link = link->next)
    if (((Command *) link->data)->ticket == ticket)
      return link;
  return NULL;
}

void
pop3_engine_abandon (Pop3Engine *engine,
                     Pop3Ticket  ticket)
{
  GList *link = find_command (&engine->waiting, ticket);

  if (link != NULL)
    {
      command_free (link->data);
      g_queue_delete_link (&engine->waiting, link);
    }
  else if ((link = find_command (&engine->sent, ticket)) != NULL)
    ((Command *) link->data)->is_abandoned = TRUE;
}

static gboolean
fits_window (Pop3Engine *engine,
             Command    *command)
{
  if (engine->sent.length == 0)
    return TRUE;
  return engine->sent.length < engine->window_commands
         && engine->sent_bytes + command->size <= engine->window_bytes;
}

BaseSecret *
pop3_engine_take_line (Pop3Engine *engine,
                       gboolean   *is_secret)
{
  Command *command = g_queue_peek_head (&engine->waiting);

  if (engine->answer != NULL)
    {
      *is_secret = TRUE;
      return g_steal_pointer (&engine->answer);
    }
  if (command == NULL || !fits_window (engine, command))
    return NULL;

  g_queue_push_tail (&engine->sent, g_queue_pop_head (&engine->waiting));
  engine->sent_bytes += command->size;
  *is_secret = command->is_secret;
  return g_steal_pointer (&command->line);
}

static void
drop_head (Pop3Engine *engine)
{
  Command *command = g_queue_pop_head (&engine->sent);

  engine->sent_bytes -= command->size;
  engine->in_list = FALSE;
  pop3_framer_expect (engine->framer, POP3_EXPECT_STATUS);
  command_free (command);
}

static Pop3EventKind
fail (GError    **error,
      BaseSlice   words,
      const char *message)
{
  pop3_error_set (error, POP3_ERROR_PROTOCOL, words, "%s", message);
  return POP3_EVENT_FAILED;
}

static gboolean
is_challenge (BaseSlice line)
{
  return line.size > 0 && line.data[0] == '+' && (line.size == 1 || line.data[1] == ' ');
}

static Pop3EventKind
read_status (Pop3Engine  *engine,
             Pop3Event   *event,
             GError     **error)
{
  Command *command = g_queue_peek_head (&engine->sent);

  if (command->form == POP3_REPLY_SASL && is_challenge (event->piece))
    {
      event->piece = base_slice_trim (base_slice_sub (event->piece, 1, event->piece.size));
      return POP3_EVENT_CHALLENGE;
    }
  if (!pop3_parse_status (event->piece, &event->status))
    return fail (error, event->piece, "the server does not speak POP3");

  event->is_last = TRUE;
  if (event->status.is_ok && command->form == POP3_REPLY_ROWS)
    {
      pop3_framer_expect (engine->framer, POP3_EXPECT_ROWS);
      event->is_last = FALSE;
    }
  if (event->status.is_ok && command->form == POP3_REPLY_BODY)
    {
      pop3_framer_expect (engine->framer, POP3_EXPECT_BODY);
      event->is_last = FALSE;
    }
  engine->in_list = !event->is_last;
  return POP3_EVENT_STATUS;
}

static Pop3EventKind
read_frame (Pop3Engine  *engine,
            BaseSlice   *input,
            Pop3Event   *event,
            GError     **error)
{
  switch (pop3_framer_take (engine->framer, input, &event->piece, error))
    {
    case POP3_FRAME_FAILED:  return POP3_EVENT_FAILED;
    case POP3_FRAME_MORE:    return POP3_EVENT_MORE;
    case POP3_FRAME_DATA:    return POP3_EVENT_DATA;
    case POP3_FRAME_END:     event->is_last = TRUE; return POP3_EVENT_END;
    case POP3_FRAME_LINE:    return engine->in_list ? POP3_EVENT_ROW : read_status (engine, event, error);
    }
  g_assert_not_reached ();
}

Pop3EventKind
pop3_engine_take_event (Pop3Engine  *engine,
                        BaseSlice   *input,
                        Pop3Event   *event,
                        GError     **error)
{
  while (input->size > 0)
    {
      Command *command = g_queue_peek_head (&engine->sent);
      gboolean is_abandoned;

      if (command == NULL)
        return fail (error, *input, "the server spoke without being asked");

      *event = (Pop3Event) { .ticket = command->ticket };
      event->kind = read_frame (engine, input, event, error);
      if (event->kind == POP3_EVENT_MORE || event->kind == POP3_EVENT_FAILED)
        return event->kind;

      is_abandoned = command->is_abandoned;
      if (event->is_last)
        drop_head (engine);
      if (!is_abandoned)
        return event->kind;
    }
  return event->kind = POP3_EVENT_MORE;
}

guint
pop3_engine_count_sent (Pop3Engine *engine)
{
  return engine->sent.length;
}
