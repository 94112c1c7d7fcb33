-- The steps of past cases: reported, filed, and closed where they came from. Nothing else is known of them.
INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at, note, details)
SELECT
  c.id, m.move, m.from_stage, m.to_stage, 'COMMUNITY', core.actor(),
  CASE m.move WHEN 'report' THEN c.reported_at WHEN 'file' THEN c.filed_at ELSE c.closed_at END,
  '', jsonb_build_object('imported_from', %(source)s::text)
FROM jsonb_to_recordset(%(cases)s::jsonb) AS c (
  id bigint, reported_at timestamptz, filed_at timestamptz, closed_at timestamptz
)
CROSS JOIN (
  VALUES (1, 'report', '', 'REPORTED'), (2, 'file', 'REPORTED', 'FILED'), (3, 'close_past', 'FILED', 'CLOSED')
) AS m (nth, move, from_stage, to_stage)
WHERE m.nth < 3 OR c.closed_at IS NOT NULL
ORDER BY c.id, m.nth
