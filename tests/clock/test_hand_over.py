"""At a shift's end the next on duty has it; with nobody on duty the next level has it."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from geogrid.clock.loop import tick
from geogrid.organisations.models import User
from grid_units.duties.models import DutyArea, Substitution
from incidents import actions
from incidents.intake import Report, report
from incidents.models import Incident
from tests.incidents.conftest import EVENING, MIDDLE, MORNING, A, B, C, People, settle


def reported(by: User, cell: str = A, at: datetime = MORNING) -> Incident:
    answer = report(said=Report("web", "积水", *MIDDLE[cell]), actor=by, at=at).answer
    return Incident.objects.get(number=answer["number"])


def test_when_the_shift_ends_the_next_one_on_duty_has_it(city: People) -> None:
    incident = reported(city.oona)

    done = tick(EVENING)

    settle()
    incident.refresh_from_db()
    assert done["hand_over"] == 1
    assert (incident.cell_worker, incident.holder, incident.worker_level) == (city.bo, city.bo, "CELL")
    step = incident.steps_taken.latest("id")
    assert (step.move, step.actor, step.taken_at) == ("hand_over", "clock", EVENING)
    assert step.details["reason"] == "shift_ended"
    assert step.details["from_worker"]["id"] == city.ann.pk
    assert step.details["to_worker"]["id"] == city.bo.pk


def test_the_second_before_the_end_of_the_shift_nothing_happens(city: People) -> None:
    incident = reported(city.oona)
    end = datetime(2026, 1, 14, 14, 0, tzinfo=UTC)  # 16:00 in the city

    early, due = tick(end - timedelta(seconds=1))["hand_over"], tick(end)["hand_over"]

    incident.refresh_from_db()
    assert (early, due, incident.cell_worker) == (0, 1, city.bo)


def test_a_second_tick_hands_nothing_over_twice(city: People) -> None:
    incident = reported(city.oona)

    first, second = tick(EVENING)["hand_over"], tick(EVENING)["hand_over"]

    assert (first, second) == (1, 0)
    assert incident.steps_taken.count() == 2


def test_with_nobody_on_duty_in_the_cell_the_next_level_has_it(city: People) -> None:
    incident = reported(city.oona)
    DutyArea.objects.filter(duty__user=city.bo).delete()

    tick(EVENING)

    incident.refresh_from_db()
    assert (incident.cell_worker, incident.worker_level) == (city.dan, "COMMUNITY")


def test_a_substitute_takes_over_and_gives_back(city: People) -> None:
    incident = reported(city.oona)
    duty = city.ann.duties.get()
    Substitution.objects.create(
        duty=duty, substitute=city.cai, valid_from=MORNING, valid_to=MORNING + timedelta(hours=2)
    )

    tick(MORNING + timedelta(hours=1))
    incident.refresh_from_db()
    during = (incident.cell_worker, incident.worker_is_substitute)
    tick(MORNING + timedelta(hours=3))
    incident.refresh_from_db()

    assert during == (city.cai, True)
    assert (incident.cell_worker, incident.worker_is_substitute) == (city.ann, False)


def test_a_hand_over_by_hand_stands_until_the_duty_list_names_somebody_else(city: People) -> None:
    incident = reported(city.oona)
    actions.hand_over(incident=incident, to=city.dan, actor=city.dispatcher, at=MORNING, note="Ann 病了")

    tick(MORNING + timedelta(minutes=1))
    incident.refresh_from_db()
    meanwhile = incident.cell_worker
    tick(EVENING)
    incident.refresh_from_db()

    assert (meanwhile, incident.cell_worker) == (city.dan, city.bo)


def test_what_is_over_is_not_handed_over(city: People) -> None:
    incident = reported(city.oona)
    actions.reject(incident=incident, actor=city.oona, at=MORNING, note="重复")

    assert tick(EVENING)["hand_over"] == 0


def test_one_tick_hands_over_all_cells(city: People) -> None:
    for cell in (A, A, B, C):
        reported(city.oona, cell)

    assert tick(EVENING)["hand_over"] == 2
    settle()


def test_an_incident_that_somebody_is_moving_right_now_waits_for_the_next_tick(lasting_city: People) -> None:
    incident = reported(lasting_city.oona)
    other = connection.get_new_connection(connection.get_connection_params())
    with other.cursor() as cursor:
        cursor.execute("SELECT 1 FROM incident WHERE id = %s FOR UPDATE", [incident.pk])

    during = tick(EVENING)["hand_over"]
    other.rollback()
    other.close()
    after = tick(EVENING)["hand_over"]

    assert (during, after) == (0, 1)
