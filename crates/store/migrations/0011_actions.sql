-- What the agent may do alone, what was decided about its calls, and what waits for somebody's word.

-- A business's rules, in order, as one document.
CREATE TABLE policy (
    tenant TEXT NOT NULL PRIMARY KEY,
    rules TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Whether a call was carried out, and which rule said so. The key is the call's place in its turn.
CREATE TABLE decision (
    tenant TEXT NOT NULL,
    turn TEXT NOT NULL,
    step BIGINT NOT NULL,
    n BIGINT NOT NULL,
    action TEXT NOT NULL,
    level TEXT NOT NULL,
    rule TEXT NOT NULL,
    outcome TEXT NOT NULL,
    facts TEXT NOT NULL,
    amount BIGINT,
    approval TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, turn, step, n)
);
CREATE INDEX decision_of_action ON decision (tenant, action, at);

-- A call, or a question, that waits for a customer or a colleague. States: kernel/approval.
CREATE TABLE approval (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    conversation TEXT NOT NULL,
    turn TEXT NOT NULL,
    action TEXT NOT NULL,
    arguments TEXT NOT NULL,
    args_hash TEXT NOT NULL,
    provenance TEXT NOT NULL,
    question TEXT NOT NULL,
    rule TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT,
    note TEXT,
    edited_from TEXT,
    edited_by TEXT,
    taken_by TEXT,
    asked BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    escalate_at BIGINT,
    result TEXT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX approval_recent ON approval (tenant, created_at, id);
CREATE INDEX approval_pending ON approval (tenant, created_at, id) WHERE state = 'pending';
CREATE INDEX approval_of_conversation ON approval (tenant, conversation, created_at, id);
CREATE INDEX approval_of_turn ON approval (tenant, turn);

-- Whom the agent acts for here: it may do no more than they may.
ALTER TABLE conversation ADD COLUMN acts_for TEXT;
