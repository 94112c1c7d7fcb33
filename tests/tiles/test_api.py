"""The API of the map: token, city, layers, search."""

from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from geogrid.changes.passes import read
from geogrid.organisations.models import Organisation, User
from grid_units.duties.models import Membership
from tests.tiles import drawn_city
from tests.tiles.drawn_city import MIDDLE, A, report
from tiles.layer import Scope
from tiles.layers import LAYERS
from tiles.style import style

pytestmark = pytest.mark.django_db
PATHS = ("/api/feed-token", "/api/city", "/api/layers", "/api/search?q=x")


@pytest.fixture
def user(db: None) -> User:
    drawn_city.draw()
    return User.objects.create(username="ann", permission_epoch=3)


@pytest.fixture
def client(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def member(user: User, role: str, prefix: str = "", organisation: Organisation | None = None) -> None:
    Membership.objects.create(
        user=user,
        role=role,
        unit_prefix=prefix,
        organisation=organisation,
        valid_from=datetime(2020, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("path", PATHS)
def test_the_stranger_gets_nothing(db: None, path: str):
    answer = APIClient().get(path)

    assert answer.status_code in (401, 403)
    assert set(answer.json()) == {"code", "detail"}


def test_the_token_says_who_and_for_how_long(client: APIClient, user: User):
    answer = client.get("/api/feed-token")

    granted = read(answer.json()["token"])
    left = datetime.fromisoformat(answer.json()["expires_at"]) - datetime.now(UTC)
    assert (granted.user_id, granted.epoch) == (user.id, 3)
    assert timedelta(seconds=290) < left <= timedelta(seconds=300)
    assert "no-store" in answer["Cache-Control"]


def test_without_a_membership_the_token_opens_the_public_layers_only(client: APIClient):
    granted = read(client.get("/api/feed-token").json()["token"])

    assert (granted.prefixes, granted.organisations, granted.people) == ((), (), ())
    assert not granted.everywhere
    assert not granted.unplaced


def test_the_token_carries_the_territory(client: APIClient, user: User):
    member(user, "operator", "910101001001")

    granted = read(client.get("/api/feed-token").json()["token"])

    assert granted.prefixes == ("910101001001",)
    assert granted.people == ("910101001001",)
    assert not granted.everywhere


def test_a_handler_sees_the_business_of_their_unit(client: APIClient, user: User):
    unit = Organisation.objects.create(code="water", name="水务", kinds=["handling_unit"])
    member(user, "handler", organisation=unit)

    granted = read(client.get("/api/feed-token").json()["token"])

    assert granted.organisations == (unit.id,)
    assert not granted.everywhere


def test_an_administrator_sees_everything(client: APIClient, user: User):
    member(user, "administrator")

    granted = read(client.get("/api/feed-token").json()["token"])

    assert granted.everywhere
    assert granted.unplaced
    assert granted.prefixes == ()


def test_the_city_has_its_place(client: APIClient):
    city = client.get("/api/city").json()

    assert (city["name"], city["county_code"]) == ("示例区", "910101")
    assert city["bbox"] == [24.9375, 60.125, 24.953125, 60.140625]
    assert city["center"] == [24.9453125, 60.1328125]


def test_the_layers_are_those_of_the_one_list_with_counts_and_legend(client: APIClient, user: User):
    report("I1", MIDDLE[A], User.objects.create(username="bo").id)

    layers = {layer["id"]: layer for layer in client.get("/api/layers").json()}

    assert list(layers) == [one.id for one in LAYERS.values() if one.scope != Scope.POSITIONS]
    assert {name: layers[name]["count"] for name in ("cells", "communities", "assets", "roads")} == {
        "cells": 4,
        "communities": 2,
        "assets": 4,
        "roads": 1,
    }
    assert layers["incidents"]["count"] == 0
    [lamp] = layers["assets"]["legend"]
    assert (lamp["value"], lamp["label_zh"], lamp["icon"], lamp["count"]) == (
        "0901",
        "试验路灯",
        "maki:circle",
        4,
    )
    member(user, "operator", A)
    again = {layer["id"]: layer for layer in client.get("/api/layers").json()}
    assert again["incidents"]["count"] == 1


def test_search_answers_in_the_language_that_is_asked_for(client: APIClient):
    zh = client.get("/api/search", {"q": "码头", "lang": "zh"}).json()["results"]
    en = client.get("/api/search", {"q": "Quay"}, HTTP_ACCEPT_LANGUAGE="en-GB").json()["results"]

    assert [one["ref"] for one in zh if one["kind"] == "unit"] == ["910101001002"]
    assert en[0]["subtitle"] == "Community 910101001002"


def test_the_legend_of_cells_has_the_colours_of_the_map_in_both_styles(client: APIClient):
    layers = {layer["id"]: layer for layer in client.get("/api/layers").json()}

    legend = {entry["value"]: entry for entry in layers["cells"]["legend"]}

    for theme, field in (("dark", "color"), ("light", "color_light")):
        drawn = {layer["id"]: layer for layer in style(theme, "en", "")["layers"]}["cells-fill"]
        _, _, exclusive, its_colour, general = drawn["paint"]["fill-color"]
        assert exclusive == "EXCLUSIVE"
        assert (legend["EXCLUSIVE"][field], legend["GENERAL"][field]) == (its_colour, general)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_names_of_cells_lie_over_the_counts_of_assets(theme: str):
    order = [layer["id"] for layer in style(theme, "zh", "")["layers"]]

    assert order.index("assets-count-figure") < order.index("cells-name") < order.index("incidents-mark")
