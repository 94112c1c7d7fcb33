"""One problem, told several times: found, followed, merged, split again; both numbers are kept."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from assets.models import Asset, AssetClass
from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.organisations.models import User
from incidents import actions as moves
from incidents.duplicates import actions
from incidents.duplicates.actions import Told
from incidents.duplicates.candidates import candidates, told_by
from incidents.duplicates.likeness import Reach, reach_for, score
from incidents.duplicates.models import DuplicateReach, Follower, FollowerContact, Merge
from incidents.intake import Report, report
from incidents.loop import two_persons
from incidents.loop.models import Application, IncidentClock
from incidents.messages.models import Message
from incidents.models import ContactRead, EventClass, Incident
from incidents.taking import last_step
from tests.incidents.conftest import MIDDLE, A, D, client_of, rows, settle
from tests.loop.conftest import HOUR, MINUTE, NOON, Loop, terms

METRE_NORTH = 1 / 111_400  # degrees of latitude near 60 degrees north
REACH = Reach("event", "", 50, timedelta(hours=72), timedelta(days=30))


@pytest.fixture
def flood(db: None) -> EventClass:
    return EventClass.objects.create(
        scheme="s", version="1", code="0506", major_name="突发", major_name_en="Sudden", name="道路积水",
        name_en="Waterlogging", origin="city",
    )  # fmt: skip


@pytest.fixture
def noise(db: None) -> EventClass:
    return EventClass.objects.create(
        scheme="s", version="1", code="0201", major_name="噪声", major_name_en="Noise", name="噪声",
        name_en="Noise", origin="city",
    )  # fmt: skip


def told(by: User, of_class: EventClass, *, north_m=0.0, at=NOON, cell=A, **more) -> Incident:
    lng, lat = MIDDLE[cell]
    said = Report("phone", "x", lng, lat + north_m * METRE_NORTH, event_class_id=of_class.pk, **more)
    return Incident.objects.get(number=report(said=said, actor=by, at=at).answer["number"])


def like(viewer: User, of_class, *, at=NOON, cell=A, **more):
    lng, lat = MIDDLE[cell]
    found = candidates(viewer=viewer, of_class=of_class, lng=lng, lat=lat, at=at, **more)
    return [one.incident.number for one in found]


def file(loop: Loop, incident: Incident, at=NOON) -> None:
    moves.file(incident=incident, actor=loop.people.oona, at=at, terms=terms(loop))


@given(st.floats(0, 500), st.floats(0, 500), st.integers(0, 10**6), st.integers(0, 10**6))
def test_nearer_and_younger_is_never_less_alike(near, far, young, old):
    near, far, young, old = min(near, far), max(near, far), min(young, old), max(young, old)

    def of(distance, seconds):
        return score(same_asset=False, distance_m=distance, age=timedelta(seconds=seconds), reach=REACH)

    assert 0 <= of(far, old) <= of(near, young) <= 1
    assert of(None, young) <= of(near, young)
    assert score(same_asset=True, distance_m=far, age=timedelta(seconds=old), reach=REACH) == 1


def test_the_longest_beginning_of_a_class_says_how_far():
    known = [REACH, Reach("event", "05", 70, HOUR, HOUR), Reach("asset", "0506", 9, HOUR, HOUR)]

    assert reach_for("event", "0506", known).radius_m == 70
    assert reach_for("event", "0101", known).radius_m == 50
    with pytest.raises(LookupError):
        reach_for("asset", "01", known)


def test_near_in_place_and_time_and_of_the_class(loop: Loop, flood, noise):
    oona = loop.people.oona
    near = told(oona, flood, north_m=60)
    nearer = told(oona, flood, north_m=20)
    told(oona, flood, north_m=110)  # 100 m are the class's reach
    told(oona, noise)
    told(oona, flood, at=NOON - timedelta(hours=25))  # 24 hours too

    assert like(oona, flood) == [nearer.number, near.number]
    assert like(oona, flood, besides=nearer) == [near.number]
    DuplicateReach.objects.create(kind="event", code="05060", radius_m=1, within_h=1, recurs_within_days=1)
    assert len(like(oona, flood)) == 2  # of another class
    DuplicateReach.objects.filter(code="0506").update(radius_m=30)
    assert like(oona, flood) == [nearer.number]


def test_of_the_same_asset_whatever_its_age(loop: Loop):
    of_class = AssetClass.objects.create(
        scheme="s", version="1", code="0101", major_name="x", major_name_en="x", name="井盖",
        name_en="Manhole", origin="ours", geometry_kind="point",
    )  # fmt: skip
    with acting_as(loop.people.eve):
        asset = Asset.objects.create(
            asset_class=of_class, code="9101010101000001", geom=Point(*MIDDLE[A], srid=4326), state="intact"
        )
    said = Report("phone", "x", MIDDLE[D][0], MIDDLE[D][1], asset_id=asset.pk)
    old = report(said=said, actor=loop.people.oona, at=NOON - timedelta(days=200)).answer["number"]

    [found] = candidates(
        viewer=loop.people.oona, of_class=of_class, lng=MIDDLE[A][0], lat=MIDDLE[A][1], at=NOON,
        asset_id=asset.pk,
    )  # fmt: skip
    assert (found.incident.number, found.same_asset, found.score) == (old, True, 1.0)
    assert found.distance_m == pytest.approx(973, abs=5)


def test_only_the_own_or_a_neighbouring_cell_and_only_what_may_be_seen(loop: Loop, flood):
    known = told(loop.people.oona, flood)

    assert like(loop.people.oona, flood) == [known.number]
    assert like(loop.rod, flood) == []  # a handler who has nothing to do with it
    assert (
        client_of(loop.people.stranger).get("/api/duplicates?lng=1&lat=1&event_class=0506").status_code == 403
    )


def test_closed_a_short_while_ago_is_a_recurrence(loop: Loop, flood):
    oona = loop.people.oona
    known = told(oona, flood, at=NOON - timedelta(days=3))
    with acting_as(oona):
        close_quickly(known, NOON - timedelta(days=2))

    [found] = candidates(viewer=oona, of_class=flood, lng=MIDDLE[A][0], lat=MIDDLE[A][1], at=NOON)
    assert (found.incident.number, found.is_open) == (known.number, False)
    assert like(oona, flood, at=NOON + timedelta(days=400)) == []


def close_quickly(incident: Incident, at) -> None:
    """Every stage in one breath: what they need is tested elsewhere."""
    stages = ["FILED", "DISPATCHED", "HANDLING", "HANDLED", "VERIFIED", "CLOSED"]
    names = ["file", "dispatch", "accept", "hand_in", "pass_check", "close"]
    was = "REPORTED"
    for stage, move in zip(stages, names, strict=True):
        incident.steps_taken.create(move=move, from_stage=was, to_stage=stage, level="COMMUNITY", taken_at=at)
        more = {"closed_at": at} if stage == "CLOSED" else {}
        Incident.objects.filter(pk=incident.pk).update(stage=stage, **more)
        settle()
        was = stage


def test_who_tells_the_same_follows_and_their_contact_is_kept_apart(loop: Loop, flood):
    oona = loop.people.oona
    known = told(oona, flood)
    said = Told("phone", "水更深了", *MIDDLE[A], name="王女士", phone="13800000001")

    actions.follow(incident=known, told=said, actor=oona, at=NOON + MINUTE)
    actions.follow(
        incident=known, told=Told(), actor=loop.people.volunteer, at=NOON + MINUTE, is_for_self=True
    )
    settle()

    assert Incident.objects.count() == 1 and told_by([known.pk]) == {known.pk: 2}
    step = known.steps_taken.get(move="follow", details__follower=1)
    assert step.note == "水更深了" and "138" not in str(step.details) + step.note
    with pytest.raises(Conflict, match="already"):
        actions.follow(incident=known, told=Told(), actor=loop.people.volunteer, at=NOON, is_for_self=True)
    [contact] = actions.read_follower_contacts(incident=known, reader=oona, at=NOON, reason="回访")
    assert (contact.phone, ContactRead.objects.get().reason) == ("13800000001", "回访")
    with pytest.raises(Forbidden):
        actions.read_follower_contacts(incident=known, reader=loop.rod, at=NOON, reason="x")


def test_who_follows_is_told_of_the_outcome(loop: Loop, flood):
    known = told(loop.people.oona, flood)
    actions.follow(incident=known, told=Told(), actor=loop.people.volunteer, at=NOON, is_for_self=True)

    file(loop, known)

    assert Message.objects.filter(to_user=loop.people.volunteer, kind="file").count() == 1


def test_the_later_report_is_rejected_as_a_duplicate_by_the_operator_alone(loop: Loop, flood):
    oona = loop.people.oona
    first, second = told(oona, flood), told(oona, flood, at=NOON + MINUTE)
    actions.follow(incident=second, told=Told(words="me too"), actor=oona, at=NOON + MINUTE)

    made = actions.merge(one=first, other=second, actor=oona, at=NOON + 2 * MINUTE, note="")
    settle()

    assert isinstance(made, Merge)
    second.refresh_from_db()
    assert (second.stage, first.number != second.number) == ("REJECTED", True)
    assert last_step(second).details["into"] == first.number
    assert last_step(first).details["duplicate"] == second.number
    assert told_by([first.pk]) == {first.pk: 2}
    assert like(oona, flood) == [first.number]
    third = told(oona, flood, at=NOON + HOUR)
    actions.merge(one=third, other=first, actor=oona, at=NOON + HOUR, note="")
    assert Merge.objects.filter(into=first).count() == 2


def test_a_filed_one_is_closed_as_a_duplicate_by_two_persons(loop: Loop, flood):
    oona = loop.people.oona
    first, second = told(oona, flood), told(oona, flood, at=NOON + MINUTE)
    file(loop, second, NOON + MINUTE)

    made = actions.merge(one=second, other=first, actor=loop.street, at=NOON + 2 * MINUTE, note="同一积水")
    assert isinstance(made, Application) and not Merge.objects.exists()
    two_persons.approve(application=made, actor=loop.chief, at=NOON + 3 * MINUTE)
    settle()

    second.refresh_from_db()
    assert (second.stage, last_step(second).details["code"]) == ("CLOSED", "duplicate")
    assert Merge.objects.standing().get().into == first


def test_a_split_lets_it_go_on_under_its_own_number_and_clocks(loop: Loop, flood):
    oona = loop.people.oona
    first, second = told(oona, flood), told(oona, flood, at=NOON + MINUTE)
    file(loop, second, NOON + MINUTE)
    filed_at = Incident.objects.get(pk=second.pk).filed_at
    running = set(IncidentClock.objects.running().filter(incident=second).values_list("span", "due_at"))
    application = actions.merge(one=second, other=first, actor=loop.street, at=NOON + 2 * MINUTE, note="x")
    assert isinstance(application, Application)
    two_persons.approve(application=application, actor=loop.chief, at=NOON + 3 * MINUTE)
    second.refresh_from_db()

    with pytest.raises(Invalid):
        actions.split(incident=second, actor=loop.street, at=NOON + HOUR, note=" ")
    with pytest.raises(Forbidden):
        actions.split(incident=second, actor=loop.rod, at=NOON + HOUR, note="x")
    actions.split(incident=second, actor=loop.street, at=NOON + HOUR, note="不是同一处")
    settle()

    second.refresh_from_db()
    assert (second.stage, second.round, second.closed_at, second.filed_at) == ("FILED", 1, None, filed_at)
    again = set(IncidentClock.objects.running().filter(incident=second).values_list("span", "due_at"))
    assert again == running and len(running) == 3
    assert last_step(first).move == "split_off"
    with pytest.raises(Conflict, match="merged into none"):
        actions.split(incident=second, actor=loop.street, at=NOON + HOUR, note="x")
    assert rows("SELECT fault FROM core.verify_steps(0, 1000000)") == [(None,)]


def test_a_rejected_one_is_split_to_where_it_was_and_merged_again(loop: Loop, flood):
    oona = loop.people.oona
    first, second = told(oona, flood), told(oona, flood, at=NOON + MINUTE)
    for _ in range(2):
        actions.merge(one=second, other=first, actor=oona, at=NOON + HOUR, note="")
        second.refresh_from_db()
        actions.split(incident=second, actor=oona, at=NOON + HOUR, note="x")
        settle()
        second.refresh_from_db()
        assert (second.stage, second.holder_id) == ("REPORTED", second.cell_worker_id)
    assert Merge.objects.count() == 2 and not Merge.objects.standing().exists()


def test_what_cannot_be_merged_is_refused_in_words(loop: Loop, flood):
    oona = loop.people.oona
    first, second, third = (told(oona, flood, at=NOON + n * MINUTE) for n in range(3))
    with pytest.raises(Invalid, match="one incident already"):
        actions.merge(one=first, other=first, actor=oona, at=NOON, note="")
    actions.merge(one=first, other=second, actor=oona, at=NOON + HOUR, note="")
    with pytest.raises(Conflict, match=first.number):
        actions.merge(one=third, other=second, actor=oona, at=NOON + HOUR, note="")
    with pytest.raises(Forbidden):
        actions.merge(one=third, other=first, actor=loop.rod, at=NOON + HOUR, note="")
    moves.reject(incident=first, actor=oona, at=NOON + HOUR, note="无此情况")
    with pytest.raises(Conflict, match="over"):
        actions.merge(one=third, other=first, actor=oona, at=NOON + HOUR, note="")
    with pytest.raises(Conflict, match="over"):
        actions.follow(incident=first, told=Told(), actor=oona, at=NOON)


def test_the_database_keeps_followers_and_merges_whoever_writes(loop: Loop, flood):
    oona = loop.people.oona
    first, second, third = (told(oona, flood, at=NOON + n * MINUTE) for n in range(3))
    actions.merge(one=second, other=first, actor=oona, at=NOON + HOUR, note="")
    actions.follow(incident=first, told=Told(), actor=oona, at=NOON + HOUR)
    settle()
    tries = [
        ("UPDATE incident_follower SET words = 'y'", []),
        ("UPDATE incident_merge SET note = 'y'", []),
        ("UPDATE incident_merge SET ended_at = now()", []),  # without steps
        (
            "INSERT INTO incident_follower (incident_id, nth, added_at, channel, words)"
            " VALUES (%s, 7, now(), 'x', '')",
            [third.pk],
        ),
        (
            "INSERT INTO incident_merge (duplicate_id, into_id, merged_at, note, why_ended)"
            " VALUES (%s, %s, now(), '', '')",
            [third.pk, second.pk],  # that is a duplicate itself
        ),
        (
            "INSERT INTO incident_merge (duplicate_id, into_id, merged_at, note, why_ended)"
            " VALUES (%s, %s, now(), '', '')",
            [third.pk, first.pk],  # without steps
        ),
    ]  # fmt: skip
    for sql, values in tries:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            settle()


def test_over_http_a_caller_follows_once_however_often_it_is_sent(loop: Loop, flood):
    oona = loop.people.oona
    known = told(oona, flood)
    client = client_of(oona)
    lng, lat = MIDDLE[A]
    place = f"/api/duplicates?lng={lng}&lat={lat}&event_class=0506"
    Incident.objects.filter(pk=known.pk).update(reported_at=known.reported_at)

    said = {"words": "深", "channel": "phone", "contact": {"name": "李", "phone": "1"}}
    path = f"/api/incidents/{known.number}/followers"
    answers = [client.post(path, said, format="json", headers={"Idempotency-Key": "k"}) for _ in "12"]

    assert [answer.status_code for answer in answers] == [200, 200], answers[0].json()
    assert (Follower.objects.count(), FollowerContact.objects.count()) == (1, 1)
    assert answers[1].json()["followers"][0]["has_contact"] is True
    assert client.get(place).status_code == 200
    assert client.get(f"/api/duplicates?lng={lng}&lat={lat}").status_code == 422
    assert client.get(f"/api/duplicates?lng={lng}&lat={lat}&event_class=9999").status_code == 422
    assert client_of(loop.rod).get(f"/api/incidents/{known.number}/same").status_code == 404


def test_over_http_two_are_merged_and_split(loop: Loop, flood):
    oona = loop.people.oona
    first, second = told(oona, flood), told(oona, flood, at=NOON + MINUTE)
    client = client_of(oona)

    made = client.post(f"/api/incidents/{first.number}/merge", {"into": second.number}, format="json")
    assert made.json() == {"duplicate": second.number, "into": first.number, "waits": False}
    same = client.get(f"/api/incidents/{second.number}/same").json()
    assert (same["into"]["number"], same["may_split"]) == (first.number, True)
    card = client.get(f"/api/incidents/{first.number}").json()
    assert card["steps"][-1]["text"]["en"] == f"Incident {second.number} was merged into this one"
    back = client.post(f"/api/incidents/{second.number}/split", {"note": "x"}, format="json")
    assert (back.status_code, back.json()["into"]) == (200, None)
    settle()
