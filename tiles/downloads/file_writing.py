"""Rows of one query into one file, a batch at a time, in a process of its own (`python -m`).

The process knows no Django: it reads what to do as JSON from its standard input, and says after each batch
how many rows it has written. The database's COPY flows through a pipe and goes to GDAL as Arrow batches: a
million rows take little more memory than a thousand. It ends when its input is closed before its time.
"""

import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import psycopg2
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, open_csv

from geogrid.core.reading import reader_url
from tiles.downloads.orders import Order


class _NotHere(MetaPathFinder):
    """Says that some libraries are not installed."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        """Refuse them by name; leave the others to whoever comes next."""
        if fullname in ("geopandas", "pandas", "pyproj", "shapely"):
            raise ModuleNotFoundError(f"{fullname} is not wanted here", name=fullname)


if __name__ == "__main__":
    # pyogrio and pyarrow load these where they are to be had, and use none of them for Arrow: 50 MB of a
    # small process.
    sys.meta_path.insert(0, _NotHere())

import pyogrio  # noqa: E402 (after what it shall not find)

BLOCK: Final = 1 << 18  # bytes of CSV that become one batch
# Built at the end instead of beside the rows, and in the file once 16 MiB are full, the index of a GeoPackage
# takes no memory for each row.
INDEX_LATER: Final = {"OGR_GPKG_ALLOW_THREADED_RTREE": "NO", "OGR_GPKG_MAX_RAM_USAGE_RTREE": str(16 * 2**20)}
_TYPES: Final[dict[str, pa.DataType]] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "moment": pa.timestamp("ms", tz="UTC"),
    "date": pa.date32(),
    "uuid": pa.string(),
}
# What is read otherwise than it is written: the database knows microseconds, geometries come as hex digits.
_READ_AS: Final = {pa.timestamp("ms", tz="UTC"): pa.timestamp("us", tz="UTC"), pa.binary(): pa.string()}
_PARSE: Final = ParseOptions(newlines_in_values=True)


def write(order: Order, say: Any = None) -> int:
    """Write the file; how many rows it has. `say` is told after each batch how many there are by now."""
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in order.columns])
    if order.geometry is not None:
        schema = schema.append(pa.field(order.geometry, pa.binary()))
    rows = _Rows(order, schema, say or (lambda written: None))
    target = Path(order.target)
    inside = target.with_suffix("") if order.is_zipped else target
    if order.is_zipped:
        inside.mkdir()
        inside /= f"{order.layer}.shp"
    reader = pa.RecordBatchReader.from_batches(schema, rows.batches())
    shape: dict[str, Any] = {}
    if order.geometry is not None:
        shape = {"geometry_name": order.geometry, "geometry_type": order.geometry_type, "crs": "EPSG:4326"}
    pyogrio.set_gdal_config_options(INDEX_LATER)
    try:
        pyogrio.write_arrow(
            reader, inside, layer=order.layer, driver=order.driver, layer_options=order.options, **shape
        )
    except Exception as error:  # noqa: BLE001 - GDAL says only that there are no more rows, not why
        raise rows.error or error from None
    if rows.error is not None:
        raise rows.error
    if order.is_zipped:
        _zip(inside.parent, target)
    return rows.written


class _Rows:
    """The rows of the query as Arrow batches."""

    def __init__(self, order: Order, schema: pa.Schema, say: Any) -> None:
        self._order = order
        self._schema = schema
        self._say = say
        self.written = 0
        self.error: Exception | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Batch after batch, all of one moment. What goes wrong is kept: GDAL would only say that it did."""
        try:
            yield from self._batches()
        except Exception as error:
            self.error = error
            raise

    def _batches(self) -> Iterator[pa.RecordBatch]:
        receiving, sending = os.pipe()
        copying = _Copying(self._order, sending)
        copying.start()
        with io.BufferedReader(io.FileIO(receiving), BLOCK) as stream:
            if stream.peek(1):
                for batch in open_csv(stream, _reading(self._schema), _PARSE, _convert(self._schema)):
                    yield self._fitted(batch)
                    self.written += batch.num_rows
                    self._say(self.written)
        copying.join()
        if copying.error is not None:
            raise copying.error

    def _fitted(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with the types of the file: COPY speaks text only."""
        columns = [
            _bytes_of_hex(column) if field.type == pa.binary() else column.cast(field.type, safe=False)
            for column, field in zip(batch.columns, self._schema, strict=True)
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)


class _Copying(threading.Thread):
    """Lets the database write the query's rows, all of one moment, into a pipe as CSV."""

    def __init__(self, order: Order, sending: int) -> None:
        super().__init__(daemon=True)
        self._order, self._sending = order, sending
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with os.fdopen(self._sending, "wb", BLOCK) as target:
                self._copy(target)
        except Exception as error:  # noqa: BLE001 - told by whoever reads the pipe
            self.error = error

    def _copy(self, target: Any) -> None:
        with closing(
            psycopg2.connect(
                reader_url("app"),
                application_name="geogrid download",
                client_encoding="UTF8",
                options="-c jit=off -c timezone=UTC -c datestyle=ISO",
            )
        ) as connection:
            connection.set_session(readonly=True)
            with connection.cursor() as cursor:
                cursor.copy_expert(f"COPY ({self._order.sql}) TO STDOUT (FORMAT csv)", target)


def _reading(schema: pa.Schema) -> ReadOptions:
    return ReadOptions(column_names=schema.names, block_size=BLOCK, use_threads=False)


def _convert(schema: pa.Schema) -> ConvertOptions:
    """How the text of COPY is read: an empty field is NULL, an empty text has quotes."""
    return ConvertOptions(
        column_types={field.name: _READ_AS.get(field.type, field.type) for field in schema},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["t"],
        false_values=["f"],
    )


def _bytes_of_hex(column: pa.StringArray) -> pa.BinaryArray:
    """Texts of hex digits as the bytes that they mean, all at once."""
    kept = column.fill_null("")
    offsets = np.frombuffer(kept.buffers()[1], np.int32)[kept.offset : kept.offset + len(kept) + 1]
    digits = kept.buffers()[2].to_pybytes()[offsets[0] : offsets[-1]] if len(kept) else b""
    within = ((offsets - offsets[0]) // 2).astype(np.int32)
    read = pa.BinaryArray.from_buffers(
        pa.binary(),
        len(kept),
        [None, pa.py_buffer(within), pa.py_buffer(bytes.fromhex(digits.decode("ascii")))],
    )
    return pc.if_else(column.is_valid(), read, pa.scalar(None, pa.binary())) if column.null_count else read


def _zip(folder: Path, target: Path) -> None:
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, part.name)
            part.unlink()
    folder.rmdir()


def _end_with_the_parent() -> None:
    """Whoever gave the order holds our input open; when it is closed, nobody waits for the file any more."""
    while os.read(sys.stdin.fileno(), 1):
        continue
    os._exit(3)


def _first_line() -> bytes:
    line = bytearray()
    while not line.endswith(b"\n") and (more := os.read(sys.stdin.fileno(), 1 << 16)):
        line += more
    return bytes(line)


def main() -> None:
    """Carry out the order on the first line of the standard input."""
    said = json.loads(_first_line())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    order = Order(**said | {"columns": [tuple(column) for column in said["columns"]]})

    def tell(written: int) -> None:
        sys.stdout.write(f"{written}\n")
        sys.stdout.flush()

    try:
        write(order, tell)
    except Exception as error:  # noqa: BLE001 - the parent keeps the words, whatever they are
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)  # a thread still waits on the input, which an orderly end of Python would trip over


if __name__ == "__main__":
    main()
