-- Street metres of each cell passed on a local day up to a moment: each bit once, by whoever passed it first. Streets,
-- duties and cells are those of now. A bit that one person drove along and walked later in the same patrol counts as
-- walked from the first time on: which way it was passed first is not kept.
WITH passed AS (
  SELECT s.bit_id, bool_and(s.is_driven) AS is_driven
  FROM bit_seen AS s
  WHERE s.day = %(day)s AND s.first_at <= %(at)s
  GROUP BY s.bit_id
)
SELECT
  c.code,
  sum(b.length_m) AS due,
  coalesce(sum(b.length_m) FILTER (WHERE NOT p.is_driven), 0) AS walked,
  coalesce(sum(b.length_m) FILTER (WHERE p.is_driven), 0) AS driven
FROM road_bit AS b
JOIN cell AS c ON c.id = b.cell_id
LEFT JOIN passed AS p ON p.bit_id = b.id
WHERE b.is_due
  AND EXISTS (SELECT FROM unnest(%(prefixes)s::text[]) AS allowed (prefix) WHERE starts_with(c.code, allowed.prefix))
GROUP BY c.code
