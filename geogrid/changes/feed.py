"""What the live feed says to whom: change rows become server-sent events, once for all who see the same."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from geogrid.changes.passes import Pass
from geogrid.changes.poller import SHOWN_AT_MOST, ChangeRow

_ID = re.compile(r"([0-9a-f]{1,16}):(\d{1,12}):(\d{1,20}:\d{1,20}:[\d,]*)")
# Told to who may see the incident: itself, and who has it in work.
SCOPED_KINDS = frozenset({"incident", "claim"})
# About people at work: told to those who may see where people of these units are, to nobody else.
POSITION_KINDS = frozenset({"absence", "presence", "coverage"})
_MOST_AHEAD = 100_000
Features = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Position:
    """Where a client stands in the log. `at` is in Unix seconds."""

    epoch: str
    at: int
    snapshot: str

    def covers(self, other: "Position") -> bool:
        """Whether everything that `other` has seen was seen here too.

        Another process may have polled a moment later: who comes from there has seen more than we.
        """
        _, high, running = _parts(self.snapshot)
        _, other_high, other_running = _parts(other.snapshot)
        if other_high - high > _MOST_AHEAD:
            return False
        unseen = {*running, *range(high, other_high)}
        return all(xid >= other_high or xid in other_running for xid in unseen)

    def __str__(self) -> str:
        return f"{self.epoch}:{self.at}:{self.snapshot}"


def _parts(snapshot: str) -> tuple[int, int, frozenset[int]]:
    """First transaction that may run still, first that had not begun, and those that ran."""
    low, high, running = snapshot.split(":", 2)
    return int(low), int(high), frozenset(int(number) for number in running.split(",") if number)


def position_of(text: str) -> Position | None:
    """A Last-Event-ID read back; None when it is none of ours."""
    found = _ID.fullmatch(text)
    if not found or len(text) > 4_000:
        return None
    low, high, running = _parts(found[3])
    # PostgreSQL refuses a snapshot that contradicts itself; such a one is not ours either.
    if not 0 < low <= high < 2**63 or any(not low <= one < high for one in running):
        return None
    if found[3].split(":", 2)[2] != ",".join(map(str, sorted(running))):
        return None
    return Position(found[1], int(found[2]), found[3])


def event(name: str, data: object, position: Position | None = None) -> str:
    """One server-sent event."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    mark = f"id: {position}\n" if position else ""
    return f"{mark}event: {name}\ndata: {text}\n\n"


def events_for(
    seen_by: Pass, rows: Iterable[ChangeRow], features: Features, wanted: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """The changes that the holder of a pass may know of, ready to be sent.

    wanted: unit-code prefixes that the client limits itself to; none: all.
    """
    told: list[dict[str, Any]] = []
    for row in rows:
        if wanted and not _meets((*row.units_before, *row.units_after), wanted):
            continue
        told += _told(seen_by, row, features)
    return told


def _told(seen_by: Pass, row: ChangeRow, features: Features) -> list[dict[str, Any]]:
    if row.kind in POSITION_KINDS and not seen_by.sees_positions_of((*row.units_before, *row.units_after)):
        return []
    is_bulk = not row.refs or len(row.refs) > SHOWN_AT_MOST
    if row.kind not in SCOPED_KINDS:
        units = list(row.units_after or row.units_before)
        if is_bulk:
            return [_change(row, None, units)]
        return [_change(row, ref, units, _public(features.get((row.kind, ref)))) for ref in row.refs]
    if is_bulk:
        # Which of them this person may see is not known here: only that it is time to ask again.
        return [_change(row, None, [])]
    before = seen_by.sees_units(row.units_before)
    told = []
    for ref in row.refs:
        feature = features.get((row.kind, ref))
        if feature is None:
            told.append(_change(row, None, []))
        elif _sees(seen_by, feature):
            told.append(_change(row, ref, [feature["unit"]], _shown(seen_by, feature)))
        elif before:  # it left this person's territory: the reference alone, so that it is taken off the map
            told.append(_change(row, ref, []))
    return told


def _sees(seen_by: Pass, feature: dict[str, Any]) -> bool:
    if seen_by.everywhere or seen_by.user_id in feature["users"]:
        return True
    if not set(seen_by.organisations).isdisjoint(feature["organisations"]):
        return True
    if not feature["unit"]:
        return seen_by.unplaced
    return seen_by.sees_units((feature["unit"], *feature["near"]))


def _shown(seen_by: Pass, feature: dict[str, Any]) -> dict[str, Any]:
    shown = _public(feature) or {}
    if seen_by.sees_people_of(feature["unit"]):
        shown["properties"] = {**shown["properties"], "worker": feature["worker"]}
    return shown


def _public(feature: dict[str, Any] | None) -> dict[str, Any] | None:
    """GeoJSON of what everyone who sees the thing may know of it."""
    if feature is None:
        return None
    has_place = feature["lng"] is not None
    place = {"type": "Point", "coordinates": [feature["lng"], feature["lat"]]} if has_place else None
    return {"type": "Feature", "geometry": place, "properties": feature["properties"]}


def _change(
    row: ChangeRow, ref: str | None, units: list[str], feature: dict[str, Any] | None = None
) -> dict[str, Any]:
    change = {"kind": row.kind, "ref": ref, "op": row.op, "units": units, "at": row.at}
    return {**change, "feature": feature} if feature else change


def _meets(codes: Iterable[str], prefixes: tuple[str, ...]) -> bool:
    return any(code.startswith(p) or p.startswith(code) for code in codes if code for p in prefixes)


def as_text(changes: list[dict[str, Any]], position_after: Callable[[], Position]) -> str:
    """Several changes as events; the last carries the position after all of them."""
    if not changes:
        return ""
    *first, last = changes
    return "".join(event("change", one) for one in first) + event("change", last, position_after())
