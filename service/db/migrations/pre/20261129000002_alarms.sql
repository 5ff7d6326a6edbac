-- migrate:up

-- What may stand still, among many orders that have long left. First, for it takes long: writers wait, but
-- whoever reads problems does not yet.
CREATE INDEX offers_held ON offers (tenant_id) WHERE state = 'held'
    AND reason NOT IN ('shipped', 'cancelled', 'deleted', 'history', 'too_old', 'observed');
CREATE INDEX offers_released ON offers (tenant_id) WHERE state = 'released';
CREATE INDEX outbox_open ON outbox (tenant_id) WHERE due_at IS NOT NULL OR confirm_by IS NOT NULL;

-- `news_at`: opened or closed since then, and the alarms were not weighed. `taken_*`: somebody sees to it.
ALTER TABLE problems
    ADD COLUMN news_at timestamptz,
    ADD COLUMN taken_by text,
    ADD COLUMN taken_at timestamptz,
    ADD COLUMN taken_note text;
UPDATE problems SET news_at = first_at WHERE closed_at IS NULL;
CREATE INDEX problems_news ON problems (news_at, tenant_id) WHERE news_at IS NOT NULL;
CREATE INDEX problems_cause ON problems (cause) WHERE closed_at IS NULL;

-- Store: alarms
-- Who is told: the operators (no account), or an account. `address` NULL: the account's own e-mail, whatever it is.
-- `rests_until`: lease, back-off and the pause after a message in one.
CREATE TABLE channels (
    channel_id text PRIMARY KEY,
    account_id text,
    kind text NOT NULL CHECK (kind IN ('mail', 'webhook')),
    address text,
    secret_sealed bytea,
    language text NOT NULL,
    paces jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    rests_until timestamptz,
    claim text,
    sent_at timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    failing_since timestamptz,
    why text,
    CHECK (kind = 'mail' OR closed_at IS NOT NULL OR (address IS NOT NULL AND secret_sealed IS NOT NULL)),
    CHECK (address IS NOT NULL OR account_id IS NOT NULL)
);
CREATE UNIQUE INDEX channels_own ON channels (account_id) WHERE address IS NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON channels TO expedition;

-- What a channel is to be told of one cause at one shop. `told_at`: when it last heard that it began.
CREATE TABLE alarms (
    channel_id text NOT NULL,
    tenant_id text NOT NULL,
    cause text NOT NULL,
    begun_at timestamptz NOT NULL,
    over_at timestamptz,
    told_at timestamptz,
    owes text CHECK (owes IN ('begun', 'still', 'over')),
    due_at timestamptz,
    since timestamptz,
    PRIMARY KEY (tenant_id, channel_id, cause),
    CHECK ((owes IS NULL) = (due_at IS NULL) AND (owes IS NULL) = (since IS NULL))
);
CREATE INDEX alarms_due ON alarms (due_at, channel_id) WHERE due_at IS NOT NULL;

-- Silence: of a channel, a shop, a cause, or what of them stands here. Rows stay: who silenced what, when and why.
CREATE TABLE silences (
    silence_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel_id text,
    tenant_id text,
    cause text,
    until timestamptz NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    ended_by text,
    ended_at timestamptz
);

-- What the merchant of a shop is mailed. `asked_on`: the day whose daily mail was begun, so that none has two.
CREATE TABLE merchant_mails (
    tenant_id text PRIMARY KEY,
    daily boolean NOT NULL DEFAULT true,
    urgent boolean NOT NULL DEFAULT true,
    due_at timestamptz NOT NULL,
    asked_on date,
    sent_at timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    why text
);
CREATE INDEX merchant_mails_due ON merchant_mails (due_at) WHERE daily;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['alarms', 'silences', 'merchant_mails']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = current_setting(''app.tenant'', true)
            OR current_setting(''app.tenant'', true) = ''*'')', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO expedition', name);
    END LOOP;
END
$$;

-- migrate:down
DROP TABLE merchant_mails;
DROP TABLE silences;
DROP TABLE alarms;
DROP TABLE channels;
DROP INDEX problems_cause;
DROP INDEX problems_news;
ALTER TABLE problems DROP COLUMN news_at, DROP COLUMN taken_by, DROP COLUMN taken_at, DROP COLUMN taken_note;
DROP INDEX outbox_open;
DROP INDEX offers_released;
DROP INDEX offers_held;
