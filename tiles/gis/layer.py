"""What a layer for analysts is: one view in schema `gis`, one layer in QGIS, one OGC collection."""

from dataclasses import dataclass
from enum import StrEnum

from tiles.layer import Scope


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "moment"  # timestamp with time zone
    DATE = "date"
    UUID = "uuid"


@dataclass(frozen=True)
class Choices:
    """What may stand in a column: a fixed list of (value, zh, en), or the keys of another gis view."""

    values: tuple[tuple[str, str, str], ...] = ()
    view: str = ""
    key: str = ""
    label: str = ""


@dataclass(frozen=True)
class GisColumn:
    """One column. Titles are what QGIS shows as its alias, and the comment in the database."""

    name: str
    kind: str
    title_zh: str
    title_en: str
    editable: bool = False
    filterable: bool = True
    choices: Choices | None = None


@dataclass(frozen=True)
class GisLayer:
    """One layer.

    id: name of the view, of the collection. key: the first column. geometry: its column, WGS 84 longitude and
    latitude, or None. map_layer: the tile layer of the same things. theme: themes of the QGIS project it
    stands in. scope: who sees which features over the web; unit: the column with the code of the cell (or
    larger unit) that a feature lies in, by which that is decided. Row policies decide in the database.
    """

    id: str
    title_zh: str
    title_en: str
    group: str
    key: str
    geometry: str | None
    geometry_type: str
    columns: tuple[GisColumn, ...]
    inserts: bool = False
    updates: bool = False
    deletes: bool = False
    map_layer: str | None = None
    theme: frozenset[str] = frozenset()
    scope: Scope = Scope.PUBLIC
    unit: str | None = None

    @property
    def editable(self) -> bool:
        """Whether anything of it can be changed."""
        return self.inserts or self.updates or self.deletes
