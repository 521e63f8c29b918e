-- What a person consented to: access to a server of tools, and what it takes to renew it.

-- `url`: the server it was given for, and goes to. `giver`: who gives access there. `client`: who we are to them; `client_sealed`: our secret,
-- where they gave us one. `sealed`: the tokens; without them `problem` says why, and a person has to consent again. `renewing_until`: somebody
-- fetches new ones until then.
CREATE TABLE mcp_grant (
    tenant TEXT NOT NULL,
    server TEXT NOT NULL,
    url TEXT NOT NULL,
    resource TEXT NOT NULL,
    giver TEXT NOT NULL,
    client TEXT NOT NULL,
    client_sealed TEXT,
    scope TEXT NOT NULL,
    sealed TEXT,
    expires_at BIGINT,
    problem TEXT,
    person TEXT NOT NULL,
    connected_at BIGINT NOT NULL,
    renewing_until BIGINT,
    PRIMARY KEY (tenant, server)
);
