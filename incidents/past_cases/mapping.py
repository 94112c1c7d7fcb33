"""Which column of a file of past cases says what (字段映射), and what a row then says. Pure.

A mapping is TOML:

    source = "boston-311"             # with the case's own number this knows a case again
    zone = "America/New_York"
    time_format = "%m/%d/%Y %I:%M:%S %p"   # ISO 8601 without it
    channel = "hotline"
    clock_skew_s = 60                 # closed so many seconds before the report: closed with it

    [columns]                         # only number and reported_at must be there
    number = "CASE_ENQUIRY_ID"
    reported_at = "OPEN_DT"
    deadline_at = "TARGET_DT"
    closed_at = "CLOSED_DT"
    lng = "LONGITUDE"
    lat = "LATITUDE"
    class = "TYPE"
    location_text = "Location"

    [classes]                         # words of the file: event or asset, and a code of the catalogue
    "Street Light Outages" = "asset:0104"
"""

import math
import tomllib
from collections.abc import Mapping as Row
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FIELDS = frozenset(
    {"number", "reported_at", "filed_at", "deadline_at", "closed_at", "lng", "lat", "class"}
    | {"description", "location_text", "channel", "unit"}
)
NEEDED = ("number", "reported_at")
LONGEST = {"number": 60, "location_text": 300, "channel": 30, "unit": 40, "description": 4000}


class Wrong(ValueError):
    """A mapping or a row that cannot be taken, with a sentence in two languages."""


@dataclass(frozen=True)
class Mapping:
    """A mapping that was read and checked."""

    source: str
    zone: ZoneInfo
    columns: dict[str, str]
    time_format: str = ""
    channel: str = "import"
    clock_skew: timedelta = timedelta(0)
    classes: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PastCase:
    """A case as the file tells it. `klass`: ("asset" or "event", code), or None."""

    number: str
    reported_at: datetime
    filed_at: datetime
    deadline_at: datetime | None
    closed_at: datetime | None
    lng: float | None
    lat: float | None
    klass: tuple[str, str] | None
    description: str
    location_text: str
    channel: str
    unit: str


def read_mapping(text: str) -> Mapping:
    """The mapping of a TOML text.

    Raises:
        Wrong: what is missing or unknown in it.
    """
    try:
        said: dict[str, Any] = tomllib.loads(text)
        zone = ZoneInfo(str(said.get("zone", "UTC")))
    except (tomllib.TOMLDecodeError, ZoneInfoNotFoundError, ValueError) as error:
        raise Wrong(f"映射文件有误。The mapping cannot be read: {error}") from error
    columns = {str(name): str(column) for name, column in dict(said.get("columns", {})).items()}
    if unknown := sorted(set(columns) - FIELDS):
        raise Wrong(f"未知字段。There is no field {', '.join(unknown)}; known: {', '.join(sorted(FIELDS))}")
    if missing := [name for name in NEEDED if name not in columns]:
        raise Wrong(f"缺少字段。The mapping must name a column for {', '.join(missing)}")
    source = str(said.get("source", "")).strip()
    if not 0 < len(source) <= 40:
        raise Wrong("缺少来源名称。The mapping must name its source, in at most 40 signs")
    return Mapping(
        source=source,
        zone=zone,
        columns=columns,
        time_format=str(said.get("time_format", "")),
        channel=str(said.get("channel", "import"))[: LONGEST["channel"]],
        clock_skew=_skew_of(said.get("clock_skew_s", 0)),
        classes={str(word): _class_of(str(code)) for word, code in dict(said.get("classes", {})).items()},
    )


def _skew_of(said: Any) -> timedelta:
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= 3600:
        raise Wrong("clock_skew_s 须为 0 到 3600 秒。clock_skew_s is a whole number from 0 to 3600")
    return timedelta(seconds=said)


def _class_of(said: str) -> tuple[str, str]:
    kind, _, code = said.partition(":")
    if kind not in {"asset", "event"} or not code:
        raise Wrong(f"类别写法有误。Write a class as event:0128 or asset:0104, not {said!r}")
    return kind, code


def case_of(row: Row[str, str | None], mapping: Mapping, now: datetime) -> PastCase:
    """What a row says.

    Raises:
        Wrong: the row cannot be taken, and why.
    """

    def text(name: str) -> str:
        column = mapping.columns.get(name)
        return (row.get(column) or "").strip() if column else ""

    def moment(name: str) -> datetime | None:
        said = text(name)
        return _moment(said, name, mapping) if said else None

    number = text("number")
    for name, longest in LONGEST.items():
        if len(text(name)) > longest:
            raise Wrong(f"{name} 过长。{name} is longer than {longest} signs")
    if not number:
        raise Wrong("没有编号。No number")
    reported_at, closed_at = moment("reported_at"), moment("closed_at")
    if reported_at is None:
        raise Wrong("没有上报时间。No time of the report")
    filed_at = moment("filed_at") or reported_at
    if max(reported_at, filed_at, closed_at or reported_at) > now:
        raise Wrong("时间在未来。A time that is still to come")
    if closed_at is not None and filed_at - mapping.clock_skew <= closed_at < filed_at:
        closed_at = filed_at
    if filed_at < reported_at or (closed_at is not None and closed_at < filed_at):
        raise Wrong("时间次序有误。Closed or filed before it was reported")
    lng, lat = _place(text("lng"), text("lat"))
    word = text("class")
    if word and mapping.classes and word not in mapping.classes:
        raise Wrong(f"类别未映射。The mapping names no class for {word!r}")
    description = text("description") or word
    klass = mapping.classes.get(word)
    if not description and klass is None:
        raise Wrong("没有类别和描述。Neither a class nor a description")
    return PastCase(
        number=number,
        reported_at=reported_at,
        filed_at=filed_at,
        deadline_at=moment("deadline_at"),
        closed_at=closed_at,
        lng=lng,
        lat=lat,
        klass=klass,
        description=description,
        location_text=text("location_text"),
        channel=text("channel") or mapping.channel,
        unit=text("unit"),
    )


def _moment(said: str, name: str, mapping: Mapping) -> datetime:
    try:
        at = (
            datetime.strptime(said, mapping.time_format)  # noqa: DTZ007  the zone comes next
            if mapping.time_format
            else datetime.fromisoformat(said)
        )
        at = at if at.tzinfo else at.replace(tzinfo=mapping.zone)
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Wrong(f"时间无法识别。{name} is no time: {said!r}") from error


def _place(lng: str, lat: str) -> tuple[float | None, float | None]:
    if not lng and not lat:
        return None, None
    try:
        x, y = float(lng), float(lat)
    except ValueError as error:
        raise Wrong(f"坐标无法识别。No place: {lng!r}, {lat!r}") from error
    if not (math.isfinite(x) and math.isfinite(y) and -180 <= x <= 180 and -85 <= y <= 85):
        raise Wrong(f"坐标超出范围。No place on earth: {lng}, {lat}")
    return x, y
