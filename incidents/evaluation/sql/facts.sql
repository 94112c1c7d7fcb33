-- Facts of some incidents, from their rows, steps, clocks and judgements. Days are the city's own.
WITH told AS (
  SELECT
    s.incident_id,
    min(s.taken_at) FILTER (WHERE s.move = 'file') AS filed_at,
    min(s.taken_at) FILTER (WHERE s.move IN ('arrive', 'sign_in')) AS arrived_at,
    min(s.taken_at) FILTER (WHERE s.move IN ('pass_check', 'fail_check')) AS checked_at,
    max(s.taken_at) FILTER (WHERE s.move = 'rate') AS rated_at,
    (array_agg((s.details ->> 'satisfaction')::integer ORDER BY s.id DESC) FILTER (WHERE s.move = 'rate'))[1] AS satisfaction,
    bool_or(s.move = 'handle_on_spot') AS on_spot,
    bool_or(s.move IN ('fail_check', 'reopen')) AS is_reworked,
    bool_or(s.move = 'suspend') AS was_suspended,
    bool_or(s.move = 'extend') AS was_extended,
    bool_or(s.move = 'return') AS was_returned,
    bool_or(s.move = 'exempt') AS is_exempt,
    bool_or(s.move IN ('dispatch', 'whistle')) AS is_dispatched,
    bool_or(s.move IN ('return', 'second_dispatch'))
      OR count(*) FILTER (WHERE s.move = 'dispatch') > 1 + count(*) FILTER (WHERE s.move = 'reopen') AS took_second_unit
  FROM step_taken AS s
  WHERE s.incident_id = ANY (%(ids)s)
  GROUP BY s.incident_id
),
timed AS (
  SELECT
    c.incident_id,
    (array_agg(c.due_at ORDER BY c.id) FILTER (WHERE c.span = 'stage' AND c.what = 'arrive'))[1] AS arrive_due_at,
    (array_agg(c.due_at ORDER BY c.id) FILTER (WHERE c.span = 'stage' AND c.what = 'verify'))[1] AS verify_due_at,
    (array_agg(c.due_at ORDER BY c.id DESC) FILTER (WHERE c.span = 'order' AND o.role = 'lead'))[1] AS handle_due_at
  FROM incident_clock AS c
  LEFT JOIN work_order AS o ON o.id = c.work_order_id
  WHERE c.incident_id = ANY (%(ids)s)
  GROUP BY c.incident_id
),
fact AS (
  SELECT
    i.id, i.reported_at, i.closed_at, i.handled_at, i.stage, i.waiting, i.found_by_patrol, i.channel, i.unit_code,
    i.responsible_unit_id, i.cell_worker_id, i.asset_class_id, i.event_class_id, i.deadline_at,
    CASE WHEN i.stage <> 'VOID' THEN t.filed_at END AS filed_at,
    coalesce(d.handle_due_at, i.deadline_at) AS handle_due_at,
    d.arrive_due_at, d.verify_due_at, t.arrived_at, t.checked_at, t.rated_at, t.satisfaction, t.on_spot,
    t.is_reworked, t.was_suspended, t.was_extended, t.was_returned, t.is_exempt, t.is_dispatched, t.took_second_unit,
    j.verdict,
    then_in.code AS community_was,
    -- Where the version of then is still in force, the cell of today is the cell of then.
    CASE WHEN i.unit_code = '' OR upper_inf(v.valid) THEN i.unit_code ELSE coalesce(today.code, '') END AS place_is,
    CASE WHEN i.unit_code = '' OR upper_inf(v.valid) THEN then_in.code ELSE today.community END AS community_is
  FROM incident AS i
  JOIN told AS t ON t.incident_id = i.id
  LEFT JOIN timed AS d ON d.incident_id = i.id
  LEFT JOIN patrol_judgement AS j ON j.incident_id = i.id
  LEFT JOIN cell_version AS v ON v.id = i.cell_version_id
  LEFT JOIN grid_unit AS then_in ON then_in.id = v.community_id
  LEFT JOIN LATERAL (
    SELECT c.code, u.code AS community
    FROM cell AS c
    JOIN grid_unit AS u ON u.id = c.community_id
    WHERE NOT upper_inf(v.valid) AND c.id = core.cell_at(i.point)
  ) AS today ON true
)
INSERT INTO evaluation_fact (
  incident_id, reported_day, filed_day, due_day, handle_due_day, arrive_due_day, verify_due_day, rated_day, place_was,
  place_is, community_was, community_is, unit_key, person_key, class_key, channel_key, is_filed, is_valid, is_closed,
  is_on_time, is_handled_on_time, is_reworked, is_missed, is_suspended, is_exempt, was_suspended, was_extended,
  was_returned, is_dispatched, took_second_unit, found_by_patrol, is_arrived_on_time, is_verified_on_time, is_satisfied
)
SELECT
  f.id,
  (f.reported_at AT TIME ZONE z.zone)::date,
  (f.filed_at AT TIME ZONE z.zone)::date,
  CASE WHEN f.filed_at IS NOT NULL THEN (f.deadline_at AT TIME ZONE z.zone)::date END,
  CASE WHEN f.filed_at IS NOT NULL THEN (f.handle_due_at AT TIME ZONE z.zone)::date END,
  CASE WHEN f.filed_at IS NOT NULL THEN (f.arrive_due_at AT TIME ZONE z.zone)::date END,
  CASE WHEN f.filed_at IS NOT NULL THEN (f.verify_due_at AT TIME ZONE z.zone)::date END,
  (f.rated_at AT TIME ZONE z.zone)::date,
  f.unit_code,
  f.place_is,
  coalesce(f.community_was, ''),
  coalesce(f.community_is, ''),
  coalesce(f.responsible_unit_id::text, ''),
  f.cell_worker_id::text,
  coalesce('A' || f.asset_class_id, 'E' || f.event_class_id, ''),
  f.channel,
  f.filed_at IS NOT NULL,
  f.filed_at IS NOT NULL OR f.on_spot,
  f.closed_at IS NOT NULL,
  coalesce(f.closed_at <= f.deadline_at, false),
  coalesce(f.handled_at <= f.handle_due_at, false),
  f.is_reworked,
  coalesce(f.verdict = 'miss', false),
  f.waiting = 'suspended',
  f.is_exempt,
  f.was_suspended,
  f.was_extended,
  f.was_returned,
  f.is_dispatched,
  f.took_second_unit,
  f.found_by_patrol,
  coalesce(f.arrived_at <= f.arrive_due_at, false),
  coalesce(f.checked_at <= f.verify_due_at, false),
  coalesce(f.satisfaction >= 4, false)
FROM fact AS f
CROSS JOIN (SELECT core.city_zone() AS zone) AS z
