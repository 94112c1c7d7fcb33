-- Questions that other rooms ask of the grid.

-- On a border the cell with the lower id answers, always the same one. In PL/pgSQL, which keeps its plan.
CREATE FUNCTION core.cell_at(place geometry) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN (
    SELECT min(c.id)
    FROM public.cell AS c
    WHERE ST_Intersects(c.geom, place)
  );
END
$$;

COMMENT ON FUNCTION core.cell_at(geometry)
  IS 'Id of the cell that holds a point (longitude and latitude); null outside the grid.';

CREATE FUNCTION core.cells_within(place geometry, metres double precision)
RETURNS TABLE (cell_id bigint, code text, distance_m double precision)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
  SELECT c.id, c.code::text, d.metres
  FROM public.cell AS c
  CROSS JOIN LATERAL (SELECT ST_Distance(c.geom::geography, place::geography) AS metres OFFSET 0) AS d
  -- The box is in degrees, a little too large, so that the index can be used.
  -- The parameter is named with its function: a bare `metres` would be the column.
  WHERE c.geom && ST_Expand(
      place,
      cells_within.metres / (111000 * cos(radians(
        least(89, greatest(abs(ST_YMin(place)), abs(ST_YMax(place))) + cells_within.metres / 111000)
      ))),
      cells_within.metres / 110000
    )
    AND d.metres <= cells_within.metres
  ORDER BY d.metres, c.id
$$;

COMMENT ON FUNCTION core.cells_within(geometry, double precision)
  IS 'Cells at most so many metres (on the ellipsoid) from a place, nearest first.';
