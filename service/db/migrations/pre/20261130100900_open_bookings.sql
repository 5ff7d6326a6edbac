-- migrate:up

-- What a person or a carrier still has to do with: a handful, among all that a shop ever sent. Counted and listed
-- whenever somebody looks at the page.
CREATE INDEX bookings_not_done ON bookings (tenant_id)
    WHERE cancelled_at IS NULL AND (handed_at IS NULL OR parked IS NOT NULL OR due_at IS NOT NULL);

-- migrate:down

DROP INDEX bookings_not_done;
