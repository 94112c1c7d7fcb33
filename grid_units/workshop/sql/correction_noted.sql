INSERT INTO direct_edit (idempotency_key, digest, title, author_id, at, edition_id, answer)
SELECT
  %(key)s, %(digest)s, %(title)s, %(author)s, now(), CASE WHEN %(has_changed)s THEN e.id END,
  jsonb_build_object('edition', e.id, 'cells', %(cells)s::jsonb)
FROM edition AS e
WHERE e.stage = 'in_force'
ORDER BY e.id DESC
LIMIT 1
RETURNING (answer -> 'edition')::bigint
