-- migrate:up

-- Store: inbox. A spool file holds deliveries of many shops, so this table names none.
CREATE TABLE spool_files (
    name text PRIMARY KEY,
    drained_to bigint NOT NULL,
    drained_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON spool_files TO expedition;

-- migrate:down
DROP TABLE spool_files;
