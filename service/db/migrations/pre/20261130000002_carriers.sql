-- migrate:up

-- Store: contracts
-- A login with a carrier, of an account; `tenant_id`: for that shop of it alone. Closed ones stay for what was booked.
-- `given` holds no secret. `next_serial` to `last_serial`: what is left of a row of numbers of the account's own.
CREATE TABLE contracts (
    contract_id text PRIMARY KEY,
    account_id text NOT NULL,
    tenant_id text,
    carrier text NOT NULL,
    base_url text NOT NULL,
    secrets_sealed bytea,
    given jsonb NOT NULL DEFAULT '{}',
    switches text[] NOT NULL DEFAULT '{}',
    next_serial bigint,
    last_serial bigint,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    closed_at timestamptz,
    CHECK (closed_at IS NOT NULL OR secrets_sealed IS NOT NULL)
);
CREATE UNIQUE INDEX contracts_one ON contracts (account_id, tenant_id, carrier) NULLS NOT DISTINCT
    WHERE closed_at IS NULL;

-- How a carrier does under a contract, lane by lane. `rests_until`: nothing is asked before; `tries` failures in a row.
CREATE TABLE breakers (
    contract_id text NOT NULL,
    lane text NOT NULL,
    tries smallint NOT NULL DEFAULT 0,
    failing_since timestamptz,
    rests_until timestamptz,
    why text,
    PRIMARY KEY (contract_id, lane)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON breakers TO expedition;

-- Store: shipments
-- `label_due`: its label is still to be made, so it has not left, whatever `final_since` says. `booked_with`: it leaves
-- in the parcel of that shipment, of another order.
ALTER TABLE shipments ADD COLUMN label_due boolean NOT NULL DEFAULT false, ADD COLUMN booked_with text;
CREATE INDEX shipments_booked_with ON shipments (tenant_id, booked_with) WHERE booked_with IS NOT NULL;

-- Store: bookings
-- What a carrier is asked to carry, and how far that got. `content`: the parcel as it is asked for, gone once that is
-- settled. `asked_at`: a create may have left, and nobody heard what came of it unless `job` or `booked_at` says so.
-- `looks`: how often it was looked for since. `rebook`: once it is cancelled, the same is booked anew. `position`: its place in the feed of the tenant's bookings.
CREATE TABLE bookings (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    shipment_id text NOT NULL,
    order_number text NOT NULL,
    contract_id text NOT NULL,
    carrier text NOT NULL,
    service text NOT NULL,
    boxes smallint NOT NULL,
    content jsonb,
    position bigint NOT NULL,
    due_at timestamptz,
    since timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    claim text,
    creates smallint NOT NULL DEFAULT 0,
    asked_at timestamptz,
    looks smallint NOT NULL DEFAULT 0,
    job jsonb,
    booked_at timestamptz,
    label_at timestamptz,
    parked text,
    why text,
    faults jsonb NOT NULL DEFAULT '[]',
    notes text[] NOT NULL DEFAULT '{}',
    cancel_asked_at timestamptz,
    rebook boolean NOT NULL DEFAULT false,
    cancelled_at timestamptz,
    handed_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, booking_id),
    CHECK (due_at IS NULL OR since IS NOT NULL)
);
CREATE UNIQUE INDEX bookings_one ON bookings (tenant_id, shipment_id) WHERE cancelled_at IS NULL;
CREATE UNIQUE INDEX bookings_by_position ON bookings (tenant_id, position);
CREATE INDEX bookings_due ON bookings (due_at, tenant_id) WHERE due_at IS NOT NULL AND parked IS NULL;
CREATE INDEX bookings_of_order ON bookings (tenant_id, order_number);

CREATE TABLE booking_positions (
    tenant_id text PRIMARY KEY,
    position bigint NOT NULL
);

-- A box the carrier has a number for; `handle` are all ids it wants to hear later.
CREATE TABLE booked_parcels (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    place smallint NOT NULL,
    carrier text NOT NULL,
    number text NOT NULL,
    barcode text NOT NULL,
    tracking_url text NOT NULL,
    handle jsonb NOT NULL,
    PRIMARY KEY (tenant_id, booking_id, place)
);
CREATE INDEX booked_parcels_by_number ON booked_parcels (tenant_id, number);

-- `covers`: the numbers in the order of the pages.
CREATE TABLE labels (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    format text NOT NULL CHECK (format IN ('pdf', 'zpl')),
    content bytea NOT NULL,
    covers text[] NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, booking_id, format)
);
ALTER TABLE labels ALTER COLUMN content SET STORAGE EXTERNAL;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['bookings', 'booking_positions', 'booked_parcels', 'labels']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = current_setting(''app.tenant'', true)
            OR current_setting(''app.tenant'', true) = ''*'')', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO expedition', name);
    END LOOP;
END
$$;

-- A shop sees its own contracts and those its merchant and its warehouse have for all their shops.
ALTER TABLE contracts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON contracts USING (
    tenant_id = current_setting('app.tenant', true)
    OR current_setting('app.tenant', true) = '*'
    OR tenant_id IS NULL AND EXISTS (
        SELECT
        FROM tenants
        WHERE tenants.tenant_id = current_setting('app.tenant', true)
          AND contracts.account_id IN (tenants.account_id, tenants.warehouse_account_id)
    )
);
GRANT SELECT, INSERT, UPDATE, DELETE ON contracts TO expedition;

-- As before; with a merchant's account go its logins with carriers.
CREATE OR REPLACE FUNCTION tenant_erase(whose text, before timestamptz, most integer, again_at timestamptz, at timestamptz)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    leaf regclass;
    batch integer;
    deleted integer := 0;
    merchant text;
BEGIN
    SELECT account_id INTO merchant
    FROM tenants
    WHERE tenant_id = whose
      AND state = 'dismissed'
      AND dismissed_at <= before
      AND erased_at IS NULL
    FOR UPDATE;
    UPDATE tenants
    SET erased_at = tenant_erase.at,
        state_why = 'erased',
        token = 'erased:' || tenant_id,
        api_url = '',
        version = NULL,
        admin_language = DEFAULT,
        shop_name = NULL,
        slot_minute = NULL,
        account_id = NULL,
        warehouse_account_id = NULL,
        lifecycle_time = NULL
    WHERE tenant_id = whose
      AND state = 'dismissed'
      AND dismissed_at <= before
      AND erased_at IS NULL;
    IF NOT EXISTS (SELECT FROM tenants WHERE tenant_id = whose AND erased_at IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM tenants WHERE merchant IN (account_id, warehouse_account_id)) THEN
        DELETE FROM account_tokens USING accounts
        WHERE accounts.account_id = merchant AND kind = 'merchant' AND account_tokens.account_id = merchant;
        DELETE FROM accounts WHERE account_id = merchant AND kind = 'merchant';
        IF FOUND THEN
            WITH gone AS (DELETE FROM channels WHERE account_id = merchant RETURNING channel_id)
            DELETE FROM alarms USING gone WHERE alarms.channel_id = gone.channel_id;
            WITH gone AS (DELETE FROM contracts WHERE account_id = merchant RETURNING contract_id)
            DELETE FROM breakers USING gone WHERE breakers.contract_id = gone.contract_id;
        END IF;
    END IF;
    FOR leaf IN
        SELECT pg_class.oid
        FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id' AND NOT attisdropped
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'tenants'
        ORDER BY relname
    LOOP
        EXIT WHEN deleted >= least(most, 500);
        EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$s WHERE tenant_id = $1 LIMIT $2))',
            leaf) USING whose, least(most, 500) - deleted;
        GET DIAGNOSTICS batch = ROW_COUNT;
        deleted := deleted + batch;
    END LOOP;
    UPDATE tenants
    SET sweep_due_at = CASE deleted WHEN 0 THEN 'infinity' ELSE again_at END
    WHERE tenant_id = whose;
    RETURN deleted;
END
$$;

-- migrate:down
CREATE OR REPLACE FUNCTION tenant_erase(whose text, before timestamptz, most integer, again_at timestamptz, at timestamptz)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    leaf regclass;
    batch integer;
    deleted integer := 0;
    merchant text;
BEGIN
    SELECT account_id INTO merchant
    FROM tenants
    WHERE tenant_id = whose
      AND state = 'dismissed'
      AND dismissed_at <= before
      AND erased_at IS NULL
    FOR UPDATE;
    UPDATE tenants
    SET erased_at = tenant_erase.at,
        state_why = 'erased',
        token = 'erased:' || tenant_id,
        api_url = '',
        version = NULL,
        admin_language = DEFAULT,
        shop_name = NULL,
        slot_minute = NULL,
        account_id = NULL,
        warehouse_account_id = NULL,
        lifecycle_time = NULL
    WHERE tenant_id = whose
      AND state = 'dismissed'
      AND dismissed_at <= before
      AND erased_at IS NULL;
    IF NOT EXISTS (SELECT FROM tenants WHERE tenant_id = whose AND erased_at IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM tenants WHERE merchant IN (account_id, warehouse_account_id)) THEN
        DELETE FROM account_tokens USING accounts
        WHERE accounts.account_id = merchant AND kind = 'merchant' AND account_tokens.account_id = merchant;
        DELETE FROM accounts WHERE account_id = merchant AND kind = 'merchant';
        IF FOUND THEN
            WITH gone AS (DELETE FROM channels WHERE account_id = merchant RETURNING channel_id)
            DELETE FROM alarms USING gone WHERE alarms.channel_id = gone.channel_id;
        END IF;
    END IF;
    FOR leaf IN
        SELECT pg_class.oid
        FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id' AND NOT attisdropped
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'tenants'
        ORDER BY relname
    LOOP
        EXIT WHEN deleted >= least(most, 500);
        EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$s WHERE tenant_id = $1 LIMIT $2))',
            leaf) USING whose, least(most, 500) - deleted;
        GET DIAGNOSTICS batch = ROW_COUNT;
        deleted := deleted + batch;
    END LOOP;
    UPDATE tenants
    SET sweep_due_at = CASE deleted WHEN 0 THEN 'infinity' ELSE again_at END
    WHERE tenant_id = whose;
    RETURN deleted;
END
$$;
DROP TABLE labels;
DROP TABLE booked_parcels;
DROP TABLE booking_positions;
DROP TABLE bookings;
ALTER TABLE shipments DROP COLUMN label_due, DROP COLUMN booked_with;
DROP TABLE breakers;
DROP TABLE contracts;
