"""Broken files: a sentence or a report, and nothing half done."""

import csv
import json
import zipfile

import openpyxl
import pytest
import shapely

from assets.models import Asset
from geogrid.core.errors import GeoGridError
from geogrid.core.importing.errors import ImportRefused
from geogrid.core.importing.models import ImportFinding
from tests.importing.conftest import geojson, lamps, place


def refused(take, path, words: str, **asked) -> None:
    with pytest.raises(ImportRefused, match=words):
        take(path, **asked)
    assert not Asset.objects.exists()


def cut(path, share: float = 0.6):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


@pytest.mark.parametrize("suffix", [".shp", ".dbf", ".shx"])
def test_a_shapefile_with_a_part_cut_off(write_file, take, suffix):
    path = write_file("points.shp", *lamps(500))
    cut(path.with_suffix(suffix))

    refused(take, path, "not whole")


@pytest.mark.parametrize("suffix", [".dbf", ".shx"])
def test_a_shapefile_with_a_part_missing(write_file, take, suffix):
    path = write_file("points.shp", *lamps(3))
    path.with_suffix(suffix).unlink()

    refused(take, path, "missing")


@pytest.mark.parametrize("name", ["points.gpkg", "points.geojson", "points.fgb"])
def test_other_files_cut_off(write_file, take, name):
    refused(take, cut(write_file(name, *lamps(2000))), "not whole|cannot be read")


def test_an_openstreetmap_extract_cut_off(take, tmp_path, helsinki_cut):
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(helsinki_cut.read_bytes())

    refused(take, cut(path), "not whole", profile="osm", anywhere=True)


@pytest.mark.parametrize(
    ("local", "central", "value", "sentence"),
    [
        (6, 8, 1, "without a password"),  # the flag of a password
        (8, 10, 9, "as plain zip"),  # Deflate64, which Windows writes for large files
    ],
)
def test_a_zip_that_python_cannot_undo_says_what_to_do(take, tmp_path, local, central, value, sentence):
    path = tmp_path / "points.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("points.csv", "source_id\n" * 1000)
    packed = bytearray(path.read_bytes())
    packed[local] = value
    packed[packed.index(b"PK\x01\x02") + central] = value
    path.write_bytes(packed)

    refused(take, path, sentence)


def test_a_zip_with_spoilt_bytes_is_not_whole(take, tmp_path):
    path = tmp_path / "points.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("points.csv", "".join(f"p{n},0137\n" for n in range(5000)))
    packed = bytearray(path.read_bytes())
    packed[60:90] = b"\xff" * 30
    path.write_bytes(packed)

    refused(take, path, "not whole")


def test_a_zip_and_an_xlsx_cut_off(take, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("points", 0)
    for n in range(2000):
        sheet.append([f"{n}", "0137"])
    book.save(tmp_path / "points.xlsx")
    cut(tmp_path / "points.xlsx")
    (tmp_path / "points.zip").write_bytes((tmp_path / "points.xlsx").read_bytes())

    refused(take, tmp_path / "points.xlsx", "not whole")
    refused(take, tmp_path / "points.zip", "not whole")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nothing.geojson", b""),
        ("words.geojson", b"this is no GeoJSON"),
        ("words.gpkg", b"this is no GeoPackage"),
        ("words.shp", b"this is no shapefile"),
        ("words.osm.pbf", b"this is no PBF"),
        ("words.xlsx", b"this is no sheet"),
        ("words.docx", b"of no kind that we read"),
        ("empty.csv", b"\n\n"),
    ],
)
def test_files_that_are_something_else(take, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    refused(take, tmp_path / name, name)


def test_a_file_that_is_not_there(take, tmp_path):
    refused(take, tmp_path / "nowhere.shp", "There is no file")


def test_metres_that_claim_to_be_degrees(write_file, take):
    rows, _ = lamps(5)

    refused(
        take,
        write_file("points.gpkg", rows, [shapely.Point(385000 + n, 6671000) for n in range(5)]),
        "no degrees",
    )


def test_swapped_axes(write_file, take):
    rows, places = lamps(5)

    refused(take, write_file("points.gpkg", rows, [shapely.Point(p.y, p.x) for p in places]), "swapped")


def test_swapped_columns_of_a_csv(take, tmp_path):
    path = tmp_path / "points.csv"
    lines = [f"{row['source_id']},0137,{at.y},{at.x}" for row, at in zip(*lamps(5), strict=True)]
    path.write_text("\n".join(["source_id,class,lng,lat", *lines]), encoding="utf-8")

    refused(take, path, "swapped")


def test_another_city(write_file, take):
    rows, places = lamps(5)
    path = write_file("points.gpkg", rows, [shapely.Point(p.x + 90, p.y - 30) for p in places])

    refused(take, path, "far from the city's grid")
    assert take(path, anywhere=True).added == 5


def test_no_coordinate_system_at_all(write_file, take):
    path = write_file("points.shp", *lamps(3), crs=None)

    refused(take, path, "does not say its coordinate system")
    assert take(path, crs="EPSG:4326").added == 3


def test_x_and_y_without_a_coordinate_system(take, tmp_path):
    (tmp_path / "points.csv").write_text("source_id,class,x,y\n1,0137,385000,6671000\n")

    refused(take, tmp_path / "points.csv", "does not say its coordinate system")


def test_gbk_that_claims_to_be_utf8(write_file, take):
    path = write_file("points.shp", *lamps(3), encoding="GBK")
    path.with_suffix(".cpg").write_text("UTF-8")

    refused(take, path, "are not UTF-8")
    assert take(path, encoding="gbk").added == 3


def test_bytes_that_are_no_text_in_a_csv(take, tmp_path):
    (tmp_path / "points.csv").write_bytes(
        b"source_id,class,name,lng,lat\n1,0137,\xff\xfe\xff\x80,24.938,60.126\n"
    )

    refused(take, tmp_path / "points.csv", "are not UTF-8 or GBK")


def test_a_heading_twice_and_no_rows(take, tmp_path):
    (tmp_path / "double.csv").write_text("a,a\n1,2\n")
    (tmp_path / "bare.csv").write_text("source_id,class,lng,lat\n")

    refused(take, tmp_path / "double.csv", "twice")
    refused(take, tmp_path / "bare.csv", "no rows")


def test_lines_for_points_are_reported_row_by_row(write_file, take):
    rows, places = lamps(3)
    shapes = [places[0], shapely.LineString([places[0], places[1]]), places[2]]

    outcome = take(write_file("points.gpkg", rows, shapes))

    assert (outcome.added, outcome.refused) == (2, 1)
    finding = ImportFinding.objects.get()
    assert (finding.row, finding.source_id) == (2, "lamp-1")
    assert "drawn as point" in finding.reason_en
    assert "0137" in finding.reason_zh


def test_the_report_is_a_table_and_a_map(write_file, take, tmp_path):
    rows, places = lamps(3)
    rows[1]["class"] = "=1+1"

    outcome = take(write_file("points.gpkg", rows, places), report=tmp_path / "said")

    table, drawn = outcome.report
    with table.open(encoding="utf-8-sig", newline="") as text:
        [line] = csv.DictReader(text)
    [feature] = json.loads(drawn.read_text(encoding="utf-8"))["features"]
    assert (line["row"], line["severity"]) == ("2", "refused")
    assert feature["geometry"]["coordinates"] == pytest.approx([places[1].x, places[1].y])
    assert feature["properties"]["advice_zh"]


def test_the_40001st_row_is_bad_and_all_others_come_in(take, tmp_path):
    path = tmp_path / "points.csv"
    rows, places = lamps(40_002)
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["source_id", "class", "lng", "lat"])
        for n, (row, at) in enumerate(zip(rows, places, strict=True), start=1):
            writer.writerow([row["source_id"], row["class"], "oops" if n == 40_001 else at.x, at.y])

    outcome = take(path)

    assert (outcome.added, outcome.refused) == (40_001, 1)
    assert ImportFinding.objects.get().row == 40_001


def test_rows_with_too_few_values_no_place_no_id_or_an_id_twice(take, tmp_path):
    path = tmp_path / "points.csv"
    good = "1,0137,24.938,60.1255"
    bad = ["2,0137", "3,0137,,", ",0137,24.938,60.1255", good, "4,0137,24.938,99"]
    path.write_text("\n".join(["source_id,class,lng,lat", good, *bad]))

    outcome = take(path)

    assert (outcome.added, outcome.refused) == (1, 5)
    assert set(ImportFinding.objects.values_list("row", flat=True)) == {2, 3, 4, 5, 6}


def test_an_outline_that_crosses_itself_is_mended_or_refused(take, tmp_path):
    bow = [place(0.1, 0.1), place(0.4, 0.4), place(0.4, 0.1), place(0.1, 0.4), place(0.1, 0.1)]
    flat = [place(0.1, 0.1), place(0.2, 0.2), place(0.1, 0.1), place(0.1, 0.1)]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [[[p.x, p.y] for p in ring]]},
            "properties": {"source_id": str(n), "class": "0201"},
        }
        for n, ring in enumerate((bow, flat))
    ]

    outcome = take(geojson(tmp_path / "areas.geojson", features))

    assert (outcome.added, outcome.repaired, outcome.refused) == (1, 1, 1)
    assert Asset.objects.get().geom.valid


def test_codes_that_are_none_or_taken_are_refused(write_file, take):
    rows, places = lamps(4)
    for row, code in zip(rows, ("9901010137000007", "9901010137000007", "short", ""), strict=True):
        row["code"] = code

    outcome = take(write_file("points.gpkg", rows, places))

    assert (outcome.added, outcome.refused) == (2, 2)
    assert set(Asset.objects.values_list("code", flat=True)) == {"9901010137000007", "9901010137000008"}


def test_a_profile_that_is_none(write_file, take):
    refused(take, write_file("points.gpkg", *lamps(1)), "There is no profile", profile="../settings")


@pytest.mark.parametrize(
    "words", ["[[rule]", 'scheme = "x"', 'scheme="x"\nversion="1"\n[source]\nid="a"\n[[rule]]\nsize=1']
)
def test_a_profile_of_ones_own_that_is_broken(write_file, take, tmp_path, words):
    (tmp_path / "mine.toml").write_text(words)

    with pytest.raises(GeoGridError):
        take(write_file("points.gpkg", *lamps(1)), profile=str(tmp_path / "mine.toml"))
