-- Cells of a file that are not there yet, north-west first so that ids follow the codes.
INSERT INTO cell (code, community_id, name, name_en, kind, use, households, source, is_derived, geom)
SELECT
  f.code, u.id, f.name, f.name_en, f.kind, f.use, f.households, f.source, f.is_derived,
  ST_SetSRID(f.outline::geometry, 4326)
FROM jsonb_to_recordset(%s::jsonb) AS f (
  code text, community text, name text, name_en text, kind text, use text, households integer, source text,
  is_derived boolean, outline text
)
JOIN grid_unit AS u ON u.code = f.community
WHERE NOT EXISTS (SELECT FROM cell AS c WHERE c.code = f.code)
ORDER BY f.code
RETURNING code
