"""The committed demo city, and a small one made from a cut of the same source."""

from pathlib import Path

import pytest

from geogrid.demo.extract.city import write_cells, write_objects

ROOT = Path(__file__).parents[2]
CUT = ROOT / "tests/data/helsinki_cut.osm.pbf"


@pytest.fixture(scope="session")
def demo_city() -> Path:
    return ROOT / "data/shapefiles"


@pytest.fixture(scope="session")
def cut_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the cut, made once for all tests that read them."""
    folder = tmp_path_factory.mktemp("cut_city")
    write_objects(CUT, folder)
    write_cells(folder)
    return folder
