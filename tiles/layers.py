"""The one list of published layers: what tiles, TileJSON, styles and the layer panel read.

Zoom bands and columns follow docs/architecture.md: only what is drawn travels in tiles, the rest is fetched
by reference on a click.
"""

from tiles.layer import BUFFER, EXTENT, MAX_ZOOM, Column, Drawn, Layer, Scope, Source
from tiles.layers_of_patrols import PATROL_LAYERS

__all__ = ["BUFFER", "EXTENT", "LAYERS", "MAX_ZOOM", "Layer", "Source", "UnknownLayer", "layers_named"]

_ID = Column("id", "Number", "Identity inside this database")
_CODE = Column("code", "String", "Code")
_NAME = Column("name", "String", "Name")
_NAME_EN = Column("name_en", "String", "English name")
_COUNT = Column("count", "Number", "How many stand here, where they are counted and not drawn one by one")
_GRID_KINDS = frozenset({"cell", "unit", "grid_unit"})
_UNIT_COLUMNS = (_ID, _CODE, _NAME, _NAME_EN)


def _units(layer_id: str, zh: str, en: str, min_zoom: int) -> Layer:
    return Layer(
        layer_id, zh, en, "grid", Drawn.AREA, Source.GRID, _UNIT_COLUMNS, _GRID_KINDS, min_zoom=min_zoom
    )


LAYERS: dict[str, Layer] = {
    layer.id: layer
    for layer in (
        _units("districts", "区县", "Districts", 0),
        _units("streets", "街道", "Streets (units)", 8),
        _units("communities", "社区", "Communities", 10),
        Layer(
            "cells",
            "单元网格",
            "Cells",
            "grid",
            Drawn.AREA,
            Source.GRID,
            (
                *_UNIT_COLUMNS,
                Column("kind", "String", "GENERAL or EXCLUSIVE"),
                Column("households", "Number", "Households"),
                Column("community", "String", "Code of its community"),
            ),
            _GRID_KINDS,
            min_zoom=9,
        ),
        Layer(
            "buildings",
            "建筑物",
            "Buildings",
            "ground",
            Drawn.AREA,
            Source.TABLE,
            (
                _ID,
                _NAME,
                Column("kind", "String", "Kind as its source writes it"),
                Column("levels", "Number", "Storeys above ground"),
                Column("height_m", "Number", "Height in metres, assumed where it is not known"),
            ),
            frozenset({"building"}),
            view="map_building",
            min_zoom=13,
        ),
        Layer(
            "roads",
            "道路",
            "Roads",
            "ground",
            Drawn.LINE,
            Source.TABLE,
            (
                _ID,
                _NAME,
                Column("kind", "String", "Kind as its source writes it"),
                Column("rank", "Number", "From 1, a main road, to 4, a path"),
            ),
            frozenset({"road"}),
            view="map_road",
            min_zoom=8,
        ),
        Layer(
            "assets",
            "管理部件",
            "Assets",
            "assets",
            Drawn.POINT,
            Source.COUNTED,
            (
                _ID,
                _CODE,
                Column("cls", "String", "Code of the class"),
                Column("icon", "String", "Name of the icon"),
                Column("state", "String", "intact, damaged, missing or abandoned"),
                _COUNT,
            ),
            frozenset({"asset", "asset_class"}),
            view="map_asset",
            min_zoom=8,
            single_from=15,
        ),
        Layer(
            "incidents",
            "案件",
            "Incidents",
            "incidents",
            Drawn.POINT,
            Source.TABLE,
            (
                _ID,
                Column("number", "String", "Number"),
                Column("stage", "String", "Where it stands"),
                Column("cls", "String", "Code of the asset class, else of the event class"),
                Column("status", "String", "How it is drawn"),
                Column("age", "Number", "Whole hours since the report"),
                _COUNT,
            ),
            frozenset({"incident"}),
            view="map_incident",
            min_zoom=6,
            single_from=12,
            scope=Scope.INCIDENTS,
        ),
        *PATROL_LAYERS,
    )
}


class UnknownLayer(Exception):
    """A layer was asked for that is not published. The message names it."""


def layers_named(joined: str) -> tuple[Layer, ...]:
    """The layers of `a+b+c`, in that order.

    Raises:
        UnknownLayer: when one is not published, or named twice.
    """
    names = joined.split("+")
    if len(set(names)) != len(names):
        raise UnknownLayer("A layer is named twice.")
    for name in names:
        if name not in LAYERS:
            raise UnknownLayer(f"There is no layer '{name[:40]}'. There are: {', '.join(LAYERS)}.")
    return tuple(LAYERS[name] for name in names)
