"""The ASGI application: `granian --interface asgi geogrid.asgi:application`."""

import asyncio
import os
import signal
import threading
from types import FrameType
from typing import Any

from django.core.wsgi import get_wsgi_application

from assets.terrain.tiles import TerrainTiles
from geogrid.changes.announcing import QgisAnnouncer
from geogrid.changes.live import LiveFeed
from geogrid.changes.passes import Pass
from geogrid.changes.poller import Batch, Poller
from geogrid.web.basemaps import serve_basemap
from geogrid.web.downloads import serve_download
from geogrid.web.pages import ENTRIES, serve_page
from geogrid.web.shell import Shell, Taker, healthy
from tiles.handler import TileHandler
from tiles.service import TileService

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geogrid.settings")

django_wsgi = get_wsgi_application()

from assets.sensors.receiving import is_observation, observation_intake  # noqa: E402  need the models
from grid_units.patrols.receiving import Positions, is_positions  # noqa: E402
from grid_units.patrols.ticker import Render, Ticker  # noqa: E402
from incidents.machine_intake import is_for_machines, machine_intake  # noqa: E402
from tiles.ogc import tilesets  # noqa: E402

poller = Poller()
tiles = TileService()
live = LiveFeed(poller)
intake = machine_intake()
positions = Positions()
observations = observation_intake()


def _is_revoked(asked_by: Pass) -> bool:
    return poller.is_outdated(asked_by.user_id, asked_by.epoch)


terrain = TerrainTiles(is_revoked=_is_revoked)


def _start() -> None:
    """Let the poller's thread speak to tiles and feed in the loop's thread. Tiles first: who hears of a
    change and asks for the tile must not get the old one."""
    loop = asyncio.get_running_loop()

    def found(batch: Batch) -> None:
        loop.call_soon_threadsafe(tiles.forget, [(row.kind, row.box) for row in batch.rows])
        loop.call_soon_threadsafe(live.publish, batch)

    def gap() -> None:
        loop.call_soon_threadsafe(tiles.forget_everything)
        loop.call_soon_threadsafe(live.begin, poller.epoch, poller.snapshot)

    def polled(cursor: Any, batch: Batch) -> None:
        loop.call_soon_threadsafe(live.heard, batch.snapshot)

    def moved(render: Render) -> None:
        loop.call_soon_threadsafe(live.tell, render)

    ticker = Ticker(moved)
    poller.subscribe(found, gap)
    poller.subscribe(lambda batch: None, ticker.forget)
    poller.after_each_poll(polled)
    poller.after_each_poll(ticker)
    poller.after_each_poll(QgisAnnouncer())
    poller.start()
    tilesets.serve_with(tiles, loop)
    _end_streams_when_told_to_stop(loop)


def _end_streams_when_told_to_stop(loop: asyncio.AbstractEventLoop) -> None:
    """granian waits for open responses before it says that it stops; streams would keep it waiting for ever.

    It hears of signals through asyncio, which needs no handler of Python's own: ours stands beside it.
    """
    if threading.current_thread() is not threading.main_thread():
        return

    def end(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(live.close)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def _stop() -> None:
    poller.stop()
    tiles.readers.close()
    terrain.close()


application = Shell(
    django_wsgi,
    exact={"/live": live, "/healthz": healthy, **dict.fromkeys(ENTRIES, serve_page)},
    takers=(
        Taker(is_for_machines, intake.answer),
        Taker(is_positions, positions.answer),
        Taker(is_observation, observations.answer),
    ),
    under={
        "/tiles/": TileHandler(tiles, _is_revoked),
        "/base/": serve_basemap,
        "/terrain/": terrain,
        "/files/": serve_download,
    },
    starts=(_start, intake.start, positions.start, observations.start),
    stops=(live.close, intake.close, positions.close, observations.close, _stop),
)
