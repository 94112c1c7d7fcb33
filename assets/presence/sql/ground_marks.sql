-- When streets, buildings and cells were last changed: while it says the same, so does the network.
SELECT
  (SELECT (count(*), max(r.updated_at))::text FROM road AS r),
  (SELECT (count(*), max(b.updated_at))::text FROM building AS b),
  (SELECT (count(*), max(c.updated_at), max(c.id))::text FROM cell AS c)
