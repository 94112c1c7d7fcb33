"""Water: a storm over the low places that follows a real flood, and calm levels before and after."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from geogrid.simulate import water
from geogrid.simulate.doors import Letter, Outbox
from geogrid.simulate.patrols import Clock, utc_now
from geogrid.simulate.plan import Gauge, Plan
from geogrid.simulate.sending import as_observations
from geogrid.simulate.stopping import Stop
from geogrid.simulate.walking import times

SPEED: Final = 300.0  # a storm of 29 hours in six minutes
PAST: Final = timedelta(days=3)
EVERY: Final = timedelta(seconds=2)
LARGEST_STEP: Final = timedelta(minutes=20)
CALM_EVERY: Final = timedelta(minutes=1)
PAST_EVERY: Final = timedelta(minutes=5)
AFTER: Final = timedelta(seconds=75)  # calm values after the end, so that alarms find their end too
Say = Callable[[str], None]


@contextmanager
def the_gauges(lock: Path, stop: Stop, patience: int = 0) -> Iterator[bool]:
    """Whether the gauges are ours now: one simulation speaks for them at a time.

    lock: a file; whoever holds it and dies lets it go. patience: so many tenths of a second to wait for it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        for tries_left in range(patience, -1, -1):
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield True
                return
            if not tries_left or stop.wait(0.1):
                break
        yield False


def pace(speed: float) -> tuple[timedelta, timedelta]:
    """How often the gauges speak, and how much of the storm's own time that is; a fast one has a peak too."""
    every = EVERY
    while every * speed > LARGEST_STEP:
        every /= 2
    return every, every * speed


def storm_values(
    plan: Plan, at: datetime, since_begin: timedelta, step: timedelta
) -> list[tuple[Gauge, datetime, float]]:
    """What all gauges say. step: the storm's time since the values before; rain is what fell in it (mm)."""
    values = []
    for gauge in plan.gauges:
        if gauge.phenomenon == "rain":
            value = round(water.storm_rain_mm_h(gauge, since_begin) * (step / timedelta(hours=1)), 2)
        else:
            value = max(water.storm_level_cm(gauge, since_begin), calm_value(plan, gauge, at, step))
        values.append((gauge, at, value))
    return values


def calm_value(plan: Plan, gauge: Gauge, at: datetime, step: timedelta) -> float:
    """What a gauge says without a storm; rain as what fell in `step`."""
    value = water.calm(gauge, at, made_at=plan.made_at, seed=plan.seed)
    return round(value * (step / timedelta(hours=1)), 2) if gauge.phenomenon == "rain" else value


def storm_live(
    plan: Plan,
    outbox: Outbox,
    stop: Stop,
    *,
    lock: Path,
    say: Say,
    speed: float = SPEED,
    clock: Clock = utc_now,
    began: datetime | None = None,
) -> bool:
    """Let a storm pass over the city, `speed` times as fast as the real one; whether it passed to its end.

    began: the moment at which it begins, else now. Of two storms at once the second does not begin: the
    gauges have one voice.
    """
    with the_gauges(lock, stop, patience=20) as are_ours:
        if not are_ours:
            say("A simulated storm is passing already; wait for its end.")
            return False
        began, highest = began or clock(), ""
        every, step = pace(speed)
        ends = began + water.LASTS / speed + AFTER
        for nr in range(10**9):
            at = began + nr * every
            if at >= ends:
                break
            if stop.wait((at - clock()).total_seconds()):
                return False
            values = storm_values(plan, at, (at - began) * speed, step)
            outbox.put([as_observations(plan.gateway_token, values)])
            outbox.send()
            highest = _told(values, highest, say)
    return True


def _told(values: list[tuple[Gauge, datetime, float]], before: str, say: Say) -> str:
    """Say how many places are flooded when that has changed."""
    depths = [value for gauge, _, value in values if gauge.phenomenon == "level"]
    now = f"{sum(depth >= 15 for depth in depths)} of {len(depths)} places over 15 cm"
    if now != before:
        say(f"  {now}, the deepest {max(depths, default=0):.0f} cm (simulated)")
    return now


def calm_live(plan: Plan, outbox: Outbox, stop: Stop, *, lock: Path, clock: Clock = utc_now) -> None:
    """Calm levels until the end; quiet while a storm speaks for the gauges."""
    for at in times(clock(), clock() + timedelta(days=365), CALM_EVERY):
        if stop.wait((at - clock()).total_seconds()):
            return
        if clock() - at > CALM_EVERY:
            continue
        with the_gauges(lock, stop) as are_ours:
            if are_ours:
                values = [(gauge, at, calm_value(plan, gauge, at, CALM_EVERY)) for gauge in plan.gauges]
                outbox.put([as_observations(plan.gateway_token, values)])
                outbox.send()


def past_levels(plan: Plan, now: datetime) -> list[Letter]:
    """What the gauges have not said of the days before `now`: a letter for each, so that each is judged by
    its newest value, which is calm."""
    letters = []
    for gauge in plan.gauges:
        since = max(now - PAST, gauge.heard_at or now - PAST)
        values = [
            (gauge, at, calm_value(plan, gauge, at, PAST_EVERY)) for at in times(since, now, PAST_EVERY)
        ]
        if values:
            letters.append(as_observations(plan.gateway_token, values))
    return letters
