-- Put in line what changes without a step: judgements of patrols, and what lies where the grid changed.
WITH mark AS (
  SELECT m.judged_to, m.version_to FROM evaluation_mark AS m
),
judged AS (
  SELECT j.incident_id
  FROM patrol_judgement AS j
  CROSS JOIN mark AS m
  JOIN evaluation_fact AS f ON f.incident_id = j.incident_id
  WHERE j.judged_at >= m.judged_to
    AND (j.verdict = 'miss') <> f.is_missed
),
-- A version that was amended keeps its id, a cell that moved has a new one; the ground of a version that ended
-- lies in those that began.
moved AS (
  SELECT i.id AS incident_id
  FROM cell_version AS v
  CROSS JOIN mark AS m
  JOIN incident AS i ON ST_Intersects(i.geom_3857, ST_Transform(v.geom, 3857))
  WHERE v.id > m.version_to
),
found AS (
  INSERT INTO evaluation_pending (incident_id)
  SELECT incident_id FROM judged
  UNION
  SELECT incident_id FROM moved
  ON CONFLICT DO NOTHING
  RETURNING incident_id
),
marked AS (
  UPDATE evaluation_mark AS m
  SET
    -- Two minutes back: a judgement says when it was made, not when it was committed.
    judged_to = greatest(m.judged_to, (SELECT max(j.judged_at) FROM patrol_judgement AS j) - interval '2 minutes'),
    version_to = greatest(m.version_to, (SELECT max(v.id) FROM cell_version AS v))
  WHERE m.id = 1
)
SELECT count(*) FROM found
