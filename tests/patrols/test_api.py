"""Devices, positions and patrols over HTTP: who may, and what is shown."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import gpxpy.gpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from geogrid.organisations.authentication import digest_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.patrols.fixes import Fix
from grid_units.patrols.gpx import read_track
from grid_units.patrols.intake import Call, keep_of_device, take_all
from grid_units.patrols.models import Device, Pairing, Patrol
from grid_units.patrols.protocols import Protocol, Said
from tests.incidents.conftest import MIDDLE, A, B, People, client_of
from tests.patrols.conftest import Carried, carried_by, rows

Role_ = Callable[..., User]


def make(user: User, **said: Any) -> Any:
    return client_of(user).post("/api/devices", {"name": "Phone", **said}, format="json")


def test_a_worker_makes_a_device_and_its_token_is_shown_once(city: People) -> None:
    answer = make(city.ann)

    said = answer.json()
    assert answer.status_code == 201 and answer["Cache-Control"] == "no-store"
    device = Device.objects.get()
    assert device.digest == digest_of(said["token"]) and said["token"] not in json.dumps(
        rows("SELECT * FROM device"), default=str
    )
    assert said["worker"]["username"] == "ann"
    listed = client_of(city.ann).get("/api/devices").json()
    assert [one["id"] for one in listed] == [device.pk] and "token" not in listed[0]


def test_the_configurations_hold_what_each_app_reads(city: People, settings: Any) -> None:
    settings.PUBLIC_URL = "https://grid.example.org"
    said = make(city.ann).json()

    apps = {one["app"]: one for one in said["configurations"]}

    traccar = urlsplit(apps["traccar_client"]["address"])
    assert (traccar.scheme, traccar.netloc, traccar.path) == (
        "https",
        "grid.example.org",
        "/positions/osmand",
    )
    assert parse_qs(traccar.query)["id"] == [said["token"]]
    owntracks = urlsplit(apps["owntracks"]["address"])
    inline = json.loads(base64.b64decode(parse_qs(owntracks.query)["inline"][0]))
    assert (owntracks.scheme, owntracks.path, inline["_type"], inline["mode"]) == (
        "owntracks",
        "/config",
        "configuration",
        3,
    )
    assert (inline["url"], inline["password"]) == (
        "https://grid.example.org/positions/owntracks",
        said["token"],
    )
    assert "&lat={0}&lon={1}&timestamp={2}" in apps["osmand"]["address"]
    assert apps["traccar_client"]["qr_svg"].startswith("<svg") and apps["osmand"]["qr_svg"] == ""


def test_a_supervisor_makes_devices_for_people_of_their_own_cells_only(
    city: People, give_role: Role_
) -> None:
    far = give_role("far_worker", Role.GRID_WORKER, "910101002001001")

    assert make(city.dan, username="ann").status_code == 201
    assert make(city.dan, username="far_worker").status_code == 403
    assert make(city.dan, username="nobody").status_code == 422
    assert make(city.ann, username="bo").status_code == 403
    assert make(city.oona).status_code == 403
    assert make(city.stranger).status_code == 403
    assert not Pairing.objects.filter(worker=far).exists()


def test_forwarders_are_the_administrators(city: People) -> None:
    assert make(city.dan, kind="forwarder").status_code == 403
    gate = make(city.eve, kind="forwarder", name="Traccar").json()
    assert gate["token"] and gate["configurations"] == [] and gate["worker"] is None

    radio = make(city.eve, kind="tracker", username="cai", forwarder=gate["id"], external_id="imei-7")
    assert (radio.status_code, radio.json()["token"]) == (201, "")
    again = make(city.eve, kind="tracker", username="ann", forwarder=gate["id"], external_id="imei-7")
    assert again.status_code == 409
    assert make(city.eve, external_id="imei-8").status_code == 422


def test_a_device_is_handed_on_and_revoked(city: People) -> None:
    device_id = make(city.dan, username="ann").json()["id"]
    address = f"/api/devices/{device_id}"

    handed = client_of(city.dan).patch(address, {"username": "bo"}, format="json")
    assert (handed.status_code, handed.json()["worker"]["username"]) == (200, "bo")
    assert client_of(city.ann).patch(address, {"username": "ann"}, format="json").status_code == 404
    assert client_of(city.bo).delete(address).status_code == 204
    assert client_of(city.dan).delete(address).status_code == 409

    assert Device.objects.get(pk=device_id).revoked_at is not None
    assert not Pairing.objects.filter(device_id=device_id, valid_to=None).exists()


def test_an_api_token_makes_no_device_tokens(city: People) -> None:
    from rest_framework.test import APIClient

    from geogrid.organisations.actions import make_token

    _, token = make_token(owner=city.eve, name="x", scopes=["all"], expires_at=None, at=timezone.now())
    client = APIClient(headers={"Authorization": f"Bearer {token}"})

    assert client.post("/api/devices", {"name": "x"}, format="json").status_code == 401
    assert client.get("/api/positions/last").status_code == 200


# Positions --------------------------------------------------------------------------------------------------
def walk(carried: Carried, cell: str, minutes_ago: float = 1.0) -> None:
    now = timezone.now()
    fix = Fix(now - timedelta(minutes=minutes_ago), *MIDDLE[cell], accuracy_m=5.0, speed_mps=1.0)
    [verdicts] = take_all([Call(carried.digest, Said((fix,)), Protocol.OURS)], now)
    assert isinstance(verdicts, tuple)


def seen(user: User) -> set[str]:
    answer = client_of(user).get("/api/positions/last")
    assert answer.status_code == 200
    return {one["name"] for one in answer.json()}


def test_positions_are_seen_in_the_own_subtree_and_ones_own(city: People, give_role: Role_) -> None:
    far = give_role("far", Role.GRID_WORKER, "910101002001001")
    inspector = give_role("inspector", Role.INSPECTOR, "910101")
    for worker, name in (
        (city.ann, "ann's"),
        (city.cai, "cai's"),
        (far, "far's"),
        (inspector, "inspector's"),
    ):
        walk(carried_by(worker, name), B)
    carried_by(city.bo, "bo's, never heard of")
    walk(carried_by(None, "nobody's"), A)
    district = {"ann's", "cai's", "far's", "inspector's"}

    assert seen(city.dan) == {
        "ann's",
        "cai's",
    }  # the supervisor of one street sees no inspector of the district
    assert seen(give_role("far_chief", Role.SUPERVISOR, "910101002")) == {"far's"}
    assert seen(city.oona) == district == seen(city.dispatcher)
    assert seen(city.eve) == district | {"nobody's"} == seen(give_role("commander", Role.COMMANDER))
    assert seen(city.ann) == {"ann's"}
    assert seen(city.stranger) == seen(give_role("analyst", Role.ANALYST)) == set()


def test_a_last_position_says_who_what_and_when(city: People) -> None:
    walk(carried_by(city.ann), A)

    [one] = client_of(city.dan).get("/api/positions/last").json()

    assert (one["worker_name"], one["kind"], one["state"]) == ("Ann", "phone", "")
    assert (one["lng"], one["lat"], one["accuracy_m"], one["speed_mps"]) == (*MIDDLE[A], 5, 1)


# Patrols ----------------------------------------------------------------------------------------------------
def test_a_worker_starts_and_ends_a_patrol(city: People) -> None:
    ann = client_of(city.ann)

    begun = ann.post("/api/patrols", {}, format="json")
    assert begun.status_code == 201
    address = f"/api/patrols/{begun.json()['public_id']}"
    assert ann.post("/api/patrols", {}, format="json").status_code == 409
    assert client_of(city.bo).delete(address).status_code == 404
    assert ann.delete(address).status_code == 204
    assert ann.delete(address).status_code == 409

    shown = ann.get(address).json()
    assert shown["ended_at"] is not None and shown["track"] == {
        "parts": [],
        "length_m": 0,
        "driven_m": 0,
        "fixes": 0,
    }


def test_patrols_are_seen_by_those_who_see_the_positions(city: People) -> None:
    Patrol.objects.create(worker=city.ann, started_at=timezone.now(), opened_by="clock")

    def listed(user: User) -> int:
        return len(client_of(user).get("/api/patrols").json())

    assert [listed(user) for user in (city.ann, city.dan, city.oona, city.eve)] == [1, 1, 1, 1]
    assert [listed(user) for user in (city.bo, city.cai, city.stranger)] == [0, 0, 0]
    assert len(client_of(city.dan).get("/api/patrols?running=true&username=ann").json()) == 1


# Uploads ----------------------------------------------------------------------------------------------------
def gpx(points: str, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{head}<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">'
        f"<trk><trkseg>{points}</trkseg></trk></gpx>"
    ).encode()


def point(minutes_ago: float, lng: float = MIDDLE[A][0], lat: float = MIDDLE[A][1]) -> str:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return f'<trkpt lat="{lat}" lon="{lng}"><ele>12</ele><time>{at:%Y-%m-%dT%H:%M:%SZ}</time></trkpt>'


def upload(user: User, content: bytes, **said: str) -> Any:
    file = SimpleUploadedFile("track.gpx", content, "application/gpx+xml")
    return client_of(user).post("/api/patrols/tracks", {"file": file, **said}, format="multipart")


def test_a_track_is_uploaded_by_its_walker_or_their_supervisor(city: People) -> None:
    content = gpx("".join(point(60 - n) for n in range(5)))

    assert upload(city.ann, content).json() == {
        "taken": 5,
        "used": 5,
        "unused": {},
        "without_time": 0,
    }
    assert upload(city.dan, content, username="ann").json() == {
        "taken": 5,
        "used": 0,
        "unused": {"duplicate": 5},
        "without_time": 0,
    }
    assert upload(city.cai, content, username="ann").status_code == 403

    assert set(rows("SELECT worker_id, protocol, is_late FROM fix")) == {(city.ann.pk, "gpx", True)}
    assert Device.objects.count() == 1


TRACKS = Path(__file__).parents[1] / "data" / "gps"
ENTITY = '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no GPX"),
        (b"\xff\xfe\x00", "is no GPX"),
        (b"<kml/>", "no track point"),
        (gpx("", head=ENTITY), "document type or entities"),
        (gpx('<trkpt lat="60" lon="24"></trkpt>'), "point 1: has no time"),
        (
            gpx('<trkpt lat="960" lon="24"><time>2026-01-01T00:00:00Z</time></trkpt>'),
            "point 1: is not on",
        ),
        (gpx('<trkpt lat="x" lon="24"/>'), "is no GPX"),
        (gpx(""), "no track point"),
    ],
)
def test_what_is_no_track_is_refused_in_words(city: People, content: bytes, words: str) -> None:
    answer = upload(city.ann, content)

    assert answer.status_code == 422
    assert words in answer.json()["detail"] or content == b""
    assert rows("SELECT count(*) FROM fix") == [(0,)]


def test_points_without_a_time_are_left_out_and_counted(city: People) -> None:
    timed = '<trkpt lat="60" lon="24"><time>2026-01-01T00:00:00Z</time></trkpt>'

    answer = upload(city.ann, gpx(timed + '<trkpt lat="60" lon="24"></trkpt>'))

    assert answer.status_code == 201
    assert (answer.json()["taken"], answer.json()["without_time"]) == (1, 1)


def length_by_gpxpy(fixes: list[Fix]) -> float:
    """Metres along fixes, over no gap of more than five minutes, as gpxpy measures them."""
    parts: list[list[Fix]] = []
    for fix in fixes:
        if not parts or fix.at - parts[-1][-1].at > timedelta(minutes=5):
            parts.append([])
        parts[-1].append(fix)
    segments = [
        gpxpy.gpx.GPXTrackSegment([gpxpy.gpx.GPXTrackPoint(one.lat, one.lng) for one in part])
        for part in parts
    ]
    return sum(segment.length_2d() or 0.0 for segment in segments)


def test_real_tracks_are_as_long_as_another_program_finds_them(city: People) -> None:
    """Length within one per cent of gpxpy (line B2)."""
    files = sorted(TRACKS.glob("*.gpx"))
    assert len(files) == 3
    for number, file in enumerate(files):
        fixes = sorted(read_track(file.read_bytes()).fixes, key=lambda one: one.at)
        walker = carried_by(city.ann, f"gpx-{number}", since=fixes[0].at)
        Pairing.objects.exclude(device=walker.device).delete()
        verdicts = keep_of_device(walker.device.pk, fixes, Protocol.GPX, fixes[-1].at)
        used = [fix for fix, verdict in zip(fixes, verdicts, strict=True) if verdict.unused is None]
        [(length_m, amount)] = rows(
            "SELECT length_m, fixes FROM core.track_of(%s, %s, %s)", city.ann.pk, fixes[0].at, fixes[-1].at
        )
        assert amount == len(used) >= 0.99 * len(fixes), file.name
        assert length_m == pytest.approx(length_by_gpxpy(used), rel=0.01), file.name
