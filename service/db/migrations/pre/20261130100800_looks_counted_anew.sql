-- migrate:up

-- Store: bookings
-- Of what has a number the looks are counted anew: how often its carrier did not know it.
UPDATE bookings SET looks = 0 WHERE booked_at IS NOT NULL AND looks > 0;

-- migrate:down
