"""The load of B1: phones that send their positions over HTTP, and listeners that wait for them."""

import asyncio
import base64
import json
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

RECORD = np.dtype([("id", "<u4"), ("dx", "<i2"), ("dy", "<i2")])
PERIOD_S = 5.0
BATCH = 4  # fixes in one request of those phones that send several at once
STEP_M = 6.0
DEGREES_PER_M = 1 / 111_195


@dataclass
class Phone:
    """A device that walks to and fro by its cell's middle. Half of them send every fix alone, as OsmAnd does;
    the others four at once, as our own JSON."""

    id: int
    token: str
    lng: float
    lat: float
    sent: int = 0

    def place(self, number: int) -> tuple[float, float]:
        """Where it is at its fix of this number: ten steps north, ten back."""
        phase = number % 20
        return self.lng, self.lat + STEP_M * DEGREES_PER_M * min(phase, 20 - phase)


@dataclass
class Sent:
    """What all phones sent and were answered."""

    acknowledged: list[tuple[int, float]] = field(default_factory=list)  # (device, device time)
    refused: list[str] = field(default_factory=list)
    waiting: dict[int, deque[tuple[float, float, float]]] = field(default_factory=lambda: defaultdict(deque))
    answered_s: list[float] = field(default_factory=list)


class Pool:
    """Connections that are kept open, each doing one request after the other."""

    def __init__(self, port: int, amount: int, sent: Sent) -> None:
        self._port = port
        self.line: asyncio.Queue[tuple[float, bytes, int, list[float], tuple[float, float]]] = asyncio.Queue()
        self._sent = sent
        self.tasks = [asyncio.create_task(self._work()) for _ in range(amount)]

    async def _work(self) -> None:
        reader = writer = None
        while True:
            due, request, device, times, place = await self.line.get()
            self._sent.waiting[device].append((time.time(), *place))
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                assert reader is not None
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                body = await reader.readexactly(int(length or 0))
            except (OSError, asyncio.IncompleteReadError) as error:
                self._sent.refused.append(repr(error))
                writer = None
                continue
            if b" 200 " in head[:20]:
                self._sent.acknowledged += [(device, at) for at in times]
                self._sent.answered_s.append(time.monotonic() - due)
            else:
                self._sent.refused.append((head[:20] + body).decode())

    async def drained(self) -> None:
        """Until everything that was asked for has been answered, or half a minute."""
        until = time.monotonic() + 30
        while self.line.qsize() and time.monotonic() < until:
            await asyncio.sleep(0.1)
        await asyncio.sleep(2.5)


def single(phone: Phone, at: float) -> bytes:
    lng, lat = phone.place(phone.sent)
    query = f"id={phone.token}&lat={lat:.7f}&lon={lng:.7f}&timestamp={at * 1000:.0f}&speed=2.3&accuracy=5"
    return f"GET /positions/osmand?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def batch(phone: Phone, times: list[float]) -> bytes:
    positions = []
    for number, at in enumerate(times, phone.sent):
        lng, lat = phone.place(number)
        positions.append({"at": int(at * 1000), "lng": lng, "lat": lat, "accuracy_m": 5, "speed_mps": 1.2})
    body = json.dumps({"positions": positions}).encode()
    head = (
        f"POST /positions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {phone.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def ask(pool: Pool, phone: Phone, number: int, now: float, due: float, period_s: float = PERIOD_S) -> int:
    """Put the next request of a phone into the line; how many fixes it holds."""
    if number % 2 == 0:
        at = round(now, 3)
        pool.line.put_nowait((due, single(phone, at), phone.id, [at], phone.place(phone.sent)))
        phone.sent += 1
        return 1
    times = [round(now - period_s * back, 3) for back in range(BATCH - 1, -1, -1)]
    request = batch(phone, times)
    phone.sent += BATCH
    pool.line.put_nowait((due, request, phone.id, times, phone.place(phone.sent - 1)))
    return BATCH


async def pace(pool: Pool, phones: list[Phone], seconds: float, period_s: float = PERIOD_S) -> int:
    """One fix for each phone every period, evenly spread; how many were sent."""
    turns: list[tuple[float, int]] = []
    for number in range(len(phones)):
        every = period_s if number % 2 == 0 else period_s * BATCH
        first = every * ((number * 0.6180339887) % 1)
        turns += [(first + every * n, number) for n in range(math.ceil((seconds - first) / every))]
    turns.sort()
    began, began_at, fixes = time.monotonic(), time.time(), 0
    for offset, number in turns:
        ahead = began + offset - time.monotonic()
        if ahead > 0.005:
            await asyncio.sleep(ahead)
        fixes += ask(pool, phones[number], number, began_at + offset, began + offset, period_s)
    return fixes


async def push(pool: Pool, phones: list[Phone], seconds: float, depth: int) -> None:
    """As fast as it is answered."""
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        while pool.line.qsize() < depth:
            phone = phones[number % len(phones)]
            ask(pool, phone, number % len(phones), time.time(), time.monotonic())
            number += 1
        await asyncio.sleep(0.005)


class Listener:
    """One live connection, opened again with a new token when the old one has run out."""

    def __init__(self, port: int, token: Callable[[], str], sent: Sent | None) -> None:
        self._port = port
        self._token = token
        self._sent = sent
        self.is_listening = asyncio.Event()
        self.latencies_s: list[float] = []
        self.sent_at: list[float] = []  # of the same fixes, seconds since 1970
        self.events = self.bytes = self.connections = 0

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**22)
                # "close": the stream ends with its token, and this reads no chunks that would tell it so.
                head = f"GET /live?token={self._token()} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close"
                writer.write(f"{head}\r\n\r\n".encode())
                await reader.readuntil(b"\r\n\r\n")
                self.connections += 1
                try:
                    while True:
                        self._hear(await reader.readuntil(b"\n\n"))
                finally:
                    writer.close()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.2)

    def _hear(self, piece: bytes) -> None:
        now = time.time()
        self.bytes += len(piece)
        if b"event: hello" in piece:
            self.is_listening.set()
        if b"event: positions" not in piece:
            return
        self.events += 1
        if self._sent is None:
            return
        data: dict[str, Any] = json.loads(piece.partition(b"data: ")[2].splitlines()[0])
        records = np.frombuffer(base64.b64decode(data["points"]), RECORD)
        lats = data["origin"][1] + records["dy"] * data["step"]
        for device, lat in zip(records["id"].tolist(), lats.tolist(), strict=True):
            line = self._sent.waiting.get(device)
            while line:
                at, _, said_lat = line[0]
                if abs(said_lat - lat) > data["step"] and len(line) == 1:
                    break  # this is still the place before
                line.popleft()
                self.latencies_s.append(now - at)
                self.sent_at.append(at)
