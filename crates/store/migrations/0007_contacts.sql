-- Contacts that are searched, tagged, merged, imported; tasks that belong to somebody and are due.

ALTER TABLE contact ADD COLUMN language TEXT;
-- What staff wrote about them; the bot does not read it.
ALTER TABLE contact ADD COLUMN note TEXT;
-- By what they are sorted: `0` and the folded name, `1` for nobody knows. Null: not in the search yet.
ALTER TABLE contact ADD COLUMN name_key TEXT;
CREATE INDEX contact_by_name ON contact (tenant, name_key, id);
CREATE INDEX contact_by_change ON contact (tenant, updated_at, id);
CREATE INDEX contact_unindexed ON contact (created_at) WHERE name_key IS NULL;

CREATE TABLE contact_tag (
    tenant TEXT NOT NULL,
    tag TEXT NOT NULL,
    contact TEXT NOT NULL,
    PRIMARY KEY (tenant, tag, contact)
);
CREATE INDEX contact_tag_of_contact ON contact_tag (tenant, contact);

-- What a contact is found by, folded. Bytes, so that the order is the same in every database and a prefix is a range.
CREATE TABLE contact_word (
    tenant TEXT NOT NULL,
    word BYTEA NOT NULL,
    contact TEXT NOT NULL,
    PRIMARY KEY (tenant, word, contact)
);
CREATE INDEX contact_word_of_contact ON contact_word (tenant, contact, word);

-- One contact became part of another; `before` is what it takes to part them again.
CREATE TABLE contact_merge (
    tenant TEXT NOT NULL,
    other TEXT NOT NULL,
    survivor TEXT NOT NULL,
    before TEXT NOT NULL,
    merged_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, other)
);
CREATE INDEX contact_merge_into ON contact_merge (tenant, survivor);

-- Two addresses of one contact on one channel are two threads there. `branch` is empty for the first thread, the id of the contact whom
-- it was with for those that came through a merge.
ALTER TABLE conversation ADD COLUMN branch TEXT NOT NULL DEFAULT '';
DROP INDEX conversation_of_contact;
CREATE UNIQUE INDEX conversation_of_contact ON conversation (tenant, channel, contact, branch);
CREATE INDEX conversation_by_contact ON conversation (tenant, contact);

-- A file of contacts on its way in. `next_row` fences: a stretch of rows is taken in once.
CREATE TABLE contact_import (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    file_name TEXT NOT NULL,
    format TEXT NOT NULL,
    shape TEXT NOT NULL,
    plan TEXT,
    content BYTEA,
    total BIGINT NOT NULL,
    next_row BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    problem TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX contact_import_by_age ON contact_import (tenant, created_at, id);
CREATE INDEX contact_import_running ON contact_import (updated_at) WHERE state = 'running';

CREATE TABLE contact_import_problem (
    tenant TEXT NOT NULL,
    import TEXT NOT NULL,
    line BIGINT NOT NULL,
    reason TEXT NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY (tenant, import, line)
);

ALTER TABLE task ADD COLUMN detail TEXT;
ALTER TABLE task ADD COLUMN due_at BIGINT;
ALTER TABLE task ADD COLUMN assignee TEXT;
ALTER TABLE task ADD COLUMN contact TEXT;
ALTER TABLE task ADD COLUMN appointment TEXT;
-- Empty: the server itself.
ALTER TABLE task ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE task ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX task_by_state ON task (tenant, state, created_at, id);
CREATE INDEX task_of_contact ON task (tenant, contact) WHERE contact IS NOT NULL;
CREATE INDEX task_of_conversation ON task (tenant, conversation) WHERE conversation IS NOT NULL;
