-- Bits of streets and whether the patrols that run now have passed them. Who it was does not travel.
CREATE OR REPLACE VIEW public.map_road_bit AS
SELECT
    b.id,
    b.road_id,
    b.nr,
    CASE
        WHEN seen.is_driven THEN 'driven'
        WHEN NOT seen.is_driven THEN 'walked'
        WHEN b.is_due THEN 'todo'
        ELSE 'no_duty'
    END AS state,
    c.code AS unit_code,
    b.geom_3857
FROM public.road_bit b
JOIN public.cell c ON c.id = b.cell_id
LEFT JOIN LATERAL (
    SELECT bool_and(s.is_driven) AS is_driven
    FROM public.bit_seen s
    JOIN public.patrol p ON p.id = s.patrol_id AND p.ended_at IS NULL
    -- Local days that a running patrol can have begun on, in any zone; older ones are none.
    WHERE s.bit_id = b.id
        AND s.day IN (
            (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date, (now() AT TIME ZONE 'UTC')::date + 1
        )
) seen ON true;

COMMENT ON VIEW public.map_road_bit IS 'Bits of streets of this shift: walked, driven, not yet, without duty. 本班次路段';
COMMENT ON COLUMN public.map_road_bit.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN public.map_road_bit.road_id IS 'The street. 道路';
COMMENT ON COLUMN public.map_road_bit.nr IS 'Its number along the street. 序号';
COMMENT ON COLUMN public.map_road_bit.state IS 'walked, driven (only), todo (to be patrolled), no_duty. 状态';
COMMENT ON COLUMN public.map_road_bit.unit_code IS 'Code of its cell. 单元网格代码';
COMMENT ON COLUMN public.map_road_bit.geom_3857 IS 'Line in Web Mercator metres (EPSG:3857). 线';
GRANT SELECT ON public.map_road_bit TO geogrid_tile_reader, geogrid_app;
