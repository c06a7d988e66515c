/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/private.h"

#include "store/clock.h"
#include "store/contents.h"
#include "store/messages.h"

/* What was read back, and for which server copy. */
typedef struct {
  gint64         location_id;
  StoreLocation *location;               /* as it was then; NULL: it had ended */
  gint64         content_id;
  IngestVerdict  verdict;
} Proof;

typedef struct {
  Store    *store;
  StoreRaw *raw;
  Proof    *proofs;
  gsize     n_proofs;
} Verifying;

/* *location stays NULL when it ended. */
static gboolean
get_location (Store          *store,
              gint64          id,
              StoreLocation **location,
              GError        **error)
{
  g_autoptr(GError) reason = NULL;

  *location = store_locations_get (store, id, &reason);
  if (*location != NULL || g_error_matches (reason, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

/* The content whose bytes came from this server copy; 0 if none. */
static gboolean
get_fetched_content (Store                *store,
                     const StoreLocation  *location,
                     gint64               *content_id,
                     GError              **error)
{
  g_autoptr(StoreMessage) message = NULL;

  *content_id = 0;
  if (location == NULL || !store_location_has_server (location) || location->fetched_at == 0)
    return TRUE;
  if ((message = store_messages_get (store, location->message_id, error)) == NULL)
    return FALSE;
  *content_id = message->content_id;
  return TRUE;
}

static gboolean
read_back (Verifying  *verifying,
           gint64      content_id,
           GError    **error)
{
  StoreContent content;

  return store_contents_get (verifying->store, content_id, &content, error) &&
         store_raw_verify (verifying->raw, &content.place, (guint64) content.size, content.sha256, error);
}

static gboolean
judge (Proof   *proof,
       GError  *reason,
       GError **error)
{
  if (reason != NULL && !g_error_matches (reason, STORE_ERROR, STORE_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_error_copy (reason));
      return FALSE;
    }
  proof->verdict = reason == NULL ? INGEST_VERIFIED : INGEST_DAMAGED;
  if (reason != NULL)
    g_warning ("%s", reason->message);
  return TRUE;
}

static gboolean
prove (Verifying  *verifying,
       Proof      *proof,
       GError    **error)
{
  g_autoptr(GError) reason = NULL;

  proof->verdict = INGEST_NOT_FETCHED;
  if (!get_location (verifying->store, proof->location_id, &proof->location, error) ||
      !get_fetched_content (verifying->store, proof->location, &proof->content_id, error))
    return FALSE;
  if (proof->content_id == 0)
    return TRUE;
  if (!read_back (verifying, proof->content_id, &reason) &&
      g_error_matches (reason, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    {
      /* Compaction moved the bytes between the row and the file. */
      g_clear_error (&reason);
      read_back (verifying, proof->content_id, &reason);
    }
  return judge (proof, reason, error);
}

static gboolean
is_same_copy (const StoreLocation *a,
              const StoreLocation *b)
{
  if (a->uidl != NULL || b->uidl != NULL)
    return a->uidl != NULL && b->uidl != NULL && g_bytes_equal (a->uidl, b->uidl) && a->occurrence == b->occurrence;
  return a->server_folder_id == b->server_folder_id && a->uidvalidity == b->uidvalidity && a->uid == b->uid;
}

/* What changed since it was read back is not proven. */
static gboolean
set_verified (Store   *store,
              Proof   *proof,
              GError **error)
{
  g_autoptr(StoreLocation) now = NULL;
  StoreLocation state = { .id = proof->location_id, .verified_at = store_clock_get (store, error) };
  gint64 content_id;

  if (state.verified_at == 0 || !get_location (store, proof->location_id, &now, error) ||
      !get_fetched_content (store, now, &content_id, error))
    return FALSE;
  if (content_id == proof->content_id && is_same_copy (now, proof->location))
    return store_locations_set_state (store, &state, STORE_LOCATION_VERIFIED_AT, error);
  proof->verdict = INGEST_NOT_FETCHED;
  return TRUE;
}

/* What is known of this copy came from the server once, but it is not here: it has to come again. */
static gboolean
set_damaged (Store   *store,
             Proof   *proof,
             GError **error)
{
  g_autoptr(StoreLocation) now = NULL;
  StoreLocation state = { .id = proof->location_id };

  if (!get_location (store, proof->location_id, &now, error))
    return FALSE;
  return now == NULL ||
         store_locations_set_state (store, &state, STORE_LOCATION_FETCHED_AT | STORE_LOCATION_VERIFIED_AT, error);
}

static gboolean
write_proof (Store   *store,
             Proof   *proof,
             GError **error)
{
  switch (proof->verdict)
    {
    case INGEST_VERIFIED:    return set_verified (store, proof, error);
    case INGEST_DAMAGED:     return set_damaged (store, proof, error);
    case INGEST_NOT_FETCHED: return TRUE;
    }
  g_assert_not_reached ();
}

static gboolean
write_proofs (Store     *store,
              gpointer   user_data,
              GError   **error)
{
  Verifying *verifying = user_data;

  for (gsize i = 0; i < verifying->n_proofs; i++)
    if (!write_proof (store, &verifying->proofs[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
verify_all (Ingest     *ingest,
            Verifying  *verifying,
            GError    **error)
{
  for (gsize i = 0; i < verifying->n_proofs; i++)
    if (!prove (verifying, &verifying->proofs[i], error))
      return FALSE;
  return ingest_write (ingest, write_proofs, verifying, error);
}

gboolean
ingest_verify (Ingest         *ingest,
               const gint64   *location_ids,
               gsize           n,
               IngestVerdict  *verdicts,
               GError        **error)
{
  g_autoptr(Store) store = store_open (ingest_peek_data_dir (ingest), STORE_READER, error);
  g_autoptr(StoreRaw) raw = store_raw_new (ingest_peek_data_dir (ingest));
  g_autofree Proof *proofs = g_new0 (Proof, n + 1);
  Verifying verifying = { store, raw, proofs, n };
  gboolean done;

  if (store == NULL)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    proofs[i].location_id = location_ids[i];
  done = verify_all (ingest, &verifying, error);
  for (gsize i = 0; i < n; i++)
    {
      verdicts[i] = proofs[i].verdict;
      store_location_free (proofs[i].location);
    }
  return done;
}
