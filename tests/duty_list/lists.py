"""Builds Excel files in the nine-column layout, whole or with planted mistakes."""

import io
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from incidents.duty_list.sheet import COLUMNS

LIMITS = ("2小时", "4工作时", "5个工作日", "立即", "3天", "30分钟")
FIRST_ROW = 3  # below a title and the header


@dataclass(frozen=True)
class Planted:
    """A mistake that was put into a cell."""

    cell: str
    value: Any


def code_of(number: int) -> tuple[str, str]:
    """Major and minor code of the n-th class: 19 majors as R11 has them."""
    return f"{number % 19 + 1:02d}", f"{number // 19 + 1:02d}"


def rows_of(classes: int) -> list[list[Any]]:
    """Two conditions for each class, ordered by major class."""
    rows: list[list[Any]] = []
    for number in sorted(range(classes), key=code_of):
        major, minor = code_of(number)
        rows.extend(
                [
                    major, f"大类{major}", minor, f"类别{major}{minor}", "区城市管理局", "市城市管理局",
                    f"情形{'甲乙'[which]}：类别{major}{minor}", f"已处理{'甲乙'[which]}",
                    LIMITS[(number + which) % len(LIMITS)],
                ]
                for which in (0, 1)
        )  # fmt: skip
    return rows


def workbook(rows: list[list[Any]], *, planted: list[Planted] = (), title: str = "事件") -> bytes:  # type: ignore[assignment]
    """The file: a title over all columns, the header, and cells that repeat merged downwards."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = title
    sheet.append(["城市管理立案标准"])
    sheet.merge_cells("A1:I1")
    sheet.append([name if name != "小类代码" else "小类\n代码" for name in COLUMNS])
    for row in rows:
        sheet.append(row)
    for column, same_as_long_as in ((0, 1), (1, 2), (2, 4), (3, 4), (4, 4), (5, 4)):
        _merge(sheet, rows, column, same_as_long_as, {one.cell for one in planted})
    for one in planted:
        sheet[one.cell] = one.value
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _merge(sheet: Any, rows: list[list[Any]], column: int, key: int, apart: set[str]) -> None:
    """Merge runs of rows that agree in the first `key` columns; a cell with a mistake stands by itself."""
    letter = get_column_letter(column + 1)
    start = 0
    for end in range(1, len(rows) + 1):
        if end < len(rows) and rows[end][:key] == rows[start][:key]:
            continue
        cells = [f"{letter}{FIRST_ROW + place}" for place in range(start, end)]
        if end - start > 1 and not apart & set(cells):
            sheet.merge_cells(f"{cells[0]}:{cells[-1]}")
        start = end


def address(rows: list[list[Any]], index: int, column: str) -> str:
    """Address of a column's cell of the n-th row."""
    return f"{get_column_letter(COLUMNS.index(column) + 1)}{FIRST_ROW + index}"


def twenty_mistakes(rows: list[list[Any]]) -> list[Planted]:
    """Twenty mistakes of every sort, each in a class of its own, spread over the list."""
    step = max(2, len(rows) // 21 // 2 * 2)
    sorts: list[tuple[str, Any]] = [
        ("处置时限", "尽快"),
        ("处置时限", None),
        ("处置时限", "0小时"),
        ("处置时限", "2小时3工作日"),
        ("处置时限", "9999999天"),
        ("处置时限", "#REF!"),
        ("立案条件", None),
        ("立案条件", "字" * 2001),
        ("立案条件", "=same"),
        ("结案条件", None),
        ("结案条件", "#N/A"),
        ("小类代码", "9A"),
        ("小类代码", None),
        ("小类代码", "9999"),
        ("小类名称", None),
        ("小类名称", "另一个名字"),
        ("大类代码", "X1"),
        ("大类代码", "123"),
        ("大类名称", "另一个大类"),
        ("大类名称", None),
    ]
    planted = []
    for number, (column, value) in enumerate(sorts):
        index = number * step + 1  # the second row of a class
        if value == "=same":
            value = rows[index - 1][COLUMNS.index("立案条件")]
        planted.append(Planted(address(rows, index, column), value))
    return planted
