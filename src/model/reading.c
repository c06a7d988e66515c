/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/reading.h"

#include "html/text.h"
#include "mime/header.h"
#include "store/contents.h"

#include <string.h>

struct _ModelReading {
  GObject            parent_instance;

  ModelReadingFacts  facts;
  GBytes            *bytes;            /* this and the next: NULL unless the message is here */
  MimeTree          *tree;
};

G_DEFINE_FINAL_TYPE (ModelReading, model_reading, G_TYPE_OBJECT)

static void
field_free (gpointer data)
{
  ModelField *field = data;

  g_free (field->name);
  g_free (field->value);
  g_free (field);
}

static void
attachment_free (gpointer data)
{
  ModelAttachment *attachment = data;

  g_free (attachment->name);
  g_free (attachment->type);
  g_free (attachment);
}

static void
link_free (gpointer data)
{
  HtmlLink *link = data;

  g_free (link->text);
  g_free (link->target);
  g_free (link);
}

static void
place_free (gpointer data)
{
  ModelReadingPlace *place = data;

  g_free (place->folder);
  g_free (place);
}

/* --- plain text --- */

static void
add_lines (ModelReading *self,
           const char   *text,
           MimeFlow      flow)
{
  g_autoptr(GArray) lines = mime_text_split (text, flow);

  for (guint i = 0; i < lines->len; i++)
    {
      MimeLine *line = &g_array_index (lines, MimeLine, i);
      MimeLine kept = *line;

      line->text = NULL;
      g_array_append_val (self->facts.lines, kept);
    }
}

static void
add_text_part (ModelReading *self,
               guint         index,
               gsize         limit)
{
  const MimePart *part = mime_tree_get_part (self->tree, index);
  g_autofree char *text = NULL;
  g_autofree char *plain = NULL;

  if ((part->flags & MIME_PART_IS_TEXT) == 0)
    return;
  text = mime_tree_dup_text (self->tree, index, limit);
  if (!mime_part_is_type (part, "text", "html"))
    {
      add_lines (self, text, mime_part_get_flow (part));
      return;
    }
  plain = html_to_text (base_slice_from_string (text), HTML_LINKS_SHOWN);
  add_lines (self, plain, MIME_FLOW_FIXED);
}

static void
read_text (ModelReading *self)
{
  g_autoptr(GArray) body = mime_tree_list_body (self->tree, MIME_PREFER_PLAIN);
  gsize left = MODEL_READING_TEXT_MAX;

  for (guint i = 0; i < body->len; i++)
    {
      guint index = g_array_index (body, guint, i);
      gsize size = mime_tree_get_part (self->tree, index)->decoded_size;

      if (size > left)
        self->facts.is_cut = TRUE;
      add_text_part (self, index, left);
      left -= MIN (left, size);
      if (left == 0)
        break;
    }
}

/* --- HTML --- */

static void
note_deceptive (ModelReading *self,
                GPtrArray    *links)
{
  for (guint i = 0; i < links->len; i++)
    {
      const HtmlLink *link = links->pdata[i];
      HtmlLink *kept;

      if (!html_link_is_deceptive (link))
        continue;
      kept = g_new (HtmlLink, 1);
      kept->text = mime_text_make_harmless (link->text, 200);
      kept->target = g_strdup (link->target);
      g_ptr_array_add (self->facts.deceptive, kept);
    }
}

static char *
dup_as_html (ModelReading *self,
             guint         index,
             guint        *n_remote)
{
  static const HtmlPolicy policy = { HTML_REMOTE_DROP };
  const MimePart *part = mime_tree_get_part (self->tree, index);
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;
  g_autoptr(HtmlSafe) safe = NULL;

  if ((part->flags & MIME_PART_IS_TEXT) == 0 && part->content_id != NULL)
    {
      escaped = g_uri_escape_string (part->content_id, "@", FALSE);
      return g_strdup_printf ("<p><img src=\"cid:%s\"></p>", escaped);
    }
  if ((part->flags & MIME_PART_IS_TEXT) == 0)
    return g_strdup ("");
  text = mime_tree_dup_text (self->tree, index, HTML_SIZE_MAX);
  if (!mime_part_is_type (part, "text", "html"))
    {
      escaped = g_markup_escape_text (text, -1);
      return g_strdup_printf ("<div style=\"white-space:pre-wrap\">%s</div>", escaped);
    }
  safe = html_sanitize (base_slice_from_string (text), &policy);
  self->facts.is_cut = self->facts.is_cut || safe->is_cut;
  *n_remote += safe->n_remote_images;
  note_deceptive (self, safe->links);
  return g_steal_pointer (&safe->document);
}

static gboolean
has_html (ModelReading *self,
          GArray       *body)
{
  for (guint i = 0; i < body->len; i++)
    if (mime_part_is_type (mime_tree_get_part (self->tree, g_array_index (body, guint, i)), "text", "html"))
      return TRUE;
  return FALSE;
}

/* Mail that says colours was made for white paper; on a dark sheet half of it would be unreadable. */
static gboolean
says_colors (const char *document)
{
  return strstr (document, "color:") != NULL || strstr (document, "color=") != NULL
         || strstr (document, "background") != NULL;
}

/* Each part is made safe by itself, so that an open tag or comment in one swallows nothing of the next;
 * together they are made safe once more, which makes one document of them. */
static void
read_html (ModelReading *self)
{
  static const HtmlPolicy policy = { HTML_REMOTE_DROP };
  g_autoptr(GArray) body = mime_tree_list_body (self->tree, MIME_PREFER_HTML);
  g_autoptr(GString) all = g_string_new (NULL);
  g_autoptr(HtmlSafe) safe = NULL;

  if (!has_html (self, body))
    return;
  for (guint i = 0; i < body->len && all->len < HTML_SIZE_MAX; i++)
    {
      g_autofree char *one = dup_as_html (self, g_array_index (body, guint, i),
                                          &self->facts.n_remote_pictures);

      g_string_append (all, one);
    }
  if (body->len == 1)
    self->facts.html = g_string_free (g_steal_pointer (&all), FALSE);
  else
    {
      safe = html_sanitize (base_slice_from_string (all->str), &policy);
      self->facts.is_cut = self->facts.is_cut || safe->is_cut;
      self->facts.html = g_steal_pointer (&safe->document);
    }
  self->facts.has_own_colors = says_colors (self->facts.html);
}

/* --- the rest of the message --- */

static void
read_fields (ModelReading *self)
{
  g_autoptr(MimeHeader) header = mime_header_new (base_slice_from_bytes (self->bytes));

  for (guint i = 0; i < MIN (header->fields->len, MODEL_READING_FIELDS_MAX); i++)
    {
      const MimeField *found = &g_array_index (header->fields, MimeField, i);
      g_autofree char *name = g_strndup ((const char *) found->name.data, found->name.size);
      ModelField *field = g_new (ModelField, 1);

      field->name = mime_text_make_harmless (name, 100);
      field->value = mime_header_dup_text (found->value);
      g_ptr_array_add (self->facts.fields, field);
    }
}

static void
read_attachments (ModelReading *self)
{
  g_autoptr(GArray) parts = mime_tree_list_attachments (self->tree);

  for (guint i = 0; i < parts->len; i++)
    {
      guint index = g_array_index (parts, guint, i);
      const MimePart *part = mime_tree_get_part (self->tree, index);
      ModelAttachment *attachment = g_new (ModelAttachment, 1);

      attachment->part = index;
      attachment->name = part->filename != NULL ? g_strdup (part->filename)
                                                : mime_filename_for_type (part->type, part->subtype);
      attachment->type = g_strconcat (part->type, "/", part->subtype, NULL);
      attachment->size = (gint64) part->decoded_size;
      attachment->danger = mime_filename_get_danger (attachment->name);
      g_ptr_array_add (self->facts.attachments, attachment);
    }
}

static void
take_bytes (ModelReading *self,
            GBytes       *bytes)
{
  self->bytes = bytes;
  self->tree = mime_tree_new (bytes);
  self->facts.state = MODEL_READING_WHOLE;
  read_fields (self);
  read_text (self);
  read_html (self);
  read_attachments (self);
}

/* --- what the store knows --- */

static gboolean
read_places (ModelReading  *self,
             Store         *store,
             GError       **error)
{
  g_autoptr(GPtrArray) locations = store_locations_list_message (store, self->facts.message_id, error);

  for (guint i = 0; locations != NULL && i < locations->len; i++)
    {
      const StoreLocation *location = locations->pdata[i];
      g_autoptr(StoreFolder) folder = store_folders_get (store, location->folder_id, error);
      ModelReadingPlace *place;

      if (folder == NULL)
        return FALSE;
      place = g_new0 (ModelReadingPlace, 1);
      place->folder = g_strdup (folder->name);
      place->role = folder->role;
      place->is_on_server = store_location_has_server (location);
      place->is_pinned = location->is_pinned;
      place->stored_at = location->stored_at;
      place->verified_at = location->verified_at;
      place->removed_at = location->removed_at;
      place->removed_by = location->removed_by;
      place->remove_after = location->remove_after;
      g_ptr_array_add (self->facts.places, place);
    }
  return locations != NULL;
}

static void
take_message (ModelReading *self,
              StoreMessage *message)
{
  self->facts.subject = g_strdup (message->subject);
  self->facts.date = message->date;
  self->facts.arrived_at = message->arrived_at;
  self->facts.size = message->size;
  self->facts.facts = message->facts;
}

static gpointer
ask_reading (Store     *store,
             gpointer   data,
             GError   **error)
{
  g_autoptr(ModelReading) self = g_object_new (MODEL_TYPE_READING, NULL);
  g_autoptr(StoreMessage) message = NULL;
  g_autoptr(StoreRaw) raw = NULL;
  g_autoptr(GError) problem = NULL;
  GBytes *bytes;

  self->facts.message_id = *(gint64 *) data;
  if ((message = store_messages_get (store, self->facts.message_id, error)) == NULL)
    return NULL;
  take_message (self, message);
  g_clear_pointer (&self->facts.addresses, g_ptr_array_unref);
  if ((self->facts.addresses = store_messages_list_addresses (store, message->id, error)) == NULL)
    return NULL;
  if (!read_places (self, store, error))
    return NULL;
  if (message->content_id == 0)
    return g_steal_pointer (&self);

  raw = store_raw_new (store_get_dir (store));
  if ((bytes = store_contents_read (store, raw, message->id, &problem)) != NULL)
    take_bytes (self, bytes);
  else
    {
      self->facts.state = MODEL_READING_DAMAGED;
      self->facts.problem = g_strdup (problem->message);
    }
  return g_steal_pointer (&self);
}

void
model_reading_load_async (ModelStore          *store,
                          gint64               message_id,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  model_store_ask (store, MODEL_SOON, ask_reading, g_memdup2 (&message_id, sizeof message_id), g_free,
                   g_object_unref, cancellable, callback, user_data);
}

ModelReading *
model_reading_load_finish (ModelStore    *store,
                           GAsyncResult  *result,
                           GError       **error)
{
  return model_store_ask_finish (store, result, error);
}

static guint
facts_from_summary (const MimeSummary *summary)
{
  return (summary->flags & MIME_SUMMARY_MANY_FROM) != 0 ? STORE_FACT_MANY_FROM : 0;
}

ModelReading *
model_reading_new_from_bytes (GBytes *message)
{
  ModelReading *self = g_object_new (MODEL_TYPE_READING, NULL);
  g_autoptr(MimeSummary) summary = mime_summary_new (base_slice_from_bytes (message));

  self->facts.subject = g_strdup (summary->subject);
  g_ptr_array_unref (self->facts.addresses);
  self->facts.addresses = g_ptr_array_ref (summary->addresses);
  self->facts.date = summary->date;
  self->facts.arrived_at = summary->received != MIME_DATE_NONE ? summary->received : 0;
  self->facts.size = (gint64) g_bytes_get_size (message);
  self->facts.facts = facts_from_summary (summary);
  take_bytes (self, g_bytes_ref (message));
  return self;
}

/* --- looking at it --- */

const ModelReadingFacts *
model_reading_peek (ModelReading *self)
{
  return &self->facts;
}

const MimeAddress *
model_reading_peek_address (ModelReading *self,
                            MimeRole      role)
{
  for (guint i = 0; i < self->facts.addresses->len; i++)
    {
      const MimeAddress *address = self->facts.addresses->pdata[i];

      if (address->role == role)
        return address;
    }
  return NULL;
}

const char *
model_reading_peek_claim (ModelReading *self,
                          const char   *target)
{
  g_autofree char *host = html_link_dup_host (target);

  for (guint i = 0; host != NULL && i < self->facts.deceptive->len; i++)
    {
      const HtmlLink *link = self->facts.deceptive->pdata[i];
      g_autofree char *other = html_link_dup_host (link->target);

      if (g_strcmp0 (host, other) == 0)
        return link->text;
    }
  return NULL;
}

GBytes *
model_reading_peek_bytes (ModelReading *self)
{
  return self->bytes;
}

const MimeTree *
model_reading_peek_tree (ModelReading *self)
{
  return self->tree;
}

/* What the part says it is, else what its bytes are: mailers send pictures as application/octet-stream
 * too. */
static char *
dup_picture_type (const MimePart *part,
                  GBytes         *bytes)
{
  g_autofree char *content_type = NULL;
  g_autofree char *type = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  if (g_str_equal (part->type, "image"))
    return g_strconcat (part->type, "/", part->subtype, NULL);
  content_type = g_content_type_guess (part->filename, data, size, NULL);
  type = g_content_type_get_mime_type (content_type);
  return type != NULL && g_str_has_prefix (type, "image/") ? g_steal_pointer (&type) : NULL;
}

GBytes *
model_reading_dup_picture (ModelReading  *self,
                           const char    *content_id,
                           char         **type)
{
  gint index = self->tree != NULL ? mime_tree_find_content_id (self->tree, content_id) : -1;
  const MimePart *part = index >= 0 ? mime_tree_get_part (self->tree, (guint) index) : NULL;
  g_autoptr(GBytes) bytes = NULL;

  if (part == NULL || (part->flags & MIME_PART_IN_MESSAGE) != 0)
    return NULL;
  if ((bytes = mime_tree_dup_part (self->tree, (guint) index, MODEL_READING_PICTURE_MAX, NULL)) == NULL)
    return NULL;
  if ((*type = dup_picture_type (part, bytes)) == NULL)
    return NULL;
  return g_steal_pointer (&bytes);
}

/* --- life --- */

static void
clear_line (gpointer data)
{
  g_clear_pointer (&((MimeLine *) data)->text, g_free);
}

static void
model_reading_finalize (GObject *object)
{
  ModelReading *self = MODEL_READING (object);

  g_free (self->facts.problem);
  g_free (self->facts.subject);
  g_free (self->facts.html);
  g_clear_pointer (&self->facts.addresses, g_ptr_array_unref);
  g_ptr_array_unref (self->facts.places);
  g_ptr_array_unref (self->facts.deceptive);
  g_ptr_array_unref (self->facts.fields);
  g_ptr_array_unref (self->facts.attachments);
  g_array_unref (self->facts.lines);
  g_clear_pointer (&self->tree, mime_tree_free);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  G_OBJECT_CLASS (model_reading_parent_class)->finalize (object);
}

static void
model_reading_class_init (ModelReadingClass *class)
{
  G_OBJECT_CLASS (class)->finalize = model_reading_finalize;
}

static void
model_reading_init (ModelReading *self)
{
  self->facts.state = MODEL_READING_HEAD;
  self->facts.date = MIME_DATE_NONE;
  self->facts.addresses = mime_addresses_new ();
  self->facts.places = g_ptr_array_new_with_free_func (place_free);
  self->facts.deceptive = g_ptr_array_new_with_free_func (link_free);
  self->facts.fields = g_ptr_array_new_with_free_func (field_free);
  self->facts.attachments = g_ptr_array_new_with_free_func (attachment_free);
  self->facts.lines = g_array_new (FALSE, FALSE, sizeof (MimeLine));
  g_array_set_clear_func (self->facts.lines, clear_line);
}
