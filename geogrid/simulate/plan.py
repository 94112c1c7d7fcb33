"""The plan of a simulation (模拟方案): who walks where with which device, which gauges there are. Pure.

It is made beside the database (`preparing.py`) and kept as a file, because tokens stand in it that the
database does not know. What is simulated from it goes through the public doors and needs nothing else.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

EDITION: Final = 1  # a file of another edition is made anew
SEED: Final = 30428
Line = tuple[tuple[float, float], ...]  # longitude and latitude in degrees


@dataclass(frozen=True)
class Shift:
    """From when until when somebody is on duty; UTC, the end excluded."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Walker:
    """A person on duty with a device.

    home: the way through their own cells, walked to its end and back. away: a way that begins where `home`
    does and leads out of the cells. past: times on duty of the days before that nobody has told of.
    """

    nr: int
    username: str
    token: str
    home: Line
    away: Line
    shifts: tuple[Shift, ...]
    past: tuple[Shift, ...] = ()

    def shift_at(self, moment: datetime) -> Shift | None:
        """The shift that runs at a moment."""
        return next((one for one in self.shifts if one.begins_at <= moment < one.ends_at), None)


@dataclass(frozen=True)
class Gauge:
    """A station that measures one thing. peak: the most that a storm makes of it, in its unit (cm or mm/h);
    lag_s: by how much the storm comes later here. heard_at: its newest value's. Degrees (WGS 84)."""

    station: str
    datastream: str
    phenomenon: str
    place: str
    lng: float
    lat: float
    peak: float
    lag_s: float
    heard_at: datetime | None = None


@dataclass(frozen=True)
class Target:
    """An object that a citizen may find something wrong with."""

    asset: str
    lng: float
    lat: float
    event_class: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything that is simulated, and the tokens that open the doors."""

    made_at: datetime
    walkers: tuple[Walker, ...]
    gauges: tuple[Gauge, ...]
    gateway_token: str
    citizen_token: str
    targets: tuple[Target, ...]
    seed: int = SEED

    def levels(self) -> tuple[Gauge, ...]:
        """The gauges that say how deep the water is."""
        return tuple(gauge for gauge in self.gauges if gauge.phenomenon == "level")


def write_plan(plan: Plan, path: Path) -> None:
    """Keep a plan where only we can read it: there are tokens in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"edition": EDITION, **asdict(plan)}
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(said, file, ensure_ascii=False, default=datetime.isoformat)
    fresh.replace(path)


def read_plan(path: Path) -> Plan | None:
    """The plan in a file; None when there is none, or one of another edition."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said.pop("edition") != EDITION:
            return None
        return _plan(said)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _plan(said: dict[str, Any]) -> Plan:
    walkers = tuple(
        Walker(
            **{
                **one,
                "home": tuple((lng, lat) for lng, lat in one["home"]),
                "away": tuple((lng, lat) for lng, lat in one["away"]),
                "shifts": _shifts(one["shifts"]),
                "past": _shifts(one["past"]),
            }
        )
        for one in said["walkers"]
    )
    gauges = tuple(Gauge(**{**one, "heard_at": _at_or_none(one["heard_at"])}) for one in said["gauges"])
    targets = tuple(Target(**one) for one in said["targets"])
    kept = {"made_at": _at(said["made_at"]), "walkers": walkers, "gauges": gauges, "targets": targets}
    return Plan(**{**said, **kept})


def _shifts(said: list[dict[str, str]]) -> tuple[Shift, ...]:
    return tuple(Shift(_at(one["begins_at"]), _at(one["ends_at"])) for one in said)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _at_or_none(text: str | None) -> datetime | None:
    return None if text is None else _at(text)
