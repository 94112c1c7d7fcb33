"""The cell formula 1+1+1+N as data, and the check of a staffing against it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LEVELS = ("DISTRICT", "STREET", "COMMUNITY", "CELL")


@dataclass(frozen=True)
class Part:
    """One part of the formula: so many people of a role, whose duty names the cell or a unit above it.

    `named_at` are the levels at which the duty may name it.
    """

    key: str
    role: str
    named_at: frozenset[str]
    at_least: int = 1


# A district inspector, a street supervisor, a community worker, N volunteers. 一格四员
FORMULA = (
    Part("inspector", "inspector", frozenset(LEVELS)),
    Part("street", "supervisor", frozenset({"STREET"})),
    Part("worker", "grid_worker", frozenset({"COMMUNITY", "CELL"})),
    Part("volunteers", "volunteer", frozenset({"COMMUNITY", "CELL"})),
)


def level_of(code: str, segments: Sequence[int]) -> str:
    """Level of a unit by the length of its code. `segments`: digits of the parts, district first."""
    lengths = [sum(segments[: place + 1]) for place in range(len(segments))]
    return LEVELS[next(place for place, length in enumerate(lengths) if len(code) <= length or place == 3)]


def counts(
    duties: Iterable[tuple[int, str, Iterable[str]]], cells: Iterable[str], segments: Sequence[int]
) -> Mapping[str, tuple[int, ...]]:
    """How many different people each cell has for each part of FORMULA, in its order.

    duties: (person, role, codes of units) of the duties that count.
    """
    people: dict[tuple[int, str], set[int]] = defaultdict(set)
    for person, role, units in duties:
        for place, part in enumerate(FORMULA):
            if part.role == role:
                for code in units:
                    if level_of(code, segments) in part.named_at:
                        people[place, code].add(person)
    lengths = [sum(segments[: place + 1]) for place in range(len(segments))]
    found = {}
    for cell in cells:
        codes = [cell[:length] for length in lengths]
        found[cell] = tuple(
            len(set[int]().union(*(people.get((place, code), ()) for code in codes)))
            for place in range(len(FORMULA))
        )
    return found


def is_complete(found: Sequence[int]) -> bool:
    """Whether a cell has enough people for each part."""
    return all(amount >= part.at_least for amount, part in zip(found, FORMULA, strict=True))
