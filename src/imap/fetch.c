/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/fetch.h"

#include "imap/date.h"
#include "imap/parser.h"
#include "imap/quirks.h"

typedef enum {
  ITEM_UNKNOWN,
  ITEM_UID,
  ITEM_FLAGS,
  ITEM_DATE,
  ITEM_SIZE,
  ITEM_MODSEQ,
  ITEM_EMAIL_ID,
  ITEM_GMAIL_ID,
  ITEM_LABELS,
  ITEM_BODY,
  ITEM_HEADER,
} Item;

static const struct {
  const char *name;
  Item        item;
} items[] = {
  { "UID", ITEM_UID },
  { "FLAGS", ITEM_FLAGS },
  { "INTERNALDATE", ITEM_DATE },
  { "RFC822.SIZE", ITEM_SIZE },
  { "MODSEQ", ITEM_MODSEQ },
  { "EMAILID", ITEM_EMAIL_ID },
  { "X-GM-MSGID", ITEM_GMAIL_ID },
  { "X-GM-LABELS", ITEM_LABELS },
  { "BODY[]", ITEM_BODY },
  { "RFC822", ITEM_BODY },
  { "BODY[HEADER]", ITEM_HEADER },
  { "RFC822.HEADER", ITEM_HEADER },
};

static Item
find_item (BaseSlice name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (items); i++)
    if (base_slice_equal_nocase (name, items[i].name))
      return items[i].item;
  return ITEM_UNKNOWN;
}

gboolean
imap_fetch_take_flags (ImapLexer *lexer,
                       ImapFlags *flags,
                       GArray    *words)
{
  ImapValue value;
  ImapFlags flag;

  if (!imap_lexer_take_char (lexer, '('))
    return imap_lexer_take_value (lexer, &value) && value.kind == IMAP_VALUE_NIL;
  while (!imap_lexer_take_char (lexer, ')'))
    {
      if (!imap_lexer_take_value (lexer, &value) || value.kind == IMAP_VALUE_HANDED_OVER
          || words->len == IMAP_WORDS_MAX)
        return FALSE;
      if ((flag = imap_flags_parse (value.bytes)) != 0)
        *flags |= flag;
      else if (value.bytes.size > 0 && value.bytes.data[0] != '\\')
        g_array_append_val (words, value.bytes);
    }
  return TRUE;
}

static gboolean
take_labels (ImapLexer *lexer,
             GArray    *labels)
{
  ImapValue value;

  if (!imap_lexer_take_char (lexer, '('))
    return imap_lexer_take_value (lexer, &value);
  while (!imap_lexer_take_char (lexer, ')'))
    {
      if (!imap_lexer_take_value (lexer, &value) || value.kind == IMAP_VALUE_HANDED_OVER
          || labels->len == IMAP_WORDS_MAX)
        return FALSE;
      g_array_append_val (labels, value.bytes);
    }
  return TRUE;
}

/* "(M6d99ac3275bb4e)" */
static gboolean
take_id (ImapLexer *lexer,
         BaseSlice *id)
{
  ImapValue value;

  if (!imap_lexer_take_char (lexer, '('))
    return imap_lexer_take_value (lexer, &value);
  return imap_lexer_take_atom (lexer, id) && id->size <= 255 && imap_lexer_take_char (lexer, ')');
}

static gboolean
take_modseq (ImapLexer *lexer,
             guint64   *modseq)
{
  BaseSlice atom;

  return imap_lexer_take_char (lexer, '(') && imap_lexer_take_atom (lexer, &atom)
         && imap_quirks_parse_number (atom, modseq) && imap_lexer_take_char (lexer, ')');
}

static gboolean
take_uid (ImapLexer *lexer,
          guint32   *uid)
{
  guint64 number;

  if (!imap_lexer_take_number (lexer, G_MAXUINT32, &number))
    return FALSE;
  *uid = (guint32) number;
  return TRUE;
}

static gboolean
take_size (ImapLexer *lexer,
           guint64   *size)
{
  ImapValue value;

  return imap_lexer_take_value (lexer, &value) && imap_quirks_parse_number (value.bytes, size);
}

/* A date that cannot be read is none; the message is still there. */
static gboolean
take_date (ImapLexer *lexer,
           gint64    *date)
{
  ImapValue value;

  if (!imap_lexer_take_value (lexer, &value))
    return FALSE;
  if (!imap_date_parse (value.bytes, date))
    *date = 0;
  return TRUE;
}

static gboolean
take_gmail_id (ImapLexer *lexer,
               BaseSlice *id)
{
  guint64 number;

  return imap_lexer_take_atom (lexer, id) && base_slice_parse_uint (*id, G_MAXUINT64, &number);
}

/* A string or NIL: an atom would be a server that lost count. */
static gboolean
take_text (ImapLexer *lexer,
           ImapValue *text)
{
  return imap_lexer_take_value (lexer, text) && !(text->kind == IMAP_VALUE_BYTES && text->is_atom);
}

/* wp.pl and AOL put words without a value into the list: what is followed by an item we know has none. */
static gboolean
skip_unknown (ImapLexer *lexer)
{
  ImapLexer before = *lexer;
  BaseSlice next;

  if (imap_lexer_take_item (lexer, &next) && find_item (next) != ITEM_UNKNOWN)
    {
      *lexer = before;
      return TRUE;
    }
  *lexer = before;
  if (imap_lexer_take_char (lexer, ')'))
    {
      *lexer = before;
      return TRUE;
    }
  return imap_lexer_skip_value (lexer);
}

static gboolean
take_item (ImapLexer *lexer,
           Item       item,
           ImapFetch *fetch,
           ImapFlags *flags,
           GArray    *words,
           GArray    *labels)
{
  switch (item)
    {
    case ITEM_UNKNOWN:  return skip_unknown (lexer);
    case ITEM_UID:      return take_uid (lexer, &fetch->uid);
    case ITEM_FLAGS:    return fetch->has_flags = imap_fetch_take_flags (lexer, flags, words);
    case ITEM_DATE:     return take_date (lexer, &fetch->date);
    case ITEM_SIZE:     return take_size (lexer, &fetch->size);
    case ITEM_MODSEQ:   return take_modseq (lexer, &fetch->modseq);
    case ITEM_EMAIL_ID: return take_id (lexer, &fetch->email_id);
    case ITEM_GMAIL_ID: return take_gmail_id (lexer, &fetch->gmail_id);
    case ITEM_LABELS:   return fetch->has_labels = take_labels (lexer, labels);
    case ITEM_BODY:     return take_text (lexer, &fetch->body);
    case ITEM_HEADER:   return take_text (lexer, &fetch->header);
    }
  g_assert_not_reached ();
}

gboolean
imap_fetch_take (ImapLexer *lexer,
                 ImapFetch *fetch,
                 ImapFlags *flags,
                 GArray    *words,
                 GArray    *labels)
{
  BaseSlice name;

  if (!imap_lexer_take_char (lexer, '('))
    return FALSE;
  while (!imap_lexer_take_char (lexer, ')'))
    {
      if (lexer->frame->is_head && imap_lexer_is_at_end (lexer))
        return TRUE;
      if (!imap_lexer_take_item (lexer, &name)
          || !take_item (lexer, find_item (name), fetch, flags, words, labels))
        return FALSE;
    }
  return TRUE;
}
