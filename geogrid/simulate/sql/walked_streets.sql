-- The lines of all streets with patrol duty: no private yards, no motorways.
SELECT ST_AsBinary(part.geom)
FROM road AS r
CROSS JOIN LATERAL ST_Dump(r.geom) AS part
WHERE core.road_is_due(r.id, r.kind, r.attributes)
ORDER BY r.id, part.path
