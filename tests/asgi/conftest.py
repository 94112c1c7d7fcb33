from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asgi.running import CITY, ECHO, Server, serving


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the echo writes down which requests reached it."""
    log = tmp_path_factory.mktemp("echo") / "reached"
    log.touch()
    return log


@pytest.fixture(scope="module")
def echo(reached: Path) -> Iterator[Server]:
    with serving(ECHO, {"GEOGRID_ECHO_LOG": str(reached)}) as server:
        yield server


@pytest.fixture(scope="module")
def basemaps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("base")


@pytest.fixture(scope="module")
def server(test_database: object, django_db_setup: None, basemaps: Path) -> Iterator[Server]:
    """The whole application on this session's database."""
    with serving(CITY, {"GEOGRID_BASEMAP": str(basemaps)}) as running:
        yield running
