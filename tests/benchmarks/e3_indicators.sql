-- Incidents of two years with their steps; one in nine is late, one in twenty open. No trigger fires.
INSERT INTO incident (
  public_id, number, stage, waiting, level, round, point, geom_3857, location_text, event_class_id, description, channel,
  source_number, found_by_patrol, unit_code, cell_version_id, border_unit_codes, cell_worker_id, worker_level,
  worker_is_substitute, holder_id, responsible_unit_id, handling_unit_ids, reported_by_id, reported_at, filed_at, handled_at,
  closed_at, deadline_at, is_simulated, client, request_hash
)
SELECT
  gen_random_uuid(), to_char(r.at, 'YYYYMMDD') || '-' || lpad((r.n %% 1000000)::text, 6, '0'),
  CASE WHEN r.n %% 20 = 0 THEN 'HANDLING' ELSE 'CLOSED' END, '', 'COMMUNITY', 1, r.point, ST_Transform(r.point, 3857), '',
  r.class_ids[1 + (r.n * 7) %% cardinality(r.class_ids)], '占道堆放杂物 ' || r.n,
  (ARRAY['hotline', 'web', 'patrol', 'sensor'])[1 + r.n %% 4], '', r.n %% 4 = 2, r.code, r.version_id, '{}', r.person_id,
  'CELL', false, r.person_id, r.unit_id, '{}', r.person_id, r.at, r.at + interval '3 minutes', r.at + r.took * 0.8,
  CASE WHEN r.n %% 20 <> 0 THEN r.at + r.took END, r.at + interval '3 days', false, '', ''
FROM (
  SELECT
    s.n, c.code, c.version_id, c.unit_id, k.class_ids, c.middle AS point,
    (%(people)s::bigint[])[1 + c.place %% 120] AS person_id,
    timestamptz '2024-01-01 00:00+08' + s.n * interval '731 days' / %(count)s AS at,
    CASE WHEN s.n %% 9 = 0 THEN interval '5 days' ELSE interval '20 hours' END AS took
  FROM generate_series(1, %(count)s) AS s (n)
  CROSS JOIN (SELECT array_agg(id ORDER BY id) AS class_ids FROM event_class) AS k
  JOIN (
    SELECT
      row_number() OVER (ORDER BY c.code) - 1 AS place, c.code, v.id AS version_id, ST_PointOnSurface(c.geom) AS middle,
      (SELECT id FROM organisation WHERE code = 'E3-' || c.id %% 20) AS unit_id
    FROM cell AS c
    JOIN cell_version AS v ON v.cell_id = c.id AND upper_inf(v.valid)
  ) AS c ON c.place = (s.n * 31) %% 600
) AS r;
INSERT INTO duty (user_id, role, valid_from, note)
SELECT p.id, 'grid_worker', '2020-01-01', '' FROM unnest(%(people)s::bigint[]) AS p (id);
INSERT INTO duty_area (duty_id, unit_code)
SELECT d.id, c.code
FROM (SELECT c.code, row_number() OVER (ORDER BY c.code) - 1 AS place FROM cell AS c) AS c
JOIN duty AS d ON d.user_id = (%(people)s::bigint[])[1 + c.place %% 120];
INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at)
SELECT i.id, m.move, m.from_stage, m.to_stage, 'COMMUNITY', 'e3', i.reported_at + m.share * (i.handled_at - i.reported_at)
FROM incident AS i
CROSS JOIN (
  VALUES
    ('report', '', 'REPORTED', 0), ('file', 'REPORTED', 'FILED', 0.01), ('dispatch', 'FILED', 'DISPATCHED', 0.1),
    ('accept', 'DISPATCHED', 'HANDLING', 0.2), ('hand_in', 'HANDLING', 'HANDLED', 1), ('pass_check', 'HANDLED', 'VERIFIED', 1.1),
    ('close', 'VERIFIED', 'CLOSED', 1.2)
) AS m (move, from_stage, to_stage, share)
WHERE i.stage = 'CLOSED' OR m.share < 1
