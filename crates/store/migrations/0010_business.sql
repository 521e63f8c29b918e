-- What the overview counts, and what a channel's vendor was heard to say.

CREATE INDEX message_by_time ON message (tenant, at, direction, author);
CREATE INDEX appointment_by_creation ON appointment (tenant, created_at);
CREATE INDEX task_by_age ON task (tenant, created_at, kind);

-- The vendor's handshake succeeded; the last webhook that was ours, and the last that was refused.
ALTER TABLE channel ADD COLUMN verified_at BIGINT;
ALTER TABLE channel ADD COLUMN webhook_at BIGINT;
ALTER TABLE channel ADD COLUMN webhook_problem TEXT;
ALTER TABLE channel ADD COLUMN webhook_problem_at BIGINT;
