from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
import psycopg2
import pytest

from geogrid.changes.passes import Pass
from geogrid.embedded.testing import TestDatabase
from tests.tiles import drawn_city
from tiles.layers import layers_named
from tiles.service import TileService
from tiles.squares import Square

EVERYONE = Pass(user_id=0, epoch=0)
ALL_SEEING = Pass(user_id=0, epoch=0, everywhere=True)


class Reader:
    """Makes tiles as the login of the tile reader, and decodes them."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.service = TileService()

    def raw(self, layers: str, square: Square, asked_by: Pass = EVERYONE) -> bytes:
        with self._connection.cursor() as cursor:
            return self.service.make(cursor, layers_named(layers), square, asked_by)

    def layers(
        self, layers: str, square: Square, asked_by: Pass = EVERYONE
    ) -> dict[str, list[dict[str, Any]]]:
        tile = self.raw(layers, square, asked_by)
        options = {"y_coord_down": True}
        found = mapbox_vector_tile.decode(tile, default_options=options) if tile else {}
        return {name: layer["features"] for name, layer in found.items()}


@pytest.fixture
def reader(test_database: TestDatabase) -> Iterator[Reader]:
    connection = psycopg2.connect(test_database.tile_reader.url())
    connection.autocommit = True
    yield Reader(connection)
    connection.close()


@pytest.fixture
def city(transactional_db: None) -> None:
    drawn_city.draw()
