"""Taking what comes in together: what waits while a transaction is written shares the next one."""

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from django.db import connection

Item = TypeVar("Item")
log = logging.getLogger(__name__)


class Gatherer(Generic[Item]):
    """One thread that hands what waits to `work`, at most `most_at_once` at a time, in the order of coming.

    Nothing waits for company: alone, an item is a group of one. `work` answers its items itself, also when
    it fails; what it lets through is a bug and given to `failed`.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[list[Item]], None],
        failed: Callable[[list[Item]], None],
        *,
        most_at_once: int,
    ) -> None:
        self._name = name
        self._work = work
        self._failed = failed
        self._most_at_once = most_at_once
        self._line: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to take items."""
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Work off what waits, then end."""
        self._line.put(None)
        if self._thread is not None:
            self._thread.join()

    def put(self, item: Item) -> None:
        """Add to the line."""
        self._line.put(item)

    def waiting(self) -> int:
        """How many wait."""
        return self._line.qsize()

    def _run(self) -> None:
        ended = False
        while not ended:
            first = self._line.get()
            if first is None:
                break
            together, ended = self._all_who_wait(first)
            try:
                kept: Any = connection
                kept.close_if_unusable_or_obsolete()
                self._work(together)
            except Exception:  # a bug in one round must not end the intake
                log.exception("%s failed on %s items", self._name, len(together))
                self._failed(together)
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
