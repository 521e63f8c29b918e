-- The API and the console: sessions of people, locations, the audit log, repeated requests.

ALTER TABLE person ADD COLUMN language TEXT;
-- A password that somebody else knows (printed, handed over) must be changed at the first sign-in.
ALTER TABLE person ADD COLUMN must_change_password BOOLEAN NOT NULL DEFAULT FALSE;

-- JSON list of location ids; empty = everywhere.
ALTER TABLE member ADD COLUMN locations TEXT NOT NULL DEFAULT '[]';

-- A browser that is signed in. The token itself is never stored.
CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_of_person ON session (person);

CREATE TABLE location (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT NOT NULL,
    time_zone TEXT,
    position BIGINT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

ALTER TABLE channel ADD COLUMN location TEXT;
ALTER TABLE staff ADD COLUMN location TEXT;
ALTER TABLE appointment ADD COLUMN location TEXT;

-- Who changed what. Only ever added to.
CREATE TABLE audit (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX audit_by_time ON audit (tenant, at, id);

-- A POST that names itself (`Idempotency-Key`) is carried out once; its answer is kept for a day.
CREATE TABLE repeat_key (
    tenant TEXT NOT NULL,
    actor TEXT NOT NULL,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    status BIGINT,
    content_type TEXT,
    body BYTEA,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, actor, name)
);
CREATE INDEX repeat_key_by_age ON repeat_key (at);
