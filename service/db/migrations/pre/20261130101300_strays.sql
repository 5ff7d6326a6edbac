-- migrate:up

-- Store: problems
-- Parcels no label has stood with labels that were not taken back: they are a cause of their own, each number with
-- its carrier. What they were told over is told anew where a label of the order still waits for somebody.
UPDATE problems
SET cause = 'parcel_stray',
    detail = jsonb_set(
        detail, '{numbers}',
        (SELECT coalesce(jsonb_object_agg(number, coalesce(detail ->> 'carrier', '')), '{}'::jsonb)
         FROM jsonb_array_elements_text(detail -> 'numbers') AS each (number))
    )
WHERE cause = 'label_not_taken_back'
  AND closed_at IS NULL
  AND jsonb_typeof(detail -> 'numbers') = 'array';

INSERT INTO problems (tenant_id, cause, order_number, detail, first_at, last_at, news_at)
SELECT DISTINCT ON (stray.tenant_id, stray.order_number)
    stray.tenant_id, 'label_not_taken_back', stray.order_number,
    jsonb_build_object(
        'booking', label.booking_id, 'shipment', label.shipment_id, 'carrier', label.carrier,
        'parked', 'not_taken_back', 'fields', '[]'::jsonb
    ),
    stray.first_at, stray.last_at, stray.last_at
FROM problems AS stray
JOIN bookings AS label USING (tenant_id, order_number)
WHERE stray.cause = 'parcel_stray'
  AND stray.closed_at IS NULL
  AND label.parked = 'not_taken_back'
  AND label.cancelled_at IS NULL
ORDER BY stray.tenant_id, stray.order_number, label.position DESC;

-- migrate:down
-- One problem an order: what stands beside another takes its numbers along.
UPDATE problems AS label
SET detail = jsonb_set(
        label.detail, '{numbers}',
        (SELECT coalesce(jsonb_agg(number), '[]'::jsonb)
         FROM jsonb_object_keys(stray.detail -> 'numbers') AS each (number))
    )
FROM problems AS stray
WHERE label.cause = 'label_not_taken_back'
  AND label.closed_at IS NULL
  AND stray.cause = 'parcel_stray'
  AND stray.closed_at IS NULL
  AND stray.tenant_id = label.tenant_id
  AND stray.order_number = label.order_number;

UPDATE problems AS stray
SET closed_at = stray.last_at
FROM problems AS label
WHERE label.cause = 'label_not_taken_back'
  AND label.closed_at IS NULL
  AND stray.cause = 'parcel_stray'
  AND stray.closed_at IS NULL
  AND stray.tenant_id = label.tenant_id
  AND stray.order_number = label.order_number;

UPDATE problems
SET cause = 'label_not_taken_back',
    detail = jsonb_set(
        detail, '{numbers}',
        (SELECT coalesce(jsonb_agg(number), '[]'::jsonb) FROM jsonb_object_keys(detail -> 'numbers') AS each (number))
    )
WHERE cause = 'parcel_stray'
  AND closed_at IS NULL;
