-- migrate:up

-- Store: returns
-- `job`: what to ask the carrier with that is still at it.
ALTER TABLE return_labels ADD COLUMN job jsonb;

-- migrate:down

ALTER TABLE return_labels DROP COLUMN job;
