-- migrate:up

-- Store: returns
CREATE INDEX return_labels_newest ON return_labels (tenant_id, created_at DESC);
CREATE INDEX return_labels_parked ON return_labels (tenant_id, order_number) WHERE parked IS NOT NULL;

-- migrate:down
DROP INDEX return_labels_parked;
DROP INDEX return_labels_newest;
