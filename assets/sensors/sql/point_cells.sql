SELECT p.id, c.code
FROM waterlogging_point AS p
LEFT JOIN cell AS c ON c.id = core.cell_at(p.place)
WHERE p.id = ANY (%(points)s::bigint[])
