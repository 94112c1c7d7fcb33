"""Rows of one query into one file, a batch at a time, in a process of its own (`python -m`).

The process knows no Django: it reads what to do as JSON from its standard input, and says after each batch
how many rows it has written. A cursor of the server's holds the query, columns go to GDAL as Arrow batches: a
million rows take no more memory than twenty thousand. It ends when its input is closed before its time.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import psycopg2
import pyarrow as pa
import pyogrio

from geogrid.core.reading import reader_url
from tiles.downloads.orders import Order

BATCH: Final = 20_000
_TYPES: Final[dict[str, pa.DataType]] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "moment": pa.timestamp("ms", tz="UTC"),
    "date": pa.date32(),
    "uuid": pa.string(),
}


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
    pyogrio.write_arrow(
        reader, inside, layer=order.layer, driver=order.driver, layer_options=order.options, **shape
    )
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
        connection = psycopg2.connect(
            reader_url("app"), application_name="geogrid download", options="-c jit=off -c timezone=UTC"
        )
        try:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            with connection.cursor(name="download") as cursor:
                cursor.itersize = BATCH
                cursor.execute(self._order.sql)
                while rows := cursor.fetchmany(BATCH):
                    columns = zip(*rows, strict=True)
                    yield pa.RecordBatch.from_arrays(
                        [
                            pa.array(column, type=field.type)
                            for column, field in zip(columns, self._schema, strict=True)
                        ],
                        schema=self._schema,
                    )
                    self.written += len(rows)
                    self._say(self.written)
        finally:
            connection.close()


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
