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

-- migrate:down
ALTER TABLE hints DROP COLUMN died;
DROP INDEX deliveries_by_time;
DROP INDEX deliveries_parked;
ALTER TABLE deliveries DROP COLUMN parked, DROP COLUMN due_at, DROP COLUMN tries;
