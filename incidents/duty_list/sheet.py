"""The nine-column Excel layout of cities' duty lists, read into rows; every mistake with its cell address.

大类代码, 大类名称, 小类代码, 小类名称, 处置单位, 主管部门, 立案条件, 结案条件, 处置时限. Merged cells inherit
downwards. All sheets with the header are read; 部件 or 事件 in a sheet's name tells the kind of its classes.
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any, Final

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from incidents.clocks.limits import LimitError, parse
from incidents.duty_list.conditions import ClassKind, ConditionText

COLUMNS: Final = (
    "大类代码", "大类名称", "小类代码", "小类名称", "处置单位",
    "主管部门", "立案条件", "结案条件", "处置时限",
)  # fmt: skip
MAJOR_CODE, MAJOR_NAME, MINOR_CODE, MINOR_NAME, UNIT, AUTHORITY, FILING, CLOSING, LIMIT = range(9)
MAX_BYTES: Final = 20 * 2**20
MAX_UNPACKED: Final = 200 * 2**20
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 60
MAX_MERGED: Final = 2 * MAX_ROWS * MAX_COLUMNS
HEADER_WITHIN: Final = 10
# Longest text of each column.
LONGEST: Final = (6, 60, 6, 100, 200, 200, 2000, 2000, 40)
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, SyntaxError, KeyError, ValueError, TypeError,
    AttributeError, IndexError, EOFError, OSError, RuntimeError,
)  # fmt: skip


class UnreadableSheet(ValueError):
    """The file as a whole cannot be read. The message is in both languages."""


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing wrong in one cell. `cell` is its address as the spreadsheet program shows it."""

    sheet: str
    row: int
    cell: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}: {self.en} / {self.zh}"


@dataclass(frozen=True)
class ListedClass:
    """A class as the file lists it; the kind is None where the sheet does not tell it."""

    kind: ClassKind | None
    code: str
    major_name: str
    name: str


@dataclass(frozen=True)
class Line:
    """One condition of the file, with the row it stands in."""

    of_class: ListedClass
    condition: ConditionText
    sheet: str
    row: int
    name_cell: str


@dataclass
class Reading:
    """What a file says: the good lines, what is wrong, and the classes that a mistake touches.

    `touched` holds (kind, code) and (kind, name) of classes with a bad row: of these nothing can be said
    to be gone. `nameless`: a bad row tells neither, so that nothing at all can.
    """

    lines: list[Line] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    touched: set[tuple[ClassKind | None, str]] = field(default_factory=set)
    nameless: bool = False


@dataclass(frozen=True)
class _Row:
    number: int
    values: tuple[Any, ...]


def read_workbook(data: bytes) -> Reading:
    """Read a whole file.

    Raises:
        UnreadableSheet: when it is no XLSX file, too large, or no sheet has the header.
    """
    reading = Reading()
    seen: dict[tuple[ClassKind | None, str], tuple[str, str]] = {}
    majors: dict[tuple[ClassKind | None, str], str] = {}
    texts: dict[tuple[ClassKind | None, str, str], str] = {}
    has_header = False
    for title, rows in _sheets(data):
        placed = _header(rows)
        if placed is None:
            continue
        has_header = True
        sheet = _SheetReader(title, _kind_of(title), placed[1], reading, seen, majors, texts)
        for row in rows[placed[0] + 1 :]:
            sheet.read(row)
    if not has_header:
        raise UnreadableSheet(
            f"前 {HEADER_WITHIN} 行里找不到表头，需要九列：{'、'.join(COLUMNS)}。"
            f"The first {HEADER_WITHIN} rows hold no header with the nine columns {', '.join(COLUMNS)}."
        )
    reading.mistakes.sort()
    return reading


class _SheetReader:
    """Reads the rows of one sheet. What is known of codes and names is shared by all sheets of a file."""

    def __init__(
        self,
        title: str,
        kind: ClassKind | None,
        columns: list[int],
        reading: Reading,
        seen: dict[tuple[ClassKind | None, str], tuple[str, str]],
        majors: dict[tuple[ClassKind | None, str], str],
        texts: dict[tuple[ClassKind | None, str, str], str],
    ) -> None:
        self.title, self.kind, self.columns, self.reading = title, kind, columns, reading
        self.seen, self.majors, self.texts = seen, majors, texts

    def read(self, row: _Row) -> None:
        values = [row.values[column] if column < len(row.values) else None for column in self.columns]
        if all(value is None or str(value).strip() == "" for value in values):
            return
        before = len(self.reading.mistakes)
        said = [self._text(row, place, value) for place, value in enumerate(values)]
        code = self._code(row, values, said)
        if len(self.reading.mistakes) == before:
            self._names(row, code, said)
            self._twice(row, code, said)
        condition = self._condition(row, said) if said[FILING] and said[CLOSING] and said[LIMIT] else None
        if len(self.reading.mistakes) > before or condition is None:
            self._touch(code, said[MINOR_NAME])
            return
        one = ListedClass(self.kind, code, said[MAJOR_NAME], said[MINOR_NAME])
        self.reading.lines.append(Line(one, condition, self.title, row.number, self._cell(row, MINOR_NAME)))

    def _touch(self, code: str, name: str) -> None:
        known = [text for text in (code, name) if text]
        self.reading.touched |= {(self.kind, text) for text in known}
        self.reading.nameless |= not known

    def _wrong(self, row: _Row, place: int, zh: str, en: str) -> None:
        self.reading.mistakes.append(Mistake(self.title, row.number, self._cell(row, place), zh, en))

    def _cell(self, row: _Row, place: int) -> str:
        return f"{get_column_letter(self.columns[place] + 1)}{row.number}"

    def _text(self, row: _Row, place: int, value: Any) -> str:
        text = _plain(value)
        name = COLUMNS[place]
        if text.startswith("#") and text.rstrip("!?").upper() in _ERRORS:
            self._wrong(row, place, f"公式出错（{text}）", f"The formula ended in {text}.")
            return ""
        if not text and place not in (UNIT, AUTHORITY):
            self._wrong(row, place, f"缺少{name}", f"{name} is missing.")
        elif len(text) > LONGEST[place]:
            self._wrong(
                row,
                place,
                f"{name}超过 {LONGEST[place]} 字",
                f"{name} is longer than {LONGEST[place]} characters.",
            )
            return ""
        return text

    def _code(self, row: _Row, values: list[Any], said: list[str]) -> str:
        """Code of the class: major and minor, whichever way the minor is written; empty when one is wrong."""
        major, minor = said[MAJOR_CODE], said[MINOR_CODE]
        if isinstance(values[MAJOR_CODE], int | float):
            major = major.zfill(2)
        if isinstance(values[MINOR_CODE], int | float):
            minor = minor.zfill(2 if len(minor) <= 2 else 4)
        for place, text in ((MAJOR_CODE, major), (MINOR_CODE, minor)):
            if text and not (text.isascii() and text.isdecimal()):
                self._wrong(
                    row, place, f"{COLUMNS[place]}“{text}”不是数字", f'"{text}" is no code: digits only.'
                )
                return ""
        if not major or not minor:
            return ""
        if len(major) != 2:
            self._wrong(
                row, MAJOR_CODE, f"大类代码“{major}”须为两位", f'The major code "{major}" has not two digits.'
            )
            return ""
        if len(minor) in (2, 3):
            return major + minor
        if len(minor) in (4, 5) and minor.startswith(major):
            return minor
        self._wrong(
            row,
            MINOR_CODE,
            f"小类代码“{minor}”不属于大类 {major}",
            f'The code "{minor}" is not one of major class {major}.',
        )
        return ""

    def _names(self, row: _Row, code: str, said: list[str]) -> None:
        """One code, one name: the first row that names it counts."""
        known_major = self.majors.setdefault((self.kind, code[:2]), said[MAJOR_NAME])
        if known_major != said[MAJOR_NAME]:
            self._wrong(
                row,
                MAJOR_NAME,
                f"大类 {code[:2]} 前面叫“{known_major}”",
                f'Major class {code[:2]} is called "{known_major}" further up.',
            )
        known, where = self.seen.setdefault(
            (self.kind, code), (said[MINOR_NAME], f"{self.title}!{row.number}")
        )
        if known != said[MINOR_NAME]:
            self._wrong(
                row,
                MINOR_NAME,
                f"{code} 在 {where} 行叫“{known}”",
                f'{code} is called "{known}" in row {where}.',
            )

    def _twice(self, row: _Row, code: str, said: list[str]) -> None:
        where = f"{self.title}!{row.number}"
        first = self.texts.setdefault((self.kind, code, said[FILING]), where)
        if first != where:
            self._wrong(
                row,
                FILING,
                f"同一小类的立案条件与 {first} 行重复",
                f"The class has the same filing condition in row {first}.",
            )

    def _condition(self, row: _Row, said: list[str]) -> ConditionText | None:
        try:
            limit = parse(said[LIMIT])
        except LimitError as error:
            self._wrong(row, LIMIT, str(error).split("。")[0], str(error).split("。")[-1].strip())
            return None
        return ConditionText(
            text=said[FILING],
            closing=said[CLOSING],
            limit=limit,
            handling_unit_text=said[UNIT],
            authority_text=said[AUTHORITY],
        )


_ERRORS: Final = {"#REF", "#N/A", "#VALUE", "#NAME", "#DIV/0", "#NULL", "#NUM"}


def _plain(value: Any) -> str:
    """A cell as one line of text. Codes that a program took for numbers come back as their digits."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"\s+", " ", str(value).replace("\u3000", " ")).strip()


def _kind_of(title: str) -> ClassKind | None:
    if "部件" in title:
        return ClassKind.ASSET
    return ClassKind.EVENT if "事件" in title else None


def _header(rows: list[_Row]) -> tuple[int, list[int]] | None:
    """Index of the header row and the column of each of the nine, in whatever order they stand."""
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        names = [re.sub(r"\s", "", str(value or "")) for value in row.values]
        if set(COLUMNS) <= set(names):
            return index, [names.index(name) for name in COLUMNS]
    return None


def _sheets(data: bytes) -> list[tuple[str, list[_Row]]]:
    """Title and rows of each sheet, merged cells filled with what stands in their first."""
    if len(data) > MAX_BYTES:
        raise UnreadableSheet("文件超过 20 MB。The file is larger than 20 MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise UnreadableSheet("文件解压后过大。The file is far too large once unpacked.")
            # Row by row: a sheet that is built as a whole compares each merged range with all the others.
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True, read_only=True)
            sheets: list[Any] = list(book.worksheets)
            found = [(one.title, _rows(one, archive.read(one._worksheet_path))) for one in sheets]
    except UnreadableSheet:
        raise
    except _DAMAGED as error:
        raise UnreadableSheet("不是可读的 XLSX 文件。The file is no XLSX file, or it is damaged.") from error
    return found


def _rows(sheet: Any, xml: bytes) -> list[_Row]:
    """Rows of a sheet from the first on. xml: as it stands in the file, for the merged ranges."""
    sheet.reset_dimensions()  # what a file says of its size is not always so
    rows: list[list[Any]] = []
    for values in sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True):
        rows.append(list(values))
        if len(rows) > MAX_ROWS:
            raise UnreadableSheet(f"工作表超过 {MAX_ROWS} 行。A sheet has more than {MAX_ROWS} rows.")
    filled = 0
    for range_ in _MERGED.findall(xml):
        left, top, right, bottom = (edge or 1 for edge in range_boundaries(range_.decode("ascii")))
        if top > len(rows) or left > MAX_COLUMNS:
            continue
        right, bottom = min(right, MAX_COLUMNS), min(bottom, len(rows))
        filled += (right - left + 1) * (bottom - top + 1)
        if filled > MAX_MERGED:
            raise UnreadableSheet("合并单元格过多。The sheet has too many merged cells.")
        first = rows[top - 1][left - 1] if left <= len(rows[top - 1]) else None
        for row in rows[top - 1 : bottom]:
            row.extend([None] * (right - len(row)))
            row[left - 1 : right] = [first] * (right - left + 1)
    return [_Row(number, tuple(values)) for number, values in enumerate(rows, start=1)]
