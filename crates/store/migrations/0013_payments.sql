-- Payments of contacts, what was given back, what vendors reported, and the account through which a business takes them.

CREATE TABLE till (
    tenant TEXT NOT NULL,
    vendor TEXT NOT NULL,
    sealed_key TEXT NOT NULL,
    sealed_secrets TEXT NOT NULL,
    rules TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant)
);

-- `reference` names what asked for it, so that the same call is the same payment. Amounts in minor units.
CREATE TABLE payment (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    reference TEXT NOT NULL,
    contact TEXT NOT NULL,
    conversation TEXT,
    appointment TEXT,
    minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL,
    refunded BIGINT NOT NULL,
    vendor TEXT NOT NULL,
    vendor_link TEXT,
    vendor_payment TEXT,
    url TEXT,
    problem TEXT,
    created_at BIGINT NOT NULL,
    paid_at BIGINT,
    ended TEXT,
    ended_at BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX payment_reference ON payment (tenant, reference);
CREATE INDEX payment_by_time ON payment (tenant, created_at, id);
CREATE INDEX payment_of_contact ON payment (tenant, contact, created_at);
CREATE INDEX payment_of_conversation ON payment (tenant, conversation, created_at);
CREATE INDEX payment_by_link ON payment (tenant, vendor_link);
CREATE INDEX payment_by_vendor ON payment (tenant, vendor_payment);

CREATE TABLE refund (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    payment TEXT NOT NULL,
    reference TEXT NOT NULL,
    minor BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    vendor_refund TEXT,
    problem TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX refund_reference ON refund (tenant, reference);
CREATE INDEX refund_of_payment ON refund (tenant, payment, created_at);
CREATE INDEX refund_by_vendor ON refund (tenant, vendor_refund);
CREATE INDEX refund_unanswered ON refund (created_at) WHERE state = 'pending' AND vendor_refund IS NULL;

-- A report is heard once. `payment` is empty when it speaks of none of ours; `notice` is the report in our words.
CREATE TABLE payment_report (
    tenant TEXT NOT NULL,
    vendor TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    payment TEXT,
    outcome TEXT NOT NULL,
    notice TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, vendor, id)
);
CREATE INDEX payment_report_of_payment ON payment_report (tenant, payment);
CREATE INDEX payment_report_by_age ON payment_report (received_at);
