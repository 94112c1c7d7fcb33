-- The triggers of public.cell: lock, row, statement.
--
-- Names begin with a_grid: triggers fire by name, and those of other rooms shall see what the grid decided.
-- The guard's own writing fires them again; the functions then stand aside (core.grid_is_writing).

CREATE FUNCTION core.cell_lock() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM lock_grid();
    PERFORM 1
    FROM grid_transaction
    WHERE xid = pg_current_xact_id() AND extent_reason IS NOT NULL;
    IF NOT FOUND THEN
      PERFORM refuse_edit('The grid cannot be emptied', 'Only the action "change extent" takes ground away.');
    END IF;
  ELSIF NOT grid_is_writing() THEN
    PERFORM lock_grid();
  END IF;
  RETURN NULL;
END
$$;

-- One row: code, outline on the grid, and what follows from the outline.
CREATE FUNCTION core.cell_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
DECLARE
  step constant double precision := core.grid_step();
  shape geometry;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.community_id IS NULL AND NEW.geom IS NOT NULL THEN
      -- Drawn in QGIS without a community: that of the cell whose ground it is.
      SELECT c.community_id
      INTO NEW.community_id
      FROM cell AS c
      WHERE c.id = core.cell_at(ST_PointOnSurface(NEW.geom));
    END IF;
    NEW.code := core.cell_code(NEW.code, NULL, NEW.community_id, NULL);
    NEW.created_at := coalesce(NEW.created_at, now());
  ELSE
    IF NEW.id <> OLD.id THEN
      PERFORM refuse_edit(
        format('The id of cell %s cannot be changed', OLD.code),
        'Change its name or outline instead.');
    END IF;
    IF NEW.code IS DISTINCT FROM OLD.code OR NEW.community_id IS DISTINCT FROM OLD.community_id THEN
      NEW.code := core.cell_code(NEW.code, OLD.code, NEW.community_id, OLD.community_id);
    END IF;
    NEW.created_at := OLD.created_at;
  END IF;
  NEW.updated_at := now();
  IF TG_OP = 'UPDATE' AND ST_OrderingEquals(NEW.geom, OLD.geom) THEN
    NEW.geom_3857 := OLD.geom_3857;
    NEW.area_m2 := OLD.area_m2;
    RETURN NEW;
  END IF;

  IF NEW.geom IS NULL OR ST_IsEmpty(NEW.geom) THEN
    PERFORM refuse_edit(
      format('Cell %s has no outline%s', NEW.code,
        CASE WHEN TG_OP = 'UPDATE' THEN '; it had one near ' || grid_place(OLD.geom) ELSE '' END),
      'Delete the cell instead: its ground goes to the neighbours.');
  END IF;
  shape := NEW.geom;
  IF NOT ST_IsValid(shape) THEN
    -- Rounding in a client folds thin spikes: forgiven when less than 1 m2 is lost.
    SELECT d.geom
    INTO shape
    FROM ST_MakeValid(NEW.geom) AS mended
    CROSS JOIN LATERAL ST_Dump(mended) AS d
    WHERE ST_Dimension(d.geom) = 2 AND grid_m2(mended) - grid_m2(d.geom) < 1
    ORDER BY ST_Area(d.geom) DESC
    LIMIT 1;
    IF shape IS NULL THEN
      PERFORM refuse_edit(
        format('Cell %s is not a valid outline: %s', NEW.code, ST_IsValidReason(NEW.geom)),
        'Draw the border so that it does not cross itself.');
    END IF;
  END IF;
  NEW.geom := ST_SnapToGrid(shape, step);
  IF NEW.geom IS NULL OR NOT ST_IsValid(NEW.geom) THEN
    -- A spike or neck thinner than the grid. This may leave two pieces, which the next test refuses.
    shape := ST_ReducePrecision(shape, step);
    IF ST_GeometryType(shape) = 'ST_Polygon' THEN
      NEW.geom := shape;
    ELSE
      NEW.geom := NULL;
    END IF;
  END IF;
  IF NEW.geom IS NULL OR ST_IsEmpty(NEW.geom) OR grid_m2(NEW.geom) < 1 THEN
    PERFORM refuse_edit(
      format('Cell %s would be smaller than 1 m2 or narrower than 1 mm near %s', NEW.code, grid_place(shape)),
      'Delete the cell instead: its ground goes to the neighbours.');
  END IF;
  NEW.geom_3857 := ST_Transform(NEW.geom, 3857);
  NEW.area_m2 := ST_Area(NEW.geom::geography);
  RETURN NEW;
END
$$;

-- One statement: fit the edit to its neighbours, keep versions and outlines, write.
CREATE FUNCTION core.cell_statement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
SET jit = off
SET plan_cache_mode = force_generic_plan  -- planning each statement anew took a third of the time
AS $$
DECLARE
  known core.grid_transaction;
  edited bigint[];
  before geometry[];
  after geometry[];
  before_communities bigint[];
  after_communities bigint[];
  codes text[];
  reshaped bigint[];
  fit core.grid_fit;
BEGIN
  SELECT t.*
  INTO known
  FROM grid_transaction AS t
  WHERE t.xid = pg_current_xact_id();
  IF known.is_writing THEN
    RETURN NULL;
  END IF;

  IF TG_OP = 'INSERT' THEN
    SELECT
      array_agg(n.id), array_agg(NULL::geometry), array_agg(n.geom),
      array_agg(NULL::bigint), array_agg(n.community_id), array_agg(n.code)
    INTO edited, before, after, before_communities, after_communities, codes
    FROM new_cells AS n;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT
      array_agg(o.id), array_agg(o.geom), array_agg(NULL::geometry),
      array_agg(o.community_id), array_agg(NULL::bigint), array_agg(o.code)
    INTO edited, before, after, before_communities, after_communities, codes
    FROM old_cells AS o;
  ELSE
    SELECT
      array_agg(n.id), array_agg(o.geom), array_agg(n.geom),
      array_agg(o.community_id), array_agg(n.community_id), array_agg(n.code)
    INTO edited, before, after, before_communities, after_communities, codes
    FROM new_cells AS n
    JOIN old_cells AS o ON o.id = n.id;
    INSERT INTO concordance (cell_id, old_code, new_code, reason, actor, at)
    SELECT n.id, o.code, n.code, coalesce(known.renumber_reason, 'moved to another community'), core.actor(), now()
    FROM new_cells AS n
    JOIN old_cells AS o ON o.id = n.id
    WHERE n.code <> o.code;
  END IF;
  IF edited IS NULL THEN
    RETURN NULL;
  END IF;

  IF known.load_reason IS NOT NULL AND TG_OP = 'INSERT' THEN
    PERFORM keep_versions(edited, edited, NULL, NULL, '{}');
    UPDATE grid_transaction SET is_writing = true WHERE xid = known.xid;
    PERFORM rebuild_outlines((SELECT array_agg(DISTINCT m.unit_id) FROM units_of(after_communities) AS m));
    UPDATE grid_transaction SET is_writing = false WHERE xid = known.xid;
    RETURN NULL;
  END IF;

  SELECT array_agg(e.i)
  INTO reshaped
  FROM unnest(before, after) WITH ORDINALITY AS e (before, after, i)
  WHERE e.before IS NULL OR e.after IS NULL OR NOT ST_OrderingEquals(e.before, e.after);
  IF reshaped IS NOT NULL THEN
    SELECT f.*
    INTO fit
    FROM (
      SELECT
        array_agg(edited[i]) AS ids, array_agg(before[i]) AS before, array_agg(after[i]) AS after,
        array_agg(coalesce(before_communities[i], after_communities[i])) AS communities,
        array_agg(codes[i]) AS codes
      FROM unnest(reshaped) AS i
    ) AS e
    CROSS JOIN LATERAL core.fit_cells(
      e.ids, e.before, e.after, e.communities, e.codes, known.extent_reason IS NOT NULL
    ) AS f;
  END IF;
  -- Versions before the writing: triggers of other rooms that fire on it find them in place.
  PERFORM keep_versions(
    edited || array(SELECT f FROM unnest(fit.cell_ids) AS f WHERE f <> ALL (edited)),
    edited, fit.cell_ids, fit.after, coalesce(fit.absorbed, '{}'));

  -- Every cell whose outline or community changed, as it was and as it will be.
  SELECT array_agg(u.before), array_agg(u.before_community), array_agg(u.after), array_agg(u.after_community)
  INTO before, before_communities, after, after_communities
  FROM (
    SELECT
      coalesce(f.before, e.before) AS before,
      coalesce(e.before_community, f.community) AS before_community,
      CASE WHEN f.id IS NULL THEN e.after ELSE f.after END AS after,
      coalesce(e.after_community, f.community) AS after_community
    FROM unnest(edited, before, before_communities, after, after_communities)
      AS e (id, before, before_community, after, after_community)
    FULL JOIN unnest(fit.cell_ids, fit.communities, fit.before, fit.after)
      AS f (id, community, before, after) ON f.id = e.id
  ) AS u
  WHERE u.before IS NULL OR u.after IS NULL
    OR u.before_community <> u.after_community
    OR NOT ST_OrderingEquals(u.before, u.after);
  IF fit.cell_ids IS NULL AND before IS NULL THEN
    RETURN NULL;
  END IF;
  UPDATE grid_transaction SET is_writing = true WHERE xid = known.xid;
  -- Also when nothing changed in the end: the edit itself may have to be undone.
  PERFORM write_fit(fit);
  IF before IS NOT NULL THEN
    PERFORM keep_outlines(before, before_communities, after, after_communities);
  END IF;
  UPDATE grid_transaction SET is_writing = false WHERE xid = known.xid;
  RETURN NULL;
END
$$;

CREATE FUNCTION core.write_fit(fit core.grid_fit) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  UPDATE cell AS c
  SET geom = f.shape
  FROM unnest(fit.cell_ids, fit.after) AS f (id, shape)
  WHERE c.id = f.id AND NOT ST_OrderingEquals(c.geom, f.shape);
  IF fit.absorbed <> '{}' THEN
    DELETE FROM cell
    WHERE id = ANY (fit.absorbed);
  END IF;
END
$$;

-- Emptied by permit: every version ends, every outline goes.
CREATE FUNCTION core.cell_emptied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
BEGIN
  UPDATE cell_version
  SET valid = tstzrange(lower(valid), core.grid_moment())
  WHERE upper_inf(valid);
  UPDATE grid_transaction SET is_writing = true WHERE xid = pg_current_xact_id();
  UPDATE grid_unit
  SET geom = NULL, geom_3857 = NULL
  WHERE geom IS NOT NULL;
  UPDATE grid_transaction SET is_writing = false WHERE xid = pg_current_xact_id();
  RETURN NULL;
END
$$;

CREATE TRIGGER a_grid_1_lock
BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cell
FOR EACH STATEMENT EXECUTE FUNCTION core.cell_lock();

CREATE TRIGGER a_grid_2_row
BEFORE INSERT OR UPDATE ON public.cell
FOR EACH ROW EXECUTE FUNCTION core.cell_row();

CREATE TRIGGER a_grid_3_insert
AFTER INSERT ON public.cell
REFERENCING NEW TABLE AS new_cells
FOR EACH STATEMENT EXECUTE FUNCTION core.cell_statement();

CREATE TRIGGER a_grid_3_update
AFTER UPDATE ON public.cell
REFERENCING OLD TABLE AS old_cells NEW TABLE AS new_cells
FOR EACH STATEMENT EXECUTE FUNCTION core.cell_statement();

CREATE TRIGGER a_grid_3_delete
AFTER DELETE ON public.cell
REFERENCING OLD TABLE AS old_cells
FOR EACH STATEMENT EXECUTE FUNCTION core.cell_statement();

CREATE TRIGGER a_grid_4_emptied
AFTER TRUNCATE ON public.cell
FOR EACH STATEMENT EXECUTE FUNCTION core.cell_emptied();
