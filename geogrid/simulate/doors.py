"""The public doors over HTTP: letters that are kept until the server has taken them.

What gets no answer, 429 or 5xx is sent again, in order; what the server refuses for good is told and let go.
"""

import http.client
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

MOST_KEPT: Final = 50_000  # letters; past it the oldest are let go, and that is told
TIMEOUT_S: Final = 30.0
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 15.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Letter:
    """One request. `counts`: how many values or positions are in it."""

    path: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "POST"
    counts: int = 1


def letter(path: str, said: Any, token: str, *, counts: int = 1, **headers: str) -> Letter:
    """A letter with JSON in it, shown with a bearer token."""
    named = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Letter(path, json.dumps(said, ensure_ascii=False).encode(), tuple(named.items()), counts=counts)


class Server:
    """Where the doors are. Each thread has a connection of its own, which is kept open."""

    def __init__(self, address: str) -> None:
        """Raises ValueError with a sentence when the address is none."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{address} is no address of a server; it looks like http://127.0.0.1:8000")
        self.address = address.rstrip("/")
        self._is_tls = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._own = threading.local()

    def ask(self, one: Letter) -> tuple[int, bytes, float]:
        """(status, body, seconds that it asks to wait). 0 as the status: it could not be reached."""
        for is_first in (True, False):
            had = getattr(self._own, "connection", None)
            connection = had or self._connect()
            self._own.connection = connection
            try:
                connection.request(one.method, one.path, one.body or None, dict(one.headers))
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                self._own.connection = None
                # A server closes a connection that rested; a new one says whether it is there.
                if had is None or not is_first:
                    return 0, b"", 0.0
                continue
            wait = answer.getheader("Retry-After") or ""
            return answer.status, body, float(wait) if wait.isdecimal() else 0.0
        return 0, b"", 0.0

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._is_tls else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=TIMEOUT_S)


class Outbox:
    """Sends letters and keeps those that were not taken. One thread puts and sends."""

    def __init__(
        self,
        server: Server,
        say: Say,
        *,
        together: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """together: so many requests at once; the order among them is free then, so let them be of different
        devices."""
        self.taken: Counter[str] = Counter()
        self.refused = 0
        self._server, self._say, self._clock = server, say, clock
        self._kept: deque[Letter] = deque()
        self._pool = ThreadPoolExecutor(max_workers=together) if together > 1 else None
        self._together = together
        self._pause_s, self._not_before = 0.0, 0.0
        self._is_lost = False

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, letters: Iterable[Letter]) -> None:
        """Line letters up."""
        self._kept.extend(letters)
        dropped = 0
        while len(self._kept) > MOST_KEPT:
            self._kept.popleft()
            dropped += 1
        if dropped:
            self._say(f"The server is away for too long: the oldest {dropped} messages are given up.")

    def send(self) -> float:
        """Send what can be sent now; seconds to wait before it is worth trying again (0: all is sent)."""
        while self._kept:
            wait_s = self._not_before - self._clock()
            if wait_s > 0:
                return wait_s
            some = [self._kept.popleft() for _ in range(min(self._together, len(self._kept)))]
            asked = self._pool.map(self._server.ask, some) if self._pool else map(self._server.ask, some)
            again = [
                one for one, answer in zip(some, asked, strict=True) if not self._is_settled(one, *answer)
            ]
            self._kept.extendleft(reversed(again))
        return 0.0

    def close(self) -> None:
        """End the threads; letters that are kept are lost."""
        if self._pool:
            self._pool.shutdown()

    def _is_settled(self, one: Letter, status: int, body: bytes, wait_s: float) -> bool:
        """Whether the letter needs not be sent again."""
        if status in (0, 429) or status >= 500:
            if not self._is_lost:
                why = "is not reached" if status == 0 else f"cannot now ({status})"
                self._say(f"{self._server.address} {why}; everything is kept and sent again.")
            self._is_lost = True
            self._pause_s = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, 2 * self._pause_s))
            self._not_before = self._clock() + max(self._pause_s, min(wait_s, 60.0))
            return False
        if self._is_lost:
            self._say(f"{self._server.address} answers again; sending what was kept.")
        self._is_lost, self._pause_s = False, 0.0
        if status < 300:
            self.taken[one.path.partition("?")[0]] += one.counts
            return True
        self.refused += 1
        if self.refused <= 5:
            said = body.decode("utf-8", "replace")[:300]
            self._say(f"{one.path.partition('?')[0]} refused ({status}): {said}")
        return True
