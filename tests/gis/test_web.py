"""Over the web: an analyst of one street sees its incidents and positions, and the public things of all."""

import math

import pytest
from rest_framework.test import APIClient

from grid_units.patrols.models import Patrol
from tests.assets.town import MIDDLE, A, C, person
from tests.gis.city import NEAR
from tests.tiles.conftest import reader
from tiles.granting import pass_of
from tiles.squares import Square

__all__ = ["reader"]


@pytest.fixture
def ann(town):
    return person("ann", "analyst", NEAR)


@pytest.fixture
def client(ann):
    client = APIClient()
    client.force_login(ann)
    return client


def test_lists_search_and_counts_hold_incidents_of_the_own_street(client):
    listed = client.get("/api/incidents").json()["results"]
    found = client.get("/api/search?q=N-").json()["results"]
    layers = {layer["id"]: layer for layer in client.get("/api/layers").json()}

    assert [row["number"] for row in listed] == ["N-near"]
    assert "secret" not in str([row for row in found if row["kind"] == "incident"])
    assert layers["incidents"]["count"] == 1
    assert client.get("/api/incidents/N-secret").status_code == 404


def test_tiles_hold_incidents_of_the_own_street_and_assets_of_all(ann, reader):
    seen_by = pass_of(ann)
    for place, numbers in ((A, ["N-near"]), (C, [])):
        layers = reader.layers("incidents+assets", square_at(*MIDDLE[place]), seen_by)

        assert [f["properties"]["number"] for f in layers.get("incidents", [])] == numbers
        assert len(layers["assets"]) == 3


def square_at(lng: float, lat: float, zoom: int = 16) -> Square:
    """The square of a zoom that holds a place."""
    wide = 2**zoom
    north = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return Square(zoom, int((lng + 180) / 360 * wide), int((1 - north / math.pi) / 2 * wide))


def test_positions_and_tracks_are_not_an_analysts(client):
    patrol = Patrol.objects.get(opened_by="near")

    assert client.get(f"/api/patrols/{patrol.public_id}").status_code in (403, 404)
    assert "secret" not in client.get("/api/patrols").content.decode()
