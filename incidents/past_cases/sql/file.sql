UPDATE incident AS i
SET stage = 'FILED', filed_at = c.filed_at, deadline_at = c.deadline_at
FROM jsonb_to_recordset(%(cases)s::jsonb) AS c (id bigint, filed_at timestamptz, deadline_at timestamptz)
WHERE i.id = c.id AND i.stage = 'REPORTED'
