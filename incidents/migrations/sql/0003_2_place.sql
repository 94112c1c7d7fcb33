-- Where an incident lies and who answers for it, derived from its point by the database.

-- The city's own code stands for incidents whose cell is not known: the district has them.
CREATE FUNCTION core.county_code() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
  SELECT c.county_code
  FROM city AS c
$$;

CREATE FUNCTION core.border_reach_m() RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 5;
COMMENT ON FUNCTION core.border_reach_m() IS 'Within so many metres of a border the cells on both sides are shown.';

CREATE FUNCTION core.asset_reach_m() RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 15;
COMMENT ON FUNCTION core.asset_reach_m() IS 'A report of a class of assets means the nearest one of that class within so many metres.';

-- The cell that holds a point, its version in force, and the other cells within reach of the border, nearest
-- first. All null outside the grid; a cell within reach is named there too. PL/pgSQL keeps its plans: as a
-- plain SQL function it would be planned anew for every report.
CREATE FUNCTION core.place_of(
  place geometry,
  OUT cell_id bigint,
  OUT unit_code text,
  OUT cell_name text,
  OUT cell_version_id bigint,
  OUT border_unit_codes text[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  place_of.cell_id := core.cell_at(place);
  SELECT c.code, c.name, v.id
  INTO place_of.unit_code, place_of.cell_name, place_of.cell_version_id
  FROM cell AS c
  LEFT JOIN cell_version AS v ON v.cell_id = c.id AND upper_inf(v.valid)
  WHERE c.id = place_of.cell_id;
  SELECT coalesce(array_agg(n.code ORDER BY n.distance_m, n.code), '{}')
  INTO place_of.border_unit_codes
  FROM core.cells_within(place, core.border_reach_m()) AS n
  WHERE n.cell_id IS DISTINCT FROM place_of.cell_id;
END
$$;
COMMENT ON FUNCTION core.place_of(geometry) IS 'Cell and version that hold a point (longitude, latitude), and the cells beyond the border within 5 m.';

-- Who answers in a unit at a moment. Somebody always does: when nobody at all is on duty, the person whose
-- duty it is but who is off shift, the smallest unit first; then an administrator. Those have level FALLBACK.
CREATE FUNCTION core.cell_worker(
  unit text,
  moment timestamptz,
  OUT user_id bigint,
  OUT level text,
  OUT is_substitute boolean,
  OUT duty_unit_code text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  answering constant text := coalesce(nullif(unit, ''), core.county_code());
BEGIN
  SELECT d.user_id, d.level, d.is_substitute, d.unit_code
  INTO cell_worker.user_id, cell_worker.level, cell_worker.is_substitute, cell_worker.duty_unit_code
  FROM core.on_duty(answering, moment) AS d
  LIMIT 1;
  IF cell_worker.user_id IS NOT NULL THEN
    RETURN;
  END IF;

  cell_worker.level := 'FALLBACK';
  cell_worker.is_substitute := false;
  SELECT d.user_id, a.unit_code
  INTO cell_worker.user_id, cell_worker.duty_unit_code
  FROM duty_area AS a
  JOIN duty AS d ON d.id = a.duty_id
  JOIN user_account AS u ON u.id = d.user_id AND u.is_active
  WHERE a.unit_code = ANY (core.unit_prefixes(answering))
    AND d.role IN ('grid_worker', 'supervisor', 'inspector', 'operator', 'dispatcher', 'commander')
    AND d.valid_from <= moment
    AND (d.valid_to IS NULL OR d.valid_to > moment)
  ORDER BY length(a.unit_code) DESC, d.id
  LIMIT 1;
  IF cell_worker.user_id IS NOT NULL THEN
    RETURN;
  END IF;

  SELECT found.user_id
  INTO cell_worker.user_id
  FROM (
    SELECT m.user_id, 1 AS rank, m.id
    FROM membership AS m
    JOIN user_account AS u ON u.id = m.user_id AND u.is_active
    WHERE m.role = 'administrator'
      AND m.valid_from <= greatest(moment, now())
      AND (m.valid_to IS NULL OR m.valid_to > moment)
    UNION ALL
    SELECT u.id, 2, u.id
    FROM user_account AS u
    WHERE u.is_active AND u.is_superuser
  ) AS found
  ORDER BY found.rank, found.id
  LIMIT 1;
  IF cell_worker.user_id IS NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = 'There is nobody who could have this incident: no duty and no administrator',
      HINT = 'Import the people and their duties first.';
  END IF;
END
$$;
COMMENT ON FUNCTION core.cell_worker(text, timestamptz) IS 'Who answers for a unit at a moment; never nobody. Level FALLBACK: nobody was on duty.';

-- Everything derived follows the point and nothing else.
CREATE FUNCTION core.derive_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.point IS NOT DISTINCT FROM NEW.point THEN
    NEW.geom_3857 := OLD.geom_3857;
    NEW.unit_code := OLD.unit_code;
    NEW.cell_version_id := OLD.cell_version_id;
    NEW.border_unit_codes := OLD.border_unit_codes;
    RETURN NEW;
  END IF;
  NEW.unit_code := '';
  NEW.cell_version_id := NULL;
  NEW.border_unit_codes := '{}';
  NEW.geom_3857 := ST_Transform(NEW.point, 3857);
  IF NEW.point IS NOT NULL THEN
    SELECT coalesce(p.unit_code, ''), p.cell_version_id, p.border_unit_codes
    INTO NEW.unit_code, NEW.cell_version_id, NEW.border_unit_codes
    FROM core.place_of(NEW.point) AS p;
  END IF;
  IF TG_OP = 'INSERT' AND NEW.cell_worker_id IS NULL THEN
    SELECT w.user_id, w.level, w.is_substitute, w.user_id
    INTO NEW.cell_worker_id, NEW.worker_level, NEW.worker_is_substitute, NEW.rostered_id
    FROM core.cell_worker(NEW.unit_code, NEW.reported_at) AS w;
    NEW.holder_id := coalesce(NEW.holder_id, NEW.cell_worker_id);
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER incident_1_place
BEFORE INSERT OR UPDATE OF point, geom_3857, unit_code, cell_version_id, border_unit_codes ON incident
FOR EACH ROW EXECUTE FUNCTION core.derive_place();

ALTER TABLE incident
  ADD CONSTRAINT incident_point_is_on_earth
  CHECK (point IS NULL OR (NOT ST_IsEmpty(point) AND ST_X(point) BETWEEN -180 AND 180 AND ST_Y(point) BETWEEN -85 AND 85));

-- For the live feed and for history ---------------------------------------------------------------------
CREATE FUNCTION core.incident_units(unit text, border text[]) RETURNS text[]
LANGUAGE sql STABLE
AS $$
  SELECT coalesce(nullif(unit, ''), core.county_code()) || border
$$;

CREATE FUNCTION core.record_incident_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM core.record_change('incident', TG_OP, array_agg(DISTINCT n.number::text), '{}', array_agg(DISTINCT u.code), ST_SetSRID(ST_Extent(n.geom_3857)::geometry, 3857))
    FROM new_rows AS n
    CROSS JOIN LATERAL unnest(core.incident_units(n.unit_code, n.border_unit_codes::text[])) AS u (code)
    HAVING count(*) > 0;
  ELSE
    PERFORM core.record_change('incident', TG_OP, b.numbers, b.units_before, b.units_after, b.extent)
    FROM (
      SELECT
        array_agg(DISTINCT r.number::text) AS numbers,
        array_agg(DISTINCT u.code) FILTER (WHERE r.is_before) AS units_before,
        array_agg(DISTINCT u.code) FILTER (WHERE NOT r.is_before) AS units_after,
        ST_SetSRID(ST_Extent(r.geom_3857)::geometry, 3857) AS extent
      FROM (
        SELECT o.number, o.unit_code, o.border_unit_codes, o.geom_3857, true AS is_before
        FROM old_rows AS o
        UNION ALL
        SELECT n.number, n.unit_code, n.border_unit_codes, n.geom_3857, false
        FROM new_rows AS n
      ) AS r
      CROSS JOIN LATERAL unnest(core.incident_units(r.unit_code, r.border_unit_codes::text[])) AS u (code)
    ) AS b
    WHERE b.numbers IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER incident_8_change_insert
AFTER INSERT ON incident
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.record_incident_change();

CREATE TRIGGER incident_8_change_update
AFTER UPDATE ON incident
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.record_incident_change();

CREATE TRIGGER incident_9_history_update
AFTER UPDATE ON incident
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();

CREATE TRIGGER incident_9_history_delete
AFTER DELETE ON incident
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
