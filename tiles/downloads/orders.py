"""What the process that writes files is told. Apart from it: the server needs no Arrow to give an order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """What to write. `sql` is whole, with its values; its columns are `columns`, then the geometry as WKB.

    columns: (name, kind) each. geometry_type: as GDAL names it, or None. target: a path that does not exist.
    """

    sql: str
    columns: list[tuple[str, str]]
    geometry: str | None
    geometry_type: str | None
    layer: str
    driver: str
    options: dict[str, str]
    target: str
    is_zipped: bool = False
