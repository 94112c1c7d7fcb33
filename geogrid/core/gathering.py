"""What is written together: a line of what waits (requests, messages) and the threads that serve it.

What a transaction costs to begin and the wait for the disk are paid once for all who wait. The answer
is given by the work itself, after its commit: nobody is told of what is not kept.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection

from geogrid.core.raw import Answer, Scope, refusal

# A connection used so lately is not asked whether it is alive; Django asks before every request.
FRESH_S = 2.0
Item = TypeVar("Item")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """One request and where its answer goes."""

    scope: Scope
    body: bytes
    answer: "asyncio.Future[Answer]"
    loop: asyncio.AbstractEventLoop

    def give(self, answer: Answer) -> None:
        """Hand the answer to the loop's thread; nobody may be there any more. Only the first counts."""

        def give() -> None:
            if not self.answer.done():
                self.answer.set_result(answer)

        with suppress(RuntimeError):  # the loop was closed: the server is going down
            self.loop.call_soon_threadsafe(give)


class Line(Generic[Item]):
    """Things that wait, and the threads that hand them to `work` in the order of coming, all at once.

    work: deals with each of them, in a thread of ours with Django's connection; what it raises is a bug and
    given to `failed` with them. pause_s: how long the first waits for company; 0: nothing waits but for the
    round before. At most `most_at_once` go together.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[list[Item]], None],
        failed: Callable[[list[Item]], None],
        *,
        threads: int = 1,
        pause_s: float = 0.0,
        most_at_once: int = 32,
    ) -> None:
        self._name = name
        self._work = work
        self._failed = failed
        self._amount = threads
        self._pause_s = pause_s
        self._most_at_once = most_at_once
        self._line: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._is_closing = threading.Event()

    def start(self) -> None:
        """Begin to serve."""
        self._threads = [
            threading.Thread(target=self._serve, name=f"{self._name}-{n}", daemon=True)
            for n in range(self._amount)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Work off what waits, then end."""
        self._is_closing.set()
        for _ in self._threads:
            self._line.put(None)
        for thread in self._threads:
            thread.join()

    def put(self, item: Item) -> None:
        """Add to the end."""
        self._line.put(item)

    def waiting(self) -> int:
        """How many wait."""
        return self._line.qsize()

    def _serve(self) -> None:
        last_used = 0.0
        while True:
            first = self._line.get()
            if first is None:
                break
            if self._pause_s:
                self._is_closing.wait(self._pause_s)
            together, ended = self._all_who_wait(first)
            try:
                _renew_connection(is_fresh=time.monotonic() < last_used + FRESH_S)
                self._work(together)
            except Exception:  # a bug in one round must not end the service
                log.exception("%s failed on %s at once", self._name, len(together))
                self._failed(together)
            last_used = time.monotonic()
            if ended:
                break
        connection.close()

    def _all_who_wait(self, first: Item) -> tuple[list[Item], bool]:
        """`first` and those behind it, and whether the end was among them."""
        together = [first]
        with suppress(queue.Empty):
            while len(together) < self._most_at_once:
                following = self._line.get_nowait()
                if following is None:
                    return together, True
                together.append(following)
        return together, False


class Gatherer(Line[Waiting]):
    """A line of requests; past `most_waiting` the next are asked to come again. `work` answers each."""

    def __init__(
        self,
        name: str,
        work: Callable[[list[Waiting]], None],
        *,
        threads: int = 1,
        pause_s: float = 0.0,
        most_at_once: int = 32,
        most_waiting: int = 2_000,
    ) -> None:
        super().__init__(
            name, work, _answer_failure, threads=threads, pause_s=pause_s, most_at_once=most_at_once
        )
        self._most_waiting = most_waiting

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        """The answer to a request that is this gatherer's own."""
        if self.waiting() >= self._most_waiting:
            return refusal(503, "busy", "Too many requests are waiting. Send it again.", retry_after="1")
        loop = asyncio.get_running_loop()
        waiting = Waiting(scope, body, loop.create_future(), loop)
        self.put(waiting)
        return await waiting.answer


def _answer_failure(together: list[Waiting]) -> None:
    for waiting in together:
        waiting.give(refusal(500, "error", "The server failed on this; it is noted."))


def _renew_connection(*, is_fresh: bool) -> None:
    """What Django does at the beginning of a request."""
    kept: Any = connection
    kept.close_if_unusable_or_obsolete()
    if is_fresh:
        kept.health_check_done = True
