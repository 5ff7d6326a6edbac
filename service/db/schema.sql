-- Drawn by `make schema` from the migrations; nobody runs this file.
CREATE FUNCTION public.journal_month(month date) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT partition_make('journal', month)
$$;

ALTER FUNCTION public.journal_month(month date) OWNER TO expedition_owner;

CREATE FUNCTION public.partition_clear() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    name text;
    cleared integer := 0;
BEGIN
    FOR name IN
        SELECT relname
        FROM pg_class
        WHERE relnamespace = 'public'::regnamespace
          AND relkind = 'r'
          AND NOT relispartition
          AND relname ~ '^(deliveries|calls|journal)_\d{4}_\d{2}(_\d{2})?_gone$'
    LOOP
        EXECUTE format('DROP TABLE %I', name);
        cleared := cleared + 1;
    END LOOP;
    RETURN cleared;
END
$_$;

ALTER FUNCTION public.partition_clear() OWNER TO expedition_owner;

CREATE FUNCTION public.partition_drop(parent text, day date, at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET lock_timeout TO '20ms'
    AS $$
DECLARE
    span record;
    waiting boolean := false;
BEGIN
    SELECT * INTO span FROM partition_of(parent, day);
    PERFORM pg_advisory_xact_lock(hashtext('partitions'));
    IF NOT EXISTS (
        SELECT FROM pg_inherits WHERE inhparent = parent::regclass AND inhrelid = to_regclass(span.name)
    ) THEN
        RETURN 'gone';
    END IF;
    IF parent = 'journal' AND span.upto + 31 > (SELECT max(journal.at) FROM journal) THEN
        RETURN 'young';
    END IF;
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', span.name);
    IF parent = 'deliveries' THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE expanded_at IS NULL)', span.name) INTO waiting;
    END IF;
    IF waiting THEN
        RETURN 'kept';
    END IF;
    PERFORM set_config('synchronous_commit', 'off', true);
    EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, span.name);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', span.name, span.name || '_gone');
    INSERT INTO partitions_gone (parent, first, upto, dropped_at)
    VALUES (partition_drop.parent, span.first, span.upto, partition_drop.at)
    ON CONFLICT ON CONSTRAINT partitions_gone_pkey DO UPDATE SET dropped_at = excluded.dropped_at;
    RETURN 'dropped';
END
$$;

ALTER FUNCTION public.partition_drop(parent text, day date, at timestamp with time zone) OWNER TO expedition_owner;

CREATE FUNCTION public.partition_make(parent text, day date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET lock_timeout TO '50ms'
    AS $$
DECLARE
    span record;
BEGIN
    SELECT * INTO span FROM partition_of(parent, day);
    PERFORM pg_advisory_xact_lock(hashtext('partitions'));
    IF to_regclass(span.name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', span.name, parent);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', span.name);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, span.name, span.first, span.upto);
    RETURN true;
EXCEPTION
    -- It began without its partition, so rows of it are in the default one; or an older partition covers it.
    WHEN check_violation OR invalid_object_definition THEN
        RETURN false;
END
$$;

ALTER FUNCTION public.partition_make(parent text, day date) OWNER TO expedition_owner;

CREATE FUNCTION public.partition_of(parent text, day date, OUT name text, OUT first date, OUT upto date) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    CASE parent
        WHEN 'deliveries' THEN
            first := day;
            upto := day + 1;
        WHEN 'calls' THEN
            first := date_trunc('week', day::timestamp)::date;
            upto := first + 7;
        WHEN 'journal' THEN
            first := date_trunc('month', day::timestamp)::date;
            upto := (first + interval '1 month')::date;
        ELSE
            RAISE EXCEPTION 'the table % has no partitions of ours', parent;
    END CASE;
    name := parent || '_' || to_char(first, CASE parent WHEN 'journal' THEN 'YYYY_MM' ELSE 'YYYY_MM_DD' END);
END
$$;

ALTER FUNCTION public.partition_of(parent text, day date, OUT name text, OUT first date, OUT upto date) OWNER TO expedition_owner;

CREATE FUNCTION public.partition_strays(parent text, before date, most integer, at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $_$
DECLARE
    span record;
    condition text;
    deleted integer;
BEGIN
    SELECT * INTO span FROM partition_of(parent, before - 1);
    IF parent = 'journal' AND before + 31 > (SELECT max(journal.at) FROM journal) THEN
        RETURN 0;
    END IF;
    condition := CASE parent
        WHEN 'deliveries' THEN 'received_at < $1 AND expanded_at IS NOT NULL'
        WHEN 'calls' THEN 'began_at < $1'
        ELSE 'at < $1'
    END;
    EXECUTE format('DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE %2$s LIMIT $2))',
        parent || '_default', condition) USING before::timestamptz, least(most, 500);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    IF deleted > 0 THEN
        INSERT INTO partitions_gone (parent, first, upto, dropped_at)
        VALUES (partition_strays.parent, span.first, before, partition_strays.at)
        ON CONFLICT ON CONSTRAINT partitions_gone_pkey DO UPDATE
        SET upto = greatest(partitions_gone.upto, excluded.upto), dropped_at = excluded.dropped_at;
    END IF;
    RETURN deleted;
END
$_$;

ALTER FUNCTION public.partition_strays(parent text, before date, most integer, at timestamp with time zone) OWNER TO expedition_owner;

CREATE FUNCTION public.tenant_erase(whose text, before timestamp with time zone, most integer, again_at timestamp with time zone, at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
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
$_$;

ALTER FUNCTION public.tenant_erase(whose text, before timestamp with time zone, most integer, again_at timestamp with time zone, at timestamp with time zone) OWNER TO expedition_owner;

CREATE TABLE public.account_tokens (
    token_digest text NOT NULL,
    account_id text NOT NULL,
    label text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);

ALTER TABLE public.account_tokens OWNER TO expedition_owner;

CREATE TABLE public.accounts (
    account_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    company_number text,
    vat_number text,
    email text,
    phone text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT accounts_kind_check CHECK ((kind = ANY (ARRAY['merchant'::text, 'warehouse'::text])))
);

ALTER TABLE public.accounts OWNER TO expedition_owner;

CREATE TABLE public.activation_steps (
    tenant_id text NOT NULL,
    step text NOT NULL,
    place smallint NOT NULL,
    lane text NOT NULL,
    state text NOT NULL,
    due_at timestamp with time zone,
    since timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    claim text,
    cursor jsonb DEFAULT '{}'::jsonb NOT NULL,
    pages_done integer DEFAULT 0 NOT NULL,
    pages_all integer,
    why text,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT activation_steps_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])))
);

ALTER TABLE public.activation_steps OWNER TO expedition_owner;

CREATE TABLE public.affiliate_offers (
    tenant_id text NOT NULL,
    shop_shipment_id text NOT NULL,
    carrier text NOT NULL,
    network text NOT NULL,
    country text NOT NULL,
    kind text NOT NULL,
    later_s integer NOT NULL,
    offered_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    changes bigint DEFAULT 1 NOT NULL,
    begun_at timestamp with time zone,
    done_at timestamp with time zone,
    read_page integer DEFAULT 1 NOT NULL,
    read_total integer,
    due_at timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    parked_at timestamp with time zone,
    why text,
    CONSTRAINT affiliate_offers_check CHECK (((due_at IS NULL) OR (parked_at IS NULL)))
);

ALTER TABLE public.affiliate_offers OWNER TO expedition_owner;

CREATE TABLE public.affiliates (
    tenant_id text NOT NULL,
    shop_shipment_id text NOT NULL,
    affiliate_id text NOT NULL,
    carrier text NOT NULL,
    network text NOT NULL,
    point_id text NOT NULL,
    digest bytea NOT NULL,
    state text NOT NULL,
    asked_at timestamp with time zone,
    CONSTRAINT affiliates_state_check CHECK ((state = ANY (ARRAY['wanted'::text, 'sent'::text, 'shown'::text, 'refused'::text, 'unwanted'::text, 'leaving'::text, 'kept'::text, 'gone'::text])))
);

ALTER TABLE public.affiliates OWNER TO expedition_owner;

CREATE TABLE public.alarms (
    channel_id text NOT NULL,
    tenant_id text NOT NULL,
    cause text NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    over_at timestamp with time zone,
    told_at timestamp with time zone,
    owes text,
    due_at timestamp with time zone,
    since timestamp with time zone,
    CONSTRAINT alarms_check CHECK ((((owes IS NULL) = (due_at IS NULL)) AND ((owes IS NULL) = (since IS NULL)))),
    CONSTRAINT alarms_owes_check CHECK ((owes = ANY (ARRAY['begun'::text, 'still'::text, 'over'::text])))
);

ALTER TABLE public.alarms OWNER TO expedition_owner;

CREATE TABLE public.blocks (
    block_id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    seen text[] NOT NULL,
    next_at timestamp with time zone NOT NULL,
    probes integer DEFAULT 0 NOT NULL,
    last_probed text,
    waking_since timestamp with time zone,
    stride integer DEFAULT 0 NOT NULL,
    ended_at timestamp with time zone
);

ALTER TABLE public.blocks OWNER TO expedition_owner;

ALTER TABLE public.blocks ALTER COLUMN block_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.blocks_block_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.booked_parcels (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    place smallint NOT NULL,
    carrier text NOT NULL,
    number text NOT NULL,
    barcode text NOT NULL,
    tracking_url text NOT NULL,
    handle jsonb NOT NULL
);

ALTER TABLE public.booked_parcels OWNER TO expedition_owner;

CREATE TABLE public.booking_positions (
    tenant_id text NOT NULL,
    "position" bigint NOT NULL
);

ALTER TABLE public.booking_positions OWNER TO expedition_owner;

CREATE TABLE public.bookings (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    shipment_id text NOT NULL,
    order_number text NOT NULL,
    contract_id text NOT NULL,
    carrier text NOT NULL,
    service text NOT NULL,
    boxes smallint NOT NULL,
    content jsonb,
    "position" bigint NOT NULL,
    due_at timestamp with time zone,
    since timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    claim text,
    creates smallint DEFAULT 0 NOT NULL,
    asked_at timestamp with time zone,
    looks smallint DEFAULT 0 NOT NULL,
    job jsonb,
    booked_at timestamp with time zone,
    label_at timestamp with time zone,
    parked text,
    why text,
    faults jsonb DEFAULT '[]'::jsonb NOT NULL,
    notes text[] DEFAULT '{}'::text[] NOT NULL,
    cancel_asked_at timestamp with time zone,
    rebook boolean DEFAULT false NOT NULL,
    cancelled_at timestamp with time zone,
    handed_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    made_under text,
    label_asked_at timestamp with time zone,
    CONSTRAINT bookings_check CHECK (((due_at IS NULL) OR (since IS NOT NULL)))
);

ALTER TABLE public.bookings OWNER TO expedition_owner;

CREATE TABLE public.breakers (
    contract_id text NOT NULL,
    lane text NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    rests_until timestamp with time zone,
    why text,
    shut_out boolean DEFAULT false NOT NULL
);

ALTER TABLE public.breakers OWNER TO expedition_owner;

CREATE TABLE public.busy_at (
    contract_id text NOT NULL,
    lane text NOT NULL,
    doing text NOT NULL,
    since timestamp with time zone,
    until timestamp with time zone NOT NULL,
    did_at timestamp with time zone
);

ALTER TABLE public.busy_at OWNER TO expedition_owner;

CREATE TABLE public.calls (
    call_id bigint CONSTRAINT calls_call_id_not_null1 NOT NULL,
    tenant_id text CONSTRAINT calls_tenant_id_not_null1 NOT NULL,
    lane text CONSTRAINT calls_lane_not_null1 NOT NULL,
    plan text CONSTRAINT calls_plan_not_null1 NOT NULL,
    began_at timestamp with time zone CONSTRAINT calls_began_at_not_null1 NOT NULL,
    ended_at timestamp with time zone,
    status smallint,
    outcome text,
    items integer
)
PARTITION BY RANGE (began_at);

ALTER TABLE public.calls OWNER TO expedition_owner;

ALTER TABLE public.calls ALTER COLUMN call_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.calls_call_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.calls_default (
    call_id bigint CONSTRAINT calls_call_id_not_null1 NOT NULL,
    tenant_id text CONSTRAINT calls_tenant_id_not_null1 NOT NULL,
    lane text CONSTRAINT calls_lane_not_null1 NOT NULL,
    plan text CONSTRAINT calls_plan_not_null1 NOT NULL,
    began_at timestamp with time zone CONSTRAINT calls_began_at_not_null1 NOT NULL,
    ended_at timestamp with time zone,
    status smallint,
    outcome text,
    items integer
);

ALTER TABLE public.calls_default OWNER TO expedition_owner;

CREATE TABLE public.channels (
    channel_id text NOT NULL,
    account_id text,
    kind text NOT NULL,
    address text,
    secret_sealed bytea,
    language text NOT NULL,
    paces jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    rests_until timestamp with time zone,
    claim text,
    sent_at timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    why text,
    CONSTRAINT channels_check CHECK (((kind = 'mail'::text) OR (closed_at IS NOT NULL) OR ((address IS NOT NULL) AND (secret_sealed IS NOT NULL)))),
    CONSTRAINT channels_check1 CHECK (((address IS NOT NULL) OR (account_id IS NOT NULL))),
    CONSTRAINT channels_kind_check CHECK ((kind = ANY (ARRAY['mail'::text, 'webhook'::text])))
);

ALTER TABLE public.channels OWNER TO expedition_owner;

CREATE TABLE public.cod_payments (
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
    over_at timestamp with time zone,
    told text,
    entered_at timestamp with time zone NOT NULL,
    bare_symbol text GENERATED ALWAYS AS (ltrim(variable_symbol, '0'::text)) STORED NOT NULL,
    covers text[] DEFAULT '{}'::text[] NOT NULL,
    heard_at timestamp with time zone,
    asked_minor bigint,
    asked_until timestamp with time zone,
    asked_claim text,
    CONSTRAINT cod_payments_check CHECK (((paid_minor IS NULL) = (paid_currency IS NULL)))
);

ALTER TABLE public.cod_payments OWNER TO expedition_owner;

CREATE TABLE public.codebook_entries (
    tenant_id text NOT NULL,
    kind text NOT NULL,
    entry_id text NOT NULL,
    content jsonb NOT NULL,
    read_at timestamp with time zone NOT NULL,
    gone_at timestamp with time zone,
    CONSTRAINT codebook_entries_kind_check CHECK ((kind = ANY (ARRAY['order_statuses'::text, 'shipments'::text, 'payments'::text, 'owner'::text, 'languages'::text])))
);

ALTER TABLE public.codebook_entries OWNER TO expedition_owner;

CREATE TABLE public.contracts (
    contract_id text NOT NULL,
    account_id text NOT NULL,
    tenant_id text,
    carrier text NOT NULL,
    base_url text NOT NULL,
    secrets_sealed bytea,
    given jsonb DEFAULT '{}'::jsonb NOT NULL,
    switches text[] DEFAULT '{}'::text[] NOT NULL,
    next_serial bigint,
    last_serial bigint,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    tested_at timestamp with time zone,
    test_said text,
    CONSTRAINT contracts_check CHECK (((closed_at IS NOT NULL) OR (secrets_sealed IS NOT NULL)))
);

ALTER TABLE public.contracts OWNER TO expedition_owner;

CREATE TABLE public.deliveries (
    delivery_id bigint CONSTRAINT deliveries_delivery_id_not_null1 NOT NULL,
    tenant_id text CONSTRAINT deliveries_tenant_id_not_null1 NOT NULL,
    generation integer CONSTRAINT deliveries_generation_not_null1 NOT NULL,
    event text CONSTRAINT deliveries_event_not_null1 NOT NULL,
    lane text,
    body bytea CONSTRAINT deliveries_body_not_null1 NOT NULL,
    size integer CONSTRAINT deliveries_size_not_null1 NOT NULL,
    copies smallint DEFAULT 1 CONSTRAINT deliveries_copies_not_null1 NOT NULL,
    received_at timestamp with time zone CONSTRAINT deliveries_received_at_not_null1 NOT NULL,
    expanded_at timestamp with time zone,
    outcome text,
    reason text,
    records integer,
    tries smallint DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    parked text,
    CONSTRAINT deliveries_outcome_check CHECK ((outcome = ANY (ARRAY['expanded'::text, 'unreadable'::text, 'unknown'::text, 'dropped'::text])))
)
PARTITION BY RANGE (received_at);

ALTER TABLE public.deliveries OWNER TO expedition_owner;

CREATE TABLE public.deliveries_default (
    delivery_id bigint CONSTRAINT deliveries_delivery_id_not_null1 NOT NULL,
    tenant_id text CONSTRAINT deliveries_tenant_id_not_null1 NOT NULL,
    generation integer CONSTRAINT deliveries_generation_not_null1 NOT NULL,
    event text CONSTRAINT deliveries_event_not_null1 NOT NULL,
    lane text,
    body bytea CONSTRAINT deliveries_body_not_null1 NOT NULL,
    size integer CONSTRAINT deliveries_size_not_null1 NOT NULL,
    copies smallint DEFAULT 1 CONSTRAINT deliveries_copies_not_null1 NOT NULL,
    received_at timestamp with time zone CONSTRAINT deliveries_received_at_not_null1 NOT NULL,
    expanded_at timestamp with time zone,
    outcome text,
    reason text,
    records integer,
    tries smallint DEFAULT 0 CONSTRAINT deliveries_tries_not_null NOT NULL,
    due_at timestamp with time zone,
    parked text,
    CONSTRAINT deliveries_outcome_check CHECK ((outcome = ANY (ARRAY['expanded'::text, 'unreadable'::text, 'unknown'::text, 'dropped'::text])))
);

ALTER TABLE public.deliveries_default OWNER TO expedition_owner;

ALTER TABLE public.deliveries ALTER COLUMN delivery_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.deliveries_delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.handed_bookings (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    handover_id text NOT NULL
);

ALTER TABLE public.handed_bookings OWNER TO expedition_owner;

CREATE TABLE public.handovers (
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
    due_at timestamp with time zone,
    since timestamp with time zone,
    claim text,
    asked_at timestamp with time zone,
    handed_at timestamp with time zone,
    manifest text,
    document bytea,
    car_at timestamp with time zone,
    car text,
    parked text,
    why text,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    cancelled_at timestamp with time zone,
    car_ask_at timestamp with time zone,
    car_asks smallint DEFAULT 0 NOT NULL,
    car_refused_at timestamp with time zone,
    car_recall_at timestamp with time zone,
    car_cancelled_at timestamp with time zone,
    CONSTRAINT handovers_check CHECK (((due_at IS NULL) OR (since IS NOT NULL)))
);

ALTER TABLE public.handovers OWNER TO expedition_owner;

CREATE TABLE public.heard (
    tenant_id text NOT NULL,
    event text NOT NULL,
    hour timestamp with time zone NOT NULL,
    slots smallint NOT NULL,
    last_at timestamp with time zone NOT NULL
);

ALTER TABLE public.heard OWNER TO expedition_owner;

CREATE TABLE public.hints (
    tenant_id text NOT NULL,
    lane text NOT NULL,
    key text NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    urgent boolean NOT NULL,
    due_at timestamp with time zone,
    since timestamp with time zone,
    claim text,
    claimed_revision bigint,
    tries smallint DEFAULT 0 NOT NULL,
    parked text,
    cursor jsonb DEFAULT '{}'::jsonb NOT NULL,
    told_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    cause text,
    died boolean DEFAULT false NOT NULL
);

ALTER TABLE public.hints OWNER TO expedition_owner;

CREATE TABLE public.idempotency_keys (
    account_id text NOT NULL,
    key text NOT NULL,
    digest text NOT NULL,
    tenant_ids text[] NOT NULL,
    first_at timestamp with time zone NOT NULL
);

ALTER TABLE public.idempotency_keys OWNER TO expedition_owner;

CREATE TABLE public.idempotency_results (
    tenant_id text NOT NULL,
    account_id text NOT NULL,
    key text NOT NULL,
    results jsonb NOT NULL,
    first_at timestamp with time zone NOT NULL
);

ALTER TABLE public.idempotency_results OWNER TO expedition_owner;

CREATE TABLE public.journal (
    journal_id bigint NOT NULL,
    tenant_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    order_number text,
    kind text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    written_in xid8 DEFAULT pg_current_xact_id() NOT NULL
)
PARTITION BY RANGE (at);

ALTER TABLE public.journal OWNER TO expedition_owner;

CREATE TABLE public.journal_default (
    journal_id bigint CONSTRAINT journal_journal_id_not_null NOT NULL,
    tenant_id text CONSTRAINT journal_tenant_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT journal_at_not_null NOT NULL,
    order_number text,
    kind text CONSTRAINT journal_kind_not_null NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb CONSTRAINT journal_detail_not_null NOT NULL,
    written_in xid8 DEFAULT pg_current_xact_id() CONSTRAINT journal_written_in_not_null NOT NULL
);

ALTER TABLE public.journal_default OWNER TO expedition_owner;

ALTER TABLE public.journal ALTER COLUMN journal_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.journal_journal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.journal_seals (
    tenant_id text NOT NULL,
    place integer NOT NULL,
    upto_xid xid8 NOT NULL,
    upto_id bigint NOT NULL,
    entries integer NOT NULL,
    digest text NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    first_at timestamp with time zone
);

ALTER TABLE public.journal_seals OWNER TO expedition_owner;

CREATE TABLE public.labels (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    format text NOT NULL,
    content bytea NOT NULL,
    covers text[] NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT labels_format_check CHECK ((format = ANY (ARRAY['pdf'::text, 'zpl'::text])))
);
ALTER TABLE ONLY public.labels ALTER COLUMN content SET STORAGE EXTERNAL;

ALTER TABLE public.labels OWNER TO expedition_owner;

CREATE TABLE public.lifecycle_requests (
    signature_digest text NOT NULL,
    endpoint text NOT NULL,
    token text NOT NULL,
    accepted_at timestamp with time zone NOT NULL
);

ALTER TABLE public.lifecycle_requests OWNER TO expedition_owner;

CREATE TABLE public.looks (
    look_id bigint NOT NULL,
    tenant_id text NOT NULL,
    lane text NOT NULL,
    cause text NOT NULL,
    doubted_from timestamp with time zone,
    asked_at timestamp with time zone NOT NULL,
    began_at timestamp with time zone,
    ended_at timestamp with time zone,
    covers_from timestamp with time zone,
    covers_until timestamp with time zone,
    calls integer DEFAULT 0 NOT NULL,
    found integer DEFAULT 0 NOT NULL,
    listed integer,
    nameless integer DEFAULT 0 NOT NULL,
    CONSTRAINT looks_cause_check CHECK ((cause = ANY (ARRAY['outage'::text, 'hook_off'::text, 'refused'::text, 'silence'::text, 'unreadable'::text, 'person'::text, 'returned'::text])))
);

ALTER TABLE public.looks OWNER TO expedition_owner;

ALTER TABLE public.looks ALTER COLUMN look_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.looks_look_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.losses (
    tenant_id text NOT NULL,
    order_number text NOT NULL,
    found_at timestamp with time zone NOT NULL,
    what text NOT NULL,
    known_at timestamp with time zone,
    created_at timestamp with time zone,
    changed_at timestamp with time zone,
    looked_at timestamp with time zone NOT NULL,
    told_at timestamp with time zone,
    CONSTRAINT losses_what_check CHECK ((what = ANY (ARRAY['new'::text, 'changed'::text, 'restored'::text, 'absent'::text, 'unread'::text])))
);

ALTER TABLE public.losses OWNER TO expedition_owner;

CREATE TABLE public.mapped_statuses (
    tenant_id text NOT NULL,
    role text NOT NULL,
    status_id bigint NOT NULL,
    name text NOT NULL,
    mail boolean DEFAULT false NOT NULL,
    sms boolean DEFAULT false NOT NULL,
    since timestamp with time zone,
    CONSTRAINT mapped_statuses_role_check CHECK ((role = ANY (ARRAY['release'::text, 'shipped'::text, 'pickup_point'::text, 'delivered'::text, 'returning'::text, 'returned'::text])))
);

ALTER TABLE public.mapped_statuses OWNER TO expedition_owner;

CREATE TABLE public.mappings (
    tenant_id text NOT NULL,
    live_since timestamp with time zone,
    revision integer DEFAULT 0 NOT NULL,
    release_from timestamp with time zone,
    pull_from timestamp with time zone,
    history_until timestamp with time zone,
    tracking text DEFAULT 'first'::text NOT NULL,
    seen_statuses bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    changed_at timestamp with time zone,
    unweighed_since timestamp with time zone,
    paid_since timestamp with time zone,
    CONSTRAINT mappings_tracking_check CHECK ((tracking = ANY (ARRAY['first'::text, 'last'::text, 'joined'::text])))
);

ALTER TABLE public.mappings OWNER TO expedition_owner;

CREATE TABLE public.merchant_mails (
    tenant_id text NOT NULL,
    daily boolean DEFAULT true NOT NULL,
    urgent boolean DEFAULT true NOT NULL,
    due_at timestamp with time zone NOT NULL,
    asked_on date,
    sent_at timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    why text
);

ALTER TABLE public.merchant_mails OWNER TO expedition_owner;

CREATE TABLE public.offer_positions (
    tenant_id text NOT NULL,
    "position" bigint NOT NULL
);

ALTER TABLE public.offer_positions OWNER TO expedition_owner;

CREATE TABLE public.offers (
    tenant_id text NOT NULL,
    order_number text NOT NULL,
    "position" bigint NOT NULL,
    revision integer NOT NULL,
    state text NOT NULL,
    reason text,
    changed text[] DEFAULT '{}'::text[] NOT NULL,
    acked_revision integer,
    by_hand boolean DEFAULT false NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT offers_state_check CHECK ((state = ANY (ARRAY['held'::text, 'released'::text, 'stop'::text])))
);

ALTER TABLE public.offers OWNER TO expedition_owner;

CREATE TABLE public.order_positions (
    tenant_id text NOT NULL,
    "position" bigint NOT NULL
);

ALTER TABLE public.order_positions OWNER TO expedition_owner;

CREATE TABLE public.orders (
    tenant_id text NOT NULL,
    order_number text NOT NULL,
    status_id bigint,
    paid_date timestamp with time zone,
    tracking_code text,
    creation_time timestamp with time zone NOT NULL,
    last_update_time timestamp with time zone NOT NULL,
    content jsonb NOT NULL,
    read_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    first_read_at timestamp with time zone NOT NULL,
    source text NOT NULL,
    state text DEFAULT 'live'::text NOT NULL,
    missing_since timestamp with time zone,
    missing_last_at timestamp with time zone,
    delete_told_at timestamp with time zone,
    "position" bigint NOT NULL,
    masked_at timestamp with time zone,
    CONSTRAINT orders_source_check CHECK ((source = ANY (ARRAY['pull'::text, 'event'::text, 'look'::text]))),
    CONSTRAINT orders_state_check CHECK ((state = ANY (ARRAY['live'::text, 'missing'::text, 'deleted'::text])))
);

ALTER TABLE public.orders OWNER TO expedition_owner;

CREATE TABLE public.outbox (
    tenant_id text NOT NULL,
    order_number text NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    milestone text,
    want_status_id bigint,
    want_mail boolean DEFAULT false NOT NULL,
    want_sms boolean DEFAULT false NOT NULL,
    based_on_status_id bigint,
    want_tracking_code text,
    want_extra_codes text[] DEFAULT '{}'::text[] NOT NULL,
    waits_for_code_until timestamp with time zone,
    sent_status_id bigint,
    sent_status_at timestamp with time zone,
    sent_tracking_code text,
    sent_tracking_at timestamp with time zone,
    sent_extra_codes text[] DEFAULT '{}'::text[] NOT NULL,
    confirmed_at timestamp with time zone,
    confirm_by timestamp with time zone,
    overruled_at timestamp with time zone,
    asked_at timestamp with time zone,
    asked_status_id bigint,
    asked_tracking_code text,
    asked_mail boolean,
    asked_sms boolean,
    due_at timestamp with time zone,
    since timestamp with time zone,
    claim text,
    claimed_revision bigint,
    tries smallint DEFAULT 0 NOT NULL,
    parked text,
    asked_among smallint,
    asked_extra_codes text[] DEFAULT '{}'::text[] NOT NULL,
    code_confirmed_at timestamp with time zone,
    want_paid_date date,
    sent_paid_date date,
    sent_paid_at timestamp with time zone,
    paid_confirmed_at timestamp with time zone,
    asked_paid_date date,
    CONSTRAINT outbox_milestone_check CHECK ((milestone = ANY (ARRAY['shipped'::text, 'pickup_point'::text, 'delivered'::text, 'returning'::text, 'returned'::text])))
);

ALTER TABLE public.outbox OWNER TO expedition_owner;

CREATE TABLE public.pairings (
    tenant_id text NOT NULL,
    shop_shipment_id text NOT NULL,
    carrier text NOT NULL,
    service text NOT NULL,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    second_carrier text,
    second_service text,
    second_after_min integer,
    parcel_weight_g integer,
    revision bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT pairings_check CHECK (((second_carrier IS NULL) = (second_service IS NULL))),
    CONSTRAINT pairings_check1 CHECK (((second_carrier IS NULL) = (second_after_min IS NULL))),
    CONSTRAINT pairings_parcel_weight_g_check CHECK ((parcel_weight_g > 0)),
    CONSTRAINT pairings_second_after_min_check CHECK ((second_after_min > 0))
);

ALTER TABLE public.pairings OWNER TO expedition_owner;

CREATE TABLE public.panel_tickets (
    ticket_digest text NOT NULL,
    tenant_id text NOT NULL,
    kind text NOT NULL,
    language text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT panel_tickets_kind_check CHECK ((kind = ANY (ARRAY['open'::text, 'session'::text])))
);

ALTER TABLE public.panel_tickets OWNER TO expedition_owner;

CREATE TABLE public.parcels (
    tenant_id text NOT NULL,
    shipment_id text NOT NULL,
    place smallint NOT NULL,
    carrier text NOT NULL,
    tracking_code text,
    weight_g integer
);

ALTER TABLE public.parcels OWNER TO expedition_owner;

CREATE TABLE public.partitions_gone (
    parent text NOT NULL,
    first date NOT NULL,
    upto date NOT NULL,
    dropped_at timestamp with time zone NOT NULL
);

ALTER TABLE public.partitions_gone OWNER TO expedition_owner;

CREATE TABLE public.point_feeds (
    carrier text NOT NULL,
    country text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    since timestamp with time zone NOT NULL,
    begun_at timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    rows integer DEFAULT 0 NOT NULL,
    synced_at timestamp with time zone,
    shrunk_since timestamp with time zone,
    why text,
    networks text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE public.point_feeds OWNER TO expedition_owner;

CREATE TABLE public.points (
    carrier text NOT NULL,
    network text NOT NULL,
    point_id text NOT NULL,
    feed text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    street text NOT NULL,
    city text NOT NULL,
    zip text NOT NULL,
    country text NOT NULL,
    latitude double precision,
    longitude double precision,
    is_open boolean NOT NULL,
    takes_cod boolean,
    most_weight_g integer,
    opening text NOT NULL,
    raw jsonb NOT NULL,
    digest bytea NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    gone_at timestamp with time zone
);

ALTER TABLE public.points OWNER TO expedition_owner;

CREATE TABLE public.problems (
    problem_id bigint NOT NULL,
    tenant_id text NOT NULL,
    cause text NOT NULL,
    order_number text,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    count integer DEFAULT 1 NOT NULL,
    closed_at timestamp with time zone,
    news_at timestamp with time zone,
    taken_by text,
    taken_at timestamp with time zone,
    taken_note text
);

ALTER TABLE public.problems OWNER TO expedition_owner;

ALTER TABLE public.problems ALTER COLUMN problem_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.problems_problem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.product_lists (
    tenant_id text NOT NULL,
    kind text NOT NULL,
    product_id bigint NOT NULL,
    content jsonb NOT NULL,
    read_at timestamp with time zone NOT NULL,
    CONSTRAINT product_lists_kind_check CHECK ((kind = ANY (ARRAY['parameters'::text, 'related'::text])))
);

ALTER TABLE public.product_lists OWNER TO expedition_owner;

CREATE TABLE public.products (
    tenant_id text NOT NULL,
    product_id bigint NOT NULL,
    code text,
    content jsonb NOT NULL,
    last_update_time timestamp with time zone,
    variant_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    read_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    state text DEFAULT 'live'::text NOT NULL,
    missing_since timestamp with time zone,
    missing_last_at timestamp with time zone,
    delete_told_at timestamp with time zone,
    CONSTRAINT products_state_check CHECK ((state = ANY (ARRAY['live'::text, 'missing'::text, 'deleted'::text])))
);

ALTER TABLE public.products OWNER TO expedition_owner;

CREATE TABLE public.readings (
    tenant_id text NOT NULL,
    lane text NOT NULL,
    last_read_at timestamp with time zone,
    watermark timestamp with time zone,
    failures smallint DEFAULT 0 NOT NULL,
    rests_until timestamp with time zone,
    known_from timestamp with time zone
);

ALTER TABLE public.readings OWNER TO expedition_owner;

CREATE TABLE public.receiver_beats (
    name text NOT NULL,
    alive_at timestamp with time zone NOT NULL
);

ALTER TABLE public.receiver_beats OWNER TO expedition_owner;

CREATE TABLE public.receiver_outages (
    outage_id bigint NOT NULL,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL
);

ALTER TABLE public.receiver_outages OWNER TO expedition_owner;

ALTER TABLE public.receiver_outages ALTER COLUMN outage_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.receiver_outages_outage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.return_labels (
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
    due_at timestamp with time zone,
    since timestamp with time zone,
    tries integer DEFAULT 0 NOT NULL,
    claim text,
    asked_at timestamp with time zone,
    made_at timestamp with time zone,
    numbers text[] DEFAULT '{}'::text[] NOT NULL,
    parcels jsonb DEFAULT '[]'::jsonb NOT NULL,
    notes jsonb DEFAULT '[]'::jsonb NOT NULL,
    told bytea,
    label bytea,
    label_at timestamp with time zone,
    parked text,
    why text,
    faults jsonb DEFAULT '[]'::jsonb NOT NULL,
    cancelled_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    job jsonb,
    CONSTRAINT return_labels_check CHECK (((due_at IS NULL) OR (since IS NOT NULL)))
);

ALTER TABLE public.return_labels OWNER TO expedition_owner;

CREATE TABLE public.scans (
    tenant_id text NOT NULL,
    booking_id text NOT NULL,
    place smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    mark text NOT NULL,
    code text NOT NULL,
    said text,
    spot text,
    state text NOT NULL,
    reason text,
    seen_at timestamp with time zone NOT NULL
);

ALTER TABLE public.scans OWNER TO expedition_owner;

CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);

ALTER TABLE public.schema_migrations OWNER TO expedition_owner;

CREATE TABLE public.shipments (
    tenant_id text NOT NULL,
    shipment_id text NOT NULL,
    order_number text NOT NULL,
    account_id text NOT NULL,
    final_since timestamp with time zone,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    voided_at timestamp with time zone,
    written_before boolean DEFAULT false NOT NULL,
    entered bigint NOT NULL,
    label_due boolean DEFAULT false NOT NULL,
    booked_with text
);

ALTER TABLE public.shipments OWNER TO expedition_owner;

ALTER TABLE public.shipments ALTER COLUMN entered ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.shipments_entered_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.silences (
    silence_id bigint NOT NULL,
    channel_id text,
    tenant_id text,
    cause text,
    until timestamp with time zone NOT NULL,
    made_by text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    ended_by text,
    ended_at timestamp with time zone
);

ALTER TABLE public.silences OWNER TO expedition_owner;

ALTER TABLE public.silences ALTER COLUMN silence_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.silences_silence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.spool_files (
    name text NOT NULL,
    drained_to bigint NOT NULL,
    drained_at timestamp with time zone NOT NULL
);

ALTER TABLE public.spool_files OWNER TO expedition_owner;

CREATE TABLE public.tenants (
    tenant_id text NOT NULL,
    token text NOT NULL,
    state text NOT NULL,
    state_why text,
    generation integer DEFAULT 1 NOT NULL,
    api_url text NOT NULL,
    api_user text,
    api_key_sealed bytea,
    credentials_revision integer DEFAULT 1 NOT NULL,
    doubted boolean DEFAULT true NOT NULL,
    version text,
    admin_language text DEFAULT 'cs'::text NOT NULL,
    shop_name text,
    slot_minute smallint,
    account_id text,
    warehouse_account_id text,
    installed_at timestamp with time zone NOT NULL,
    dismissed_at timestamp with time zone,
    lifecycle_time timestamp with time zone,
    sweep_due_at timestamp with time zone,
    erased_at timestamp with time zone,
    refused_at timestamp with time zone,
    CONSTRAINT tenants_slot_minute_check CHECK (((slot_minute >= 0) AND (slot_minute <= 1439))),
    CONSTRAINT tenants_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'held'::text, 'dismissed'::text])))
);

ALTER TABLE public.tenants OWNER TO expedition_owner;

CREATE TABLE public.track_calls (
    contract_id text NOT NULL,
    hour timestamp with time zone NOT NULL,
    carrier text NOT NULL,
    calls integer DEFAULT 0 NOT NULL,
    refused integer DEFAULT 0 NOT NULL
);

ALTER TABLE public.track_calls OWNER TO expedition_owner;

CREATE TABLE public.tracked (
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
    state_since timestamp with time zone NOT NULL,
    last_scan_at timestamp with time zone,
    delivered_on date,
    stored_until date,
    partner text,
    due_at timestamp with time zone,
    since timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    claim text,
    polled_at timestamp with time zone,
    final_at timestamp with time zone,
    stopped_at timestamp with time zone,
    goods_back_at timestamp with time zone,
    goods_back_by text,
    first_at timestamp with time zone NOT NULL,
    is_back boolean DEFAULT false NOT NULL,
    CONSTRAINT tracked_check CHECK (((due_at IS NULL) OR (since IS NOT NULL)))
);

ALTER TABLE public.tracked OWNER TO expedition_owner;

CREATE TABLE public.write_backs (
    tenant_id text NOT NULL,
    last_put_at timestamp with time zone,
    failures smallint DEFAULT 0 NOT NULL,
    rests_until timestamp with time zone,
    sent_since_echo integer DEFAULT 0 NOT NULL,
    first_sent_at timestamp with time zone,
    no_echo boolean DEFAULT false NOT NULL
);

ALTER TABLE public.write_backs OWNER TO expedition_owner;

ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_default DEFAULT;

ALTER TABLE ONLY public.deliveries ATTACH PARTITION public.deliveries_default DEFAULT;

ALTER TABLE ONLY public.journal ATTACH PARTITION public.journal_default DEFAULT;

ALTER TABLE ONLY public.account_tokens
    ADD CONSTRAINT account_tokens_pkey PRIMARY KEY (token_digest);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.activation_steps
    ADD CONSTRAINT activation_steps_pkey PRIMARY KEY (tenant_id, step);

ALTER TABLE ONLY public.affiliate_offers
    ADD CONSTRAINT affiliate_offers_pkey PRIMARY KEY (tenant_id, shop_shipment_id);

ALTER TABLE ONLY public.affiliates
    ADD CONSTRAINT affiliates_pkey PRIMARY KEY (tenant_id, shop_shipment_id, affiliate_id);

ALTER TABLE ONLY public.alarms
    ADD CONSTRAINT alarms_pkey PRIMARY KEY (tenant_id, channel_id, cause);

ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_pkey PRIMARY KEY (block_id);

ALTER TABLE ONLY public.booked_parcels
    ADD CONSTRAINT booked_parcels_pkey PRIMARY KEY (tenant_id, booking_id, place);

ALTER TABLE ONLY public.booking_positions
    ADD CONSTRAINT booking_positions_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_pkey PRIMARY KEY (tenant_id, booking_id);

ALTER TABLE ONLY public.breakers
    ADD CONSTRAINT breakers_pkey PRIMARY KEY (contract_id, lane);

ALTER TABLE ONLY public.busy_at
    ADD CONSTRAINT busy_at_pkey PRIMARY KEY (contract_id, lane, doing);

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_pkey PRIMARY KEY (tenant_id, began_at, call_id);

ALTER TABLE ONLY public.calls_default
    ADD CONSTRAINT calls_default_pkey PRIMARY KEY (tenant_id, began_at, call_id);

ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (channel_id);

ALTER TABLE ONLY public.cod_payments
    ADD CONSTRAINT cod_payments_pkey PRIMARY KEY (tenant_id, booking_id);

ALTER TABLE ONLY public.codebook_entries
    ADD CONSTRAINT codebook_entries_pkey PRIMARY KEY (tenant_id, kind, entry_id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_pkey PRIMARY KEY (contract_id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (tenant_id, received_at, delivery_id);

ALTER TABLE ONLY public.deliveries_default
    ADD CONSTRAINT deliveries_default_pkey PRIMARY KEY (tenant_id, received_at, delivery_id);

ALTER TABLE ONLY public.handed_bookings
    ADD CONSTRAINT handed_bookings_pkey PRIMARY KEY (tenant_id, booking_id);

ALTER TABLE ONLY public.handovers
    ADD CONSTRAINT handovers_pkey PRIMARY KEY (tenant_id, handover_id);

ALTER TABLE ONLY public.heard
    ADD CONSTRAINT heard_pkey PRIMARY KEY (tenant_id, event, hour);

ALTER TABLE ONLY public.hints
    ADD CONSTRAINT hints_pkey PRIMARY KEY (tenant_id, lane, key);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (account_id, key);

ALTER TABLE ONLY public.idempotency_results
    ADD CONSTRAINT idempotency_results_pkey PRIMARY KEY (tenant_id, account_id, key);

ALTER TABLE ONLY public.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (at, journal_id);

ALTER TABLE ONLY public.journal_default
    ADD CONSTRAINT journal_default_pkey PRIMARY KEY (at, journal_id);

ALTER TABLE ONLY public.journal_seals
    ADD CONSTRAINT journal_seals_pkey PRIMARY KEY (tenant_id, place);

ALTER TABLE ONLY public.labels
    ADD CONSTRAINT labels_pkey PRIMARY KEY (tenant_id, booking_id, format);

ALTER TABLE ONLY public.lifecycle_requests
    ADD CONSTRAINT lifecycle_requests_pkey PRIMARY KEY (signature_digest);

ALTER TABLE ONLY public.looks
    ADD CONSTRAINT looks_pkey PRIMARY KEY (look_id);

ALTER TABLE ONLY public.losses
    ADD CONSTRAINT losses_pkey PRIMARY KEY (tenant_id, order_number, found_at);

ALTER TABLE ONLY public.mapped_statuses
    ADD CONSTRAINT mapped_statuses_pkey PRIMARY KEY (tenant_id, role, status_id);

ALTER TABLE ONLY public.mappings
    ADD CONSTRAINT mappings_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.merchant_mails
    ADD CONSTRAINT merchant_mails_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.offer_positions
    ADD CONSTRAINT offer_positions_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.offers
    ADD CONSTRAINT offers_pkey PRIMARY KEY (tenant_id, order_number);

ALTER TABLE ONLY public.order_positions
    ADD CONSTRAINT order_positions_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (tenant_id, order_number);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, order_number);

ALTER TABLE ONLY public.pairings
    ADD CONSTRAINT pairings_pkey PRIMARY KEY (tenant_id, shop_shipment_id);

ALTER TABLE ONLY public.panel_tickets
    ADD CONSTRAINT panel_tickets_pkey PRIMARY KEY (ticket_digest);

ALTER TABLE ONLY public.parcels
    ADD CONSTRAINT parcels_pkey PRIMARY KEY (tenant_id, shipment_id, place);

ALTER TABLE ONLY public.partitions_gone
    ADD CONSTRAINT partitions_gone_pkey PRIMARY KEY (parent, first);

ALTER TABLE ONLY public.point_feeds
    ADD CONSTRAINT point_feeds_pkey PRIMARY KEY (carrier, country);

ALTER TABLE ONLY public.points
    ADD CONSTRAINT points_pkey PRIMARY KEY (carrier, point_id, network);

ALTER TABLE ONLY public.problems
    ADD CONSTRAINT problems_pkey PRIMARY KEY (problem_id);

ALTER TABLE ONLY public.product_lists
    ADD CONSTRAINT product_lists_pkey PRIMARY KEY (tenant_id, kind, product_id);

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (tenant_id, product_id);

ALTER TABLE ONLY public.readings
    ADD CONSTRAINT readings_pkey PRIMARY KEY (tenant_id, lane);

ALTER TABLE ONLY public.receiver_beats
    ADD CONSTRAINT receiver_beats_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.receiver_outages
    ADD CONSTRAINT receiver_outages_pkey PRIMARY KEY (outage_id);

ALTER TABLE ONLY public.return_labels
    ADD CONSTRAINT return_labels_pkey PRIMARY KEY (tenant_id, return_id);

ALTER TABLE ONLY public.scans
    ADD CONSTRAINT scans_pkey PRIMARY KEY (tenant_id, booking_id, place, at, mark);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.shipments
    ADD CONSTRAINT shipments_pkey PRIMARY KEY (tenant_id, shipment_id);

ALTER TABLE ONLY public.silences
    ADD CONSTRAINT silences_pkey PRIMARY KEY (silence_id);

ALTER TABLE ONLY public.spool_files
    ADD CONSTRAINT spool_files_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_token_key UNIQUE (token);

ALTER TABLE ONLY public.track_calls
    ADD CONSTRAINT track_calls_pkey PRIMARY KEY (contract_id, hour);

ALTER TABLE ONLY public.tracked
    ADD CONSTRAINT tracked_pkey PRIMARY KEY (tenant_id, booking_id, place);

ALTER TABLE ONLY public.write_backs
    ADD CONSTRAINT write_backs_pkey PRIMARY KEY (tenant_id);

CREATE INDEX activation_steps_due ON public.activation_steps USING btree (lane, due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX affiliate_offers_due ON public.affiliate_offers USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX affiliate_offers_list ON public.affiliate_offers USING btree (carrier, country);

CREATE INDEX alarms_due ON public.alarms USING btree (due_at, channel_id) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX blocks_open ON public.blocks USING btree (((ended_at IS NULL))) WHERE (ended_at IS NULL);

CREATE INDEX booked_parcels_by_number ON public.booked_parcels USING btree (tenant_id, number);

CREATE UNIQUE INDEX bookings_by_position ON public.bookings USING btree (tenant_id, "position");

CREATE INDEX bookings_due ON public.bookings USING btree (due_at, tenant_id) WHERE ((due_at IS NOT NULL) AND (parked IS NULL));

CREATE INDEX bookings_not_done ON public.bookings USING btree (tenant_id) WHERE ((cancelled_at IS NULL) AND ((handed_at IS NULL) OR (parked IS NOT NULL) OR (due_at IS NOT NULL)));

CREATE INDEX bookings_of_order ON public.bookings USING btree (tenant_id, order_number);

CREATE UNIQUE INDEX bookings_one ON public.bookings USING btree (tenant_id, shipment_id) WHERE (cancelled_at IS NULL);

CREATE INDEX bookings_open ON public.bookings USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX bookings_unhanded ON public.bookings USING btree (tenant_id, label_at) WHERE ((label_at IS NOT NULL) AND (handed_at IS NULL) AND (cancelled_at IS NULL) AND (cancel_asked_at IS NULL));

CREATE INDEX bookings_worded ON public.bookings USING btree (tenant_id, changed_at) WHERE ((content IS NOT NULL) OR (why IS NOT NULL) OR (faults <> '[]'::jsonb));

CREATE INDEX calls_by_time ON ONLY public.calls USING brin (began_at);

CREATE INDEX calls_open ON ONLY public.calls USING btree (began_at) WHERE (ended_at IS NULL);

CREATE INDEX calls_default_began_at_idx ON public.calls_default USING btree (began_at) WHERE (ended_at IS NULL);

CREATE INDEX calls_default_began_at_idx1 ON public.calls_default USING brin (began_at);

CREATE UNIQUE INDEX channels_own ON public.channels USING btree (account_id) WHERE (address IS NULL);

CREATE INDEX cod_payments_by_symbol ON public.cod_payments USING btree (tenant_id, bare_symbol);

CREATE INDEX cod_payments_of_order ON public.cod_payments USING btree (tenant_id, order_number) WHERE (told IS NOT NULL);

CREATE INDEX cod_payments_open ON public.cod_payments USING btree (tenant_id, due_on) WHERE ((paid_on IS NULL) AND (over_at IS NULL));

CREATE UNIQUE INDEX contracts_one ON public.contracts USING btree (account_id, tenant_id, carrier) NULLS NOT DISTINCT WHERE (closed_at IS NULL);

CREATE INDEX deliveries_by_time ON ONLY public.deliveries USING brin (received_at);

CREATE INDEX deliveries_waiting ON ONLY public.deliveries USING btree (lane, tenant_id, delivery_id) WHERE (expanded_at IS NULL);

CREATE INDEX deliveries_default_lane_tenant_id_delivery_id_idx ON public.deliveries_default USING btree (lane, tenant_id, delivery_id) WHERE (expanded_at IS NULL);

CREATE INDEX deliveries_default_received_at_idx ON public.deliveries_default USING brin (received_at);

CREATE INDEX deliveries_parked ON ONLY public.deliveries USING btree (tenant_id, lane) WHERE (parked IS NOT NULL);

CREATE INDEX deliveries_default_tenant_id_lane_idx ON public.deliveries_default USING btree (tenant_id, lane) WHERE (parked IS NOT NULL);

CREATE INDEX handed_bookings_of ON public.handed_bookings USING btree (tenant_id, handover_id);

CREATE INDEX handovers_car_due ON public.handovers USING btree (car_ask_at, tenant_id) WHERE (car_ask_at IS NOT NULL);

CREATE INDEX handovers_due ON public.handovers USING btree (due_at, tenant_id) WHERE (due_at IS NOT NULL);

CREATE INDEX handovers_newest ON public.handovers USING btree (tenant_id, created_at DESC);

CREATE INDEX handovers_parked ON public.handovers USING btree (tenant_id) WHERE ((parked IS NOT NULL) AND (cancelled_at IS NULL));

CREATE INDEX hints_due ON public.hints USING btree (lane, due_at, tenant_id) WHERE ((due_at IS NOT NULL) AND (parked IS NULL));

CREATE INDEX hints_waiting ON public.hints USING btree (tenant_id, lane, due_at) WHERE ((due_at IS NOT NULL) AND (parked IS NULL));

CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (first_at);

CREATE INDEX idempotency_results_by_age ON public.idempotency_results USING btree (first_at);

CREATE INDEX journal_of_order ON ONLY public.journal USING btree (tenant_id, order_number, at);

CREATE INDEX journal_default_tenant_id_order_number_at_idx ON public.journal_default USING btree (tenant_id, order_number, at);

CREATE INDEX journal_to_seal ON ONLY public.journal USING btree (tenant_id, written_in, journal_id);

CREATE INDEX journal_default_tenant_id_written_in_journal_id_idx ON public.journal_default USING btree (tenant_id, written_in, journal_id);

CREATE INDEX lifecycle_requests_by_age ON public.lifecycle_requests USING btree (accepted_at);

CREATE INDEX looks_of_tenant ON public.looks USING btree (tenant_id, lane, ended_at);

CREATE UNIQUE INDEX looks_open ON public.looks USING btree (tenant_id, lane, cause) WHERE (ended_at IS NULL);

CREATE INDEX losses_by_age ON public.losses USING btree (tenant_id, found_at);

CREATE UNIQUE INDEX mapped_once ON public.mapped_statuses USING btree (tenant_id, role) WHERE (role <> 'release'::text);

CREATE INDEX merchant_mails_due ON public.merchant_mails USING btree (due_at) WHERE daily;

CREATE UNIQUE INDEX offers_by_position ON public.offers USING btree (tenant_id, "position");

CREATE INDEX offers_held ON public.offers USING btree (tenant_id) WHERE ((state = 'held'::text) AND (reason <> ALL (ARRAY['shipped'::text, 'cancelled'::text, 'deleted'::text, 'history'::text, 'too_old'::text, 'observed'::text])));

CREATE INDEX offers_released ON public.offers USING btree (tenant_id) WHERE (state = 'released'::text);

CREATE INDEX orders_by_change ON public.orders USING btree (tenant_id, last_update_time);

CREATE INDEX orders_by_creation ON public.orders USING btree (tenant_id, creation_time);

CREATE UNIQUE INDEX orders_by_position ON public.orders USING btree (tenant_id, "position");

CREATE INDEX orders_unmasked ON public.orders USING btree (tenant_id, last_update_time) WHERE (masked_at IS NULL);

CREATE INDEX outbox_due ON public.outbox USING btree (due_at, tenant_id) WHERE ((due_at IS NOT NULL) AND (parked IS NULL));

CREATE INDEX outbox_open ON public.outbox USING btree (tenant_id) WHERE ((due_at IS NOT NULL) OR (confirm_by IS NOT NULL));

CREATE INDEX outbox_unconfirmed ON public.outbox USING btree (tenant_id, confirm_by) WHERE (confirm_by IS NOT NULL);

CREATE INDEX outbox_waiting ON public.outbox USING btree (tenant_id, due_at) WHERE ((due_at IS NOT NULL) AND (parked IS NULL));

CREATE INDEX points_feed ON public.points USING btree (carrier, feed, network, point_id) WHERE (gone_at IS NULL);

CREATE INDEX points_place ON public.points USING btree (carrier, latitude, longitude) WHERE (gone_at IS NULL);

CREATE INDEX points_zip ON public.points USING btree (carrier, zip text_pattern_ops) WHERE (gone_at IS NULL);

CREATE INDEX problems_cause ON public.problems USING btree (cause) WHERE (closed_at IS NULL);

CREATE INDEX problems_news ON public.problems USING btree (news_at, tenant_id) WHERE (news_at IS NOT NULL);

CREATE UNIQUE INDEX problems_open ON public.problems USING btree (tenant_id, cause, order_number) NULLS NOT DISTINCT WHERE (closed_at IS NULL);

CREATE INDEX receiver_outages_by_end ON public.receiver_outages USING btree (ended_at);

CREATE INDEX return_labels_due ON public.return_labels USING btree (due_at, tenant_id) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX return_labels_first ON public.return_labels USING btree (tenant_id, shipment_id) WHERE ((NOT another) AND (cancelled_at IS NULL));

CREATE INDEX return_labels_newest ON public.return_labels USING btree (tenant_id, created_at DESC);

CREATE INDEX return_labels_numbers ON public.return_labels USING gin (numbers);

CREATE INDEX return_labels_parked ON public.return_labels USING btree (tenant_id, order_number) WHERE (parked IS NOT NULL);

CREATE INDEX scans_worded ON public.scans USING btree (tenant_id, seen_at) WHERE ((said IS NOT NULL) OR (spot IS NOT NULL));

CREATE INDEX shipments_booked_with ON public.shipments USING btree (tenant_id, booked_with) WHERE (booked_with IS NOT NULL);

CREATE INDEX shipments_of_order ON public.shipments USING btree (tenant_id, order_number);

CREATE INDEX track_calls_hour ON public.track_calls USING btree (hour);

CREATE INDEX tracked_back ON public.tracked USING btree (tenant_id, state_since) WHERE (state = ANY (ARRAY['returning'::text, 'returned'::text]));

CREATE INDEX tracked_by_number ON public.tracked USING btree (contract_id, number);

CREATE INDEX tracked_due ON public.tracked USING btree (due_at, tenant_id) WHERE (due_at IS NOT NULL);

CREATE INDEX tracked_numbered ON public.tracked USING btree (tenant_id, number);

CREATE INDEX tracked_of_order ON public.tracked USING btree (tenant_id, order_number);

CREATE INDEX tracked_of_shipment ON public.tracked USING btree (tenant_id, shipment_id);

CREATE INDEX tracked_stopped ON public.tracked USING btree (tenant_id, stopped_at) WHERE (stopped_at IS NOT NULL);

ALTER INDEX public.calls_open ATTACH PARTITION public.calls_default_began_at_idx;

ALTER INDEX public.calls_by_time ATTACH PARTITION public.calls_default_began_at_idx1;

ALTER INDEX public.calls_pkey ATTACH PARTITION public.calls_default_pkey;

ALTER INDEX public.deliveries_waiting ATTACH PARTITION public.deliveries_default_lane_tenant_id_delivery_id_idx;

ALTER INDEX public.deliveries_pkey ATTACH PARTITION public.deliveries_default_pkey;

ALTER INDEX public.deliveries_by_time ATTACH PARTITION public.deliveries_default_received_at_idx;

ALTER INDEX public.deliveries_parked ATTACH PARTITION public.deliveries_default_tenant_id_lane_idx;

ALTER INDEX public.journal_pkey ATTACH PARTITION public.journal_default_pkey;

ALTER INDEX public.journal_of_order ATTACH PARTITION public.journal_default_tenant_id_order_number_at_idx;

ALTER INDEX public.journal_to_seal ATTACH PARTITION public.journal_default_tenant_id_written_in_journal_id_idx;

ALTER TABLE ONLY public.account_tokens
    ADD CONSTRAINT account_tokens_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

ALTER TABLE ONLY public.busy_at
    ADD CONSTRAINT busy_at_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(contract_id) ON DELETE CASCADE;

ALTER TABLE public.activation_steps ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.affiliate_offers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.affiliates ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alarms ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.booked_parcels ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.booking_positions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.bookings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.calls ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.calls_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.cod_payments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.codebook_entries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contracts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.deliveries_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.handed_bookings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.handovers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.heard ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hints ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.idempotency_results ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.journal ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.journal_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.journal_seals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.labels ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.looks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.losses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mapped_statuses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mappings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.merchant_mails ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.offer_positions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.offers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.order_positions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_tenant ON public.activation_steps USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.affiliate_offers USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.affiliates USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.alarms USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.booked_parcels USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.booking_positions USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.bookings USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.calls USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.cod_payments USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.codebook_entries USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.contracts USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text) OR ((tenant_id IS NULL) AND (EXISTS ( SELECT
   FROM public.tenants
  WHERE ((tenants.tenant_id = current_setting('app.tenant'::text, true)) AND ((contracts.account_id = tenants.account_id) OR (contracts.account_id = tenants.warehouse_account_id))))))));

CREATE POLICY own_tenant ON public.deliveries USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.handed_bookings USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.handovers USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.heard USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.hints USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.idempotency_results USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.journal USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.journal_seals USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.labels USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.looks USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.losses USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.mapped_statuses USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.mappings USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.merchant_mails USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.offer_positions USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.offers USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.order_positions USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.orders USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.outbox USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.pairings USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.panel_tickets USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.parcels USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.problems USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.product_lists USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.products USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.readings USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.return_labels USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.scans USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.shipments USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.silences USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.tenants USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.tracked USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

CREATE POLICY own_tenant ON public.write_backs USING (((tenant_id = current_setting('app.tenant'::text, true)) OR (current_setting('app.tenant'::text, true) = '*'::text)));

ALTER TABLE public.pairings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.panel_tickets ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.parcels ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.problems ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.product_lists ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.products ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.readings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.return_labels ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.scans ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.shipments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.silences ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tenants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tracked ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.write_backs ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON FUNCTION public.journal_month(month date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.journal_month(month date) TO expedition;

REVOKE ALL ON FUNCTION public.partition_clear() FROM PUBLIC;
GRANT ALL ON FUNCTION public.partition_clear() TO expedition;

REVOKE ALL ON FUNCTION public.partition_drop(parent text, day date, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.partition_drop(parent text, day date, at timestamp with time zone) TO expedition;

REVOKE ALL ON FUNCTION public.partition_make(parent text, day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.partition_make(parent text, day date) TO expedition;

REVOKE ALL ON FUNCTION public.partition_of(parent text, day date, OUT name text, OUT first date, OUT upto date) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.partition_strays(parent text, before date, most integer, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.partition_strays(parent text, before date, most integer, at timestamp with time zone) TO expedition;

REVOKE ALL ON FUNCTION public.tenant_erase(whose text, before timestamp with time zone, most integer, again_at timestamp with time zone, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenant_erase(whose text, before timestamp with time zone, most integer, again_at timestamp with time zone, at timestamp with time zone) TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_tokens TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.accounts TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.activation_steps TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.affiliate_offers TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.affiliates TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.alarms TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.blocks TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.booked_parcels TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.booking_positions TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bookings TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.breakers TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.busy_at TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calls TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.channels TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cod_payments TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.codebook_entries TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contracts TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.deliveries TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.handed_bookings TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.handovers TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.heard TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.hints TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_results TO expedition;

GRANT SELECT,INSERT ON TABLE public.journal TO expedition;

GRANT SELECT,INSERT ON TABLE public.journal_seals TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.labels TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.lifecycle_requests TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.looks TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.losses TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mapped_statuses TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mappings TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.merchant_mails TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.offer_positions TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.offers TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.order_positions TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.orders TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.pairings TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.panel_tickets TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.parcels TO expedition;

GRANT SELECT ON TABLE public.partitions_gone TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.point_feeds TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.points TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.problems TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.product_lists TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.products TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.readings TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.receiver_beats TO expedition;

GRANT SELECT,INSERT,UPDATE ON TABLE public.receiver_outages TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.return_labels TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.scans TO expedition;

GRANT SELECT ON TABLE public.schema_migrations TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shipments TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.silences TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.spool_files TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tenants TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.track_calls TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tracked TO expedition;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.write_backs TO expedition;
