-- Codes that cells of a community have or had.
SELECT c.code
FROM cell AS c
WHERE starts_with(c.code, %s)
UNION
SELECT v.code
FROM cell_version AS v
WHERE starts_with(v.code, %s)
