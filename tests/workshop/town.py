"""A made-up city with assets, buildings, streets, incidents and workers. By SQL, without triggers."""

from typing import Any

from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership
from tests.grid_units.made_up_city import COUNTY, fill, made_up_city

PEOPLE = """
INSERT INTO city (id, name, name_en, county_code, code_segments, zone, is_demo, attribution, created_at)
VALUES (1, '示例区', 'Sample', %(county)s, '{6,3,3,3}', 'UTC', false, '', now());
INSERT INTO user_account
    (username, display_name, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined,
     phone, language, permission_epoch, is_simulated)
SELECT 'worker-' || n, '', '!', '', '', '', false, false, true, now(), '', '', 0, true
FROM generate_series(0, (SELECT count(*) - 1 FROM cell) / 2) n;
INSERT INTO duty (user_id, role, valid_from, note)
SELECT id, 'grid_worker', '2020-01-01', split_part(username, '-', 2) FROM user_account WHERE username LIKE 'worker-%%';
INSERT INTO duty_area (duty_id, unit_code)
SELECT d.id, c.code
FROM (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM cell) c
JOIN duty d ON d.note = (c.place / 2)::text;
-- Somebody who answers for a whole community besides.
INSERT INTO duty_area (duty_id, unit_code)
SELECT min(d.id), min(u.code) FROM duty d, grid_unit u WHERE u.level = 'COMMUNITY';
"""
_PLACES = """
SELECT s.n, ST_SetSRID(ST_MakePoint(
    ST_XMin(e.box) + random() * (ST_XMax(e.box) - ST_XMin(e.box)),
    ST_YMin(e.box) + random() * (ST_YMax(e.box) - ST_YMin(e.box))), 4326) AS place
FROM generate_series(1, %({amount})s) AS s (n), (SELECT ST_Extent(geom)::geometry AS box FROM cell) AS e
"""
ASSETS = f"""
INSERT INTO asset (public_id, code, asset_class_id, geom, geom_3857, cell_id, state, source, source_id, created_by)
SELECT
    gen_random_uuid(), '9' || lpad(p.n::text, 15, '0'), k.first + p.n %% 3, p.place, ST_Transform(p.place, 3857), c.id,
    CASE WHEN p.n %% 20 = 0 THEN 'removed' ELSE 'intact' END, 'town', p.n::text, 'town'
FROM ({_PLACES.format(amount="assets")}) AS p
CROSS JOIN (SELECT min(id) AS first FROM asset_class) AS k
LEFT JOIN cell AS c ON ST_Intersects(c.geom, p.place)
ON CONFLICT DO NOTHING;
"""
BUILDINGS = f"""
INSERT INTO building (source, source_id, kind, geom, geom_3857, cell_id, households)
SELECT 'town', b.n::text, '', b.shape, ST_Transform(b.shape, 3857), core.cell_at(ST_PointOnSurface(b.shape)), b.n %% 40
FROM (SELECT p.n, ST_Multi(ST_Expand(p.place, 0.00008)) AS shape FROM ({_PLACES.format(amount="buildings")}) AS p) AS b
"""
INCIDENTS = f"""
INSERT INTO incident (
    public_id, number, stage, waiting, level, round, point, geom_3857, location_text, event_class_id, description,
    channel, source_number, found_by_patrol, unit_code, cell_version_id, border_unit_codes, cell_worker_id, rostered_id,
    worker_level, worker_is_substitute, holder_id, reported_by_id, reported_at, filed_at, closed_at, is_simulated, client,
    request_hash
)
SELECT
    gen_random_uuid(), 'T-' || p.n, CASE WHEN p.n <= %(open)s THEN 'FILED' ELSE 'CLOSED' END, '', 'COMMUNITY', 1, p.place,
    ST_Transform(p.place, 3857), '', (SELECT min(id) FROM event_class), 'x', 'hotline', '', false, coalesce(c.code, ''),
    v.id, '{{}}', u.id, u.id, 'CELL', false, u.id, u.id, now() - p.n %% 600 * interval '1 day', now(),
    CASE WHEN p.n > %(open)s THEN now() END, true, '', ''
FROM ({_PLACES.format(amount="incidents")}) AS p
CROSS JOIN (SELECT min(id) AS id FROM user_account) AS u
LEFT JOIN cell AS c ON c.id = core.cell_at(p.place)
LEFT JOIN cell_version AS v ON v.cell_id = c.id AND upper_inf(v.valid)
"""
# Where something lies within 5 m of a border, so that only what a new edition moves is moved.
BORDERS = """
UPDATE incident AS i
SET border_unit_codes = p.border_unit_codes
FROM (SELECT n.id, w.border_unit_codes FROM incident AS n CROSS JOIN LATERAL core.place_of(n.point) AS w) AS p
WHERE p.id = i.id AND p.border_unit_codes <> '{}'
"""
STREETS = """
INSERT INTO road (source, source_id, name, kind, geom, geom_3857, attributes)
SELECT 'town', s.id::text || '/' || s.way, '', 'residential', s.line, ST_Transform(s.line, 3857), '{}'
FROM (
    SELECT c.id, w.way, ST_Multi(ST_MakeLine(ST_PointOnSurface(c.geom), ST_Translate(ST_PointOnSurface(c.geom), w.x, w.y))) AS line
    FROM cell AS c
    CROSS JOIN (VALUES (0, 0.0031, 0.0001), (1, -0.0001, 0.0017)) AS w (way, x, y)
) AS s
"""


def fill_town(
    cursor: Any, *, columns: int, rows: int, assets: int, buildings: int, incidents: int, still_open: int
) -> None:
    """A city of columns x rows cells. The cursor is a superuser's; catalogues are there already."""
    cursor.execute("BEGIN")
    fill(cursor, made_up_city(columns, rows, block=5 if columns > 10 else 3))
    cursor.execute("COMMIT")
    cursor.execute(PEOPLE, {"county": COUNTY})
    cursor.execute("ANALYZE cell; ANALYZE cell_version")
    cursor.execute(
        "SET session_replication_role = replica; SET synchronous_commit = off; SELECT setseed(0.5)"
    )
    cursor.execute(ASSETS, {"assets": assets})
    cursor.execute(BUILDINGS, {"buildings": buildings})
    cursor.execute(INCIDENTS, {"incidents": incidents, "open": still_open})
    cursor.execute(BORDERS)
    cursor.execute(STREETS)
    cursor.execute(
        "INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at, note, details)"
        " SELECT id, 'report', '', 'REPORTED', 'COMMUNITY', 'town', reported_at, '', '{}' FROM incident"
    )
    cursor.execute("SET session_replication_role = origin; SET synchronous_commit = on; ANALYZE")


def supervisor(name: str) -> User:
    """A supervisor of the whole city."""
    user = User.objects.create_user(username=name, display_name=name.title())
    Membership.objects.create(user=user, role=Role.SUPERVISOR.value, unit_prefix=COUNTY)
    return user
