"""What tiles and the live feed hold for each role, and how soon a right that was taken away is gone."""

import json
import math
import time
from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
import pytest
from django.db import transaction
from django.utils import timezone

from assets.models import Asset
from geogrid.organisations.authentication import KEEP_S
from geogrid.organisations.models import User
from grid_units.duties.models import Membership
from incidents.intake import Report, report
from tests.asgi.running import CITY, Server, serving
from tests.live.stream import Stream
from tests.matrix.who import SEE_PEOPLE_FAR, SEE_PEOPLE_NEAR, SEEN_BY
from tests.matrix.world import CELL, FAR_CELL, VIEWERS, World, middle_of
from tiles.layers import LAYERS

ZOOM = 16
NO = (401, 403, 404)
ALLOWED_S = 300  # a right that was taken away is gone within five minutes


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Server]:
    with serving(CITY) as running:
        yield running


def feed_token(world: World, viewer: str) -> str:
    return str(world.client(viewer).get("/api/feed-token").json()["token"])


def tile_at(lng: float, lat: float) -> str:
    size = 2**ZOOM
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{ZOOM}/{int((lng + 180) / 360 * size)}/{int(y * size)}"


def numbers_in(server: Server, place: tuple[float, float], token: str) -> set[str]:
    answer = server.get(f"/tiles/incidents/{tile_at(*place)}.mvt?token={token}", Accept_Encoding="identity")
    if answer.status == 204:
        return set()
    assert answer.status == 200, answer.body
    layers = mapbox_vector_tile.decode(answer.body)
    return {feature["properties"]["number"] for feature in layers["incidents"]["features"]}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_tile_holds_the_incidents_of_its_viewer_and_no_other(world: World, server: Server, viewer: str):
    token = feed_token(world, viewer)
    theirs = {world.names[name] for name in ("near", "far", "handlers") if viewer in SEEN_BY[name]}
    if viewer == "reporting_machine":
        theirs = set()

    drawn = numbers_in(server, middle_of(CELL), token) | numbers_in(server, middle_of(FAR_CELL), token)

    assert drawn == theirs


@pytest.mark.parametrize("layer", [*LAYERS, "style/light"])
@pytest.mark.parametrize("token", ["", "?token=", "?token=made.up"])
def test_without_a_token_there_is_no_tile(world: World, server: Server, layer: str, token: str):
    place = tile_at(*middle_of(CELL))

    assert server.get(f"/tiles/{layer}/{place}.mvt{token}").status in NO
    assert server.get(f"/live{token}").status in NO
    assert server.get(f"/tiles/{layer}.json{token}").status in NO
    assert server.get(f"/base/landuse.pmtiles{token}").status in NO


@pytest.mark.parametrize("layer", LAYERS)
def test_with_any_pass_every_layer_answers(world: World, server: Server, layer: str):
    token = feed_token(world, "citizen")

    answer = server.get(f"/tiles/{layer}/{tile_at(*middle_of(CELL))}.mvt?token={token}")

    assert answer.status in (200, 204)


def test_the_live_feed_tells_each_of_their_own(world: World, server: Server):
    streams = {viewer: Stream(server, feed_token(world, viewer)) for viewer in VIEWERS}
    for stream in streams.values():
        stream.until("hello")
    said: dict[str, str] = {}
    for name, cell in (("near", CELL), ("far", FAR_CELL)):
        lng, lat = middle_of(cell)
        with transaction.atomic():
            told = Report(channel="hotline", description="live", lng=lng, lat=lat)
            receipt = report(said=told, actor=world.users["volunteer"], at=timezone.now())
        said[receipt.answer["number"]] = name
    Asset.objects.filter(code=world.names["lamp"]).update(note="the last of them")

    seen = {viewer: _until_the_asset(stream, said) for viewer, stream in streams.items()}

    for viewer, incidents in seen.items():
        expected = {name for name in ("near", "far") if viewer in SEEN_BY[name] - {"citizen"}}
        if viewer == "volunteer":
            expected = {"near", "far"}  # who reported them
        if viewer == "reporting_machine":
            expected = set()
        assert set(incidents) == expected, viewer
        assert bool(incidents.get("near")) == (viewer in SEE_PEOPLE_NEAR), viewer
        assert bool(incidents.get("far")) == (viewer in SEE_PEOPLE_FAR), viewer


def _until_the_asset(stream: Stream, said: dict[str, str]) -> dict[str, str]:
    """Incidents told before the asset: which, and the worker's name that came with each."""
    incidents: dict[str, str] = {}
    while True:
        event = stream.next()
        assert event is not None
        text = json.dumps(event.data)
        assert "secret" not in text.lower()
        if event.name != "change":
            continue
        if event.data["kind"] == "asset":
            stream.close()
            return incidents
        feature: Any = event.data.get("feature")
        if event.data["kind"] == "incident" and feature is not None:
            properties = feature["properties"]
            incidents[said[str(properties["number"])]] = properties.get("worker") or ""


class TestRevocation:
    """A right that is taken away is gone: at once for sessions, within seconds for tokens and tiles."""

    def wait_for_refusal(self, ask: Any) -> float:
        """Seconds until `ask` says no; the server is asked again and again."""
        begun = time.monotonic()
        while time.monotonic() - begun < 60:
            if ask() in (401, 403):
                return time.monotonic() - begun
        raise AssertionError("still allowed after a minute")

    def test_a_membership_that_is_ended(self, world: World, server: Server):
        client, token = world.client("operator"), feed_token(world, "operator")
        path = f"/tiles/incidents/{tile_at(*middle_of(CELL))}.mvt?token={token}"
        live = f"/live?token={token}"
        held = Membership.objects.get(user=world.users["operator"])
        assert server.get(path).status == 200

        held.delete()

        assert client.get(f"/api/incidents/{world.names['near']}").status_code == 404
        assert self.wait_for_refusal(lambda: server.get(path).status) < ALLOWED_S
        assert server.get(live).status == 403
        Membership.objects.create(
            user=held.user, role=held.role, unit_prefix=held.unit_prefix, valid_from=held.valid_from
        )

    def test_a_person_who_is_deactivated(self, world: World, server: Server):
        token = feed_token(world, "reporting_machine")
        headers = {"Authorization": f"Bearer {world.token}"}
        path = f"/tiles/cells/{tile_at(*middle_of(CELL))}.mvt?token={token}"
        client = world.client("administrator")
        assert server.get("/api/me", **headers).status == 200

        User.objects.filter(username="administrator").update(is_active=False)

        try:
            assert client.get("/api/me").status_code == 401
            assert self.wait_for_refusal(lambda: server.get("/api/me", **headers).status) <= KEEP_S + 2
            assert self.wait_for_refusal(lambda: server.get(path).status) < ALLOWED_S
        finally:
            User.objects.filter(username="administrator").update(is_active=True)

    def test_a_token_that_is_revoked(self, world: World, server: Server):
        headers = {"Authorization": f"Bearer {world.token}"}
        assert server.get("/api/me", **headers).status == 200
        kept = world.users["administrator"].api_tokens.get()

        world.users["administrator"].api_tokens.update(revoked_at=timezone.now())

        try:
            assert self.wait_for_refusal(lambda: server.get("/api/me", **headers).status) <= KEEP_S + 2
        finally:
            kept.save()
