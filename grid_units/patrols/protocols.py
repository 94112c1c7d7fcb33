"""What phones, trackers and other servers send, read into fixes. Pure: bytes and texts in, fixes out.

Units are those of each protocol: OsmAnd's parameters as Traccar reads them (speed in knots), the JSON of
Traccar Client 9 and later (m/s, battery 0 to 1, -1 for unknown), Traccar's position forwarding (knots),
OwnTracks (km/h), and our own (m/s). Sources: traccar.org/osmand, owntracks.org/booklet/tech/json and
/tech/http, Traccar's own classes of its forwarding.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from grid_units.patrols.fixes import Fix, accuracy_of_hdop

KNOT_MPS = 1852 / 3600
KMH_MPS = 1 / 3.6
MOST_IN_ONE = 5_000  # positions in one request
_MILLISECONDS_FROM = 1e11  # larger numbers cannot be seconds: that would be the year 5138


class Protocol(StrEnum):
    """How a fix came in."""

    OURS = "geogrid"
    OSMAND = "osmand"
    TRACCAR = "traccar"
    OWNTRACKS = "owntracks"
    GPX = "gpx"


class Unreadable(ValueError):
    """What was sent cannot be read as positions. `where` names the place in it, the message what is wrong and
    what to do."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.where = where
        self.what = what


@dataclass(frozen=True)
class Said:
    """What one request says. `external_id`: whose it is, where a server sends for many devices."""

    fixes: tuple[Fix, ...]
    external_id: str = ""


def of_batch(said: Any) -> Said:
    """Our own: `{"positions": [{"at", "lng", "lat", "accuracy_m", "speed_mps", "heading_deg", "altitude_m",
    "battery_pct"}, ...]}`; all but the first three may be missing or null.

    Raises:
        Unreadable: as all functions here.
    """
    rows = _object(said, "").get("positions")
    if not isinstance(rows, list) or not rows:
        raise Unreadable("positions", "send a list of at least one position")
    if len(rows) > MOST_IN_ONE:
        raise Unreadable("positions", f"at most {MOST_IN_ONE} positions fit into one request; send several")
    return Said(tuple(_of_row(row, f"positions[{number}]") for number, row in enumerate(rows)))


def _of_row(said: Any, where: str) -> Fix:
    row = _object(said, where)
    unknown = row.keys() - _OURS
    if unknown:
        raise Unreadable(f"{where}.{min(unknown)}", f"is not known; known are {', '.join(sorted(_OURS))}")
    return Fix(
        at=_moment(row.get("at"), f"{where}.at"),
        lng=_degrees(row.get("lng"), 180, f"{where}.lng"),
        lat=_degrees(row.get("lat"), 90, f"{where}.lat"),
        accuracy_m=_measure(row.get("accuracy_m"), f"{where}.accuracy_m"),
        speed_mps=_measure(row.get("speed_mps"), f"{where}.speed_mps"),
        heading_deg=_heading(row.get("heading_deg"), f"{where}.heading_deg"),
        altitude_m=_number(row.get("altitude_m"), f"{where}.altitude_m"),
        battery_pct=_percent(row.get("battery_pct"), f"{where}.battery_pct"),
    )


_OURS = {"at", "lng", "lat", "accuracy_m", "speed_mps", "heading_deg", "altitude_m", "battery_pct"}


def of_osmand(parameters: Mapping[str, str], now: datetime) -> Said:
    """OsmAnd's parameters, from the query or a form. The token (`id`, `deviceid`) is not looked at here.

    `speed` is in knots, as Traccar has it; with `speed_unit=mps` in metres per second, which is what the
    OsmAnd app itself fills in. Without a timestamp the fix is of `now`.
    """
    lat, lng = parameters.get("lat"), parameters.get("lon")
    if "location" in parameters:
        lat, _, lng = parameters["location"].partition(",")
    unit = parameters.get("speed_unit", "kn")
    if unit not in ("kn", "mps"):
        raise Unreadable("speed_unit", "is kn (knots) or mps (metres per second)")
    speed = _measure(parameters.get("speed"), "speed")
    accuracy = _measure(parameters.get("accuracy"), "accuracy")
    hdop = _measure(parameters.get("hdop"), "hdop")
    if accuracy is None and hdop:
        accuracy = accuracy_of_hdop(hdop)
    heading = "bearing" if "bearing" in parameters else "heading"
    said_at = parameters.get("timestamp")
    fix = Fix(
        at=_moment(said_at, "timestamp") if said_at else now,
        lng=_degrees(lng, 180, "lon"),
        lat=_degrees(lat, 90, "lat"),
        accuracy_m=accuracy or None,  # 0 is what the apps send when they do not know
        speed_mps=None if speed is None else speed * (KNOT_MPS if unit == "kn" else 1.0),
        heading_deg=_heading(parameters.get(heading), heading),
        altitude_m=_number(parameters.get("altitude"), "altitude"),
        battery_pct=_percent(parameters.get("batt"), "batt"),
        is_valid=parameters.get("valid", "true").lower() in ("true", "1"),
    )
    return Said((fix,))


def of_traccar_client(said: Any) -> Said:
    """The JSON of Traccar Client 9 and later: `{"device_id", "location": {"timestamp", "coords": {...}}}`, or
    a list of locations when the app sends them together."""
    told = _object(said, "").get("location")
    rows = told if isinstance(told, list) else [told]
    if len(rows) > MOST_IN_ONE:
        raise Unreadable("location", f"at most {MOST_IN_ONE} positions fit into one request")
    return Said(tuple(_of_location(_object(row, "location")) for row in rows))


def _of_location(location: Mapping[str, Any]) -> Fix:
    coords = _object(location.get("coords"), "location.coords")
    battery = location.get("battery")
    level = _number(battery.get("level"), "location.battery.level") if isinstance(battery, Mapping) else None
    return Fix(
        at=_moment(location.get("timestamp"), "location.timestamp"),
        lng=_degrees(coords.get("longitude"), 180, "location.coords.longitude"),
        lat=_degrees(coords.get("latitude"), 90, "location.coords.latitude"),
        accuracy_m=_measure(coords.get("accuracy"), "location.coords.accuracy"),
        speed_mps=_measure(coords.get("speed"), "location.coords.speed"),
        heading_deg=_heading(coords.get("heading"), "location.coords.heading"),
        altitude_m=_number(coords.get("altitude"), "location.coords.altitude"),
        battery_pct=None if level is None else _percent(level * 100, "location.battery.level"),
    )


def of_traccar_server(said: Any) -> Said:
    """Traccar's position forwarding (`forward.type` json): `{"position": {...}, "device": {"uniqueId"}}`."""
    told = _object(said, "")
    position, device = _object(told.get("position"), "position"), _object(told.get("device"), "device")
    external_id = device.get("uniqueId")
    if not isinstance(external_id, str) or not 0 < len(external_id) <= 128 or not external_id.isprintable():
        raise Unreadable("device.uniqueId", "is missing; forward with forward.type json")
    attributes = position.get("attributes")
    attributes = attributes if isinstance(attributes, Mapping) else {}
    speed = _measure(position.get("speed"), "position.speed")
    fix = Fix(
        at=_moment(position.get("fixTime") or position.get("deviceTime"), "position.fixTime"),
        lng=_degrees(position.get("longitude"), 180, "position.longitude"),
        lat=_degrees(position.get("latitude"), 90, "position.latitude"),
        accuracy_m=_measure(position.get("accuracy"), "position.accuracy") or None,
        speed_mps=None if speed is None else speed * KNOT_MPS,
        heading_deg=_heading(position.get("course"), "position.course"),
        altitude_m=_number(position.get("altitude"), "position.altitude"),
        battery_pct=_percent(attributes.get("batteryLevel"), "position.attributes.batteryLevel"),
        # An outdated position is the last one known, repeated.
        is_valid=position.get("valid", True) is not False and position.get("outdated") is not True,
    )
    return Said((fix,), external_id)


def of_owntracks(said: Any) -> Said:
    """OwnTracks over HTTP: `_type` location. Other types (waypoints, cards, last wills...) hold no fix."""
    told = _object(said, "")
    kind = told.get("_type")
    if kind == "encrypted":
        raise Unreadable("_type", "this is encrypted; empty the encryption key in the app, TLS protects it")
    if kind != "location":
        return Said(())
    velocity = _measure(told.get("vel"), "vel")
    fix = Fix(
        at=_moment(told.get("tst"), "tst"),
        lng=_degrees(told.get("lon"), 180, "lon"),
        lat=_degrees(told.get("lat"), 90, "lat"),
        accuracy_m=_measure(told.get("acc"), "acc"),
        speed_mps=None if velocity is None else velocity * KMH_MPS,
        heading_deg=_heading(told.get("cog"), "cog"),
        altitude_m=_number(told.get("alt"), "alt"),
        battery_pct=_percent(told.get("batt"), "batt"),
    )
    return Said((fix,))


def _object(said: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise Unreadable(where, "a JSON object belongs here")
    return said


def _number(said: Any, where: str) -> float | None:
    """A number, or a text that is one; nothing for nothing."""
    if said is None or said == "":
        return None
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        raise Unreadable(where, "a number belongs here")
    try:
        number = float(said)
    except (ValueError, OverflowError):
        raise Unreadable(where, f"{str(said)[:40]!r} is no number") from None
    if not math.isfinite(number) or abs(number) > 1e15:
        raise Unreadable(where, "this number is not one of this world")
    return number


def _measure(said: Any, where: str) -> float | None:
    """A number that cannot be negative; negative ones are how receivers say that they do not know."""
    number = _number(said, where)
    return None if number is None or number < 0 else min(number, 1e6)


def _heading(said: Any, where: str) -> float | None:
    number = _measure(said, where)
    return None if number is None else number % 360


def _percent(said: Any, where: str) -> float | None:
    number = _measure(said, where)
    return None if number is None else min(number, 100.0)


def _degrees(said: Any, most: float, where: str) -> float:
    number = _number(said, where)
    if number is None:
        raise Unreadable(where, "is missing; degrees in WGS 84 belong here")
    if abs(number) > most:
        raise Unreadable(where, f"{number} is outside -{most:g} to {most:g} degrees")
    return number


def _moment(said: Any, where: str) -> datetime:
    """A moment: seconds or milliseconds since 1970, or ISO 8601; a text without a zone is taken for UTC."""
    if said is None or said == "":
        raise Unreadable(where, "is missing; send the time of the position")
    if isinstance(said, str):
        try:
            seconds: float | None = float(said)
        except ValueError:
            seconds = None
        if seconds is None:
            try:
                moment = datetime.fromisoformat(said.strip())
                return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
            except (ValueError, OverflowError):
                what = "is no time; send ISO 8601, or seconds or milliseconds since 1970"
                raise Unreadable(where, f"{said[:40]!r} {what}") from None
        said = seconds
    number = _number(said, where)
    try:
        if number is None:
            raise ValueError
        return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(where, f"{str(said)[:40]!r} is no time between the years 1 and 9999") from None
