"""The table over HTTP: editions, order, whom to ask next; what managed areas tell at intake and filing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from geogrid.core.actor import System
from geogrid.core.errors import Invalid
from geogrid.organisations.models import Organisation, User
from grid_units.duties.models import Membership
from incidents import actions, intake
from incidents.known_classes import event_classes
from incidents.loop.models import Filing
from incidents.models import EventClass, Incident
from incidents.responsibility.actions import add_rule, draw_area
from incidents.responsibility.models import ResponsibilityRule
from tests.incidents.conftest import COUNTY, MIDDLE, A, People
from tests.responsibility.conftest import unit
from tests.responsibility.test_answering import ACTOR, AT

RULES = "/api/responsibility/rules"
Api = Callable[[User], APIClient]


@pytest.fixture
def chief(city: People) -> User:
    user = User.objects.create(username="chief", display_name="Chief")
    Membership.objects.create(
        user=user, role="administrator", unit_prefix="", valid_from=AT - timedelta(days=99)
    )
    return user


def line(name: str, lead: Organisation, **said: Any) -> dict[str, Any]:
    return {"name": name, "lead": lead.pk, **said}


def test_a_line_is_added_changed_and_ended_by_editions(
    api: Api,
    chief: User,
    water: Organisation,
    roads: Organisation,
):
    client = api(chief)
    made = client.post(RULES, line("one", water, kind="event", code="05", next_units=[roads.pk])).json()
    again = client.post(RULES, line("one", roads))
    changed = client.put(f"{RULES}/{made['id']}", line("one", roads, kind="event", code="05")).json()
    late = client.put(f"{RULES}/{made['id']}", line("one", roads))
    ended = client.delete(f"{RULES}/{changed['id']}")

    assert made["next_unit_ids"] == [roads.pk]
    assert (again.status_code, again.json()["fields"]["name"][0][:12]) == (422, "Another rule")
    assert changed["lead"]["id"] == roads.pk
    assert late.status_code == 409
    assert ended.status_code == 204
    assert client.get(RULES).json() == []
    history = client.get("/api/responsibility/editions").json()
    assert [(one["began"], one["ended"]) for one in history] == [
        ([], ["one"]),
        (["one"], ["one"]),
        (["one"], []),
    ]
    first = client.get(RULES, {"edition": history[-1]["number"]}).json()
    assert [(rule["name"], rule["lead"]["id"]) for rule in first] == [("one", water.pk)]


def test_a_line_is_found_by_words(api: Api, chief: User, water: Organisation, roads: Organisation):
    client = api(chief)
    client.post(RULES, line("道路积水", water, code="0506"))
    client.post(RULES, line("rest", roads))

    found = {
        q: [rule["name"] for rule in client.get(RULES, {"q": q}).json()] for q in ("积水", "05", "Roads", "x")
    }

    assert found == {"积水": ["道路积水"], "05": ["道路积水"], "Roads": ["rest"], "x": []}


def test_the_order_is_changed_and_old_lines_stay_in_their_edition(
    api: Api,
    chief: User,
    water: Organisation,
    roads: Organisation,
):
    client = api(chief)
    ids = {name: client.post(RULES, line(name, water, code=code)).json()["id"] for name, code in
           (("special", "0101"), ("major", "01"), ("rest", ""))}  # fmt: skip

    answer = client.post("/api/responsibility/order", {"rule": ids["rest"], "before": ids["special"]}).json()
    itself = client.post("/api/responsibility/order", {"rule": ids["special"], "before": ids["special"]})
    second = client.post("/api/responsibility/order", {"rule": ids["rest"], "before": None})

    assert answer["changed"] == ["rest"]
    assert [rule["name"] for rule in answer["rules"]] == ["rest", "special", "major"]
    assert (itself.status_code, itself.json()["changed"]) == (200, [])
    assert second.status_code == 409  # the line of before has ended
    assert ResponsibilityRule.objects.filter(name="rest").count() == 2


def test_the_database_wants_units_asked_next_that_are_there(water: Organisation, roads: Organisation):
    for afterwards in ([water.pk], [roads.pk, roads.pk], [10**9]):
        with pytest.raises(DatabaseError, match="asks next must exist"), transaction.atomic():
            add_rule(actor=ACTOR, at=AT, lead=water, name="x", next_unit_ids=afterwards)


def test_a_person_of_a_street_reads_and_does_not_write(api: Api, city: People, water: Organisation):
    client = api(city.ann)
    assert client.get(RULES).status_code == 200
    assert client.post(RULES, line("x", water)).status_code == 403
    assert client.get("/api/responsibility/editions").status_code == 403


def reported(person: User, noise: EventClass) -> Incident:
    lng, lat = MIDDLE[A]
    said = intake.Report(channel="phone", description="loud", lng=lng, lat=lat, event_class_id=noise.pk)
    receipt = intake.report(said=said, actor=person, at=timezone.now())
    return Incident.objects.get(number=receipt.answer["number"])


def area(chief: User, effect: str, **said: Any) -> Any:
    lng, lat = MIDDLE[A]
    around = [[lng + x * 1e-4, lat + y * 1e-4] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    since = timezone.now() - timedelta(hours=1)
    return draw_area(
        actor=chief, unit_code=COUNTY, ring=around, name="广场", name_en="Square", effect=effect, text="已知",
        text_en="Known", class_kind="event", class_codes=["0189"], valid_from=since,
        **said,
    )  # fmt: skip


@pytest.mark.parametrize("effect", ["notice", "permit"])
def test_what_an_area_tells_of_is_filed_only_with_a_reason(
    api: Api,
    city: People,
    chief: User,
    noise: EventClass,
    effect: str,
):
    area(chief, effect)
    incident = reported(city.cai, noise)
    operator = api(city.oona)
    loop = operator.get(f"/api/incidents/{incident.number}/loop").json()
    [offer] = [one for one in loop["moves"] if one["move"] == "file"]

    with pytest.raises(Invalid, match="say why"):
        actions.file(incident=incident, actor=System("automatic"), at=timezone.now())
    refused = operator.post(f"/api/incidents/{incident.number}/loop/moves", {"move": "file"})
    filed = operator.post(
        f"/api/incidents/{incident.number}/loop/moves", {"move": "file", "note": "too loud"}
    )

    assert [(one["effect"], one["text_en"]) for one in loop["told"]] == [(effect, "Known")]
    assert offer["needs"] == ["note"]
    assert refused.status_code == 422
    assert filed.json()["stage"] == "FILED"
    assert filed.json()["told"] == []


def test_a_receipt_tells_what_is_known_there(
    api: Api,
    city: People,
    chief: User,
    noise: EventClass,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(event_classes, "_until", 0.0)  # what it knew is of another test's city
    lng, lat = MIDDLE[A]
    body = {"lng": lng, "lat": lat, "description": "loud", "channel": "phone", "event_class": "0189"}
    before = api(city.oona).post("/api/incidents", body).json()
    area(chief, "notice")
    after = api(city.oona).post("/api/incidents", body).json()
    asked = {"kind": "event", "code": "0189", "lng": str(lng), "lat": str(lat)}
    here = api(city.ann).get("/api/managed-areas/told", asked)

    assert before["told"] == []
    assert [one["text_zh"] for one in after["told"]] == ["已知"]
    assert [one["name_en"] for one in here.json()] == ["Square"]


def test_an_area_of_other_hours_tells_nothing(city: People, chief: User, noise: EventClass):
    now = timezone.now()
    area(chief, "permit", weekdays=[(now.weekday() + 3) % 7])
    incident = reported(city.cai, noise)

    actions.file(incident=incident, actor=System("automatic"), at=timezone.now())

    assert incident.stage == "FILED"


def test_whom_to_ask_next_is_frozen_with_the_filing(city: People, water: Organisation, noise: EventClass):
    third = unit("third")
    add_rule(actor=ACTOR, at=AT, lead=water, name="noise", code="0189", next_unit_ids=[third.pk])
    incident = reported(city.cai, noise)

    actions.file(incident=incident, actor=System("automatic"), at=timezone.now())

    filing = Filing.objects.get(incident=incident)
    assert (filing.unit_ids, filing.next_unit_ids) == ([water.pk], [third.pk])
