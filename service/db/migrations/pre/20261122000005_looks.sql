-- migrate:up

-- Store: inbox. Why a shop was looked at, what it cost, and which period it proves.

CREATE TABLE looks (
    look_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    lane text NOT NULL,
    cause text NOT NULL
        CHECK (cause IN ('outage', 'hook_off', 'refused', 'silence', 'unreadable', 'person', 'returned')),
    doubted_from timestamptz,
    asked_at timestamptz NOT NULL,
    began_at timestamptz,
    ended_at timestamptz,
    covers_from timestamptz,
    covers_until timestamptz,
    calls integer NOT NULL DEFAULT 0,
    found integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX looks_open ON looks (tenant_id, lane, cause) WHERE ended_at IS NULL;
CREATE INDEX looks_of_tenant ON looks (tenant_id, lane, ended_at);

ALTER TABLE hints ADD COLUMN cause text;
CREATE INDEX orders_by_change ON orders (tenant_id, last_update_time);

ALTER TABLE looks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON looks USING (tenant_id = current_setting('app.tenant', true)
    OR current_setting('app.tenant', true) = '*');
GRANT SELECT, INSERT, UPDATE, DELETE ON looks TO expedition;

-- migrate:down
DROP INDEX orders_by_change;
ALTER TABLE hints DROP COLUMN cause;
DROP TABLE looks;
