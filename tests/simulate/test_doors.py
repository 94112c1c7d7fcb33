"""Letters are kept until the server has taken them, in order, and each once."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from geogrid.simulate.doors import Letter, Outbox, Server, letter
from tests.asgi.running import free_port


class Door:
    """A server that answers as it is told; it notes what it has taken."""

    def __init__(self, port: int) -> None:
        self.answers: list[int] = []
        self.taken: list[Any] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = door.answers.pop(0) if door.answers else 201
                if status < 300:
                    door.taken.append((self.headers["Authorization"], said))
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Moments:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def clock() -> Moments:
    return Moments()


@pytest.fixture
def outbox(port: int, heard: list[str], clock: Moments) -> Iterator[Outbox]:
    box = Outbox(Server(f"http://127.0.0.1:{port}"), heard.append, clock=clock)
    yield box
    box.close()


def letters(count: int) -> list[Letter]:
    return [letter("/observations", {"nr": nr}, "ggs_x") for nr in range(count)]


def test_what_is_put_while_the_server_is_away_comes_when_it_is_back(
    outbox: Outbox, port: int, heard: list[str], clock: Moments
):
    outbox.put(letters(3))

    assert outbox.send() > 0 and len(outbox) == 3
    with closing(Door(port)) as door:
        assert outbox.send() > 0, "not before its time"
        clock.now += 100
        assert outbox.send() == 0

    assert door.taken == [("Bearer ggs_x", {"nr": nr}) for nr in range(3)]
    assert (outbox.taken, outbox.refused) == ({"/observations": 3}, 0)
    assert "kept" in heard[0] and "answers again" in heard[1] and len(heard) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_cannot_now_is_asked_again_in_order(
    outbox: Outbox, port: int, clock: Moments, status: int
):
    outbox.put(letters(2))
    with closing(Door(port)) as door:
        door.answers = [201, status]
        assert outbox.send() > 0
        clock.now += 100
        assert outbox.send() == 0

    assert [said["nr"] for _, said in door.taken] == [0, 1]


def test_what_is_refused_for_good_is_told_and_holds_nobody_up(outbox: Outbox, port: int, heard: list[str]):
    outbox.put(letters(3))
    with closing(Door(port)) as door:
        door.answers = [201, 422]
        assert outbox.send() == 0

    assert [said["nr"] for _, said in door.taken] == [0, 2]
    assert outbox.refused == 1 and "refused (422)" in heard[0]


def test_an_address_that_is_none_is_said_so():
    with pytest.raises(ValueError, match="no address of a server"):
        Server("localhost:8000")
