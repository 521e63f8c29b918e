-- Secrets that buy access somewhere else, and what the last example call of a tool came to.

-- Where tokens are given for it: the secret itself goes there only, and the token to `host` only.
ALTER TABLE tool_secret ADD COLUMN token_host TEXT;

ALTER TABLE http_tool ADD COLUMN probe TEXT;
