-- Sessions of the agent server's contract: threads in which the agent acts for somebody of the team.
CREATE INDEX conversation_for ON conversation (tenant, acts_for, last_message_at DESC, id DESC) WHERE acts_for IS NOT NULL;
CREATE INDEX token_entry_of_turn ON token_entry (tenant, turn) WHERE turn IS NOT NULL;
