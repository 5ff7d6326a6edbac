-- migrate:up
-- A status may be confirmed by its echo while the code that went in another call was never shown.
ALTER TABLE outbox ADD COLUMN code_confirmed_at timestamptz;
UPDATE outbox SET code_confirmed_at = confirmed_at WHERE confirmed_at IS NOT NULL;

-- migrate:down
ALTER TABLE outbox DROP COLUMN code_confirmed_at;
