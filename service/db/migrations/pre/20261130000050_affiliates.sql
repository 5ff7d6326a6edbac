-- migrate:up

-- Store: affiliates
-- Which carrier's points a shop's own shipment is to show; nobody's, unless somebody said so. `kind` '': of every kind.
-- `changes` counts what may be a reason to look; `later_s` keeps shops apart (R15). `begun_at`: a round is under way.
CREATE TABLE affiliate_offers (
    tenant_id text NOT NULL,
    shop_shipment_id text NOT NULL,
    carrier text NOT NULL,
    network text NOT NULL,
    country text NOT NULL,
    kind text NOT NULL,
    later_s integer NOT NULL,
    offered_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    changes bigint NOT NULL DEFAULT 1,
    begun_at timestamptz,
    done_at timestamptz,
    read_page integer NOT NULL DEFAULT 1,
    read_total integer,
    due_at timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    parked_at timestamptz,
    why text,
    PRIMARY KEY (tenant_id, shop_shipment_id),
    CHECK (due_at IS NULL OR parked_at IS NULL)
);
CREATE INDEX affiliate_offers_due ON affiliate_offers (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX affiliate_offers_list ON affiliate_offers (carrier, country);

-- What a shop's shipment shows of them, each point under an id of ours. Rows stay: an old order bears its id.
CREATE TABLE affiliates (
    tenant_id text NOT NULL,
    shop_shipment_id text NOT NULL,
    affiliate_id text NOT NULL,
    carrier text NOT NULL,
    network text NOT NULL,
    point_id text NOT NULL,
    digest bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('wanted', 'sent', 'shown', 'refused', 'unwanted', 'leaving', 'kept', 'gone')),
    asked_at timestamptz,
    PRIMARY KEY (tenant_id, shop_shipment_id, affiliate_id)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['affiliate_offers', 'affiliates']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = current_setting(''app.tenant'', true)
            OR current_setting(''app.tenant'', true) = ''*'')', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO expedition', name);
    END LOOP;
END
$$;

-- migrate:down
DROP TABLE affiliates;
DROP TABLE affiliate_offers;
