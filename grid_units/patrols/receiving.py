"""The doors of positions: raw handlers that gather for a moment, write, and only then acknowledge.

    POST /positions              our own JSON, many positions at once; Authorization: Bearer <token>
    GET, POST /positions/osmand  OsmAnd's parameters or Traccar Client's JSON; the token is the `id`
    POST /positions/traccar      a Traccar server's position forwarding; Authorization: Bearer <token>
    POST /positions/owntracks    OwnTracks in HTTP mode; the token is the password

What cannot be read is refused with the place and what to do; what can be read is kept, and flagged when it is
not to be used. A token is never written to a log.
"""

import base64
import binascii
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from django.db import Error, InterfaceError, OperationalError, connection
from django.utils import timezone
from rest_framework.exceptions import APIException, AuthenticationFailed

from geogrid.core.errors import Invalid, as_response
from geogrid.core.gathering import Gatherer, Waiting
from geogrid.core.parsing import strict_json
from geogrid.core.raw import JSON, Answer, Scope, header, query, refusal
from geogrid.organisations.authentication import BEARER_REALM, digest_of
from grid_units.patrols import protocols
from grid_units.patrols.fixes import Verdict
from grid_units.patrols.intake import Call, Refused, take_all
from grid_units.patrols.protocols import Protocol, Said, Unreadable

START = "/positions"
LARGEST_BYTES = 2 * 2**20
PAUSE_S = 0.08
MOST_TOGETHER = 10_000  # fixes in one transaction
BASIC_REALM = 'Basic realm="GeoGrid"'
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Door:
    """One way in. `read` gives the token and what is said; `realm` asks a stranger to prove itself."""

    protocol: Protocol
    methods: tuple[str, ...]
    read: Callable[[Scope, bytes, datetime], tuple[str, Said]]
    realm: str
    thanks: Callable[[Sequence[Verdict]], Answer]


def is_positions(scope: Scope) -> bool:
    """Whether a request is for one of the doors."""
    path: str = scope["path"]
    return path == START or path.startswith(START + "/")


class Pace:
    """How much each token may send: a bucket of fixes that fills again. Per process, in memory."""

    def __init__(
        self, *, burst: int = 20_000, per_s: float = 20.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._per_s = per_s
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def wait_s(self, digest: str, fixes: int) -> float:
        """Take so many fixes from the bucket: 0, or the seconds until there is room."""
        now = self._clock()
        if len(self._left) > 50_000:
            self._left.clear()
        left, at = self._left.get(digest, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._per_s)
        if left < fixes:
            self._left[digest] = left, now
            return (fixes - left) / self._per_s
        self._left[digest] = left - fixes, now
        return 0.0


class Positions:
    """The gatherer of all doors."""

    def __init__(self, pace: Pace | None = None, clock: Callable[[], datetime] = timezone.now) -> None:
        self._pace = pace or Pace()
        self._clock = clock
        self._gatherer = Gatherer(
            "positions", self.serve, pause_s=PAUSE_S, most_at_once=500, most_waiting=10_000
        )
        self.start = self._gatherer.start
        self.close = self._gatherer.close
        self.answer = self._gatherer.answer

    def serve(self, together: list[Waiting]) -> None:
        """Answer each: the unreadable at once, the others after the commit of all."""
        now = self._clock()
        read: list[tuple[Waiting, Door, Call]] = []
        for waiting in together:
            answer = None
            door = DOORS.get(waiting.scope["path"])
            if door is None:
                doors = ", ".join(DOORS)
                answer = refusal(404, "not_found", f"Positions are taken at {doors}.")
            elif waiting.scope["method"] not in door.methods:
                allowed = ", ".join(door.methods)
                answer = refusal(405, "method_not_allowed", f"Send it by {allowed}.", allow=allowed)
            elif len(waiting.body) > LARGEST_BYTES:
                detail = f"More than {LARGEST_BYTES // 2**20} MB; send fewer positions at once."
                answer = refusal(413, "too_large", detail)
            else:
                answer = self._read(waiting, door, now, read)
            if answer is not None:
                waiting.give(answer)
        for some in _portions(read):
            _take(some, now)

    def _read(
        self, waiting: Waiting, door: Door, now: datetime, read: list[tuple[Waiting, Door, Call]]
    ) -> Answer | None:
        """Read one request into `read`; the answer when it is refused."""
        try:
            token, said = door.read(waiting.scope, waiting.body, now)
        except Unreadable as error:
            fields = {error.where: [error.what]} if error.where else None
            return _refused(Invalid(str(error), fields), door)
        except APIException as error:
            return _refused(error, door)
        except Exception:  # a bug in one reading must not refuse the others of the gathering
            log.exception("a request to %s could not be read", waiting.scope["path"])
            return refusal(500, "error", "The server failed on this; it is noted.")
        digest = digest_of(token)
        wait_s = self._pace.wait_s(digest, len(said.fixes))
        if wait_s:
            detail = "This device sends too much. Send it again later, and less often."
            return refusal(429, "too_many", detail, retry_after=str(int(wait_s) + 1))
        read.append((waiting, door, Call(digest, said, door.protocol)))
        return None


def _portions(read: list[tuple[Waiting, Door, Call]]) -> Iterator[list[tuple[Waiting, Door, Call]]]:
    """Requests in groups that hold at most MOST_TOGETHER fixes, or one request."""
    portion: list[tuple[Waiting, Door, Call]] = []
    fixes = 0
    for one in read:
        size = len(one[2].said.fixes)
        if portion and fixes + size > MOST_TOGETHER:
            yield portion
            portion, fixes = [], 0
        portion.append(one)
        fixes += size
    if portion:
        yield portion


def _take(read: list[tuple[Waiting, Door, Call]], now: datetime) -> None:
    try:
        results = take_all([call for _, _, call in read], now)
    except Error as error:
        is_gone = isinstance(error, OperationalError | InterfaceError) and not connection.is_usable()
        if is_gone or len(read) == 1:
            for waiting, door, _ in read:
                waiting.give(_refused(error, door))
            return
        # One of them met a rule of the database, and nothing of this gathering was kept: each gets its own.
        log.warning("a gathering of %s was refused, trying one by one: %s", len(read), type(error).__name__)
        for one in read:
            _take([one], now)
        return
    for (waiting, door, _), result in zip(read, results, strict=True):
        waiting.give(door.thanks(result) if isinstance(result, tuple) else _refused(result, door))


def _refused(error: Refused | Exception, door: Door) -> Answer:
    """A refusal as the API words it."""
    response = as_response(error, {})
    if response is None:
        log.error("positions could not be kept: %s", error, exc_info=error)
        return refusal(500, "error", "The server failed on this; it is noted.")
    headers = {"cache-control": "no-store"}
    headers |= {name.lower(): value for name, value in response.items() if name == "Retry-After"}
    if response.status_code == 401:
        headers["www-authenticate"] = door.realm
    text = json.dumps(response.data, ensure_ascii=False, default=str)
    return Answer(response.status_code, text.encode(), JSON, headers)


# The doors, and what their clients expect to hear --------------------------------------------------------
def _told(verdicts: Sequence[Verdict]) -> Answer:
    """How many were kept, and how many are not used and why."""
    unused = Counter(str(verdict.unused) for verdict in verdicts if verdict.unused)
    said = {
        "taken": len(verdicts),
        "used": len(verdicts) - unused.total(),
        "unused": dict(sorted(unused.items())),
    }
    return Answer(200, json.dumps(said).encode(), JSON, {"cache-control": "no-store"})


def _quiet(verdicts: Sequence[Verdict]) -> Answer:
    """OsmAnd and Traccar look at the status only."""
    return Answer(200, b"", "", {"cache-control": "no-store"})


def _no_friends(verdicts: Sequence[Verdict]) -> Answer:
    """OwnTracks expects a list: the places of friends, of whom it is told none."""
    return Answer(200, b"[]", JSON, {"cache-control": "no-store"})


def _bearer(scope: Scope) -> str:
    kind, _, token = header(scope, "authorization").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise AuthenticationFailed("Send the device's token: Authorization: Bearer <token>.")
    return token.strip()


def _password(scope: Scope) -> str:
    kind, _, packed = header(scope, "authorization").partition(" ")
    password = ""
    if kind.lower() == "basic":
        with suppress(binascii.Error, UnicodeDecodeError):
            _, _, password = base64.b64decode(packed.strip(), validate=True).decode().partition(":")
    if not password:
        raise AuthenticationFailed("Set the device's token as the password in the app's connection settings.")
    return password


def _read_ours(scope: Scope, body: bytes, now: datetime) -> tuple[str, Said]:
    token = _bearer(scope)
    return token, protocols.of_batch(strict_json(body))


def _read_osmand(scope: Scope, body: bytes, now: datetime) -> tuple[str, Said]:
    if header(scope, "content-type").partition(";")[0].strip().lower() == JSON:
        told = strict_json(body)
        token = told.get("device_id") if isinstance(told, dict) else None
        if not isinstance(token, str) or not token:
            raise AuthenticationFailed("device_id is missing: set the device identifier in Traccar Client.")
        return token, protocols.of_traccar_client(told)
    parameters = query(scope)
    if body:
        try:
            parameters |= dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
        except ValueError:
            raise Unreadable("", "The form is not UTF-8, or has more than 100 fields.") from None
    token = parameters.get("id") or parameters.get("deviceid") or ""
    if not token:
        raise AuthenticationFailed("id is missing: set the device's token as the device identifier.")
    return token, protocols.of_osmand(parameters, now)


def _read_traccar(scope: Scope, body: bytes, now: datetime) -> tuple[str, Said]:
    token = _bearer(scope)
    return token, protocols.of_traccar_server(strict_json(body))


def _read_owntracks(scope: Scope, body: bytes, now: datetime) -> tuple[str, Said]:
    token = _password(scope)
    # An empty body is how the app says that a friend was deleted.
    return token, protocols.of_owntracks(strict_json(body)) if body.strip() else Said(())


DOORS: dict[str, Door] = {
    START: Door(Protocol.OURS, ("POST",), _read_ours, BEARER_REALM, _told),
    f"{START}/osmand": Door(Protocol.OSMAND, ("GET", "POST"), _read_osmand, BEARER_REALM, _quiet),
    f"{START}/traccar": Door(Protocol.TRACCAR, ("POST",), _read_traccar, BEARER_REALM, _quiet),
    f"{START}/owntracks": Door(Protocol.OWNTRACKS, ("POST",), _read_owntracks, BASIC_REALM, _no_friends),
}
