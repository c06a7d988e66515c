/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/engine.h"

#include <string.h>

typedef struct {
  SmtpTicket       ticket;
  SmtpCommandKind  kind;
  BaseSecret      *line;       /* with CRLF; NULL once it has left */
} Command;

struct _SmtpEngine {
  SmtpFramer *framer;
  GQueue      waiting;         /* Command, not yet sent */
  GQueue      sent;            /* Command, not yet answered */
  SmtpTicket  last_ticket;
  guint       window;
};

static void
command_free (gpointer data)
{
  Command *command = data;

  g_clear_pointer (&command->line, base_secret_unref);
  g_free (command);
}

SmtpEngine *
smtp_engine_new (void)
{
  SmtpEngine *engine = g_new0 (SmtpEngine, 1);
  Command *greeting = g_new0 (Command, 1);

  greeting->ticket = SMTP_GREETING;
  greeting->kind = SMTP_ENDS_GROUP;
  engine->framer = smtp_framer_new ();
  engine->window = 1;
  g_queue_init (&engine->waiting);
  g_queue_init (&engine->sent);
  g_queue_push_tail (&engine->sent, greeting);
  return engine;
}

void
smtp_engine_free (SmtpEngine *engine)
{
  g_queue_clear_full (&engine->waiting, command_free);
  g_queue_clear_full (&engine->sent, command_free);
  smtp_framer_free (engine->framer);
  g_free (engine);
}

void
smtp_engine_set_window (SmtpEngine *engine,
                        guint       commands)
{
  engine->window = commands;
}

static gboolean
is_one_line (const char *text)
{
  for (; *text != '\0'; text++)
    if (g_ascii_iscntrl (*text))
      return FALSE;
  return TRUE;
}

SmtpTicket
smtp_engine_add (SmtpEngine      *engine,
                 SmtpCommandKind  kind,
                 const char      *line)
{
  Command *command = g_new0 (Command, 1);

  g_assert (is_one_line (line));
  command->ticket = ++engine->last_ticket;
  command->kind = kind;
  command->line = base_secret_take (g_strconcat (line, "\r\n", NULL));
  g_queue_push_tail (&engine->waiting, command);
  return command->ticket;
}

static gboolean
may_leave (SmtpEngine *engine)
{
  const Command *last = g_queue_peek_tail (&engine->sent);

  if (engine->waiting.length == 0)
    return FALSE;
  return last == NULL || (last->kind == SMTP_IN_GROUP && engine->sent.length < engine->window);
}

BaseSecret *
smtp_engine_take_line (SmtpEngine *engine,
                       gboolean   *is_secret)
{
  Command *command;

  if (!may_leave (engine))
    return NULL;

  command = g_queue_pop_head (&engine->waiting);
  g_queue_push_tail (&engine->sent, command);
  *is_secret = command->kind == SMTP_SECRET;
  return g_steal_pointer (&command->line);
}

gboolean
smtp_engine_take_reply (SmtpEngine  *engine,
                        BaseSlice   *input,
                        SmtpTicket  *ticket,
                        SmtpReply  **reply,
                        GError     **error)
{
  Command *command;

  if (!smtp_framer_take (engine->framer, input, reply, error))
    return FALSE;
  if (*reply == NULL)
    return TRUE;

  command = g_queue_pop_head (&engine->sent);
  *ticket = command != NULL ? command->ticket : SMTP_UNASKED;
  g_clear_pointer (&command, command_free);
  return TRUE;
}

guint
smtp_engine_count_sent (SmtpEngine *engine)
{
  return engine->sent.length;
}
