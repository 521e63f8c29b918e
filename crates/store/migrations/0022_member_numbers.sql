-- Requests that reach members on their own numbers, and are answered from there.

-- A member's own number, in digits. It counts once its code came from it; two may claim one, it is confirmed for one.
-- `line` orders what is sent to it. `heard_at` and `channel`: when and where an answer last came. `tries`: wrong codes of an hour.
CREATE TABLE member_number (
    tenant TEXT NOT NULL,
    person TEXT NOT NULL,
    number TEXT NOT NULL,
    line TEXT NOT NULL,
    code TEXT,
    code_until BIGINT,
    confirmed_at BIGINT,
    channel TEXT,
    heard_at BIGINT,
    tries BIGINT NOT NULL,
    tries_from BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, person)
);
CREATE INDEX member_number_by_number ON member_number (tenant, number);
CREATE UNIQUE INDEX member_number_confirmed ON member_number (tenant, number) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX member_number_by_line ON member_number (tenant, line);

-- What was said there, in and out: no conversation of a customer.
CREATE TABLE member_message (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    line TEXT NOT NULL,
    person TEXT NOT NULL,
    direction TEXT NOT NULL,
    part TEXT NOT NULL,
    approval TEXT,
    vendor_id TEXT,
    delivery TEXT,
    failure TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX member_message_of_line ON member_message (tenant, line, at, id);
CREATE INDEX member_message_of_person ON member_message (tenant, person);
CREATE INDEX member_message_of_approval ON member_message (tenant, approval) WHERE approval IS NOT NULL;

-- What an answer names: a request with exactly these arguments.
CREATE TABLE approval_code (
    tenant TEXT NOT NULL,
    code TEXT NOT NULL,
    approval TEXT NOT NULL,
    args_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, code)
);
CREATE UNIQUE INDEX approval_code_of_version ON approval_code (tenant, approval, args_hash);
CREATE INDEX approval_code_by_age ON approval_code (created_at);

-- How many of those who are named for it were told so far.
ALTER TABLE approval ADD COLUMN escalated BIGINT NOT NULL DEFAULT 0;
