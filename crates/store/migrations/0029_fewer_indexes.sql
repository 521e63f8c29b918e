-- `conversation_with` begins with the same columns.
DROP INDEX conversation_by_contact;

-- What nobody repeats any more is found by its age alone, whichever tenant it is of.
DROP INDEX inbound_by_age;
CREATE INDEX inbound_to_forget ON inbound (received_at) WHERE body IS NULL;
