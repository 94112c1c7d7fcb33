"""Every kind of file from real bytes: what is in it comes in, with its texts and places."""

import csv
import zipfile

import openpyxl
import pyproj
import pytest

from assets.importing.loading import import_buildings, import_roads
from assets.models import Asset, Building, Road
from geogrid.core.importing.pipeline import Options
from geogrid.organisations.models import Organisation
from tests.importing.conftest import CLERK, geojson, lamps, place

ROWS = [
    {"source_id": "1", "class": "0137", "name": "路灯甲", "owner": "供电局", "state": "完好"},
    {"source_id": "2", "class": "0101", "name": "上水井盖乙", "owner": "水务局", "state": "破损"},
]
PLACES = [place(0.5, 0.5), place(1.5, 1.5)]


def assert_both_are_there(outcome):
    assert (outcome.added, outcome.refused, outcome.rows) == (2, 0, 2)
    lamp, cover = Asset.objects.order_by("source_id")
    assert lamp.owner is not None
    assert lamp.cell is not None
    assert cover.cell is not None
    assert (lamp.name, lamp.owner.name, lamp.asset_class.code) == ("路灯甲", "供电局", "0137")
    assert (lamp.geom.x, lamp.geom.y) == pytest.approx((PLACES[0].x, PLACES[0].y), abs=1e-9)
    assert lamp.cell.code.endswith("001001")
    assert cover.cell.code.endswith("001004")
    assert cover.state == "damaged"
    assert (lamp.code, cover.code) == ("9901010137000001", "9901010101000001")
    assert lamp.geom_3857 is not None


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
def test_a_shapefile_in_either_encoding(write_file, take, encoding):
    assert_both_are_there(take(write_file("points.shp", ROWS, PLACES, encoding=encoding)))


def test_a_gbk_shapefile_that_does_not_say_so(write_file, take):
    path = write_file("points.shp", ROWS, PLACES, encoding="GBK")
    path.with_suffix(".cpg").unlink()

    assert_both_are_there(take(path))


def test_a_zipped_shapefile(write_file, take, tmp_path):
    path = write_file("points.shp", ROWS, PLACES, encoding="UTF-8")
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in tmp_path.glob("points.*"):
            archive.write(part, f"folder/{part.name}")

    assert_both_are_there(take(packed))
    assert path.exists()


@pytest.mark.parametrize("name", ["points.gpkg", "points.geojson", "points.fgb"])
def test_geopackage_geojson_and_flatgeobuf(write_file, take, name):
    assert_both_are_there(take(write_file(name, ROWS, PLACES)))


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("gbk", ","), ("utf-16", "\t")]
)
def test_csv_with_mark_or_without_in_any_chinese_encoding(take, tmp_path, encoding, delimiter):
    path = tmp_path / "points.csv"
    with path.open("w", encoding=encoding, newline="") as text:
        writer = csv.writer(text, delimiter=delimiter)
        writer.writerow(["来源标识", "部件代码", "名称", "权属单位", "状态", "经度", "纬度"])
        for row, at in zip(ROWS, PLACES, strict=True):
            writer.writerow([*row.values(), at.x, at.y])

    assert_both_are_there(take(path))


def test_csv_with_wkt(take, tmp_path):
    path = tmp_path / "points.csv"
    lines = [f"{','.join(row.values())},{at.wkt}" for row, at in zip(ROWS, PLACES, strict=True)]
    path.write_text("\n".join(["source_id,class,name,owner,state,wkt", *lines]), encoding="utf-8")

    assert_both_are_there(take(path))


def test_an_xlsx_sheet(take, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("points", 0)
    sheet.append(["source_id", "class", "name", "owner", "state", "lng", "lat"])
    for row, at in zip(ROWS, PLACES, strict=True):
        sheet.append([int(row["source_id"]), *list(row.values())[1:], at.x, at.y])
    book.save(tmp_path / "points.xlsx")

    assert_both_are_there(take(tmp_path / "points.xlsx"))


def test_metres_of_another_coordinate_system(write_file, take):
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3067", always_xy=True).transform
    moved = [type(at)(*to_metres(at.x, at.y)) for at in PLACES]

    assert_both_are_there(take(write_file("points.gpkg", ROWS, moved, crs="EPSG:3067")))


def test_an_openstreetmap_extract_gives_assets_buildings_and_roads(city, take, helsinki_cut):
    options = Options(anywhere=True)
    assets = take(helsinki_cut, profile="osm", source="OpenStreetMap", anywhere=True)
    import_buildings(helsinki_cut, profile="osm", source="OpenStreetMap", actor=CLERK, options=options)
    import_roads(
        helsinki_cut, profile="osm", source="OpenStreetMap", actor=CLERK, options=Options(anywhere=True)
    )

    assert assets.rows == assets.added + assets.refused + assets.skipped
    assert assets.added == Asset.objects.count() > 0
    assert set(Asset.objects.values_list("source_id", flat=True)).isdisjoint({"", "node/"})
    ids = [text or "" for text in Asset.objects.values_list("source_id", flat=True)]
    assert all(text.startswith(("node/", "way/", "relation/")) for text in ids)
    assert Building.objects.count() > 0
    assert Road.objects.exclude(kind="").count() == Road.objects.count() > 0


def test_owners_named_in_the_file_become_units_of_its_source(write_file, take):
    take(write_file("points.gpkg", ROWS, PLACES))

    unit = Organisation.objects.get(name="水务局")
    assert (unit.kinds, unit.source) == (["owner"], "survey")


def test_what_else_stands_in_the_file_becomes_attributes_as_the_class_wants_them(write_file, take):
    rows = [{"source_id": "1", "class": "0137", "power_w": "150 ", "pole": "P-7"}]

    take(write_file("points.gpkg", rows, PLACES[:1]))

    assert Asset.objects.get().attributes == {"power_w": 150.0, "pole": "P-7"}


def test_a_number_that_is_none_is_left_out_and_reported(write_file, take):
    rows = [{"source_id": "1", "class": "0137", "power_w": "bright"}]

    outcome = take(write_file("points.gpkg", rows, PLACES[:1]))

    assert (outcome.added, outcome.repaired) == (1, 1)
    assert Asset.objects.get().attributes == {}


def test_a_dry_run_says_it_all_and_writes_nothing(write_file, take):
    rows, places = lamps(3)
    path = write_file("points.gpkg", [*rows, {"source_id": "x", "class": "9999"}], [*places, place(0, 0)])

    outcome = take(path, dry_run=True)

    assert (outcome.added, outcome.refused) == (3, 1)
    assert not Asset.objects.exists()


def test_attributes_that_the_standard_wants_and_the_file_lacks_are_named(write_file, take):
    outcome = take(write_file("points.gpkg", ROWS, PLACES))

    assert any("maintainer" in name for name in outcome.missing_fields)
    assert not any("owner" in name for name in outcome.missing_fields)


def test_geojson_with_nested_properties_and_heights(take, tmp_path):
    at = PLACES[0]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [at.x, at.y, 12.5]},
        "properties": {"source_id": "1", "class": "0137", "extra": {"a": [1, 2]}},
    }

    assert take(geojson(tmp_path / "points.geojson", [feature])).added == 1
