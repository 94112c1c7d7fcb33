SELECT o.datastream_id, o.phenomenon_at, o.id, o.flag
FROM observation AS o
JOIN unnest(%(datastreams)s::bigint[], %(moments)s::timestamptz[]) AS s (datastream_id, phenomenon_at)
  ON o.datastream_id = s.datastream_id AND o.phenomenon_at = s.phenomenon_at
