-- One asset of a class in each cell, so that a report finds one now and then.
INSERT INTO asset (public_id, code, asset_class_id, geom, state, source, source_id)
SELECT
    gen_random_uuid(), '', (SELECT min(id) FROM asset_class), ST_PointOnSurface(c.geom), 'intact', 'a8', c.code
FROM cell AS c
