-- Things by words or digits: codes and numbers by their beginning, names by any part, Chinese and English.
-- Incidents only where the caller may see them. `rank`: 0 the very thing, 1 begins so, 2 contains it.
CREATE FUNCTION core.search(
    words text,
    most integer,
    prefixes text[] DEFAULT '{}',
    organisations bigint[] DEFAULT '{}',
    user_id bigint DEFAULT 0,
    everywhere boolean DEFAULT false,
    unplaced boolean DEFAULT false
) RETURNS TABLE (
    kind text, ref text, title text, subtitle_zh text, subtitle_en text,
    lng double precision, lat double precision, bbox double precision[], rank integer
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    said CONSTANT text := lower(trim(words));
    pattern CONSTANT text := '%' || regexp_replace(said, '([\\%_])', '\\\1', 'g') || '%';
    start CONSTANT text := regexp_replace(said, '([\\%_])', '\\\1', 'g') || '%';
    is_code CONSTANT boolean := said ~ '^[0-9]{3,16}$';
BEGIN
    IF said = '' THEN
        RETURN;
    END IF;

    RETURN QUERY
    SELECT
        'incident', i.number::text, i.number::text,
        coalesce(k.name, e.name, '')::text, coalesce(k.name_en, e.name_en, '')::text,
        ST_X(i.point), ST_Y(i.point), NULL::float8[],
        CASE WHEN lower(i.number) = said THEN 0 ELSE 1 END
    FROM incident i
    LEFT JOIN asset_class k ON k.id = i.asset_class_id
    LEFT JOIN event_class e ON e.id = i.event_class_id
    WHERE length(said) >= 3
        AND i.number LIKE upper(start)
        AND (
            search.everywhere
            OR search.user_id IN (i.reported_by_id, i.cell_worker_id, i.holder_id)
            OR i.responsible_unit_id = ANY (search.organisations)
            OR (i.handling_unit_ids && search.organisations AND i.handling_unit_ids <> '{}')
            OR (i.unit_code <> '' AND i.unit_code ^@ ANY (search.prefixes))
            OR (i.unit_code = '' AND search.unplaced)
            OR EXISTS (SELECT FROM unnest(i.border_unit_codes) near (code) WHERE near.code ^@ ANY (search.prefixes))
        )
    ORDER BY i.number DESC
    LIMIT most;

    RETURN QUERY
    SELECT
        'unit', u.code::text, u.name::text,
        CASE u.level WHEN 'DISTRICT' THEN '区县' WHEN 'STREET' THEN '街道' ELSE '社区' END || ' ' || u.code,
        initcap(u.level) || ' ' || u.code,
        ST_X(m.middle), ST_Y(m.middle), core.box_array(u.geom),
        CASE WHEN said IN (u.code, lower(u.name), lower(u.name_en)) THEN 0
            WHEN u.code LIKE start OR lower(u.name) LIKE start OR lower(u.name_en) LIKE start THEN 1 ELSE 2 END
    FROM (
        SELECT g.code, g.level, g.name, g.name_en, g.geom
        FROM grid_unit g
        WHERE g.geom IS NOT NULL
            AND (g.code LIKE start OR lower(g.name) LIKE pattern OR lower(g.name_en) LIKE pattern)
        ORDER BY said NOT IN (g.code, lower(g.name), lower(g.name_en)), g.code
        LIMIT most
    ) u
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(u.geom) AS middle) m;

    RETURN QUERY
    SELECT
        'cell', c.code::text, coalesce(nullif(c.name, ''), c.code)::text,
        '单元网格 ' || c.code, 'Cell ' || c.code,
        ST_X(m.middle), ST_Y(m.middle), core.box_array(c.geom),
        CASE WHEN said IN (c.code, lower(c.name), lower(c.name_en)) THEN 0
            WHEN c.code LIKE start OR lower(c.name) LIKE start OR lower(c.name_en) LIKE start THEN 1 ELSE 2 END
    FROM (
        SELECT g.code, g.name, g.name_en, g.geom
        FROM cell g
        WHERE g.code LIKE start OR lower(g.name) LIKE pattern OR lower(g.name_en) LIKE pattern
        ORDER BY said NOT IN (g.code, lower(g.name), lower(g.name_en)), g.code
        LIMIT most
    ) c
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(c.geom) AS middle) m;

    -- A street is many pieces of one name; its place is a point on the longest of them.
    RETURN QUERY
    SELECT
        'street', r.name::text, r.name::text, '道路'::text, 'Street'::text,
        ST_X(m.middle), ST_Y(m.middle), core.box_array(r.reach),
        CASE WHEN lower(r.name) = said THEN 0 WHEN lower(r.name) LIKE start THEN 1 ELSE 2 END
    FROM (
        SELECT
            d.name,
            ST_SetSRID(ST_Extent(d.geom)::geometry, 4326) AS reach,
            (array_agg(d.geom ORDER BY ST_Length(d.geom) DESC))[1] AS longest
        FROM road d
        WHERE d.name <> ''
            AND core.letter_pairs(d.name) @> core.letter_pairs(said)
            AND lower(d.name) LIKE pattern
        GROUP BY d.name
    ) r
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(r.longest) AS middle) m
    ORDER BY 9, r.name
    LIMIT most;

    IF is_code THEN
        RETURN QUERY
        SELECT
            'asset', a.code::text, coalesce(nullif(a.name, ''), k.name)::text,
            (k.name || ' ' || a.code)::text, (k.name_en || ' ' || a.code)::text,
            ST_X(m.middle), ST_Y(m.middle), NULL::float8[],
            CASE WHEN a.code = said THEN 0 ELSE 1 END
        FROM (
            SELECT one.code, one.name, one.asset_class_id, one.geom
            FROM asset one
            -- A range of 16-digit codes, not LIKE: it uses the index under any collation.
            WHERE one.code BETWEEN rpad(said, 16, '0') AND rpad(said, 16, '9')
            ORDER BY one.code
            LIMIT most
        ) a
        JOIN asset_class k ON k.id = a.asset_class_id
        CROSS JOIN LATERAL (SELECT ST_PointOnSurface(a.geom) AS middle) m;
        RETURN;
    END IF;

    RETURN QUERY
    SELECT
        'asset', a.code::text, a.name::text,
        (k.name || ' ' || a.code)::text, (k.name_en || ' ' || a.code)::text,
        ST_X(m.middle), ST_Y(m.middle), NULL::float8[],
        CASE WHEN lower(a.name) = said THEN 0 WHEN lower(a.name) LIKE start THEN 1 ELSE 2 END
    FROM (
        SELECT candidate.code, candidate.name, candidate.asset_class_id, candidate.geom
        FROM (
            -- A word that half the city carries is not read to its end.
            SELECT one.code, one.name, one.asset_class_id, one.geom
            FROM asset one
            WHERE one.name <> ''
                AND length(said) >= 2
                AND core.letter_pairs(one.name) @> core.letter_pairs(said)
                AND lower(one.name) LIKE pattern
            LIMIT 2000
        ) candidate
        ORDER BY lower(candidate.name) <> said, lower(candidate.name) NOT LIKE start, candidate.code
        LIMIT most
    ) a
    JOIN asset_class k ON k.id = a.asset_class_id
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(a.geom) AS middle) m;

    -- Nameless things are found by what they are: some of each class that is called so.
    RETURN QUERY
    SELECT
        'asset', a.code::text, k.name::text,
        (k.name || ' ' || a.code)::text, (k.name_en || ' ' || a.code)::text,
        ST_X(m.middle), ST_Y(m.middle), NULL::float8[],
        3
    FROM (
        SELECT c.id, c.name, c.name_en
        FROM asset_class c
        WHERE lower(c.name) LIKE pattern OR lower(c.name_en) LIKE pattern
        ORDER BY c.code
        LIMIT 20
    ) k
    CROSS JOIN LATERAL (
        SELECT one.code, one.geom
        FROM asset one
        WHERE one.asset_class_id = k.id AND one.state <> 'removed'
        LIMIT 3
    ) a
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(a.geom) AS middle) m
    LIMIT most;
END
$$;
COMMENT ON FUNCTION core.search(text, integer, text[], bigint[], bigint, boolean, boolean) IS
    'Assets, cells, units, streets and incidents by code, number or name. 搜索';
REVOKE EXECUTE ON FUNCTION core.search(text, integer, text[], bigint[], bigint, boolean, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.search(text, integer, text[], bigint[], bigint, boolean, boolean) TO geogrid_app;
