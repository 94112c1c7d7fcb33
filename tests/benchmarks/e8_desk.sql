-- Open incidents of every stage with their running clocks, and as many closed ones. No trigger fires.
INSERT INTO incident (
    public_id, number, stage, waiting, level, round, point, geom_3857, location_text, event_class_id, description,
    channel, source_number, found_by_patrol, unit_code, cell_version_id, border_unit_codes, cell_worker_id,
    worker_level, worker_is_substitute, holder_id, responsible_unit_id, handling_unit_ids, reported_by_id,
    reported_at, filed_at, closed_at, deadline_at, is_simulated, client, request_hash
)
SELECT
    gen_random_uuid(), to_char(r.at, 'YYYYMMDD') || '-' || lpad((r.n %% 1000000)::text, 6, '0'), r.stage, '',
    (ARRAY['COMMUNITY', 'STREET', 'DISTRICT'])[1 + r.n %% 3], 1, r.point, ST_Transform(r.point, 3857),
    r.n %% 400 || ' 号门前',
    (SELECT id FROM event_class ORDER BY id OFFSET r.n %% (SELECT count(*) FROM event_class) LIMIT 1),
    CASE
        WHEN r.n %% 97 = 0 THEN '路口积水约十厘米 ' || r.n
        WHEN r.n %% 1009 = 0 THEN '人行道井盖松动 ' || r.n
        WHEN r.n %% 20011 = 977 THEN '路灯不亮 Street LAMP out ' || r.n
        ELSE '占道堆放杂物，请尽快处理 ' || r.n
    END,
    (ARRAY['hotline', 'web', 'patrol', 'sensor'])[1 + r.n %% 4], '', false, r.code, r.version_id,
    CASE WHEN r.n %% 50 = 0 THEN ARRAY[r.code] ELSE '{}' END, r.user_id, 'CELL', false, r.user_id,
    CASE WHEN r.stage <> 'REPORTED' THEN r.unit_id END, '{}', r.user_id, r.at,
    CASE WHEN r.stage <> 'REPORTED' THEN r.at + interval '2 minutes' END,
    CASE WHEN r.stage = 'CLOSED' THEN r.at + interval '1 day' END,
    CASE WHEN r.stage NOT IN ('REPORTED') THEN r.at + interval '5 days' END, false, '', ''
FROM (
    SELECT
        s.n, c.code, c.version_id, c.user_id, c.unit_id,
        now() - s.n * interval '10 days' / %(open)s AS at,
        CASE
            WHEN s.n > %(open)s THEN 'CLOSED'
            ELSE (ARRAY['REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLING', 'HANDLED', 'VERIFIED'])[1 + s.n %% 7]
        END AS stage,
        ST_Translate(c.middle, (random() - 0.5) * 0.0005, (random() - 0.5) * 0.0005) AS point
    FROM generate_series(1, 2 * %(open)s) AS s (n)
    JOIN (
        SELECT
            row_number() OVER (ORDER BY c.code) - 1 AS place, c.code, v.id AS version_id,
            (SELECT id FROM user_account WHERE username = 'worker') AS user_id,
            (SELECT id FROM organisation WHERE code = 'E8-' || c.id %% 20) AS unit_id,
            ST_PointOnSurface(c.geom) AS middle
        FROM cell AS c
        JOIN cell_version AS v ON v.cell_id = c.id AND upper_inf(v.valid)
    ) AS c ON c.place = s.n %% %(cells)s
) AS r;
INSERT INTO incident_clock (
    incident_id, span, what, round, started_at, limit_amount, limit_kind, extended_at, is_exempt, warn_at, due_at,
    policy
)
SELECT
    i.id, c.span, c.what, 1, i.reported_at, c.hours, 'continuous_hour', '{}', false,
    i.reported_at + c.hours * interval '0.8 hours', i.reported_at + c.hours * interval '1 hour', '{}'
FROM incident AS i
CROSS JOIN (VALUES ('total', 'total', 120), ('level', 'COMMUNITY', 200), ('stage', 'x', 100)) AS c (span, what, hours)
WHERE i.stage NOT IN ('REPORTED', 'CLOSED')
