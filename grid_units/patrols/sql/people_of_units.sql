SELECT people.worker_id
FROM core.units_of_people() AS people
WHERE EXISTS (
  SELECT
  FROM unnest(people.unit_codes) AS unit (code)
  JOIN unnest(%s::text[]) AS seen (prefix) ON starts_with(unit.code, seen.prefix)
)
