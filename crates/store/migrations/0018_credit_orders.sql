-- Business credit that is bought from whoever runs the server. Amounts in minor units.

CREATE TABLE credit_order (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL,
    vendor TEXT NOT NULL,
    vendor_link TEXT,
    url TEXT,
    problem TEXT,
    made_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    paid_at BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX credit_order_by_time ON credit_order (tenant, created_at, id);
CREATE INDEX credit_order_by_id ON credit_order (id);
