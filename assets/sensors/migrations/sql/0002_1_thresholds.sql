-- Thresholds are data, and data that alarms hang on: the database knows what they look like.

-- An array of {"level", "from", "dwell_s"}, the mildest first, each level once.
CREATE FUNCTION core.are_thresholds(said jsonb, is_worse_below boolean DEFAULT false) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
  one jsonb;
  rank integer;
  rank_before integer := 0;
  start double precision;
  start_before double precision;
BEGIN
  IF jsonb_typeof(said) IS DISTINCT FROM 'array' THEN
    RETURN false;
  END IF;
  FOR one IN SELECT element FROM jsonb_array_elements(said) AS e (element) LOOP
    IF jsonb_typeof(one) <> 'object'
      OR jsonb_typeof(one -> 'from') IS DISTINCT FROM 'number'
      OR jsonb_typeof(coalesce(one -> 'dwell_s', '0')) <> 'number'
    THEN
      RETURN false;
    END IF;
    rank := array_position(ARRAY['notice', 'watch', 'serious', 'critical'], one ->> 'level');
    start := (one ->> 'from')::double precision * CASE WHEN is_worse_below THEN -1 ELSE 1 END;
    IF rank IS NULL
      OR rank <= rank_before
      OR start <= start_before
      OR coalesce(one ->> 'dwell_s', '0')::double precision < 0
    THEN
      RETURN false;
    END IF;
    rank_before := rank;
    start_before := start;
  END LOOP;
  RETURN true;
END
$$;
COMMENT ON FUNCTION core.are_thresholds(jsonb, boolean) IS
  'Whether a JSON array holds thresholds: known levels, each once, the mildest first, starts in that order. 阈值';

ALTER TABLE datastream
  ADD CONSTRAINT datastream_thresholds_run_from_mild_to_bad CHECK (core.are_thresholds(thresholds, is_worse_below));
ALTER TABLE waterlogging_point
  ADD CONSTRAINT waterlogging_point_bands_run_from_mild_to_bad CHECK (core.are_thresholds(bands)),
  ADD CONSTRAINT waterlogging_point_is_on_earth CHECK (
    NOT ST_IsEmpty(place) AND ST_X(place) BETWEEN -180 AND 180 AND ST_Y(place) BETWEEN -85 AND 85
  );
