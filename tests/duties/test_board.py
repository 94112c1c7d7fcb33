"""The staffing board over HTTP: a week of a unit, gaps by hour, 1+1+1+N, load, changes and leaves."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from django.db import connection, transaction
from django.db.utils import Error
from django.test import Client
from django.utils import timezone

from assets.models import Road
from assets.seen.passing import keep_bits
from geogrid.changes.models import RowHistory
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Duty, DutyShift, Substitution
from grid_units.duties.roster import who_answers
from grid_units.models import Cell
from incidents.intake import Report, report
from tests.duties.conftest import CELL, COMMUNITY, LONG_AGO, NEIGHBOUR, OTHER_STREET_CELL, STREET

Person = Callable[..., User]
MakeDuty = Callable[..., Duty]
BACKEND = "django.contrib.auth.backends.ModelBackend"
WEDNESDAY = "2026-06-03"  # in a week from Sunday 21:00 UTC: Helsinki, summer
MONDAY = datetime(2026, 5, 31, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def supervisor(city: Any, person: Person) -> Client:
    client = Client()
    client.force_login(person("wang", Role.SUPERVISOR, STREET), BACKEND)
    return client


def every_day(duty: Duty, starts: int, ends: int) -> None:
    DutyShift.objects.bulk_create(
        DutyShift(duty=duty, weekday=day, starts=time(starts), ends=time(ends)) for day in range(7)
    )


def board_of(client: Client, unit: str = STREET) -> Any:
    return client.get(f"/api/staffing/board?unit={unit}&week={WEDNESDAY}").json()


def gaps_of(client: Client, unit: str = STREET) -> Any:
    return client.get(f"/api/staffing/gaps?unit={unit}&week={WEDNESDAY}").json()


def test_the_board_has_every_place_with_its_duties(supervisor: Client, person: Person, duty: MakeDuty):
    theirs = duty(person("li"), CELL, NEIGHBOUR)
    every_day(theirs, 22, 6)
    chen = person("chen")
    leave = Substitution.objects.create(
        duty=theirs, substitute=chen, valid_from=MONDAY + 70 * HOUR, valid_to=MONDAY + 80 * HOUR
    )
    duty(person("far"), OTHER_STREET_CELL)

    board = board_of(supervisor)

    assert (board["week"], board["may_staff"], len(board["rows"])) == ("2026-06-01", True, 1 + 1 + 2 + 8)
    assert board["starts_at"] == "2026-05-31T21:00:00Z"
    [shown] = board["duties"]
    assert (shown["units"], shown["elsewhere"], shown["yours"]) == ([CELL, NEIGHBOUR], 0, True)
    assert shown["shifts"][0] == {"starts": "22:00:00", "ends": "06:00:00", "weekdays": [*range(7)]}
    [stand_in] = shown["stand_ins"]
    assert (stand_in["id"], stand_in["user"], stand_in["is_there"]) == (leave.id, chen.id, True)
    assert {one["username"] for one in board["people"]} == {"li", "chen"}


def test_a_substitute_for_the_end_of_the_last_night_is_on_the_board(
    supervisor: Client, person: Person, duty: MakeDuty
):
    theirs = duty(person("li"), CELL)
    every_day(theirs, 22, 6)
    after_midnight = MONDAY + 7 * 24 * HOUR
    Substitution.objects.create(
        duty=theirs, valid_from=after_midnight + HOUR, valid_to=after_midnight + 6 * HOUR
    )

    assert len(board_of(supervisor)["duties"][0]["stand_ins"]) == 1


def test_who_does_not_staff_reads_the_board_without_the_reasons_of_leaves(
    city: Any, person: Person, duty: MakeDuty
):
    li = person("li", Role.GRID_WORKER, CELL)
    span = {"valid_from": MONDAY, "valid_to": MONDAY + HOUR}
    Substitution.objects.create(duty=duty(li, CELL), reason="ill", **span)
    client = Client()
    client.force_login(li, BACKEND)

    answer = client.get(f"/api/staffing/board?unit={CELL}&week={WEDNESDAY}")

    assert (answer.json()["may_staff"], answer.json()["duties"][0]["yours"]) == (False, False)
    assert b"ill" not in answer.content


def test_a_duty_that_reaches_beyond_the_board_is_shown_in_part_and_is_not_yours(
    supervisor: Client, person: Person, duty: MakeDuty
):
    duty(person("li"), CELL, OTHER_STREET_CELL)

    [shown] = board_of(supervisor)["duties"]

    assert (shown["units"], shown["elsewhere"], shown["yours"]) == ([CELL], 1, False)


def test_gaps_are_counted_by_hour_on_both_levels(supervisor: Client, person: Person, duty: MakeDuty):
    day, above = duty(person("li"), CELL), duty(person("boss"), COMMUNITY, role=Role.SUPERVISOR)
    every_day(day, 6, 22)
    every_day(above, 6, 23)

    found = gaps_of(supervisor, COMMUNITY)

    hours = [(hour["own"], hour["nobody"]) for hour in found["hours"]]
    assert len(hours) == 7 * 24
    assert hours[:6] == [(4, 4)] * 6 and hours[6] == (3, 0) and hours[22] == (4, 0) and hours[23] == (4, 4)
    mine = next(hole for hole in found["holes"] if CELL in hole["cells"])
    assert mine["own"][0] == ["2026-05-31T21:00:00Z", "2026-06-01T03:00:00Z"]
    assert len(mine["own"]) == 8


def test_gaps_agree_with_who_answers_hour_by_hour(supervisor: Client, person: Person, duty: MakeDuty):
    worker = duty(person("li"), CELL)
    every_day(worker, 7, 19)
    gone = duty(person("gone", is_active=False), CELL)
    for owner, substitute, starts, ends in (
        (worker, None, 60, 64),
        (worker, person("idle", is_active=False), 84, 90),
        (gone, person("chen"), 0, 20),
    ):
        Substitution.objects.create(
            duty=owner,
            substitute=substitute,
            valid_from=MONDAY + starts * HOUR,
            valid_to=MONDAY + ends * HOUR,
        )
    duty(person("boss"), STREET, role=Role.SUPERVISOR, valid_to=MONDAY + 100 * HOUR)

    found = gaps_of(supervisor, CELL)["hours"]

    for number, hour in enumerate(found):
        answers = who_answers(CELL, MONDAY + number * HOUR + HOUR / 2)
        assert hour["own"] == int(answers is None or answers.level != "CELL"), hour
        assert hour["nobody"] == int(answers is None), hour


def test_the_formula_is_checked_for_each_cell(supervisor: Client, person: Person, duty: MakeDuty):
    duty(person("lin"), STREET[:6], role=Role.INSPECTOR)
    duty(person("boss"), STREET, role=Role.SUPERVISOR)
    li = person("li")
    duty(li, CELL)
    duty(li, CELL)
    duty(person("zhao"), NEIGHBOUR)
    duty(person("vera"), CELL, role=Role.VOLUNTEER)
    duty(person("handy"), NEIGHBOUR, role=Role.HANDLER)

    board = board_of(supervisor)

    rows = {row["code"]: row for row in board["rows"]}
    assert [part["key"] for part in board["formula"]] == ["inspector", "street", "worker", "volunteers"]
    assert (rows[CELL]["found"], rows[CELL]["complete"]) == ([1, 1, 1, 1], 1)
    assert (rows[NEIGHBOUR]["found"], rows[NEIGHBOUR]["complete"]) == ([1, 1, 1, 0], 0)
    assert (rows[COMMUNITY]["complete"], rows[COMMUNITY]["cells"]) == (1, 4)


def test_load_is_what_the_cells_of_a_person_hold(supervisor: Client, person: Person, duty: MakeDuty):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cell SET households = 100 WHERE code IN (%s, %s)", [CELL, NEIGHBOUR])
    theirs = duty(person("li"), CELL, NEIGHBOUR)
    every_day(theirs, 8, 16)
    inside = Cell.objects.get(code=CELL).geom.point_on_surface
    way = LineString((inside.x, inside.y), (inside.x + 5e-4, inside.y))
    Road.objects.create(source="t", source_id="1", kind="residential", geom=MultiLineString(way, srid=4326))
    keep_bits(timezone.now())
    length_m = 5e-4 * 111_320 * math.cos(math.radians(inside.y))
    report(
        said=Report(channel="hotline", description="x", lng=inside.x, lat=inside.y),
        actor=theirs.user,
        at=timezone.now(),
    )
    chen = person("chen")
    Substitution.objects.create(
        duty=theirs, substitute=chen, valid_from=MONDAY + 24 * HOUR, valid_to=MONDAY + 48 * HOUR
    )
    duty(chen, COMMUNITY, role=Role.GRID_WORKER, valid_to=MONDAY)

    found = supervisor.get(f"/api/staffing/load?unit={STREET}&week={WEDNESDAY}").json()

    [li] = found
    assert (li["username"], li["cells"], li["households"], li["incidents"]) == ("li", 2, 200, 1)
    assert li["hours"] == 6 * 8.0
    assert li["street_m"] == pytest.approx(length_m, rel=0.05)


def test_people_to_choose_from_are_those_of_the_area_and_of_the_levels_above(
    supervisor: Client, person: Person, duty: MakeDuty
):
    person("li", Role.GRID_WORKER, CELL)
    person("lin", Role.INSPECTOR, STREET[:6])
    duty(person("chen"), CELL)
    person("far", Role.GRID_WORKER, OTHER_STREET_CELL)
    person("gone", Role.GRID_WORKER, CELL, is_active=False)

    found = supervisor.get(f"/api/staffing/people?unit={STREET}").json()

    assert {one["username"] for one in found} == {"wang", "li", "lin", "chen"}


def change(client: Client, duty: Duty, **how: Any) -> Any:
    return client.post(f"/api/duties/{duty.id}/changes", how, "application/json")


def test_a_duty_moved_to_another_cell_leaves_the_past_as_it_was(
    supervisor: Client, person: Person, duty: MakeDuty
):
    theirs = duty(person("li"), CELL)
    every_day(theirs, 0, 0)
    away = timezone.now() + timedelta(days=3)
    Substitution.objects.create(
        duty=theirs, substitute=person("chen"), valid_from=LONG_AGO, valid_to=away, reason="x"
    )

    answer = change(supervisor, theirs, leaves=[CELL], takes=[NEIGHBOUR])

    assert answer.status_code == 201, answer.content
    made, now = answer.json(), timezone.now()
    assert (made["units"], len(made["shifts"])) == ([NEIGHBOUR], 7)
    assert [one["substitute"]["username"] for one in made["substitutions"]] == ["chen"]
    assert who_answers(CELL, now) is None and who_answers(NEIGHBOUR, now) is not None
    before = who_answers(CELL, now - timedelta(days=1))
    assert before is not None and before.duty_id == theirs.id and before.is_substitute
    assert RowHistory.objects.get(table_name="duty").actor == "wang"


def test_a_duty_taken_over_by_somebody_else_keeps_no_leave_of_the_one_before(
    supervisor: Client, person: Person, duty: MakeDuty
):
    theirs, chen = duty(person("li"), CELL, NEIGHBOUR), person("chen")
    soon = timezone.now() + timedelta(days=1)
    Substitution.objects.create(duty=theirs, substitute=chen, valid_from=soon, valid_to=soon + HOUR)

    made = change(supervisor, theirs, username="chen", leaves=[NEIGHBOUR]).json()

    assert (made["user"]["username"], made["units"], made["substitutions"]) == ("chen", [CELL], [])
    assert Substitution.objects.count() == 0


def test_a_duty_without_units_ends(supervisor: Client, person: Person, duty: MakeDuty):
    theirs = duty(person("li"), CELL)

    assert change(supervisor, theirs, leaves=[CELL]).status_code == 204
    theirs.refresh_from_db()
    assert theirs.valid_to is not None
    again = change(supervisor, theirs, takes=[NEIGHBOUR])
    assert again.status_code == 409 and "look at the board again" in again.json()["detail"]


def test_a_duty_that_has_not_begun_is_changed_from_its_start(
    supervisor: Client, person: Person, duty: MakeDuty
):
    later = timezone.now() + timedelta(days=9)
    theirs = duty(person("li"), CELL, valid_from=later)

    made = change(supervisor, theirs, takes=[NEIGHBOUR]).json()

    assert (made["units"], Duty.objects.count()) == ([CELL, NEIGHBOUR], 1)
    assert Duty.objects.get().valid_from == later


@pytest.mark.parametrize(
    ("how", "status", "word"),
    [
        ({"takes": [OTHER_STREET_CELL]}, 403, OTHER_STREET_CELL),
        ({"takes": [STREET + "999999"]}, 422, "no unit"),
        ({"leaves": [NEIGHBOUR]}, 409, "does not name"),
        ({"username": "nobody"}, 422, "nobody"),
        ({"at": "2026-01-01T00:00:00Z"}, 422, "from now on"),
        ({"shifts": [{"weekday": 9, "starts": "08:00", "ends": "09:00"}]}, 422, "shifts"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_a_sentence(
    supervisor: Client, person: Person, duty: MakeDuty, how: dict[str, Any], status: int, word: str
):
    theirs = duty(person("li"), CELL)

    answer = change(supervisor, theirs, **how)

    assert answer.status_code == status and word in answer.json()["detail"]
    theirs.refresh_from_db()
    assert theirs.valid_to is None and Duty.objects.count() == 1


def test_a_substitute_for_one_night_leaves_the_rest_of_the_leave(
    supervisor: Client, person: Person, duty: MakeDuty
):
    theirs = duty(person("li"), CELL)
    person("chen")
    leave = Substitution.objects.create(duty=theirs, valid_from=MONDAY, valid_to=MONDAY + 100 * HOUR)
    night = {"username": "chen", "valid_from": "2026-06-02T19:00:00Z", "valid_to": "2026-06-03T03:00:00Z"}
    path = f"/api/duties/{theirs.id}/substitutions"

    made = supervisor.post(path, {**night, "instead_of": [leave.id]}, "application/json")

    assert made.status_code == 201, made.content
    kept = Substitution.objects.order_by("valid_from").values_list("valid_from", "valid_to", "substitute_id")
    assert [(a - MONDAY, b - MONDAY, who is None) for a, b, who in kept] == [
        (0 * HOUR, 46 * HOUR, True), (46 * HOUR, 54 * HOUR, False), (54 * HOUR, 100 * HOUR, True),
    ]  # fmt: skip
    again = supervisor.post(path, {**night, "instead_of": [leave.id]}, "application/json")
    assert again.status_code == 409  # what gave way before covers another time: the night is taken


def test_what_somebody_else_took_back_meanwhile_is_told(supervisor: Client, person: Person, duty: MakeDuty):
    theirs = duty(person("li"), CELL)
    period = {"valid_from": "2026-06-02T19:00:00Z", "valid_to": "2026-06-03T03:00:00Z"}

    answer = supervisor.post(
        f"/api/duties/{theirs.id}/substitutions", {**period, "instead_of": [999_999]}, "application/json"
    )

    assert answer.status_code == 409 and "meanwhile" in answer.json()["detail"]


def test_a_leave_is_noted_in_all_duties_of_the_person_that_the_supervisor_staffs(
    supervisor: Client, person: Person, duty: MakeDuty
):
    li = person("li")
    duty(li, CELL), duty(li, COMMUNITY, role=Role.SUPERVISOR), duty(li, OTHER_STREET_CELL)
    person("chen")
    week = {"valid_from": "2026-06-02T00:00:00Z", "valid_to": "2026-06-09T00:00:00Z", "reason": "annual"}

    answer = supervisor.post(
        "/api/staffing/leaves", {"person": "li", "username": "chen", **week}, "application/json"
    )

    assert answer.status_code == 201, answer.content
    assert (len(answer.json()["noted"]), answer.json()["others"]) == (2, 1)
    assert {one.substitute.username for one in Substitution.objects.all() if one.substitute} == {"chen"}
    none = supervisor.post("/api/staffing/leaves", {"person": "chen", **week}, "application/json")
    assert none.status_code == 422 and "no duty" in none.json()["detail"]


def test_the_database_refuses_a_substitution_outside_the_time_of_its_duty(person: Person, duty: MakeDuty):
    theirs = duty(person("li"), CELL, valid_to=MONDAY)

    with pytest.raises(Error, match="not in force at any time"), transaction.atomic():
        Substitution.objects.create(duty=theirs, valid_from=MONDAY, valid_to=MONDAY + HOUR)
    Substitution.objects.create(duty=theirs, valid_from=MONDAY - HOUR, valid_to=MONDAY + HOUR)


@pytest.mark.parametrize("path", ["board", "gaps", "load", "people"])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"unit={OTHER_STREET_CELL}", 403),
        ("unit=x", 422),
        ("", 422),
        (f"unit={STREET}999", 404),
        (f"unit={STREET}&week=never", 422),
        (f"unit={STREET}&week=0001-01-01", 422),
    ],
)
def test_what_is_asked_wrongly_is_said(supervisor: Client, path: str, query: str, status: int):
    assert supervisor.get(f"/api/staffing/{path}?{query}").status_code == status
