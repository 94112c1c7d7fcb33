"""Programs that nobody here wrote read the service: GDAL's OAPIF and MVT drivers, owslib."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from owslib.ogcapi.features import Features

from tests.ogc.conftest import Town
from tests.ogc.town import ASSETS, TOKENS
from tiles.squares import mercator, square_at

pytestmark = pytest.mark.db
COVERS = "asset_public_facility"


def gdal(town: Town, program: str, *arguments: str, who: str = "eve") -> str:
    """What a program of GDAL's says; it carries the token of `who`."""
    token = f"Authorization: Bearer {TOKENS[who]}"
    environment = os.environ | {"GDAL_HTTP_HEADERS": token}
    environment.pop("PROJ_LIB", None)
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


def as_geojson(town: Town, tmp_path: Path, *arguments: str) -> list[dict[str, Any]]:
    """The features that ogr2ogr brings home."""
    target = tmp_path / "home.geojson"
    gdal(
        town,
        "ogr2ogr",
        "-f",
        "GeoJSON",
        "-lco",
        "COORDINATE_PRECISION=9",
        str(target),
        f"OAPIF:{town.url}",
        *arguments,
    )
    features: list[dict[str, Any]] = json.loads(target.read_text())["features"]
    return features


def test_ogrinfo_finds_every_collection_with_its_count_geometry_and_system(town: Town):
    listed = gdal(town, "ogrinfo", "-ro", f"OAPIF:{town.url}")
    for layer in town.read("collections")["collections"]:
        assert f" {layer['id']} " in listed or f" {layer['id']}\n" in listed

    said = gdal(town, "ogrinfo", "-ro", "-so", f"OAPIF:{town.url}", COVERS)
    [[wanted]] = town.sql(f"SELECT count(*) FROM gis.{COVERS}")
    assert f"Feature Count: {wanted}" in said and wanted == ASSETS
    assert "Geometry: Point" in said and "WGS 84" in said
    assert re.search(r"owner_id: Integer", said) and re.search(r"state: String", said)


def test_ogr2ogr_brings_every_row_once_over_many_pages(town: Town, tmp_path: Path):
    features = as_geojson(town, tmp_path, COVERS, "-oo", "PAGE_SIZE=100")

    wanted = town.sql(
        f"SELECT id, code, state, owner_id, ST_X(geom), ST_Y(geom) FROM gis.{COVERS} ORDER BY id"
    )
    found = sorted(
        (
            one["properties"]["id"],
            one["properties"]["code"],
            one["properties"]["state"],
            one["properties"]["owner_id"],
            *one["geometry"]["coordinates"],
        )
        for one in features
    )
    assert [row[:4] for row in found] == [row[:4] for row in wanted]
    for mine, theirs in zip(found, wanted, strict=True):
        assert mine[4:] == pytest.approx(theirs[4:], abs=1e-9)


def test_ogr2ogr_asks_for_a_box_and_a_condition(town: Town, tmp_path: Path):
    features = as_geojson(
        town,
        tmp_path,
        COVERS,
        "-spat",
        "24.9375",
        "60.125",
        "24.9453125",
        "60.1328125",
        "-where",
        "state = 'damaged'",
    )

    [[wanted]] = town.sql(
        f"SELECT count(*) FROM gis.{COVERS} WHERE state = 'damaged'"
        " AND ST_Intersects(geom, ST_MakeEnvelope(24.9375, 60.125, 24.9453125, 60.1328125, 4326))"
    )
    assert len(features) == wanted > 10


def test_gdal_sees_only_what_the_holder_of_the_token_sees(town: Town):
    said = gdal(town, "ogrinfo", "-ro", "-so", f"OAPIF:{town.url}", "incident", who="ann")

    assert "Feature Count: 7" in said


def tile_read(town: Town, tmp_path: Path, layer: str, who: str = "eve") -> str:
    """What the MVT driver finds in the tile that holds the town, as the service gives it to `who`."""
    square = square_at(24.9453125, 60.1328125, 12)
    address = f"collections/{layer}/tiles/WebMercatorQuad/{square.z}/{square.y}/{square.x}"
    answer = town.ask("GET", address, who=who)
    assert answer.status == 200 and answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    file = tmp_path / "tile.pbf"
    file.write_bytes(answer.body)
    place = ["-oo", f"Z={square.z}", "-oo", f"X={square.x}", "-oo", f"Y={square.y}"]
    return gdal(town, "ogrinfo", "-ro", "-al", f"MVT:{file}", *place)


def test_the_mvt_driver_reads_a_tile_and_finds_the_cells_where_they_are(town: Town, tmp_path: Path):
    said = tile_read(town, tmp_path, "cell")

    codes = {code for [code] in town.sql("SELECT code FROM cell")}
    assert set(re.findall(r"code \(String\) = (\d{15})", said)) == codes
    assert "Pseudo-Mercator" in said
    west, south = mercator(24.9375, 60.125)
    found = re.search(r"Extent: \(([\d.]+), ([\d.]+)\)", said)
    assert found and float(found[1]) == pytest.approx(west, abs=5)
    assert float(found[2]) == pytest.approx(south, abs=5)


def test_tiles_hold_the_incidents_of_who_asks_and_no_other(town: Town, tmp_path: Path):
    def numbers(who: str) -> set[str]:
        return set(re.findall(r"number \(String\) = (\S+)", tile_read(town, tmp_path, "incident", who)))

    hers = {number for [number] in town.sql("SELECT number FROM incident WHERE unit_code LIKE '%%001001'")}
    assert numbers("ann") == hers and len(hers) == 7
    assert numbers("eve") > hers


def test_owslib_reads_collections_queryables_pages_and_filters(town: Town):
    service = Features(f"{town.url}/", headers={"Authorization": f"Bearer {TOKENS['eve']}"})

    assert set(service.feature_collections()) == {
        one["id"] for one in town.read("collections")["collections"]
    }
    assert "state" in service.collection_queryables(COVERS)["properties"]
    assert service.conformance()["conformsTo"]
    page = service.collection_items(COVERS, limit=10)
    assert page["numberMatched"] == ASSETS and len(page["features"]) == 10
    found = service.collection_items(
        COVERS, filter="state IN ('missing') AND CASEI(name) LIKE '井盖%'", limit=1000
    )
    [[wanted]] = town.sql(f"SELECT count(*) FROM gis.{COVERS} WHERE state = 'missing' AND name LIKE '井盖%%'")
    assert found["numberMatched"] == len(found["features"]) == wanted > 10
    one = service.collection_item(COVERS, str(page["features"][0]["id"]))
    assert one["properties"] == page["features"][0]["properties"]
