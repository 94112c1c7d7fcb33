"""One thing made ahead, in a thread of its own, while the caller waits for the database."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Ahead(Generic[Thing]):
    """Gives what `make` makes, until that makes None.

    The caller says when he waits for something else (`begin`); at the latest the next is made when he asks
    for it. Python lets one thread compute at a time: begun while the caller computes, it would slow him down.
    """

    def __init__(self, make: Callable[[], Thing | None]) -> None:
        self._make = make
        self._coming: Future[Thing | None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1)

    def begin(self) -> None:
        """Make the next now, unless that has begun."""
        if self._coming is None:
            self._coming = self._thread.submit(self._make)

    def __iter__(self) -> Iterator[Thing]:
        with self._thread:
            while True:
                self.begin()
                made = self._coming.result() if self._coming is not None else None
                self._coming = None
                if made is None:
                    return
                yield made
