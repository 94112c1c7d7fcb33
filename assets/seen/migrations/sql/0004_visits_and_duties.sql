-- When somebody on foot was last in each cell: what coverage says of it, kept so that a tile need not add up bits.
CREATE TABLE cell_visit (
  cell_id bigint PRIMARY KEY,
  last_at timestamptz NOT NULL
);
COMMENT ON TABLE cell_visit IS 'When somebody walked a street to be patrolled (or, without one, the ground) of a cell last. 网格最近到访';
INSERT INTO cell_visit (cell_id, last_at)
SELECT v.cell_id, max(v.at)
FROM (
  SELECT b.cell_id, l.walked_at AS at FROM road_bit AS b JOIN road_bit_last AS l ON l.bit_id = b.id WHERE b.is_due
  UNION ALL
  SELECT s.cell_id, s.last_at FROM square_seen AS s
) AS v
WHERE v.cell_id IS NOT NULL AND v.at IS NOT NULL
GROUP BY v.cell_id;

CREATE FUNCTION core.note_visits_of_bits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  INSERT INTO cell_visit AS v (cell_id, last_at)
  SELECT b.cell_id, max(n.walked_at)
  FROM new_rows AS n
  JOIN road_bit AS b ON b.id = n.bit_id AND b.is_due AND b.cell_id IS NOT NULL
  WHERE n.walked_at IS NOT NULL
  GROUP BY b.cell_id
  ORDER BY b.cell_id
  ON CONFLICT (cell_id) DO UPDATE
  SET last_at = excluded.last_at
  WHERE v.last_at < excluded.last_at;
  RETURN NULL;
END
$$;
CREATE TRIGGER note_visits_of_insert AFTER INSERT ON road_bit_last
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.note_visits_of_bits();
CREATE TRIGGER note_visits_of_update AFTER UPDATE ON road_bit_last
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.note_visits_of_bits();

CREATE FUNCTION core.note_visits_of_ground() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  INSERT INTO cell_visit AS v (cell_id, last_at)
  SELECT n.cell_id, max(n.last_at) FROM new_rows AS n GROUP BY n.cell_id ORDER BY n.cell_id
  ON CONFLICT (cell_id) DO UPDATE
  SET last_at = excluded.last_at
  WHERE v.last_at < excluded.last_at;
  RETURN NULL;
END
$$;
CREATE TRIGGER note_visits_of_insert AFTER INSERT ON square_seen
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.note_visits_of_ground();
CREATE TRIGGER note_visits_of_update AFTER UPDATE ON square_seen
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.note_visits_of_ground();

-- Bits that came to another cell, or got or lost their duty: both cells are counted anew.
CREATE FUNCTION core.recount_visits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  touched bigint[];
BEGIN
  SELECT array_agg(DISTINCT m.cell_id)
  INTO touched
  FROM (
    SELECT unnest(ARRAY[o.cell_id, n.cell_id]) AS cell_id
    FROM old_rows AS o
    JOIN new_rows AS n ON n.id = o.id
    WHERE (o.cell_id, o.is_due) IS DISTINCT FROM (n.cell_id, n.is_due)
  ) AS m
  WHERE m.cell_id IS NOT NULL;
  IF touched IS NULL THEN
    RETURN NULL;
  END IF;
  DELETE FROM cell_visit WHERE cell_id = ANY (touched);
  INSERT INTO cell_visit (cell_id, last_at)
  SELECT t.cell_id, v.at
  FROM unnest(touched) AS t (cell_id)
  CROSS JOIN LATERAL (
    SELECT max(a.at) AS at
    FROM (
      SELECT l.walked_at AS at
      FROM road_bit AS b
      JOIN road_bit_last AS l ON l.bit_id = b.id
      WHERE b.cell_id = t.cell_id AND b.is_due
      UNION ALL
      SELECT s.last_at FROM square_seen AS s WHERE s.cell_id = t.cell_id
    ) AS a
  ) AS v
  WHERE v.at IS NOT NULL;
  RETURN NULL;
END
$$;
CREATE TRIGGER recount_visits AFTER UPDATE ON road_bit
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.recount_visits();

-- What was decided before of a road's duty is kept, whoever changes it. The table's key is the road.
CREATE FUNCTION core.keep_history_of_duty() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  IF tg_op = 'DELETE' THEN
    INSERT INTO row_history (table_name, row_id, op, before)
    SELECT tg_table_name, o.road_id, 'delete', to_jsonb(o) FROM old_rows AS o;
  ELSE
    INSERT INTO row_history (table_name, row_id, op, before, after)
    SELECT tg_table_name, o.road_id, 'update', to_jsonb(o), to_jsonb(n)
    FROM old_rows AS o
    JOIN new_rows AS n ON n.road_id = o.road_id
    WHERE o IS DISTINCT FROM n;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER keep_history_of_update AFTER UPDATE ON patrol_duty_of_road
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history_of_duty();
CREATE TRIGGER keep_history_of_delete AFTER DELETE ON patrol_duty_of_road
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history_of_duty();

DO $$
BEGIN
  IF to_regrole('geogrid_app') IS NOT NULL THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON cell_visit TO geogrid_app;
  END IF;
END
$$;
