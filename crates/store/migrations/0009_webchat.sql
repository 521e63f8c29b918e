-- Web chat: what a visitor's browser is shown, in order, and which files it may fetch.

-- The last number given in a conversation. Its row is the lock: numbers become visible in their order, without a gap.
CREATE TABLE feed (
    tenant TEXT NOT NULL,
    conversation TEXT NOT NULL,
    head BIGINT NOT NULL,
    PRIMARY KEY (tenant, conversation)
);

CREATE TABLE feed_entry (
    tenant TEXT NOT NULL,
    conversation TEXT NOT NULL,
    seq BIGINT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (tenant, conversation, seq)
);
CREATE UNIQUE INDEX feed_entry_of_message ON feed_entry (tenant, message);

-- Files that were shown in a conversation.
CREATE TABLE feed_file (
    tenant TEXT NOT NULL,
    conversation TEXT NOT NULL,
    media TEXT NOT NULL,
    PRIMARY KEY (tenant, conversation, media)
);

-- A visitor's file that no message carries yet.
CREATE TABLE upload (
    tenant TEXT NOT NULL,
    media TEXT NOT NULL,
    channel TEXT NOT NULL,
    visitor TEXT NOT NULL,
    mime TEXT NOT NULL,
    file_name TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, media)
);
CREATE INDEX upload_of_visitor ON upload (tenant, visitor);
CREATE INDEX upload_by_age ON upload (created_at);
