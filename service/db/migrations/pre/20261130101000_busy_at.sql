-- migrate:up

-- Store: contracts
-- What a carrier was busy at under a login, step by step. `since`: it has answered nothing else to that; `until`: it
-- rests after the last such answer; `did_at`: when it last did that for somebody, since it was first busy at it.
CREATE TABLE busy_at (
    contract_id text NOT NULL REFERENCES contracts ON DELETE CASCADE,
    lane text NOT NULL,
    doing text NOT NULL,
    since timestamptz,
    until timestamptz NOT NULL,
    did_at timestamptz,
    PRIMARY KEY (contract_id, lane, doing)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON busy_at TO expedition;

-- migrate:down
DROP TABLE busy_at;
