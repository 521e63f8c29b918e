-- Servers of tools are asked anew by themselves, and whether anything of them changed is told by an index.

-- When it is asked by itself at the earliest.
ALTER TABLE mcp_server ADD COLUMN ask_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX mcp_server_due ON mcp_server (ask_at);
CREATE INDEX mcp_server_changed ON mcp_server (updated_at);
CREATE INDEX mcp_tool_changed ON mcp_tool (updated_at);
-- It was always the same as `updated_at`, or older.
ALTER TABLE mcp_tool DROP COLUMN seen_at;
