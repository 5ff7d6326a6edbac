-- migrate:up

-- Whether a shop is only observed stands with the answers it takes to go live.

ALTER TABLE tenants DROP COLUMN mode;

-- Store: mappings

CREATE TABLE mappings (
    tenant_id text PRIMARY KEY,
    live_since timestamptz,
    revision integer NOT NULL DEFAULT 0,
    release_from timestamptz,
    pull_from timestamptz,
    history_until timestamptz,
    tracking text NOT NULL DEFAULT 'first' CHECK (tracking IN ('first', 'last', 'joined')),
    seen_statuses bigint[] NOT NULL DEFAULT '{}',
    changed_at timestamptz
);

-- One row for each status that means something to us. `name` is what the merchant saw when he chose it.
CREATE TABLE mapped_statuses (
    tenant_id text NOT NULL,
    role text NOT NULL CHECK (role IN ('release', 'shipped', 'pickup_point', 'delivered', 'returned')),
    status_id bigint NOT NULL,
    name text NOT NULL,
    mail boolean NOT NULL DEFAULT false,
    sms boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, role, status_id)
);
CREATE UNIQUE INDEX mapped_once ON mapped_statuses (tenant_id, role) WHERE role <> 'release';

-- Store: problems

CREATE TABLE problems (
    problem_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    cause text NOT NULL,
    order_number text,
    detail jsonb NOT NULL DEFAULT '{}',
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    count integer NOT NULL DEFAULT 1,
    closed_at timestamptz
);
CREATE UNIQUE INDEX problems_open ON problems (tenant_id, cause, order_number) NULLS NOT DISTINCT
    WHERE closed_at IS NULL;

-- Store: offers

CREATE TABLE offers (
    tenant_id text NOT NULL,
    order_number text NOT NULL,
    position bigint NOT NULL,
    revision integer NOT NULL,
    state text NOT NULL CHECK (state IN ('held', 'released', 'stop')),
    reason text,
    changed text[] NOT NULL DEFAULT '{}',
    acked_revision integer,
    by_hand boolean NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_number)
);
CREATE UNIQUE INDEX offers_by_position ON offers (tenant_id, position);

CREATE TABLE offer_positions (
    tenant_id text PRIMARY KEY,
    position bigint NOT NULL
);

-- Store: shipments

CREATE TABLE shipments (
    tenant_id text NOT NULL,
    shipment_id text NOT NULL,
    order_number text NOT NULL,
    account_id text NOT NULL,
    final_since timestamptz,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    voided_at timestamptz,
    written_before boolean NOT NULL DEFAULT false,
    entered bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (tenant_id, shipment_id)
);
CREATE INDEX shipments_of_order ON shipments (tenant_id, order_number);

CREATE TABLE parcels (
    tenant_id text NOT NULL,
    shipment_id text NOT NULL,
    place smallint NOT NULL,
    carrier text NOT NULL,
    tracking_code text,
    weight_g integer,
    PRIMARY KEY (tenant_id, shipment_id, place)
);

-- A key belongs to an account, what came of it to the tenants of its shipments. `tenant_ids`: which of the body's
-- tenants were the account's when the key came first, so that a repeat does no more than the first call could.
CREATE TABLE idempotency_keys (
    account_id text NOT NULL,
    key text NOT NULL,
    digest text NOT NULL,
    tenant_ids text[] NOT NULL,
    first_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (first_at);

CREATE TABLE idempotency_results (
    tenant_id text NOT NULL,
    account_id text NOT NULL,
    key text NOT NULL,
    results jsonb NOT NULL,
    first_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, account_id, key)
);
CREATE INDEX idempotency_results_by_age ON idempotency_results (first_at);

-- Store: outbox
-- `want_*`: what the shop ought to show. `sent_*`: what it took. `asked_*`: what a call that may have left carried;
-- asked_at NULL: none is in doubt. A column of `extra_*` is about the order's history, where further codes go.

CREATE TABLE outbox (
    tenant_id text NOT NULL,
    order_number text NOT NULL,
    revision bigint NOT NULL DEFAULT 1,
    milestone text CHECK (milestone IN ('shipped', 'pickup_point', 'delivered', 'returned')),
    want_status_id bigint,
    want_mail boolean NOT NULL DEFAULT false,
    want_sms boolean NOT NULL DEFAULT false,
    based_on_status_id bigint,
    want_tracking_code text,
    want_extra_codes text[] NOT NULL DEFAULT '{}',
    waits_for_code_until timestamptz,
    sent_status_id bigint,
    sent_status_at timestamptz,
    sent_tracking_code text,
    sent_tracking_at timestamptz,
    sent_extra_codes text[] NOT NULL DEFAULT '{}',
    confirmed_at timestamptz,
    confirm_by timestamptz,
    overruled_at timestamptz,
    asked_at timestamptz,
    asked_status_id bigint,
    asked_tracking_code text,
    asked_mail boolean,
    asked_sms boolean,
    due_at timestamptz,
    since timestamptz,
    claim text,
    claimed_revision bigint,
    tries smallint NOT NULL DEFAULT 0,
    parked text,
    PRIMARY KEY (tenant_id, order_number)
);
CREATE INDEX outbox_due ON outbox (due_at, tenant_id) WHERE due_at IS NOT NULL AND parked IS NULL;
CREATE INDEX outbox_waiting ON outbox (tenant_id, due_at) WHERE due_at IS NOT NULL AND parked IS NULL;
CREATE INDEX outbox_unconfirmed ON outbox (tenant_id, confirm_by) WHERE confirm_by IS NOT NULL;

-- How a shop takes what we write: the pace, and whether it tells its own webhooks of it (B10).
CREATE TABLE write_backs (
    tenant_id text PRIMARY KEY,
    last_put_at timestamptz,
    failures smallint NOT NULL DEFAULT 0,
    rests_until timestamptz,
    sent_since_echo integer NOT NULL DEFAULT 0,
    first_sent_at timestamptz,
    no_echo boolean NOT NULL DEFAULT false
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['mappings', 'mapped_statuses', 'problems', 'offers', 'offer_positions', 'shipments',
        'parcels', 'idempotency_results', 'outbox', 'write_backs']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = current_setting(''app.tenant'', true)
            OR current_setting(''app.tenant'', true) = ''*'')', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO expedition', name);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO expedition;

-- migrate:down
SELECT 1 / 0 AS "what was shipped cannot be forgotten";
