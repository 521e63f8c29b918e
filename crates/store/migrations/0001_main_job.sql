-- The main job: businesses, channels, contacts, conversations, the durable turn, the built-in calendar.
-- Portable subset: TEXT, BIGINT (ms of UTC), BOOLEAN, BYTEA. Every tenant table's key starts with `tenant`.

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- A process that does work. Its lease is the lease of every lane and effect it owns.
CREATE TABLE node (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- ---------------------------------------------------------------- businesses
CREATE TABLE tenant (
    tenant TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    business_type TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    language TEXT NOT NULL,
    currency TEXT NOT NULL,
    profile TEXT NOT NULL,
    settings TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- People who sign in. Not of one tenant: one person may work for several.
CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    operator BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE member (
    tenant TEXT NOT NULL,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, person)
);
CREATE INDEX member_by_person ON member (person);

CREATE TABLE api_key (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX api_key_by_hash ON api_key (hash);

-- Which tenant a vendor's account belongs to: the one table that is asked before the tenant is known.
CREATE TABLE route (
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    of_tenant TEXT NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (kind, account)
);

CREATE TABLE channel (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    secrets TEXT NOT NULL,
    agent TEXT,
    mock BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    paused_reason TEXT,
    last_error TEXT,
    last_error_at BIGINT,
    last_echo_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- What came for an account that nobody here owns: kept, not answered.
CREATE TABLE stray (
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (kind, account, vendor_id)
);

CREATE TABLE agent (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    published BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX agent_name ON agent (tenant, name);

CREATE TABLE agent_version (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    version BIGINT NOT NULL,
    spec TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, agent, version)
);

-- A model vendor's key of the tenant's own.
CREATE TABLE model_key (
    tenant TEXT NOT NULL,
    vendor TEXT NOT NULL,
    secret TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, vendor)
);

-- ---------------------------------------------------------------- people and threads
CREATE TABLE contact (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    facts TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX contact_by_age ON contact (tenant, created_at, id);

CREATE TABLE contact_address (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    contact TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, value)
);
CREATE INDEX contact_address_by_contact ON contact_address (tenant, contact);

CREATE TABLE conversation (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    channel TEXT NOT NULL,
    contact TEXT NOT NULL,
    address_kind TEXT NOT NULL,
    address TEXT NOT NULL,
    mode TEXT NOT NULL,
    paused_until BIGINT,
    mode_reason TEXT,
    agent TEXT,
    last_inbound_at BIGINT,
    last_message_at BIGINT NOT NULL,
    budget_from BIGINT NOT NULL,
    budget_used BIGINT NOT NULL,
    machine_pairs BIGINT NOT NULL,
    last_text TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX conversation_of_contact ON conversation (tenant, channel, contact);
CREATE INDEX conversation_recent ON conversation (tenant, last_message_at, id);

CREATE TABLE message (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation TEXT NOT NULL,
    seq BIGINT,
    direction TEXT NOT NULL,
    author TEXT NOT NULL,
    parts TEXT NOT NULL,
    body TEXT NOT NULL,
    vendor_id TEXT,
    quotes TEXT,
    delivery TEXT,
    failure TEXT,
    turn TEXT,
    extra TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX message_of_conversation ON message (tenant, conversation, at, id);
CREATE UNIQUE INDEX message_in_lane ON message (tenant, conversation, seq) WHERE seq IS NOT NULL;
CREATE INDEX message_by_vendor ON message (tenant, vendor_id) WHERE vendor_id IS NOT NULL;

CREATE TABLE media (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    mime TEXT NOT NULL,
    file_name TEXT,
    size BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- ---------------------------------------------------------------- the durable turn
-- What was received, once: the first delivery inserts, every other is a duplicate.
CREATE TABLE inbound (
    tenant TEXT NOT NULL,
    account TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    message TEXT,
    body TEXT,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, account, vendor_id)
);
CREATE INDEX inbound_by_age ON inbound (tenant, received_at);

-- One conversation = one lane = one live turn. `epoch` fences whoever lost it.
CREATE TABLE lane (
    tenant TEXT NOT NULL,
    conversation TEXT NOT NULL,
    head_seq BIGINT NOT NULL,
    done_seq BIGINT NOT NULL,
    ready_at BIGINT NOT NULL,
    burst_from BIGINT NOT NULL,
    merge BOOLEAN NOT NULL,
    owner TEXT,
    epoch BIGINT NOT NULL,
    pair_tat BIGINT NOT NULL,
    PRIMARY KEY (tenant, conversation)
);
CREATE INDEX lane_ready ON lane (ready_at) WHERE head_seq > done_seq AND owner IS NULL;
CREATE INDEX lane_owned ON lane (owner) WHERE owner IS NOT NULL;

CREATE TABLE turn (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation TEXT NOT NULL,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    agent TEXT,
    agent_version BIGINT,
    prompt TEXT,
    outcome TEXT,
    problem TEXT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX turn_of_lane ON turn (tenant, conversation, from_seq);
CREATE INDEX turn_recent ON turn (tenant, started_at, id);

CREATE TABLE step (
    tenant TEXT NOT NULL,
    turn TEXT NOT NULL,
    n BIGINT NOT NULL,
    body TEXT NOT NULL,
    millis BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, turn, n)
);

-- An external write. States and classes: kernel/effect.
CREATE TABLE effect (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    class TEXT NOT NULL,
    state TEXT NOT NULL,
    conversation TEXT NOT NULL,
    channel TEXT NOT NULL,
    message TEXT NOT NULL,
    turn TEXT,
    ord BIGINT NOT NULL,
    is_reply BOOLEAN NOT NULL,
    attempts BIGINT NOT NULL,
    resends BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    owner TEXT,
    unknown_since BIGINT,
    vendor_id TEXT,
    problem TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX effect_due ON effect (not_before) WHERE state = 'pending';
CREATE INDEX effect_owned ON effect (owner) WHERE state = 'sending';
CREATE INDEX effect_live ON effect (tenant, conversation, ord) WHERE state IN ('pending', 'sending', 'unknown');
CREATE INDEX effect_review ON effect (tenant, updated_at) WHERE state IN ('unknown', 'review');
CREATE INDEX effect_of_message ON effect (tenant, message);
CREATE INDEX effect_of_conversation ON effect (tenant, conversation, created_at);

CREATE TABLE attempt (
    tenant TEXT NOT NULL,
    effect TEXT NOT NULL,
    n BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT,
    detail TEXT,
    PRIMARY KEY (tenant, effect, n)
);

-- The vendor's news of a message. Two vendor ids for one effect = a detected duplicate.
CREATE TABLE echo (
    tenant TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    status TEXT NOT NULL,
    effect TEXT,
    reason TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, vendor_id, status)
);
CREATE INDEX echo_of_effect ON echo (tenant, effect) WHERE effect IS NOT NULL;

CREATE TABLE timer (
    tenant TEXT NOT NULL,
    dedupe TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    fire_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (tenant, dedupe)
);
CREATE INDEX timer_due ON timer (fire_at) WHERE state = 'armed';

-- The pace of one account (theoretical arrival time of the next message).
CREATE TABLE pace (
    tenant TEXT NOT NULL,
    channel TEXT NOT NULL,
    tat BIGINT NOT NULL,
    PRIMARY KEY (tenant, channel)
);

-- What model calls used; one row per journaled step.
CREATE TABLE ledger (
    tenant TEXT NOT NULL,
    turn TEXT NOT NULL,
    n BIGINT NOT NULL,
    vendor TEXT NOT NULL,
    model TEXT NOT NULL,
    input BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    output BIGINT NOT NULL,
    cost_micros BIGINT,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, turn, n)
);
CREATE INDEX ledger_by_time ON ledger (tenant, at);

-- Something a person should look at.
CREATE TABLE task (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    conversation TEXT,
    turn TEXT,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX task_open ON task (tenant, created_at) WHERE state = 'open';

-- ---------------------------------------------------------------- the built-in calendar
CREATE TABLE service (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    duration_minutes BIGINT NOT NULL,
    buffer_before_minutes BIGINT NOT NULL,
    buffer_after_minutes BIGINT NOT NULL,
    price TEXT,
    description TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE staff (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    specialties TEXT NOT NULL,
    services TEXT NOT NULL,
    hours TEXT,
    active BOOLEAN NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE appointment (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    contact TEXT NOT NULL,
    service TEXT,
    title TEXT NOT NULL,
    staff TEXT,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    blocked_from BIGINT NOT NULL,
    blocked_to BIGINT NOT NULL,
    status TEXT NOT NULL,
    notes TEXT NOT NULL,
    turn TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX appointment_by_time ON appointment (tenant, blocked_from, blocked_to) WHERE status = 'confirmed';
CREATE INDEX appointment_of_contact ON appointment (tenant, contact, starts_at);
