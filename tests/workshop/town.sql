-- Things and people of a made-up city whose cells are there already. As superuser.
INSERT INTO city (id, name, name_en, county_code, code_segments, zone, is_demo, attribution, created_at)
VALUES (1, '示例区', 'Sample', %(county)s, '{6,3,3,3}', 'UTC', false, '', now());
INSERT INTO user_account
    (username, display_name, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined,
     phone, language, permission_epoch, is_simulated)
SELECT 'worker-' || n, '', '!', '', '', '', false, false, true, now(), '', '', 0, true
FROM generate_series(0, (SELECT count(*) - 1 FROM cell) / 2) n;
-- Two cells a worker, and one who answers for a whole community besides.
INSERT INTO duty (user_id, role, valid_from, note)
SELECT id, 'grid_worker', '2020-01-01', split_part(username, '-', 2)
FROM user_account
WHERE username LIKE 'worker-%%';
INSERT INTO duty_area (duty_id, unit_code)
SELECT d.id, c.code
FROM (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM cell) c
JOIN duty d ON d.note = (c.place / 2)::text;
INSERT INTO duty_area (duty_id, unit_code)
SELECT min(d.id), min(u.code) FROM duty d, grid_unit u WHERE u.level = 'COMMUNITY';
ANALYZE cell;
ANALYZE cell_version;

-- From here no trigger fires: so it would stand there after years.
SET session_replication_role = replica;
SET synchronous_commit = off;
SELECT setseed(0.5);
CREATE FUNCTION pg_temp.places(amount bigint) RETURNS TABLE (n bigint, place geometry)
LANGUAGE sql VOLATILE
AS $$
    SELECT s.n, ST_SetSRID(ST_MakePoint(
        ST_XMin(e.box) + random() * (ST_XMax(e.box) - ST_XMin(e.box)),
        ST_YMin(e.box) + random() * (ST_YMax(e.box) - ST_YMin(e.box))), 4326)
    FROM generate_series(1, amount) AS s (n), (SELECT ST_Extent(geom)::geometry AS box FROM cell) AS e
$$;
INSERT INTO asset
    (public_id, code, asset_class_id, geom, geom_3857, cell_id, state, source, source_id, created_by)
SELECT
    gen_random_uuid(), '9' || lpad(p.n::text, 15, '0'), k.first + p.n %% 3, p.place, ST_Transform(p.place, 3857),
    core.cell_at(p.place), CASE WHEN p.n %% 20 = 0 THEN 'removed' ELSE 'intact' END, 'town', p.n::text, 'town'
FROM pg_temp.places(%(assets)s) AS p, (SELECT min(id) AS first FROM asset_class) AS k;
INSERT INTO building (source, source_id, kind, geom, geom_3857, cell_id, households)
SELECT
    'town', b.n::text, '', b.shape, ST_Transform(b.shape, 3857), core.cell_at(ST_PointOnSurface(b.shape)), b.n %% 40
FROM (SELECT p.n, ST_Multi(ST_Expand(p.place, 0.00008)) AS shape FROM pg_temp.places(%(buildings)s) AS p) AS b;
INSERT INTO incident (
    public_id, number, stage, waiting, level, round, point, geom_3857, location_text, event_class_id, description,
    channel, source_number, found_by_patrol, unit_code, cell_version_id, border_unit_codes, cell_worker_id,
    rostered_id, worker_level, worker_is_substitute, holder_id, reported_by_id, reported_at, filed_at, closed_at,
    is_simulated, client, request_hash
)
SELECT
    gen_random_uuid(), 'T-' || p.n, CASE WHEN p.n <= %(open)s THEN 'FILED' ELSE 'CLOSED' END, '', 'COMMUNITY', 1,
    p.place, ST_Transform(p.place, 3857), '', (SELECT min(id) FROM event_class), 'x', 'hotline', '', false,
    coalesce(w.unit_code, ''), w.cell_version_id, w.border_unit_codes, u.id, u.id, 'CELL', false, u.id, u.id,
    now() - p.n %% 600 * interval '1 day', now(), CASE WHEN p.n > %(open)s THEN now() END, true, '', ''
FROM pg_temp.places(%(incidents)s) AS p
CROSS JOIN (SELECT min(id) AS id FROM user_account) AS u
CROSS JOIN LATERAL core.place_of(p.place) AS w;
INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at, note, details)
SELECT id, 'report', '', 'REPORTED', 'COMMUNITY', 'town', reported_at, '', '{}' FROM incident;
INSERT INTO road (source, source_id, name, kind, geom, geom_3857, attributes)
SELECT 'town', s.id::text || '/' || s.way, '', 'residential', s.line, ST_Transform(s.line, 3857), '{}'
FROM (
    SELECT c.id, w.way, ST_Multi(ST_MakeLine(p.place, ST_Translate(p.place, w.x, w.y))) AS line
    FROM cell AS c
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(c.geom) AS place) AS p
    CROSS JOIN (VALUES (0, 0.0031, 0.0001), (1, -0.0001, 0.0017)) AS w (way, x, y)
) AS s;
SET session_replication_role = origin;
SET synchronous_commit = on;
ANALYZE;
