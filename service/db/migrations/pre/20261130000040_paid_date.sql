-- migrate:up
-- Since when the shop is told that COD was paid out. NULL: it is not.
ALTER TABLE mappings ADD COLUMN paid_since timestamptz;

-- The day on which an order's COD was paid out: a third field beside status and code, told once and with a receipt of
-- its own.
ALTER TABLE outbox ADD COLUMN want_paid_date date;
ALTER TABLE outbox ADD COLUMN sent_paid_date date;
ALTER TABLE outbox ADD COLUMN sent_paid_at timestamptz;
ALTER TABLE outbox ADD COLUMN paid_confirmed_at timestamptz;
ALTER TABLE outbox ADD COLUMN asked_paid_date date;

-- `covers`: the orders whose COD the booking collects, as it says; '{}': it says none, so it is its own order.
-- `heard_at`: when we were last told that it was paid.
ALTER TABLE cod_payments ADD COLUMN covers text[] NOT NULL DEFAULT '{}';
ALTER TABLE cod_payments ADD COLUMN heard_at timestamptz;

-- migrate:down
ALTER TABLE cod_payments DROP COLUMN heard_at;
ALTER TABLE cod_payments DROP COLUMN covers;
ALTER TABLE outbox DROP COLUMN asked_paid_date;
ALTER TABLE outbox DROP COLUMN paid_confirmed_at;
ALTER TABLE outbox DROP COLUMN sent_paid_at;
ALTER TABLE outbox DROP COLUMN sent_paid_date;
ALTER TABLE outbox DROP COLUMN want_paid_date;
ALTER TABLE mappings DROP COLUMN paid_since;
