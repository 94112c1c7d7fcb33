-- How many people told of each incident besides its first reporter: followers, and reporters and followers of
-- what was merged into it, and into that.
WITH RECURSIVE whole AS (
  SELECT o.id AS root, o.id AS member
  FROM unnest(%(ids)s::bigint[]) AS o (id)
  UNION
  SELECT w.root, m.duplicate_id
  FROM whole AS w
  JOIN incident_merge AS m ON m.into_id = w.member AND m.ended_at IS NULL
)
SELECT
  w.root,
  count(*) - 1 + sum((SELECT count(*) FROM incident_follower AS f WHERE f.incident_id = w.member))
FROM whole AS w
GROUP BY w.root
