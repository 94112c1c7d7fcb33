-- Where everybody is who is on duty or on a patrol now and has been heard of lately: one place each.
SELECT DISTINCT ON (person.worker_id) person.worker_id, ST_X(l.point), ST_Y(l.point)
FROM (
  SELECT d.user_id AS worker_id FROM core.people_on_duty(%(at)s) AS d
  UNION
  SELECT p.worker_id FROM patrol AS p WHERE p.ended_at IS NULL
) AS person
JOIN device_pairing AS c
  ON c.worker_id = person.worker_id
  AND c.valid_from <= %(at)s
  AND (c.valid_to IS NULL OR c.valid_to > %(at)s)
JOIN device AS d ON d.id = c.device_id AND d.revoked_at IS NULL AND d.kind NOT IN ('forwarder', 'file')
JOIN last_position AS l ON l.device_id = d.id AND l.at > %(since)s AND l.at <= %(at)s::timestamptz + interval '2 minutes'
ORDER BY person.worker_id, l.at DESC
