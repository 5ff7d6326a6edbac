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

-- When the receiver last said that it lives, and when it was away.
CREATE TABLE receiver_beats (
    name text PRIMARY KEY,
    alive_at timestamptz NOT NULL
);
CREATE TABLE receiver_outages (
    outage_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL
);
CREATE INDEX receiver_outages_by_end ON receiver_outages (ended_at);

-- In which five minutes of an hour a shop told of an event, a bit for each.
CREATE TABLE heard (
    tenant_id text NOT NULL,
    event text NOT NULL,
    hour timestamptz NOT NULL,
    slots smallint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, event, hour)
);
CREATE INDEX orders_by_change ON orders (tenant_id, last_update_time);

ALTER TABLE looks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON looks USING (tenant_id = current_setting('app.tenant', true)
    OR current_setting('app.tenant', true) = '*');
ALTER TABLE heard ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON heard USING (tenant_id = current_setting('app.tenant', true)
    OR current_setting('app.tenant', true) = '*');
GRANT SELECT, INSERT, UPDATE, DELETE ON looks, heard, receiver_beats TO expedition;
GRANT SELECT, INSERT ON receiver_outages TO expedition;

-- migrate:down
DROP INDEX orders_by_change;
ALTER TABLE hints DROP COLUMN cause;
DROP TABLE heard;
DROP TABLE receiver_outages;
DROP TABLE receiver_beats;
DROP TABLE looks;
