/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/scan.h"

#include "mime/part.h"

#include <string.h>

#define BOUNDARY_LINE_MAX 1000
#define GUESS_LINES       10               /* lines of a multipart without boundary that are looked at for
                                            * one */

/* A multipart that boundaries are looked for. */
typedef struct {
  guint  part;
  char  *boundary;
  gsize  size;
} Frame;

typedef struct {
  BaseSlice     message;
  GArray       *parts;
  GArray       *frames;        /* of Frame, outermost first */
  GArray       *n_children;    /* of guint, for each part */
  GStringChunk *chunk;
  gint          last;          /* the innermost part that is open */
  gboolean      is_full;
} Scan;

typedef struct {
  gsize    start;              /* of the boundary line */
  gsize    end;
  guint    frame;
  gboolean closes;
} Hit;

static MimePart *
get_part (Scan *scan,
          gint  index)
{
  return &g_array_index (scan->parts, MimePart, index);
}

static void
clear_frame (gpointer frame)
{
  g_free (((Frame *) frame)->boundary);
}

static gsize
find_line_end (BaseSlice bytes,
               gsize     at)
{
  const guint8 *end = memchr (bytes.data + at, '\n', bytes.size - at);

  return end != NULL ? (gsize) (end - bytes.data) + 1 : bytes.size;
}

/* Whether the line that begins with "--" at start is a boundary that somebody waits for: innermost first. */
static gboolean
match_boundary (Scan  *scan,
                gsize  start,
                Hit   *hit)
{
  BaseSlice head = base_slice_sub (scan->message, 0, MIN (scan->message.size, start + BOUNDARY_LINE_MAX));
  gsize end = find_line_end (head, start);
  BaseSlice line = base_slice_sub (head, start + 2, end - start - 2);

  if (end == head.size && head.size < scan->message.size && head.data[end - 1] != '\n')
    return FALSE;
  while (line.size > 0 && g_ascii_isspace (line.data[line.size - 1]))
    line.size--;
  for (guint i = scan->frames->len; i-- > 0;)
    {
      Frame *frame = &g_array_index (scan->frames, Frame, i);

      if (line.size < frame->size || line.size > frame->size + 2
          || memcmp (line.data, frame->boundary, frame->size) != 0)
        continue;
      if (line.size > frame->size && memcmp (line.data + frame->size, "--", line.size - frame->size) != 0)
        continue;
      if (line.size == frame->size + 1)
        continue;
      *hit = (Hit) { start, end, i, line.size > frame->size };
      return TRUE;
    }
  return FALSE;
}

static gboolean
is_dashes (Scan  *scan,
           gsize  at)
{
  return at + 2 <= scan->message.size && scan->message.data[at] == '-' && scan->message.data[at + 1] == '-';
}

/* The next boundary line at or after from, which is where a line begins. */
static gboolean
find_boundary (Scan  *scan,
               gsize  from,
               Hit   *hit)
{
  if (scan->frames->len == 0)
    return FALSE;
  for (; from < scan->message.size; from = find_line_end (scan->message, from))
    if (is_dashes (scan, from) && match_boundary (scan, from, hit))
      return TRUE;
  return FALSE;
}

/* The header of a part ends with a blank line, or where a boundary cuts it off. */
static BaseSlice
cut_header (Scan  *scan,
            gsize  from,
            gint   parent)
{
  /* Only the message's own header may be longer than what is read of it: inner ones would be searched again
   * and again. */
  BaseSlice bytes = parent < 0
                    ? scan->message : base_slice_sub (scan->message, 0, from + MIME_HEADER_SIZE_MAX);
  gsize at = from;
  Hit hit;

  while (at < bytes.size)
    {
      gsize end = find_line_end (bytes, at);
      BaseSlice line = base_slice_sub (bytes, at, end - at);

      if (is_dashes (scan, at) && match_boundary (scan, at, &hit))
        break;
      at = end;
      if (line.data[0] == '\n' || (line.size == 2 && line.data[0] == '\r'))
        break;
    }
  return base_slice_sub (scan->message, from, at - from);
}

/* IMAP's numbers (RFC 9051 6.4.5); a multipart that has none is "TEXT" of its message. */
static char *
make_section (Scan     *scan,
              gint      parent,
              gboolean  is_multipart)
{
  g_autofree char *prefix = NULL;
  guint number;

  if (parent < 0)
    return g_strdup (is_multipart ? "TEXT" : "1");
  number = ++g_array_index (scan->n_children, guint, parent);
  prefix = g_strdup (get_part (scan, parent)->section);
  if ((get_part (scan, parent)->flags & MIME_PART_IS_MESSAGE) != 0)
    return is_multipart ? g_strdup_printf ("%s.TEXT", prefix) : g_strdup_printf ("%s.1", prefix);
  if (strcmp (prefix, "TEXT") == 0)
    return g_strdup_printf ("%u", number);
  if (g_str_has_suffix (prefix, ".TEXT"))
    prefix[strlen (prefix) - strlen (".TEXT")] = '\0';
  return g_strdup_printf ("%s.%u", prefix, number);
}

/* Some mailers forget the parameter; the first line that looks like a boundary then is one. */
static char *
guess_boundary (Scan  *scan,
                gsize  at)
{
  for (guint i = 0; i < GUESS_LINES && at < scan->message.size; i++)
    {
      gsize end = find_line_end (scan->message, at);
      BaseSlice line = base_slice_trim (base_slice_sub (scan->message, at, end - at));
      Hit outer;

      if (is_dashes (scan, at) && match_boundary (scan, at, &outer))
        return NULL;
      if (line.size > 6 && line.size <= 72 && is_dashes (scan, at))
        return base_slice_dup_string (base_slice_sub (line, 2, line.size));
      at = end;
    }
  return NULL;
}

static void
open_multipart (Scan       *scan,
                gsize       body_offset,
                const char *boundary)
{
  Frame frame = { .part = (guint) scan->last };

  if (boundary != NULL && *boundary != '\0')
    frame.boundary = g_strdup (boundary);
  else if ((frame.boundary = guess_boundary (scan, body_offset)) == NULL)
    return;
  frame.size = strlen (frame.boundary);
  g_array_append_val (scan->frames, frame);
}

static guint
get_message_flag (Scan *scan,
                  gint  parent)
{
  if (parent < 0 || (get_part (scan, parent)->flags & (MIME_PART_IS_MESSAGE | MIME_PART_IN_MESSAGE)) == 0)
    return 0;
  return MIME_PART_IN_MESSAGE;
}

static void
append_part (Scan     *scan,
             MimePart *part)
{
  guint no_children = 0;

  g_array_append_vals (scan->parts, part, 1);
  g_array_append_val (scan->n_children, no_children);
  scan->last = (gint) scan->parts->len - 1;
}

/* What is left of the message, as one attachment. */
static void
begin_rest (Scan  *scan,
            gsize  from,
            gint   parent)
{
  MimePart part = { .type = "application", .subtype = "octet-stream", .parent = parent, .header_offset = from,
                    .body_offset = from, .depth = get_part (scan, parent)->depth + 1,
                    .flags = get_message_flag (scan, parent) };

  mime_part_make_raw (&part);
  part.section = make_section (scan, parent, FALSE);
  append_part (scan, &part);
  scan->is_full = TRUE;
}

/* Reads one header; where the body is.  The new part is scan->last. */
static gsize
begin_part (Scan *scan,
            gsize from,
            gint  parent)
{
  BaseSlice head = cut_header (scan, from, parent);
  g_autoptr(MimeHeader) header = mime_header_new (head);
  gboolean in_digest = parent >= 0 && mime_part_is_type (get_part (scan, parent), "multipart", "digest");
  MimePart part = { .parent = parent, .header_offset = from, .body_offset = from + header->body_offset };
  g_autofree char *boundary = NULL;

  part.depth = parent >= 0 ? get_part (scan, parent)->depth + 1 : 0;
  boundary = mime_part_read (&part, header, in_digest ? MIME_DEFAULT_MESSAGE : MIME_DEFAULT_TEXT,
                             scan->chunk);
  part.flags |= get_message_flag (scan, parent);
  part.section = make_section (scan, parent, (part.flags & MIME_PART_IS_MULTIPART) != 0);
  if (part.depth >= MIME_DEPTH_MAX && (part.flags & (MIME_PART_IS_MULTIPART | MIME_PART_IS_MESSAGE)) != 0)
    mime_part_make_raw (&part);
  append_part (scan, &part);
  if ((part.flags & MIME_PART_IS_MULTIPART) != 0)
    open_multipart (scan, part.body_offset, boundary);
  return part.body_offset;
}

/* A part and, when it is a message that needs no decoding, the one that begins where it begins. */
static gsize
begin_parts (Scan *scan,
             gsize from,
             gint  parent)
{
  MimePart *part;

  do
    {
      if (scan->parts->len == MIME_PARTS_MAX - 1)
        {
          begin_rest (scan, from, parent);
          return scan->message.size;
        }
      from = begin_part (scan, from, parent);
      part = get_part (scan, scan->last);
      parent = scan->last;
    }
  while ((part->flags & MIME_PART_IS_MESSAGE) != 0 && part->encoding == MIME_ENCODING_IDENTITY);
  return from;
}

/* The line end before a boundary belongs to the boundary. */
static gsize
without_line_end (Scan  *scan,
                  gsize  at)
{
  if (at > 0 && scan->message.data[at - 1] == '\n')
    at--;
  if (at > 0 && scan->message.data[at - 1] == '\r')
    at--;
  return at;
}

/* Ends all open parts up to, but without, the one that stays open (-1: none does). */
static void
end_parts (Scan  *scan,
           gint   stays,
           gsize  body_end)
{
  for (gint i = scan->last; i != stays; i = get_part (scan, i)->parent)
    {
      MimePart *part = get_part (scan, i);

      part->end = scan->parts->len;
      part->body_size = MAX (body_end, part->body_offset) - part->body_offset;
      if ((part->flags & MIME_PART_IS_MULTIPART) != 0 && part->end == (guint) i + 1)
        mime_part_make_text (part);
    }
  scan->last = stays;
}

void
mime_scan_parts (BaseSlice     message,
                 GArray       *parts,
                 GStringChunk *chunk)
{
  Scan scan = { .message = message, .parts = parts, .chunk = chunk, .last = -1 };
  gsize at;
  Hit hit;

  scan.frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  scan.n_children = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_set_clear_func (scan.frames, clear_frame);

  at = begin_parts (&scan, 0, -1);
  while (!scan.is_full && find_boundary (&scan, at, &hit))
    {
      gint part = (gint) g_array_index (scan.frames, Frame, hit.frame).part;

      end_parts (&scan, part, without_line_end (&scan, hit.start));
      g_array_set_size (scan.frames, hit.frame + 1);
      at = hit.end;
      if (!hit.closes)
        at = begin_parts (&scan, hit.end, part);
    }
  end_parts (&scan, -1, message.size);
  g_array_unref (scan.frames);
  g_array_unref (scan.n_children);
}
