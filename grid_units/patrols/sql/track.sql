-- The kept track of a patrol, or when it runs or was amended the one of now.
SELECT
  (
    SELECT jsonb_agg(part.points ORDER BY part.nr)
    FROM (
      SELECT
        (p.path)[1] AS nr,
        jsonb_agg(
          jsonb_build_array(round(ST_X(p.geom)::numeric, 7), round(ST_Y(p.geom)::numeric, 7), round(ST_M(p.geom)::numeric, 1))
          ORDER BY (p.path)[2]
        ) AS points
      FROM ST_DumpPoints(drawn.track) AS p
      GROUP BY (p.path)[1]
    ) AS part
  ),
  drawn.length_m,
  drawn.driven_m,
  drawn.fixes
FROM patrol AS kept
CROSS JOIN LATERAL (
  SELECT kept.track, kept.length_m, kept.driven_m, kept.fixes
  WHERE NOT kept.is_track_stale AND kept.ended_at IS NOT NULL
  UNION ALL
  SELECT t.track, t.length_m, t.driven_m, t.fixes
  FROM core.track_of(kept.worker_id, kept.started_at, coalesce(kept.ended_at, %(at)s)) AS t
  WHERE kept.is_track_stale OR kept.ended_at IS NULL
) AS drawn
WHERE kept.id = %(patrol)s
