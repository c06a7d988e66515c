/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/parser.h"

#include "imap/fetch.h"
#include "imap/names.h"
#include "imap/quirks.h"

#include <string.h>

struct _ImapParser {
  ImapLexer     lexer;
  GPtrArray    *scraps;
  GArray       *words;         /* BaseSlice */
  GArray       *labels;        /* BaseSlice */
  ImapUidset   *uids;
  ImapResponse  response;
};

ImapParser *
imap_parser_new (void)
{
  ImapParser *parser = g_new0 (ImapParser, 1);

  parser->scraps = g_ptr_array_new_with_free_func (g_free);
  parser->words = g_array_new (FALSE, FALSE, sizeof (BaseSlice));
  parser->labels = g_array_new (FALSE, FALSE, sizeof (BaseSlice));
  return parser;
}

void
imap_parser_free (ImapParser *parser)
{
  g_ptr_array_unref (parser->scraps);
  g_array_unref (parser->words);
  g_array_unref (parser->labels);
  g_clear_pointer (&parser->uids, imap_uidset_free);
  g_free (parser);
}

static BaseSlice
get_bytes (const ImapValue *value)
{
  return value->kind == IMAP_VALUE_BYTES ? value->bytes : base_slice_new (NULL, 0);
}

/* --- status responses --- */

/* "INBOX]" of an unquoted argument: the bracket ends the code. */
static BaseSlice
take_code_atom (ImapLexer *lexer)
{
  BaseSlice atom = { NULL, 0 };
  const guint8 *bracket;

  if (!imap_lexer_take_atom (lexer, &atom))
    return atom;
  if ((bracket = memchr (atom.data, ']', atom.size)) == NULL)
    return atom;
  lexer->rest = base_slice_new (bracket, (gsize) (lexer->rest.data + lexer->rest.size - bracket));
  return base_slice_sub (atom, 0, (gsize) (bracket - atom.data));
}

static void
take_code_words (ImapParser *parser)
{
  BaseSlice atom;

  while (parser->words->len < IMAP_WORDS_MAX && (atom = take_code_atom (&parser->lexer)).size > 0)
    g_array_append_val (parser->words, atom);
}

static void
take_code_flags (ImapParser *parser)
{
  imap_fetch_take_flags (&parser->lexer, &parser->response.flags, parser->words);
}

static guint32
take_code_uint32 (ImapParser *parser)
{
  guint64 number;

  return base_slice_parse_uint (take_code_atom (&parser->lexer), G_MAXUINT32, &number) ? (guint32) number : 0;
}

static void
take_code_number (ImapParser *parser)
{
  parser->response.status.number = take_code_uint32 (parser);
}

static void
take_code_modseq (ImapParser *parser)
{
  if (!imap_quirks_parse_number (take_code_atom (&parser->lexer), &parser->response.status.number))
    parser->response.status.number = 0;
}

static void
take_code_appended (ImapParser *parser)
{
  parser->response.status.uidvalidity = take_code_uint32 (parser);
  parser->response.status.to = take_code_atom (&parser->lexer);
}

static void
take_code_copied (ImapParser *parser)
{
  parser->response.status.uidvalidity = take_code_uint32 (parser);
  parser->response.status.from = take_code_atom (&parser->lexer);
  parser->response.status.to = take_code_atom (&parser->lexer);
}

static void
take_code_modified (ImapParser *parser)
{
  parser->response.status.from = take_code_atom (&parser->lexer);
}

static void
take_code_id (ImapParser *parser)
{
  if (imap_lexer_take_char (&parser->lexer, '('))
    parser->response.status.id = take_code_atom (&parser->lexer);
}

/* Codes without arguments that matter are not in the list. */
static const struct {
  ImapCode   code;
  void     (*take) (ImapParser *parser);
} code_arguments[] = {
  { IMAP_CODE_CAPABILITY, take_code_words },
  { IMAP_CODE_PERMANENTFLAGS, take_code_flags },
  { IMAP_CODE_UIDVALIDITY, take_code_number },
  { IMAP_CODE_UIDNEXT, take_code_number },
  { IMAP_CODE_UNSEEN, take_code_number },
  { IMAP_CODE_HIGHESTMODSEQ, take_code_modseq },
  { IMAP_CODE_APPENDUID, take_code_appended },
  { IMAP_CODE_COPYUID, take_code_copied },
  { IMAP_CODE_MODIFIED, take_code_modified },
  { IMAP_CODE_MAILBOXID, take_code_id },
};

/* "[CODE arguments]": what is left of the arguments is skipped; without "]" all of it is text. */
static void
take_code (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer;
  BaseSlice before = lexer->rest, name;
  const guint8 *end;

  if (!imap_lexer_take_char (lexer, '['))
    return;
  name = take_code_atom (lexer);
  parser->response.status.code = imap_code_parse (name);
  for (gsize i = 0; i < G_N_ELEMENTS (code_arguments); i++)
    if (code_arguments[i].code == parser->response.status.code)
      code_arguments[i].take (parser);

  end = lexer->rest.size > 0 ? memchr (lexer->rest.data, ']', lexer->rest.size) : NULL;
  if (end == NULL)
    {
      parser->response.status.code = IMAP_CODE_NONE;
      lexer->rest = before;
      return;
    }
  lexer->rest = base_slice_sub (lexer->rest, (gsize) (end - lexer->rest.data) + 1, lexer->rest.size);
}

static gboolean
parse_condition (BaseSlice      word,
                 ImapCondition *condition)
{
  static const char * const names[] = {
    [IMAP_OK] = "OK", [IMAP_NO] = "NO", [IMAP_BAD] = "BAD", [IMAP_PREAUTH] = "PREAUTH", [IMAP_BYE] = "BYE",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (base_slice_equal_nocase (word, names[i]))
      {
        *condition = (ImapCondition) i;
        return TRUE;
      }
  return FALSE;
}

/* Reads "OK [CODE] text" after the tag or "*"; FALSE, with nothing taken, when it is no condition. */
static gboolean
take_status (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer, before = *lexer;
  BaseSlice word;

  /* "OK[READ-WRITE]" without a blank is seen, too. */
  imap_lexer_is_at_end (lexer);
  word = base_slice_new (lexer->rest.data, 0);
  while (word.size < lexer->rest.size
         && !g_ascii_isspace (word.data[word.size]) && word.data[word.size] != '[')
    word.size++;
  if (!parse_condition (word, &parser->response.status.condition))
    {
      *lexer = before;
      return FALSE;
    }
  lexer->rest = base_slice_sub (lexer->rest, word.size, lexer->rest.size);
  take_code (parser);
  parser->response.status.text = imap_lexer_take_rest (lexer);
  return TRUE;
}

/* --- lists of words --- */

static gboolean
take_words (ImapParser *parser)
{
  ImapValue value;

  while (!imap_lexer_is_at_end (&parser->lexer))
    {
      if (parser->words->len == IMAP_WORDS_MAX || !imap_lexer_take_value (&parser->lexer, &value))
        return FALSE;
      g_array_append_val (parser->words, value.bytes);
    }
  return TRUE;
}

static gboolean
take_flags (ImapParser *parser)
{
  return imap_fetch_take_flags (&parser->lexer, &parser->response.flags, parser->words);
}

/* --- folders --- */

static gboolean
is_name (BaseSlice name)
{
  return name.size <= IMAP_NAME_MAX && (name.size == 0 || memchr (name.data, '\0', name.size) == NULL);
}

/* Exchange sends names with blanks unquoted: an atom with more behind it goes up to the next list or
 * the end. */
static gboolean
take_folder_name (ImapLexer *lexer,
                  BaseSlice *name)
{
  BaseSlice before;
  const guint8 *list;
  gsize size;
  ImapValue value;

  imap_lexer_is_at_end (lexer);
  before = lexer->rest;
  if (!imap_lexer_take_value (lexer, &value) || value.kind == IMAP_VALUE_HANDED_OVER)
    return FALSE;
  *name = value.bytes;
  if (value.is_atom && !imap_lexer_is_at_end (lexer) && lexer->rest.data[0] != '(')
    {
      list = memmem (before.data, before.size, " (", 2);
      size = list != NULL ? (gsize) (list - before.data) : before.size;
      *name = base_slice_trim (base_slice_sub (before, 0, size));
      lexer->rest = base_slice_sub (before, name->size, before.size);
    }
  return name->size > 0 && is_name (*name);
}

static gboolean
take_delimiter (ImapLexer *lexer,
                char      *delimiter)
{
  ImapValue value;

  if (!imap_lexer_take_value (lexer, &value))
    return FALSE;
  *delimiter = value.kind == IMAP_VALUE_BYTES && value.bytes.size == 1 ? (char) value.bytes.data[0] : '\0';
  return TRUE;
}

static gboolean
take_list (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer;
  ImapList *list = &parser->response.list;
  BaseSlice attribute;

  if (!imap_lexer_take_char (lexer, '('))
    return FALSE;
  for (guint n = 0; !imap_lexer_take_char (lexer, ')'); n++)
    {
      if (n == IMAP_WORDS_MAX || !imap_lexer_take_atom (lexer, &attribute))
        return FALSE;
      imap_folder_add_attribute (attribute, &list->attributes, &list->role);
    }
  return take_delimiter (lexer, &list->delimiter) && take_folder_name (lexer, &list->name);
}

static gboolean
take_folder_status_item (ImapLexer        *lexer,
                         BaseSlice         name,
                         ImapFolderStatus *status)
{
  static const struct { const char *name; gsize offset; guint64 max; } items[] = {
    { "MESSAGES", G_STRUCT_OFFSET (ImapFolderStatus, messages), G_MAXUINT32 },
    { "UNSEEN", G_STRUCT_OFFSET (ImapFolderStatus, unseen), G_MAXUINT32 },
    { "UIDVALIDITY", G_STRUCT_OFFSET (ImapFolderStatus, uidvalidity), G_MAXUINT32 },
    { "UIDNEXT", G_STRUCT_OFFSET (ImapFolderStatus, uidnext), G_MAXUINT32 },
    { "HIGHESTMODSEQ", G_STRUCT_OFFSET (ImapFolderStatus, highestmodseq), G_MAXUINT64 },
    { "SIZE", G_STRUCT_OFFSET (ImapFolderStatus, size), G_MAXUINT64 },
  };
  ImapValue value;
  guint64 number;

  if (base_slice_equal_nocase (name, "MAILBOXID"))
    return imap_lexer_take_char (lexer, '(') && imap_lexer_take_atom (lexer, &status->mailbox_id)
           && imap_lexer_take_char (lexer, ')');
  for (gsize i = 0; i < G_N_ELEMENTS (items); i++)
    if (base_slice_equal_nocase (name, items[i].name))
      {
        if (!imap_lexer_take_value (lexer, &value) || !imap_quirks_parse_number (value.bytes, &number)
            || number > items[i].max)
          return FALSE;
        if (items[i].max == G_MAXUINT32)
          G_STRUCT_MEMBER (guint32, status, items[i].offset) = (guint32) number;
        else
          G_STRUCT_MEMBER (guint64, status, items[i].offset) = number;
        return TRUE;
      }
  return imap_lexer_skip_value (lexer);
}

/* Coremail (163.com) sends "()": all is 0. */
static gboolean
take_folder_status (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer;
  ImapFolderStatus *status = &parser->response.folder_status;
  BaseSlice name;

  if (!take_folder_name (lexer, &status->name) || !imap_lexer_take_char (lexer, '('))
    return FALSE;
  while (!imap_lexer_take_char (lexer, ')'))
    if (!imap_lexer_take_atom (lexer, &name) || !take_folder_status_item (lexer, name, status))
      return FALSE;
  return TRUE;
}

/* --- sets --- */

static gboolean
take_set (ImapParser *parser)
{
  BaseSlice atom;

  if (!imap_lexer_take_atom (&parser->lexer, &atom))
    return FALSE;
  parser->uids = imap_uidset_parse (atom, IMAP_UIDSET_RANGES_MAX);
  return parser->uids != NULL;
}

static gboolean
take_vanished (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer;
  BaseSlice word;

  if (imap_lexer_take_char (lexer, '('))
    {
      if (!imap_lexer_take_atom (lexer, &word) || !base_slice_equal_nocase (word, "EARLIER")
          || !imap_lexer_take_char (lexer, ')'))
        return FALSE;
      parser->response.is_earlier = TRUE;
    }
  return take_set (parser);
}

/* "* SEARCH 2 3 6 (MODSEQ 917162500)" */
static gboolean
take_search (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer;
  g_autoptr(GString) text = g_string_new (NULL);
  guint64 number;

  while (!imap_lexer_is_at_end (lexer) && lexer->rest.data[0] != '(')
    {
      if (!imap_lexer_take_number (lexer, G_MAXUINT32, &number))
        return FALSE;
      g_string_append_printf (text, "%s%u", text->len > 0 ? "," : "", (guint32) number);
    }
  parser->uids = text->len == 0 ? imap_uidset_new ()
                                : imap_uidset_parse (base_slice_new (text->str, text->len), G_MAXSIZE);
  return parser->uids != NULL;
}

/* RFC 4731: "* ESEARCH (TAG "A5") UID COUNT 5 ALL 4:18,21,28" */
static gboolean
take_esearch (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer;
  BaseSlice word;

  if (!imap_lexer_is_at_end (lexer) && lexer->rest.data[0] == '(' && !imap_lexer_skip_value (lexer))
    return FALSE;
  while (!imap_lexer_is_at_end (lexer))
    {
      if (!imap_lexer_take_atom (lexer, &word))
        return FALSE;
      if (base_slice_equal_nocase (word, "UID"))
        continue;
      if (base_slice_equal_nocase (word, "ALL") && parser->uids == NULL)
        {
          if (!take_set (parser))
            return FALSE;
        }
      else if (!imap_lexer_skip_value (lexer))
        return FALSE;
    }
  if (parser->uids == NULL)
    parser->uids = imap_uidset_new ();
  return TRUE;
}

/* --- about the server --- */

/* The first of the personal namespaces; the others are not asked for. */
static gboolean
take_namespace (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer;
  ImapNamespace *name_space = &parser->response.name_space;
  ImapValue prefix;

  if (!imap_lexer_take_char (lexer, '('))
    return imap_lexer_skip_value (lexer);
  if (!imap_lexer_take_char (lexer, '(') || !imap_lexer_take_value (lexer, &prefix)
      || !take_delimiter (lexer, &name_space->delimiter))
    return FALSE;
  name_space->prefix = get_bytes (&prefix);
  return is_name (name_space->prefix);
}

static gboolean
take_id (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer;
  ImapValue key, value;

  if (!imap_lexer_take_char (lexer, '('))
    return imap_lexer_skip_value (lexer);
  while (!imap_lexer_take_char (lexer, ')'))
    {
      if (!imap_lexer_take_value (lexer, &key) || !imap_lexer_take_value (lexer, &value))
        return FALSE;
      if (base_slice_equal_nocase (key.bytes, "name"))
        parser->response.id.name = base_slice_sub (get_bytes (&value), 0, 200);
      if (base_slice_equal_nocase (key.bytes, "version"))
        parser->response.id.version = base_slice_sub (get_bytes (&value), 0, 200);
    }
  return TRUE;
}

static gboolean
take_quota (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer;
  ImapQuota *quota = &parser->response.quota;
  ImapValue root, resource, used, limit;

  if (!imap_lexer_take_value (lexer, &root) || !imap_lexer_take_char (lexer, '('))
    return FALSE;
  quota->root = get_bytes (&root);
  while (!imap_lexer_take_char (lexer, ')'))
    {
      if (!imap_lexer_take_value (lexer, &resource) || !imap_lexer_take_value (lexer, &used)
          || !imap_lexer_take_value (lexer, &limit))
        return FALSE;
      if (base_slice_equal_nocase (resource.bytes, "STORAGE"))
        quota->has_storage = imap_quirks_parse_number (used.bytes, &quota->used_kib)
                             && imap_quirks_parse_number (limit.bytes, &quota->limit_kib);
    }
  return TRUE;
}

static gboolean
take_quotaroot (ImapParser *parser)
{
  ImapValue folder;

  return imap_lexer_take_value (&parser->lexer, &folder) && take_words (parser);
}

/* --- all --- */

static gboolean
take_nothing (ImapParser *parser)
{
  return TRUE;
}

static gboolean
take_fetch (ImapParser *parser)
{
  return imap_fetch_take (&parser->lexer, &parser->response.fetch, &parser->response.flags,
                          parser->words, parser->labels);
}

typedef struct {
  const char       *word;
  ImapResponseKind  kind;
  gboolean        (*take) (ImapParser *parser);
} Kind;

static const Kind plain_kinds[] = {
  { "CAPABILITY", IMAP_RESPONSE_CAPABILITY, take_words },
  { "ENABLED", IMAP_RESPONSE_ENABLED, take_words },
  { "LIST", IMAP_RESPONSE_LIST, take_list },
  { "XLIST", IMAP_RESPONSE_LIST, take_list },
  { "STATUS", IMAP_RESPONSE_FOLDER_STATUS, take_folder_status },
  { "FLAGS", IMAP_RESPONSE_FLAGS, take_flags },
  { "VANISHED", IMAP_RESPONSE_VANISHED, take_vanished },
  { "SEARCH", IMAP_RESPONSE_SEARCH, take_search },
  { "ESEARCH", IMAP_RESPONSE_SEARCH, take_esearch },
  { "NAMESPACE", IMAP_RESPONSE_NAMESPACE, take_namespace },
  { "ID", IMAP_RESPONSE_ID, take_id },
  { "QUOTA", IMAP_RESPONSE_QUOTA, take_quota },
  { "QUOTAROOT", IMAP_RESPONSE_QUOTAROOT, take_quotaroot },
};

static const Kind numbered_kinds[] = {
  { "FETCH", IMAP_RESPONSE_FETCH, take_fetch },
  { "EXISTS", IMAP_RESPONSE_EXISTS, take_nothing },
  { "EXPUNGE", IMAP_RESPONSE_EXPUNGE, take_nothing },
};

static ImapResponseKind
take_kind (ImapParser *parser,
           const Kind *kinds,
           gsize       n_kinds)
{
  BaseSlice word;

  if (!imap_lexer_take_atom (&parser->lexer, &word))
    return IMAP_RESPONSE_UNKNOWN;
  for (gsize i = 0; i < n_kinds; i++)
    if (base_slice_equal_nocase (word, kinds[i].word))
      return kinds[i].take (parser) ? kinds[i].kind : IMAP_RESPONSE_UNREADABLE;
  return IMAP_RESPONSE_UNKNOWN;
}

static ImapResponseKind
take_untagged (ImapParser *parser)
{
  guint64 number;

  if (take_status (parser))
    return IMAP_RESPONSE_STATUS;
  if (!imap_lexer_take_number (&parser->lexer, G_MAXUINT32, &number))
    return take_kind (parser, plain_kinds, G_N_ELEMENTS (plain_kinds));

  parser->response.number = (guint32) number;
  parser->response.fetch.number = (guint32) number;
  return take_kind (parser, numbered_kinds, G_N_ELEMENTS (numbered_kinds));
}

static ImapResponseKind
take_response (ImapParser *parser)
{
  ImapLexer *lexer = &parser->lexer;

  if (imap_lexer_take_char (lexer, '+'))
    {
      parser->response.status.text = imap_lexer_take_rest (lexer);
      return IMAP_RESPONSE_CONTINUE;
    }
  if (imap_lexer_take_char (lexer, '*'))
    return take_untagged (parser);
  if (!imap_lexer_take_atom (lexer, &parser->response.tag))
    return IMAP_RESPONSE_UNKNOWN;
  return take_status (parser) ? IMAP_RESPONSE_TAGGED : IMAP_RESPONSE_UNREADABLE;
}

const ImapResponse *
imap_parser_read (ImapParser      *parser,
                  const ImapFrame *frame)
{
  ImapResponse *response = &parser->response;

  g_ptr_array_set_size (parser->scraps, 0);
  g_array_set_size (parser->words, 0);
  g_array_set_size (parser->labels, 0);
  g_clear_pointer (&parser->uids, imap_uidset_free);
  memset (response, 0, sizeof *response);

  imap_lexer_init (&parser->lexer, frame, parser->scraps);
  response->kind = take_response (parser);
  response->words = (const BaseSlice *) parser->words->data;
  response->n_words = parser->words->len;
  response->labels = (const BaseSlice *) parser->labels->data;
  response->n_labels = parser->labels->len;
  response->uids = parser->uids;
  return response;
}
