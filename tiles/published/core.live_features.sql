-- What the live feed tells of rows that changed, by kind and reference. Who may see an incident stands beside it
-- (unit, near, organisation, users) and is taken out before it is sent. A reporter's contact is never in it.
CREATE FUNCTION core.live_features(kinds text[], refs text[]) RETURNS TABLE (kind text, ref text, feature jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT
        'incident',
        i.number::text,
        jsonb_build_object(
            'unit', i.unit_code,
            'near', to_jsonb(i.border_unit_codes),
            'organisations', to_jsonb(array_remove(i.handling_unit_ids || i.responsible_unit_id, NULL)),
            'users', jsonb_build_array(i.reported_by_id, i.cell_worker_id, i.holder_id),
            'worker', coalesce(nullif(w.display_name, ''), w.username),
            'lng', ST_X(i.point),
            'lat', ST_Y(i.point),
            'properties', jsonb_build_object(
                'number', i.number,
                'stage', i.stage,
                'waiting', i.waiting,
                'level', i.level,
                'cls', coalesce(k.code, e.code, ''),
                'class_zh', coalesce(k.name, e.name, ''),
                'class_en', coalesce(k.name_en, e.name_en, ''),
                'unit_code', i.unit_code,
                'reported_at', i.reported_at,
                'deadline_at', i.deadline_at
            )
        )
    FROM incident i
    JOIN user_account w ON w.id = i.cell_worker_id
    LEFT JOIN asset_class k ON k.id = i.asset_class_id
    LEFT JOIN event_class e ON e.id = i.event_class_id
    WHERE i.number = ANY (ARRAY(SELECT a.ref FROM unnest(kinds, refs) a (kind, ref) WHERE a.kind = 'incident'))
    UNION ALL
    -- Who has a case in work. The name stands as `worker`: it goes to those who may see people there.
    SELECT
        'claim',
        i.number::text,
        jsonb_build_object(
            'unit', i.unit_code,
            'near', to_jsonb(i.border_unit_codes),
            'organisations', to_jsonb(array_remove(i.handling_unit_ids || i.responsible_unit_id, NULL)),
            'users', jsonb_build_array(i.reported_by_id, i.cell_worker_id, i.holder_id),
            'worker', coalesce(nullif(w.display_name, ''), w.username, ''),
            'lng', NULL,
            'lat', NULL,
            'properties', jsonb_build_object('number', i.number, 'until', c.until)
        )
    FROM incident i
    LEFT JOIN desk_claim c ON c.incident_id = i.id
    LEFT JOIN user_account w ON w.id = c.user_id
    WHERE i.number = ANY (ARRAY(SELECT a.ref FROM unnest(kinds, refs) a (kind, ref) WHERE a.kind = 'claim'))
    UNION ALL
    SELECT
        'asset',
        s.code::text,
        jsonb_build_object(
            'lng', ST_X(ST_PointOnSurface(s.geom)),
            'lat', ST_Y(ST_PointOnSurface(s.geom)),
            'properties', jsonb_build_object('id', s.id, 'code', s.code, 'cls', k.code, 'icon', k.icon, 'state', s.state)
        )
    FROM asset s
    JOIN asset_class k ON k.id = s.asset_class_id
    WHERE s.code = ANY (ARRAY(SELECT a.ref FROM unnest(kinds, refs) a (kind, ref) WHERE a.kind = 'asset'))
    UNION ALL
    SELECT
        'waterlogging',
        p.code::text,
        jsonb_build_object(
            'lng', ST_X(p.place),
            'lat', ST_Y(p.place),
            'properties', jsonb_build_object(
                'code', p.code,
                'name', p.name,
                'name_en', p.name_en,
                'depth_cm', w.depth_cm,
                'band', coalesce(
                    (
                        SELECT b.band ->> 'level'
                        FROM jsonb_array_elements(p.bands) b (band)
                        WHERE (b.band ->> 'from')::double precision <= w.depth_cm
                        ORDER BY (b.band ->> 'from')::double precision DESC
                        LIMIT 1
                    ),
                    ''
                ),
                'measured_at', w.last_at,
                'is_simulated', p.is_simulated
            )
        )
    FROM waterlogging_point p
    -- The deepest fresh gauge counts, as in the API of the points.
    LEFT JOIN LATERAL (
        SELECT round((v.last_value * u.cm)::numeric, 2)::double precision AS depth_cm, v.last_at
        FROM waterlogging_point_station ps
        JOIN datastream d ON d.station_id = ps.station_id AND d.is_active AND d.phenomenon = 'level'
        JOIN (VALUES ('mm', 0.1), ('cm', 1), ('m', 100)) u (symbol, cm) ON u.symbol = d.unit_symbol
        JOIN datastream_state v ON v.datastream_id = d.id AND v.last_at IS NOT NULL
        CROSS JOIN LATERAL (
            SELECT v.last_at >= now() - make_interval(secs => coalesce(d.expected_interval_s, 900) * d.stale_after_intervals)
        ) f (is_fresh)
        WHERE ps.waterloggingpoint_id = p.id
        ORDER BY f.is_fresh DESC, CASE WHEN f.is_fresh THEN v.last_value * u.cm END DESC, v.last_at DESC
        LIMIT 1
    ) w ON true
    WHERE p.code = ANY (ARRAY(SELECT a.ref FROM unnest(kinds, refs) a (kind, ref) WHERE a.kind = 'waterlogging'))
    UNION ALL
    SELECT
        'alarm',
        m.id::text,
        jsonb_build_object(
            'lng', ST_X(ST_PointOnSurface(a.geom)),
            'lat', ST_Y(ST_PointOnSurface(a.geom)),
            'properties', jsonb_build_object(
                'id', m.id,
                'station', s.code,
                'phenomenon', d.phenomenon,
                'level', m.level,
                'worst_value', m.worst_value,
                'unit', d.unit_symbol,
                'opened_at', m.opened_at,
                'falling_at', m.falling_at,
                'closed_at', m.closed_at
            )
        )
    FROM alarm m
    JOIN datastream d ON d.id = m.datastream_id
    JOIN station s ON s.id = d.station_id
    JOIN asset a ON a.id = s.asset_id
    WHERE m.id = ANY (ARRAY(SELECT a.ref::bigint FROM unnest(kinds, refs) a (kind, ref) WHERE a.kind = 'alarm'))
$$;
COMMENT ON FUNCTION core.live_features(text[], text[]) IS
    'What the live feed tells of incidents (by number), assets, waterlogging points (by code) and alarms. 实时推送内容';
REVOKE EXECUTE ON FUNCTION core.live_features(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.live_features(text[], text[]) TO geogrid_app;
