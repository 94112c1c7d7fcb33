"""Cameras: what they see, who looks through them, how their picture stands, and what is kept of it."""

import hashlib
import io
import logging
from datetime import timedelta
from typing import Any

import pytest
import shapely
from django.contrib.gis.geos import LineString, Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from PIL import Image
from pyproj import Geod

from assets.cameras import actions
from assets.cameras.fetching import NoPicture, Why
from assets.cameras.models import Camera, CameraSource, KeptSnapshot
from assets.cameras.snapshots import AT_ONCE, PictureState, Snapshots
from assets.cameras.view import view_of
from assets.models import Asset, AssetClass
from assets.photos.models import Photo
from geogrid.core.errors import Conflict, Forbidden, Invalid
from incidents.intake import Report, report
from incidents.models import Incident, IncidentPhoto
from tests.assets.town import MIDDLE, NOON, A, C, person
from tests.cameras.little_camera import jpeg

GEOD = Geod(ellps="WGS84")


class TestView:
    def test_it_is_a_sector_in_front_of_the_camera(self):
        ring = view_of(24.94, 60.13, 90, 60, 100)

        ahead = GEOD.fwd(24.94, 60.13, 90, 99)[:2]
        behind = GEOD.fwd(24.94, 60.13, 270, 5)[:2]
        area = abs(GEOD.geometry_area_perimeter(shapely.Polygon(ring))[0])
        seen = shapely.Polygon(ring)
        assert seen.contains(shapely.Point(ahead)) and not seen.contains(shapely.Point(behind))
        assert area == pytest.approx(3.14159 * 100**2 / 6, rel=0.01)
        assert ring[0] == ring[-1] == (24.94, 60.13)

    def test_all_around_it_is_a_circle(self):
        ring = view_of(24.94, 60.13, 10, 360, 100)

        assert ring[0] == ring[-1] and (24.94, 60.13) not in ring
        assert abs(GEOD.geometry_area_perimeter(shapely.Polygon(ring))[0]) == pytest.approx(31416, rel=0.01)


class TestKeeping:
    def test_only_who_runs_the_city_says_where_to_fetch(self, pole, served):
        supervisor = person("sun", "supervisor", "910101001")

        with pytest.raises(Forbidden):
            actions.add_camera(
                asset=pole,
                fields={"heading_deg": 1, "address": served.address()},
                actor=supervisor,
                at=NOON,
            )
        camera = actions.add_camera(asset=pole, fields={"heading_deg": 1}, actor=supervisor, at=NOON)
        with pytest.raises(Conflict):
            actions.add_camera(asset=pole, fields={"heading_deg": 1}, actor=supervisor, at=NOON)
        assert not hasattr(camera, "source")

    @pytest.mark.parametrize(
        "address",
        [
            "ftp://cam/",
            "http://",
            "http://me:secret@cam/",
            "//cam/x",
            "http://cam/ x",
            "http://cam:0/",
            "cam",
            "http://[/",
        ],
    )
    def test_an_address_that_is_none_is_refused(self, camera, administrator, address):
        with pytest.raises(Invalid, match="address"):
            actions.change_camera(camera=camera, fields={"address": address}, actor=administrator, at=NOON)

    def test_a_line_is_no_camera(self, town, administrator):
        kind = AssetClass.objects.create(
            scheme="t", version="1", code="0231", major_name="x", major_name_en="x", name="x",
            name_en="x", geometry_kind="line", origin="ours",
        )  # fmt: skip
        lng, lat = MIDDLE[A]
        fence = Asset.objects.create(
            asset_class=kind, geom=LineString((lng, lat), (lng + 1e-4, lat), srid=4326)
        )

        with pytest.raises(Invalid):
            actions.add_camera(asset=fence, fields={"heading_deg": 0}, actor=administrator, at=NOON)
        with pytest.raises(Exception, match="stands at a point"), transaction.atomic():
            Camera.objects.create(asset=fence, heading_deg=0)

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"heading_deg": 360}, "heading"),
            ({"field_of_view_deg": 0}, "field_of_view"),
            ({"reach_m": 6000}, "reach"),
        ],
    )
    def test_the_database_refuses_what_cannot_be(self, camera, change, constraint):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Camera.objects.update(**change)

    def test_an_address_with_a_log_in_in_it_does_not_get_into_the_table(self, camera):
        with pytest.raises(IntegrityError, match="without_credentials"), transaction.atomic():
            CameraSource.objects.update(address="http://me:secret@cam/")

    def test_addresses_are_in_no_history_and_no_change(self, camera, administrator):
        secret = {"address": "http://new-secret/", "username": "secret-me", "password": "secret-word"}
        actions.change_camera(camera=camera, fields={"reach_m": 9.0, **secret}, actor=administrator, at=NOON)

        with connection.cursor() as cursor:
            cursor.execute("SELECT before::text || after::text FROM row_history WHERE table_name = 'camera'")
            kept = cursor.fetchall()
            cursor.execute("SELECT c::text FROM change c")
            told = cursor.fetchall()
        assert kept and "secret" not in str(kept) + str(told)

    def test_analysts_cannot_read_addresses(self, camera, superuser):
        with superuser.cursor() as cursor:
            for group in ("geogrid_gis_reader", "geogrid_gis_editor", "geogrid_tile_reader"):
                cursor.execute("SELECT has_table_privilege(%s, 'camera_source', 'SELECT')", [group])
                assert cursor.fetchone()[0] is False


class TestPictures:
    def test_the_picture_comes_through_the_server_once_in_two_seconds(
        self, camera, served, operator, as_user
    ):
        client = as_user(operator)

        first = client.get(f"/api/cameras/{camera.pk}/snapshot")
        client.get(f"/api/cameras/{camera.pk}/snapshot")

        assert (first.status_code, first.content, first["X-Picture-State"]) == (200, served.picture, "live")
        assert first["Content-Type"] == "image/jpeg" and "no-store" in first["Cache-Control"]
        assert served.asked == ["/jpeg"]

    def test_live_stale_and_broken(self, camera, served):
        pictures, at = Snapshots(), NOON
        now = [at]

        def look(seconds: float) -> Any:
            now[0] = at + timedelta(seconds=seconds)
            return pictures.of(camera, now[0], lambda: now[0])

        live = look(0)
        served.is_dark = True
        within_two = look(1)
        stale = look(10)
        resting = look(11)
        broken = look(700)
        served.is_dark, served.picture = False, jpeg("blue")
        again = look(710)

        assert [s.state for s in (live, within_two, stale, resting, broken, again)] == [
            "live", "live", "stale", "stale", "broken", "live",
        ]  # fmt: skip
        assert stale.jpeg == live.jpeg and stale.taken_at == at and stale.why is Why.WRONG_ANSWER
        assert "应答" in stale.words()[0] and "not live" in stale.words()[1]
        assert broken.jpeg == b"" and again.jpeg == served.picture
        assert len(served.asked) == 4  # at 0, 10, 700 and 710 seconds

    def test_a_changed_address_forgets_the_old_picture(self, camera, served, administrator):
        pictures = Snapshots()
        pictures.of(camera, NOON, lambda: NOON)

        actions.change_camera(
            camera=camera, fields={"address": served.address("/html")}, actor=administrator, at=NOON
        )

        assert pictures.of(camera, NOON, lambda: NOON).state is PictureState.BROKEN

    def test_a_few_slow_cameras_do_not_hold_everybody(self, camera):
        """While as many are being read as may be, the next is told so at once."""
        told = []

        def slow(source: Any, allowed: Any) -> bytes:
            """Each reading begins another, so that all are under way at once."""
            held.append(source)
            told.append(pictures.of(others.pop(), NOON, lambda: NOON))
            return jpeg()

        held: list[Any] = []
        others = [_another(camera, number) for number in range(AT_ONCE)]
        pictures = Snapshots(slow)
        pictures.of(camera, NOON, lambda: NOON)

        assert len(held) == AT_ONCE
        assert [one.state for one in told] == [PictureState.BROKEN, PictureState.LIVE, PictureState.LIVE]
        assert told[0].why is Why.BUSY

    def test_without_a_picture_the_answer_says_why_and_nothing_of_the_address(
        self, camera, served, operator, as_user, caplog
    ):
        caplog.set_level(logging.DEBUG)
        CameraSource.objects.update(
            address=served.address("/html?token=hidden"), username="me", password="hidden"
        )

        answer = as_user(operator).get(f"/api/cameras/{camera.pk}/snapshot", HTTP_ACCEPT="image/*")

        assert answer.status_code == 409 and "no JPEG" in answer.json()["detail"]
        for said in (answer.content.decode(), caplog.text):
            assert "hidden" not in said and str(served.port) not in said

    def test_a_host_that_is_not_allowed_is_not_asked(self, camera, served, operator, as_user, settings):
        settings.CAMERA_HOSTS = ["cam.example"]

        answer = as_user(operator).get(f"/api/cameras/{camera.pk}/snapshot")

        assert answer.status_code == 409 and "allowed hosts" in answer.json()["detail"]
        assert served.asked == []


def _another(camera: Camera, number: int) -> Camera:
    """A camera beside another, with an address of its own."""
    kind, place = camera.asset.asset_class, camera.asset.geom
    asset = Asset.objects.create(asset_class=kind, geom=place)
    made = Camera.objects.create(asset=asset, heading_deg=0)
    CameraSource.objects.create(camera=made, address=f"http://cam{number}.example/")
    return made


class TestApi:
    def test_nobody_is_shown_where_the_picture_comes_from(self, camera, served, administrator, as_user):
        client = as_user(administrator)
        secret = {"username": "hidden-me", "password": "hidden-word"}
        changed = client.patch(f"/api/cameras/{camera.pk}", secret, format="json")
        shown = [changed, client.get("/api/cameras"), client.get(f"/api/cameras/{camera.pk}")]

        for answer in shown:
            assert answer.status_code == 200
            assert "hidden" not in answer.content.decode() and "127.0.0.1" not in answer.content.decode()
        assert CameraSource.objects.get().password == "hidden-word"
        assert shown[1].json()["features"][0]["properties"]["has_picture"] is True
        assert shown[2].json()["picture"]["state"] == "broken"

    def test_each_sees_those_of_their_own_part_with_a_role_that_looks(self, camera, operator, as_user):
        far = person("far", "operator", "910101002")
        worker = person("ann", "grid_worker", A)

        for user, count, status in ((operator, 1, 200), (far, 0, 404), (worker, 0, 404)):
            client = as_user(user)
            assert len(client.get("/api/cameras").json()["features"]) == count
            assert client.get(f"/api/cameras/{camera.pk}").status_code == status
            assert client.get(f"/api/cameras/{camera.pk}/snapshot").status_code == status

    def test_cameras_that_see_a_place_are_found(self, camera, operator, as_user):
        lng, lat = MIDDLE[A]
        ahead = GEOD.fwd(lng, lat, 90, 30)[:2]
        behind = GEOD.fwd(lng, lat, 270, 30)[:2]
        client = as_user(operator)

        def seen_at(place: tuple[float, float]) -> int:
            found = client.get("/api/cameras", {"lng": place[0], "lat": place[1], "unit": "910101001"})
            return len(found.json()["features"])

        assert (seen_at(ahead), seen_at(behind)) == (1, 0)

    def test_a_moved_asset_takes_its_view_along(self, camera):
        Asset.objects.filter(pk=camera.asset_id).update(geom=Point(*MIDDLE[C], srid=4326))

        moved = Camera.objects.get()
        assert moved.view.extent[0] == pytest.approx(MIDDLE[C][0])

    def test_an_asset_becomes_a_camera_and_stops_being_one(self, pole, administrator, as_user):
        client = as_user(administrator)

        made = client.post("/api/cameras", {"asset": pole.code, "heading_deg": 360}, format="json")
        gone = client.delete(f"/api/cameras/{made.json()['id']}")

        assert made.status_code == 201, made.content
        assert made.json()["properties"]["heading_deg"] == 0
        assert made.json()["geometry"]["type"] == "Polygon"
        assert gone.status_code == 204 and Asset.objects.filter(pk=pole.pk).exists()

    @pytest.mark.parametrize(
        "said", [{}, {"asset": "x", "heading_deg": 1}, {"asset": "9" * 16, "heading_deg": "nan"}]
    )
    def test_what_is_no_camera_is_refused(self, administrator, as_user, said):
        assert as_user(administrator).post("/api/cameras", said, format="json").status_code == 422


@pytest.mark.usefixtures("media")
class TestEvidence:
    @pytest.fixture
    def incident(self, operator, administrator) -> Incident:
        lng, lat = MIDDLE[A]
        said = Report(channel="app", description="water on the street", lng=lng, lat=lat)
        number = report(said=said, actor=operator, at=timezone.now()).answer["number"]
        return Incident.objects.get(number=number)

    def keep(self, client: Any, incident: Incident, camera: Any) -> Any:
        return client.post(f"/api/incidents/{incident.number}/evidence", {"camera": camera}, format="json")

    def test_what_a_camera_shows_is_kept_with_the_incident(self, camera, served, incident, operator, as_user):
        client = as_user(operator)

        answer = self.keep(client, incident, camera.pk)

        photo = Photo.objects.get()
        assert (answer.status_code, photo.role) == (201, "snapshot"), answer.content
        assert photo.place is not None and photo.place.coords == pytest.approx(MIDDLE[A])
        assert photo.taken_at is not None and timezone.now() - photo.taken_at < timedelta(minutes=1)
        assert KeptSnapshot.objects.get().camera == camera
        [listed] = client.get(f"/api/incidents/{incident.number}").json()["photos"]
        shown = client.get(listed["url"])
        assert Image.open(io.BytesIO(b"".join(shown.streaming_content))).size == (320, 240)

    def test_the_picture_as_the_camera_sent_it_is_what_is_kept(
        self, camera, served, incident, operator, as_user
    ):
        self.keep(as_user(operator), incident, camera.pk)

        assert Photo.objects.get().sha256 == hashlib.sha256(served.picture).hexdigest()

    def test_nothing_is_kept_of_a_dark_camera(self, camera, served, incident, operator, as_user):
        served.is_dark = True

        answer = self.keep(as_user(operator), incident, camera.pk)

        assert answer.status_code == 409 and "Nothing was kept" in answer.json()["detail"]
        assert not Photo.objects.exists() and not IncidentPhoto.objects.exists()

    def test_only_who_sees_both_keeps(self, camera, served, incident, as_user):
        worker, far = person("ann", "grid_worker", A), person("far", "operator", "910101002")

        assert self.keep(as_user(worker), incident, camera.pk).status_code == 404
        assert self.keep(as_user(far), incident, camera.pk).status_code == 404
        assert served.asked == []

    def test_a_camera_with_evidence_stays(self, camera, incident, operator, administrator, as_user):
        self.keep(as_user(operator), incident, camera.pk)

        with pytest.raises(Conflict):
            actions.remove_camera(camera=camera, actor=administrator)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            KeptSnapshot.objects.update(camera=camera)

    def test_nobody_uploads_a_picture_as_if_a_camera_had_taken_it(self, incident, operator, as_user):
        file = SimpleUploadedFile("p.jpg", jpeg())

        answer = as_user(operator).post(
            f"/api/incidents/{incident.number}/photos", {"file": file, "role": "snapshot"}
        )

        assert answer.status_code == 422

    def test_a_picture_from_the_air_brings_its_place_and_time(self, incident, operator, as_user):
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = "2026:01:14 12:00:00"
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2], gps[3], gps[4] = "N", (60.0, 7.0, 44.04), "E", (24.0, 56.0, 29.04)
        out = io.BytesIO()
        Image.new("RGB", (64, 48)).save(out, "JPEG", exif=exif)
        client, path = as_user(operator), f"/api/incidents/{incident.number}/photos"

        without = client.post(path, {"file": SimpleUploadedFile("p.jpg", jpeg()), "role": "aerial"})
        taken = client.post(path, {"file": SimpleUploadedFile("p.jpg", out.getvalue()), "role": "aerial"})

        assert without.status_code == 422 and "where and when" in without.json()["detail"]
        assert taken.status_code == 201
        photo = Photo.objects.get()
        assert photo.role == "aerial" and photo.place is not None and photo.taken_at == NOON


def test_no_picture_carries_nothing_of_the_address():
    assert str(NoPicture(Why.UNREACHABLE)) == "it cannot be reached"
