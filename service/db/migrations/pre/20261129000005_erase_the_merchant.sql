-- migrate:up

-- As before, and with its last shop goes the merchant's account: name, e-mail and phone of the owner, its tokens and who
-- was told of alarms in its name. What ships for other shops, and what a person made for a warehouse, stays.
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

-- migrate:down
CREATE OR REPLACE FUNCTION tenant_erase(whose text, before timestamptz, most integer, again_at timestamptz, at timestamptz)
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
