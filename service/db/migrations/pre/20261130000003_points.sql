-- migrate:up

-- Store: points
-- The pick-up points of carriers as their lists show them: they belong to no shop. `network`: another carrier's points
-- are reached through this one's. `feed`: the country whose list shows it, wherever it stands. `zip`: letters and digits
-- alone. `digest`: of all that the list says. `changed_at`: the begin of the read that wrote the row. `gone_at`: the
-- begin of the whole read that lacked it.
CREATE TABLE points (
    carrier text NOT NULL,
    network text NOT NULL,
    point_id text NOT NULL,
    feed text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    street text NOT NULL,
    city text NOT NULL,
    zip text NOT NULL,
    country text NOT NULL,
    latitude double precision,
    longitude double precision,
    is_open boolean NOT NULL,
    takes_cod boolean,
    most_weight_g integer,
    opening text NOT NULL,
    raw jsonb NOT NULL,
    digest bytea NOT NULL,
    changed_at timestamptz NOT NULL,
    gone_at timestamptz,
    PRIMARY KEY (carrier, point_id, network)
);
CREATE INDEX points_feed ON points (carrier, feed, network, point_id) WHERE gone_at IS NULL;
CREATE INDEX points_zip ON points (carrier, zip text_pattern_ops) WHERE gone_at IS NULL;
CREATE INDEX points_place ON points (carrier, latitude, longitude) WHERE gone_at IS NULL;

-- A carrier's list of one country. `due_at`: when it is read next; `since`: when the present debt began. `begun_at`: the
-- read that is under way, which alone may write. `rows`, `synced_at`: how many points the last whole list had, and when
-- its read began. `shrunk_since`: since when whole lists lack more than is believed.
CREATE TABLE point_feeds (
    carrier text NOT NULL,
    country text NOT NULL,
    due_at timestamptz NOT NULL,
    since timestamptz NOT NULL,
    begun_at timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    rows integer NOT NULL DEFAULT 0,
    synced_at timestamptz,
    shrunk_since timestamptz,
    why text,
    PRIMARY KEY (carrier, country)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON points, point_feeds TO expedition;

-- migrate:down
DROP TABLE point_feeds;
DROP TABLE points;
