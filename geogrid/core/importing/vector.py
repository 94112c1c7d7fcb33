"""Shapefile, GeoPackage, GeoJSON, OSM PBF and whatever else GDAL reads, batch by batch."""

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from geogrid.core.importing.batch import Batch, Fault, as_texts
from geogrid.core.importing.errors import ImportRefused
from geogrid.core.importing.wholeness import check_geopackage, check_osm, check_shapefile, sibling

_UNREADABLE = (
    DataSourceError,
    DataLayerError,
    FeatureError,
    FieldError,
    GeometryError,
    RuntimeError,
    ValueError,
)
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
T = TypeVar("T")
_OSM_IDS = {
    "points": {"osm_id": "node"},
    "lines": {"osm_id": "way"},
    "multilinestrings": {"osm_id": "relation"},
    "multipolygons": {"osm_id": "relation", "osm_way_id": "way"},
    "other_relations": {"osm_id": "relation"},
}


class VectorFile:
    """A file that GDAL reads. Kinds without random access are first copied into a GeoPackage beside the work,

    by GDAL itself and in constant memory, so that a batch anywhere in them costs the same and a broken file
    is known before the first row is written.
    """

    def __init__(self, path: Path, *, work: Path, encoding: str | None, layers: list[str] | None) -> None:
        self.name = path.name
        self._suffix = path.suffix.lower()
        self._encoding: str | None = None
        self._is_osm = self._suffix in {".pbf", ".osm"}
        if self._suffix == ".shp":
            check_shapefile(path)
            self._encoding = shapefile_encoding(path, encoding)
        elif self._suffix == ".gpkg":
            check_geopackage(path)
        elif self._is_osm:
            check_osm(path)
        names = self._layer_names(path)
        if layers:
            missing = [name for name in layers if name not in names]
            if missing:
                raise ImportRefused(
                    f"{path.name} has no layer {', '.join(missing)}; it has {', '.join(names)}.",
                    f"{path.name} 中没有图层 {'、'.join(missing)}；现有 {'、'.join(names)}。",
                )
            names = list(layers)
        elif len(names) > 1 and not self._is_osm:
            raise ImportRefused(
                f"{path.name} has {len(names)} layers: say --layer with one of {', '.join(names)}.",
                f"{path.name} 有 {len(names)} 个图层，请用 --layer 指定：{'、'.join(names)}。",
            )
        self._files = dict.fromkeys(names, path)
        self._crs: dict[str, str | None] = {}
        if self._suffix not in {".shp", ".gpkg", ".fgb"}:
            self._files = {name: self._copy(path, name, work) for name in names}
        self.layers: dict[str, int] = {}
        self._fields: dict[str, list[str]] = {}
        for name in names:
            info = self._ask(lambda name=name: pyogrio.read_info(self._files[name], layer=name))  # type: ignore[misc]
            self.layers[name] = int(info["features"])
            self._fields[name] = list(info["fields"])
            self._crs[name] = info["crs"]

    def crs(self) -> pyproj.CRS | None:
        """What the file says; None when it says nothing."""
        said = next(iter(self._crs.values()), None)
        return pyproj.CRS.from_user_input(said) if said else None

    def fields(self) -> list[str]:
        return list(dict.fromkeys(name for names in self._fields.values() for name in names))

    def batches(self, layer: str, *, skip: int, size: int, tags: str | None = None) -> Iterator[Batch]:
        """Batches of `size` rows from row `skip` on. `tags` names a column of hstore pairs to spread out.

        Raises:
            ImportRefused: when rows cannot be read.
        """
        for start in range(skip, self.layers[layer], size):
            yield self._read(layer, start, size, tags)

    def _read(self, layer: str, start: int, size: int, tags: str | None) -> Batch:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meta, _, wkb, values = self._ask(
                lambda: pyogrio.raw.read(
                    self._files[layer],
                    layer=layer,
                    encoding=self._encoding,
                    skip_features=start,
                    max_features=size,
                ),
                row=start + 1,
            )
        columns = {str(name): as_texts(column) for name, column in zip(meta["fields"], values, strict=True)}
        rows = len(wkb) if wkb is not None else len(next(iter(columns.values()), []))
        if wkb is None:
            shapes = np.full(rows, None, dtype=object)
        else:
            shapes = shapely.from_wkb(wkb, on_invalid="ignore")
        batch = Batch(layer, start + 1, columns, shapes)
        if wkb is not None:
            _name_unreadable(batch, wkb)
        if self._is_osm:
            for column, kind in _OSM_IDS.get(layer, {}).items():
                columns[column] = [f"{kind}/{value}" if value else "" for value in batch.column(column)]
        if tags and tags in columns:
            _spread_tags(batch, tags)
        return batch

    def _layer_names(self, path: Path) -> list[str]:
        found = self._ask(lambda: pyogrio.list_layers(path))
        if not len(found):
            raise ImportRefused(f"{path.name} has no layer.", f"{path.name} 中没有图层。")
        return [str(name) for name, _ in found]

    def _copy(self, path: Path, layer: str, work: Path) -> Path:
        copy = work / f"{re.sub(r'[^A-Za-z0-9_-]', '_', layer)[:60]}.gpkg"
        if copy.exists():
            return copy
        making = copy.with_suffix(".making.gpkg")
        making.unlink(missing_ok=True)

        def write() -> None:
            with (
                warnings.catch_warnings(),
                pyogrio.open_arrow(path, layer=layer, use_pyarrow=False) as (meta, stream),
            ):
                warnings.simplefilter("ignore")
                pyogrio.write_arrow(
                    stream,
                    making,
                    layer=layer,
                    driver="GPKG",
                    geometry_name=meta["geometry_name"] or "wkb_geometry",
                    geometry_type="Unknown",
                    crs=meta["crs"],
                    layer_options={"FID": "geogrid_fid", "SPATIAL_INDEX": "NO"},
                )

        self._ask(write)
        making.rename(copy)
        return copy

    def _ask(self, question: Callable[[], T], row: int | None = None) -> T:
        return _ask(self.name, question, row)


def _name_unreadable(batch: Batch, wkb: "np.ndarray[tuple[int], np.dtype[np.object_]]") -> None:
    for index in np.flatnonzero(shapely.is_missing(batch.shapes)):
        if wkb[index] is not None:
            batch.faults[int(index)] = Fault(
                "The shape cannot be built",
                "图形无法构建",
                "Repair the row in the source: rings need four corners and must close",
                "请在来源数据中修正：环至少四个点且首尾闭合",
            )


def _spread_tags(batch: Batch, tags: str) -> None:
    rows = len(batch)
    for index, packed in enumerate(batch.columns[tags]):
        for key, value in _TAG.findall(packed):
            column = batch.columns.get(key)
            if column is None:
                column = batch.columns[key] = [""] * rows
            column[index] = value.replace('\\"', '"').replace("\\\\", "\\").strip()


def shapefile_encoding(path: Path, asked: str | None) -> str:
    """The encoding of a shapefile's texts: as asked, else as its .cpg says, else UTF-8 or GBK by its bytes.

    Raises:
        ImportRefused: when the bytes are not in the encoding that was asked for or stated, or in neither.
    """
    stated = asked or _stated_encoding(path)
    table = sibling(path, ".dbf")
    for encoding in [stated] if stated else ["utf-8", "gb18030"]:
        if table is None or _decodes(table, encoding):
            return encoding
    word = stated or "UTF-8 or GBK"
    raise ImportRefused(
        f"The texts of {path.name} are not {word}. Say how they are written, for example --encoding gbk.",
        f"{path.name} 的文字编码不是 {word}，请用 --encoding 指明，例如 --encoding gbk。",
    )


def _stated_encoding(path: Path) -> str | None:
    note = sibling(path, ".cpg")
    said = note.read_text("ascii", errors="replace").strip() if note else ""
    if not said:
        return None
    known = {"936": "gb18030", "cp936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "65001": "utf-8"}
    return known.get(said.lower().removeprefix("ansi ").strip(), said)


def _decodes(table: Path, encoding: str) -> bool:
    """Whether every text field decodes; read field by field, because a field may end inside a character."""
    with table.open("rb") as file:
        head = file.read(32)
        start = int.from_bytes(head[8:10], "little")
        width = int.from_bytes(head[10:12], "little")
        fields, offset = [], 1
        for _ in range((start - 33) // 32):
            field = file.read(32)
            if field[:1] == b"\r" or len(field) < 32:
                break
            if field[11:12] == b"C":
                fields.append((offset, offset + field[16]))
            offset += field[16]
        file.seek(start)
        try:
            while block := file.read(max(1, width) * 4096):
                if block.isascii():
                    continue
                for row in range(0, len(block) - width + 1, max(1, width)):
                    for begin, end in fields:
                        _decode_field(block[row + begin : row + end], encoding)
        except (UnicodeDecodeError, LookupError):
            return False
    return True


def _decode_field(raw: bytes, encoding: str) -> None:
    text = raw.rstrip(b" \0")
    if text.isascii():
        return
    try:
        text.decode(encoding)
    except UnicodeDecodeError as error:
        # A text as long as its field may have been cut inside its last character.
        if len(text) < len(raw) or error.end < len(text) or error.start < len(text) - 3:
            raise


def _ask(name: str, question: Callable[[], T], row: int | None = None) -> T:
    try:
        return question()
    except UnicodeDecodeError as error:
        raise ImportRefused(
            f"A text of {name} cannot be read ({error.reason}). Say how it is written: --encoding.",
            f"{name} 中有文字无法解码，请用 --encoding 指明编码。",
        ) from None
    except _UNREADABLE as error:
        where = f" near row {row}" if row else ""
        said = str(error).strip().splitlines()[0][:200] if str(error).strip() else "unknown format"
        raise ImportRefused(
            f"{name} cannot be read{where}: {said}",
            f"{name} 无法读取{f'（第 {row} 行附近）' if row else ''}。",
        ) from None
