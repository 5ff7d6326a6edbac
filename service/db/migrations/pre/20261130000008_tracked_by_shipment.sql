-- migrate:up

-- Orders that left in one parcel have one box; a carrier's file names thousands of parcels and variable symbols.
CREATE INDEX tracked_of_shipment ON tracked (tenant_id, shipment_id);
CREATE INDEX tracked_numbered ON tracked (tenant_id, upper(number));
DROP INDEX cod_payments_by_symbol;
CREATE INDEX cod_payments_by_symbol ON cod_payments (tenant_id, ltrim(variable_symbol, '0'));
CREATE INDEX cod_payments_of_order ON cod_payments (tenant_id, order_number) WHERE told IS NOT NULL;

-- Since when a role has a status: what was reached before is history, of which nobody is mailed. NULL: since ever.
ALTER TABLE mapped_statuses ADD COLUMN since timestamptz;

-- migrate:down
ALTER TABLE mapped_statuses DROP COLUMN since;
DROP INDEX cod_payments_of_order;
DROP INDEX cod_payments_by_symbol;
CREATE INDEX cod_payments_by_symbol ON cod_payments (tenant_id, variable_symbol);
DROP INDEX tracked_numbered;
DROP INDEX tracked_of_shipment;
