"""POST of observations by machines: a raw handler that gathers, writes, and only then acknowledges.

Two forms at three addresses: the plain one at /observations, SensorThings at /sta/v1.1/Observations and at
/sta/v1.1/Datastreams(id)/Observations. Who sends shows the token of a station (see `speaking.py`).
"""

import asyncio
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import Error
from django.utils import timezone
from rest_framework.exceptions import ParseError

from assets.sensors.gathering import Gatherer
from assets.sensors.messages import Said, Unreadable, plain, sensorthings
from assets.sensors.observing import Kept, Reading, observe
from assets.sensors.speaking import NOBODY, Speaker, known_tokens, readings_of, token_in
from geogrid.core.errors import as_response
from geogrid.core.parsing import strict_json
from geogrid.core.raw import JSON, Answer, Scope, header, origin, refusal

PLAIN_PATH = "/observations"
_STA = re.compile(r"/sta/v1\.1/(?:Datastreams\((\d{1,18})\)/)?Observations")
MOST_AT_ONCE = 64
MOST_WAITING = 2_000


def is_observation(scope: Scope) -> bool:
    """Whether this is for us: a POST to one of the three addresses."""
    return scope["method"] == "POST" and (
        scope["path"] == PLAIN_PATH or _STA.fullmatch(scope["path"]) is not None
    )


@dataclass
class _Waiting:
    """One request, what was read of it, and where its answer goes."""

    scope: Scope
    body: bytes
    answer: "asyncio.Future[Answer]"
    loop: asyncio.AbstractEventLoop
    speaker: Speaker = NOBODY
    said: Sequence[Said | Unreadable] = ()
    taken: list[Reading | Unreadable] = field(default_factory=list)

    @property
    def is_plain(self) -> bool:
        return bool(self.scope["path"] == PLAIN_PATH)

    def give(self, answer: Answer) -> None:
        """Hand the answer to the loop's thread; nobody may be there any more."""

        def give() -> None:
            if not self.answer.done():
                self.answer.set_result(answer)

        with suppress(RuntimeError):  # the loop was closed: the server is going down
            self.loop.call_soon_threadsafe(give)


class ObservationIntake:
    """Writes observations in the order of their coming; requests that wait together share a transaction."""

    def __init__(self) -> None:
        self._gatherer = Gatherer(
            "observations", _answer_all, _answer_that_it_failed, most_at_once=MOST_AT_ONCE
        )
        self.start, self.close = self._gatherer.start, self._gatherer.close

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        """The answer to a request for which `is_observation` holds."""
        if self._gatherer.waiting() >= MOST_WAITING:
            return refusal(503, "busy", "Too many requests are waiting. Send it again.", retry_after="1")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(scope, body, loop.create_future(), loop)
        self._gatherer.put(waiting)
        return await waiting.answer


def _answer_all(together: list[_Waiting]) -> None:
    received_at = timezone.now()
    try:
        read = [waiting for waiting in together if _is_read(waiting, received_at)]
        _keep(read, received_at)
    except Error as error:
        for waiting in together:
            waiting.give(_database_failed(error))


def _keep(read: list[_Waiting], received_at: datetime) -> None:
    """Write and answer; when one of them breaks a rule of the database, each by itself."""
    for waiting in read:
        waiting.taken = readings_of(waiting.said, waiting.speaker, received_at)
    readings = [one for waiting in read for one in waiting.taken if isinstance(one, Reading)]
    try:
        kept = iter(observe(readings, received_at=received_at))
    except Error:
        if len(read) < 2:
            raise
        for waiting in read:
            try:
                _keep([waiting], received_at)
            except Error as error:
                waiting.give(_database_failed(error))
        return
    for waiting in read:
        outcome = [next(kept) if isinstance(one, Reading) else one for one in waiting.taken]
        waiting.give(_plain_answer(outcome) if waiting.is_plain else _sta_answer(waiting.scope, outcome[0]))


def _is_read(waiting: _Waiting, received_at: datetime) -> bool:
    """Whether its body holds values of somebody who may send them; else it is answered here."""
    scope = waiting.scope
    token = token_in(header(scope, "authorization").encode("latin-1"))
    speaker = known_tokens.speaker(token, received_at) if token else None
    if speaker is None:
        detail = "Send the token of a station: Authorization: Bearer ggs_..."
        realm = 'Basic realm="GeoGrid SensorThings"'
        waiting.give(refusal(401, "not_authenticated", detail, www_authenticate=realm))
        return False
    waiting.speaker = speaker
    try:
        body = strict_json(waiting.body)
        found = _STA.fullmatch(scope["path"])
        if found is None:
            waiting.said = plain(body)
        else:
            waiting.said = [sensorthings(body, int(found[1]) if found[1] else None)]
    except (ParseError, Unreadable) as wrong:
        waiting.give(_refused(str(wrong)))
        return False
    return True


def _plain_answer(outcome: Sequence[Kept | Unreadable]) -> Answer:
    """201 when anything was kept or known, 422 when all was refused; by its place what was refused."""
    numbered = list(enumerate(outcome))
    kept = [one for one in outcome if isinstance(one, Kept)]
    refused = [{"index": nr, "detail": str(one)} for nr, one in numbered if isinstance(one, Unreadable)]
    said: dict[str, Any] = {
        "kept": sum(one.is_new for one in kept),
        "known": sum(not one.is_new for one in kept),
        "refused": refused,
        "flagged": [
            {"index": nr, "flag": one.flag} for nr, one in numbered if isinstance(one, Kept) and one.flag
        ],
    }
    if refused and not kept:
        detail = f"Nothing could be taken. {refused[0]['detail']}"
        return _json(422, {"code": "invalid", "detail": detail, **said})
    return _json(201, said)


def _sta_answer(scope: Scope, outcome: Kept | Unreadable) -> Answer:
    if isinstance(outcome, Unreadable):
        return _refused(str(outcome))
    link = f"{origin(scope)}/sta/v1.1/Observations({outcome.observation_id})"
    said = {"@iot.id": outcome.observation_id, "@iot.selfLink": link}
    return _json(201, said, {"location": link})


def _refused(sentence: str) -> Answer:
    """`message` is where clients of SensorThings look."""
    return _json(422, {"code": "invalid", "detail": sentence, "message": sentence})


def _json(status: int, said: Any, more: dict[str, str] | None = None) -> Answer:
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, text, JSON, {"cache-control": "no-store"} | (more or {}))


def _database_failed(error: Error) -> Answer:
    response = as_response(error, {})
    if response is None:
        return refusal(500, "error", "The server failed on this; it is noted.")
    later = {name.lower(): value for name, value in response.items() if name == "Retry-After"}
    return _json(response.status_code, response.data, later)


def _answer_that_it_failed(together: list[_Waiting]) -> None:
    for waiting in together:
        waiting.give(refusal(500, "error", "The server failed on this; it is noted."))
