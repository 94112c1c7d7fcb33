from collections.abc import Callable, Iterator

import pytest

from geogrid.changes.passes import Pass, issue
from tests.asgi.running import CITY, Server, serving
from tests.live.stream import Stream
from tests.tiles import drawn_city

Open = Callable[..., Stream]


@pytest.fixture(scope="module")
def server(test_database: object, django_db_setup: None) -> Iterator[Server]:
    with serving(CITY) as running:
        yield running


@pytest.fixture
def city(transactional_db: None, server: Server) -> None:
    """The drawn city, after its own changes have been told."""
    stream = Stream(server, issue(Pass(user_id=0, epoch=0)))
    stream.until("hello")
    drawn_city.draw()
    stream.until("change", kind="building")
    stream.close()


@pytest.fixture
def listen(server: Server) -> Iterator[Open]:
    """Open /live as the holder of a pass; closed after the test."""
    opened: list[Stream] = []

    def open_stream(
        seen_by: Pass, last_event_id: str = "", scopes: str = "", now: float | None = None
    ) -> Stream:
        opened.append(Stream(server, issue(seen_by, now=now), last_event_id, scopes))
        return opened[-1]

    yield open_stream
    for stream in opened:
        stream.close()
