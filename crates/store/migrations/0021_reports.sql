-- Reports: figures of a stretch of days, kept as they were when they were made. And the ways in which figures are read.

-- `covers`: JSON list of the locations whose figures are in it; empty = all of them. `need`: what one must be allowed to see it.
CREATE TABLE report (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    analysis TEXT NOT NULL,
    title TEXT NOT NULL,
    need TEXT NOT NULL,
    covers TEXT NOT NULL,
    sheet TEXT NOT NULL,
    made_by TEXT NOT NULL,
    turn TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX report_by_time ON report (tenant, created_at, id);

CREATE INDEX payment_by_paid ON payment (tenant, paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX refund_by_time ON refund (tenant, created_at);
-- With the conversation, so that messages are counted by channel without reading them.
DROP INDEX message_by_time;
CREATE INDEX message_by_time ON message (tenant, at, direction, author, conversation);
