"""The desk's queues: what lies in which for whom, what the search finds, how a list is paged."""

import pytest

from geogrid.organisations.models import User
from incidents.desk import listing
from incidents.desk.listing import Wanted
from incidents.desk.queues import Desk
from incidents.desk.rules import Light, Order, Queue, begins_with, light_of, queues_of
from incidents.loop import handling, two_persons
from incidents.models import Incident
from incidents.workflow import Move
from tests.incidents.conftest import client_of, settle
from tests.loop.conftest import HOUR, MINUTE, NOON, Loop, filed, lead, reported


def shown(user: User, queue: Queue = Queue.OPEN, at=NOON + MINUTE, **wanted) -> list[Incident]:
    return listing.page(Desk(user, at), Wanted(queue, **wanted))[0]


def test_each_incident_lies_in_the_queues_of_its_stage_and_its_unit(loop: Loop):
    fresh, waiting, sent, back = reported(loop.people.oona), filed(loop), filed(loop), filed(loop)
    for incident in (sent, back):
        handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)
    handling.return_(incident=back, actor=loop.rod, at=NOON, note="不归我", suggested_unit=None)
    settle()

    counts = Desk(loop.district, NOON + MINUTE).counts()
    own = Desk(loop.rod, NOON + MINUTE).counts()

    assert (counts[Queue.TO_FILE], counts[Queue.TO_DISPATCH], counts[Queue.RETURNED]) == (1, 2, 1)
    assert counts[Queue.OPEN] == 4 and Queue.UNIT_NEW not in counts
    assert shown(loop.district, Queue.TO_FILE) == [fresh]
    assert set(shown(loop.district, Queue.TO_DISPATCH)) == {waiting, back}
    assert shown(loop.district, Queue.RETURNED) == [back]
    assert (own[Queue.UNIT_NEW], own[Queue.UNIT_AT_WORK], Queue.TO_FILE in own) == (1, 0, False)
    handling.accept(incident=sent, actor=loop.rod, at=NOON)
    assert shown(loop.rod, Queue.UNIT_AT_WORK) == [sent] and not shown(loop.lou)


def test_the_light_of_a_row_is_that_of_its_queue(loop: Loop):
    fresh, waiting = reported(loop.people.oona), filed(loop)
    settle()
    # 3 minutes to file, 15 to dispatch: the light turns at 80 % and at the end.
    expected = {
        MINUTE: {fresh: "green", waiting: "green"},
        2.5 * MINUTE: {fresh: "yellow", waiting: "green"},
        4 * MINUTE: {fresh: "red", waiting: "green"},
        13 * MINUTE: {fresh: "red", waiting: "yellow"},
        16 * MINUTE: {fresh: "red", waiting: "red"},
    }
    for after, lights in expected.items():
        at = NOON + after
        assert {row: vars(row)["light"] for row in shown(loop.district, at=at)} == lights
        red = {row for row, light in lights.items() if light == "red"}
        yellow = {row for row, light in lights.items() if light == "yellow"}
        assert set(shown(loop.district, Queue.OVERDUE, at)) == red
        assert set(shown(loop.district, Queue.NEAR_LIMIT, at)) == yellow
        counts = Desk(loop.district, at).counts()
        assert (counts[Queue.OVERDUE], counts[Queue.NEAR_LIMIT]) == (len(red), len(yellow))
    [row] = shown(loop.district, Queue.TO_DISPATCH)
    assert vars(row)["due_at"] == NOON + 15 * MINUTE


def test_made_up_incidents_have_a_light_by_their_deadline(loop: Loop):
    incident = filed(loop)
    settle()
    incident.clocks.update(ended_at=NOON)
    Incident.objects.filter(pk=incident.pk).update(is_simulated=True, deadline_at=NOON + 10 * HOUR)

    lights = [vars(shown(loop.district, at=NOON + hours * HOUR)[0])["light"] for hours in (7, 9, 11)]

    assert lights == ["green", "yellow", "red"]
    assert len(shown(loop.district, Queue.NEAR_LIMIT, NOON + 9 * HOUR)) == 1


@pytest.mark.parametrize("order", list(Order))
def test_pages_hold_everything_once_in_order(loop: Loop, order: Order):
    made = {reported(loop.people.oona, NOON + n // 2 * MINUTE) for n in range(7)} | {filed(loop)}
    settle()
    desk, found, after = Desk(loop.district, NOON + HOUR), [], ""
    for _ in range(4):
        rows, after = listing.page(desk, Wanted(Queue.OPEN, order, after=after, limit=3))
        found += rows
        if not after:
            break

    assert (len(found), set(found)) == (8, made)
    key = {
        Order.NEWEST: lambda row: (row.reported_at, row.pk),
        Order.URGENT: lambda row: (row.deadline_at or row.reported_at, row.pk),
    }[order]
    assert [key(row) for row in found] == sorted(map(key, found), reverse=order == Order.NEWEST)


def test_words_of_two_signs_and_filters_find_what_they_say(loop: Loop):
    flood, lamp = filed(loop), reported(loop.people.oona)
    Incident.objects.filter(pk=lamp.pk).update(description="Street LAMP 路灯不亮", channel="phone")
    settle()

    assert shown(loop.district, q="积水") == [flood]
    assert shown(loop.district, q="路灯") == shown(loop.district, q="lamp") == [lamp]
    assert shown(loop.district, q=flood.number) == [flood]
    assert shown(loop.district, q="积水 路灯") == []
    assert shown(loop.district, channel="phone") == [lamp]
    assert shown(loop.district, area="910101001002") == []
    assert shown(loop.district, unit="nobody") == []


def test_an_application_lies_with_who_may_decide_it_and_did_not_ask(loop: Loop):
    incident = filed(loop)
    two_persons.apply(
        incident=incident, move=Move.EXTEND, actor=loop.street, at=NOON, note="缺件", until=None, code=None
    )

    assert shown(loop.chief, Queue.TO_APPROVE) == [incident]
    assert shown(loop.street, Queue.TO_APPROVE) == []


def test_the_api_tells_queues_rows_and_what_a_form_offers(loop: Loop):
    incident = filed(loop)
    settle()

    queues = client_of(loop.street).get("/api/desk/queues").json()
    page = client_of(loop.street).get("/api/desk/incidents?queue=to_dispatch").json()
    choices = client_of(loop.street).get(f"/api/desk/incidents/{incident.number}/choices").json()
    of_strangers = client_of(loop.people.stranger).get("/api/desk/queues").json()

    assert queues["first"] == "to_dispatch"
    assert {"queue": "to_dispatch", "count": 1} in queues["queues"]
    [row] = page["results"]
    assert (row["number"], row["order_count"], page["next"]) == (incident.number, 0, "")
    assert [(unit["code"], unit["why"]) for unit in choices["units"]][:2] == [("R", "rule"), ("W", "next")]
    assert of_strangers == {"first": None, "queues": []}
    assert client_of(loop.lou).get(f"/api/desk/incidents/{incident.number}/choices").status_code == 404
    wrong = ["queue=all", "after=x", "after=2026-01-01T00:00:00~1", "limit=0", "area=x"]
    client = client_of(loop.street)
    assert [client.get(f"/api/desk/incidents?{said}").status_code for said in wrong] == [422] * 5


@pytest.mark.fast
def test_a_desk_begins_with_what_the_person_is_here_for():
    from geogrid.organisations.roles import MAY, Role

    first = {
        role: begins_with(MAY[role], queues_of(MAY[role], is_of_a_unit=role == Role.HANDLER)) for role in Role
    }

    assert first[Role.OPERATOR] == Queue.TO_FILE
    assert first[Role.DISPATCHER] == first[Role.COMMANDER] == Queue.TO_DISPATCH
    assert first[Role.HANDLER] == Queue.UNIT_NEW
    assert first[Role.GRID_WORKER] == Queue.MINE
    assert first[Role.VOLUNTEER] is None


@pytest.mark.fast
def test_the_worst_light_is_shown():
    assert light_of([], NOON) == light_of([(None, None)], NOON) == Light.GREEN
    assert light_of([(NOON, NOON + HOUR), (None, None)], NOON) == Light.YELLOW
    assert light_of([(NOON, NOON + HOUR), (NOON - HOUR, NOON - MINUTE)], NOON) == Light.RED
