"""Tiles on demand: one query for all who wait, none for those who left, never a stale one kept."""

import asyncio
import threading
from typing import Any

import psycopg2
import pytest

from geogrid.changes.passes import Pass
from geogrid.core.reading import Cancelled, Query, Readers
from geogrid.embedded.testing import TestDatabase
from tiles.layers import LAYERS
from tiles.service import TileService
from tiles.squares import Square

ASSETS, SQUARE, ANYONE = (LAYERS["assets"],), Square(16, 37300, 18960), Pass(0, 0)


class SlowService(TileService):
    """Makes each tile only when told to."""

    def __init__(self, fail: bool = False) -> None:
        super().__init__(readers=_NoDatabase())  # type: ignore[arg-type]
        self.made = 0
        self.fail = fail
        self.go_on = threading.Event()
        self.has_begun = threading.Event()

    def make(self, cursor: Any, layers: Any, square: Square, asked_by: Pass) -> bytes:
        self.made += 1
        self.has_begun.set()
        assert self.go_on.wait(10)
        if self.fail:
            raise psycopg2.OperationalError("no database")
        return b"tile %d" % self.made


class _NoDatabase:
    async def read(self, work: Any, query: Query) -> Any:
        return await asyncio.to_thread(query.run, _NoConnection(), work)


class _NoConnection:
    def cursor(self) -> "_NoConnection":
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> None:
        return None

    def cancel(self) -> None:
        return None


async def begun(service: SlowService) -> None:
    await asyncio.to_thread(service.has_begun.wait, 10)


def test_all_who_wait_for_a_tile_share_one_query():
    async def ask() -> list[Any]:
        service = SlowService()
        asked = [asyncio.create_task(service.tile(ASSETS, SQUARE, ANYONE)) for _ in range(20)]
        await begun(service)
        service.go_on.set()
        return [service.made, *(await asyncio.gather(*asked))]

    made, *tiles = asyncio.run(ask())

    assert made == 1
    assert {tile.plain for tile in tiles} == {b"tile 1"}


def test_a_tile_that_became_stale_while_it_was_made_is_not_kept():
    async def ask() -> list[bytes]:
        service = SlowService()
        first = asyncio.create_task(service.tile(ASSETS, SQUARE, ANYONE))
        await begun(service)
        service.forget([("asset", None)])
        service.go_on.set()
        return [(await first).plain, (await service.tile(ASSETS, SQUARE, ANYONE)).plain]

    assert asyncio.run(ask()) == [b"tile 1", b"tile 2"]


def test_a_failure_is_not_kept():
    async def ask() -> bytes:
        service = SlowService(fail=True)
        service.go_on.set()
        with pytest.raises(psycopg2.OperationalError):
            await service.tile(ASSETS, SQUARE, ANYONE)
        service.fail = False
        return (await service.tile(ASSETS, SQUARE, ANYONE)).plain

    assert asyncio.run(ask()) == b"tile 2"


def test_one_who_leaves_does_not_take_the_tile_from_the_others():
    async def ask() -> bytes:
        service = SlowService()
        leaver = asyncio.create_task(service.tile(ASSETS, SQUARE, ANYONE))
        stayer = asyncio.create_task(service.tile(ASSETS, SQUARE, ANYONE))
        await begun(service)
        leaver.cancel()
        service.go_on.set()
        return (await stayer).plain

    assert asyncio.run(ask()) == b"tile 1"


def test_people_of_different_territories_do_not_share_tiles_of_incidents():
    async def ask() -> int:
        service = SlowService()
        service.go_on.set()
        layers = (LAYERS["incidents"],)
        for seen_by in (
            Pass(1, 0, prefixes=("1",)),
            Pass(2, 0, prefixes=("2",)),
            Pass(1, 0, prefixes=("1",)),
        ):
            await service.tile(layers, SQUARE, seen_by)
        return service.made

    assert asyncio.run(ask()) == 2


def test_a_query_that_nobody_waits_for_is_stopped_in_the_database(test_database: TestDatabase, superuser):
    async def ask() -> str:
        readers, query = Readers("tile_reader"), Query()
        running = asyncio.create_task(
            readers.read(lambda cursor: cursor.execute("SELECT pg_sleep(30)"), query)
        )
        await asyncio.to_thread(_sleeper_is, superuser, True)
        query.give_up()
        try:
            await asyncio.wait_for(running, 10)
        except Cancelled:
            return "stopped"
        return "ran to its end"

    assert asyncio.run(ask()) == "stopped"
    _sleeper_is(superuser, False)


def _sleeper_is(superuser: Any, there: bool) -> None:
    for _ in range(2_000):
        with superuser.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'active' AND query = 'SELECT pg_sleep(30)'"
            )
            if (cursor.fetchone()[0] > 0) == there:
                return
    raise AssertionError(f"a sleeping query should be {'there' if there else 'gone'}")


def test_a_broken_connection_is_made_anew(test_database: TestDatabase, superuser):
    readers = Readers("tile_reader")

    def own_pid(cursor: Any) -> int:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])

    first = readers.read_now(own_pid)
    with superuser.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])

    assert readers.read_now(own_pid) != first
