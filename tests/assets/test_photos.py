"""Photos: what is taken, what is refused, where it lies, who sees it."""

import io
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from PIL import Image
from rest_framework.test import APIClient

from assets.models import Asset
from assets.photos import storage
from assets.photos.actions import add_photo, opens, url_of
from assets.photos.models import Photo
from geogrid.core.errors import Invalid
from geogrid.organisations.models import User
from tests.assets.town import MIDDLE, NOON, C

pytestmark = pytest.mark.usefixtures("media")
HERE = (24.9414, 60.1289)


@pytest.fixture
def exif() -> bytes:
    """What a telephone held sideways writes: taken at noon in Helsinki, in the middle of cell A."""
    made = Image.Exif()
    made[0x0112] = 6
    made[0x010F] = "Telephone of Ann"
    details = made.get_ifd(0x8769)
    details[0x9003] = "2026:01:14 12:00:00"
    gps = made.get_ifd(0x8825)
    gps[1], gps[2] = "N", (60.0, 7.0, 44.04)
    gps[3], gps[4] = "E", (24.0, 56.0, 29.04)
    return made.tobytes()


@pytest.fixture
def editor(as_user, supervisor):
    return as_user(supervisor)


def upload(client: APIClient, asset: Asset, content: bytes, name: str = "p.jpg", **more: Any) -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/plain")
    return client.post(f"/api/assets/{asset.code}/photos", {"file": file, **more}, format="multipart")


def opened(answer: Any) -> Any:
    assert answer.status_code == 200, answer.status_code
    return Image.open(io.BytesIO(b"".join(answer.streaming_content)))


def files(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())


class TestUpload:
    def test_a_photo_is_listed_on_the_card(self, editor, lamp, snapshot):
        answer = upload(editor, lamp, snapshot(), role="far")

        assert answer.status_code == 201, answer.content
        [listed] = editor.get(f"/api/assets/{lamp.code}").json()["photos"]
        assert listed == editor.get(f"/api/assets/{lamp.code}/photos").json()[0]
        assert (listed["role"], listed["width"], listed["height"]) == ("far", 800, 600)

    def test_place_and_time_are_read_from_it_and_shown_pictures_carry_neither(
        self, editor, lamp, snapshot, exif
    ):
        told = upload(editor, lamp, snapshot(exif=exif)).json()

        photo = Photo.objects.get()
        assert photo.taken_at == datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
        assert photo.place is not None and photo.place.coords == pytest.approx(HERE, abs=1e-5)
        for url in (told["url"], told["small_url"]):
            shown = b"".join(editor.get(url).streaming_content)
            assert b"Exif" not in shown and b"Telephone" not in shown

    def test_what_is_shown_stands_upright(self, editor, lamp, snapshot, exif):
        told = upload(editor, lamp, snapshot(exif=exif)).json()

        assert (told["width"], told["height"]) == (600, 800)
        shown = opened(editor.get(told["url"])).convert("RGB")
        assert shown.size == (600, 800)
        # Turned clockwise, what was left is at the top.
        assert shown.getpixel((300, 20))[0] > 200 and shown.getpixel((300, 780))[2] > 200

    def test_the_small_picture_is_small(self, editor, lamp, snapshot):
        told = upload(editor, lamp, snapshot(size=(3000, 1500))).json()

        assert opened(editor.get(told["small_url"])).size == (400, 200)
        assert opened(editor.get(told["url"])).size == (1600, 800)

    @pytest.mark.parametrize(
        ("kind", "media_type"), [("PNG", "image/png"), ("WEBP", "image/webp"), ("HEIF", "image/heif")]
    )
    def test_the_kind_is_known_by_content_not_by_name(self, editor, lamp, snapshot, kind, media_type):
        assert upload(editor, lamp, snapshot(kind), name="p.exe").status_code == 201

        photo = Photo.objects.get()
        assert (photo.media_type, photo.width, photo.height) == (media_type, 800, 600)

    def test_a_turned_heic_stands_upright(self, editor, lamp, snapshot, exif):
        told = upload(editor, lamp, snapshot("HEIF", exif=exif)).json()

        shown = opened(editor.get(told["url"]))
        assert shown.size == (told["width"], told["height"])
        assert Photo.objects.get().place is not None

    def test_what_shines_through_becomes_white(self, editor, lamp):
        out = io.BytesIO()
        Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, "PNG")

        told = upload(editor, lamp, out.getvalue()).json()

        assert opened(editor.get(told["url"])).getpixel((20, 20)) == (255, 255, 255)

    @pytest.mark.parametrize("name", ["text", "svg", "gif", "cut", "empty"])
    def test_what_is_no_photo_is_refused(self, editor, lamp, snapshot, name):
        content = {
            "text": b"hello",
            "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
            "gif": snapshot("GIF"),
            "cut": snapshot(size=(2000, 2000), quality=95)[:4000],
            "empty": b"",
        }[name]

        answer = upload(editor, lamp, content)

        assert answer.status_code == 422 and answer.json()["fields"].keys() == {"file"}
        assert not Photo.objects.exists()

    def test_a_decompression_bomb_is_refused_before_it_unpacks(self, editor, lamp):
        out = io.BytesIO()
        Image.new("1", (9_000, 9_000)).save(out, "PNG")

        answer = upload(editor, lamp, out.getvalue())

        assert answer.status_code == 422 and "million pixels" in answer.json()["detail"]

    def test_twenty_megabytes_are_taken_and_a_byte_more_is_not(self, editor, lamp, snapshot):
        picture = snapshot()
        whole = picture + bytes(20 * 2**20 - len(picture))

        assert upload(editor, lamp, whole).status_code == 201
        assert upload(editor, lamp, whole + b"\0").status_code == 422

    @pytest.mark.parametrize("role", ["selfie", "near\0"])
    def test_an_unknown_role_is_refused(self, editor, lamp, snapshot, role):
        answer = upload(editor, lamp, snapshot(), role=role)

        assert answer.status_code == 422 and answer.json()["fields"].keys() == {"role"}

    def test_a_form_without_a_file_is_refused(self, editor, lamp):
        answer = editor.post(f"/api/assets/{lamp.code}/photos", {"file": "text"}, format="multipart")

        assert answer.status_code == 422 and answer.json()["fields"].keys() == {"file"}

    def test_json_is_refused(self, editor, lamp):
        answer = editor.post(f"/api/assets/{lamp.code}/photos", {"file": "x"}, format="json")

        assert answer.status_code == 415

    @pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\nContent-Disposition: form-data"])
    def test_a_broken_form_is_refused(self, editor, lamp, body):
        answer = editor.post(
            f"/api/assets/{lamp.code}/photos", body, content_type="multipart/form-data; boundary=x"
        )

        assert answer.status_code in (400, 422)

    def test_who_may_not_edit_the_asset_adds_no_photo(self, as_user, worker, lamp, snapshot, media):
        assert upload(as_user(worker), lamp, snapshot()).status_code == 403
        assert files(media) == []

    def test_a_camera_clock_in_the_future_is_not_believed(self, supervisor, snapshot):
        later = Image.Exif()
        later.get_ifd(0x8769)[0x9003] = "2031:01:01 00:00:00"

        photo = add_photo(
            file=io.BytesIO(snapshot(exif=later.tobytes())), role="near", uploaded_by=supervisor, at=NOON
        )

        assert photo.taken_at is None and photo.asset is None

    def test_an_action_called_with_an_unknown_role_refuses(self, supervisor, snapshot):
        with pytest.raises(Invalid):
            add_photo(file=io.BytesIO(snapshot()), role="selfie", uploaded_by=supervisor, at=NOON)


class TestStorage:
    def test_the_same_file_lies_there_once(self, editor, lamp, snapshot, media):
        upload(editor, lamp, snapshot(), name="a.jpg")
        upload(editor, lamp, snapshot(), name="b.jpg")

        assert Photo.objects.count() == 2
        assert len([path for path in files(media) if "original" in path.parts]) == 1
        assert len(files(media)) == 3

    def test_half_a_file_of_a_killed_process_is_written_anew(self, editor, lamp, snapshot, media):
        upload(editor, lamp, snapshot())
        [original] = [path for path in files(media) if "original" in path.parts]
        original.write_bytes(b"half")

        upload(editor, lamp, snapshot())

        assert original.read_bytes() == snapshot()

    def test_a_lost_smaller_picture_is_made_anew(self, editor, lamp, snapshot, media):
        told = upload(editor, lamp, snapshot()).json()
        for path in files(media / "photos" / "smaller"):
            path.unlink()

        assert opened(editor.get(told["url"])).size == (800, 600)

    def test_a_lost_original_is_not_found(self, editor, lamp, snapshot, media):
        told = upload(editor, lamp, snapshot()).json()
        for path in files(media):
            path.unlink()

        assert editor.get(told["url"]).status_code == 404

    def test_others_on_the_machine_cannot_read_them(self, editor, lamp, snapshot, media):
        upload(editor, lamp, snapshot())

        assert {path.stat().st_mode & 0o007 for path in files(media)} == {0}

    def test_the_sweep_takes_what_no_photo_names_and_nothing_else(self, editor, lamp, snapshot, media):
        upload(editor, lamp, snapshot())
        upload(editor, lamp, snapshot(size=(500, 500)))
        Photo.objects.filter(width=500).delete()
        now = datetime.now(UTC)

        assert storage.sweep_orphans(at=now) == 0  # younger than a day: its row may be on the way
        assert storage.sweep_orphans(at=now + timedelta(days=2)) == 3

        assert len(files(media)) == 3
        assert storage.sweep_orphans(at=now + timedelta(days=2)) == 0

    @pytest.mark.django_db(transaction=True)
    def test_no_sweep_runs_while_an_upload_writes_its_row(self, transactional_db, snapshot, media):
        user = User.objects.create(username="sun")
        swept: list[int] = []

        def sweep() -> None:
            swept.append(storage.sweep_orphans(at=datetime.now(UTC) + timedelta(days=2)))
            connection.close()

        with transaction.atomic():
            add_photo(file=io.BytesIO(snapshot()), role="near", uploaded_by=user, at=NOON)
            sweeper = threading.Thread(target=sweep)
            sweeper.start()
            sweeper.join(timeout=0.5)
            assert sweeper.is_alive()
        sweeper.join()

        assert swept == [0] and len(files(media)) == 3


class TestWhoSeesIt:
    def path(self, photo: Photo, name: str = "large.jpg") -> str:
        return f"/api/photos/{photo.public_id}/{name}"

    @pytest.fixture
    def of_lamp(self, lamp, supervisor, snapshot) -> Photo:
        return add_photo(
            file=io.BytesIO(snapshot()), role="near", uploaded_by=supervisor, at=NOON, asset=lamp
        )

    @pytest.fixture
    def loose(self, supervisor, snapshot) -> Photo:
        return add_photo(file=io.BytesIO(snapshot()), role="before", uploaded_by=supervisor, at=NOON)

    def test_a_photo_of_an_asset_is_seen_by_every_signed_in_user(self, as_user, visitor, of_lamp):
        answer = as_user(visitor).get(self.path(of_lamp))

        assert answer["Content-Type"] == "image/jpeg" and answer["Cache-Control"].startswith("private")
        assert opened(answer).format == "JPEG"

    def test_the_stranger_sees_none(self, of_lamp):
        assert APIClient().get(url_of(of_lamp)).status_code == 401

    def test_any_other_photo_opens_with_its_address_only(self, as_user, visitor, loose, of_lamp):
        client = as_user(visitor)

        assert client.get(self.path(loose)).status_code == 404
        assert client.get(self.path(loose) + "?token=x.y").status_code == 404
        assert client.get(self.path(loose) + "?" + url_of(of_lamp).partition("?")[2]).status_code == 404
        assert client.get(url_of(loose)).status_code == 200

    def test_an_address_is_for_one_size(self, as_user, visitor, loose):
        small, token = self.path(loose, "small.jpg"), url_of(loose).partition("?")[2]

        assert as_user(visitor).get(f"{small}?{token}").status_code == 404

    def test_an_address_ends(self, loose):
        token = url_of(loose, at=datetime.now(UTC) - timedelta(minutes=11)).partition("token=")[2]

        assert not opens(token, loose, "large")

    def test_an_address_stays_the_same_for_a_while(self, loose):
        assert url_of(loose, at=NOON) == url_of(loose, at=NOON + timedelta(minutes=4))

    def test_the_original_is_for_who_may_edit_the_asset(
        self, as_user, visitor, supervisor, of_lamp, snapshot
    ):
        assert as_user(visitor).get(self.path(of_lamp, "original")).status_code == 403

        answer = as_user(supervisor).get(self.path(of_lamp, "original"))
        assert b"".join(answer.streaming_content) == snapshot()
        assert answer["Content-Disposition"].startswith("attachment")

    def test_of_an_asset_elsewhere_it_is_not(self, as_user, supervisor, lamp, of_lamp):
        Asset.objects.filter(pk=lamp.pk).update(geom=Point(*MIDDLE[C], srid=4326))

        assert as_user(supervisor).get(self.path(of_lamp, "original")).status_code == 403

    def test_of_any_other_photo_it_needs_its_address(self, as_user, visitor, loose):
        client = as_user(visitor)

        assert client.get(self.path(loose, "original")).status_code == 404
        assert client.get(url_of(loose, "original")).status_code == 200

    @pytest.mark.parametrize("name", ["huge.jpg", "original.jpg", "..jpg"])
    def test_there_are_no_other_sizes(self, as_user, visitor, of_lamp, name):
        assert as_user(visitor).get(self.path(of_lamp, name)).status_code == 404

    @pytest.mark.parametrize("public_id", ["x", "0" * 36, "00000000-0000-0000-0000-000000000000"])
    def test_an_unknown_photo_is_not_found(self, as_user, visitor, public_id):
        answer = as_user(visitor).get(f"/api/photos/{public_id}/large.jpg", headers={"Accept": "image/jpeg"})

        assert answer.status_code == 404 and answer.json()["code"] == "not_found"

    def test_nothing_is_served_from_the_folder_itself(self, as_user, visitor, of_lamp):
        path = storage.path_of(of_lamp.sha256, "original")

        assert default_storage.exists(path)
        for base in ("/media/", "/static/", "/"):
            assert as_user(visitor).get(base + path).status_code == 404
