"""How alike two reports are (疑似重复). Knows no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Reach:
    """How far and how long reports of a class are taken for the same problem (domain: Duplicates).

    radius_m: metres on the ground. within: between the two reports. recurs_within: a closed one counts as
    recurrence (复发) so long after its closing. code: a class code or its beginning; "" is all of a kind.
    """

    kind: str
    code: str
    radius_m: float
    within: timedelta
    recurs_within: timedelta


def reach_for(kind: str, code: str, known: Iterable[Reach]) -> Reach:
    """The reach of a class: that with the longest beginning of its code.

    Raises:
        LookupError: when not even the kind has one.
    """
    fitting = [one for one in known if one.kind == kind and code.startswith(one.code)]
    if not fitting:
        raise LookupError(f"no reach for {kind} {code}")
    return max(fitting, key=lambda one: len(one.code))


# Ours: the place says more than the hour.
DISTANCE_WEIGHS = 0.6


def score(*, same_asset: bool, distance_m: float | None, age: timedelta, reach: Reach) -> float:
    """From 0 to 1: 1 for the same asset; else nearer and younger is more alike.

    distance_m: None where a place is not known; that alone makes it less alike, never more.
    """
    if same_asset:
        return 1.0
    near = 0.0 if distance_m is None else max(0.0, 1 - distance_m / reach.radius_m)
    young = max(0.0, 1 - max(age, timedelta(0)) / reach.within)
    return round(DISTANCE_WEIGHS * near + (1 - DISTANCE_WEIGHS) * young, 3)
