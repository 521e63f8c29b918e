-- Tools that a business defines itself, their secrets, and the calls that leave the house.

CREATE TABLE http_tool (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    spec TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX http_tool_name ON http_tool (tenant, name);
CREATE UNIQUE INDEX http_tool_number ON http_tool (tenant, number);

-- Sealed; each may be sent to one host only. `tool`: goes with that tool.
CREATE TABLE tool_secret (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    sealed TEXT NOT NULL,
    tool TEXT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- A call of a turn that is made outside of any transaction: planned with the decision, begun before the I/O, ended by its outcome.
-- `result` is kept until the turn's journal holds it.
CREATE TABLE tool_call (
    tenant TEXT NOT NULL,
    turn TEXT NOT NULL,
    step BIGINT NOT NULL,
    n BIGINT NOT NULL,
    tool TEXT NOT NULL,
    name TEXT NOT NULL,
    class TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    result TEXT,
    started_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (tenant, turn, step, n)
);
CREATE INDEX tool_call_of_tool ON tool_call (tenant, tool, started_at);
