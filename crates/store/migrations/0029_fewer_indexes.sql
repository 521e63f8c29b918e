-- A contact has few conversations: sorting them costs less than keeping them in order with every message.
DROP INDEX conversation_with;

-- What nobody repeats any more is found by its age alone, whichever tenant it is of.
DROP INDEX inbound_by_age;
CREATE INDEX inbound_to_forget ON inbound (received_at) WHERE body IS NULL;
