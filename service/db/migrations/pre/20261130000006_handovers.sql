-- migrate:up

-- Store: handovers
-- What a carrier gets at once. `closes`: it is to be told; `collection`: the car it is asked for, on which day and when.
-- `asked_at`: the question may have left, to close or, once `handed_at` says that this is over, for the car.
-- `refused`: what was named and is not in it, each with why.
CREATE TABLE handovers (
    tenant_id text NOT NULL,
    handover_id text NOT NULL,
    account_id text NOT NULL,
    contract_id text NOT NULL,
    carrier text NOT NULL,
    booking_ids text[] NOT NULL,
    shipment_ids text[] NOT NULL,
    closes boolean NOT NULL,
    collection jsonb,
    refused jsonb NOT NULL,
    due_at timestamptz,
    since timestamptz,
    claim text,
    asked_at timestamptz,
    handed_at timestamptz,
    manifest text,
    document bytea,
    car_at timestamptz,
    car text,
    parked text,
    why text,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, handover_id),
    CHECK (due_at IS NULL OR since IS NOT NULL)
);
CREATE INDEX handovers_due ON handovers (due_at, tenant_id) WHERE due_at IS NOT NULL;
CREATE INDEX handovers_newest ON handovers (tenant_id, created_at DESC);

-- In which hand-over a parcel is, so that it is in one only.
CREATE TABLE handed_bookings (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    handover_id text NOT NULL,
    PRIMARY KEY (tenant_id, booking_id)
);
CREATE INDEX handed_bookings_of ON handed_bookings (tenant_id, handover_id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['handovers', 'handed_bookings']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = current_setting(''app.tenant'', true)
            OR current_setting(''app.tenant'', true) = ''*'')', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO expedition', name);
    END LOOP;
END
$$;

-- migrate:down
DROP TABLE handed_bookings;
DROP TABLE handovers;
