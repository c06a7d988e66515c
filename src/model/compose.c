/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/compose.h"

#include "html/text.h"
#include "mime/header.h"
#include "mime/mailto.h"
#include "mime/reply.h"
#include "mime/summary.h"
#include "model/when.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
set_text (char       **field,
          const char  *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

/* --- addresses as typed --------------------------------------------------------------------------------- */

/* Appends the mailboxes of one role, so that mime_addresses_parse() gives them back. */
static void
add_addresses (char      **field,
               GPtrArray  *addresses,
               MimeRole    role)
{
  g_autoptr(GString) out = g_string_new (*field);

  for (guint i = 0; i < addresses->len; i++)
    {
      const MimeAddress *address = addresses->pdata[i];
      g_autofree char *full = NULL;

      if (address->role != role)
        continue;
      full = mime_address_dup_full (address);
      g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", full);
    }
  set_text (field, out->str);
}

static void
add_all_addresses (StoreDraft *draft,
                   GPtrArray  *addresses)
{
  add_addresses (&draft->to_text, addresses, MIME_ROLE_TO);
  add_addresses (&draft->cc_text, addresses, MIME_ROLE_CC);
  add_addresses (&draft->bcc_text, addresses, MIME_ROLE_BCC);
}

/* --- identities ----------------------------------------------------------------------------------------- */

const StoreIdentity *
model_compose_find_identity (GPtrArray *identities,
                             gint64     id)
{
  for (guint i = 0; i < identities->len; i++)
    if (((StoreIdentity *) identities->pdata[i])->id == id)
      return identities->pdata[i];
  return NULL;
}

/* By address, rather one of that account; email may be NULL. */
static const StoreIdentity *
choose_identity (const ModelComposeWish *wish,
                 const char             *email)
{
  const StoreIdentity *of_account = NULL, *same = NULL;

  for (guint i = 0; i < wish->identities->len; i++)
    {
      const StoreIdentity *identity = wish->identities->pdata[i];
      gboolean is_same = email != NULL && mime_address_equal (identity->email, email);

      if (is_same && identity->account_id == wish->account_id)
        return identity;
      if (is_same && same == NULL)
        same = identity;
      if (identity->account_id == wish->account_id && of_account == NULL)
        of_account = identity;
    }
  return same != NULL ? same : of_account != NULL ? of_account : wish->identities->pdata[0];
}

static char **
list_own (GPtrArray *identities)
{
  g_autoptr(GStrvBuilder) own = g_strv_builder_new ();

  for (guint i = 0; i < identities->len; i++)
    g_strv_builder_add (own, ((StoreIdentity *) identities->pdata[i])->email);
  return g_strv_builder_end (own);
}

/* --- signatures ----------------------------------------------------------------------------------------- */

/* Above a quote there is no "-- ": programs take everything below it for the signature, and would drop the
 * quote. */
static char *
dup_signature_block (StoreDraftKind  kind,
                     const char     *signature)
{
  g_autofree char *trimmed = g_strchomp (g_strdup (signature));

  if (*trimmed == '\0')
    return g_strdup ("");
  switch (kind)
    {
    case STORE_DRAFT_NEW:
    case STORE_DRAFT_EDIT:
      return g_strdup_printf ("\n-- \n%s\n", trimmed);
    case STORE_DRAFT_REPLY:
    case STORE_DRAFT_REPLY_ALL:
    case STORE_DRAFT_FORWARD:
      return g_strdup_printf ("\n%s\n", trimmed);
    }
  g_assert_not_reached ();
}

static char *
splice (const char *body,
        const char *at,
        gsize       size,
        const char *text)
{
  return g_strdup_printf ("%.*s%s%s", (int) (at - body), body, text, at + size);
}

/* Where the block stands as whole lines; the first one, as quotes and forwarded text come below the own
 * words. */
static const char *
find_block (const char *body,
            const char *block)
{
  const char *at;

  for (at = strstr (body, block); at != NULL; at = strstr (at + 1, block))
    if (at == body || at[-1] == '\n' || *block == '\n')
      return at;
  return NULL;
}

static const char *
find_line (const char *body,
           const char *prefix)
{
  const char *at;

  for (at = strstr (body, prefix); at != NULL; at = strstr (at + 1, prefix))
    if (at == body || at[-1] == '\n')
      return at;
  return NULL;
}

/* Where the text of others begins, with the line that names them and the empty line above it; or NULL. */
static const char *
find_below (const char     *body,
            StoreDraftKind  kind)
{
  const char *at = find_line (body, kind == STORE_DRAFT_FORWARD ? "----------" : ">");

  if (at == NULL || at == body)
    return at;
  if (kind != STORE_DRAFT_FORWARD)
    for (at--; at > body && at[-1] != '\n'; )
      at--;
  if (at - body >= 2 && at[-1] == '\n' && at[-2] == '\n')
    at--;
  return at;
}

char *
model_compose_dup_signed (const char     *body,
                          StoreDraftKind  kind,
                          const char     *old_signature,
                          const char     *new_signature)
{
  g_autofree char *old_block = dup_signature_block (kind, old_signature);
  g_autofree char *new_block = dup_signature_block (kind, new_signature);
  const char *at = *old_block != '\0' ? find_block (body, old_block) : NULL;

  if (at != NULL)
    return splice (body, at, strlen (old_block), new_block);
  if (*old_block != '\0' || *new_block == '\0')           /* the user changed or removed it: it is his text
                                                           * now */
    return g_strdup (body);
  if (kind == STORE_DRAFT_NEW || kind == STORE_DRAFT_EDIT)
    return g_strconcat (body, g_str_has_suffix (body, "\n") || *body == '\0' ? "" : "\n", new_block, NULL);
  if ((at = find_below (body, kind)) == NULL)
    return g_strdup (body);
  return splice (body, at, 0, new_block);
}

/* --- text of the other message -------------------------------------------------------------------------- */

typedef struct {
  char     *text;
  MimeFlow  flow;
} Words;

static void
words_clear (Words *words)
{
  g_free (words->text);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

static char *
dup_part_text (MimeTree *tree,
               guint     index)
{
  g_autofree char *text = mime_tree_dup_text (tree, index, MODEL_QUOTE_MAX);

  if (!mime_part_is_type (mime_tree_get_part (tree, index), "text", "html"))
    return g_steal_pointer (&text);
  return html_to_text (base_slice_from_string (text), HTML_LINKS_SHOWN);
}

static void
read_words (GBytes *message,
            Words  *words)
{
  g_autoptr(MimeTree) tree = mime_tree_new (message);
  g_autoptr(GArray) parts = mime_tree_list_body (tree, MIME_PREFER_PLAIN);
  g_autoptr(GString) all = g_string_new (NULL);

  for (guint i = 0; i < parts->len && all->len < MODEL_QUOTE_MAX; i++)
    {
      guint index = g_array_index (parts, guint, i);
      const MimePart *part = mime_tree_get_part (tree, index);
      g_autofree char *text = NULL;

      if ((part->flags & MIME_PART_IS_TEXT) == 0)
        continue;
      if (all->len == 0)
        words->flow = mime_part_is_type (part, "text", "html") ? MIME_FLOW_FIXED : mime_part_get_flow (part);
      text = dup_part_text (tree, index);
      g_string_append (all, text);
      if (all->len > 0 && all->str[all->len - 1] != '\n')
        g_string_append_c (all, '\n');
    }
  g_string_truncate (all, mime_text_measure (all->str, MODEL_QUOTE_MAX));
  words->text = g_string_free (g_steal_pointer (&all), FALSE);
}

static char *
dup_author (const MimeSummary *summary)
{
  const MimeAddress *from = mime_summary_peek_from (summary);

  return from != NULL ? mime_address_dup_label (from) : g_strdup (_("Somebody"));
}

static char *
dup_attribution (const MimeSummary *summary,
                 gint64             now)
{
  g_autofree char *author = dup_author (summary);
  g_autoptr(GDateTime) date = NULL;
  g_autoptr(GDateTime) today = g_date_time_new_from_unix_local (now);
  g_autofree char *day = NULL;
  g_autofree char *time = NULL;

  if (summary->date == MIME_DATE_NONE || (date = g_date_time_new_from_unix_local (summary->date)) == NULL)
    /* Translators: the line above a quote; %s is a name. */
    return g_strdup_printf (_("%s wrote:"), author);
  if (today != NULL && g_date_time_get_year (date) == g_date_time_get_year (today))
    /* Translators: the day in the line above a quote, as in "3 April"; see strftime(3). */
    day = g_date_time_format (date, _("%-e %B"));
  else
    /* Translators: the day of another year in the line above a quote, as in "3 April 2024"; see
     * strftime(3). */
    day = g_date_time_format (date, _("%-e %B %Y"));
  time = g_date_time_format (date, _("%H:%M"));
  /* Translators: the line above a quote: name, day, time; "Jonas Weber wrote on 3 April at 10:24:". */
  return g_strdup_printf (_("%s wrote on %s at %s:"), author, day, time);
}

static void
append_people (GString           *out,
               const MimeSummary *summary,
               MimeRole           role,
               const char        *label)
{
  g_autofree char *people = g_strdup ("");

  add_addresses (&people, summary->addresses, role);
  if (*people != '\0')
    g_string_append_printf (out, "%s %s\n", label, people);
}

/* One paragraph a line, quotes with their marks. */
static void
append_words (GString     *out,
              const Words *words)
{
  g_autoptr(GArray) lines = mime_text_split (words->text, words->flow);

  for (guint i = 0; i < lines->len; i++)
    {
      const MimeLine *line = &g_array_index (lines, MimeLine, i);

      for (guint k = 0; k < line->quote; k++)
        g_string_append_c (out, '>');
      g_string_append_printf (out, "%s%s\n", line->quote > 0 && *line->text != '\0' ? " " : "", line->text);
    }
}

static char *
dup_forwarded (const MimeSummary *summary,
               const Words       *words)
{
  g_autoptr(GString) out = g_string_new (NULL);

  g_string_append_printf (out, "---------- %s ----------\n", _("Forwarded message"));
  append_people (out, summary, MIME_ROLE_FROM, _("From:"));
  if (summary->date != MIME_DATE_NONE)
    {
      g_autofree char *date = model_when_dup_long (summary->date);

      g_string_append_printf (out, "%s %s\n", _("Date:"), date);
    }
  g_string_append_printf (out, "%s %s\n", _("Subject:"), summary->subject);
  append_people (out, summary, MIME_ROLE_TO, _("To:"));
  append_people (out, summary, MIME_ROLE_CC, _("Cc:"));
  g_string_append_c (out, '\n');
  append_words (out, words);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
dup_below (const ModelComposeWish *wish,
           const MimeSummary      *summary)
{
  g_auto(Words) words = { 0 };
  g_autofree char *attribution = NULL;
  g_autofree char *quote = NULL;

  if (wish->kind == MODEL_COMPOSE_NEW || wish->kind == MODEL_COMPOSE_FORWARD_ATTACHED)
    return g_strdup ("");
  read_words (wish->message, &words);
  if (wish->kind == MODEL_COMPOSE_FORWARD)
    {
      quote = dup_forwarded (summary, &words);
      return g_strconcat ("\n", quote, NULL);
    }
  if (*words.text == '\0')
    return g_strdup ("");
  attribution = dup_attribution (summary, wish->now);
  quote = mime_reply_dup_quote (words.text, words.flow, attribution);
  return g_strconcat ("\n", quote, NULL);
}

/* --- the draft ------------------------------------------------------------------------------------------ */

static StoreDraftKind
get_draft_kind (ModelComposeKind kind)
{
  switch (kind)
    {
    case MODEL_COMPOSE_NEW:              return STORE_DRAFT_NEW;
    case MODEL_COMPOSE_REPLY:
    case MODEL_COMPOSE_REPLY_LIST:       return STORE_DRAFT_REPLY;
    case MODEL_COMPOSE_REPLY_ALL:        return STORE_DRAFT_REPLY_ALL;
    case MODEL_COMPOSE_FORWARD:
    case MODEL_COMPOSE_FORWARD_ATTACHED: return STORE_DRAFT_FORWARD;
    case MODEL_COMPOSE_EDIT:             return STORE_DRAFT_EDIT;
    }
  g_assert_not_reached ();
}

static MimeReplyKind
get_reply_kind (ModelComposeKind kind)
{
  switch (kind)
    {
    case MODEL_COMPOSE_REPLY:            return MIME_REPLY_SENDER;
    case MODEL_COMPOSE_REPLY_LIST:       return MIME_REPLY_LIST;
    case MODEL_COMPOSE_REPLY_ALL:        return MIME_REPLY_ALL;
    case MODEL_COMPOSE_NEW:
    case MODEL_COMPOSE_FORWARD:
    case MODEL_COMPOSE_FORWARD_ATTACHED:
    case MODEL_COMPOSE_EDIT:             return MIME_REPLY_FORWARD;
    }
  g_assert_not_reached ();
}

static void
set_body (StoreDraft          *draft,
          const StoreIdentity *identity,
          const char          *below)
{
  g_autofree char *signature = dup_signature_block (draft->kind, identity->signature);

  g_free (draft->body);
  draft->body = *signature == '\0' && *below == '\0'
                ? g_strdup ("") : g_strconcat ("\n", signature, below, NULL);
}

static void
set_threading (StoreDraft      *draft,
               const MimeReply *reply)
{
  if (reply->in_reply_to != NULL)
    draft->in_reply_to = g_strjoinv (" ", reply->in_reply_to);
  if (reply->references != NULL)
    draft->references_text = g_strjoinv (" ", reply->references);
}

static StoreDraft *
dup_answer (const ModelComposeWish *wish)
{
  BaseSlice message = base_slice_from_bytes (wish->message);
  g_auto(GStrv) own = list_own (wish->identities);
  g_autoptr(MimeReply) reply = mime_reply_new (message, get_reply_kind (wish->kind),
                                               (const char *const *) own);
  g_autoptr(MimeSummary) summary = mime_summary_new (message);
  const StoreIdentity *identity = choose_identity (wish, reply->identity);
  g_autoptr(StoreDraft) draft = store_draft_new (identity->account_id, identity->id);
  g_autofree char *below = NULL;

  draft->kind = get_draft_kind (wish->kind);
  draft->source_id = wish->message_id;
  draft->source_location = wish->location_id;
  add_all_addresses (draft, reply->addresses);
  set_text (&draft->subject, reply->subject);
  set_threading (draft, reply);
  below = dup_below (wish, summary);
  set_body (draft, identity, below);
  return g_steal_pointer (&draft);
}

/* As it was left, wherever that was.  Its own id is not kept: what is sent is another message. */
static StoreDraft *
dup_edited (const ModelComposeWish *wish)
{
  g_autoptr(MimeSummary) summary = mime_summary_new (base_slice_from_bytes (wish->message));
  const MimeAddress *from = mime_summary_peek_from (summary);
  const StoreIdentity *identity = choose_identity (wish, from != NULL ? from->address : NULL);
  StoreDraft *draft = store_draft_new (identity->account_id, identity->id);
  g_autoptr(GString) body = g_string_new (NULL);
  g_auto(Words) words = { 0 };
  guint n = g_strv_length (summary->references);

  draft->kind = STORE_DRAFT_EDIT;
  draft->source_id = wish->message_id;
  draft->source_location = wish->location_id;
  add_all_addresses (draft, summary->addresses);
  set_text (&draft->subject, summary->subject);
  if (n > 0)
    {
      draft->in_reply_to = g_strdup (summary->references[n - 1]);
      draft->references_text = g_strjoinv (" ", summary->references);
    }
  read_words (wish->message, &words);
  append_words (body, &words);
  set_text (&draft->body, body->str);
  return draft;
}

StoreDraft *
model_compose_draft (const ModelComposeWish *wish)
{
  const StoreIdentity *identity;
  StoreDraft *draft;

  if (wish->kind == MODEL_COMPOSE_EDIT)
    return dup_edited (wish);
  if (wish->kind != MODEL_COMPOSE_NEW)
    return dup_answer (wish);
  identity = choose_identity (wish, NULL);
  draft = store_draft_new (identity->account_id, identity->id);
  set_body (draft, identity, "");
  return draft;
}

gboolean
model_compose_add_mailto (StoreDraft   *draft,
                          const char   *uri,
                          char       ***ignored,
                          GError      **error)
{
  g_autoptr(MimeMailto) mailto = mime_mailto_parse (uri, error);

  if (mailto == NULL)
    return FALSE;
  add_all_addresses (draft, mailto->addresses);
  if (*mailto->subject != '\0')
    set_text (&draft->subject, mailto->subject);
  if (*mailto->body != '\0')
    {
      g_autofree char *body = g_strconcat (mailto->body, draft->body, NULL);

      set_text (&draft->body, body);
    }
  if (mailto->in_reply_to != NULL)
    draft->in_reply_to = g_strjoinv (" ", mailto->in_reply_to);
  if (mailto->references != NULL)
    draft->references_text = g_strjoinv (" ", mailto->references);
  *ignored = mailto->ignored != NULL && mailto->ignored[0] != NULL ? g_strdupv (mailto->ignored) : NULL;
  return TRUE;
}

/* --- before it is sent ---------------------------------------------------------------------------------- */

/* Whether one of the words stands in the text, at the beginning of a word. */
static gboolean
speaks_of_attachment (const char *own_words)
{
  /* Translators: beginnings of words, in lower case and separated by "|", that speak of an attachment in a
   * letter of your language, as in "attach|enclosed". */
  g_auto(GStrv) words = g_strsplit (_("attach|enclosed"), "|", -1);
  g_autofree char *text = g_utf8_strdown (own_words, -1);

  for (gsize i = 0; words[i] != NULL; i++)
    for (const char *at = *words[i] != '\0' ? strstr (text, words[i]) : NULL; at != NULL;
         at = strstr (at + 1, words[i]))
      if (at == text || !g_unichar_isalpha (g_utf8_get_char (g_utf8_prev_char (at))))
        return TRUE;
  return FALSE;
}

/* The lines that are not quoted, up to a forwarded message or a signature. */
static char *
dup_own_words (const StoreDraft *draft)
{
  g_auto(GStrv) lines = g_strsplit (draft->body, "\n", -1);
  gboolean own_subject = draft->kind == STORE_DRAFT_NEW || draft->kind == STORE_DRAFT_EDIT;
  g_autoptr(GString) out = g_string_new (own_subject ? draft->subject : "");

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      if (g_str_has_prefix (lines[i], "-----") || strcmp (lines[i], "-- ") == 0)
        break;
      if (*lines[i] != '>')
        g_string_append_printf (out, "\n%s", lines[i]);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
add_recipients (GPtrArray  *all,
                MimeRole    role,
                const char *typed)
{
  g_autoptr(GPtrArray) parsed = mime_addresses_parse (role, typed);

  g_ptr_array_extend_and_steal (all, g_steal_pointer (&parsed));
}

static GPtrArray *
list_recipients (const StoreDraft *draft)
{
  GPtrArray *all = mime_addresses_new ();

  add_recipients (all, MIME_ROLE_TO, draft->to_text);
  add_recipients (all, MIME_ROLE_CC, draft->cc_text);
  add_recipients (all, MIME_ROLE_BCC, draft->bcc_text);
  return all;
}

void
model_compose_verdict_clear (ModelComposeVerdict *verdict)
{
  g_clear_pointer (&verdict->address, g_free);
}

void
model_compose_judge (const StoreDraft    *draft,
                     guint                n_attachments,
                     ModelComposeVerdict *verdict)
{
  g_autoptr(GPtrArray) recipients = list_recipients (draft);
  g_autofree char *own_words = dup_own_words (draft);
  g_autofree char *subject = g_strstrip (g_strdup (draft->subject));

  *verdict = (ModelComposeVerdict) { .fault = recipients->len == 0
                                     ? MODEL_COMPOSE_NO_RECIPIENT : MODEL_COMPOSE_FINE };
  for (guint i = 0; i < recipients->len && verdict->fault == MODEL_COMPOSE_FINE; i++)
    {
      const MimeAddress *address = recipients->pdata[i];

      if (mime_address_is_valid (address->address))
        continue;
      verdict->fault = MODEL_COMPOSE_BAD_ADDRESS;
      verdict->address = mime_address_dup_full (address);
    }
  if (*subject == '\0')
    verdict->hints |= MODEL_COMPOSE_NO_SUBJECT;
  if (n_attachments == 0 && speaks_of_attachment (own_words))
    verdict->hints |= MODEL_COMPOSE_NO_ATTACHMENT;
}

char *
model_compose_dup_recipients (const StoreDraft *draft)
{
  g_autoptr(GPtrArray) recipients = list_recipients (draft);
  g_autofree char *first = NULL;
  guint n_others;

  if (recipients->len == 0)
    return g_strdup ("");
  first = mime_address_dup_label (recipients->pdata[0]);
  if (recipients->len == 1)
    return g_steal_pointer (&first);
  n_others = recipients->len - 1;
  /* Translators: %s is a name: "Jonas Weber and 2 others". */
  return g_strdup_printf (ngettext ("%s and %u other", "%s and %u others", n_others), first, n_others);
}
