"""Walls: paired by code, let in to read, steered and revoked from the desk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client
from django.utils import timezone

from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.core.models import City
from geogrid.organisations import displays as screens
from geogrid.organisations.authentication import digest_of
from geogrid.organisations.display_cookie import COOKIE, user_of_key
from geogrid.organisations.models import Display, DisplayPairing, User
from geogrid.organisations.roles import Action, Role
from grid_units.duties import displays
from grid_units.duties.access import scopes_of
from grid_units.duties.models import Membership
from tests.duties.conftest import OTHER_STREET_CELL, STREET

NOW = datetime(2026, 6, 3, 9, tzinfo=UTC)
Make = Callable[..., User]


@pytest.fixture
def commander(city: City, person: Make) -> User:
    return person("commander", Role.COMMANDER)


def paired(actor: User, **fields: Any) -> tuple[Display, str]:
    waiting, key = screens.ask_to_pair(address="10.0.0.9", at=timezone.now())
    asked = {"code": waiting.code, "name": "Hall", "unit": None, "hides_people": False, **fields}
    return displays.confirm(actor=actor, at=timezone.now(), **asked), key


def wall(key: str) -> Client:
    client = Client()
    client.cookies[COOKIE] = key
    return client


def test_a_screen_shows_a_code_and_is_let_in_when_a_commander_confirms_it(commander: User):
    screen, desk = Client(), Client()
    desk.force_login(commander, "django.contrib.auth.backends.ModelBackend")
    asked = screen.post("/api/displays/pairing").json()
    assert screen.get("/api/me").status_code == 401
    typed = f"{asked['code'][:3]} - {asked['code'][3:]}".lower()

    made = desk.post("/api/displays", {"code": typed, "name": "Hall"}, "application/json")

    assert made.status_code == 201, made.content
    cookie = screen.cookies[COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Strict"
    me = screen.get("/api/me").json()
    assert [held["role"] for held in me["memberships"]] == ["display"]
    assert screen.get("/api/displays/mine").json()["name"] == "Hall"
    assert screen.get("/api/incidents").status_code == 200
    assert asked["code"] not in str(DisplayPairing.objects.values())


def test_only_digests_are_kept(commander: User):
    display, key = paired(commander)

    assert display.digest == digest_of(key)
    assert key not in str(Display.objects.values())


def test_a_wall_reads_and_nothing_else(commander: User):
    _, key = paired(commander)
    client = wall(key)

    for method, path in (("post", "/api/incidents"), ("patch", "/api/me"), ("post", "/api/displays")):
        answer = getattr(client, method)(path, {"description": "x"}, "application/json")
        assert answer.status_code == 401, path
    assert client.get("/api/tokens").status_code == 401
    assert client.get("/api/displays").status_code == 403


def test_a_wall_sees_what_its_commander_sees_without_contacts(city: City, person: Make):
    of_street = person("of_street", Role.COMMANDER, STREET)

    display, _ = paired(of_street)
    scopes = scopes_of(display.user)

    assert scopes.incident_prefixes == (STREET,) == scopes.people_prefixes
    assert scopes.actions <= scopes_of(of_street).actions
    assert not scopes.may(Action.READ_CONTACT) and not scopes.may(Action.REPORT)


def test_a_wall_for_visitors_has_no_names(commander: User):
    display, _ = paired(commander, hides_people=True)

    assert scopes_of(display.user).people_prefixes == ()
    assert scopes_of(display.user).everywhere


def test_hiding_people_later_ends_the_tokens_that_showed_them(commander: User):
    display, _ = paired(commander)
    before = User.objects.get(pk=display.user_id).permission_epoch

    displays.change(display=display, actor=commander, changes={"hides_people": True})

    account = User.objects.get(pk=display.user_id)
    assert scopes_of(account).people_prefixes == ()
    assert account.permission_epoch > before


def test_nobody_pairs_beyond_the_own_area(city: City, person: Make):
    of_street = person("of_street", Role.COMMANDER, STREET)
    for unit in ("", OTHER_STREET_CELL[:9]):
        with pytest.raises(Forbidden):
            paired(of_street, unit=unit)
    with pytest.raises(Forbidden):
        paired(person("operator", Role.OPERATOR))
    assert not Display.objects.exists()


def test_the_walls_of_others_are_not_seen(commander: User, person: Make):
    whole, _ = paired(commander)
    of_street = person("of_street", Role.COMMANDER, STREET)
    own, _ = paired(of_street)

    assert list(displays.displays_of(of_street)) == [own]
    assert set(displays.displays_of(commander)) == {whole, own}


@pytest.mark.parametrize("code", ["", "000000", "ÄÖÜ", "'; --"])
def test_a_code_that_no_screen_shows_is_refused_in_words(commander: User, code: str):
    with pytest.raises(Invalid, match="No screen shows this code"):
        paired(commander, code=code)


def test_a_code_is_good_once_and_for_ten_minutes(commander: User):
    late, _ = screens.ask_to_pair(address="", at=timezone.now() - timedelta(minutes=11))
    with pytest.raises(Invalid):
        paired(commander, code=late.code)
    waiting, _ = screens.ask_to_pair(address="", at=timezone.now())
    paired(commander, code=waiting.code)
    with pytest.raises(Invalid):
        paired(commander, code=waiting.code)


def test_one_address_keeps_few_codes_waiting_and_all_together_have_a_limit(db: None, monkeypatch: Any):
    for _ in range(8):
        screens.ask_to_pair(address="10.0.0.1", at=NOW)
    assert DisplayPairing.objects.count() == screens.MOST_OF_AN_ADDRESS
    monkeypatch.setattr(screens, "MOST_WAITING", 6)
    screens.ask_to_pair(address="10.0.0.2", at=NOW)
    with pytest.raises(screens.TooManyScreens):
        screens.ask_to_pair(address="10.0.0.3", at=NOW)


def test_a_revoked_wall_is_dark_and_stays_so(commander: User, superuser: Any):
    display, key = paired(commander)

    screens.revoke(display=display, actor=commander, at=NOW)

    assert user_of_key(key) is None
    assert wall(key).get("/api/me").status_code == 401
    assert not User.objects.get(pk=display.user_id).is_active
    with pytest.raises(Conflict):
        screens.revoke(display=display, actor=commander, at=NOW)
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        Display.objects.filter(pk=display.pk).update(revoked_at=None)


def test_revoking_in_plain_sql_closes_the_account_too(commander: User):
    display, key = paired(commander)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE display SET revoked_at = now() WHERE id = %s", [display.pk])

    assert user_of_key(key) is None
    assert not User.objects.get(pk=display.user_id).is_active


def test_wishes_are_told_to_the_wall_and_being_seen_is_not(commander: User):
    display, key = paired(commander)
    desk = Client()
    desk.force_login(commander, "django.contrib.auth.backends.ModelBackend")

    def told() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM change WHERE kind = 'display' AND refs = %s", [[str(display.pk)]]
            )
            return int(cursor.fetchone()[0])

    wall(key).get("/api/displays/mine")
    assert Display.objects.get().last_seen_at and told() == 0
    path = f"/api/displays/{display.pk}"
    view = {"lng": 24.94, "lat": 60.17, "zoom": 16}
    desk.patch(path, {"wishes": {"view": view}}, "application/json")
    answer = desk.patch(path, {"wishes": {"layout": "wide"}}, "application/json")

    assert answer.status_code == 200, answer.content
    assert told() == 2
    assert Display.objects.get().wishes == {"view": view, "layout": "wide"}
    shown = wall(key).get("/api/displays/mine").json()["wishes"]
    assert (shown["view"], shown["layout"], shown["panel"]) == (view, "wide", None)


@pytest.mark.parametrize(
    "wishes", [{"layout": "round"}, {"distance_m": -1}, {"view": {"lng": 500}}, {"view": 1}]
)
def test_a_wish_that_makes_no_sense_is_refused(commander: User, wishes: dict[str, Any]):
    display, _ = paired(commander)
    desk = Client()
    desk.force_login(commander, "django.contrib.auth.backends.ModelBackend")

    answer = desk.patch(f"/api/displays/{display.pk}", {"wishes": wishes}, "application/json")

    assert answer.status_code == 422


def test_a_membership_of_a_person_makes_no_wall(commander: User, person: Make):
    impostor = person("impostor")
    Membership.objects.create(user=impostor, role=Role.DISPLAY)

    assert not displays.displays_of(commander).exists()
