"""A served demonstration city, an analyst of it, and a real QGIS. One of each for a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qgis.analyst import Analyst, with_access
from tests.qgis.desk import Desk, running_desk
from tests.served_city import ServedCity, served_demo_city

PICTURES = Path(__file__).resolve().parents[2] / "var" / "pictures" / "qgis"


@pytest.fixture(scope="module")
def city() -> Iterator[ServedCity]:
    with served_demo_city(worker=False) as served:
        yield served


@pytest.fixture(scope="module")
def analyst(city: ServedCity) -> Iterator[Analyst]:
    made = with_access(city)
    yield made
    made.leave()


@pytest.fixture(scope="module")
def desk(analyst: Analyst) -> Iterator[Desk]:
    with running_desk(analyst.password) as running:
        yield running


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures are kept for somebody to look at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES
