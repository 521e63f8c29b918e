-- Signing in: invitations, password resets, second factors, passkeys, single sign-on, and the mail that belongs to them.

-- Somebody is asked to work here. The token of the link is known by its hash only.
CREATE TABLE invitation (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    locations TEXT NOT NULL,
    hash TEXT NOT NULL,
    invited_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    outcome TEXT,
    ended_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX invitation_by_hash ON invitation (hash);
CREATE INDEX invitation_by_age ON invitation (tenant, created_at, id);
CREATE INDEX invitation_by_email ON invitation (email) WHERE outcome IS NULL;

CREATE TABLE password_reset (
    hash TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX password_reset_of_person ON password_reset (person);

-- Failed attempts by what they have in common (address, account), known by hash. Stale ones are forgotten.
CREATE TABLE throttle (
    subject TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- A step of signing in that waits for the next one. Each is used once.
CREATE TABLE challenge (
    hash TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    person TEXT,
    detail TEXT NOT NULL,
    tries BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- The secret that an authenticator app shares with us, sealed. `last_step`: codes up to this one are used up.
CREATE TABLE totp (
    person TEXT NOT NULL PRIMARY KEY,
    secret TEXT NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE recovery_code (
    person TEXT NOT NULL,
    hash TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (person, hash)
);

CREATE TABLE passkey (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    credential TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    counter BIGINT NOT NULL,
    transports TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkey_of_person ON passkey (person, created_at);

-- Whom an identity provider means by a subject.
CREATE TABLE identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identity_of_person ON identity (person);

-- A mail of ours (invitation, reset). Its contents are sealed, and gone once it has left.
CREATE TABLE mail (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    contents TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    problem TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX mail_due ON mail (not_before) WHERE state = 'pending';
