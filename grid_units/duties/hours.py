"""Gaps by hour: when nobody of a cell itself, and when nobody at any level, is on duty. Pure rules."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from grid_units.duties.gaps import PlannedDuty, Span, merged, spans_of, without

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Hole:
    """Cells that miss somebody at the same times.

    `own`: nobody of the cell itself, the level above answers. `nobody`: nobody at any level; these spans lie
    within `own`.
    """

    cells: tuple[str, ...]
    own: tuple[Span, ...]
    nobody: tuple[Span, ...]


@dataclass(frozen=True)
class HourOfGaps:
    """Cells without their own worker, and those without anybody, at some time of the hour."""

    starts_at: datetime
    own: int
    nobody: int


def holes(
    duties: Iterable[PlannedDuty], cells: Iterable[str], span: Span, zone: ZoneInfo, segments: Sequence[int]
) -> list[Hole]:
    """The cells for which somebody is missing within `span`, those with the same gaps together.

    segments: digits of the parts of a code, district first.
    """
    lengths = [sum(segments[: place + 1]) for place in range(len(segments))]
    held: dict[str, list[Span]] = defaultdict(list)
    plain: dict[tuple[tuple[int, time, time], ...], list[Span]] = {}
    for duty in duties:
        if duty.valid_from <= span[0] and (duty.valid_to is None or duty.valid_to >= span[1]):
            # Thousands of duties have the same few shifts.
            if duty.shifts not in plain:
                plain[duty.shifts] = spans_of(replace(duty, away=()), span, zone)
            spans = without(plain[duty.shifts], duty.away)
        else:
            spans = spans_of(duty, span, zone)
        for code in duty.units:
            held[code].extend(spans)
    held = {code: merged(spans) for code, spans in held.items()}
    found: dict[tuple[tuple[Span, ...], tuple[Span, ...]], list[str]] = defaultdict(list)
    known: dict[tuple[str, ...], tuple[tuple[Span, ...], tuple[Span, ...]]] = {}
    for cell in cells:
        # Cells of the same people are worked out once: of a large city most have the same few.
        people = (cell if cell in held else "", *(cell[:length] for length in lengths[:-1]))
        if people not in known:
            own = without([span], held.get(cell, ()))
            nobody = own
            for code in people[1:]:
                nobody = without(nobody, held.get(code, ()))
            known[people] = tuple(own), tuple(nobody)
        if known[people][0]:
            found[known[people]].append(cell)
    return [Hole(tuple(codes), own, nobody) for (own, nobody), codes in found.items()]


def by_hour(found: Sequence[Hole], span: Span) -> list[HourOfGaps]:
    """The holes counted hour by hour, from the start of `span` on."""
    count = -(-(span[1] - span[0]) // HOUR)
    own, nobody = [0] * count, [0] * count
    for hole in found:
        for spans, counted in ((hole.own, own), (hole.nobody, nobody)):
            touched = set()
            for starts, ends in spans:
                touched |= set(range((starts - span[0]) // HOUR, -(-(ends - span[0]) // HOUR)))
            for hour in touched:
                counted[hour] += len(hole.cells)
    return [HourOfGaps(span[0] + hour * HOUR, own[hour], nobody[hour]) for hour in range(count)]
