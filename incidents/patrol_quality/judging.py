"""Whether a patrol should have found what a citizen reported (漏报): miss, gap or neither. Pure rules.

Who counts: people on the duty list for the cell (or one within 5 m of the place) at that moment, walking.
Why so stands in docs/decisions/049-a-miss-is-somebody-on-duty-who-walked-past.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from geogrid.organisations.roles import Role
from incidents.patrol_quality.passing import Approach

WITHIN_M = 20.0  # issue B: within 20 m
DUTY_SHARE = 0.5  # of the window that somebody must have been on duty before their absence is a gap
# Whose walking past counts, and whose duty makes a cell be patrolled. Volunteers only help.
WATCHING: frozenset[Role] = frozenset(
    {Role.GRID_WORKER, Role.INSPECTOR, Role.SUPERINTENDENT, Role.SUPERVISOR}
)
PATROLLING: frozenset[Role] = frozenset({Role.GRID_WORKER})

# Class of an incident: ("asset" or "event", scheme, code). Empty code: all of the kind; empty kind: all.
ClassKey = tuple[str, str, str]


class Verdict(StrEnum):
    """What is to be said of the patrols. The Chinese word stands beside each once."""

    MISS = "miss"  # 漏报: somebody on duty walked past and did not report it
    GAP = "gap"  # 漏巡: nobody was there although the street is to be patrolled
    NEITHER = "neither"  # 无责


class Because(StrEnum):
    """Why."""

    WALKED_PAST = "walked_past"  # miss
    ONLY_DRIVEN = "only_driven"  # gap: somebody drove past; nobody walked
    ELSEWHERE = "elsewhere"  # gap: who was on duty was somewhere else
    SILENT = "silent"  # gap: who was on duty has not been heard of
    NOT_VISIBLE = "not_visible"  # a patrol cannot see this kind of problem
    NO_PLACE = "no_place"  # nobody knows where it is, or it is outside of the grid
    FOUND_THEMSELVES = "found_themselves"  # who reported it was on duty there
    ALREADY_REPORTED = "already_reported"  # a patrol had reported it before
    NO_DUTY = "no_duty"  # no street to be patrolled within 20 m
    NOBODY_DUE = "nobody_due"  # nobody on duty, or not long enough
    NO_DEVICE = "no_device"  # nobody on duty carries a device: nothing is known
    NOT_LISTENED = "not_listened"  # positions were not taken in then


VERDICTS: Mapping[Because, Verdict] = {
    Because.WALKED_PAST: Verdict.MISS,
    Because.ONLY_DRIVEN: Verdict.GAP,
    Because.ELSEWHERE: Verdict.GAP,
    Because.SILENT: Verdict.GAP,
}


def verdict_of(because: Because) -> Verdict:
    """The verdict that goes with a reason."""
    return VERDICTS.get(because, Verdict.NEITHER)


@dataclass(frozen=True)
class OnDuty:
    """Somebody on the duty list for the place at a moment."""

    at: datetime
    worker_id: int
    role: str


@dataclass(frozen=True)
class Known:
    """What is known of one report and of the time before it.

    moments: when the duty list was asked, in order; roster: who stood on it. approaches: how near people
    came, on foot and driving apart. heard: people of whom any used position lies in the window. carrying:
    people who had a device. listened_since: since when positions have been taken in without a break.
    """

    window_from: datetime
    reported_at: datetime
    has_place: bool = True
    is_visible: bool = True
    reporter_id: int | None = None
    earlier_report: str = ""
    is_due: bool = True
    moments: Sequence[datetime] = ()
    roster: Sequence[OnDuty] = ()
    approaches: Sequence[Approach] = ()
    heard: frozenset[int] = frozenset()
    carrying: frozenset[int] = frozenset()
    listened_since: datetime | None = None


@dataclass(frozen=True)
class Judged:
    """The judgement. `approach`: the pass of a miss, else how near somebody on duty came at all."""

    because: Because
    approach: Approach | None = None
    passed_by_others: bool = field(default=False)

    @property
    def verdict(self) -> Verdict:
        """Miss, gap or neither."""
        return verdict_of(self.because)


def hours_back(key: ClassKey | None, table: Mapping[ClassKey, float]) -> float:
    """Hours before the report in which a patrol could have seen it; 0: never. The longest code listed counts.

    The table always has a row for all classes: ("", "", "").
    """
    if key is not None:
        kind, scheme, code = key
        for length in range(len(code), -1, -1):
            for of_scheme in (scheme, ""):
                if (kind, of_scheme, code[:length]) in table:
                    return table[kind, of_scheme, code[:length]]
    return table["", "", ""]


def judge(known: Known) -> Judged:
    """Judge one report. The first reason that holds counts."""
    by_moment = _by_moment(known, WATCHING)
    if not known.is_visible:
        return Judged(Because.NOT_VISIBLE)
    if not known.has_place:
        return Judged(Because.NO_PLACE)
    at_last = by_moment.get(known.moments[-1], frozenset()) if known.moments else frozenset()
    if known.reporter_id in at_last:
        return Judged(Because.FOUND_THEMSELVES)
    if known.earlier_report:
        return Judged(Because.ALREADY_REPORTED)
    theirs = [a for a in known.approaches if _is_on_duty(a, known.moments, by_moment)]
    others = any(a.is_near(WITHIN_M) and not a.is_driven for a in known.approaches if a not in theirs)
    on_foot = [a for a in theirs if not a.is_driven]
    past = [a for a in on_foot if a.is_near(WITHIN_M)]
    if past:
        return Judged(Because.WALKED_PAST, min(past, key=lambda a: a.distance_m), others)
    nearest = min(theirs, key=lambda a: a.distance_m, default=None)
    return Judged(_why_nobody_came(known, theirs), nearest, others)


def _why_nobody_came(known: Known, theirs: Sequence[Approach]) -> Because:
    if not known.is_due:
        return Because.NO_DUTY
    owing = _by_moment(known, PATROLLING)
    if not known.moments or len(owing) < DUTY_SHARE * len(known.moments):
        return Because.NOBODY_DUE
    people = frozenset().union(*owing.values())
    if not people & known.carrying:
        return Because.NO_DEVICE
    if any(a.is_driven and a.is_near(WITHIN_M) for a in theirs):
        return Because.ONLY_DRIVEN
    if people & known.heard:
        return Because.ELSEWHERE
    if known.listened_since is None or known.listened_since > known.window_from:
        return Because.NOT_LISTENED
    return Because.SILENT


def _by_moment(known: Known, roles: frozenset[Role]) -> dict[datetime, frozenset[int]]:
    found: dict[datetime, set[int]] = {}
    for one in known.roster:
        if one.role in roles:
            found.setdefault(one.at, set()).add(one.worker_id)
    return {at: frozenset(people) for at, people in found.items()}


def _is_on_duty(
    approach: Approach, moments: Iterable[datetime], by_moment: Mapping[datetime, frozenset[int]]
) -> bool:
    """On the list at the moments before and after the pass: in doubt for the person."""
    before = [at for at in moments if at <= approach.at]
    after = [at for at in moments if at >= approach.at]
    around = [*before[-1:], *after[:1]]
    return bool(around) and all(approach.worker_id in by_moment.get(at, frozenset()) for at in around)


def moments_between(
    start: datetime, end: datetime, step: timedelta = timedelta(minutes=10)
) -> list[datetime]:
    """When to ask the duty list: every ten minutes, and at the end."""
    found = []
    at = start
    while at < end:
        found.append(at)
        at += step
    return [*found, end]
