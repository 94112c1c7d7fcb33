-- Values as they came, by UTC day; and what is left of them by minute and by hour.

CREATE SEQUENCE observation_id_seq;

CREATE TABLE observation (
  id bigint NOT NULL DEFAULT nextval('observation_id_seq'),
  datastream_id bigint NOT NULL,
  phenomenon_at timestamptz NOT NULL,
  result_at timestamptz,
  received_at timestamptz NOT NULL,
  value double precision NOT NULL,
  flag text NOT NULL DEFAULT '',
  CONSTRAINT observation_is_kept_once PRIMARY KEY (datastream_id, phenomenon_at),
  CONSTRAINT observation_is_of_a_datastream FOREIGN KEY (datastream_id) REFERENCES datastream (id),
  -- NaN is greater than every number.
  CONSTRAINT observation_value_is_a_number CHECK (value > '-Infinity' AND value < 'Infinity'),
  CONSTRAINT observation_has_a_finite_time CHECK (isfinite(phenomenon_at)),
  CONSTRAINT observation_flag_is_known CHECK (flag IN ('', 'gap', 'stuck', 'range', 'rate', 'wild'))
) PARTITION BY RANGE (phenomenon_at);
ALTER SEQUENCE observation_id_seq OWNED BY observation.id;
CREATE INDEX observation_by_id ON observation (id);
COMMENT ON TABLE observation IS
  'What stations measured, one value of a datastream at a moment; a partition for each UTC day. 观测值';
COMMENT ON COLUMN observation.phenomenon_at IS 'When it was so. 观测时间';
COMMENT ON COLUMN observation.result_at IS 'When the station knew, if it says. 结果时间';
COMMENT ON COLUMN observation.received_at IS 'When it reached us, on our clock. 接收时间';
COMMENT ON COLUMN observation.flag IS
  'What is wrong with it: empty, gap (good, but values before it are missing), stuck, range, rate, wild (time). 质量标记';

-- Whatever has no day of its own: impossible times, and days that are not made yet. No value is ever turned away
-- because of its time.
CREATE TABLE observation_other PARTITION OF observation DEFAULT;
REVOKE UPDATE, DELETE, TRUNCATE ON observation, observation_other FROM geogrid_app;
REVOKE INSERT ON observation_other FROM geogrid_app;

CREATE TABLE observation_minute (
  datastream_id bigint NOT NULL REFERENCES datastream (id),
  at timestamptz NOT NULL,
  samples integer NOT NULL,
  total double precision NOT NULL,
  lowest double precision NOT NULL,
  highest double precision NOT NULL,
  last_at timestamptz NOT NULL,
  last_value double precision NOT NULL,
  CONSTRAINT observation_minute_is_kept_once PRIMARY KEY (datastream_id, at)
);
CREATE INDEX observation_minute_by_time ON observation_minute USING brin (at);
CREATE TABLE observation_hour (
  datastream_id bigint NOT NULL REFERENCES datastream (id),
  at timestamptz NOT NULL,
  samples integer NOT NULL,
  total double precision NOT NULL,
  lowest double precision NOT NULL,
  highest double precision NOT NULL,
  last_at timestamptz NOT NULL,
  last_value double precision NOT NULL,
  CONSTRAINT observation_hour_is_kept_once PRIMARY KEY (datastream_id, at)
);
COMMENT ON TABLE observation_minute IS 'Usable values of a datastream in a minute: number, sum, extremes, the last. 分钟汇总';
COMMENT ON TABLE observation_hour IS 'Usable values of a datastream in an hour: number, sum, extremes, the last. 小时汇总';

-- Make the partition of one UTC day. What lies in the default partition for that day moves into it.
CREATE FUNCTION core.make_observation_day(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
  name constant text := 'observation_' || to_char(day, 'YYYYMMDD');
  begins constant timestamptz := day::timestamp AT TIME ZONE 'UTC';
  ends constant timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
  IF to_regclass(format('public.%I', name)) IS NOT NULL THEN
    RETURN false;
  END IF;
  IF day NOT BETWEEN current_date - 400 AND current_date + 14 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = format('%s is no day to keep observations of', day),
      HINT = 'Days from 400 days ago to 14 days ahead have partitions.';
  END IF;
  -- One maker at a time; and nobody puts a value of this day into the default partition meanwhile.
  LOCK TABLE ONLY observation IN SHARE UPDATE EXCLUSIVE MODE;
  LOCK TABLE observation_other IN ACCESS EXCLUSIVE MODE;
  IF to_regclass(format('public.%I', name)) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE observation INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
  EXECUTE format(
    'WITH moved AS (
       DELETE FROM observation_other WHERE phenomenon_at >= %L AND phenomenon_at < %L
       RETURNING id, datastream_id, phenomenon_at, result_at, received_at, value, flag
     )
     INSERT INTO %I (id, datastream_id, phenomenon_at, result_at, received_at, value, flag)
     SELECT id, datastream_id, phenomenon_at, result_at, received_at, value, flag FROM moved',
    begins, ends, name
  );
  EXECUTE format('ALTER TABLE observation ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, begins, ends);
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %I FROM geogrid_app', name);
  RETURN true;
END
$$;
COMMENT ON FUNCTION core.make_observation_day(date) IS 'Make the partition of observations of one UTC day; false when it is there.';

-- Days that want a partition: around now, and those that lie in the default partition with a believable time.
CREATE FUNCTION core.observation_days_to_make(moment timestamptz, ahead integer) RETURNS SETOF date
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
  SELECT wanted.day
  FROM (
    SELECT (moment AT TIME ZONE 'UTC')::date + nr AS day
    FROM generate_series(-1, ahead) AS nr
    UNION
    SELECT (o.phenomenon_at AT TIME ZONE 'UTC')::date
    FROM observation_other AS o
    WHERE o.flag <> 'wild'
  ) AS wanted
  WHERE wanted.day BETWEEN current_date - 400 AND current_date + 14
    AND to_regclass('public.observation_' || to_char(wanted.day, 'YYYYMMDD')) IS NULL
  ORDER BY wanted.day
$$;

-- Retention: days that have ended before `older_than` are dropped whole, at least 31 days are kept.
CREATE FUNCTION core.drop_observation_days(older_than timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
  oldest constant date := (least(older_than, now() - interval '31 days') AT TIME ZONE 'UTC')::date;
  found record;
  dropped integer := 0;
BEGIN
  FOR found IN
    SELECT c.relname AS name
    FROM pg_inherits AS i
    JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.observation'::regclass
      AND c.relname ~ '^observation_\d{8}$'
      AND to_date(right(c.relname, 8), 'YYYYMMDD') < oldest
    ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE %I', found.name);
    dropped := dropped + 1;
  END LOOP;
  DELETE FROM observation_other WHERE received_at < older_than;
  RETURN dropped;
END
$$;
COMMENT ON FUNCTION core.drop_observation_days(timestamptz) IS 'Drop the observations of days before that moment; how many days.';
