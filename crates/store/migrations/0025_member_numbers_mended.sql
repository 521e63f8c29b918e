-- The number that a member had counts until the next one is proven; a request on its way knows what it shows.

-- Claimed in place of `number`, which is confirmed; `code` has to come from this one then.
ALTER TABLE member_number ADD COLUMN next TEXT;

CREATE INDEX member_number_by_next ON member_number (tenant, next) WHERE next IS NOT NULL;

-- The hash of the arguments that a request shows.
ALTER TABLE member_message ADD COLUMN args_hash TEXT;
