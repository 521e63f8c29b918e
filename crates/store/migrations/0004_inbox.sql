-- The inbox: who looks after a conversation, what the team notes about it, saved replies, and the search over all messages.

ALTER TABLE conversation ADD COLUMN assignee TEXT;

ALTER TABLE conversation ADD COLUMN snoozed_until BIGINT;

ALTER TABLE conversation ADD COLUMN unread BOOLEAN NOT NULL DEFAULT FALSE;

-- The last word is the contact's.
ALTER TABLE conversation ADD COLUMN last_in BOOLEAN NOT NULL DEFAULT FALSE;

UPDATE conversation SET last_in = TRUE WHERE last_inbound_at = last_message_at;

-- Each filter of the list has an index in the list's order. A conversation that the bot answers is in the first and the second only.
CREATE INDEX conversation_by_channel ON conversation (tenant, channel, last_message_at, id);
CREATE INDEX conversation_off_bot ON conversation (tenant, mode, last_message_at, id) WHERE mode <> 'bot';
CREATE INDEX conversation_waiting ON conversation (tenant, last_message_at, id) WHERE last_in = TRUE AND mode IN ('human', 'paused');
CREATE INDEX conversation_unread ON conversation (tenant, last_message_at, id) WHERE unread = TRUE;
CREATE INDEX conversation_assigned ON conversation (tenant, assignee, last_message_at, id) WHERE assignee IS NOT NULL;
CREATE INDEX conversation_snoozed ON conversation (tenant, last_message_at, id) WHERE snoozed_until IS NOT NULL;
CREATE INDEX conversation_with ON conversation (tenant, contact, last_message_at, id);

-- Who of the team wrote it: `usr_…` or `key_…`.
ALTER TABLE message ADD COLUMN written_by TEXT;

CREATE INDEX effect_of_turn ON effect (tenant, turn) WHERE turn IS NOT NULL;

CREATE INDEX turn_of_conversation ON turn (tenant, conversation, started_at, id);

-- What the team tells itself about a conversation; never sent.
CREATE TABLE note (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation TEXT NOT NULL,
    text TEXT NOT NULL,
    written_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX note_of_conversation ON note (tenant, conversation, created_at, id);

-- A saved reply.
CREATE TABLE macro (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX macro_name ON macro (tenant, name);

-- ---------------------------------------------------------------- search over messages
-- Messages that no chunk holds yet: read whole when somebody searches.
CREATE TABLE search_due (
    tenant TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (tenant, message)
);
INSERT INTO search_due (tenant, message) SELECT tenant, id FROM message;

-- A stretch of messages that is indexed together. `messages`: their ids, a line each, oldest first.
CREATE TABLE search_chunk (
    tenant TEXT NOT NULL,
    chunk BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    dirty BOOLEAN NOT NULL,
    messages TEXT NOT NULL,
    PRIMARY KEY (tenant, chunk)
);
CREATE INDEX search_chunk_dirty ON search_chunk (tenant, chunk) WHERE dirty = TRUE;

-- Where in a chunk a word stands: the places of its messages, as differences.
CREATE TABLE search_word (
    tenant TEXT NOT NULL,
    word BYTEA NOT NULL,
    chunk BIGINT NOT NULL,
    hits BYTEA NOT NULL,
    PRIMARY KEY (tenant, word, chunk)
);
CREATE INDEX search_word_of_chunk ON search_word (tenant, chunk);

-- Hints of what changed, from one node to those who watch at the others; kept for a minute. Ids only.
CREATE TABLE relay (
    node TEXT NOT NULL,
    n BIGINT NOT NULL,
    at BIGINT NOT NULL,
    hints TEXT NOT NULL,
    PRIMARY KEY (node, n)
);
CREATE INDEX relay_by_time ON relay (at);
