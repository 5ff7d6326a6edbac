-- migrate:up

-- Store: contracts
-- Since when a carrier that was asked again and again has only ever been busy.
ALTER TABLE breakers ADD COLUMN busy_since timestamptz;

-- migrate:down
ALTER TABLE breakers DROP COLUMN busy_since;
