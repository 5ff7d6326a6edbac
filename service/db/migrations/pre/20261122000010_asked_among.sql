-- migrate:up

-- How many orders went in the call that carried this one and did not do it: it goes again with half as many.
ALTER TABLE outbox ADD COLUMN asked_among smallint;

-- migrate:down
ALTER TABLE outbox DROP COLUMN asked_among;
