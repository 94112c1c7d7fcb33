"""Hours in which nobody at any level is on duty for a cell: pure rules over duties as plain data."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class PlannedDuty:
    """A duty as the rules need it. `shifts` are (weekday, start, end) on the wall clock of the city, none for
    day and night; `away` are spans without anybody standing in."""

    units: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime | None = None
    shifts: tuple[tuple[int, time, time], ...] = ()
    away: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Gaps:
    """Cells that somebody is missing for, and for how many hours of the span at most."""

    cells: int = 0
    worst_h: float = 0.0
    examples: tuple[str, ...] = field(default=())


@lru_cache(maxsize=4096)  # thousands of duties have the same few shifts
def wall_to_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """UTC of a local time. One that the clocks skip moves forward, one that they repeat is the second."""
    naive = datetime.combine(day, at)
    first, second = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
    skipped = (first.utcoffset() or timedelta()) <= (second.utcoffset() or timedelta())
    return (first if skipped else second).astimezone(UTC)


def spans_of(duty: PlannedDuty, span: Span, zone: ZoneInfo) -> list[Span]:
    """When somebody is on duty within `span` (UTC)."""
    starts = max(span[0], duty.valid_from)
    ends = min(span[1], duty.valid_to or span[1])
    if starts >= ends:
        return []
    if not duty.shifts:
        return without([(starts, ends)], duty.away)
    found = []
    day = starts.astimezone(zone).date() - timedelta(days=1)
    while day <= ends.astimezone(zone).date():
        for weekday, begin, end in duty.shifts:
            if weekday != day.weekday():
                continue
            last_day = day + timedelta(days=1) if end <= begin else day
            shift = (max(starts, wall_to_utc(day, begin, zone)), min(ends, wall_to_utc(last_day, end, zone)))
            if shift[0] < shift[1]:
                found.append(shift)
        day += timedelta(days=1)
    return without(merged(found), duty.away)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in the fewest spans, in order."""
    whole: list[Span] = []
    for starts, ends in sorted(spans):
        if whole and starts <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], ends))
        else:
            whole.append((starts, ends))
    return whole


def without(spans: list[Span], away: Iterable[Span]) -> list[Span]:
    """What is left of some time when other time is taken from it."""
    left = spans
    for gone_from, gone_to in away:
        left = [
            piece
            for starts, ends in left
            for piece in ((starts, min(ends, gone_from)), (max(starts, gone_to), ends))
            if piece[0] < piece[1]
        ]
    return left


def gaps(
    duties: Iterable[PlannedDuty], cells: Iterable[str], span: Span, zone: ZoneInfo, segments: Sequence[int]
) -> Gaps:
    """Cells for which nobody answers at some time of `span`, at any level above them.

    segments: digits of the parts of a code, district first.
    """
    lengths = [sum(segments[: place + 1]) for place in range(len(segments))]
    by_unit: dict[str, list[Span]] = defaultdict(list)
    for duty in duties:
        held = spans_of(duty, span, zone)
        for code in duty.units:
            by_unit[code].extend(held)
    whole = span[1] - span[0]
    missing_of: dict[tuple[str, ...], timedelta] = {}
    missing: dict[str, timedelta] = {}
    for cell in cells:
        named = tuple(code for length in lengths if (code := cell[:length]) in by_unit)
        if named not in missing_of:
            held = merged(span_ for code in named for span_ in by_unit[code])
            missing_of[named] = whole - sum((ends - starts for starts, ends in held), timedelta())
        if missing_of[named] > timedelta():
            missing[cell] = missing_of[named]
    worst = max(missing.values(), default=timedelta())
    return Gaps(len(missing), worst.total_seconds() / 3600, tuple(sorted(missing)[:5]))
