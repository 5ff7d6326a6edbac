-- migrate:up

-- Store: returns
-- The way back of what went out with a shipment. `content`: the parcel as it is asked for, until it is made or over.
-- `another`: asked for although there was one. `asked_at`: the question may have left. `told`: what stands in place of
-- a label, sealed.
CREATE TABLE return_labels (
    tenant_id text NOT NULL,
    return_id text NOT NULL,
    account_id text NOT NULL,
    shipment_id text NOT NULL,
    order_number text NOT NULL,
    contract_id text NOT NULL,
    carrier text NOT NULL,
    service text NOT NULL,
    boxes smallint NOT NULL,
    content jsonb,
    another boolean NOT NULL,
    due_at timestamptz,
    since timestamptz,
    tries integer NOT NULL DEFAULT 0,
    claim text,
    asked_at timestamptz,
    made_at timestamptz,
    numbers text[] NOT NULL DEFAULT '{}',
    parcels jsonb NOT NULL DEFAULT '[]',
    notes jsonb NOT NULL DEFAULT '[]',
    told bytea,
    label bytea,
    label_at timestamptz,
    parked text,
    why text,
    faults jsonb NOT NULL DEFAULT '[]',
    cancelled_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, return_id),
    CHECK (due_at IS NULL OR since IS NOT NULL)
);
CREATE INDEX return_labels_due ON return_labels (due_at, tenant_id) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX return_labels_first ON return_labels (tenant_id, shipment_id)
    WHERE NOT another AND cancelled_at IS NULL;
CREATE INDEX return_labels_numbers ON return_labels USING gin (numbers);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['return_labels']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = current_setting(''app.tenant'', true)
            OR current_setting(''app.tenant'', true) = ''*'')', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO expedition', name);
    END LOOP;
END
$$;

-- migrate:down
DROP TABLE return_labels;
