"""The ASGI shell: raw handlers for what is hot or streams, Django's WSGI application for the rest."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from a2wsgi import WSGIMiddleware

from geogrid.core.raw import (
    Answer,
    Handler,
    Message,
    Receive,
    Scope,
    Send,
    host_is_ours,
    refusal,
    send_answer,
)
from geogrid.web.uploads import Incomplete, gather, handing_out

log = logging.getLogger(__name__)
DJANGO_THREADS = 10


@dataclass(frozen=True)
class Taker:
    """A raw handler of requests with a body: whether one is its own, and the answer to it."""

    is_mine: Callable[[Scope], bool]
    answer: Callable[[Scope, bytes], Awaitable[Answer]]


class Shell:
    """One process's application. `starts` run at its start in order, `stops` at its end."""

    def __init__(
        self,
        django: Any,
        *,
        exact: dict[str, Handler],
        under: dict[str, Handler],
        takers: tuple[Taker, ...] = (),
        starts: tuple[Callable[[], None], ...] = (),
        stops: tuple[Callable[[], None], ...] = (),
    ) -> None:
        """django: a WSGI application; exact: raw handlers by path; under: by the beginning of the path;
        takers: raw handlers of requests with a body, asked before Django."""
        self._django_app = django
        self._wsgi: Any = None
        self._exact = exact
        self._under = under
        self._takers = takers
        self._starts = starts
        self._stops = stops

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            raw = self._raw_handler(scope["path"])
            taker = next((taker for taker in self._takers if taker.is_mine(scope)), None)
            if raw:
                await self._answer_reading(raw, scope, receive, send)
            elif taker:
                await self._guarded(partial(self._answer_taking, taker), scope, receive, send)
            else:
                await self._answer_django(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    def _raw_handler(self, path: str) -> Handler | None:
        if path in self._exact:
            return self._exact[path]
        return next((handler for start, handler in self._under.items() if path.startswith(start)), None)

    async def _answer_reading(self, handler: Handler, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            answer = refusal(
                405, "method_not_allowed", "Only GET and HEAD are answered here.", allow="GET, HEAD"
            )
            await send_answer(scope, send, answer)
            return
        await self._guarded(handler, scope, receive, send)

    async def _answer_taking(self, taker: Taker, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            gathered = await gather(scope, receive)
        except Incomplete as incomplete:
            await send_answer(scope, send, incomplete.answer)
            return
        with gathered:
            body = gathered.read()
        await send_answer(scope, send, await taker.answer(scope, body))

    async def _guarded(self, handler: Handler, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a raw handler for our own host names only, and let no bug of it end the process."""
        if not host_is_ours(scope):
            await send_answer(scope, send, refusal(400, "bad_host", "This is not a name of this server."))
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await handler(scope, receive, watched)
        except Exception:  # the last line of defence: a bug in one request must not end the process
            log.exception("raw handler failed on %s", scope["path"])
            if not begun:
                await send_answer(
                    scope, send, refusal(500, "error", "The server failed on this; it is noted.")
                )

    async def _answer_django(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._wsgi is None:  # made inside the running loop, which a2wsgi asks for
            self._wsgi = WSGIMiddleware(self._django_app, workers=DJANGO_THREADS)
        try:
            body = await gather(scope, receive)
        except Incomplete as incomplete:
            await send_answer(scope, send, incomplete.answer)
            return
        with body:
            await self._wsgi(scope, handing_out(body), send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                for start in self._starts:
                    start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                for stop in self._stops:
                    with contextlib.suppress(Exception):
                        await asyncio.to_thread(stop)
                await send({"type": "lifespan.shutdown.complete"})
                return


async def healthy(scope: Scope, receive: Receive, send: Send) -> None:
    """Alive. Says nothing about the database: a restart of ours would not mend it."""
    await send_answer(scope, send, Answer(200, b"ok\n", "text/plain", {"cache-control": "no-store"}))
