"""Codes of units and cells (编码): parts, prefixes, first numbering. The database obeys the same rules."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class CodePlan:
    """How many digits each part of a cell's code has: county, street, community, sequence."""

    segments: tuple[int, int, int, int] = (6, 3, 3, 3)

    def __post_init__(self) -> None:
        if len(self.segments) != 4 or min(self.segments) < 1:
            raise ValueError("A code has four parts of at least one digit each.")

    @property
    def lengths(self) -> tuple[int, int, int, int]:
        """Digits of the codes of district, street, community and cell: (6, 9, 12, 15)."""
        county, street, community, sequence = self.segments
        return (
            county,
            county + street,
            county + street + community,
            sum((county, street, community, sequence)),
        )

    def prefixes(self, code: str) -> list[str]:
        """Codes of the units that hold this one, the largest first, itself last."""
        return [code[:length] for length in self.lengths if length <= len(code)]

    def parent(self, code: str) -> str:
        """Code of the unit one level up; empty for a district."""
        above = self.prefixes(code)[:-1]
        return above[-1] if above else ""

    def fault(self, code: str, parent: str = "") -> str | None:
        """What is wrong with a code, as a sentence, or None. `parent` is the code it must begin with."""
        if not (code.isascii() and code.isdigit()):
            return f"{code!r} is not made of digits."
        if len(code) not in self.lengths:
            allowed = ", ".join(str(length) for length in self.lengths)
            return f"{code} has {len(code)} digits; here a code has {allowed}."
        if not code.startswith(parent):
            return f"{code} does not begin with its parent's code {parent}."
        return None

    def cell_code(self, community: str, number: int) -> str:
        """Code of the cell with this number in a community.

        Raises:
            ValueError: when the number does not fit its digits.
        """
        digits = self.segments[3]
        if not 0 < number < 10**digits:
            raise ValueError(f"Number {number} does not fit {digits} digits.")
        return f"{community}{number:0{digits}d}"

    def next_code(self, community: str, ever_used: Collection[str]) -> str:
        """The next free code of a community: one past the highest ever used, then the lowest never used.

        A retired number is never given again, so `ever_used` holds the codes of the past too.

        Raises:
            ValueError: when every number has been used.
        """
        numbers = {int(code[len(community) :]) for code in ever_used if code.startswith(community)}
        last = 10 ** self.segments[3] - 1
        highest = max(numbers, default=0)
        if highest < last:
            return self.cell_code(community, highest + 1)
        for number in range(1, last):
            if number not in numbers:
                return self.cell_code(community, number)
        raise ValueError(f"Community {community} has used all its cell numbers.")


def reading_order(places: Mapping[Name, tuple[float, float]], heights: Collection[float]) -> list[Name]:
    """Names in the order of first numbering: rows from north to south, in each row from west to east.

    Args:
        places: longitude and latitude of a point inside each cell.
        heights: the cells' extents from south to north, in degrees; half the usual one makes a row.
    """
    deep = median(heights) / 2 if heights else 0.0
    southwards = sorted(places, key=lambda name: (-places[name][1], places[name][0]))
    order: list[Name] = []
    while southwards:
        first = places[southwards[0]][1]
        row = [name for name in southwards if places[name][1] >= first - deep]
        order += sorted(row, key=lambda name: places[name][0])
        southwards = southwards[len(row) :]
    return order
