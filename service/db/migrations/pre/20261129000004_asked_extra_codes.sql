-- migrate:up

-- Codes of further parcels that went to an order's history and are not known to stand there.
ALTER TABLE outbox ADD COLUMN asked_extra_codes text[] NOT NULL DEFAULT '{}';

-- migrate:down
ALTER TABLE outbox DROP COLUMN asked_extra_codes;
