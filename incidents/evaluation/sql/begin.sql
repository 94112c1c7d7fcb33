-- The first look: every incident that is there will be put in line, some at a time; steps from now on are new.
INSERT INTO evaluation_mark (id, seen, last_step, low_step, built_to, ends_at, judged_to, version_to)
SELECT
  1, pg_current_snapshot()::text, q.last_value, 0, coalesce(i.first_id, 1) - 1,
  coalesce(i.last_id, 0), '-infinity', coalesce(v.last_id, 0)
FROM (SELECT last_value FROM step_taken_id_seq) AS q
CROSS JOIN (SELECT min(id) AS first_id, max(id) AS last_id FROM incident) AS i
CROSS JOIN (SELECT max(id) AS last_id FROM cell_version) AS v
ON CONFLICT (id) DO NOTHING
