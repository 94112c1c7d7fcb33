-- Outlines of communities, streets and districts: the exact union of their cells, in the same transaction.
--
-- A border segment between two cells of one unit cancels; what is left is the unit's outline. So only the
-- segments whose net sum changed are looked at: an edit inside a community moves no outline at all, and one
-- inside a street moves no street's.

-- Compressing coordinates costs more than it saves.
ALTER TABLE public.grid_unit
  ALTER COLUMN geom SET STORAGE EXTERNAL,
  ALTER COLUMN geom_3857 SET STORAGE EXTERNAL;

-- Rebuilds the outlines from the cells themselves: for loads, and for cells that were loaded with overlaps or
-- unequal corners, where segments do not cancel.
CREATE FUNCTION core.rebuild_outlines(units bigint[]) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  WITH RECURSIVE tree AS (
    SELECT u.id AS unit_id, u.id AS top_id
    FROM grid_unit AS u
    WHERE u.id = ANY (units)
    UNION ALL
    SELECT u.id, tree.top_id
    FROM grid_unit AS u
    JOIN tree ON u.parent_id = tree.unit_id
  ),
  joined AS (
    SELECT top.id, ST_Multi(ST_UnaryUnion(ST_Collect(c.geom))) AS shape
    FROM unnest(units) AS top (id)
    LEFT JOIN tree ON tree.top_id = top.id
    LEFT JOIN cell AS c ON c.community_id = tree.unit_id
    GROUP BY top.id
  )
  UPDATE grid_unit AS u
  SET geom = j.shape, geom_3857 = ST_Transform(j.shape, 3857)
  FROM joined AS j
  WHERE u.id = j.id;
END
$$;

-- The units of a community: itself, its street, its district.
CREATE FUNCTION core.units_of(communities bigint[])
RETURNS TABLE (community_id bigint, unit_id bigint)
LANGUAGE sql STABLE
AS $$
  SELECT com.id, up.unit_id
  FROM grid_unit AS com
  LEFT JOIN grid_unit AS street ON street.id = com.parent_id
  CROSS JOIN LATERAL (VALUES (com.id), (street.id), (street.parent_id)) AS up (unit_id)
  WHERE com.id = ANY (communities) AND up.unit_id IS NOT NULL
$$;

-- Moves the outlines by what changed in the cells: outline and community of each before and after
-- (null where there was none).
CREATE FUNCTION core.keep_outlines(
  before geometry[],
  before_communities bigint[],
  after geometry[],
  after_communities bigint[]
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  unit_ids bigint[];
  segments geometry[];
  nets integer[];
  place geometry;
  unsound bigint[];
BEGIN
  WITH changed AS (
    SELECT b.community_id, b.shape, -1 AS sign
    FROM unnest(before, before_communities) AS b (shape, community_id)
    WHERE b.shape IS NOT NULL
    UNION ALL
    SELECT a.community_id, a.shape, 1
    FROM unnest(after, after_communities) AS a (shape, community_id)
    WHERE a.shape IS NOT NULL
  ),
  border AS (
    SELECT c.community_id, s.segment, sum(c.sign * s.direction) AS net
    FROM changed AS c
    CROSS JOIN LATERAL core.grid_segments(c.shape) AS s
    GROUP BY c.community_id, s.segment
    HAVING sum(c.sign * s.direction) <> 0
  ),
  moved AS (
    SELECT m.unit_id, b.segment, sum(b.net) AS net
    FROM border AS b
    JOIN core.units_of(before_communities || after_communities) AS m ON m.community_id = b.community_id
    GROUP BY m.unit_id, b.segment
    HAVING sum(b.net) <> 0
  )
  SELECT array_agg(m.unit_id), array_agg(m.segment), array_agg(m.net), ST_Extent(m.segment)::geometry
  INTO unit_ids, segments, nets, place
  FROM moved AS m;
  IF unit_ids IS NULL THEN
    RETURN;
  END IF;

  -- Only segments in the place of the change can cancel; the others stay as they are.
  WITH bounds AS MATERIALIZED (
    SELECT u.id AS unit_id, d.geom AS segment, d.geom && place AS is_near
    FROM grid_unit AS u
    CROSS JOIN LATERAL ST_DumpSegments(ST_ForcePolygonCCW(u.geom)) AS d
    WHERE u.id = ANY (unit_ids)
  ),
  outline AS (
    SELECT p.unit_id, p.segment, sum(p.net) AS net
    FROM (
      SELECT m.unit_id, m.segment, m.net
      FROM unnest(unit_ids, segments, nets) AS m (unit_id, segment, net)
      UNION ALL
      SELECT b.unit_id, n.segment, CASE WHEN ST_OrderingEquals(n.segment, b.segment) THEN 1 ELSE -1 END
      FROM bounds AS b
      CROSS JOIN LATERAL (SELECT ST_Normalize(b.segment) AS segment OFFSET 0) AS n
      WHERE b.is_near
    ) AS p
    GROUP BY p.unit_id, p.segment
    HAVING sum(p.net) <> 0
    UNION ALL
    SELECT b.unit_id, b.segment, 1
    FROM bounds AS b
    WHERE NOT b.is_near
  ),
  built AS MATERIALIZED (
    SELECT o.unit_id, ST_Multi(ST_BuildArea(ST_Collect(o.segment))) AS shape, bool_and(abs(o.net) = 1) AS is_simple
    FROM outline AS o
    GROUP BY o.unit_id
  ),
  grew AS (
    SELECT m.unit_id, sum(coalesce(g.area, 0)) AS area
    FROM (
      SELECT a.community_id, ST_Area(a.shape) AS area
      FROM unnest(after, after_communities) AS a (shape, community_id)
      UNION ALL
      SELECT b.community_id, -ST_Area(b.shape)
      FROM unnest(before, before_communities) AS b (shape, community_id)
    ) AS g
    JOIN core.units_of(before_communities || after_communities) AS m ON m.community_id = g.community_id
    GROUP BY m.unit_id
  ),
  judged AS (
    -- Segments of cells loaded with overlaps or unequal corners do not close: seen by the area.
    SELECT
      u.id, b.shape,
      coalesce(b.is_simple, true)
        AND abs(coalesce(ST_Area(u.geom), 0) + g.area - coalesce(ST_Area(b.shape), 0))
          <= 1e-10 * coalesce(ST_Area(u.geom), 0) + 1e-14 AS is_sound
    FROM grid_unit AS u
    JOIN grew AS g ON g.unit_id = u.id
    LEFT JOIN built AS b ON b.unit_id = u.id
    WHERE u.id = ANY (unit_ids)
  ),
  written AS (
    UPDATE grid_unit AS u
    SET geom = j.shape, geom_3857 = ST_Transform(j.shape, 3857)
    FROM judged AS j
    WHERE u.id = j.id AND j.is_sound
  )
  SELECT array_agg(j.id)
  INTO unsound
  FROM judged AS j
  WHERE NOT j.is_sound;
  IF unsound IS NOT NULL THEN
    PERFORM core.rebuild_outlines(unsound);
  END IF;
END
$$;
