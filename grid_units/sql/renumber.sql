-- One statement, so that no code is in the way of another.
UPDATE cell AS c
SET code = n.new_code
FROM unnest(%s::text[], %s::text[]) AS n (old_code, new_code)
WHERE c.code = n.old_code
