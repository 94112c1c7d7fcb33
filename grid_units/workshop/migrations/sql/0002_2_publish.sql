-- Cells written together, as a draft, a direct edit or an earlier edition has them.
--
-- The guard's statement triggers fit a careless edit to its neighbours; here nothing is fitted. The cells are
-- written as they are and the guard's proof is made for all of them at once: net border segments after are
-- those before, so that the same ground is covered, nothing twice, every corner on both sides.

ALTER TABLE core.grid_transaction ADD COLUMN defers_regrid boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN core.grid_transaction.defers_regrid IS 'What stands on changed ground gets its cell later, in batches.';

-- What versions do not keep of a cell that vanished, for the day it comes back.
CREATE TABLE core.vanished_cell (
  cell_id bigint PRIMARY KEY,
  name_en text NOT NULL,
  use text NOT NULL,
  source text NOT NULL,
  is_derived boolean NOT NULL
);
REVOKE ALL ON core.vanished_cell FROM PUBLIC;

CREATE FUNCTION core.regrid_is_deferred() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
  SELECT EXISTS (
    SELECT
    FROM grid_transaction
    WHERE xid = pg_current_xact_id() AND started_at = transaction_timestamp() AND defers_regrid
  )
$$;

-- The proof. `touched` are the ids of all cells written, those that vanished too.
CREATE FUNCTION core.prove_seamless(touched bigint[], before geometry[], after geometry[], may_extend boolean)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = core, public, pg_temp
AS $$
DECLARE
  unequal geometry[];
  place geometry;
BEGIN
  SELECT array_agg(u.segment)
  INTO unequal
  FROM (
    SELECT s.segment
    FROM (
      SELECT x.segment, -x.direction AS net
      FROM unnest(before) AS shape
      CROSS JOIN LATERAL core.grid_segments(shape) AS x
      WHERE shape IS NOT NULL
      UNION ALL
      SELECT x.segment, x.direction
      FROM unnest(after) AS shape
      CROSS JOIN LATERAL core.grid_segments(shape) AS x
      WHERE shape IS NOT NULL
    ) AS s
    GROUP BY s.segment
    HAVING sum(s.net) <> 0
  ) AS u;
  IF unequal IS NULL THEN
    RETURN;
  END IF;
  IF may_extend THEN
    SELECT a.geom
    INTO place
    FROM cell AS a
    JOIN cell AS b ON b.id <> a.id AND b.geom && a.geom
    WHERE a.id = ANY (touched) AND ST_Relate(a.geom, b.geom, '2********')
    LIMIT 1;
  ELSE
    SELECT d.geom
    INTO place
    FROM ST_Dump(ST_Polygonize(ARRAY[ST_UnaryUnion(ST_Collect(unequal), core.grid_step())])) AS d
    WHERE ST_Area(d.geom) / ST_Perimeter(d.geom) >= 2 * core.grid_step()
    LIMIT 1;
  END IF;
  -- A corner that only one side got: another cell still has the segment as it was.
  IF place IS NULL AND NOT may_extend THEN
    SELECT u.segment
    INTO place
    FROM unnest(unequal) AS u (segment)
    JOIN cell AS c ON c.geom && u.segment AND c.id <> ALL (touched)
    CROSS JOIN LATERAL core.grid_segments(c.geom) AS x
    WHERE x.segment = u.segment
    LIMIT 1;
  END IF;
  IF place IS NOT NULL THEN
    PERFORM refuse_edit(
      format('These cells do not fit together near %s', grid_place(place)),
      'Load the grid anew and draw the border of both cells.');
  END IF;
END
$$;

-- cells: [{key, id, community_id, name, kind, households, outline, code, owner_id, maintainer_id, like}]
--   id null: a new cell; outline null: the cell vanishes; code: the one it had in an edition that comes back;
--   like: the cell whose owner, maintainer and use a new one takes over.
CREATE FUNCTION core.publish_cells(cells jsonb, defers boolean)
RETURNS TABLE (key text, cell_id bigint, code text, version bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
SET jit = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  keys text[];
  ids bigint[];
  is_new boolean[];
  is_back boolean[];
  shapes geometry[];
  before geometry[];
  before_communities bigint[];
  before_codes text[];
  after geometry[];
  after_communities bigint[];
  known core.grid_transaction;
BEGIN
  PERFORM require_named_action();
  PERFORM lock_grid();
  PERFORM grid_edition();
  SELECT t.*
  INTO known
  FROM grid_transaction AS t
  WHERE t.xid = pg_current_xact_id();
  SELECT array_agg(r.key), array_agg(r.id), array_agg(r.is_new), array_agg(r.is_back), array_agg(r.shape)
  INTO keys, ids, is_new, is_back, shapes
  FROM (
    SELECT
      r.value ->> 'key' AS key,
      coalesce((r.value ->> 'id')::bigint, nextval(pg_get_serial_sequence('public.cell', 'id'))) AS id,
      r.value ->> 'id' IS NULL AS is_new,
      r.value ->> 'code' IS NOT NULL AND NOT EXISTS (SELECT FROM cell AS c WHERE c.id = (r.value ->> 'id')::bigint) AS is_back,
      ST_SetSRID((r.value ->> 'outline')::geometry, 4326) AS shape
    FROM jsonb_array_elements(cells) WITH ORDINALITY AS r (value, at)
    ORDER BY r.at
    OFFSET 0
  ) AS r;

  SELECT array_agg(c.geom ORDER BY t.at), array_agg(c.community_id ORDER BY t.at), array_agg(c.code ORDER BY t.at)
  INTO before, before_communities, before_codes
  FROM unnest(ids) WITH ORDINALITY AS t (id, at)
  LEFT JOIN cell AS c ON c.id = t.id;

  INSERT INTO vanished_cell (cell_id, name_en, use, source, is_derived)
  SELECT c.id, c.name_en, c.use, c.source, c.is_derived
  FROM unnest(ids, shapes) AS t (id, shape)
  JOIN cell AS c ON c.id = t.id
  WHERE t.shape IS NULL
  ON CONFLICT (cell_id) DO UPDATE
  SET name_en = excluded.name_en, use = excluded.use, source = excluded.source, is_derived = excluded.is_derived;

  UPDATE grid_transaction
  SET is_writing = true, defers_regrid = defers
  WHERE xid = known.xid;
  IF jsonb_path_exists(cells, '$[*] ? (@.code != null)') THEN
    -- A load may name its codes: these are the same cells under the codes they had in the edition that comes back.
    UPDATE grid_transaction
    SET load_reason = 'restored', renumber_reason = 'restored'
    WHERE xid = known.xid;
  END IF;
  -- Deleted last: what stands on a vanished cell looks for its new one at once.
  UPDATE cell AS c
  SET
    code = coalesce(r.code, c.code), community_id = r.community_id, name = r.name, kind = r.kind, households = r.households,
    geom = CASE WHEN ST_OrderingEquals(ST_Normalize(c.geom), ST_Normalize(t.shape)) THEN c.geom ELSE t.shape END
  FROM jsonb_to_recordset(cells) AS r (key text, code text, community_id bigint, name text, kind text, households integer)
  JOIN unnest(keys, ids, is_new, is_back, shapes) AS t (key, id, is_new, is_back, shape) ON t.key = r.key
  WHERE c.id = t.id AND t.shape IS NOT NULL AND NOT t.is_new AND NOT t.is_back;
  INSERT INTO concordance (cell_id, old_code, new_code, reason, actor, at)
  SELECT c.id, b.code, c.code, 'moved to another community', core.actor(), now()
  FROM unnest(ids, before_codes) AS b (id, code)
  JOIN cell AS c ON c.id = b.id
  WHERE b.code IS NOT NULL AND c.code <> b.code;

  INSERT INTO cell (id, code, community_id, name, kind, households, geom, use, owner_id, maintainer_id, source, is_derived)
  SELECT
    t.id, '', r.community_id, r.name, r.kind, r.households, t.shape,
    coalesce(l.use, ''), l.owner_id, l.maintainer_id, coalesce(l.source, ''), coalesce(l.is_derived, false)
  FROM unnest(keys, ids, is_new, shapes) WITH ORDINALITY AS t (key, id, is_new, shape, at)
  JOIN jsonb_to_recordset(cells) AS r (key text, community_id bigint, name text, kind text, households integer, "like" bigint)
    ON r.key = t.key
  LEFT JOIN cell AS l ON l.id = r.like AND l.kind = r.kind
  WHERE t.is_new
  ORDER BY t.at;

  IF true = ANY (is_back) THEN
    INSERT INTO cell (id, code, community_id, name, kind, households, geom, use, owner_id, maintainer_id, name_en, source, is_derived)
    SELECT
      t.id, r.code, r.community_id, r.name, r.kind, r.households, t.shape,
      coalesce(w.use, ''), r.owner_id, r.maintainer_id, coalesce(w.name_en, ''), coalesce(w.source, ''), coalesce(w.is_derived, false)
    FROM unnest(keys, ids, is_back, shapes) AS t (key, id, is_back, shape)
    JOIN jsonb_to_recordset(cells) AS r (
      key text, community_id bigint, name text, kind text, households integer, code text, owner_id bigint, maintainer_id bigint
    ) ON r.key = t.key
    LEFT JOIN vanished_cell AS w ON w.cell_id = t.id
    WHERE t.is_back;
  END IF;
  UPDATE grid_transaction
  SET load_reason = known.load_reason, renumber_reason = known.renumber_reason
  WHERE xid = known.xid;
  DELETE FROM cell AS c
  USING unnest(ids, shapes) AS t (id, shape)
  WHERE c.id = t.id AND t.shape IS NULL;

  SELECT array_agg(c.geom ORDER BY t.at), array_agg(c.community_id ORDER BY t.at)
  INTO after, after_communities
  FROM unnest(ids) WITH ORDINALITY AS t (id, at)
  LEFT JOIN cell AS c ON c.id = t.id;
  PERFORM prove_seamless(ids, before, after, known.extent_reason IS NOT NULL);
  -- Every cell counts as edited: one that got only a corner has a version of its own, so that the edition can
  -- be restored bit for bit.
  PERFORM keep_versions(ids, ids, NULL, NULL, '{}');
  PERFORM keep_outlines(before, before_communities, after, after_communities);
  UPDATE grid_transaction SET is_writing = false WHERE xid = known.xid;

  RETURN QUERY
  SELECT t.key, t.id, c.code::text, (extract(epoch FROM c.updated_at) * 1000000)::bigint
  FROM unnest(keys, ids) AS t (key, id)
  LEFT JOIN cell AS c ON c.id = t.id;
END
$$;
COMMENT ON FUNCTION core.publish_cells(jsonb, boolean) IS 'Write cells as a draft or an earlier edition has them, proven seamless as a whole. 发布网格';

-- Ground that changed hands, for all that stands on it -----------------------------------------------------
CREATE FUNCTION core.note_regrid() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, public, pg_temp SET jit = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  known core.grid_transaction;
BEGIN
  SELECT t.*
  INTO known
  FROM grid_transaction AS t
  WHERE t.xid = pg_current_xact_id();
  IF known.edition_id IS NULL OR (known.load_reason IS NOT NULL AND known.load_reason <> 'restored') THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO regrid_ground (edition_id, box, changed_hands, assets_done_at)
    SELECT known.edition_id, g.box, g.changed_hands, CASE WHEN NOT known.defers_regrid OR NOT g.changed_hands THEN now() END
    FROM (
      SELECT ST_Envelope(ST_Transform(d.geom, 3857)) AS box, true AS changed_hands
      FROM old_rows AS o
      JOIN new_rows AS n ON n.id = o.id AND NOT ST_OrderingEquals(n.geom, o.geom)
      CROSS JOIN LATERAL ST_Dump(ST_SymDifference(o.geom, n.geom)) AS d
      WHERE ST_Dimension(d.geom) = 2
      UNION ALL
      SELECT ST_Envelope(n.geom_3857), false
      FROM old_rows AS o
      JOIN new_rows AS n ON n.id = o.id AND n.code <> o.code
    ) AS g
    WHERE ST_GeometryType(g.box) = 'ST_Polygon';
  ELSIF TG_OP = 'INSERT' THEN
    INSERT INTO regrid_ground (edition_id, box, changed_hands, assets_done_at)
    SELECT known.edition_id, ST_Envelope(n.geom_3857), true, CASE WHEN NOT known.defers_regrid THEN now() END
    FROM new_rows AS n;
  ELSE
    -- What stood on a vanished cell is moved at once (core.recell).
    INSERT INTO regrid_ground (edition_id, box, changed_hands, assets_done_at)
    SELECT known.edition_id, ST_Envelope(o.geom_3857), true, now()
    FROM old_rows AS o;
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION core.note_regrid() FROM PUBLIC;

-- l_: after the grid's own triggers, which open the edition.
CREATE TRIGGER l_note_regrid_inserted AFTER INSERT ON cell REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.note_regrid();
CREATE TRIGGER l_note_regrid_updated AFTER UPDATE ON cell REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.note_regrid();
CREATE TRIGGER l_note_regrid_deleted AFTER DELETE ON cell REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.note_regrid();

-- A cell that an edition brought back was away for a while: no fault.
CREATE OR REPLACE FUNCTION core.unsound_versions() RETURNS TABLE (cell_id bigint, fault text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
  SELECT v.cell_id, 'hole or overlap in time'
  FROM (
    SELECT
      o.cell_id, o.valid,
      lead(o.valid) OVER later AS following,
      lead(o.edition_id) OVER later AS edition_id
    FROM cell_version AS o
    WINDOW later AS (PARTITION BY o.cell_id ORDER BY lower(o.valid))
  ) AS v
  WHERE v.following IS NOT NULL
    AND upper(v.valid) IS DISTINCT FROM lower(v.following)
    AND NOT (
      upper(v.valid) < lower(v.following)
      AND EXISTS (SELECT FROM restoration AS r WHERE r.edition_id = v.edition_id)
    )
  UNION ALL
  SELECT coalesce(c.id, v.cell_id), 'last version differs from the cell'
  FROM cell AS c
  FULL JOIN (
    SELECT o.cell_id, o.code, o.community_id, o.name, o.kind, o.owner_id, o.maintainer_id, o.households, o.geom
    FROM cell_version AS o
    WHERE upper_inf(o.valid)
  ) AS v ON v.cell_id = c.id
  WHERE NOT coalesce(ST_OrderingEquals(c.geom, v.geom), false)
    OR (c.code, c.community_id, c.name, c.kind, c.owner_id, c.maintainer_id, c.households)
      IS DISTINCT FROM
      (v.code, v.community_id, v.name, v.kind, v.owner_id, v.maintainer_id, v.households)
$$;

DO $$
DECLARE
  private_function regprocedure;
BEGIN
  FOREACH private_function IN ARRAY ARRAY[
    'core.publish_cells(jsonb, boolean)', 'core.prove_seamless(bigint[], geometry[], geometry[], boolean)'
  ]::regprocedure[] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', private_function);
    IF to_regrole('geogrid_app') IS NOT NULL THEN
      EXECUTE format('REVOKE ALL ON FUNCTION %s FROM geogrid_app', private_function);
    END IF;
  END LOOP;
  IF to_regrole('geogrid_app') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION core.publish_cells(jsonb, boolean) TO geogrid_app;
  END IF;
END
$$;

-- The edition that this transaction writes to; null when it writes to none.
CREATE FUNCTION core.edition_of_transaction() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
  SELECT edition_id
  FROM grid_transaction
  WHERE xid = pg_current_xact_id() AND started_at = transaction_timestamp()
$$;
