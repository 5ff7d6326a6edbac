-- migrate:up

-- Store: points
-- `networks`: those the last whole list showed. Of another, rows may be left of a login that is not asked any more.
ALTER TABLE point_feeds ADD COLUMN networks text[] NOT NULL DEFAULT '{}';

UPDATE point_feeds
SET networks = ARRAY(
    SELECT DISTINCT network
    FROM points
    WHERE points.carrier = point_feeds.carrier
      AND points.feed = point_feeds.country
      AND gone_at IS NULL
);

-- migrate:down

ALTER TABLE point_feeds DROP COLUMN networks;
