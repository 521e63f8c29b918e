-- The audit log is chained: the seal of an entry covers it and the seal before it, under the installation's key.

ALTER TABLE audit ADD COLUMN n BIGINT;
ALTER TABLE audit ADD COLUMN seal TEXT;
CREATE UNIQUE INDEX audit_chain ON audit (tenant, n) WHERE n IS NOT NULL;
-- As they are asked for every minute: by any other index SQLite reads the whole log.
CREATE INDEX audit_unsealed ON audit (tenant, at, id) WHERE n IS NULL;
