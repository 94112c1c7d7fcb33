"""Rows of a table from an XLSX or CSV file, as text under the names of our columns."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from grid_units.duties.importing.columns import Table
from grid_units.duties.importing.findings import UnreadableFile, Words

MAX_BYTES = 20 * 2**20
MAX_ROWS = 100_000
HEADER_WITHIN = 10  # the header stands in one of the first rows
COMMENT = "#"
# What zipfile, zlib, the XML parser (SyntaxError) and openpyxl raise on files that are cut off or garbled.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    SyntaxError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    RuntimeError,
)


@dataclass(frozen=True)
class Row:
    """A row of the table: its number as the spreadsheet program shows it, and text by column key."""

    number: int
    values: dict[str, str]

    def __getitem__(self, key: str) -> str:
        return self.values.get(key, "")


def read_rows(path: Path, table: Table) -> list[Row]:
    """The filled rows of a file, without headers and without comments (rows that begin with #).

    Raises:
        UnreadableFile: when it is no XLSX or CSV, too large, in an unknown encoding, or lacks a column.
    """
    return read_bytes(path.name, read_file(path), table)


def read_file(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        UnreadableFile: when there is none.
    """
    if not path.is_file():
        raise UnreadableFile(Words(f"没有文件 {path}。", f"There is no file {path}."))
    return path.read_bytes()


def read_bytes(name: str, data: bytes, table: Table) -> list[Row]:
    """As read_rows, from the bytes of a file called `name`."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(Words("文件超过 20 MB。", "The file is larger than 20 MB."))
    lines = _xlsx_lines(data) if data[:2] == b"PK" or name.lower().endswith(".xlsx") else _csv_lines(data)
    return _rows(lines, table)


def _rows(lines: Iterable[Sequence[str]], table: Table) -> list[Row]:
    keys: list[str] | None = None
    rows: list[Row] = []
    for number, line in enumerate(lines, start=1):
        if keys is None:
            keys = _header(line, table)
            if keys is None and number >= HEADER_WITHIN:
                break
            continue
        said = [value.strip() for value in line]
        first = next((value for value in said if value), "")
        if not first or first.startswith(COMMENT) or _header(line, table) is not None:
            continue
        if len(rows) == MAX_ROWS:
            raise UnreadableFile(Words("行数超过 100000。", "The table has more than 100,000 rows."))
        rows.append(Row(number, {key: value for key, value in zip(keys, said, strict=False) if key}))
    if keys is None:
        wanted = ", ".join(column.key for column in table.columns if column.required)
        raise UnreadableFile(
            Words(f"找不到表头，需要列：{wanted}。", f"There is no header row with the columns {wanted}.")
        )
    return rows


def _header(line: Sequence[str], table: Table) -> list[str] | None:
    """Keys of the columns of a header row, empty for foreign ones; None when it is no header."""
    found = [table.column(value) if value else None for value in line]
    keys = [column.key if column else "" for column in found]
    if not {column.key for column in table.columns if column.required} <= set(keys):
        return None
    return keys


def _csv_lines(data: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnreadableFile(
            Words("文件编码不是 UTF-8 或 GBK。", "The text is neither UTF-8 nor GBK: save it as CSV UTF-8.")
        )
    if "\0" in text:
        raise UnreadableFile(Words("文件不是 CSV 文本。", "The file is no CSV text."))
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise UnreadableFile(
            Words(f"CSV 无法读取：{error}。", f"The CSV cannot be read: {error}.")
        ) from error


def _xlsx_lines(data: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > 20 * MAX_BYTES:
                raise UnreadableFile(Words("文件解压后过大。", "The file is far too large once unpacked."))
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong one, and rows would be lost
        for line in sheet.iter_rows(values_only=True):
            yield [_text(value) for value in line]
    except DAMAGED as error:
        raise UnreadableFile(
            Words("XLSX 文件损坏，无法读取。", "The XLSX file is damaged and cannot be read.")
        ) from error


def _text(value: Any) -> str:
    """A cell as text. Codes that a program took for numbers come back as their digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
