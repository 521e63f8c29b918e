-- What the vendor has told of a message under its id, as bits (`store/deliveries.rs`): a row of `echo` is kept only of what is unusual.
ALTER TABLE message ADD COLUMN heard BIGINT NOT NULL DEFAULT 0;
