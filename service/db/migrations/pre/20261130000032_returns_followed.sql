-- migrate:up

-- Store: tracking
-- `is_back`: a box a customer sends back. Then `booking_id` is the return's, and `shipment_id` is what it went out with.
ALTER TABLE tracked ADD COLUMN is_back boolean NOT NULL DEFAULT false;

-- migrate:down
DELETE FROM scans USING tracked
WHERE tracked.tenant_id = scans.tenant_id AND tracked.booking_id = scans.booking_id AND tracked.is_back;
DELETE FROM tracked WHERE is_back;
ALTER TABLE tracked DROP COLUMN is_back;
