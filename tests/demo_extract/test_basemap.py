"""The base layers of the demo city as PMTiles."""

import pyogrio
import pytest

from geogrid.demo.extract.basemap import LAYERS, make_basemap

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def archives(demo_city, tmp_path_factory):
    paths = make_basemap(demo_city, tmp_path_factory.mktemp("base"))
    return {path.stem: path for path in paths}


def test_there_is_one_archive_per_layer_and_nothing_half_written(archives):
    assert set(archives) == set(LAYERS) == {"landuse", "water", "roads", "railways", "footprints"}
    folder = archives["roads"].parent
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.pmtiles" for name in LAYERS)


def test_each_archive_holds_one_layer_of_its_name_from_zoom_10_to_16(archives):
    for name, path in archives.items():
        info = pyogrio.read_info(path)
        assert [layer for layer, _ in pyogrio.list_layers(path)] == [name]
        assert (info["dataset_metadata"]["minzoom"], info["dataset_metadata"]["maxzoom"]) == ("10", "16")
        assert info["dataset_metadata"]["name"] == name


def test_roads_carry_rank_name_and_tunnel(archives):
    roads = pyogrio.read_dataframe(archives["roads"])

    assert {1, 2, 3, 4} >= set(roads["rank"])
    assert set(roads["tunnel"]) <= {0, 1}
    assert "Mannerheimintie" in set(roads["name"])


def test_footprints_carry_what_3d_needs(archives):
    footprints = pyogrio.read_dataframe(archives["footprints"])

    assert {"kind", "levels", "height", "name"} <= set(footprints.columns)
    assert footprints["levels"].max() >= 5


def test_ground_without_water_has_no_archive_of_water(cut_city, tmp_path):
    names = {path.stem for path in make_basemap(cut_city, tmp_path)}

    assert names == set(LAYERS) - {"water"}


def test_a_second_run_replaces_the_archives(archives, demo_city):
    folder = archives["roads"].parent

    again = make_basemap(demo_city, folder)

    assert sorted(folder.iterdir()) == sorted(again)
