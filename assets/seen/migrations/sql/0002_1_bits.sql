-- Roads in bits of at most five metres, and which of them are to be patrolled.

-- What is derived goes with what it is derived from, whoever deletes that.
DO $do$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT c.conname AS name, c.conrelid::regclass AS child, pg_get_constraintdef(c.oid) AS definition
    FROM pg_constraint AS c
    WHERE c.contype = 'f'
      AND c.conrelid IN (
        'road_cut'::regclass, 'road_bit'::regclass, 'road_bit_last'::regclass, 'asset_last_seen'::regclass,
        'patrol_duty_of_road'::regclass
      )
      AND c.confrelid IN ('road'::regclass, 'road_bit'::regclass, 'asset'::regclass)
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.child, one.name);
    EXECUTE format(
      'ALTER TABLE %s ADD CONSTRAINT %I %s', one.child, one.name,
      replace(one.definition, ' DEFERRABLE INITIALLY DEFERRED', ' ON DELETE CASCADE'));
  END LOOP;
END
$do$;

INSERT INTO patrol_duty_of_kind (kind, is_due, note)
VALUES
  ('motorway', false, 'Nobody walks there 高速公路'),
  ('motorway_link', false, 'Nobody walks there 高速公路匝道'),
  ('trunk', false, 'Nobody walks there 快速路'),
  ('trunk_link', false, 'Nobody walks there 快速路匝道'),
  ('raceway', false, 'Private ground 赛道'),
  ('construction', false, 'Not there yet 在建'),
  ('proposed', false, 'Not there yet 规划'),
  ('corridor', false, 'Inside a building 室内通道'),
  ('elevator', false, 'Inside a building 电梯'),
  ('service/driveway', false, 'Private yard 私人车道'),
  ('service/drive-through', false, 'Private yard 汽车餐厅车道'),
  ('service/parking_aisle', false, 'Private yard 停车场通道');
COMMENT ON TABLE patrol_duty_of_kind IS 'Kinds of streets with and without patrol duty. 道路巡查义务';

CREATE FUNCTION core.road_is_due(asked_id bigint, asked_kind text, attributes jsonb) RETURNS boolean
LANGUAGE sql STABLE
AS $$
  SELECT coalesce(
    (SELECT r.is_due FROM public.patrol_duty_of_road AS r WHERE r.road_id = asked_id),
    (SELECT k.is_due FROM public.patrol_duty_of_kind AS k WHERE k.kind = asked_kind || '/' || (attributes ->> 'service')),
    (SELECT k.is_due FROM public.patrol_duty_of_kind AS k WHERE k.kind = asked_kind),
    true
  )
$$;
COMMENT ON FUNCTION core.road_is_due(bigint, text, jsonb) IS
  'Whether a road is to be patrolled: as decided for it, else for its sort of service road, else for its kind';

-- The length of a bit. Ten metres were planned; with ten the covered share of a small cell is off by up to 2 %, and one
-- per cent is what may be (line B2).
CREATE FUNCTION core.bit_m() RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT 5.0::double precision';

-- Cuts so many roads that stand in no bits yet; how many were. A road that was drawn anew loses the bits of before,
-- and with them who passed them: they are not where they were.
CREATE FUNCTION core.cut_roads(most integer) RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  ids bigint[];
BEGIN
  SELECT array_agg(todo.id)
  INTO ids
  FROM (
    SELECT r.id
    FROM road AS r
    WHERE NOT EXISTS (SELECT FROM road_cut AS c WHERE c.road_id = r.id)
    ORDER BY r.id
    LIMIT most
    FOR UPDATE OF r SKIP LOCKED
  ) AS todo;
  IF ids IS NULL THEN
    RETURN 0;
  END IF;
  DELETE FROM road_bit WHERE road_id = ANY (ids);
  INSERT INTO road_bit (road_id, nr, length_m, middle, geom_3857, cell_id, is_due)
  SELECT
    cut.road_id,
    row_number() OVER (PARTITION BY cut.road_id ORDER BY cut.path, cut.i),
    cut.length_m,
    ST_LineInterpolatePoint(cut.line, (cut.i + 0.5) / cut.bits),
    ST_LineSubstring(cut.line, cut.i::double precision / cut.bits, (cut.i + 1.0) / cut.bits),
    core.cell_at(ST_Transform(ST_LineInterpolatePoint(cut.line, (cut.i + 0.5) / cut.bits), 4326)),
    cut.is_due
  FROM (
    SELECT
      r.id AS road_id,
      part.path,
      ST_Transform(part.geom, 3857) AS line,
      counted.length_m / counted.bits AS length_m,
      counted.bits,
      core.road_is_due(r.id, r.kind, r.attributes) AS is_due,
      generate_series(0, counted.bits - 1) AS i
    FROM road AS r
    CROSS JOIN LATERAL ST_Dump(r.geom) AS part
    CROSS JOIN LATERAL (SELECT ST_Length(part.geom::geography) AS length_m) AS measured
    CROSS JOIN LATERAL (
      SELECT measured.length_m, greatest(1, ceil(measured.length_m / core.bit_m()))::integer AS bits
    ) AS counted
    WHERE r.id = ANY (ids) AND counted.length_m > 0
  ) AS cut;
  INSERT INTO road_cut (road_id) SELECT unnest(ids);
  RETURN cardinality(ids);
END
$$;
COMMENT ON FUNCTION core.cut_roads(integer) IS 'Cut roads that stand in no bits yet. 道路分段';

CREATE FUNCTION core.street_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  DELETE FROM road_cut AS c
  USING new_rows AS n
  JOIN old_rows AS o ON o.id = n.id
  WHERE c.road_id = n.id AND NOT ST_OrderingEquals(o.geom, n.geom);
  UPDATE road_bit AS b
  SET is_due = core.road_is_due(n.id, n.kind, n.attributes)
  FROM new_rows AS n
  JOIN old_rows AS o ON o.id = n.id
  WHERE b.road_id = n.id
    AND (o.kind, o.attributes) IS DISTINCT FROM (n.kind, n.attributes)
    AND b.is_due <> core.road_is_due(n.id, n.kind, n.attributes);
  RETURN NULL;
END
$$;
CREATE TRIGGER n_road_changed AFTER UPDATE ON road
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.street_changed();

-- Whoever changes a duty, by the page or by SQL, sees it in the bits at once.
CREATE FUNCTION core.patrol_duty_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  UPDATE road_bit AS b
  SET is_due = core.road_is_due(r.id, r.kind, r.attributes)
  FROM road AS r
  WHERE r.id = b.road_id AND b.is_due <> core.road_is_due(r.id, r.kind, r.attributes);
  RETURN NULL;
END
$$;
CREATE TRIGGER duty_of_kinds_changed AFTER INSERT OR UPDATE OR DELETE ON patrol_duty_of_kind
FOR EACH STATEMENT EXECUTE FUNCTION core.patrol_duty_changed();
CREATE TRIGGER duty_of_roads_changed AFTER INSERT OR UPDATE OR DELETE ON patrol_duty_of_road
FOR EACH STATEMENT EXECUTE FUNCTION core.patrol_duty_changed();

-- Ground whose cells have changed: noted by whoever edits the grid, worked off by the clock.
CREATE TABLE road_bit_recell (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  box geometry(Polygon, 3857) NOT NULL
);
COMMENT ON TABLE road_bit_recell IS 'Ground whose bits of streets are to get their cells anew';

CREATE FUNCTION core.note_recelled_ground() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM road_bit) THEN
    RETURN NULL;
  END IF;
  IF tg_op = 'UPDATE' THEN
    INSERT INTO road_bit_recell (box)
    SELECT ST_Transform(ST_Envelope(ST_Union(o.geom, n.geom)), 3857)
    FROM old_rows AS o
    JOIN new_rows AS n ON n.id = o.id AND NOT ST_OrderingEquals(n.geom, o.geom);
  ELSIF tg_op = 'INSERT' THEN
    INSERT INTO road_bit_recell (box) SELECT ST_Transform(ST_Envelope(n.geom), 3857) FROM new_rows AS n;
  ELSE
    INSERT INTO road_bit_recell (box) SELECT ST_Transform(ST_Envelope(o.geom), 3857) FROM old_rows AS o;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER n_recell_bits_inserted AFTER INSERT ON cell REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.note_recelled_ground();
CREATE TRIGGER n_recell_bits_updated AFTER UPDATE ON cell REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.note_recelled_ground();
CREATE TRIGGER n_recell_bits_deleted AFTER DELETE ON cell REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.note_recelled_ground();

CREATE FUNCTION core.recell_bits(most integer) RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
  ground geometry;
  moved integer;
BEGIN
  WITH done AS (
    DELETE FROM road_bit_recell
    WHERE id IN (SELECT r.id FROM road_bit_recell AS r ORDER BY r.id LIMIT most FOR UPDATE SKIP LOCKED)
    RETURNING box
  )
  SELECT ST_Union(d.box) INTO ground FROM done AS d;
  IF ground IS NULL THEN
    RETURN 0;
  END IF;
  UPDATE road_bit AS b
  SET cell_id = found.cell_id
  FROM (
    SELECT n.id, core.cell_at(ST_Transform(n.middle, 4326)) AS cell_id
    FROM road_bit AS n
    WHERE ST_Intersects(n.middle, ground)
  ) AS found
  WHERE b.id = found.id AND b.cell_id IS DISTINCT FROM found.cell_id;
  GET DIAGNOSTICS moved = ROW_COUNT;
  RETURN moved;
END
$$;
COMMENT ON FUNCTION core.recell_bits(integer) IS 'Give bits of streets their cells anew where the grid has changed';
