-- Fixes, one partition for each UTC day of receipt. Receipt is our own clock: a device whose clock says 1970 or
-- 2099 is filed under today all the same, old data never goes into a partition that was dropped, and whoever
-- reads what is new reads the last partition. Device time is an index.
CREATE SEQUENCE fix_id_seq;

CREATE TABLE fix (
  id bigint NOT NULL DEFAULT nextval('fix_id_seq'),
  -- The writing transaction, for readers by snapshot. It is equal for all rows of one gathering, so the index of
  -- it stays small.
  written_in bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
  device_id bigint NOT NULL,
  worker_id bigint,
  at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  point geometry(Point, 4326) NOT NULL,
  accuracy_m real,
  speed_mps real,
  heading_deg real,
  altitude_m real,
  battery_pct real,
  protocol text NOT NULL,
  unused_because text NOT NULL DEFAULT '',
  is_late boolean NOT NULL DEFAULT false,
  is_driven boolean NOT NULL DEFAULT false,
  CONSTRAINT fix_protocol_is_known CHECK (protocol IN ('geogrid', 'osmand', 'traccar', 'owntracks', 'gpx')),
  CONSTRAINT fix_is_used_or_says_why_not CHECK (
    unused_because IN ('', 'future', 'stale', 'invalid', 'null_island', 'accuracy', 'speed', 'duplicate', 'jump')
  ),
  CONSTRAINT fix_has_longitude_and_latitude CHECK (
    ST_X(point) BETWEEN -180 AND 180 AND ST_Y(point) BETWEEN -90 AND 90
  )
) PARTITION BY RANGE (received_at);
ALTER SEQUENCE fix_id_seq OWNED BY fix.id;

CREATE INDEX fix_of_device ON fix (device_id, at);
CREATE INDEX fix_by_transaction ON fix (written_in);

-- Whatever day it is, there is a place: when the clock has not run for days, fixes wait here for their partition.
CREATE TABLE fix_default PARTITION OF fix DEFAULT;

COMMENT ON TABLE fix IS 'Positions as they came, with what was decided of each; partitioned by UTC day of receipt. 定位点';
COMMENT ON COLUMN fix.at IS 'When the device says that it was there';
COMMENT ON COLUMN fix.unused_because IS 'Empty: used. Else why not (grid_units/patrols/fixes.py)';
COMMENT ON COLUMN fix.is_late IS 'Came too long after its time to say anything about now; it amends tracks and coverage only';
COMMENT ON COLUMN fix.is_driven IS 'Faster than anybody walks';

CREATE TRIGGER fixes_stay_as_they_came BEFORE UPDATE OR DELETE OR TRUNCATE ON fix
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON fix, fix_default FROM geogrid_app;

-- Partitions ahead, and the old ones away. Called by the clock; says how many it made and dropped. Never keeps
-- less than a week, whatever it is told.
CREATE FUNCTION core.keep_fix_partitions(moment timestamptz, days_ahead integer, days_kept integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
  today constant date := (moment AT TIME ZONE 'UTC')::date;
  oldest constant date := today - greatest(days_kept, 7);
  waiting date[];
  wanted date;
  partition text;
  done integer := 0;
BEGIN
  waiting := ARRAY(
    SELECT DISTINCT (f.received_at AT TIME ZONE 'UTC')::date
    FROM fix_default AS f
    WHERE f.received_at < (today + days_ahead + 1)::timestamp AT TIME ZONE 'UTC'
  );
  FOR wanted IN
    SELECT d.day::date
    FROM generate_series(today, today + least(greatest(days_ahead, 1), 30), interval '1 day') AS d (day)
    UNION
    SELECT unnest(waiting)
  LOOP
    partition := 'fix_' || to_char(wanted, 'YYYYMMDD');
    CONTINUE WHEN to_regclass(format('public.%I', partition)) IS NOT NULL;
    -- Made aside and attached: fixes go on coming in meanwhile.
    EXECUTE format('CREATE TABLE %I (LIKE fix INCLUDING ALL)', partition);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM geogrid_app', partition);
    IF wanted = ANY (waiting) THEN
      LOCK TABLE fix_default IN ACCESS EXCLUSIVE MODE;
      EXECUTE format(
        'WITH moved AS (
           DELETE FROM fix_default WHERE received_at >= %1$L AND received_at < %2$L RETURNING *
         ) INSERT INTO %3$I SELECT * FROM moved',
        wanted::timestamp AT TIME ZONE 'UTC', (wanted + 1)::timestamp AT TIME ZONE 'UTC', partition);
    END IF;
    EXECUTE format(
      'ALTER TABLE fix ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
      partition, wanted::timestamp AT TIME ZONE 'UTC', (wanted + 1)::timestamp AT TIME ZONE 'UTC');
    done := done + 1;
  END LOOP;
  FOR partition IN
    SELECT c.relname
    FROM pg_inherits AS i
    JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.fix'::regclass
      AND c.relname ~ '^fix_\d{8}$'
      AND to_date(right(c.relname, 8), 'YYYYMMDD') < oldest
  LOOP
    EXECUTE format('DROP TABLE %I', partition);
    done := done + 1;
  END LOOP;
  RETURN done;
END
$$;
REVOKE ALL ON FUNCTION core.keep_fix_partitions FROM PUBLIC;
COMMENT ON FUNCTION core.keep_fix_partitions(timestamptz, integer, integer) IS
  'Make the partitions of fix for the coming days and drop those past retention';
