-- Cells whose stored outline is not that of the file (more than a few corners on the same line apart).
SELECT c.code
FROM jsonb_to_recordset(%s::jsonb) AS r (code text, outline text)
JOIN cell AS c ON c.code = r.code
WHERE ST_HausdorffDistance(c.geom, ST_SetSRID(r.outline::geometry, 4326)) > 4 * core.grid_step()
ORDER BY c.code
