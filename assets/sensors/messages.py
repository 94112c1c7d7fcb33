"""What machines say, read from JSON: the plain form and that of OGC SensorThings. Pure.

Plain, one or many: `{"station": "S1", "datastream": "level", "time": "2026-06-01T12:00:00Z", "value": 12.5}`,
a list of such, or `{"observations": [...]}`. SensorThings: an Observation entity.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

MOST_AT_ONCE: Final = 5_000
LARGEST: Final = 1e100  # sums of any number of them are still numbers


class Unreadable(ValueError):
    """One message cannot be taken; says what is wrong with it and what to do."""


@dataclass(frozen=True)
class Said:
    """One value as a machine names it: by the datastream's number, or by station and datastream.

    at: None when it says none; the moment of receipt counts then. unit: checked when it is given.
    """

    value: float
    at: datetime | None = None
    result_at: datetime | None = None
    datastream_id: int | None = None
    station: str = ""
    datastream: str = ""
    unit: str | None = None

    @property
    def name(self) -> str:
        """What it calls its datastream."""
        if self.datastream_id is not None:
            return f"Datastreams({self.datastream_id})"
        return f"{self.station}/{self.datastream}"


def plain(body: Any, station: str = "") -> list[Said | Unreadable]:
    """The values of a plain message, each read or with what is wrong. `station`: the one that sends.

    Raises:
        Unreadable: when there is no list of values in it at all.
    """
    if isinstance(body, dict) and "observations" in body:
        body = body["observations"]
    elif isinstance(body, dict):
        body = [body]
    if not isinstance(body, list):
        raise Unreadable('Send one observation, a list of them, or {"observations": [...]}.')
    if len(body) > MOST_AT_ONCE:
        raise Unreadable(f"At most {MOST_AT_ONCE:,} observations at once; send the rest in another request.")
    return [_or_what_is_wrong(one, station) for one in body]


def _or_what_is_wrong(one: Any, station: str) -> Said | Unreadable:
    try:
        return _plain_one(one, station)
    except Unreadable as unreadable:
        return unreadable


def _plain_one(one: Any, station: str) -> Said:
    if not isinstance(one, dict):
        raise Unreadable("An observation is a JSON object.")
    named = {"station": _text(one, "station", station), "datastream": _text(one, "datastream")}
    if station and named["station"] != station:
        raise Unreadable(f"This comes from station {station}, which cannot speak for another.")
    number = one.get("datastream_id")
    if number is None and not all(named.values()):
        raise Unreadable("station and datastream say what was measured; one of them is missing.")
    return Said(
        value=_number(one.get("value"), "value"),
        at=moment(one.get("time"), "time"),
        result_at=moment(one.get("result_time"), "result_time"),
        datastream_id=None if number is None else _id(number, "datastream_id"),
        unit=_text(one, "unit") or None,
        **named,
    )


def sensorthings(body: Any, datastream_id: int | None = None) -> Said:
    """The value of a SensorThings Observation. `datastream_id`: of the address it was sent to.

    Of an interval the end counts: then the result was complete.

    Raises:
        Unreadable: with what is wrong.
    """
    if not isinstance(body, dict):
        raise Unreadable("An Observation is a JSON object.")
    linked = body.get("Datastream")
    if linked is not None:
        given = _id(linked.get("@iot.id") if isinstance(linked, Mapping) else None, "Datastream/@iot.id")
        if datastream_id is not None and given != datastream_id:
            raise Unreadable("The Datastream of the address and that of the body differ.")
        datastream_id = given
    if datastream_id is None:
        raise Unreadable('Say of which Datastream it is: "Datastream": {"@iot.id": 1}.')
    return Said(
        value=_number(body.get("result"), "result"),
        at=moment(_end_of(body.get("phenomenonTime")), "phenomenonTime"),
        result_at=moment(_end_of(body.get("resultTime")), "resultTime"),
        datastream_id=datastream_id,
    )


def _end_of(time: Any) -> Any:
    return time.rpartition("/")[2] if isinstance(time, str) else time


def moment(said: Any, name: str) -> datetime | None:
    """A time in UTC: ISO 8601 with its zone, or seconds since 1970. None for none.

    Raises:
        Unreadable: when it is neither.
    """
    if said is None:
        return None
    wrong = f"{name} is a time in ISO 8601 with its zone, such as 2026-06-01T12:00:00Z."
    try:
        if isinstance(said, int | float) and not isinstance(said, bool):
            return datetime.fromtimestamp(said, UTC)
        at = datetime.fromisoformat(said) if isinstance(said, str) and len(said) <= 40 else None
        if at is None or at.tzinfo is None:
            raise Unreadable(wrong)
        return at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(wrong) from None


def _number(said: Any, name: str) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise Unreadable(f"{name} is a number, without quotes or unit.")
    try:
        value = float(said)
    except OverflowError:
        value = math.inf
    if not abs(value) <= LARGEST:  # NaN fails this too
        raise Unreadable(f"{name} is a finite number.")
    return value


def _id(said: Any, name: str) -> int:
    if isinstance(said, str) and said.isascii() and said.isdecimal() and len(said) < 19:
        said = int(said)
    if isinstance(said, bool) or not isinstance(said, int) or not 0 < said < 2**63:
        raise Unreadable(f"{name} is the number of a datastream.")
    return said


def _text(one: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    said = one.get(name, otherwise)
    if not isinstance(said, str) or len(said) > 60:
        raise Unreadable(f"{name} is a text of at most 60 characters.")
    return said
