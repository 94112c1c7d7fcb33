"""CSV and XLSX with places in columns: longitude and latitude, x and y, or WKT."""

import csv
import itertools
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from geogrid.core.geo import STORAGE_SRID
from geogrid.core.importing.batch import Batch, Fault
from geogrid.core.importing.errors import ImportRefused
from geogrid.core.importing.wholeness import cut_off

LONGITUDE = ("lon", "lng", "long", "longitude", "经度")
LATITUDE = ("lat", "latitude", "纬度")
EASTING = ("x", "easting", "横坐标")
NORTHING = ("y", "northing", "纵坐标")
WKT = ("wkt", "geom", "geometry", "the_geom", "坐标串")
_LARGEST_TEXT = 2**24  # of one cell: the outline of a large cell as WKT

_RAGGED = Fault(
    "The row has not as many values as the heading",
    "该行列数与表头不一致",
    "Look for a missing or unquoted separator",
    "请检查是否缺少分隔符或引号",
)
_NO_NUMBER = Fault(
    "Longitude and latitude are not numbers",
    "经纬度不是数字",
    "Write degrees as 24.95",
    "请以 24.95 形式填写度数",
)
_NO_WKT = Fault(
    "The WKT cannot be read",
    "WKT 无法解析",
    "Write for example POINT (24.95 60.17)",
    "示例：POINT (24.95 60.17)",
)


class Sheet:
    """A table of texts with a heading; a place is made of its columns."""

    def __init__(self, path: Path, *, encoding: str | None, layers: list[str] | None) -> None:
        self.name = path.name
        self._path = path
        if path.suffix.lower() == ".xlsx":
            self._rows: Any = lambda: _xlsx_rows(path, layers[0] if layers else None)
        else:
            found = csv_encoding(path, encoding)
            delimiter = _delimiter(path, found)
            self._rows = lambda: _csv_rows(path, found, delimiter)
        rows = self._rows()
        heading = next(rows, None)
        if heading is None or not any(heading):
            raise ImportRefused(f"{path.name} has no heading.", f"{path.name} 没有表头。")
        self._heading = [str(name).strip() for name in heading]
        double = {name for name in self._heading if name and self._heading.count(name) > 1}
        if double:
            raise ImportRefused(
                f"{path.name} has the heading {', '.join(sorted(double))} twice.",
                f"{path.name} 表头重复：{'、'.join(sorted(double))}。",
            )
        lower = {name.lower(): name for name in self._heading}
        self._wkt = next((lower[name] for name in WKT if name in lower), None)
        self._degrees = _pair(lower, LONGITUDE, LATITUDE)
        self._metres = _pair(lower, EASTING, NORTHING)
        self.layers = {path.stem: sum(1 for _ in rows)}

    def crs(self) -> pyproj.CRS | None:
        """Degrees are WGS 84 unless the caller says GCJ-02 or BD-09; x and y say nothing of themselves."""
        return pyproj.CRS.from_epsg(STORAGE_SRID) if self._degrees or self._wkt else None

    def fields(self) -> list[str]:
        return [name for name in self._heading if name]

    def has_places(self) -> bool:
        return bool(self._wkt or self._degrees or self._metres)

    def batches(self, layer: str, *, skip: int, size: int, tags: str | None = None) -> Iterator[Batch]:
        """Batches of `size` rows from row `skip` on."""
        rows = itertools.islice(self._rows(), skip + 1, None)
        start = skip
        while block := list(itertools.islice(rows, size)):
            yield self._batch(layer, start + 1, block)
            start += len(block)

    def _batch(self, layer: str, first_row: int, block: list[list[str]]) -> Batch:
        width = len(self._heading)
        faults = {index: _RAGGED for index, row in enumerate(block) if len(row) != width}
        rows = [row if len(row) == width else (row + [""] * width)[:width] for row in block]
        columns = {
            name: [value.strip() for value in values]
            for name, values in zip(self._heading, zip(*rows, strict=True), strict=True)
            if name
        }
        batch = Batch(layer, first_row, columns, np.full(len(rows), None, dtype=object), faults)
        self._place(batch)
        return batch

    def _place(self, batch: Batch) -> None:
        if self._wkt:
            texts = batch.columns[self._wkt]
            batch.shapes = shapely.from_wkt(
                np.array([text or None for text in texts], dtype=object), on_invalid="ignore"
            )
            for index in np.flatnonzero(shapely.is_missing(batch.shapes)):
                if texts[index]:
                    batch.faults.setdefault(int(index), _NO_WKT)
            return
        pair = self._degrees or self._metres
        if pair is None:
            return
        x, y = (_numbers(batch.columns[name]) for name in pair)
        there = np.isfinite(x) & np.isfinite(y)
        shapes = np.full(len(batch), None, dtype=object)
        shapes[there] = shapely.points(x[there], y[there])
        batch.shapes = shapes
        for index in np.flatnonzero(~there):
            if any(batch.columns[name][index] for name in pair):
                batch.faults.setdefault(int(index), _NO_NUMBER)


def _pair(lower: dict[str, str], first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, str] | None:
    x = next((lower[name] for name in first if name in lower), None)
    y = next((lower[name] for name in second if name in lower), None)
    return (x, y) if x and y else None


def _numbers(texts: list[str]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    try:
        return np.array(texts, dtype=np.float64)
    except ValueError:
        return np.array([_number(text) for text in texts], dtype=np.float64)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def csv_encoding(path: Path, asked: str | None) -> str:
    """The encoding of a CSV file: as asked, else by its mark, else UTF-8 or GBK, tried on the whole file.

    Raises:
        ImportRefused: when the bytes do not fit.
    """
    with path.open("rb") as file:
        mark = file.read(4)
    if mark.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif mark.startswith(b"\xef\xbb\xbf"):
        candidates = ["utf-8-sig"]
    else:
        candidates = [asked] if asked else ["utf-8", "gb18030"]
    for encoding in candidates:
        try:
            with path.open(encoding=encoding, newline="") as text:
                while text.read(2**20):
                    pass
        except (UnicodeError, LookupError):
            continue
        return encoding
    word = asked or "UTF-8 or GBK"
    raise ImportRefused(
        f"The texts of {path.name} are not {word}. Say how they are written: --encoding.",
        f"{path.name} 的文字编码不是 {word}，请用 --encoding 指明。",
    )


def _delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as text:
        heading = text.readline()
    return max(",;\t|", key=heading.count)


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LARGEST_TEXT)
    with path.open(encoding=encoding, newline="") as text:
        try:
            for row in csv.reader(text, delimiter=delimiter):
                if any(row):
                    yield row
        except csv.Error as error:
            raise ImportRefused(
                f"{path.name} is no CSV: {error}.", f"{path.name} 不是有效的 CSV 文件。"
            ) from None


def _xlsx_rows(path: Path, sheet: str | None) -> Iterator[list[str]]:
    import openpyxl  # half a second that a file of another kind need not wait
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged:
            raise cut_off(path.name, f"{damaged} in it is damaged", "内部文件已损坏")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise cut_off(path.name, str(error)[:150] or "no XLSX", "不是有效的 XLSX 文件") from None
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise ImportRefused(
                f"{path.name} has no sheet {sheet}; it has {', '.join(book.sheetnames)}.",
                f"{path.name} 中没有工作表 {sheet}；现有 {'、'.join(book.sheetnames)}。",
            )
        page = book[sheet] if sheet else book.worksheets[0]
        width = 0
        for values in page.iter_rows(values_only=True):
            row = [_cell_text(value) for value in values]
            if not width:
                while row and not row[-1]:
                    row.pop()
                width = len(row)
            if any(row):
                yield (row + [""] * width)[:width] if not any(row[width:]) else row
    finally:
        book.close()


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
