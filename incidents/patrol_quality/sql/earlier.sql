-- A patrol's report of the same problem: the same asset, or the same class within 50 m; within the window, or of before
-- and still somebody's to do when the citizen reported.
SELECT e.id
FROM incident AS i
JOIN incident AS e
  ON e.id <> i.id
  AND (e.found_by_patrol OR e.channel = 'patrol')
  AND e.reported_at <= i.reported_at
  AND e.stage NOT IN ('REJECTED', 'VOID')
  AND (e.reported_at >= %(window_from)s OR e.closed_at IS NULL OR e.closed_at > i.reported_at)
  AND ST_DWithin(e.geom_3857, i.geom_3857, 50 / cos(radians(ST_Y(i.point))))
  AND (
    e.asset_id = i.asset_id
    OR (e.asset_class_id IS NOT DISTINCT FROM i.asset_class_id
      AND e.event_class_id IS NOT DISTINCT FROM i.event_class_id
      AND coalesce(i.asset_class_id, i.event_class_id) IS NOT NULL)
  )
WHERE i.id = %(incident)s
ORDER BY e.reported_at DESC
LIMIT 1
