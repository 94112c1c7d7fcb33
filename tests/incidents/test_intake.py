"""A report gets its number, cell, units, asset and worker in one call."""

import pytest
from django.db import IntegrityError, transaction

from geogrid.core.actor import System
from geogrid.core.errors import Conflict
from incidents.intake import Report, report
from incidents.models import Incident
from tests.incidents.conftest import (
    COUNTY,
    EVENING,
    MIDDLE,
    MORNING,
    SIDE,
    SOUTH,
    WEST,
    A,
    B,
    C,
    D,
    People,
    rows,
    settle,
)


def test_a_report_goes_to_the_worker_of_the_cell_that_holds_the_point(city: People) -> None:
    lng, lat = MIDDLE[A]

    answer = report(said=Report("web", "井盖丢失", lng, lat), actor=city.volunteer, at=MORNING).answer

    settle()
    incident = Incident.objects.get(number=answer["number"])
    assert (incident.unit_code, incident.cell_worker, incident.worker_level) == (A, city.ann, "CELL")
    assert incident.cell_version is not None and incident.cell_version.code == A
    assert answer["cell"] == {"code": A, "name": "格001", "name_en": ""}
    assert answer["community"]["name"] == "南社区" and answer["street"]["name_en"] == "First street"
    assert answer["flags"] == []
    assert [(s.move, s.to_stage, s.actor) for s in incident.steps_taken.all()] == [
        ("report", "REPORTED", "volunteer")
    ]


def test_the_number_begins_with_the_day_of_the_city(city: People) -> None:
    before_midnight_utc = MORNING.replace(hour=23)

    answer = report(said=Report("web", "噪音"), actor=city.volunteer, at=before_midnight_utc).answer

    assert answer["number"].startswith("20260115-")


def test_after_the_shift_the_next_one_on_duty_is_named(city: People) -> None:
    lng, lat = MIDDLE[A]

    answer = report(said=Report("web", "噪音", lng, lat), actor=city.volunteer, at=EVENING).answer

    assert answer["worker"]["name"] == "Bo"


@pytest.mark.parametrize(("cell", "worker", "level"), [(C, "Eve", "DISTRICT"), (D, "Eve", "DISTRICT")])
def test_with_nobody_on_duty_in_the_cell_the_next_level_has_it(
    city: People, cell: str, worker: str, level: str
) -> None:
    lng, lat = MIDDLE[cell]

    answer = report(said=Report("web", "噪音", lng, lat), actor=city.volunteer, at=MORNING).answer

    assert (answer["worker"]["name"], answer["worker"]["level"]) == (worker, level)
    assert answer["flags"] == ["level_above"]


def test_with_nobody_on_duty_at_all_it_goes_to_whose_duty_it_is(city: People) -> None:
    rows("DELETE FROM duty_area WHERE unit_code IN (%s, '910101001001') RETURNING 1", COUNTY)
    rows(
        "DELETE FROM duty_shift WHERE duty_id IN (SELECT id FROM duty WHERE user_id = %s) RETURNING 1",
        city.bo.pk,
    )
    rows("UPDATE duty SET valid_to = '2021-01-01' WHERE user_id = %s RETURNING 1", city.bo.pk)
    lng, lat = MIDDLE[A]

    answer = report(said=Report("web", "噪音", lng, lat), actor=city.volunteer, at=EVENING).answer

    assert (answer["worker"]["name"], answer["worker"]["level"]) == ("Ann", "FALLBACK")
    assert answer["flags"] == ["nobody_on_duty"]


def test_without_any_duty_an_administrator_has_it(city: People) -> None:
    rows("DELETE FROM duty_area RETURNING 1")
    lng, lat = MIDDLE[A]

    answer = report(said=Report("web", "噪音", lng, lat), actor=city.volunteer, at=MORNING).answer

    assert (answer["worker"]["name"], answer["worker"]["level"]) == ("Eve", "FALLBACK")


def test_a_city_without_a_single_person_in_charge_refuses_with_a_sentence(city: People) -> None:
    rows("DELETE FROM duty_area RETURNING 1")
    rows("DELETE FROM membership WHERE role = 'administrator' RETURNING 1")

    with pytest.raises(IntegrityError, match="nobody who could have this incident"), transaction.atomic():
        report(said=Report("web", "噪音"), actor=city.volunteer, at=MORNING)


def test_within_five_metres_of_a_border_both_cells_are_named(city: People) -> None:
    two_metres = 2 / 111_320 / 0.498
    lng, lat = WEST + SIDE - two_metres, SOUTH + SIDE / 2

    answer = report(said=Report("web", "噪音", lng, lat), actor=city.volunteer, at=MORNING).answer

    assert answer["cell"]["code"] == A
    assert answer["border_cells"] == [B]
    assert answer["flags"] == ["near_a_border"]


def test_a_point_on_the_corner_of_four_cells_always_gets_the_same_cell(city: People) -> None:
    said = Report("web", "噪音", WEST + SIDE, SOUTH + SIDE)

    answers = [report(said=said, actor=city.volunteer, at=MORNING).answer for _ in range(3)]

    assert {answer["cell"]["code"] for answer in answers} == {A}
    assert all(answer["border_cells"] == [B, C, D] for answer in answers)


def test_a_report_without_a_place_goes_to_the_district_and_says_so(city: People) -> None:
    answer = report(said=Report("hotline", "某处积水"), actor=city.oona, at=MORNING).answer

    assert answer["cell"] is None
    assert answer["worker"]["name"] == "Eve"
    assert answer["flags"] == ["unlocated"]


def test_a_point_outside_the_grid_is_taken_and_flagged(city: People) -> None:
    answer = report(said=Report("web", "积水", 10.0, 50.0), actor=city.volunteer, at=MORNING).answer

    incident = Incident.objects.get(number=answer["number"])
    assert incident.point is not None and incident.unit_code == ""
    assert answer["flags"] == ["outside_the_grid"]


def test_the_same_call_again_gets_the_same_answer(city: People) -> None:
    said = Report("web", "噪音", *MIDDLE[A])
    first = report(said=said, actor=city.volunteer, at=MORNING, client="user:1", idempotency_key="k")

    again = report(said=said, actor=city.volunteer, at=EVENING, client="user:1", idempotency_key="k")

    assert (first.is_new, again.is_new) == (True, False)
    assert again.answer == first.answer
    assert Incident.objects.count() == 1


def test_a_key_with_another_report_is_refused(city: People) -> None:
    report(said=Report("web", "噪音"), actor=city.volunteer, at=MORNING, client="user:1", idempotency_key="k")

    with pytest.raises(Conflict, match="used for another report"):
        report(
            said=Report("web", "积水"), actor=city.volunteer, at=MORNING, client="user:1", idempotency_key="k"
        )


def test_the_same_key_of_another_client_is_another_report(city: People) -> None:
    said = Report("web", "噪音", *MIDDLE[A])

    for client in ("user:1", "user:2"):
        report(said=said, actor=city.volunteer, at=MORNING, client=client, idempotency_key="k")

    assert Incident.objects.count() == 2


def test_a_part_of_the_system_can_report(city: People) -> None:
    answer = report(said=Report("sensor", "积水 20 cm", *MIDDLE[B]), actor=System("alarm"), at=MORNING).answer

    incident = Incident.objects.get(number=answer["number"])
    assert incident.reported_by is None
    assert incident.steps_taken.get().actor == "alarm"


def test_a_report_is_one_change_for_the_live_feed(city: People) -> None:
    lng, lat = MIDDLE[A]

    answer = report(said=Report("web", "噪音", lng, lat), actor=city.volunteer, at=MORNING).answer

    found = rows(
        "SELECT op, refs, units_before, units_after, ST_SRID(extent) FROM change WHERE kind = 'incident'"
    )
    assert found == [("insert", [answer["number"]], [], [A], 3857)]
