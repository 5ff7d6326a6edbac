-- migrate:up

-- Store: problems
-- Parcels no label has stood with labels that were not taken back: they are a cause of their own, each number with
-- its carrier.
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

-- migrate:down
UPDATE problems
SET cause = 'label_not_taken_back',
    detail = jsonb_set(
        detail, '{numbers}',
        (SELECT coalesce(jsonb_agg(number), '[]'::jsonb) FROM jsonb_object_keys(detail -> 'numbers') AS each (number))
    )
WHERE cause = 'parcel_stray'
  AND closed_at IS NULL;
