"""What the clock sees of people on duty: their states, patrols that begin and end, and who is missing."""

import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from geogrid.core.actor import System, acting_as
from geogrid.core.sql import statement
from grid_units.patrols.fixes import Place
from grid_units.patrols.models import Absence, Listening, Patrol, PatrolWatch
from grid_units.patrols.states import ABSENT_AFTER, Seen, State, Watch, is_absent, look

SQL = Path(__file__).parent / "sql"
CLOCK = System("clock")
BREAK = timedelta(minutes=1)  # a longer pause of clock or servers, and the listening begins anew
GIVEN_UP_AFTER = timedelta(minutes=30)  # so long silent, and the patrol ended with the last fix
FORGOTTEN_AFTER = timedelta(hours=12)  # the same for one that was begun by hand
TRACKS_AT_ONCE = 100


@dataclass(frozen=True)
class OnDuty:
    """A person with a device in one of their duties. `began` None: a duty without shifts."""

    user_id: int
    duty_id: int
    unit_codes: tuple[str, ...]
    began: datetime | None
    seen: Seen | None
    watch: Watch | None


def watch_patrols(at: datetime) -> int:
    """Bring states, patrols and absences up to the moment. Returns how many changed.

    Killed in between it has done nothing: all is one transaction, and what it expects is in each statement.
    Only the note that we listen goes ahead: the servers write the same row, and must not wait.
    """
    listening_since = _listen(at)
    with acting_as(CLOCK):
        people = _on_duty(at)
        watches, changed = _look(people, at)
        changed += _keep_patrols(people, watches, at)
        changed += _keep_absences(people, watches, listening_since, at)
    return changed


def draw_tracks(at: datetime) -> int:
    """Draw the tracks of patrols that have ended or were amended since. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "draw_tracks"), {"most": TRACKS_AT_ONCE})
        return int(cursor.rowcount)


def _listen(at: datetime) -> datetime:
    """Since when clock and servers have listened without a break."""
    with transaction.atomic():
        heard, _ = Listening.objects.select_for_update().get_or_create(id=1)
        broken = heard.looked_at is None or at - heard.looked_at > BREAK
        broken = broken or heard.doors_at is None or at - heard.doors_at > BREAK
        if broken or heard.since is None:
            heard.since = at
        heard.looked_at = at
        heard.save(update_fields=["since", "looked_at"])
    return heard.since


def _on_duty(at: datetime) -> list[OnDuty]:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "on_duty_now"), {"at": at})
        rows = cursor.fetchall()
    return [_read(row) for row in rows]


def _read(row: tuple[Any, ...]) -> OnDuty:
    user_id, duty_id, codes, began, _until, place_at, lng, lat, accuracy_m, outside_m, *kept = row
    watch = None
    if kept[0] is not None:
        state, since, anchor, is_outside, turning_at, in_area_at, looked_at = kept
        watch = Watch(State(state), since, _place(anchor), is_outside, turning_at, in_area_at, looked_at)
    seen = Seen(Place(place_at, lng, lat, accuracy_m), outside_m) if place_at is not None else None
    return OnDuty(user_id, duty_id, tuple(codes), began, seen, watch)


def _place(kept: Any) -> Place | None:
    said = json.loads(kept) if isinstance(kept, str) else kept
    return Place(**{**said, "at": datetime.fromisoformat(said["at"])}) if said else None


def _look(people: list[OnDuty], at: datetime) -> tuple[dict[int, Watch], int]:
    """The watch of everybody on duty; and those whose duty is over are off it."""
    duties: dict[int, list[OnDuty]] = defaultdict(list)
    for person in people:
        duties[person.user_id].append(person)
    watches: dict[int, Watch] = {}
    told: list[dict[str, Any]] = []
    for user_id, held in duties.items():
        before = held[0].watch
        watches[user_id] = after = look(before, _nearest(held), at)
        if after != before:
            told.append({"worker_id": user_id} | _said(after))
    if told:
        with connection.cursor() as cursor:
            cursor.execute(statement(SQL, "keep_watches"), [json.dumps(told)])
    gone = PatrolWatch.objects.exclude(state=State.OFF_DUTY.value).exclude(worker_id__in=watches)
    over = [
        {"worker_id": pk} | _said(Watch(State.OFF_DUTY, at, looked_at=looked_at))
        for pk, looked_at in gone.values_list("pk", "looked_at")
    ]
    if over:
        with connection.cursor() as cursor:
            cursor.execute(statement(SQL, "keep_watches"), [json.dumps(over)])
    return watches, len(told) + len(over)


def _nearest(held: list[OnDuty]) -> Seen | None:
    """Of several duties at once the one whose units are nearest: inside one is inside."""
    seen = [one.seen for one in held if one.seen is not None]
    measured = [one for one in seen if one.outside_m is not None]
    return min(measured, key=lambda one: one.outside_m or 0.0) if measured else (seen[0] if seen else None)


def _said(watch: Watch) -> dict[str, Any]:
    said = asdict(watch)
    if watch.anchor is not None:
        said["anchor"]["at"] = watch.anchor.at.isoformat()
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in said.items()}


def _keep_patrols(people: list[OnDuty], watches: dict[int, Watch], at: datetime) -> int:
    """Begin a patrol with the first live fix of a duty, end it with the duty or after a long silence."""
    running = {patrol.worker_id: patrol for patrol in Patrol.objects.running()}
    by_hand = Patrol.objects.filter(is_by_hand=True, ended_at__gt=at - FORGOTTEN_AFTER).order_by("ended_at")
    ended_by_hand = dict(by_hand.values_list("worker_id", "ended_at"))
    changed = 0
    begun: set[int] = set()
    for person in people:
        user_id = person.user_id
        if user_id in running or watches[user_id].state is State.SILENT:
            continue
        # Who has ended it themself does not have it begun again behind their back.
        stopped_at = ended_by_hand.get(user_id)
        if stopped_at is None or (person.began is not None and stopped_at < person.began):
            begun.add(user_id)
    first = {person.user_id: person for person in reversed(people)}
    Patrol.objects.bulk_create(
        [
            Patrol(
                worker_id=user_id,
                duty_id=first[user_id].duty_id,
                started_at=watches[user_id].looked_at or at,
                opened_by=CLOCK.name,
            )
            for user_id in sorted(begun)
        ],
        ignore_conflicts=True,
    )
    changed += len(begun)
    heard = dict(PatrolWatch.objects.filter(pk__in=running).values_list("pk", "looked_at"))
    for user_id, patrol in running.items():
        last_at = max(filter(None, (heard.get(user_id), patrol.started_at)))
        patience = FORGOTTEN_AFTER if patrol.is_by_hand else GIVEN_UP_AFTER
        ended_at = None
        if at - last_at > patience:
            ended_at = last_at
        elif user_id not in watches and not patrol.is_by_hand:
            ended_at = max(at, patrol.started_at)
        if ended_at is not None:
            mine = Patrol.objects.running().filter(pk=patrol.pk)
            changed += mine.update(ended_at=ended_at, is_track_stale=True)
    return changed


def _keep_absences(
    people: list[OnDuty], watches: dict[int, Watch], listening_since: datetime, at: datetime
) -> int:
    """Raise who should be there and is not; end what is over. Late data ends an alarm, never raises one."""
    changed = 0
    on_duty = {(person.user_id, person.duty_id): person for person in people if person.began is not None}
    still_open: set[tuple[int, int | None]] = set()
    for absence in Absence.objects.filter(ended_at=None).select_for_update():
        because = ""
        in_area_at = watches[absence.worker_id].in_area_at if absence.worker_id in watches else None
        if in_area_at is not None and in_area_at >= absence.raised_at - ABSENT_AFTER:
            because = "came" if in_area_at >= absence.raised_at else "late_data"
        elif (absence.worker_id, absence.duty_id) not in on_duty:
            because = "off_duty"
        if because:
            absence.ended_at, absence.ended_because = at, because
            absence.save(update_fields=["ended_at", "ended_because"])
            changed += 1
        else:
            still_open.add((absence.worker_id, absence.duty_id))
    missing = [
        Absence(
            worker_id=person.user_id,
            duty_id=person.duty_id,
            unit_codes=list(person.unit_codes),
            on_duty_since=person.began,
            raised_at=at,
        )
        for key, person in on_duty.items()
        if key not in still_open
        and person.began is not None
        and is_absent(
            on_duty_since=person.began,
            in_area_at=watches[person.user_id].in_area_at,
            watched_since=listening_since,
            now=at,
        )
    ]
    Absence.objects.bulk_create(missing, ignore_conflicts=True)
    return changed + len(missing)
