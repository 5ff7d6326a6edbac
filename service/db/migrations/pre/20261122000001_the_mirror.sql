-- migrate:up

-- The service connects as the role `expedition`, which owns nothing and therefore cannot step around the policies.
-- Whoever runs this file owns the tables. Both roles are made by the operator (deploy/env.example).

-- Store: tenants

CREATE TABLE tenants (
    tenant_id text PRIMARY KEY,
    token text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('active', 'suspended', 'dismissed')),
    state_why text,
    mode text NOT NULL DEFAULT 'observe' CHECK (mode IN ('observe')),
    generation integer NOT NULL DEFAULT 1,
    api_url text NOT NULL,
    api_user text,
    api_key_sealed bytea,
    credentials_revision integer NOT NULL DEFAULT 1,
    doubted boolean NOT NULL DEFAULT true,
    version text,
    admin_language text NOT NULL DEFAULT 'cs',
    shop_name text,
    slot_minute smallint CHECK (slot_minute BETWEEN 0 AND 1439),
    account_id text,
    warehouse_account_id text,
    installed_at timestamptz NOT NULL,
    dismissed_at timestamptz,
    lifecycle_time timestamptz,
    sweep_due_at timestamptz
);

CREATE TABLE lifecycle_requests (
    signature_digest text PRIMARY KEY,
    endpoint text NOT NULL,
    token text NOT NULL,
    accepted_at timestamptz NOT NULL
);
CREATE INDEX lifecycle_requests_by_age ON lifecycle_requests (accepted_at);

CREATE TABLE panel_tickets (
    ticket_digest text PRIMARY KEY,
    tenant_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('open', 'session')),
    language text NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Store: accounts

CREATE TABLE accounts (
    account_id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('merchant', 'warehouse')),
    name text NOT NULL,
    company_number text,
    vat_number text,
    email text,
    phone text,
    created_at timestamptz NOT NULL
);

CREATE TABLE account_tokens (
    token_digest text PRIMARY KEY,
    account_id text NOT NULL REFERENCES accounts,
    label text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

-- Store: activations

CREATE TABLE activation_steps (
    tenant_id text NOT NULL,
    step text NOT NULL,
    place smallint NOT NULL,
    lane text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    due_at timestamptz,
    since timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    claim text,
    cursor jsonb NOT NULL DEFAULT '{}',
    pages_done integer NOT NULL DEFAULT 0,
    pages_all integer,
    why text,
    started_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, step)
);
CREATE INDEX activation_steps_due ON activation_steps (lane, due_at) WHERE due_at IS NOT NULL;

-- Store: inbox

CREATE TABLE deliveries (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    generation integer NOT NULL,
    event text NOT NULL,
    lane text,
    body bytea NOT NULL,
    size integer NOT NULL,
    copies smallint NOT NULL DEFAULT 1,
    received_at timestamptz NOT NULL,
    expanded_at timestamptz,
    outcome text CHECK (outcome IN ('expanded', 'unreadable', 'unknown', 'dropped')),
    reason text,
    records integer
);
CREATE INDEX deliveries_waiting ON deliveries (lane, tenant_id, delivery_id) WHERE expanded_at IS NULL;

CREATE TABLE hints (
    tenant_id text NOT NULL,
    lane text NOT NULL,
    key text NOT NULL,
    revision bigint NOT NULL DEFAULT 1,
    urgent boolean NOT NULL,
    due_at timestamptz,
    since timestamptz,
    claim text,
    claimed_revision bigint,
    tries smallint NOT NULL DEFAULT 0,
    parked text,
    cursor jsonb NOT NULL DEFAULT '{}',
    told_at timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (tenant_id, lane, key)
);
CREATE INDEX hints_due ON hints (lane, due_at, tenant_id) WHERE due_at IS NOT NULL AND parked IS NULL;
CREATE INDEX hints_waiting ON hints (tenant_id, lane, due_at) WHERE due_at IS NOT NULL AND parked IS NULL;

CREATE TABLE readings (
    tenant_id text NOT NULL,
    lane text NOT NULL,
    last_read_at timestamptz,
    watermark timestamptz,
    failures smallint NOT NULL DEFAULT 0,
    rests_until timestamptz,
    PRIMARY KEY (tenant_id, lane)
);

-- Store: codebooks

CREATE TABLE codebook_entries (
    tenant_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('order_statuses', 'shipments', 'payments', 'owner', 'languages')),
    entry_id text NOT NULL,
    content jsonb NOT NULL,
    read_at timestamptz NOT NULL,
    gone_at timestamptz,
    PRIMARY KEY (tenant_id, kind, entry_id)
);

-- Store: catalog

CREATE TABLE products (
    tenant_id text NOT NULL,
    product_id bigint NOT NULL,
    code text,
    content jsonb NOT NULL,
    last_update_time timestamptz,
    variant_ids bigint[] NOT NULL DEFAULT '{}',
    read_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'missing', 'deleted')),
    missing_since timestamptz,
    missing_last_at timestamptz,
    delete_told_at timestamptz,
    PRIMARY KEY (tenant_id, product_id)
);

CREATE TABLE product_lists (
    tenant_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('parameters', 'related')),
    product_id bigint NOT NULL,
    content jsonb NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind, product_id)
);

-- Store: orders

CREATE TABLE orders (
    tenant_id text NOT NULL,
    order_number text NOT NULL,
    status_id bigint,
    paid_date timestamptz,
    tracking_code text,
    creation_time timestamptz NOT NULL,
    last_update_time timestamptz NOT NULL,
    content jsonb NOT NULL,
    read_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    first_read_at timestamptz NOT NULL,
    source text NOT NULL CHECK (source IN ('pull', 'event', 'look')),
    state text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'missing', 'deleted')),
    missing_since timestamptz,
    missing_last_at timestamptz,
    delete_told_at timestamptz,
    position bigint NOT NULL,
    PRIMARY KEY (tenant_id, order_number)
);
CREATE INDEX orders_by_creation ON orders (tenant_id, creation_time);
CREATE UNIQUE INDEX orders_by_position ON orders (tenant_id, position);

CREATE TABLE order_positions (
    tenant_id text PRIMARY KEY,
    position bigint NOT NULL
);

-- Store: journal

CREATE TABLE journal (
    journal_id bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id text NOT NULL,
    at timestamptz NOT NULL,
    order_number text,
    kind text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    written_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (at, journal_id)
) PARTITION BY RANGE (at);
CREATE INDEX journal_of_order ON journal (tenant_id, order_number, at);
CREATE INDEX journal_to_seal ON journal (tenant_id, written_in, journal_id);
CREATE TABLE journal_default PARTITION OF journal DEFAULT;

CREATE TABLE journal_seals (
    tenant_id text NOT NULL,
    place integer NOT NULL,
    upto_xid xid8 NOT NULL,
    upto_id bigint NOT NULL,
    entries integer NOT NULL,
    digest text NOT NULL,
    sealed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, place)
);

-- The service cannot create tables; this function can, and nothing else.
CREATE FUNCTION journal_month(month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    name text := 'journal_' || to_char(first, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('journal_month'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    LOCK TABLE journal IN ACCESS EXCLUSIVE MODE;
    -- A month that began without its partition stays in the default one: rows cannot be in both.
    IF EXISTS (SELECT FROM journal_default WHERE at >= first AND at < first + interval '1 month') THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF journal FOR VALUES FROM (%L) TO (%L)',
        name, first, (first + interval '1 month')::date);
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION journal_month(date) FROM PUBLIC;

-- The ledger of calls (service/budget)

CREATE TABLE calls (
    call_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    lane text NOT NULL,
    plan text NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    status smallint,
    outcome text,
    items integer
);
CREATE INDEX calls_of_tenant ON calls (tenant_id, began_at);
CREATE INDEX calls_open ON calls (began_at) WHERE ended_at IS NULL;

-- Who may see what: one tenant at a time, or every tenant by tx_all

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tenants', 'panel_tickets', 'activation_steps', 'deliveries', 'hints', 'readings',
        'codebook_entries', 'products', 'product_lists', 'orders', 'order_positions', 'journal', 'journal_seals', 'calls']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = current_setting(''app.tenant'', true)
            OR current_setting(''app.tenant'', true) = ''*'')', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO expedition', name);
        IF name NOT IN ('journal', 'journal_seals') THEN
            EXECUTE format('GRANT UPDATE, DELETE ON %I TO expedition', name);
        END IF;
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON accounts, account_tokens, lifecycle_requests TO expedition;
GRANT EXECUTE ON FUNCTION journal_month(date) TO expedition;
GRANT SELECT ON schema_migrations TO expedition;

-- migrate:down
SELECT 1 / 0 AS "there is no way back from the first migration";
