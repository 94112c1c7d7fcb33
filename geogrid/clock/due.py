"""What the clock does, one function each.

Every one may be killed at any moment and run again: it looks at the rows as they are, and names in its UPDATE
what it expects of them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import connection
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from assets.importing import indexes
from assets.photos import storage
from assets.presence.actions import keep_presence
from assets.seen.passing import forget_passed, keep_bits, note_some_passed
from assets.sensors.upkeep import keep_observation_days, note_silence, trim_roll_ups
from assets.terrain import actions as terrain
from geogrid.clock.jobs import put_back_orphans
from geogrid.core.actor import System, acting_as
from grid_units.patrols.keeping import keep_partitions
from grid_units.patrols.watching import draw_tracks, watch_patrols
from grid_units.workshop.publishing import publish_due
from incidents.clocks.actions import keep_holidays
from incidents.evaluation.keeping import keep_roll_ups
from incidents.from_alarms import tell_incidents
from incidents.loop.due import (
    evaluate_closed,
    note_overdue,
    resume_suspended,
    seal_old_steps,
    start_file_clocks,
    warn,
)
from incidents.loop.shifts import pass_on_desks
from incidents.loop.trying import forget_settled
from incidents.patrol_quality.actions import forget_ways, judge_patrols
from tiles.downloads.actions import sweep as sweep_downloads
from tiles.gis.actions import follow_memberships

CLOCK = System("clock")
KEEP_CHANGES = timedelta(days=1)
KEEP_JOBS = timedelta(days=30)
REGRID_BATCH = 4  # pieces of ground, each no larger than a cell
REGRID_S = 1.0


def hand_over(at: datetime) -> int:
    """Give open incidents to whom the duty list names at that moment. Returns how many changed hands."""
    with acting_as(CLOCK), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core.hand_over_open(%s)", [at])
        return int(cursor.fetchone()[0])


def trim_changes(at: datetime) -> int:
    """Forget changes that no live feed asks for any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.trim_changes(make_interval(secs => %s))", [KEEP_CHANGES.total_seconds()])
        return int(cursor.fetchone()[0])


def sweep_sessions(at: datetime) -> int:
    """Forget log-ins that have ended."""
    return Session.objects.filter(expire_date__lt=at).delete()[0]


def sweep_jobs(at: datetime) -> int:
    """Forget jobs that ended long ago."""
    ended = [TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED]
    return DBTaskResult.objects.filter(status__in=ended, finished_at__lt=at - KEEP_JOBS).delete()[0]


def sweep_photos(at: datetime) -> int:
    """Remove pictures in storage that no row names."""
    return storage.sweep_orphans(at=at)


def restore_indexes(at: datetime) -> int:
    """Build the indexes of assets that a killed first load has left unbuilt."""
    return indexes.restore_abandoned()


def regrid_assets(at: datetime) -> int:
    """Give assets and buildings on ground that changed hands their cell. Returns the pieces done."""
    return _some_of("core.regrid_assets")


def regrid_incidents(at: datetime) -> int:
    """Give open incidents on ground that changed hands their cell. Returns the pieces of ground done."""
    return _some_of("core.regrid_incidents")


def _some_of(function: str) -> int:
    """Batches, each a transaction, for about a second: a kill loses the last one, which is done again."""
    done, until = 0, time.monotonic() + REGRID_S
    while time.monotonic() < until:
        with acting_as(CLOCK), connection.cursor() as cursor:
            cursor.callproc(function, [REGRID_BATCH])
            some = int(cursor.fetchone()[0])
        done += some
        if not some:
            break
    return done


def trim_regrid_ground(at: datetime) -> int:
    """Forget ground on which everything has its cell since a day. Returns the pieces forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT core.trim_regrid_ground(make_interval(secs => %s))", [KEEP_CHANGES.total_seconds()]
        )
        return int(cursor.fetchone()[0])


def sweep_terrain(at: datetime) -> int:
    """Remove files of terrains that no row names."""
    return terrain.sweep_files(at=at)


@dataclass(frozen=True)
class Due:
    """Something to do again and again; `do` gets the moment and returns how many rows it changed.

    It takes no more than `most_of_the_time`, whatever its interval: a big city is asked less often.
    """

    do: Callable[[datetime], int]
    every: timedelta
    most_of_the_time: float = 0.1


DUE: tuple[Due, ...] = (
    Due(hand_over, timedelta(seconds=1)),
    Due(tell_incidents, timedelta(seconds=1)),
    Due(resume_suspended, timedelta(seconds=1)),
    Due(start_file_clocks, timedelta(seconds=5)),
    Due(warn, timedelta(seconds=1)),
    Due(note_overdue, timedelta(seconds=1), most_of_the_time=0.25),
    Due(pass_on_desks, timedelta(seconds=5)),
    Due(forget_settled, timedelta(minutes=10)),
    Due(evaluate_closed, timedelta(minutes=1)),
    Due(seal_old_steps, timedelta(seconds=5)),
    Due(publish_due, timedelta(seconds=1)),
    Due(regrid_assets, timedelta(seconds=1), most_of_the_time=0.5),
    Due(regrid_incidents, timedelta(seconds=1), most_of_the_time=0.5),
    Due(put_back_orphans, timedelta(seconds=5)),
    Due(watch_patrols, timedelta(seconds=5)),
    Due(keep_bits, timedelta(seconds=5)),
    Due(note_some_passed, timedelta(seconds=5), most_of_the_time=0.25),
    Due(judge_patrols, timedelta(seconds=5)),
    Due(keep_roll_ups, timedelta(seconds=5), most_of_the_time=0.25),
    Due(keep_presence, timedelta(seconds=30)),
    Due(draw_tracks, timedelta(seconds=30)),
    Due(trim_changes, timedelta(minutes=1)),
    Due(trim_regrid_ground, timedelta(hours=1)),
    Due(restore_indexes, timedelta(minutes=1)),
    Due(keep_partitions, timedelta(hours=1)),
    Due(forget_passed, timedelta(hours=1)),
    Due(forget_ways, timedelta(hours=1)),
    Due(note_silence, timedelta(seconds=5)),
    Due(keep_observation_days, timedelta(minutes=10)),
    Due(trim_roll_ups, timedelta(hours=1)),
    Due(follow_memberships, timedelta(minutes=1)),
    Due(keep_holidays, timedelta(hours=6)),
    Due(sweep_sessions, timedelta(hours=1)),
    Due(sweep_jobs, timedelta(hours=6)),
    Due(sweep_photos, timedelta(hours=6)),
    Due(sweep_terrain, timedelta(hours=6)),
    Due(sweep_downloads, timedelta(hours=1)),
)
