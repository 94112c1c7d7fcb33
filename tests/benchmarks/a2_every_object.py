"""A2: every object of the demo city is accounted for, from the source to the drawn tile.

For lamps, manholes, hydrants, trees and buildings: the rows that the documented query finds in the PBF are
the accepted ones in the database plus the refused ones in the reports; and the distinct ids decoded from all
tiles of zoom 16 are the accepted ones. Needs Helsinki.osm.pbf below GEOGRID_TEST_DATA (helsinki/); the small
run takes the count of the source from counts.json.
"""

import csv
import gzip
import json
import math
import os
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import psycopg2
import pyogrio

from geogrid.embedded.logins import Login
from tests.served_city import Person, ServedCity, served_demo_city

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "data" / "shapefiles"
ZOOM = 16
# What to look for: layer of GDAL's OSM driver, and the tag. Points keep most tags in `other_tags`.
QUERIES = {
    "lamps": ("points", "highway = 'street_lamp'"),
    "manholes": ("points", "other_tags LIKE '%\"manhole\"=>%'"),
    "hydrants": ("points", 'other_tags LIKE \'%"emergency"=>"fire_hydrant"%\''),
    "trees": ("points", 'other_tags LIKE \'%"natural"=>"tree"%\''),
    "buildings": ("multipolygons", "building IS NOT NULL"),
}


def found_in_source(kind: str, pbf: Path | None) -> int:
    """Rows of the query in the PBF; without the file, the count that was kept with the shapefiles."""
    if pbf is None:
        return int(json.loads((FILES / "counts.json").read_text())["kinds"][kind]["found"])
    layer, where = QUERIES[kind]
    options = {"on_invalid": "ignore"} if layer == "multipolygons" else {}
    return len(pyogrio.read_dataframe(pbf, layer=layer, where=where, **options))


def accepted_ids(kind: str, owner: Login) -> set[int]:
    """Ids in the database of the rows that came from the kind's shapefile."""
    source_ids = list(pyogrio.read_dataframe(FILES / f"{kind}.shp", read_geometry=False)["source_id"])
    table = "building" if kind == "buildings" else "asset"
    with psycopg2.connect(owner.url()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} WHERE source_id = ANY(%s)", [source_ids])
        return {row[0] for row in cursor.fetchall()}


def refused(kind: str, owner: Login) -> int:
    """Rows refused on the way: by the extraction (refused.csv) and by the import (its kept findings)."""
    with (FILES / "refused.csv").open(encoding="utf-8", newline="") as file:
        early: int = sum(row["file"] == kind for row in csv.DictReader(file))
    with psycopg2.connect(owner.url()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(refused), 0) FROM import_run WHERE file_name LIKE %s", [f"%{kind}.shp"]
        )
        [(late,)] = cursor.fetchall()
        return early + int(late)


def drawn_ids(person: Person, bbox: list[float]) -> dict[str, set[int]]:
    """Distinct feature ids by layer, out of every zoom-16 tile of a box in degrees."""
    token = person.call("GET", "/api/feed-token")[1]["token"]
    west, north = _tile(bbox[0], bbox[3])
    east, south = _tile(bbox[2], bbox[1])
    ids: dict[str, set[int]] = {"assets": set(), "buildings": set()}
    for x in range(west, east + 1):
        for y in range(north, south + 1):
            status, body = person.call("GET", f"/tiles/assets+buildings/{ZOOM}/{x}/{y}.mvt?token={token}")
            assert status in {200, 204}, (status, body)
            for layer, features in _decoded(body).items():
                ids[layer] |= {feature["id"] for feature in features["features"]}
    return ids


def extent_of_all(owner: Login) -> list[float]:
    """West, south, east and north of every asset and building in degrees: some reach beyond the cells."""
    with psycopg2.connect(owner.url()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM ("
            "SELECT ST_Extent(geom) FROM (SELECT geom FROM asset UNION ALL SELECT geom FROM building) g"
            ") e (b)"
        )
        [(west, south, east, north)] = cursor.fetchall()
    return [west, south, east, north]


def _decoded(body: bytes) -> dict[str, Any]:
    plain = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return dict(mapbox_vector_tile.decode(plain)) if plain else {}


def _tile(lng: float, lat: float) -> tuple[int, int]:
    across = 2**ZOOM
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lng + 180) / 360 * across), int(down * across)


def _account(city: ServedCity, pbf: Path | None) -> int:
    person = city.log_in("demo-operator")
    drawn = drawn_ids(person, extent_of_all(city.database.owner))
    wrong = 0
    print(f"{'kind':10} {'found':>6} {'accepted':>9} {'refused':>8} {'drawn':>6}")
    for kind in QUERIES:
        accepted = accepted_ids(kind, city.database.owner)
        layer = drawn["buildings" if kind == "buildings" else "assets"]
        found, no = found_in_source(kind, pbf), refused(kind, city.database.owner)
        print(f"{kind:10} {found:6} {len(accepted):9} {no:8} {len(accepted & layer):6}")
        for lost in sorted(accepted - layer):
            print(f"{'':10} not drawn: {kind} {lost}")
        wrong += abs(found - len(accepted) - no) + len(accepted - layer)
    return wrong


def main(small: bool) -> int:
    """Count; the figure is how many objects are unaccounted for."""
    folder = os.environ.get("GEOGRID_TEST_DATA")
    pbf = Path(folder) / "helsinki" / "Helsinki.osm.pbf" if folder and not small else None
    if not small and (pbf is None or not pbf.exists()):
        print("A2 short: data missing (GEOGRID_TEST_DATA)")
        return 1
    with served_demo_city(worker=False) as city:
        wrong = _account(city, pbf)
    print(f"A2 {wrong} unaccounted for, 0 wanted {'ok' if wrong == 0 else 'short'}")
    return 0 if wrong == 0 else 1
