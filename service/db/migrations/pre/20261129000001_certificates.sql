-- migrate:up

-- Store: inbox. What a look says beyond its counts: how many changes the shop listed, and how many items had no number.
ALTER TABLE looks
    ADD COLUMN listed integer,
    ADD COLUMN nameless integer NOT NULL DEFAULT 0;

-- Since when the mirror of a shop is held against it: the begin of the first pull.
ALTER TABLE readings ADD COLUMN known_from timestamptz;
UPDATE readings
SET known_from = mappings.history_until
FROM mappings
WHERE readings.tenant_id = mappings.tenant_id
  AND readings.lane = 'refresh_orders'
  AND readings.watermark IS NOT NULL;

-- Orders that a look found otherwise than the mirror had them, and of which nobody had told.
CREATE TABLE losses (
    tenant_id text NOT NULL,
    order_number text NOT NULL,
    found_at timestamptz NOT NULL,
    what text NOT NULL CHECK (what IN ('new', 'changed', 'restored', 'absent', 'unread')),
    known_at timestamptz,
    created_at timestamptz,
    changed_at timestamptz,
    looked_at timestamptz NOT NULL,
    told_at timestamptz,
    PRIMARY KEY (tenant_id, order_number, found_at)
);
CREATE INDEX losses_by_age ON losses (tenant_id, found_at);

ALTER TABLE losses ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON losses USING (tenant_id = current_setting('app.tenant', true)
    OR current_setting('app.tenant', true) = '*');
GRANT SELECT, INSERT, UPDATE, DELETE ON losses TO expedition;
GRANT UPDATE ON receiver_outages TO expedition;

-- migrate:down
DROP TABLE losses;
ALTER TABLE readings DROP COLUMN known_from;
ALTER TABLE looks DROP COLUMN nameless, DROP COLUMN listed;
