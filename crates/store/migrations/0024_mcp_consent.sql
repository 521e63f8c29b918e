-- What a person consented to: access to a server of tools, and what it takes to renew it.

-- `url`: the server it was given for, and goes to. `giver`: who gives access there. `client`: who we are to them; `client_sealed`: our secret,
-- where they gave us one. `sealed`: the tokens; without them `problem` says why, and a person has to consent again. `renewing_until`: somebody
-- fetches new ones until then. `failures`: renewals in a row that came to nothing, the last for the reason in `problem`; not before `retry_at`
-- there is another. `refused_at`: the server did not take what was just given.
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
    failures BIGINT NOT NULL DEFAULT 0,
    retry_at BIGINT,
    refused_at BIGINT,
    PRIMARY KEY (tenant, server)
);

-- Who gives access that a client secret is for, from the first question on: it is shown to nobody else.
ALTER TABLE mcp_server ADD COLUMN sealed_for TEXT;
