-- Open incidents on ground that changed hands get their cell anew, in batches; finished ones keep theirs.

-- What follows from the point is the database's: only a function of the owner may write it otherwise.
DROP TRIGGER incident_1_place_update ON incident;
CREATE TRIGGER incident_1_place_update
BEFORE UPDATE OF point, geom_3857, unit_code, cell_version_id, border_unit_codes ON incident
FOR EACH ROW
WHEN (current_user <> 'geogrid_owner' OR session_user NOT IN ('geogrid_app', 'geogrid_owner') OR OLD.point IS DISTINCT FROM NEW.point)
EXECUTE FUNCTION core.derive_place();

INSERT INTO incident_transition (move, from_stage, to_stage)
VALUES
  ('regrid', 'REPORTED', 'REPORTED'),
  ('regrid', 'FILED', 'FILED'),
  ('regrid', 'DISPATCHED', 'DISPATCHED'),
  ('regrid', 'HANDLING', 'HANDLING'),
  ('regrid', 'HANDLED', 'HANDLED'),
  ('regrid', 'VERIFIED', 'VERIFIED');
INSERT INTO incident_move_axis (axis, move)
VALUES ('place', 'regrid');

CREATE FUNCTION core.regrid_incidents(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
DECLARE
  of_edition bigint;
  ground_ids bigint[];
  boxes geometry[];
BEGIN
  SELECT min(g.edition_id) INTO of_edition FROM regrid_ground AS g WHERE g.incidents_done_at IS NULL;
  IF of_edition IS NULL THEN
    RETURN 0;
  END IF;
  -- Wider by the reach of a border, at the scale of the map's projection.
  SELECT array_agg(d.id), array_agg(ST_Expand(d.box, core.border_reach_m() * 1.1 / cos(radians(least(80, abs(ST_YMax(ST_Transform(d.box, 4326))))))))
  INTO ground_ids, boxes
  FROM (
    SELECT g.id, g.box
    FROM regrid_ground AS g
    WHERE g.incidents_done_at IS NULL AND g.edition_id = of_edition
    ORDER BY g.id
    LIMIT most
    FOR UPDATE SKIP LOCKED
  ) AS d;
  IF ground_ids IS NULL THEN
    RETURN 0;
  END IF;
  WITH near AS MATERIALIZED (
    SELECT i.id, i.unit_code, i.cell_version_id, i.border_unit_codes, i.point, i.stage, i.level
    FROM incident AS i
    WHERE i.id IN (SELECT n.id FROM unnest(boxes) AS b (box) JOIN incident AS n ON n.geom_3857 && b.box)
      AND i.stage IN ('REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLED', 'VERIFIED')
    ORDER BY i.id
    FOR NO KEY UPDATE OF i
  ),
  placed AS MATERIALIZED (
    SELECT n.id, n.unit_code, n.stage, n.level, n.cell_version_id, p.cell_version_id AS new_version_id,
      coalesce(p.unit_code, '') AS new_code, p.border_unit_codes AS new_border
    FROM near AS n
    CROSS JOIN LATERAL core.place_of(n.point) AS p
    WHERE coalesce(p.unit_code, '') <> n.unit_code OR p.border_unit_codes <> n.border_unit_codes::text[]
  ),
  moved AS (
    UPDATE incident AS i
    SET
      unit_code = p.new_code,
      border_unit_codes = p.new_border,
      -- In the same cell it keeps the version that it happened in.
      cell_version_id = CASE WHEN p.new_code = p.unit_code THEN p.cell_version_id ELSE p.new_version_id END
    FROM placed AS p
    WHERE i.id = p.id
  ),
  told AS (
    INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at, details)
    SELECT
      p.id, 'regrid', p.stage, p.stage, p.level, core.actor(), now(),
      jsonb_build_object('from', p.unit_code, 'to', p.new_code, 'edition', of_edition)
    FROM placed AS p
    WHERE p.new_code <> p.unit_code
  )
  INSERT INTO regridded (edition_id, kind, ref, code_before, code_after, version_before, at)
  SELECT of_edition, 'incident', p.id, p.unit_code, p.new_code, p.cell_version_id, now()
  FROM placed AS p
  WHERE p.new_code <> p.unit_code;
  UPDATE regrid_ground SET incidents_done_at = clock_timestamp() WHERE id = ANY (ground_ids);
  RETURN cardinality(ground_ids);
END
$$;
COMMENT ON FUNCTION core.regrid_incidents(integer) IS 'Give open incidents on changed ground their cell, some of them; 0: nothing is left. 案件重新归格';
REVOKE EXECUTE ON FUNCTION core.regrid_incidents(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.regrid_incidents(integer) TO geogrid_app;

-- Where an incident was when it was reported, whatever editions came since: as-was. -----------------------
CREATE FUNCTION core.version_as_was(incident_id bigint, version_now bigint) RETURNS bigint
LANGUAGE sql STABLE
AS $$
  SELECT coalesce(
    (
      SELECT r.version_before
      FROM regridded AS r
      WHERE r.kind = 'incident' AND r.ref = incident_id
      ORDER BY r.id
      LIMIT 1
    ),
    version_now
  )
$$;
