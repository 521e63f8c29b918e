-- Drafts of agents, who published what, the library of prompts.

-- What somebody is writing; the published version answers meanwhile. An agent without a draft is as it was published.
CREATE TABLE agent_draft (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    spec TEXT NOT NULL,
    based_on BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, agent)
);

-- The person or key that published it; nobody = the command line.
ALTER TABLE agent_version ADD COLUMN author TEXT;

CREATE TABLE prompt (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    metadata TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX prompt_name ON prompt (tenant, name);
CREATE UNIQUE INDEX prompt_number ON prompt (tenant, number);

-- Numbers that are given once, also after a deletion.
CREATE TABLE counter (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);
