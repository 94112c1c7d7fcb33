-- Values of one gathering, each once, and the roll-ups of those that were new: late ones amend what is there.
WITH said AS (
  SELECT *
  FROM unnest(
    %(datastreams)s::bigint[],
    %(moments)s::timestamptz[],
    %(results)s::timestamptz[],
    %(values)s::double precision[],
    %(flags)s::text[]
  ) AS s (datastream_id, phenomenon_at, result_at, value, flag)
),
kept AS (
  INSERT INTO observation (datastream_id, phenomenon_at, result_at, received_at, value, flag)
  SELECT s.datastream_id, s.phenomenon_at, s.result_at, %(received_at)s, s.value, s.flag
  FROM said AS s
  ON CONFLICT (datastream_id, phenomenon_at) DO NOTHING
  RETURNING id, datastream_id, phenomenon_at, value, flag
),
usable AS MATERIALIZED (
  SELECT k.datastream_id, k.phenomenon_at, k.value
  FROM kept AS k
  WHERE k.flag IN ('', 'gap', 'stuck')
),
minutes AS (
  INSERT INTO observation_minute AS m (
    datastream_id, at, samples, total, lowest, highest, last_at, last_value
  )
  SELECT
    u.datastream_id,
    date_bin('1 minute', u.phenomenon_at, 'epoch'),
    count(*),
    sum(u.value),
    min(u.value),
    max(u.value),
    max(u.phenomenon_at),
    (array_agg(u.value ORDER BY u.phenomenon_at DESC))[1]
  FROM usable AS u
  GROUP BY 1, 2
  ON CONFLICT (datastream_id, at) DO UPDATE
  SET
    samples = m.samples + excluded.samples,
    total = m.total + excluded.total,
    lowest = least(m.lowest, excluded.lowest),
    highest = greatest(m.highest, excluded.highest),
    last_value = CASE WHEN excluded.last_at > m.last_at THEN excluded.last_value ELSE m.last_value END,
    last_at = greatest(m.last_at, excluded.last_at)
),
hours AS (
  INSERT INTO observation_hour AS h (
    datastream_id, at, samples, total, lowest, highest, last_at, last_value
  )
  SELECT
    u.datastream_id,
    date_bin('1 hour', u.phenomenon_at, 'epoch'),
    count(*),
    sum(u.value),
    min(u.value),
    max(u.value),
    max(u.phenomenon_at),
    (array_agg(u.value ORDER BY u.phenomenon_at DESC))[1]
  FROM usable AS u
  GROUP BY 1, 2
  ON CONFLICT (datastream_id, at) DO UPDATE
  SET
    samples = h.samples + excluded.samples,
    total = h.total + excluded.total,
    lowest = least(h.lowest, excluded.lowest),
    highest = greatest(h.highest, excluded.highest),
    last_value = CASE WHEN excluded.last_at > h.last_at THEN excluded.last_value ELSE h.last_value END,
    last_at = greatest(h.last_at, excluded.last_at)
)
SELECT k.datastream_id, k.phenomenon_at, k.id
FROM kept AS k
