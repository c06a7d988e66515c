-- SPDX-License-Identifier: GPL-3.0-or-later
-- mail.db, schema 1: what is true.  Written only by the holder of worker.lock; everyone else opens it read-only.
--
-- It is a cache that `penfoldctl check --repair` can rebuild from the raw store, except for what servers alone know.
-- Times are seconds since 1970.  Every row of folder, message, location, thread_folder, account_state, tombstone and
-- question carries rev, the value of revision.rev in the transaction that last changed it.
-- Text is UTF-8; what a server spells in its own way is a BLOB.  A released schema file never changes.

CREATE TABLE meta (
  key    TEXT PRIMARY KEY,        -- store_uuid, clock_high_water (monotone clock of retention), tokenizer, extractor
  value  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  rev  INTEGER NOT NULL
) STRICT;
INSERT INTO revision VALUES (1, 1);

-- What the worker last knew of an account; the settings themselves are in desk.db.
CREATE TABLE account_state (
  account_id     INTEGER PRIMARY KEY,
  activity       TEXT NOT NULL DEFAULT 'idle',   -- idle, connecting, checking, fetching, sending, waiting, stopped
  last_ok_at     INTEGER,                        -- end of the last complete round
  next_try_at    INTEGER,
  problem        TEXT,                           -- NULL, or a verdict's name: password, certificate, network, server, ...
  problem_text   TEXT,                           -- our sentence
  server_words   TEXT,                           -- the server's own, for the details view
  problem_at     INTEGER,
  capabilities   TEXT,
  server_name    TEXT,                           -- from ID, greeting or IMPLEMENTATION
  quota_used     INTEGER,                        -- bytes
  quota_limit    INTEGER,
  expire_days    INTEGER,                        -- POP3 EXPIRE; -1 = NEVER
  login_delay_s  INTEGER,                        -- POP3 LOGIN-DELAY
  refused_day    INTEGER,                        -- day number and count of refused password sends on it
  refused_count  INTEGER NOT NULL DEFAULT 0,
  rev            INTEGER NOT NULL
) STRICT;

CREATE TABLE folder (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id        INTEGER NOT NULL,                 -- 0: On This Computer
  parent_id         INTEGER REFERENCES folder (id),
  raw_name          BLOB,                             -- as the server spells it; NULL: the folder lives on this computer
  path              TEXT NOT NULL,                    -- decoded, components joined by U+001F
  name              TEXT NOT NULL,                    -- last component, decoded
  delimiter         TEXT,
  role              TEXT NOT NULL DEFAULT '',         -- inbox sent drafts trash junk archive all flagged important outbox recovered
  attributes        INTEGER NOT NULL DEFAULT 0,       -- StoreFolderAttributes
  object_id         TEXT,                             -- MAILBOXID, RFC 8474
  uidvalidity       INTEGER,
  uidnext           INTEGER,
  highestmodseq     INTEGER,                          -- everything up to it is applied
  server_total      INTEGER,                          -- as STATUS or SELECT last said
  server_unread     INTEGER,
  server_size       INTEGER,
  listed_from_uid   INTEGER,                          -- first sync: every UID from here up is listed; 1 = complete; NULL = never opened
  fetched_from_uid  INTEGER,                          -- the same for bodies, by the folder's offline policy
  checked_at        INTEGER,
  announced_id      INTEGER NOT NULL DEFAULT 0,       -- watermark: messages of this id and below are never announced
  total             INTEGER NOT NULL DEFAULT 0,       -- counters of live locations, kept by triggers
  unread            INTEGER NOT NULL DEFAULT 0,
  gone_at           INTEGER,                          -- vanished from the server's list; its mail waits for a decision
  rev               INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX folder_raw ON folder (account_id, raw_name) WHERE raw_name IS NOT NULL AND gone_at IS NULL;
CREATE INDEX folder_rev ON folder (rev);
INSERT INTO folder (id, account_id, path, name, role, rev) VALUES
  (1, 0, 'Inbox', 'Inbox', 'inbox', 1),
  (2, 0, 'Archive', 'Archive', 'archive', 1),
  (3, 0, 'Sent', 'Sent', 'sent', 1),
  (4, 0, 'Drafts', 'Drafts', 'drafts', 1),
  (5, 0, 'Trash', 'Trash', 'trash', 1),
  (6, 0, 'Junk', 'Junk', 'junk', 1);

-- Bytes as received.  Where they lie is raw.h's business: a segment file, an offset, a stored length.
CREATE TABLE content (
  id           INTEGER PRIMARY KEY,
  sha256       BLOB NOT NULL CHECK (length (sha256) = 32),
  size         INTEGER NOT NULL,                 -- of the bytes as received
  segment      INTEGER NOT NULL,
  offset       INTEGER NOT NULL,                 -- of the record in its segment
  stored_size  INTEGER NOT NULL,                 -- of the whole record
  stored_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX content_sha256 ON content (sha256);
CREATE INDEX content_segment ON content (segment, offset);

-- One mail in one account.  id = arrival << 20 | n: stable, in date order, the rowid of the search index.
CREATE TABLE message (
  id             INTEGER PRIMARY KEY,
  account_id     INTEGER NOT NULL,
  content_id     INTEGER REFERENCES content (id),  -- NULL: only the header is known yet
  thread_id      INTEGER NOT NULL,                 -- the id of a thread row
  message_id     TEXT,                             -- Message-ID without <>
  message_key    INTEGER NOT NULL,                 -- base_slice_hash64 of it; of the header hash where there is none
  header_hash    BLOB NOT NULL,                    -- mime/summary.h; looked up through message_key
  object_id      TEXT,                             -- EMAILID or X-GM-MSGID
  in_reply_to    TEXT,
  subject        TEXT NOT NULL,
  subject_base   TEXT NOT NULL,                    -- without Re: and the like
  from_name      TEXT NOT NULL,
  from_address   TEXT NOT NULL,
  to_text        TEXT NOT NULL,                    -- recipients for lists of sent mail
  date           INTEGER,                          -- the Date: header; decides nothing
  arrived_at     INTEGER NOT NULL,                 -- INTERNALDATE; POP3: topmost Received; else first seen
  size           INTEGER NOT NULL,                 -- RFC822.SIZE or LIST's word until content is there
  preview        TEXT NOT NULL DEFAULT '',
  attachments    INTEGER NOT NULL DEFAULT 0,       -- how many parts are attachments
  facts          INTEGER NOT NULL DEFAULT 0,       -- StoreMessageFacts: list, bulk, auto, encrypted, signed, invitation, ambiguous sender
  list_id        TEXT,
  extractor      INTEGER NOT NULL DEFAULT 0,       -- version that filled preview, part, text; 0 = not yet
  orphaned_at    INTEGER,                          -- since when it has no location; purged 30 days later
  rev            INTEGER NOT NULL
) STRICT;
CREATE INDEX message_key_index ON message (message_key);
CREATE INDEX message_thread ON message (thread_id);
CREATE INDEX message_content ON message (content_id);
CREATE INDEX message_object ON message (account_id, object_id) WHERE object_id IS NOT NULL;
CREATE INDEX message_orphaned ON message (orphaned_at) WHERE orphaned_at IS NOT NULL;
CREATE INDEX message_unfetched ON message (account_id) WHERE content_id IS NULL;
CREATE INDEX message_attachments ON message (id) WHERE attachments > 0;
CREATE INDEX message_rev ON message (rev);

-- Whom a message names as its ancestors (References, In-Reply-To), by base_slice_hash64 of the Message-ID.
CREATE TABLE reference (
  key         INTEGER NOT NULL,
  message_id  INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  PRIMARY KEY (key, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reference_message ON reference (message_id);

CREATE TABLE address (
  id     INTEGER PRIMARY KEY,
  email  TEXT NOT NULL,                 -- domain in lower case
  name   TEXT NOT NULL DEFAULT ''       -- as last seen
) STRICT;
CREATE UNIQUE INDEX address_email ON address (email);

CREATE TABLE message_address (
  message_id  INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  role        INTEGER NOT NULL,         -- MimeRole: from sender reply-to to cc bcc
  position    INTEGER NOT NULL,
  address_id  INTEGER NOT NULL REFERENCES address (id),
  name        TEXT NOT NULL,            -- as written in this message
  PRIMARY KEY (message_id, role, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_address_address ON message_address (address_id, message_id);

CREATE TABLE part (
  message_id    INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  position      INTEGER NOT NULL,       -- index in the flat tree
  parent        INTEGER NOT NULL,       -- position of the parent; -1 for the root
  section       TEXT NOT NULL,          -- "1.2" as IMAP numbers it
  type          TEXT NOT NULL,          -- "text/plain", lower case
  charset       TEXT,
  encoding      TEXT,
  filename      TEXT,                   -- made harmless
  content_id    TEXT,
  disposition   TEXT,
  size          INTEGER NOT NULL,       -- decoded, estimated
  facts         INTEGER NOT NULL,       -- attachment, inline image, chosen body
  PRIMARY KEY (message_id, position)
) STRICT, WITHOUT ROWID;

-- One place in one folder that the user can see.  Filed here: folder_id, flags, keywords.  On the server: uid under
-- uidvalidity, or uidl and occurrence.  Without a server copy uid is NULL; a uidl stays, with removed_at, so that it is
-- known again when the server lists it once more.  on_server says it in one word.
CREATE TABLE location (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id    INTEGER NOT NULL REFERENCES message (id),
  folder_id     INTEGER NOT NULL REFERENCES folder (id),
  flags         INTEGER NOT NULL DEFAULT 0,   -- StoreFlags, as the user sees and wants them
  server_flags  INTEGER NOT NULL DEFAULT 0,   -- as the server last said
  uid           INTEGER,
  uidvalidity   INTEGER,
  modseq        INTEGER,
  server_folder INTEGER REFERENCES folder (id),  -- where the server copy lies, if elsewhere: a move that still waits
  uidl          BLOB,                         -- opaque, RFC 1939 says 1 to 70 bytes, servers send more
  occurrence    INTEGER,                      -- 0 for the first message with this uidl in a listing
  stored_at     INTEGER,                      -- whole content durable here since (retention's clock)
  fetched_at    INTEGER,                      -- the whole content came from this very server copy
  verified_at   INTEGER,                      -- ... and was read back from the disk and compared
  remove_after  INTEGER,                      -- retention: due time, NULL = no rule wants it gone
  pinned        INTEGER NOT NULL DEFAULT 0,   -- never remove this one from the server
  announced_at  INTEGER,
  removed_at    INTEGER,                      -- the server copy went at, and who took it away
  removed_by    TEXT,                         -- StoreCause
  rev           INTEGER NOT NULL,
  on_server     INTEGER AS (uid IS NOT NULL OR (uidl IS NOT NULL AND removed_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX location_uid ON location (coalesce (server_folder, folder_id), uidvalidity, uid) WHERE uid IS NOT NULL;
CREATE INDEX location_list ON location (folder_id, message_id);
CREATE INDEX location_unread ON location (folder_id, message_id) WHERE (flags & 1) = 0;
CREATE INDEX location_flagged ON location (message_id, folder_id) WHERE (flags & 4) <> 0;
CREATE INDEX location_message ON location (message_id);
CREATE INDEX location_uidl ON location (uidl) WHERE uidl IS NOT NULL;
CREATE INDEX location_due ON location (remove_after) WHERE remove_after IS NOT NULL AND pinned = 0;
CREATE INDEX location_rev ON location (rev);

CREATE TRIGGER location_added AFTER INSERT ON location BEGIN
  UPDATE folder SET total = total + 1, unread = unread + ((NEW.flags & 1) = 0), rev = max (rev, NEW.rev)
    WHERE id = NEW.folder_id;
  UPDATE message SET orphaned_at = NULL WHERE id = NEW.message_id AND orphaned_at IS NOT NULL;
END;
CREATE TRIGGER location_moved AFTER UPDATE OF folder_id, flags ON location
  WHEN NEW.folder_id <> OLD.folder_id OR (NEW.flags & 1) <> (OLD.flags & 1) BEGIN
  UPDATE folder SET total = total - 1, unread = unread - ((OLD.flags & 1) = 0), rev = max (rev, NEW.rev)
    WHERE id = OLD.folder_id;
  UPDATE folder SET total = total + 1, unread = unread + ((NEW.flags & 1) = 0), rev = max (rev, NEW.rev)
    WHERE id = NEW.folder_id;
END;
CREATE TRIGGER location_ended AFTER DELETE ON location BEGIN
  UPDATE folder SET total = total - 1, unread = unread - ((OLD.flags & 1) = 0),
    rev = (SELECT rev FROM revision) WHERE id = OLD.folder_id;
  UPDATE message SET orphaned_at = coalesce ((SELECT ended_at FROM tombstone WHERE location_id = OLD.id), unixepoch ())
    WHERE id = OLD.message_id AND NOT EXISTS (SELECT 1 FROM location WHERE message_id = OLD.message_id);
END;

CREATE TABLE keyword (
  id    INTEGER PRIMARY KEY,
  name  TEXT NOT NULL UNIQUE COLLATE NOCASE
) STRICT;

CREATE TABLE location_keyword (
  location_id  INTEGER NOT NULL REFERENCES location (id) ON DELETE CASCADE,
  keyword_id   INTEGER NOT NULL REFERENCES keyword (id),
  is_here      INTEGER NOT NULL,             -- as the user sees and wants it
  is_on_server INTEGER NOT NULL,             -- as the server last said
  PRIMARY KEY (location_id, keyword_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX location_keyword_keyword ON location_keyword (keyword_id, location_id);

-- A location that ended.  Keeps a POP3 UIDL from being fetched again, lets models drop rows, lets the user restore.
CREATE TABLE tombstone (
  location_id  INTEGER PRIMARY KEY,
  message_id   INTEGER NOT NULL,             -- may be purged meanwhile
  account_id   INTEGER NOT NULL,
  folder_id    INTEGER NOT NULL,
  uid          INTEGER,
  uidvalidity  INTEGER,
  uidl         BLOB,
  occurrence   INTEGER,
  header_hash  BLOB NOT NULL,
  ended_at     INTEGER NOT NULL,
  ended_by     TEXT NOT NULL,                -- StoreCause
  on_server    INTEGER NOT NULL,             -- 1: a server copy may still exist (POP3: deleted here, kept there)
  server_folder INTEGER,                     -- where it lies, if not in folder_id: a move had not been done yet
  server_flags INTEGER NOT NULL DEFAULT 0,
  rev          INTEGER NOT NULL
) STRICT;
CREATE INDEX tombstone_rev ON tombstone (rev);
CREATE INDEX tombstone_uidl ON tombstone (account_id, uidl) WHERE uidl IS NOT NULL;
CREATE INDEX tombstone_message ON tombstone (message_id);

-- A conversation; its id is the id of the message that founded it.  References join two into the larger one; the
-- subject is a careful last resort.
CREATE TABLE thread (
  id           INTEGER PRIMARY KEY,
  subject_key  INTEGER,                      -- base_slice_hash64 of the folded base subject; NULL: none to go by
  messages     INTEGER NOT NULL              -- rows of message that name it
) STRICT;
CREATE INDEX thread_subject ON thread (subject_key, id) WHERE subject_key IS NOT NULL;

-- What a folder shows of a conversation.  A row with total 0 tells models that it left; the purge takes it away.
CREATE TABLE thread_folder (
  folder_id    INTEGER NOT NULL REFERENCES folder (id),
  thread_id    INTEGER NOT NULL,
  newest       INTEGER NOT NULL,             -- message id
  total        INTEGER NOT NULL,
  unread       INTEGER NOT NULL,
  flagged      INTEGER NOT NULL,
  attachments  INTEGER NOT NULL,
  rev          INTEGER NOT NULL,
  PRIMARY KEY (folder_id, thread_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_folder_newest ON thread_folder (folder_id, newest) WHERE total > 0;
CREATE INDEX thread_folder_thread ON thread_folder (thread_id);
CREATE INDEX thread_folder_rev ON thread_folder (rev);

-- The text exactly as it was inserted into the search index, zstd: for snippets, exact deletes and re-indexing.
CREATE TABLE text (
  message_id  INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
  tokenizer   INTEGER NOT NULL,
  head        BLOB NOT NULL,                 -- the columns of search_head, each followed by NUL
  body        BLOB                           -- the columns of search_body, each followed by NUL; NULL: not indexed yet
) STRICT;
CREATE VIRTUAL TABLE search_head USING fts5 (subject, sender, recipients, list,
  content = '', tokenize = 'penfold');
CREATE VIRTUAL TABLE search_body USING fts5 (body, filename,
  content = '', tokenize = 'penfold');

-- Events that change whereabouts, kept for a year, also when the message itself is gone.
CREATE TABLE history (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  at            INTEGER NOT NULL,
  account_id    INTEGER NOT NULL,
  message_id    INTEGER NOT NULL,
  location_id   INTEGER,
  event         TEXT NOT NULL,               -- stored verified moved copied removed renumbered kept restored purged
  by            TEXT NOT NULL,               -- StoreCause
  rule          TEXT,
  folder_from   TEXT,
  folder_to     TEXT,
  server_words  TEXT,
  subject       TEXT NOT NULL,               -- so that a message that is gone can still be found
  sender        TEXT NOT NULL,
  date          INTEGER
) STRICT;
CREATE INDEX history_message ON history (message_id, id);
CREATE INDEX history_at ON history (at);

-- Changes of desk.db whose local effect is in this file: written in the same transaction as the effect.
CREATE TABLE applied_change (
  change_id  INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL
) STRICT;

-- The locations that such a change made: desk.db learns of them only after the commit.
CREATE TABLE applied_location (
  change_id    INTEGER NOT NULL REFERENCES applied_change (change_id) ON DELETE CASCADE,
  position     INTEGER NOT NULL,             -- of its item
  location_id  INTEGER NOT NULL,
  PRIMARY KEY (change_id, position)
) STRICT, WITHOUT ROWID;

-- The journal of removals by rule: written and committed before DELE or EXPUNGE is sent.
CREATE TABLE removal (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  location_id   INTEGER NOT NULL,
  account_id    INTEGER NOT NULL,
  rule          TEXT NOT NULL,
  sha256        BLOB NOT NULL,
  intended_at   INTEGER NOT NULL,
  state         TEXT NOT NULL,               -- intended, sent, done, unknown, refused
  rounds        INTEGER NOT NULL DEFAULT 0,  -- how often the server said yes and listed it again
  server_words  TEXT
) STRICT;
CREATE INDEX removal_open ON removal (location_id) WHERE state <> 'done';

-- What only a person can decide; the answer is a row in desk.db.
CREATE TABLE question (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id  INTEGER NOT NULL,
  kind        TEXT NOT NULL,                 -- password, certificate, mass-disappearance, first-removal, older-mail, unknown-send
  subject_id  INTEGER,                       -- folder, outbox entry, ...
  details     TEXT NOT NULL,                 -- JSON
  asked_at    INTEGER NOT NULL,
  closed_at   INTEGER,
  rev         INTEGER NOT NULL
) STRICT;
CREATE INDEX question_rev ON question (rev);
