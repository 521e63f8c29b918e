-- The calendar as people run it: absences, reasons, what a change replaced, and when lists changed.

ALTER TABLE service ADD COLUMN updated_at BIGINT;
CREATE INDEX service_changed ON service (updated_at);

ALTER TABLE staff ADD COLUMN updated_at BIGINT;
-- JSON list of absences.
ALTER TABLE staff ADD COLUMN away TEXT;
CREATE INDEX staff_changed ON staff (updated_at);

-- Why it was cancelled.
ALTER TABLE appointment ADD COLUMN reason TEXT;
-- The appointment as it was before a person's last change, in JSON; nothing after a change by the customer.
ALTER TABLE appointment ADD COLUMN previous TEXT;
CREATE INDEX appointment_by_start ON appointment (tenant, starts_at, id);
