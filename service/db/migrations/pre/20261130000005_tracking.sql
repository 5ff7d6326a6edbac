-- migrate:up

-- A parcel may be on its way back before it is back.
ALTER TABLE mapped_statuses DROP CONSTRAINT mapped_statuses_role_check;
ALTER TABLE mapped_statuses ADD CONSTRAINT mapped_statuses_role_check
    CHECK (role IN ('release', 'shipped', 'pickup_point', 'delivered', 'returning', 'returned'));
ALTER TABLE outbox DROP CONSTRAINT outbox_milestone_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_milestone_check
    CHECK (milestone IN ('shipped', 'pickup_point', 'delivered', 'returning', 'returned'));

-- Store: tracking
-- A booked box and where it is. `state_since`: when we learned of the state. `delivered_on`: the day its carrier says.
-- `stopped_at`: asked about no more, though it never arrived. `goods_back_at`: the warehouse has what came back.
CREATE TABLE tracked (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    place smallint NOT NULL,
    contract_id text NOT NULL,
    carrier text NOT NULL,
    number text NOT NULL,
    order_number text NOT NULL,
    shipment_id text NOT NULL,
    state text NOT NULL,
    reason text,
    state_since timestamptz NOT NULL,
    last_scan_at timestamptz,
    delivered_on date,
    stored_until date,
    partner text,
    due_at timestamptz,
    since timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    claim text,
    polled_at timestamptz,
    final_at timestamptz,
    stopped_at timestamptz,
    goods_back_at timestamptz,
    goods_back_by text,
    first_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, booking_id, place),
    CHECK (due_at IS NULL OR since IS NOT NULL)
);
CREATE INDEX tracked_due ON tracked (due_at, tenant_id) WHERE due_at IS NOT NULL;
CREATE INDEX tracked_of_order ON tracked (tenant_id, order_number);
CREATE INDEX tracked_by_number ON tracked (contract_id, number);
CREATE INDEX tracked_stopped ON tracked (tenant_id, stopped_at) WHERE stopped_at IS NOT NULL;
CREATE INDEX tracked_back ON tracked (tenant_id, state_since) WHERE state IN ('returning', 'returned');

-- Every scan as its carrier told it, each once. `mark`: a digest of code, place and words, which go when orders are
-- masked, as they may name somebody. `state`, `reason`: what we read in it.
CREATE TABLE scans (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    place smallint NOT NULL,
    at timestamptz NOT NULL,
    mark text NOT NULL,
    code text NOT NULL,
    said text,
    spot text,
    state text NOT NULL,
    reason text,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, booking_id, place, at, mark)
);
CREATE INDEX scans_worded ON scans (tenant_id, seen_at) WHERE said IS NOT NULL OR spot IS NOT NULL;

-- The money a carrier collects for a booking. `over_at`: none is expected any more. `told`: an open problem's cause.
CREATE TABLE cod_payments (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    contract_id text NOT NULL,
    carrier text NOT NULL,
    order_number text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    variable_symbol text NOT NULL,
    delivered_on date,
    due_on date,
    paid_on date,
    paid_minor bigint,
    paid_currency text,
    paid_by text,
    over_at timestamptz,
    told text,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, booking_id),
    CHECK ((paid_minor IS NULL) = (paid_currency IS NULL))
);
CREATE INDEX cod_payments_open ON cod_payments (tenant_id, due_on) WHERE paid_on IS NULL AND over_at IS NULL;
CREATE INDEX cod_payments_by_symbol ON cod_payments (tenant_id, variable_symbol);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tracked', 'scans', 'cod_payments']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = current_setting(''app.tenant'', true)
            OR current_setting(''app.tenant'', true) = ''*'')', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO expedition', name);
    END LOOP;
END
$$;

-- What a contract was asked about parcels in an hour; several shops share one. `refused`: turns its budget sent away.
CREATE TABLE track_calls (
    contract_id text NOT NULL,
    hour timestamptz NOT NULL,
    carrier text NOT NULL,
    calls integer NOT NULL DEFAULT 0,
    refused integer NOT NULL DEFAULT 0,
    PRIMARY KEY (contract_id, hour)
);
CREATE INDEX track_calls_hour ON track_calls (hour);
GRANT SELECT, INSERT, UPDATE, DELETE ON track_calls TO expedition;

-- migrate:down
DROP TABLE track_calls;
DROP TABLE cod_payments;
DROP TABLE scans;
DROP TABLE tracked;
UPDATE outbox SET milestone = 'returned' WHERE milestone = 'returning';
ALTER TABLE outbox DROP CONSTRAINT outbox_milestone_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_milestone_check
    CHECK (milestone IN ('shipped', 'pickup_point', 'delivered', 'returned'));
DELETE FROM mapped_statuses WHERE role = 'returning';
ALTER TABLE mapped_statuses DROP CONSTRAINT mapped_statuses_role_check;
ALTER TABLE mapped_statuses ADD CONSTRAINT mapped_statuses_role_check
    CHECK (role IN ('release', 'shipped', 'pickup_point', 'delivered', 'returned'));
