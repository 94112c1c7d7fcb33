"""XLSX templates to fill in: headers in zh and en, an example, lists to choose from."""

import io
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from grid_units.duties.importing.columns import TABLES, Column, Table
from grid_units.duties.importing.sheets import COMMENT

LAST_ROW = 5_000
FIRST_ROW = 4
_HEAD = PatternFill("solid", fgColor="1F4E79")
_NOTE = "以 # 开头的行不导入。 Rows that begin with # are not imported."


def template(name: str) -> bytes:
    """The template of a table (organisations, people, duties) as XLSX bytes."""
    table = TABLES[name]
    book = Workbook()
    sheet: Worksheet = book.create_sheet(f"{table.zh} {table.name}", 0)
    book.remove(book.worksheets[1])
    choices = book.create_sheet("选项 choices")
    _headers(sheet, table)
    for place, column in enumerate(table.columns, start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(14, len(column.key) + 6, 2 * len(column.zh) + 6)
        sheet.column_dimensions[letter].number_format = "@"
        if column.choices:
            _choices(sheet, choices, letter, place, column)
    sheet.freeze_panes = f"B{FIRST_ROW}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _headers(sheet: Worksheet, table: Table) -> None:
    for place, column in enumerate(table.columns, start=1):
        star = " *" if column.required else ""
        for row, text in ((1, column.zh + star), (2, column.key)):
            cell = sheet.cell(row, place, text)
            cell.font = Font(bold=True, color="FFFFFF")
            cell.fill = _HEAD
            cell.alignment = Alignment(wrap_text=True)
        if column.hint.zh or column.hint.en:
            sheet.cell(1, place).comment = Comment(f"{column.hint.zh}\n{column.hint.en}", "GeoGrid")
        example = COMMENT + column.example if place == 1 else column.example
        cell = sheet.cell(3, place, example)
        cell.font = Font(italic=True, color="7F7F7F")
        cell.number_format = "@"
    sheet.cell(3, 1).comment = Comment(_NOTE, "GeoGrid")


def _choices(sheet: Worksheet, choices: Worksheet, letter: str, place: int, column: Column) -> None:
    values = [f"{value} {zh}" for value, zh in (column.choices or {}).items()]
    choices.cell(1, place, column.key)
    for row, value in enumerate(values, start=2):
        choices.cell(row, place, value)
    rule = DataValidation(
        type="list",
        formula1=f"'{choices.title}'!${letter}$2:${letter}${len(values) + 1}",
        allow_blank=True,
        showErrorMessage=not column.several,
        errorTitle=column.zh,
        error=f"{column.hint.zh} {column.hint.en}".strip() or "请从列表中选择。 Choose from the list.",
    )
    sheet.add_data_validation(rule)
    rule.add(f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}")


def write_templates(folder: Path) -> list[Path]:
    """Write all templates into a folder, which is made; the paths of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in TABLES:
        path = folder / f"{name}.xlsx"
        path.write_bytes(template(name))
        paths.append(path)
    return paths
