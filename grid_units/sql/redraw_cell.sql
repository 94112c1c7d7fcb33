UPDATE cell
SET geom = ST_SetSRID(%s::geometry, 4326)
WHERE id = %s
