"""The raw handlers over HTTP: tokens, caching, ranges, headers, and errors in words."""

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path

import mapbox_vector_tile
import pytest

from geogrid.changes.passes import Pass, issue
from tests.asgi.running import Answered, Server, wait_while_running
from tests.live.stream import Stream
from tests.tiles import drawn_city
from tests.tiles.drawn_city import MIDDLE, A
from tiles.squares import square_at

TILE = "/tiles/{layers}/{square.z}/{square.x}/{square.y}.mvt?token={token}"


@pytest.fixture
def token() -> str:
    return issue(Pass(user_id=0, epoch=0, everywhere=True))


@pytest.fixture
def told_live(server: Server, transactional_db: None) -> Iterator[Stream]:
    """The live feed: whoever hears of a change from it gets the tile that shows it."""
    stream = Stream(server, issue(Pass(user_id=0, epoch=0, everywhere=True)))
    stream.until("hello")
    yield stream
    stream.close()


@pytest.fixture
def city(told_live: Stream) -> None:
    drawn_city.draw()
    told_live.until("change", kind="building")  # the last of what was drawn


def tile_path(layers: str, token: str, z: int = 16) -> str:
    return TILE.format(layers=layers, square=square_at(*MIDDLE[A], z), token=token)


def told(answer: Answered) -> dict[str, str]:
    body: dict[str, str] = json.loads(answer.body)
    assert set(body) == {"code", "detail"}
    return body


def test_a_tile_comes_packed_and_marked(city: None, server: Server, token: str):
    answer = server.get(tile_path("assets+cells", token))

    packed = server.get(tile_path("assets+cells", token), Accept_Encoding="gzip")

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] == answer.headers["etag"]
    assert gzip.decompress(packed.body) == answer.body
    assert set(mapbox_vector_tile.decode(answer.body)) >= {"assets", "cells"}


def test_a_tile_that_is_known_is_not_sent_again(city: None, server: Server, token: str):
    first = server.get(tile_path("assets", token))

    again = server.get(tile_path("assets", token), If_None_Match=first.headers["etag"])

    assert again.status == 304
    assert again.body == b""


def test_an_empty_tile_is_204(server: Server, token: str):
    answer = server.get(f"/tiles/assets/14/1/1.mvt?token={token}")

    assert (answer.status, answer.body) == (204, b"")


def test_whoever_hears_of_a_change_gets_the_changed_tile(
    city: None, told_live: Stream, server: Server, token: str, owner
):
    path = tile_path("assets", token)
    before = server.get(path)

    with owner.cursor() as cursor:
        cursor.execute("UPDATE asset SET state = 'damaged'")
    told_live.until("change", kind="asset", op="update")

    after = server.get(path)
    assert after.headers["etag"] != before.headers["etag"]
    [lamp] = mapbox_vector_tile.decode(after.body)["assets"]["features"]
    assert lamp["properties"]["state"] == "damaged"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/tiles/assets/3/9/1.mvt", 400, "bad_tile"),
        ("/tiles/assets/99/1/1.mvt", 400, "bad_tile"),
        ("/tiles/assets/3/-1/1.mvt", 400, "bad_tile"),
        ("/tiles/secrets/3/1/1.mvt", 404, "no_such_layer"),
        ("/tiles/assets+assets/3/1/1.mvt", 404, "no_such_layer"),
        ("/tiles/assets;DROP/3/1/1.mvt", 404, "no_such_layer"),
        ("/tiles/assets/a/b/c.mvt", 404, "not_found"),
        ("/tiles/style/pink.json", 404, "not_found"),
        ("/tiles/secrets.json", 404, "no_such_layer"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    server: Server, token: str, path: str, status: int, code: str
):
    answer = server.get(f"{path}?token={token}")

    assert answer.status == status
    assert told(answer)["code"] == code
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/tiles/assets/3/1/1.mvt", "/tiles/assets.json", "/live", "/base/water.pmtiles"]
)
@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda: "", 401),
        (lambda: issue(Pass(1, 0), now=time.time() - 400), 401),
        (lambda: "nonsense", 403),
        (lambda: issue(Pass(1, 0)).replace(".", "A.", 1), 403),
        (lambda: issue(Pass(1, 0))[:-2] + "xy", 403),
    ],
)
def test_a_wrong_token_opens_nothing(server: Server, path: str, make, status: int):
    answer = server.get(f"{path}?token={make()}")

    assert answer.status == status
    told(answer)


def test_tilejson_lists_the_layers_and_where_they_are(city: None, server: Server, token: str):
    document = json.loads(server.get(f"/tiles/assets+cells.json?token={token}").body)

    assert document["tilejson"] == "3.0.0"
    assert {layer["id"] for layer in document["vector_layers"]} == {"assets", "cells", "cells_labels"}
    assert document["tiles"] == [f"http://127.0.0.1:{server.port}/tiles/assets+cells/{{z}}/{{x}}/{{y}}.mvt"]
    assert document["bounds"] == [24.9375, 60.125, 24.953125, 60.140625]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_style_names_only_our_own_server(server: Server, token: str, theme: str, language: str):
    answer = server.get(f"/tiles/style/{theme}.json?lang={language}&token={token}")

    document = json.loads(answer.body)
    assert "glyphs" not in document and "sprite" not in document
    addresses = [source.get("url") or source["tiles"][0] for source in document["sources"].values()]
    assert all(f"http://127.0.0.1:{server.port}/" in address for address in addresses)
    ids = [layer["id"] for layer in document["layers"]]
    assert len(ids) == len(set(ids))
    assert all(layer.get("source", "grid") in document["sources"] for layer in document["layers"])
    cells = next(layer for layer in document["layers"] if layer["id"] == "cells-fill")
    assert cells["paint"]["fill-antialias"] is False


def test_a_base_map_is_read_piece_by_piece(server: Server, token: str, basemaps: Path):
    content = bytes(range(256)) * 4000
    (basemaps / "water.pmtiles").write_bytes(content)
    path = f"/base/water.pmtiles?token={token}"

    whole, piece, tail = (
        server.get(path),
        server.get(path, Range="bytes=1000-1999"),
        server.get(path, Range="bytes=-5"),
    )

    assert (whole.status, whole.body) == (200, content)
    assert whole.headers["accept-ranges"] == "bytes"
    assert (piece.status, piece.body) == (206, content[1000:2000])
    assert piece.headers["content-range"] == f"bytes 1000-1999/{len(content)}"
    assert tail.body == content[-5:]
    assert server.get(path, Range=f"bytes={len(content)}-").status == 416
    assert server.get(path, If_None_Match=whole.headers["etag"]).status == 304
    assert server.get(path, Range="bytes=0-9", If_Range='"other"').status == 200
    assert server.ask("HEAD", path).headers["content-length"] == str(len(content))


@pytest.mark.parametrize("name", ["../secret_key", "..%2fsecret_key", "nothing", "a/b", ".hidden"])
def test_a_base_map_is_no_way_to_other_files(server: Server, token: str, name: str):
    assert server.get(f"/base/{name}.pmtiles?token={token}").status == 404


def test_every_answer_carries_the_security_headers(server: Server, token: str):
    for path in ("/healthz", f"/tiles/cells.json?token={token}", "/tiles/x", "/", "/api/welcome", "/live"):
        headers = server.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path


def test_a_foreign_host_name_is_refused(server: Server, token: str):
    answer = server.get(tile_path("assets", token), Host="evil.example")

    assert (answer.status, told(answer)["code"]) == (400, "bad_host")


def test_tiles_are_only_read(server: Server, token: str):
    answer = server.ask("POST", tile_path("assets", token), b"x")

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_json_post_reaches_django(city: None, server: Server):
    answer = server.ask(
        "POST", "/api/login", b'{"username": "nobody", "password": "x"}', Content_Type="application/json"
    )

    assert answer.status in (401, 403)
    assert json.loads(answer.body)["code"]


def test_the_query_of_a_client_that_left_is_stopped(city: None, server: Server, token: str, owner, superuser):
    def waiting() -> bool:
        with superuser.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND usename = 'geogrid_tile_reader' AND wait_event_type = 'Lock'"
            )
            return bool(cursor.fetchone()[0])

    with owner.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE asset IN ACCESS EXCLUSIVE MODE")
        leaver = server.connection()
        leaver.request("GET", tile_path("assets", token, z=17))
        wait_while_running(server.process, waiting, 10)

        leaver.close()

        wait_while_running(server.process, lambda: not waiting(), 10)
        cursor.execute("ROLLBACK")
