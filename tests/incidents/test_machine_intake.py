"""Reports of machines over the raw handler: the same answers as through Django, alone and together."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geogrid.core.errors import Conflict
from geogrid.organisations.authentication import digest_of
from geogrid.organisations.models import ApiToken, User
from incidents.intake import Call, Receipt, Report, report, report_all
from incidents.models import Incident, StepTaken
from tests.asgi.running import CITY, Server, serving
from tests.incidents.conftest import COUNTY, MIDDLE, MORNING, SIDE, SOUTH, WEST, A, B, C, People, rows

PLACE = dict(zip(("lng", "lat"), MIDDLE[A], strict=True))
NOISE = {**PLACE, "description": "噪音"}


@pytest.fixture(scope="module")
def server(test_database: object, django_db_setup: None) -> Iterator[Server]:
    with serving(CITY) as running:
        yield running


def token_for(user: User, *scopes: str) -> str:
    token = f"ggt_of-{user.pk}-{user.username}-{'-'.join(scopes)}"
    ApiToken.objects.create(
        user=user, name="test", prefix="ggt_", digest=digest_of(token), scopes=list(scopes) or ["all"]
    )
    return token


def send(server: Server, token: str, body: Any, **headers: str) -> tuple[int, Any, dict[str, str]]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = server.ask(
        "POST",
        "/api/incidents",
        raw,
        **{"Authorization": f"Bearer {token}", "Content_Type": "application/json", **headers},
    )
    return answer.status, json.loads(answer.body), answer.headers


def send_through_django(token: str, body: Any, **headers: str) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = Client().post(
        "/api/incidents", raw, "application/json", headers={"Authorization": f"Bearer {token}", **named}
    )
    return answer.status_code, answer.json()


ASKED: dict[str, tuple[str, Any, dict[str, str]]] = {
    "a report": ("all", NOISE, {}),
    "with a contact": ("all", {**NOISE, "contact": {"name": "李", "phone": "1"}}, {}),
    "without a place": ("all", {"description": "噪音", "location_text": "桥下"}, {}),
    "outside the grid": ("all", {"lng": 0.0, "lat": 0.0, "description": "x"}, {}),
    "no words at all": ("all", {**PLACE}, {}),
    "an unknown class": ("all", {**NOISE, "event_class": "nope"}, {}),
    "half a place": ("all", {"lng": 1.0, "description": "x"}, {}),
    "no JSON": ("all", b'{"lng": ', {}),
    "not UTF-8": ("all", '{"description": "噪音"}'.encode("gbk"), {}),
    "a list": ("all", [], {}),
    "half a character": ("all", b'{"description": "\\ud800"}', {}),
    "not a number": ("all", b'{"lng": NaN, "lat": 1, "description": "x"}', {}),
    "nested without end": ("all", b"[" * 100_000, {}),
    "a key with a space": ("all", NOISE, {"Idempotency_Key": "a b"}),
    "an empty key": ("all", NOISE, {"Idempotency_Key": ""}),
    "a token for other things": ("search", NOISE, {}),
    "in Chinese": ("all", {}, {"Accept_Language": "zh-CN,en;q=0.5"}),
}


@pytest.mark.parametrize("case", list(ASKED))
def test_it_answers_as_the_view_does(server: Server, lasting_city: People, case: str) -> None:
    scope, body, headers = ASKED[case]
    token = token_for(lasting_city.volunteer, scope)

    status, said, _ = send(server, token, body, **headers)
    status_there, said_there = send_through_django(token, body, **headers)

    its_own = {"number", "public_id", "reported_at"}
    assert status == status_there
    assert {k: v for k, v in said.items() if k not in its_own} == {
        k: v for k, v in said_there.items() if k not in its_own
    }


def test_an_unknown_token_is_asked_to_prove_itself(server: Server, lasting_city: People) -> None:
    status, said, headers = send(server, "ggt_nobody", NOISE)

    assert (status, said["code"]) == (401, "authentication_failed")
    assert headers["www-authenticate"].startswith("Bearer")


def test_without_the_database_everybody_is_asked_to_come_again() -> None:
    with serving(CITY, {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}) as server:
        status, said, headers = send(server, "ggt_x", NOISE)
        elsewhere = server.get("/api/me", Authorization="Bearer ggt_x")

    assert (status, said["code"], headers["retry-after"]) == (503, "unavailable", "5")
    assert (elsewhere.status, json.loads(elsewhere.body)) == (503, said)


def test_many_at_once_lose_and_double_nothing(server: Server, lasting_city: People) -> None:
    """Forty senders, each its report twice, some with faults: each gets its own answer."""
    token = token_for(lasting_city.volunteer)
    got: dict[tuple[int, int], tuple[int, Any]] = {}
    start = threading.Barrier(40)

    def sender(number: int) -> None:
        start.wait()
        wrong = number % 5 == 0
        body = {**NOISE, "description": f"no {number}"} | ({"event_class": "nope"} if wrong else {})
        for turn in (0, 1):
            status, said, _ = send(server, token, body, Idempotency_Key=f"k{number}")
            got[number, turn] = (status, said)

    threads = [threading.Thread(target=sender, args=[number]) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for number in range(40):
        (first, said), (second, said_again) = got[number, 0], got[number, 1]
        if number % 5 == 0:
            assert (first, second) == (422, 422)
        else:
            assert (first, second) == (201, 200) and said["number"] == said_again["number"]
    kept = dict(Incident.objects.values_list("description", "number"))
    assert kept == {f"no {n}": got[n, 0][1]["number"] for n in range(40) if n % 5}


def test_one_that_breaks_a_rule_takes_no_other_with_it(server: Server, lasting_city: People) -> None:
    """The whole call is refused with the table's own rule; one by one the good ones come in."""
    good, bad = (
        Call(Report("web", "x", *MIDDLE[A]), lasting_city.volunteer, MORNING),
        # No serializer lets this through; the table's own rule has to.
        Call(Report("web", "", *MIDDLE[A]), lasting_city.volunteer, MORNING),
    )

    with pytest.raises(Exception, match="incident_says_what_or_which_class"), transaction.atomic():
        report_all([good, bad])

    assert Incident.objects.count() == 0
    [receipt] = report_all([good])
    assert isinstance(receipt, Receipt) and Incident.objects.count() == 1


def test_in_one_call_a_key_is_one_incident_and_another_report_with_it_is_refused(city: People) -> None:
    said, other = Report("web", "x", *MIDDLE[A]), Report("web", "y", *MIDDLE[B])
    calls = [
        Call(said, city.oona, MORNING, "user:1", "k"),
        Call(said, city.oona, MORNING, "user:1", "k"),
        Call(other, city.oona, MORNING, "user:1", "k"),
        Call(other, city.oona, MORNING, "user:2", "k"),
    ]

    receipts = report_all(calls)

    first, second, third, fourth = receipts
    assert isinstance(third, Conflict)
    assert isinstance(first, Receipt) and isinstance(second, Receipt) and isinstance(fourth, Receipt)
    assert sorted([first.is_new, second.is_new]) == [False, True] and fourth.is_new
    assert first.answer == second.answer
    assert Incident.objects.count() == 2


def test_each_step_is_signed_by_who_reported(city: People) -> None:
    calls = [Call(Report("web", who.username, *MIDDLE[A]), who, MORNING) for who in (city.ann, city.oona)]

    report_all(calls)

    signed = StepTaken.objects.values_list("incident__description", "actor", "actor_user__username")
    assert set(signed) == {("ann", "ann", "ann"), ("oona", "oona", "oona")}


def test_the_application_cannot_sign_for_somebody_else(city: People) -> None:
    number = report(said=Report("web", "x", *MIDDLE[A]), actor=city.ann, at=MORNING).answer["number"]
    incident = Incident.objects.get(number=number)

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('geogrid.actor', 'ann', true)")
        cursor.execute(
            "INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at)"
            " VALUES (%s, 'verify_report', 'REPORTED', 'REPORTED', 'COMMUNITY', 'eve', now())",
            [incident.pk],
        )

    assert incident.steps_taken.latest("id").actor == "ann"


BY_HAND = """
WITH taken AS (
    INSERT INTO incident (
        public_id, number, stage, point, reported_at, unit_code, cell_worker_id,
        description, channel, level, worker_level
    )
    VALUES (
        gen_random_uuid(), %s, 'REPORTED', ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s, %s, %s,
        'x', 'sql', 'COMMUNITY', ''
    )
    RETURNING id
)
INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, taken_at, actor)
SELECT id, 'report', '', 'REPORTED', 'COMMUNITY', now(), '' FROM taken
"""
DERIVED = """
SELECT unit_code, cell_version_id, border_unit_codes, cell_worker_id, rostered_id, holder_id, worker_level,
    worker_is_substitute, ST_AsEWKB(geom_3857)
FROM incident WHERE number = %s
"""
DEGREE_OF_5_M = 5 / 111_000
near_lines = st.one_of(
    st.floats(-0.2, 2.2),
    # On the borders and a few metres beside them, where it is decided who else is shown.
    st.builds(
        lambda line, off: line + off / SIDE,
        st.sampled_from([0, 1, 2]),
        st.floats(-3 * DEGREE_OF_5_M, 3 * DEGREE_OF_5_M),
    ),
    st.sampled_from([0.0, 1.0, 2.0]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(near_lines, near_lines, st.integers(0, 48 * 60))
def test_place_and_worker_are_those_that_the_database_derives_for_a_row(
    city: People, column: float, row: float, minutes: int
) -> None:
    at: datetime = MORNING + timedelta(minutes=minutes)
    lng, lat = WEST + column * SIDE, SOUTH + row * SIDE

    [taken] = report_all([Call(Report("web", "x", lng, lat), city.volunteer, at)])
    assert isinstance(taken, Receipt)
    by_hand = f"SQL-{Incident.objects.count()}"
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, [by_hand, lng, lat, at, "", None])

    assert rows(DERIVED, taken.answer["number"]) == rows(DERIVED, by_hand)


def test_the_application_cannot_name_the_place_of_a_row_it_inserts(city: People) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, ["X", *MIDDLE[A], MORNING, C, city.eve.pk])

    assert rows("SELECT unit_code FROM incident WHERE number = 'X'") == [(A,)]


def test_the_worker_of_a_report_without_a_place_is_the_district_s(city: People) -> None:
    receipts = report_all([Call(Report("web", "x"), city.volunteer, MORNING)])

    [receipt] = receipts
    assert isinstance(receipt, Receipt)
    assert receipt.answer["worker"]["id"] == city.eve.pk
    assert receipt.answer["flags"] == ["unlocated"] and receipt.answer["cell"] is None
    assert rows("SELECT core.county_code()") == [(COUNTY,)]
