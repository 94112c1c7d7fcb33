"""Patrols: everybody on duty says where they are, now and for the days before."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from geogrid.simulate.doors import Letter, Outbox
from geogrid.simulate.plan import Plan, Shift, Walker
from geogrid.simulate.sending import as_batch, as_osmand
from geogrid.simulate.stopping import Stop
from geogrid.simulate.walking import Habit, Walk, times

EVERY: Final = timedelta(seconds=8)
OSMAND_EACH: Final = 4  # every fourth device speaks OsmAnd, the others our own JSON
PAST_EVERY: Final = timedelta(seconds=60)  # 80 m of walking: the way between is mostly the street's
DRIVEN_EVERY: Final = timedelta(seconds=20)
PAST_A_SECOND: Final = 600  # positions; the server and who looks at it come first
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


class Round:
    """The walkers of a plan, each with the walk of their shift."""

    def __init__(self, plan: Plan, most: int | None = None) -> None:
        self._plan = plan
        self._most = most
        self._walks: dict[int, Walk] = {}

    def letters(self, at: datetime) -> list[Letter]:
        """What the devices on duty say at a moment: one letter each."""
        said: list[Letter] = []
        for walker in self._plan.walkers:
            if self._most is not None and len(said) >= self._most:
                break
            shift = walker.shift_at(at)
            if shift is None:
                continue
            walk = self._walks.get(walker.nr)
            if walk is None or walk.shift != shift:
                walk = self._walks[walker.nr] = Walk(walker, shift, self._plan.seed)
            where = walk.where(at)
            if where is not None:
                is_osmand = walker.nr % OSMAND_EACH == 0
                said += [as_osmand(walker, at, where)] if is_osmand else as_batch(walker, [(at, where)])
        return said


def walk_live(
    plan: Plan,
    outbox: Outbox,
    stop: Stop,
    *,
    until: datetime | None = None,
    most: int | None = None,
    speed: float = 1.0,
    clock: Clock = utc_now,
) -> None:
    """Say every EVERY where everybody is, until the end. speed: so many times as often, for a load."""
    every = EVERY / speed
    turn = Round(plan, most)
    for at in times(clock(), until or datetime.max.replace(tzinfo=UTC), every):
        if stop.wait((at - clock()).total_seconds()):
            return
        late = clock() - at
        if late > every and len(outbox) == 0:
            continue  # the machine slept: what was not walked is not told
        outbox.put(turn.letters(at))
        outbox.send()


def past_of(walker: Walker, plan: Plan) -> Iterator[tuple[Shift, list[Letter]]]:
    """What a device has not said of the days before, the newest part first."""
    for part in reversed(walker.past):
        shift = walker.shift_at(part.begins_at)
        if shift is None:
            continue
        walk = Walk(walker, shift, plan.seed)
        every = DRIVEN_EVERY if walk.habit is Habit.DRIVES else PAST_EVERY
        seen = ((at, walk.where(at)) for at in times(part.begins_at, part.ends_at, every))
        yield part, as_batch(walker, [(at, where) for at, where in seen if where is not None])


def walk_past(plan: Plan, outbox: Outbox, stop: Stop, *, a_second: int = PAST_A_SECOND) -> int:
    """Tell what was walked before and is not known, the newest shifts of all first; how many positions.

    With rests, so that the server has time for others: it is told `a_second` positions a second at most.
    """
    pasts = [(shift, letters) for walker in plan.walkers for shift, letters in past_of(walker, plan)]
    told = 0
    for _, letters in sorted(pasts, key=lambda past: past[0].ends_at, reverse=True):
        outbox.put(letters)
        counts = sum(one.counts for one in letters)
        while wait_s := outbox.send():
            if stop.wait(wait_s):
                return told
        told += counts
        if stop.wait(counts / a_second):
            return told
    return told
