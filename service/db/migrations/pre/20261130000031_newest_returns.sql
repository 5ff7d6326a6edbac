-- migrate:up

-- Store: returns
CREATE INDEX return_labels_newest ON return_labels (tenant_id, created_at DESC);

-- migrate:down
DROP INDEX return_labels_newest;
