-- Straight into the table, as they would stand there after years: no trigger fires.
INSERT INTO incident (
    public_id, number, stage, waiting, level, round, point, geom_3857, location_text, event_class_id, description,
    channel, source_number, found_by_patrol, unit_code, cell_version_id, border_unit_codes, cell_worker_id, rostered_id,
    worker_level, worker_is_substitute, holder_id, reported_by_id, reported_at, closed_at, is_simulated, client,
    request_hash
)
SELECT
    gen_random_uuid(), to_char(r.at, 'YYYYMMDD') || '-' || lpad((r.n %% 1000000)::text, 6, '0'),
    CASE WHEN r.n %% 50 = 0 THEN 'FILED' ELSE 'CLOSED' END, '', 'COMMUNITY', 1, r.point, ST_Transform(r.point, 3857), '',
    (SELECT min(id) FROM event_class), '路面积水，车辆绕行 ' || r.n, 'hotline', '', r.n %% 10 < 7, r.code, r.version_id, '{}',
    r.worker_id, r.worker_id, 'CELL', false, r.worker_id, r.worker_id, r.at,
    CASE WHEN r.n %% 50 <> 0 THEN r.at + interval '1 day' END, true, '', ''
FROM (
    SELECT
        s.n, c.code, c.version_id, c.worker_id,
        timestamptz '2024-01-01' + s.n * interval '1 day' * 600 / %(incidents)s AS at,
        ST_Translate(c.middle, (random() - 0.5) * 0.0005, (random() - 0.5) * 0.0005) AS point
    FROM generate_series(1, %(incidents)s) AS s (n)
    JOIN (
        SELECT
            row_number() OVER (ORDER BY c.code) - 1 AS place, c.code, v.id AS version_id, d.user_id AS worker_id,
            ST_PointOnSurface(c.geom) AS middle
        FROM cell AS c
        JOIN cell_version AS v ON v.cell_id = c.id AND upper_inf(v.valid)
        JOIN duty AS d ON d.note = c.code || '-0'
    ) AS c ON c.place = s.n %% %(cells)s
) AS r
