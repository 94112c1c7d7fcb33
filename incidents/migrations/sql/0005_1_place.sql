-- Place and signature for reports that are written together.

-- Who acts is named by the transaction, so that no step can be signed for somebody else. The intake writes
-- steps of several people at once; its function runs as the owner, as whom the application cannot log in.
CREATE OR REPLACE FUNCTION core.sign_step() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  NEW.xid := pg_current_xact_id();
  IF session_user <> 'geogrid_app' OR current_user <> 'geogrid_owner' OR NEW.actor IS NULL THEN
    NEW.actor := core.actor();
  END IF;
  RETURN NEW;
END
$$;

-- The cell that holds a point, its version in force, and the other cells within reach of the border, nearest
-- first. All null outside the grid; a cell within reach is named there too. Distances are worked out only
-- where more than one cell comes near. PL/pgSQL keeps its plans: a plain SQL function would be planned anew.
CREATE OR REPLACE FUNCTION core.place_of(
  place geometry,
  OUT cell_id bigint,
  OUT unit_code text,
  OUT cell_name text,
  OUT cell_version_id bigint,
  OUT border_unit_codes text[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  -- In degrees and a little too large, as in core.cells_within.
  reach_y constant double precision := core.border_reach_m() / 110000;
  reach_x constant double precision := core.border_reach_m() / (111000 * cos(radians(least(89, abs(ST_Y(place)) + 0.0001))));
BEGIN
  -- On a border the cell with the lower id answers (core.cell_at).
  SELECT c.id, c.code, c.name, v.id
  INTO place_of.cell_id, place_of.unit_code, place_of.cell_name, place_of.cell_version_id
  FROM cell AS c
  LEFT JOIN cell_version AS v ON v.cell_id = c.id AND upper_inf(v.valid)
  WHERE ST_Intersects(c.geom, place)
  ORDER BY c.id
  LIMIT 1;
  place_of.border_unit_codes := '{}';
  IF EXISTS (
    SELECT
    FROM cell AS c
    WHERE c.geom && ST_Expand(place, reach_x, reach_y)
      AND c.id IS DISTINCT FROM place_of.cell_id
  ) THEN
    SELECT coalesce(array_agg(n.code ORDER BY n.distance_m, n.code), '{}')
    INTO place_of.border_unit_codes
    FROM core.cells_within(place, core.border_reach_m()) AS n
    WHERE n.cell_id IS DISTINCT FROM place_of.cell_id;
  END IF;
END
$$;

DROP TRIGGER incident_1_place ON incident;

-- core.report_many has derived all this for many reports at once. It runs as the owner, as whom the application
-- cannot log in: a row that anybody inserts otherwise gets what the database derives.
CREATE TRIGGER incident_1_place_insert
BEFORE INSERT ON incident
FOR EACH ROW
WHEN (NOT (session_user = 'geogrid_app' AND current_user = 'geogrid_owner' AND NEW.cell_worker_id IS NOT NULL))
EXECUTE FUNCTION core.derive_place();

CREATE TRIGGER incident_1_place_update
BEFORE UPDATE OF point, geom_3857, unit_code, cell_version_id, border_unit_codes ON incident
FOR EACH ROW EXECUTE FUNCTION core.derive_place();
