/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The icon and the notices alone, for tests/tray/test_desktop.py: prints every wish on a line of its own.
 * A line "notice ID SENDER" on standard input sends a notice, "read ID" withdraws it; the end of input ends
 * it. */
#include "tray/icon.h"
#include "tray/notices.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <unistd.h>

static TrayIcon    *icon;
static TrayNotices *notices;
static GMainLoop   *loop;

static void
print_wish (TrayWish    wish,
            gint64      location_id,
            const char *token,
            gpointer    data)
{
  static const char * const names[] = {
    [TRAY_OPEN] = "open", [TRAY_COMPOSE] = "compose", [TRAY_CHECK] = "check", [TRAY_QUIT] = "quit",
    [TRAY_OPEN_MESSAGE] = "open-message", [TRAY_MARK_READ] = "mark-read", [TRAY_ARCHIVE] = "archive",
  };

  printf ("%s %" G_GINT64_FORMAT "\n", names[wish], location_id);
  fflush (stdout);
}

static void
send_notice (gint64      id,
             const char *sender)
{
  TrayMail mail = { .location_id = id, .account_id = 1, .account = "Work", .sender = (char *) sender,
                    .subject = "Lunch <b>tomorrow</b>?", .preview = "At noon & not later" };
  g_autoptr(GPtrArray) mails = g_ptr_array_new ();
  TrayNotice notice = { 1, mails };

  g_ptr_array_add (mails, &mail);
  tray_notices_send (notices, &notice, TRAY_TELL_ALL);
}

static void
obey (const char *line)
{
  g_auto(GStrv) words = g_strsplit (line, " ", 3);

  if (g_strcmp0 (words[0], "notice") == 0)
    send_notice (g_ascii_strtoll (words[1], NULL, 10), words[2]);
  else if (g_strcmp0 (words[0], "read") == 0)
    tray_notices_withdraw (notices, g_ascii_strtoll (words[1], NULL, 10));
}

static void
read_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  GDataInputStream *input = G_DATA_INPUT_STREAM (object);
  g_autofree char *line = g_data_input_stream_read_line_finish (input, result, NULL, NULL);

  if (line == NULL)
    {
      g_main_loop_quit (loop);
      return;
    }
  obey (line);
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, read_cb, NULL);
}

int
main (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_autoptr(GInputStream) descriptor = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr(GDataInputStream) input = g_data_input_stream_new (descriptor);

  if (bus == NULL)
    g_error ("%s", error->message);
  loop = g_main_loop_new (NULL, FALSE);
  icon = tray_icon_new (bus, "org.penfold.Penfold", print_wish, NULL);
  notices = tray_notices_new (bus, "org.penfold.Penfold", print_wish, NULL);
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, read_cb, NULL);
  g_main_loop_run (loop);
  tray_notices_free (notices);
  tray_icon_free (icon);
  g_main_loop_unref (loop);
  return 0;
}
