"""Taking values in: kept, checked, rolled up, and the alarm decided, in one transaction for a gathering.

Whoever takes values in locks the states of their datastreams first, so what is decided is decided on the
newest that is known, and two server processes and the broker's reader decide one after the other.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from assets.sensors.checks import TRUSTED, USABLE, Flag, Last, Limits, flag_of, followed
from assets.sensors.models import Alarm, AlarmTurn
from assets.sensors.thresholds import AlarmRules, Level, Standing, Turn, decide, passed, thresholds_of
from geogrid.core.sql import statement

SQL = Path(__file__).parent / "sql"
Key = tuple[int, datetime]


@dataclass(frozen=True)
class Reading:
    """One value of a datastream, in its unit. `at`: when it was so; `result_at`: when the station knew."""

    datastream_id: int
    at: datetime
    value: float
    result_at: datetime | None = None

    @property
    def key(self) -> Key:
        """What makes it the same observation when it is sent again."""
        return self.datastream_id, self.at


@dataclass(frozen=True)
class Kept:
    """What became of a reading: its observation, whether it was new, and what is wrong with its value."""

    observation_id: int
    is_new: bool
    flag: str


@dataclass
class _Course:
    """One datastream while a gathering is taken in."""

    datastream_id: int
    limits: Limits
    rules: AlarmRules
    last: Last | None
    last_flag: str
    standing: Standing
    alarm_id: int | None
    level_before: Level | None
    flags: dict[Key, Flag] = field(default_factory=dict)
    turns: tuple[Turn, ...] = ()
    newest: Reading | None = None

    def take(self, readings: Sequence[Reading], received_at: datetime) -> None:
        """Check the readings in the order of their times, then decide the alarm at the newest of all."""
        trusted: Reading | None = None
        for reading in sorted(readings, key=lambda one: one.at):
            flag = flag_of(self.limits, self.last, reading.at, reading.value, received_at)
            self.flags[reading.key] = flag
            is_superseded = self.last is not None and reading.at <= self.last.at
            if flag not in USABLE or is_superseded:
                continue
            self.last = followed(self.last, reading.at, reading.value)
            self.last_flag = flag.value
            if flag in TRUSTED:
                self.standing = passed(self.standing, self.rules, reading.at, reading.value)
                trusted = reading
        if trusted is not None and self.last is not None and trusted.at == self.last.at:
            self.newest = trusted
            self.standing, self.turns = decide(self.standing, self.rules, trusted.at)

    def state(self) -> dict[str, Any]:
        """The row of `datastream_state`."""
        last, standing = self.last, self.standing
        return {
            "datastream_id": self.datastream_id,
            "last_at": _iso(last.at if last else None),
            "last_value": last.value if last else None,
            "last_flag": self.last_flag,
            "same_since": _iso(last.same_since if last else None),
            "passed_since": {level.value: _iso(since) for level, since in standing.since.items()},
            "mild_since": _iso(standing.mild_since),
            "alarm_id": self.alarm_id if standing.alarm_level else None,
            "alarm_level": standing.alarm_level or "",
            "alarm_is_falling": standing.is_falling,
        }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


@transaction.atomic
def observe(readings: Sequence[Reading], *, received_at: datetime) -> list[Kept]:
    """Take readings in, of whatever datastreams; what became of each, in order.

    A reading whose datastream and time are known is not kept again. Datastreams must exist.

    Raises:
        OperationalError: when the database cannot now. Nothing was kept then.
    """
    if not readings:
        return []
    by_datastream: dict[int, dict[Key, Reading]] = defaultdict(dict)
    for reading in readings:
        by_datastream[reading.datastream_id].setdefault(reading.key, reading)
    courses = _locked_courses(sorted(by_datastream))
    for course in courses.values():
        course.take(list(by_datastream[course.datastream_id].values()), received_at)
    different = [one for some in by_datastream.values() for one in some.values()]
    flags = {key: flag for course in courses.values() for key, flag in course.flags.items()}
    new = _keep(different, flags, received_at)
    _note_alarms(list(courses.values()))
    _note_states(list(courses.values()), received_at)
    known = _known([one.key for one in different if one.key not in new])
    kept = []
    for reading in readings:
        observation_id = new.pop(reading.key, None)
        if observation_id is not None:
            known[reading.key] = (observation_id, flags[reading.key].value)
        kept.append(Kept(known[reading.key][0], observation_id is not None, known[reading.key][1]))
    return kept


def _locked_courses(datastream_ids: list[int]) -> dict[int, _Course]:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "lock_states"), {"datastreams": datastream_ids})
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["datastream_id"]: _course(row) for row in rows}


def _course(row: dict[str, Any]) -> _Course:
    since = json.loads(row["passed_since"])
    return _Course(
        datastream_id=row["datastream_id"],
        limits=Limits(
            row["lowest"], row["highest"], row["most_per_s"], row["stuck_s"], row["expected_interval_s"]
        ),
        rules=AlarmRules(
            thresholds_of(json.loads(row["thresholds"])),
            row["hysteresis"],
            row["clear_s"],
            row["is_worse_below"],
        ),
        last=Last(row["last_at"], row["last_value"], row["same_since"]) if row["last_at"] else None,
        last_flag=row["last_flag"],
        standing=Standing(
            since={Level(level): datetime.fromisoformat(at) for level, at in since.items()},
            mild_since=row["mild_since"],
            alarm_level=Level(row["alarm_level"]) if row["alarm_level"] else None,
            is_falling=row["alarm_is_falling"],
        ),
        alarm_id=row["alarm_id"],
        level_before=Level(row["alarm_level"]) if row["alarm_level"] else None,
    )


def _keep(readings: list[Reading], flags: dict[Key, Flag], received_at: datetime) -> dict[Key, int]:
    """Ids of those that were new."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement(SQL, "keep_observations"),
            {
                "datastreams": [one.datastream_id for one in readings],
                "moments": [one.at for one in readings],
                "results": [one.result_at for one in readings],
                "values": [one.value for one in readings],
                "flags": [flags[one.key].value for one in readings],
                "received_at": received_at,
            },
        )
        return {(datastream_id, at): pk for datastream_id, at, pk in cursor.fetchall()}


def _known(keys: list[Key]) -> dict[Key, tuple[int, str]]:
    """Id and flag of observations that were there before."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        said: dict[str, Any] = {"datastreams": [key[0] for key in keys], "moments": [key[1] for key in keys]}
        cursor.execute(statement(SQL, "known_observations"), said)
        return {(datastream_id, at): (pk, flag) for datastream_id, at, pk, flag in cursor.fetchall()}


def _note_states(courses: list[_Course], received_at: datetime) -> None:
    said: dict[str, Any] = {
        "states": json.dumps([course.state() for course in courses]),
        "received_at": received_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "note_states"), said)


def _note_alarms(courses: list[_Course]) -> None:
    """Open alarms and bring open ones up to date. The unique constraint stands behind: one open each."""
    opened: list[tuple[_Course, Alarm]] = []
    changed: list[dict[str, Any]] = []
    turned: list[AlarmTurn] = []
    for course in courses:
        newest = course.newest
        if newest is None:
            continue
        if Turn.OPENED in course.turns:
            opened.append((course, _opened(course, newest)))
        elif course.alarm_id is not None:
            changed.append(_changed(course, newest))
    if opened:
        Alarm.objects.bulk_create([alarm for _, alarm in opened])
        for course, alarm in opened:
            course.alarm_id = alarm.pk
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(statement(SQL, "note_alarms"), {"alarms": json.dumps(changed)})
    for course in courses:
        if course.newest is not None and course.alarm_id is not None:
            turned += _turned(course, course.newest, course.alarm_id)
    AlarmTurn.objects.bulk_create(turned)


def _opened(course: _Course, newest: Reading) -> Alarm:
    return Alarm(
        datastream_id=course.datastream_id,
        level=str(course.standing.alarm_level),
        opened_at=newest.at,
        raised_at=newest.at,
        worst_value=newest.value,
    )


def _changed(course: _Course, newest: Reading) -> dict[str, Any]:
    standing = course.standing
    return {
        "id": course.alarm_id,
        "at": _iso(newest.at),
        "value": newest.value,
        "is_worse_below": course.rules.is_worse_below,
        "level": standing.alarm_level,
        "falling_at": _iso(standing.mild_since),
        "closed_at": _iso(newest.at) if Turn.CLOSED in course.turns else None,
    }


def _turned(course: _Course, newest: Reading, alarm_id: int) -> list[AlarmTurn]:
    level = course.standing.alarm_level or course.level_before
    return [
        AlarmTurn(alarm_id=alarm_id, turn=turn.value, level=str(level), value=newest.value, at=newest.at)
        for turn in course.turns
    ]
