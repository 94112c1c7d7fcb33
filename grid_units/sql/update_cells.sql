-- Cells of a file that differ from what is stored. Unchanged ones are not touched.
UPDATE cell AS c
SET
  name = f.name, name_en = f.name_en, kind = f.kind, use = f.use, households = f.households, source = f.source,
  is_derived = f.is_derived,
  geom = CASE WHEN f.is_same THEN c.geom ELSE f.shape END
FROM (
  SELECT
    g.id, r.name, r.name_en, r.kind, r.use, r.households, r.source, r.is_derived, o.shape,
    ST_OrderingEquals(ST_Normalize(g.geom), ST_Normalize(o.shape)) AS is_same,
    (g.name, g.name_en, g.kind, g.use, g.households, g.source, g.is_derived)
      IS NOT DISTINCT FROM
      (r.name, r.name_en, r.kind, r.use, r.households, r.source, r.is_derived) AS is_named_same
  FROM jsonb_to_recordset(%s::jsonb) AS r (
    code text, name text, name_en text, kind text, use text, households integer, source text, is_derived boolean,
    outline text
  )
  JOIN cell AS g ON g.code = r.code
  CROSS JOIN LATERAL (SELECT ST_SnapToGrid(ST_SetSRID(r.outline::geometry, 4326), core.grid_step()) AS shape) AS o
) AS f
WHERE c.id = f.id AND NOT (f.is_same AND f.is_named_same)
RETURNING c.code
