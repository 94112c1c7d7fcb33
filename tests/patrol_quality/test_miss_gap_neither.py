"""Twelve and more tracks made by hand: who had been near before a citizen reported, and what is said of it.

The street runs from west to east through cell A. The citizen reports at 13:00 local time (11:00 UTC) from
10 m north of its 150th metre; unlisted problems can be seen for two hours. Ann is on duty in A from 08 to 16,
Cai in B, always.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from assets.seen.passing import keep_bits, note_passed
from geogrid.core.actor import System, acting_as
from grid_units.patrols.models import Listening
from incidents import actions as incident_actions
from incidents.actions import load_event_classes
from incidents.intake import Report, report
from incidents.known_classes import KnownClasses
from incidents.models import EventClass, Incident
from incidents.patrol_quality.actions import OPEN_FOR, RIPE_AFTER, judge_patrols, judge_report, look_backs
from incidents.patrol_quality.models import Judgement
from tests.incidents.conftest import LONG_AGO, MORNING, People
from tests.patrols.conftest import carried_by, rows
from tests.seen.conftest import along, lay_road, walk

REPORTED = MORNING + timedelta(hours=3)
PLACE = along(150, 10)
RIPE = REPORTED + RIPE_AFTER


def minutes_before(minutes: float) -> dict[str, Any]:
    return {"start": REPORTED - timedelta(minutes=minutes)}


def past(offset_m: float = 0.0) -> list[tuple[float, float]]:
    """Along the street from metre 100 to 200, so far north of it: one fix every 7 m."""
    return [along(m, offset_m) for m in range(100, 201, 7)]


@dataclass(frozen=True)
class Track:
    """Somebody's fixes. `who`: a name in People."""

    who: str
    places: list[tuple[float, float]]
    how: dict[str, Any] = field(default_factory=dict)


FAR = [along(m) for m in range(300, 340, 7)]  # on duty, at the other end of the street
TRACKS: dict[str, tuple[list[Track], str, str]] = {
    "walked past an hour before": ([Track("ann", past(), minutes_before(60))], "miss", "walked_past"),
    "walked past on the other side, exactly 20 m away": (
        [Track("ann", past(-10), minutes_before(60))],
        "miss",
        "walked_past",
    ),
    "walked past 21 m away": ([Track("ann", past(-11), minutes_before(60))], "gap", "elsewhere"),
    "two fixes 100 m apart, the straight way between them leads past": (
        [Track("ann", [along(100), along(200)], {**minutes_before(30), "every_s": 80})],
        "miss",
        "walked_past",
    ),
    "two fixes with ten minutes between: nobody knows the way": (
        [Track("ann", [along(100), along(200)], {**minutes_before(30), "every_s": 600})],
        "gap",
        "elsewhere",
    ),
    "passed when the window of two hours had just begun": (
        [Track("ann", [along(150)], minutes_before(120))],
        "miss",
        "walked_past",
    ),
    "passed a minute before the window began": (
        [Track("ann", [along(150)], minutes_before(121)), Track("ann", FAR, minutes_before(60))],
        "gap",
        "elsewhere",
    ),
    "came only after the report": (
        [Track("ann", FAR, minutes_before(60)), Track("ann", past(), minutes_before(-1))],
        "gap",
        "elsewhere",
    ),
    "only drove past": (
        [Track("ann", past(), {**minutes_before(60), "driven": True})],
        "gap",
        "only_driven",
    ),
    "passed by fixes that are not used": (
        [
            Track("ann", past(), {**minutes_before(60), "unused": "jump"}),
            Track("ann", FAR, minutes_before(50)),
        ],
        "gap",
        "elsewhere",
    ),
    "the worker of another area walked past": (
        [Track("cai", past(), minutes_before(60)), Track("ann", FAR, minutes_before(60))],
        "gap",
        "elsewhere",
    ),
    "the supervisor of the community walked past": (
        [Track("dan", past(), minutes_before(60))],
        "miss",
        "walked_past",
    ),
    "no word from who is on duty, while we listened": ([], "gap", "silent"),
    "walked past before the shift began": (
        [Track("bo", past(), minutes_before(60)), Track("ann", FAR, minutes_before(60))],
        "gap",
        "elsewhere",
    ),
}


@pytest.fixture
def street(city: People) -> int:
    road = lay_road("Long street", along(0), along(350))
    keep_bits(MORNING)
    Listening.objects.update_or_create(id=1, defaults={"since": LONG_AGO})
    return road


def reported(said: Report | None = None, at=REPORTED) -> Incident:
    answer = report(said=said or Report("hotline", "x", *PLACE), actor=System("simulation"), at=at).answer
    return Incident.objects.get(number=answer["number"])


def judged(incident: Incident | None = None) -> Judgement:
    one = incident or reported()
    return judge_report(incident_id=one.pk, at=RIPE, table=look_backs())


@pytest.mark.parametrize("name", TRACKS)
def test_the_track(city: People, street: int, name: str):
    tracks, verdict, because = TRACKS[name]
    phones = {who: carried_by(getattr(city, who), who) for who in ("ann", "bo", "cai", "dan")}
    for track in tracks:
        walk(phones[track.who].device, track.places, **track.how)

    said = judged()

    assert (said.verdict, said.because) == (verdict, because)
    if verdict == "miss":
        assert said.worker == getattr(city, tracks[0].who)
        assert said.nearest_m is not None and said.nearest_m <= 20
        assert said.nearest_at is not None and said.window_from <= said.nearest_at <= REPORTED
        assert said.way and all(len(point) == 3 for point in said.way)


def test_the_way_and_the_nearest_point_of_a_miss_are_kept(city: People, street: int):
    walk(carried_by(city.ann).device, past(), **minutes_before(60))

    said = judged()

    assert said.nearest_m == pytest.approx(10, abs=0.05)
    assert said.nearest_at == REPORTED - timedelta(minutes=60) + timedelta(seconds=50 / 7 * 5)
    assert [tuple(point[:2]) for point in said.way] == [(round(lng, 7), round(lat, 7)) for lng, lat in past()]
    assert said.way[0][2] == (REPORTED - timedelta(minutes=60)).timestamp()


NEITHER: dict[str, tuple[Callable[[People], object], Report, str]] = {
    "a street without patrol duty": (
        lambda city: rows(
            "UPDATE patrol_duty_of_kind SET is_due = false WHERE kind = 'residential' RETURNING 1"
        ),
        Report("hotline", "x", *along(150, 100)),
        "no_duty",
    ),
    "away from any street": (lambda city: None, Report("hotline", "x", *along(150, 100)), "no_duty"),
    "no place is known": (lambda city: None, Report("hotline", "x"), "no_place"),
    "who reported is on duty there": (lambda city: None, Report("web", "x", *PLACE), "found_themselves"),
}


@pytest.mark.parametrize("name", NEITHER)
def test_nobody_is_blamed_for(city: People, street: int, name: str):
    prepare, said, because = NEITHER[name]
    carried_by(city.ann)
    prepare(city)
    incident = reported(said)
    if because == "found_themselves":
        Incident.objects.filter(pk=incident.pk).update(reported_by=city.ann)

    found = judged(incident)

    assert (found.verdict, found.because) == ("neither", because)


def test_at_night_in_a_cell_without_a_night_shift_nobody_is_missed(city: People, street: int):
    rows(
        "DELETE FROM duty_shift WHERE duty_id IN (SELECT id FROM duty WHERE user_id = %s) RETURNING 1",
        city.bo.pk,
    )
    rows(
        "DELETE FROM duty_area WHERE duty_id IN (SELECT id FROM duty WHERE user_id = %s) RETURNING 1",
        city.bo.pk,
    )
    carried_by(city.ann)
    evening = MORNING + timedelta(hours=11)

    assert judged(reported(at=evening)).because == "nobody_due"
    # Half an hour of the two was on duty: not long enough either.
    assert judged(reported(at=MORNING + timedelta(hours=7, minutes=30))).because == "nobody_due"


def test_who_carries_no_device_and_times_when_nobody_listened_are_not_held_against_anybody(
    city: People, street: int
):
    assert judged().because == "no_device"
    carried_by(city.ann)
    Listening.objects.update(since=REPORTED - timedelta(hours=1))
    assert judged().because == "not_listened"


def test_what_a_patrol_had_reported_before_is_no_miss(city: People, street: int):
    load_event_classes()
    heap = KnownClasses(EventClass).id_of("0111")
    walk(carried_by(city.ann).device, past(), **minutes_before(60))
    early = Report("patrol", "heap", *PLACE, event_class_id=heap, found_by_patrol=True)
    first = reported(early, at=REPORTED - timedelta(hours=1))

    again = judged(reported(Report("hotline", "heap", *along(155, 12), event_class_id=heap)))
    other = judged(
        reported(Report("hotline", "hole", *PLACE, event_class_id=KnownClasses(EventClass).id_of("0113")))
    )

    assert (again.because, again.earlier) == ("already_reported", first)
    assert other.verdict == "miss"


def test_how_long_something_can_be_seen_hangs_on_its_class(city: People, street: int):
    load_event_classes()
    classes = KnownClasses(EventClass)
    walk(carried_by(city.ann).device, past(), **minutes_before(90))

    def of(code: str) -> tuple[str, str]:
        said = judged(reported(Report("hotline", "x", *PLACE, event_class_id=classes.id_of(code))))
        return said.verdict, said.because

    assert of("0128") == ("neither", "not_visible")  # noise
    assert of("0499") == ("gap", "silent")  # a parked car: one hour, by its major class 04
    assert of("0113") == ("miss", "walked_past")  # a damaged road: four hours


def test_only_what_citizens_reported_is_judged_and_not_before_late_fixes_could_come(
    city: People, street: int
):
    carried_by(city.ann)
    early = reported()
    reported(Report("patrol", "x", *PLACE, found_by_patrol=True))
    reported(Report("sensor", "x", *PLACE))

    assert judge_patrols(RIPE - timedelta(seconds=1)) == 0
    assert judge_patrols(RIPE) == 1
    assert judge_patrols(RIPE) == 0
    assert list(Judgement.objects.values_list("incident_id", flat=True)) == [early.pk]


def test_a_corrected_place_or_a_changed_look_back_is_judged_again(city: People, street: int):
    walk(carried_by(city.ann).device, past(), **minutes_before(90))
    incident = reported()
    judge_patrols(RIPE)
    assert Judgement.objects.get().verdict == "miss"

    rows("UPDATE patrol_look_back SET hours = 1 WHERE kind = '' RETURNING 1")
    judge_patrols(RIPE)
    assert Judgement.objects.get().verdict == "gap"

    with acting_as(city.oona):
        lng, lat = along(150, 100)
        incident_actions.move_place(
            incident=incident, lng=lng, lat=lat, actor=city.oona, at=RIPE, note="corrected"
        )
    judge_patrols(RIPE)
    assert Judgement.objects.get().because == "no_duty"
    assert Judgement.objects.get().first_verdict == "miss"
    assert len(rows("SELECT 1 FROM patrol_judgement_amended")) == 2


def test_late_fixes_amend_a_judgement_for_a_week_and_then_no_more(lasting_city: People):
    lay_road("Long street", along(0), along(350))
    keep_bits(MORNING)
    Listening.objects.update_or_create(id=1, defaults={"since": LONG_AGO})
    phone = carried_by(lasting_city.ann).device
    reported()
    judge_patrols(RIPE)
    assert Judgement.objects.get().because == "silent"

    hour_later = REPORTED + timedelta(hours=1)
    walk(phone, FAR, **minutes_before(100), received=hour_later, is_late=True)
    note_passed(hour_later)
    judge_patrols(hour_later)
    assert Judgement.objects.get().because == "elsewhere"

    walk(phone, past(), **minutes_before(60), received=hour_later, is_late=True)
    note_passed(hour_later)
    judge_patrols(hour_later)
    assert Judgement.objects.get().verdict == "miss"
    assert rows(
        "SELECT because_before, because FROM patrol_judgement_amended ORDER BY amended_at, because"
    ) == [
        ("silent", "elsewhere"),
        ("elsewhere", "walked_past"),
    ]

    judge_patrols(REPORTED + OPEN_FOR + timedelta(seconds=1))
    assert Judgement.objects.get().is_settled
    walk(phone, [along(150, 9)], **minutes_before(10), received=REPORTED + timedelta(days=8), is_late=True)
    note_passed(REPORTED + timedelta(days=8))
    judge_patrols(REPORTED + timedelta(days=8))
    assert Judgement.objects.get().nearest_m == pytest.approx(10, abs=0.05)
    assert rows("SELECT 1 FROM late_passed") == []


def test_somebody_of_another_area_who_walked_past_is_mentioned(lasting_city: People):
    lay_road("Long street", along(0), along(350))
    keep_bits(MORNING)
    walk(carried_by(lasting_city.cai).device, past(), **minutes_before(60))
    walk(carried_by(lasting_city.ann, "hers").device, FAR, **minutes_before(60))
    note_passed(REPORTED)

    said = judged()

    assert said.because == "elsewhere" and said.passed_by_others
    assert said.worker == lasting_city.ann


def test_the_row_for_all_classes_stays(city: People):
    with pytest.raises(IntegrityError, match="stays"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM patrol_look_back WHERE kind = ''")


def test_a_miss_without_a_name_is_refused_by_the_database(city: People, street: int):
    carried_by(city.ann)
    judged()

    with pytest.raises(IntegrityError, match="patrol_judgement_of_a_miss_names_who_and_when"):
        Judgement.objects.update(verdict="miss", worker=None)
