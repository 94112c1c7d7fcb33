"""Pictures of the ground as map tiles: what they show, who gets them."""

import asyncio
import io
import json
import math
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assets.terrain.shading import Picture, depth_colours, draw, relief
from assets.terrain.tiles import TerrainTiles
from geogrid.changes import passes
from geogrid.changes.passes import Pass
from tests.terrain.ground import BOWL, grid, with_bowl

ZOOM = 16


def tile_of(lng: float, lat: float, z: int = ZOOM) -> tuple[int, int, int]:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int((lng + 180) / 360 * 2**z), int(y * 2**z)


HERE = tile_of(*grid().middle_of(*BOWL))


def ask(
    handler: TerrainTiles, path: str, token: str | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a GET, as the shell would hand it on."""
    if token is None:
        token = passes.issue(Pass(user_id=1, epoch=0))
    named = {"host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": f"token={token}".encode(),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "scheme": "http",
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    asyncio.run(handler(scope, receive, send))
    got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], got, b"".join(message.get("body", b"") for message in sent[1:])


class TestDrawing:
    def test_a_slope_that_faces_the_light_is_bright_and_one_that_turns_away_dark(self):
        rows, columns = np.indices((20, 20), dtype=np.float32)

        to_the_light, away = relief(rows + columns, 2.0), relief(-rows - columns, 2.0)
        flat = relief(np.zeros((20, 20), np.float32), 2.0)

        assert to_the_light[9, 9].tolist()[:3] == [255, 255, 255] and to_the_light[9, 9, 3] > 20
        assert away[9, 9].tolist()[:3] == [0, 0, 0] and away[9, 9, 3] > 20
        assert flat[..., 3].max() <= 1

    def test_unknown_ground_is_not_drawn(self):
        heights = np.zeros((20, 20), np.float32)
        heights[5:10] = np.nan

        assert relief(heights, 2.0)[6, 6, 3] == 0
        assert depth_colours(np.full((2, 2), np.nan, np.float32))[0, 0, 3] == 0

    def test_deeper_is_darker_and_dry_is_clear(self):
        drawn = depth_colours(np.array([[0.0, 0.1, 0.4, 2.0]], np.float32))

        assert drawn[0, 0, 3] == 0
        assert drawn[0, 1, 1] > drawn[0, 2, 1] > drawn[0, 3, 1]

    def test_a_tile_of_the_bowl_shows_it_where_it_lies(self, bowl):
        image = Image.open(io.BytesIO(draw(Picture.DEPTH, *HERE, [bowl.store.folder])))

        z, x, y = HERE
        lng, lat = grid().middle_of(*BOWL)
        column = ((lng + 180) / 360 * 2**z - x) * 256
        row = ((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z - y) * 256
        assert image.size == (256, 256)
        assert image.getpixel((int(column), int(row)))[3] > 200  # type: ignore[index]
        assert np.count_nonzero(np.asarray(image)[..., 3]) < 256 * 256 / 4

    def test_from_afar_it_is_drawn_too_and_elsewhere_not(self, bowl):
        z, x, y = tile_of(*grid().middle_of(*BOWL), z=12)

        near = np.asarray(Image.open(io.BytesIO(draw(Picture.HILLSHADE, z, x, y, [bowl.store.folder]))))
        beside = np.asarray(Image.open(io.BytesIO(draw(Picture.HILLSHADE, z, x + 2, y, [bowl.store.folder]))))
        assert near[..., 3].any() and not beside[..., 3].any()


class TestServing:
    @pytest.fixture
    def handler(self, transactional_db, bring_in):
        bring_in(with_bowl(), is_simulated=True, source="Survey of nobody")
        made = TerrainTiles()
        yield made
        made.close()

    def test_a_tile_comes_as_png_and_is_not_sent_twice(self, handler):
        path = f"/terrain/hillshade/{HERE[0]}/{HERE[1]}/{HERE[2]}.png"

        status, headers, body = ask(handler, path)
        again, _, nothing = ask(handler, path, if_none_match=headers["etag"])

        assert (status, headers["content-type"]) == (200, "image/png")
        assert Image.open(io.BytesIO(body)).size == (256, 256)
        assert (again, nothing) == (304, b"")

    def test_tilejson_says_where_and_that_it_is_simulated(self, handler):
        status, _, body = ask(handler, "/terrain/depth.json")

        said = json.loads(body)
        assert status == 200 and said["tiles"] == ["http://localhost/terrain/depth/{z}/{x}/{y}.png"]
        assert said["is_simulated"] is True and "模拟" in said["name"]
        assert said["attribution"] == "Survey of nobody"
        west, south, east, north = said["bounds"]
        lng, lat = grid().middle_of(*BOWL)
        assert west < lng < east and south < lat < north

    @pytest.mark.parametrize(
        ("path", "token", "status"),
        [
            ("/terrain/hillshade/16/1/1.png", "", 401),
            ("/terrain/hillshade/16/1/1.png", "forged", 403),
            ("/terrain/hillshade/30/1/1.png", None, 400),
            ("/terrain/hillshade/3/9/1.png", None, 400),
            ("/terrain/secret/3/1/1.png", None, 404),
            ("/terrain/../../etc/passwd", None, 404),
        ],
    )
    def test_others_are_refused(self, handler, path, token, status):
        assert ask(handler, path, token)[0] == status

    def test_after_rights_were_taken_away_it_is_refused(self, transactional_db):
        handler = TerrainTiles(is_revoked=lambda asked_by: True)

        assert ask(handler, "/terrain/depth.json")[0] == 403
        handler.close()
