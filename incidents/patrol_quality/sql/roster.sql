-- Who stood on the duty list for these cells, and for the units above them, at each of some moments.
SELECT DISTINCT m.at, d.user_id, d.role
FROM unnest(%(moments)s::timestamptz[]) AS m (at)
CROSS JOIN unnest(%(codes)s::text[]) AS c (code)
CROSS JOIN LATERAL core.on_duty_all(c.code, m.at) AS d
WHERE d.role = ANY (%(roles)s::text[])
