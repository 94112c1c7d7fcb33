-- Incidents as the map draws them: those somebody still has to do. No words of the reporter, no names.
CREATE OR REPLACE VIEW public.map_incident AS
SELECT
    i.id,
    i.number,
    i.stage,
    coalesce(k.code, e.code, '') AS cls,
    coalesce(nullif(k.icon, ''), e.icon, '') AS icon,
    CASE
        WHEN i.stage IN ('HANDLED', 'VERIFIED') THEN 'done'
        WHEN i.waiting <> '' THEN 'idle'
        WHEN i.deadline_at < now() THEN 'critical'
        WHEN i.deadline_at - (i.deadline_at - i.reported_at) / 5 < now() THEN 'serious'
        WHEN i.deadline_at IS NULL AND i.reported_at < now() - interval '72 hours' THEN 'critical'
        WHEN i.deadline_at IS NULL AND i.reported_at < now() - interval '24 hours' THEN 'serious'
        WHEN i.stage = 'REPORTED' THEN 'watch'
        ELSE 'notice'
    END AS status,
    floor(extract(epoch FROM now() - i.reported_at) / 3600)::integer AS age,
    i.unit_code,
    i.border_unit_codes,
    i.responsible_unit_id,
    ARRAY[i.reported_by_id, i.cell_worker_id, i.holder_id] AS seen_by,
    i.geom_3857,
    i.handling_unit_ids
FROM public.incident i
LEFT JOIN public.asset_class k ON k.id = i.asset_class_id
LEFT JOIN public.event_class e ON e.id = i.event_class_id
WHERE i.stage IN ('REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLED', 'VERIFIED')
    AND i.geom_3857 IS NOT NULL;

COMMENT ON VIEW public.map_incident IS 'Unfinished incidents on the map. 地图上的未结案件';
COMMENT ON COLUMN public.map_incident.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN public.map_incident.number IS 'Number. 案件编号';
COMMENT ON COLUMN public.map_incident.stage IS 'Where the incident stands. 阶段';
COMMENT ON COLUMN public.map_incident.cls IS 'Code of the asset class, else of the event class. 分类代码';
COMMENT ON COLUMN public.map_incident.icon IS 'Name of the icon. 图标';
COMMENT ON COLUMN public.map_incident.status IS
    'How it is drawn: critical (overdue, or three days open), serious, watch (not filed), notice, done, idle (suspended). 显示状态';
COMMENT ON COLUMN public.map_incident.age IS 'Whole hours since it was reported. 已历小时数';
COMMENT ON COLUMN public.map_incident.unit_code IS 'Code of its cell. 单元网格代码';
COMMENT ON COLUMN public.map_incident.border_unit_codes IS 'Cells within 5 m of it. 相邻网格';
COMMENT ON COLUMN public.map_incident.responsible_unit_id IS 'The unit that handles it. 责任单位';
COMMENT ON COLUMN public.map_incident.seen_by IS
    'Ids of the people who see it wherever it is: who reported it, whose cell it is in, whose clock runs. 可见人员';
COMMENT ON COLUMN public.map_incident.geom_3857 IS 'Place in Web Mercator metres (EPSG:3857). 位置';
COMMENT ON COLUMN public.map_incident.handling_unit_ids IS 'Units that have or had a work order in it. 主办与协办单位';
GRANT SELECT ON public.map_incident TO geogrid_tile_reader, geogrid_app;
