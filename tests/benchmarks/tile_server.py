"""The tile handler alone, without a cache, over the three columns that are compared (see a9_tiles)."""

import os

from geogrid.web.shell import Shell, healthy
from tiles import layers
from tiles.cache import TileCache
from tiles.handler import TileHandler
from tiles.layer import Column, Drawn, Layer, Source
from tiles.service import TileService

COMPARED = Layer(
    "compared",
    "比较",
    "Compared",
    "bench",
    Drawn.POINT,
    Source.TABLE,
    (
        Column("id", "Number", "id"),
        Column("asset_class_id", "Number", "class"),
        Column("state", "String", "state"),
    ),
    frozenset(),
    view="asset",
)
layers.LAYERS[COMPARED.id] = COMPARED
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geogrid.settings")

application = Shell(
    None,
    exact={"/healthz": healthy},
    under={"/tiles/": TileHandler(TileService(cache=TileCache(largest_bytes=0)))},
)
