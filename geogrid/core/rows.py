"""A list as rows to write into a file: one room offers them, another writes, and neither knows the other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RowsToWrite:
    """One query, whole with its values, and what its columns are.

    columns: (name, kind) each; kinds are text, integer, number, boolean, moment. point: name of the column
    after those, a WKB point in hex, or None for a table without places. count: how many rows, at that moment.
    """

    sql: str
    columns: list[tuple[str, str]]
    point: str | None
    count: int


# Rows of a list for one person, as they see it now. The flag asks for a plain table: no geometry, moments as
# local text. Raises Invalid when the query cannot be understood.
RowsMaker = Callable[[Any, dict[str, str], bool], RowsToWrite]
