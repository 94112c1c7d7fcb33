-- Clusters of incidents of one class, each within some metres of another. Web Mercator metres are longer than
-- metres on the ground by the cosine of the latitude. What is seen is put in where it says so.
WITH found AS (
  SELECT
    i.id, i.number, i.point, i.geom_3857, i.closed_at, f.class_key, f.community_was AS community, f.reported_day,
    -- One factor for all: by factors of their own neighbours would be shifted against each other.
    cos(radians(avg(ST_Y(i.point)) OVER ())) AS shrink
  FROM evaluation_fact AS f
  JOIN incident AS i ON i.id = f.incident_id
  WHERE f.reported_day >= %(start)s
    AND f.reported_day < %(after)s
    AND i.point IS NOT NULL
    AND f.class_key <> ''
    AND /* seen */ true
  ORDER BY f.reported_day DESC
  LIMIT %(looked_at)s
),
clustered AS (
  SELECT
    n.*,
    ST_ClusterDBSCAN(
      ST_Scale(n.geom_3857, n.shrink, n.shrink), %(reach_m)s, %(least)s
    ) OVER (PARTITION BY n.class_key) AS cluster
  FROM found AS n
),
place AS (
  SELECT
    c.class_key,
    c.cluster,
    ST_Centroid(ST_Collect(c.point)) AS middle,
    ST_Collect(c.point) AS points,
    count(*) AS incidents,
    count(c.closed_at) AS closed,
    mode() WITHIN GROUP (ORDER BY c.community) AS community,
    min(c.reported_day) AS first_day,
    max(c.reported_day) AS last_day,
    array_agg(c.number ORDER BY c.id DESC) AS numbers
  FROM clustered AS c
  WHERE c.cluster IS NOT NULL
  GROUP BY c.class_key, c.cluster
),
-- A chain may run through several communities: its share is of the one in which most of it lies, and only of that.
ranked AS (
  SELECT
    p.*,
    (
      SELECT count(*)
      FROM clustered AS c
      WHERE c.class_key = p.class_key AND c.cluster = p.cluster AND c.community = p.community
    ) AS in_community,
    ST_MaxDistance(ST_Transform(p.middle, 3857), ST_Transform(p.points, 3857)) * cos(radians(ST_Y(p.middle))) AS radius_m,
    (
      SELECT count(*)
      FROM evaluation_fact AS f
      WHERE f.reported_day >= %(start)s
        AND f.reported_day < %(after)s
        AND f.community_was = p.community
    ) AS community_count
  FROM place AS p
  ORDER BY p.incidents DESC
  LIMIT 4 * %(most)s
)
SELECT
  r.class_key,
  ST_X(r.middle),
  ST_Y(r.middle),
  r.radius_m,
  r.incidents,
  (
    SELECT count(*)
    FROM incident AS i
    JOIN evaluation_fact AS f ON f.incident_id = i.id
    WHERE f.class_key = r.class_key
      AND f.reported_day >= %(before)s
      AND f.reported_day < %(start)s
      AND ST_DWithin(
        i.geom_3857, ST_Transform(r.middle, 3857), greatest(r.radius_m, %(reach_m)s) / cos(radians(ST_Y(r.middle)))
      )
  ),
  r.closed,
  r.incidents - r.closed,
  r.community,
  r.in_community,
  r.community_count,
  r.first_day,
  r.last_day,
  r.numbers[1:20]
FROM ranked AS r
ORDER BY r.in_community::float8 / greatest(r.community_count, 1) DESC, r.incidents DESC, r.class_key
LIMIT %(most)s
