"""QR labels: what hangs in the street leads to the asset, for who may log in, until it is revoked."""

import io
import re
import threading

import pytest
import segno
from django.db import IntegrityError, connection
from PIL import Image
from rest_framework.test import APIClient

from assets import labels
from assets.models import Asset, AssetLabel
from tests.assets.town import NOON


@pytest.fixture
def reader(as_user, visitor):
    return as_user(visitor)


def test_a_label_shows_the_code_of_the_asset(reader, lamp):
    answer = reader.get(f"/api/assets/{lamp.code}/label.svg")

    assert answer["Content-Type"] == "image/svg+xml"
    svg = answer.content.decode()
    assert re.search(rf"<text[^>]*>{lamp.code}</text>", svg) and svg.count("<svg") == 2


def test_it_is_the_same_each_time(reader, lamp):
    first, second = (reader.get(f"/api/assets/{lamp.code}/label.svg").content for _ in range(2))

    assert first == second
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{10}", AssetLabel.objects.get().code)


def test_the_png_is_black_on_white_with_a_quiet_border(reader, lamp):
    answer = reader.get(f"/api/assets/{lamp.code}/label.png", headers={"Accept": "image/png"})

    assert answer["Content-Type"] == "image/png"
    image = Image.open(io.BytesIO(answer.content))
    assert image.mode == "1" and image.height > image.width > 300
    assert image.getpixel((0, 0)) == 255
    assert image.crop((0, image.width, image.width, image.height)).getextrema()[0] == 0  # the text


@pytest.mark.parametrize("base", ["https://grid.example.org", ""])
def test_the_qr_code_holds_the_public_address_or_the_one_asked_at(reader, lamp, settings, base):
    settings.PUBLIC_URL = base

    label = Image.open(io.BytesIO(reader.get(f"/api/assets/{lamp.code}/label.png").content))

    address = f"{base or 'http://testserver'}/a/{AssetLabel.objects.get().code}"
    drawn = segno.make(address, error="q", micro=False)
    border, scale = labels.QUIET, labels.PIXELS
    seen = [
        [label.getpixel(((x + border) * scale + 1, (y + border) * scale + 1)) == 0 for x in range(len(row))]
        for y, row in enumerate(drawn.matrix)
    ]
    assert seen == [[bool(module) for module in row] for row in drawn.matrix]


def test_scanned_it_leads_to_the_asset_on_the_map(reader, lamp, visitor):
    label = labels.label_of(asset=lamp, actor=visitor, at=NOON)

    answer = reader.get(f"/a/{label.code}")

    assert (answer.status_code, answer["Location"]) == (302, f"/#pick=asset:{lamp.code}")


def test_typed_by_hand_its_letters_are_forgiven(lamp):
    AssetLabel.objects.create(code="01ABCDEFGH", asset=lamp)

    assert labels.asset_of_label("oIabcdefgh") == lamp


def test_the_stranger_logs_in_first(lamp, visitor):
    label = labels.label_of(asset=lamp, actor=visitor, at=NOON)

    answer = APIClient().get(f"/a/{label.code}")

    assert (answer.status_code, answer["Location"]) == (302, f"/login?next=/a/{label.code}")


def test_a_revoked_label_leads_nowhere_and_the_next_is_new(as_user, supervisor, lamp):
    client = as_user(supervisor)
    client.get(f"/api/assets/{lamp.code}/label.svg")
    old = AssetLabel.objects.get().code

    assert client.delete(f"/api/assets/{lamp.code}/label").status_code == 204

    assert client.get(f"/a/{old}").status_code == 404
    assert client.delete(f"/api/assets/{lamp.code}/label").status_code == 404
    client.get(f"/api/assets/{lamp.code}/label.png")
    assert AssetLabel.objects.in_use().get().code != old


def test_who_may_not_edit_the_asset_revokes_nothing(reader, lamp, visitor):
    labels.label_of(asset=lamp, actor=visitor, at=NOON)

    assert reader.delete(f"/api/assets/{lamp.code}/label").status_code == 403
    assert AssetLabel.objects.in_use().exists()


@pytest.mark.parametrize("code", ["0000000000", "x", "A" * 3000, "%00" * 10, "UUUUUUUUUU", "＠"])
def test_an_unknown_label_is_not_found(reader, code):
    assert reader.get(f"/a/{code}").status_code == 404


def test_an_asset_has_one_label_in_use(lamp):
    AssetLabel.objects.create(code="0123456789", asset=lamp)

    with pytest.raises(IntegrityError, match="asset_has_one_label_in_use"):
        AssetLabel.objects.create(code="0123456788", asset=lamp)


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_the_same(transactional_db, lamp, visitor):
    start, got = threading.Barrier(4), []

    def ask() -> None:
        start.wait()
        got.append(labels.label_of(asset=Asset.objects.get(), actor=visitor, at=NOON).code)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 4 and len(set(got)) == 1
