-- migrate:up

-- Store: bookings
-- `made_under`: the login a carrier gave the number under, where another one stands in for it by now.
ALTER TABLE bookings ADD COLUMN made_under text;

-- migrate:down

ALTER TABLE bookings DROP COLUMN made_under;
