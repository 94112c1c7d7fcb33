-- An alarm that stays as it is is not written again. A closed one is never touched.
UPDATE alarm AS a
SET
  raised_at = CASE WHEN n.level <> a.level THEN n.at ELSE a.raised_at END,
  level = coalesce(n.level, a.level),
  falling_at = n.falling_at,
  closed_at = n.closed_at,
  worst_value = CASE
    WHEN n.is_worse_below THEN least(a.worst_value, n.value)
    ELSE greatest(a.worst_value, n.value)
  END
FROM jsonb_to_recordset(%(alarms)s::jsonb) AS n (
  id bigint,
  at timestamptz,
  value double precision,
  is_worse_below boolean,
  level text,
  falling_at timestamptz,
  closed_at timestamptz
)
WHERE a.id = n.id
  AND a.closed_at IS NULL
  AND (
    n.level <> a.level
    OR n.falling_at IS DISTINCT FROM a.falling_at
    OR n.closed_at IS NOT NULL
    OR CASE WHEN n.is_worse_below THEN n.value < a.worst_value ELSE n.value > a.worst_value END
  )
