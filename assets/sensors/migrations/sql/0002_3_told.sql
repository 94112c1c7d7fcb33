-- What the database keeps beside the rows, and what it tells the live feed.

CREATE FUNCTION core.datastream_has_a_state() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  INSERT INTO datastream_state (datastream_id)
  SELECT n.id
  FROM new_rows AS n;
  RETURN NULL;
END
$$;
CREATE TRIGGER a_datastream_has_a_state
AFTER INSERT ON datastream
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.datastream_has_a_state();

-- The last value never moves back in time, whoever writes.
CREATE FUNCTION core.last_value_stays() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'check_violation',
    MESSAGE = format('The last value of datastream %s is of %s; it cannot become one of %s', NEW.datastream_id, OLD.last_at, NEW.last_at),
    HINT = 'Values that come late are kept as observations.';
END
$$;
CREATE TRIGGER a_last_value_stays
BEFORE UPDATE ON datastream_state
FOR EACH ROW WHEN (NEW.last_at < OLD.last_at OR (NEW.last_at IS NULL AND OLD.last_at IS NOT NULL))
EXECUTE FUNCTION core.last_value_stays();

CREATE FUNCTION core.waterlogging_point_row() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  NEW.geom_3857 := ST_Transform(NEW.place, 3857);
  RETURN NEW;
END
$$;
CREATE TRIGGER a_waterlogging_point_row
BEFORE INSERT OR UPDATE ON waterlogging_point
FOR EACH ROW EXECUTE FUNCTION core.waterlogging_point_row();

-- One change row for each kind and statement: a gathering of values is one statement.
CREATE FUNCTION core.datastream_states_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  changed bigint[];
BEGIN
  SELECT array_agg(DISTINCT d.station_id)
  INTO changed
  FROM new_rows AS n
  JOIN old_rows AS o ON o.datastream_id = n.datastream_id
  JOIN datastream AS d ON d.id = n.datastream_id
  WHERE (o.last_at, o.last_value, o.last_flag, o.silent_since)
    IS DISTINCT FROM (n.last_at, n.last_value, n.last_flag, n.silent_since);
  IF changed IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM core.record_change('station', TG_OP, s.codes, s.units, s.units, s.extent)
  FROM (
    SELECT
      array_agg(s.code::text) AS codes,
      array_agg(DISTINCT c.code::text) AS units,
      core.box_of(ST_Extent(a.geom_3857)) AS extent
    FROM station AS s
    JOIN asset AS a ON a.id = s.asset_id
    LEFT JOIN cell AS c ON c.id = a.cell_id
    WHERE s.id = ANY (changed)
  ) AS s;
  PERFORM core.record_change('waterlogging', TG_OP, p.codes, p.units, p.units, p.extent)
  FROM (
    SELECT
      array_agg(p.code::text) AS codes,
      array_agg(DISTINCT c.code::text) AS units,
      core.box_of(ST_Extent(p.geom_3857)) AS extent
    FROM waterlogging_point AS p
    LEFT JOIN cell AS c ON c.id = core.cell_at(p.place)
    WHERE p.id IN (
      SELECT ps.waterloggingpoint_id
      FROM waterlogging_point_station AS ps
      WHERE ps.station_id = ANY (changed)
    )
  ) AS p;
  RETURN NULL;
END
$$;
CREATE TRIGGER b_datastream_state_updated
AFTER UPDATE ON datastream_state
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.datastream_states_changed();

CREATE FUNCTION core.alarms_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  PERFORM core.record_change('alarm', TG_OP, f.ids, f.units, f.units, f.extent)
  FROM (
    SELECT
      array_agg(n.id::text) AS ids,
      array_agg(DISTINCT c.code::text) AS units,
      core.box_of(ST_Extent(a.geom_3857)) AS extent
    FROM new_rows AS n
    JOIN datastream AS d ON d.id = n.datastream_id
    JOIN station AS s ON s.id = d.station_id
    JOIN asset AS a ON a.id = s.asset_id
    LEFT JOIN cell AS c ON c.id = a.cell_id
  ) AS f;
  RETURN NULL;
END
$$;
CREATE TRIGGER b_alarm_inserted
AFTER INSERT ON alarm
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.alarms_changed();
CREATE TRIGGER b_alarm_updated
AFTER UPDATE ON alarm
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.alarms_changed();

CREATE FUNCTION core.waterlogging_points_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
  PERFORM core.record_change('waterlogging', TG_OP, f.codes, f.units, f.units, f.extent)
  FROM (
    SELECT
      array_agg(DISTINCT r.code::text) AS codes,
      array_agg(DISTINCT c.code::text) AS units,
      core.box_of(ST_Extent(r.geom_3857)) AS extent
    FROM changed_rows AS r
    LEFT JOIN cell AS c ON c.id = core.cell_at(r.place)
  ) AS f;
  RETURN NULL;
END
$$;
CREATE TRIGGER b_waterlogging_point_inserted
AFTER INSERT ON waterlogging_point
REFERENCING NEW TABLE AS changed_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.waterlogging_points_changed();
CREATE TRIGGER b_waterlogging_point_updated
AFTER UPDATE ON waterlogging_point
REFERENCING NEW TABLE AS changed_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.waterlogging_points_changed();
CREATE TRIGGER b_waterlogging_point_deleted
AFTER DELETE ON waterlogging_point
REFERENCING OLD TABLE AS changed_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.waterlogging_points_changed();

-- Who changed a threshold, and what it was, is kept.
CREATE TRIGGER c_station_update_kept
AFTER UPDATE ON station REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
CREATE TRIGGER c_station_delete_kept
AFTER DELETE ON station REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
CREATE TRIGGER c_datastream_update_kept
AFTER UPDATE ON datastream REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
CREATE TRIGGER c_datastream_delete_kept
AFTER DELETE ON datastream REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
CREATE TRIGGER c_waterlogging_point_update_kept
AFTER UPDATE ON waterlogging_point REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
CREATE TRIGGER c_waterlogging_point_delete_kept
AFTER DELETE ON waterlogging_point REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();

-- Alarms and their turns are the record of what was known when: they are not deleted, and a turn says what it said.
REVOKE DELETE, TRUNCATE ON alarm, alarm_turn, datastream_state FROM geogrid_app;
REVOKE UPDATE ON alarm_turn FROM geogrid_app;
GRANT UPDATE (told_at) ON alarm_turn TO geogrid_app;
REVOKE INSERT ON datastream_state FROM geogrid_app;

COMMENT ON TABLE station IS 'Assets that speak. 监测点';
COMMENT ON TABLE datastream IS 'One phenomenon as one station measures it, with limits and thresholds. 监测项';
COMMENT ON TABLE datastream_state IS 'The last value of each datastream, and what alarms need to know. 最新值';
COMMENT ON TABLE alarm IS 'A datastream is worse than a threshold; at most one is open for each. 报警';
COMMENT ON TABLE alarm_turn IS 'What happened to an alarm: opened, raised, falling, rising, closed. 报警经过';
COMMENT ON TABLE waterlogging_point IS 'Places that flood. 内涝点';
