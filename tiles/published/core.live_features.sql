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
            'organisation', i.responsible_unit_id,
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
$$;
COMMENT ON FUNCTION core.live_features(text[], text[]) IS
    'What the live feed tells of incidents (by number) and assets (by code). 实时推送内容';
REVOKE EXECUTE ON FUNCTION core.live_features(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.live_features(text[], text[]) TO geogrid_app;
