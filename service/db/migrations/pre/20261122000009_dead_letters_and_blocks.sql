-- migrate:up

-- A delivery that cannot be expanded: how often it was tried, when it is tried again, why it waits for a person.
ALTER TABLE deliveries
    ADD COLUMN tries smallint NOT NULL DEFAULT 0,
    ADD COLUMN due_at timestamptz,
    ADD COLUMN parked text;
CREATE INDEX deliveries_parked ON deliveries (tenant_id, lane) WHERE parked IS NOT NULL;
-- For replays. Small, and no burden to the receiver: deliveries come in the order of their times.
CREATE INDEX deliveries_by_time ON deliveries USING brin (received_at);

-- Whether the last try of a hint ended in a fault of ours; otherwise the shop's word ended it.
ALTER TABLE hints ADD COLUMN died boolean NOT NULL DEFAULT false;

-- A block of the add-on: all tenants are held at once. `refused_at`: when a shop last refused credentials it had taken.
ALTER TABLE tenants DROP CONSTRAINT tenants_state_check;
ALTER TABLE tenants
    ADD CONSTRAINT tenants_state_check CHECK (state IN ('active', 'suspended', 'held', 'dismissed')),
    ADD COLUMN refused_at timestamptz;

-- It belongs to no tenant. `next_at` is the next probe, or, once one was let in, the next step of the waking.
CREATE TABLE blocks (
    block_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    since timestamptz NOT NULL,
    seen text[] NOT NULL,
    next_at timestamptz NOT NULL,
    probes integer NOT NULL DEFAULT 0,
    last_probed text,
    waking_since timestamptz,
    stride integer NOT NULL DEFAULT 0,
    ended_at timestamptz
);
CREATE UNIQUE INDEX blocks_open ON blocks ((ended_at IS NULL)) WHERE ended_at IS NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON blocks TO expedition;
-- Who was let in of late is asked over all shops.
CREATE INDEX calls_by_time ON calls USING brin (began_at);

-- migrate:down
DROP INDEX calls_by_time;
DROP TABLE blocks;
UPDATE tenants SET state = 'active', state_why = NULL WHERE state = 'held';
ALTER TABLE tenants DROP CONSTRAINT tenants_state_check;
ALTER TABLE tenants
    ADD CONSTRAINT tenants_state_check CHECK (state IN ('active', 'suspended', 'dismissed')),
    DROP COLUMN refused_at;
ALTER TABLE hints DROP COLUMN died;
DROP INDEX deliveries_by_time;
DROP INDEX deliveries_parked;
ALTER TABLE deliveries DROP COLUMN parked, DROP COLUMN due_at, DROP COLUMN tries;
