"""Another system sends its JSON: signed, mapped, each number once; what lacks class or place is not lost."""

import itertools
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from geogrid.core.importing.crs import wgs84_to_gcj02
from incidents import actions as moves
from incidents import known_classes
from incidents.desk.queues import Desk
from incidents.desk.rules import Queue
from incidents.inbound import signing
from incidents.inbound.mapping import Unmapped, faults_of, mapped, without_contacts
from incidents.inbound.models import InboundPost, Source, SourceClass
from incidents.messages.models import Message
from incidents.models import EventClass, Incident, IncidentContact
from tests.incidents.conftest import MIDDLE, A, client_of, settle
from tests.loop.conftest import NOON, Loop, terms

SECRET = "sixteen-letters-or-more"
MAPPING = {
    "outside_number": "orderNo", "description": ["title", "content"], "class": "type.code",
    "lng": "pos.x", "lat": "pos.y", "location_text": "address",
    "contact_name": "caller.name", "contact_phone": "caller.tel",
}  # fmt: skip
BODY: dict[str, Any] = {
    "orderNo": "12345-0001", "title": "积水", "content": "没过脚踝", "type": {"code": "W7"},
    "pos": {"x": MIDDLE[A][0], "y": str(MIDDLE[A][1])}, "address": "路口",
    "caller": {"name": "王女士", "tel": "13800000001"}, "extra": [1, None],
}  # fmt: skip
_signed_at: set[int] = set()


@pytest.fixture
def hotline(loop: Loop) -> Source:
    EventClass.objects.create(
        scheme="s", version="1", code="0506", major_name="x", major_name_en="x", name="道路积水",
        name_en="Waterlogging", origin="ours",
    )  # fmt: skip
    # Ids are known for some seconds; those of the test before are gone with its transaction.
    known_classes.event_classes = known_classes.KnownClasses(EventClass)
    source = Source.objects.create(
        code="12345", name="市民热线", secret=SECRET, mapping=MAPPING, unit=loop.water
    )
    SourceClass.objects.create(source=source, theirs="W7", kind="event", code="0506")
    return source


def send(
    body: Any, *, moment: int | None = None, secret=SECRET, header: str | None = None, to="12345"
) -> Any:
    """One call. Signed at another second each time, as no signature is taken twice."""
    sent = json.dumps(body, ensure_ascii=False).encode()
    at = (
        next(at for at in itertools.count(int(time.time()), -1) if at not in _signed_at)
        if moment is None
        else moment
    )
    _signed_at.add(at)
    signed = header if header is not None else f"t={at},v1={signing.digest(secret, at, sent)}"
    headers = {signing.HEADER: signed}
    return Client().post(f"/api/inbound/{to}", sent, content_type="application/json", headers=headers)


def test_what_is_sent_becomes_an_incident_with_both_numbers(loop: Loop, hotline):
    answer = send(BODY)

    assert answer.status_code == 201, answer.content
    incident = Incident.objects.get(number=answer.json()["number"])
    assert answer.json() | {"number": ""} == {
        "number": "", "outside_number": "12345-0001", "stage": "REPORTED", "lacks": [],
    }  # fmt: skip
    assert (incident.source_number, incident.channel, incident.unit_code) == ("12345-0001", "hotline", A)
    assert incident.event_class is not None and incident.description == "积水\n没过脚踝"
    assert IncidentContact.objects.get(incident=incident).phone == "13800000001"
    settle()


def test_the_same_number_is_the_same_incident_and_another_content_is_refused(loop: Loop, hotline):
    first, again = send(BODY), send(BODY)
    other = send(BODY | {"content": "x"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()
    assert (Incident.objects.count(), InboundPost.objects.count()) == (1, 1)
    Source.objects.create(code="other", name="x", secret=SECRET, mapping=MAPPING)
    assert send(BODY, to="other").status_code == 201  # unique in its source


def test_only_what_is_signed_now_and_once_is_taken(loop: Loop, hotline):
    now = int(time.time())
    body = json.dumps(BODY, ensure_ascii=False).encode()
    good = f"t={now},v1={signing.digest(SECRET, now, body)}"

    assert send(BODY, header="").status_code == 401
    assert send(BODY, secret="another-secret-of-somebody").status_code == 401
    assert send(BODY, moment=now - 301).status_code == 401
    assert send(BODY, moment=now + 400).status_code == 401
    assert send(BODY | {"title": "x"}, header=good).status_code == 401  # changed on the way
    assert send(BODY, to="nobody").status_code == 401
    assert Incident.objects.count() == 0
    assert send(BODY, header=good).status_code == 201
    replayed = send(BODY, header=good)
    assert (replayed.status_code, "before" in replayed.json()["detail"]) == (409, True)
    Source.objects.update(is_active=False)
    assert send(BODY).status_code == 401


def test_a_secret_is_changed_without_a_gap(loop: Loop, hotline):
    Source.objects.update(secret="a-new-secret-of-the-hotline", secret_before=SECRET)

    assert send(BODY).status_code == 201
    assert send(BODY, secret="a-new-secret-of-the-hotline").status_code == 200


def test_without_class_or_place_it_lies_in_the_tray_with_its_original(loop: Loop, hotline):
    oona = loop.people.oona
    answer = send(BODY | {"type": {"code": "unknown"}, "pos": {"x": 0, "y": 0}})
    number = answer.json()["number"]
    assert (answer.status_code, answer.json()["lacks"]) == (201, ["class", "place"])
    incident = Incident.objects.get(number=number)
    desk = Desk(oona, NOON)
    assert list(desk.open().filter(desk.holds(Queue.TRAY))) == [incident]
    assert Queue.TRAY in desk.queues

    client = client_of(oona)
    original = client.get(f"/api/incidents/{number}/original").json()
    assert original["original"]["caller"] == {"name": "…", "tel": "…"}
    assert (original["original"]["extra"], original["their_class"]) == ([1, None], "unknown")
    assert client_of(loop.rod).get(f"/api/incidents/{number}/original").status_code == 404

    path = f"/api/incidents/{number}"
    place = {"lng": MIDDLE[A][0], "lat": MIDDLE[A][1], "reason": "按地址定位"}
    assert client.post(f"{path}/place", place, format="json").status_code == 200
    given = client.post(f"{path}/class", {"event_class": "0506"}, format="json")
    assert (given.status_code, given.json()["class_code"]) == (200, "0506")
    assert given.json()["steps"][-1]["text"]["zh"] == "归类：道路积水"
    assert not desk.open().filter(desk.holds(Queue.TRAY)).exists()
    incident.refresh_from_db()
    moves.file(incident=incident, actor=oona, at=NOON, terms=terms(loop))
    late = client.post(f"{path}/class", {"event_class": "0506"}, format="json")
    assert late.status_code == 409
    settle()


def test_the_source_has_its_receipt_through_the_outbox(loop: Loop, hotline):
    incident = Incident.objects.get(number=send(BODY).json()["number"])

    moves.reject(incident=incident, actor=loop.people.oona, at=NOON, note="不属实")

    assert Message.objects.filter(to_unit=loop.water, kind="reject").count() == 1


def test_coordinates_are_converted_only_as_the_mapping_says(loop: Loop, hotline):
    import numpy as np

    lng, lat = (float(one[0]) for one in wgs84_to_gcj02(np.array([116.4]), np.array([39.9])))
    Source.objects.update(mapping=MAPPING | {"crs": "gcj02"})
    number = send(BODY | {"pos": {"x": lng, "y": lat}}).json()["number"]

    point = Incident.objects.get(number=number).point
    assert point is not None and (point.x, point.y) == pytest.approx((116.4, 39.9), abs=1e-7)


def test_what_is_missing_is_said_by_the_senders_names(loop: Loop, hotline):
    answer = send({"title": ""})
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"orderNo", "title"})
    assert send({"orderNo": "x" * 61, "title": "y"}).status_code == 422
    assert send([1, 2]).status_code == 422
    now = int(time.time())
    for sent in (b"{", b"\xff", b'{"a": NaN}', b""):
        headers = {signing.HEADER: f"t={now},v1={signing.digest(SECRET, now, sent)}"}
        answer = Client().post("/api/inbound/12345", sent, content_type="application/json", headers=headers)
        assert answer.status_code in (400, 422), (sent, answer.content)


def test_the_original_stays_as_it_was_sent(loop: Loop, hotline):
    send(BODY)
    for change in (lambda: InboundPost.objects.update(their_class="x"), InboundPost.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(DatabaseError), transaction.atomic():
        Source.objects.update(secret="short")


def test_a_mapping_that_cannot_be_used_is_told():
    assert faults_of(MAPPING) == []
    assert len(faults_of({"nonsense": "x", "lng": "x", "crs": "mars", "outside_number": [""]})) == 5
    assert faults_of([]) != []


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b", "0"]), inner),
)


@given(JSON, st.text("ab0.", min_size=1), st.text("ab0.", min_size=1))
def test_no_body_breaks_a_mapping(body, number, phone):
    mapping = {
        "outside_number": number,
        "description": number,
        "contact_phone": phone,
        "lng": "a",
        "lat": "b",
    }
    try:
        said = mapped(body, mapping)
    except Unmapped as error:
        assert error.fields
    else:
        assert 0 < len(said.outside_number) <= 60 and "\x00" not in said.description
    json.dumps(without_contacts(body, mapping))


@given(st.binary(), st.binary(min_size=1), st.integers(0, 10**9))
def test_a_signature_fits_its_bytes_and_no_others(body, more, seconds):
    at = datetime.fromtimestamp(seconds, UTC)
    header = f"t={seconds},v1={signing.digest(SECRET, seconds, body)}"

    assert signing.checked(header, body, ["", "x", SECRET], at)
    for wrong in ((header, body + more, [SECRET]), (header, body, ["x"]), (header[:-1], body, [SECRET])):
        with pytest.raises(signing.NotSigned):
            signing.checked(*wrong, at)
