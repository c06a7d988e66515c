-- SPDX-License-Identifier: GPL-3.0-or-later
-- desk.db, schema 1: what people make.  Windows, penfoldctl and the worker write it in single short transactions.
--
-- It cannot be rebuilt from anything: synchronous=FULL, and every text the user typed is a row here before it is
-- anywhere else.  Times are seconds since 1970.  rev as in mail.db, with this file's own counter.
-- Folders of servers are named by account and raw name, not by id, so that the rows survive a rebuilt mail.db.

CREATE TABLE meta (
  key    TEXT PRIMARY KEY,        -- store_uuid, secrets (keyring, session, file)
  value  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  rev  INTEGER NOT NULL
) STRICT;
INSERT INTO revision VALUES (1, 1);

CREATE TABLE setting (
  key    TEXT PRIMARY KEY,
  value  TEXT NOT NULL,
  rev    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
  id                   INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid                 TEXT NOT NULL UNIQUE,           -- names its secrets
  name                 TEXT NOT NULL,
  email                TEXT NOT NULL,
  protocol             TEXT NOT NULL CHECK (protocol IN ('imap', 'pop3')),
  position             INTEGER NOT NULL DEFAULT 0,
  incoming_host        TEXT NOT NULL,
  incoming_port        INTEGER NOT NULL,
  incoming_security    TEXT NOT NULL CHECK (incoming_security IN ('tls', 'starttls', 'none')),
  incoming_user        TEXT NOT NULL,
  incoming_auth        TEXT NOT NULL DEFAULT 'password',  -- password, oauth2
  outgoing_host        TEXT NOT NULL DEFAULT '',       -- '': this account cannot send
  outgoing_port        INTEGER NOT NULL DEFAULT 0,
  outgoing_security    TEXT NOT NULL DEFAULT 'tls' CHECK (outgoing_security IN ('tls', 'starttls', 'none')),
  outgoing_user        TEXT NOT NULL DEFAULT '',       -- '': no sign-in
  outgoing_auth        TEXT NOT NULL DEFAULT 'password',
  ca_file              TEXT,                           -- believed besides the system's certificates
  offline              TEXT NOT NULL DEFAULT 'all' CHECK (offline IN ('all', 'headers', 'open', 'days')),
  offline_days         INTEGER NOT NULL DEFAULT 0,
  leave_on_server      TEXT NOT NULL DEFAULT 'forever' CHECK (leave_on_server IN ('forever', 'remove', 'days')),
  leave_days           INTEGER NOT NULL DEFAULT 0,
  remove_when_deleted  INTEGER NOT NULL DEFAULT 1,
  keep_newest_count    INTEGER,                        -- NULL: no such rule
  keep_newest_bytes    INTEGER,
  when_full_percent    INTEGER,
  older_mail           TEXT NOT NULL DEFAULT 'ask' CHECK (older_mail IN ('ask', 'keep', 'remove')),
  removals_confirmed   INTEGER NOT NULL DEFAULT 0,     -- the first removal was shown and confirmed
  vanished             TEXT NOT NULL DEFAULT 'follow' CHECK (vanished IN ('follow', 'keep')),  -- what the server removes: keep here?
  check_interval_s     INTEGER NOT NULL DEFAULT 600,
  notify               TEXT NOT NULL DEFAULT 'inbox',  -- inbox, all, none
  save_sent            TEXT NOT NULL DEFAULT 'server', -- server, here, none (the provider files it itself)
  is_enabled           INTEGER NOT NULL DEFAULT 1,
  removed_at           INTEGER,                        -- the worker tidies up, then deletes the row
  created_at           INTEGER NOT NULL,
  rev                  INTEGER NOT NULL
) STRICT;

-- A certificate that the user accepted for one host and port.
CREATE TABLE pin (
  account_id   INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  host         TEXT NOT NULL,
  port         INTEGER NOT NULL,
  fingerprint  TEXT NOT NULL,             -- SHA-256 of the DER form, hex
  pinned_at    INTEGER NOT NULL,
  PRIMARY KEY (account_id, host, port)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid        TEXT NOT NULL UNIQUE,
  account_id  INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  name        TEXT NOT NULL,
  email       TEXT NOT NULL,
  reply_to    TEXT NOT NULL DEFAULT '',
  signature   TEXT NOT NULL DEFAULT '',
  position    INTEGER NOT NULL DEFAULT 0,
  rev         INTEGER NOT NULL
) STRICT;

CREATE TABLE folder_policy (
  account_id    INTEGER NOT NULL,
  raw_name      BLOB NOT NULL,
  role          TEXT,                     -- chosen by the user over what the server says; NULL: not chosen
  offline       TEXT,                     -- NULL: as the account
  offline_days  INTEGER,
  vanished      TEXT,
  leave_days    INTEGER,
  notify        TEXT,
  is_hidden     INTEGER NOT NULL DEFAULT 0,
  rev           INTEGER NOT NULL,
  PRIMARY KEY (account_id, raw_name)
) STRICT, WITHOUT ROWID;

-- What someone wants: wanted -> accepted -> running -> done, failed, unknown; cancelled before running.
CREATE TABLE change (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id    INTEGER NOT NULL,
  kind          TEXT NOT NULL,            -- flag move copy delete append folder-create folder-rename folder-delete pin
  state         TEXT NOT NULL DEFAULT 'wanted',
  flags_add     INTEGER NOT NULL DEFAULT 0,
  flags_remove  INTEGER NOT NULL DEFAULT 0,
  keywords_add  TEXT,                     -- blank-separated
  keywords_remove TEXT,
  folder_id     INTEGER,                  -- target, as an id of mail.db ...
  folder_raw    BLOB,                     -- ... and by name, for a rebuilt one
  object_id     INTEGER REFERENCES object (id),  -- append: the message
  name          TEXT,                     -- folder kinds: decoded path
  name_before   TEXT,                     -- folder-rename: the path before
  is_local      INTEGER NOT NULL DEFAULT 0,  -- no server has a part in it: done when accepted
  depends_on    INTEGER,                  -- another change that must be done first
  undoes        INTEGER,                  -- the change this one takes back
  created_at    INTEGER NOT NULL,
  tries         INTEGER NOT NULL DEFAULT 0,
  next_try_at   INTEGER,
  ended_at      INTEGER,                  -- failed, cancelled: NULL until its effect was reverted
  problem_text  TEXT,
  server_words  TEXT,
  rev           INTEGER NOT NULL
) STRICT;
CREATE INDEX change_open ON change (account_id, id) WHERE ended_at IS NULL OR state = 'failed';
CREATE INDEX change_ended ON change (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX change_rev ON change (rev);

CREATE TABLE change_item (
  change_id       INTEGER NOT NULL REFERENCES change (id) ON DELETE CASCADE,
  position        INTEGER NOT NULL,
  location_id     INTEGER NOT NULL,
  message_id      INTEGER NOT NULL,
  folder_id       INTEGER NOT NULL,       -- where it was
  folder_raw      BLOB,
  uid             INTEGER,                -- server side as the user saw it; always with its uidvalidity
  uidvalidity     INTEGER,
  uidl            BLOB,
  occurrence      INTEGER,
  flags_before    INTEGER NOT NULL,
  keywords_before TEXT,
  pinned_before   INTEGER NOT NULL DEFAULT 0,
  target_uidnext  INTEGER,                -- copy, append: UIDNEXT of the target before, under result_uidvalidity
  result_uid      INTEGER,
  result_uidvalidity INTEGER,
  result_location INTEGER,
  state           TEXT NOT NULL DEFAULT 'open',  -- open, sent, done, failed
  server_words    TEXT,
  PRIMARY KEY (change_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_item_location ON change_item (location_id);

-- Large bytes in pieces: attachments of drafts, messages to send or append.
CREATE TABLE object (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  size    INTEGER NOT NULL,
  sha256  BLOB,                           -- NULL while still being written
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE piece (
  object_id  INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  position   INTEGER NOT NULL,
  data       BLOB NOT NULL,               -- 1 MiB, the last one less
  PRIMARY KEY (object_id, position)
) STRICT;

CREATE TABLE draft (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid          TEXT NOT NULL UNIQUE,
  account_id    INTEGER NOT NULL,
  identity_id   INTEGER NOT NULL,
  to_text       TEXT NOT NULL DEFAULT '',
  cc_text       TEXT NOT NULL DEFAULT '',
  bcc_text      TEXT NOT NULL DEFAULT '',
  subject       TEXT NOT NULL DEFAULT '',
  body          TEXT NOT NULL DEFAULT '',
  body_format   TEXT NOT NULL DEFAULT 'plain',   -- plain, html
  kind          TEXT NOT NULL DEFAULT 'new',     -- new, reply, reply-all, forward, edit
  source_id     INTEGER,                         -- the message answered or forwarded
  source_location INTEGER,
  in_reply_to   TEXT,
  references_text TEXT,
  created_at    INTEGER NOT NULL,
  saved_at      INTEGER NOT NULL,
  state         TEXT NOT NULL DEFAULT 'open',    -- open, queued, discarded
  location_id   INTEGER,                         -- its copy in Drafts on the server, if uploaded
  rev           INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_rev ON draft (rev);

CREATE TABLE draft_attachment (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  draft_id    INTEGER NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
  position    INTEGER NOT NULL,
  name        TEXT NOT NULL,
  type        TEXT NOT NULL,
  content_id  TEXT,
  object_id   INTEGER NOT NULL REFERENCES object (id)
) STRICT;
CREATE INDEX draft_attachment_draft ON draft_attachment (draft_id, position);

-- A message on its way: queued -> running (committed before the final dot) -> sent, failed, unknown; cancelled.
CREATE TABLE outbox (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id    INTEGER NOT NULL,
  identity_id   INTEGER,
  draft_id      INTEGER,
  object_id     INTEGER NOT NULL REFERENCES object (id),      -- as transmitted, without Bcc
  sent_object_id INTEGER REFERENCES object (id),              -- as kept in Sent, with Bcc; NULL: the same
  message_id    TEXT NOT NULL,
  sender        TEXT NOT NULL,                                -- envelope
  recipients    TEXT NOT NULL,                                -- envelope, one a line
  subject       TEXT NOT NULL,
  size          INTEGER NOT NULL,
  state         TEXT NOT NULL DEFAULT 'queued',
  source_location INTEGER,                                    -- gets its answered or forwarded flag
  source_flag   INTEGER NOT NULL DEFAULT 0,
  created_at    INTEGER NOT NULL,
  not_before    INTEGER NOT NULL DEFAULT 0,
  tries         INTEGER NOT NULL DEFAULT 0,
  next_try_at   INTEGER,
  sent_at       INTEGER,
  refused       TEXT,                                         -- recipients refused, one a line: address TAB words
  problem_text  TEXT,
  server_words  TEXT,
  sent_copy     TEXT NOT NULL DEFAULT 'wanted',               -- wanted, done, none, failed
  rev           INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_open ON outbox (account_id, id) WHERE state NOT IN ('sent', 'cancelled') OR sent_copy = 'wanted';
CREATE INDEX outbox_rev ON outbox (rev);

CREATE TABLE contact (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  email       TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name        TEXT NOT NULL,
  times_sent  INTEGER NOT NULL DEFAULT 0,
  last_sent_at INTEGER,
  shows_images INTEGER NOT NULL DEFAULT 0,        -- remote images of this sender are shown
  rev         INTEGER NOT NULL
) STRICT;

CREATE TABLE saved_search (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  name      TEXT NOT NULL,
  query     TEXT NOT NULL,
  position  INTEGER NOT NULL DEFAULT 0,
  rev       INTEGER NOT NULL
) STRICT;

CREATE TABLE snooze (
  message_id    INTEGER PRIMARY KEY,
  header_hash   BLOB NOT NULL,
  until         INTEGER NOT NULL,
  rev           INTEGER NOT NULL
) STRICT;

CREATE TABLE mute (
  message_key   INTEGER PRIMARY KEY,              -- base_slice_hash64 of the Message-ID of the thread's first message
  muted_at      INTEGER NOT NULL,
  rev           INTEGER NOT NULL
) STRICT;

CREATE TABLE answer (
  question_id  INTEGER PRIMARY KEY,
  answer       TEXT NOT NULL,
  at           INTEGER NOT NULL,
  rev          INTEGER NOT NULL
) STRICT;
