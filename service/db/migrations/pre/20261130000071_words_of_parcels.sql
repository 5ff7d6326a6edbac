-- migrate:up

-- Store: bookings
-- What is still to be forgotten: few of all, and looked for by every sweep.
CREATE INDEX bookings_worded ON bookings (tenant_id, changed_at)
    WHERE content IS NOT NULL OR why IS NOT NULL OR faults <> '[]';

-- migrate:down
DROP INDEX bookings_worded;
