-- migrate:up

-- Store: contracts
-- Since when a carrier that was asked again and again has only ever been busy.
ALTER TABLE breakers ADD COLUMN busy_since timestamptz;

-- Store: bookings
-- Of what has a number the looks are counted anew: how often its carrier did not know it.
UPDATE bookings SET looks = 0 WHERE booked_at IS NOT NULL AND looks > 0;

-- migrate:down
ALTER TABLE breakers DROP COLUMN busy_since;
