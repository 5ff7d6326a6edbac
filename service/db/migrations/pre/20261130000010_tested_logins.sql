-- migrate:up

-- Store: contracts
-- `test_said`: what the carrier said at `tested_at` when it was asked whether it lets us in (flows/carriers.py).
ALTER TABLE contracts ADD COLUMN tested_at timestamptz, ADD COLUMN test_said text;

-- migrate:down
ALTER TABLE contracts DROP COLUMN tested_at, DROP COLUMN test_said;
