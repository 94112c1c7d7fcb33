"""Opening a file of any kind that can be imported."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pyproj

from geogrid.core.importing.batch import Batch
from geogrid.core.importing.errors import ImportRefused
from geogrid.core.importing.sheets import Sheet
from geogrid.core.importing.wholeness import unpack

SUFFIXES = (".shp", ".zip", ".gpkg", ".geojson", ".json", ".csv", ".txt", ".xlsx", ".pbf", ".osm", ".fgb")


class SourceFile(Protocol):
    """A file opened for reading: its layers with their numbers of rows, its CRS, its rows in batches."""

    name: str
    layers: dict[str, int]

    def crs(self) -> pyproj.CRS | None: ...

    def fields(self) -> list[str]: ...

    def batches(self, layer: str, *, skip: int, size: int, tags: str | None = None) -> Iterator[Batch]: ...


def open_source(
    path: Path, *, work: Path, encoding: str | None = None, layers: list[str] | None = None
) -> SourceFile:
    """Open a file and look whether it is whole. `work` is an empty folder for copies it may need.

    Raises:
        ImportRefused: when it is not there, of no kind we know, damaged, or in another encoding.
    """
    if not path.is_file():
        raise ImportRefused(f"There is no file {path}.", f"没有文件 {path}。")
    if path.stat().st_size == 0:
        raise ImportRefused(f"{path.name} is empty.", f"{path.name} 是空文件。")
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return open_source(unpack(path, work), work=work, encoding=encoding, layers=layers)
    if suffix in {".csv", ".txt", ".xlsx"}:
        return Sheet(path, encoding=encoding, layers=layers)
    if suffix in SUFFIXES:
        # Here and not above: it loads pandas and Arrow, 90 MB of every process that imports nothing.
        from geogrid.core.importing.vector import VectorFile

        return VectorFile(path, work=work, encoding=encoding, layers=layers)
    raise ImportRefused(
        f"{path.name} is of no kind that can be imported: {', '.join(SUFFIXES)}.",
        f"{path.name} 的格式无法导入，支持：{'、'.join(SUFFIXES)}。",
    )
