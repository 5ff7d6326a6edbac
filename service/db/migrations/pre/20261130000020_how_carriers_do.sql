-- migrate:up

-- Store: bookings
-- What is not settled is counted every few seconds, over every tenant.
CREATE INDEX bookings_open ON bookings (due_at) WHERE due_at IS NOT NULL;

-- Store: contracts
-- `shut_out`: the login was refused last; that is its holder's to mend, and says nothing about the carrier.
ALTER TABLE breakers ADD COLUMN shut_out boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE breakers DROP COLUMN shut_out;
DROP INDEX bookings_open;
