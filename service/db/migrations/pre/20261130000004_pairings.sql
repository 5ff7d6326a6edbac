-- migrate:up

-- Store: pairings. Which carrier and service a shipment of the shop is booked with. `second_*`: who carries it when the
-- first has been down for so long. `parcel_weight_g`: what a box weighs where the order does not say.
CREATE TABLE pairings (
    tenant_id text NOT NULL,
    shop_shipment_id text NOT NULL,
    carrier text NOT NULL,
    service text NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    second_carrier text,
    second_service text,
    second_after_min integer CHECK (second_after_min > 0),
    parcel_weight_g integer CHECK (parcel_weight_g > 0),
    revision bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, shop_shipment_id),
    CHECK ((second_carrier IS NULL) = (second_service IS NULL)),
    CHECK ((second_carrier IS NULL) = (second_after_min IS NULL))
);
ALTER TABLE pairings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON pairings USING (tenant_id = current_setting('app.tenant', true)
    OR current_setting('app.tenant', true) = '*');
GRANT SELECT, INSERT, UPDATE, DELETE ON pairings TO expedition;

-- migrate:down
DROP TABLE pairings;
