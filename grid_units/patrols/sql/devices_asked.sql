-- The devices behind tokens (and, of forwarding servers, the names of theirs), each with its last position, locked
-- in the order of their ids until the transaction ends: two gatherings never judge one device at once.
SELECT
  asked.nr,
  device.id,
  owner.kind = 'forwarder' AS is_forwarded,
  owner.revoked_at IS NOT NULL OR device.revoked_at IS NOT NULL AS is_revoked,
  place.at,
  ST_X(place.point),
  ST_Y(place.point),
  place.accuracy_m,
  place.doubt
FROM json_to_recordset(%s) AS asked (nr integer, digest text, external_id text)
JOIN device AS owner ON owner.digest = asked.digest
LEFT JOIN device AS named
  ON named.forwarder_id = owner.id AND named.external_id = asked.external_id AND named.revoked_at IS NULL
JOIN device ON device.id = CASE WHEN owner.kind = 'forwarder' THEN named.id ELSE owner.id END
JOIN last_position AS place ON place.device_id = device.id
ORDER BY place.device_id
FOR UPDATE OF place
