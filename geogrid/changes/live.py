"""/live: server-sent events for holders of a feed token. The raw ASGI handler and its list of listeners."""

import asyncio
import contextlib
import logging
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg2

from geogrid.changes import passes
from geogrid.changes.feed import Position, as_text, event, events_for, position_of
from geogrid.changes.passes import Pass
from geogrid.changes.poller import Batch, ChangeRow, Poller, changes_between, features_of
from geogrid.core.raw import Receive, Scope, Send, header, query, refusal, send_answer, start
from geogrid.core.reading import Readers
from geogrid.core.signing import BadToken

HEARTBEAT_S = 4.0  # a page says that it is stale when two are missing: within 10 s
QUEUE = 256  # batches that a slow client may lag behind before it is let go
REPLAYED_AT_MOST = 2_000  # rows; beyond, asking for everything again is cheaper
REMEMBERED_S = 9 * 60  # the clock never trims rows younger than ten minutes
HEARTBEAT = b": all is well\n\n"
CATCH_UP_S = 2.0
TOLD_AGAIN_S = (
    10.0  # what moved is told to who comes (back) within this; older places come by the asking for all
)
LOOK_S = 2.0  # between looks at whose rights were taken away
Render = Callable[[Pass, tuple[str, ...]], str]
_PREFIXES = re.compile(r"\d{1,15}(,\d{1,15}){0,49}")
log = logging.getLogger(__name__)


@dataclass(eq=False)
class Listener:
    """One open connection. None in the queue ends it."""

    seen_by: Pass
    wanted: tuple[str, ...]
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    is_slow: bool = False

    def tell(self, piece: bytes | None) -> None:
        """Put a piece into the queue; one that is full marks the listener as too slow."""
        if self.is_slow:
            return
        try:
            self.queue.put_nowait(piece)
        except asyncio.QueueFull:
            self.is_slow = True


class LiveFeed:
    """All listeners of this process. Its methods run in the event loop's thread."""

    def __init__(
        self, poller: Poller, readers: Readers | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._poller = poller
        self._readers = readers or Readers("app", threads=2)
        self._clock = clock
        self._listeners: dict[tuple[object, ...], set[Listener]] = defaultdict(set)
        self._position = Position("", 0, "")
        self._told: deque[tuple[float, Render]] = deque()
        self._beat_at = self._looked_at = 0.0
        self._is_open = asyncio.Event()
        self._next_poll = asyncio.Event()
        self._is_closing = False

    # What the poller says ------------------------------------------------------------------------------
    def begin(self, epoch: str, snapshot: str) -> None:
        """The log begins here (at the start, or in another database): whoever listens asks for all anew."""
        self._position = Position(epoch, int(self._clock()), snapshot)
        self._told.clear()
        self._is_open.set()
        for listener in self._everyone():
            listener.tell(event("reload", {}, self._position).encode())

    def publish(self, batch: Batch) -> None:
        """Tell each group of listeners who see the same what it may know, rendered once."""
        self._position = Position(self._position.epoch, int(self._clock()), batch.snapshot)
        for group in self._listeners.values():
            any_of_them = next(iter(group), None)
            if any_of_them is None:
                continue
            changes = events_for(any_of_them.seen_by, batch.rows, batch.features, any_of_them.wanted)
            text = as_text(changes, lambda: self._position)
            if text:
                piece = text.encode()
                for listener in group:
                    listener.tell(piece)

    def tell(self, render: Render) -> None:
        """Tell each group of listeners what `render(pass, wanted)` says for them, if anything.

        For what is no change and stands by itself, such as where points are: nothing is replayed, but who
        comes is told the last TOLD_AGAIN_S seconds of it, since streams end and are opened anew now and then.
        """
        now = self._clock()
        self._told.append((now, render))
        while now - self._told[0][0] > TOLD_AGAIN_S:
            self._told.popleft()
        for group in self._listeners.values():
            any_of_them = next(iter(group), None)
            text = render(any_of_them.seen_by, any_of_them.wanted) if any_of_them else ""
            if text:
                piece = text.encode()
                for listener in group:
                    listener.tell(piece)

    def heard(self, snapshot: str) -> None:
        """A poll is done; `snapshot` is what has been seen by now.

        Heartbeats hang on it: when the log cannot be read the streams fall silent, and the pages say so.
        """
        now = self._clock()
        self._position = Position(self._position.epoch, int(now), snapshot)
        self._next_poll.set()
        self._next_poll = asyncio.Event()
        if now - self._looked_at >= LOOK_S:
            self._looked_at = now
            for listener in self._everyone():
                if self._poller.is_outdated(listener.seen_by.user_id, listener.seen_by.epoch):
                    listener.tell(None)
        if now - self._beat_at >= HEARTBEAT_S:
            self._beat_at = now
            for listener in self._everyone():
                listener.tell(HEARTBEAT)

    def close(self) -> None:
        """End all connections and take no more; the clients come back to whoever serves then."""
        self._is_closing = True
        for listener in self._everyone():
            listener.tell(None)

    def _everyone(self) -> list[Listener]:
        return [listener for group in self._listeners.values() for listener in group]

    # One connection ------------------------------------------------------------------------------------
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_closing:
            await send_answer(
                scope, send, refusal(503, "restarting", "The server restarts.", retry_after="1")
            )
            return
        asked = query(scope)
        try:
            seen_by = passes.read(asked.get("token", ""))
        except BadToken as bad:
            status = 401 if bad.expired or not asked.get("token") else 403
            await send_answer(scope, send, refusal(status, "bad_token", str(bad)))
            return
        if self._poller.is_outdated(seen_by.user_id, seen_by.epoch):
            await send_answer(
                scope, send, refusal(403, "revoked", "Your rights have changed; ask for a new token.")
            )
            return
        if asked.get("scopes") and not _PREFIXES.fullmatch(asked["scopes"]):
            detail = "scopes= takes unit codes or their beginnings, separated by commas."
            await send_answer(scope, send, refusal(400, "bad_scopes", detail))
            return
        wanted = tuple(sorted(filter(None, asked.get("scopes", "").split(","))))
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        await send(start(200, "text/event-stream; charset=utf-8", headers))
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        known = position_of(header(scope, "last-event-id") or asked.get("last_event_id", ""))
        has_id = bool(header(scope, "last-event-id") or asked.get("last_event_id"))
        listener = Listener(seen_by, wanted)
        leaving = asyncio.ensure_future(_left(receive))
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_open.wait(), HEARTBEAT_S)
            await self._serve(listener, known, has_id, send, leaving)
            with contextlib.suppress(Exception):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._forget(listener)
            leaving.cancel()

    async def _serve(
        self,
        listener: Listener,
        known: Position | None,
        has_id: bool,
        send: Send,
        leaving: "asyncio.Future[None]",
    ) -> None:
        key = (*listener.seen_by.scope, listener.wanted)
        if known is not None and known.epoch == self._position.epoch:
            await self._catch_up_with(known)
        # From here on the queue takes all that comes after this position; what came before it is replayed.
        self._listeners[key].add(listener)
        here = self._position
        since = self._clock() - TOLD_AGAIN_S
        moved = "".join(render(listener.seen_by, listener.wanted) for at, render in self._told if at >= since)
        left_s = max(0.0, listener.seen_by.expires_at - self._clock())
        over = asyncio.get_running_loop().call_later(left_s, listener.tell, None)
        leaving.add_done_callback(lambda gone: listener.tell(None))
        hello = {"server_time": datetime.now(UTC).isoformat(timespec="milliseconds")}
        missed = await self._replay(listener, known, here) if has_id else ""
        try:
            await _write(send, f"{missed}retry: 1000\n{event('hello', hello, here)}{moved}".encode())
            while not listener.is_slow:
                piece = await listener.queue.get()
                while piece is not None and not listener.queue.empty():
                    more = listener.queue.get_nowait()
                    if more is None:
                        await _write(send, piece)
                        return
                    piece += more
                if piece is None:
                    return
                await _write(send, piece)
        finally:
            over.cancel()

    async def _catch_up_with(self, known: Position) -> None:
        """Wait until this process has seen what the client has seen elsewhere: it would be told twice."""
        until = self._clock() + CATCH_UP_S
        while not self._position.covers(known) and self._clock() < until:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._next_poll.wait(), CATCH_UP_S)

    async def _replay(self, listener: Listener, known: Position | None, here: Position) -> str:
        """What a client missed since `known`, up to `here`; or that it has to ask for everything again."""
        too_old = known is None or known.epoch != here.epoch or self._clock() - known.at > REMEMBERED_S
        if known is None or too_old:
            return event("reload", {}, here)

        def work(cursor: Any) -> tuple[list[ChangeRow], Any]:
            rows = changes_between(cursor, known.snapshot, here.snapshot, REPLAYED_AT_MOST + 1)
            return rows, features_of(cursor, rows) if len(rows) <= REPLAYED_AT_MOST else {}

        try:
            rows, features = await self._readers.read(work)
        except psycopg2.Error as error:
            log.warning("nothing could be replayed: %s", error)
            return event("reload", {}, here)
        if len(rows) > REPLAYED_AT_MOST:
            return event("reload", {}, here)
        changes = events_for(listener.seen_by, rows, features, listener.wanted)
        return as_text(changes, lambda: here)

    def _forget(self, listener: Listener) -> None:
        key = (*listener.seen_by.scope, listener.wanted)
        group = self._listeners.get(key)
        if group is not None:
            group.discard(listener)
            if not group:
                del self._listeners[key]


async def _write(send: Send, piece: bytes) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _left(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        continue
