-- migrate:up

-- Store: handovers
-- `cancelled_at`: a person saw to one that was parked, elsewhere.
ALTER TABLE handovers ADD COLUMN cancelled_at timestamptz;
CREATE INDEX handovers_parked ON handovers (tenant_id) WHERE parked IS NOT NULL AND cancelled_at IS NULL;

-- migrate:down
DROP INDEX handovers_parked;
ALTER TABLE handovers DROP COLUMN cancelled_at;
