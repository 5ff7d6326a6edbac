-- migrate:up

-- Store: bookings
-- When the label was first asked for: the carrier may have printed it, whatever became of the answer.
ALTER TABLE bookings ADD COLUMN label_asked_at timestamptz;
UPDATE bookings SET label_asked_at = booked_at WHERE booked_at IS NOT NULL;

-- migrate:down
ALTER TABLE bookings DROP COLUMN label_asked_at;
