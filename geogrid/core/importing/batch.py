"""A batch of rows as it comes out of a file, and what was found wrong with a row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Shapes = npt.NDArray[np.object_]  # of shapely geometries or None
Rows = TypeVar("Rows")


@dataclass
class Batch:
    """Rows `first_row`... of one layer (the first row of a layer is 1), column by column, as text.

    `shapes` are in the CRS of the file until the pipeline has put them into storage's; None where the row
    has none. `faults` names rows that could not be read at all.
    """

    layer: str
    first_row: int
    columns: dict[str, list[str]]
    shapes: Shapes
    faults: dict[int, "Fault"] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.shapes)

    def column(self, name: str) -> list[str]:
        """The texts of a column; empty texts when the file has no such column."""
        found = self.columns.get(name)
        return [""] * len(self) if found is None else found

    def first_filled(self, names: Sequence[str]) -> list[str]:
        """Of each row the first of the named columns that is not empty."""
        present = [self.columns[name] for name in names if name in self.columns]
        if not present:
            return [""] * len(self)
        if len(present) == 1:
            return present[0]
        return [next((value for value in values if value), "") for values in zip(*present, strict=True)]


@dataclass(frozen=True)
class Fault:
    """Why a row was refused or what was mended in it, and what to do, in both languages."""

    reason_en: str
    reason_zh: str
    advice_en: str
    advice_zh: str


@dataclass
class Finding:
    """A fault of one row; `index` counts from 0 inside its batch."""

    severity: str
    index: int
    fault: Fault


class Findings:
    """What was found in one batch. A row is refused once, with its first fault."""

    def __init__(self) -> None:
        self.all: list[Finding] = []
        self._refused: set[int] = set()

    def refuse(self, index: int, fault: Fault) -> None:
        if index not in self._refused:
            self._refused.add(index)
            self.all.append(Finding("refused", index, fault))

    def repair(self, index: int, fault: Fault) -> None:
        if index not in self._refused:
            self.all.append(Finding("repaired", index, fault))

    def forget(self, is_left_out: Callable[[int], bool]) -> None:
        """Drop what was found in rows that are none of this import's business."""
        self.all = [found for found in self.all if not is_left_out(found.index)]
        self._refused = {index for index in self._refused if not is_left_out(index)}

    def is_refused(self, index: int) -> bool:
        return index in self._refused

    @property
    def refused(self) -> frozenset[int]:
        return frozenset(self._refused)

    @property
    def repaired_rows(self) -> int:
        return len({f.index for f in self.all if f.severity == "repaired" and f.index not in self._refused})


def as_texts(values: npt.NDArray[Any]) -> list[str]:
    """A column of any kind as texts: nothing for null, no `.0` on whole numbers, dates as ISO 8601."""
    if values.dtype.kind == "f":
        return [_number(value) for value in values.tolist()]
    if values.dtype.kind == "M":
        return ["" if text == "NaT" else text for text in np.datetime_as_string(values).tolist()]
    return [value.strip() if type(value) is str else _text(value) for value in values.tolist()]


def _number(value: float) -> str:
    if value != value:
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)
