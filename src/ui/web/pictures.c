/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/web/pictures.h"

#include <string.h>

typedef struct {
  GObject      *source;
  UiWebPicture  dup_picture;
  char         *content_id;
  char         *type;
} Wanted;

static void
wanted_free (gpointer data)
{
  Wanted *wanted = data;

  g_object_unref (wanted->source);
  g_free (wanted->content_id);
  g_free (wanted->type);
  g_free (wanted);
}

static void
find_thread (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  Wanted *wanted = data;
  GBytes *bytes = wanted->dup_picture (wanted->source, wanted->content_id, &wanted->type);

  if (bytes != NULL && wanted->type != NULL && g_str_has_prefix (wanted->type, "image/"))
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    {
      g_clear_pointer (&bytes, g_bytes_unref);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "The message has no such picture");
    }
}

static void
found_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  WebKitURISchemeRequest *request = WEBKIT_URI_SCHEME_REQUEST (object);
  Wanted *wanted = g_task_get_task_data (G_TASK (result));
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr(GInputStream) stream = NULL;

  if (bytes == NULL)
    {
      webkit_uri_scheme_request_finish_error (request, error);
      return;
    }
  stream = g_memory_input_stream_new_from_bytes (bytes);
  webkit_uri_scheme_request_finish (request, stream, (gint64) g_bytes_get_size (bytes), wanted->type);
}

static void
refuse (WebKitURISchemeRequest *request)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                                 "There is no such picture");

  webkit_uri_scheme_request_finish_error (request, error);
}

static void
on_request (WebKitURISchemeRequest *request,
            gpointer                data)
{
  UiWebFindSource find_source = data;
  const char *uri = webkit_uri_scheme_request_get_uri (request);
  g_autofree char *content_id = g_uri_unescape_string (uri + strlen ("cid:"), NULL);
  g_autoptr(GTask) task = NULL;
  UiWebPicture dup_picture;
  GObject *source;
  Wanted *wanted;

  if (content_id == NULL
      || !find_source (webkit_uri_scheme_request_get_web_view (request), &source, &dup_picture))
    {
      refuse (request);
      return;
    }
  wanted = g_new0 (Wanted, 1);
  wanted->source = g_object_ref (source);
  wanted->dup_picture = dup_picture;
  wanted->content_id = g_steal_pointer (&content_id);
  task = g_task_new (request, NULL, found_cb, NULL);
  g_task_set_task_data (task, wanted, wanted_free);
  g_task_run_in_thread (task, find_thread);
}

void
ui_web_pictures_serve (WebKitWebContext *context,
                       UiWebFindSource   find_source)
{
  webkit_web_context_register_uri_scheme (context, "cid", on_request, find_source, NULL);
}
