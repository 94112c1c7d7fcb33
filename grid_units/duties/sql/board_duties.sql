-- Duties that touch a span and name a unit within a unit, or one above it, whole: with units, shifts and the
-- substitutions of the span. One statement, because a district has tens of thousands of shifts.
SELECT
  d.id,
  d.user_id,
  d.role,
  d.valid_from,
  d.valid_to,
  d.note,
  p.is_active,
  (SELECT array_agg(a.unit_code::text ORDER BY a.unit_code) FROM duty_area AS a WHERE a.duty_id = d.id),
  (
    SELECT json_agg(json_build_array(s.starts::text, s.ends::text, s.weekdays) ORDER BY s.starts, s.ends)
    FROM (
      SELECT h.starts, h.ends, json_agg(h.weekday ORDER BY h.weekday) AS weekdays
      FROM duty_shift AS h
      WHERE h.duty_id = d.id
      GROUP BY h.starts, h.ends
    ) AS s
  ),
  (
    SELECT json_agg(
      json_build_array(
        b.id,
        b.substitute_id,
        coalesce(i.is_active, false),
        extract(epoch FROM b.valid_from),
        extract(epoch FROM b.valid_to),
        b.reason
      )
      ORDER BY b.valid_from
    )
    FROM substitution AS b
    LEFT JOIN user_account AS i ON i.id = b.substitute_id
    -- The night of the last day ends in the next week.
    WHERE b.duty_id = d.id AND b.valid_to > %(starts_at)s AND b.valid_from < %(ends_at)s + interval '1 day'
  )
FROM duty AS d
JOIN user_account AS p ON p.id = d.user_id
WHERE d.valid_from < %(ends_at)s
  AND (d.valid_to IS NULL OR d.valid_to > %(starts_at)s)
  AND d.id IN (
    SELECT a.duty_id
    FROM duty_area AS a
    WHERE a.unit_code ^@ %(unit)s OR a.unit_code = ANY (core.unit_prefixes(%(unit)s))
  )
ORDER BY d.id
