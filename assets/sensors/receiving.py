"""POST of observations by machines: a raw handler that gathers, writes, and only then acknowledges.

Two forms at three addresses: the plain one at /observations, SensorThings at /sta/v1.1/Observations and at
/sta/v1.1/Datastreams(id)/Observations. Who sends shows the token of a station (see `speaking.py`).
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import Error
from django.utils import timezone
from rest_framework.exceptions import ParseError

from assets.sensors.messages import Said, Unreadable, plain, sensorthings
from assets.sensors.observing import Kept, Reading, observe
from assets.sensors.speaking import NOBODY, Speaker, known_tokens, readings_of, token_in
from geogrid.core.errors import as_response
from geogrid.core.gathering import Gatherer, Waiting
from geogrid.core.parsing import strict_json
from geogrid.core.raw import JSON, Answer, Scope, header, origin, refusal

PLAIN_PATH = "/observations"
_STA = re.compile(r"/sta/v1\.1/(?:Datastreams\((\d{1,18})\)/)?Observations")
MOST_AT_ONCE = 64


def is_observation(scope: Scope) -> bool:
    """Whether this is for us: a POST to one of the three addresses."""
    return scope["method"] == "POST" and (
        scope["path"] == PLAIN_PATH or _STA.fullmatch(scope["path"]) is not None
    )


@dataclass
class _Post:
    """One request and what was read of it."""

    waiting: Waiting
    speaker: Speaker = NOBODY
    said: Sequence[Said | Unreadable] = ()
    taken: list[Reading | Unreadable] = field(default_factory=list)

    @property
    def is_plain(self) -> bool:
        return bool(self.waiting.scope["path"] == PLAIN_PATH)


def observation_intake() -> Gatherer:
    """The gatherer of all three addresses. One thread: they are written in the order of their coming."""
    return Gatherer("observations", _answer_all, most_at_once=MOST_AT_ONCE)


def _answer_all(together: list[Waiting]) -> None:
    received_at = timezone.now()
    try:
        read = [post for post in map(_Post, together) if _is_read(post, received_at)]
        _keep(read, received_at)
    except Error as error:
        for waiting in together:
            waiting.give(_database_failed(error))


def _keep(read: list[_Post], received_at: datetime) -> None:
    """Write and answer; when one of them breaks a rule of the database, each by itself."""
    for post in read:
        post.taken = readings_of(post.said, post.speaker, received_at)
    readings = [one for post in read for one in post.taken if isinstance(one, Reading)]
    try:
        kept = iter(observe(readings, received_at=received_at))
    except Error:
        if len(read) < 2:
            raise
        for post in read:
            try:
                _keep([post], received_at)
            except Error as error:
                post.waiting.give(_database_failed(error))
        return
    for post in read:
        outcome = [next(kept) if isinstance(one, Reading) else one for one in post.taken]
        scope = post.waiting.scope
        post.waiting.give(_plain_answer(outcome) if post.is_plain else _sta_answer(scope, outcome[0]))


def _is_read(post: _Post, received_at: datetime) -> bool:
    """Whether its body holds values of somebody who may send them; else it is answered here."""
    waiting, scope = post.waiting, post.waiting.scope
    token = token_in(header(scope, "authorization").encode("latin-1"))
    speaker = known_tokens.speaker(token, received_at) if token else None
    if speaker is None:
        detail = "Send the token of a station: Authorization: Bearer ggs_..."
        realm = 'Basic realm="GeoGrid SensorThings"'
        waiting.give(refusal(401, "not_authenticated", detail, www_authenticate=realm))
        return False
    post.speaker = speaker
    try:
        body = strict_json(waiting.body)
        found = _STA.fullmatch(scope["path"])
        if found is None:
            post.said = plain(body)
        else:
            post.said = [sensorthings(body, int(found[1]) if found[1] else None)]
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
