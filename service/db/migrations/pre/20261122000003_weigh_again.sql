-- migrate:up

-- Since when orders wait to be weighed by new answers; whoever was at it may have died.
ALTER TABLE mappings ADD COLUMN unweighed_since timestamptz;

-- migrate:down
ALTER TABLE mappings DROP COLUMN unweighed_since;
