-- Business credit. Nothing is here for a business that keeps no accounts.

-- What is there now. `balance` is what was topped up less what was spent; of it, `reserved` is held for what is under way. `topped` is
-- what was free after the last of its `grants` top-ups, `last` the number of the last entry, `fee_from` the first month not yet charged.
CREATE TABLE token_account (
    tenant TEXT NOT NULL,
    balance BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    topped BIGINT NOT NULL,
    grants BIGINT NOT NULL,
    last BIGINT NOT NULL,
    fee_from TEXT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant)
);

-- The ledger: only ever appended to. `tokens` is the change of the balance, `held` the change of what is reserved; their sums are the
-- account. `once` names what was done, so that it is entered once.
CREATE TABLE token_entry (
    tenant TEXT NOT NULL,
    n BIGINT NOT NULL,
    once TEXT NOT NULL,
    kind TEXT NOT NULL,
    action TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    held BIGINT NOT NULL,
    balance BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    day TEXT NOT NULL,
    channel TEXT,
    conversation TEXT,
    turn TEXT,
    note TEXT,
    made_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, n)
);
CREATE UNIQUE INDEX token_entry_once ON token_entry (tenant, once);
CREATE INDEX token_entry_by_day ON token_entry (tenant, day, action);
CREATE INDEX token_entry_of_conversation ON token_entry (tenant, conversation) WHERE conversation IS NOT NULL;

-- What is reserved now: each becomes a commit or a release.
CREATE TABLE token_hold (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    action TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    day TEXT NOT NULL,
    contact TEXT,
    campaign TEXT,
    channel TEXT,
    conversation TEXT,
    turn TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);
CREATE INDEX token_hold_of_turn ON token_hold (tenant, turn) WHERE turn IS NOT NULL;

-- What was spent and is reserved in a day, a month or a campaign (`day/2026-11-25`); `contact` is empty for everybody together.
CREATE TABLE token_spent (
    tenant TEXT NOT NULL,
    span TEXT NOT NULL,
    contact TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, span, contact)
);

-- Until when what a conversation is sent is paid for, and by which hold or commit.
CREATE TABLE token_window (
    tenant TEXT NOT NULL,
    conversation TEXT NOT NULL,
    action TEXT NOT NULL,
    ends_at BIGINT NOT NULL,
    paid_by TEXT NOT NULL,
    PRIMARY KEY (tenant, conversation, action)
);

-- What somebody was told already.
CREATE TABLE token_alert (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- What an effect holds of the credit: settled with the effect. Nothing where no accounts are kept.
ALTER TABLE effect ADD COLUMN hold TEXT;
