-- Citizens' reports to be judged: not judged yet, touched by late data, or of another place or class since.
SELECT i.id
FROM incident AS i
JOIN citizen_channel AS c ON c.channel = i.channel
LEFT JOIN patrol_judgement AS j ON j.incident_id = i.id
WHERE i.reported_at > %(open_from)s
  AND i.reported_at <= %(ripe_at)s
  AND NOT i.found_by_patrol
  AND (
    j.incident_id IS NULL
    OR j.is_stale
    OR j.class_key IS DISTINCT FROM coalesce(i.asset_class_id, 0) || '/' || coalesce(i.event_class_id, 0)
    OR NOT coalesce(j.place = i.point, j.place IS NULL AND i.point IS NULL)
  )
ORDER BY i.reported_at
LIMIT %(most)s
