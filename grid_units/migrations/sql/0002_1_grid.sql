-- The ground that the guard, the versions and the outlines stand on: the grid step, the one lock,
-- what is known about the transaction that edits the grid, and the permits of the named actions.

CREATE SCHEMA IF NOT EXISTS core;

-- A power of two is the same bits in SQL, Python and JavaScript; decimal rounding is not.
CREATE FUNCTION core.grid_step() RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN power(2::double precision, -27);

COMMENT ON FUNCTION core.grid_step() IS 'Corners of cells are multiples of this many degrees (0.83 mm at most).';

-- One row per transaction that edits the grid. Only functions of the owner can write it, so nothing in it
-- can be forged from QGIS, as a session setting could. The start time stands beside the xid because xids
-- start anew in a restored cluster.
CREATE UNLOGGED TABLE core.grid_transaction (
  xid xid8 PRIMARY KEY,
  started_at timestamptz NOT NULL,
  moment timestamptz,
  edition_id bigint,
  extent_reason text,
  load_reason text,
  renumber_reason text,
  is_writing boolean NOT NULL DEFAULT false
);
REVOKE ALL ON core.grid_transaction FROM PUBLIC;

-- Every edit takes this lock before any row lock, so two edits cannot wait for each other.
CREATE FUNCTION core.lock_grid() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'feature_not_supported',
      MESSAGE = 'Grid edits need READ COMMITTED or SERIALIZABLE',
      HINT = 'In REPEATABLE READ the neighbours would be seen as they were before the lock was taken.';
  END IF;
  PERFORM pg_advisory_xact_lock(72101, 1);
  PERFORM 1
  FROM grid_transaction
  WHERE xid = pg_current_xact_id() AND started_at = transaction_timestamp();
  IF NOT FOUND THEN
    -- Under SERIALIZABLE a row deleted by another would end in 40001: left for the next plain edit.
    IF current_setting('transaction_isolation') = 'read committed' THEN
      DELETE FROM grid_transaction;
    END IF;
    INSERT INTO grid_transaction (xid, started_at)
    VALUES (pg_current_xact_id(), transaction_timestamp());
  END IF;
END
$$;

CREATE FUNCTION core.grid_is_writing() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
  SELECT EXISTS (
    SELECT
    FROM grid_transaction
    WHERE xid = pg_current_xact_id() AND started_at = transaction_timestamp() AND is_writing
  )
$$;

CREATE FUNCTION core.refuse_edit(message text, hint text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'check_violation',
    MESSAGE = message,
    HINT = hint;
END
$$;

-- Named actions --------------------------------------------------------------------------------------
-- The application has checked the role of its user before it calls one of these; nobody else may call
-- them but members of the owner. EXECUTE is withdrawn from all others as well: two bolts on one door.
CREATE FUNCTION core.require_named_action() RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
  IF session_user <> 'geogrid_app'
    AND NOT pg_has_role(
      session_user,
      (SELECT relowner FROM pg_class WHERE oid = 'public.cell'::regclass),
      'MEMBER'
    )
  THEN
    RAISE EXCEPTION USING
      ERRCODE = 'insufficient_privilege',
      MESSAGE = format('%s may not permit this: it is a named action of GeoGrid', session_user),
      HINT = 'Ask an administrator to do it in GeoGrid.';
  END IF;
END
$$;

CREATE FUNCTION core.permit_extent_change(reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
BEGIN
  PERFORM require_named_action();
  PERFORM lock_grid();
  UPDATE grid_transaction
  SET extent_reason = reason
  WHERE xid = pg_current_xact_id();
END
$$;

CREATE FUNCTION core.permit_first_load(reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
BEGIN
  PERFORM require_named_action();
  PERFORM lock_grid();
  IF EXISTS (SELECT FROM cell) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = 'The grid is not empty: cells can be loaded unchecked only into an empty grid',
      HINT = 'Change the cells that differ instead.';
  END IF;
  UPDATE grid_transaction
  SET load_reason = reason
  WHERE xid = pg_current_xact_id();
END
$$;

CREATE FUNCTION core.permit_renumbering(reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
BEGIN
  PERFORM require_named_action();
  PERFORM lock_grid();
  UPDATE grid_transaction
  SET renumber_reason = reason
  WHERE xid = pg_current_xact_id();
END
$$;

COMMENT ON FUNCTION core.permit_extent_change(text) IS 'Let this transaction move the outer boundary of the grid.';
COMMENT ON FUNCTION core.permit_first_load(text) IS 'Let this transaction fill the empty grid, gaps and overlaps as they are.';
COMMENT ON FUNCTION core.permit_renumbering(text) IS 'Let this transaction give cells other codes; a concordance is written.';

-- Geometry -------------------------------------------------------------------------------------------
-- Border segments of a polygon: the segment in canonical direction, and +1 or -1 for its direction on the
-- counter-clockwise ring. Two neighbours hold the same segment with opposite signs, so it cancels.
CREATE FUNCTION core.grid_segments(shape geometry)
RETURNS TABLE (segment geometry, direction integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT n.segment, CASE WHEN ST_OrderingEquals(n.segment, d.geom) THEN 1 ELSE -1 END
  FROM ST_DumpSegments(ST_ForcePolygonCCW(shape)) AS d
  CROSS JOIN LATERAL (SELECT ST_Normalize(d.geom) AS segment OFFSET 0) AS n
$$;

-- Square metres on a sphere: for thresholds and messages only.
CREATE FUNCTION core.grid_m2(shape geometry) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE
    WHEN ST_IsEmpty(shape) THEN 0
    ELSE ST_Area(shape) * 12364154000.0 * cos(radians(ST_YMin(shape)))
  END
$$;

CREATE FUNCTION core.grid_place(shape geometry) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce(round(ST_X(p)::numeric, 6) || ' ' || round(ST_Y(p)::numeric, 6), '(nowhere)')
  FROM ST_PointOnSurface(shape) AS p
$$;

-- Does a face belong to a polygon? By its inner point; a sliver, which rounding may have bent away from
-- its inner point, by the larger part of its area.
CREATE FUNCTION core.grid_holds(shape geometry, face geometry, inner_point geometry, is_thin boolean)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE
    WHEN is_thin THEN shape && face AND ST_Area(ST_Intersection(shape, face)) > ST_Area(face) / 2
    ELSE shape && inner_point AND ST_Covers(shape, inner_point)
  END
$$;
