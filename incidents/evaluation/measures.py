"""What is counted, on which day, and of which incidents: the one list that roll-ups and receipts obey.

A measure counts facts (one per incident, `evaluation_fact`) of a day. Which day it is (the basis) differs:
what was received counts on the day of the report, what should be closed on the day of its deadline. `holds`
is SQL over the fact `f`: constants of ours, never input. Days are the city's own.
"""

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """The day on which a fact counts: the column of `evaluation_fact` that holds it."""

    REPORTED = "reported_day"
    FILED = "filed_day"
    DUE = "due_day"
    HANDLE_DUE = "handle_due_day"
    ARRIVE_DUE = "arrive_due_day"
    VERIFY_DUE = "verify_due_day"
    RATED = "rated_day"


@dataclass(frozen=True)
class Measure:
    """A count of facts: those of a basis for which `holds` is true."""

    basis: Basis
    holds: str


# Neither suspended (挂账) nor exempt (免责): what should be closed. Those that are, are listed apart.
_SHOULD = "NOT f.is_suspended AND NOT f.is_exempt"

MEASURES: dict[str, Measure] = {
    "received": Measure(Basis.REPORTED, "true"),
    "received_filed": Measure(Basis.REPORTED, "f.is_filed"),
    "patrol": Measure(Basis.REPORTED, "f.found_by_patrol"),
    "patrol_valid": Measure(Basis.REPORTED, "f.found_by_patrol AND f.is_valid"),
    "filed": Measure(Basis.FILED, "true"),
    "filed_closed": Measure(Basis.FILED, "f.is_closed"),
    "filed_on_time": Measure(Basis.FILED, "f.is_on_time"),
    "filed_handled": Measure(Basis.FILED, "f.is_handled_on_time"),
    "filed_reworked": Measure(Basis.FILED, "f.is_reworked"),
    "filed_missed": Measure(Basis.FILED, "f.is_missed"),
    "filed_suspended": Measure(Basis.FILED, "f.was_suspended"),
    "filed_extended": Measure(Basis.FILED, "f.was_extended"),
    "filed_returned": Measure(Basis.FILED, "f.was_returned"),
    "dispatched": Measure(Basis.FILED, "f.is_dispatched"),
    "dispatched_right": Measure(Basis.FILED, "f.is_dispatched AND NOT f.took_second_unit"),
    "due": Measure(Basis.DUE, _SHOULD),
    "due_closed": Measure(Basis.DUE, f"{_SHOULD} AND f.is_closed"),
    "due_on_time": Measure(Basis.DUE, f"{_SHOULD} AND f.is_on_time"),
    "due_reworked": Measure(Basis.DUE, f"{_SHOULD} AND f.is_reworked"),
    "left_out_suspended": Measure(Basis.DUE, "f.is_suspended"),
    "left_out_exempt": Measure(Basis.DUE, "f.is_exempt AND NOT f.is_suspended"),
    "to_handle": Measure(Basis.HANDLE_DUE, _SHOULD),
    "handled_on_time": Measure(Basis.HANDLE_DUE, f"{_SHOULD} AND f.is_handled_on_time"),
    "to_arrive": Measure(Basis.ARRIVE_DUE, "NOT f.is_exempt"),
    "arrived_on_time": Measure(Basis.ARRIVE_DUE, "NOT f.is_exempt AND f.is_arrived_on_time"),
    "to_verify": Measure(Basis.VERIFY_DUE, "NOT f.is_exempt"),
    "verified_on_time": Measure(Basis.VERIFY_DUE, "NOT f.is_exempt AND f.is_verified_on_time"),
    "rated": Measure(Basis.RATED, "true"),
    "satisfied": Measure(Basis.RATED, "f.is_satisfied"),
}

# What a denominator of that basis leaves out, and lists: the measure that counts it.
LEFT_OUT: dict[Basis, tuple[str, ...]] = {
    Basis.DUE: ("left_out_suspended", "left_out_exempt"),
}
