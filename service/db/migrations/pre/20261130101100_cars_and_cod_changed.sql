-- migrate:up

-- Store: handovers
-- `car_ask_at`: when the carrier is asked next what became of the car it was asked for, `car_asks`: how often it was.
-- `car_recall_at`: when it was first asked to take the order of the car back.
ALTER TABLE handovers ADD COLUMN car_ask_at timestamptz;
ALTER TABLE handovers ADD COLUMN car_asks smallint NOT NULL DEFAULT 0;
ALTER TABLE handovers ADD COLUMN car_refused_at timestamptz;
ALTER TABLE handovers ADD COLUMN car_recall_at timestamptz;
ALTER TABLE handovers ADD COLUMN car_cancelled_at timestamptz;
CREATE INDEX handovers_car_due ON handovers (car_ask_at, tenant_id) WHERE car_ask_at IS NOT NULL;

-- Store: tracking
-- Another amount the carrier was asked to collect: nobody asks for one more before `asked_until`. Without `asked_claim`
-- nobody is at it, and whether the carrier took it is not known: the same may be asked for again.
ALTER TABLE cod_payments ADD COLUMN asked_minor bigint;
ALTER TABLE cod_payments ADD COLUMN asked_until timestamptz;
ALTER TABLE cod_payments ADD COLUMN asked_claim text;

-- migrate:down
ALTER TABLE cod_payments DROP COLUMN asked_claim;
ALTER TABLE cod_payments DROP COLUMN asked_until;
ALTER TABLE cod_payments DROP COLUMN asked_minor;
DROP INDEX handovers_car_due;
ALTER TABLE handovers DROP COLUMN car_cancelled_at;
ALTER TABLE handovers DROP COLUMN car_recall_at;
ALTER TABLE handovers DROP COLUMN car_refused_at;
ALTER TABLE handovers DROP COLUMN car_asks;
ALTER TABLE handovers DROP COLUMN car_ask_at;
