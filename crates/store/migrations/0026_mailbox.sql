-- Up to where the mailbox with answers to our mail was read, and who looks at it now.
CREATE TABLE mailbox (
    name TEXT NOT NULL PRIMARY KEY,
    -- Numbers of mails only mean something together with this one of the mailbox.
    validity BIGINT NOT NULL,
    last BIGINT NOT NULL,
    looked_at_until BIGINT NOT NULL
);
