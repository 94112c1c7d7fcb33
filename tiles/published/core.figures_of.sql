-- What lies inside some outlines: the figures by which cells are compared, in force or only drawn.
--
-- What lies exactly on a border belongs to the cell with the lower id, as everywhere (core.cell_at): `ranks` are
-- ids of cells, or a number above all ids for one that is not there yet; `replaced` are the cells in force that
-- these outlines stand for. Incidents are those of the year before `until`.
CREATE FUNCTION core.figures_of(keys text[], ranks bigint[], shapes geometry[], replaced bigint[], until timestamptz)
RETURNS TABLE (
    key text, area_m2 double precision, street_m double precision, households bigint, buildings bigint, assets bigint,
    assets_by_class jsonb, incidents bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
    WITH outline AS MATERIALIZED (
        SELECT o.key, o.rank, o.shape, ST_Transform(ST_Envelope(o.shape), 3857) AS box
        FROM unnest(keys, ranks, shapes) AS o (key, rank, shape)
    ),
    thing AS MATERIALIZED (
        SELECT o.key, o.rank, o.shape, 'asset' AS what, a.id, a.asset_class_id AS class_id, NULL::bigint AS amount, p.place
        FROM outline o
        JOIN asset a ON a.geom_3857 && o.box AND a.state <> 'removed'
        CROSS JOIN LATERAL (SELECT core.anchor_of(a.geom) AS place OFFSET 0) p
        WHERE ST_Intersects(o.shape, p.place)
        UNION ALL
        SELECT o.key, o.rank, o.shape, 'building', b.id, NULL, b.households, p.place
        FROM outline o
        JOIN building b ON b.geom_3857 && o.box
        CROSS JOIN LATERAL (SELECT ST_PointOnSurface(b.geom) AS place OFFSET 0) p
        WHERE ST_Intersects(o.shape, p.place)
        UNION ALL
        SELECT o.key, o.rank, o.shape, 'incident', i.id, NULL, NULL, i.point
        FROM outline o
        JOIN incident i ON i.geom_3857 && o.box
        WHERE i.reported_at >= until - interval '1 year' AND i.reported_at < until AND ST_Intersects(o.shape, i.point)
    ),
    -- Twice inside: on the border between two of them.
    owned AS (
        SELECT DISTINCT ON (t.what, t.id) t.key, t.rank, t.shape, t.what, t.class_id, t.amount, t.place
        FROM thing t
        ORDER BY t.what, t.id, t.rank
    ),
    counted AS (
        SELECT w.key, w.what, w.class_id, count(*) AS things, sum(w.amount)::bigint AS amount
        FROM owned w
        WHERE ST_Contains(w.shape, w.place)
            OR NOT EXISTS (
                SELECT
                FROM cell c
                WHERE ST_Intersects(c.geom, w.place) AND c.id < w.rank AND c.id <> ALL (replaced)
            )
        GROUP BY w.key, w.what, w.class_id
    ),
    walked AS (
        SELECT o.key, sum(ST_Length(ST_Intersection(r.geom, o.shape)::geography)) AS metres
        FROM outline o
        JOIN road r ON r.geom_3857 && o.box AND ST_Intersects(r.geom, o.shape)
        WHERE core.road_is_due(r.id, r.kind, r.attributes)
        GROUP BY o.key
    )
    SELECT
        o.key,
        round(ST_Area(o.shape::geography)::numeric, 1)::double precision,
        coalesce(round(w.metres::numeric, 1), 0)::double precision,
        (SELECT coalesce(sum(c.amount), 0)::bigint FROM counted c WHERE c.key = o.key AND c.what = 'building'),
        (SELECT coalesce(sum(c.things), 0)::bigint FROM counted c WHERE c.key = o.key AND c.what = 'building'),
        (SELECT coalesce(sum(c.things), 0)::bigint FROM counted c WHERE c.key = o.key AND c.what = 'asset'),
        (
            SELECT coalesce(jsonb_object_agg(k.code, c.things), '{}')
            FROM counted c
            JOIN asset_class k ON k.id = c.class_id
            WHERE c.key = o.key AND c.what = 'asset'
        ),
        (SELECT coalesce(sum(c.things), 0)::bigint FROM counted c WHERE c.key = o.key AND c.what = 'incident')
    FROM outline o
    LEFT JOIN walked w ON w.key = o.key
$$;
COMMENT ON FUNCTION core.figures_of(text[], bigint[], geometry[], bigint[], timestamptz)
    IS 'Area, streets to be patrolled, households, assets by class and incidents of a year inside outlines. 网格指标';
REVOKE EXECUTE ON FUNCTION core.figures_of(text[], bigint[], geometry[], bigint[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.figures_of(text[], bigint[], geometry[], bigint[], timestamptz) TO geogrid_app;
