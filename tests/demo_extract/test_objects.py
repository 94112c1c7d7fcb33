"""Every object of the source is in a file of the demo city, or refused with a reason."""

import csv
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pyogrio
import pytest

from geogrid.demo.extract.city import COUNTS, REFUSED, read_counts
from geogrid.demo.extract.kinds import KINDS
from geogrid.demo.extract.objects import Account
from geogrid.demo.extract.osm import AREAS, POINTS, read_layer
from geogrid.demo.extract.shapefiles import LONGEST_FIELD, read
from tests.demo_extract.conftest import CUT

pytestmark = pytest.mark.slow

DOCUMENTED = {"lamps": 586, "manholes": 397, "hydrants": 37, "trees": 649, "buildings": 494}


def test_the_demo_city_accounts_for_every_object_of_the_source(demo_city):
    counts = read_counts(demo_city)

    assert {name: counts[name]["found"] for name in DOCUMENTED} == DOCUMENTED
    assert all(
        account["found"] == account["accepted"] + account["refused"] + sum(account["carried_by"].values())
        for account in counts.values()
    )


def test_each_file_of_the_demo_city_holds_the_accepted_objects_once(demo_city):
    for name, account in read_counts(demo_city).items():
        ids = list(read(demo_city, name)["source_id"])
        assert (name, len(ids), len(set(ids))) == (name, account["accepted"], account["accepted"])


def test_each_refused_object_is_listed_with_row_reason_and_advice(demo_city):
    with (demo_city / REFUSED).open(encoding="utf-8") as file:
        refused = list(csv.DictReader(file))

    by_file = {name: sum(row["file"] == name for row in refused) for name in read_counts(demo_city)}

    assert by_file == {name: account["refused"] for name, account in read_counts(demo_city).items()}
    assert by_file["buildings"] == 5
    assert all(
        row["source_id"] and row["row"].isdigit() and row["reason"] and row["advice"] for row in refused
    )


@pytest.mark.parametrize(
    ("name", "layer", "condition"),
    [
        ("lamps", POINTS, "highway = 'street_lamp'"),
        ("manholes", POINTS, "other_tags LIKE '%\"manhole\"=>%'"),
        ("hydrants", POINTS, 'other_tags LIKE \'%"emergency"=>"fire_hydrant"%\''),
        ("trees", POINTS, 'other_tags LIKE \'%"natural"=>"tree"%\''),
        ("buildings", AREAS, "building IS NOT NULL"),
    ],
)
def test_the_documented_query_finds_what_the_account_says(cut_city, name, layer, condition):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # areas cut at the edge are counted all the same
        rows = pyogrio.read_dataframe(CUT, layer=layer, where=condition, on_invalid="ignore")

    assert len(rows) == read_counts(cut_city)[name]["found"] > 0


def test_a_refused_object_stands_in_the_row_that_the_list_names(cut_city):
    with (cut_city / REFUSED).open(encoding="utf-8") as file:
        refused = list(csv.DictReader(file))

    areas = read_layer(CUT, AREAS)

    assert refused
    for row in refused:
        source = areas.iloc[int(row["row"])]
        assert (source["source_id"], source["geometry"]) == (row["source_id"], None)


def test_places_tags_and_invalid_outlines_stay_as_the_source_has_them(cut_city):
    source = {row["source_id"]: row for row in read_layer(CUT, AREAS).to_dict("records")}
    buildings = read(cut_city, "buildings")

    assert not buildings.geometry.is_valid.all()
    for building in buildings.to_dict("records"):
        original = source[building["source_id"]]
        assert building["geometry"].area == pytest.approx(original["geometry"].area, rel=1e-12, abs=0)
        assert building["geometry"].is_valid == original["geometry"].is_valid
        assert building["building"] == original["tags"]["building"]


def test_operators_of_manholes_are_kept(demo_city):
    operators = read(demo_city, "manholes")["operator"].dropna().value_counts().to_dict()

    assert operators == {"HKK": 14, "Sonera": 8, "Elisa": 6, "Helsingin Kaupunkikaasu Oy": 2, "Welho": 1}


def test_no_field_name_is_longer_than_a_shapefile_allows():
    assert all(len(field) <= LONGEST_FIELD for kind in KINDS for field in kind.fields)


def test_an_account_that_loses_an_object_is_not_complete():
    account = Account(query="points: highway=street_lamp", found=3, accepted=1, refused=1)

    assert not account.is_complete()


def test_a_lamp_that_carries_a_sign_is_a_lamp_and_no_second_object(cut_city):
    signs, lamps = read(cut_city, "signs"), read(cut_city, "lamps")

    assert not set(signs["source_id"]) & set(lamps["source_id"])
    assert lamps["sign"].notna().any()


def test_making_the_city_again_gives_the_same_bytes(cut_city, tmp_path: Path):
    # Another seed of Python's hashes: the order of a set must not show in the files.
    subprocess.run(
        [sys.executable, "-m", "geogrid.demo.extract", str(CUT), str(tmp_path)],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": "4711"},
    )

    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in cut_city.iterdir()}
    assert (tmp_path / COUNTS).stat().st_size > 0
    for path in cut_city.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
