"""What a published layer is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_ZOOM: Final = 16  # beyond it the browser draws the tiles of this zoom larger
EXTENT: Final = 4096  # units along a tile's edge
BUFFER: Final = 64  # units drawn beyond the edge, so that lines and icons do not end there


class Drawn(StrEnum):
    """What a layer is drawn as."""

    AREA = "polygon"
    LINE = "line"
    POINT = "point"


class Source(StrEnum):
    """Where its tiles come from."""

    GRID = "grid"  # cells and their unions, simplified together, in memory
    TABLE = "table"  # one statement per tile
    RUNS = "runs"  # bits of streets: those that follow each other in one state are one line
    COUNTED = "counted"  # a statement per tile, below `single_from` counts by a raster in memory


class Scope(StrEnum):
    """Who sees which features."""

    PUBLIC = "public"  # everybody who is signed in
    INCIDENTS = "incidents"  # as incidents: own subtree, own unit, own business
    POSITIONS = "positions"  # where the holder may see where people are


@dataclass(frozen=True)
class Column:
    """One property of a tile feature. `kind` is TileJSON's: String, Number or Boolean."""

    name: str
    kind: str
    about: str


@dataclass(frozen=True)
class Layer:
    """One published layer.

    view: the view in public that a tile reads. changed_by: kinds of change rows that make its tiles stale.
    scope: who sees which. single_from: first zoom with every feature by itself; below it, counts. min_zoom:
    first zoom with anything. fresh_s: no tile of it lives longer; pages ask again so often.
    shown_at_first: whether a map begins with it.
    """

    id: str
    title_zh: str
    title_en: str
    group: str
    drawn: Drawn
    source: Source
    columns: tuple[Column, ...]
    changed_by: frozenset[str]
    view: str = ""
    min_zoom: int = 0
    single_from: int = 0
    scope: Scope = Scope.PUBLIC
    fresh_s: float | None = None
    shown_at_first: bool = True

    @property
    def scoped(self) -> bool:
        """Whether not everybody sees the same."""
        return self.scope != Scope.PUBLIC
