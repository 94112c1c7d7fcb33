-- Incidents for analysts: place, class and times. No words of the reporter, no names.
CREATE OR REPLACE VIEW gis.incident
WITH (security_invoker = true) AS
SELECT
    i.id,
    i.number::text AS number,
    i.stage::text AS stage,
    CASE
        WHEN i.stage IN ('CLOSED', 'EVALUATED', 'REJECTED', 'VOID') THEN 'closed'
        WHEN i.stage IN ('HANDLED', 'VERIFIED') THEN 'done'
        WHEN i.waiting <> '' THEN 'idle'
        WHEN i.deadline_at < now() THEN 'critical'
        WHEN i.deadline_at - (i.deadline_at - i.reported_at) / 5 < now() THEN 'serious'
        WHEN i.deadline_at IS NULL AND i.reported_at < now() - interval '72 hours' THEN 'critical'
        WHEN i.deadline_at IS NULL AND i.reported_at < now() - interval '24 hours' THEN 'serious'
        WHEN i.stage = 'REPORTED' THEN 'watch'
        ELSE 'notice'
    END AS status,
    i.asset_class_id,
    i.event_class_id,
    i.level::text AS level,
    i.channel::text AS channel,
    i.found_by_patrol,
    i.unit_code::text AS unit_code,
    i.responsible_unit_id,
    i.round,
    i.reported_at,
    i.filed_at,
    i.handled_at,
    i.closed_at,
    i.deadline_at,
    i.is_simulated,
    i.point AS geom
FROM public.incident i;

COMMENT ON VIEW gis.incident IS 'Incidents. 案件';
COMMENT ON COLUMN gis.incident.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.incident.number IS 'Number. 案件编号';
COMMENT ON COLUMN gis.incident.stage IS 'Where it stands. 阶段';
COMMENT ON COLUMN gis.incident.status IS 'How it stands with its time. 状态';
COMMENT ON COLUMN gis.incident.asset_class_id IS 'Class of asset; with it no class of event. 部件类别';
COMMENT ON COLUMN gis.incident.event_class_id IS 'Class of event; with it no class of asset. 事件类别';
COMMENT ON COLUMN gis.incident.level IS 'Which level has it. 层级';
COMMENT ON COLUMN gis.incident.channel IS 'How it came. 来源渠道';
COMMENT ON COLUMN gis.incident.found_by_patrol IS 'Found by a patrol. 巡查发现';
COMMENT ON COLUMN gis.incident.unit_code IS 'Code of the cell. 网格代码';
COMMENT ON COLUMN gis.incident.responsible_unit_id IS 'Responsible unit. 责任单位';
COMMENT ON COLUMN gis.incident.round IS 'How often it was opened. 轮次';
COMMENT ON COLUMN gis.incident.reported_at IS 'Reported at. 上报时间';
COMMENT ON COLUMN gis.incident.filed_at IS 'Filed at. 立案时间';
COMMENT ON COLUMN gis.incident.handled_at IS 'Handled at. 处置时间';
COMMENT ON COLUMN gis.incident.closed_at IS 'Closed at. 结案时间';
COMMENT ON COLUMN gis.incident.deadline_at IS 'To be closed by. 截止时间';
COMMENT ON COLUMN gis.incident.is_simulated IS 'Made up for a demonstration. 模拟';
COMMENT ON COLUMN gis.incident.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
CREATE OR REPLACE TRIGGER edit
INSTEAD OF UPDATE ON gis.incident
FOR EACH ROW EXECUTE FUNCTION core.edit_incident();
GRANT SELECT ON gis.incident TO geogrid_gis_reader, geogrid_app;
GRANT UPDATE ON gis.incident TO geogrid_gis_editor, geogrid_app;
