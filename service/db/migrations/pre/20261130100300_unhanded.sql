-- migrate:up

-- What has its label and is with nobody yet: a handful, among all that a shop ever sent. Asked at every sweep.
CREATE INDEX bookings_unhanded ON bookings (tenant_id, label_at)
    WHERE label_at IS NOT NULL AND handed_at IS NULL AND cancelled_at IS NULL AND cancel_asked_at IS NULL;

-- migrate:down

DROP INDEX bookings_unhanded;
