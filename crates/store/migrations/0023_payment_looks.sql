-- When a vendor is asked what became of a payment, because its report may be lost; empty: not any more.

ALTER TABLE payment ADD COLUMN look_at BIGINT;
CREATE INDEX payment_look ON payment (look_at) WHERE look_at IS NOT NULL;

ALTER TABLE credit_order ADD COLUMN look_at BIGINT;
CREATE INDEX credit_order_look ON credit_order (look_at) WHERE look_at IS NOT NULL;
