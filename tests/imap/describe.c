/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "describe.h"

#include "imap/parser.h"

static void
add_bytes (GString   *text,
           BaseSlice  bytes)
{
  for (gsize i = 0; i < bytes.size; i++)
    if (bytes.data[i] == '\r' || bytes.data[i] == '\n')
      g_string_append (text, bytes.data[i] == '\r' ? "\\r" : "\\n");
    else if (g_ascii_isprint (bytes.data[i]))
      g_string_append_c (text, (char) bytes.data[i]);
    else
      g_string_append_printf (text, "\\x%02x", bytes.data[i]);
}

static void
add_field (GString    *text,
           const char *name,
           BaseSlice   bytes)
{
  if (bytes.size == 0)
    return;
  g_string_append_printf (text, " %s=", name);
  add_bytes (text, bytes);
}

static void
add_number (GString    *text,
            const char *name,
            guint64     number)
{
  if (number != 0)
    g_string_append_printf (text, " %s=%" G_GUINT64_FORMAT, name, number);
}

static void
add_words (GString         *text,
           const char      *name,
           const BaseSlice *words,
           gsize            n_words)
{
  for (gsize i = 0; i < n_words; i++)
    {
      g_string_append_printf (text, i == 0 ? " %s=" : ",", name);
      add_bytes (text, words[i]);
    }
}

static void
add_flags (GString   *text,
           ImapFlags  flags)
{
  const char *separator = " flags=";

  for (guint bit = IMAP_FLAG_SEEN; bit <= IMAP_FLAG_ANY; bit <<= 1)
    if ((flags & bit) != 0)
      {
        g_string_append_printf (text, "%s%s", separator, imap_flags_get_name ((ImapFlags) bit));
        separator = ",";
      }
}

static void
add_value (GString         *text,
           const char      *name,
           const ImapValue *value)
{
  switch (value->kind)
    {
    case IMAP_VALUE_NONE:
      return;
    case IMAP_VALUE_NIL:
      g_string_append_printf (text, " %s:NIL", name);
      return;
    case IMAP_VALUE_BYTES:
      g_string_append_printf (text, " %s:\"", name);
      add_bytes (text, value->bytes);
      g_string_append_c (text, '"');
      return;
    case IMAP_VALUE_HANDED_OVER:
      g_string_append_printf (text, " %s:(%" G_GUINT64_FORMAT ")", name, value->size);
      return;
    }
}

static void
add_status (GString          *text,
            const ImapStatus *status)
{
  static const char * const conditions[] = { "OK", "NO", "BAD", "PREAUTH", "BYE" };

  g_string_append_printf (text, " %s", conditions[status->condition]);
  if (status->code != IMAP_CODE_NONE)
    g_string_append_printf (text, " [%s]", status->code == IMAP_CODE_UNKNOWN
                            ? "?" : imap_code_get_name (status->code));
  add_number (text, "number", status->number);
  add_number (text, "uidvalidity", status->uidvalidity);
  add_field (text, "from", status->from);
  add_field (text, "to", status->to);
  add_field (text, "id", status->id);
  add_field (text, "text", status->text);
}

static void
add_delimiter (GString *text,
               char     delimiter)
{
  if (delimiter != '\0')
    g_string_append_printf (text, " delimiter=%c", delimiter);
}

static void
add_fetch (GString            *text,
           const ImapResponse *response)
{
  const ImapFetch *fetch = &response->fetch;

  g_string_append_printf (text, " %u", fetch->number);
  add_number (text, "uid", fetch->uid);
  if (fetch->has_flags)
    g_string_append (text, " has-flags");
  if (fetch->date != 0)
    g_string_append_printf (text, " date=%" G_GINT64_FORMAT, fetch->date);
  add_number (text, "size", fetch->size);
  add_number (text, "modseq", fetch->modseq);
  add_field (text, "email-id", fetch->email_id);
  add_field (text, "gmail-id", fetch->gmail_id);
  if (fetch->has_labels)
    g_string_append (text, " has-labels");
  add_value (text, "header", &fetch->header);
  add_value (text, "body", &fetch->body);
}

static void
add_folder_status (GString                *text,
                   const ImapFolderStatus *status)
{
  add_field (text, "name", status->name);
  add_number (text, "messages", status->messages);
  add_number (text, "unseen", status->unseen);
  add_number (text, "uidvalidity", status->uidvalidity);
  add_number (text, "uidnext", status->uidnext);
  add_number (text, "highestmodseq", status->highestmodseq);
  add_number (text, "size", status->size);
  add_field (text, "mailbox-id", status->mailbox_id);
}

static const char *
name_kind (ImapResponseKind kind)
{
  switch (kind)
    {
    case IMAP_RESPONSE_UNKNOWN:       return "UNKNOWN";
    case IMAP_RESPONSE_UNREADABLE:    return "UNREADABLE";
    case IMAP_RESPONSE_CONTINUE:      return "CONTINUE";
    case IMAP_RESPONSE_TAGGED:        return "TAGGED";
    case IMAP_RESPONSE_STATUS:        return "STATUS";
    case IMAP_RESPONSE_CAPABILITY:    return "CAPABILITY";
    case IMAP_RESPONSE_ENABLED:       return "ENABLED";
    case IMAP_RESPONSE_LIST:          return "LIST";
    case IMAP_RESPONSE_FOLDER_STATUS: return "FOLDER-STATUS";
    case IMAP_RESPONSE_FLAGS:         return "FLAGS";
    case IMAP_RESPONSE_EXISTS:        return "EXISTS";
    case IMAP_RESPONSE_EXPUNGE:       return "EXPUNGE";
    case IMAP_RESPONSE_VANISHED:      return "VANISHED";
    case IMAP_RESPONSE_FETCH:         return "FETCH";
    case IMAP_RESPONSE_SEARCH:        return "SEARCH";
    case IMAP_RESPONSE_NAMESPACE:     return "NAMESPACE";
    case IMAP_RESPONSE_ID:            return "ID";
    case IMAP_RESPONSE_QUOTA:         return "QUOTA";
    case IMAP_RESPONSE_QUOTAROOT:     return "QUOTAROOT";
    }
  g_assert_not_reached ();
}

void
describe_response (const ImapResponse *response,
                   GString            *text)
{
  g_string_append (text, name_kind (response->kind));
  add_field (text, "tag", response->tag);

  switch (response->kind)
    {
    case IMAP_RESPONSE_UNKNOWN:
    case IMAP_RESPONSE_UNREADABLE:
      return;
    case IMAP_RESPONSE_CONTINUE:
      add_field (text, "text", response->status.text);
      break;
    case IMAP_RESPONSE_TAGGED:
    case IMAP_RESPONSE_STATUS:
      add_status (text, &response->status);
      break;
    case IMAP_RESPONSE_LIST:
      g_string_append_printf (text, " attributes=%x role=%d", response->list.attributes, response->list.role);
      add_delimiter (text, response->list.delimiter);
      add_field (text, "name", response->list.name);
      break;
    case IMAP_RESPONSE_FOLDER_STATUS:
      add_folder_status (text, &response->folder_status);
      break;
    case IMAP_RESPONSE_EXISTS:
    case IMAP_RESPONSE_EXPUNGE:
      g_string_append_printf (text, " %u", response->number);
      break;
    case IMAP_RESPONSE_FETCH:
      add_fetch (text, response);
      break;
    case IMAP_RESPONSE_NAMESPACE:
      add_field (text, "prefix", response->name_space.prefix);
      add_delimiter (text, response->name_space.delimiter);
      break;
    case IMAP_RESPONSE_ID:
      add_field (text, "name", response->id.name);
      add_field (text, "version", response->id.version);
      break;
    case IMAP_RESPONSE_QUOTA:
      add_field (text, "root", response->quota.root);
      if (response->quota.has_storage)
        g_string_append_printf (text, " %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT,
                                response->quota.used_kib, response->quota.limit_kib);
      break;
    case IMAP_RESPONSE_CAPABILITY:
    case IMAP_RESPONSE_ENABLED:
    case IMAP_RESPONSE_FLAGS:
    case IMAP_RESPONSE_VANISHED:
    case IMAP_RESPONSE_SEARCH:
    case IMAP_RESPONSE_QUOTAROOT:
      break;
    }

  add_flags (text, response->flags);
  add_words (text, "words", response->words, response->n_words);
  add_words (text, "labels", response->labels, response->n_labels);
  if (response->uids != NULL)
    {
      g_autofree char *uids = imap_uidset_to_string (response->uids);

      g_string_append_printf (text, "%s uids=%s", response->is_earlier ? " earlier" : "", uids);
    }
}

typedef void (*PieceFunc) (const ImapPiece *piece,
                           GString         *text,
                           gpointer         user_data);

/* Each portion is a copy of its own, so that a slice kept too long is seen by the address sanitizer. */
static char *
run (BaseSlice         input,
     gsize             cut,
     gsize             rest,
     const ImapLimits *limits,
     PieceFunc         func,
     gpointer          user_data)
{
  g_autoptr(ImapFramer) framer = imap_framer_new (limits);
  GString *text = g_string_new (NULL);
  gsize portion_size = cut;

  while (input.size > 0)
    {
      g_autofree guint8 *copy = g_memdup2 (input.data, MIN (portion_size, input.size));
      BaseSlice portion = base_slice_new (copy, MIN (portion_size, input.size));

      input = base_slice_sub (input, portion.size, input.size);
      portion_size = rest;
      while (portion.size > 0)
        {
          g_autoptr(GError) error = NULL;
          ImapPiece piece;

          if (!imap_framer_take (framer, &portion, &piece, &error))
            {
              g_assert_error (error, IMAP_ERROR, IMAP_ERROR_TOO_LONG);
              g_string_append (text, "TOO LONG\n");
              return g_string_free (text, FALSE);
            }
          func (&piece, text, user_data);
        }
    }
  return g_string_free (text, FALSE);
}

static void
add_piece (const ImapPiece *piece,
           GString         *text,
           gpointer         user_data)
{
  switch (piece->kind)
    {
    case IMAP_PIECE_NONE:
      return;
    case IMAP_PIECE_RESPONSE:
      g_string_append (text, "RESPONSE ");
      add_bytes (text, piece->frame.text);
      for (gsize i = 0; i < piece->frame.n_gaps; i++)
        g_string_append_printf (text, " gap %" G_GSIZE_FORMAT "+%" G_GUINT64_FORMAT,
                                piece->frame.gaps[i].offset, piece->frame.gaps[i].size);
      break;
    case IMAP_PIECE_LITERAL_BEGIN:
      g_string_append (text, "BEGIN ");
      add_bytes (text, piece->frame.text);
      g_string_append_printf (text, " %" G_GUINT64_FORMAT "\nDATA ", piece->literal_size);
      g_assert_true (piece->frame.is_head);
      break;
    case IMAP_PIECE_LITERAL_DATA:
      /* However it is cut: "DATA abc". */
      if (g_str_has_suffix (text->str, "\n"))
        g_string_truncate (text, text->len - 1);
      add_bytes (text, piece->data);
      break;
    }
  g_string_append_c (text, '\n');
}

static void
add_response (const ImapPiece *piece,
              GString         *text,
              gpointer         user_data)
{
  ImapParser *parser = user_data;

  if (piece->kind == IMAP_PIECE_LITERAL_BEGIN)
    g_string_append (text, "HEAD ");
  if (piece->kind != IMAP_PIECE_LITERAL_BEGIN && piece->kind != IMAP_PIECE_RESPONSE)
    return;
  describe_response (imap_parser_read (parser, &piece->frame), text);
  g_string_append_c (text, '\n');
}

char *
describe_pieces (BaseSlice         input,
                 gsize             cut,
                 gsize             rest,
                 const ImapLimits *limits)
{
  return run (input, cut, rest, limits, add_piece, NULL);
}

char *
describe_responses (BaseSlice input,
                    gsize     cut,
                    gsize     rest)
{
  static const ImapLimits limits = { 64 * 1024, 16, 1 << 20 };
  g_autoptr(ImapParser) parser = imap_parser_new ();

  return run (input, cut, rest, &limits, add_response, parser);
}
