-- migrate:up

-- Ageing (docs/decisions/0016): what comes in bulk lies in partitions, and a partition is dropped whole.

-- Which partitions were dropped: the journal's chain begins after them.
CREATE TABLE partitions_gone (
    parent text NOT NULL,
    first date NOT NULL,
    upto date NOT NULL,
    dropped_at timestamptz NOT NULL,
    PRIMARY KEY (parent, first)
);
GRANT SELECT ON partitions_gone TO expedition;

-- Webhooks by the day, calls by the week. What is there already becomes the partition of its last day, with all before.
ALTER TABLE deliveries RENAME TO deliveries_before;
ALTER TABLE deliveries_before ALTER COLUMN delivery_id DROP IDENTITY;
ALTER TABLE deliveries_before DROP CONSTRAINT deliveries_pkey;
ALTER INDEX deliveries_waiting RENAME TO deliveries_before_waiting;

CREATE TABLE deliveries (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id text NOT NULL,
    generation integer NOT NULL,
    event text NOT NULL,
    lane text,
    body bytea NOT NULL,
    size integer NOT NULL,
    copies smallint NOT NULL DEFAULT 1,
    received_at timestamptz NOT NULL,
    expanded_at timestamptz,
    outcome text CONSTRAINT deliveries_outcome_check CHECK (outcome IN ('expanded', 'unreadable', 'unknown', 'dropped')),
    reason text,
    records integer,
    PRIMARY KEY (tenant_id, received_at, delivery_id)
) PARTITION BY RANGE (received_at);
CREATE INDEX deliveries_waiting ON deliveries (lane, tenant_id, delivery_id) WHERE expanded_at IS NULL;
CREATE TABLE deliveries_default PARTITION OF deliveries DEFAULT;

ALTER TABLE calls RENAME TO calls_before;
ALTER TABLE calls_before ALTER COLUMN call_id DROP IDENTITY;
ALTER TABLE calls_before DROP CONSTRAINT calls_pkey;
ALTER INDEX calls_open RENAME TO calls_before_open;
DROP INDEX calls_of_tenant;

CREATE TABLE calls (
    call_id bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id text NOT NULL,
    lane text NOT NULL,
    plan text NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    status smallint,
    outcome text,
    items integer,
    PRIMARY KEY (tenant_id, began_at, call_id)
) PARTITION BY RANGE (began_at);
CREATE INDEX calls_open ON calls (began_at) WHERE ended_at IS NULL;
CREATE TABLE calls_default PARTITION OF calls DEFAULT;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['deliveries', 'calls'] LOOP
        EXECUTE format('DROP POLICY own_tenant ON %I', name || '_before');
        EXECUTE format('REVOKE ALL ON %I FROM expedition', name || '_before');
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = current_setting(''app.tenant'', true)
            OR current_setting(''app.tenant'', true) = ''*'')', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO expedition', name);
    END LOOP;
END
$$;

-- The journal: a seal knows its oldest entry, so that it can be told from one whose entries aged away.
ALTER TABLE journal_seals ADD COLUMN first_at timestamptz;
UPDATE journal_seals
SET first_at = (
    SELECT min(journal.at)
    FROM journal
    WHERE journal.tenant_id = journal_seals.tenant_id
      AND (written_in, journal_id) <= (journal_seals.upto_xid, journal_seals.upto_id)
      AND (written_in, journal_id) > (chain.after_xid, chain.after_id)
)
FROM (
    SELECT tenant_id, place,
        lag(upto_xid, 1, '0'::xid8) OVER seals AS after_xid,
        lag(upto_id, 1, 0::bigint) OVER seals AS after_id
    FROM journal_seals
    WINDOW seals AS (PARTITION BY tenant_id ORDER BY place)
) AS chain
WHERE chain.tenant_id = journal_seals.tenant_id
  AND chain.place = journal_seals.place;

ALTER TABLE orders ADD COLUMN masked_at timestamptz;
CREATE INDEX orders_unmasked ON orders (tenant_id, last_update_time) WHERE masked_at IS NULL;

ALTER TABLE tenants ADD COLUMN erased_at timestamptz;

-- The service can make and drop no tables; these functions can, for these three tables and by these names only.

CREATE FUNCTION partition_of(parent text, day date, OUT name text, OUT first date, OUT upto date)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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

-- Attached, not made in place: ATTACH lets others write meanwhile. A partition may not be read directly: it has
-- row-level security and no policy.
CREATE FUNCTION partition_make(parent text, day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '50ms' AS $$
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

-- Taken out here and dropped by partition_clear: the parent is locked for a moment that waits for no disk, and for as
-- long as the lock_timeout at most when somebody is at work. Returns dropped, kept (webhooks nobody expanded),
-- young (the journal's last month and a bit, whatever is asked) or gone.
CREATE FUNCTION partition_drop(parent text, day date, at timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '20ms' AS $$
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

CREATE FUNCTION partition_clear() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
$$;

-- What came while its partition was missing lies in the default one and is deleted in small batches.
CREATE FUNCTION partition_strays(parent text, before date, most integer, at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
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
$$;

-- Erase a shop that was uninstalled before then: its row keeps only the fact, and whatever names it goes, `most` rows of
-- all tables together at once, the journal and its seals too, which the service may not delete otherwise. The token goes
-- first: a shop that comes back from then on is another tenant. NULL: it is not to be erased. The last sweep is that
-- which finds nothing.
CREATE FUNCTION tenant_erase(whose text, before timestamptz, most integer, again_at timestamptz, at timestamptz)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    leaf regclass;
    batch integer;
    deleted integer := 0;
BEGIN
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

-- Code of before still asks for months by this name.
CREATE OR REPLACE FUNCTION journal_month(month date) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT partition_make('journal', month)
$$;

DO $$
DECLARE
    made text;
    leaf regclass;
BEGIN
    FOREACH made IN ARRAY ARRAY['partition_of(text, date)', 'partition_make(text, date)',
        'partition_drop(text, date, timestamptz)', 'partition_clear()',
        'partition_strays(text, date, integer, timestamptz)', 'tenant_erase(text, timestamptz, integer, timestamptz, timestamptz)']
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', made);
        IF made NOT LIKE 'partition_of%' THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO expedition', made);
        END IF;
    END LOOP;
    FOR leaf IN SELECT inhrelid FROM pg_inherits JOIN pg_class ON pg_class.oid = inhparent WHERE relkind = 'p' LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', leaf);
    END LOOP;
END
$$;

DO $$
DECLARE
    last timestamptz;
    top bigint;
    span record;
BEGIN
    SET LOCAL timezone = 'UTC';
    SELECT max(received_at), max(delivery_id) INTO last, top FROM deliveries_before;
    IF last IS NULL THEN
        DROP TABLE deliveries_before;
    ELSE
        SELECT * INTO span FROM partition_of('deliveries', last::date);
        EXECUTE format('ALTER TABLE deliveries_before RENAME TO %I', span.name);
        EXECUTE format('ALTER TABLE deliveries ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)',
            span.name, span.upto);
        PERFORM setval(pg_get_serial_sequence('deliveries', 'delivery_id'), top);
    END IF;
    SELECT max(began_at), max(call_id) INTO last, top FROM calls_before;
    IF last IS NULL THEN
        DROP TABLE calls_before;
    ELSE
        SELECT * INTO span FROM partition_of('calls', last::date);
        EXECUTE format('ALTER TABLE calls_before RENAME TO %I', span.name);
        EXECUTE format('ALTER TABLE calls ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)',
            span.name, span.upto);
        PERFORM setval(pg_get_serial_sequence('calls', 'call_id'), top);
    END IF;
END
$$;

-- migrate:down
SELECT 1 / 0 AS "what was dropped with its day cannot come back";
