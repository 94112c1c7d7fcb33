"""A made-up city of very many assets, for measuring tiles: streets of a grid, denser in the middle."""

import math
from dataclasses import dataclass
from typing import Any

LNG, LAT = 121.40, 31.20
METRES_PER_DEGREE = 111_320.0
PER_KM2 = 1_000_000 / 340
STEP_M = 100.0  # between streets

# Only what tiles use: the import has a benchmark of its own.
_LEAN = """
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT conname
        FROM pg_constraint
        WHERE conrelid = 'asset'::regclass AND contype IN ('f', 'u') AND conname NOT LIKE '%_code_%'
    LOOP
        EXECUTE format('ALTER TABLE asset DROP CONSTRAINT %I CASCADE', one.conname);
    END LOOP;
    FOR one IN
        SELECT c.relname
        FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'asset'::regclass
            AND NOT i.indisprimary
            AND NOT i.indisunique
            AND c.relname !~ 'geom_3857|class'
    LOOP
        EXECUTE format('DROP INDEX %I', one.relname);
    END LOOP;
END
$$
"""
# Half of the things stand along streets, half anywhere; the middle third of the city is twice as dense.
_FILL = """
WITH dice AS MATERIALIZED (
    SELECT n, random() AS a, random() AS b, random() AS c, random() AS d
    FROM generate_series(1, %(amount)s) n
), places AS (
    SELECT
        n,
        c,
        %(side)s * CASE
            WHEN d < 0.25 THEN (1 + a) / 3
            WHEN d < 0.625 THEN round(a * %(streets)s) / %(streets)s
            ELSE a
        END AS east,
        %(side)s * CASE WHEN d < 0.25 THEN (1 + b) / 3 ELSE b END AS north
    FROM dice
), shapes AS (
    SELECT
        n,
        c,
        ST_SetSRID(ST_MakePoint(%(lng)s + east / %(lng_m)s, %(lat)s + north / %(lat_m)s), 4326) AS geom
    FROM places
)
INSERT INTO asset (public_id, code, asset_class_id, name, state, geom, geom_3857)
SELECT
    gen_random_uuid(),
    '910101' || lpad((row_number() OVER (ORDER BY ST_Transform(geom, 3857)))::text, 10, '0'),
    (SELECT min(id) FROM asset_class) + floor(c * (SELECT count(*) FROM asset_class))::integer,
    '',
    CASE WHEN n %% 97 = 0 THEN 'damaged' WHEN n %% 131 = 0 THEN 'missing' ELSE 'intact' END,
    geom,
    ST_Transform(geom, 3857)
FROM shapes
ORDER BY ST_Transform(geom, 3857)
"""


@dataclass(frozen=True)
class Ground:
    """Where the city lies: west, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float


def fill(superuser: Any, amount: int) -> Ground:
    """Put `amount` assets in, in the order of their place, at the density of a million on 340 km2."""
    side_m = math.sqrt(amount / PER_KM2) * 1000
    lng_m = METRES_PER_DEGREE * math.cos(math.radians(LAT))
    with superuser.cursor() as cursor:
        cursor.execute(_LEAN)
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute("SELECT count(*) FROM asset_class")
        if cursor.fetchone()[0] == 0:
            cursor.execute(
                "INSERT INTO asset_class (scheme, version, code, major_name, major_name_en, name, name_en,"
                " geometry_kind, attributes_schema, icon, origin, is_active)"
                " SELECT 'bench', '1', (1000 + n)::text, 'x', 'x', 'n' || n, 'n' || n, 'point', '{}',"
                " 'maki:circle', 'ours', true FROM generate_series(1, 120) n"
            )
        cursor.execute(
            _FILL,
            {
                "amount": amount,
                "side": side_m,
                "streets": max(1, round(side_m / STEP_M)),
                "lng": LNG,
                "lat": LAT,
                "lng_m": lng_m,
                "lat_m": METRES_PER_DEGREE,
            },
        )
        cursor.execute("RESET session_replication_role")
        cursor.execute("VACUUM ANALYZE asset")
    return Ground(LNG, LAT, LNG + side_m / lng_m, LAT + side_m / METRES_PER_DEGREE)
