UPDATE incident AS i
SET stage = 'CLOSED', closed_at = c.closed_at
FROM jsonb_to_recordset(%(cases)s::jsonb) AS c (id bigint, closed_at timestamptz)
WHERE i.id = c.id AND i.stage = 'FILED' AND c.closed_at IS NOT NULL
