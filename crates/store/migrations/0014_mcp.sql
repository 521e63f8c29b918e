-- Servers that offer tools to the agents of a business, and what people decided about those tools.

-- `sealed`: the credential that `auth` speaks of. `about`: what it said of itself. `problem`: why it could not be asked the last time.
CREATE TABLE mcp_server (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    auth TEXT NOT NULL,
    sealed TEXT,
    enabled BOOLEAN NOT NULL,
    about TEXT,
    problem TEXT,
    notes TEXT NOT NULL,
    checked_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX mcp_server_name ON mcp_server (tenant, name);

-- `offered`: the tool as its server describes it now. `approved`: what a person said yes to. They are compared by their hashes.
CREATE TABLE mcp_tool (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    server TEXT NOT NULL,
    name TEXT NOT NULL,
    shown_as TEXT NOT NULL,
    offered TEXT NOT NULL,
    offered_hash TEXT NOT NULL,
    present BOOLEAN NOT NULL,
    approved TEXT,
    approved_hash TEXT,
    approved_by TEXT,
    approved_at BIGINT,
    enabled BOOLEAN NOT NULL,
    effect TEXT NOT NULL,
    repeatable BOOLEAN NOT NULL,
    level TEXT,
    seen_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX mcp_tool_name ON mcp_tool (tenant, server, name);
CREATE UNIQUE INDEX mcp_tool_shown ON mcp_tool (tenant, shown_as);
