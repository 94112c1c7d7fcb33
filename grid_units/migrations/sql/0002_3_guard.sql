-- The guard keeps the cells one seamless coverage under any SQL edit.
--
-- Invariant: every cell is a valid Polygon on the grid, and the directed border segments of all cells cancel
-- pairwise except on the outer boundary. Valid rings, and the same net segments before and after, mean that
-- the winding number of all cells together is unchanged at every point: no gap, no overlap, equal corners on
-- both sides and the same area, exactly. That proof is step 7; it needs no overlay and no tolerance. The
-- steps before it only propose.
--
-- One statement is one edit set. This file holds the part that fits the edit to its neighbours; 0002_6 holds
-- the triggers that call it.

CREATE TYPE core.grid_fit AS (
  cell_ids bigint[],    -- cells whose outline ends up different from how they stood before the statement
  communities bigint[], -- their communities before the statement
  before geometry[],    -- outline before; null when the cell is new
  after geometry[],     -- outline to be stored; null when the cell is deleted or absorbed
  absorbed bigint[]     -- neighbours left with less than 1 m2, to be deleted
);

-- Proposes and proves the new outlines of the edited cells and their neighbours.
--   edited: ids; drawn_from, drawn: outline before and after (null for inserted and deleted cells);
--   communities, codes: of the edited cells; may_extend: the outer boundary may move.
CREATE FUNCTION core.fit_cells(
  edited bigint[],
  drawn_from geometry[],
  drawn geometry[],
  communities bigint[],
  codes text[],
  may_extend boolean
) RETURNS core.grid_fit
LANGUAGE plpgsql
AS $$
DECLARE
  step constant double precision := core.grid_step();
  slip constant double precision := power(2, -21);  -- 5 cm: a thinner strip outside the city is clipped
  speck constant double precision := 1;     -- m2: a smaller cell is absorbed, a smaller gap goes back
  crumb constant double precision := 10;    -- m2: a smaller piece cut off changes hands without a question
  near_ids bigint[];
  near geometry[];
  near_communities bigint[];
  near_codes text[];
  wanted_near bigint[];
  boxes geometry[];
  rim geometry[];           -- net border segments of all these cells before the edit
  rim_nets integer[];
  net geometry;
  faces geometry[];
  owners bigint[];          -- per face: a cell; 0 = left ground; null = outside the city
  leavers bigint[];         -- per face: the edited cell that left it
  leaver_communities bigint[];
  built_ids bigint[];
  built geometry[];
  absorbed bigint[];
  unequal geometry[];
  homeless text;
  who text;
  face record;
  piece record;
  covered integer;
  moved integer := 0;
  fit core.grid_fit;
BEGIN
  SELECT CASE WHEN count(*) > 3 THEN format('%s cells', count(*)) ELSE 'cell ' || string_agg(c, ', ') END
  INTO who
  FROM unnest(codes) AS c;

  -- 1. Boxes round the changed border: whatever was taken or left lies inside, so the cells there are enough.
  SELECT array_agg(changed.box)
  INTO boxes
  FROM (
    SELECT ST_Expand(ST_Extent(border.segment)::geometry, 2 * step) AS box
    FROM (
      SELECT u.i, u.segment
      FROM (
        SELECT e.i, s.segment, s.direction
        FROM unnest(drawn) WITH ORDINALITY AS e (shape, i)
        CROSS JOIN LATERAL core.grid_segments(e.shape) AS s
        WHERE e.shape IS NOT NULL
        UNION ALL
        SELECT e.i, s.segment, -s.direction
        FROM unnest(drawn_from) WITH ORDINALITY AS e (shape, i)
        CROSS JOIN LATERAL core.grid_segments(e.shape) AS s
        WHERE e.shape IS NOT NULL
      ) AS u
      GROUP BY u.i, u.segment
      HAVING sum(u.direction) <> 0
    ) AS border
    GROUP BY border.i
  ) AS changed;
  IF boxes IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT coalesce(array_agg(DISTINCT c.id), '{}')
  INTO wanted_near
  FROM unnest(boxes) AS b
  JOIN cell AS c ON c.geom && b
  WHERE c.id <> ALL (edited);

  FOR round IN 1..9 LOOP
    IF round = 9 OR moved < 0 THEN
      PERFORM refuse_edit(
        format('The edit of %s cannot be fitted to its neighbours near %s', who, grid_place(unequal[1])),
        'Move the corner by a few centimetres and save again.');
    END IF;
    SELECT
      coalesce(array_agg(c.id), '{}'), coalesce(array_agg(c.geom), '{}'),
      coalesce(array_agg(c.community_id), '{}'), coalesce(array_agg(c.code), '{}')
    INTO near_ids, near, near_communities, near_codes
    FROM cell AS c
    WHERE c.id = ANY (wanted_near);

    -- 2. One arrangement, snap-rounded: neighbours as they are, edited cells as drawn, and the outer boundary
    --    they all had, so that ground just outside or just left is a face of its own.
    SELECT coalesce(array_agg(u.segment), '{}'), coalesce(array_agg(u.net), '{}')
    INTO rim, rim_nets
    FROM (
      SELECT s.segment, sum(s.direction) AS net
      FROM unnest(near || drawn_from) AS shape
      CROSS JOIN LATERAL core.grid_segments(shape) AS s
      WHERE shape IS NOT NULL
      GROUP BY s.segment
      HAVING sum(s.direction) <> 0
    ) AS u;
    SELECT ST_UnaryUnion(ST_Collect(line), step)
    INTO net
    FROM (
      SELECT ST_Boundary(shape) AS line
      FROM unnest(near || drawn) AS shape
      WHERE shape IS NOT NULL
      UNION ALL
      SELECT ST_Collect(rim)
    ) AS lines;
    SELECT array_agg(d.geom)
    INTO faces
    FROM ST_Dump(ST_Polygonize(ARRAY[net])) AS d;

    -- 3. An owner for every face: who drew it, else who has it, else nobody yet.
    owners := '{}';
    leavers := '{}';
    leaver_communities := '{}';
    FOR face IN
      SELECT
        f.shape, f.width,
        taker.id AS taker, holder.id AS holder, leaver.id AS leaver, leaver.community,
        coalesce(holder.cells, 0) + coalesce(leaver.cells, 0) AS covered
      FROM (
        SELECT
          u.shape, u.i,
          ST_Area(u.shape) / ST_Perimeter(u.shape) AS width,
          ST_PointOnSurface(u.shape) AS inner_point
        FROM unnest(faces) WITH ORDINALITY AS u (shape, i)
        OFFSET 0
      ) AS f
      LEFT JOIN LATERAL (
        -- Two edited cells may have drawn it: the new one wins, as in a split sent in one statement.
        SELECT e.id
        FROM unnest(edited, drawn_from, drawn) AS e (id, shape_before, shape)
        WHERE grid_holds(e.shape, f.shape, f.inner_point, f.width < slip)
        ORDER BY
          e.shape_before IS NOT NULL AND grid_holds(e.shape_before, f.shape, f.inner_point, f.width < slip),
          e.id
        LIMIT 1
      ) AS taker ON true
      LEFT JOIN LATERAL (
        SELECT min(n.id) AS id, count(*) AS cells
        FROM unnest(near_ids, near) AS n (id, shape)
        WHERE grid_holds(n.shape, f.shape, f.inner_point, f.width < slip)
      ) AS holder ON true
      LEFT JOIN LATERAL (
        SELECT
          (array_agg(l.id ORDER BY l.area DESC))[1] AS id,
          (array_agg(l.community ORDER BY l.area DESC))[1] AS community,
          -- The borders between edited cells are not in the arrangement, so the inner point may lie on one.
          CASE
            WHEN f.width < slip THEN (sum(l.area) > ST_Area(f.shape) / 2)::integer
            ELSE greatest(count(*) FILTER (WHERE l.is_inside), least(count(*), 1))
          END AS cells
        FROM (
          SELECT
            e.id, e.community,
            CASE WHEN f.width < slip THEN ST_Area(ST_Intersection(e.shape_before, f.shape)) ELSE 1 END AS area,
            f.width >= slip AND ST_Contains(e.shape_before, f.inner_point) AS is_inside
          FROM unnest(edited, drawn_from, communities) AS e (id, shape_before, community)
          WHERE e.shape_before && f.shape AND (f.width < slip OR ST_Covers(e.shape_before, f.inner_point))
        ) AS l
      ) AS leaver ON true
      ORDER BY f.i
    LOOP
      covered := face.covered;  -- cells that held this ground before: 1 inside, 0 outside the city
      IF covered > 1 AND face.width > step THEN
        PERFORM refuse_edit(
          format('Two commands changed the same ground in one statement, or cells overlapped before, near %s (%s)',
            grid_place(face.shape), who),
          'Send INSERT, UPDATE and DELETE one after the other (no MERGE, no ON CONFLICT DO UPDATE, no WITH).');
      END IF;
      IF face.taker IS NOT NULL AND covered = 0 AND NOT may_extend AND face.width > slip / 2 THEN
        PERFORM refuse_edit(
          format('The edit of %s would reach %s m2 outside the city grid near %s',
            who, round(grid_m2(face.shape)::numeric, 1), grid_place(face.shape)),
          'Keep the outer boundary, or ask an administrator for the action "change extent".');
      END IF;
      owners := owners || CASE
        WHEN face.taker IS NOT NULL AND (covered > 0 OR may_extend) THEN face.taker
        WHEN face.holder IS NOT NULL THEN face.holder
        WHEN covered > 0 OR (face.width < step AND face.taker IS NULL) THEN 0
      END;
      leavers := leavers || face.leaver;
      leaver_communities := leaver_communities || face.community;
    END LOOP;

    absorbed := '{}';
    FOR pass IN 1..20 LOOP
      -- 4. Left ground goes to the neighbour with the longest common border, the same community first. It goes
      --    back to who left it only as a slip on the outer boundary or a speck.
      WHILE 0 = ANY (owners) LOOP
        WITH sides AS MATERIALIZED (
          SELECT f.i, f.owner, s.segment, s.direction, ST_Length(s.segment) AS length
          FROM unnest(faces, owners) WITH ORDINALITY AS f (shape, owner, i)
          CROSS JOIN LATERAL core.grid_segments(f.shape) AS s
        ),
        shared AS (
          SELECT a.i, b.owner, sum(a.length) AS length
          FROM sides AS a
          LEFT JOIN sides AS b ON b.segment = a.segment AND b.direction = -a.direction
          WHERE a.owner = 0
          GROUP BY a.i, b.owner
        ),
        offers AS (
          SELECT
            s.i, s.owner, s.length, rim.on_rim,
            s.owner IS NOT DISTINCT FROM leavers[s.i] AS is_leaver,
            rim.on_rim AND ST_Area(faces[s.i]) / ST_Perimeter(faces[s.i]) < slip / 2 AS is_slip
          FROM shared AS s
          JOIN (SELECT i, bool_or(owner IS NULL) AS on_rim FROM shared GROUP BY i) AS rim ON rim.i = s.i
        ),
        best AS (
          SELECT DISTINCT ON (o.i) o.i, CASE WHEN NOT (o.on_rim AND may_extend) THEN o.owner END AS owner
          FROM offers AS o
          LEFT JOIN unnest(near_ids || edited, near_communities || communities) AS c (id, community) ON c.id = o.owner
          WHERE o.owner > 0
            AND o.owner <> ALL (absorbed)
            AND (NOT o.is_leaver OR o.is_slip OR grid_m2(faces[o.i]) < speck)
          ORDER BY
            o.i, o.is_leaver AND NOT o.is_slip, (c.community = leaver_communities[o.i]) DESC NULLS LAST,
            o.length DESC, o.owner
        )
        SELECT array_agg(CASE WHEN best.i IS NOT NULL THEN best.owner ELSE f.owner END ORDER BY f.i), count(best.i)
        INTO owners, moved
        FROM unnest(owners) WITH ORDINALITY AS f (owner, i)
        LEFT JOIN best ON best.i = f.i;
        IF moved = 0 THEN
          IF may_extend THEN
            owners := array_replace(owners, 0, NULL);
            EXIT;
          END IF;
          PERFORM refuse_edit(
            format('The edit of %s leaves %s m2 without a cell near %s',
              who,
              round(grid_m2(faces[array_position(owners, 0)])::numeric, 1),
              grid_place(faces[array_position(owners, 0)])),
            'Give the ground to a neighbouring cell in the same save.');
        END IF;
      END LOOP;

      -- 5. Faces back to polygons.
      SELECT coalesce(array_agg(u.owner), '{}'), coalesce(array_agg(u.shape), '{}')
      INTO built_ids, built
      FROM (
        SELECT
          f.owner,
          CASE WHEN count(*) = 1 THEN (array_agg(f.shape))[1] ELSE ST_UnaryUnion(ST_Collect(f.shape)) END AS shape
        FROM unnest(faces, owners) AS f (shape, owner)
        WHERE f.owner IS NOT NULL
        GROUP BY f.owner
      ) AS u;

      -- 6. Crumbs go to a neighbour, specks of cells are absorbed, a real cut is refused.
      moved := 0;
      FOR piece IN
        SELECT
          b.id, d.geom AS shape, k.code,
          row_number() OVER (PARTITION BY b.id ORDER BY ST_Area(d.geom) DESC) AS rank
        FROM unnest(built_ids, built) AS b (id, shape)
        JOIN unnest(near_ids || edited, near_codes || codes) AS k (id, code) ON k.id = b.id
        CROSS JOIN LATERAL ST_Dump(b.shape) AS d
        WHERE ST_NumGeometries(b.shape) > 1 OR grid_m2(b.shape) < speck
      LOOP
        IF piece.rank = 1 AND grid_m2(piece.shape) >= speck THEN
          CONTINUE;
        END IF;
        IF piece.rank > 1 AND grid_m2(piece.shape) >= crumb THEN
          PERFORM refuse_edit(
            format('The edit of %s would cut cell %s in two near %s', who, piece.code, grid_place(piece.shape)),
            format('Split cell %s first.', piece.code));
        END IF;
        IF piece.rank = 1 THEN
          absorbed := absorbed || piece.id;
        END IF;
        moved := moved + 1;
        FOR i IN 1..cardinality(faces) LOOP
          IF owners[i] = piece.id AND ST_Contains(piece.shape, ST_PointOnSurface(faces[i])) THEN
            owners[i] := 0;
            leavers[i] := piece.id;
          END IF;
        END LOOP;
      END LOOP;
      EXIT WHEN moved = 0;
    END LOOP;
    IF moved > 0 THEN
      moved := -1;
      unequal := faces;
      CONTINUE;
    END IF;
    SELECT coalesce(array_agg(id), '{}')
    INTO absorbed
    FROM unnest(near_ids) AS id
    WHERE id <> ALL (built_ids);
    SELECT string_agg(e.code, ', ')
    INTO homeless
    FROM unnest(edited, drawn, codes) AS e (id, shape, code)
    WHERE e.shape IS NOT NULL AND e.id <> ALL (built_ids);
    IF homeless IS NOT NULL THEN
      PERFORM refuse_edit(
        format('Cell %s would have no ground of its own near %s', homeless, grid_place(coalesce(drawn[1], drawn_from[1]))),
        'Delete the cell instead.');
    END IF;

    -- 7. The proof: net segments before = after. Where they differ, a border beyond got a corner: take in the
    --    cells there and do it again.
    SELECT array_agg(u.segment)
    INTO unequal
    FROM (
      SELECT s.segment
      FROM (
        SELECT x.segment, 0 AS net_before, x.direction AS net_after
        FROM unnest(built) AS shape
        CROSS JOIN LATERAL core.grid_segments(shape) AS x
        UNION ALL
        SELECT r.segment, r.net, 0
        FROM unnest(rim, rim_nets) AS r (segment, net)
      ) AS s
      GROUP BY s.segment
      HAVING sum(s.net_before) <> sum(s.net_after)
    ) AS u;
    EXIT WHEN unequal IS NULL;
    SELECT array_agg(DISTINCT c.id)
    INTO wanted_near
    FROM unnest(unequal) AS s
    JOIN cell AS c ON c.geom && s
    WHERE c.id <> ALL (near_ids || edited);
    IF wanted_near IS NULL THEN
      -- Nobody is beyond. What lies between the borders before and after is where the cover changed: nothing
      -- when cells loaded with unequal corners were mended, and a strip of less than 4 steps (3 mm) where
      -- rounding bent the outer boundary. More needs a permit.
      EXIT WHEN may_extend OR NOT EXISTS (
        SELECT
        FROM ST_Dump(ST_Polygonize(ARRAY[ST_UnaryUnion(ST_Collect(unequal), step)])) AS d
        WHERE ST_Area(d.geom) / ST_Perimeter(d.geom) >= 2 * step
      );
      PERFORM refuse_edit(
        format('The edit of %s would move the outer boundary near %s', who, grid_place(unequal[1])),
        'Keep the outer boundary, or ask an administrator for the action "change extent".');
    END IF;
    wanted_near := wanted_near || near_ids;
  END LOOP;

  SELECT array_agg(u.id), array_agg(u.community), array_agg(u.before), array_agg(u.after)
  INTO fit.cell_ids, fit.communities, fit.before, fit.after
  FROM (
    SELECT was.id, was.community, was.before, CASE WHEN was.stored = b.normal THEN was.shape ELSE b.shape END AS after
    FROM (
      SELECT n.id, n.community, n.shape AS before, n.shape, ST_Normalize(n.shape) AS stored, false AS is_edited
      FROM unnest(near_ids, near_communities, near) AS n (id, community, shape)
      UNION ALL
      SELECT e.id, e.community, e.before, e.shape, ST_Normalize(e.shape), true
      FROM unnest(edited, communities, drawn_from, drawn) AS e (id, community, before, shape)
    ) AS was
    LEFT JOIN (
      SELECT x.id, x.shape, ST_Normalize(x.shape) AS normal
      FROM unnest(built_ids, built) AS x (id, shape)
    ) AS b ON b.id = was.id
    WHERE was.is_edited OR b.id IS NULL OR NOT was.stored = b.normal
  ) AS u;
  fit.absorbed := absorbed;
  RETURN fit;
END
$$;
