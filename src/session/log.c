/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/log.h"

#include "base/log.h"

#include <string.h>

#define SHOWN_MAX  200        /* bytes of a line that are shown */
#define RECENT_MAX 50         /* lines kept for a report */

/* Kept as bytes and made printable when someone looks: a first sync sends a hundred thousand of them. */
typedef struct {
  const char *who;
  gsize       size;           /* of the whole line */
  guint8      bytes[SHOWN_MAX];
} Line;

struct _SessionLog {
  char   *name;               /* "imap#3 mail.example.org" */
  Line    recent[RECENT_MAX];
  guint64 n_lines;            /* said so far; the next one goes to n_lines % RECENT_MAX */
};

SessionLog *
session_log_new (const char *protocol,
                 const char *host)
{
  static int last_number;
  SessionLog *log = g_new0 (SessionLog, 1);

  log->name = g_strdup_printf ("%s#%d %s", protocol, g_atomic_int_add (&last_number, 1) + 1, host);
  return log;
}

void
session_log_free (SessionLog *log)
{
  g_free (log->name);
  g_free (log);
}

/* Controls are printed as their code, so that a line of the log is one line of the protocol. */
static char *
dup_printable (const SessionLog *log,
               const Line       *line)
{
  gssize size = (gssize) MIN (line->size, SHOWN_MAX);
  g_autofree char *valid = g_utf8_make_valid ((const char *) line->bytes, size);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s %s ", log->name, line->who);
  for (const char *p = valid; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      g_string_append_printf (text, "\\x%02x", (guint) (guint8) *p);
    else
      g_string_append_c (text, *p);
  if (line->size > SHOWN_MAX)
    g_string_append_printf (text, "... (%" G_GSIZE_FORMAT " bytes)", line->size);
  return g_string_free (text, FALSE);
}

static void
add_line (SessionLog *log,
          const char *who,
          BaseSlice   text)
{
  Line *line = &log->recent[log->n_lines++ % RECENT_MAX];
  g_autofree char *printable = NULL;

  line->who = who;
  line->size = text.size;
  if (text.size > 0)
    memcpy (line->bytes, text.data, MIN (text.size, SHOWN_MAX));
  if (!base_log_is_enabled ("session"))
    return;
  printable = dup_printable (log, line);
  g_debug ("%s", printable);
}

static const char *
name_side (SessionLogSide side)
{
  switch (side)
    {
    case SESSION_LOG_CLIENT: return "C:";
    case SESSION_LOG_SERVER: return "S:";
    }
  g_assert_not_reached ();
}

void
session_log_line (SessionLog     *log,
                  SessionLogSide  side,
                  BaseSlice       line)
{
  while (line.size > 0 && (line.data[line.size - 1] == '\n' || line.data[line.size - 1] == '\r'))
    line.size--;
  add_line (log, name_side (side), line);
}

void
session_log_secret (SessionLog     *log,
                    SessionLogSide  side,
                    const char     *head)
{
  g_autofree char *text = g_strconcat (head, head[0] != '\0' ? " ***" : "***", NULL);

  add_line (log, name_side (side), base_slice_from_string (text));
}

void
session_log_data (SessionLog     *log,
                  SessionLogSide  side,
                  guint64         size)
{
  g_autofree char *text = g_strdup_printf ("(%" G_GUINT64_FORMAT " bytes)", size);

  add_line (log, name_side (side), base_slice_from_string (text));
}

void
session_log_note (SessionLog *log,
                  const char *format,
                  ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  add_line (log, "--", base_slice_from_string (text));
}

char *
session_log_dup_recent (SessionLog *log)
{
  GString *text = g_string_new (NULL);

  for (guint64 i = log->n_lines - MIN (log->n_lines, RECENT_MAX); i < log->n_lines; i++)
    {
      g_autofree char *line = dup_printable (log, &log->recent[i % RECENT_MAX]);

      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}
