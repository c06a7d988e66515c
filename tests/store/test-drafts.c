/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "store/drafts.h"
#include "store/fixture.h"
#include "store/objects.h"

static StoreDraft *
make_draft (Store *store)
{
  StoreDraft *draft = store_draft_new (1, 2);
  g_autoptr(GError) error = NULL;

  g_free (draft->subject);
  draft->subject = g_strdup ("Lunch");
  g_assert_true (store_drafts_save (store, draft, &error));
  g_assert_no_error (error);
  return draft;
}

static void
test_every_field_returns (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreDraft) draft = store_draft_new (3, 4);
  g_autoptr(StoreDraft) stored = NULL;
  g_autoptr(GError) error = NULL;

  draft->to_text = (g_free (draft->to_text), g_strdup ("Jonas Weber <jonas@example.org>, half ty"));
  draft->cc_text = (g_free (draft->cc_text), g_strdup ("cc"));
  draft->bcc_text = (g_free (draft->bcc_text), g_strdup ("bcc"));
  draft->subject = (g_free (draft->subject), g_strdup ("subject"));
  draft->body = (g_free (draft->body), g_strdup ("body\nwith ümlaut"));
  draft->body_format = STORE_BODY_HTML;
  draft->kind = STORE_DRAFT_REPLY_ALL;
  draft->source_id = 5;
  draft->source_location = 6;
  draft->in_reply_to = g_strdup ("a@example.org");
  draft->references_text = g_strdup ("b@example.org a@example.org");
  g_assert_true (store_drafts_save (fixture->store, draft, &error));
  g_assert_no_error (error);

  store_fixture_reopen (fixture);
  stored = store_drafts_get (fixture->store, draft->id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (stored->uuid, ==, draft->uuid);
  g_assert_true (g_uuid_string_is_valid (stored->uuid));
  g_assert_cmpint (stored->account_id, ==, 3);
  g_assert_cmpint (stored->identity_id, ==, 4);
  g_assert_cmpstr (stored->to_text, ==, draft->to_text);
  g_assert_cmpstr (stored->cc_text, ==, "cc");
  g_assert_cmpstr (stored->bcc_text, ==, "bcc");
  g_assert_cmpstr (stored->subject, ==, "subject");
  g_assert_cmpstr (stored->body, ==, "body\nwith ümlaut");
  g_assert_cmpint (stored->body_format, ==, STORE_BODY_HTML);
  g_assert_cmpint (stored->kind, ==, STORE_DRAFT_REPLY_ALL);
  g_assert_cmpint (stored->source_id, ==, 5);
  g_assert_cmpint (stored->source_location, ==, 6);
  g_assert_cmpstr (stored->in_reply_to, ==, "a@example.org");
  g_assert_cmpstr (stored->references_text, ==, "b@example.org a@example.org");
  g_assert_cmpint (stored->state, ==, STORE_DRAFT_OPEN);
}

static void
test_second_save_replaces (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreDraft) draft = make_draft (fixture->store);
  g_autoptr(StoreDraft) stored = NULL;
  g_autoptr(GPtrArray) open = NULL;
  g_autoptr(GPtrArray) news = NULL;
  gint64 id = draft->id, rev;

  stored = store_drafts_get (fixture->store, id, NULL);
  rev = stored->rev;
  g_clear_pointer (&stored, store_draft_free);
  draft->body = (g_free (draft->body), g_strdup ("At noon?"));
  g_assert_true (store_drafts_save (fixture->store, draft, NULL));
  g_assert_cmpint (draft->id, ==, id);
  stored = store_drafts_get (fixture->store, id, NULL);
  g_assert_cmpstr (stored->body, ==, "At noon?");
  g_assert_cmpstr (stored->subject, ==, "Lunch");
  open = store_drafts_list (fixture->store, STORE_DRAFT_OPEN, NULL);
  g_assert_cmpuint (open->len, ==, 1);
  news = store_drafts_list_since (fixture->store, rev, NULL);
  g_assert_cmpuint (news->len, ==, 1);
}

static void
test_discarded_can_be_restored (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreDraft) draft = make_draft (fixture->store);
  g_autoptr(GPtrArray) open = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (store_drafts_discard (fixture->store, draft->id, &error));
  open = store_drafts_list (fixture->store, STORE_DRAFT_OPEN, NULL);
  g_assert_cmpuint (open->len, ==, 0);

  /* A composer that saves late must not bring it back, nor lose its words silently. */
  g_assert_false (store_drafts_save (fixture->store, draft, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);
  g_clear_error (&error);
  g_assert_false (store_drafts_discard (fixture->store, draft->id, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);
  g_clear_error (&error);

  g_assert_true (store_drafts_restore (fixture->store, draft->id, &error));
  g_assert_true (store_drafts_save (fixture->store, draft, &error));
  g_assert_false (store_drafts_discard (fixture->store, 99, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void
test_attachments_keep_their_order (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreDraft) draft = make_draft (fixture->store);
  g_autoptr(GPtrArray) list = NULL;
  g_autoptr(GPtrArray) left = NULL;
  g_autoptr(GError) error = NULL;
  gint64 object = store_objects_add (fixture->store, BASE_SLICE_LITERAL ("PNG"), NULL);
  gint64 first = store_drafts_attach (fixture->store, draft->id, "a.png", "image/png", "cid1", object,
                                      &error);
  gint64 second = store_drafts_attach (fixture->store, draft->id, "b.txt", "text/plain", NULL, object,
                                       &error);

  g_assert_no_error (error);
  g_assert_cmpint (first, !=, second);
  list = store_drafts_list_attachments (fixture->store, draft->id, &error);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpstr (((StoreAttachment *) list->pdata[0])->name, ==, "a.png");
  g_assert_cmpstr (((StoreAttachment *) list->pdata[0])->content_id, ==, "cid1");
  g_assert_cmpint (((StoreAttachment *) list->pdata[1])->size, ==, 3);
  g_assert_true (store_drafts_detach (fixture->store, first, &error));
  left = store_drafts_list_attachments (fixture->store, draft->id, &error);
  g_assert_cmpuint (left->len, ==, 1);
  g_assert_cmpint (((StoreAttachment *) left->pdata[0])->id, ==, second);

  g_assert_true (store_drafts_discard (fixture->store, draft->id, &error));
  g_assert_cmpint (store_drafts_attach (fixture->store, draft->id, "c", "d", NULL, object, &error), ==, 0);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);
}

static void
test_sweep_takes_what_was_discarded_long_ago (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreDraft) open = NULL;
  g_autoptr(StoreDraft) discarded = NULL;
  g_autoptr(StoreDraft) gone = NULL;
  g_autoptr(StoreDraft) kept = NULL;
  const gint64 days = STORE_DRAFT_DAYS * 24 * 60 * 60;

  base_clock_set_fake (5000000, 0);
  open = make_draft (fixture->store);
  discarded = make_draft (fixture->store);
  g_assert_true (store_drafts_discard (fixture->store, discarded->id, NULL));
  base_clock_set_fake (5000000 + days, 0);
  g_assert_true (store_drafts_sweep (fixture->store, NULL));
  kept = store_drafts_get (fixture->store, discarded->id, NULL);
  g_assert_nonnull (kept);
  base_clock_set_fake (5000000 + days + 1, 0);
  g_assert_true (store_drafts_sweep (fixture->store, NULL));
  gone = store_drafts_get (fixture->store, discarded->id, NULL);
  g_assert_null (gone);
  g_clear_pointer (&kept, store_draft_free);
  kept = store_drafts_get (fixture->store, open->id, NULL);
  g_assert_nonnull (kept);
}

static void
test_saving_is_short (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreDraft) draft = make_draft (fixture->store);
  gint64 times[21];

  draft->body = (g_free (draft->body), g_strnfill (20000, 'x'));
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      gint64 begin = g_get_monotonic_time ();

      g_assert_true (store_drafts_save (fixture->store, draft, NULL));
      times[i] = g_get_monotonic_time () - begin;
      g_test_message ("%" G_GINT64_FORMAT " us", times[i]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/drafts/every-field-returns", test_every_field_returns);
  g_test_add_func ("/store/drafts/second-save-replaces", test_second_save_replaces);
  g_test_add_func ("/store/drafts/discarded-can-be-restored", test_discarded_can_be_restored);
  g_test_add_func ("/store/drafts/attachments-keep-their-order", test_attachments_keep_their_order);
  g_test_add_func ("/store/drafts/sweep-takes-what-was-discarded-long-ago",
                   test_sweep_takes_what_was_discarded_long_ago);
  if (g_test_perf ())
    g_test_add_func ("/store/drafts/saving-is-short", test_saving_is_short);
  return g_test_run ();
}
