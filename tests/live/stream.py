"""Reads /live of a running server, event by event."""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.asgi.running import Server


@dataclass
class Event:
    """One server-sent event."""

    name: str
    data: Any
    id: str


class Stream:
    """One open connection to /live."""

    def __init__(self, server: Server, token: str, last_event_id: str = "", scopes: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        narrowed = f"&scopes={scopes}" if scopes else ""
        self._connection.request("GET", f"/live?token={token}{narrowed}", headers=headers)
        self.answer = self._connection.getresponse()
        self.last_id = last_event_id

    def next(self) -> Event:
        """The next event."""
        event = self.next_or_end()
        assert event is not None, "the stream has ended"
        return event

    def next_or_end(self) -> Event | None:
        """The next event; None when the server has ended the stream."""
        name, data, mark = "message", "", ""
        while True:
            line = self.answer.readline()
            if not line:
                return None
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data += value
            elif field == "id":
                mark = self.last_id = value
            elif field == "" and data:
                return Event(name, json.loads(data), mark)

    def until(self, name: str, **wanted: Any) -> Event:
        """The next event of this name whose data holds `wanted`; the others are passed over."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            event = self.next()
            if event.name == name and all(event.data.get(key) == value for key, value in wanted.items()):
                return event
        raise AssertionError(f"no {name} {wanted}")

    def next_or_poke(self, poke: Callable[..., None], *values: Any) -> Event | None:
        """Make something happen, then read: a quiet stream is looked at only every 15 seconds."""
        poke(*values)
        return self.next_or_end()

    def close(self) -> None:
        self.answer.close()
        self._connection.close()
