"""Every role x endpoint, as the table says; an endpoint without a row fails."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.matrix.table import TABLE
from tests.matrix.who import SEE_PEOPLE_FAR, SEE_PEOPLE_NEAR, SEEN_BY, Row
from tests.matrix.world import STRANGER, VIEWERS, World, a_photo

METHODS = ("get", "post", "put", "patch", "delete")
NO = {401, 403, 404}


def endpoints(patterns: list[URLPattern | URLResolver] | None = None) -> set[tuple[str, str]]:
    """(name of the route, method) of every endpoint that Django answers, the back office apart."""
    found: set[tuple[str, str]] = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                found |= endpoints(pattern.url_patterns)
            continue
        view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
        methods = [method for method in METHODS if hasattr(view, method)] if view else ["get"]
        found |= {(pattern.name or "", method.upper()) for method in methods}
    return found


def test_no_endpoint_is_missing_from_the_table():
    assert endpoints() == {(row.route, row.method) for row in TABLE}


def filled(value: Any, names: dict[str, Any]) -> Any:
    """`value` with `{name}` replaced; a text that is one name alone becomes what is named."""
    if isinstance(value, dict):
        return {key: filled(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, names) for one in value]
    if isinstance(value, str):
        alone = re.fullmatch(r"\{(\w+)\}", value)
        return names[alone[1]] if alone else value.format(**names)
    return value


def ask(client: Client, row: Row, world: World) -> Any:
    """Ask, and undo whatever it did."""
    path = filled(row.path, world.names)
    call = getattr(client, row.method.lower())
    with transaction.atomic():
        if row.body == "photo":
            picture = SimpleUploadedFile("p.jpg", a_photo().read(), "image/jpeg")
            answer = call(path, {"file": picture, "role": "near"})
        elif row.route == "setup-import":
            answer = call(path, {})
        elif row.body is not None:
            answer = call(path, filled(row.body, world.names), "application/json")
        else:
            answer = call(path)
        transaction.set_rollback(True)
    return answer


def said(answer: Any) -> int:
    """The status; being sent to the login page is as good as a 401."""
    sent_to_login = answer.status_code == 302 and answer["Location"].startswith("/login")
    return 401 if sent_to_login else int(answer.status_code)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_the_table_is_what_happens(world: World, row: Row):
    expected: dict[str, int | str] = {}
    happened: dict[str, int | str] = {}
    for viewer in (*VIEWERS, STRANGER):
        status = said(ask(world.client(viewer), row, world))
        if viewer == STRANGER:
            expected[viewer], happened[viewer] = row.stranger, status
            continue
        expected[viewer] = "passes" if viewer in row.may else row.refused
        happened[viewer] = "passes" if status < 500 and status not in (*NO, row.refused) else status
        if status in NO and expected[viewer] in NO:
            happened[viewer] = expected[viewer]  # "there is none for you" and "you may not" are both a no

    assert happened == expected


def incidents_seen(client: Client, path: str) -> set[str]:
    answer = client.get(path)
    if answer.status_code != 200:
        return set()
    return {row["number"] if "number" in row else row["ref"] for row in answer.json()["results"]}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_lists_and_search_hold_the_incidents_of_the_viewer_and_no_other(world: World, viewer: str):
    client = world.client(viewer)
    theirs = {world.names[name] for name, seen_by in SEEN_BY.items() if viewer in seen_by}
    everyone = {world.names[name] for name in SEEN_BY}

    listed = incidents_seen(client, "/api/incidents")
    found = set().union(*(incidents_seen(client, f"/api/search?q={number}") for number in everyone))

    if viewer == "reporting_machine":
        theirs = set()  # its token names no action that sees incidents
    assert listed == theirs
    assert found & everyone == theirs


@pytest.mark.parametrize("viewer", VIEWERS)
def test_names_and_telephones_are_for_the_own_subtree(world: World, viewer: str):
    client = world.client(viewer)

    near = client.get(filled("/api/answers?lng={lng}&lat={lat}", world.names)).json()["worker"]["name"]
    far = client.get(filled("/api/answers?lng={far_lng}&lat={far_lat}", world.names)).json()["worker"]["name"]
    near_card = client.get(filled("/api/cells/{cell}", world.names)).content.decode()
    far_card = client.get(filled("/api/cells/{far_cell}", world.names)).content.decode()

    assert (near == "Worker") == (viewer in SEE_PEOPLE_NEAR)
    assert (far == "Far_Worker") == (viewer in SEE_PEOPLE_FAR)
    assert ('"Worker"' in near_card) == (viewer in SEE_PEOPLE_NEAR)
    assert ('"Far_Worker"' in far_card) == (viewer in SEE_PEOPLE_FAR)


def test_a_visitors_wall_is_sent_no_word_and_no_photo_of_a_person_and_can_guess_at_none(world: World):
    """The words of the four incidents are `secret ...` and `somewhere`; every other viewer reads them."""
    readable = [row for row in TABLE if row.method == "GET" and row.route != "schema"]

    def texts_for(viewer: str) -> str:
        client = world.client(viewer)
        texts = (getattr(ask(client, row, world), "content", b"") for row in readable)
        return b"".join(texts).decode(errors="replace")

    visitors, hall = texts_for("visitor_display"), texts_for("display")

    assert "secret" in hall and "somewhere" in hall and "/api/photos/" in hall
    assert "secret" not in visitors and "somewhere" not in visitors
    assert str(world.names["incident_photo"]) in hall
    assert str(world.names["incident_photo"]) not in visitors
    for name in ("Worker", "Citizen"):
        assert f'"{name}"' not in visitors
    guess = "/api/incidents?q=secret"
    assert incidents_seen(world.client("visitor_display"), guess) == set()
    assert incidents_seen(world.client("display"), guess)


@pytest.mark.parametrize("viewer", ["administrator", "operator", "handler", "citizen", STRANGER])
def test_reporters_contacts_are_in_no_answer_but_the_logged_one(world: World, viewer: str):
    client = world.client(viewer)
    readable = [row for row in TABLE if row.method == "GET"]

    texts = b"".join(getattr(ask(client, row, world), "content", b"") for row in readable)

    assert b"555-SECRET" not in texts and b"Mrs Secret" not in texts


def test_the_stranger_gets_nothing_of_the_city_but_its_name(world: World):
    stranger = world.client(STRANGER)
    public = {"/api/welcome", "/api/setup"}

    answers = {row.path: ask(stranger, row, world) for row in TABLE if row.method == "GET"}

    opened = {path for path, answer in answers.items() if answer.status_code == 200}
    assert opened == public
    for path in public:
        text = answers[path].content.decode()
        assert "910101001" not in text and "Worker" not in text
