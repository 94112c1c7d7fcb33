"""The moves of an incident: who, what is needed, what follows, and what happens when two press at once."""

import io
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geogrid.core.errors import Conflict, Forbidden, GeoGridError, Invalid
from geogrid.organisations.models import Organisation, User
from grid_units.models import Cell, GridUnit
from incidents import actions
from incidents.intake import Report, report
from incidents.models import Incident
from incidents.simulation import SimulatedMove, simulate
from incidents.workflow import BY, MOVES, NEEDS, UNFINISHED, Move, Stage, moves_from, stage_after
from tests.incidents.conftest import EVENING, MIDDLE, MORNING, A, B, C, People, client_of, settle


def reported(by: User, cell: str = A, **more: Any) -> Incident:
    answer = report(said=Report("web", "积水", *MIDDLE[cell], **more), actor=by, at=MORNING).answer
    return Incident.objects.get(number=answer["number"])


def picture(colour: str) -> io.BytesIO:
    """A photo of its own for each colour."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "JPEG")
    file.seek(0)
    file.name = f"{colour}.jpg"
    return file


@given(move=st.sampled_from(list(MOVES)), stage=st.sampled_from(list(Stage)))
def test_a_move_is_offered_where_it_starts_and_nowhere_else(move: Move, stage: Stage) -> None:
    if move in moves_from(stage):
        after = stage_after(move, stage)
        assert after == (MOVES[move][1] or stage)
    else:
        with pytest.raises(ValueError, match="does not start"):
            stage_after(move, stage)


@given(st.lists(st.sampled_from(list(MOVES)), max_size=30))
def test_an_end_is_left_only_by_evaluating_reopening_or_splitting_off(walk: list[Move]) -> None:
    leaving = {
        Stage.CLOSED: {Move.EVALUATE, Move.REOPEN, Move.SPLIT},
        Stage.EVALUATED: {Move.REOPEN, Move.SPLIT},
        Stage.REJECTED: {Move.SPLIT_REPORT},
        Stage.VOID: set(),
    }
    stage = Stage.REPORTED
    for move in walk:
        if move in moves_from(stage):
            after = stage_after(move, stage)
            assert stage in UNFINISHED or after == stage or move in leaving[stage]
            stage = after


def test_everything_offered_is_in_the_workflow() -> None:
    assert set(BY) | set(NEEDS) <= set(MOVES)


def test_filing_names_the_time_and_the_unit_of_the_asset_or_the_place(city: People) -> None:
    office = Organisation.objects.create(code="s", name="南社区居委会", kinds=["community"])
    GridUnit.objects.filter(code="910101001001").update(organisation=office)
    incident = reported(city.oona)

    actions.file(incident=incident, actor=city.oona, at=MORNING, filing_condition="积水 15 cm")

    settle()
    incident.refresh_from_db()
    assert (incident.stage, incident.filed_at, incident.responsible_unit) == ("FILED", MORNING, office)
    assert incident.steps_taken.latest("id").details == {"filing_condition": "积水 15 cm"}


def test_an_exclusive_grid_is_its_maintainers(city: People) -> None:
    park = Organisation.objects.create(code="p", name="公园", kinds=["maintainer"])
    Cell.objects.filter(code=A).update(maintainer=park)
    incident = reported(city.oona)

    actions.file(incident=incident, actor=city.oona, at=MORNING)

    assert incident.responsible_unit_id == park.pk


def test_who_has_no_right_there_moves_nothing(city: People) -> None:
    incident = reported(city.oona, C)

    with pytest.raises(Forbidden):
        actions.move_place(incident=incident, lng=0, lat=0, actor=city.ann, at=MORNING, note="x")
    with pytest.raises(Forbidden):
        actions.file(incident=incident, actor=city.ann, at=MORNING)
    with pytest.raises(Forbidden):
        actions.hand_over(incident=incident, to=city.ann, actor=city.oona, at=MORNING, note="x")

    assert incident.steps_taken.count() == 1


def test_a_moved_place_takes_cell_and_worker_along_and_says_old_and_new(city: People) -> None:
    incident = reported(city.oona)
    lng, lat = MIDDLE[B]

    actions.move_place(incident=incident, lng=lng, lat=lat, actor=city.oona, at=EVENING, note="按错了")

    settle()
    assert (incident.unit_code, incident.cell_worker, incident.holder) == (B, city.cai, city.cai)
    step = incident.steps_taken.latest("id")
    assert (step.note, step.details["from"]["cell"], step.details["to"]["cell"]) == ("按错了", A, B)
    assert (step.details["from_worker"]["id"], step.details["to_worker"]["id"]) == (city.ann.pk, city.cai.pk)


def test_within_the_cell_the_worker_stays(city: People) -> None:
    incident = reported(city.oona)
    lng, lat = MIDDLE[A]

    actions.move_place(incident=incident, lng=lng + 0.001, lat=lat, actor=city.oona, at=EVENING, note="更正")

    settle()
    assert incident.cell_worker == city.ann


def test_a_place_is_given_to_a_report_that_had_none(city: People) -> None:
    number = report(said=Report("hotline", "某处积水"), actor=city.oona, at=MORNING).answer["number"]
    incident = Incident.objects.get(number=number)

    actions.move_place(
        incident=incident, lng=MIDDLE[A][0], lat=MIDDLE[A][1], actor=city.oona, at=MORNING, note="问到了"
    )

    settle()
    assert (incident.unit_code, incident.cell_worker) == (A, city.ann)
    assert incident.steps_taken.latest("id").details["from"] is None


def test_an_incident_is_handed_over_to_who_may_see_it_only(city: People) -> None:
    incident = reported(city.oona)

    with pytest.raises(Invalid, match="may not see"):
        actions.hand_over(incident=incident, to=city.cai, actor=city.dispatcher, at=MORNING, note="x")
    actions.hand_over(incident=incident, to=city.dan, actor=city.dispatcher, at=MORNING, note="Ann 病了")

    settle()
    assert (incident.cell_worker, incident.holder, incident.worker_level) == (city.dan, city.dan, "BY_HAND")
    with pytest.raises(Invalid, match="already"):
        actions.hand_over(incident=incident, to=city.dan, actor=city.dispatcher, at=MORNING, note="x")


def test_solving_on_the_spot_needs_photos_from_before_and_after(
    city: People, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES["default"]["OPTIONS"]["location"] = tmp_path
    incident = reported(city.ann)
    client = client_of(city.ann)
    path = f"/api/incidents/{incident.number}"

    bare = client.post(f"{path}/moves", {"move": "handle_on_spot"}, format="json")
    for role, colour in (("before", "red"), ("after", "green")):
        sent = client.post(f"{path}/photos", {"file": picture(colour), "role": role}, format="multipart")
        assert sent.status_code == 201, sent.content
    solved = client.post(f"{path}/moves", {"move": "handle_on_spot", "note": "已清理"}, format="json")

    assert (bare.status_code, solved.status_code) == (422, 200)
    card = solved.json()
    assert (card["stage"], len(card["photos"])) == ("HANDLED", 2)
    assert card["photos"][0]["url"].startswith("/api/photos/")
    settle()


def test_what_is_no_photo_is_refused(city: People) -> None:
    incident = reported(city.ann)
    client = client_of(city.ann)
    file = io.BytesIO(b"no photo")
    file.name = "x.jpg"

    answer = client.post(f"/api/incidents/{incident.number}/photos", {"file": file}, format="multipart")
    none = client.post(f"/api/incidents/{incident.number}/photos", {"role": "x"}, format="multipart")

    assert (answer.status_code, none.status_code) == (422, 422)
    assert not incident.photo_links.exists()


def test_only_simulated_incidents_can_be_simulated(city: People) -> None:
    real, invented = reported(city.oona), reported(city.oona, is_simulated=True)
    move = SimulatedMove(Move.FILE, city.dan, MORNING, "演示")

    with pytest.raises(IntegrityError, match="1 of 2 moves cannot"), transaction.atomic():
        simulate([(real, move), (Incident.objects.get(pk=invented.pk), move)])
    simulate([(invented, move)])

    settle()
    assert [step.actor for step in invented.steps_taken.order_by("id")] == ["oona", "dan"]
    assert (invented.stage, real.steps_taken.count()) == ("FILED", 1)


def test_a_stale_card_is_told_that_somebody_was_first(city: People) -> None:
    incident = reported(city.oona)
    stale = Incident.objects.get(pk=incident.pk)
    actions.hand_over(incident=incident, to=city.dan, actor=city.dispatcher, at=MORNING, note="x")

    with pytest.raises(Conflict, match="Dispatcher handed it over"):
        actions.file(incident=stale, actor=city.oona, at=MORNING)


def together(*steps: Any) -> list[Exception | None]:
    """Run all at once, each in its own thread and transaction; what each raised."""
    start = threading.Barrier(len(steps))
    raised: list[Exception | None] = [None] * len(steps)

    def run(place: int) -> None:
        try:
            start.wait()
            steps[place]()
        except GeoGridError as error:
            raised[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_of_eight_who_file_at_once_one_does(lasting_city: People) -> None:
    incident = reported(lasting_city.oona)
    copies = [Incident.objects.get(pk=incident.pk) for _ in range(8)]

    raised = together(
        *[
            lambda copy=copy: actions.file(incident=copy, actor=lasting_city.oona, at=MORNING)
            for copy in copies
        ]
    )

    assert sum(error is None for error in raised) == 1
    assert all(isinstance(error, Conflict) for error in raised if error)
    assert incident.steps_taken.count() == 2


def test_of_two_who_move_the_place_at_once_one_does(lasting_city: People) -> None:
    incident = reported(lasting_city.oona)
    copies = [Incident.objects.get(pk=incident.pk) for _ in range(2)]

    raised = together(
        *[
            lambda copy=copy, cell=cell: actions.move_place(
                incident=copy,
                lng=MIDDLE[cell][0],
                lat=MIDDLE[cell][1],
                actor=lasting_city.oona,
                at=MORNING + timedelta(minutes=1),
                note="x",
            )
            for copy, cell in zip(copies, (B, C), strict=True)
        ]
    )

    assert [type(error) for error in raised].count(Conflict) == 1
    assert incident.steps_taken.count() == 2
